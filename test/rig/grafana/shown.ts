/** What stands in a panel's place on Grafana's page, after `samples` of 9.3.2: words by the kind of panel, marks, drawings. */
import type { Answer, Field, Frame } from './data.ts';
import type { DoublePanel } from './options.ts';

export interface ShownInPlace {
  /** The whole content of the panel; undefined: it never gets one. */
  content?: 'words' | 'empty' | 'text' | 'chart' | 'table' | 'axes' | 'nothing' | 'svg' | 'alert';
  text?: string;
  header?: string[];
  rows?: string[][];
  lines?: (number | null)[][];
  legend?: string[];
  error?: string;
}

const words = (text: string): ShownInPlace => ({ content: 'words', text });
const empty = (text: string): ShownInPlace => ({ content: 'empty', text });

/** Nothing to show, in the words that each kind of panel has for it. */
export function nothing(type: string): ShownInPlace {
  if (type === 'state-timeline' || type === 'status-history') return empty('No data in response');
  if (type === 'histogram') return empty('No histogram found in response');
  return words(type === 'barchart' ? 'No data in response' : 'No data');
}

/** Kinds of panels that the double has; others are plugins that are not installed. */
export const kinds = [
  'timeseries',
  'stat',
  'gauge',
  'bargauge',
  'table',
  'piechart',
  'barchart',
  'histogram',
  'heatmap',
  'state-timeline',
  'status-history',
  'logs',
  'nodeGraph',
  'text',
  'alertlist',
  'dashlist',
  'annolist',
  'news',
  'geomap',
  'graph',
  'table-old',
  'canvas',
  'candlestick',
  'xychart',
  'flamegraph',
  'traces',
  'welcome',
  'gettingstarted',
  'pluginlist',
  'icon',
  'live',
];
const migrated = new Set(['singlestat', 'row']);
export const installed = (type: string): boolean => kinds.includes(type) || migrated.has(type);

interface Transformation {
  id: string;
  options?: {
    include?: { names?: string[] } | string;
    excludeByName?: Record<string, boolean>;
    limitField?: number;
    filters?: { fieldName: string; config: { id: string; options: { value: number } } }[];
  };
}

function transformed(panel: DoublePanel, frames: Frame[]): Frame[] {
  let out = frames;
  for (const { id, options } of (panel['transformations'] ?? []) as Transformation[]) {
    const names = typeof options?.include === 'object' ? options.include.names : undefined;
    const { excludeByName, limitField } = options ?? {};
    if (id === 'filterByRefId') out = out.filter((frame) => frame.refId === options?.include);
    if (id === 'organize' && excludeByName)
      out = out.map((frame) => ({ ...frame, fields: frame.fields.filter((one) => excludeByName[one.name] !== true) }));
    if (id === 'limit' && limitField !== undefined)
      out = out.map((frame) => ({
        ...frame,
        fields: frame.fields.map((one) => ({ ...one, values: one.values.slice(0, limitField) })),
      }));
    if (id === 'filterFieldsByName' && names)
      out = out
        .map((frame) => ({ ...frame, fields: frame.fields.filter((field) => names.includes(field.name)) }))
        .filter((frame) => frame.fields.length > 0);
    if (id === 'filterByValue')
      for (const filter of options?.filters ?? [])
        out = out.map(({ fields, ...frame }) => {
          const at = fields.find((field) => field.name === filter.fieldName);
          const kept = (at?.values ?? []).flatMap((value, n) =>
            Number(value) > filter.config.options.value ? [n] : [],
          );
          return {
            ...frame,
            fields: fields.map((field) => ({ ...field, values: kept.map((n) => field.values[n] ?? null) })),
          };
        });
  }
  return out;
}

const numbers = (frames: readonly Frame[]): Field[] =>
  frames.flatMap((frame) => frame.fields.filter((field) => field.type === 'number'));
const has = (frames: readonly Frame[]): boolean =>
  frames.some((frame) => frame.fields.some((field) => field.type !== 'time' && field.values.length > 0));

interface FieldConfig {
  defaults?: {
    min?: number;
    max?: number;
    custom?: {
      hideFrom?: { viz?: boolean };
      lineWidth?: number;
      drawStyle?: string;
      fillOpacity?: number;
      showPoints?: string;
    };
    noValue?: string;
    mappings?: { type: string; options: Record<string, { text?: string }> }[];
  };
  overrides?: {
    matcher: { id: string; options: { mode?: string; names?: string[] } | string };
    properties: { id: string; value: { viz?: boolean } }[];
  }[];
}

function matched({ id, options }: NonNullable<FieldConfig['overrides']>[number]['matcher'], field: Field): boolean {
  const name = field.shown ?? field.name;
  if (typeof options === 'object') {
    const listed = options.names?.includes(name) === true;
    return options.mode === 'exclude' ? !listed : listed;
  }
  if (id === 'byRegexp') return new RegExp(options.slice(1, options.lastIndexOf('/'))).test(name);
  if (id === 'byFrameRefID') return field.refId === options;
  return id === 'byType' ? field.type === options : name === options;
}

