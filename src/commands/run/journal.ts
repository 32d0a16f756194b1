import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RunRecord, StepRecord, Surroundings, TreeState } from '../../core/record.ts';
import { canonicalJson, sha256 } from '../../evidence/digest.ts';
import { ioError, writeAtomically } from '../../evidence/store.ts';

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

const head = '_run.json';
const folderOf = (run: string): string => join(run, 'journal');

/**
 * `journal/` in the folder of a run that goes on: a file for its head and one for each step that has ended, whole after a kill. It
 * goes when the record is there, which then says the same.
 */
export class Journal {
  readonly #folder: string;

  /** @throws UserError 73, 74 */
  constructor(run: string, about: Omit<Head, 'schema'>) {
    this.#folder = folderOf(run);
    try {
      mkdirSync(this.#folder);
    } catch (cause) {
      throw ioError(cause, this.#folder);
    }
    this.#put(head, { schema: journalSchema, ...about });
  }

  /** The step has ended, and its evidence is sealed. */
  add(record: StepRecord): void {
    this.#put(`${record.id}.json`, record);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #put(name: string, value: unknown): void {
    const text = canonicalJson(value);
    // Not synced: whole after a kill; what a power cut takes away runs again.
    writeAtomically(join(this.#folder, name), `${sha256(text)}\n${text}`, false);
  }
}

export const hasJournal = (run: string): boolean =>
  lstatSync(join(folderOf(run), head), { throwIfNoEntry: false })?.isFile() === true;

/**
 * What a run that did not end has left.
 * @returns undefined where its head is not whole; `spoilt` are steps whose entry is not
 */
export function readJournal(run: string): { about: Head; steps: StepRecord[]; spoilt: string[] } | undefined {
  const about = Head.safeParse(read(join(folderOf(run), head)));
  if (!about.success) return undefined;
  const steps: StepRecord[] = [];
  const spoilt: string[] = [];
  for (const name of readdirSync(folderOf(run)).toSorted()) {
    if (name === head || !/^[a-z0-9].*\.json$/.test(name)) continue;
    const id = name.slice(0, -'.json'.length);
    const record = StepRecord.safeParse(read(join(folderOf(run), name)));
    if (record.success && record.data.id === id) steps.push(record.data);
    else spoilt.push(id);
  }
  return { about: about.data, steps, spoilt };
}

function read(path: string): unknown {
  try {
    const whole = readFileSync(path, 'utf8');
    const end = whole.indexOf('\n');
    const text = whole.slice(end + 1);
    return sha256(text) === whole.slice(0, end) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
