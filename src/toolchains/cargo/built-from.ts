import { z } from 'zod';
import type { StepContext } from '../../core/step.ts';
import { cargo, cargoMetadata } from './parameters.ts';
import { jsonOf, listOf, objectOf } from '../../formats/data/json-parts.ts';
import { tomlOf } from '../../formats/data/toml.ts';
import { folderOf } from '../../formats/data/paths.ts';

const Metadata = z.object({
  target_directory: z.string(),
  build_directory: z.string().optional(),
  workspace_root: z.string().optional(),
  packages: z.array(
    z.object({ name: z.string(), manifest_path: z.string(), targets: z.array(z.object({ src_path: z.string() })) }),
  ),
});
export type Workspace = z.infer<typeof Metadata>;

interface Asked {
  manifest: string;
  toolchain?: string | undefined;
  env: Record<string, string>;
}

/** The workspace's members and folders; undefined where cargo does not tell. */
export async function workspaceOf(p: Asked, ctx: StepContext): Promise<Workspace | undefined> {
  const answer = await ctx.exec(cargoMetadata(p.manifest, p.toolchain), {
    env: p.env,
    name: 'cargo-metadata',
    unkept: true,
    maxText: 64_000_000,
  });
  return Metadata.safeParse(jsonOf(answer.stdout)).data;
}

/** The folders of a workspace's manifests and of its sources. */
export const foldersOf = ({ packages }: Workspace): { manifests: string[]; sources: string[] } => ({
  manifests: [...new Set(packages.map((one) => folderOf(one.manifest_path)))].slice(0, 50),
  sources: [...new Set(packages.flatMap((one) => one.targets.map((target) => folderOf(target.src_path))))].slice(0, 50),
});

/**
 * Cargo goes by times: a source whose time is older than what was built of another version of it (a restored cache, `rsync -t`, a
 * checkout that keeps times) is not built again. So the build folder bears a mark with the digest of the tree that was built in it
 * last; where that is another, or somebody has built since and before this run, the members, and what
 * they depend on by path, are built anew. Other dependencies are kept.
 * @returns what leaves the mark once the build has ended
 */
export async function buildFromTree(p: Asked, workspace: Workspace, ctx: StepContext): Promise<() => Promise<void>> {
  const folder = workspace.build_directory ?? workspace.target_directory;
  if ((await ctx.files.kind(folder)) !== 'directory') return () => ctx.buildMark.write(folder, ctx.treeDigest);
  const mark = await ctx.buildMark.read(folder);
  const built = !(await builtOfAnother(folder, mark?.text === ctx.treeDigest ? mark.path : undefined, ctx));
  if (!built) {
    const local = await localPackages(workspace, ctx);
    const names = local.flatMap((one) => ['-p', one]);
    const options = { env: p.env, name: 'cargo-clean' };
    const clean = await ctx.exec(
      [...cargo(p.toolchain), 'clean', '--manifest-path', p.manifest, '--offline', ...names],
      options,
    );
    // It wants the whole lock file; without it what cargo remembers of the members is taken away.
    if (clean.code !== 0) await forget(folder, local, ctx);
  }
  return () => ctx.buildMark.write(folder, ctx.treeDigest);
}

/**
 * May something in the build folder be of another tree? What was built since this run began is of this one (the stack, or a command
 * that hides its cargo, builds too), and so is what is older than the mark of this tree.
 */
async function builtOfAnother(folder: string, mark: string | undefined, ctx: StepContext): Promise<boolean> {
  const sinceMark = mark === undefined ? [] : ['-newer', mark];
  const began = ['!', '-newermt', new Date(ctx.runStartedAt).toISOString()];
  const older = await ctx.exec(
    ['find', folder, '-maxdepth', '6', '-name', 'invoked.timestamp', ...sinceMark, ...began, '-print', '-quit'],
    { name: 'built-since', unkept: true },
  );
  return older.code !== 0 || older.stdout.trim() !== '';
}

/** The members, and those packages of the lock file that come from no registry and no repository: they lie at a path. */
async function localPackages({ packages, workspace_root: root }: Workspace, ctx: StepContext): Promise<string[]> {
  const lock = root === undefined ? undefined : tomlOf(await ctx.files.readIfThere(`${root}/Cargo.lock`));
  const locked = listOf(lock?.['package'])
    .map(objectOf)
    .flatMap((one) => (one['source'] === undefined && typeof one['name'] === 'string' ? [one['name']] : []));
  return [...new Set([...packages.map((one) => one.name), ...locked])];
}

async function forget(folder: string, packages: readonly string[], ctx: StepContext): Promise<void> {
  const names = packages.flatMap((name, n) => [...(n > 0 ? ['-o'] : []), '-name', `${name}-????????????????`]);
  await ctx.exec(
    [
      'find',
      folder,
      '-maxdepth',
      '5',
      '-type',
      'd',
      '-path',
      '*/.fingerprint/*',
      '(',
      ...names,
      ')',
      '-prune',
      '-exec',
      'rm',
      '-rf',
      '{}',
      '+',
    ],
    {
      name: 'built-forget',
      unkept: true,
    },
  );
}
