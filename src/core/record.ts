import { z } from 'zod';
import { StandsIn } from './stand-in.ts';
import { Item, SignoffPolicy, Waiver } from './checklist.ts';
import { Finding, Where } from './finding.ts';
import { Confirmation, FactValue, Table } from './judgement.ts';
import { Fidelity, Outcome, Verdict } from './outcome.ts';

/** The version of the record's shape; a reader refuses what it does not know. */
export const recordSchema = 'https://verify-milestone.dev/record/v1';

/** One file of evidence. `path` is relative to the run's folder, `sha256` is of its bytes. */
export const EvidenceFile = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  /** Set where the file is not the whole: size and sha256 of the whole that was seen. */
  truncated: z.strictObject({ bytes: z.int(), sha256: z.string() }).optional(),
});
export type EvidenceFile = z.infer<typeof EvidenceFile>;

export const Attempt = z.strictObject({ outcome: Outcome, reason: z.string(), durationMs: z.number() });

/** Lines of the target around the place of a finding, as they were when the step ended; secrets and control characters out. */
export const Frame = z.strictObject({
  file: z.string(),
  /** The line that a finding points to. */
  line: z.int().positive(),
  /** Number of the first of `lines`. */
  from: z.int().positive(),
  lines: z.array(z.string()),
});
export type Frame = z.infer<typeof Frame>;

/** The run that a step's outcome was taken over from by --resume: the one in which it ran, also after several resumes. */
export const ReusedFrom = z.strictObject({
  run: z.string(),
  /** When that run began: the evidence counts as that old. */
  startedAt: z.string(),
});
export type ReusedFrom = z.infer<typeof ReusedFrom>;

/** What a pass rests on besides the tree, so that --resume can tell whether it still holds; or why it is bound to its run. */
export const Basis = z.union([
  z.strictObject({ bound: z.string() }),
  z.strictObject({
    /** Digest of the step in the checklist, variables put in. */
    definition: z.string(),
    /** It ran programs: the environment counts, and others may use what it left behind. */
    ran: z.boolean(),
    /** Program → digest of its file, and its version where it is a stand-in for several. */
    programs: z.record(z.string(), z.string()),
    /** What it read or names outside of the verified tree → its state. */
    files: z.record(z.string(), z.string()),
    /** Steps whose facts it read. */
    facts: z.array(z.string()),
  }),
]);
export type Basis = z.infer<typeof Basis>;

/** The environment in which programs ran. No secret is part of it. */
export const Surroundings = z.strictObject({
  /** Variables, and local files of configuration that git ignores. */
  names: z.array(z.string()),
  salt: z.string(),
  /** Of their values; made slow, so that it gives no value away. */
  digest: z.string(),
});
export type Surroundings = z.infer<typeof Surroundings>;
/** What became of a step in one of the shards that ran it. */
export const ShardStep = z.strictObject({
  shard: z.int().positive(),
  outcome: Outcome,
  reason: z.string().optional(),
  startedAt: z.string().optional(),
  /** Milliseconds from the shard's own start, monotonic. */
  offsetMs: z.number(),
  durationMs: z.number(),
});
export type ShardStep = z.infer<typeof ShardStep>;
/**
 * A picture of the evidence, and what it was in an earlier run: for people to look at, nothing is judged by it. All paths are
 * files of the same step's evidence.
 */
export const ShownPicture = z.strictObject({
  path: z.string(),
  /** A smaller copy, where the picture is too large to be put into a page. */
  small: z.string().optional(),
  before: z
    .strictObject({
      /** `milestone/run` */
      run: z.string(),
      /** A copy of the earlier picture; none where it is the same file. */
      path: z.string().optional(),
      small: z.string().optional(),
      /** Pixels that differ, and in all; none where the sizes of the pictures do. */
      differing: z.int().optional(),
      total: z.int().optional(),
      /** The picture with what differs in red. */
      difference: z.string().optional(),
    })
    .optional(),
});
export type ShownPicture = z.infer<typeof ShownPicture>;

