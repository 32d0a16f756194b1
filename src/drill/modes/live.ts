import { poll, showDuration, Unobservable, type StepContext } from '../../core/step.ts';
import { withoutDrills } from '../../clients/drill-samples.ts';
import { ask, QueryData, RulesData, type PrometheusParams, type RuleState } from '../../clients/prometheus.ts';
import { parsePromQl, type Selector } from '../../formats/promql/parse.ts';
import type { Matcher } from '../../formats/promql/tree.ts';
import { expand, identityOf, type AlertRule, type RuleSet } from '../alerts.ts';
import { satisfies } from '../labels.ts';
import type { LiveSeen, SelectorSeen } from '../observed.ts';
import { lookLabels } from './labels.ts';

export interface LoadedRule extends RuleState {
  group: string;
  file: string;
  /** Seconds between evaluations. */
  interval: number;
}

/** Alerting and recording rules that the Prometheus has loaded. */
export async function loadedRules(ctx: StepContext, p: PrometheusParams): Promise<LoadedRule[]> {
  const answer = await ask(ctx, p, 'rules');
  const data = RulesData.parse(answer.data ?? { groups: [] });
  return data.groups.flatMap((group) =>
    group.rules.map((rule) => ({ ...rule, group: group.name, file: group.file, interval: group.interval ?? 60 })),
  );
}

/** An expression as the Prometheus itself prints it, so that two spellings can be compared; as it is where it cannot. */
async function reprinted(ctx: StepContext, p: PrometheusParams, query: string): Promise<string | undefined> {
  try {
    const { data } = await ask(ctx, p, 'format_query', { query });
    return typeof data === 'string' ? data.replace(/\s+/g, ' ') : undefined;
  } catch (error) {
    if (error instanceof Unobservable) return undefined;
    throw error;
  }
}

/** Asks the running Prometheus, for each alert, whether it is loaded as it stands in the file and its series are scraped. */
export async function lookLive(
  ctx: StepContext,
  p: PrometheusParams & { within: string },
  set: RuleSet,
  alerts: readonly AlertRule[],
  loaded: readonly LoadedRule[],
): Promise<LiveSeen[]> {
  const known = new Map<string, SelectorSeen>();
  const found: LiveSeen[] = [];
  for (const alert of alerts) found.push(await asLoaded(ctx, p, alert, loaded));
  const recorded = new Set(loaded.filter(({ type }) => type === 'recording').map(({ name }) => name));
  await poll(ctx, {
    within: p.within,
    every: 1000,
    reserve: 5000,
    look: async () => {
      for (const { text } of found.flatMap(({ selectors }) => selectors).filter(isMissing)) known.delete(text);
      for (const [n, alert] of alerts.entries()) {
        const live = found[n];
        if (live) live.selectors = await selectorsOf(ctx, p, set, alert, known, recorded);
      }
      return found.flatMap(({ selectors }) => selectors).filter(isMissing);
    },
    done: (missing, waited) => {
      // A value that the metric's other series do not have may never come: it is not waited for as long.
      const absent = missing.some(({ metric, labels }) => metric === 0 || labels.some(({ series }) => series === 0));
      return missing.length === 0 || (!absent && waited >= forValues);
    },
    waiting: ([first], waited) =>
      `waiting for samples of this run: ${first?.text}, ${showDuration(waited)} of ${p.within}`,
  });
  // Asked at the end: an evaluation without samples fails over nothing.
  const now = await loadedRules(ctx, p);
  for (const [n, alert] of alerts.entries()) {
    const live = found[n];
    const sick = now.find(
      ({ name, health, duration }) => name === alert.rule.name && health === 'err' && (duration ?? 0) === alert.hold,
    );
    if (live && sick) live.unhealthy = sick.lastError ?? 'its evaluation fails';
    if (live && !live.selectors.some(isMissing)) Object.assign(live, await lookLabels(ctx, p, alert));
  }
  return found;
}

/** Milliseconds that a label value is waited for. */
const forValues = 15_000;

const isMissing = ({ optional, live }: SelectorSeen): boolean => !optional && live === 0;

async function asLoaded(
  ctx: StepContext,
  p: PrometheusParams,
  alert: AlertRule,
  loaded: readonly LoadedRule[],
): Promise<LiveSeen> {
  const named = loaded.filter((rule) => rule.type === 'alerting' && rule.name === alert.rule.name);
  if (named.length === 0) return { loaded: false, selectors: [], joins: [], unborne: [] };
  const found = { loaded: true, selectors: [], joins: [], unborne: [] };
  const own = await reprinted(ctx, p, alert.rule.expr);
  if (own === undefined) return found;
  const others: string[] = [];
  for (const rule of named) {
    const real = await reprinted(ctx, p, rule.query);
    if (real === own && (rule.duration ?? 0) === alert.hold) return found;
    others.push(`${rule.query}, for ${rule.duration ?? 0} s`);
  }
  return { ...found, other: others.join('; ') };
}

