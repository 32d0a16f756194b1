import type { ShellCommand } from '../formats/programs/shell.ts';
import { isHarmlessName } from '../toolchains/program-words.ts';
import { programOf } from '../toolchains/programs.ts';

/** Commands joined by pipes; they run, or are dangerous, as one. */
export interface Pipeline {
  commands: ShellCommand[];
  /** As it stands in the document. */
  raw: string;
  line: number;
  /** Where earlier `cd`s of the block lead, relative to where it began; undefined: not known. */
  cwd: string | undefined;
}

/** Groups the simple commands of a block; `cd` changes where the later ones run. */
export function pipelines(commands: readonly ShellCommand[]): Pipeline[] {
  const found: Pipeline[] = [];
  let cwd: string | undefined = '';
  for (const command of commands) {
    const last = found.at(-1);
    if (command.piped && last) {
      last.commands.push(command);
      last.raw += ` | ${command.raw}`;
      continue;
    }
    const [program, to] = command.argv;
    if (program?.text === 'cd' || program?.text === 'pushd')
      cwd =
        to === undefined || to.open || /^[/~-]/.test(to.text) || cwd === undefined ? undefined : `${cwd}${to.text}/`;
    // What only prepares the shell proves nothing by itself.
    else if (!/^(?:export|set|unset|source|\.|alias|popd)$/.test(program?.text ?? ''))
      found.push({ commands: [command], raw: command.raw, line: command.line, cwd });
  }
  return found;
}

/** Words of a command: assignments before it apart, and what runs another command taken away. */
export function wordsOf(command: ShellCommand): { env: Record<string, string>; words: string[]; open: boolean } {
  const env: Record<string, string> = {};
  const argv = [...command.argv];
  for (let match; argv[0] && (match = /^(\w+)=(.*)$/s.exec(argv[0].text)); argv.shift())
    env[match[1] ?? ''] = match[2] ?? '';
  if (argv[0]?.text === 'time' || argv[0]?.text === 'command') argv.shift();
  return { env, words: argv.map((word) => word.text), open: command.argv.some((word) => word.open) };
}

const readers = new Set(
  'cat head tail wc grep rg egrep fgrep ls test [ diff cmp jq yq echo printf true sort uniq cut tr file stat du tree sha256sum md5sum shellcheck yamllint markdownlint hadolint actionlint promtool amtool pytest mypy ruff flake8 tsc eslint'.split(
    ' ',
  ),
);
const gitReads = new Set(
  'status diff log show ls-files grep rev-parse describe blame cat-file ls-tree shortlog'.split(' '),
);
const composeReads = new Set('config ps images version'.split(' '));

/**
 * Is the command known to change and reach nothing beyond the repository's own builds? A program that is not known is not.
 * Options that write (`--fix`, `-i`, `-delete`) count as a change.
 */
export function isHarmless({ words }: { words: readonly string[] }): boolean {
  const [program = '', first = ''] = words;
  if (words.some((word) => /^(?:--fix|--write|-i|--in-place|-delete|--force|--apply)(?:=|$)/.test(word))) return false;
  const own = programOf(program)?.isHarmless;
  if (own) return own(words);
  switch (program) {
    case 'git':
      return gitReads.has(first);
    case 'make':
    case 'just':
    case 'task':
      return first !== '' && words.slice(1).every(isHarmlessName);
    case 'bash':
    case 'sh':
      return /\.(?:sh|bash)$/.test(first) && isHarmlessName(first);
    case 'docker':
    case 'docker-compose':
      return composeReads.has(composeCall(words)?.sub ?? '');
    default:
      return (
        readers.has(program) ||
        (/^\.?\.?\/?[\w./-]+\.(?:sh|bash)$/.test(program) && program.includes('/') && isHarmlessName(program))
      );
  }
}

const composeOptions = '-f --file --profile -p --project-name --env-file --project-directory --ansi --progress'.split(
  ' ',
);

/** A call of Compose: its options, and the subcommand after them. */
export function composeCall(words: readonly string[]): { options: string[]; sub: string } | undefined {
  const from = words[0] === 'docker-compose' ? 1 : words[0] === 'docker' && words[1] === 'compose' ? 2 : 0;
  if (from === 0) return undefined;
  const args = words.slice(from);
  const at = args.findIndex((word, n) => !word.startsWith('-') && !composeOptions.includes(args[n - 1] ?? ''));
  const sub = args[at];
  return sub === undefined ? undefined : { options: args.slice(0, at), sub };
}
