import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { lengthOfTime } from './reading.ts';

/** A setting that a document gives a value. */
export interface Said {
  line: number;
  name: string;
  value: string;
  context: string;
  /** It is said of what holds without being set. */
  byDefault: boolean;
  /** It stands in a table or as an assignment: it may be what the reader is to set. */
  bare?: true;
  /** The settings of the same table. */
  beside?: readonly string[];
}

const figure = String.raw`(?:${lengthOfTime}|\d[\d,]*(?:\.\d+)?[ -](?:µs|microseconds?|[KMGT]i?B)\b|\d[\w.,]*%?)`;
const value = String.raw`"?\`?"?(?<value>${figure}|true|false|on|off|enabled|disabled|"[^"\`]{1,40}")"?\`?"?`;
/** In back-ticks a word is a value as well. */
const anyValue = String.raw`(?:${value}|\`(?<word>[\w./:@-]{1,60})\`)`;
const name = String.raw`-{0,2}[A-Za-z][\w.-]{3,}`;
const named = String.raw`\`(?<name>${name})\``;
const inProse = [
  new RegExp(
    String.raw`${named}\)?\s+(?:is|are)\s+(?:currently\s+)?(?:set|configured|limited|fixed)?\s*(?:to|at)?\s*${anyValue}(?=[\s,.;)]|$)`,
    'g',
  ),
  new RegExp(String.raw`\`(?<name>${name})\s*[=:]\s*${value}\``, 'g'),
  new RegExp(
    String.raw`\`(?<name>${name})(?:[ =]<?[\w-]*>?)?\`\)?\s*(?:\(|—|–|-|:|,?\s*(?:which|that))?\s*\(?(?:defaults?\s+to|default(?:\s+is)?\s*[:=]?|by default)\s*${anyValue}`,
    'gi',
  ),
  // "a `merge_factor` of 10 by default"
  new RegExp(String.raw`\`(?<name>${name})\`\s+of\s+${anyValue} by default`, 'gi'),
  // "1000 (`maxBatchSize`)", "dead after two minutes without a heartbeat (`--worker-timeout`)"
  new RegExp(
    String.raw`(?<![\w.,/–-])(?:(?<value>${figure})(?![\w/–-])|\`(?<word>[./][\w./-]{1,60})\`)[^.;|()\`\d]{0,40}\(\`(?<name>${name})\`\)`,
    'gi',
  ),
];
const inBrackets = new RegExp(String.raw`\(default(?:s to|\s+is)?\s*[:=]?\s*${anyValue}(?=[\s,.;)])`, 'i');
/** Words before a value that is one of several: of a condition, an instruction, one place. */
const chosen =
  /\b(?:if|when(?:ever)?|unless|while|where|until|once|whether|only|sure|ensure|verify|check|confirm|assum\w+|requires?)\b/i;
const instructs =
  /\b(?:set(?:ting)?|flip\w*|toggl\w*|switch\w*|turn\w*|us(?:e|ing)|with|without|via|by|through|change|try|increas\w+|rais\w+|lower|decreas\w+|reduc\w+|pass(?:ing)?|run|overrid\w+|enabl\w+|disabl\w+|can|need\w*|for|export|to|then)\b|[^\P{L}a-zA-Z]/iu;
const asserts = /\b(?:(?:we|it) (?:currently )?(?:run|use|set)s?|runs with|currently)\b/i;
/** The sentence does not say how things are. */
const unsettled =
  /\b(?:no longer|not yet|planned|will|would|future|removed|deprecated|instead of|rather than|was|were|used to|previously|formerly|e\.g|for example|such as|should|could|recommend\w*|suggest\w*|increas\w+|rais\w+|reduc\w+|lower\w*|chang\w+|set|if|when)\b/i;
const wasSo = /\b(?:previously|formerly|used to|was|will|planned|no longer)\b/i;
/** "listens on port 7430 by default (`http_port`)": one name, one number. */
const around = /\bby default\b|\bdefaults?\b/i;

/** The settings that a document's sentences and tables give a value. */
export function saidSettings(parsed: MarkdownDocument): Said[] {
  const found: Said[] = [];
  for (const [n, line] of parsed.prose.entries()) {
    if (/^\s*\|/.test(line)) continue;
    const told = inSentences(line, n, parsed);
    found.push(...(told.length > 0 ? told : inBracketsOf(line, n, parsed)));
  }
  return [...found, ...inTables(parsed), ...replicasIn(parsed)];
}

