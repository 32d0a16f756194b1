import type { Level } from '../../../core/finding.ts';
import type { KnownMetrics } from '../../prometheus/known-metrics.ts';
import { labelsOf, mayHave } from '../../prometheus/expression-labels.ts';
import { isLike, measureOf, measureWords } from '../../prometheus/rule-lints/measures.ts';
import { namedUnitFault, percentileFault, perTimeFault, windowFault } from '../../prometheus/rule-lints/told.ts';
import { measured } from '../../prometheus/rule-lints/values.ts';
import { promDuration } from '../../promql/literals.ts';
import { parsePromQl } from '../../promql/parse.ts';
import type { Expr } from '../../promql/tree.ts';
import type { JudgedBoard, JudgedPanel, JudgedQuery } from './judged.ts';
import { isOtherGiga, momentMisfit, unitMisfits } from './units.ts';
import { replaceVariables } from '../variable-uses.ts';

/** How a panel shows what a query gives. */
export interface Shown {
  title: string;
  description: string;
  legend: string;
  /** Empty where it is not known to be that of the query. */
  unit: string;
  /** It draws the values as they come, as lines. */
  overTime: boolean;
  /** What the other queries of the panel ask. */
  beside: string;
  /** The panel asks nothing else. */
  alone: boolean;
  /** Milliseconds that the panel shows, where they are known: a text may mean these. */
  spans: readonly number[];
}

/** How what no panel shows is shown: a variable's or an annotation's query. */
export const unshown: Shown = {
  title: '',
  description: '',
  legend: '',
  unit: '',
  overTime: false,
  beside: '',
  alone: false,
  spans: [],
};

export const shownBy = (
  { from }: JudgedBoard,
  panel: JudgedPanel | undefined,
  { legend, unit, format }: JudgedQuery,
  title: string,
): Shown => ({
  title,
  // A table shows the labels themselves.
  legend: format === 'table' ? '' : legend,
  unit,
  overTime: panel?.otherUnits === false && ['timeseries', 'graph'].includes(panel.type),
  beside: panel?.queries.map(({ expr }) => expr ?? '').join('\n') ?? '',
  description: panel?.description ?? '',
  alone: panel?.queries.filter(({ filled }) => filled).length === 1,
  spans: [from.replace(/^now-/, ''), panel?.timeFrom ?? ''].flatMap((one) => promDuration(one) ?? []),
});

export interface ShownFault {
  code: 'legend-label' | 'panel-unit' | 'panel-raw-counter' | 'text-contradicts';
  message: string;
  level?: Level;
}

/** Where a panel says of a query’s values what they are not. `certain`: it is asked of a Prometheus. */
export function shownFaults(
  tree: Expr,
  text: string,
  shown: Shown,
  known: KnownMetrics,
  certain: boolean,
): ShownFault[] {
  const raw =
    shown.overTime &&
    /\bper[ -](?:second|minute)|\/ ?(?:s|sec|min)\b|\brates?\b|throughput|\b[qrt]ps\b/i.test(shown.title) &&
    measureOf(tree, known)?.of === 'total';
  return [
    ...legendFaults(tree, text, shown.legend, known),
    ...(raw ? [{ code: 'panel-raw-counter' as const, message: 'it says a rate, and shows a running total' }] : []),
    ...(shown.unit === '' ? [] : unitFaults(tree, text, shown.unit, known, certain)),
    ...textFaults(tree, text, shown, known),
  ];
}

