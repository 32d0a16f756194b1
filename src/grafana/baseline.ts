import { z } from 'zod';
import { Unobservable, type StepContext } from '../core/step.ts';
import { ShownPanel } from './shown-panel.ts';
import type { Picture } from './pictures.ts';

/** `pictures.json` of a step's evidence: what a later run is compared with. */
export const PictureIndex = z.array(z.object({ file: z.string(), sha256: z.string(), panels: z.array(ShownPanel) }));
export type PictureIndex = z.infer<typeof PictureIndex>;

export interface Comparison {
  file: string;
  /** False where the baseline has no such picture. */
  known: boolean;
  /** What differs in the set, places, titles and states of the panels, in words. */
  layout: string[];
  /** Pixels that differ, and in all; undefined where the sizes differ. */
  differing?: number;
  total?: number;
  /** Evidence files: the differing pixels, and baseline, difference and now side by side. */
  diff?: string;
  sideBySide?: string;
}

/** The baseline's index. @throws Unobservable `baseline-missing`, `baseline-unreadable` */
export async function readBaseline(ctx: StepContext, folder: string): Promise<PictureIndex> {
  const text = await ctx.files.readIfThere(`${folder}/pictures.json`);
  if (text === undefined)
    throw new Unobservable('baseline-missing', `${folder}/pictures.json is not there`, {
      hint: 'give the evidence folder of the step in the last signed run',
    });
  try {
    return PictureIndex.parse(JSON.parse(text));
  } catch (cause) {
    throw new Unobservable('baseline-unreadable', `${folder}/pictures.json is not an index of pictures`, { cause });
  }
}

/** Panels that came, went, moved or changed their title or state. */
export function layoutDifferences(before: readonly ShownPanel[], now: readonly ShownPanel[]): string[] {
  const name = (one: ShownPanel): string => `panel ${one.id} (${one.title})`;
  const out: string[] = [];
  for (const old of before) {
    const same =
      now.find((one) => one.id === old.id && one.x === old.x && one.y === old.y) ??
      now.find((one) => one.id === old.id);
    if (!same) {
      out.push(`${name(old)} is gone`);
      continue;
    }
    if (same.title !== old.title) out.push(`panel ${old.id} is called ${same.title}, before ${old.title}`);
    if (same.state !== old.state) out.push(`${name(old)} is ${same.state}, before ${old.state}`);
    const [a, b] = [old, same].map((one) => `${one.width} × ${one.height} at ${one.x}, ${one.y}`);
    if (a !== b) out.push(`${name(old)} is ${b}, before ${a}`);
  }
  for (const one of now) if (!before.some((old) => old.id === one.id)) out.push(`${name(one)} is new`);
  return out;
}

/** Holds a picture against the baseline's; keeps the difference as evidence where there is one. */
export async function compare(
  ctx: StepContext,
  folder: string,
  baseline: PictureIndex,
  picture: Picture,
  panels: readonly ShownPanel[],
  png: Uint8Array,
): Promise<Comparison> {
  const before = baseline.find((one) => one.file === picture.file);
  if (!before) return { file: picture.file, known: false, layout: [] };
  const comparison: Comparison = { file: picture.file, known: true, layout: layoutDifferences(before.panels, panels) };
  const bytes = await ctx.files.readBytes(`${folder}/${picture.file}`);
  const [{ PNG }, { default: pixelmatch }] = await Promise.all([import('pngjs'), import('pixelmatch')]);
  const [old, now] = [PNG.sync.read(Buffer.from(bytes)), PNG.sync.read(Buffer.from(png))];
  if (old.width !== now.width || old.height !== now.height) {
    comparison.layout.push(`the picture is ${now.width} × ${now.height}, before ${old.width} × ${old.height}`);
    return comparison;
  }
  const { width, height } = now;
  const diff = new PNG({ width, height });
  const differing = pixelmatch(old.data, now.data, diff.data, width, height, { threshold: 0.1 });
  if (differing > 0) {
    const stem = picture.file.replace(/\.png$/, '');
    [comparison.diff, comparison.sideBySide] = [`${stem}-diff.png`, `${stem}-side-by-side.png`];
    const beside = new PNG({ width: width * 3, height });
    [old, diff, now].forEach((one, n) => PNG.bitblt(one, beside, 0, 0, width, height, n * width, 0));
    await ctx.evidence.write(comparison.diff, PNG.sync.write(diff));
    await ctx.evidence.write(comparison.sideBySide, PNG.sync.write(beside));
  }
  return { ...comparison, differing, total: width * height };
}
