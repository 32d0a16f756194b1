import { escapeRegex } from '../../core/patterns.ts';

interface Pattern {
  text: string;
  line: number;
  regex: RegExp;
  keeps: boolean;
}
/** The pattern that has the last word on a path. */
export interface Excluded {
  pattern: string;
  line: number;
}

/**
 * A .dockerignore file. Its rules are those of moby/patternmatcher: Go's path patterns and `**`, relative to the context's root; what
 * matches a folder matches all below it; of several patterns the last decides, `!` takes a path in again; `#` begins a comment.
 */
export class DockerIgnore {
  readonly #patterns: Pattern[] = [];

  constructor(text: string) {
    for (const [n, raw] of text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .entries()) {
      if (raw.startsWith('#')) continue;
      const trimmed = raw.trim();
      const keeps = trimmed.startsWith('!');
      const bare = keeps ? trimmed.slice(1).trim() : trimmed;
      if (bare === '') continue;
      this.#patterns.push({ text: trimmed, line: n + 1, regex: regexOf(cleaned(bare)), keeps });
    }
  }

  /** Which pattern leaves the path out of the context; undefined where it stays in. `.` is never left out. */
  excludes(path: string): Excluded | undefined {
    if (path === '.' || path === '') return undefined;
    const parts = path.split('/');
    const chain = parts.map((_, n) => parts.slice(0, n + 1).join('/'));
    const last = this.#patterns.findLast(({ regex }) => chain.some((one) => regex.test(one)));
    return last === undefined || last.keeps ? undefined : { pattern: last.text, line: last.line };
  }

  /** Might a pattern take in again what lies below an excluded folder? */
  get takesIn(): boolean {
    return this.#patterns.some(({ keeps }) => keeps);
  }
}

/** `./a//b/../c/` → `a/c`. */
function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/'))
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts.join('/');
}

function regexOf(pattern: string): RegExp {
  let source = '';
  for (let n = 0; n < pattern.length; n++) {
    const char = pattern[n] ?? '';
    const end = char === '[' ? pattern.indexOf(']', n + 2) : -1;
    if (pattern.startsWith('**/', n)) {
      source += '(?:.*/)?';
      n += 2;
    } else if (pattern.startsWith('**', n)) {
      source += '.*';
      n++;
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (end > 0) {
      source += pattern.slice(n, end + 1);
      n = end;
    } else if (char === '\\' && n + 1 < pattern.length) source += escapeRegex(pattern[++n] ?? '');
    else source += escapeRegex(char);
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // Docker refuses such a pattern itself.
    return /^(?!)/;
  }
}
