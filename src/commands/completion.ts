import { resolve } from 'node:path';
import tab, { type ArgumentHandler } from '@bomb.sh/tab';
import addTo from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { milestonesHere } from '../checklist/find.ts';
import { kinds } from '../steps/index.ts';
import { foldersOf } from '../runs/runs.ts';

/** `verify completion <shell>`: prints the script. */
export function completionCommand(shell: string): number {
  tab.setup('verify', 'verify', shell);
  return 0;
}

/** `verify complete -- WORDS`, which the scripts call: prints what may stand next, a line each. */
export function completeCommand(program: Command, words: readonly string[]): number {
  addTo(program, { completionCommandName: 'completion-script' });
  const milestones: ArgumentHandler = (complete) => {
    for (const name of milestonesHere(process.cwd())) complete(name, 'milestone');
  };
  const runs: ArgumentHandler = (complete) => {
    for (const name of foldersOf(resolve('reports'))) complete(name, 'the last run');
  };
  const stepTypes: ArgumentHandler = (complete) => {
    for (const kind of kinds) complete(kind, 'step type');
  };
  const handlers: Record<string, ArgumentHandler> = {
    milestone: milestones,
    checklist: milestones,
    run: runs,
    before: runs,
    after: runs,
    type: stepTypes,
  };
  tab.argument('milestone', milestones);
  for (const command of tab.commands.values()) {
    for (const argument of command.arguments.values()) {
      const handler = handlers[argument.name];
      if (handler) argument.handler = handler;
    }
  }
  for (const own of ['complete', 'completion-script']) tab.commands.delete(own);
  tab.parse([...words]);
  return 0;
}
