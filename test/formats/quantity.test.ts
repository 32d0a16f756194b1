import { describe, expect, it } from 'vitest';
import { headUnit, parseQuantity, showQuantity } from '../../src/formats/data/quantity.ts';

describe('quantities', () => {
  it.each([
    ['4.1 µs', 'time', 4.1e-6],
    ['4.1us', 'time', 4.1e-6],
    ['120 ns', 'time', 1.2e-7],
    ['< 10ms', 'time', 0.01],
    ['**2.0 ms** ± 0.1', 'time', 0.002],
    ['~1.5 s', 'time', 1.5],
    ['3 ms/op', 'time', 0.003],
    ['10K ops/s', 'rate', 10_000],
    ['1.2M req/sec', 'rate', 1_200_000],
    ['240,000 /s', 'rate', 240_000],
    ['500 qps', 'rate', 500],
    ['12 Kelem/s', 'rate', 12_000],
    ['64 MiB', 'bytes', 64 * 1024 ** 2],
    ['1.5GB', 'bytes', 1.5e9],
    ['512 B', 'bytes', 512],
    ['200 MB/s', 'byterate', 2e8],
    ['512 B/s', 'byterate', 512],
    ['+25%', 'percent', 0.25],
    ['1,200', 'count', 1200],
    ['1e3', 'count', 1000],
  ])('%s', (text, kind, value) => {
    expect(parseQuantity(text)).toMatchObject({ kind });
    expect(parseQuantity(text)?.value).toBeCloseTo(value, 12);
  });
  it.each(['', 'fast', '1-2 ms', '10-20%', 'TBD', '–', '2x', '5 parsecs', '1.2.3'])('%j is none', (text) =>
    expect(parseQuantity(text)).toBeUndefined(),
  );
  it('takes the unit of the head', () => {
    expect(headUnit('P95 (ms)')).toBe('ms');
    expect(headUnit('P95 (measured)')).toBe('');
    expect(parseQuantity('12', 'ms')).toEqual({ kind: 'time', value: 0.012 });
  });
  it.each([
    ['time', 0.0000041, '4.1 µs'],
    ['rate', 12_345, '12,345 /s'],
    ['bytes', 67_108_864, '64 MiB'],
  ] as const)('%s %d reads %s', (kind, value, text) => expect(showQuantity({ kind, value })).toBe(text));
});
