import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/** A checklist whose second step leaves children behind that try to escape. */
export const escaping = `version: 1
tree: none
milestone: m1
title: T
items:
  - id: item
    title: Item
    steps:
      - { id: a, uses: command, with: { shell: "echo a" } }
      - { id: b, uses: command, needs: [a], with: { shell: "(setsid sleep 61 &) ; sleep 61 & sleep 60" } }
`;

/** Processes that bear the mark of a run kept in this folder. */
export function left(folder: string): string[] {
  const runs = new Set(existsSync(join(folder, 'reports/m1')) ? readdirSync(join(folder, 'reports/m1')) : []);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const mark = /(?:^|\0)VERIFY_RUN_ID=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
        return mark !== undefined && runs.has(mark);
      } catch {
        return false;
      }
    });
}

/** Resolves once the step has begun to leave evidence, in a run that is none of `before`. */
export async function begun(folder: string, step: string, before: readonly string[] = []): Promise<void> {
  const reports = join(folder, 'reports/m1');
  const there = (): boolean =>
    existsSync(reports) &&
    readdirSync(reports).some((run) => !before.includes(run) && existsSync(join(reports, run, 'evidence', step)));
  await until(`evidence of ${step}`, there);
}

/** Records in the folder that are not whole. */
export const torn = (folder: string): string[] =>
  readdirSync(join(folder, 'reports/m1'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('record.json'))
    .filter((path) => {
      try {
        JSON.parse(readFileSync(join(folder, 'reports/m1', path), 'utf8'));
        return false;
      } catch {
        return true;
      }
    });
