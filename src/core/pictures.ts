import type { EvidenceFile, StepRecord } from './record.ts';

/** Bytes up to which a picture is put into a page as it is; of a larger one a smaller copy is. */
export const maxInline = 192 * 1024;

/** Is it the name of a picture that a browser shows? */
export const isPictureName = (path: string): boolean => /\.(?:png|webp|jpe?g)$/i.test(path);

/** The pictures that a step made, without the copies and differences that were made of them. */
export function picturesOf(step: StepRecord): EvidenceFile[] {
  const made = new Set(
    step.pictures?.flatMap(({ small, before }) => [small, before?.path, before?.small, before?.difference]),
  );
  return step.evidence.filter(({ path }) => isPictureName(path) && !made.has(path));
}
