import { crc32, deflateSync } from 'node:zlib';
import { type Pixels, readPng } from './png.ts';

/** What a palette of a PNG may hold. */
const maxColours = 256;

/**
 * A copy for pages: a PNG of 256 colours at most, `width` pixels wide at most, over white.
 * @param picture a PNG file, or pixels
 * @returns undefined where it cannot be read, or is larger than 40 million pixels
 */
export async function smallPng(picture: Buffer | Pixels, width: number): Promise<Buffer | undefined> {
  const pixels = Buffer.isBuffer(picture) ? await readPng(picture) : picture;
  return pixels && indexed(scaled(pixels, Math.min(width, pixels.width)));
}

/** Colours as 0xRRGGBB, row by row. */
interface Colours {
  width: number;
  height: number;
  data: Uint32Array;
}

/** Each pixel is the mean of those that it stands for, over white. */
function scaled({ width, height, data }: Pixels, to: number): Colours {
  const rows = Math.max(1, Math.round((height * to) / width));
  const out = new Uint32Array(to * rows);
  const edge = (n: number, of: number, all: number): [number, number] => {
    const from = Math.floor((n * all) / of);
    return [from, Math.max(from + 1, Math.floor(((n + 1) * all) / of))];
  };
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = edge(y, rows, height);
    for (let x = 0; x < to; x++) {
      const [left, right] = edge(x, to, width);
      let [red, green, blue] = [0, 0, 0];
      for (let v = top; v < bottom; v++)
        for (let at = (v * width + left) * 4, end = (v * width + right) * 4; at < end; at += 4) {
          const [opacity = 0, white] = [data[at + 3], 255 - (data[at + 3] ?? 0)];
          red += ((data[at] ?? 0) * opacity) / 255 + white;
          green += ((data[at + 1] ?? 0) * opacity) / 255 + white;
          blue += ((data[at + 2] ?? 0) * opacity) / 255 + white;
        }
      const n = (bottom - top) * (right - left);
      out[y * to + x] = (Math.round(red / n) << 16) | (Math.round(green / n) << 8) | Math.round(blue / n);
    }
  }
  return { width: to, height: rows, data: out };
}

/** The colours of a picture where they are few, else the commonest of 32,768 shades, each as the mean of what falls to it. */
function paletteOf(data: Uint32Array): { colours: number[]; indexOf: (colour: number) => number } {
  const exact = new Map<number, number>();
  for (const colour of data) {
    if (!exact.has(colour)) exact.set(colour, exact.size);
    if (exact.size > maxColours) break;
  }
  if (exact.size <= maxColours) return { colours: [...exact.keys()], indexOf: (colour) => exact.get(colour) ?? 0 };
  const shade = (colour: number): number => ((colour >> 9) & 0x7c00) | ((colour >> 6) & 0x3e0) | ((colour >> 3) & 0x1f);
  const sums = new Map<number, { n: number; red: number; green: number; blue: number }>();
  for (const colour of data) {
    const sum = sums.get(shade(colour)) ?? { n: 0, red: 0, green: 0, blue: 0 };
    sum.n++;
    sum.red += colour >> 16;
    sum.green += (colour >> 8) & 255;
    sum.blue += colour & 255;
    sums.set(shade(colour), sum);
  }
  const common = [...sums.values()].toSorted((a, b) => b.n - a.n).slice(0, maxColours);
  const colours = common.map(
    ({ n, red, green, blue }) => (Math.round(red / n) << 16) | (Math.round(green / n) << 8) | Math.round(blue / n),
  );
  const near = new Map<number, number>();
  const indexOf = (colour: number): number => {
    const key = shade(colour);
    const known = near.get(key) ?? nearest(colour, colours);
    near.set(key, known);
    return known;
  };
  return { colours, indexOf };
}

function nearest(colour: number, colours: readonly number[]): number {
  let [best, least] = [0, Infinity];
  for (const [n, one] of colours.entries()) {
    const distance =
      ((one >> 16) - (colour >> 16)) ** 2 +
      (((one >> 8) & 255) - ((colour >> 8) & 255)) ** 2 +
      ((one & 255) - (colour & 255)) ** 2;
    if (distance < least) [best, least] = [n, distance];
  }
  return best;
}

/** Writes a PNG of colour type 3 (PNG specification, 11.2): what pngjs, which reads pictures here, does not write. */
function indexed({ width, height, data }: Colours): Buffer {
  const { colours, indexOf } = paletteOf(data);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf(data[y * width + x] ?? 0);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(colours.flatMap((one) => [one >> 16, (one >> 8) & 255, one & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
