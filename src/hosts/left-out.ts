import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { digestFile } from '../evidence/digest.ts';
import { OwnFiles, type Look } from '../evidence/own-mark.ts';
import { bytesOfPath } from './path-bytes.ts';

/** Paths of the target that verify itself writes: they are no part of what is verified. */
export interface LeftOut {
  /** Paths that the checklist declares: what is below them and in no commit is left out. */
  outputs: readonly string[];
  /** The file of --write-to, which the gate compares with what the record gives. */
  writeTo?: string | undefined;
  /** The folder of the runs: what bears verify's own mark in it is left out, nothing else. */
  reports?: string | undefined;
  /** Id of the run that goes on. */
  run?: string | undefined;
}

/** `<milestone>/<run id>` as runs are named, what lies beside them, and the index of all. */
const ofRuns =
  /^(?:index\.html|[^/]+\/(?:latest|\.lock|\.latest-\d+|\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}(?:\/.*)?))$/s;

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`);

/**
 * Is the path one that verify writes, by its name alone? For what is looked at besides the tree, such as ignored files; what counts
 * as the tree is for `LeftOutFiles` to say.
 */
export function isLeftOut(path: string, { outputs, writeTo, reports }: LeftOut): boolean {
  if (path === writeTo || outputs.some((output) => isBelow(path, output))) return true;
  if (reports === undefined) return false;
  if (reports === '') return ofRuns.test(path);
  return path.startsWith(`${reports}/`) && ofRuns.test(path.slice(reports.length + 1));
}

/** What the digest of a tree leaves out: by its place, and by what it holds. */
export class LeftOutFiles {
  readonly #leave: LeftOut;
  readonly #own: OwnFiles | undefined;

  constructor(leave: LeftOut, look: Look) {
    this.#leave = leave;
    this.#own = leave.reports === undefined ? undefined : new OwnFiles(leave.reports, look, leave.run);
  }

  /** @param tracked a file of a commit is left out only where it is verify's own */
  async has(path: string, tracked: boolean): Promise<boolean> {
    if (path === this.#leave.writeTo) return true;
    if (!tracked && this.#leave.outputs.some((output) => isBelow(path, output))) return true;
    return (await this.#own?.has(path)) === true;
  }
}

/** Files as they lie in a folder; links are named, not followed. */
export const onDisk = (target: string): Look => ({
  async read(path) {
    const full = bytesOfPath(join(target, path));
    try {
      const stat = lstatSync(full);
      return stat.isSymbolicLink() ? Buffer.from(readlinkSync(full)) : stat.isFile() ? readFileSync(full) : undefined;
    } catch {
      return undefined;
    }
  },
  async digest(path) {
    try {
      return digestFile(bytesOfPath(join(target, path))).sha256;
    } catch {
      return undefined;
    }
  },
});
