import type { StepContext } from '../core/step.ts';
import type { TreeChanges } from '../core/tree-change.ts';

/** The tracked files that changed since the step began, with git's diff of them; without git, all but what is to be produced. */
export async function treeDiff(ctx: StepContext, produces: readonly string[] = []): Promise<TreeChanges> {
  const changes = ctx.treeChanges();
  if (changes.length === 0) return { changes, diff: '' };
  const paths = changes.slice(0, 50).map((one) => one.path);
  const diff = await ctx.exec(['git', 'diff', '--no-color', '--no-ext-diff', '--', ...paths], {
    name: 'tree-diff',
    maxText: 20_000,
  });
  // Without git nobody can say which files are sources and which are what the command is there to write.
  return diff.code === 0
    ? { changes, diff: diff.stdout }
    : { changes: changes.filter((one) => !produces.some((path) => `${one.path}/`.startsWith(`${path}/`))), diff: '' };
}