async function selectorsOf(
  ctx: StepContext,
  p: PrometheusParams,
  set: RuleSet,
  alert: AlertRule,
  known: Map<string, SelectorSeen>,
  recorded: ReadonlySet<string>,
): Promise<SelectorSeen[]> {
  const direct = parsePromQl(alert.rule.expr).selectors;
  const below = expand(alert.rule.expr, set.records).records.flatMap((rule) => parsePromQl(rule.expr).selectors);
  const seen = new Map<string, SelectorSeen>();
  for (const selector of [...direct, ...below]) {
    const { text } = selector;
    const before = known.get(text) ?? (await askSelector(ctx, p, selector));
    known.set(text, before);
    const absence = selector.inside.some((name) => name.startsWith('absent'));
    // A loaded recording rule may not have been evaluated yet: what it reads is asked for instead.
    const own = selector.name !== undefined && set.records.has(selector.name) && recorded.has(selector.name);
    const optional = own || selector.mayBeAbsent || selector.name === 'ALERTS' || selector.name === 'ALERTS_FOR_STATE';
    const twice = seen.get(text);
    seen.set(text, {
      ...before,
      absence: absence && twice?.absence !== false,
      optional: optional && twice?.optional !== false,
    });
  }
  return [...seen.values()];
}

async function askSelector(ctx: StepContext, p: PrometheusParams, selector: Selector): Promise<SelectorSeen> {
  const { text, name, matchers } = selector;
  const live = await count(ctx, p, text);
  const seen: SelectorSeen = {
    text,
    ...(name !== undefined && { name }),
    optional: false,
    absence: false,
    live,
    metric: live,
    labels: [],
  };
  if (live > 0 || name === undefined) return seen;
  const metric = `{__name__=${JSON.stringify(name)}}`;
  seen.metric = await count(ctx, p, metric);
  if (seen.metric === 0) return seen;
  for (const one of matchers.filter(wantsLabel))
    seen.labels.push({
      label: one.label,
      matcher: `${one.label}${one.op}${JSON.stringify(one.value)}`,
      series: await count(ctx, p, `{__name__=${JSON.stringify(name)},${one.label}!=""}`),
    });
  return seen;
}

/** Can the matcher hold only for series that have the label? */
const wantsLabel = (matcher: Matcher): boolean =>
  (matcher.op === '=' || matcher.op === '=~') && !satisfies(matcher, '') && matcher.label !== '__name__';

/** Series of a selector whose newest sample is of this run. */
async function count(ctx: StepContext, p: PrometheusParams, selector: string): Promise<number> {
  const query = await withoutDrills(ctx, p, `count(timestamp(${selector}) >= ${ctx.runStartedAt / 1000})`);
  const answer = await ask(ctx, p, 'query', { query });
  const data = QueryData.safeParse(answer.data);
  if (answer.state === 'refused' || !data.success || data.data.resultType !== 'vector')
    throw new Unobservable('query-refused', `Prometheus refuses ${query}: ${answer.error ?? 'no vector'}`);
  return Number(data.data.result[0]?.value?.[1] ?? 0);
}

/** How long an alert goes on firing by its own rule, as it is loaded. */
export function takeKeeping(alerts: readonly AlertRule[], loaded: readonly LoadedRule[]): void {
  for (const alert of alerts)
    alert.keep = Math.max(
      0,
      ...loaded.filter(({ name }) => name === alert.rule.name).map((rule) => rule.keepFiringFor ?? 0),
    );
}

/** Alerts that are loaded but in none of the files. @returns as if a file had them */
export function loadedOnly(loaded: readonly LoadedRule[], alerts: readonly AlertRule[]): AlertRule[] {
  const names = new Set(alerts.map(({ rule }) => rule.name));
  return loaded.filter((rule) => rule.type === 'alerting' && !names.has(rule.name)).map(asAlert);
}

/** The loaded rules as a rule set, where no file was given. */
export function setOfLoaded(loaded: readonly LoadedRule[]): RuleSet {
  const records: RuleSet['records'] = new Map();
  for (const rule of loaded.filter(({ type }) => type === 'recording'))
    records.set(rule.name, [...(records.get(rule.name) ?? []), asAlert(rule).rule]);
  return { alerts: loaded.filter(({ type }) => type === 'alerting').map(asAlert), records };
}

const asAlert = (rule: LoadedRule): AlertRule => ({
  rule: {
    kind: rule.type === 'alerting' ? 'alert' : 'record',
    name: rule.name,
    expr: rule.query,
    for: (rule.duration ?? 0) > 0 ? `${Math.round((rule.duration ?? 0) * 1000)}ms` : undefined,
    labels: rule.labels ?? {},
    annotations: rule.annotations ?? {},
    at: { line: 1, col: 1 },
    exprAt: { line: 1, col: 1 },
    disabled: [],
  },
  group: rule.group,
  file: '',
  interval: rule.interval,
  hold: rule.duration ?? 0,
  keep: rule.keepFiringFor ?? 0,
});

/** A short digest of what a drill is valid for. */
export async function digestOf(alert: AlertRule): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identityOf(alert.rule)));
  return [...new Uint8Array(bytes).subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
