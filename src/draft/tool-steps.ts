import type { ToolStep } from '../toolchains/contract.ts';
import type { DraftStep, ProjectTree } from '../toolchains/drafted.ts';
import { toolchains } from '../toolchains/index.ts';
import { innerWords, provesOf } from './check-words.ts';
import type { Proves } from '../toolchains/program-words.ts';

/** The step of a toolchain that does what a command does; undefined where none does. */
export function toolStep(words: readonly string[], cwd: string, tree: ProjectTree): ToolStep | undefined {
  const command = { words: innerWords(words), starter: words[0] ?? '', cwd };
  for (const one of toolchains) {
    const step = one.stepFor(command, tree);
    // `tox -e docs` is started by what runs tests, and runs none.
    if (step && one.steps[step.uses] === 'test' && /^(?:build|lint|types)$/.test(provesOf(words)?.proves ?? ''))
      return undefined;
    if (step) return step;
  }
  return undefined;
}

const ownerOf = ({ uses }: Pick<DraftStep, 'uses'>) => toolchains.find((one) => uses in one.steps);

/** What a step of a toolchain proves. */
export const provenBy = (step: DraftStep): Proves | undefined => ownerOf(step)?.steps[step.uses];

/** The commands that need not be drafted beside the step; without a folder wherever they run. */
export const coveredBy = (step: DraftStep): { key: string; cwd?: string }[] => ownerOf(step)?.covers(step) ?? [];

/** Paths that the step's programs fill. */
export const filledBy = (step: DraftStep, tree: ProjectTree): string[] => ownerOf(step)?.outputs(step, tree) ?? [];

/** Is there one step of this type for a project, whatever its other parameters? */
export const isOnePerProject = (uses: string): boolean => toolchains.some((one) => uses in one.steps);
