import { isCollection, isPair, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import type { core } from 'zod';
import { exit, UserError, type Diagnostic } from '../core/errors.ts';
import type { Where } from '../core/finding.ts';
import { suggest } from '../core/suggest.ts';
import type { ChecklistSource, Move, Path } from './plain-source.ts';

/**
 * A YAML text whose values can be traced back to line and column: for what `plain-yaml.ts` does not read, and for whatever is wrong.
 */
export class Source implements ChecklistSource {
  readonly #path: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  readonly #problems: Diagnostic[] = [];
  #moves = new Map<string, Move>();

  /** @throws UserError 65 where the text is no YAML that we accept */
  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      uniqueKeys: true,
      stringKeys: true,
      prettyErrors: false,
      merge: false,
    });
    for (const problem of [...this.#document.errors, ...this.#document.warnings])
      this.#at(problem.pos[0], problem.message);
    visit(this.#document, {
      Alias: (_, node) =>
        this.#at(node.range?.[0] ?? 0, 'aliases are not allowed in a checklist', 'write the value out'),
      Scalar: (_, node) => {
        if (typeof node.value === 'string' && node.value.includes('\0'))
          this.#at(node.range?.[0] ?? 0, 'a NUL character, which no program and no path can take');
        if (typeof node.value === 'number' && !isExact(node.source ?? '', node.value))
          this.#at(
            node.range?.[0] ?? 0,
            `the number ${node.source} would be read as ${node.value}`,
            'put it in quotes',
          );
        if (typeof node.tag === 'string' && !node.tag.startsWith('tag:yaml.org,2002:'))
          this.#at(node.range?.[0] ?? 0, `the tag ${node.tag} is not allowed`);
      },
      Pair: (_, pair) => {
        if (isScalar(pair.key) && ['__proto__', 'constructor', 'prototype'].includes(String(pair.key.value))) {
          this.#at(pair.key.range?.[0] ?? 0, `the key ${String(pair.key.value)} is not allowed`);
        }
      },
    });
    this.throwIfAny();
  }

  /** Refuses numbers and truth values below `path` that are written otherwise than they would be put into a text. */
  plainOnly(path: Path): void {
    const node = this.#document.getIn(path, true);
    if (!isCollection(node)) return;
    visit(node, {
      Scalar: (key, scalar) => {
        const { value, source } = scalar;
        if (key === 'key' || (typeof value !== 'number' && typeof value !== 'boolean') || source === String(value))
          return;
        this.#at(
          scalar.range?.[0] ?? 0,
          `${source} would be put in as ${String(value)}`,
          `write "${source}" for the text, or ${String(value)}`,
        );
      },
    });
  }

  toJs(): unknown {
    return this.#document.toJS({ maxAliasCount: 0 });
  }

  /** From now on paths are those of what was made of the text. */
  moved(moves: readonly Move[]): void {
    this.#moves = new Map(moves.map((move) => [JSON.stringify(move.at), move]));
  }

  /** The place of a value; of one that a template gives, that of the template's use. */
  where(path: Path): Where {
    const { from, use } = this.#home(path);
    const { line, col } = this.#lines.linePos(this.#offset(use ?? from));
    return { file: this.#path, line, col };
  }

  problem(path: Path, message: string, hint?: string): void {
    const { from, use } = this.#home(path);
    this.#at(this.#offset(from), this.#used(message, use), hint);
  }

  /** Where a value of what was made is written. */
  #home(path: Path): { from: Path; use?: Path | undefined } {
    if (this.#moves.size === 0) return { from: path };
    for (let n = path.length; n > 0; n--) {
      const move = this.#moves.get(JSON.stringify(path.slice(0, n)));
      if (move) return { from: [...move.from, ...path.slice(n)], use: move.use };
    }
    return { from: path };
  }

  #used(message: string, use: Path | undefined): string {
    return use === undefined
      ? message
      : `${message} (the template is used in line ${this.#lines.linePos(this.#offset(use)).line})`;
  }

  /** Turns what zod found below `base`, by `schema`, into problems with their place. */
  zodIssues(issues: readonly core.$ZodIssue[], base: Path, schema: core.$ZodType): void {
    for (const issue of issues) this.#zodIssue(issue, base, schema, []);
  }

  throwIfAny(): void {
    if (this.#problems.length === 0) return;
    const n = this.#problems.length;
    throw new UserError(
      exit.invalid,
      `${this.#path} is not a valid checklist: ${n} ${n === 1 ? 'problem' : 'problems'}`,
      {
        diagnostics: this.#problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
      },
    );
  }

  /** @param within where below `base` a branch of a union begins */
  #zodIssue(issue: core.$ZodIssue, base: Path, schema: core.$ZodType, within: Path): void {
    const inside = [...within, ...(issue.path as Path)];
    const path = [...base, ...inside];
    const last = path.at(-1);
    switch (issue.code) {
      case 'unrecognized_keys': {
        const known = keysAt(schema, inside);
        for (const key of issue.keys) {
          const meant = suggest(key, known);
          const sentence = /\s/.test(key) && 'a text with a comma or a colon in it needs quotes';
          const list = known.length > 0 && `known here: ${known.join(', ')}`;
          const { from, use } = this.#home([...path, key]);
          this.#at(
            this.#keyOffset(from),
            this.#used(`unknown key ${printable(key)}`, use),
            sentence || (meant ? `did you mean ${meant}?` : list),
          );
        }
        return;
      }
      case 'invalid_type':
        if (issue.input === undefined)
          this.problem(path.slice(0, -1), `${String(last)} is missing`, `expected ${typeWord(issue.expected)}`);
        else
          this.problem(
            path,
            `${String(last)}: expected ${typeWord(issue.expected)}, found ${describe(issue.input)}`,
            issue.expected === 'array' && typeof issue.input === 'string' && !issue.input.includes('\n')
              ? `write ${String(last)}: [${(last === 'run' ? issue.input.split(/\s+/) : [issue.input]).map((word) => JSON.stringify(word)).join(', ')}]${last === 'run' ? ', or shell: for a line of bash' : ''}`
              : undefined,
          );
        return;
      case 'invalid_value': {
        const values = issue.values.map(String);
        const meant = typeof issue.input === 'string' ? suggest(issue.input, values) : undefined;
        this.problem(
          path,
          `${String(last)} must be one of ${values.join(', ')}`,
          meant ? `did you mean ${meant}?` : undefined,
        );
        return;
      }
      case 'invalid_key':
        this.problem(path, `${printable(String(last))}: ${issue.issues[0]?.message ?? issue.message}`);
        return;
      case 'invalid_union': {
        // The branch that got furthest says what is wrong.
        const branches = issue.errors.filter((branch) => branch.length > 0);
        const best = branches.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
        if (best && branches.length > 0 && depth(best) > 0)
          for (const one of best) this.#zodIssue(one, base, schema, inside);
        else
          this.problem(
            path,
            branches.length > 0 && issue.message === 'Invalid input'
              ? [...new Set(branches.flat().map((i) => i.message))].slice(0, 3).join('; or ')
              : issue.message,
          );
        return;
      }
      default:
        this.problem(path, `${last === undefined ? '' : `${String(last)}: `}${issue.message}`);
    }
  }

  #offset(path: Path): number {
    for (let n = path.length; n > 0; n--) {
      const key = path[n - 1];
      if (typeof key === 'string' && n === path.length) {
        const at = this.#keyOffset(path.slice(0, n));
        if (at > 0) return at;
      }
      const node = this.#document.getIn(path.slice(0, n), true) as Node | undefined;
      if (node?.range) return node.range[0];
    }
    return this.#document.contents?.range?.[0] ?? 0;
  }

  #keyOffset(path: Path): number {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isCollection(parent)) return 0;
    for (const item of parent.items) {
      if (isPair(item) && isScalar(item.key) && item.key.value === path.at(-1)) return item.key.range?.[0] ?? 0;
    }
    return (parent as Node).range?.[0] ?? 0;
  }

  #at(offset: number, message: string, hint?: string | false): void {
    const { line, col } = this.#lines.linePos(offset);
    this.#problems.push({
      message,
      file: this.#path,
      line: Math.max(1, line),
      col: Math.max(1, col),
      frame: codeFrame(this.#text, Math.max(1, line), Math.max(1, col)),
      ...(hint && { hint }),
    });
  }
}

