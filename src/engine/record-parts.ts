import type { LoadedChecklist } from '../checklist/load.ts';
import type { Checklist } from '../core/checklist.ts';
import type { RunRecord, TreeState } from '../core/record.ts';
import type { Redactor } from '../evidence/redact.ts';
import type { Snapshot } from '../hosts/tree.ts';

/** What --var has set, and what the checklist itself has for it. */
export const varsOf = (loaded: LoadedChecklist, redactor: Redactor): Pick<RunRecord['run'], 'vars' | 'declared'> => ({
  vars: redactor.deep(loaded.vars),
  ...(Object.keys(loaded.vars).length > 0 && { declared: redactor.deep(loaded.declared) }),
});

/** Why git could not say what was committed, at the start or at the end of the run. */
export function unversionedOf(looks: readonly Snapshot[], { tree }: Checklist): Pick<TreeState, 'unversioned'> {
  const why = looks.map((look) => look.unversioned).find((one) => one !== undefined);
  return why === undefined ? {} : { unversioned: { why, declared: tree === 'none' } };
}

/** What the run says of it at once. */
export function unversionedNotice(before: Snapshot, checklist: Checklist): string[] {
  const { unversioned } = unversionedOf([before], checklist);
  if (!unversioned) return [];
  const { why, declared } = unversioned;
  return declared
    ? [`${why}: the checklist says \`tree: none\`, so that this run counts, but it can never be signed`]
    : [
        `${why}: what was verified cannot be said, and the run will be inconclusive; where there is to be no git, write \`tree: none\` into the checklist`,
      ];
}
