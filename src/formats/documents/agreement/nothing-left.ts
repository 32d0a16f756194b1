import type { MarkdownDocument } from '../markdown.ts';
import { headingAbove, type SelfClaim } from '../surroundings.ts';

const nouns =
  'blockers?|known issues?|outstanding(?: issues?| items?| work| tasks?)?|open issues?|open items?|remaining(?: issues?| work| tasks?| items?)|limitations?|failures?|bugs?';
const none = new RegExp(
  String.raw`^\W*(?:(${nouns})\W*:\W*(?:none|no|zero|0|nothing|n\/a)\b\W*(?:[—–-].*)?$|(?:there (?:are|is) )?(?:no|zero)\s+(${nouns})\b\W*(?:remain(?:s|ing)?|left|exist)?\W*$)`,
  'iu',
);
const settled =
  /\[x\]|[✅✔☑]|~~|\b(?:fixed|resolved|closed|done|none|n\/a|solved|addressed|mitigated|workaround|no longer|completed|optional|future|deferred|accepted|by design|won['’]t)\b/iu;
const stem = (noun: string): string => noun.toLowerCase().replace(/s$/, '').split(' ').at(-1) ?? '';

/** "Outstanding issues: None" beside a section "Known issues" that lists some. */
export function nothingLeft(document: MarkdownDocument): SelfClaim[] {
  return document.prose.flatMap((raw, n): SelfClaim[] => {
    const match = none.exec(raw.replace(/[*_`]/g, '').replace(/^\s*[-+]\s+/, ''));
    const noun = match?.slice(1).find(Boolean);
    if (noun === undefined) return [];
    const own = headingAbove(document, n + 1);
    for (const [at, heading] of document.headings.entries()) {
      if (heading.line <= n + 1 && heading.text === own) continue;
      const words = heading.text.toLowerCase();
      if (!alike(noun, words) || /\b(?:resolved|fixed|closed|previous|past|future|next|template|risk)\b/.test(words))
        continue;
      const end = document.headings[at + 1]?.line ?? document.prose.length + 1;
      const items = document.prose
        .slice(heading.line, end - 1)
        .map((text, m) => ({ text, line: heading.line + m + 1 }))
        .filter(({ text }) => /^(?:[-*+]|\d+[.)])\s+\S/.test(text));
      const [first] = items;
      if (!first || settled.test(document.prose.slice(heading.line, end - 1).join(' '))) continue;
      return [
        {
          line: n + 1,
          text: raw.replace(/[*_`]/g, '').trim().slice(0, 100),
          holds: false,
          seen: `"${heading.text}" at line ${heading.line} lists ${items.length}, the first: ${first.text.replace(/^[-*+\d.)\s]+/, '').slice(0, 60)}`,
          // The same word, or only a like one?
          ...(!words.includes(stem(noun)) && { level: 'warning' as const }),
        },
      ];
    }
    return [];
  });
}

const alike = (noun: string, heading: string): boolean =>
  new RegExp(String.raw`^\W*(?:\d+\.?\s*)?(?:current |remaining |open |known )?(?:${nouns})\W*$`, 'i').test(heading) &&
  (heading.includes(stem(noun)) ||
    (/issue|outstanding|open|remaining|bug/i.test(noun) &&
      /issue|outstanding|open|remaining|bug|blocker/i.test(heading)));
