import type { Sample } from './backfill.ts';

/** Prometheus's staleness marker: a NaN of its own (model/value). */
export const stale = Symbol('stale');

/** A series for `POST /api/v1/write`. */
export interface WriteSeries {
  name: string;
  labels: Readonly<Record<string, string>>;
  samples: readonly { at: number; value: Sample['value'] | typeof stale }[];
}

/**
 * The body of a remote write 1.0 request: prompb.WriteRequest in protobuf, in a snappy block of literals alone, which every
 * snappy reader accepts. Sources: prometheus/prompb/remote.proto and types.proto; google/snappy's format_description.txt.
 */
export function writeRequest(series: readonly WriteSeries[]): Uint8Array {
  return snappyLiteral(Buffer.concat(series.map((one) => field(1, timeSeries(one)))));
}

/** Labels in order of their names, as the receiver demands; samples in order of time. */
function timeSeries({ name, labels, samples }: WriteSeries): Buffer {
  const pairs = Object.entries({ ...labels, __name__: name }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    ...pairs.map(([key, value]) => field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]))),
    ...samples.map(({ at, value }) => field(2, sample(at, value))),
  ]);
}

function sample(at: number, value: number | typeof stale): Buffer {
  const number = Buffer.alloc(9);
  number[0] = (1 << 3) | 1;
  if (value === stale) number.writeBigUInt64LE(0x7ff0000000000002n, 1);
  else number.writeDoubleLE(value, 1);
  return Buffer.concat([number, Buffer.from([2 << 3]), varint(BigInt(Math.round(at)))]);
}

/** A length-delimited field. */
const field = (id: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(id << 3) | 2]), varint(BigInt(content.length)), content]);

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function snappyLiteral(data: Buffer): Buffer {
  const parts: Buffer[] = [varint(BigInt(data.length))];
  const longest = 0xffff;
  for (let at = 0; at < data.length; at += longest) {
    const piece = data.subarray(at, at + longest);
    const tag = Buffer.from([61 << 2, 0, 0]);
    tag.writeUInt16LE(piece.length - 1, 1);
    parts.push(tag, piece);
  }
  return Buffer.concat(parts);
}
