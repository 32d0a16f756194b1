import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isPictureName, maxInline, picturesOf } from '../core/pictures.ts';
import type { EvidenceFile, ShownPicture, StepRecord } from '../core/record.ts';
import { sha256 } from '../evidence/digest.ts';
import { compareImages, readPng } from '../evidence/png.ts';
import { smallPng } from '../evidence/small-png.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import { lastApproved, runsBefore } from '../runs/approved.ts';
import { readRun } from '../runs/runs.ts';

/** Pixels of a smaller copy from left to right: what a page shows of a picture that is opened. */
const smallWidth = 1200;
/** The same of a difference: a line of one pixel must not be lost. */
const differenceWidth = 2000;
/** Pictures of a run that are held against an earlier run's; a picture takes a quarter of a second. */
const maxCompared = 24;

interface Earlier {
  /** `milestone/run` */
  run: string;
  folder: string;
  files: EvidenceFile[];
}

/**
 * Puts each picture beside the one that an earlier run has of the same thing, and keeps the copy, the difference and smaller copies
 * as evidence, so that reports need nothing but the run's own folder. Nothing is judged by it, and what cannot be read is left out.
 * @param here the run's milestone and id
 */
export async function keepPictures(
  steps: readonly StepRecord[],
  store: EvidenceStore,
  reports: string,
  here: { milestone: string; id: string },
): Promise<void> {
  const having = steps.filter(
    (step) => step.reusedFrom === undefined && step.evidence.some((file) => isPictureName(file.path)),
  );
  if (having.length === 0) return;
  const earlier = earlierRuns(reports, here);
  let compared = 0;
  for (const step of having) {
    const keep = keeper(step, store);
    const pictures: ShownPicture[] = [];
    for (const file of picturesOf(step)) {
      const data = readFileSync(join(store.folder, file.path));
      const small = await smaller(file.path, data, keep);
      const before = ++compared > maxCompared ? undefined : await beside(file, data, found(file.path, earlier), keep);
      if (small !== undefined || before)
        pictures.push({ path: file.path, ...(small !== undefined && { small }), ...(before && { before }) });
    }
    if (pictures.length === 0) continue;
    step.pictures = pictures;
    step.evidence = store.seal(step.id);
  }
}

type Keep = (prefix: string, path: string, data: Buffer) => string;

/** Writes a file beside a picture, under a name that nothing of the step has. */
function keeper(step: StepRecord, store: EvidenceStore): Keep {
  const taken = new Set(step.evidence.map((file) => file.path));
  return (prefix, path, data) => {
    for (let n = 1; ; n++) {
      const name = `${prefix}${n === 1 ? '' : n}-${basename(path).slice(-80)}`;
      if (taken.has(`evidence/${step.id}/${name}`)) continue;
      return store.nameOf(store.write(step.id, name, data));
    }
  };
}

async function smaller(path: string, data: Buffer, keep: Keep): Promise<string | undefined> {
  if (data.length <= maxInline) return undefined;
  const small = await smallPng(data, smallWidth);
  return small && keep('small', path.replace(/\.\w+$/, '.png'), small);
}

async function beside(
  file: EvidenceFile,
  data: Buffer,
  earlier: { run: string; data: Buffer } | undefined,
  keep: Keep,
): Promise<ShownPicture['before']> {
  if (!earlier) return undefined;
  const { run } = earlier;
  if (earlier.data.equals(data)) return { run };
  const path = keep('before', file.path, earlier.data);
  const small = await smaller(file.path, earlier.data, (_, name, bytes) => keep('before-small', name, bytes));
  const before = { run, path, ...(small !== undefined && { small }) };
  const [old, now] = [await readPng(earlier.data), await readPng(data)];
  const difference = old && now && (await compareImages(old, now));
  if (!difference) return before;
  const { differing, total, drawn } = difference;
  const red = differing === 0 ? undefined : await smallPng(drawn, differenceWidth);
  return { ...before, differing, total, ...(red && { difference: keep('difference', file.path, red) }) };
}

/** The same picture of an earlier run: the same path, else the only one of this name. A file that is not the recorded one is none. */
function found(path: string, earlier: readonly Earlier[]): { run: string; data: Buffer } | undefined {
  for (const { run, folder, files } of earlier) {
    const named = files.filter((file) => basename(file.path) === basename(path));
    const file = files.find((one) => one.path === path) ?? (named.length === 1 ? named[0] : undefined);
    if (!file) continue;
    try {
      const data = readFileSync(join(folder, file.path));
      if (sha256(data) === file.sha256) return { run, data };
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The run that was approved last, of whatever milestone, then the run before this one. */
function earlierRuns(reports: string, here: { milestone: string; id: string }): Earlier[] {
  const approved = lastApproved(reports, here);
  const [last] = runsBefore(reports, here.milestone, here);
  const runs = [
    ...(approved ? [approved] : []),
    ...(last === undefined ? [] : [{ milestone: here.milestone, id: last }]),
  ];
  return runs.flatMap(({ milestone, id }): Earlier[] => {
    try {
      const { folder, record } = readRun(join(reports, milestone, id));
      return [{ run: `${milestone}/${id}`, folder, files: record.steps.flatMap(picturesOf) }];
    } catch {
      return [];
    }
  });
}
