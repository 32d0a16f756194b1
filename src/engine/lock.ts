import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { ioError, makeFolder } from '../evidence/store.ts';
import { besideMarked, end, listedIn } from '../hosts/descendants.ts';
import { bootId, startTime, sweep } from '../hosts/processes.ts';
import { orphanScratch } from '../hosts/scratch.ts';
import { leftovers, removeLeftovers } from '../stack/leftovers.ts';
import { jsonOf } from '../core/json-of.ts';

interface Holder {
  pid: number;
  start: string | undefined;
  boot: string;
  runId: string;
}

/** What a run that died left behind, and that the next one has cleaned up. */
export interface Orphan {
  runId: string;
  killed: number[];
  /** What it left on the container engine and could not be removed, in words. */
  left: string[];
}

/** What the next run says of it. */
export const orphanNotice = (orphan: Orphan | undefined): string[] =>
  orphan
    ? [
        `the run ${orphan.runId} died; ${orphan.killed.length} of its processes were ended${orphan.left.length > 0 ? `; not removed: ${orphan.left.join(', ')}` : ''}`,
      ]
    : [];

/** Ends a dead run's processes, then removes its temporary folder and what it left on the container engine, where one is there. */
export async function clearRun(runId: string): Promise<Orphan> {
  const folders = orphanScratch().filter(({ run }) => run === runId);
  const others = [...besideMarked(runId), ...folders.flatMap(({ path }) => listedIn(path))];
  for (const pid of others) end(pid);
  const killed = [...new Set([...others, ...(await sweep(runId))])];
  for (const { path } of folders) rmSync(path, { recursive: true, force: true });
  const { dockerClient } = await import('../hosts/docker.ts');
  const found = await leftovers(dockerClient, runId);
  if (typeof found === 'string' || found.length === 0) return { runId, killed, left: [] };
  return { runId, killed, left: await removeLeftovers(dockerClient, runId, found) };
}

/**
 * Takes the milestone's lock. A lock whose holder is dead (pid, start time and boot id) is taken over, and what its run left is
 * cleared: processes, containers, networks, volumes.
 * @throws UserError 75 while another run holds it, 73 where the folder cannot be written
 */
export async function takeLock(
  folder: string,
  runId: string,
): Promise<{ release: () => void; orphan: Orphan | undefined }> {
  const path = join(folder, '.lock');
  const mine: Holder = { pid: process.pid, start: startTime(process.pid), boot: bootId(), runId };
  let orphan: Orphan | undefined;
  makeFolder(folder);
  for (let tries = 0; tries < 3; tries++) {
    if (place(path, JSON.stringify(mine))) return { release: () => rmSync(path, { force: true }), orphan };
    const text = textOf(path);
    const holder = jsonOf(text) as Holder | undefined;
    refuseLiving(holder);
    if (text !== undefined && !takeAway(path, text)) continue;
    if (holder) orphan = await clearRun(holder.runId);
  }
  throw new UserError(exit.locked, `the lock ${path} cannot be taken`, { hint: 'remove it if no verify is running' });
}

function refuseLiving(holder: Holder | undefined): void {
  if (holder?.start === undefined || holder.boot !== bootId() || startTime(holder.pid) !== holder.start) return;
  throw new UserError(
    exit.locked,
    `another run of this milestone is going on: ${holder.runId} (process ${holder.pid})`,
    {
      hint: 'wait for it, or end that process; a dead run’s lock is taken over by itself',
    },
  );
}

/** @throws UserError 75 while a run of the milestone in this folder goes on */
export function nobodyRuns(folder: string): void {
  const text = textOf(join(folder, '.lock'));
  if (text !== undefined) refuseLiving(jsonOf(text) as Holder | undefined);
}

/** Puts the file there, whole and at once, unless one is there already. */
function place(path: string, text: string): boolean {
  const whole = `${path}-${process.pid}`;
  try {
    writeFileSync(whole, text);
    linkSync(whole, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw ioError(cause, path);
  } finally {
    rmSync(whole, { force: true });
  }
}

/** Removes the lock that holds this text. @returns false where another run was quicker, whose lock stays */
function takeAway(path: string, text: string): boolean {
  const aside = `${path}-${process.pid}-dead`;
  try {
    renameSync(path, aside);
  } catch {
    return false;
  }
  const right = textOf(aside) === text;
  if (right) rmSync(aside, { force: true });
  else renameSync(aside, path);
  return right;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
