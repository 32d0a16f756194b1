import { isNear } from '../../data/quantity.ts';
import type { Expr } from '../../promql/tree.ts';
import { isMoment, type Measure } from '../../prometheus/rule-lints/measures.ts';

// Grafana's units by their ids (its value formats), and how many of each make a second, a byte, or an event per second.
const seconds: Record<string, number> = { s: 1, dtdurations: 1, ms: 1e3, dtdurationms: 1e3, µs: 1e6, ns: 1e9 };
const bytes: Record<string, number> = {
  bytes: 1,
  decbytes: 1,
  bits: 8,
  decbits: 8,
  kbytes: 1 / 1024,
  deckbytes: 1e-3,
  mbytes: 1 / 2 ** 20,
  decmbytes: 1e-6,
  gbytes: 1 / 2 ** 30,
  decgbytes: 1e-9,
};
// Rates: the ids are those of Grafana's category “data rate”.
const byteRates: Record<string, number> = {
  Bps: 1,
  binBps: 1,
  bps: 8,
  binbps: 8,
  KBs: 1e-3,
  KiBs: 1 / 1024,
  MBs: 1e-6,
  MiBs: 1 / 2 ** 20,
  Kbits: 8e-3,
  Kibits: 8 / 1024,
  Mbits: 8e-6,
  Mibits: 8 / 2 ** 20,
};
const perSecond = 'reqps ops cps rps wps iops'.split(' ');
const perMinute = 'reqpm cpm opm rpm wpm'.split(' ');

/** Why a moment, in seconds since 1970, does not fit the unit of its panel. Source: Grafana's date formats take milliseconds. */
export function momentMisfit(unit: string, tree: Expr): string | undefined {
  const date = unit.startsWith('dateTime') || unit.startsWith('time:');
  if (isMoment(tree) && date)
    return `its unit is ${unit}, which takes milliseconds, and the value is a time in seconds: multiply it by 1000`;
  return isMoment(tree) && tree.kind !== 'call' && Object.hasOwn(seconds, unit)
    ? `its unit is ${unit}, and the value is a time since 1970: take it from time(), or show it as a date`
    : undefined;
}

/** GiB where the panel says GB, or the other way: 2 to 10 % off. */
export const isOtherGiga = (unit: string, { of, factor }: Measure): boolean =>
  of === 'bytes' && Math.abs(factor / (bytes[unit] ?? NaN) - 1) < 0.1;

/** Does a query's value not fit the unit of its panel? What is not known fits. */
export function unitMisfits(unit: string, measure: Measure): boolean {
  const { of } = measure;
  // What is left until then, or what goes the other way, is in the same unit.
  const factor = Math.abs(measure.factor);
  if (of === 'ratio')
    return (unit === 'percent' && !isNear(factor, 100)) || (unit === 'percentunit' && !isNear(factor, 1));
  // A rate of bytes shown as bytes is read as per second by many.
  if ((of === 'bytes' && Object.hasOwn(byteRates, unit)) || (of === 'byte-rate' && Object.hasOwn(bytes, unit)))
    return true;
  if (of === 'total')
    return perSecond.includes(unit) || perMinute.includes(unit) || unit === 'percent' || unit === 'percentunit';
  const expected =
    of === 'seconds'
      ? seconds[unit]
      : of === 'bytes'
        ? bytes[unit]
        : of === 'byte-rate'
          ? byteRates[unit]
          : perSecond.includes(unit)
            ? 1
            : perMinute.includes(unit)
              ? 60
              : undefined;
  return expected !== undefined && !isNear(of === 'count' ? factor * measure.seconds : factor, expected);
}