function inSentences(line: string, n: number, parsed: MarkdownDocument): Said[] {
  const found: Said[] = [];
  for (const [at, pattern] of inProse.entries())
    for (const { 0: text, index, groups = {} } of line.matchAll(pattern)) {
      // "`A`, `B` or `C` (default: `A`)": the value is one of theirs, the setting another's.
      if (at === 2 && /`,?\s+or\s+$/.test(line.slice(0, index))) continue;
      const { name: one = '', value: is = groups['word'] ?? '' } = groups;
      const from = Math.max(0, ...[...line.slice(0, index).matchAll(/[.;!?]\s|\|/g)].map((end) => end.index + 1));
      const context =
        line.slice(from, index) +
        text +
        (/^(?:[^.;|!?]|[.!?](?=\S))*/.exec(line.slice(index + text.length))?.[0] ?? '');
      const byDefault = at === 4 || around.test(context);
      const lead = `${parsed.prose[n - 1] ?? ''} ${line.slice(0, index)}`.replace(/`[^`]*`/g, ' ');
      // "`x = 5`" alone may be what the reader is told to write.
      const isBare = at === 1;
      // "`X=1` enables it" says what it does, not what holds.
      if (
        isBare &&
        (/^(?:true|false)$/i.test(is) ||
          /^`?\W{0,3}(?:(?:only|also|additionally) )?(?:enables?|disables?|turns?|makes?|allows?|lets?|keeps?|forces?|means|switch\w*|adds?|skips?|excludes?|includes?)\b/i.test(
            line.slice(index + text.length),
          )) &&
        !asserts.test(lead)
      )
        continue;
      if (!byDefault && (chosen.test(lead) || (isBare && instructs.test(lead) && !asserts.test(lead)))) continue;
      if (at === 4 && (unsettled.test(context) || found.some((other) => other.name === one))) continue;
      found.push({
        line: n + 1,
        name: one,
        value: is,
        // "(default 30 s)" right behind the name says so whatever the sentence is about.
        context: at > 3 || (at > 1 && !wasSo.test(context)) ? '' : context,
        byDefault,
        ...(isBare && { bare: true }),
      });
    }
  return found;
}

/** "(default 30s)" behind the one name of its line. */
function inBracketsOf(line: string, n: number, parsed: MarkdownDocument): Said[] {
  const spans = parsed.spans.filter((span) => span.line === n + 1);
  const [only] = spans;
  const bare = line.replace(/`[^`]*`/g, ' ');
  const numbers = bare.match(/(?<![\w.])\d+(?![\w.]*\w)/g) ?? [];
  // "RFC 3550 §6.3.5 time-out (default 30s)": what stands behind the word, and no other number.
  const { value: own, word = own } = inBrackets.exec(line)?.groups ?? {};
  const given = word ?? (bare.match(/\d[\w.,]*/g)?.length === 1 ? numbers[0] : undefined);
  return spans.length === 1 &&
    only &&
    new RegExp(`^${name}$`).test(only.text) &&
    given !== undefined &&
    around.test(line) &&
    !endsBetween(line, `\`${only.text}\``, given)
    ? [{ line: n + 1, name: only.text, value: given, context: line, byDefault: true }]
    : [];
}

function inTables(parsed: MarkdownDocument): Said[] {
  const found: Said[] = [];
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex(
      (head, n) => n > 0 && /^\W*(?:defaults?|default value|value|current value)\W*$/i.test(head),
    );
    if (
      at < 0 ||
      !/\b(?:setting|key|name|option|flag|parameter|variable|constant|field|property|config\w*|argument)s?\b/i.test(
        header[0] ?? '',
      )
    )
      continue;
    const beside = rows.map(({ cells }) => settingOf(cells[0] ?? ''));
    for (const { cells, line } of rows) {
      const one = settingOf(cells[0] ?? '');
      const is = /^`?"?([^\s`"|]+|\d\S* [a-zµA-Z]+)"?`?$/.exec((cells[at] ?? '').trim())?.[1];
      if (is !== undefined && new RegExp(`^${name}$`).test(one))
        found.push({
          line,
          name: one,
          value: is,
          context: cells.join(' '),
          byDefault: /default/i.test(header[at] ?? ''),
          bare: true,
          beside,
        });
    }
  }
  return found;
}

/** Does a clause end between the two, so that the one is not said of the other? */
function endsBetween(line: string, name: string, number: string): boolean {
  const [from, to] = [line.indexOf(name), line.lastIndexOf(number)];
  return /;|[.!?]\s/.test(from < to ? line.slice(from + name.length, to) : line.slice(to + number.length, from));
}

const settingOf = (cell: string): string => {
  const text = cell.replace(/`/g, '').trim();
  return /(?:^|[\s,/])(--[a-z][\w-]+)/.exec(text)?.[1] ?? text;
};

/** "`k8s/x.yaml` runs 5 replicas" */
function replicasIn(parsed: MarkdownDocument): Said[] {
  return parsed.prose.flatMap((line, n): Said[] => {
    const count = /(?<![\w.-])(\d{1,3})\s+replicas\b/i.exec(line)?.[1];
    return count === undefined || !/`[^`]+\.ya?ml`/.test(line)
      ? []
      : [{ line: n + 1, name: 'replicas', value: count, context: line, byDefault: false }];
  });
}
