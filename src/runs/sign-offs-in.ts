import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShownSignOff } from '../core/sign-off.ts';
import { shown } from '../signoff/decisions.ts';
import { SignOffStatement } from '../signoff/statement.ts';
import { jsonOf } from '../core/json-of.ts';

/** The sign-offs beside a record, as they are written; whether their signatures hold is for the gate to say. */
export function signOffsIn(folder: string): ShownSignOff[] {
  const home = join(folder, 'signoffs');
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((name) => /^\d+-.*\.json$/.test(name))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .flatMap((name) => {
      const statement = SignOffStatement.safeParse(jsonOf(readFileSync(join(home, name), 'utf8')));
      return statement.success ? [shown({ said: statement.data.predicate })] : [];
    });
}
