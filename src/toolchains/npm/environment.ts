import type { StepContext } from '../../core/step.ts';
import { jsonOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { inFolder, upward } from '../../formats/data/paths.ts';
import { managerOf, type PackageManager } from './package-manager.ts';

const locks = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'package-lock.json', 'npm-shrinkwrap.json'];

/** The program of `managerIn`, before a run. */
export function managerAt(folder: string, read: (path: string) => string | undefined): string {
  for (const one of upward(folder)) {
    const own = objectOf(jsonOf(read(inFolder(one, 'package.json'))));
    const has = (name: string): boolean => read(inFolder(one, name)) !== undefined;
    if (textOf(own['packageManager']) !== '' || locks.some(has)) return managerOf(own, has).program;
  }
  return 'npm';
}

/** The package manager of a folder, which a folder above may name, and the folder’s own manifest. */
export async function managerIn(folder: string, ctx: StepContext): Promise<PackageManager & { manifest: JsonObject }> {
  let manifest: JsonObject = {};
  let found: PackageManager | undefined;
  for (const one of upward(folder)) {
    const text = await ctx.files.readIfThere(inFolder(one, 'package.json'));
    const own = objectOf(jsonOf(text));
    if (one === folder) manifest = own;
    const there = new Set((await ctx.files.list(one === '' ? '.' : one)).filter((name) => locks.includes(name)));
    found ??=
      there.size > 0 || textOf(own['packageManager']) !== '' ? managerOf(own, (name) => there.has(name)) : undefined;
  }
  return { ...(found ?? managerOf(manifest, () => false)), manifest };
}
