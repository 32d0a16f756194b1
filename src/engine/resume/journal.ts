import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RunRecord, StepRecord, Surroundings, TreeState } from '../../core/record.ts';
import { canonicalJson, sha256 } from '../../evidence/digest.ts';
import { ioError, noLink } from '../../evidence/store.ts';
import { jsonOf } from '../../core/json-of.ts';

const journalSchema = 'https://verify-milestone.dev/journal/v1';

/** What is known of a run when it begins. */
export const Head = z.strictObject({
  schema: z.literal(journalSchema),
  tool: RunRecord.shape.tool,
  run: RunRecord.shape.run.pick({ id: true, milestone: true, startedAt: true, writeTo: true }),
  tree: TreeState.omit({ changed: true, changedBy: true }),
  /** Digest of what every file looks like from outside: equal means that nothing was written since. */
  stamps: z.string(),
  host: RunRecord.shape.host,
  surroundings: Surroundings,
});
export type Head = z.infer<typeof Head>;

export const journalName = 'journal.jsonl';
const fileOf = (run: string): string => join(run, journalName);

/**
 * `journal.jsonl` in the folder of a run that goes on: a line for its head and one for each step that has ended, each behind its
 * sha256, so that one that a kill has cut is seen. It goes when the record is there, which then says the same.
 */
export class Journal {
  readonly #path: string;

  /** @throws UserError 73, 74 */
  constructor(run: string, about: Omit<Head, 'schema'>) {
    this.#path = fileOf(run);
    try {
      writeFileSync(this.#path, '', { flag: 'wx' });
    } catch (cause) {
      throw ioError(cause, this.#path);
    }
    this.#put({ schema: journalSchema, ...about });
  }

  /** The step has ended, and its evidence is sealed. @throws UserError 74, 77 */
  add(record: StepRecord): void {
    this.#put(record);
  }

  /** The record is there. */
  remove(): void {
    rmSync(this.#path, { force: true });
  }

  #put(value: unknown): void {
    const text = canonicalJson(value);
    noLink(this.#path);
    try {
      // Not synced: whole after a kill; what a power cut takes away runs again.
      appendFileSync(this.#path, `${sha256(text)} ${text}`);
    } catch (cause) {
      throw ioError(cause, this.#path);
    }
  }
}

export const hasJournal = (run: string): boolean => existsSync(fileOf(run));

/**
 * What a run that did not end has left.
 * @returns undefined where its head is not whole; `spoilt` are steps whose line is not
 */
export function readJournal(run: string): { about: Head; steps: StepRecord[]; spoilt: string[] } | undefined {
  const [first = '', ...lines] = readFileSync(fileOf(run), 'utf8').split('\n');
  const about = Head.safeParse(read(first));
  if (!about.success) return undefined;
  const steps: StepRecord[] = [];
  const spoilt: string[] = [];
  for (const line of lines) {
    const record = StepRecord.safeParse(read(line));
    const id = /"id":"([a-z0-9][a-z0-9._-]*)","item":/.exec(line)?.[1];
    if (record.success) steps.push(record.data);
    else if (id !== undefined) spoilt.push(id);
  }
  return { about: about.data, steps, spoilt };
}

function read(line: string): unknown {
  const text = `${line.slice(65)}\n`;
  return sha256(text) === line.slice(0, 64) ? jsonOf(text) : undefined;
}
