import { proof, type ProgramWords } from '../program-words.ts';

const proves: ProgramWords['proves'] = ([, first]) => (first === 'build' ? proof('build', 'python-build') : undefined);
/** What hatch and rye do by themselves: their tests are pytest's, what they lint and format with is ruff. */
const byItself: ProgramWords['proves'] = (words) => {
  const [program, first = ''] = words;
  const onlyLooks = words.some((word) => /^(?:--check|-c|--linter|-l|--formatter|-f)$/.test(word));
  if (first === 'test') return words.includes('--show') ? undefined : proof('test', 'pytest');
  if (first === 'lint') return words.includes('--fix') ? undefined : proof('lint', 'ruff');
  if (first === 'fmt') return onlyLooks ? proof('lint', program === 'hatch' ? 'ruff' : 'ruff format') : undefined;
  return words.includes('--hooks-only') ? undefined : proves(words);
};
const python: ProgramWords = {
  isHarmless: ([, first, second = '']) =>
    first === '-m' && /^(?:pytest|unittest|mypy|compileall|json\.tool)$/.test(second),
};

export const pythonPrograms: Readonly<Record<string, ProgramWords>> = {
  python,
  python3: python,
  uv: { proves, prepares: /^(?:sync|pip|venv|python|tool|lock|cache|publish|version|self)$/ },
  poetry: { proves, prepares: /^(?:install|config|self|env|lock|publish|version|add)$/ },
  pdm: { proves, prepares: /^(?:install|sync|config|venv|use|publish)$/ },
  hatch: { proves: byItself, prepares: /^(?:env|publish|version|build|python|dep|shell)$/ },
  rye: { proves: byItself, prepares: /^(?:sync|lock|fetch|pin|config|self|toolchain|install|publish|build)$/ },
  flit: { proves },
  pipenv: { prepares: /^(?:install|sync)$/ },
  pipx: { prepares: /^(?:install|ensurepath|inject)$/ },
};
