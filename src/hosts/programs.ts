import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { digestFile, sha256 } from '../evidence/digest.ts';
import { git } from './git.ts';

/** Above this size (bytes) a file is told by size, times and inode: to read compilers and browsers takes long. */
const maxHashed = 16 * 1024 * 1024;

/** Programs that stand for one of several versions, which are chosen elsewhere: rustup, pyenv, nvm and the like. */
const managed: Readonly<Record<string, string[]>> = {
  cargo: ['--version'],
  go: ['version'],
  node: ['--version'],
  python: ['--version'],
  python3: ['--version'],
  ruby: ['--version'],
  rustc: ['--version'],
};

/** Digests in evidence are cut to 128 bits. */
export const short = (digest: string): string => digest.slice(0, 32);

interface Folder {
  folder: string;
  names: ReadonlySet<string>;
}

/** Which file a program's name stands for, and what state it is in. Everything is asked once. */
export class Programs {
  readonly #cwd: string;
  readonly #listed = new Map<string, Folder[]>();
  readonly #states = new Map<string, string>();
  readonly #versions = new Map<string, Promise<string>>();

  /** @param cwd where versions are asked for, since a folder may choose its own */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** Is this the name of a program on the path? */
  knows(name: string, path: string): boolean {
    return this.#find(name, path) !== undefined;
  }

  /** Digest of the program's file, `missing` where there is none. Sets of files in node_modules are told by their package. */
  state(name: string, path: string): string {
    const key = `${name}\0${path}`;
    const known = this.#states.get(key) ?? this.#look(name, path);
    this.#states.set(key, known);
    return known;
  }

  #look(name: string, path: string): string {
    const file = name.includes('/') ? resolve(this.#cwd, name) : this.#find(name, path);
    if (file === undefined || !existsSync(file)) return 'missing';
    const real = realpathSync(file);
    return [stateOf(real), ...packageOf(real)].join(' ');
  }

  /** What it says of its version, where it stands for several; what git knows of branches and tags; empty otherwise. */
  async version(name: string): Promise<string> {
    const known = this.#versions.get(name) ?? this.#ask(name);
    this.#versions.set(name, known);
    return known;
  }

  /** The first line that a command prints of a version; empty where it fails. */
  async said(argv: readonly string[]): Promise<string> {
    const key = argv.join(' ');
    const [file = '', ...args] = argv;
    const known = this.#versions.get(key) ?? firstLine(file, args, this.#cwd);
    this.#versions.set(key, known);
    return known;
  }

  async #ask(name: string): Promise<string> {
    if (name === 'git') return short(sha256((await git(this.#cwd, ['for-each-ref'])) ?? ''));
    const args = managed[name];
    return args === undefined ? '' : this.said([name, ...args]);
  }

  #find(name: string, path: string): string | undefined {
    for (const { folder, names } of this.#on(path)) {
      const file = join(folder, name);
      if (names.has(name) && isProgram(file)) return file;
    }
    return undefined;
  }

  /** The folders of a path and the names in them, which are read once: to look each word up alone takes far longer. */
  #on(path: string): Folder[] {
    const known = this.#listed.get(path);
    if (known) return known;
    const found = path.split(delimiter).map((part) => {
      const folder = resolve(this.#cwd, part);
      return { folder, names: new Set(namesIn(folder)) };
    });
    this.#listed.set(path, found);
    return found;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The state of a file: its digest; its stamp where it is large, no regular file, or only to be executed. @throws the system's error */
export function stateOf(file: string): string {
  const stat = statSync(file, { bigint: true });
  return stat.isFile() && stat.size <= maxHashed && isReadable(file)
    ? short(digestFile(file).sha256)
    : `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Digest of the package.json of an installed package: its program may be one of many files. */
function packageOf(file: string): string[] {
  if (!file.includes('/node_modules/')) return [];
  for (let at = dirname(file); dirname(at) !== at; at = dirname(at)) {
    const path = join(at, 'package.json');
    if (existsSync(path)) return [short(sha256(readFileSync(path)))];
  }
  return [];
}

async function firstLine(file: string, args: readonly string[], cwd: string): Promise<string> {
  const result = await execa(file, args, { cwd, reject: false, timeout: 10_000, stdin: 'ignore', all: true });
  return result.exitCode === 0 ? (result.all.split('\n')[0]?.trim() ?? '') : '';
}
