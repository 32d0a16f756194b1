import { anchoredRegex } from '../promql/regex.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { LocatedYaml } from '../data/yaml.ts';

export interface AlertmanagerMatcher {
  label: string;
  op: string;
  value: string;
  line: number;
}

/** Where something stands in a configuration: keys and indexes from its top. */
export type Place = readonly (string | number)[];

/** The matchers of one text: several with commas between them, with or without braces. Source: pkg/labels/parse.go, matcher/parse. */
function readMatchers(text: string, line: number): AlertmanagerMatcher[] {
  const inner = text.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  return pieces(inner).flatMap((piece) => {
    const match = /^\s*("(?:[^"\\]|\\.)*"|[^\s=!~"]+)\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/.exec(piece);
    if (!match) return [];
    const [, label = '', op = '', value = ''] = match;
    return [{ label: unquoted(label), op, value: unquoted(value), line }];
  });
}

/** Split at commas that stand in no quotes. */
function pieces(text: string): string[] {
  const found = [''];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? '';
    if (c === '\\' && quoted) found[found.length - 1] += c + (text[++at] ?? '');
    else if (c === ',' && !quoted) found.push('');
    else {
      if (c === '"') quoted = !quoted;
      found[found.length - 1] += c;
    }
  }
  return found.filter((one) => one.trim() !== '');
}

const unquoted = (text: string): string =>
  /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)) : text;

/** The matchers of the route at a place (`prefix` empty), or of an inhibition's `source_` or `target_`. */
export function matchersOf(
  holder: JsonObject,
  prefix: string,
  at: Place,
  { lineOf }: Pick<LocatedYaml, 'lineOf'>,
): AlertmanagerMatcher[] {
  const map = (key: string, op: string): AlertmanagerMatcher[] =>
    Object.entries(objectOf(holder[key])).map(([label, value]) => ({
      label,
      op,
      value: String(value),
      line: lineOf([...at, key, label]),
    }));
  const key = `${prefix}matchers`;
  return [
    ...map(`${prefix}match`, '='),
    ...map(`${prefix}match_re`, '=~'),
    ...listOf(holder[key]).flatMap((one, n) => readMatchers(textOf(one), lineOf([...at, key, n]))),
  ];
}

/** Does a label's value satisfy the matcher? A label that is not there is the empty text. */
export function holds({ op, value }: Pick<AlertmanagerMatcher, 'op' | 'value'>, has: string): boolean {
  const same = op.includes('~') ? (anchoredRegex(value)?.test(has) ?? false) : has === value;
  return op.startsWith('!') ? !same : same;
}

export const showMatcher = ({ label, op, value }: AlertmanagerMatcher): string =>
  `${label}${op}${JSON.stringify(value)}`;

/** Matchers for people. */
export const showMatchers = (matchers: readonly AlertmanagerMatcher[]): string =>
  matchers.length === 0 ? 'no matcher' : matchers.map(showMatcher).join(', ');

/** Does whatever the narrow ones match also match the wide ones? Only what follows from the texts. */
export function covers(wide: readonly AlertmanagerMatcher[], narrow: readonly AlertmanagerMatcher[]): boolean {
  return wide.every(
    (one) =>
      ofEvery(one) ||
      narrow.some(
        (other) =>
          other.label === one.label &&
          ((other.op === one.op && other.value === one.value) || (other.op === '=' && holds(one, other.value))),
      ),
  );
}

/** Does every alert match it? Each one has a name; of other labels only what the empty value matches too is sure. */
const ofEvery = ({ label, op, value }: AlertmanagerMatcher): boolean =>
  op === '=~' && (value === '.*' || (label === 'alertname' && value === '.+'));
