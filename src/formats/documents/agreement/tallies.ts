import { suspect } from '../surroundings.ts';
import type { MarkdownDocument, TableSeen } from '../markdown.ts';
import type { SelfClaim } from '../surroundings.ts';

const passed = /^\W*(?:pass(?:ed|ing|es)?|succeeded|ok|green|✅)\W*$/iu;
const failed = /^\W*(?:fail(?:ed|ing|ures?)?|errors?|broken|❌)\W*$/iu;
const skipped = /^\W*(?:skip(?:ped)?|ignored|pending|todo|disabled)\W*$/iu;
const total = /^\W*(?:total|tests|all|run|executed|count|# tests|tests run)\W*$/iu;
const share = /^\W*(?:pass rate|success rate|rate|%|percent(?:age)?|pass %)\W*$/iu;
const numberOf = (cell: string | undefined): number | undefined => {
  // `70+` is no number to count with.
  const match = /^[^\w+~≈<>]*(\d[\d,]*)(?:\s*(?:tests?|passed|failed))?[^\w+]*$/i.exec(
    (cell ?? '').replace(/[*_`]/g, ''),
  );
  return match ? Number((match[1] ?? '').replaceAll(',', '')) : undefined;
};

/** What was passed, failed and skipped, against the number of all and the share: in tables and in sentences. */
export function tallies(document: MarkdownDocument): SelfClaim[] {
  return [...document.tables.flatMap(ofTable), ...ofProse(document)];
}

function ofTable({ header, rows }: TableSeen): SelfClaim[] {
  const at = (pattern: RegExp): number => header.findIndex((head, n) => n > 0 && pattern.test(head));
  const [pass, fail, skip, all, rate] = [passed, failed, skipped, total, share].map(at) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (pass < 0 || (all < 0 && rate < 0)) return [];
  // A column that is none of them may be counted too.
  const known = new Set([0, pass, fail, skip, all, rate]);
  const others = header.some((_, n) => !known.has(n) && rows.some(({ cells }) => numberOf(cells[n]) !== undefined));
  return rows.flatMap(({ cells, line }): SelfClaim[] => {
    const [p, f, s, t] = [pass, fail, skip, all].map((n) => (n < 0 ? undefined : numberOf(cells[n])));
    const said = /(\d{1,3}(?:\.(\d+))?)\s?%/.exec(rate < 0 ? '' : (cells[rate] ?? ''));
    const name = `${cells[0] ?? ''}: ${header
      .map((head, n) => (n > 0 && known.has(n) ? `${cells[n]} ${head}` : ''))
      .filter(Boolean)
      .join(', ')}`;
    if (p === undefined) return [];
    const sum = p + (f ?? 0) + (s ?? 0);
    if (t !== undefined && !others && fail >= 0 && f !== undefined && (sum !== t || t === 0))
      // Without a column of them some may have been skipped.
      return t === 0
        ? []
        : [
            {
              line,
              text: name,
              holds: false,
              seen: `they come to ${sum} of ${t}`,
              ...(skip < 0 && sum < t && { level: 'warning' as const }),
            },
          ];
    const whole = t ?? sum;
    if (said && whole > 0 && !others) {
      const is = [(100 * p) / whole, (100 * p) / Math.max(1, p + (f ?? 0))];
      const room = 10 ** -(said[2]?.length ?? 0);
      if (!is.some((one) => Math.abs(one - Number(said[1])) < room))
        return [{ line, text: name, holds: false, seen: `${p} of ${whole} are ${Number((is[0] ?? 0).toFixed(1))}%` }];
    }
    return t !== undefined || said ? [{ line, text: name, holds: true, seen: `${p} of ${whole}` }] : [];
  });
}

const run =
  /(?<![\d.,/])(\d[\d,]*)\s+(?:tests?\s+)?pass(?:ed|ing)?\b[^.|\n]{0,24}?(?<![\d.,/])(\d[\d,]*)\s+(?:tests?\s+)?fail(?:ed|ing|ures?)?\b/i;
const allGreen =
  /\b100(?:\.0+)?\s?%\s*(?:of\s+)?(?:the\s+)?(?:tests?\s+)?(?:pass(?:ed|ing|es)?(?:\s+rate)?|success(?:ful)?(?:\s+rate)?|green)\b|\ball(?:\s+(?:unit|integration|the|\d+))*\s+tests\s+(?:are\s+)?(?:pass(?:ed|ing)?|green)\b/i;

/** "148 passed, 6 failed (100% pass rate)", and two runs that are told of as one. */
function ofProse({ prose }: MarkdownDocument): SelfClaim[] {
  const found: SelfClaim[] = [];
  const seen: { line: number; text: string; pass: number; fail: number }[] = [];
  for (const [n, raw] of prose.entries()) {
    const line = raw.replace(/[*_`]/g, '');
    const match = run.exec(line);
    if (!match) continue;
    const [pass, fail] = [match[1], match[2]].map((digits) => Number((digits ?? '').replaceAll(',', ''))) as [
      number,
      number,
    ];
    if (fail > 0 && allGreen.test(line))
      found.push({
        line: n + 1,
        text: line.trim().slice(0, 100),
        holds: false,
        seen: `${fail} of ${pass + fail} failed`,
      });
    else {
      const said = /(\d{1,3}(?:\.(\d+))?)\s?%/.exec(line);
      const is = (100 * pass) / Math.max(1, pass + fail);
      if (
        said &&
        /\b(?:rate|pass|success)/i.test(line.slice(Math.max(0, said.index - 16))) &&
        Math.abs(is - Number(said[1])) >= 10 ** -(said[2]?.length ?? 0)
      )
        found.push({
          line: n + 1,
          text: line.trim().slice(0, 100),
          holds: false,
          seen: `${pass} of ${pass + fail} are ${Number(is.toFixed(1))}%`,
        });
    }
    if (
      !/^\s*\||\b(?:before|after|baseline|initial\w*|previous\w*|was|were|from|now|then|day|run|phase|attempt|iteration)\b/i.test(
        line,
      )
    )
      seen.push({ line: n + 1, text: match[0], pass, fail });
  }
  const [first, second, third] = seen;
  // Of two runs with as many tests, one with failures: which was the last?
  if (first && second && !third && first.pass + first.fail === second.pass + second.fail && first.fail !== second.fail)
    found.push(suspect(second.line, second.text, false, `line ${first.line} says ${first.text}`));
  return found;
}
