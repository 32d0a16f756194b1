import type { Command, CommandArgument, Redirection, SyntaxNode, WordPart } from 'unbash';
import { library } from '../data/libraries.ts';

/** One simple command of a shell text. */
export interface ShellCommand {
  argv: Word[];
  /** Line in the text, from 1. */
  line: number;
  /** As it stands there, without what joins it to others. */
  raw: string;
  /** Files that its redirects write, and that they read. */
  writes: string[];
  reads: string[];
  /** It gets its input from the command before. */
  piped: boolean;
}

export interface Word {
  text: string;
  /** It holds a variable, a substitution or a glob, so that its value is not known here. */
  open: boolean;
}

/**
 * The simple commands of a Bash text in their order, those inside of loops, conditions, groups and functions among them. A
 * substitution is kept as it stands, as an open word, and `<name>` is read as a placeholder, not as a redirect. Of a text that
 * Bash would refuse, what can be read is given: up to the place of the fault, and on from the next line.
 */
export function parseShell(text: string): ShellCommand[] {
  const source = text.replaceAll('\r\n', '\n');
  const readable = source.replace(placeholder, (_, name: string) => `$_${name.replace(/\W/g, '_')}`);
  const found: ShellCommand[] = [];
  // A text with more faults than that is no shell text.
  for (let from = 0, faults = 0; from < source.length && faults < 100; faults++) {
    const script = library('unbash').parse(readable.slice(from));
    const fault = script.errors?.[0];
    const to = fault === undefined ? source.length : from + fault.pos;
    new Commands(source, from, to, found).list(script);
    if (!fault) break;
    const next = source.indexOf('\n', to);
    if (fault.message.startsWith('unexpected token') && fault.pos > 0) from = to;
    else from = next < 0 ? source.length : next + 1;
  }
  return found;
}

/** `<name>`, but neither `<<EOF>` nor `<(`. */
const placeholder = /(?<!<)<([^\s<>(](?:[^<>\n]*[^\s<>])?)>/g;

/** Collects the commands of a part of a text that was parsed by itself. */
class Commands {
  readonly #source: string;
  readonly #from: number;
  readonly #to: number;
  readonly #found: ShellCommand[];
  #piped = false;
  #line = 1;
  #counted = 0;

  constructor(source: string, from: number, to: number, found: ShellCommand[]) {
    this.#source = source;
    this.#from = from;
    this.#to = to;
    this.#found = found;
  }

  list(node: SyntaxNode): void {
    if (node.type === 'Command') this.#command(node);
    else if (node.type === 'Redirected') {
      this.list(node.command);
      const last = this.#found.at(-1);
      if (last) this.#redirects(node.redirects, last);
    } else if (node.type === 'Pipeline')
      for (const [at, command] of node.commands.entries()) {
        this.#piped = at > 0;
        this.list(command);
        this.#piped = false;
      }
    // What a word holds is a value, not a command of this text.
    else if (node.type !== 'Word' && node.type !== 'TestCommand')
      library('unbash').forEachChild(node, (child) => this.list(child));
  }

  #command(node: Command): void {
    if (this.#from + node.end > this.#to) return;
    const assigned = node.prefix.flatMap((one) => (one.type === 'Assignment' ? [one] : []));
    const command: ShellCommand = {
      argv: [...assigned, ...(node.name ? [node.name] : []), ...node.args].map(wordOf),
      line: this.#lineOf(this.#from + node.pos),
      raw: this.#source.slice(this.#from + node.pos, this.#from + node.end),
      writes: [],
      reads: [],
      piped: this.#piped,
    };
    this.#piped = false;
    this.#redirects(node.redirects, command);
    if (command.argv.length > 0) this.#found.push(command);
  }

  #redirects(redirects: readonly Redirection[], command: ShellCommand): void {
    for (const redirect of redirects) {
      if (redirect.type !== 'Redirect' || !redirect.target) continue;
      const { text, open } = wordOf(redirect.target);
      if (open) continue;
      if (redirect.operator === '<') command.reads.push(text);
      else if (/^&?>[>|]?$/.test(redirect.operator)) command.writes.push(text);
    }
  }

  #lineOf(at: number): number {
    for (; this.#counted < at; this.#counted++) if (this.#source[this.#counted] === '\n') this.#line++;
    return this.#line;
  }
}

function wordOf(node: CommandArgument): Word {
  if (node.type === 'Word') return { text: node.value, open: isOpen(node.parts) };
  const { value } = node;
  const fixed = node.index === undefined && value.type === 'Word';
  return { text: fixed ? `${node.name}=${value.value}` : node.text, open: !fixed || isOpen(value.parts) };
}

const isOpen = (parts: readonly WordPart[] = []): boolean =>
  parts.some((part) =>
    part.type === 'DoubleQuoted' || part.type === 'LocaleString'
      ? isOpen(part.parts)
      : !['Literal', 'SingleQuoted', 'AnsiCQuoted'].includes(part.type),
  );

const shells = new Set('bash sh shell zsh console terminal shell-session shellsession sh-session fish'.split(' '));
const prompt = /^\s*(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+[:~/\w.-]*)?[$%❯]\s+/;

/**
 * The commands of a fenced block as a shell text with the same lines: of a block with prompts only what follows them (and its
 * continuation lines), of a block in a shell's language all. Undefined where it holds no commands.
 */
export function commandsOfFence(lang: string, text: string): string | undefined {
  const lines = text.split('\n');
  const prompted = lines.some((line) => prompt.test(line));
  if (!prompted) return shells.has(lang) && lang !== 'console' && !lang.includes('session') ? text : undefined;
  if (!shells.has(lang) && lang !== '' && lang !== 'text' && lang !== 'txt') return undefined;
  let goesOn = false;
  return lines
    .map((line) => {
      const match = prompt.exec(line);
      const own = match ? line.slice(match[0].length) : goesOn ? line.replace(/^\s*>\s/, '') : '';
      goesOn = (match !== null || goesOn) && line.endsWith('\\');
      return own;
    })
    .join('\n');
}
