import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import type { EvidenceFile } from '../core/record.ts';
import { digestFile, sha256 } from './digest.ts';
import { neutral, type Redactor } from './redact.ts';

/** Where the whole of a file was more than what was kept. */
export interface Truncation {
  bytes: number;
  sha256: string;
}

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never a part: temporary file, fsync, rename.
 * @param sync false leaves the fsync out: whole after a kill, not after a power cut
 * @throws UserError 74 where the disk is full or fails, 73 where the folder cannot be written
 */
export function writeAtomically(path: string, data: string | Uint8Array, sync = true): void {
  const temporary = join(dirname(path), `.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  try {
    const fd = openSync(temporary, 'wx');
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      if (sync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (cause) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // What could not be written is told; what is left of it is not the news.
    }
    throw ioError(cause, path);
  }
}

/** Turns a system error of a write into ours, with the exit code that the contract gives it. */
export function ioError(cause: unknown, path: string): UserError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(code)) {
    return new UserError(exit.cannotCreate, `cannot write ${path} (${code})`, {
      cause,
      hint: 'write to a folder where you may: --reports for runs, --target for a draft',
    });
  }
  return new UserError(exit.io, `writing ${path} failed (${code || String(cause)})`, {
    cause,
    hint: code === 'ENOSPC' ? 'the disk is full: make room and run again' : undefined,
  });
}

/**
 * Makes a folder and those above it, one by one: Node's own recursive mkdir never returns where a parent is there but takes no
 * folder (/proc).
 * @throws UserError 73, 74
 */
export function makeFolder(path: string): void {
  try {
    if (existsSync(path)) return;
    const above = dirname(path);
    if (above !== path) makeFolder(above);
    mkdirSync(path);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    // Made by another run in the meantime.
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST' && statSync(path).isDirectory()) return;
    throw ioError(cause, path);
  }
}

/** A name for an evidence file that is only a name. */
export function safeName(name: string): string {
  const clean = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 100);
  return clean === '' ? 'evidence' : clean;
}

/** The evidence of one run: `<folder>/evidence/<step>/…`, hashed when a step is sealed. */
export class EvidenceStore {
  readonly folder: string;
  readonly #redactor: Redactor;
  readonly #truncated = new Map<string, Truncation>();
  readonly #made = new Set<string>();
  readonly #sealed = new Map<string, EvidenceFile>();
  /** Where the run's folder really lies. */
  #place: string | undefined;

  constructor(folder: string, redactor: Redactor) {
    this.folder = folder;
    this.#redactor = redactor;
  }

  /**
   * The step's folder, made on first use.
   * @throws UserError 77 where something is there that the run did not make, 73, 74
   */
  stepFolder(step: string): string {
    const path = join(this.folder, 'evidence', safeName(step));
    this.stillOwn();
    if (this.#made.has(path)) noLink(path);
    else {
      try {
        mkdirSync(path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw planted(path);
        throw ioError(cause, path);
      }
      this.#made.add(path);
    }
    return path;
  }

  /** Whoever put a link in the place of the run's folder would choose where it writes. @throws UserError 77, or 74 where it is gone */
  stillOwn(): void {
    noLink(this.folder);
    noLink(join(this.folder, 'evidence'));
    this.#place ??= realpathSync(this.folder);
    if (realpathSync(this.folder) !== this.#place) throw planted(this.folder);
  }

  /**
   * Nothing but the run's own lies in its folder: else it would be taken for evidence, or be written through.
   * @param own names of files that the run keeps there, or writes over at its end; none may be a link
   * @throws UserError 77, 74
   */
  onlyOwn(own: readonly string[]): void {
    this.stillOwn();
    const evidence = join(this.folder, 'evidence');
    const strange = [
      ...readdirSync(this.folder)
        .filter((name) => name !== 'evidence' && !own.includes(name))
        .map((name) => join(this.folder, name)),
      ...readdirSync(evidence)
        .map((name) => join(evidence, name))
        .filter((path) => !this.#made.has(path)),
    ];
    if (strange[0] !== undefined) throw planted(strange[0]);
    for (const name of readdirSync(this.folder)) noLink(join(this.folder, name));
  }

  /** A path in the step's folder that no file has yet: `name`, else `name-2` … before the ending. */
  freshPath(step: string, name: string): string {
    const clean = safeName(name);
    const dot = clean.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [clean.slice(0, dot), clean.slice(dot)] : [clean, ''];
    const folder = this.stepFolder(step);
    for (let n = 1; ; n++) {
      const path = join(folder, n === 1 ? clean : `${stem}-${n}${ending}`);
      if (this.#made.has(path)) continue;
      this.#made.add(path);
      return path;
    }
  }

  write(step: string, name: string, data: string | Uint8Array): string {
    const path = this.freshPath(step, name);
    // Not synced, a millisecond a step: what a power cut takes away, the synced record's digests miss.
    writeAtomically(path, typeof data === 'string' ? this.#redactor.text(data) : data, false);
    return path;
  }

  /** The path below the run's folder, with forward slashes. */
  nameOf(path: string): string {
    return relative(this.folder, path).split(sep).join(posix.sep);
  }

  /** Notes that the file keeps only a part of what was seen. */
  noteTruncation(path: string, whole: Truncation): void {
    this.#truncated.set(path, whole);
  }

  /** Hashes everything in the step's folder. Call when the step's programs have ended. @throws UserError 74 where it is gone */
  seal(step: string): EvidenceFile[] {
    const folder = join(this.folder, 'evidence', safeName(step));
    if (this.#made.has(folder)) noLink(folder);
    const files = this.#made.has(folder) ? this.#walk(folder) : [];
    for (const file of files) this.#sealed.set(file.path, file);
    return files;
  }

  /** All that was sealed, by path. */
  manifest(): EvidenceFile[] {
    return [...this.#sealed.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  #walk(folder: string): EvidenceFile[] {
    const found: EvidenceFile[] = [];
    for (const entry of readdirSync(folder).toSorted()) {
      const path = join(folder, entry);
      const stat = lstatSync(path);
      if (stat.isDirectory()) {
        found.push(...this.#walk(path));
        continue;
      }
      // A link or a pipe that a program left here is no evidence: what it leads to may change.
      if (!stat.isFile()) {
        rmSync(path);
        continue;
      }
      const truncated = this.#truncated.get(path);
      if (stat.size > 0) this.#redactor.file(path, stat.size);
      found.push({
        path: this.nameOf(path),
        ...(stat.size > 0 ? digestFile(path) : nothing),
        ...(truncated && { truncated }),
      });
    }
    return found;
  }
}

/** Most commands print nothing on one of their streams: what is empty need not be read. */
const nothing = { sha256: sha256(''), bytes: 0 };

/** That a folder or a file of the run is no link, no pipe, and has no second name. @throws UserError 77, or 74 where it is gone */
export function noLink(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there)
    throw new UserError(exit.io, `${path} is no longer there: something removed it while the run went on`, {
      hint: 'find what removes it (a step that cleans up, another program), put the files back, and run again',
    });
  if (!there.isDirectory() && !(there.isFile() && there.nlink === 1)) throw planted(path);
}

const planted = (path: string): UserError =>
  new UserError(exit.untrusted, `${path} is there already, and this run did not make it`, {
    hint: 'find the step that writes into the folder of the run, and let it write elsewhere',
  });

/** Text as it may be shown anywhere: secrets out, control characters out. */
export function presentable(text: string, redactor: Redactor): string {
  return neutral(redactor.text(text));
}
