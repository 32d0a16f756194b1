import type { Tree } from '../core/tree.ts';
import { baseOf, folderOf, liesIn } from '../formats/data/paths.ts';

/** A step of a drafted checklist. */
export interface DraftStep {
  id: string;
  title?: string;
  uses: string;
  needs?: string[];
  /** Names of environment variables that hold what must not be shown. */
  secrets?: string[];
  /** Time limit, where the one of the step type is too short for a first build. */
  timeout?: string;
  with?: Record<string, unknown>;
  /** What runs where the stack lacks the service. */
  standIn?: { unless: string; uses: string; with: Record<string, unknown> };
  /** `FILE:LINE` of the document that it was drafted from. */
  from?: string;
  /** What a reader should know of it before it is relied on. */
  note?: string;
}

export interface DraftItem {
  id: string;
  title: string;
  impact?: 'critical' | 'major' | 'minor';
  ref?: string;
  steps: DraftStep[];
}

export type { Tree as ProjectTree };

/** Does the path lie in the folder of the manifest `root`, and in that of no other root within? */
export const belongsTo = (path: string, root: string, roots: readonly string[]): boolean =>
  liesIn(path, folderOf(root)) &&
  !roots.some((one) => one !== root && liesIn(one, folderOf(root)) && liesIn(path, folderOf(one)));

/** Paths of such a name that no other lies above of: the outermost. */
export function outermost(tree: Tree, name: RegExp): string[] {
  const all = tree.paths.filter((path) => name.test(baseOf(path)));
  return all.filter((path) => !all.some((one) => folderOf(one) !== folderOf(path) && liesIn(path, folderOf(one))));
}
