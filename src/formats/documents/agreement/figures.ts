import { moreIsBetter, parseQuantity, type Quantity } from '../../data/quantity.ts';
import type { MarkdownDocument } from '../markdown.ts';
import { headingsAbove, type SelfClaim } from '../surroundings.ts';

const figure = String.raw`\d[\d,]*(?:\.\d+)?\s?(?:[kKMG](?![A-Za-z]))?\s?(?:%|ns|µs|μs|us|ms|s|sec|seconds?|[kKMG]i?B|bytes|(?:[a-z]+\s?)?\/\s?s(?:ec(?:ond)?)?|(?:ops?|requests?|events?|queries)\s+per\s+second|qps|rps|tps)(?![A-Za-z])`;
const limit = String.raw`(?:[<>≤≥]=?|under|below|above|over|at most|at least|within|up to)?\s*${figure}`;
/** `14 ms (target: < 10 ms)`, `8,200 ops/sec — target 10,000 ops/sec`, `14 ms vs target of 10 ms`, `14 ms, which meets the target of 10 ms`. */
const beside = new RegExp(
  String.raw`(?<![\w.<>≤≥~≈-])([~≈]?\s?${figure})[^.;|\d]{0,40}?(?:\(|\[|,|—|–|-|\bvs\.?|\bagainst\b|\bfor\b|\bmeets?\b|\bmet\b|\bwithin\b|\bof\b|\s)\s*(?:the\s+|a\s+|our\s+)?(?:target|goal|slo|objective|budget|limit|threshold|requirement)s?\b(?:\s+(?:is|was|of))?\s*[:=]?\s*(${limit})`,
  'gi',
);
const good =
  /[✅✔☑🟢]|\bPASS(?:ED|ES)?\b|(?<!not |n['’]t |un|to )\b(?:meets|met|within|achieved|exceeds|exceeded|satisfies|satisfied|beats)\b/u;
const bad =
  /[❌✖🔴⚠]|\b(?:FAIL(?:ED|S)?|not met|miss(?:es|ed)|exceeds? the (?:limit|budget|threshold)|over budget|above (?:the )?target|below (?:the )?target|short of|does not|doesn['’]t|not yet|pending|partial|need\w*|was|before|previously)\b/iu;

/** A sentence that says that its figure meets the target which stands beside it. */
export function figures(document: MarkdownDocument): SelfClaim[] {
  return document.prose.flatMap((raw, n): SelfClaim[] => {
    if (/^\s*\|/.test(raw) || !/target|goal|slo|objective|budget|limit|threshold|requirement/i.test(raw)) return [];
    const line = raw.replace(/[*_`]/g, '');
    if (!good.test(line) || bad.test(line)) return [];
    const found = [...line.matchAll(beside)];
    const [match, second] = found;
    // Several figures of one line: which mark is of which?
    if (!match || second || /\b(?:example|would|should|if|will)\b/i.test(`${line} ${headingsAbove(document, n + 1)}`))
      return [];
    const [text, own = '', wanted = ''] = match;
    const is = parseQuantity(own.replace(/\s?per\s+second/i, '/s'));
    const target = targetOf(wanted);
    if (!is || !target || is.kind !== target.kind) return [];
    const op = target.op ?? opOf(is.kind, line);
    if (op === undefined) return [];
    const met = op.startsWith('<') ? is.value <= target.value : is.value >= target.value;
    return [
      {
        line: n + 1,
        text: text.trim(),
        holds: met,
        seen: `${own.trim()} is not ${op === '<' || op === '<=' ? 'below' : 'above'} ${wanted.replace(/^[^\d]*/, '').trim()}`,
      },
    ];
  });
}

function targetOf(text: string): Quantity | undefined {
  const words = text.trim();
  const op = /^(?:<|≤|under|below|at most|within|up to)/i.test(words)
    ? '<='
    : /^(?:>|≥|above|over|at least)/i.test(words)
      ? '>='
      : undefined;
  const quantity = parseQuantity(words.replace(/^[^\d]*/, '').replace(/\s?per\s+second/i, '/s'));
  return quantity && { kind: quantity.kind, value: quantity.value, ...(op && { op }) };
}

function opOf(kind: Quantity['kind'], line: string): Quantity['op'] | undefined {
  const more = moreIsBetter(kind);
  if (more !== undefined) return more ? '>=' : '<=';
  if (/\b(?:coverage|recall|precision|accuracy|availability|uptime|hit rate|success)\b/i.test(line)) return '>=';
  return /\b(?:error|failure|miss|overhead|utili[sz]ation|cpu|loss|drop)/i.test(line) ? '<=' : undefined;
}
