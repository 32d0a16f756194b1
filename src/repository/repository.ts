import { posix } from 'node:path';
import { library } from '../formats/data/libraries.ts';
import { suggest } from '../core/suggest.ts';
import { parseMarkdown, type MarkdownDocument } from '../formats/documents/markdown.ts';
import { isGlob } from '../formats/documents/path-text.ts';
import type { StepContext } from '../core/step.ts';
import type { Tree } from '../core/tree.ts';
import { derivedOf } from './derived.ts';
import { foldersAbove } from '../formats/data/paths.ts';

/** The doors that looking paths up needs. */
type Doors = Pick<StepContext, 'files' | 'tree' | 'exec'>;

/** The folders of submodules, by `.gitmodules`, or by git where that is missing: they may be empty here, and are full elsewhere. */
export async function submodulesOf({ files, exec }: Pick<Doors, 'files' | 'exec'>): Promise<string[]> {
  const text = (await files.readIfThere('.gitmodules')) ?? '';
  const named = [...text.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(([, folder = '']) => folder.replace(/\/$/, ''));
  return [...new Set([...named, ...(await stagedAs('160000', exec))])];
}

/** What git keeps with this mode; output that is kept as text has no zero bytes to end a line with. */
async function stagedAs(mode: '160000' | '100644', exec: Doors['exec']): Promise<string[]> {
  const staged = await exec(['git', '-c', 'core.quotePath=false', 'ls-files', '--stage'], {
    name: 'git-stage',
    ownGit: true,
    unkept: true,
    readsOnly: true,
  });
  const line = new RegExp(`^${mode} \\w+ 0\\t(.+)$`);
  return staged.stdout.split('\n').flatMap((one) => line.exec(one)?.[1] ?? []);
}

/** What stands before a dot of a file's name → the files. */
function stemsOf(files: readonly string[]): Map<string, string[]> {
  const stems = new Map<string, string[]>();
  for (const file of files) {
    const name = posix.basename(file);
    for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1)) {
      const stem = name.slice(0, at);
      stems.set(stem, [...(stems.get(stem) ?? []), file]);
    }
  }
  return stems;
}

/** The files of the repository, as documents name them. Paths are relative to its root; the root itself is ''. */
export class Repository {
  readonly doors: Doors;
  readonly files: readonly string[];
  readonly folders: ReadonlySet<string>;
  readonly #known: ReadonlySet<string>;
  readonly #ignored = new Map<string, boolean>();
  readonly #asked = new Map<string, Promise<boolean>>();
  readonly #globs = new Map<string, string | undefined>();
  /** Last part of a path → the files and folders that end so; the same without an ending → files. */
  #named: Map<string, string[]> | undefined;
  #stems: Map<string, string[]> | undefined;
  #submodules: Promise<string[]> | undefined;
  #plain: Promise<ReadonlySet<string>> | undefined;
  #addresses: Promise<Set<string>> | undefined;
  #packages: Promise<Set<string>> | undefined;

  private constructor(doors: Doors, files: readonly string[]) {
    this.doors = doors;
    this.files = files;
    const folders = new Set<string>();
    for (const file of files)
      for (let at = posix.dirname(file); at !== '.' && !folders.has(at); at = posix.dirname(at)) folders.add(at);
    this.folders = folders;
    this.#known = new Set(files);
  }

  static async open(doors: Doors): Promise<Repository> {
    return new Repository(doors, await doors.files.glob(['**']));
  }

  /** A path from `base`, normalised; undefined where it leaves the repository. */
  static join(base: string, path: string): string | undefined {
    const joined = posix.normalize(posix.join(base === '' ? '.' : base, path)).replace(/\/$/, '');
    if (joined === '..' || joined.startsWith('../')) return undefined;
    return joined === '.' ? '' : joined;
  }

  /** The first folder on the way to a path that is not there; undefined where they all are. */
  missingFolder(path: string): string | undefined {
    return foldersAbove(path)
      .toReversed()
      .find((folder) => folder !== '' && !this.folders.has(folder));
  }

