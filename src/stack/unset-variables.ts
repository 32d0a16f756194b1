import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import type { Judge } from '../core/judgement.ts';
import type { StepContext } from '../core/step.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { composeFile } from '../formats/compose/written.ts';
import { derivedIfThere } from '../repository/derived.ts';
import { wrongImage } from '../formats/compose/refusals.ts';
import { lineOf } from './checks.ts';
import { saidIn } from './said-elsewhere.ts';

/** A variable without a value in the environment and in `.env`: Compose puts nothing in its place. */
export interface UnsetVariable {
  name: string;
  file: string;
  line: number;
  /** The env_file of a service that has it: such a file is not read for `${…}`. */
  envFile?: string;
  /** Images that are none without it, as written and as they become. */
  images: { written: string; becomes: string }[];
  /** A script, workflow, document or example of the repository that sets or names it. */
  setBy?: string;
}

export const unsetVariableProblems = {
  'variable-not-set': {
    level: 'note',
    title: 'A variable has no value',
    hint: 'set it, or give it a default: ${NAME:-value}',
  },
} as const;

const named = (name: string): RegExp =>
  new RegExp(String.raw`(?:^|[\s"';&({[-])(?:export\s+)?${escapeRegex(name)}\s*(?::?=|:\s)`, 'm');

export async function lookAtUnset(
  names: readonly string[],
  files: readonly string[],
  ctx: StepContext,
): Promise<UnsetVariable[]> {
  const found: UnsetVariable[] = [];
  for (const name of names) {
    const one: UnsetVariable = { name, file: files[0] ?? '', line: 1, images: [] };
    const use = new RegExp(String.raw`\$\{?${escapeRegex(name)}\b`);
    for (const file of files) {
      const text = (await ctx.files.readIfThere(file)) ?? '';
      const line = text.split('\n').findIndex((each) => use.test(each));
      if (line < 0) continue;
      Object.assign(one, { file, line: line + 1 });
      for (const service of Object.values((await derivedIfThere(ctx, file, composeFile))?.services ?? {})) {
        const written = textOf(service['image']);
        const becomes = written.replaceAll(
          new RegExp(String.raw`\$\{${escapeRegex(name)}\}|\$${escapeRegex(name)}\b`, 'g'),
          '',
        );
        if (written !== becomes && wrongImage(becomes) !== undefined) {
          one.images.push({ written, becomes });
          if (one.images.length === 1) one.line = lineOf(text, written);
        }
        for (const envFile of envFilesOf(service['env_file'], file)) {
          if (
            new RegExp(String.raw`^\s*(?:export\s+)?${escapeRegex(name)}\s*=`, 'm').test(
              (await ctx.files.readIfThere(envFile)) ?? '',
            )
          )
            one.envFile ??= envFile;
        }
      }
    }
    const setBy = await saidIn(named(name), ctx, [...files, ...(one.envFile === undefined ? [] : [one.envFile])]);
    if (setBy !== undefined) one.setBy = setBy;
    found.push(one);
  }
  return found;
}

function envFilesOf(value: unknown, file: string): string[] {
  return (Array.isArray(value) ? listOf(value) : [value])
    .map((one) => textOf(one) || textOf(objectOf(one)['path']))
    .filter((path) => path !== '' && !path.includes('$'))
    .map((path) => (path.startsWith('/') ? path : posix.join(posix.dirname(file), path)));
}

export function judgeUnset(j: Judge<typeof unsetVariableProblems>, unset: readonly UnsetVariable[]): void {
  for (const one of unset) {
    const { name, images, envFile, setBy, file, line } = one;
    const [image] = images;
    const effect = image
      ? `the image ${image.written} becomes "${image.becomes}", which the engine refuses`
      : 'Compose puts nothing in its place';
    const why =
      envFile !== undefined
        ? `: the env_file ${envFile} has it, and is given to the container, not read for \${${name}}`
        : setBy !== undefined
          ? `; ${setBy} names it`
          : '';
    const proven = setBy === undefined && (image !== undefined || envFile !== undefined);
    j.find('variable-not-set', `the variable ${name} is not set: ${effect}${why}`, {
      subject: name,
      where: { file, line },
      ...(proven && { level: 'error' as const }),
      ...(envFile !== undefined && {
        hint: `put it into .env beside the compose file, or name the file with --env-file`,
      }),
    });
  }
}