/** A variable that stands for a range. */
const chosenRange = /\[[^\]]*(?:\$|\[)/;

/** Texts that name another percentile, range or unit than the query. What a panel of several queries says, one of them may mean. */
function textFaults(
  tree: Expr,
  text: string,
  { title, description, legend, unit, alone, spans }: Shown,
  known: KnownMetrics,
): ShownFault[] {
  const found: (string | undefined)[] = [percentileFault(legend, tree, known)];
  const measure = alone ? measured(tree, known) : undefined;
  if (alone) found.push(percentileFault(title, tree, known), perTimeFault(title, measure));
  if (['none', 'short'].includes(unit)) found.push(namedUnitFault(title, measure));
  if (alone && !chosenRange.test(text))
    for (const one of [title, description]) found.push(windowFault(one, tree, spans));
  return [...new Set(found)].flatMap((message) =>
    message === undefined ? [] : [{ code: 'text-contradicts', message: message.replace(/^says/, 'its text says') }],
  );
}

/** `$topbottom(5, …)`: a variable that stands for an aggregation with a number. */
const chosenTop = /(?:\$\w+|\$\{\w+\}|\[\[\w+\]\])\s*\(\s*(?:\d+|\$\w+|\$\{\w+\}|\[\[\w+\]\])\s*,/;

function legendFaults(tree: Expr, text: string, legend: string, known: KnownMetrics): ShownFault[] {
  const kept = labelsOf(tree, known.recorded);
  const { selectors } = parsePromQl(replaceVariables(text).text);
  const made = /\blabel_(?:replace|join)\b|\bgroup_(?:left|right)\b/.test(text);
  const lacks = (label: string): boolean =>
    !made && selectors.length > 0 && selectors.every(({ name = '' }) => known.lacksLabel(name, label));
  // Source: Grafana's pkg/promlib/models, whose pattern begins at the first two braces.
  const doubled = /\{\{\s*\{\{\s*(\w+)\s*\}\}\s*\}\}/.exec(legend);
  if (doubled)
    return [
      {
        code: 'legend-label',
        message: `the legend is ${doubled[0]}: Grafana looks for a label {{${doubled[1]}, finds none, and shows }}`,
      },
    ];
  const broken = /\{\{\s*\w+\s*\}(?!\})|(?<!\{)\{\s*\w+\s*\}\}|\{\{\s*\w+\s*$/.exec(legend);
  if (broken)
    return [
      {
        code: 'legend-label',
        message: `the braces of the legend ${legend} do not match: ${broken[0]} is shown as it is written`,
      },
    ];
  const labels = [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].flatMap(([, label = '']) =>
    label === '__name__' ? [] : [label],
  );
  // What a variable groups by, and whether it takes the top or the sum, is the reader's choice.
  const isChosen = /\bby\s*\([^)]*(?:\$|\[\[)/.test(text) || chosenTop.test(text);
  const dropped = labels.filter((label) => !isChosen && !mayHave(kept, label));
  const strange = labels.filter((label) => !dropped.includes(label) && lacks(label));
  const words = (some: readonly string[]): string =>
    `the legend shows ${some.map((label) => `{{${label}}}`).join(', ')}, which`;
  return [
    ...(dropped.length > 0 ? [`${words(dropped)} the query does not keep`] : []),
    ...(strange.length > 0 ? [`${words(strange)} none of its metrics has`] : []),
  ].map((message) => ({ code: 'legend-label', message }));
}

function unitFaults(tree: Expr, text: string, unit: string, known: KnownMetrics, certain: boolean): ShownFault[] {
  const measure = measured(tree, known);
  const moment = momentMisfit(unit, tree);
  if (moment !== undefined) return [{ code: 'panel-unit', message: moment }];
  if (!measure)
    return unit === 'percent' &&
      tree.kind === 'binary' &&
      tree.op === '/' &&
      // A mean is counted in what was observed.
      !/_sum\b[^]*\/[^]*_count\b/.test(text) &&
      isLike(tree.left, tree.right, known)
      ? [
          {
            code: 'panel-unit',
            message: 'its unit is percent, and the value is a share of like in like, without the factor 100',
          },
        ]
      : [];
  // node_network_speed_bytes is a rate by itself.
  const isRate = measure.of === 'bytes' && /speed|bandwidth|throughput|rate|per_sec/i.test(text);
  if (isRate || !unitMisfits(unit, measure)) return [];
  // That the one counts part of the other is only likely; a rate of bytes is read as one without its words.
  const proven =
    certain &&
    (measure.of !== 'ratio' || measure.proven) &&
    !(measure.of === 'byte-rate' && unit.endsWith('bytes')) &&
    !isOtherGiga(unit, measure);
  return [
    {
      code: 'panel-unit',
      message: `its unit is ${unit}, and the value is ${measureWords(measure)}`,
      ...(proven && { level: 'error' }),
      // A name that ends in _ratio is a share by the field's custom only.
      ...(measure.of === 'ratio' && measure.named && { level: 'note' }),
    },
  ];
}

/** A dashboard may be shown where another Prometheus is asked: one of Kubernetes likely is, and of others a job is suspected. */
export function readLevel(code: string, level: Level, text: string, title: string): Level {
  if (code !== 'job-unknown') return level;
  return /kubernetes|k8s/i.test(title) || /\b(?:namespace|pod|container)\s*[=!]/.test(text) ? 'note' : 'warning';
}
