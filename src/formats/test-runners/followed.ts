import { parseShell } from '../programs/shell.ts';

/** A simple command that a step's command comes to. */
export interface Followed {
  /** Its words, joined by blanks. */
  text: string;
  /** The script that it stands in; none where the checklist itself has it. */
  file?: string;
  line: number;
  /** Why its exit code does not reach the end of the script. */
  lost?: string;
  /** Its failure is what the script asks for: `! cmd`, `if cmd`. */
  asked: boolean;
}

const wrappers =
  /^(?:(?:\w+=\S*|env|time|nice|exec|command|sudo|nohup|stdbuf(?: -\S+)*|timeout(?: -\S+)* \S+|npx(?: -\S+)*|bunx|pnpm exec|pnpm dlx|yarn dlx|uv run|poetry run|pipenv run|pdm run|hatch run|bundle exec|xvfb-run(?: -\S+)*) )+/;

/** The words without the programs that only start others. */
export const bareWords = (text: string): string => text.replace(wrappers, '');

/**
 * The simple commands of a script, and which of them can fail unseen.
 * @param strict how it is run: with `-e`, with `pipefail`
 */
export function commandsOf(script: string, strict: { errexit: boolean; pipefail: boolean }, file?: string): Followed[] {
  const shebang = /^#![^\n]*/.exec(script)?.[0] ?? '';
  const sets = [...script.matchAll(/^\s*set\s+(.+)$/gm)].map((match) => match[1] ?? '');
  const errexit =
    (strict.errexit || / -\w*e/.test(shebang) || sets.some((one) => /(?:^|\s)-\w*e|-o errexit/.test(one))) &&
    !sets.some((one) => /(?:^|\s)\+\w*e/.test(one));
  const pipefail =
    (strict.pipefail || sets.some((one) => one.includes('pipefail'))) &&
    !sets.some((one) => /\+\w*o\s+pipefail/.test(one));
  const lines = script.split('\n');
  const parsed = parseShell(script);
  return parsed.map((command, n) => {
    const text = command.argv.map((one) => one.text).join(' ');
    const next = parsed[n + 1];
    const rest = behind(lines, command.line, command.raw);
    const own = lines[command.line - 1] ?? '';
    const before = own.slice(0, Math.max(0, own.indexOf(command.raw.split('\n')[0] ?? '')));
    const lost =
      next?.piped === true && !pipefail
        ? `its exit code is lost in the pipe into ${next.argv[0]?.text ?? 'another program'}`
        : /^\s*\|\|\s*(?:true|:|echo\b|printf\b|exit 0\b)/.test(rest)
          ? 'its exit code is lost behind `||`'
          : /^\s*&(?![&>])/.test(rest)
            ? 'it runs in the background'
            : !errexit && next !== undefined && !/^\s*(?:&&|\|\||\|)/.test(rest)
              ? 'its exit code is lost: commands follow, and the script has no `set -e`'
              : undefined;
    return {
      text: bareWords(text),
      line: command.line,
      asked: /(?:^|[\s;&|(])(?:!|if|while|until|elif)\s+$/.test(before),
      ...(file !== undefined && { file }),
      ...(lost !== undefined && { lost }),
    };
  });
}

/** What stands behind a command on its line. */
function behind(lines: readonly string[], line: number, raw: string): string {
  const text = lines.slice(line - 1, line + raw.split('\n').length).join('\n');
  const at = text.indexOf(raw);
  return at < 0 ? '' : (text.slice(at + raw.length).split('\n')[0] ?? '').replace(/^\s*(?:\d*>&?\d*\S*\s*)+/, '');
}

const shells = /^(?:bash|sh|dash|zsh|ksh)$/;

/** The script file that an argv runs, with how the shell is told to run it; undefined where it runs none. */
export function scriptOf(argv: readonly string[]): { path: string; errexit: boolean; pipefail: boolean } | undefined {
  const [program = '', ...rest] = argv;
  if (shells.test(program.split('/').at(-1) ?? '')) {
    const flags = rest.filter((one, n) => one.startsWith('-') || rest[n - 1] === '-o');
    const path = rest.find((one, n) => !one.startsWith('-') && rest[n - 1] !== '-o');
    if (path === undefined || flags.some((flag) => /^-\w*c/.test(flag))) return undefined;
    return { path, errexit: flags.some((flag) => /^-\w*e/.test(flag)), pipefail: flags.includes('pipefail') };
  }
  return program.includes('/') ? { path: program, errexit: false, pipefail: false } : undefined;
}

/** The script in a shell's `-c`. */
export function inlineScript(
  argv: readonly string[],
): { text: string; errexit: boolean; pipefail: boolean } | undefined {
  const [program = '', ...rest] = argv;
  if (!shells.test(program.split('/').at(-1) ?? '')) return undefined;
  const at = rest.findIndex((flag) => /^-\w*c$/.test(flag));
  if (at < 0) return undefined;
  const flags = rest.slice(0, at + 1);
  return {
    text: rest.slice(at + 1).find((one) => !one.startsWith('-')) ?? '',
    errexit: flags.some((flag) => /^-\w*e/.test(flag)),
    pipefail: rest.includes('pipefail'),
  };
}

/** The name of the package script that a command runs: `npm test`, `pnpm run unit`, `yarn unit`. */
export function packageScript(words: string): string | undefined {
  const found = /^(npm|pnpm|yarn|bun)(?: -\S+)* (?:(run|run-script) (?:-\S+ )*)?([\w:.-]+)/.exec(words);
  if (!found) return undefined;
  const [, program, run, name = ''] = found;
  if (run !== undefined) return name;
  if (program === 'npm') return /^(?:t|tst|test)$/.test(name) ? 'test' : undefined;
  return program === 'bun' ? undefined : name;
}

/** The recipe of a target in a Makefile, or the body of a recipe in a justfile: its lines, without what they begin with. */
export function recipeOf(text: string, target: string): { script: string; ignores: boolean } | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex(
    (line) => line.startsWith(target) && /^\s*(?:[^:=]*)?::?(?!=)/.test(line.slice(target.length)),
  );
  if (at < 0) return undefined;
  const end = lines.findIndex((line, n) => n > at && line.trim() !== '' && !/^\s/.test(line));
  const body = lines.slice(at + 1, end < 0 ? undefined : end).map((line) => line.trim());
  return {
    script: body.map((line) => line.replace(/^[@+-]+/, '')).join('\n'),
    ignores: body.some((line) => /^[@+]*-/.test(line)),
  };
}

/** Do two scripts have a word in common that is no option: a program, a script, a subcommand? */
export function sameProgram(script: string, other: string): boolean {
  const words = (text: string): string[] =>
    commandsOf(text, { errexit: true, pipefail: true })
      .flatMap((one) => one.text.split(' '))
      .filter((word) => word !== '' && !word.startsWith('-'))
      .map((word) => word.replace(/^(?:\.{1,2}\/)+/, ''));
  const own = new Set(words(script));
  return words(other).some((word) => own.has(word));
}
