import type { Finding } from './finding.ts';
import { outcomes } from './outcome.ts';
import type { EvidenceFile, Ignored, MergedShard, RunRecord, ShownPicture, StepRecord } from './record.ts';
import { fallsTo } from './shard.ts';
import { fidelityOf, verdictOf } from './verdict.ts';

/** A shard's run, as it is to be merged. */
export interface ShardRun {
  index: number;
  of: number;
  /** The steps that fall to it. */
  steps: readonly string[];
  record: RunRecord;
  /** Its record.json, attestation.json and checklist.yaml, by their names in its own folder. */
  own: readonly EvidenceFile[];
}

/** Where a shard's folder lies in the folder of the merged run. */
export const shardFolder = (index: number): string => `shards/${index}/`;

/**
 * One record of the shards' records; nothing but what they say goes into it, so that the gate can make it again. A step that several
 * shards ran has its worst outcome, the findings of all, and the evidence of all.
 * @param shards whole or not, in the order of their index, no index twice, all of one checklist and tree (see `misfits`)
 * @param id of the merged run
 */
export function mergeRecords(shards: readonly ShardRun[], id: string): RunRecord {
  const first = shards[0];
  if (!first) throw new Error('nothing to merge');
  const { of, record } = first;
  const missing = missingShards(shards);
  const absent = new Set(missing.map((index) => fallsTo({ index, of })));
  const steps = record.steps.map((step, n): StepRecord => {
    const ran = shards.flatMap((shard) => {
      const own = shard.record.steps[n];
      return own && shard.steps.includes(own.id) ? [{ index: shard.index, step: own }] : [];
    });
    if (ran.length > 0) return mergeStep(ran);
    return absent.has(step.reason ?? '') ? { ...step, reason: `${step.reason}, which is missing` } : step;
  });
  const records = shards.map((shard) => shard.record);
  const [startedAt, endedAt] = [
    records.map((one) => one.run.startedAt).toSorted()[0] ?? '',
    records
      .map((one) => one.run.endedAt)
      .toSorted()
      .at(-1) ?? '',
  ];
  const interrupted = said(shards, (one) => one.run.interrupted);
  const bug = said(shards, (one) => one.run.bug);
  const { shard: _, interrupted: __, bug: ___, ...run } = record.run;
  const draft: Omit<RunRecord, 'verdict'> = {
    ...record,
    run: {
      ...run,
      id,
      startedAt,
      endedAt,
      durationMs: Math.max(...records.map((one) => one.run.durationMs)),
      driver: drivers(records),
      narrowedBy: [
        ...run.narrowedBy.filter((by) => !by.startsWith('--shard ')),
        ...missing.map((index) => `shard ${index}/${of}, which is missing`),
      ],
      ...(interrupted !== undefined && { interrupted }),
      ...(bug !== undefined && { bug: bug.slice(0, 8000) }),
      command: ['verify', 'merge', ...shards.map((shard) => `shards/${shard.index}`)],
    },
    tree: mergeTrees(first, shards),
    tools: mergeTools(shards),
    steps,
    fidelity: fidelityOf(steps),
    manifest: [
      ...steps.flatMap((step) => step.evidence),
      ...shards.flatMap((shard) => shard.own.map((file) => moved(file, shard.index))),
    ].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    merged: { of, shards: shards.map(summary) },
  };
  return { ...draft, verdict: verdictOf(draft) };
}

/** The drivers that brought a stack up; where none did, what was asked for. */
function drivers(records: readonly RunRecord[]): string {
  const all = [...new Set(records.map((one) => one.run.driver))].toSorted();
  return (all.length > 1 ? all.filter((one) => one !== 'auto') : all).join(', ');
}

/** Indexes of the shards that are not there. */
export function missingShards(shards: readonly { index: number; of: number }[]): number[] {
  const there = new Set(shards.map((shard) => shard.index));
  return Array.from({ length: shards[0]?.of ?? 0 }, (_, n) => n + 1).filter((index) => !there.has(index));
}

const moved = (file: EvidenceFile, index: number): EvidenceFile => ({ ...file, path: shardFolder(index) + file.path });

function movedPicture({ path, small, before }: ShownPicture, index: number): ShownPicture {
  const to = shardFolder(index);
  return {
    path: to + path,
    ...(small !== undefined && { small: to + small }),
    ...(before && {
      before: {
        ...before,
        ...(before.path !== undefined && { path: to + before.path }),
        ...(before.small !== undefined && { small: to + before.small }),
        ...(before.difference !== undefined && { difference: to + before.difference }),
      },
    }),
  };
}