export const StepRecord = z.strictObject({
  id: z.string(),
  item: z.string(),
  title: z.string(),
  uses: z.string(),
  needs: z.array(z.string()),
  tags: z.array(z.string()),
  where: Where,
  locked: z.boolean(),
  strict: z.boolean(),
  /** The parameters that the step ran with, variables put in. */
  with: z.unknown(),
  outcome: Outcome,
  /** Why it was skipped, timed out, is waiting for a person. */
  reason: z.string().optional(),
  startedAt: z.string().optional(),
  /** Milliseconds from the run's start, monotonic. */
  offsetMs: z.number(),
  durationMs: z.number(),
  attempts: z.array(Attempt),
  proofs: z.array(z.string()),
  findings: z.array(Finding),
  facts: z.record(z.string(), FactValue),
  /** Units of the facts that have one. */
  units: z.record(z.string(), z.string()).optional(),
  tables: z.array(Table),
  /** Source around the places of the findings, for reports. */
  frames: z.array(Frame).optional(),
  reduced: z.string().optional(),
  standsIn: StandsIn.optional(),
  weak: z.string().optional(),
  /** What was redacted would have been judged otherwise: nothing is concluded. */
  hiddenByRedaction: z.literal(true).optional(),
  confirmation: Confirmation.optional(),
  /** The observation that the outcome was judged from, below the run's folder; none where gathering it failed. */
  observed: z.string().optional(),
  evidence: z.array(EvidenceFile),
  /** Pictures that are shown with a smaller copy or beside an earlier run's. */
  pictures: z.array(ShownPicture).optional(),
  /** Where the outcome was taken over from an earlier run by --resume. */
  reusedFrom: ReusedFrom.optional(),
  /** Of a step that passed. */
  basis: Basis.optional(),
  /** In a merged run: the shard whose outcome and observation these are, and what became of the step in each that ran it. */
  shard: z.int().positive().optional(),
  inShards: z.array(ShardStep).optional(),
});
export type StepRecord = z.infer<typeof StepRecord>;

/** What git ignores and the run may have read: no part of the tree's digest. */
export const Ignored = z.strictObject({
  /** Files that the checklist, its scripts and its Compose files name or mount, as they were at the start. */
  files: z.array(
    z.strictObject({
      path: z.string(),
      sha256: z.string(),
      /** It is an input: the gate holds it against the file at hand. Not so what builds write, and what changed while the run went on. */
      held: z.boolean(),
    }),
  ),
  /** Ignored files and folders that were there at the start, as git names them; nothing of them is digested. */
  present: z.array(z.string()),
});
export type Ignored = z.infer<typeof Ignored>;

/** The state of the tree under verification. */
export const TreeState = z.strictObject({
  /** Absolute path when the run was made; for people only. */
  path: z.string(),
  repository: z.string().optional(),
  commit: z.string().optional(),
  branch: z.string().optional(),
  /** Tags that point to the commit. */
  tags: z.array(z.string()).optional(),
  /** Where the target is a folder of a larger repository: its path there. */
  prefix: z.string(),
  /** sha256 over path, mode and sha256 of every file, declared outputs left out. */
  digest: z.string(),
  /** Paths that are left out: the checklist's `outputs`, and the file of --write-to. */
  outputs: z.array(z.string()),
  /** The folder of the runs, where it lies in the target: runs in it are left out, nothing else of it. */
  reports: z.string().optional(),
  files: z.int(),
  dirty: z.array(z.strictObject({ path: z.string(), why: z.string() })),
  /** Files that changed between the start and the end of the run. */
  changed: z.array(z.string()),
  /** Tracked file whose content changed → the steps and started programs that ran at that moment. */
  changedBy: z.record(z.string(), z.array(z.string())).optional(),
  /** Files of no commit that were made and removed again while the run went on, of a kind that the tree has. */
  cameAndWent: z.array(z.string()).optional(),
  ignored: Ignored.optional(),
  /** Why git could not say what was committed, and whether the checklist declares that there is no git (`tree: none`). */
  unversioned: z.strictObject({ why: z.string(), declared: z.boolean() }).optional(),
});
export type TreeState = z.infer<typeof TreeState>;

