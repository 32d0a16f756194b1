/** What queries give in the double: of a real Prometheus where it has one, else the same recorded points for every query. */

export interface Field {
  name: string;
  type: 'time' | 'number' | 'string';
  values: (number | string | null)[];
  labels?: Record<string, string>;
  /** As Grafana's Prometheus data source names the series. */
  shown?: string;
  refId?: string;
}
export interface Frame {
  refId?: string;
  fields: Field[];
}
export interface Answer {
  frames: Frame[];
  error?: string;
  /** HTTP status of the query API; the whole answer then is `body`. */
  refused?: { status: number; body: unknown };
  /** The server has no word for this query. */
  silent?: boolean;
}

export interface Target {
  refId: string;
  expr?: string;
  hide?: boolean;
  instant?: boolean;
  range?: boolean;
  format?: string;
  datasource?: { uid?: string; type?: string } | string | null;
  expression?: string;
  type?: string;
  scenarioId?: string;
  csvContent?: string;
  panelId?: number;
  [key: string]: unknown;
}

export type Variables = ReadonlyMap<string, { values: string[]; many: boolean }>;

const escaped = (value: string): string => value.replace(/[$^*{}[\]'+?.()|\\]/g, '\\\\$&');

/** Variables put in as Grafana's Prometheus data source does; a variable without a value is nothing. */
export const interpolated = (text: string, variables: Variables): string =>
  text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]/g, (whole, a?: string, b?: string, c?: string) => {
    const found = variables.get(a ?? b ?? c ?? '');
    if (!found) return whole;
    if (!found.many) return found.values[0] ?? '';
    const values = found.values.map(escaped);
    return values.length < 2 ? (values[0] ?? '') : `(${values.join('|')})`;
  });

const recorded = [1, 3, 2, 5, 4, 6, 5, 8];
const series = (values: (number | null)[], at: number[], labels: Record<string, string>, shown: string): Frame => ({
  fields: [
    { name: 'Time', type: 'time', values: at },
    { name: 'Value', type: 'number', values, labels, shown },
  ],
});
export const recordedFrame = (values: (number | null)[] = recorded): Frame =>
  series(
    values,
    values.map((_, n) => 1_700_000_000_000 + n * 15_000),
    {},
    'recorded',
  );

interface Result {
  metric: Record<string, string>;
  values?: [number, string][];
  value?: [number, string];
}
const nameOf = ({ __name__: name = '', ...labels }: Record<string, string>): string => {
  const inside = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return `${name}${inside.length === 0 ? '' : `{${inside.join(', ')}}`}`;
};
const finite = (text: string): number | null => (Number.isFinite(Number(text)) ? Number(text) : null);

/** A query of a real Prometheus, over milliseconds of time. */
export async function prometheusAnswer(
  prometheus: string,
  target: Target,
  range: { from: number; to: number },
): Promise<Answer> {
  const span = (range.to - range.from) / 1000;
  const step = Math.max(15, Math.ceil(span / 1000));
  const expr = (target.expr ?? '')
    .replace(/\$__rate_interval|\$\{__rate_interval\}/g, '60s')
    .replace(/\$__interval|\$\{__interval\}/g, `${step}s`)
    .replace(/\$__range|\$\{__range\}/g, `${Math.round(span)}s`);
  const instant = target.instant === true && target.range !== true;
  const query = instant
    ? { query: expr, time: String(range.to / 1000) }
    : {
        query: expr,
        start: String(Math.floor(range.from / 1000 / step) * step),
        end: String(Math.floor(range.to / 1000 / step) * step),
        step: String(step),
      };
  const url = `${prometheus}/api/v1/${instant ? 'query' : 'query_range'}?${new URLSearchParams(query).toString()}`;
  const read = (await (await fetch(url)).json()) as {
    status: string;
    error?: string;
    data?: { resultType: string; result: Result[] | [number, string] };
  };
  if (read.status !== 'success')
    return { frames: [], error: `bad_data: ${(read.error ?? '').replace(/^invalid parameter "query": /, '')}` };
  const result = read.data?.result ?? [];
  const all =
    typeof result[0] === 'number' ? [{ metric: {}, value: result as [number, string] }] : (result as Result[]);
  if (target.format === 'table' && all.length > 0) return { frames: [table(all)] };
  return {
    frames: all.map((one) => {
      const points = one.values ?? (one.value ? [one.value] : []);
      return series(
        points.map(([, value]) => finite(value)),
        points.map(([at]) => at * 1000),
        one.metric,
        nameOf(one.metric) || expr,
      );
    }),
  };
}

function table(all: Result[]): Frame {
  const labels = [...new Set(all.flatMap((one) => Object.keys(one.metric)))];
  const last = (one: Result): [number, string] => one.value ?? one.values?.at(-1) ?? [0, 'NaN'];
  return {
    fields: [
      { name: 'Time', type: 'time', values: all.map((one) => last(one)[0] * 1000) },
      ...labels.map((name): Field => ({ name, type: 'string', values: all.map((one) => one.metric[name] ?? null) })),
      { name: 'Value', type: 'number', values: all.map((one) => finite(last(one)[1])) },
    ],
  };
}

/** Scenarios of TestData that its browser part makes: the server answers `{"results":{}}`. */
const inBrowser = new Set([
  'streaming_client',
  'node_graph',
  'flame_graph',
  'trace',
  'usa',
  'raw_frame',
  'annotations',
]);

/** @param page asked by the page, whose plugin makes some data by itself */
export function testData(target: Target, page: boolean): Answer {
  const scenario = target.scenarioId ?? 'random_walk';
  if (scenario === 'no_data_points') return { frames: [], silent: true };
  if (scenario === 'server_error_500')
    return {
      frames: [],
      refused: {
        status: 500,
        body: {
          error: 'Server Error',
          message: 'Internal Server Error - Check the Grafana server logs for the detailed error message.',
        },
      },
    };
  if (inBrowser.has(scenario)) return page ? { frames: [recordedFrame()] } : { frames: [], silent: true };
  if (scenario === 'logs')
    return {
      frames: [
        {
          fields: [
            { name: 'time', type: 'time', values: [1] },
            { name: 'message', type: 'string', values: ['a line'] },
          ],
        },
      ],
    };
  if (scenario !== 'csv_content') return { frames: [recordedFrame()] };
  const [head = '', ...rows] = (target.csvContent ?? '').split('\n');
  const cells = rows.filter((row) => row !== '').map((row) => row.split(','));
  return {
    frames: [
      {
        fields: head.split(',').map((name, n): Field => {
          const values = cells.map((row) => row[n] ?? '');
          const numbers = values.every((value) => value !== '' && Number.isFinite(Number(value)));
          const type = name === 'time' ? 'time' : numbers ? 'number' : 'string';
          return { name, type, values: numbers ? values.map(Number) : values };
        }),
      },
    ],
  };
}

/** As the query API sends a frame: what is no number is null, and listed beside. */
export const sent = ({ fields }: Frame): unknown => {
  const entities = fields.map((field) => {
    const nan = field.type === 'number' ? field.values.flatMap((value, n) => (value === null ? [n] : [])) : [];
    return nan.length === 0 ? null : { NaN: nan };
  });
  return {
    schema: {
      name: fields[1]?.shown,
      fields: fields.map(({ name, type, labels, shown }) => ({
        name,
        type,
        ...(labels && { labels }),
        ...(shown !== undefined && { config: { displayNameFromDS: shown } }),
      })),
    },
    data: { values: fields.map((field) => field.values), ...(entities.some(Boolean) && { entities }) },
  };
};
