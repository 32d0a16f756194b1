import { painter } from '../ui/plain.ts';
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { maxShards, parseShard, type Shard } from '../core/shard.ts';
import { findChecklist } from '../checklist/find.ts';
import { loadChecklist, type LoadedChecklist } from '../checklist/load.ts';

/** The root of the package, from source and from the build alike. */
export const packageRoot = ((): string => {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) && existsSync(join(at, 'checklists'))) return at;
    if (dirname(at) === at) throw new Error('the package is incomplete: checklists/ is missing');
  }
})();

export { version } from '../version.ts';

export const commandNames = `run plan lint doctor steps report diff completion sign-off gate merge init new-step
  publish clean claims serve`.split(/\s+/);

export interface LoadOptions {
  var: string[];
  trust?: string | undefined;
  target?: string | undefined;
}

/** `--shard i/n`. @throws UserError 64 */
export function shardNamed(text: string): Shard {
  const shard = parseShard(text);
  if (shard) return shard;
  throw new UserError(exit.usage, `--shard ${text}: there is no such shard`, {
    hint: `write i/n with i from 1 to n, and n at most ${maxShards}: --shard 2/3`,
  });
}

/** `--var name=value` pairs. @throws UserError 64 */
export function parseVars(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0) throw new UserError(exit.usage, `--var ${pair}: write name=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/**
 * Finds, loads and (where it comes from elsewhere) asks for trust in a checklist.
 * @throws UserError 66, 65, 77, 78
 */
export async function load(name: string, options: LoadOptions): Promise<LoadedChecklist & { targetPath: string }> {
  const found = findChecklist(name, process.cwd(), join(packageRoot, 'checklists'), commandNames);
  const loaded = await loadChecklist(found.path, parseVars(options.var));
  if (found.origin === 'foreign' && options.trust !== loaded.sha256) {
    throw new UserError(
      exit.untrusted,
      `${found.path} does not belong to this repository, and a checklist is code that is run`,
      {
        hint: `read it (\`verify plan ${name} --trust ${loaded.sha256}\` shows every command), then run it with --trust ${loaded.sha256}`,
      },
    );
  }
  const targetPath = targetOf(loaded, options.target);
  if (!existsSync(targetPath)) {
    throw new UserError(exit.missing, `the target ${targetPath} is not there`, {
      hint: 'give the repository to verify with --target',
    });
  }
  return { ...loaded, targetPath };
}

/** Does a step, or its stand-in, run a check of the repository's own? */
export const hasOwnChecks = ({ steps }: Pick<LoadedChecklist, 'steps'>): boolean =>
  steps.some((step) => step.spec.uses === 'program' || step.standIn?.spec.uses === 'program');

/** The repository under verification: what the option says, else what the checklist says, else the working directory. */
export function targetOf({ path, checklist }: Pick<LoadedChecklist, 'path' | 'checklist'>, option?: string): string {
  if (option !== undefined) return resolve(option);
  return checklist.target === undefined ? process.cwd() : resolve(dirname(path), checklist.target);
}

/** @throws UserError 64 where it is none, or out of bounds */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UserError(exit.usage, `${option} ${text}: write a whole number from ${min} to ${max}`);
  return value;
}

/** Steps that run at once, of `--jobs`: the cores where it is not given, two at least. @throws UserError 64 */
export const jobsOf = (option: string | undefined): number =>
  option === undefined ? Math.max(2, availableParallelism()) : wholeNumber('--jobs', option, 1, 10_000);

/** A path as it is shortest from the working directory. */
export function nearPath(path: string): string {
  const way = relative(process.cwd(), path);
  return way.startsWith('..') ? path : way;
}

/** In colours where a person reads it and did not ask for none. */
export const hasColour = (): boolean => process.stdout.isTTY && !('NO_COLOR' in process.env);
export const stdoutPainter = (): ReturnType<typeof painter> => painter(hasColour());
