import { proof, type ProgramWords } from '../program-words.ts';

const proves: ProgramWords['proves'] = ([, first]) => (first === 'build' ? proof('build', 'python-build') : undefined);
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
  hatch: { proves, prepares: /^(?:env|publish|version)$/ },
  flit: { proves },
  pipenv: { prepares: /^(?:install|sync)$/ },
  pipx: { prepares: /^(?:install|ensurepath|inject)$/ },
};
