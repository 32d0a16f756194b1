import { exit } from '../core/errors.ts';
import { mergeRecords, shardFolder, type ShardRun } from '../core/merge.ts';
import type { RunRecord } from '../core/record.ts';
import { partition, selectionOf, shardNodes, shardOption } from '../core/shard.ts';
import type { StepType } from '../core/step.ts';
import { canonicalJson, isSame, sha256 } from '../evidence/digest.ts';
import type { Bundle } from './bundle.ts';
import { openBundle } from './integrity.ts';
import { Reasons } from './reason.ts';
import { checkAgainstChecklist, rejudge, type Expected } from './rejudge.ts';
import { checkReused } from './reused.ts';

const again = 'merge the shards again, as they left their runs; do not edit the record';

/** What it takes to judge a record again. */
export interface JudgeTools {
  version: string;
  loadKind: (kind: string) => Promise<StepType | undefined>;
  /** Reads a checklist's text. @throws where it is not valid */
  parse: (text: string, vars: Record<string, string>) => Promise<Expected>;
}

/**
 * Does the record follow from what lies beside it? A run's from its evidence; a merged run's from the records of its shards, each of
 * which follows from its own evidence. And is it the record of its checklist, and a shard's of its part?
 */
export async function judgeRecord(
  record: RunRecord,
  bundle: Bundle,
  tools: JudgeTools,
  reasons: Reasons,
): Promise<void> {
  if (record.merged) await checkMerged(record, record.merged.shards, bundle, tools, reasons);
  else {
    await rejudge(record, bundle, tools.loadKind, reasons);
    checkReused(record, reasons);
  }
  try {
    const text = bundle.get('checklist.yaml')?.read().toString('utf8') ?? '';
    const expected = await tools.parse(text, record.run.vars);
    checkAgainstChecklist(record, expected, reasons);
    if (record.run.shard) checkPart(record, record.run.shard, expected, reasons);
  } catch (error) {
    reasons.add(exit.invalid, `the checklist of the run is not valid: ${(error as Error).message}`, 'run again');
  }
}

/** A shard ran the steps that its checklist gives it, all of them, and no others. */
function checkPart(
  record: RunRecord,
  { index, of, steps }: NonNullable<RunRecord['run']['shard']>,
  expected: Expected,
  reasons: Reasons,
): void {
  const tampered = (text: string): void =>
    reasons.add(exit.tampered, text, 'run the shard again; do not edit the record');
  if (index > of || !record.run.narrowedBy.includes(shardOption({ index, of })))
    return tampered(`the record does not say by which option it is shard ${index}/${of}`);
  const part = partition(shardNodes(expected.steps), of, selectionOf(record.run.narrowedBy))[index - 1];
  const own = record.steps.filter((step) => part?.steps.has(step.id)).map((step) => step.id);
  if (canonicalJson(own) !== canonicalJson(steps))
    tampered(`the steps of shard ${index}/${of} are not those that the checklist gives it`);
  const stranger = record.steps.find((step) => part?.steps.has(step.id) !== true && step.outcome !== 'skipped');
  if (stranger) tampered(`step ${stranger.id} ran, though it does not fall to shard ${index}/${of}`);
}

/** The folder of a shard in the folder of a merged run, as a folder of its own. */
function folderOf(bundle: Bundle, index: number): Bundle {
  const prefix = shardFolder(index);
  return new Map(
    [...bundle].flatMap(([path, file]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), file]] : [])),
  );
}

/** A shard as it is merged, of its record and its folder. @returns a reason where it is none */
export function shardOf(record: RunRecord, bundle: Bundle): ShardRun | string {
  const { shard } = record.run;
  if (!shard || record.merged) return 'is not a shard: it was not run with --shard';
  const own = ['record.json', 'attestation.json', 'checklist.yaml'].flatMap((path) => {
    const file = bundle.get(path);
    return file ? [{ path, sha256: file.sha256, bytes: file.bytes }] : [];
  });
  return { ...shard, record, own };
}

