import { writeFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';
import { composeFile } from '../formats/compose/written.ts';
import { derivedIfThere } from '../repository/derived.ts';
import { gitIgnores } from './build-checks.ts';
import { short } from './checks.ts';

/**
 * Compose refuses a configuration whose `env_file:` is not there: a file for one more `-f` that leaves env files out, so that the
 * rest can be checked. `meant`: it is not to be committed, since git ignores it or an example lies beside it.
 */
export async function leaveEnvFilesOut(
  files: readonly string[],
  refusal: string,
  ctx: StepContext,
): Promise<{ missing: string; meant: boolean; override: string } | undefined> {
  const missing = /env file (\S+) not found/.exec(refusal)?.[1];
  if (missing === undefined) return undefined;
  const name = posix.basename(missing);
  const beside = await ctx.files.list(posix.dirname(missing));
  const example = beside.some(
    (other) => other !== name && /example|sample|template|dist|default/i.test(other) && /env/i.test(other),
  );
  const meant = example || (await gitIgnores(missing, ctx));
  // A service may stand in several of the files.
  const services = new Set<string>();
  for (const file of files)
    for (const [service, one] of Object.entries((await derivedIfThere(ctx, file, composeFile))?.services ?? {}))
      if ('env_file' in one || 'extends' in one)
        services.add(`  ${JSON.stringify(service)}: { env_file: !reset [] }\n`);
  if (services.size === 0) return undefined;
  const override = `${ctx.evidence.scratch()}/without-env-files.yml`;
  await writeFile(override, `services:\n${[...services].join('')}`);
  return { missing: short(ctx, missing), meant, override };
}
