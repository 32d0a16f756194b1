import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../core/tree.ts';
import { git } from './git.ts';

/** Folders that packages and builds fill. */
const filled = new Set(['.git', 'node_modules', 'target', '.verify']);
/** Bytes of one file that is looked into, and of all texts that are kept. */
const maxText = 4 << 20;
const maxKept = 192 << 20;
/** A file system's clock is coarse: what was written so shortly before it was read may be written again with the same time. */
const settledMs = 50;

/** A file as it was when it was looked at. */
interface Version {
  stamp: string;
  isFile: boolean;
  size: number;
  settled: boolean;
  text?: string | undefined;
  derived?: Map<unknown, unknown>;
}
interface Folder {
  stamp: string;
  names: readonly { name: string; isFolder: boolean; isLink: boolean }[];
}

/**
 * The files of a target, looked at through one memory: a file is read again only where its size, times or inode are others.
 * One for each run; steps share it.
 */
export class Checkout {
  readonly root: string;
  /** How many times the content of each file was read. */
  readonly reads = new Map<string, number>();
  readonly #versions = new Map<string, Version>();
  readonly #folders = new Map<string, Folder>();
  #kept = 0;
  #all: readonly string[] | undefined;
  #own: ReadonlySet<string> = new Set();
  #links: ReadonlySet<string> = new Set();
  #changed = true;
  #tree: { tree: Seen; listing: string } | undefined;
  #looking: Promise<unknown> = Promise.resolve();
  /** Something runs that may write at any time. */
  restless = false;

  constructor(root: string) {
    this.root = root;
  }

  /** Something ran that may have written files. */
  touch(): void {
    this.#changed = true;
  }

  /** The text of a file, wherever it lies. @throws as readFileSync */
  text(path: string): string {
    const version = this.version(path);
    if (version?.text !== undefined) return version.text;
    this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
    const text = readFileSync(path, 'utf8');
    if (version?.settled === true && version.size <= maxText && this.#kept + version.size <= maxKept) {
      version.text = text;
      this.#kept += version.size;
    }
    return text;
  }

  /** The text of a file that was read already, where it says all of its bytes. */
  knownText(path: string): string | undefined {
    const text = this.version(path)?.text;
    return text?.includes('\ufffd') === true ? undefined : text;
  }

