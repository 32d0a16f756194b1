import { histogramProblems } from './histogram.ts';
import { sampleNumber } from './sample-number.ts';
import type { Family } from './family.ts';

export interface ExpositionProblem {
  code: 'syntax' | 'declared-twice' | 'duplicate-series' | 'interleaved' | 'histogram' | 'sum' | 'counter';
  message: string;
  line: number;
}
export interface Exposition {
  families: Map<string, Family>;
  problems: ExpositionProblem[];
  samples: number;
}

const suffixes: Record<string, string[]> = {
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['_sum', '_count', '_created', ''],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  counter: ['', '_total', '_created'],
  info: ['_info', ''],
};
const types: Record<'text' | 'openmetrics', string[]> = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'gaugehistogram', 'stateset', 'info', 'summary', 'unknown'],
};

interface Labels {
  labels: Record<string, string>;
  /** A name in quotes among the labels, as Prometheus 3 writes those that are no identifiers. */
  quotedName?: string;
}

const unescape = (text: string): string => text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));

/** Labels of `a="b",c="d"`, also `"utf8.name", "utf8.label"="x"`; undefined where the text is none. */
function labelsOf(text: string): Labels | undefined {
  const labels: Record<string, string> = {};
  let quotedName: string | undefined;
  let rest = text.trim();
  while (rest !== '') {
    const own = /^"((?:[^"\\]|\\.)+)"\s*(,\s*|$)/.exec(rest);
    if (own && quotedName === undefined) {
      quotedName = unescape(own[1] ?? '');
      rest = rest.slice(own[0].length);
      continue;
    }
    const match = /^(?:([A-Za-z_]\w*)|"((?:[^"\\]|\\.)+)")\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,\s*|$)/.exec(rest);
    if (!match) return undefined;
    const [whole, plain, quoted, value = ''] = match;
    const name = plain ?? unescape(quoted ?? '');
    if (Object.hasOwn(labels, name)) return undefined;
    labels[name] = unescape(value);
    rest = rest.slice(whole.length);
  }
  return { labels, ...(quotedName !== undefined && { quotedName }) };
}

