import type { StepContext } from '../../core/step.ts';
import { buildFromTree, foldersOf, workspaceOf, type Workspace } from './built-from.ts';
import { clippySettings, mutes } from './clippy.ts';
import { rustfmtSettings, sayRustfmt } from './rustfmt.ts';
import type { Ran, Bound } from '../contract.ts';

const calls = /^(?:\S*\/)?cargo(?: \+([\w.-]+))?(?: --?[\w-]+(?:=\S+)?)* ([a-z][\w-]*)/;
const builds = new Set(
  'b build c check clippy t test r run bench d doc rustc rustdoc nextest llvm-cov tarpaulin miri'.split(' '),
);

/**
 * What holds for cargo's own steps holds where a command calls cargo: members whose build folder was filled from another tree are
 * built anew, and settings that silence clippy or rustfmt from outside are found.
 */
export async function bindCargo(
  commands: readonly Ran[],
  env: Record<string, string>,
  ctx: StepContext,
): Promise<Bound> {
  const marks: (() => Promise<void>)[] = [];
  const silenced = new Map<string, string | undefined>();
  const workspaces = new Map<string, Workspace | undefined>();
  const done = new Set<string>();
  for (const { text, at = '.' } of commands) {
    const [, toolchain, subcommand = ''] = calls.exec(text) ?? [];
    if (!builds.has(subcommand) && subcommand !== 'fmt') continue;
    const manifest = await manifestOf(text, at, ctx);
    if (manifest === undefined) continue;
    const folder = / --target-dir[= ](\S+)/.exec(text)?.[1];
    const asked = { manifest, toolchain, env: { ...env, ...(folder !== undefined && { CARGO_TARGET_DIR: folder }) } };
    const key = `${manifest} ${toolchain} ${folder}`;
    const workspace = workspaces.get(key) ?? (await workspaceOf(asked, ctx));
    workspaces.set(key, workspace);
    if (!workspace) continue;
    const kind = subcommand === 'clippy' || subcommand === 'fmt' ? subcommand : 'build';
    if (subcommand !== 'fmt' && !done.has(key)) marks.push(await buildFromTree(asked, workspace, ctx));
    if (done.has(`${kind} ${key}`)) continue;
    done.add(key).add(`${kind} ${key}`);
    if (kind === 'clippy')
      for (const one of (await clippySettings(asked, ctx, workspace)).filter(mutes))
        silenced.set(
          `clippy may be kept silent by ${one.from}: ${one.text}`,
          one.from === 'the environment' ? undefined : one.from,
        );
    if (kind === 'fmt')
      for (const { message, file } of sayRustfmt(await rustfmtSettings(asked, ctx, foldersOf(workspace).sources)))
        silenced.set(message, file);
  }
  return {
    ended: async () => {
      for (const leave of marks) await leave();
    },
    silenced: [...silenced].map(([message, file]) => ({ message, ...(file !== undefined && { file }) })),
  };
}

/** The manifest that cargo takes: the one that is named, else the first in the folder or above it. */
async function manifestOf(text: string, at: string, ctx: StepContext): Promise<string | undefined> {
  const named = / --manifest-path[= ](\S+)/.exec(text)?.[1];
  const below = (folder: string, path: string): string => (folder === '.' ? path : `${folder}/${path}`);
  if (named !== undefined) return named.startsWith('/') ? named : below(at, named);
  for (let folder = at; ; folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '.') {
    const path = below(folder, 'Cargo.toml');
    if ((await ctx.files.kind(path)) === 'file') return path;
    if (folder === '.' || folder === '' || folder.startsWith('..')) return undefined;
  }
}