  /** @param path absolute */
  version(path: string): Version | undefined {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return undefined;
    const known = this.#versions.get(path);
    const stamp = `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
    if (known?.stamp === stamp && known.settled) return known;
    if (known?.text !== undefined) this.#kept -= known.size;
    const settled = Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) > settledMs;
    const version: Version = { stamp, isFile: stat.isFile(), size: stat.size, settled };
    this.#versions.set(path, version);
    return version;
  }

  /**
   * All files, sorted; without what packages and builds fill.
   * @param outputs also those in the folders of verify's runs
   */
  paths(outputs: boolean): readonly string[] {
    let same = this.#all !== undefined;
    const found: string[] = [];
    const own = new Set<string>();
    const links = new Set<string>();
    const walk = (prefix: string, isOwn: boolean): void => {
      const folder = this.#folder(join(this.root, prefix));
      same &&= folder.same;
      const mine = isOwn || this.#isOfRun(prefix, folder.names);
      for (const { name, isFolder, isLink } of folder.names) {
        const path = prefix === '' ? name : `${prefix}/${name}`;
        if (!isFolder) {
          found.push(path);
          if (isLink) links.add(path);
          if (mine) own.add(path);
        } else if (!filled.has(name)) walk(path, mine);
      }
    };
    walk('', false);
    if (!same || own.size !== this.#own.size) {
      this.#all = found.toSorted();
      this.#own = own;
      this.#links = links;
    }
    const all = this.#all ?? [];
    return outputs || own.size === 0 ? all : all.filter((path) => !own.has(path));
  }

  #folder(path: string): { same: boolean; names: Folder['names'] } {
    const stat = statSync(path, { throwIfNoEntry: false });
    const stamp = `${stat?.mtimeMs} ${stat?.ctimeMs} ${stat?.ino}`;
    const known = this.#folders.get(path);
    if (known?.stamp === stamp) return { same: true, names: known.names };
    const names = readdirSync(path, { withFileTypes: true }).map((one) => ({
      name: one.name,
      isFolder: one.isDirectory(),
      isLink: one.isSymbolicLink(),
    }));
    if (stat && Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) > settledMs)
      this.#folders.set(path, { stamp, names });
    return { same: false, names };
  }

  /** Does the folder bear a run's mark: `evidence/` beside a record or a journal of verify's? */
  #isOfRun(prefix: string, names: Folder['names']): boolean {
    if (!names.some((one) => one.isFolder && one.name === 'evidence')) return false;
    return names.some(
      ({ name, isFolder }) =>
        !isFolder &&
        (name === 'record.json' || name === 'journal.jsonl') &&
        /"https:\/\/verify-milestone\.dev\/(?:record|journal)\//.test(this.text(join(this.root, prefix, name))),
    );
  }

  /** The files that count, as they are now. */
  async tree(): Promise<Tree> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<Tree> {
    if (this.#tree && !this.#changed && !this.restless) return this.#tree.tree;
    this.#changed = false;
    // What a link leads to counts where it lies.
    const all = this.paths(false).filter((path) => !this.#links.has(path));
    const asked = ['.git/index', '.git/info/exclude', ...all.filter((path) => /(?:^|\/)\.gitignore$/.test(path))];
    const stamps = asked.map((path) => this.version(join(this.root, path))?.stamp);
    const listing = [...stamps, ...all].join('\n');
    if (this.#tree?.listing === listing && this.#tree.tree.isAsItWas()) return this.#tree.tree;
    const known = this.#tree?.listing === listing ? this.#tree.tree.paths : await this.#counted(all);
    const tree = new Seen(this, known);
    this.#tree = { tree, listing };
    return tree;
  }

  /** Those of the paths that git does not ignore; all where there is no git. */
  async #counted(all: readonly string[]): Promise<readonly string[]> {
    const listed = await git(this.root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
    // A folder that a repository above it ignores has no files of git's.
    if (listed === undefined || listed === '') return all.filter((path) => !/(?:^|\/)dist\//.test(path));
    const kept = new Set(listed.split('\0'));
    return all.filter((path) => kept.has(path));
  }
}

/** One look at the files that count. What of it was used is held against the files at the next. */
class Seen implements Tree {
  readonly paths: readonly string[];
  readonly #checkout: Checkout;
  readonly #known: ReadonlySet<string>;
  readonly #used = new Map<string, Version | undefined>();
  readonly #derived = new Map<unknown, unknown>();

  constructor(checkout: Checkout, paths: readonly string[]) {
    this.#checkout = checkout;
    this.paths = paths;
    this.#known = new Set(paths);
  }

  isAsItWas(): boolean {
    return [...this.#used].every(
      ([path, version]) => this.#checkout.version(join(this.#checkout.root, path)) === version,
    );
  }

  #version(path: string): Version | undefined {
    if (!this.#known.has(path)) return undefined;
    if (!this.#used.has(path)) this.#used.set(path, this.#checkout.version(join(this.#checkout.root, path)));
    return this.#used.get(path);
  }

  size(path: string): number | undefined {
    return this.#version(path)?.size;
  }

  text(path: string): string | undefined {
    const version = this.#version(path);
    if (version?.isFile !== true || version.size > maxText) return undefined;
    let text: string;
    try {
      text = this.#checkout.text(join(this.#checkout.root, path));
    } catch {
      return undefined;
    }
    // As git tells what is binary: a source may have one in a string further down.
    return text.slice(0, 8000).includes('\0') ? undefined : text;
  }

  of<T>(path: string, derive: (text: string, path: string) => T): T | undefined {
    const version = this.#version(path);
    if (!version) return undefined;
    const derived = (version.derived ??= new Map());
    if (!derived.has(derive)) {
      const text = this.text(path);
      derived.set(derive, text === undefined ? undefined : derive(text, path));
    }
    return derived.get(derive) as T | undefined;
  }

  get<T>(derive: (tree: Tree) => T): T {
    if (!this.#derived.has(derive)) this.#derived.set(derive, derive(this));
    return this.#derived.get(derive) as T;
  }
}
