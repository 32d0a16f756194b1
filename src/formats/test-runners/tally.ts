/** What one closing line of a test runner says. */
export interface Tally {
  runner: string;
  /** Index of the line in the output, from 0. */
  line: number;
  /** Tests that ran, whatever came of them; those that were skipped, ignored or filtered out did not. */
  executed: number;
  failed: number;
  /** The line itself. */
  says: string;
}

/** A test runner: how a command names it, and what its output ends with. */
export interface Runner {
  name: string;
  /** Matches a simple command's words, joined by blanks. */
  command: RegExp;
  /** Commands of the program that run no test on purpose: listing, building only. That none were found may be meant by a flag, and proves nothing all the same. */
  onPurpose?: RegExp;
  /** Its lines in an output. */
  read: (lines: readonly string[]) => Omit<Tally, 'runner'>[];
  /** Lines that it prints after its counts. */
  after?: RegExp;
  /** It prints its counts whenever it comes to its end: where they are not there, it was broken off. */
  closes?: {
    /** Each such line has counts of its own below it; without it each command has. */
    opens?: RegExp;
    /** Options with which it prints others, or none. */
    unless?: RegExp;
    /** A line that also shows that it came to its end. */
    end?: RegExp;
  };
  /** What it counts; default tests. */
  noun?: string;
  /** Its lines say nothing where no command names it. */
  onlyNamed?: boolean;
}

/** The number that stands before (or, where `behind`, after) a word: `3 failed`, `Failures: 3`. */
export function count(text: string, word: string, behind = false): number {
  const found = new RegExp(behind ? `\\b${word}\\s*[:=]?\\s*(\\d+)` : `(\\d+)\\s+${word}\\b`, 'i').exec(text);
  return Number(found?.[1] ?? 0);
}

/** Reads line by line: what `each` makes of one. */
export const byLine =
  (
    each: (
      line: string,
      lines: readonly string[],
      at: number,
    ) => { executed: number; failed: number; says?: string } | undefined,
  ) =>
  (lines: readonly string[]): Omit<Tally, 'runner'>[] =>
    lines.flatMap((text, line) => {
      const found = each(text, lines, line);
      return found ? [{ line, says: text.trim(), ...found }] : [];
    });
