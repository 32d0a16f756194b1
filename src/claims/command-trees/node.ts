/** A command of a program: its flags and subcommands. */
export interface CommandNode {
  flags: Set<string>;
  subcommands: Map<string, CommandNode>;
  /** It takes what is not written out here. */
  open: boolean;
  /** What flags take that have a closed list of values, in lower case. */
  values?: Map<string, ReadonlySet<string>>;
  /** Flags are taken with one dash too. */
  oneDash?: true;
  /** What its library adds by itself, where that is known. */
  free?: ReadonlySet<string>;
}

export const newNode = (): CommandNode => ({ flags: new Set(), subcommands: new Map(), open: false });

/** Flags that hold below a command too. */
export function spread(node: CommandNode, flags: ReadonlySet<string>): void {
  for (const sub of new Set(node.subcommands.values())) {
    for (const flag of flags) sub.flags.add(flag);
    spread(sub, flags);
  }
}

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** The text between the bracket at `at` and the one that closes it; texts in quotes are passed over. */
export function between(text: string, at: number): string {
  const [open, close] = [text[at] ?? '', closing[text[at] ?? ''] ?? ''];
  let depth = 0;
  for (let n = at; n < text.length; n++) {
    const c = text[n] ?? '';
    if (c === '"' || c === "'" || c === '`') {
      for (n++; n < text.length && text[n] !== c; n++) if (text[n] === '\\') n++;
    } else if (c === open) depth++;
    else if (c === close && --depth === 0) return text.slice(at + 1, n);
  }
  return text.slice(at + 1);
}

/** The parts of a list that stand between its commas. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let n = 0; n < text.length; n++) {
    const c = text[n] ?? '';
    if (c === '"' || c === "'" || c === '`') {
      for (n++; n < text.length && text[n] !== c; n++) if (text[n] === '\\') n++;
    } else if (c in closing) n += between(text, n).length + 1;
    else if (c === ',') {
      parts.push(text.slice(from, n).trim());
      from = n + 1;
    }
  }
  parts.push(text.slice(from).trim());
  return parts.filter((part) => part !== '');
}

/** A text in quotes, alone. */
export const quoted = (text = ''): string | undefined => /^[rbf]?["'`]([^"'`\n]*)["'`]$/.exec(text.trim())?.[1];
export const longFlags = (text: string): string[] =>
  [...text.matchAll(/["'`][^"'`\n]*?--([a-z][\w-]*)/gi)].map(([, name = '']) => name);
