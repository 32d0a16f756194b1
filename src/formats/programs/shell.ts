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

type Part = { word: Word } | { op: string } | { redirect: string };

/**
 * Splits a POSIX shell text into its simple commands. Quotes, escapes, continuation lines, comments, redirects, here-documents
 * (skipped), `&&`, `||`, `|`, `;`, `&` and substitutions (kept as open words) are understood. Keywords of loops and conditions
 * are dropped, so that what they guard is seen.
 */
export function parseShell(text: string): ShellCommand[] {
  return new Shell(text).commands;
}

const keywords = new Set(['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'while', 'until', '{', '}', '!', 'time']);

class Shell {
  readonly commands: ShellCommand[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;
  #startLine = 1;
  #startAt = 0;
  #endAt = 0;
  #parts: Part[] = [];
  #piped = false;
  readonly #heredocs: { end: string; tabs: boolean }[] = [];

  constructor(text: string) {
    this.#text = text;
    while (this.#at < text.length) this.#step();
    this.#end('');
  }

  #peek(n = 0): string {
    return this.#text[this.#at + n] ?? '';
  }

  #step(): void {
    const c = this.#peek();
    if (c === '\n') {
      this.#end('\n');
      this.#at++;
      this.#line++;
      this.#skipHeredocs();
    } else if (c === '\\' && this.#peek(1) === '\n') {
      this.#at += 2;
      this.#line++;
    } else if (c === ' ' || c === '\t' || c === '\r') this.#at++;
    else if (c === '#') while (this.#at < this.#text.length && this.#peek() !== '\n') this.#at++;
    else if (this.#redirect()) return;
    else if (/[;&|()]/.test(c)) {
      const two = c + this.#peek(1);
      const op = two === '&&' || two === '||' || two === ';;' || two === '|&' ? two : c;
      this.#end(op);
      this.#at += op.length;
    } else this.#push({ word: this.#word() });
  }

  #push(part: Part): void {
    this.#parts.push(part);
    this.#endAt = this.#at;
  }

  #redirect(): boolean {
    const match = /^(?:\d+|&)?(<<<|<<-?|>>|>\||>&|<&|[<>])/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (!match) return false;
    this.#mark();
    const op = match[1] ?? '';
    this.#at += match[0].length;
    while (this.#peek() === ' ' || this.#peek() === '\t') this.#at++;
    const target = /[\n;|)]/.test(this.#peek()) || this.#peek() === '' ? undefined : this.#word();
    if (op === '<<' || op === '<<-') this.#heredocs.push({ end: target?.text ?? '', tabs: op === '<<-' });
    else if (target && !target.open && (op === '>' || op === '>>' || op === '>|' || op === '<'))
      this.#push({ redirect: `${op === '<' ? '<' : '>'}${target.text}` });
    return true;
  }

  #mark(): void {
    if (this.#parts.length > 0) return;
    this.#startLine = this.#line;
    this.#startAt = this.#at;
  }

  #word(): Word {
    this.#mark();
    const word: Word = { text: '', open: false };
    while (this.#at < this.#text.length) {
      const c = this.#peek();
      if (/[\s;&|()<>]/.test(c)) break;
      if (c === '\\') {
        if (this.#peek(1) === '\n') {
          this.#at += 2;
          this.#line++;
          continue;
        }
        word.text += this.#peek(1);
        this.#at += 2;
      } else if (c === "'") this.#single(word);
      else if (c === '"') this.#double(word);
      else if (c === '$' || c === '`') this.#substitution(word);
      else {
        if (/[*?[]/.test(c)) word.open = true;
        word.text += c;
        this.#at++;
      }
    }
    return word;
  }

  #single(word: Word): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    this.#take(word, this.#at + 1, end < 0 ? this.#text.length : end);
    this.#at++;
  }

  #double(word: Word): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#peek() !== '"') {
      if (this.#peek() === '\\') {
        word.text += this.#peek(1);
        this.#at += 2;
      } else if (this.#peek() === '$' || this.#peek() === '`') this.#substitution(word);
      else this.#take(word, this.#at, this.#at + 1);
    }
    this.#at++;
  }

  #take(word: Word, from: number, to: number): void {
    const part = this.#text.slice(from, to);
    word.text += part;
    this.#line += part.split('\n').length - 1;
    this.#at = to;
  }

  /** `$x`, `${x}`, `$(…)` and back-ticks: kept as they stand. */
  #substitution(word: Word): void {
    const from = this.#at;
    const c = this.#peek();
    const next = this.#peek(1);
    if (c === '`') {
      const end = this.#text.indexOf('`', from + 1);
      word.open = true;
      return this.#take(word, from, end < 0 ? this.#text.length : end + 1);
    }
    if (next === '(' || next === '{') {
      const close = next === '(' ? ')' : '}';
      let depth = 0;
      let end = from + 1;
      for (; end < this.#text.length; end++) {
        if (this.#text[end] === next) depth++;
        else if (this.#text[end] === close && --depth === 0) break;
      }
      word.open = true;
      return this.#take(word, from, Math.min(end + 1, this.#text.length));
    }
    if (/[A-Za-z_0-9?@*#!$-]/.test(next)) word.open = true;
    this.#take(word, from, from + 1);
  }

  #skipHeredocs(): void {
    for (const { end, tabs } of this.#heredocs.splice(0)) {
      while (this.#at < this.#text.length) {
        const stop = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, stop < 0 ? this.#text.length : stop);
        this.#at = stop < 0 ? this.#text.length : stop + 1;
        this.#line++;
        if ((tabs ? line.replace(/^\t+/, '') : line) === end) break;
      }
    }
  }

  #end(op: string): void {
    const words = this.#parts.flatMap((part) => ('word' in part ? [part.word] : []));
    const redirects = this.#parts.flatMap((part) => ('redirect' in part ? [part.redirect] : []));
    while (words[0] && keywords.has(words[0].text)) words.shift();
    if (words.length > 0)
      this.commands.push({
        argv: words,
        line: this.#startLine,
        raw: this.#text.slice(this.#startAt, this.#endAt),
        writes: redirects.filter((r) => r.startsWith('>')).map((r) => r.slice(1)),
        reads: redirects.filter((r) => r.startsWith('<')).map((r) => r.slice(1)),
        piped: this.#piped,
      });
    this.#parts = [];
    this.#piped = op === '|' || op === '|&';
  }
}

const shells = new Set([
  'bash',
  'sh',
  'shell',
  'zsh',
  'console',
  'terminal',
  'shell-session',
  'shellsession',
  'sh-session',
  'fish',
]);
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