/** Is the number what is written? A leading 0 is octal to some and decimal to others; many digits do not fit. */
function isExact(source: string, value: number): boolean {
  if (/^[-+]?0\d/.test(source)) return false;
  if (/^[-+]?\d+$/.test(source)) return Number.isSafeInteger(value);
  const digits = source.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return !/^[-+]?[\d.]+(?:e[-+]?\d+)?$/i.test(source) || (digits.length <= 15 && Number.isFinite(value));
}

/** The lines around a place, with a caret under the column. */
export function codeFrame(text: string, line: number, col: number): string {
  const all = text.split('\n');
  const from = Math.max(1, line - 1);
  const to = Math.min(all.length, line + 1);
  const width = String(to).length;
  const out: string[] = [];
  for (let n = from; n <= to; n++) {
    out.push(`${n === line ? '>' : ' '} ${String(n).padStart(width)} | ${printable((all[n - 1] ?? '').slice(0, 160))}`);
    if (n === line) out.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.min(col, 160) - 1)}^`);
  }
  return out.join('\n');
}

const depth = (issues: readonly core.$ZodIssue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));
/** A type as YAML's users call it. */
const typeWord = (type: string): string =>
  ({
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    string: 'a text',
    boolean: 'true or false',
    int: 'a whole number',
  })[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
const describe = (value: unknown): string =>
  value === null
    ? 'empty'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'a mapping'
        : `${typeof value === 'string' ? 'the text' : typeof value === 'number' ? 'the number' : ''} ${printable(JSON.stringify(value).slice(0, 60))}`.trim();
/** Makes look-alikes visible: control characters, no-break spaces and anything that is not printable ASCII in a key. */
const printable = (text: string): string =>
  text.replace(
    /[^\u0020-\u007e\u00a1-\u024f\u2010-\u2027\u2030-\u205e→✅🚫🎯]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );

interface Def {
  type: string;
  shape?: Record<string, core.$ZodType>;
  innerType?: core.$ZodType;
  element?: core.$ZodType;
  valueType?: core.$ZodType;
  in?: core.$ZodType;
  options?: readonly core.$ZodType[];
}

/** The keys that a schema knows at a path of a value; empty where it takes any, or where the path leads nowhere. */
function keysAt(schema: core.$ZodType, path: readonly PropertyKey[]): string[] {
  const def = schema._zod.def as unknown as Def;
  const inner = def.innerType ?? def.in;
  if (inner) return keysAt(inner, path);
  if (def.options) return [...new Set(def.options.flatMap((option) => keysAt(option, path)))];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(def.shape ?? {});
  const next = def.element ?? def.valueType ?? def.shape?.[String(first)];
  return next ? keysAt(next, rest) : [];
}
