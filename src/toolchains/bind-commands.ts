import type { StepContext } from '../core/step.ts';
import type { Bound, Ran } from './contract.ts';

/** Has every toolchain prepare for the commands that call its programs. */
export async function bindCommands(
  commands: readonly Ran[],
  env: Record<string, string>,
  ctx: StepContext,
): Promise<Bound> {
  // Only a run needs them: `plan` and `lint` load no toolchain.
  const { toolchains } = await import('./index.ts');
  const bound: Bound[] = [];
  for (const { bind } of toolchains) if (bind) bound.push(await bind(commands, env, ctx));
  return {
    ended: async () => {
      for (const one of bound) await one.ended();
    },
    silenced: bound.flatMap((one) => one.silenced),
  };
}