/** What the shards say, each with its name; undefined where none says anything. */
function said(shards: readonly ShardRun[], what: (record: RunRecord) => string | undefined): string | undefined {
  const lines = shards.flatMap((shard) => {
    const text = what(shard.record);
    return text === undefined ? [] : [`${text} (shard ${shard.index})`];
  });
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** The worst outcome wins; of equal ones that whose confirmation ends first, then the first shard's. */
function mergeStep(ran: readonly { index: number; step: StepRecord }[]): StepRecord {
  const ends = ({ step }: { step: StepRecord }): string => step.confirmation?.expires ?? '9999';
  const [counts] = ran.toSorted(
    (a, b) =>
      outcomes.indexOf(a.step.outcome) - outcomes.indexOf(b.step.outcome) ||
      (ends(a) < ends(b) ? -1 : ends(a) > ends(b) ? 1 : a.index - b.index),
  );
  if (!counts) throw new Error('a step without a shard');
  const { step, index } = counts;
  const others = ran.filter((one) => one !== counts);
  const known = new Set(step.findings.map(keyOf));
  const findings = others.flatMap((one) =>
    one.step.findings
      .filter((finding) => !known.has(keyOf(finding)))
      .map((finding) => ({ ...finding, message: `${finding.message} (in shard ${one.index})` })),
  );
  const frames = [counts, ...others].flatMap((one) => one.step.frames ?? []);
  const pictures = [counts, ...others].flatMap((one) =>
    (one.step.pictures ?? []).map((picture) => movedPicture(picture, one.index)),
  );
  const firstOf = (what: (step: StepRecord) => string | undefined): string | undefined =>
    [counts, ...others].map((one) => what(one.step)).find((text) => text !== undefined);
  const reduced = step.reduced ?? firstOf((one) => one.reduced);
  // The oldest evidence counts.
  const reusedFrom = ran
    .flatMap((one) => one.step.reusedFrom ?? [])
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))[0];
  return {
    ...step,
    findings: [...step.findings, ...findings],
    ...(frames.length > 0 && { frames }),
    ...(reduced !== undefined && { reduced }),
    ...(reusedFrom !== undefined && { reusedFrom }),
    ...(step.observed !== undefined && { observed: shardFolder(index) + step.observed }),
    evidence: [counts, ...others].flatMap((one) => one.step.evidence.map((file) => moved(file, one.index))),
    ...(pictures.length > 0 && { pictures }),
    shard: index,
    inShards: ran.map(({ index: shard, step: { outcome, reason, startedAt, offsetMs, durationMs } }) => ({
      shard,
      outcome,
      ...(reason !== undefined && { reason }),
      ...(startedAt !== undefined && { startedAt }),
      offsetMs,
      durationMs,
    })),
  };
}

const keyOf = ({ code, level, subject, where, message, waived }: Finding): string =>
  JSON.stringify([code, level, subject, where?.file, where?.line, where?.col, message, waived]);

function mergeTrees(first: ShardRun, shards: readonly ShardRun[]): RunRecord['tree'] {
  const trees = shards.map(({ record, index }) => ({ index, tree: record.tree }));
  const changed = [...new Set(trees.flatMap(({ tree }) => tree.changed))].toSorted();
  const by = changed.flatMap((path): [string, string[]][] => {
    const steps = trees.flatMap(({ tree, index }) =>
      (tree.changedBy?.[path] ?? []).map((step) => `${step} (shard ${index})`),
    );
    return steps.length > 0 ? [[path, steps]] : [];
  });
  const { changedBy: _, reports, ignored: __, ...tree } = first.record.tree;
  const ignored = mergeIgnored(trees.map((other) => other.tree.ignored));
  // Where the runs were kept in several places, there is none that the digest of the merged run leaves out.
  const one = trees.every((other) => other.tree.reports === reports);
  return {
    ...tree,
    changed,
    ...(reports !== undefined && one && { reports }),
    ...(ignored && { ignored }),
    ...(by.length > 0 && { changedBy: Object.fromEntries(by) }),
  };
}

/** All that any shard may have read, in each state that it had; nothing where one of them could not tell. */
function mergeIgnored(all: readonly (Ignored | undefined)[]): Ignored | undefined {
  const known = all.flatMap((one) => one ?? []);
  if (known.length < all.length) return undefined;
  const files = new Map(known.flatMap((one) => one.files.map((file) => [JSON.stringify(file), file] as const)));
  return {
    files: [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    present: [...new Set(known.flatMap((one) => one.present))].toSorted(),
  };
}

/** One version where the shards agree, else each with the shards that have it. */
function mergeTools(shards: readonly ShardRun[]): Record<string, string> {
  const names = [...new Set(shards.flatMap((shard) => Object.keys(shard.record.tools)))].toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const versions = versionsOf(
        shards.map(({ index, record }) => ({ index, tools: record.tools })),
        name,
      );
      const [only] = versions.keys();
      return [name, versions.size === 1 ? (only ?? '') : listed(versions)];
    }),
  );
}

function versionsOf(shards: readonly Pick<MergedShard, 'index' | 'tools'>[], name: string): Map<string, number[]> {
  const versions = new Map<string, number[]>();
  for (const { index, tools } of shards) {
    const version = tools[name];
    if (version !== undefined) versions.set(version, [...(versions.get(version) ?? []), index]);
  }
  return versions;
}

const listed = (values: ReadonlyMap<string, number[]>): string =>
  [...values].map(([value, indexes]) => `${value} (shard ${indexes.join(', ')})`).join('; ');

const summary = ({ index, record: { run, host, tools }, own }: ShardRun): MergedShard => ({
  index,
  runId: run.id,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  durationMs: run.durationMs,
  driver: run.driver,
  command: run.command,
  host,
  tools,
  record: own.find((file) => file.path === 'record.json')?.sha256 ?? '',
});

/** What differs between the machines of a merged run, in words: tools, Node, hosts. No defect, but to be known. */
export function shardDifferences(record: Pick<RunRecord, 'merged'>): string[] {
  const shards = record.merged?.shards ?? [];
  const names = [...new Set(shards.flatMap((shard) => Object.keys(shard.tools)))].toSorted();
  const values = (what: (shard: MergedShard) => string): Map<string, number[]> =>
    versionsOf(
      shards.map((shard) => ({ index: shard.index, tools: { it: what(shard) } })),
      'it',
    );
  return [
    ...names.map((name): [string, Map<string, number[]>] => [name, versionsOf(shards, name)]),
    ['Node', values((shard) => shard.host.node)] as const,
    ['the system', values((shard) => `${shard.host.os} ${shard.host.arch}`)] as const,
    [
      'the machine',
      values((shard) => `${shard.host.cpus} × ${shard.host.cpu}, fingerprint ${shard.host.fingerprint}`),
    ] as const,
  ].flatMap(([what, found]) => (found.size > 1 ? [`the shards differ in ${what}: ${listed(found)}`] : []));
}
