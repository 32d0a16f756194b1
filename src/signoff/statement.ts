import { z } from 'zod';
import { Waiver } from '../core/checklist.ts';
import { shardFolder } from '../core/merge.ts';
import { Confirmation } from '../core/judgement.ts';
import { Fidelity, Impact, Outcome, Verdict } from '../core/outcome.ts';
import { ReusedFrom, type RunRecord } from '../core/record.ts';
import { Decision } from '../core/sign-off.ts';
import { itemOutcome } from '../core/words.ts';
import { canonicalJson, sha256 } from '../evidence/digest.ts';

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = 'https://in-toto.io/Statement/v1';
export const runPredicateType = 'https://verify-milestone.dev/run/v1';
export const signOffPredicateType = 'https://verify-milestone.dev/sign-off/v1';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md */
export const Subject = z.strictObject({
  name: z.string().min(1).describe('`commit`, `tree`, `record.json`, and in a sign-off `attestation.json`'),
  digest: z.strictObject({
    gitCommit: z
      .string()
      .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
      .optional(),
    sha256: Sha256.optional(),
  }),
});
export type Subject = z.infer<typeof Subject>;

/** What the machine says of a run. */
export const RunPredicate = z.strictObject({
  milestone: z.string(),
  runId: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  verdict: Verdict,
  fidelity: Fidelity,
  narrowedBy: z.array(z.string()).describe('options that left steps out; empty for a whole run'),
  vars: z.record(z.string(), z.string()).describe('variables of the checklist that were set by hand'),
  checklist: z.strictObject({
    path: z.string(),
    sha256: Sha256.describe('of its bytes'),
    digest: Sha256.describe('of its bytes and of every file that it leans on'),
    inputs: z.record(z.string(), Sha256),
  }),
  tree: z.strictObject({
    repository: z.string().optional(),
    prefix: z.string(),
    clean: z.boolean(),
    changedDuringRun: z.array(z.string()),
    outputs: z.array(z.string()).describe('paths that the digest of the tree leaves out'),
  }),
  items: z.array(z.strictObject({ id: z.string(), title: z.string(), impact: Impact, outcome: Outcome })),
  steps: z.array(
    z.strictObject({ id: z.string(), uses: z.string(), outcome: Outcome, reusedFrom: ReusedFrom.optional() }),
  ),
  waivers: z.array(Waiver),
  waivedFindings: z.int(),
  confirmations: z.array(Confirmation.extend({ step: z.string() })),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  tools: z.record(z.string(), z.string()),
  host: z
    .strictObject({ os: z.string(), arch: z.string(), node: z.string(), fingerprint: z.string() })
    .describe('in a merged run the one of its first shard'),
  resolvedDependencies: z
    .array(Subject)
    .optional()
    .describe('what a merged run was put together from: the records of its shards'),
});
export type RunPredicate = z.infer<typeof RunPredicate>;

/** What a person says of a run. */
export const SignOffPredicate = z.strictObject({
  decision: Decision,
  role: z.string(),
  principal: z.string().describe("the signer's name in the allowed signers file"),
  key: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
  comment: z.string(),
  at: z.iso.datetime(),
  expires: z.iso.date().optional().describe('last day on which the decision counts, UTC'),
  number: z.int().min(1).describe('1 for the first sign-off of the run'),
  previous: Sha256.optional().describe('of the sign-off before this one'),
  milestone: z.string(),
  runId: z.string(),
  verdict: Verdict.describe('what was signed'),
  rendered: z
    .strictObject({ version: z.string(), files: z.record(z.string(), Sha256) })
    .optional()
    .describe('the reports as they are with this sign-off: by which verify, and their sha256'),
  dsse: z
    .strictObject({ publicKey: z.string(), keyid: z.string() })
    .optional()
    .describe('PEM of the ed25519 key that signs the same bytes as a DSSE envelope'),
});
export type SignOffPredicate = z.infer<typeof SignOffPredicate>;

const statement = <T extends string, P extends z.ZodType>(type: T, predicate: P) =>
  z.strictObject({
    _type: z.literal(statementType),
    subject: z.array(Subject).min(1),
    predicateType: z.literal(type),
    predicate,
  });

export const RunStatement = statement(runPredicateType, RunPredicate);
export type RunStatement = z.infer<typeof RunStatement>;
export const SignOffStatement = statement(signOffPredicateType, SignOffPredicate);
export type SignOffStatement = z.infer<typeof SignOffStatement>;

/** Commit, tree and record: the commit is missing where the target is no git repository. */
function subjectsOf(record: RunRecord, recordSha256: string): Subject[] {
  const { commit, digest } = record.tree;
  return [
    ...(commit === undefined ? [] : [{ name: 'commit', digest: { gitCommit: commit } }]),
    { name: 'tree', digest: { sha256: digest } },
    { name: 'record.json', digest: { sha256: recordSha256 } },
  ];
}

/** sha256 over the checklist and all that it leans on. */
export function transitiveDigest(checklist: RunRecord['checklist']): string {
  return sha256(canonicalJson({ sha256: checklist.sha256, inputs: checklist.inputs }));
}

/** The machine's statement of a run: the text of attestation.json. The same record always gives the same bytes. */
export function attestation(record: RunRecord, recordSha256: string): string {
  const { run, tree, host, checklist } = record;
  const made: RunStatement = {
    _type: statementType,
    subject: subjectsOf(record, recordSha256),
    predicateType: runPredicateType,
    predicate: {
      milestone: run.milestone,
      runId: run.id,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      verdict: record.verdict,
      fidelity: record.fidelity,
      narrowedBy: run.narrowedBy,
      vars: run.vars,
      checklist: { ...checklist, digest: transitiveDigest(checklist) },
      tree: {
        ...(tree.repository !== undefined && { repository: tree.repository }),
        prefix: tree.prefix,
        clean: tree.dirty.length === 0 && tree.unversioned === undefined,
        changedDuringRun: tree.changed,
        outputs: [...tree.outputs, ...(tree.reports === undefined ? [] : [tree.reports])],
      },
      items: record.items.map((item) => ({
        id: item.id,
        title: item.title,
        impact: item.impact,
        outcome: itemOutcome(record, item),
      })),
      steps: record.steps.map(({ id, uses, outcome, reusedFrom }) => ({
        id,
        uses,
        outcome,
        ...(reusedFrom !== undefined && { reusedFrom }),
      })),
      waivers: record.waivers,
      waivedFindings: record.steps.flatMap((step) => step.findings).filter((f) => f.waived !== undefined).length,
      confirmations: record.steps.flatMap(({ id, confirmation }) =>
        confirmation === undefined ? [] : [{ step: id, ...confirmation }],
      ),
      tool: record.tool,
      tools: record.tools,
      host: { os: host.os, arch: host.arch, node: host.node, fingerprint: host.fingerprint },
      ...(record.merged && {
        resolvedDependencies: record.merged.shards.map(({ index, record: digest }) => ({
          name: `${shardFolder(index)}record.json`,
          digest: { sha256: digest },
        })),
      }),
    },
  };
  return canonicalJson(made, 1);
}

/** A person's statement, ready to be signed. Its subjects are the run's and the attestation. */
export function signOffText(
  record: RunRecord,
  digests: { record: string; attestation: string },
  predicate: SignOffPredicate,
): string {
  const made: SignOffStatement = {
    _type: statementType,
    subject: [
      ...subjectsOf(record, digests.record),
      { name: 'attestation.json', digest: { sha256: digests.attestation } },
    ],
    predicateType: signOffPredicateType,
    predicate,
  };
  return canonicalJson(made, 1);
}
