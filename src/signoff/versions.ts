import { exit } from '../core/errors.ts';
import { Reasons } from './reason.ts';

const parts = (version: string): number[] | undefined =>
  /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version)?.slice(1).map(Number);

/** May this verify judge the record of that one: one of the same major version, and none that came later? */
export function mayJudge(own: string, made: string): boolean {
  if (own === made) return true;
  const [a, b] = [parts(own), parts(made)];
  if (!a || !b || a[0] !== b[0]) return false;
  const at = a.findIndex((part, n) => part !== b[n]);
  return at === -1 || (a[at] ?? 0) > (b[at] ?? 0);
}

/** What to run instead. */
export const gateWith = (made: string, milestone: string): string =>
  `gate with the version that made the run: npx --yes verify-milestone@${made} gate ${milestone}; or run again`;

/**
 * Looks at the record of another version. What this version would call tampered may be no more than another way of judging or
 * writing: then nothing can be said but which version can say it.
 */
export async function fairly(
  versions: { own: string; made: string; milestone: string },
  reasons: Reasons,
  look: (reasons: Reasons) => void | Promise<void>,
): Promise<void> {
  const { own, made, milestone } = versions;
  if (own === made) return look(reasons);
  const found = new Reasons();
  await look(found);
  const [first] = found.all.filter(({ code }) => code === exit.tampered || code === exit.invalid);
  for (const reason of found.all)
    if (reason.code !== exit.tampered && reason.code !== exit.invalid) reasons.all.push(reason);
  if (first)
    reasons.add(
      exit.stale,
      `verify ${own} judges it otherwise than verify ${made}, which made the run: ${first.text}`,
      gateWith(made, milestone),
    );
}
