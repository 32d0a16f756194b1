import { parseQuantity } from '../../data/quantity.ts';
import type { MarkdownDocument } from '../markdown.ts';
import type { SelfClaim } from '../surroundings.ts';

const value = String.raw`[~≈]?\d[\d,]*(?:\.\d+)?\s?[kKMG]?\s?(?:%|[a-zA-Zµμ]+(?:\/[a-z]+)?)?`;
const change = String.raw`([+-−]?)(\d{1,4}(?:\.\d+)?)\s?(%|x\b|×|(?:percentage[ -])?points?\b|pp\b)`;
/** `from 100 ms to 80 ms (20% faster)`, `10,000 → 15,000 ops/s (+50%)`. */
const inProse = new RegExp(
  String.raw`(?:\bfrom\s+)?(?<![\d.,])(${value})\s*(?:\bto\b|→|->|⟶|=>)\s*(${value})(?:\s(?:[a-z]+\s)?per\s[a-z]+)?\s*(?:,\s*|:\s*|—\s*|–\s*|\()\s*(?:an?\s+|by\s+|i\.e\.\s+)?(?:(?:improvement|increase|gain|rise|reduction|drop|decrease) of\s+)?${change}(?!\s*(?:of|for|on|in|at|with)?\s*[a-z]*(?:cover|complete|done|confiden|accura|pass|success|target|goal|cpu|memory|load|users|requests|quantile|percentile|hit|cache))`,
  'g',
);
/** `2x faster (12.0 ms → 9.0 ms)` */
const turned = new RegExp(
  String.raw`(?<![\d.,])${change}\s(?:faster|slower|quicker|smaller|higher|lower|less|more|improvement|speed-?up|reduction|increase)\s*(?:\(|:\s*|,\s*|—\s*|–\s*)(?:from\s+)?(${value})\s*(?:\bto\b|→|->)\s*(${value})`,
  'gi',
);
const heads = {
  before: /^\W*(?:before|old|previous|baseline|from|vorher|avant|antes)\b(?!.*%)/i,
  after: /^\W*(?:after|new|now|current|to|nachher|après|después|optimi[sz]ed)\b(?!.*%)/i,
  change:
    /^\W*(?:change|improvement|delta|Δ|speed-?up|reduction|gain|difference|diff|increase|decrease)\W*(?:\(?%\)?)?\W*$/i,
};

