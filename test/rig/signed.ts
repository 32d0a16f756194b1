import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { loadChecklist } from '../../src/checklist/load.ts';
import { gateTools, gather } from '../../src/commands/gate-facts.ts';
import { mergeRuns } from '../../src/commands/merge.ts';
import { renderings } from '../../src/runs/render.ts';
import { runChecklist } from '../../src/engine/run.ts';
import { version } from '../../src/commands/shared.ts';
import { RunRecord } from '../../src/core/record.ts';
import type { Shard } from '../../src/core/shard.ts';
import { canonicalJson, sha256 } from '../../src/evidence/digest.ts';
import { inMemory, readBundle, type Bundle, type BundleFile } from '../../src/signoff/bundle.ts';
import { shown } from '../../src/signoff/decisions.ts';
import { readDsseKey, seal } from '../../src/signoff/dsse.ts';
import type { RepositoryFacts } from '../../src/signoff/freshness.ts';
import { examine, judgeGate, type PolicyFiles } from '../../src/signoff/gate.ts';
import { codeOf, Reasons, type Reason } from '../../src/signoff/reason.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { fingerprintOf } from '../../src/signoff/sshsig.ts';
import { attestation, signOffText, type SignOffPredicate } from '../../src/signoff/statement.ts';
import { tempDir } from './run-step.ts';

/** A day that a waiver may end on. */
export const inHalfAYear = new Date(Date.now() + 180 * 86_400_000).toISOString().slice(0, 10);

const field = (data: Buffer | string): Buffer => {
  const bytes = Buffer.from(data as Buffer);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** An SSH key that signs as ssh-keygen does; test/signoff/sshsig.test.ts shows that ssh-keygen agrees. */
export class TestKey {
  readonly #key: KeyObject;
  readonly blob: Buffer;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    const { x = '' } = publicKey.export({ format: 'jwk' });
    this.blob = Buffer.concat([field('ssh-ed25519'), field(Buffer.from(x, 'base64url'))]);
  }

  get publicKey(): string {
    return `ssh-ed25519 ${this.blob.toString('base64')}`;
  }

  get fingerprint(): string {
    return fingerprintOf(this.blob);
  }

  sign(text: string, inNamespace: string = namespace): string {
    const digest = createHash('sha512').update(text).digest();
    const head = [field(inNamespace), field(''), field('sha512')];
    const signed = Buffer.concat([Buffer.from('SSHSIG'), ...head, field(digest)]);
    const signature = Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, this.#key))]);
    const one = Buffer.from([0, 0, 0, 1]);
    const whole = Buffer.concat([Buffer.from('SSHSIG'), one, field(this.blob), ...head, field(signature)]);
    const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
    return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
  }
}

export const keys = {
  alice: new TestKey(),
  bob: new TestKey(),
  carol: new TestKey(),
  mallory: new TestKey(),
};

export const signerLine = (principal: string, key: TestKey, options = `namespaces="${namespace}"`): string =>
  `${principal}${options === '' ? '' : ` ${options}`} ${key.publicKey}`;

export const dsse = (() => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return readDsseKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
})();

/** One sign-off that is to be made. */
export interface Vote extends Partial<SignOffPredicate> {
  by: TestKey;
  namespace?: string;
  sealed?: boolean;
}

const votes: Vote[] = [
  { by: keys.alice, principal: 'alice@example.org', role: 'release-manager' },
  { by: keys.bob, principal: 'bob@example.org', role: 'qa', sealed: true },
];

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Dev', '-c', 'user.email=dev@example.org', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  });
export { git };

export const checklistText = `version: 1
milestone: m1
title: First milestone
target: ..
vars: { word: Runbook }
items:
  - id: checked
    title: Checked
    impact: critical
    steps:
      - id: check
        uses: command
        locked: true
        with: { run: [bash, scripts/check.sh], expect: { stdout: { contains: ["\${{ vars.word }}"] } } }
      - { id: docs, uses: files/exist, needs: [check], with: { files: [docs/runbook.md] } }
  - id: known
    title: Known
    steps:
      - { id: later, uses: files/exist, with: { files: [docs/later.md, docs/runbook.md] } }
      - { id: seen, uses: manual/confirm, with: { question: Good?, about: [docs/runbook.md], validFor: 7d } }
signoff: { roles: { release-manager: 1, qa: 1 } }
waivers:
  - { step: later, finding: missing, owner: Ann, reason: comes later, approver: Ben, expires: "${inHalfAYear}" }
`;

