import { optionValues } from '../../formats/programs/option-values.ts';
import { isHarmlessName, plainWords, proof, provesByName, type ProgramWords, type Proof } from '../program-words.ts';

/** The words of a package manager's call without what says for which packages it is. */
function withoutWorkspace(words: readonly string[]): string[] {
  const found: string[] = [];
  for (let n = 0; n < words.length; n++) {
    const word = words[n] ?? '';
    if (found.length === 0 && word === 'workspace') n++;
    else if (/^(?:--filter|-F|-C|--dir|--cwd|--workspace)$/.test(word)) n++;
    else if (found.length > 1 || !word.startsWith('-')) found.push(word);
  }
  return found;
}

/** What a package manager's call proves, by the script that it runs. */
function script(words: readonly string[]): Proof | undefined {
  const own = withoutWorkspace(words.slice(1));
  const ran = /^run(?:-script)?$/.test(own[0] ?? '');
  const name = ran ? (own[1] ?? '') : (own[0] ?? '');
  if (!ran && /^(?:ci|i|install|add|audit|pack|version|up|dlx|exec|create|init)$/.test(name)) return undefined;
  if (/^(?:t|tst)$/.test(name)) return proof('test', 'script:test');
  return proof(provesByName(name), `script:${name}`);
}

const isHarmless = ([program = '', first = '', second = '']: readonly string[]): boolean =>
  first === 'test' || (first === 'run' && isHarmlessName(second)) || (program !== 'npm' && isHarmlessName(first));

/** What runs a target in every package of a monorepo. */
const monorepo: ProgramWords = {
  proves(words) {
    const named = optionValues(words, ['-t', '--target', '--targets']).flatMap((one) => one.split(','));
    const targets =
      named.length > 0
        ? named
        : plainWords(words)
            .filter((word) => !/^(?:run|run-many|affected)$/.test(word))
            .slice(0, 1);
    const found = new Set(targets.map(provesByName));
    return proof(
      (['test', 'e2e', 'types', 'lint', 'build'] as const).find((one) => found.has(one)),
      `${words[0]}:${targets.join(' ')}`,
    );
  },
};

export const npmPrograms: Readonly<Record<string, ProgramWords>> = {
  npm: {
    proves: script,
    isHarmless,
    prepares: /^(?:ci|i|install|config|set|version|publish|cache|pkg|link|exec|whoami|dist-tag|prefix|root|add)$/,
  },
  pnpm: {
    proves: script,
    isHarmless,
    prepares: /^(?:install|i|add|setup|store|config|publish|self-update|env|fetch|link)$/,
  },
  yarn: { proves: script, isHarmless, prepares: /^(?:install|config|set|add|global|cache|publish|plugin|link|)$/ },
  bun: { proves: script, prepares: /^(?:install|i|add|publish|link)$/ },
  node: { proves: (words) => (words.includes('--test') ? proof('test', 'node --test') : undefined) },
  deno: { proves: ([, first = '']) => proof(provesByName(first), `deno ${first}`) },
  manypkg: { proves: ([, first]) => (first === 'check' ? proof('lint', 'manypkg') : undefined) },
  turbo: monorepo,
  nx: monorepo,
};
