import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';
import type { ComposeService } from '../formats/compose/model.ts';
import { composeFile } from '../formats/compose/written.ts';
import { listOf, textOf } from '../formats/data/json-parts.ts';
import { derivedIfThere } from '../repository/derived.ts';
import type { Around } from './checks.ts';

/** Compose files of one repository that are looked at for services of other stacks. */
const maxFiles = 300;

/**
 * Services that other compose files of the repository declare, or a profile that is off, and that the resolved configuration does
 * not have. Files of one folder are one project to Compose, and share its default network; any of them may be given with a second -f.
 */
export async function lookElsewhere(
  files: readonly string[],
  services: readonly ComposeService[],
  ctx: StepContext,
): Promise<Pick<Around, 'elsewhere' | 'overlaid'>> {
  const overlaid: Record<string, string[]> = {};
  const found: Record<string, { file: string; profiles: string[]; beside: boolean }> = {};
  const folder = posix.dirname(files[0] ?? '');
  const beside = (await ctx.files.list(folder === '.' ? ctx.target : folder))
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => posix.join(folder, name));
  const others = (await ctx.files.glob(['**/*{compose,stack,docker,overlay,override}*.{yml,yaml}'])).slice(0, maxFiles);
  for (const file of new Set([...files, ...beside, ...others])) {
    const text = (await ctx.files.readIfThere(file)) ?? '';
    if (!/^["']?services["']?\s*:/m.test(text)) continue;
    for (const [name, service] of Object.entries((await derivedIfThere(ctx, file, composeFile))?.services ?? {})) {
      const profiles = files.includes(file) ? listOf(service['profiles']).map(textOf) : [];
      // Without an image it is no service of its own: it is laid over this one, for some people.
      if (!files.includes(file) && beside.includes(file) && !('image' in service) && !('build' in service))
        overlaid[name] = [...(overlaid[name] ?? []), ...Object.keys(service)];
      for (const alias of [name, textOf(service['container_name'])])
        if (alias !== '' && !services.some((other) => other.name === name))
          found[alias] ??= { file, profiles, beside: files.includes(file) || beside.includes(file) };
    }
  }
  return { elsewhere: found, overlaid };
}
