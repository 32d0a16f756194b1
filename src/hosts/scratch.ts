import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerAlive, ownerOf } from './processes.ts';

const name = /^verify-run-(.+)-[A-Za-z0-9]{6}$/;

/** A temporary folder of a run, readable by its user only, that says whose it is: what a run that dies leaves in it may be secret. */
export function makeScratch(runId: string): string {
  const folder = mkdtempSync(join(tmpdir(), `verify-run-${runId}-`));
  writeFileSync(join(folder, '.owner'), ownerOf(process.pid));
  return folder;
}

/** Temporary folders of runs whose process is gone. */
export function orphanScratch(): { run: string; path: string }[] {
  return readdirSync(tmpdir()).flatMap((entry) => {
    const run = name.exec(entry)?.[1];
    if (run === undefined) return [];
    const path = join(tmpdir(), entry);
    try {
      return ownerAlive(readFileSync(join(path, '.owner'), 'utf8')) ? [] : [{ run, path }];
    } catch {
      // another user's, or just being made
      return [];
    }
  });
}
