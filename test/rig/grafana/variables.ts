import { interpolated, type Variables } from './data.ts';
import { sourcesOf, type Double, type DoubleBoard, type DoubleOptions } from './options.ts';

export interface DoubleVariable {
  name: string;
  type: string;
  datasource?: { uid?: string };
  current?: { value?: string | string[] };
  query?: string | { query?: string };
  includeAll?: boolean;
  multi?: boolean;
  allValue?: string | null;
  regex?: string;
}

/** Variables as the page resolves them when it opens. */
export async function variablesOf(
  own: Double,
  options: DoubleOptions,
  board: DoubleBoard,
): Promise<Map<string, { values: string[]; many: boolean }>> {
  const found = new Map<string, { values: string[]; many: boolean }>();
  for (const one of (board.templating?.list ?? []) as unknown as DoubleVariable[]) {
    const { name, type, query: asked = '', regex = '' } = one;
    const chosen = [one.current?.value ?? []].flat();
    const text = typeof asked === 'string' ? asked : (asked.query ?? '');
    const { uid = '' } = one.datasource ?? {};
    const answers = uid === '' || sourcesOf(own, options).some((source) => source.uid === uid && uid !== 'dead');
    const offered = answers || uid.startsWith('$') ? await offers(own, options, type, text, regex, found) : [];
    const kept = chosen.filter((value) => offered.includes(value));
    const all = chosen.includes('$__all') || (one.includeAll === true && kept.length === 0);
    const own_ = all && (one.allValue ?? '') !== '' ? [one.allValue ?? ''] : undefined;
    const auto = chosen.some((value) => value.startsWith('$__auto'));
    const several = one.includeAll === true || one.multi === true;
    const values = auto ? ['1m'] : all ? (own_ ?? offered) : kept.length > 0 ? kept : offered.slice(0, 1);
    found.set(name, { values, many: several && own_ === undefined });
    found.set(`__auto_interval_${name}`, { values: ['1m'], many: false });
  }
  return found;
}

async function offers(
  own: Double,
  options: DoubleOptions,
  type: string,
  text: string,
  regex: string,
  found: Variables,
): Promise<string[]> {
  if (type === 'query')
    return own.faults.emptyVariable === true ? [] : optionsOf(options, interpolated(text, found), regex);
  if (type === 'datasource') return sourcesOf(own, options).map((source) => source.uid);
  if (type === 'constant' || type === 'textbox') return [text];
  return text
    .split(',')
    .map((value) => (value.split(' : ')[1] ?? value).trim())
    .filter((value) => value !== '');
}

async function optionsOf(options: DoubleOptions, text: string, regex: string): Promise<string[]> {
  if (options.prometheus === undefined) return ['a', 'b'];
  const ask = async (path: string): Promise<unknown[]> => {
    const read = (await (await fetch(`${options.prometheus}/api/v1/${path}`)).json()) as { data?: unknown };
    const { data } = read;
    if (Array.isArray(data)) return data;
    const { result = [] } = (data ?? {}) as { result?: { metric: object; value: [number, string] }[] };
    return result.map(({ metric, value }) => `${JSON.stringify(metric)} ${value[1]} ${value[0] * 1000}`);
  };
  const [, metric, label] = /^label_values\((?:(.+),\s*)?(\w+)\)$/.exec(text) ?? [];
  const found = (
    label !== undefined
      ? await ask(`label/${label}/values${metric === undefined ? '' : `?match[]=${encodeURIComponent(metric)}`}`)
      : text === 'label_names()'
        ? await ask('labels')
        : text.startsWith('metrics(')
          ? (await ask('label/__name__/values')).filter((name) => new RegExp(text.slice(8, -1)).test(String(name)))
          : await ask(
              `query?query=${encodeURIComponent(/^query_result\((.*)\)$/.exec(text)?.[1] ?? text)}${options.clock === undefined ? '' : `&time=${options.clock / 1000}`}`,
            )
  ).map(String);
  const pattern = /^\/(.*)\/$/.exec(regex)?.[1];
  return pattern === undefined
    ? found
    : found.flatMap((one) => new RegExp(pattern).exec(one)?.[1] ?? (new RegExp(pattern).test(one) ? [one] : []));
}