function hidden(config: FieldConfig, field: Field): boolean {
  let hide = config.defaults?.custom?.hideFrom?.viz === true;
  for (const { matcher, properties } of config.overrides ?? []) {
    const value = properties.find((one) => one.id === 'custom.hideFrom')?.value.viz;
    if (value !== undefined && matched(matcher, field)) hide = value;
  }
  return hide;
}

/** A line without width and without points, or with values above or below what the axis shows. */
function unseen({ defaults }: FieldConfig, { values }: Field): boolean {
  const { custom: { drawStyle = 'line', lineWidth, showPoints, fillOpacity = 0 } = {}, min, max } = defaults ?? {};
  if (drawStyle === 'line' && lineWidth === 0 && showPoints === 'never' && fillOpacity === 0) return true;
  const inView = (value: unknown): boolean =>
    typeof value === 'number' && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  return !values.some(inView);
}

/** What the page of 9.3.2 shows for an answer. */
export function shownOf(panel: DoublePanel, answer: Answer): ShownInPlace {
  const { type } = panel;
  const config = (panel['fieldConfig'] ?? {}) as FieldConfig;
  const { error = answer.refused && 'An error occurred within the plugin' } = answer;
  const options = panel.options ?? {};
  if (typeof options['reduceOptions'] === 'string') return { error: 'Cannot read properties of undefined' };
  const own = config.defaults?.noValue;
  const none = own === undefined ? nothing(type) : words(own);
  if (error !== undefined) return { ...none, error };
  const frames = transformed(panel, answer.frames);
  if (frames.length === 0) return none;
  const fields = numbers(frames);
  switch (type) {
    case 'table':
    case 'table-old': {
      const [frame] = frames;
      const names = frame?.fields.map((field) => field.name) ?? [];
      const length = frame?.fields[0]?.values.length ?? 0;
      const rows = Array.from({ length }, (_, n) => frame?.fields.map((field) => String(field.values[n])) ?? []);
      return { content: 'table', header: options['showHeader'] === false ? [] : names, rows };
    }
    case 'logs':
      return has(frames) ? { content: 'text', text: 'a line' } : none;
    case 'nodeGraph':
    case 'geomap':
    case 'flamegraph':
    case 'traces':
      return { content: 'svg' };
    case 'state-timeline':
    case 'status-history': {
      if (fields.length === 0) return empty('No graphable fields');
      const points = Math.max(...fields.map((field) => field.values.length));
      if (type === 'status-history' && Number(panel['maxDataPoints']) >= 5000 && points > 100)
        return empty(
          `Too many points to visualize properly. Update the query to return fewer points. (${points} points received)`,
        );
      return { content: 'chart', lines: [recordedLine] };
    }
    case 'stat':
    case 'gauge':
    case 'bargauge':
    case 'piechart':
    case 'singlestat': {
      const wanted = (options['reduceOptions'] as { fields?: string } | undefined)?.fields ?? '';
      const pattern = /^\/(.*)\/$/.exec(wanted)?.[1];
      const used =
        pattern === undefined ? fields : fields.filter((field) => new RegExp(pattern).test(field.shown ?? field.name));
      const values = used.map((field) => field.values.findLast((value) => value !== null) ?? null);
      if (used.length === 0) return none;
      if (type === 'piechart') return { content: 'svg' };
      const mapping = config.defaults?.mappings?.[0]?.options;
      return {
        content: 'text',
        text: values
          .map((value) => mapping?.[String(value)]?.text ?? (value === null ? 'NaN' : String(value)))
          .join(' '),
      };
    }
    case 'xychart':
    case 'barchart':
    case 'histogram':
    case 'heatmap':
      if (fields.length > 0 && fields.every((field) => hidden(config, field))) return { content: 'axes' };
      return fields.length === 0 ? none : { content: 'chart', lines: [recordedLine] };
    default: {
      if (!frames.some((frame) => frame.fields.some((field) => field.type === 'time')))
        return words('Data is missing a time field');
      if (fields.length === 0) return words('Data is missing a number field');
      if (!has(frames)) return none;
      // An option of another kind than its code takes: the frame of a panel, and nothing in it.
      if (typeof options['tooltip'] === 'number') return { content: 'nothing' };
      const seen = fields.filter((field) => !hidden(config, field) && !unseen(config, field));
      if (seen.length === 0) return { content: 'axes' };
      return {
        content: 'chart',
        lines: seen.map((field) => field.values as (number | null)[]),
        legend: seen.map((field) => field.shown ?? field.name),
      };
    }
  }
}

const recordedLine = [1, 2, 1, 3];

/** What a panel shows that asks for nothing. */
export function shownWithoutQuery(panel: DoublePanel): ShownInPlace {
  const { content } = (panel.options ?? {}) as { content?: string };
  if (panel.type === 'text') return { content: 'text', text: content ?? '' };
  if (panel.type === 'news') return { content: 'text', text: 'Error loading RSS feed' };
  return { content: 'text', text: panel.type === 'alertlist' ? 'No alerts matching filters' : 'Nothing here yet' };
}
