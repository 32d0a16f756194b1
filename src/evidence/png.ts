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
      let r = 0;
      let g = 0;
      let b = 0;
      let a = 0;
      for (let row = top; row < bottom; row++) {
        for (let at = (row * pixels.width + left) * 4; at < (row * pixels.width + right) * 4; at += 4) {
          r += pixels.data[at] ?? 0;
          g += pixels.data[at + 1] ?? 0;
          b += pixels.data[at + 2] ?? 0;
          a += pixels.data[at + 3] ?? 0;
        }
      }
      const count = (bottom - top) * (right - left);
      const to = (y * width + x) * 4;
      data[to] = Math.round(r / count);
      data[to + 1] = Math.round(g / count);
      data[to + 2] = Math.round(b / count);
      data[to + 3] = Math.round(a / count);
    }
  }
  return { width, height, data };
}

/**
 * A PNG of 256 colours at most, a byte a pixel: a third of the size that a page of charts has in full colour. Where there
 * are more, the nearest share one; opacity is dropped, over white.
 */
export function writeSmallPng(pixels: Pixels): Buffer {
  const { width, height, data } = pixels;
  // A bucket for each colour of five bits a channel: its pixels, and the sums of their channels.
  const [count, red, green, blue] = [0, 1, 2, 3].map(() => new Float64Array(1 << 15)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const keys = new Uint16Array(width * height);
  for (let n = 0, at = 0; n < keys.length; n++, at += 4) {
    const opacity = data[at + 3] ?? 255;
    const white = 255 - opacity;
    const r = ((data[at] ?? 255) * opacity) / 255 + white;
    const g = ((data[at + 1] ?? 255) * opacity) / 255 + white;
    const b = ((data[at + 2] ?? 255) * opacity) / 255 + white;
    const key = ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
    keys[n] = key;
    count[key] = (count[key] ?? 0) + 1;
    red[key] = (red[key] ?? 0) + r;
    green[key] = (green[key] ?? 0) + g;
    blue[key] = (blue[key] ?? 0) + b;
  }
  const means: Colour[] = [];
  for (const [key, n] of count.entries())
    if (n > 0) means.push({ key, n, rgb: [red, green, blue].map((sum) => (sum[key] ?? 0) / n) });
  const boxes = medianCut(means, 256);
  const palette = boxes.map(meanOf);
  const indexOf = new Uint8Array(1 << 15);
  for (const [n, box] of boxes.entries()) for (const { key } of box) indexOf[key] = n;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, n = 0; y < height; y++)
    for (let x = 1; x <= width; x++, n++) rows[y * (width + 1) + x] = indexOf[keys[n] ?? 0] ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, colours by index, and the only ways there are to deflate, filter and order (11.2.2).
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface Colour {
  key: number;
  /** Pixels that have it. */
  n: number;
  rgb: number[];
}

/** Colours in boxes, `count` at most: the box with the most pixels over the widest range is halved until there are enough. */
function medianCut(colours: readonly Colour[], count: number): Colour[][] {
  const weigh = (box: Colour[]): { box: Colour[]; channel: number; weight: number } => {
    const ranges = [0, 1, 2].map((channel) => {
      const values = box.map(({ rgb }) => rgb[channel] ?? 0);
      return Math.max(...values) - Math.min(...values);
    });
    const widest = Math.max(...ranges);
    return { box, channel: ranges.indexOf(widest), weight: widest * Math.sqrt(box.reduce((sum, { n }) => sum + n, 0)) };
  };
  let boxes = [weigh([...colours].toSorted((a, b) => a.key - b.key))];
  while (boxes.length < count) {
    const [first] = boxes.toSorted((a, b) => b.weight - a.weight);
    if (!first || first.weight === 0) break;
    const { channel } = first;
    const sorted = first.box.toSorted((a, b) => (a.rgb[channel] ?? 0) - (b.rgb[channel] ?? 0) || a.key - b.key);
    const at = Math.max(1, Math.min(sorted.length - 1, halfway(sorted)));
    boxes = [...boxes.filter((one) => one !== first), weigh(sorted.slice(0, at)), weigh(sorted.slice(at))];
  }
  return boxes.map(({ box }) => box);
}

/** How many of the colours, in their order, have half of the pixels. */
function halfway(colours: readonly Colour[]): number {
  const half = colours.reduce((sum, { n }) => sum + n, 0) / 2;
  let seen = 0;
  return colours.findIndex(({ n }) => (seen += n) >= half) + 1;
}

function meanOf(box: readonly Colour[]): number[] {
  const all = box.reduce((sum, { n }) => sum + n, 0);
  return [0, 1, 2].map((channel) =>
    Math.round(box.reduce((sum, { n, rgb }) => sum + n * (rgb[channel] ?? 0), 0) / all),
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
