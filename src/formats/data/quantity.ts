import { grouped } from '../../core/words.ts';

/** What a number is of. Base units: seconds, bytes, per second, bytes per second, parts of one, pieces. */
export type Kind = 'time' | 'bytes' | 'rate' | 'byterate' | 'percent' | 'count';

/** A number with its unit, in the base unit of its kind; `op` where a comparison stands before it. */
export interface Quantity {
  kind: Kind;
  value: number;
  op?: '<' | '<=' | '>' | '>=';
}

const times: Record<string, number> = {
  ps: 1e-12,
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  min: 60,
  h: 3600,
};
const sizes: Record<string, number> = {
  B: 1,
  byte: 1,
  bytes: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};
const scales: Record<string, number> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9, B: 1e9 };
const perSecond =
  /^(?:[A-Za-z]+\s*)?(?:\/|per\s+)\s*(?:s|sec|secs|second|seconds)$|^(?:qps|rps|tps|ops|iops|Hz|a second)$/i;

/** Kind and factor of a unit; undefined where it is none that is known. */
export function unitOf(text: string): { kind: Kind; factor: number } | undefined {
  const unit = text.trim();
  if (unit === '') return { kind: 'count', factor: 1 };
  if (unit === '%') return { kind: 'percent', factor: 0.01 };
  const time = own(times, unit) ?? own(times, unit.toLowerCase());
  if (time !== undefined) return { kind: 'time', factor: time };
  const perOperation = /^(\S+)\s*\/\s*(?:op|ops|iter|iteration|call|operation)$/.exec(unit);
  if (perOperation) return unitOf(perOperation[1] ?? '');
  const size = own(sizes, unit);
  if (size !== undefined) return { kind: 'bytes', factor: size };
  const throughput = /^([kKMGT]?i?B)(?:ytes)?\s*\/\s*s(?:ec)?$/.exec(unit);
  if (throughput) return { kind: 'byterate', factor: own(sizes, throughput[1] ?? '') ?? 1 };
  const scaled =
    /^([kKMG])\s*((?:ops?|reqs?|requests?|elem(?:ent)?s?|items?|rows?|events?|messages?|qps|rps|tps)\b.*)$/.exec(unit);
  if (scaled && perSecond.test(scaled[2] ?? '')) return { kind: 'rate', factor: scales[scaled[1] ?? ''] ?? Number.NaN };
  return perSecond.test(unit) ? { kind: 'rate', factor: 1 } : undefined;
}

const own = (table: Record<string, number>, key: string): number | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/**
 * Reads `4.1 µs`, `< 10ms`, `≥ 10K ops/s`, `1,200`, `64 MiB`, `+25%`, `**2.0 ms** ± 0.1`, also where the unit stands in the
 * table's head. Undefined for what is no single number: ranges, words, an unknown unit.
 */
export function parseQuantity(text: string, headUnit = ''): Quantity | undefined {
  const plain = text
    .replace(/[*`_]/g, '')
    .replace(/\s*(?:±|\+\/-|\(±?).*$/, '')
    .trim();
  const match =
    /^(<=|>=|≤|≥|<|>|~|≈|\+)?\s*(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([kKMGB](?![A-Za-z]))?\s*(.*)$/.exec(
      plain,
    );
  if (!match) return undefined;
  const [, sign = '', digits = '', letter = '', rest = ''] = match;
  const said = rest.replace(/\s+(?:or (?:less|more)|max|min(?:imum)?|at (?:most|least))$/i, '').trim();
  // A bare B is bytes as in `512 B`, not a billion, unless something is counted per second.
  const bytes = letter === 'B' && /^(?:\/.*)?$/.test(said);
  const unit = unitOf(bytes ? `B${said}` : said === '' ? headUnit : said);
  if (!unit) return undefined;
  const scale = letter === '' || bytes ? 1 : (own(scales, letter) ?? 1);
  const value = Number(digits.replaceAll(',', '')) * scale * unit.factor;
  const ops: Record<string, Quantity['op']> = { '<': '<', '<=': '<=', '≤': '<=', '>': '>', '>=': '>=', '≥': '>=' };
  const op = ops[sign];
  return Number.isFinite(value) ? { kind: unit.kind, value, ...(op && { op }) } : undefined;
}

/** The unit that a table's head gives in brackets: `P95 (ms)`, `throughput [ops/s]`. */
export function headUnit(head: string): string {
  for (const [, inner = ''] of head.matchAll(/[([]([^)\]]+)[)\]]/g)) if (unitOf(inner)) return inner;
  return '';
}

/** The number as a person would write it. */
export function showQuantity({ kind, value }: Pick<Quantity, 'kind' | 'value'>): string {
  const digits = (n: number): string => String(Number(n.toPrecision(3)));
  if (kind === 'percent') return `${digits(value * 100)}%`;
  if (kind === 'count') return digits(value);
  if (kind === 'rate') return `${grouped(Math.round(value))} /s`;
  const steps: [number, string][] =
    kind === 'time'
      ? [
          [1, 's'],
          [1e-3, 'ms'],
          [1e-6, 'µs'],
          [1e-9, 'ns'],
        ]
      : [
          [1024 ** 3, 'GiB'],
          [1024 ** 2, 'MiB'],
          [1024, 'KiB'],
          [1, 'B'],
        ];
  const [factor, unit] = steps.find(([least]) => Math.abs(value) >= least) ?? steps.at(-1) ?? [1, ''];
  return `${digits(value / factor)} ${unit}${kind === 'byterate' ? '/s' : ''}`;
}

/** Is more of it better? Undefined where the kind alone does not say. */
export function moreIsBetter(kind: Kind): boolean | undefined {
  if (kind === 'rate' || kind === 'byterate') return true;
  return kind === 'time' || kind === 'bytes' ? false : undefined;
}

/** The same number, but for what arithmetic leaves. */
export const isNear = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-12);
