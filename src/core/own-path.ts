import { z } from 'zod';

/** Does a path that is relative to a folder, as it is written, stay below it? */
function stays(path: string): boolean {
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '..' && --depth < 0) return false;
    if (part !== '..' && part !== '.' && part !== '') depth++;
  }
  return true;
}

/** A path (or glob) that, as it is written, stays inside of the target. */
export const ownPath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && stays(path), {
    error: 'it leads out of the target: give a path relative to the target and below it',
  });
