import type { core } from 'zod';
import type { Where } from '../core/finding.ts';
import { type PlainYaml, readPlainYaml } from './plain-yaml.ts';

export type Path = (string | number)[];

/** A value that stands elsewhere in the text than in what was made of it. */
export interface Move {
  /** Where it is in what was made. */
  at: Path;
  /** Where it is written. */
  from: Path;
  /** Where a template was used. */
  use?: Path;
}

/** A checklist's text: its values, their places, and what is wrong with it. */
export interface ChecklistSource {
  toJs(): unknown;
  /** Refuses numbers and truth values below `path` that are written otherwise than they would be put into a text. */
  plainOnly(path: Path): void;
  /** From now on paths are those of what was made of the text. */
  moved(moves: readonly Move[]): void;
  where(path: Path): Where;
  problem(path: Path, message: string, hint?: string): void;
  /** Turns what zod found below `base`, by `schema`, into problems with their place. */
  zodIssues(issues: readonly core.$ZodIssue[], base: Path, schema: core.$ZodType): void;
  throwIfAny(): void;
}

/** More is asked than a plain reading tells: the checklist has to be read by a whole parser. */
export class AskWholeParser extends Error {}

const ask = (): never => {
  throw new AskWholeParser();
};

/** A checklist in which everything is plain and nothing is wrong; whatever is makes it throw `AskWholeParser`. */
export class PlainSource implements ChecklistSource {
  readonly #path: string;
  readonly #text: string;
  readonly #yaml: PlainYaml;
  /** The line that was asked for last, and the offset at which it begins: places are asked for in their order. */
  #line = 1;
  #begins = 0;

  /** @returns undefined where the text is not plain */
  static of(path: string, text: string): PlainSource | undefined {
    const yaml = readPlainYaml(text);
    return yaml && new PlainSource(path, text, yaml);
  }

  private constructor(path: string, text: string, yaml: PlainYaml) {
    this.#path = path;
    this.#text = text;
    this.#yaml = yaml;
  }

  toJs(): unknown {
    return this.#yaml.value;
  }

  plainOnly(): void {
    // Numbers and truth values are read only where they are written as they would be put into a text.
  }

  moved(moves: readonly Move[]): void {
    if (moves.length > 0) ask();
  }

  /** Of a mapping or list: where it begins, or the key behind which it stands. */
  where(path: Path): Where {
    let value: unknown = this.#yaml.value;
    for (const part of path) value = (value as Record<string | number, unknown> | undefined)?.[part];
    if (value === null || typeof value !== 'object') return ask();
    const at = (typeof path.at(-1) === 'string' ? this.#yaml.keys : this.#yaml.at).get(value) ?? ask();
    if (at < this.#begins) [this.#line, this.#begins] = [1, 0];
    for (
      let end = this.#text.indexOf('\n', this.#begins);
      end >= 0 && end < at;
      end = this.#text.indexOf('\n', this.#begins)
    ) {
      this.#line++;
      this.#begins = end + 1;
    }
    return { file: this.#path, line: this.#line, col: at - this.#begins + 1 };
  }

  problem(): void {
    ask();
  }

  zodIssues(): void {
    ask();
  }

  throwIfAny(): void {
    // There is none: the first would have thrown.
  }
}
