import type { StepContext } from '../../core/step.ts';
import { jsonOf } from '../../core/json-of.ts';
import { objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { folderOf, inFolder } from '../../formats/data/paths.ts';
import { managerOf, type PackageManager } from './package-manager.ts';

/** The folders from one up to the root. */
export const upward = (folder: string): string[] => {
  const found = [folder];
  for (let one = folder; one !== '';) found.push((one = folderOf(one)));
  return found;
};

/** The package manager of a folder, which a folder above may name, and the folder’s own manifest. */
export async function managerIn(folder: string, ctx: StepContext): Promise<PackageManager & { manifest: JsonObject }> {
  let manifest: JsonObject = {};
  let found: PackageManager | undefined;
  const locks = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'package-lock.json', 'npm-shrinkwrap.json'];
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
