import { isFile } from '../evidence/entry.ts';
import { listed } from './signing.ts';
import { constants, copyFileSync, existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { mergeRecords, shardDifferences, shardFolder, type ShardRun } from '../core/merge.ts';
import { RunRecord } from '../core/record.ts';
import { exitCodeOf } from '../core/verdict.ts';
import { canonicalJson, digestFile } from '../evidence/digest.ts';
import { ioError, makeFolder } from '../evidence/store.ts';
import { readBundle, type Bundle } from '../signoff/bundle.ts';
import { machineFiles, type MachineKey } from '../signoff/machine.ts';
import { openBundle, signOffName } from '../signoff/integrity.ts';
import { codeOf, Reasons } from '../signoff/reason.ts';
import { judgeRecord, mergedId, misfits, shardOf } from '../signoff/shards.ts';
import { attestKey } from './attest-key.ts';
import { gateTools } from './gate-facts.ts';
import { writeIndex } from '../runs/history.ts';
import { renderedNames } from '../runs/render.ts';
import { summarise, summary } from './run-command.ts';
import { takeLock } from '../engine/lock.ts';
import { mayKeepRunsIn } from '../engine/own-place.ts';
import { pointLatest, writeReports } from '../engine/write.ts';
import { foldersOf, parseRecord } from '../runs/runs.ts';
import { nearPath, stdoutPainter } from './shared.ts';

export interface MergeOptions {
  reports?: string;
  target?: string;
  attestKey?: string;
  ui: 'plain' | 'github';
}

/** Of a shard's own attestation; the merged run has its own. */
const signatures = new Set<string>(machineFiles);

/** A shard's run as it lies there, once it is known to be whole and to follow from its evidence. */
interface Found {
  folder: string;
  bundle: Bundle;
  shard: ShardRun;
}

/** `verify merge FOLDER…`: one run of the runs of all shards. @returns the exit code of its verdict */
export async function mergeCommand(folders: readonly string[], options: MergeOptions): Promise<number> {
  const paint = stdoutPainter();
  const { record, folder, shards } = await mergeRuns(folders, options);
  process.stdout.write(
    `${said(shards, record)
      .map((line) => `${line}\n`)
      .join('')}${summary(record, folder, paint, 'in full')}`,
  );
  const summaryFile = process.env['GITHUB_STEP_SUMMARY'];
  if (options.ui === 'github' && summaryFile !== undefined) await summarise({ record, folder }, summaryFile);
  return exitCodeOf(record.verdict);
}

/**
 * Finds the shards, holds each to what the gate holds a run to and all to one another, and writes the run that they give. What was
 * merged before is left as it is, with its sign-offs.
 * @throws UserError 64, 66 where the machine's key cannot be used, 66 where there is no shard, 21, 22, 65 where one cannot be gone by or they are not of one run, 73, 74, 75
 */
export async function mergeRuns(
  folders: readonly string[],
  options: Pick<MergeOptions, 'reports' | 'target' | 'attestKey'>,
): Promise<{ record: RunRecord; folder: string; shards: Found[] }> {
  const machine = await attestKey(options.attestKey);
  const found: Found[] = [];
  for (const folder of shardFolders(folders)) found.push(await openShard(folder));
  const shards = found.toSorted((a, b) => a.shard.index - b.shard.index);
  const runs = shards.map(({ shard }) => shard);
  const wrong = misfits(runs);
  if (wrong.length > 0)
    throw new UserError(exit.invalid, 'these shards are not of one run', {
      hint: `${wrong.join('\n')}\ngive the folders of those that belong together: one of each, of one commit and checklist`,
    });
  const record = mergeRecords(runs, mergedId(runs));
  const reports = resolve(options.reports ?? 'reports');
  mayKeepRunsIn(reports, record.run.milestone);
  const home = join(reports, record.run.milestone);
  const lock = await takeLock(home, record.run.id);
  const folder = join(home, record.run.id);
  try {
    const earlier = recordIn(folder);
    if (earlier === undefined) await write(folder, record, shards, options, machine);
    else if (earlier !== canonicalJson(RunRecord.parse(record), 1))
      throw new UserError(exit.cannotCreate, `${folder} is there already, and is not what these shards give`, {
        hint: 'give another folder with --reports, or remove it',
      });
    pointLatest(home, record.run.id);
    writeIndex(reports);
  } finally {
    lock.release();
  }
  return { record, folder, shards };
}

function said(shards: readonly Found[], record: RunRecord): string[] {
  const of = record.merged?.of ?? 0;
  return [
    `${record.run.milestone}, commit ${record.tree.commit?.slice(0, 12) ?? 'none'}: ${shards.length} of ${of} shards`,
    ...shards.map(({ folder, shard: { index, steps, record: own } }) => {
      const ran = own.steps.filter((step) => steps.includes(step.id));
      const open = ran.filter((step) => step.outcome !== 'passed' && step.outcome !== 'waived');
      const became =
        ran.length === 0
          ? 'nothing falls to it'
          : `${ran.length} steps, ${open.length === 0 ? 'all passed' : open.map((step) => `${step.id} ${step.outcome}`).join(', ')}`;
      return `  ${index}/${of}  ${nearPath(folder)}  ${became}`;
    }),
    ...record.run.narrowedBy.filter((by) => by.startsWith('shard ')),
    ...shardDifferences(record),
  ];
}

/**
 * The folders of shards' runs among and below those that are given. A run that was downloaded twice (as itself and as `latest`) is
 * taken once; runs that are no shards are passed over where they were not given by name.
 * @throws UserError 66 where there is none, 65 for a run that is no shard
 */
function shardFolders(given: readonly string[]): string[] {
  const found = new Map<string, string>();
  const passed: string[] = [];
  for (const path of given) {
    if (!existsSync(path))
      throw new UserError(exit.missing, `there is no folder ${path}`, {
        hint: 'give what the shards have left: their folders, or one in which they lie',
      });
    const named = isFile(join(path, 'record.json'));
    for (const folder of named ? [realpathSync(path)] : runsBelow(resolve(path))) {
      const text = readFileSync(join(folder, 'record.json'), 'utf8');
      const { run, merged } = parseRecord(text, join(folder, 'record.json'));
      if (run.shard !== undefined && merged === undefined) {
        if (!found.has(text)) found.set(text, folder);
      } else if (named) throw new UserError(exit.invalid, `${path} is not a shard: it was not run with --shard`);
      else passed.push(nearPath(folder));
    }
  }
  if (passed.length > 0) process.stderr.write(`passed over, since they are not shards: ${passed.join(', ')}\n`);
  if (found.size === 0)
    throw new UserError(exit.missing, `there is no shard's run in ${given.join(', ')}`, {
      hint: 'make them: verify MILESTONE --shard 1/3, and so on; then give their folders',
    });
  return [...found.values()];
}

/** How deep runs are looked for: an artifact, reports, a milestone, a run, and some more. */
const maxDepth = 8;

function runsBelow(folder: string, depth = 0): string[] {
  if (isFile(join(folder, 'record.json'))) return [folder];
  if (depth === maxDepth) return [];
  return foldersOf(folder).flatMap((name) => runsBelow(join(folder, name), depth + 1));
}

/** @throws UserError 21, 22, 65 with why the run cannot be gone by */
async function openShard(folder: string): Promise<Found> {
  const reasons = new Reasons();
  const bundle = readBundle(folder);
  // What is rendered is left behind, so that it need not be there: a shard that a merged run keeps has none.
  const run = await openBundle(bundle, renderedNames, gateTools.version, reasons);
  if (run) await judgeRecord(run.record, bundle, gateTools, reasons);
  const shard = run && shardOf(run.record, bundle);
  if (typeof shard === 'string') reasons.add(exit.invalid, shard, 'give the runs of shards');
  if ([...bundle.keys()].some((path) => signOffName.test(path)))
    reasons.add(
      exit.invalid,
      'it has sign-offs, which would be lost',
      'merge the shard as its run left it; the merged run is what is signed',
    );
  if (reasons.all.length > 0 || shard === undefined || typeof shard === 'string')
    throw new UserError(codeOf(reasons.all), `the shard in ${nearPath(folder)} cannot be merged`, {
      hint: listed(reasons),
    });
  return { folder, bundle, shard };
}

function recordIn(folder: string): string | undefined {
  const path = join(folder, 'record.json');
  return isFile(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Copies the shards' folders, without what is rendered, and writes record, attestation and reports beside them. */
async function write(
  folder: string,
  record: RunRecord,
  shards: readonly Found[],
  options: Pick<MergeOptions, 'target'>,
  machine: MachineKey | undefined,
): Promise<void> {
  // What is there without a record is a merge that was broken off.
  if (existsSync(folder)) {
    if (shards.some((shard) => shard.folder.startsWith(`${realpathSync(folder)}/`)))
      throw new UserError(exit.cannotCreate, `${folder} is not whole, and holds what is to be merged`, {
        hint: 'give another folder with --reports',
      });
    rmSync(folder, { recursive: true });
  }
  makeFolder(folder);
  for (const { folder: from, bundle, shard } of shards) {
    for (const [path, file] of bundle) {
      if (renderedNames.has(path) || signOffName.test(path) || signatures.has(path)) continue;
      const to = join(folder, shardFolder(shard.index), path);
      makeFolder(dirname(to));
      try {
        copyFileSync(join(from, path), to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      } catch (cause) {
        throw ioError(cause, to);
      }
      if (digestFile(to).sha256 !== file.sha256)
        throw new UserError(exit.io, `${join(from, path)} changed while it was copied`);
    }
  }
  const text = readFileSync(join(folder, shardFolder(shards[0]?.shard.index ?? 1), 'checklist.yaml'), 'utf8');
  const { writeTo } = record.run;
  await writeReports(
    folder,
    record,
    { target: options.target ?? '', writeTo: options.target === undefined ? undefined : writeTo },
    text,
    machine,
  );
}
