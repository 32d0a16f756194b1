import type { StepContext } from '../core/step.ts';
import { folderOf, inFolder } from '../formats/data/paths.ts';
import type { Ambient, Linter, SharedParams } from './contract.ts';

/**
 * The settings file that a program goes by: programs take the nearest one from where they run upward. One above the target is not part
 * of what is verified.
 * @param counts does a file of this name with this text count? One that does not is passed over, as the programs do
 */
export async function settingsAbove(
  ctx: Pick<StepContext, 'files' | 'target'>,
  cwd: string,
  names: readonly string[],
  counts: (text: string, name: string) => boolean,
): Promise<{ own: boolean; above?: string }> {
  const inFolderOf = async (folder: string, join: (name: string) => string): Promise<string | undefined> => {
    for (const name of names) {
      const text = await ctx.files.readIfThere(join(name));
      if (text !== undefined && counts(text, name)) return `${folder}/${name}`;
    }
    return undefined;
  };
  for (let folder = cwd; ; folder = folderOf(folder)) {
    if ((await inFolderOf(folder, (name) => inFolder(folder, name))) !== undefined) return { own: true };
    if (folder === '') break;
  }
  for (let folder = ctx.target; folder.length > 1;) {
    folder = folder.slice(0, folder.lastIndexOf('/'));
    const found = await inFolderOf(folder, (name) => `${folder}/${name}`);
    if (found !== undefined) return { own: false, above: found };
  }
  return { own: false };
}

/** The same in the home folder; what lies in `.config` also where `XDG_CONFIG_HOME` says. */
export async function settingsAtHome(
  ctx: Pick<StepContext, 'files' | 'variables'>,
  names: readonly string[],
  counts: (text: string, name: string) => boolean,
): Promise<string[]> {
  const { HOME: home, XDG_CONFIG_HOME: config } = ctx.variables(/^(?:HOME|XDG_CONFIG_HOME)$/);
  const found: string[] = [];
  for (const name of names) {
    const path =
      config !== undefined && config !== '' && name.startsWith('.config/')
        ? `${config}/${name.slice('.config/'.length)}`
        : `${home ?? ''}/${name}`;
    const text = path.startsWith('/') ? await ctx.files.readIfThere(path) : undefined;
    if (text !== undefined && counts(text, name)) found.push(path);
  }
  return found;
}

type Where = Pick<SharedParams, 'cwd' | 'env'>;

/** Settings from outside that may keep something from being run; what the checklist itself sets is meant. */
export async function outsideOf(ambient: Ambient, { cwd, env }: Where, ctx: StepContext): Promise<string[]> {
  const found: string[] = [];
  for (const [name, value] of Object.entries(ctx.variables(ambient.variables)))
    if (env[name] === undefined && ambient.silences(name, value) && !(await ambient.ofTree?.(name, value, ctx, cwd)))
      found.push(`the environment: ${name}=${value}`);
  return [...found, ...((await ambient.files?.(ctx, cwd)) ?? [])];
}

/** The same of a linter, with the configurations that it takes from above the target or from the home folder. */
export async function outsideLinter(linter: Linter, where: Where, ctx: StepContext): Promise<string[]> {
  const found = linter.ambient ? await outsideOf(linter.ambient, where, ctx) : [];
  const counts = (text: string, name: string): boolean =>
    !/(?:pyproject\.toml|setup\.cfg|tox\.ini|package\.json)$/.test(name) || linter.section?.test(text) === true;
  const { own, above } = await settingsAbove(ctx, where.cwd, linter.configs, counts);
  if (own) return found;
  return [...found, ...(above === undefined ? await settingsAtHome(ctx, linter.home ?? [], counts) : [above])];
}
