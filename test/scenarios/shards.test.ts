import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunRecord } from '../../src/core/record.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { verify, type Ended } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { git, repository } from '../rig/signed.ts';

/** Three items that lean on one `stack`, one whose document counts what another's step measures, and one alone. */
const checklist = `version: 1
tree: none
milestone: m1
title: First milestone
target: ..
items:
  - id: base
    title: The base
    steps:
      - { id: stack, uses: command, with: { run: [bash, scripts/stack.sh], expect: { stdout: { contains: [up] } } } }
  - id: one
    title: One
    steps:
      - { id: a, uses: command, needs: [stack], with: { run: [bash, scripts/a.sh], expect: { stdout: { contains: [a] } } } }
  - id: two
    title: Two
    steps:
      - { id: b, uses: command, needs: [stack], with: { run: [echo, b], expect: { stdout: { contains: [b] } } } }
      - { id: files, uses: files/exist, with: { files: [docs/runbook.md] } }
  - id: three
    title: Three
    steps:
      - { id: c, uses: command, timeout: 9m, with: { run: [echo, c], expect: { stdout: { contains: [c] } } } }
      - { id: said, uses: docs/claims, needs: [files], with: { documents: [docs/runbook.md], claims: [{ claim: "{n} file", fact: files.count }] } }
signoff: { roles: { release-manager: 1 } }
`;
const env = { GIT_CONFIG_GLOBAL: '/dev/null', SSH_AUTH_SOCK: '' };
const repo = (files: Record<string, string> = {}): string =>
  repository({
    'checklists/m1.yaml': checklist,
    'scripts/stack.sh': 'echo up\n',
    'scripts/a.sh': 'echo a\n',
    'docs/runbook.md': '# Runbook\n\nIt is 1 file.\n',
    '.gitignore': 'reports/\nout/\n',
    ...files,
  });
const all = (ended: Ended): string => ended.stdout + ended.stderr;

