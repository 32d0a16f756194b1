import type { Declarations, MetricKind } from '../formats/prometheus/metric-declarations.ts';
import type { DeclaredSeries, Unsourced } from '../formats/prometheus/metric-sources.ts';
import { common } from '../formats/prometheus/metric-words.ts';

/** A metric that is registered with a client library which exports names as they are registered. */
export type Registered = Declarations['registered'][number] & { by: string; file: string };

/** What the sources hand to client libraries. */
export interface Exported {
  /** By the whole name, namespace and subsystem included. */
  asWritten: ReadonlyMap<string, readonly Registered[]>;
  /** Counters whose library ends their names in `_total` itself. */
  totalled: ReadonlyMap<string, { by: string; file: string }>;
  /** Names that stand in quotes where nothing registers them. */
  elsewhere: ReadonlySet<string>;
  /** Some registry puts labels on every metric. */
  everywhere: boolean;
  /** Do the sources speak of one of these names, or put it together? */
  isNamed(names: readonly string[]): boolean;
}

/** Endings of the series of a kind, beside the bare name. */
const partsOf: Partial<Record<MetricKind, string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};

/** What a name that nothing has is exported as instead, since a client library adds an ending to names, or adds none. */
export function exportedOtherwise(
  metric: string,
  { asWritten, totalled, elsewhere, isNamed }: Exported,
): Unsourced['otherwise'] {
  const sure = !common.has(firstWord(metric));
  const whole = asWritten.get(metric) ?? [];
  const counter = totalled.get(metric);
  if (counter !== undefined && !elsewhere.has(metric) && whole.every((one) => one.by === counter.by)) {
    const { by, file } = counter;
    if (by === 'OpenTelemetry' && elsewhere.has('add_metric_suffixes')) return undefined;
    const why = `${by} ends the names of counters in _total`;
    return { as: `${metric}_total`, file, why, sure: sure && by === 'prometheus_client' };
  }
  const [, series = metric, part = ''] = /^(.*?)(_(?:bucket|sum|count))?$/.exec(metric) ?? [];
  const [own, ...others] = whole.length > 0 ? whole : part === '' ? [] : (asWritten.get(series) ?? []);
  if (own !== undefined) {
    const { kind, file } = own;
    if (kind === undefined || others.some((one) => one.kind !== kind) || elsewhere.has(metric)) return undefined;
    if (whole.length === 0)
      return (partsOf[kind] ?? []).includes(part)
        ? undefined
        : { as: series, file, why: `a ${kind} has no series that ends in ${part}`, sure };
    const as = `${metric}_bucket, ${metric}_sum and ${metric}_count`;
    return kind === 'histogram' ? { as, file, why: 'a histogram has no series of its bare name', sure } : undefined;
  }
  const bare = series.replace(/_(?:total|seconds|milliseconds|ms|bytes)$/, '');
  const [bareOne] = bare === series ? [] : (asWritten.get(bare) ?? []);
  if (bareOne === undefined || totalled.has(bare) || isNamed([metric, series])) return undefined;
  const why = `${bareOne.by} exports names as they are registered`;
  return { as: `${bare}${part}`, file: bareOne.file, why, sure };
}

/** What a series is registered as, where one client library alone does so, as one kind. */
export function declaredAs(series: string, { asWritten, elsewhere, everywhere }: Exported): DeclaredSeries | undefined {
  const [, bare = series, part = ''] = /^(.*?)(_(?:bucket|sum|count|total))?$/.exec(series) ?? [];
  const of = asWritten.get(series) ?? (part === '' ? undefined : asWritten.get(bare));
  const kind = of?.[0]?.kind;
  const [first] = of ?? [];
  if (!of || !first || kind === undefined || elsewhere.has(series) || of.some((one) => one.kind !== kind))
    return undefined;
  const parts = kind === 'counter' && first.by === 'prometheus_client' ? ['_total'] : (partsOf[kind] ?? []);
  if (!asWritten.has(series) && !parts.includes(part)) return undefined;
  // Python's counters end in _total, whether they are registered so or not.
  if (kind === 'counter' && first.by === 'prometheus_client' && !series.endsWith('_total')) return undefined;
  if (kind === 'histogram' && asWritten.has(series)) return undefined;
  const labels = of.every((one) => one.labels) ? of.flatMap((one) => one.labels ?? []) : undefined;
  const added = part === '_bucket' ? ['le'] : kind === 'summary' && part === '' ? ['quantile'] : [];
  return {
    kind: part === '' || kind === 'counter' || kind === 'gauge' ? kind : 'counter',
    ...(labels && !everywhere && { labels: [...new Set([...labels, ...added])] }),
    file: first.file,
    own: !common.has(firstWord(series)),
  };
}

const firstWord = (name: string): string => /^[^_:]*/.exec(name)?.[0] ?? '';
