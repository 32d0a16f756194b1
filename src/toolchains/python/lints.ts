import { howToInstall } from '../../formats/programs/how-to-install.ts';
import type { Lints } from '../contract.ts';
import { before, installOf, ownModule } from './environment.ts';

/**
 * Sources: the manuals and `--help` of ruff 0.15, mypy 1.20 and flake8 7.3: where they look for their configuration, and what they
 * print at their end.
 */
export const pythonLints: Lints = {
  linters: {
    ruff: {
      words: ['ruff', 'check'],
      all: ['.'],
      output: ['--output-format=concise', '--no-fix'],
      outputOptions: /^(?:--output-format|--output-file|-o|--no-fix$|-q$|--quiet$)/,
      not: / --(?:fix|watch|show-files|show-settings|statistics|add-noqa|exit-zero|diff)\b/,
      mutes: / (?:-e|--exit-zero|-h|--help|--show-files|--show-settings|--add-noqa) /,
      caches: (folder) => ({ RUFF_CACHE_DIR: folder }),
      looked: /No Python files found/,
      listed: { words: ['--show-files'], file: /\.(?:pyi?|ipynb)$/ },
      configs: ['ruff.toml', '.ruff.toml', 'pyproject.toml'],
      section: /^\[tool\.ruff/m,
      home: ['.config/ruff/ruff.toml', '.config/ruff/.ruff.toml', '.config/ruff/pyproject.toml'],
      ambient: { variables: /^RUFF_OUTPUT_FILE$/, silences: (_, value) => value !== '' },
    },
    mypy: {
      words: ['mypy'],
      all: [],
      output: ['--show-column-numbers', '--no-pretty', '--error-summary'],
      tells: true,
      outputOptions: /^(?:--pretty|--output|--no-color-output|--color-output|--show-column-numbers|--no-pretty)/,
      not: / (?:--install-types|--version|--help|-h)\b/,
      caches: (folder) => ({ MYPY_CACHE_DIR: folder }),
      looked: /(?:checked|no issues found in) (\d+) source files?|There are no \.py\[i\] files/,
      configs: ['mypy.ini', '.mypy.ini', 'pyproject.toml', 'setup.cfg'],
      section: /^\[(?:tool\.)?mypy/m,
      home: ['.config/mypy/config', '.mypy.ini'],
    },
    flake8: {
      words: ['flake8'],
      all: ['.'],
      // Alone with it does it say how many files there were.
      output: ['--benchmark'],
      looked: /^(\d+)\s+total files processed/m,
      tells: true,
      outputOptions:
        /^(?:--format|--output-file|--benchmark$|--tee$|--show-source$|--statistics$|--count$|-v+$|-q+$|--color)/,
      not: / --(?:exit-zero|version|bug-report)\b/,
      mutes: / --exit-zero /,
      configs: ['.flake8', 'setup.cfg', 'tox.ini'],
      section: /^\[flake8\]/m,
    },
  },
  example: `- id: ruff
  uses: python/lint
  with: { linter: ruff }`,
  async starter(program, p, ctx) {
    const { words } = await before({ ...p, manager: 'auto' }, ctx);
    const [first = ''] = words;
    if (words[1] === 'run') return [...words, program];
    const own = first.replace(/[^/]*$/, program);
    // Beside the project's own Python; else wherever it is installed.
    return [first.startsWith('/') && (await ctx.files.kind(own)) === 'file' ? own : program];
  },
  async unprepared(output, p, ctx) {
    const { manager } = await before({ ...p, manager: 'auto' }, ctx);
    const remedy = `install what the linter needs: ${await installOf(manager, p.cwd, ctx)}`;
    const gone =
      /(?:error: Failed to spawn: `|Command not found: |command not found: |No module named ['"]?)([\w-]+)/i.exec(
        output,
      )?.[1];
    if (gone !== undefined && gone === manager)
      return { missing: `${gone} is not installed`, remedy: `install ${gone}: ${howToInstall(gone) ?? ''}` };
    if (gone !== undefined)
      return {
        missing: `${gone} is not installed`,
        remedy: `install what the linter needs: ${await installOf(manager, p.cwd, ctx, gone)}`,
      };
    for (const [, module = ''] of output.matchAll(
      /(?:library stub for module named|Library stubs not installed for) "([\w.]+)"/g,
    ))
      if ((await ownModule(module.split('.')[0] ?? '', p.cwd, ctx)) === 'none')
        return { missing: `mypy finds no module or stubs of ${module}`, remedy };
    return undefined;
  },
};
