import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';
import type { ComposeService } from '../formats/compose/model.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import type { Around } from './checks.ts';

/**
 * Services that the files and the compose files beside them declare, and that the resolved configuration does not have.
 * Files of one folder are one project to Compose, and share its default network.
 */
export async function lookElsewhere(
  files: readonly string[],
  services: readonly ComposeService[],
  ctx: StepContext,
): Promise<Around['elsewhere']> {
  const found: Record<string, { file: string; profiles: string[] }> = {};
  const folder = posix.dirname(files[0] ?? '');
  const beside = (await ctx.files.list(folder === '.' ? ctx.target : folder))
    .filter((name) => /compose.*\.ya?ml$/.test(name))
    .map((name) => posix.join(folder, name));
  for (const file of new Set([...files, ...beside])) {
    for (const [name, one] of Object.entries(
      objectOf(objectOf(yamlOf((await ctx.files.readIfThere(file)) ?? ''))['services']),
    )) {
      const service = objectOf(one);
      const profiles = files.includes(file) ? listOf(service['profiles']).map(textOf) : [];
      for (const alias of [name, textOf(service['container_name'])])
        if (alias !== '' && !services.some((other) => other.name === name)) found[alias] ??= { file, profiles };
    }
  }
  return found;
}
