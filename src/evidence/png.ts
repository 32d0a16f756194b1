import { crc32, deflateSync } from 'node:zlib';

/** Pixels as red, green, blue and opacity, a byte each, row by row. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Above this many pixels a picture is not opened: a small file may claim any size. */
const maxPixels = 40_000_000;
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Width and height from a PNG's first chunk (PNG specification, 11.2.2 IHDR), undefined where it is none. */
export function pngSize(data: Buffer): { width: number; height: number } | undefined {
  if (data.length < 24 || !data.subarray(0, 8).equals(signature) || data.toString('latin1', 12, 16) !== 'IHDR')
    return undefined;
  return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
}

/** The pixels of a PNG; undefined where it is none, is broken, or is larger than 40 million pixels. */
export async function readPng(data: Buffer): Promise<Pixels | undefined> {
  const size = pngSize(data);
  if (!size || size.width * size.height > maxPixels) return undefined;
  try {
    const { PNG } = await import('pngjs');
    return PNG.sync.read(data);
  } catch {
    return undefined;
  }
}

export interface Difference {
  /** Pixels that differ by more than a tenth of the distance from black to white; antialiasing left out. */
  differing: number;
  total: number;
  /** The picture, faint, with what differs in red. */
  drawn: Pixels;
}

/** Compares two pictures pixel by pixel. @returns undefined where their sizes differ */
export async function compareImages(before: Pixels, after: Pixels): Promise<Difference | undefined> {
  const { width, height } = after;
  if (before.width !== width || before.height !== height) return undefined;
  const { default: pixelmatch } = await import('pixelmatch');
  const drawn = { width, height, data: new Uint8Array(width * height * 4) };
  const differing = pixelmatch(before.data, after.data, drawn.data, width, height, { threshold: 0.1 });
  return { differing, total: width * height, drawn };
}

/** The picture at `width` at most, each pixel the mean of those that it stands for. */
export function shrink(pixels: Pixels, width: number): Pixels {
  if (pixels.width <= width) return pixels;
  const scale = pixels.width / width;
  const height = Math.max(1, Math.round(pixels.height / scale));
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * pixels.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * pixels.height) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor(x * scale);
      const right = Math.max(left + 1, Math.floor((x + 1) * scale));
      let [r, g, b, a] = [0, 0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let at = (row * pixels.width + left) * 4; at < (row * pixels.width + right) * 4; at += 4) {
          r += pixels.data[at] ?? 0;
          g += pixels.data[at + 1] ?? 0;
          b += pixels.data[at + 2] ?? 0;
          a += pixels.data[at + 3] ?? 0;
        }
      }
      const count = (bottom - top) * (right - left);
      data.set([r / count, g / count, b / count, a / count].map(Math.round), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/**
 * A PNG of 256 colours at most, a byte a pixel: a third of the size that a page of charts has in full colour. Colours are those
 * that most pixels have, five bits each; opacity is dropped, over white.
 */
export function writeSmallPng(pixels: Pixels): Buffer {
  const { width, height, data } = pixels;
  const buckets = new Map<number, { n: number; r: number; g: number; b: number }>();
  const keys = new Uint16Array(width * height);
  for (let n = 0; n < width * height; n++) {
    const opacity = (data[n * 4 + 3] ?? 255) / 255;
    const over = (value: number | undefined): number => Math.round((value ?? 255) * opacity + 255 * (1 - opacity));
    const [r, g, b] = [over(data[n * 4]), over(data[n * 4 + 1]), over(data[n * 4 + 2])];
    const key = ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
    keys[n] = key;
    const bucket = buckets.get(key);
    if (!bucket) buckets.set(key, { n: 1, r, g, b });
    else {
      bucket.n++;
      bucket.r += r;
      bucket.g += g;
      bucket.b += b;
    }
  }
  const means = [...buckets].map(([key, { n, r, g, b }]) => ({ key, n, rgb: [r / n, g / n, b / n].map(Math.round) }));
  const palette = means.toSorted((a, b) => b.n - a.n || a.key - b.key).slice(0, 256);
  const indexOf = new Map(palette.map(({ key }, n) => [key, n]));
  for (const { key, rgb } of means) if (!indexOf.has(key)) indexOf.set(key, nearest(palette, rgb));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf.get(keys[y * width + x] ?? 0) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, colours by index, and the only ways there are to deflate, filter and order (11.2.2).
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(({ rgb }) => rgb))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function nearest(palette: readonly { rgb: number[] }[], rgb: readonly number[]): number {
  let [best, least] = [0, Infinity];
  for (const [n, one] of palette.entries()) {
    const distance = one.rgb.reduce((sum, value, at) => sum + (value - (rgb[at] ?? 0)) ** 2, 0);
    if (distance < least) [best, least] = [n, distance];
  }
  return best;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
