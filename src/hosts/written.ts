import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLeftOut, type LeftOut } from './left-out.ts';

/**
 * When something in the target was last written, made or removed, by the ctime of files and folders, which no program sets: also
 * of those that git ignores, but not of git's own and of what verify writes.
 * @returns milliseconds since the epoch
 */
export function newestWrite(target: string, leave: LeftOut): number {
  let newest = lstatSync(target).ctimeMs;
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of readdirSync(join(target, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (path === '.git' || path === leave.reports || isLeftOut(path, { ...leave, outputs: [] })) continue;
      newest = Math.max(newest, lstatSync(join(target, path), { throwIfNoEntry: false })?.ctimeMs ?? Infinity);
      if (entry.isDirectory()) open.push(path);
    }
  }
  return newest;
}
