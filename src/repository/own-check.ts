import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Files } from '../core/step.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { importsOf, openImports } from '../formats/programs/imports.ts';

/** A check of the repository's own, as a checklist names it: `./checks/licences.mjs`, or `acme-checks/soc2` of a package. */
export interface OwnCheck {
  /** A path that begins with `./`, or the name of a package in node_modules and of its check. */
  check: string;
  /** Files that it leans on besides those that it imports. */
  files: readonly string[];
}

/** A check as it lies there: what is started, and every file of it. */
export interface FoundCheck {
  /** Path of the program, relative to the target, with `./` before it. */
  program: string;
  /** sha256 of the file where it is one alone; else of the lines `SHA256  PATH` of all its files, as sha256sum prints them. */
  digest: string;
  files: string[];
  /** Places where it loads a file by a name that is put together, which is in no digest: `checks/x.mjs:3`, and the words. */
  open?: { file: string; line: number; text: string }[];
}

type Door = Pick<Files, 'kind' | 'list' | 'read' | 'readIfThere' | 'realPath' | 'sha256'>;

/** At most so many files of one check. */
const most = 2000;

/** `acme-checks/soc2`, `@acme/checks/soc2`: the package, and its check. */
export function packageAndCheck(name: string): { package: string; check: string } | undefined {
  const [, own, check] = /^((?:@[\w.-]+\/)?[\w-][\w.-]*)\/([\w-][\w.-]*)$/.exec(name) ?? [];
  return own === undefined || check === undefined ? undefined : { package: own, check };
}

/** Finds a check and digests it. @returns why there is none, in words */
export async function findCheck({ check, files }: OwnCheck, door: Door): Promise<FoundCheck | string> {
  if (!check.startsWith('./')) return findInPackage(check, files, door);
  const program = posix.normalize(check);
  const why = await whyNoFile(program, door);
  if (why !== undefined) return why;
  const { all, open } = await withImports([program], door);
  for (const file of files) {
    const missing = await whyNoFile(file, door);
    if (missing !== undefined) return missing;
    all.add(posix.normalize(file));
  }
  return {
    program: `./${program}`,
    ...(await digestOf([...all], '', door)),
    // Who names further files has said what else it loads.
    ...(open.length > 0 && files.length === 0 && { open }),
  };
}

async function whyNoFile(path: string, door: Door): Promise<string | undefined> {
  if ((await door.kind(path)) !== 'file') return `${path} is not there`;
  return (await door.realPath(path)).outside ? `${path} lies outside of the target` : undefined;
}

/** The files, and those that they import, of the target; of a folder from which a name is put together, every file. */
async function withImports(
  first: readonly string[],
  door: Door,
): Promise<{ all: Set<string>; open: NonNullable<FoundCheck['open']> }> {
  const all = new Set(first);
  const open: NonNullable<FoundCheck['open']> = [];
  for (const path of all) {
    if (all.size >= most) break;
    const text = await door.read(path).catch(() => '');
    for (const candidates of importsOf(path, text))
      for (const candidate of candidates) {
        const other = posix.join(posix.dirname(path), candidate);
        if (other.startsWith('..') || (await door.kind(other)) !== 'file') continue;
        all.add(other);
        break;
      }
    for (const { folder, ...one } of openImports(path, text)) {
      const at = folder === undefined ? undefined : posix.join(posix.dirname(path), folder).replace(/\/$/, '');
      const below = at === undefined || at.startsWith('..') ? undefined : await filesBelow(at, door);
      if (below === undefined || below.length === 0) open.push({ file: path, ...one });
      for (const file of below ?? []) all.add(file);
    }
  }
  return { all, open };
}

