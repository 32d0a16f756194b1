import { unquote } from '../promql/literals.ts';

/** One use of a label in an annotation or label template. `asks`: only whether it is there. */
export interface LabelRead {
  label: string;
  asks: boolean;
}

/**
 * Labels of the alert that a template reads: `{{ $labels.x }}`, `{{ .Labels.x }}`, `{{ index $labels "x" }}`. Inside `range` and
 * `with` over a query the dot is a sample of that query, and its labels are not the alert's.
 */
export function labelReads(text: string): LabelRead[] {
  const reads: LabelRead[] = [];
  /** For each open block: does the dot stand for something else than the alert in it? */
  const open: boolean[] = [];
  for (const [, inner = ''] of text.matchAll(/\{\{(.*?)\}\}/gs)) {
    const [, word = ''] = /^-?\s*(else\s+(?:if|with)|if|with|range|else|end|define|block)\b/.exec(inner) ?? [];
    if (word === 'end') open.pop();
    const rebinds = open.includes(true);
    for (const [, dollar, dot, indexed, at] of inner.matchAll(
      /\$labels\.(\w+)|(?<![\w$)])\.Labels\.(\w+)|index\s+(\$labels|\.Labels)\s+"(\w+)"/g,
    )) {
      const label = dollar ?? dot ?? at ?? '';
      if (rebinds && (dot !== undefined || indexed === '.Labels')) continue;
      reads.push({ label, asks: /^(?:else )?(?:if|with|range)/.test(word.replace(/\s+/, ' ')) });
    }
    if (['if', 'with', 'range', 'define', 'block'].includes(word))
      open.push((word === 'with' || word === 'range') && !/^-?\s*with\s+(?:\$labels|\.Labels)/.test(inner));
  }
  return reads;
}

/** Labels that a template prints without asking first whether they are there. */
export function printedLabels(text: string): string[] {
  const reads = labelReads(text);
  const asked = new Set(reads.filter((one) => one.asks).map((one) => one.label));
  return [...new Set(reads.map((one) => one.label).filter((label) => !asked.has(label)))];
}

/** Does a template print the alert's value, so that each evaluation may give another text? */
export const printsValue = (text: string): boolean =>
  [...text.matchAll(/\{\{(.*?)\}\}/gs)].some(
    ([, inner = '']) => /\$value\b|(?<![\w$)])\.Value\b/.test(inner) && !/^-?\s*(?:if|else if)\b/.test(inner),
  );

const literal = String.raw`("(?:[^"\\]|\\.)*"|\`[^\`]*\`)`;
const asking = [
  new RegExp(String.raw`\bquery\s+${literal}`),
  new RegExp(String.raw`printf\s+${literal}[^|]*\|\s*query\b`),
  new RegExp(String.raw`^-?\s*(?:(?:range|with)\s+(?:\$\w+\s*:=\s*)?)?${literal}\s*\|\s*query\b`),
];

/** What printf may put in there: a duration, a number, a quoted text, a name. */
const filled = (before: string, verb: string): string =>
  /\[\s*$|\boffset\s+-?$/.test(before) ? '5m' : /[dfgeb]/.test(verb) ? '1' : verb === 'q' ? '"x"' : 'x';

/** Queries that a template asks, by what it writes down. */
export const templateQueries = (text: string): string[] =>
  [...text.matchAll(/\{\{(.*?)\}\}/gs)].flatMap(([, inner = '']) => {
    const asked = asking.map((one) => one.exec(inner)?.[1]).find((one) => one !== undefined);
    if (asked === undefined) return [];
    const query = unquote(asked);
    return [
      query
        .replace(/%[-+# 0]*[\d.]*([a-zA-Z])/g, (_, verb: string, at: number) => filled(query.slice(0, at), verb))
        .replaceAll('%%', '%'),
    ];
  });

// Source: Go's text/template, and Prometheus's template functions (template/template.go, 2.x and 3.x).
const templateFunctions = new Set(
  `and call html index slice js len not or print printf println urlquery eq ge gt le lt ne break continue
  query first label value sortByLabel strvalue safeHtml match reReplaceAll title toUpper toLower graphLink tableLink
  humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration parseDuration
  pathPrefix externalURL stripPort stripDomain args tmpl now urlQueryEscape
  true false nil if else end range with define block template`.split(/\s+/),
);

const templateToken =
  /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)+'|\$\w*|\.\w+(?:\.\w+)*|\.|:=|=|\||\(|\)|,|[-+]?\d[\w.]*|[A-Za-z_]\w*/y;

/** Why Go's template parser refuses a text, and with it Prometheus the whole file; undefined where it does not. */
export function templateFault(text: string): string | undefined {
  const declared = new Set(['$', '$labels', '$externalLabels', '$externalURL', '$value']);
  const open: string[] = [];
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', at)) {
    const comment = /^\{\{(?:-\s)?\s*\/\*.*?\*\/\s*-?\}\}/s.exec(text.slice(at))?.[0];
    if (comment !== undefined) {
      at += comment.length;
      continue;
    }
    const words: string[] = [];
    let to = at + 2;
    for (;;) {
      const end = /^\s*-?\}\}/.exec(text.slice(to));
      if (end && (words.length > 0 || end[0] !== '')) {
        to += end[0].length;
        break;
      }
      // The dash that trims white space.
      if (words.length === 0 && /^-\s/.test(text.slice(to))) to += 1;
      templateToken.lastIndex = to;
      const token = templateToken.exec(text)?.[0];
      if (token === undefined)
        return to >= text.length
          ? `"${text.slice(at, at + 30)}" is not closed`
          : `unexpected "${text.slice(to, to + 10)}" in "${text.slice(at, at + 40)}"`;
      to += token.length;
      if (token.trim() !== '') words.push(token);
    }
    const action = text.slice(at, to);
    const fault = actionFault(words, action, declared, open);
    if (fault !== undefined) return fault;
    at = to;
  }
  return open.length > 0 ? `{{ ${open.at(-1)} }} has no {{ end }}` : undefined;
}

function actionFault(
  words: readonly string[],
  action: string,
  declared: Set<string>,
  open: string[],
): string | undefined {
  const [first = ''] = words;
  if (words.length === 0) return `${action} holds nothing`;
  for (const [n, word] of words.entries())
    if (/^\$\w/.test(word) && words.slice(n + 1, n + 4).includes(':=')) declared.add(word);
  for (const [n, word] of words.entries()) {
    if (word.startsWith("'") && !/^'(?:\\.[0-7a-fA-Fx]*|[^'\\])'$/u.test(word))
      return `${word} is not a character: texts stand in double quotes, in ${action}`;
    if (word.startsWith('$') && !declared.has(word)) return `${word} is not a variable here, in ${action}`;
    if (/^[A-Za-z_]/.test(word) && !templateFunctions.has(word)) return `${word} is not a function, in ${action}`;
    if (word === '|' && (n === words.length - 1 || words[n + 1] === '|'))
      return `nothing stands behind |, in ${action}`;
  }
  const depth = words.filter((word) => word === '(').length - words.filter((word) => word === ')').length;
  if (depth !== 0) return `brackets do not match, in ${action}`;
  if (['if', 'with', 'range', 'define', 'block'].includes(first)) {
    if (words.length === 1) return `${action} lacks its condition`;
    open.push(first);
  } else if (first === 'end' && open.pop() === undefined) return '{{ end }} without a block before it';
  else if (first === 'else' && !/^(?:if|with|range)$/.test(open.at(-1) ?? ''))
    return '{{ else }} without a block before it';
  return undefined;
}
