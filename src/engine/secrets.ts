import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import { composeFile } from '../formats/compose/written.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { Redactor, secretsOfVariables } from '../evidence/redact.ts';

/** `.env`, `.env.local`, `prod.env`; not what shows others how to write one. */
const envFile = /^(?:\.env(?:\..+)?|.+\.env)$/;
const sample = /example|sample|template|dist$|defaults?$/i;

/** Sets those of the variables that are not set, so that services and steps read one value. 144 random bits each. */
export function makeUp(names: readonly string[], env: NodeJS.ProcessEnv): void {
  for (const name of names) if ((env[name] ?? '') === '') env[name] = randomBytes(18).toString('base64url');
}

/** Takes out of a run what is secret in the environment, and in the env files of the target and beside its Compose files. */
export function redactorOf(loaded: LoadedChecklist, target: string, passwords: readonly string[]): Redactor {
  const named = new Set([...loaded.steps.flatMap((step) => step.spec.secrets), ...passwords]);
  const redactor = Redactor.ofEnvironment(process.env, named);
  const folders = [
    target,
    ...(loaded.checklist.stack?.compose?.files ?? []).map((file) => dirname(resolve(target, file))),
  ];
  for (const folder of new Set(folders))
    for (const variables of variablesIn(folder)) redactor.add(secretsOfVariables(variables, named));
  for (const file of loaded.checklist.stack?.compose?.files ?? []) redactor.add(handedIn(resolve(target, file)));
  return redactor;
}

/** What a Compose file hands into containers as secrets, and the secret variables of its `env_file`. */
function handedIn(path: string): string[] {
  const { root, services } = composeFile(small(path) ?? '');
  const textAt = (file: unknown): string =>
    typeof file === 'string' ? (small(resolve(dirname(path), file)) ?? '') : '';
  const secrets = Object.values(objectOf(root['secrets'])).map((one) => textAt(objectOf(one)['file']).trim());
  const variables = Object.values(services).flatMap(({ env_file: files }) =>
    (Array.isArray(files) ? files : [files]).map((one) =>
      Object.fromEntries(pairs(textAt(typeof one === 'string' ? one : objectOf(one)['path']))),
    ),
  );
  return [...secrets, ...variables.flatMap((one) => secretsOfVariables(one))];
}

/** What keeps every step from reading it too. */
const nobodyReads = new Set(['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP']);

/** What `look` gives; undefined where nobody can read it. @throws UserError 74 where it is there and reading failed: its secrets would be printed */
function readable<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined && nobodyReads.has(code)) return undefined;
    throw new UserError(exit.io, `${path} may hold secrets, and could not be read: ${code ?? String(cause)}`, {
      cause,
    });
  }
}

const small = (path: string): string | undefined =>
  readable(path, () => {
    const stat = statSync(path);
    return stat.isFile() && stat.size < 1_000_000 ? readFileSync(path, 'utf8') : undefined;
  });

/** Each env file of a folder. */
function variablesIn(folder: string): Record<string, string>[] {
  const names = readable(folder, () => readdirSync(folder)) ?? [];
  return names
    .filter((name) => envFile.test(name) && !sample.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      const text = small(path);
      return text === undefined ? [] : [Object.fromEntries(pairs(text))];
    });
}

/** Names and values of an env file, quotes taken off. */
const pairs = (text: string): [string, string][] =>
  text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*(.*?)\s*$/.exec(line);
    const [, name = '', raw = ''] = match ?? [];
    const quoted = /^(["'])(.*)\1/.exec(raw);
    return name === '' ? [] : [[name, quoted?.[2] ?? raw.replace(/\s+#.*$/, '')]];
  });