const sampleLine =
  /^(?:([A-Za-z_:][\w:]*)(?=[\s{]))?(?:\s*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s*(\S+)(?:\s+(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?))?\s*(#.*)?$/i;

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
 * Reads the text exposition format 0.0.4, or OpenMetrics 1.0 text, with everything that is wrong in it.
 * Source: the format's description in Prometheus's documentation and the OpenMetrics 1.0 text format.
 */
export function parseExposition(text: string, format: 'text' | 'openmetrics' = 'text'): Exposition {
  const families = new Map<string, Family>();
  const problems: ExpositionProblem[] = [];
  const seen = new Map<string, number>();
  const open = format === 'openmetrics';
  const say = (code: ExpositionProblem['code'], message: string, line: number): void => {
    problems.push({ code, message, line });
  };
  let samples = 0;
  let ended = 0;
  let last: Family | undefined;
  const declare = (name: string, line: number): Family => {
    const family = families.get(name) ?? { name, type: '', help: false, line, samples: [] };
    families.set(name, family);
    return family;
  };
  for (const [n, raw] of text.split('\n').entries()) {
    const line = n + 1;
    const source = raw.replace(/\r$/, '');
    if (source.trim() === '') continue;
    if (open && ended > 0) {
      say('syntax', `text after # EOF of line ${ended}`, line);
      break;
    }
    if (source === '# EOF') {
      ended = line;
      continue;
    }
    const meta = /^#\s*(HELP|TYPE|UNIT)\s+(?:"((?:[^"\\]|\\.)+)"|(\S+))(?:\s+(.*))?$/.exec(source);
    if (meta) {
      const [, what = '', quoted, plain = '', value = ''] = meta;
      const name = quoted === undefined ? plain : unescape(quoted);
      describe(declare(name, line), what, value, format, (code, message) => say(code, message, line));
      continue;
    }
    if (source.startsWith('#')) continue;
    const match = sampleLine.exec(source);
    const read = match && labelsOf(match[2] ?? '');
    const value = match && sampleNumber(match[3] ?? '');
    const name = match?.[1] ?? read?.quotedName;
    if (
      !match ||
      !read ||
      value === undefined ||
      value === null ||
      name === undefined ||
      (match[1] && read.quotedName)
    ) {
      say('syntax', `not a sample: ${source.slice(0, 120)}`, line);
      continue;
    }
    samples++;
    const family = declare(familyOf(name, families), line);
    if (open && last !== family && family.samples.length > 0)
      say('interleaved', `${family.name} goes on after other metrics: its lines must stand together`, line);
    last = family;
    const time = match[4];
    family.samples.push({
      name,
      labels: read.labels,
      value,
      line,
      ...(time !== undefined && { timestamp: Number(time) * (open ? 1000 : 1) }),
    });
    const exemplar = match[5];
    if (exemplar !== undefined) problems.push(...exemplarProblems(exemplar, name, family.type, open, line));
    if (family.type === 'counter') problems.push(...counterProblems(name, value, family.name, open, line));
    const key = `${name}{${Object.entries(read.labels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}=${JSON.stringify(v)}`)
      .join(',')}}`;
    const before = seen.get(key);
    if (before !== undefined) say('duplicate-series', `${key} is there twice, first in line ${before}`, line);
    seen.set(key, line);
  }
  if (open && ended === 0 && samples > 0) say('syntax', 'there is no # EOF: the text was cut', text.split('\n').length);
  for (const family of families.values()) if (family.type === 'histogram') problems.push(...histogramProblems(family));
  return { families, problems, samples };
}

/** Takes over what a line of HELP, TYPE or UNIT says of a family. */
function describe(
  family: Family,
  what: string,
  value: string,
  format: 'text' | 'openmetrics',
  say: (code: ExpositionProblem['code'], message: string) => void,
): void {
  if (what === 'TYPE') {
    if (family.type !== '') say('declared-twice', `TYPE of ${family.name} is given twice`);
    else if (family.samples.length > 0) say('declared-twice', `TYPE of ${family.name} comes after its samples`);
    family.type = value.trim();
    if (!types[format].includes(family.type))
      say('syntax', `${family.type || 'nothing'} is not a type of ${family.name}`);
  } else if (what === 'HELP') {
    if (family.help) say('declared-twice', `HELP of ${family.name} is given twice`);
    family.help = true;
  } else if (format === 'openmetrics') {
    family.unit = value.trim();
    if (family.unit !== '' && !family.name.endsWith(`_${family.unit}`))
      say('syntax', `UNIT of ${family.name} is ${family.unit}: the name must end in it`);
  }
}

/** OpenMetrics allows exemplars on buckets and on totals, with at most 128 characters of labels; the older format has none. */
function exemplarProblems(text: string, name: string, type: string, open: boolean, line: number): ExpositionProblem[] {
  const say = (message: string): ExpositionProblem[] => [{ code: 'syntax', message: `${name}: ${message}`, line }];
  if (!open) return say('text after the value; exemplars are of OpenMetrics only');
  const match = /^#\s*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}\s*(\S+)(?:\s+\d+(?:\.\d+)?)?\s*$/.exec(text);
  const labels = match && labelsOf(match[1] ?? '')?.labels;
  if (!match || !labels || sampleNumber(match[2] ?? '') === undefined) return say('its exemplar does not parse');
  if (!/_bucket$|_total$/.test(name) || !/histogram|counter/.test(type))
    return say('an exemplar stands on buckets and totals only');
  const length = Array.from(Object.entries(labels).flat().join('')).length;
  return length > 128 ? say(`its exemplar has ${length} characters of labels, at most 128`) : [];
}

function counterProblems(
  name: string,
  value: number,
  family: string,
  open: boolean,
  line: number,
): ExpositionProblem[] {
  if (name.endsWith('_created')) return [];
  if (value < 0)
    return [{ code: 'counter', message: `the counter ${name} is ${value}: it cannot be below zero`, line }];
  if (Number.isNaN(value)) return [{ code: 'counter', message: `the counter ${name} is NaN`, line }];
  return open && name !== `${family}_total`
    ? [{ code: 'syntax', message: `${name}: the samples of a counter end in _total`, line }]
    : [];
}