  async there(path: string): Promise<boolean> {
    if (path === '' || this.#known.has(path) || this.folders.has(path)) return true;
    const asked = this.#asked.get(path) ?? this.doors.files.kind(path).then((kind) => kind !== 'missing');
    this.#asked.set(path, asked);
    return asked;
  }

  /** Does git keep the file as one that cannot be executed? */
  async isPlain(path: string): Promise<boolean> {
    this.#plain ??= stagedAs('100644', this.doors.exec).then((paths) => new Set(paths));
    return (await this.#plain).has(path);
  }

  async isFolder(path: string): Promise<boolean> {
    return path === '' || this.folders.has(path) || (await this.doors.files.kind(path)) === 'directory';
  }

  /** The first file that one of the globs matches. */
  #first(globs: string[]): string | undefined {
    const key = globs.join('\n');
    const match = library('picomatch')(globs, { dot: true });
    if (!this.#globs.has(key))
      this.#globs.set(
        key,
        this.files.find((file) => match(file)),
      );
    return this.#globs.get(key);
  }

  /** Where `path` (a glob, perhaps) leads from one of `bases`; undefined where it leads nowhere. */
  async find(path: string, bases: readonly string[]): Promise<string | undefined> {
    for (const base of bases) {
      const joined = Repository.join(base, path);
      if (joined === undefined) continue;
      if (await this.there(joined)) return joined;
      if (!isGlob(path)) continue;
      const pattern = joined.replace(/\/$/, '/**');
      const found = this.#first([pattern, `${pattern}/**`]);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A file or folder whose path ends in this one, `../` and `./` at its beginning left out; an ending may be left out. */
  async findBySuffix(path: string): Promise<string | undefined> {
    const tail = path.replace(/^(?:\.{1,2}\/)+/, '').replace(/\/$/, '');
    if (tail === '' || tail.startsWith('..')) return undefined;
    if (isGlob(tail)) return this.#first([`**/${tail}`, `**/${tail}/**`]);
    const ends = (one: string): boolean => one === tail || one.endsWith(`/${tail}`);
    const begins = (one: string): boolean => {
      const at = one.lastIndexOf(`${tail}.`);
      return at >= 0 && (at === 0 || one[at - 1] === '/') && !one.slice(at + tail.length).includes('/');
    };
    this.#named ??= Map.groupBy([...this.files, ...this.folders], (one) => posix.basename(one));
    this.#stems ??= stemsOf(this.files);
    const last = posix.basename(tail);
    return this.#named.get(last)?.find(ends) ?? this.#stems.get(last)?.find(begins);
  }

  /** Does git ignore it, or does it lie in a submodule? Then that it is not there proves nothing. */
  async isIgnored(path: string): Promise<boolean> {
    const known = this.#ignored.get(path);
    if (known !== undefined) return known;
    const modules = await (this.#submodules ??= submodulesOf(this.doors));
    if (modules.some((folder) => path === folder || path.startsWith(`${folder}/`))) return true;
    // As a file and as a folder: `build/` in .gitignore is about folders only. `-q` takes one path only.
    const result = await this.doors.exec(['git', 'check-ignore', '--no-index', '--', path, `${path}/`], {
      name: 'git-check-ignore',
      ownGit: true,
      unkept: true,
      readsOnly: true,
    });
    // Of a folder git may be told to ignore what lies in it: `state/*.json`.
    const lines = ((await this.doors.files.readIfThere('.gitignore')) ?? '').split('\n');
    const ignored =
      result.code === 0 || lines.some((line) => line.replace(/^\//, '').startsWith(`${path.replace(/\/$/, '')}/`));
    this.#ignored.set(path, ignored);
    return ignored;
  }

  /** Asks git, which changes nothing by it. */
  git(...args: string[]): ReturnType<Doors['exec']> {
    return this.doors.exec(['git', ...args], { name: 'git', ownGit: true, unkept: true, readsOnly: true });
  }

  /** Is it this repository's own name: of its folder, or of its remote? */
  async isNamed(name: string): Promise<boolean> {
    if (posix.basename(this.doors.files.absolute('.')) === name) return true;
    const remote = await this.git('config', '--get', 'remote.origin.url');
    return remote.code === 0 && posix.basename(remote.stdout.trim()).replace(/\.git$/, '') === name;
  }

  /** Is a document too large to be parsed? The parser's time grows with the square of what it reads. */
  async isTooLarge(path: string): Promise<boolean> {
    return ((await this.doors.files.readIfThere(path)) ?? '').length > 1024 * 1024;
  }

  /** A document as it is read, once a run. @throws Unobservable where it cannot be read */
  async document(path: string): Promise<MarkdownDocument> {
    return derivedOf(this.doors, path, parseMarkdown);
  }

  /** The files that count. */
  get tree(): Promise<Tree> {
    return this.doors.tree();
  }

  /** Is it this repository, by what its remote or its own manifests say? */
  async isAt(owner: string, name: string): Promise<boolean> {
    const wanted = `${owner}/${name.replace(/\.git$/, '')}`.toLowerCase();
    this.#addresses ??= this.#readAddresses();
    return (await this.#addresses).has(wanted);
  }

  /** Is it known at which address it lives? */
  async hasAddress(): Promise<boolean> {
    this.#addresses ??= this.#readAddresses();
    return (await this.#addresses).size > 0;
  }

  /** Names of the npm packages that it holds. */
  packageNames(): Promise<Set<string>> {
    return (this.#packages ??= (async () => {
      const names = new Set<string>();
      for (const file of this.files.filter((path) => posix.basename(path) === 'package.json')) {
        const name = /"name"\s*:\s*"([^"]+)"/.exec((await this.doors.files.readIfThere(file)) ?? '')?.[1];
        if (name !== undefined) names.add(name);
      }
      return names;
    })());
  }

  async #readAddresses(): Promise<Set<string>> {
    const remote = await this.git('config', '--get', 'remote.origin.url');
    const texts = [remote.stdout];
    for (const name of ['Cargo.toml', 'package.json', 'go.mod', 'pyproject.toml']) {
      const text = (await this.doors.files.readIfThere(name)) ?? '';
      // Only what they say of themselves: dependencies have addresses too.
      texts.push(
        ...text
          .split('\n')
          .filter((line) => /^\s*"?(?:repository|url|homepage|Source|Repository)"?\s*[:=]|^module /i.test(line)),
      );
    }
    return new Set(
      texts.flatMap((text) =>
        [...text.matchAll(/github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?(?=["/\s#]|$)/gi)].map(([, at = '']) =>
          at.toLowerCase(),
        ),
      ),
    );
  }

  /** The file that was probably meant. */
  nearest(path: string): string | undefined {
    const name = posix.basename(path);
    const same = this.files.filter((file) => posix.basename(file) === name);
    if (same.length === 1) return same[0];
    const folder = posix.dirname(path);
    const beside = this.files.filter((file) => posix.dirname(file) === folder).map((file) => posix.basename(file));
    const meant = suggest(name, beside);
    return meant === undefined ? undefined : posix.join(folder, meant);
  }
}
