import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit, UserError } from '../../core/errors.ts';
import type { RunRecord, StepRecord, Surroundings, TreeState } from '../../core/record.ts';
import { sha256 } from '../../evidence/digest.ts';
import { runName } from '../../core/run-name.ts';
import { foldersOf, readRun, runsInOrder } from '../../runs/runs.ts';
import { hasJournal, readJournal } from './journal.ts';

/** A run that is resumed: from its record, or, where it died, from its journal. */
export interface Earlier {
  id: string;
  folder: string;
  /** ISO 8601. */
  startedAt: string;
  tree: Omit<TreeState, 'changed' | 'changedBy'>;
  /** Files that changed while it ran; undefined where it died before that was looked at. */
  changed: readonly string[] | undefined;
  /** Of the tree when it began, where it died. */
  stamps?: string;
  host: RunRecord['host'];
  /** Where in the target it wrote its report. */
  writeTo: string | undefined;
  surroundings: Surroundings | undefined;
  steps: ReadonlyMap<string, StepRecord>;
  /** Steps whose line in the journal is not whole. */
  spoilt: ReadonlySet<string>;
}

const usable = (folder: string): boolean => existsSync(join(folder, 'record.json')) || hasJournal(folder);

/**
 * The run to resume: the one that is named, else the newest of the milestone that has left something.
 * @throws UserError 66 where there is none, 64 where it is another milestone's, 65 where it cannot be gone by, 21 where it was edited
 */
export function findEarlier(reports: string, milestone: string, named: string | undefined, version: string): Earlier {
  const home = join(reports, milestone);
  const hint = `make one: verify ${milestone}; runs elsewhere are found with --reports`;
  const runs = runsInOrder(home).filter((name) => runName.test(name));
  if (named !== undefined && !runs.includes(named)) {
    const other = foldersOf(reports).find((one) => foldersOf(join(reports, one)).includes(named));
    if (runName.test(named) && other !== undefined)
      throw new UserError(exit.usage, `--resume ${named}: that is a run of ${other}, not of ${milestone}`, {
        hint: `verify ${other} --resume ${named}`,
      });
    throw new UserError(exit.missing, `--resume ${named}: there is no such run in ${home}`, {
      hint: runs.length === 0 ? hint : `the last ones: ${runs.slice(-3).join(', ')}`,
    });
  }
  const id = named ?? runs.findLast((name) => usable(join(home, name)));
  if (id === undefined)
    throw new UserError(exit.missing, `there is no run of ${milestone} in ${reports} to resume`, { hint });
  const folder = join(home, id);
  if (!usable(folder))
    throw new UserError(exit.missing, `the run ${id} has left neither record nor journal: nothing to resume from`, {
      hint: `verify ${milestone}`,
    });
  const found = fromRecord(folder, id) ?? fromJournal(folder, id);
  if (found.milestone !== milestone)
    throw new UserError(exit.usage, `the folder ${folder} holds a run of ${found.milestone}, not of ${milestone}`);
  if (found.version !== version)
    throw new UserError(
      exit.invalid,
      `the run ${id} was made by verify ${found.version}, this is ${version}: what it found cannot be taken over`,
      { hint: `verify ${milestone}, without --resume; or resume with verify ${found.version}` },
    );
  return found.earlier;
}

interface Found {
  earlier: Earlier;
  milestone: string;
  version: string;
}

/** @returns undefined where the run died before its record was whole, and the journal knows better */
function fromRecord(folder: string, id: string): Found | undefined {
  if (!existsSync(join(folder, 'record.json'))) return undefined;
  const attested = existsSync(join(folder, 'attestation.json'))
    ? readFileSync(join(folder, 'attestation.json'), 'utf8')
    : undefined;
  if (attested === undefined && hasJournal(folder)) return undefined;
  const { record, text } = readRun(folder);
  if (attested?.includes(sha256(text)) !== true)
    throw new UserError(exit.tampered, `the record of the run ${id} is not what its attestation speaks of`, {
      hint: 'restore the folder as the run left it, or run without --resume',
    });
  if (record.merged)
    throw new UserError(exit.invalid, `the run ${id} was merged of shards, which ran elsewhere: it cannot be resumed`, {
      hint: 'resume the shard that did not pass, and merge again',
    });
  const { tree, run, host, surroundings } = record;
  return {
    milestone: run.milestone,
    version: record.tool.version,
    earlier: {
      id,
      folder,
      startedAt: run.startedAt,
      tree,
      changed: tree.changed,
      host,
      writeTo: run.writeTo,
      surroundings,
      steps: new Map(record.steps.map((step) => [step.id, step])),
      spoilt: new Set(),
    },
  };
}

function fromJournal(folder: string, id: string): Found {
  const journal = readJournal(folder);
  if (!journal)
    throw new UserError(exit.invalid, `the journal of the run ${id} is not whole`, {
      hint: 'run without --resume',
    });
  const { about, steps, spoilt } = journal;
  return {
    milestone: about.run.milestone,
    version: about.tool.version,
    earlier: {
      id,
      folder,
      startedAt: about.run.startedAt,
      tree: about.tree,
      changed: undefined,
      stamps: about.stamps,
      host: about.host,
      writeTo: about.run.writeTo,
      surroundings: about.surroundings,
      steps: new Map(steps.map((step) => [step.id, step])),
      spoilt: new Set(spoilt),
    },
  };
}
