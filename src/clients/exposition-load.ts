import type { ExecResult, Judge } from '../core/step.ts';
import { type Exposition, parseExposition } from '../formats/prometheus/exposition.ts';
import { type problems, valueOf } from '../formats/prometheus/exposition-findings.ts';
import { between, bucketOf, bucketQuantile, histogramsOf, labelText } from '../formats/prometheus/histogram.ts';
import { valuesAt } from '../formats/data/json-path.ts';
import { unitOf } from '../formats/data/quantity.ts';
import { jsonOf } from '../core/json-of.ts';

interface Quantile {
  histogram: string;
  labels: Record<string, string>;
  q: number;
  path: string;
  unit: string;
}
interface Load {
  adds: { series: string; by: number; tolerance: number }[];
  quantiles: Quantile[];
}
type J = Judge<typeof problems>;

/** Known work between two scrapes: what it must have moved, and which quantiles its buckets must give. */
export function judgeLoad(j: J, wanted: Load, load: ExecResult, before: Exposition, after: Exposition): void {
  if (load.code !== 0) {
    j.find(
      'load-failed',
      load.notStarted === undefined
        ? `the load exited with ${load.code ?? load.signal}`
        : `the load could not be started: ${load.notStarted}`,
      {
        detail: `${load.stdout}\n${load.stderr}`.slice(-1500),
      },
    );
    return;
  }
  for (const { series, by, tolerance } of wanted.adds) {
    const one = [...parseExposition(`${series} 0`).families.values()][0]?.samples[0];
    const [then, now] = one ? [valueOf(before, one) ?? 0, valueOf(after, one)] : [0, undefined];
    if (now === undefined) j.find('metric-missing', `${series} is not exported`, { subject: series });
    else
      j.check(
        now - then >= by && now - then <= by + tolerance,
        `the load moved ${series} by ${now - then}`,
        'wrong-count',
        `the load moved ${series} by ${now - then}, ${by}${tolerance > 0 ? ` to ${by + tolerance}` : ''} expected`,
        { subject: series },
      );
  }
  for (const quantile of wanted.quantiles) judgeQuantile(j, quantile, load.stdout, before, after);
}

function judgeQuantile(j: J, wanted: Quantile, stdout: string, before: Exposition, after: Exposition): void {
  const { histogram, q, path, unit } = wanted;
  const labels = labelText(wanted.labels);
  const who = `${histogram}{${labels}}`;
  const find = (text: Exposition) => {
    const family = text.families.get(histogram);
    return family && histogramsOf(family).find((one) => one.labels === labels);
  };
  const now = find(after);
  if (!now || now.buckets.length === 0) {
    j.find('metric-missing', `the histogram ${who} is not exported`, { subject: histogram });
    return;
  }
  const value = trueValue(stdout, path);
  if (typeof value === 'string') {
    j.find('no-true-quantile', `${path}: ${value}`, { subject: histogram, detail: stdout.slice(0, 500) });
    return;
  }
  const truth = value * (unitOf(unit)?.factor ?? 1);
  const buckets = between(find(before), now);
  const computed = bucketQuantile(buckets, q);
  if (!computed) {
    j.find('wrong-quantile', `${who}: none of the load arrived in it`, { subject: histogram });
    return;
  }
  const show = (n: number): string => String(Number(n.toPrecision(3)));
  const text = `${who}: quantile ${q} is ${show(computed.value)} according to the buckets, and in fact ${show(truth)}`;
  const apart = Math.abs(bucketOf(buckets, truth) - computed.bucket);
  j.check(apart <= 1, `${text}, within one bucket`, 'wrong-quantile', `${text}, ${apart} buckets apart`, {
    subject: histogram,
  });
  if (buckets[computed.bucket]?.le === Infinity)
    j.find('bounds-too-low', `${text}; the highest bound is ${show(computed.value)}`, { subject: histogram });
}

/** The number at a path of the load's output, or why there is none. */
function trueValue(stdout: string, path: string): number | string {
  const document = jsonOf(stdout);
  if (document === undefined) return 'the output of the load is not a JSON document';
  const [value] = valuesAt(document, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : 'there is no number';
}
