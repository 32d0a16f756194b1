import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { accepted } from '../../src/core/waive.ts';
import { sarif } from '../../src/reporters/sarif.ts';
import { junit } from '../../src/reporters/junit.ts';
import { ctrf } from '../../src/reporters/ctrf.ts';
import type { RunRecord } from '../../src/core/record.ts';
import { verify, type Ended } from '../rig/cli.ts';
import { inHalfAYear } from '../rig/signed.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const checklist = `version: 1
tree: none
milestone: rel
title: Waiver
target: ..
items:
  - id: db
    title: Migrations
    steps:
      - { id: migrations, uses: command, with: { shell: "echo boom; exit 1", expect: { stdout: { contains: [ok] } } } }
      - { id: fine, uses: command, with: { run: [echo, fine], expect: { stdout: { contains: [fine] } } } }
waivers:
  - { step: migrations, reason: "Known: slow index", owner: dba@example.org, approver: lead@example.org, expires: ${inHalfAYear} }
`;
const names = [/Known: slow index/, /dba@example\.org/, /lead@example\.org/, new RegExp(inHalfAYear)];

describe('a failure that a waiver accepts', () => {
  let ended: Ended;
  let folder = '';
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  beforeAll(async () => {
    const target = tempDir({ 'checklists/rel.yaml': checklist, '.gitignore': 'reports/\n' });
    for (const args of [
      ['init', '-q'],
      ['add', '-A'],
      ['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'x'],
    ])
      execFileSync('git', args, { cwd: target });
    ended = await verify(['rel', '--ui', 'plain', '--no-ask'], { cwd: target });
    const reports = join(target, 'reports', 'rel');
    folder = join(reports, readdirSync(reports).find((name) => name.startsWith('2')) ?? '');
  });

  it('passes, and the last line and those above it say how', () => {
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(
      /PASSED with 1 waiver {2}Every required step ran; 1 of them failed, and that was accepted\./,
    );
    for (const name of names) expect(ended.stdout).toMatch(name);
  });
  it.each(['FINAL_STATUS.md', 'FINAL_STATUS.html'])(
    '%s has it in its headline, with what, by whom, until when',
    (file) => {
      const text = read(file).replaceAll(/[\u200b\\]/g, '');
      expect(text).toContain('PASSED with 1 waiver');
      expect(text).not.toContain('Every required step ran and passed.');
      expect(text).not.toMatch(/nothing that was checked is wrong|^None\.$/m);
      for (const name of [...names, /exit-code: the script exited with 1/]) expect(text).toMatch(name);
    },
  );
  it('JUnit, CTRF and SARIF never have it as a plain pass, and name it', () => {
    const record = JSON.parse(read('record.json')) as RunRecord;
    const xml = junit(record);
    const test = JSON.parse(ctrf(record)) as {
      results: { tests: { name: string; status: string; message: string }[] };
    };
    const found = JSON.parse(sarif(record)) as {
      runs: { results: { suppressions?: { justification: string }[] }[] }[];
    };
    expect(xml).toMatch(/tests="2" failures="0" errors="0" skipped="1"/);
    expect(xml).toMatch(/name="migrations"[^>]*><skipped message="waived: Known: slow index/);
    expect(test.results.tests.find((one) => one.name === 'migrations')).toMatchObject({ status: 'other' });
    const said = [
      xml,
      test.results.tests.find((one) => one.name === 'migrations')?.message ?? '',
      found.runs[0]?.results[0]?.suppressions?.[0]?.justification ?? '',
    ];
    for (const text of said) for (const name of names) expect(text).toMatch(name);
  });
});

it('many findings that one waiver accepts are told together, and counted as one waiver', () => {
  const finding = (n: number) => ({
    code: 'lint',
    level: 'error' as const,
    message: `m${n}`,
    where: { file: 'a.py', line: n },
    waived: 'why',
  });
  const steps = [{ id: 's', strict: false, findings: [1, 2, 3, 4, 5].map(finding) }];
  expect(accepted(steps)).toEqual([
    { step: 's', what: 'lint: m1 (a.py:1); lint: m2 (a.py:2); lint: m3 (a.py:3); and 2 more', why: 'why' },
  ]);
});

describe('a waiver without a finding code', () => {
  const waivers = [{ step: 'step', reason: 'r', owner: 'o', approver: 'a', expires: inHalfAYear }];
  it('accepts a defect', async () =>
    expect(await runStep({ uses: 'command', with: { shell: 'exit 1' }, waivers })).toMatchObject({
      outcome: 'waived',
    }));
  it.each([
    ['a program that is not there', { run: ['gone-for-good'] }],
    ['a shell’s program that is not there', { shell: 'gone-for-good x' }],
    ['a time limit', { shell: 'sleep 20' }],
  ])('never covers what could not be run: %s', async (_, rest) => {
    const step = await runStep({ uses: 'command', with: rest, waivers, timeout: '1s' });
    expect(['error', 'timed-out']).toContain(step.outcome);
    expect(codes(step).length).toBeGreaterThan(0);
  });
  it('with its code it does', async () => {
    const named = waivers.map((one) => ({ ...one, finding: 'not-started' }));
    expect(await runStep({ uses: 'command', with: { run: ['gone-for-good'] }, waivers: named })).toMatchObject({
      outcome: 'waived',
    });
  });
});
