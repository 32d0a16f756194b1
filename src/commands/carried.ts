import { few } from '../core/words.ts';
import { relative } from 'node:path';
import { exit } from '../core/errors.ts';
import { anyTracked, leftBehind } from '../hosts/carried.ts';
import type { Bundle } from '../signoff/bundle.ts';
import type { Reasons } from '../signoff/reason.ts';

/** A line of .gitignore by which no rule before it takes anything out of a run's folder. */
export const reportsException = '!/reports/*/*Z-*/**';

/**
 * A report that is committed without some of its evidence is a tampered one wherever it is checked out. Says what git would leave
 * behind, and by which rule.
 * @param asks the sign-off, after which the run is committed; the gate, which refuses only where a part is committed already
 * @returns what to know where the run is not refused
 */
export async function checkCarried(
  folder: string,
  bundle: Bundle,
  asks: 'sign-off' | 'gate',
  reasons: Reasons,
): Promise<string[]> {
  const files = [...bundle.keys()];
  const behind = await leftBehind(folder, files);
  const [first] = behind ?? [];
  if (!behind || !first) return [];
  const rules = [...new Set(behind.map(({ rule }) => rule))];
  const by = few(rules, 3);
  const way = relative(process.cwd(), folder) || '.';
  if (behind.length === files.length || behind.some(({ path }) => path === 'record.json'))
    return [`git ignores the run’s folder (${by}): hand it over as a whole, or commit it with git add -f ${way}`];
  const text = `git would leave behind ${behind.length} of the ${files.length} files of the run, such as ${first.path} (${by})`;
  const todo = `git add -f ${way}; and for the runs to come write ${reportsException} into .gitignore, below that rule`;
  if (asks === 'gate' && !(await anyTracked(folder))) return [`${text}; to commit it: ${todo}`];
  reasons.add(exit.stale, text, todo);
  return [];
}
