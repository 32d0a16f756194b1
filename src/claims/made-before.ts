import { posix } from 'node:path';
import { fetchers } from './command-words.ts';
import type { ShellCommand, Word } from '../formats/programs/shell.ts';

/** What the commands of a document have made by the time that others read it. */
export class MadeBefore {
  readonly #made: string[];
  /** Something was cloned or unpacked: what follows may lie in it. */
  fetched = false;
  /** Folders that clones made: beside the reader, whatever of that name is in the repository. */
  readonly cloned = new Set<string>();

  constructor(made: readonly string[]) {
    this.#made = [...made];
  }

  note(program: string, command: ShellCommand, args: readonly Word[]): void {
    this.#made.push(...command.writes);
    if (program === 'wget' || program === 'curl')
      for (const { text } of args)
        if (/^https?:\/\//.test(text)) this.#made.push(posix.basename(text.replace(/[?#].*$/, '')));
    if (fetchers.has(program) && !(program === 'git' && args[0]?.text !== 'clone')) this.fetched = true;
    if (program === 'git' && args[0]?.text === 'clone')
      this.cloned.add(posix.basename(args.at(-1)?.text ?? '').replace(/\.git$/, ''));
    if (program === 'tee' || program === 'touch' || program === 'mkdir')
      this.#made.push(...args.map((word) => word.text));
    const last = args.at(-1)?.text;
    if ((program === 'cp' || program === 'mv' || program === 'ln') && last !== undefined) this.#made.push(last);
    for (const [at, word] of args.entries())
      if (/^(?:-o|-O|--output|--out)$/.test(word.text)) this.#made.push(args[at + 1]?.text ?? '');
  }

  has(path: string): boolean {
    const clean = posix.normalize(path);
    return this.#made.some((one) => {
      const made = posix.normalize(one).replace(/\/$/, '');
      return (
        made !== '.' &&
        (clean === made || clean.startsWith(`${made}/`) || posix.basename(clean) === posix.basename(made))
      );
    });
  }

  get hasCompose(): boolean {
    return this.#made.some((path) => /(?:^|[./-])compose[\w.-]*\.ya?ml$/.test(path));
  }
}

/** Does the comment behind a command or above it say that it has yet to be made? */
export const isRemarked = (lines: readonly string[], line: number): boolean =>
  [lines[line - 1] ?? '', /^\s*#/.test(lines[line - 2] ?? '') ? (lines[line - 2] ?? '') : ''].some((one) =>
    /(?:^|\s)#.*\b(?:to be (?:created|written|added|implemented)|if (?:implemented|available|present|it exists)|not (?:yet )?(?:implemented|available|there)|planned|future|to ?do|coming soon)\b/i.test(
      one,
    ),
  );

/** What programs write while they run. */
export const isData = /\.(?:jsonl?|csv|tsv|log|txt|xml|html|png|svg|out|prof|lcov|sarif)$/;
