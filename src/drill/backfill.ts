import { quotedName, type DrillSeries } from './series.ts';

/** One sample; `at` in milliseconds since the epoch. */
export interface Sample {
  at: number;
  value: number;
}

/** Samples of a drill's series, its last one at `end`, each value larger by `shift`. Never into the future: that is the caller's `end`. */
export function samplesOf(series: DrillSeries, step: number, end: number, shift = 0): Sample[] {
  const last = series.values.length - 1;
  return series.values.flatMap((value, n) =>
    value === undefined ? [] : [{ at: end - (last - n) * step * 1000, value: value + shift }],
  );
}

/** A label value within the quotes of a text format. */
export const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

/**
 * OpenMetrics text for `promtool tsdb create-blocks-from openmetrics`: timestamps in seconds, `# EOF` at the end.
 * Values keep all their digits.
 */
export function openMetrics(
  series: readonly { name: string; labels: Readonly<Record<string, string>>; samples: readonly Sample[] }[],
): string {
  const lines = series.flatMap(({ name, labels, samples }) => {
    const inside = Object.entries(labels).map(([label, value]) => `${quotedName(label)}="${escaped(value)}"`);
    const quoted = quotedName(name) !== name;
    const all = quoted ? [quotedName(name), ...inside] : inside;
    const head = `${quoted ? '' : name}${all.length === 0 ? '' : `{${all.join(',')}}`}`;
    return samples.map(({ at, value }) => `${head} ${value} ${at / 1000}`);
  });
  return `${lines.join('\n')}\n# EOF\n`;
}

/** Alerts whose series do not touch each other can be drilled in one Prometheus. @returns indices, batch by batch */
export function batchesOf(metrics: readonly ReadonlySet<string>[]): number[][] {
  const batches: { names: Set<string>; members: number[] }[] = [];
  metrics.forEach((names, n) => {
    const batch = batches.find((one) => [...names].every((name) => !one.names.has(name)));
    if (batch) {
      batch.members.push(n);
      for (const name of names) batch.names.add(name);
    } else batches.push({ names: new Set(names), members: [n] });
  });
  return batches.map(({ members }) => members);
}
