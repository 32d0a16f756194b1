import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const name = '.verify-built-from';

/** Verify's own mark in a folder of builds: what was built in it last. */
export const buildMark = {
  async read(folder: string): Promise<{ path: string; text: string } | undefined> {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : { path, text };
  },
  /** Where it cannot be left, the next run builds anew. */
  async write(folder: string, text: string): Promise<void> {
    await writeFile(join(folder, name), text).catch(() => undefined);
  },
};
