import { randomBytes, scrypt } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from '../core/record.ts';
import { canonicalJson } from '../evidence/digest.ts';
import { isSecret } from '../evidence/secret-shapes.ts';
import { git } from './git.ts';
import { stateOf } from './programs.ts';

/** Variables that differ from one terminal, job or call to the next, and that no check should depend on. */
const fleeting = new RegExp(
  `^(?:${[
    '_|PWD|OLDPWD|SHLVL|TERM|TERM_.*|COLORTERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR.*|LS_COLORS|WINDOWID|TMUX.*|STY',
    'SSH_.*|XDG_SESSION_.*|XDG_RUNTIME_DIR|DBUS_.*|DISPLAY|WAYLAND_DISPLAY|INVOCATION_ID|JOURNAL_STREAM|DEBUGINFOD_URLS',
    'GITHUB_(?:RUN_.*|ENV|OUTPUT|PATH|STATE|STEP_SUMMARY|ACTION.*|JOB)|RUNNER_.*|ACTIONS_.*',
    'CI_(?:JOB|PIPELINE|RUNNER|CONCURRENT)_.*|BUILD_(?:ID|NUMBER|TAG|URL)|INIT_CWD|npm_(?:lifecycle|package|command|execpath|node_execpath).*',
    'NODE_COMPILE_CACHE|VERIFY_.*|VITEST.*|TINYPOOL.*',
  ].join('|')})$`,
);

/** Files that git ignores and that configure what runs: `.env`, `config/local.yaml`. */
const configures = /(?:^|[/.])(?:env[^/]*|local[^/]*|[^/]+\.(?:ya?ml|toml|json|ini|cfg|conf|properties|env))$/i;

/**
 * What programs run in: the environment, and ignored files of configuration that lie beside tracked ones. The value of a secret is
 * left out, also as a digest: only that it is set counts.
 * @param secrets names of further variables that hold secrets
 * @param leftOut paths that verify itself writes
 */
export async function surroundings(
  target: string,
  secrets: ReadonlySet<string>,
  leftOut: (path: string) => boolean,
  salt: string = randomBytes(16).toString('hex'),
): Promise<Surroundings> {
  const variables = Object.entries(process.env)
    .filter(([name]) => !fleeting.test(name))
    .map(([name, value]) => [name, secrets.has(name) || isSecret(name, value ?? '') ? '' : value]);
  const ignored =
    (await git(target, ['ls-files', '-o', '-i', '-z', '--exclude-standard', '--directory']))?.split('\0') ?? [];
  const files = ignored
    .filter((path) => configures.test(path) && !leftOut(path))
    .flatMap((path) => {
      const full = join(target, path);
      return statSync(full, { throwIfNoEntry: false })?.isFile() === true ? [[path, stateOf(full)]] : [];
    });
  const all = [...variables, ...files].toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const digest = await new Promise<Buffer>((done, fail) => {
    scrypt(canonicalJson(all), salt, 16, (error, key) => (error ? fail(error) : done(key)));
  });
  return { names: all.map(([name = '']) => name), salt, digest: digest.toString('hex') };
}
