import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Truncation } from '../evidence/store.ts';

/** Bytes of each stream that are kept as evidence; the rest is hashed and dropped, and the evidence says so. */
const keepBytes = 64 * 1024 * 1024;

/**
 * The files that the programs of one run write to. Most programs leave one of their streams empty, and making a file costs more than
 * starting a program: a file goes to the evidence only when there is something in it, and an empty one serves the next program.
 */
export class Outputs {
  readonly #folder: string;
  readonly #spare: OutputFile[] = [];
  #made = 0;

  /** @param folder made on first use; it must lie on the file system of the evidence */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param place where it goes if something is written to it; undefined: what is written is not kept */
  take(place: string | undefined): OutputFile {
    const file = this.#spare.pop() ?? this.#make();
    file.place = place;
    return file;
  }

  /** @param done false where somebody may still write to it */
  giveBack(file: OutputFile, done: boolean): void {
    if (done && file.size === 0) this.#spare.push(file);
    else file.close();
  }

  close(): void {
    for (const file of this.#spare.splice(0)) file.close();
    if (this.#made > 0) rmSync(this.#folder, { recursive: true, force: true });
  }

  #make(): OutputFile {
    if (this.#made === 0) mkdirSync(this.#folder);
    return new OutputFile(join(this.#folder, String(++this.#made)));
  }
}

/** Follows a growing output file: gives the last line, and keeps a flood from filling the disk. */
export class OutputFile {
  readonly fd: number;
  /** Changes when it is put in its place. */
  path: string;
  /** Where it belongs once there is something in it. */
  place: string | undefined;
  #hash: Hash | undefined;
  #dropped = 0;

  constructor(path: string) {
    this.path = path;
    this.fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND);
  }

  get size(): number {
    return fstatSync(this.fd).size;
  }

  get flooded(): boolean {
    return this.size > keepBytes;
  }

  /** Its number in the file system: whoever opens it by its path can tell that it is this one. */
  get inode(): number {
    return fstatSync(this.fd).ino;
  }

  /** Moves it where it belongs, if there is something in it. */
  settle(): void {
    if (this.place === undefined || this.path === this.place || this.size === 0) return;
    renameSync(this.path, this.place);
    this.path = this.place;
  }

  /** Hashes what is above the kept part and drops it. The writers must have been told to stop. */
  drop(): void {
    let { size } = this;
    if (size <= keepBytes) return;
    this.#hash ??= this.#hashRange(createHash('sha256'), 0, keepBytes);
    // A writer that is in the middle of a write stops only after it: what came while this was hashed is hashed too.
    for (let from = keepBytes; from < size; { size } = this) {
      this.#hashRange(this.#hash, from, size);
      this.#dropped += size - from;
      from = size;
    }
    ftruncateSync(this.fd, keepBytes);
  }

  whole(): Truncation | undefined {
    this.drop();
    return this.#hash && { bytes: keepBytes + this.#dropped, sha256: this.#hash.digest('hex') };
  }

  lastLine(): string | undefined {
    const { size } = this;
    const tail = this.text(Math.max(0, size - 2000), size);
    return tail
      .trimEnd()
      .split(/[\r\n]/)
      .findLast((line) => line.trim() !== '');
  }

  text(from: number, to: number): string {
    const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
    const read = buffer.length === 0 ? 0 : readSync(this.fd, buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, read);
  }

  close(): void {
    closeSync(this.fd);
  }

  #hashRange(hash: Hash, from: number, to: number): Hash {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (let at = from; at < to;) {
      const read = readSync(this.fd, buffer, 0, Math.min(buffer.length, to - at), at);
      if (read === 0) break;
      hash.update(buffer.subarray(0, read));
      at += read;
    }
    return hash;
  }
}
