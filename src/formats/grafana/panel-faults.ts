import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { mayHave } from '../prometheus/expression-labels.ts';
import { isExpression, type Panel, type PanelFault, type Query } from './board-model.ts';
import { expressionFaults } from './expressions.ts';
import { isMixed } from './find-source.ts';
import { hidesEverySeries, hidesWhateverComes } from './hidden-series.ts';
import { fieldFaults, keptBy, patternOf, seriesNames, type Transformation } from './panel-fields.ts';
import { rangeOfPanel } from './time.ts';

const overTime = new Set(['timeseries', 'graph']);

/** Thresholds, bounds and mappings that can never act. Source: grafana-data's getActiveThreshold and valueMappings. */
function settings(defaults: JsonObject, { type, queries: asked }: Panel): string[] {
  const found: string[] = [];
  const [min, max] = [numberOf(defaults['min']), numberOf(defaults['max'])];
  if (min !== undefined && max !== undefined && min >= max) found.push(`its min is ${min} and its max ${max}`);
  const thresholds = objectOf(defaults['thresholds']);
  found.push(...never(defaults));
  const steps = listOf(thresholds['steps'])
    .slice(1)
    .flatMap((one) => numberOf(objectOf(one)['value']) ?? []);
  const list = steps.join(', ');
  const unit = textOf(defaults['unit']);
  const style = textOf(objectOf(objectOf(defaults['custom'])['thresholdsStyle'])['mode']);
  // Those that every new panel has, red from 80, or that are not shown, say nothing.
  const shown = list !== '80' && (!overTime.has(type) || (style !== '' && style !== 'off'));
  const absolute = textOf(thresholds['mode']) !== 'percentage' && steps.length > 0 && shown;
  // A share may well be 2 or 4, of what is given out more than once.
  const tooHigh = steps.every((one) => one >= 2) && (max === undefined ? steps.some((one) => one >= 10) : max <= 1);
  if (absolute && unit === 'percentunit' && tooHigh)
    found.push(`its unit is percentunit, 1 for 100 %, and its thresholds are ${list}`);
  else if (
    absolute &&
    unit === 'percent' &&
    steps.length > 1 &&
    steps.every((one) => one > 0 && one <= 1) &&
    // One in a hundred is a bound of what is counted in hundredths.
    !((steps.at(-1) ?? 0) === 1 && (steps[0] ?? 1) <= 0.5 && asked.some(({ expr = '' }) => /\b100\b/.test(expr))) &&
    (max ?? 100) >= 100
  )
    found.push(`its unit is percent, 100 for 100 %, and its thresholds are ${list}`);
  else if (absolute && ['gauge', 'bargauge'].includes(type) && max !== undefined && steps.every((one) => one > max))
    found.push(`its max is ${max}, and its thresholds are ${list}`);
  if (textOf(thresholds['mode']) === 'percentage' && steps.length > 0 && shown && steps.every((one) => one > 100))
    found.push(`its thresholds are percentages of what lies between its min and max, and are ${list}`);
  if (unit === 'percent' && max === 1) found.push('its unit is percent, 100 for 100 %, and its max is 1');
  if (unit === 'percentunit' && max === 100) found.push('its unit is percentunit, 1 for 100 %, and its max is 100');
  return found;
}

/** Thresholds that do not rise, and mappings that map nothing: of all fields, or of those that an override names. */
function never(own: JsonObject): string[] {
  const found: string[] = [];
  const steps = listOf(objectOf(own['thresholds'])['steps'])
    .slice(1)
    .flatMap((one) => numberOf(objectOf(one)['value']) ?? []);
  if (steps.some((one, n) => n > 0 && one < (steps[n - 1] ?? one)))
    found.push(`its thresholds ${steps.join(', ')} do not rise: Grafana stops at the first that is not reached`);
  for (const mapping of listOf(own['mappings']).map(objectOf)) {
    const options = objectOf(mapping['options']);
    const [from, to] = [numberOf(options['from']), numberOf(options['to'])];
    if (mapping['type'] === 'range' && from !== undefined && to !== undefined && from > to)
      found.push(`it maps the range from ${from} to ${to}, which holds nothing`);
    const pattern = textOf(options['pattern']);
    if (mapping['type'] === 'regex' && !patternOf(pattern))
      found.push(`it maps ${pattern}, which is not a regular expression`);
  }
  return found;
}

