import { isFile } from '../evidence/entry.ts';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { exit, UserError } from '../core/errors.ts';
import { completed } from '../core/old-record.ts';
import { recordSchema, RunRecord } from '../core/record.ts';
import { onceOnly } from '../core/repeated-keys.ts';
import { runName } from '../core/run-name.ts';
import { suggest } from '../core/suggest.ts';

export interface StoredRun {
  /** The run's folder. */
  folder: string;
  record: RunRecord;
  /** record.json as it is on disk; signatures bind its sha256. */
  text: string;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Folders of a folder, sorted; `latest` and the like, being links, left out. */
export function foldersOf(path: string): string[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/**
 * Names of the runs below a milestone's folder, the oldest first. Names sort by time to the second; which of two that began in the
 * same second came first, their records say.
 */
export function runsInOrder(milestoneFolder: string): string[] {
  const second = (id: string): string => (runName.test(id) ? id.slice(0, id.indexOf('Z')) : id);
  const names = foldersOf(milestoneFolder);
  const twins = new Set(names.filter((id, n) => n > 0 && second(id) === second(names[n - 1] ?? '')).map(second));
  if (twins.size === 0) return names;
  const began = new Map(
    names.filter((id) => twins.has(second(id))).map((id) => [id, beganAt(join(milestoneFolder, id))]),
  );
  return names.toSorted((a, b) => {
    if (second(a) !== second(b)) return a < b ? -1 : 1;
    const [one, other] = [began.get(a) ?? '', began.get(b) ?? ''];
    return one === other || one === '' || other === '' ? (a < b ? -1 : 1) : one < other ? -1 : 1;
  });
}

/** When a run began, ISO 8601, as its record says; '' where it has none that can be read. */
function beganAt(folder: string): string {
  try {
    const record = JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')) as { run?: { startedAt?: unknown } };
    return typeof record.run?.startedAt === 'string' ? record.run.startedAt : '';
  } catch {
    return '';
  }
}

/**
 * A run by its folder, its record.json, its milestone (then the last run), its id, or milestone/id.
 * @param reports the folder of all runs
 * @throws UserError 66 where there is none, 65 where the record cannot be read
 */
export function findRun(name: string, reports: string): StoredRun {
  const places = [
    name,
    basename(name) === 'record.json' ? dirname(name) : name,
    join(name, 'latest'),
    join(reports, name),
    join(reports, name, 'latest'),
    ...foldersOf(reports).map((milestone) => join(reports, milestone, name)),
  ];
  const folder = places.find((place) => isFile(join(place, 'record.json')));
  if (folder !== undefined) return readRun(realpathSync(folder));
  const known = foldersOf(reports);
  const meant = suggest(name, known);
  throw new UserError(exit.missing, `no run is called ${name}`, {
    hint:
      known.length === 0
        ? `there are no runs in ${reports}; give the folder of a run, or --reports`
        : `${meant ? `did you mean ${meant}? ` : ''}milestones with runs: ${known.join(', ')}; or give the folder of a run`,
  });
}

/** @throws UserError 66, 65 */
export function readRun(folder: string): StoredRun {
  const path = join(folder, 'record.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError(exit.missing, `${path} cannot be read`, { cause });
  }
  return { folder, text, record: parseRecord(text, path) };
}

const Head = z.object({ schema: z.string(), tool: z.object({ version: z.string() }).optional() });

/**
 * Reads a record of this version or an older one of the same schema (what was added since is put in); what it does not know it
 * refuses, since a record that is half understood would be rendered as less than it says.
 * @throws UserError 65
 */
export function parseRecord(text: string, path: string): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
    onceOnly(text);
  } catch (cause) {
    throw new UserError(exit.invalid, `${path} is not whole: ${(cause as Error).message}`, {
      cause,
      hint: 'the run may have died while it was written, or the file was edited; run again',
    });
  }
  const head = Head.safeParse(value);
  if (!head.success) throw new UserError(exit.invalid, `${path} is not a record of a run: it names no schema`);
  if (head.data.schema !== recordSchema) {
    const maker = head.data.tool === undefined ? '' : `, made by verify ${head.data.tool.version}`;
    throw new UserError(exit.invalid, `${path} has the schema ${head.data.schema}${maker}, which is not known here`, {
      hint: `this version reads ${recordSchema}; render it with the version that made it`,
    });
  }
  const record = RunRecord.safeParse(completed(value).value);
  if (record.success) return record.data;
  const issue = record.error.issues[0];
  throw new UserError(exit.invalid, `${path} does not hold to its schema`, {
    hint: issue && `${issue.path.join('.') || 'the record'}: ${issue.message}`,
  });
}
