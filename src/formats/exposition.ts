/** One sample line. */
export interface ExpositionSample {
  name: string;
  labels: Record<string, string>;
  value: number;
  line: number;
}
export interface Family {
  name: string;
  type: string;
  help: boolean;
  samples: ExpositionSample[];
}
export interface ExpositionProblem {
  code: 'syntax' | 'declared-twice' | 'duplicate-series' | 'interleaved' | 'histogram' | 'no-type';
  message: string;
  line: number;
}
export interface Exposition {
  families: Map<string, Family>;
  problems: ExpositionProblem[];
  samples: number;
}

const sampleLine =
  /^([A-Za-z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+(\S+)(?:\s+(-?\d+(?:\.\d+)?))?\s*(?:#\s*\{.*)?$/;
const suffixes: Record<string, string[]> = {
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['_sum', '_count', '_created', ''],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  counter: ['', '_total', '_created'],
  info: ['_info', ''],
};

/** Labels of `a="b",c="d"`; undefined where the text is none. */
function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let rest = text.trim();
  while (rest !== '') {
    const match = /^([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,\s*|$)/.exec(rest);
    if (!match) return undefined;
    const [whole, name = '', value = ''] = match;
    if (Object.hasOwn(labels, name)) return undefined;
    labels[name] = value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    rest = rest.slice(whole.length);
  }
  return labels;
}

const number = (text: string): number | undefined => {
  if (/^[+]?inf$/i.test(text)) return Infinity;
  if (/^-inf$/i.test(text)) return -Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
};

/** The family that a sample belongs to, by the suffixes of declared histograms and summaries. */
function familyOf(name: string, families: ReadonlyMap<string, Family>): string {
  if (families.has(name)) return name;
  for (const suffix of ['_bucket', '_sum', '_count', '_total', '_created', '_info', '_gsum', '_gcount']) {
    const base = name.slice(0, -suffix.length);
    const family = name.endsWith(suffix) ? families.get(base) : undefined;
    if (family && (suffixes[family.type]?.includes(suffix) ?? false)) return base;
  }
  return name;
}

/**
 * Reads the text exposition format 0.0.4 and OpenMetrics text, as far as they agree, with everything that is wrong in it.
 * Source: the format's description in Prometheus's documentation and the OpenMetrics 1.0 text format.
 */
export function parseExposition(text: string): Exposition {
  const families = new Map<string, Family>();
  const problems: ExpositionProblem[] = [];
  const seen = new Map<string, number>();
  let samples = 0;
  const declare = (name: string): Family => {
    const family = families.get(name) ?? { name, type: '', help: false, samples: [] };
    families.set(name, family);
    return family;
  };
  for (const [n, raw] of text.split('\n').entries()) {
    const line = n + 1;
    const source = raw.replace(/\r$/, '');
    if (source.trim() === '' || source === '# EOF') continue;
    const meta = /^#\s*(HELP|TYPE|UNIT)\s+(\S+)(?:\s+(.*))?$/.exec(source);
    if (meta) {
      const [, what, name = '', value = ''] = meta;
      const family = declare(name);
      if (what === 'TYPE') {
        if (family.type !== '')
          problems.push({ code: 'declared-twice', message: `TYPE of ${name} is given twice`, line });
        else if (family.samples.length > 0)
          problems.push({ code: 'declared-twice', message: `TYPE of ${name} comes after its samples`, line });
        family.type = value.trim();
      } else if (what === 'HELP') {
        if (family.help) problems.push({ code: 'declared-twice', message: `HELP of ${name} is given twice`, line });
        family.help = true;
      }
      continue;
    }
    if (source.startsWith('#')) continue;
    const match = sampleLine.exec(source);
    const labels = match && labelsOf(match[2] ?? '');
    const value = match && number(match[3] ?? '');
    if (!match || !labels || value === undefined || value === null) {
      problems.push({ code: 'syntax', message: `not a sample: ${source.slice(0, 120)}`, line });
      continue;
    }
    const name = match[1] ?? '';
    samples++;
    declare(familyOf(name, families)).samples.push({ name, labels, value, line });
    const key = `${name}{${Object.entries(labels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}=${JSON.stringify(v)}`)
      .join(',')}}`;
    const before = seen.get(key);
    if (before !== undefined)
      problems.push({ code: 'duplicate-series', message: `${key} is there twice, first in line ${before}`, line });
    seen.set(key, line);
  }
  for (const family of families.values()) if (family.type === 'histogram') problems.push(...histogramProblems(family));
  return { families, problems, samples };
}

/** One histogram of a family: its labels without `le`. */
export interface HistogramSeries {
  labels: string;
  buckets: { le: number; value: number; line: number }[];
  count?: number;
  sum?: number;
  line: number;
}

export function histogramsOf(family: Family): HistogramSeries[] {
  const all = new Map<string, HistogramSeries>();
  for (const sample of family.samples) {
    const { le, ...rest } = sample.labels;
    const labels = Object.entries(rest)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}="${v}"`)
      .join(', ');
    const one = all.get(labels) ?? { labels, buckets: [], line: sample.line };
    all.set(labels, one);
    if (sample.name.endsWith('_bucket'))
      one.buckets.push({ le: number(le ?? '') ?? Number.NaN, value: sample.value, line: sample.line });
    else if (sample.name.endsWith('_count')) one.count = sample.value;
    else if (sample.name.endsWith('_sum')) one.sum = sample.value;
  }
  return [...all.values()];
}

function histogramProblems(family: Family): ExpositionProblem[] {
  const problems: ExpositionProblem[] = [];
  const say = (line: number, message: string): void => {
    problems.push({ code: 'histogram', message: `${family.name}${message}`, line });
  };
  for (const one of histogramsOf(family)) {
    const who = `{${one.labels}}`;
    const buckets = one.buckets.toSorted((a, b) => a.le - b.le);
    if (buckets.length === 0) say(one.line, `${who} has no buckets`);
    else if (buckets.some((b) => Number.isNaN(b.le))) say(one.line, `${who} has a bucket without a number in le`);
    else if (buckets.at(-1)?.le !== Infinity) say(one.line, `${who} has no bucket le="+Inf"`);
    for (const [n, bucket] of buckets.entries()) {
      const before = buckets[n - 1];
      if (before && bucket.value < before.value)
        say(
          bucket.line,
          `${who} is not cumulative: le="${bucket.le}" counts ${bucket.value}, le="${before.le}" ${before.value}`,
        );
    }
    if (one.count === undefined) say(one.line, `${who} has no _count`);
    else if (buckets.at(-1)?.le === Infinity && buckets.at(-1)?.value !== one.count)
      say(one.line, `${who}: le="+Inf" counts ${buckets.at(-1)?.value}, _count is ${one.count}`);
    if (one.sum === undefined) say(one.line, `${who} has no _sum`);
  }
  return problems;
}
