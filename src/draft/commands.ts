import type { ShellCommand } from '../formats/programs/shell.ts';

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
const goodName =
  /(?:^|[-_/:.])(?:checks?|tests?|verify|validate|lint|build|typecheck|fmt|format|smoke|ci|audit|coverage)(?:$|[-_/:.])/i;
const badName =
  /deploy|releas|publish|push|clean|reset|delet|destroy|drop|purge|rollback|migrat|wipe|prod|live|staging|remote|install|upload|remove|restore|seed|kill|(?:^|[-_/:.])(?:rm|fix|write|update|up|down|start|serve|dev)(?:$|[-_/:.])/i;
const cargoReads = new Set(
  'build check doc test bench clippy fmt metadata tree nextest deny audit machete hack'.split(' '),
);
const goReads = new Set('vet test build list version'.split(' '));
const composeReads = new Set('config ps images version'.split(' '));

/**
 * Is the command known to change and reach nothing beyond the repository's own builds? A program that is not known is not.
 * Options that write (`--fix`, `-i`, `-delete`) count as a change.
 */
export function isHarmless({ words }: { words: readonly string[] }): boolean {
  const [program = '', first = '', ...rest] = words;
  if (words.some((word) => /^(?:--fix|--write|-i|--in-place|-delete|--force|--apply)(?:=|$)/.test(word))) return false;
  const sub = first.startsWith('+') ? (rest[0] ?? '') : first;
  const named = (name: string): boolean => goodName.test(name) && !badName.test(name);
  switch (program) {
    case 'cargo':
      return cargoReads.has(sub);
    case 'go':
      return goReads.has(first);
    case 'git':
      return gitReads.has(first);
    case 'npm':
    case 'pnpm':
    case 'yarn':
      return first === 'test' || (first === 'run' && named(rest[0] ?? '')) || (program !== 'npm' && named(first));
    case 'make':
    case 'just':
    case 'task':
      return first !== '' && words.slice(1).every((word) => named(word));
    case 'bash':
    case 'sh':
      return /\.(?:sh|bash)$/.test(first) && named(first);
    case 'python':
    case 'python3':
      return first === '-m' && /^(?:pytest|unittest|mypy|compileall|json\.tool)$/.test(rest[0] ?? '');
    case 'docker':
    case 'docker-compose':
      return composeReads.has(composeCall(words)?.sub ?? '');
    default:
      return (
        readers.has(program) ||
        (/^\.?\.?\/?[\w./-]+\.(?:sh|bash)$/.test(program) && program.includes('/') && named(program))
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
