import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOfPath } from './path-bytes.ts';

/** How a folder looks from outside: a change of it alone, and not of what is in it, means that it was moved. */
export interface FolderState {
  ino: bigint;
  /** Permissions and owner. */
  access: string;
  mtime: bigint;
  ctime: bigint;
}

/**
 * Was the folder moved aside and put back, or is it another? What comes and goes in a folder gives it the same ctime and mtime; to
 * rename it gives it another ctime alone, which no program sets. Permissions and owner do so too, and show.
 */
export const wasMoved = (before: FolderState, now: FolderState): boolean =>
  now.ino !== before.ino || (now.ctime !== before.ctime && now.ctime !== now.mtime && now.access === before.access);

export function folderAt(path: string | Buffer): FolderState | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (!stat) return undefined;
  return {
    ino: stat.ino,
    access: `${stat.mode} ${stat.uid} ${stat.gid}`,
    mtime: stat.mtimeNs,
    ctime: stat.ctimeNs,
  };
}

/** The folders that hold tracked files, and those above them. */
export function foldersOf(target: string, files: ReadonlyMap<string, { tracked: boolean }>): Map<string, FolderState> {
  const paths = new Set<string>();
  for (const [path, { tracked }] of files) {
    if (!tracked) continue;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at);
      if (paths.has(above)) break;
      paths.add(above);
    }
  }
  const found = new Map<string, FolderState>();
  for (const path of paths) {
    const state = folderAt(bytesOfPath(join(target, path)));
    if (state) found.set(path, state);
  }
  return found;
}
