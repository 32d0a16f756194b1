import type { StepContext } from '../core/step.ts';
import type { Bound, Ran } from './contract.ts';
import { outsideLinter, outsideOf } from './outside-settings.ts';

/** Has every toolchain prepare for the commands that call its programs. */
export async function bindCommands(
  commands: readonly Ran[],
  env: Record<string, string>,
  ctx: StepContext,
): Promise<Bound> {
  // Only a run needs them: `plan` and `lint` load no toolchain.
  const { toolchains } = await import('./index.ts');
  const bound: Bound[] = [];
  const silenced = new Set<string>();
  for (const { bind, ambient, lints } of toolchains) {
    if (bind) bound.push(await bind(commands, env, ctx));
    for (const { text, at = '.' } of commands) {
      const where = { cwd: at === '.' ? '' : at, env };
      const plain = `${text.replace(/^(?:\S*\/)?(?:python[\d.]* -m )?/, '')} `;
      const linters = Object.values(lints?.linters ?? {}).filter(({ words }) =>
        plain.startsWith(`${words.join(' ')} `),
      );
      const outside = ambient.of?.test(text) === true ? await outsideOf(ambient, where, ctx) : [];
      for (const linter of linters) outside.push(...(await outsideLinter(linter, where, ctx)));
      for (const one of outside) silenced.add(`${text.split(' ', 3).join(' ')} may leave something out: ${one}`);
    }
  }
  return {
    ended: async () => {
      for (const one of bound) await one.ended();
    },
    silenced: [...bound.flatMap((one) => one.silenced), ...[...silenced].map((message) => ({ message }))],
  };
}
