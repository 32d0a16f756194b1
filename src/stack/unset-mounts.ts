import { posix } from 'node:path';
import { error, type Judge, type StepContext } from '../core/step.ts';
import { composeFile, volumesOf } from '../formats/compose/written.ts';
import { derivedIfThere } from '../repository/derived.ts';
import { saidIn } from './said-elsewhere.ts';

/** A mount whose source begins with a variable that has no value, so that it lies at the root of the machine. */
export interface UnsetMount {
  service: string;
  variable: string;
  /** As written, and what Compose makes of it. */
  written: string;
  becomes: string;
  file: string;
  line: number;
  /** The example of an env file that names the variable. */
  example?: string;
}

export const unsetMountProblems = {
  'mount-variable-unset': error(
    'A mount’s source begins with a variable that has no value',
    'give it a default (`${NAME:-./data}`) or ask for it (`${NAME:?set it}`), and name it in an example of the env file',
  ),
} as const;

/** Looks in the compose files as they are written, since Compose's answer shows no variable any more. */
export async function lookAtUnsetMounts(
  files: readonly string[],
  unset: readonly string[],
  ctx: StepContext,
): Promise<UnsetMount[]> {
  const found: UnsetMount[] = [];
  for (const file of unset.length > 0 ? files : []) {
    const compose = await derivedIfThere(ctx, file, composeFile);
    for (const [service, one] of Object.entries(compose?.services ?? {}))
      for (const [n, { source: written }] of volumesOf(one).entries()) {
        const [, variable = '', rest = ''] = /^\$\{?(\w+)\}?(\/[^:]*)/.exec(written) ?? [];
        if (!unset.includes(variable)) continue;
        const example = usual.has(variable)
          ? 'the environment'
          : ((await exampleOf(variable, file, ctx)) ??
            (await saidIn(new RegExp(`^\\s*(?:export\\s+)?${variable}=`, 'm'), ctx, files)));
        found.push({
          service,
          variable,
          written,
          becomes: posix.normalize(rest),
          file,
          line: compose?.lineOf(['services', service, 'volumes', n, 'source']) ?? 1,
          ...(example !== undefined && { example }),
        });
      }
  }
  return found;
}

/** Variables that a person's environment has, on one system at least. */
const usual: ReadonlySet<string> = new Set(['HOME', 'USER', 'TMPDIR', 'PWD', 'UID', 'LOGNAME', 'XDG_RUNTIME_DIR']);

async function exampleOf(variable: string, file: string, ctx: StepContext): Promise<string | undefined> {
  for (const folder of new Set([posix.dirname(file), '.']))
    for (const name of await ctx.files.list(folder)) {
      if (!/env/i.test(name) || !/example|sample|template|dist|default/i.test(name)) continue;
      const text = await ctx.files.readIfThere(posix.join(folder, name));
      if (new RegExp(String.raw`^\s*(?:export\s+)?${variable}=`, 'm').test(text ?? '')) return posix.join(folder, name);
    }
  return undefined;
}

export function judgeUnsetMounts(j: Judge<typeof unsetMountProblems>, mounts: readonly UnsetMount[]): void {
  for (const one of mounts)
    j.find(
      'mount-variable-unset',
      `${one.service} mounts ${one.written}: ${one.variable} has no value, so that it is ${one.becomes} of the machine`,
      {
        subject: one.service,
        where: { file: one.file, line: one.line },
        // It is meant to be given where the stack is started.
        ...(one.example !== undefined && { level: 'warning' as const, detail: `${one.example} names it` }),
      },
    );
}
