/** Whether a flag takes a value in the next word. */
export type FlagValue = 'none' | 'needed' | 'optional';

/**
 * The flags that a program's `--help` lists, as clap (Rust) and cobra (Go) print them:
 * `  -p, --package [<SPEC>]  text` and `  -f, --file stringArray   text`.
 */
export function flagsOfHelp(text: string): Map<string, FlagValue> {
  const flags = new Map<string, FlagValue>();
  for (const line of text.split('\n')) {
    const match =
      /^\s+(?:(-\w)(?:,\s+|\s+|$))?(--[\w-]+)?(\.\.\.)?(?:[ =]?(\[?<[^>]+>\]?(?:\.\.\.)?|[a-zA-Z]+(?: [a-z]+)*))?(?:\s{2,}|\s*$)/.exec(
        line,
      );
    if (!match || (match[1] === undefined && match[2] === undefined)) continue;
    const value = match[4];
    // Several words are cobra's reading of back-ticks in the text: `docker compose exec`.
    const kind =
      value === undefined || (!value.startsWith('<') && !value.startsWith('[') && value.includes(' '))
        ? 'none'
        : value.startsWith('[')
          ? 'optional'
          : 'needed';
    for (const flag of [match[1], match[2]]) if (flag !== undefined && !flags.has(flag)) flags.set(flag, kind);
  }
  return flags;
}

export interface ReadArguments {
  /** Flags that are not known, with their place among the arguments. */
  unknown: { flag: string; at: number }[];
  /** Values of each flag, in order; '' where it has none. */
  values: Map<string, string[]>;
  positionals: string[];
  /** What follows `--`. */
  rest: string[];
}

/**
 * Reads arguments as the program's parser would, up to `--`.
 * @param stopAtPositional what follows the first positional belongs to another program (`cargo run`, `docker compose exec`)
 */
export function readArguments(
  args: readonly string[],
  flags: ReadonlyMap<string, FlagValue>,
  stopAtPositional = false,
): ReadArguments {
  const read: ReadArguments = { unknown: [], values: new Map(), positionals: [], rest: [] };
  const put = (flag: string, value: string): void => {
    read.values.set(flag, [...(read.values.get(flag) ?? []), value]);
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      read.rest = args.slice(at + 1);
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      read.positionals.push(arg);
      if (stopAtPositional) {
        read.rest = args.slice(at + 1);
        break;
      }
      continue;
    }
    const next = args[at + 1];
    const [name = '', own] = arg.startsWith('--') ? arg.split(/=(.*)/s) : [arg.slice(0, 2), arg.slice(2) || undefined];
    const kind = flags.get(name);
    if (kind === undefined) {
      read.unknown.push({ flag: name, at });
      continue;
    }
    if (kind === 'none') {
      put(name, '');
      // A cluster such as -vv or -it.
      if (own !== undefined && !arg.startsWith('--'))
        for (const letter of own) if (!flags.has(`-${letter}`)) read.unknown.push({ flag: `-${letter}`, at });
    } else if (own !== undefined) put(name, own.replace(/^=/, ''));
    else if (next !== undefined && next !== '--' && (kind === 'needed' || !next.startsWith('-'))) {
      put(name, next);
      at++;
    } else put(name, '');
  }
  return read;
}
