import { accessSync, chmodSync, constants } from 'node:fs';
import { join } from 'node:path';
import { tempDir, writeIn } from './run-step.ts';

/** What a program printed once; it failed where it said something. */
export interface Answer {
  out?: string;
  said?: string;
}

/** A search path on which a program gives a recorded answer; without one it is on no path. */
export function pathWith(program: string, answer: Answer | undefined): string {
  const whole = process.env['PATH'] ?? '';
  if (!answer)
    return whole
      .split(':')
      .filter((folder) => !holds(folder, program))
      .join(':');
  const folder = tempDir({ out: answer.out ?? '', said: answer.said ?? '' });
  writeIn(folder, program, `#!/bin/sh\ncat '${folder}/out'\ncat '${folder}/said' >&2\n[ ! -s '${folder}/said' ]\n`);
  chmodSync(join(folder, program), 0o755);
  return `${folder}:${whole}`;
}

function holds(folder: string, program: string): boolean {
  try {
    accessSync(join(folder, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
