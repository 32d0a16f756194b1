import { lstatSync, statSync, type Stats } from 'node:fs';

/** What lies at `path`, links not followed; undefined where nothing does, also below a file or where the name is too long, for which Node throws. */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

/** Is there a file, links followed? */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
