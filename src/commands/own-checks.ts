import type { LoadedChecklist, LoadedStep } from '../checklist/load.ts';
import type { Diagnostic } from '../core/errors.ts';
import { Checkout } from '../hosts/checkout.ts';
import { targetFiles } from '../hosts/files.ts';
import { findCheck, type FoundCheck, type OwnCheck } from '../repository/own-check.ts';

/** A check of the repository's own that a step, or its stand-in, would run. */
interface SeenCheck {
  step: LoadedStep;
  check: string;
  /** As it lies there, or why there is none. */
  found: FoundCheck | string;
  /** What is wrong with it, in words. */
  wrong?: string;
}

/** Looks at every check of its own that a checklist names, and runs none. */
export async function seeOwnChecks({ steps }: Pick<LoadedChecklist, 'steps'>, target: string): Promise<SeenCheck[]> {
  const files = targetFiles(new Checkout(target));
  const seen: SeenCheck[] = [];
  for (const step of steps.flatMap((one) => (one.standIn ? [one, one.standIn] : [one]))) {
    if (step.spec.uses !== 'program' || step.params === undefined) continue;
    const own = step.params as OwnCheck & { digest?: string };
    const found = await findCheck(own, files);
    const wrong =
      typeof found === 'string'
        ? found
        : own.digest === undefined
          ? own.check.startsWith('./')
            ? undefined
            : `${own.check} is of a package, and is not pinned: write ${own.check}@sha256:${found.digest}`
          : own.digest === found.digest
            ? undefined
            : `${own.check} has the sha256 ${found.digest}, and the checklist pins ${own.digest}`;
    seen.push({ step, check: own.check, found, ...(wrong !== undefined && { wrong }) });
  }
  return seen;
}

/** What is wrong with checks, at the places of their steps. */
export const wrongChecks = (seen: readonly SeenCheck[]): Diagnostic[] =>
  seen.flatMap(({ step: { where }, wrong }) =>
    wrong === undefined
      ? []
      : [
          {
            message: wrong,
            file: where.file,
            ...(where.line !== undefined && { line: where.line, col: where.col ?? 1 }),
          },
        ],
  );

/** `./checks/licences.mjs has the sha256 …, of 2 files`, or why it cannot run. */
export const digestText = ({ check, found, wrong }: SeenCheck): string =>
  wrong ??
  (typeof found === 'string'
    ? found
    : `${check} has the sha256 ${found.digest}${found.files.length === 1 ? '' : `, of ${found.files.length} files`}${(
        found.open ?? []
      )
        .map(({ file, line, text }) => `; without what \`${text}\` loads (${file}:${line})`)
        .join('')}`);
