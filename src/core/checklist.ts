import './zod-settings.ts';
import { z } from 'zod';
import { AnyDuration, Duration, TimeLimit } from './duration.ts';
import { Fidelity, Impact } from './outcome.ts';

const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
    error:
      'an id is 1 to 64 lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit',
  })
  .describe('lower-case letters, digits, dots, dashes, underscores; unique in the checklist');

const Text = z.string().trim().min(1);

export const Retry = z
  .strictObject({
    attempts: z.int().min(2).max(100).describe('how often the step is tried at most'),
    delay: Duration.default('1s').describe('pause between two attempts'),
  })
  .describe('try again while the step does not pass; every attempt is in the report');

export type Retry = z.infer<typeof Retry>;

/** What runs in a step's place where its stack lacks the service that it needs. Its pass is of reduced fidelity. */
export const StandIn = z
  .strictObject({
    unless: Id.describe('the service that the step itself needs: where this run’s stack has it, the step runs'),
    uses: Text.describe('the step type that runs where the stack does not have it'),
    with: z.unknown().optional(),
  })
  .describe('what runs in its place on a machine whose stack has no such service, with reduced fidelity');

export const Step = z.strictObject({
  id: Id,
  title: Text.optional(),
  uses: Text.describe('the step type; `verify steps` lists them'),
  needs: z.array(Id).default([]).describe('ids of steps that must have passed before'),
  timeout: TimeLimit.optional().describe("time limit; the step type's own default otherwise"),
  retry: Retry.optional(),
  tags: z.array(Id).default([]),
  locks: z.array(Id).default([]).describe('two steps with a lock in common never run at once'),
  locked: z.boolean().default(false).describe('no waiver may accept a failure of this step'),
  secrets: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .describe('names of environment variables whose values are redacted everywhere'),
  strict: z.boolean().default(false).describe('warnings of this step count as errors'),
  reuse: z
    .boolean()
    .default(true)
    .describe('may --resume take a pass of this step over; false where it asks something that verify cannot see'),
  with: z.unknown().optional(),
  standIn: StandIn.optional(),
});
export type Step = z.infer<typeof Step>;

export const Item = z.strictObject({
  id: Id,
  title: Text,
  impact: Impact.default('major'),
  ref: Text.optional().describe('the sentence of a document that this item makes true: FILE#heading'),
  steps: z.array(Step).describe('at least one; an item without steps proves nothing'),
});
export type Item = z.infer<typeof Item>;

/** A calendar day, UTC. */
export const Day = z.iso.date({ error: 'not a date: write YYYY-MM-DD' });

export const Waiver = z.strictObject({
  step: Id,
  finding: Text.optional().describe('code of the finding that is accepted; without it any finding of the step'),
  subject: Text.optional().describe('only where the finding is about this'),
  owner: Text,
  reason: Text,
  approver: Text,
  expires: Day.describe('last day on which the waiver holds (UTC)'),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
    .optional()
    .describe('the waiver holds for this commit only'),
});
export type Waiver = z.infer<typeof Waiver>;

export const SignoffPolicy = z.strictObject({
  roles: z
    .record(Id, z.int().min(1).max(20))
    .default({ 'release-manager': 1 })
    .describe('how many approvals each role must give'),
  members: z
    .record(Id, z.array(Text).min(1))
    .default({})
    .describe(
      'role → principals of the allowed signers who may sign in it; a role that is not named is open to all of them',
    ),
  maxAge: AnyDuration.default('14d').describe('a run older than this cannot be gated on'),
  fidelity: z
    .union([Fidelity, z.array(Id).min(1)])
    .default('full')
    .describe(
      'the least fidelity that may be signed: `full`, `reduced`, or the items that must be full while others may be reduced',
    ),
  separationOfDuty: z.boolean().default(true).describe('an author or committer of the verified commit may not sign'),
  allowedSigners: z
    .string()
    .default('.verify/allowed_signers')
    .describe('ssh-keygen allowed signers file, relative to the repository'),
  revoked: z.string().optional().describe('ssh-keygen revocation file (KRL or keys), relative to the repository'),
  resume: z
    .boolean()
    .default(true)
    .describe('may a run be signed whose steps were in part taken over from an earlier run by --resume'),
  attestation: z
    .enum(['unsigned', 'signed'])
    .default('unsigned')
    .describe(
      'must the machine’s statement be signed (--attest-key), by a key that the allowed signers have in the namespace run@verify-milestone.dev',
    ),
  reports: Text.default('reports').describe(
    'the folder of the repository where runs may be kept, and are no part of the verified tree; a run that was kept elsewhere in it cannot be gated on',
  ),
  vars: z
    .enum(['addresses', 'declared', 'any'])
    .default('addresses')
    .describe(
      'which variables may --var have set to another value: `addresses` only such as say where something is (scheme://…), `declared` none, `any` all',
    ),
  ignored: z
    .enum(['listed', 'none'])
    .default('listed')
    .describe(
      'what git ignores: `listed` digests what the run reads of it; `none` takes a run only where nothing of it was there, as in a fresh clone or worktree',
    ),
  waivers: AnyDuration.default('366d').describe(
    'how long after the run a waiver may end at most; a run that rests on one that ends later cannot be approved',
  ),
});
export type SignoffPolicy = z.infer<typeof SignoffPolicy>;