async function checkMerged(
  record: RunRecord,
  listed: NonNullable<RunRecord['merged']>['shards'],
  bundle: Bundle,
  tools: JudgeTools,
  reasons: Reasons,
): Promise<void> {
  const found = new Reasons();
  const shards: ShardRun[] = [];
  for (const { index } of listed) {
    const own = new Reasons();
    const folder = folderOf(bundle, index);
    const opened = await openBundle(folder, new Set(), tools.version, own);
    const shard = opened && shardOf(opened.record, folder);
    if (typeof shard === 'string') own.add(exit.tampered, shard, again);
    else if (shard) {
      await judgeRecord(shard.record, folder, tools, own);
      if (shard.index === index) shards.push(shard);
      else own.add(exit.tampered, `is shard ${shard.index}/${shard.of}`, again);
    }
    for (const { code, text, todo } of own.all) found.add(code, `shard ${index}: ${text}`, todo);
  }
  if (found.all.length === 0)
    for (const text of misfits(shards)) found.add(exit.tampered, `the shards do not belong together: ${text}`, again);
  reasons.all.push(...found.all);
  if (found.all.length > 0) return;
  const made = mergeRecords(shards, mergedId(shards));
  if (isSame(made, record)) return;
  const step = record.steps.find((one, n) => !isSame(one, made.steps[n]));
  reasons.add(
    exit.tampered,
    step ? `step ${step.id}: the record does not say what its shards say` : 'the record is not what its shards give',
    again,
  );
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * The name of the run that these shards give: when the last of them ended, and six digits of their records' sha256. The same shards
 * always give the same run.
 */
export function mergedId(shards: readonly ShardRun[]): string {
  const ended =
    shards
      .map(({ record }) => record.run.endedAt)
      .toSorted()
      .at(-1) ?? '';
  const digests = shards.map(({ index, own }) => [index, own.find((file) => file.path === 'record.json')?.sha256]);
  return `${ended.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-')}-${sha256(canonicalJson(digests)).slice(0, 6)}`;
}

/** Why shards do not belong to one run, in words; empty where they do. */
export function misfits(shards: readonly ShardRun[]): string[] {
  const [first, ...others] = shards.toSorted((a, b) => a.index - b.index);
  if (!first) return ['there is none'];
  const found: string[] = [];
  const seen = new Map<number, ShardRun>();
  for (const shard of shards) {
    const twin = seen.get(shard.index);
    if (twin)
      found.push(
        `shard ${shard.index}/${shard.of} is there twice, as ${twin.record.run.id} and ${shard.record.run.id}`,
      );
    seen.set(shard.index, shard);
    const { startedAt, endedAt } = shard.record.run;
    if (!instant.test(startedAt) || !instant.test(endedAt))
      found.push(`the times of shard ${shard.index} make no sense (${startedAt}, ${endedAt})`);
  }
  const name = (shard: ShardRun): string => `shard ${shard.index}/${shard.of} (${shard.record.run.id})`;
  for (const shard of others) {
    const other = difference(first, shard);
    if (other !== undefined) found.push(`${name(shard)} is of another ${other} of ${name(first)}`);
  }
  return found;
}

/** The first thing in which two shards of one run may not differ, and how they do. */
function difference(a: ShardRun, b: ShardRun): string | undefined {
  const [x, y] = [a.record, b.record];
  const selection = (record: RunRecord): string[] => record.run.narrowedBy.filter((by) => !by.startsWith('--shard '));
  const must: [string, unknown, unknown][] = [
    ['version of verify', x.tool, y.tool],
    ['milestone', x.run.milestone, y.run.milestone],
    ['checklist', x.checklist.sha256, y.checklist.sha256],
    ['number of shards', a.of, b.of],
    ['selection of steps', selection(x), selection(y)],
    ['setting of variables', x.run.vars, y.run.vars],
    ['repository', [x.tree.repository, x.tree.prefix], [y.tree.repository, y.tree.prefix]],
    ['commit', x.tree.commit, y.tree.commit],
    [
      'state of the working tree',
      [x.tree.digest, x.tree.dirty, x.tree.files],
      [y.tree.digest, y.tree.dirty, y.tree.files],
    ],
    ['set of files that the checklist leans on', x.checklist.inputs, y.checklist.inputs],
    ['word of git', x.tree.unversioned, y.tree.unversioned],
    ['set of outputs', [x.tree.outputs, x.run.writeTo], [y.tree.outputs, y.run.writeTo]],
  ];
  const found = must.find(([, one, other]) => !isSame(one, other));
  if (!found) return undefined;
  const [what, one, other] = found;
  const few = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 120);
  return `${what} (${few(other)}) than ${few(one)}`;
}