/** Changes that do not follow from the two numbers that they stand beside. */
export function changes(document: MarkdownDocument): SelfClaim[] {
  const found: SelfClaim[] = [];
  for (const [n, raw] of document.prose.entries()) {
    if (!/%|x\b|×|points?\b/.test(raw)) continue;
    const line = raw.replace(/[*`_]/g, '');
    for (const match of line.matchAll(inProse)) {
      const [text, from = '', to = '', sign = '', digits = '', unit = ''] = match;
      const claim = verdict(from, to, `${sign}${digits}${unit}`);
      if (claim) found.push({ line: n + 1, text: text.trim(), ...claim });
    }
    for (const [text, sign = '', digits = '', unit = '', from = '', to = ''] of line.matchAll(turned)) {
      const claim = verdict(from, to, `${sign}${digits}${unit}`);
      if (claim) found.push({ line: n + 1, text: text.trim(), ...claim });
    }
  }
  for (const { header, rows } of document.tables) {
    const [before, after, by] = [heads.before, heads.after, heads.change].map((head) =>
      header.findIndex((one) => head.test(one)),
    );
    // Of two columns of what came after, the change is of one.
    if ([heads.before, heads.after].some((head) => header.filter((one) => head.test(one)).length > 1)) continue;
    if (before === undefined || after === undefined || by === undefined || before < 1 || after < 1 || by < 1) continue;
    for (const { cells, line } of rows) {
      const [a, b, said] = [cells[before] ?? '', cells[after] ?? '', cells[by] ?? ''];
      const claim = verdict(a, b, said);
      if (claim) found.push({ line, text: `${cells[0] ?? ''}: ${a} → ${b}, ${said}`, ...claim });
    }
  }
  return found;
}

const wordBehind = (text: string): string | undefined => /\d\s?([a-z]{3,}?)s?\b/i.exec(text)?.[1]?.toLowerCase();

/** Every way in which a change of a to b may be told: of the first, of the second, as a factor. */
function verdict(from: string, to: string, said: string): Pick<SelfClaim, 'holds' | 'seen' | 'level'> | undefined {
  const [a, b] = [quantity(from, to), quantity(to, from)];
  const match = /^\W*?([+\-−]?)\s*(\d{1,4}(?:\.(\d+))?)\s?(%|x\b|×|(?:percentage[ -])?points?\b|pp\b)/.exec(said);
  // Words that are no units known here: 3 days are not more than 4 hours.
  const [one, other] = [wordBehind(from), wordBehind(to)];
  if (a?.kind === 'count' && one !== undefined && other !== undefined && one !== other) return undefined;
  if (!match || !a || !b || a.kind !== b.kind || a.value <= 0 || b.value <= 0 || a.value === b.value) return undefined;
  const [, sign = '', digits = '', fraction = '', unit = ''] = match;
  const is = Number(digits);
  const [small, large] = [Math.min(a.value, b.value), Math.max(a.value, b.value)];
  if (unit.startsWith('p')) {
    // The points of a test or a board are none of a hundred.
    if (a.kind !== 'percent') return undefined;
    const points = 100 * (large - small);
    const fits = Math.abs(points - is) <= 10 ** -fraction.length;
    return {
      holds: fits,
      level: 'warning',
      seen: `${from.trim()} to ${to.trim()} is ${Number(points.toPrecision(3))} points`,
    };
  }
  const less = 100 * (1 - small / large);
  const more = 100 * (large / small - 1);
  // With a sign it is said of the first number; without, a quarter more and a fifth less are told alike.
  const ways =
    unit !== '%'
      ? [large / small, large / small - 1]
      : sign === '' || sign === '+'
        ? [less, more]
        : [b.value < a.value ? less : more];
  // Parts of a hundred may also be told in points.
  if (a.kind === 'percent') ways.push(100 * (large - small));
  const rough = /[~≈]|about|around|over|nearly|almost|up to/i.test(`${from}${to}${said}`) ? 0.12 : 0;
  const room = (unit === '%' ? 1 : 0.5) * 10 ** -fraction.length;
  const fits = ways.some(
    (way) =>
      Math.abs(way - is) <= room + way * rough + rounding(from, to, unit === '%' ? 100 : 1) * Math.max(1, way / 100),
  );
  const shown = unit === '%' ? (b.value < a.value ? less : more) : large / small;
  // What one part adds to a whole is told in its points.
  if (!fits && a.kind === 'percent') return undefined;
  return {
    holds: fits,
    // There are more ways to tell a change than are known here.
    level: 'warning',
    seen: `${from.trim()} to ${to.trim()} is ${Number(shown.toPrecision(3))}${unit === '%' ? '%' : 'x'}`,
  };
}

/** What the last digits of two figures leave open, of a share or a factor. */
function rounding(from: string, to: string, of: number): number {
  const part = (text: string): number => {
    const [digits = '1'] = /\d[\d,]*(?:\.\d+)?/.exec(text) ?? [];
    const last = 10 ** -(digits.split('.')[1]?.length ?? 0);
    return (0.5 * last) / Math.max(Number(digits.replaceAll(',', '')), last);
  };
  return of * (part(from) + part(to)) * (of === 1 ? 3 : 1);
}

/** A number without a unit has that of the other. */
function quantity(text: string, other: string): ReturnType<typeof parseQuantity> {
  const bare = text.replace(/[*`_]/g, '').trim();
  const unit = /^[~≈]?\s*\d[\d,.]*\s*([kKMG]?\s?(?:%|[a-zA-Zµμ/]+))\s*$/.exec(other.replace(/[*`_]/g, '').trim())?.[1];
  const whole = /\d\s*$/.test(bare) && unit !== undefined ? `${bare} ${unit}` : bare;
  // "2,400 events": what is counted has a name, and no unit.
  return parseQuantity(whole) ?? parseQuantity(whole.replace(/\s[a-z]{4,}$/i, ''));
}
