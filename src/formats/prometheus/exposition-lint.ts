import type { Exposition } from './exposition.ts';
import type { Family } from './family.ts';

const prefixed = /^(?:pico|nano|micro|milli|centi|deci|kilo|kibi|mega|mebi|giga|gibi|tera|tebi|peta|pebi)(\w+)$/;
const bases = new Set(['seconds', 'bytes', 'meters', 'grams', 'joules', 'volts', 'amperes']);
const otherUnits: Record<string, string> = {
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  bits: 'bytes',
  fahrenheit: 'celsius',
  inches: 'meters',
  yards: 'meters',
  miles: 'meters',
  calories: 'joules',
  pounds: 'grams',
  ounces: 'grams',
  percent: 'ratio',
};
const shortUnits = new Set(['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd']);

/**
 * What promtool's `check metrics` (promlint) says of names, with its words, and pint's name of the check where it has one.
 * Source: `util/promlint` of client_golang, and the naming practices in Prometheus's documentation.
 */
export function lintNames(text: Exposition): { name: string; message: string; line: number }[] {
  return [...text.families.values()]
    .filter((family) => family.samples.length > 0)
    .flatMap((family) => lintFamily(family).map((message) => ({ name: family.name, message, line: family.line })));
}

function lintFamily({ name, type, help, samples }: Family): string[] {
  const said: string[] = [];
  const kind = type === '' || type === 'unknown' ? 'untyped' : type;
  if (!help) said.push('no help text');
  // OpenMetrics names the family of a counter without the suffix that its samples have.
  const total = name.endsWith('_total') || samples.every((one) => /_total$|_created$/.test(one.name));
  if (kind === 'counter' && !total) said.push('counter metrics should have "_total" suffix');
  if (kind !== 'counter' && kind !== 'untyped' && name.endsWith('_total'))
    said.push('non-counter metrics should not have "_total" suffix');
  if (kind !== 'histogram' && kind !== 'untyped' && name.endsWith('_bucket'))
    said.push('non-histogram metrics should not have "_bucket" suffix');
  if (!['histogram', 'summary', 'untyped'].includes(kind))
    for (const suffix of ['_count', '_sum'])
      if (name.endsWith(suffix)) said.push(`non-histogram and non-summary metrics should not have "${suffix}" suffix`);
  if (kind !== 'histogram' && samples.some((one) => Object.hasOwn(one.labels, 'le')) && kind !== 'untyped')
    said.push('non-histogram metrics should not have "le" label');
  if (kind !== 'summary' && samples.some((one) => Object.hasOwn(one.labels, 'quantile')) && kind !== 'untyped')
    said.push('non-summary metrics should not have "quantile" label');
  if (name.includes(':')) said.push("metric names should not contain ':'");
  if (/[a-z][A-Z]/.test(name)) said.push("metric names should be written in 'snake_case' not 'camelCase'");
  const words = name.toLowerCase().split('_').slice(1);
  if (kind !== 'untyped' && words.includes(kind)) said.push(`metric name should not include type '${kind}'`);
  if (words.some((word) => shortUnits.has(word))) said.push('metric names should not contain abbreviated units');
  for (const word of words) {
    const stem = prefixed.exec(word)?.[1];
    const base = stem !== undefined && bases.has(stem) ? stem : otherUnits[word];
    if (base !== undefined) said.push(`use base unit "${base}" instead of "${word}"`);
  }
  return said;
}
