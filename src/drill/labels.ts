import { anchoredRegex } from '../formats/promql/regex.ts';
import type { Matcher } from '../formats/promql/tree.ts';
import type { Needs, Source } from './needs.ts';

/** A text that a (Go, anchored) regular expression matches; undefined where none was found. */
export function textMatching(pattern: string, also: readonly ((text: string) => boolean)[] = []): string | undefined {
  const whole = anchoredRegex(pattern);
  if (!whole) return undefined;
  for (const choice of [1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
    const text = sample(pattern.replace(/^\^|\$$/g, ''), choice);
    if (text !== undefined && whole.test(text) && also.every((test) => test(text))) return text;
  }
  return undefined;
}

/** Walks the pattern; `choice` picks the branch of each alternative and how often a repetition is taken. */
function sample(pattern: string, choice: number): string | undefined {
  const source = pattern.replace(/^\(\?[a-z]+\)/, '');
  let at = 0;
  const alternatives = (): string => {
    const branches = [sequence()];
    while (source[at] === '|') {
      at++;
      branches.push(sequence());
    }
    return branches[(choice + branches.length - 1) % branches.length] ?? '';
  };
  const sequence = (): string => {
    let text = '';
    while (at < source.length && source[at] !== '|' && source[at] !== ')') text += repeated(atom());
    return text;
  };
  const repeated = (one: string): string => {
    const match = /^(?:\*|\+|\?|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at));
    if (!match) return one;
    at += match[0].length;
    if (match[1] !== undefined) return one.repeat(Number(match[1]));
    return match[0].startsWith('+') || choice % 3 === 1 ? one : '';
  };
  const atom = (): string => {
    const c = source[at++] ?? '';
    if (c === '(') {
      const flags = /^\?(?::|P?<\w+>|[a-z]+:)/.exec(source.slice(at));
      at += flags?.[0].length ?? 0;
      const inner = alternatives();
      at++;
      return inner;
    }
    if (c === '[') return ofClass();
    if (c === '\\') return ofEscape();
    if (c === '.') return /^\d/.test(source) ? '0' : 'x';
    return c === '^' || c === '$' ? '' : c;
  };
  /** `[a-z]`, `[^\]]`, `[[:alpha:]]`: the first usual character of it, else one that it names. */
  const ofClass = (): string => {
    const text = /^\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/s.exec(source.slice(at - 1))?.[0] ?? '[';
    at += text.length - 1;
    return oneOf(text);
  };
  const ofEscape = (): string => {
    const name =
      /^(?:[pP](?:\{\^?\w+\}|\w)|x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|Q.*?(?:\\E|$)|.)/s.exec(source.slice(at))?.[0] ?? '';
    at += name.length;
    if (name.startsWith('Q')) return name.slice(1).replace(/\\E$/, '');
    return /^[AzbB]$/.test(name) ? '' : oneOf(`\\${name}`);
  };
  return alternatives();
}

const usual = ['x', 'a', '5', 'A', '_', '-', '.', ' ', '\n', '\t', 'λ', 'Λ', 'я', '字', 'ア', '$', '☺'];

/** A character that a class or an escape takes. */
function oneOf(set: string): string {
  const regex = anchoredRegex(set);
  return [...usual, ...Array.from(set.replace(/^\[|\]$/g, ''))].find((c) => regex?.test(c)) ?? 'x';
}

/** Does the value satisfy the matcher? An empty value is the label's absence. */
export function satisfies(matcher: Matcher, value: string): boolean {
  if (matcher.op === '=') return value === matcher.value;
  if (matcher.op === '!=') return value !== matcher.value;
  const found = anchoredRegex(matcher.value)?.test(value) ?? false;
  return matcher.op === '=~' ? found : !found;
}

/** A value that all matchers of one label accept; `liked` first where it does. */
function valueFor(matchers: readonly Matcher[], liked: readonly string[]): string | undefined {
  const good = (value: string): boolean => matchers.every((matcher) => satisfies(matcher, value));
  const fixed = matchers.filter((m) => m.op === '=').map((m) => m.value);
  const simple = [...fixed, ...liked].find(good);
  if (simple !== undefined) return simple;
  for (const { op, value } of matchers) {
    const text = op === '=~' ? textMatching(value, [good]) : undefined;
    if (text !== undefined) return text;
  }
  return ['verify', 'x', '1', 'drill-b', ''].find(good);
}

export interface Labelling {
  /** label → value for a source. */
  of(source: Source, copy: number): Record<string, string>;
}

