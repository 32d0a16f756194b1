import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RunRecord } from '../../src/core/record.ts';

/** A git repository with a checklist `m1` of these steps (YAML, one a line). */
export function repository(folder: string, steps: string, files: Record<string, string> = {}): void {
  const all: Record<string, string> = {
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\ntarget: ..\nitems:\n  - id: i\n    title: I\n    steps:\n${steps.replaceAll(/^/gm, '      ')}\n`,
    '.gitignore': 'reports\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=F', '-c', 'user.email=f@example.org', ...args], { cwd: folder });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'one');
}

/** The record of the last run; undefined where there is none that can be read. */
export function lastRecord(folder: string): RunRecord | undefined {
  const path = join(folder, 'reports/m1/latest/record.json');
  return existsSync(path) ? RunRecord.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** Peak resident memory of a process in MiB; 0 where it is gone. */
export function peakMiB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