/** A repository with a remote and one commit. */
export function committed(files: Record<string, string>): string {
  const folder = tempDir(files);
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'one');
  git(folder, 'remote', 'add', 'origin', 'https://example.org/team/repo.git');
  return folder;
}

/** A small repository with a checklist. */
export function repository(files: Record<string, string> = {}): string {
  return committed({
    'checklists/m1.yaml': checklistText,
    'scripts/check.sh': 'echo checked; cat docs/runbook.md\n',
    'docs/runbook.md': '# Runbook\n',
    '.gitignore': 'reports/\n',
    '.verify/allowed_signers': `${signerLine('alice@example.org', keys.alice)}\n${signerLine('bob@example.org', keys.bob)}\n${signerLine('carol@example.org', keys.carol)}\n`,
    ...files,
  });
}

/** A passed run of a small repository, signed by two people; everything in memory, so that it can be spoilt in a thousand ways. */
export class Base {
  readonly folder: string;
  readonly target: string;
  readonly record: RunRecord;
  readonly facts: RepositoryFacts;
  readonly files: PolicyFiles;
  readonly now: number;
  readonly #evidence: [string, BundleFile][];
  readonly bundle: Map<string, BundleFile>;

  private constructor(
    target: string,
    folder: string,
    record: RunRecord,
    gathered: { facts: RepositoryFacts; files: PolicyFiles },
  ) {
    this.target = target;
    this.folder = folder;
    this.record = record;
    this.facts = gathered.facts;
    this.files = gathered.files;
    this.now = Date.parse(record.run.endedAt) + 1000;
    this.#evidence = [...readBundle(folder)].flatMap(([path, file]) =>
      /^(?:shards|evidence)\//.test(path) || path === 'checklist.yaml'
        ? [[path, inMemory(file.read())] as [string, BundleFile]]
        : [],
    );
    this.bundle = this.signed();
  }

  /**
   * @param changes files of the repository that are to be other than usual
   * @param shards run it in so many, and merge those of them that are named
   */
  static async make(
    changes: Record<string, string> = {},
    shards?: { of: number; merged?: readonly number[] },
  ): Promise<Base> {
    const target = repository(changes);
    if (shards === undefined) return Base.#of(target, await Base.#run(target));
    const folders: string[] = [];
    for (let index = 1; index <= shards.of; index++) folders.push(await Base.#run(target, { index, of: shards.of }));
    const named = shards.merged ?? folders.map((_, n) => n + 1);
    const { folder } = await mergeRuns(
      folders.filter((_, n) => named.includes(n + 1)),
      { reports: join(target, 'reports') },
    );
    return Base.#of(target, folder);
  }

  /** The run of one shard alone. */
  static async shard(changes: Record<string, string>, shard: Shard): Promise<Base> {
    const target = repository(changes);
    return Base.#of(target, await Base.#run(target, shard));
  }

  static async #of(target: string, folder: string): Promise<Base> {
    const record = RunRecord.parse(JSON.parse(readBundle(folder).get('record.json')?.read().toString('utf8') ?? ''));
    const subject = { target, checklist: await loadChecklist(join(target, 'checklists/m1.yaml')) };
    return new Base(target, folder, record, await gather(subject, record));
  }

  static async #run(target: string, shard?: Shard): Promise<string> {
    const loaded = await loadChecklist(join(target, 'checklists/m1.yaml'));
    const options = {
      target,
      reports: join(target, 'reports'),
      jobs: 2,
      failFast: false,
      only: [],
      skip: [],
      tags: [],
      shard,
      driver: 'auto' as const,
      keep: false,
      writeTo: 'FINAL_STATUS.md',
      command: ['verify', 'm1'],
      version,
      ask: async () => ({ answer: 'yes' as const, by: 'Cy', at: new Date().toISOString(), comment: 'looks right' }),
      signal: new AbortController().signal,
    };
    const { folder } = await runChecklist(loaded, options, {
      on() {},
      async close() {},
      prompt: (_step, prompt, config) => prompt(config),
    });
    return folder;
  }

  /** The folder of a run whose record was changed by `change`, signed anew by everybody as if that were the truth. */
  signed(change: (record: RunRecord) => void = () => {}, by: readonly Vote[] = votes): Map<string, BundleFile> {
    const record = structuredClone(this.record);
    change(record);
    return this.signedOver(record, this.#evidence, by);
  }

  /** A folder of this record and evidence, signed by everybody. */
  signedOver(
    record: RunRecord,
    evidence: Iterable<[string, BundleFile]>,
    by: readonly Vote[] = votes,
  ): Map<string, BundleFile> {
    const text = canonicalJson(record, 1);
    const digest = sha256(text);
    const statement = attestation(record, digest);
    const made = new Map<string, BundleFile>(evidence);
    const put = (path: string, data: string): void => void made.set(path, inMemory(Buffer.from(data)));
    put('record.json', text);
    put('attestation.json', statement);
    const said: SignOffPredicate[] = [];
    let previous: string | undefined;
    for (const [n, vote] of by.entries()) {
      const { by: key, namespace: inNamespace, sealed, ...rest } = vote;
      const predicate: SignOffPredicate = {
        decision: 'approve',
        role: 'qa',
        principal: 'alice@example.org',
        key: key.fingerprint,
        comment: 'seen',
        at: new Date(Date.parse(record.run.endedAt) + 500).toISOString(),
        number: n + 1,
        ...(previous !== undefined && { previous }),
        milestone: record.run.milestone,
        runId: record.run.id,
        verdict: record.verdict,
        ...(sealed === true && { dsse: { publicKey: dsse.publicKey, keyid: dsse.keyid } }),
        ...rest,
      };
      said.push(predicate);
      const signOff = signOffText(record, { record: digest, attestation: sha256(statement) }, predicate);
      const file = `signoffs/${predicate.number}-${predicate.role}.json`;
      put(file, signOff);
      put(`${file}.sig`, key.sign(signOff, inNamespace));
      if (sealed === true) {
        const envelopes = seal(Buffer.from(signOff), dsse);
        put(`${file}.dsse`, envelopes.dsse);
        put(`${file}.sigstore`, envelopes.bundle);
      }
      previous = sha256(signOff);
    }
    const decisions = said.map((predicate) => shown({ said: predicate }));
    for (const [name, rendered] of renderings(record, digest, decisions, (path) => made.get(path)?.read()))
      put(name, rendered);
    return made;
  }
}

