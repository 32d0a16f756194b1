import { join } from 'node:path';
import { findChecklist, milestonesHere } from '../checklist/find.ts';
import { loadChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import { waiverNotices } from '../core/waive.ts';
import { plural } from '../core/words.ts';
import { commandNames, hasOwnChecks, nearPath, packageRoot, parseVars, targetOf } from './shared.ts';

/** `verify lint`: is the checklist valid? Throws what is wrong with it. */
export async function lintCommand(names: readonly string[], options: { var: string[] }): Promise<number> {
  const all = names.length > 0 ? names : milestonesHere(process.cwd());
  if (all.length === 0)
    throw new UserError(exit.missing, 'there is no checklist here', {
      hint: '`verify init` drafts one, or name its file: `verify lint FILE`',
    });
  for (const name of all) {
    const { path } = findChecklist(name, process.cwd(), join(packageRoot, 'checklists'), commandNames);
    const loaded = await loadChecklist(path, parseVars(options.var));
    const checks = hasOwnChecks(loaded) ? await import('./own-checks.ts') : undefined;
    const own = (await checks?.seeOwnChecks(loaded, targetOf(loaded))) ?? [];
    const diagnostics = checks?.wrongChecks(own) ?? [];
    if (diagnostics.length > 0)
      throw new UserError(exit.invalid, `${path} names checks of its own that cannot be run`, { diagnostics });
    const weak = loaded.steps.filter((step) => step.type.weak?.(step.params) !== undefined);
    process.stdout.write(
      `${nearPath(path)}: valid, ${plural(loaded.checklist.items.length, 'item')}, ${plural(loaded.steps.length, 'step')}\n`,
    );
    for (const one of own) process.stdout.write(`  ${one.step.spec.id}: ${checks?.digestText(one)}\n`);
    for (const text of waiverNotices(loaded.checklist.waivers, Date.now(), loaded.checklist.signoff.waivers))
      process.stdout.write(`  note ${text}\n`);
    for (const step of weak) {
      process.stdout.write(
        `  note ${nearPath(step.where.file)}:${step.where.line}: ${step.spec.id} is weak evidence: ${step.type.weak?.(step.params)}\n`,
      );
    }
  }
  return 0;
}