const Host = z.strictObject({
  os: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cpus: z.int(),
  memoryMiB: z.int(),
  node: z.string(),
  /** Of os, arch, cpu, cpus and memory: benchmarks are bound to it. */
  fingerprint: z.string(),
});

/** One of the runs that a merged run was put together from; its folder is kept as `shards/<index>/`. */
export const MergedShard = z.strictObject({
  index: z.int().positive(),
  runId: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  durationMs: z.number(),
  driver: z.string(),
  command: z.array(z.string()),
  host: Host,
  tools: z.record(z.string(), z.string()),
  /** sha256 of its record.json. */
  record: z.string(),
});
export type MergedShard = z.infer<typeof MergedShard>;

/** What has changed against the run that was approved last: for people to read, nothing is judged by it. */
export const Since = z.strictObject({
  /** `milestone/run` */
  run: z.string(),
  startedAt: z.string(),
  commit: z.string().optional(),
  tags: z.array(z.string()).optional(),
  verdict: Verdict,
  outcomes: z.array(z.strictObject({ step: z.string(), before: Outcome.optional(), after: Outcome.optional() })),
  /** Findings that weigh more than a note. */
  appeared: z.int(),
  gone: z.int(),
  /** Of the numbers that a report begins with. */
  numbers: z.array(z.strictObject({ label: z.string(), before: z.string(), after: z.string() })),
});
export type Since = z.infer<typeof Since>;

export const RunRecord = z.strictObject({
  schema: z.literal(recordSchema),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  run: z.strictObject({
    id: z.string(),
    milestone: z.string(),
    title: z.string(),
    source: z.string().optional(),
    startedAt: z.string(),
    endedAt: z.string(),
    durationMs: z.number(),
    driver: z.string(),
    /** Variables of the checklist that were set by --var. */
    vars: z.record(z.string(), z.string()),
    /** What the checklist itself has for these variables. */
    declared: z.record(z.string(), z.string()).optional(),
    /** Where in the target FINAL_STATUS.md was written to as well. */
    writeTo: z.string().optional(),
    /** The options that left steps out, as typed; empty for a whole run. */
    narrowedBy: z.array(z.string()),
    /** Where this run is one of several by --shard: which, and the steps that fall to it. */
    shard: z.strictObject({ index: z.int().positive(), of: z.int().positive(), steps: z.array(z.string()) }).optional(),
    interrupted: z.string().optional(),
    /** An error of the tool itself; the exit code is then 70. */
    bug: z.string().optional(),
    /** How to make the same run again. */
    command: z.array(z.string()),
  }),
  tree: TreeState,
  host: Host,
  tools: z.record(z.string(), z.string()),
  surroundings: Surroundings.optional(),
  checklist: z.strictObject({
    path: z.string(),
    sha256: z.string(),
    /** The files that it leans on: compose files, scripts, rules. Path → sha256. */
    inputs: z.record(z.string(), z.string()),
  }),
  signoff: SignoffPolicy,
  waivers: z.array(Waiver),
  items: z.array(Item.pick({ id: true, title: true, impact: true, ref: true }).extend({ steps: z.array(z.string()) })),
  steps: z.array(StepRecord),
  fidelity: Fidelity,
  verdict: Verdict,
  since: Since.optional(),
  /** Every file of the run's folder but the record and what is rendered from it. */
  manifest: z.array(EvidenceFile),
  /** Where `verify merge` put it together: how many shards there are, and those that were there. */
  merged: z.strictObject({ of: z.int().positive(), shards: z.array(MergedShard) }).optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;
