import type { Lints, ToolStep } from './contract.ts';

/** The step that does what a linter's command does; undefined where no linter is called, or in a way that the step does not know. */
export function lintFor(
  toolchain: string,
  { linters }: Lints,
  words: readonly string[],
  cwd: string,
): ToolStep | undefined {
  for (const [name, one] of Object.entries(linters)) {
    if (!one.words.every((word, n) => words[n] === word) || one.not?.test(words.join(' ')) === true) continue;
    const args: string[] = [];
    const given = words.slice(one.words.length);
    for (let n = 0; n < given.length; n++) {
      const word = given[n] ?? '';
      // `-f json`, `--format json`: the value follows, unless it stands behind `=`.
      if (one.outputOptions?.test(word) !== true) args.push(word);
      else if (!word.includes('=') && given[n + 1]?.startsWith('-') === false) n++;
    }
    const asAlways = args.join(' ') === one.all.join(' ');
    return {
      id: name,
      uses: `${toolchain}/lint`,
      with: { linter: name, ...(cwd !== '' && { cwd }), ...(args.length > 0 && !asAlways && { args }) },
    };
  }
  return undefined;
}