/** What a gate is asked about; whatever is not given is as the healthy base has it. */
export interface Asked {
  bundle?: Bundle;
  facts?: Partial<RepositoryFacts>;
  files?: Partial<PolicyFiles>;
  policy?: Partial<PolicyFiles['policy']>;
  now?: number;
  milestone?: string;
  version?: string;
}

const parsed = new Map<string, ReturnType<typeof gateTools.parse>>();

/** The gate in this process, over a folder in memory. */
export async function gate(base: Base, asked: Asked): Promise<{ code: number; reasons: Reason[]; notices: string[] }> {
  const reasons = new Reasons();
  const bundle = asked.bundle ?? base.bundle;
  const tools = {
    ...gateTools,
    version: asked.version ?? version,
    parse: (text: string, vars: Record<string, string>) => {
      const key = JSON.stringify([text, vars]);
      const known = parsed.get(key) ?? gateTools.parse(text, vars);
      parsed.set(key, known);
      return known;
    },
  };
  const run = await examine(bundle, tools, reasons);
  let notices: string[] = [];
  if (run) {
    const files = { ...base.files, ...asked.files, policy: { ...base.files.policy, ...asked.policy } };
    const facts = { ...base.facts, written: undefined, ...asked.facts };
    ({ notices } = judgeGate(
      { run, bundle, milestone: asked.milestone ?? 'm1', facts, files, tools, now: asked.now ?? base.now },
      reasons,
    ));
  }
  return { code: codeOf(reasons.all), reasons: reasons.all, notices };
}
