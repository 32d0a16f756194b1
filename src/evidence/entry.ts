import { lstatSync, type Stats } from 'node:fs';

/** What lies at `path`, links not followed; undefined where nothing does, also below a file, for which Node throws ENOTDIR. */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
