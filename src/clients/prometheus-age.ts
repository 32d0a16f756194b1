import { Unobservable, type StepContext } from '../core/step.ts';
import { parsePromQl } from '../formats/promql/parse.ts';
import { promqlTree } from '../formats/promql/read.ts';
import { walk, type Expr } from '../formats/promql/tree.ts';
import { ask, valueOf, QueryData, RulesData, type PrometheusParams } from './prometheus.ts';

/** How old the data are that an expression reads. */
export interface Age {
  /** Seconds since the newest sample, of the series for which that is the longest. */
  seconds?: number;
  /** The selector whose series that is. */
  of?: string;
  /** Selectors that have no sample any more, though the expression needs them. */
  gone: string[];
}

type Selector = Extract<Expr, { kind: 'selector' }> & { text: string; needed: boolean };

/**
 * The age of each series selector of an expression: `timestamp(EXPR)` gives the time of the evaluation for whatever is no
 * bare selector. A recorded series, and an alert that is named, is as old as what its rule reads. Selectors that look at the past on purpose (`offset`,
 * `@`) count only where there is no other.
 * @returns undefined where the expression reads no series, or cannot be read
 * @throws Unobservable as `ask` does
 */
export async function ageOf(ctx: StepContext, p: PrometheusParams, expr: string): Promise<Age | undefined> {
  const all = selectorsIn(expr);
  if (!all || all.length === 0) return undefined;
  const now = all.filter(({ shifted }) => !shifted);
  const age: Age = { gone: [] };
  const records = await recorded(ctx, p);
  for (const one of below(now.length > 0 ? now : all, records)) {
    const seconds = await secondsOf(ctx, p, one);
    if (seconds === undefined) {
      if (one.needed) age.gone.push(one.text);
    } else if (age.seconds === undefined || seconds > age.seconds) Object.assign(age, { seconds, of: one.text });
  }
  return age;
}

function selectorsIn(expr: string): Selector[] | undefined {
  const tree = promqlTree(expr);
  if (!tree) return undefined;
  const optional = new Map(parsePromQl(expr).selectors.map(({ text, mayBeAbsent }) => [text, mayBeAbsent]));
  return [...walk(tree)].flatMap(([one]) => {
    if (one.kind !== 'selector') return [];
    const text = expr.slice(one.from, one.to).trim();
    return [{ ...one, text, needed: optional.get(text) !== true }];
  });
}

/** Names that rules record, and names of alerts (`ALERTS HighLoad`), with their expressions; none where the server does not say. */
async function recorded(ctx: StepContext, p: PrometheusParams): Promise<Map<string, string[]>> {
  const rules = new Map<string, string[]>();
  try {
    const data = RulesData.safeParse((await ask(ctx, p, 'rules')).data);
    for (const rule of (data.data?.groups ?? []).flatMap((group) => group.rules))
      for (const name of [rule.type === 'recording' ? rule.name : `ALERTS ${rule.name}`])
        rules.set(name, [...(rules.get(name) ?? []), rule.query]);
  } catch (error) {
    if (!(error instanceof Unobservable)) throw error;
  }
  return rules;
}

/** The selectors, and in the place of recorded series also those that their rules read. */
function below(selectors: readonly Selector[], records: ReadonlyMap<string, string[]>): Selector[] {
  const found = new Map<string, Selector>();
  const visit = (one: Selector, depth: number): void => {
    if (found.has(one.text)) return;
    const queries = depth > 5 ? [] : readBy(one, records);
    // The rules write these anew at each evaluation, whatever they read.
    const isWritten = /^ALERTS(?:_FOR_STATE)?$/.test(one.name ?? '') && queries.length > 0;
    if (!isWritten) found.set(one.text, one);
    for (const query of queries)
      for (const under of selectorsIn(query) ?? []) if (!under.shifted) visit({ ...under, needed: false }, depth + 1);
  };
  for (const one of selectors) visit(one, 0);
  return [...found.values()];
}

/** The expressions of the rules that write what a selector reads. */
function readBy({ name, matchers }: Selector, records: ReadonlyMap<string, string[]>): string[] {
  if (!/^ALERTS(?:_FOR_STATE)?$/.test(name ?? '')) return name === undefined ? [] : (records.get(name) ?? []);
  const named = matchers.find((one) => one.label === 'alertname' && one.op === '=');
  return named === undefined ? [] : (records.get(`ALERTS ${named.value}`) ?? []);
}

async function secondsOf(ctx: StepContext, p: PrometheusParams, one: Selector): Promise<number | undefined> {
  const { text, offsetMs, rangeMs, shifted } = one;
  const offset = shifted && offsetMs !== 0 ? ` offset ${offsetMs < 0 ? '-' : ''}${Math.abs(offsetMs)}ms` : '';
  const now = await oldest(ctx, p, `time() - timestamp(${text}${offset})`);
  if (now !== undefined || rangeMs === undefined || !Number.isFinite(rangeMs)) return now;
  // What is scraped more rarely than Prometheus looks back is still within the range.
  const step = Math.max(1, Math.min(60, Math.floor(rangeMs / 10_000)));
  return oldest(ctx, p, `time() - max_over_time(timestamp(${text})[${rangeMs}ms:${step}s]${offset})`);
}

async function oldest(ctx: StepContext, p: PrometheusParams, query: string): Promise<number | undefined> {
  const data = QueryData.safeParse((await ask(ctx, p, 'query', { query })).data);
  if (!data.success || data.data.resultType !== 'vector') return undefined;
  const ages = data.data.result.map((series) => valueOf(series.value?.[1] ?? 'NaN')).filter(Number.isFinite);
  return ages.length === 0 ? undefined : Math.max(...ages);
}