export interface LabelPlan {
  /** Kinds of labels that tell like series apart: every free one, or only those that are not grouped by. */
  vary: 'all' | 'ungrouped' | 'parted';
  /** A wider selector of the same metric gets a series of its own (true), or only those of its narrower siblings. */
  apart: boolean;
  /** Labels that annotations read. */
  wanted: readonly string[];
}

/**
 * Chooses labels so that the selectors match and the sides of operations find each other: every label name that the
 * expression knows has one value throughout, wherever the matchers allow it.
 */
export function labelling(needs: Needs, plan: LabelPlan): Labelling {
  const matchers = [...needs.sources.flatMap((source) => source.matchers), ...needs.outer].filter(
    (m) => m.label !== '__name__',
  );
  const names = new Set([
    ...matchers.map((m) => m.label),
    ...needs.joined,
    ...needs.dropped,
    ...needs.without,
    ...plan.wanted,
    ...needs.replaced.map(({ from }) => from),
  ]);
  for (const name of ['le', '']) names.delete(name);
  const shared = new Set([...needs.joined, ...needs.dropped, ...plan.wanted]);
  const inner = new Set(needs.without.filter((label) => !shared.has(label)));
  const common = commonValues(names, matchers, needs);
  const grouped = new Set(needs.joined);
  const pinned = new Set(matchers.filter((m) => m.op === '=' || m.op === '=~').map((m) => m.label));
  return {
    of(source, copy) {
      const labels: Record<string, string> = {};
      for (const name of names) {
        // What an aggregation takes away, the other side does not have.
        if (inner.has(name) && !source.own.includes(name) && source.matchers.every((m) => m.label !== name)) continue;
        const own = source.matchers.filter((m) => m.label === name);
        const base = common.get(name) ?? 'drill';
        const narrower = needs.sources.flatMap((other) =>
          other !== source && other.name === source.name ? other.matchers.filter((m) => m.label === name) : [],
        );
        const apart =
          plan.apart && own.length === 0 && narrower.length > 0 && narrower.every((m) => satisfies(m, base))
            ? ['drill', 'verify', 'other'].find((value) => !narrower.some((m) => satisfies(m, value)))
            : undefined;
        let value = apart ?? valueFor(own, [base, 'drill']) ?? base;
        const free =
          plan.vary === 'parted'
            ? needs.parted.includes(name)
            : !pinned.has(name) && (plan.vary === 'all' || !grouped.has(name));
        if (copy > 0 && free) value = variants(value, copy).find((one) => own.every((m) => satisfies(m, one))) ?? value;
        if (value !== '') labels[name] = value;
      }
      if (copy > 0 && plan.vary === 'ungrouped') labels['drill_copy'] = String(copy);
      for (const m of source.matchers) if (m.label === 'le') labels['le'] = valueFor([m], []) ?? '1';
      return labels;
    },
  };
}

/** The same label of another object: a number in it counted on, or one put behind it. */
const variants = (value: string, copy: number): string[] => [
  ...(/\d/.test(value) ? [value.replace(/\d/, String(copy))] : []),
  `${value}-${copy}`,
];

function commonValues(names: ReadonlySet<string>, matchers: readonly Matcher[], needs: Needs): Map<string, string> {
  const common = new Map<string, string>();
  for (const name of names) {
    const own = matchers.filter((m) => m.label === name);
    const patterns = needs.replaced
      .filter((r) => r.from === name && r.pattern !== '')
      .map((r): Matcher => ({ label: name, op: '=~', value: r.pattern }));
    const captured = (text: string): boolean =>
      needs.replaced.every((r) => r.from !== name || replaced(r, text) !== '' || !own.every((m) => satisfies(m, text)));
    const value =
      valueFor(
        [...own, ...patterns],
        [...patterns.map((p) => textMatching(p.value, [captured]) ?? ''), 'drill'].filter(
          (text) => text !== '' && captured(text),
        ),
      ) ??
      valueFor([...own, ...patterns], ['drill']) ??
      valueFor(patterns, ['drill']) ??
      valueFor(own.filter((m) => m.op === '=' || m.op === '=~').slice(0, 1), ['drill']);
    common.set(name, value === undefined || value === '' ? 'drill' : value);
  }
  // What label_replace makes of one label, the other side of a join has in another.
  for (const one of needs.replaced) {
    const made = replaced(one, common.get(one.from) ?? '');
    if (made !== '' && one.to !== one.from && names.has(one.to)) common.set(one.to, made);
  }
  return common;
}

/** What label_replace makes of a value; empty where its pattern does not match. */
const replaced = ({ pattern, value }: Needs['replaced'][number], text: string): string =>
  anchoredRegex(pattern)?.expand(text, value) ?? '';
