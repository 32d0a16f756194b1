import type { StepContext } from '../../core/step.ts';
import type { SharedParams } from '../contract.ts';
import { objectOf } from '../../formats/data/json-parts.ts';
import { baseOf, folderOf, inFolder } from '../../formats/data/paths.ts';
import { tomlOf } from '../../formats/data/toml.ts';

export const managers = ['auto', 'none', 'uv', 'poetry', 'pdm', 'pipenv', 'hatch'] as const;
export type Manager = (typeof managers)[number];

export const locks: readonly [file: string, manager: Manager][] = [
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['pdm.lock', 'pdm'],
  ['Pipfile.lock', 'pipenv'],
];
const installs: Readonly<Record<Exclude<Manager, 'auto' | 'none'>, string>> = {
  uv: 'uv sync --all-extras --all-groups',
  poetry: 'poetry install --all-extras --all-groups',
  pdm: 'pdm install --group :all',
  pipenv: 'pipenv sync --dev',
  hatch: 'hatch env create',
};
const forTests = /^(?:tests?|testing|dev|develop|development)$/;

/** The command that installs what the project's tests and linters need, as the project names it: its manager, else extras, groups and requirements of tests. */
export async function installOf(manager: Manager, cwd: string, ctx: StepContext, tool = 'pytest'): Promise<string> {
  if (manager !== 'auto' && manager !== 'none') return installs[manager];
  const { paths } = await ctx.tree();
  const text = async (path: string): Promise<string> => (paths.includes(path) ? await ctx.files.read(path) : '');
  const project = tomlOf(await text(inFolder(cwd, 'pyproject.toml')));
  const named = (part: unknown): string[] => Object.keys(objectOf(part)).filter((name) => forTests.test(name));
  const extras = named(objectOf(project?.['project'])['optional-dependencies']);
  const groups = named(project?.['dependency-groups']);
  const files = paths.filter(
    (path) =>
      folderOf(path) === cwd &&
      /^(?:requirements[-_.](?:tests?|dev)|(?:tests?|dev)[-_]requirements)\.txt$/.test(baseOf(path)),
  );
  const isPackage = ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => paths.includes(inFolder(cwd, name)));
  const plain = isPackage ? '' : inFolder(cwd, 'requirements.txt');
  const what = [
    ...(extras.length > 0 ? [`-e '.[${extras.join(',')}]'`] : isPackage ? ['-e .'] : []),
    ...(paths.includes(plain) ? ['-r requirements.txt'] : []),
    ...groups.map((name) => `--group ${name}`),
    ...files.map((path) => `-r ${baseOf(path)}`),
  ];
  const texts = [await text(inFolder(cwd, 'pyproject.toml')), ...(await Promise.all(files.map(text)))].join('\n');
  const forTheTool =
    extras.length + groups.length + files.length > 0 && new RegExp(`(?:["']|^)${tool}\\b`, 'm').test(texts);
  return `pip install ${[...what, ...(forTheTool ? [] : [tool])].join(' ')}`;
}

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