/** `up` is 1 or 0, and 1 is well. */
function mappingsOfUp(defaults: JsonObject, queries: readonly Query[]): string[] {
  if (!queries.every(({ expr }) => /^\s*up\s*(?:\{[^}]*\})?\s*$/.test(expr ?? '')) || queries.length === 0) return [];
  const texts = new Map<string, string>();
  for (const mapping of listOf(defaults['mappings']).map(objectOf))
    // Grafana 7 and before: 1 is a value, 2 a range.
    if (mapping['type'] === 1) texts.set(String(mapping['value']), textOf(mapping['text']));
    else if (mapping['type'] === 'value')
      for (const [value, to] of Object.entries(objectOf(mapping['options'])))
        texts.set(value, textOf(objectOf(to)['text']));
  const bad = /\b(?:down|offline|dead|unhealthy|failed|critical)\b/i;
  const numbers = [...texts.keys()].filter((one) => /^-?\d/.test(one));
  if (bad.test(texts.get('1') ?? '') || /^\s*(?:up|online|healthy|ok)\s*$/i.test(texts.get('0') ?? ''))
    return [`it shows up = 1 as ${texts.get('1') ?? 'itself'}, and up = 0 as ${texts.get('0') ?? 'itself'}`];
  return numbers.length > 0 && !texts.has('0') && !texts.has('1')
    ? [`it maps ${numbers.join(', ')}, and up is 0 or 1`]
    : [];
}

/** What Grafana refuses of a panel's expressions. */
export const expressionsRefused = (panel: Panel): string[] =>
  expressionFaults(
    panel.queries.map((one) => ({ refId: one.refId, expression: isExpression(one), model: one.raw })),
  ).map(({ refId, why }) => `its expression ${refId} ${why}`);

/** Queries that refer to another, and formats that the kind of panel does not show. */
function queries(panel: Panel, transformed: boolean): PanelFault[] {
  const found = expressionsRefused(panel).map((message): PanelFault => ({ code: 'query-reference', message }));
  const twice = panel.queries.filter(
    ({ refId, filled }, n) => filled && panel.queries.some((one, at) => at < n && one.filled && one.refId === refId),
  );
  if (twice.length > 0)
    found.push({
      code: 'query-reference',
      message: `two of its queries have the refId ${[...new Set(twice.map((one) => one.refId))].join(', ')}: Grafana refuses to run them`,
      guess: true,
    });
  found.push(...strangers(panel));
  if (transformed) return found;
  const shown = panel.queries.filter((one) => one.filled && !one.hidden && one.expr !== undefined);
  const kept = shown.map((one) => keptBy(one, panel));
  const lines = overTime.has(panel.type) && panel.bySeries !== true;
  if (lines && shown.length > 0 && shown.every((one, n) => one.instant && kept[n]))
    found.push({
      code: 'panel-format',
      message: 'it draws lines over time, and each query asks for one moment (instant)',
    });
  else if (lines && shown.some((one, n) => one.format === 'table' && kept[n]))
    found.push({
      code: 'panel-format',
      message: 'it draws lines over time, and a query gives a table (format: table)',
    });
  if (
    panel.type === 'logs' &&
    shown.length > 0 &&
    shown.every((one) => (one.source ?? panel.source)?.type === 'prometheus')
  )
    found.push({ code: 'panel-format', message: 'it shows logs, and its queries give numbers' });
  if (
    panel.type === 'heatmap' &&
    shown.some((one, n) => one.format === 'heatmap' && kept[n] && !mayHave(kept[n], 'le'))
  )
    found.push({
      code: 'panel-format',
      message: 'its format is heatmap, and its query keeps no le: there are no buckets',
    });
  return found;
}

