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
