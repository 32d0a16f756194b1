import { suspect } from '../surroundings.ts';
import type { MarkdownDocument } from '../markdown.ts';
import { valueOf } from '../number-ties.ts';
import type { SelfClaim } from '../surroundings.ts';

/** A number of things in brackets: of "(3 files, 1,000 lines)" the lines. */
const inBrackets = (units: string): RegExp =>
  new RegExp(String.raw`\(([^()]*?)([~≈]?)\s*(\d[\d,]*)(\+?)\s*(${units})\b[^()]*\)`, 'i');
const counted = [
  inBrackets('lines|loc'),
  inBrackets('files|tests|scripts|dashboards|panels|alerts|rules|endpoints'),
] as const;

interface Counted {
  line: number;
  text: string;
  value: number;
  unit: string;
  rough: boolean;
  least: boolean;
}

function countIn(text: string, line: number): Counted | undefined {
  const [all, before = '', rough = '', digits = '', plus = '', unit = ''] =
    counted[0].exec(text) ?? counted[1].exec(text) ?? [];
  return all === undefined || /\b(?:was|from|of)\s*$|[\d/]\s*$/i.test(before)
    ? undefined
    : {
        line,
        text: text.replace(/^[#\s]+|\*\*/g, '').slice(0, 100),
        value: valueOf(digits.replaceAll(',', '')),
        unit: unit.toLowerCase().replace('loc', 'lines'),
        rough: rough !== '',
        least: plus !== '',
      };
}

/** The line at which what a heading stands above ends, and the headings within. */
function partOf(
  { headings, prose }: MarkdownDocument,
  n: number,
): { next: number; inside: MarkdownDocument['headings'] } {
  const { line = 0, depth = 0 } = headings[n] ?? {};
  const next = headings.slice(n + 1).find((one) => one.depth <= depth)?.line ?? prose.length + 1;
  return { next, inside: headings.filter((one) => one.line > line && one.line < next) };
}

/** "Manifests (900 lines)" above parts of which each has its lines, and which come to another number. */
export function headingSums(document: MarkdownDocument): SelfClaim[] {
  const { headings, prose } = document;
  const ofHeadings = headings.flatMap((heading, n): SelfClaim[] => {
    const whole = countIn(prose[heading.line - 1] ?? '', heading.line);
    if (!whole) return [];
    const { next, inside } = partOf(document, n);
    const depth = Math.min(...inside.map((one) => one.depth));
    const lines =
      inside.length > 0
        ? inside.filter((one) => one.depth === depth).map((one) => one.line)
        : prose
            .slice(heading.line, next - 1)
            .flatMap((one, m) => (/^(?:[-*+]|\d+[.)])\s/.test(one) ? [heading.line + m + 1] : []));
    const parts = lines.map((line) => countIn(prose[line - 1] ?? '', line));
    if (parts.length < 2 || parts.some((part) => part?.unit !== whole.unit)) return [];
    const known = parts.flatMap((part) => part ?? []);
    const sum = known.reduce((all, part) => all + part.value, 0);
    // Lines are rounded; more than at least so many is no fault.
    const room =
      whole.rough || known.some((part) => part.rough || part.least) ? 0.25 : whole.unit === 'lines' ? 0.1 : 0;
    const holds = (whole.least && sum >= whole.value) || Math.abs(sum - whole.value) <= room * whole.value;
    return [suspect(whole.line, whole.text, holds, `its ${known.length} parts come to ${sum}`)];
  });
  return [...ofHeadings, ...leadSums(document), ...routeSums(document), ...numberedFiles(document)];
}

const lead =
  /^\s*(?:[-*+]\s+)?(?:total:?\s+)?(\d{1,3}) (?:[a-z-]+ ){0,2}?([a-z]+s)\b(?:\s+(?:across|in|over|grouped|organi[sz]ed|split)\b[^.]*)?:?\s*$/i;
const ofPart = /\((\d{1,3}) (?:[a-z-]+ ){0,2}?([a-z]+s)\)\s*$/i;

/** "26 alert rules across 6 categories:" above headings "API (4 rules)", "Search (2 rules)" … that come to another number. */
function leadSums(document: MarkdownDocument): SelfClaim[] {
  const { headings, prose } = document;
  return headings.flatMap((heading, n): SelfClaim[] => {
    const { inside } = partOf(document, n);
    const [first] = inside;
    if (!first) return [];
    const at = prose.slice(heading.line, first.line - 1).findLastIndex((text) => text.trim() !== '');
    const [, said = '', noun = ''] =
      at < 0 ? [] : (lead.exec((prose[heading.line + at] ?? '').replace(/[*_`]/g, '')) ?? []);
    if (said === '') return [];
    const parts = inside
      .filter((one) => one.depth === first.depth)
      .map((one) => ofPart.exec((prose[one.line - 1] ?? '').replace(/[*_`]/g, '')));
    if (parts.length < 2 || parts.some((part) => part?.[2]?.toLowerCase() !== noun.toLowerCase())) return [];
    const sum = parts.reduce((all, part) => all + Number(part?.[1]), 0);
    return [
      suspect(
        heading.line + at + 1,
        (prose[heading.line + at] ?? '').replace(/[*_`]/g, '').trim(),
        sum === Number(said),
        `the ${parts.length} parts below it come to ${sum}`,
      ),
    ];
  });
}

const filesIn = /\((\d{1,3}) (?:files|documents|deliverables|scripts|arquivos|archivos|fichiers|dateien)\)\s*$/iu;

/** "Deliverables (15 files)" above one list, numbered through all its parts, whose last file has another number. */
function numberedFiles(document: MarkdownDocument): SelfClaim[] {
  const { headings, prose } = document;
  return headings.flatMap((heading, n): SelfClaim[] => {
    const said = Number(filesIn.exec(heading.text)?.[1]);
    if (!Number.isInteger(said)) return [];
    const { next } = partOf(document, n);
    const items = prose.slice(heading.line, next - 1).flatMap((line) => {
      const [, digits, text = ''] = /^(\d{1,3})[.)]\s+(.*)$/.exec(line) ?? [];
      return digits === undefined ? [] : [{ number: Number(digits), isFile: /`[^`\s]+\.\w+`/.test(text) }];
    });
    if (items.length < 3 || !items.every((one, at) => one.isFile && one.number === at + 1)) return [];
    return [suspect(heading.line, heading.text, items.length === said, `the list below it has ${items.length} files`)];
  });
}

const totalOfRoutes =
  /\btotal\b\W{0,3}(\d{1,3}) (?:[a-z]+ )?(?:endpoints|routes)\b|\b(\d{1,3}) (?:[a-z]+ )?(?:endpoints|routes) (?:in )?total\b/i;
const route = /^\s*(?:[-*+]|\d+[.)]|\|)\s*[^\p{L}\p{N}`]*`?(GET|POST|PUT|PATCH|DELETE)\b[\s`|]*(\/[^\s`|]*)/u;

/** "Total: 18 endpoints" below lists of one route a line that come to another number. */
function routeSums({ headings, prose }: MarkdownDocument): SelfClaim[] {
  return prose.flatMap((raw, n): SelfClaim[] => {
    const text = raw.replace(/[*_`]/g, '').trim();
    const match = totalOfRoutes.exec(text);
    if (!match || text.startsWith('|')) return [];
    // The lists stand in the part that the total ends, or in the one around it.
    const own = headings.findLast((one) => one.line <= n);
    const around = own && headings.findLast((one) => one.line < own.line && one.depth < own.depth && one.depth > 1);
    const counts = [own, around].flatMap((from) =>
      from
        ? [
            new Set(
              prose.slice(from.line, n).flatMap((line) => {
                const [, verb, path] = route.exec(line) ?? [];
                return path === undefined ? [] : [`${verb} ${path}`];
              }),
            ).size,
          ]
        : [],
    );
    const said = Number(match[1] ?? match[2]);
    const is = counts.at(-1) ?? 0;
    if (is < 3 || Math.abs(is - said) > Math.max(2, said * 0.2)) return [];
    return [suspect(n + 1, text, counts.includes(said), `${is} are listed above it`)];
  });
}
