import type { StepContext } from '../core/step.ts';

/** What git prints, under pinned settings; undefined where it fails. */
export const git = async (ctx: StepContext, ...args: string[]): Promise<string | undefined> => {
  const result = await ctx.exec(['git', ...args], { name: 'git', ownGit: true, readsOnly: true, unkept: true });
  return result.code === 0 ? result.stdout.trim() : undefined;
};

/** Do two commits hold the same files, as far as git can say? */
export async function sameFiles(one: string, other: string, ctx: StepContext): Promise<boolean> {
  const tree = await git(ctx, 'rev-parse', `${one}^{tree}`);
  return tree !== undefined && tree === (await git(ctx, 'rev-parse', `${other}^{tree}`));
}

/** Host and path of the remote `origin`: `git@host:a/b.git`, `ssh://git@host/a/b`, `https://host/a/b.git`. */
export async function originOf(ctx: StepContext): Promise<{ host: string; path: string } | undefined> {
  // As it is written: rules of a configuration that put another address in its place are not asked.
  const url = await git(ctx, 'config', '--local', '--get', 'remote.origin.url');
  const [, host, path] =
    /^(?:\w+:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=\/))?[/:](.+?)(?:\.git)?\/*$/.exec(url ?? '') ?? [];
  return host === undefined || path === undefined ? undefined : { host, path };
}
