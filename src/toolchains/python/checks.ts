import { objectOf } from '../../formats/data/json-parts.ts';
import type { ProjectCheck } from '../contract.ts';
import { outermost, type ProjectTree } from '../drafted.ts';
import { tomlOf } from '../../formats/data/toml.ts';
import { baseOf, folderOf, inFolder } from '../../formats/data/paths.ts';

/** Python's tests and tools, as the project is set up for them. */
export function pythonChecks(tree: ProjectTree): ProjectCheck[] {
  return outermost(
    tree,
    /^(?:pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|noxfile\.py|pytest\.ini|manage\.py|requirements[\w.-]*\.txt)$/,
  )
    .map(folderOf)
    .filter((folder, n, all) => all.indexOf(folder) === n)
    .flatMap((folder) => {
      const file = (name: string): string => inFolder(folder, name);
      const has = (name: string): boolean => tree.paths.includes(file(name));
      const text = (name: string): string => tree.text(file(name)) ?? '';
      const tools = objectOf(tomlOf(text('pyproject.toml'))?.['tool']);
      const ini = `${text('setup.cfg')}\n${text('tox.ini')}`;
      const wrap = has('uv.lock')
        ? ['uv', 'run']
        : has('poetry.lock')
          ? ['poetry', 'run']
          : has('pdm.lock')
            ? ['pdm', 'run']
            : has('Pipfile.lock')
              ? ['pipenv', 'run']
              : undefined;
      const call = (tool: string, ...words: string[]): string[] =>
        wrap ? [...wrap, tool, ...words] : ['python3', '-m', tool, ...words];
      const source = 'pyproject.toml setup.cfg setup.py tox.ini noxfile.py pytest.ini manage.py'.split(' ').find(has);
      const from = source === undefined ? file('') : file(source);
      const tests = tree.paths.filter(
        (path) => /^(?:test_.*|.*_test)\.py$/.test(baseOf(path)) && (folder === '' || path.startsWith(`${folder}/`)),
      );
      const made: string[][] = [];
      const pytest =
        'pytest' in tools ||
        has('pytest.ini') ||
        /^\[(?:tool:)?pytest\]/m.test(ini) ||
        has('conftest.py') ||
        tests.some((path) => /^\s*(?:import|from) pytest\b|^(?:async )?def test_/m.test(tree.text(path) ?? ''));
      if (has('manage.py') && !pytest) made.push(['python3', 'manage.py', 'test']);
      else if (pytest && (tests.length > 0 || has('pytest.ini') || 'pytest' in tools)) made.push(call('pytest'));
      else if (has('tox.ini') && /^\[testenv/m.test(ini)) made.push(['tox']);
      else if (has('noxfile.py')) made.push(['nox']);
      else if (tests.length > 0) made.push(call('unittest', 'discover'));
      if ('ruff' in tools || has('ruff.toml') || has('.ruff.toml')) made.push(call('ruff', 'check', '.'));
      else if (/^\[flake8\]/m.test(ini) || has('.flake8')) made.push(call('flake8'));
      if ('black' in tools) made.push(call('black', '--check', '.'));
      if ('mypy' in tools || has('mypy.ini') || /^\[mypy\]/m.test(ini)) {
        const own =
          'files' in objectOf(tools['mypy']) ||
          'packages' in objectOf(tools['mypy']) ||
          /^\s*(?:files|packages)\s*=/m.test(text('mypy.ini'));
        made.push(own ? call('mypy') : call('mypy', '.'));
      }
      if ('pyright' in tools || has('pyrightconfig.json')) made.push(call('pyright'));
      if (has('.pre-commit-config.yaml') && made.length === 0) made.push(['pre-commit', 'run', '--all-files']);
      return made.map((run) => ({ run, cwd: folder, from: from === '' ? 'requirements.txt' : from }));
    });
}