const Argv = z.array(z.string().min(1)).min(1);

/** A program of the process driver: the embedded default where there is no container engine. */
export const ProcessService = z
  .strictObject({
    build: Argv.optional().describe('run to its end before any service is started'),
    program: z
      .literal('grafana')
      .optional()
      .describe(
        'the program is looked for on this machine, and `argv` is what follows it: `grafana server`, or `grafana-server` up to 9.x, on PATH, below GRAFANA_HOME, /usr/share/grafana or Homebrew’s place. Where it is not there the service is left out, and steps with a stand-in run that',
      ),
    argv: z.array(z.string().min(1)).describe('literal argv; `${{ port.NAME }}` is a free port chosen for the run'),
    env: z.record(z.string(), z.string()).default({}),
    cwd: z.string().optional(),
    files: z
      .array(
        z.strictObject({
          from: Text.describe('file of the target'),
          to: Text.describe('name in the service’s scratch folder, `${{ dir }}`'),
          replace: z.record(z.string(), z.string()).default({}).describe('literal text → text'),
        }),
      )
      .default([])
      .describe('copies of configuration with the addresses of this run put in'),
    ready: z
      .strictObject({
        url: Text.optional().describe('it answers here'),
        status: z.int().default(200),
        contains: z.string().optional(),
        tcp: Text.optional().describe('a port of this machine that the service listens on: ${{ port.NAME }}'),
        run: Argv.optional().describe('a command that ends with 0: [pg_isready, -p, "${{ port.db }}"]'),
        within: Duration.default('30s'),
      })
      .refine((one) => [one.url, one.tcp, one.run].filter((way) => way !== undefined).length === 1, {
        error: 'say one of `url`, `tcp` and `run`',
      })
      .describe('the service is ready when this answers, listens, or ends with 0'),
    url: Text.optional().describe('base URL, published as the fact stack.<name>.url'),
    standsFor: Text.optional().describe('the Compose service that this process stands for'),
    after: z.array(z.string()).default([]).describe('services that must be ready before'),
  })
  .refine((one) => one.program !== undefined || one.argv.length > 0, {
    error: 'name the program: `argv` is empty',
    path: ['argv'],
  });
export type ProcessService = z.infer<typeof ProcessService>;

export const StackSpec = z.strictObject({
  compose: z
    .strictObject({
      files: z.array(Text).min(1),
      profiles: z.array(Text).default([]),
      envFile: Text.optional(),
      env: z.record(z.string(), z.string()).default({}),
      services: z.array(Text).default([]).describe('only these; default all of the profiles'),
      isolate: z
        .boolean()
        .default(true)
        .describe('own names, ports and subnets, so that a running stack is never touched'),
      build: z
        .enum(['always', 'missing', 'never'])
        .default('always')
        .describe(
          'services with `build:` are built from this tree by every run; `missing`: only where no image is there',
        ),
      within: Duration.default('2m').describe('how long the services may take to get ready once they were started'),
      ready: z
        .record(
          z.string(),
          z.strictObject({
            path: Text,
            port: z.int().optional(),
            status: z.int().default(200),
            contains: z.string().optional(),
          }),
        )
        .default({})
        .describe(
          'service → HTTP readiness probe on its published port; Prometheus, Alertmanager, Grafana and Loki have one without it',
        ),
    })
    .optional(),
  processes: z.record(Id, ProcessService).optional(),
  passwords: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .optional()
    .describe(
      'environment variables that get a random value for the run where they are not set: passwords of services that the run itself starts. Never for `external` ones',
    ),
  external: z.record(Id, z.strictObject({ url: Text, ready: Text.optional() })).optional(),
});
export type StackSpec = z.infer<typeof StackSpec>;

export const Checklist = z.strictObject({
  version: z.literal(1),
  milestone: Text.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
    error: 'a milestone is named like milestone-16 or v2.0',
  }),
  title: Text,
  source: Text.optional().describe('the document that this checklist makes true'),
  target: Text.optional().describe('the repository under verification, relative to the checklist; --target overrides'),
  vars: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  stack: StackSpec.optional(),
  items: z.array(Item),
  signoff: SignoffPolicy.prefault({}),
  waivers: z.array(Waiver).default([]),
  tree: z
    .enum(['git', 'none'])
    .default('git')
    .describe(
      'where the files of the target come from: a commit of `git`, else the run is inconclusive; `none`: there is no git, and the run can never be signed',
    ),
  outputs: z
    .array(Text)
    .default([])
    .describe(
      'paths of the target that the run writes: what lies there and is in no commit is left out of the tree’s digest',
    ),
});
export type Checklist = z.infer<typeof Checklist>;
