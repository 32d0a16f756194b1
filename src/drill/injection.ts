import { escaped, type Sample } from './backfill.ts';
import type { DrillSeries } from './series.ts';
import { lenientTree } from '../formats/promql/read.ts';
import { childrenOf, type Expr } from '../formats/promql/tree.ts';

/** Why samples of our own may not be put into a running Prometheus for this expression; undefined where they may. */
export function whyNot(expr: string, series: readonly DrillSeries[], allowUngrouped: boolean): string | undefined {
  if (series.length === 0)
    return 'it asks for an absence, which injected samples cannot bring about: use the mode fault';
  if (allowUngrouped) return undefined;
  const mixed = ungrouped(lenientTree(expr));
  return mixed === undefined
    ? undefined
    : `${mixed} without \`by\` would mix injected samples with real ones: \`allowUngrouped: true\` allows it`;
}

function ungrouped(tree: Expr): string | undefined {
  if (tree.kind === 'aggregate' && tree.grouping !== 'without' && tree.labels.length === 0) return tree.op;
  return childrenOf(tree)
    .map(ungrouped)
    .find((name) => name !== undefined);
}

/** The same series under label values of this drill alone: real ones are never written to. */
export function isolated(series: readonly DrillSeries[], tag: string): DrillSeries[] {
  return series.map((one) => ({
    ...one,
    labels: {
      ...Object.fromEntries(
        Object.entries(one.labels).map(([label, value]) => [label, value.replace(/^drill(?=$|-)/, tag)]),
      ),
      verify_drill: tag,
    },
  }));
}

/** Does an alert's instance come from injected samples? */
export const ofDrill = (labels: Readonly<Record<string, string>>, tag: string): boolean =>
  Object.values(labels).some((value) => value.includes(tag));

/** The value at a time; the course goes on beyond its end as it went last. @param since milliseconds of its first sample */
export function goingOn(series: DrillSeries, step: number, since: number, at: number): number | undefined {
  const { values } = series;
  const n = Math.floor((at - since) / (step * 1000));
  if (n < values.length) return values[Math.max(0, n)];
  const [before, last] = [values.at(-2), values.at(-1)];
  if (before === undefined || last === undefined) return last ?? before;
  const third = values.at(-3);
  const turns = third !== undefined && (last - before) * (before - third) < 0;
  if (turns) return (n - values.length) % 2 === 0 ? before : last;
  return last + (last - before) * (n - values.length + 1);
}

/** Samples of the past that a server may still take, in order, none in the future. */
export function history(series: DrillSeries, step: number, since: number, now: number): Sample[] {
  return series.values.flatMap((value, n) => {
    const at = since + n * step * 1000;
    return value === undefined || at > now ? [] : [{ at, value }];
  });
}

/** Text exposition of one value each, metrics together. @param without labels that the scrape adds itself */
export function exposition(
  values: readonly { series: DrillSeries; value: number | undefined }[],
  without: readonly string[],
): string {
  return `${values
    .filter(({ value }) => value !== undefined)
    .toSorted((a, b) => (a.series.name < b.series.name ? -1 : 1))
    .map(({ series, value }) => {
      const labels = Object.entries(series.labels).filter(([label]) => !without.includes(label));
      return `${series.name}{${labels.map(([label, text]) => `${label}="${escaped(text)}"`).join(',')}} ${value}`;
    })
    .join('\n')}\n`;
}
