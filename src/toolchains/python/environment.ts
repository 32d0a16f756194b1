import type { StepContext } from '../../core/step.ts';
import type { SharedParams } from '../contract.ts';
import { inFolder } from '../../formats/data/paths.ts';

export const managers = ['auto', 'none', 'uv', 'poetry', 'pdm', 'pipenv', 'hatch'] as const;
export type Manager = (typeof managers)[number];

export const locks: readonly [file: string, manager: Manager][] = [
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['pdm.lock', 'pdm'],
  ['Pipfile.lock', 'pipenv'],
];
export const installs: Readonly<Record<Manager, string>> = {
  auto: 'pip install -e . pytest',
  none: 'pip install -e . pytest',
  uv: 'uv sync',
  poetry: 'poetry install',
  pdm: 'pdm install',
  pipenv: 'pipenv sync --dev',
  hatch: 'hatch env create',
};

/** What stands before `pytest …`: a manager's words, or a Python with `-m`. */
export async function before(
  p: Pick<SharedParams, 'cwd'> & { manager: Manager },
  ctx: StepContext,
): Promise<{ words: string[]; manager: Manager }> {
  let { manager } = p;
  if (manager === 'auto') {
    for (const folder of ['.venv', 'venv']) {
      const python = inFolder(p.cwd, `${folder}/bin/python`);
      if ((await ctx.files.kind(python)) === 'file') {
        const named = await lockOf(p.cwd, ctx);
        return { words: [ctx.files.absolute(python), '-m'], manager: named ?? 'none' };
      }
    }
    manager = (await lockOf(p.cwd, ctx)) ?? 'none';
  }
  return { words: manager === 'none' ? ['python3', '-m'] : [manager, 'run'], manager };
}

async function lockOf(cwd: string, ctx: StepContext): Promise<Manager | undefined> {
  for (const [file, manager] of locks) if ((await ctx.files.kind(inFolder(cwd, file))) === 'file') return manager;
  return undefined;
}

/** Is this module, by its first name, one of the repository's? And can it be imported without being installed? */
export async function ownModule(name: string, cwd: string, ctx: StepContext): Promise<'none' | 'here' | 'installed'> {
  const { paths } = await ctx.tree();
  const root = cwd === '' ? '' : `${cwd}/`;
  const at = (folder: string): boolean =>
    paths.some(
      (path) =>
        path === `${root}${folder}${name}.py` || (path.startsWith(`${root}${folder}${name}/`) && path.endsWith('.py')),
    );
  if (['src/', 'lib/', 'python/'].some(at)) return 'installed';
  const anywhere = paths.some(
    (path) => path.endsWith(`/${name}.py`) || (path.includes(`/${name}/`) && path.endsWith('.py')),
  );
  return at('') || anywhere ? 'here' : 'none';
}