/** A check of a package says in its package.json which file it is: `"verify": { "checks": { "soc2": "./soc2.mjs" } }`. */
async function findInPackage(name: string, files: readonly string[], door: Door): Promise<FoundCheck | string> {
  const parts = packageAndCheck(name);
  if (!parts) return `${name} names no check: write ./PATH, or PACKAGE/CHECK`;
  const folder = `node_modules/${parts.package}`;
  const text = await door.readIfThere(`${folder}/package.json`);
  if (text === undefined) return `${folder} is not there: install the package`;
  let checks: unknown;
  try {
    checks = (JSON.parse(text) as { verify?: { checks?: unknown } } | null)?.verify?.checks;
  } catch {
    return `${folder}/package.json does not parse`;
  }
  const known = checks !== null && typeof checks === 'object' ? (checks as Record<string, unknown>) : {};
  const entry = Object.hasOwn(known, parts.check) ? known[parts.check] : undefined;
  if (typeof entry !== 'string' || posix.join('x', entry).split('/')[0] !== 'x')
    return `${parts.package} has no check ${parts.check}; it has ${Object.keys(known).join(', ') || 'none'}`;
  const program = posix.join(folder, entry);
  if ((await door.kind(program)) !== 'file') return `${program} is not there`;
  const own = await filesOfPackage(folder, door);
  if (own === undefined) return `${folder} and what it depends on have more than ${most} files`;
  const { digest } = await digestOf(own, `${folder}/`, door);
  return files.length > 0
    ? `a package is digested whole: leave files out`
    : { program: `./${program}`, digest, files: own };
}

/** Every file of a package, and of the packages that it depends on, wherever node would find them. */
async function filesOfPackage(folder: string, door: Door): Promise<string[] | undefined> {
  const root = (await door.realPath('.')).real;
  const found = new Set<string>();
  const packages = new Set([folder]);
  for (const one of packages) {
    const files = await filesBelow(one, door);
    for (const path of files ?? []) found.add(path);
    if (files === undefined || found.size > most) return undefined;
    // Node looks from where the package really lies: pnpm links to it.
    const { real, outside } = await door.realPath(one);
    const home = outside ? one : posix.relative(root, real);
    for (const name of dependenciesIn((await door.readIfThere(`${one}/package.json`)) ?? '')) {
      const at = await resolvePackage(name, home, door);
      if (at !== undefined && !at.startsWith(`${folder}/`)) packages.add(at);
    }
  }
  return [...found];
}

/** What a package.json says that the package needs to run. */
function dependenciesIn(text: string): string[] {
  try {
    const own = objectOf(JSON.parse(text));
    return ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((key) =>
      Object.keys(objectOf(own[key])),
    );
  } catch {
    return [];
  }
}

/** The folder of a package, as node finds it from the folder of another. */
async function resolvePackage(name: string, from: string, door: Door): Promise<string | undefined> {
  for (let at = from; ; at = posix.dirname(at)) {
    const folder = posix.join(at, 'node_modules', name);
    if (posix.basename(at) !== 'node_modules' && (await door.kind(folder)) === 'directory') return folder;
    if (at === '.' || at === '/' || at === '') return undefined;
  }
}

/** Every file below a folder. */
async function filesBelow(folder: string, door: Door): Promise<string[] | undefined> {
  const found: string[] = [];
  const todo = [folder];
  for (let at = todo.pop(); at !== undefined; at = todo.pop())
    for (const name of await door.list(at)) {
      const path = `${at}/${name}`;
      const kind = await door.kind(path);
      if (kind === 'directory') todo.push(path);
      else if (kind === 'file' && found.push(path) > most) return undefined;
    }
  return found;
}

async function digestOf(
  paths: readonly string[],
  prefix: string,
  door: Door,
): Promise<Pick<FoundCheck, 'digest' | 'files'>> {
  const files = paths.toSorted();
  const [only] = files;
  if (only !== undefined && files.length === 1 && prefix === '') return { digest: await door.sha256(only), files };
  const hash = createHash('sha256');
  for (const path of files)
    hash.update(`${await door.sha256(path)}  ${path.startsWith(prefix) ? path.slice(prefix.length) : path}\n`);
  return { digest: hash.digest('hex'), files };
}
