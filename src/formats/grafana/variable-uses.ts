import { withoutComments } from '../promql/literals.ts';
import { isSlip } from '../prometheus/nearest-name.ts';
import { standIn } from '../promql/tree.ts';

/** One use of a variable in a text: `$x`, `${x}`, `${x:fmt}`, `${x.field}`, `[[x]]`, `[[x:fmt]]`. */
export interface VariableUse {
  name: string;
  format: string | undefined;
  from: number;
  to: number;
}

// Grafana's own pattern (packages/grafana-data, variable interpolation), with names that begin with a letter: `$1` is a regex's.
const pattern = /\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?:\.[^:}]+)?(?::([^}]+))?\}|\[\[([A-Za-z_]\w*)(?::(\w+))?\]\]/g;

/** All variables that a text uses, Grafana's own (`__interval` …) among them. */
export function variablesIn(text: string): VariableUse[] {
  return [...text.matchAll(pattern)].map((match) => ({
    name: match[1] ?? match[2] ?? match[4] ?? '',
    format: match[3] ?? match[5],
    from: match.index,
    to: match.index + match[0].length,
  }));
}

/** Puts `value` in the place of every variable; where it is undefined, the text stays. */
export const putIn = (text: string, value: (use: VariableUse) => string | undefined): string =>
  variablesIn(text).reduceRight((whole, use) => {
    const own = value(use);
    return own === undefined ? whole : whole.slice(0, use.from) + own + whole.slice(use.to);
  }, text);

/** The variable whose value a name stands for: an interval on `auto` has its step under a name of its own. */
export const declaredAs = (name: string): string => name.replace(/^__auto_interval_(?=\w)/, '');

/** Variables that Grafana itself sets, the older ones without underscores among them. */
export const builtIn = (name: string): boolean =>
  name.startsWith('__') || ['interval', 'timeFilter', 'timeGroup'].includes(name);

const ownNames =
  '__interval __interval_ms __rate_interval __rate_interval_ms __range __range_s __range_ms __auto __from __to __user __org'.split(
    ' ',
  );

/** The variable of Grafana's that is meant by a name that differs from it by a slip of the keyboard. */
export const misspeltBuiltIn = (name: string): string | undefined =>
  /^__[a-z_]{5,}$/i.test(name) &&
  !ownNames.includes(name) &&
  !/^__(?:auto_interval_|interval_ms|timeFrom|timeTo)/.test(name)
    ? ownNames.find((one) => one.length > 6 && isSlip(one, name))
    : undefined;

export interface Replaced {
  text: string;
  /** Variables that stood where their value decides whether the text parses: not in a string, not as a range or number. */
  undecided: string[];
}

/**
 * Puts values of their kind in the place of Grafana's variables, by where they stand, so that the rest can be parsed.
 * Grafana: `$__interval`, `$__rate_interval` and `$__range` are durations, `_ms` and `_s` of them numbers.
 */
export function replaceVariables(source: string): Replaced {
  const text = withoutComments(source);
  let out = '';
  let at = 0;
  const undecided = new Set<string>();
  let quote = '';
  let depth = 0;
  const pass = (until: number): void => {
    for (; at < until; at++) {
      const c = text[at] ?? '';
      out += c;
      if (quote !== '') {
        if (c === '\\' && quote !== '`') {
          out += text[at + 1] ?? '';
          at++;
        } else if (c === quote) quote = '';
      } else if (c === '"' || c === "'" || c === '`') quote = c;
      else if (c === '{') depth++;
      else if (c === '}') depth--;
    }
  };
  for (const use of variablesIn(text)) {
    if (use.from < at) continue;
    pass(use.from);
    const before = out.trimEnd();
    const after = text.slice(use.to).trimStart();
    if (quote !== '') out += standIn;
    else if (/[[:]$/.test(before) || /\boffset\s*-?$/i.test(before)) {
      // `[$__interval_msms]` does not exist; `[${n}m]` is a number with its unit.
      out += /^(?:ms|[smhdwy])\b/.test(text.slice(use.to)) ? '5' : '5m';
    } else if (/^__(?:rate_)?(?:interval|range)(?:_m?s)?$/.test(use.name)) out += '300';
    else {
      undecided.add(use.name);
      if (depth > 0 && /[{,]$/.test(before) && /^[},]/.test(after)) out += `${standIn}="${standIn}"`;
      else if (depth > 0 && /(?:=~|!~|!=|=)$/.test(before)) out += `"${standIn}"`;
      else if (/^(?:\(|by\b|without\b)/.test(after) && !/\w$/.test(out)) out += 'sum';
      else out += standIn;
    }
    at = use.to;
  }
  pass(text.length);
  return { text: out, undecided: [...undecided] };
}

/**
 * The texts that a query can become: where a variable decides whether it parses, and its values are written down, one for each
 * of them; at most 16.
 * @param valuesOf undefined where the values are not known, or where several may be chosen at once
 */
export function readings(source: string, valuesOf: (name: string) => readonly string[] | undefined): Replaced[] {
  const first = replaceVariables(source);
  let texts = [source];
  for (const name of first.undecided) {
    const values = valuesOf(name);
    if (values === undefined || values.length === 0 || texts.length * values.length > 16) continue;
    texts = texts.flatMap((text) =>
      values.map((value) => putIn(text, (use) => (use.name === name ? value : undefined))),
    );
  }
  return texts.map((text) => replaceVariables(text));
}