/** Queries that were written for another plugin than the one that the panel asks, whatever they name. Source: Grafana's PanelQueryRunner. */
function strangers({ source, queries }: Panel): PanelFault[] {
  const asked = source?.type ?? '';
  const own = new Set(['', 'datasource', 'grafana', 'mixed', 'dashboard']);
  if (own.has(asked) || isMixed(source) || source?.uid.startsWith('--') === true) return [];
  const others = queries.filter(
    (one) =>
      one.filled &&
      !isExpression(one) &&
      !own.has(one.source?.type ?? '') &&
      one.source?.type !== asked &&
      one.source?.uid !== source?.uid,
  );
  return others.map(({ refId, source: meant }) => ({
    code: 'panel-format',
    message: `its query ${refId} is written for ${meant?.type ?? ''}, and the panel asks a data source of the type ${asked}: only a mixed panel asks several`,
  }));
}

const ofGrafana = new Set(
  'timeseries stat gauge bargauge table piechart barchart histogram heatmap state-timeline status-history'.split(' '),
);
const isList = (value: unknown): boolean => Array.isArray(value);
const isObject = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';

/** Settings of another shape than Grafana’s panels take: their code throws, or draws nothing. Seen with 9.3.2; source of the shapes: @grafana/schema. */
function misshapen({ type, options }: Panel, fieldConfig: unknown): string[] {
  if (!ofGrafana.has(type)) return [];
  const defaults = objectOf(objectOf(fieldConfig)['defaults']);
  const settings: [name: string, value: unknown, fits: (value: unknown) => boolean, words: string][] = [
    ...['reduceOptions', 'tooltip', 'legend', 'text'].map((key): (typeof settings)[number] => [
      `options.${key}`,
      options[key],
      isObject,
      'an object',
    ]),
    ['its overrides', objectOf(fieldConfig)['overrides'], isList, 'a list'],
    ['its unit', defaults['unit'], isText, 'a text'],
    ['mappings', defaults['mappings'], isList, 'a list'],
    ['thresholds', defaults['thresholds'], isObject, 'an object'],
    ['thresholds.steps', objectOf(defaults['thresholds'])['steps'], isList, 'a list'],
    ['custom', defaults['custom'], isObject, 'an object'],
  ];
  return settings.flatMap(([name, value, fits, words]) =>
    // Generators leave an empty text or false where nothing is set, which does no harm.
    !value || fits(value) ? [] : [`${name} is ${JSON.stringify(value).slice(0, 40)}, expected ${words}`],
  );
}

/** @param fieldConfig as it stands in the file */
export function panelFaults(
  panel: Panel,
  fieldConfig: unknown,
  transformations: readonly Transformation[],
): PanelFault[] {
  const defaults = objectOf(objectOf(fieldConfig)['defaults']);
  const active = transformations.filter(({ options }) => options['disabled'] !== true);
  const overrides = panel.overrides.map((one) =>
    Object.fromEntries(listOf(one['properties']).map((own) => [textOf(objectOf(own)['id']), objectOf(own)['value']])),
  );
  const set = [
    ...misshapen(panel, fieldConfig),
    ...settings(defaults, panel),
    ...overrides.flatMap(never),
    ...mappingsOfUp(defaults, panel.queries),
  ];
  return [
    ...set.map((message): PanelFault => ({ code: 'panel-setting', message })),
    ...rangeOfPanel(panel).map((message): PanelFault => ({ code: 'range-unreadable', message })),
    ...(hidesWhateverComes(panel)
      ? [
          {
            code: 'panel-hidden' as const,
            message: 'it hides every series that it has (hideFrom)',
            sure: true as const,
          },
        ]
      : hidesEverySeries(panel, seriesNames(panel))
        ? [
            {
              code: 'panel-hidden' as const,
              message: `it hides ${seriesNames(panel).join(', ')}, all that it has (hideFrom)`,
            },
          ]
        : []),
    ...fieldFaults(panel, active),
    ...queries(panel, active.length > 0),
  ];
}
