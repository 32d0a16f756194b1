import { lstatSync, realpathSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { execa } from 'execa';
import { exit, UserError } from '../core/errors.ts';

/**
 * What git is told whatever a configuration says: paths as they are, no monitor that could say "unchanged", no rules and attributes
 * of one machine, no letters that are the same to a file system, no graph of commits that somebody may have written, no programs.
 */
const pinned = [
  'core.quotePath=false',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.ignorecase=false',
  'core.precomposeunicode=false',
  `core.excludesFile=${devNull}`,
  `core.attributesFile=${devNull}`,
  'core.autocrlf=false',
  'core.eol=lf',
  'core.commitGraph=false',
  `core.hooksPath=${devNull}`,
  'log.showSignature=false',
  'i18n.logOutputEncoding=UTF-8',
];

/** The only variables of git's own that are handed on: where to stop looking for a repository, never which one it is. */
const handedOn = new Set(['GIT_CEILING_DIRECTORIES', 'GIT_DISCOVERY_ACROSS_FILESYSTEM']);

/** Every other variable of git taken out: they name repositories, indexes, objects, configurations and programs. */
const withoutGit = (): Record<string, undefined> =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.toUpperCase().startsWith('GIT_') && !handedOn.has(name))
      .map((name) => [name, undefined]),
  );

const own = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: devNull,
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
};
const nobodys = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: devNull, GIT_ATTR_NOSYSTEM: '1' };

const paths = new Map<string, string>();

/** PATH without the folders of the repository that is asked about: what it brings with it must not say what it holds. */
function pathElsewhere(cwd: string): string {
  const known = paths.get(cwd);
  if (known !== undefined) return known;
  let top = real(cwd);
  for (let at = top; dirname(at) !== at; at = dirname(at)) {
    const kind = lstatSync(join(at, '.git'), { throwIfNoEntry: false });
    if (!kind) continue;
    top = at;
    // That of a submodule is a file: it lies in another repository.
    if (kind.isDirectory()) break;
  }
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !`${real(folder)}/`.startsWith(`${top}/`))
    .join(delimiter);
  paths.set(cwd, path);
  return path;
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** A question to git by a step, as it is to be started: under the pinned settings, without git's own variables. */
export const pinnedGit = (
  argv: readonly string[],
  cwd: string,
): { argv: string[]; env: Record<string, string | undefined> } => ({
  argv: ['git', ...pinned.flatMap((setting) => ['-c', setting]), ...argv.slice(1)],
  env: { ...withoutGit(), ...own, PATH: pathElsewhere(cwd) },
});

/** What git answers: what it prints, or why it does not. */
export type GitAnswer = { said: Buffer } | { problem: string; foreignOwner?: boolean };

async function start(
  cwd: string,
  args: readonly string[],
  settings: readonly string[],
  env: Record<string, string | undefined>,
  input?: string | Uint8Array,
): Promise<GitAnswer> {
  const result = await execa('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    reject: false,
    stripFinalNewline: false,
    encoding: 'buffer',
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    maxBuffer: 512 * 1024 * 1024,
    env: { ...withoutGit(), ...env, PATH: pathElsewhere(cwd) },
  });
  if (result.exitCode === 0) return { said: Buffer.from(result.stdout) };
  if (result.code === 'ENOENT') return { problem: 'git is not installed' };
  // A git that cannot be started now (no process, no file left) says nothing: the folder must not be taken for one without git.
  if (result.exitCode === undefined && result.signal === undefined)
    throw new UserError(exit.io, `git could not be run in ${cwd}: ${result.shortMessage}`, { hint: 'run again' });
  const errors = Buffer.from(result.stderr).toString('utf8').trim().split('\n');
  const line = errors.find((one) => /^(?:fatal|error):/.test(one)) ?? errors[0] ?? '';
  return {
    problem: line.replace(/^(?:fatal|error): /, '') || `git ${args[0]} ended with ${result.exitCode ?? result.signal}`,
    foreignOwner: /dubious ownership|unsafe repository/.test(errors.join('\n')),
  };
}

let safe: Promise<string[]> | undefined;

/** The folders of other owners that this user, or this machine, has declared safe: git takes them from no repository's own file. */
async function declaredSafe(cwd: string): Promise<string[]> {
  const read = async (scope: string): Promise<string[]> => {
    const answer = await start(cwd, ['config', scope, '-z', '--get-all', 'safe.directory'], [], own);
    return 'said' in answer ? answer.said.toString('utf8').split('\0').filter(Boolean) : [];
  };
  return [...(await read('--system')), ...(await read('--global'))].map((folder) => `safe.directory=${folder}`);
}

/**
 * Asks git under a configuration and an environment that nobody can set from outside: of the repository's own file counts what git
 * needs to read it, of the user's and the machine's nothing but which folders of other owners are safe.
 * @param input for git's standard input
 * @throws UserError 74 where it could not be started
 */
export async function askGit(
  cwd: string,
  args: readonly string[],
  settings: readonly string[] = [],
  input?: string | Uint8Array,
): Promise<GitAnswer> {
  const env = { ...own, ...nobodys };
  const first = await start(cwd, args, [...pinned, ...settings], env, input);
  if (!('problem' in first) || first.foreignOwner !== true) return first;
  safe ??= declaredSafe(cwd);
  const folders = await safe;
  return folders.length === 0 ? first : start(cwd, args, [...pinned, ...settings, ...folders], env, input);
}

/** What git prints, as bytes, asked as by `askGit`; undefined where it fails, or is not installed. @throws UserError 74 */
export async function gitBytes(cwd: string, args: readonly string[]): Promise<Buffer | undefined> {
  const answer = await askGit(cwd, args);
  return 'said' in answer ? answer.said : undefined;
}

export async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  return (await gitBytes(cwd, args))?.toString('utf8');
}

/** As the user's own git answers, with the user's and the machine's configuration: for what the user does with it, not for judging. */
export async function userGit(cwd: string, args: readonly string[], input?: string): Promise<string | undefined> {
  const answer = await start(cwd, args, ['core.quotePath=false'], { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }, input);
  return 'said' in answer ? answer.said.toString('utf8') : undefined;
}

/** A remote's address without user and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^(\w+:\/\/)[^@/]*@/, '$1');
}
