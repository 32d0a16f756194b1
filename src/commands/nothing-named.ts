import { join } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';
import { milestonesHere } from '../checklist/find.ts';
import { asCalled } from './called-as.ts';
import { nearPath, packageRoot } from './shared.ts';

/** `verify` alone: what there is to run here. Nothing was verified, so that it never exits 0. */
export function nothingNamed(): number {
  const here = milestonesHere(process.cwd());
  const sample = milestonesHere(packageRoot).includes('milestone-16') && !here.includes('milestone-16');
  const say = (rows: readonly [command: string, does: string][]): string => {
    const shown = rows.map(([command, does]) => [asCalled(`verify ${command}`), does] as const);
    const wide = Math.max(...shown.map(([command]) => command.length).filter((length) => length < 60));
    return shown
      .map(([command, does]) =>
        command.length > wide
          ? `  ${command}\n  ${' '.repeat(wide)}  ${does}\n`
          : `  ${command.padEnd(wide)}  ${does}\n`,
      )
      .join('');
  };
  process.stderr.write(
    here.length > 0
      ? `Which milestone? There ${here.length === 1 ? 'is' : 'are'} ${here.join(', ')}.\n${say([
          [here[0] ?? '', 'runs its checklist'],
          [`plan ${here[0]}`, 'shows what would run'],
          ['--help', 'lists all commands'],
        ])}`
      : `There is no checklists/ folder here.\n${say([
          ['init', 'drafts a checklist from what this repository has'],
          ['init --from FILE', "drafts one from a milestone's document or a release checklist"],
          ...(sample
            ? [
                [
                  nearPath(join(packageRoot, 'checklists', 'milestone-16.yaml')),
                  'runs the sample that comes with verify',
                ] as [string, string],
              ]
            : []),
          ['--help', 'lists all commands'],
        ])}`,
  );
  return exit.usage;
}

/** `verify plann m1`: the command that was meant, by its nearest name. */
export function noSuchCommand(commands: readonly string[]): UserError {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const meant = suggest(words[0] ?? '', commands);
  return new UserError(exit.usage, `no command is called ${words[0]}`, {
    hint:
      meant === undefined
        ? 'verify --help lists the commands; a run takes one milestone'
        : `did you mean: verify ${[meant, ...words.slice(1)].join(' ')}`,
  });
}
