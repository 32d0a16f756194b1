import { join } from 'node:path';
import { exit } from '../core/errors.ts';
import { milestonesHere } from '../checklist/find.ts';
import { packageRoot } from './shared.ts';

/** `verify` alone: what there is to run here. Nothing was verified, so that it never exits 0. */
export function nothingNamed(): number {
  const here = milestonesHere(process.cwd());
  const sample = milestonesHere(packageRoot).includes('milestone-16') && !here.includes('milestone-16');
  process.stderr.write(
    here.length > 0
      ? `Which milestone? Here: ${here.join(', ')}\n  verify ${here[0]}          runs its checklist\n  verify plan ${here[0]}     shows what would run\n`
      : `There is no checklists/ folder here.\n  verify init             drafts a checklist of what this repository has\n  verify init --from FILE drafts one of a milestone's document\n${sample ? `  verify ${join(packageRoot, 'checklists', 'milestone-16.yaml')}\n                          runs the sample that comes with verify\n` : ''}`,
  );
  process.stderr.write(`  verify --help           lists all commands\n`);
  return exit.usage;
}