/** Runs shards as a matrix does: each with a checkout and reports of its own. @returns folders with what each has uploaded */
async function shards(
  cwd: string,
  of: number,
  indexes: readonly number[],
  machine: Record<string, string> = {},
  ...args: string[]
): Promise<string[]> {
  const folders: string[] = [];
  for (const index of indexes) {
    const checkout = tempDir();
    cpSync(cwd, checkout, { recursive: true });
    const ended = await verify(['m1', '--shard', `${index}/${of}`, '--ui', 'plain', ...args], {
      cwd: checkout,
      env: { ...env, ...machine },
    });
    expect([10, 11, 12], all(ended)).toContain(ended.code);
    expect(ended.stdout).toContain(`shard ${index}/${of}: `);
    folders.push(join(checkout, 'reports'));
  }
  return folders;
}
const merge = (cwd: string, ...args: string[]): Promise<Ended> => verify(['merge', ...args], { cwd, env });
const recordOf = (cwd: string): RunRecord =>
  RunRecord.parse(JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')));
const seen = (record: RunRecord): unknown =>
  record.steps.map(({ id, outcome, proofs, findings, facts }) => ({ id, outcome, proofs, findings, facts }));

describe('a run on three machines', () => {
  let cwd: string;
  let three: string[];
  beforeAll(async () => {
    cwd = repo();
    three = await shards(cwd, 3, [1, 2, 3]);
  });

  it('gives, merged, the outcomes, proofs, facts and verdict of the whole run', async () => {
    const ended = await merge(cwd, ...three);
    expect(ended.code, all(ended)).toBe(0);
    expect(ended.stdout).toMatch(/3 of 3 shards[^]*PASSED/);
    const merged = recordOf(cwd);
    const elsewhere = repo();
    expect((await verify(['m1', '--ui', 'plain'], { cwd: elsewhere, env })).code).toBe(0);
    const whole = recordOf(elsewhere);
    expect(seen(merged)).toEqual(seen(whole));
    expect([merged.verdict, merged.fidelity, merged.items]).toEqual([whole.verdict, whole.fidelity, whole.items]);
    expect(merged.steps.find((step) => step.id === 'stack')?.inShards?.length).toBeGreaterThan(1);
    expect(existsSync(join(cwd, 'reports/index.html'))).toBe(true);
  });

  it('is the same run however often and in whatever order it is merged, and leaves what was signed alone', async () => {
    const folder = realpathSync(join(cwd, 'reports/m1/latest'));
    const before = readFileSync(join(folder, 'record.json'), 'utf8');
    const ended = await merge(cwd, ...three.toReversed());
    expect(ended.code, all(ended)).toBe(0);
    expect(realpathSync(join(cwd, 'reports/m1/latest'))).toBe(folder);
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe(before);
    appendFileSync(join(folder, 'record.json'), ' ');
    expect(await merge(cwd, ...three)).toMatchObject({
      code: 73,
      stderr: expect.stringContaining('is there already') as string,
    });
    rmSync(folder, { recursive: true });
    expect((await merge(cwd, ...three)).code).toBe(0);
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe(before);
    // The folder of a merge that was broken off is made anew.
    for (const name of ['record.json', 'attestation.json', 'FINAL_STATUS.html']) rmSync(join(folder, name));
    expect((await merge(cwd, ...three)).code).toBe(0);
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe(before);
  });

  it('can be merged again of the shards that it keeps', async () => {
    const folder = realpathSync(join(cwd, 'reports/m1/latest'));
    const { run } = recordOf(cwd);
    const ended = await verify([...run.command.slice(1), '--reports', join(cwd, 'out')], { cwd: folder, env });
    expect(ended.code, all(ended)).toBe(0);
    expect(readFileSync(join(cwd, 'out/m1/latest/record.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'record.json'), 'utf8'),
    );
  });

  it('is found in what a CI provider downloads: nested folders, links become copies, other runs beside them', async () => {
    const downloaded = tempDir();
    for (const [n, folder] of three.entries())
      cpSync(folder, join(downloaded, `verify-shard-${n + 1}`), { recursive: true, dereference: true });
    const other = repo();
    await verify(['m1', '--ui', 'plain'], { cwd: other, env });
    cpSync(join(other, 'reports'), join(downloaded, 'before'), { recursive: true });
    const ended = await merge(cwd, downloaded, '--reports', join(cwd, 'out/downloaded'));
    expect(ended.code, all(ended)).toBe(0);
    expect(ended.stderr).toMatch(/passed over, since they are not shards: .*before/);
  });

  it('11 where a shard is missing, naming it and what it would have run', async () => {
    const ended = await merge(cwd, three[0] ?? '', three[2] ?? '', '--reports', 'out/two');
    expect(ended.code, all(ended)).toBe(11);
    expect(ended.stdout).toMatch(/2 of 3 shards[^]*shard 2\/3, which is missing/);
    expect(ended.stdout).toMatch(/↷ \w+: falls to shard 2\/3, which is missing/);
  });

  it('65 where the shards are not of one run, 66 where there is none, 21 where one was altered; nothing is written', async () => {
    const [one = '', two = '', last = ''] = three;
    const later = repo({ 'docs/more.md': 'more\n' });
    const [foreign = ''] = await shards(later, 3, [2]);
    const [again = ''] = await shards(cwd, 3, [2]);
    const [half = ''] = await shards(cwd, 2, [2]);
    const [narrowed = ''] = await shards(cwd, 3, [2], {}, '--skip', 'c');
    const altered = tempDir();
    cpSync(two, altered, { recursive: true });
    const folder = join(altered, 'm1', readdirSync(join(altered, 'm1')).find((name) => /^\d/.test(name)) ?? '');
    const evidence = readdirSync(join(folder, 'evidence'))[0] ?? '';
    appendFileSync(join(folder, 'evidence', evidence, 'observed.json'), ' ');
    const whole = repo();
    await verify(['m1', '--ui', 'plain'], { cwd: whole, env });
    const cases: [code: number, says: RegExp, folders: string[]][] = [
      [65, /of another commit \("[0-9a-f]{40}"\) than "[0-9a-f]{40}"/, [one, foreign, last]],
      [65, /shard 2\/3 is there twice, as \S+ and \S+/, [one, two, again, last]],
      [65, /another number of shards \(2\) than 3/, [one, half]],
      [65, /another selection of steps \(\["--skip c"\]\) than \[\]/, [one, narrowed, last]],
      [65, /is not a shard/, [one, two, last, join(whole, 'reports/m1/latest')]],
      [66, /there is no shard's run/, [join(whole, 'reports')]],
      [66, /there is no folder/, [join(whole, 'nowhere')]],
      [21, /observed\.json was altered/, [one, altered, last]],
    ];
    for (const [code, says, folders] of cases) {
      const ended = await merge(cwd, ...folders, '--reports', 'out/refused');
      expect(ended.code, all(ended)).toBe(code);
      expect(ended.stderr).toMatch(says);
      expect(existsSync(join(cwd, 'out/refused'))).toBe(false);
    }
  });
});

describe('shards that do not pass', () => {
  it('10 where a step of one fails, with its finding', async () => {
    const cwd = repo({ 'scripts/a.sh': 'exit 3\n' });
    const ended = await merge(cwd, ...(await shards(cwd, 3, [1, 2, 3])));
    expect(ended.code, all(ended)).toBe(10);
    expect(ended.stdout).toMatch(/a failed[^]*✘ .*exit/i);
  });

  it('the worst outcome counts where several ran a step, with the findings and the evidence of all', async () => {
    const cwd = repo({ 'scripts/stack.sh': 'test -z "$NO_STACK" && echo up\n' });
    const folders = [...(await shards(cwd, 3, [1, 2])), ...(await shards(cwd, 3, [3], { NO_STACK: 'yes' }))];
    const ended = await merge(cwd, ...folders);
    expect(ended.code, all(ended)).toBe(10);
    const record = recordOf(cwd);
    const stack = record.steps.find((step) => step.id === 'stack');
    expect(stack).toMatchObject({ outcome: 'failed', shard: 3, observed: 'shards/3/evidence/stack/observed.json' });
    expect(stack?.inShards?.map((one) => one.outcome)).toEqual(['passed', 'failed']);
    expect(stack?.evidence.map((file) => file.path)).toContain('shards/2/evidence/stack/observed.json');
    const needs = record.steps.filter((step) => step.needs.includes('stack') && step.shard === 3);
    expect(needs.map((step) => step.outcome)).toEqual(['skipped']);
    const page = readFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.html'), 'utf8');
    expect(page).toMatch(/In 2 shards: passed in shard 2, failed in shard 3; the worst counts/);
    expect(page).toMatch(/Evidence of shard 2[^]*Evidence of shard 3|Evidence of shard 3[^]*Evidence of shard 2/);
    expect(page).toContain('href="shards/2/evidence/stack/observed.json"');
    expect(readFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toContain(
      '[stack](shards/3/evidence/stack/) [stack 2](shards/2/evidence/stack/)',
    );
  });

  it('a shard to which nothing falls is no pass, and fits in', async () => {
    const cwd = repo();
    const five = await shards(cwd, 5, [1, 2, 3, 4, 5]);
    const empty = RunRecord.parse(JSON.parse(readFileSync(join(five[4] ?? '', 'm1/latest/record.json'), 'utf8')));
    expect([empty.verdict, empty.run.shard?.steps, empty.steps.filter((step) => step.outcome !== 'skipped')]).toEqual([
      'INCOMPLETE',
      [],
      [],
    ]);
    expect((await merge(cwd, ...five.slice(0, 4), '--reports', 'out/four')).code).toBe(11);
    const ended = await merge(cwd, ...five);
    expect(ended.code, all(ended)).toBe(0);
    expect(ended.stdout).toMatch(/5\/5 {2}\S+ {2}nothing falls to it/);
  });

  it('a selection of steps is cut into shards, and the merged run stays narrowed', async () => {
    const cwd = repo();
    const ended = await merge(cwd, ...(await shards(cwd, 2, [1, 2], {}, '--skip', 'c')));
    expect(ended.code, all(ended)).toBe(11);
    expect(recordOf(cwd).run.narrowedBy).toEqual(['--skip c']);
  });
});

const [title, skip] = needing('shards, merge, sign-off, gate', 'ssh-keygen');

describe.skipIf(skip)(title, () => {
  it('the merged run is signed and gated on; a shard alone is not', async () => {
    const key = join(tempDir(), 'alice');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice', '-f', key]);
    const publicKey = readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    const cwd = repo({ '.verify/allowed_signers': `alice@example.org namespaces="${namespace}" ${publicKey}\n` });
    const sign = (...args: string[]): Promise<Ended> =>
      verify(
        [
          'sign-off',
          'm1',
          '--role',
          'release-manager',
          '--key',
          key,
          '--approve',
          '--comment',
          'seen',
          '--yes',
          ...args,
        ],
        { cwd, env },
      );
    const gate = (...args: string[]): Promise<Ended> => verify(['gate', 'm1', ...args], { cwd, env });

    const folders = await shards(cwd, 2, [1, 2], {}, '--write-to', 'FINAL_STATUS.md');
    const alone = await sign('--reports', folders[0] ?? '');
    expect(alone).toMatchObject({ code: 11, stderr: expect.stringContaining('narrowed by --shard 1/2') as string });
    const shut = await gate('--reports', folders[0] ?? '');
    expect(shut).toMatchObject({ code: 20, stdout: expect.stringContaining('narrowed by --shard 1/2') as string });
    expect(existsSync(join(folders[0] ?? '', '..', 'FINAL_STATUS.md'))).toBe(false);

    const merged = await merge(cwd, ...folders, '--target', '.');
    expect(merged.code, all(merged)).toBe(0);
    expect(readFileSync(join(cwd, 'FINAL_STATUS.md'), 'utf8')).toMatch(/PASSED[^]*Shards \| 2 of 2, merged/);
    const signed = await sign();
    expect(signed.code, all(signed)).toBe(0);
    const open = await gate('--before', 'm2');
    expect(open.code, all(open)).toBe(0);
    expect(open.stdout).toContain('GATE OPEN');
    // The report is committed: it is no part of the tree that was verified.
    git(cwd, 'add', '-f', 'reports/m1', 'FINAL_STATUS.md');
    git(cwd, 'commit', '-qm', 'the report');
    const committed = await gate();
    expect(committed.code, all(committed)).toBe(0);
    // To merge once more takes no sign-off away.
    expect((await merge(cwd, ...folders)).code).toBe(0);
    expect((await gate()).code).toBe(0);
    appendFileSync(join(cwd, 'reports/m1/latest/shards/2/record.json'), ' ');
    const after = await gate();
    expect(after).toMatchObject({
      code: 21,
      stdout: expect.stringContaining('shards/2/record.json was altered') as string,
    });
  });
});

describe('--shard', () => {
  it('64 for a shard that there is not, before anything is run', async () => {
    const cwd = repo();
    for (const command of [['m1'], ['plan', 'm1']]) {
      const ended = await verify([...command, '--shard', '4/3'], { cwd, env });
      expect(ended.code, all(ended)).toBe(64);
      expect(ended.stderr).toContain('--shard 2/3');
    }
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });

  it('plan shows what falls to it, and what to the others', async () => {
    const cwd = repo();
    const ended = await verify(['plan', 'm1', '--shard', '3/3'], { cwd, env });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(
      / {2}shard 1\/3 {2}three .*\n {2}shard 2\/3 {2}two .*\n→ shard 3\/3 {2}base, one \(2 steps/,
    );
    expect(ended.stdout).toContain('scripts/a.sh');
    expect(ended.stdout).not.toContain('echo c');
    const json = await verify(['plan', 'm1', '--shard', '3/3', '--json'], { cwd, env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      shard: { index: 3, of: 3, items: ['base', 'one'] },
      steps: [{ id: 'stack' }, { id: 'a' }],
    });
  });
});
