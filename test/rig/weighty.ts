import type { composeSets } from '../../src/draft/compose-sets.ts';
import { runStep } from './run-step.ts';

/** The findings of a step that are more than notes, as `level code line`. */
export const weighty = async (step: Parameters<typeof runStep>[0]): Promise<string[]> =>
  (await runStep(step)).findings
    .filter(({ level }) => level !== 'note')
    .map(({ level, code, where }) => `${level} ${code}${where?.line === undefined ? '' : ` ${where.line}`}`);

/** What a draft is made from, of texts alone. */
export const treeOf = (files: Readonly<Record<string, string>>): Parameters<typeof composeSets>[0] => ({
  paths: Object.keys(files),
  text: (path) => files[path],
  size: (path) => files[path]?.length,
  of: (path, derive) => derive(files[path] ?? '', path),
  get: () => {
    throw new Error('not asked for here');
  },
});
