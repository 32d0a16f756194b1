import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, start, verify } from '../rig/cli.ts';
import { begun, escaping, left } from '../rig/kills.ts';
import { tempDir } from '../rig/run-step.ts';
import { until } from '../rig/until.ts';

interface Record {
  verdict: string;
  run: { interrupted?: string };
  steps: {
    id: string;
    outcome: string;
    reason?: string;
    durationMs: number;
    attempts: { outcome: string }[];
    findings: { code: string; level: string }[];
    evidence: { path: string }[];
  }[];
}
const record = (cwd: string): Record =>
  JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')) as Record;

const checklist = (steps: string): string => `version: 1
tree: none
milestone: m1
title: What does not end
items:
  - id: all
    title: All
    steps:
${steps}`;

/** Backtracks for longer than anybody waits: 2^40 ways. */
const endless = `^(a+)+$`;
const matching = (id: string, timeout: string): string => `      - id: ${id}
        uses: command
        timeout: ${timeout}
        with: { run: [printf, "${'a'.repeat(40)}b"], expect: { stdout: { matches: ["${endless}"] } } }
`;

describe('what never yields is ended all the same', () => {
  it('by the time of its step; the step after it runs, and the record is whole', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(`${matching('endless', '2s')}      - id: after
        uses: command
        with: { run: ['true'], expect: { exit: 0 } }
`),
    });
    const { code, stderr } = await verify(['m1', '--jobs', '1'], { cwd });
    expect(stderr).not.toContain('debugger');
    expect(code).toBe(12);
    const [first, second] = record(cwd).steps;
    expect(first).toMatchObject({ outcome: 'timed-out', findings: [{ code: 'timed-out', level: 'inconclusive' }] });
    expect(second).toMatchObject({ outcome: 'passed' });
  });

  it('a signal ends the run, though it takes the cut to hear it', async () => {
    const cwd = tempDir({ 'checklists/m1.yaml': checklist(matching('endless', '3s')) });
    const { child, ended } = start(['m1'], { cwd });
    await begun(cwd, 'endless');
    await new Promise((done) => setTimeout(done, 1000));
    child.kill('SIGTERM');
    expect((await ended).signal).toBe('SIGTERM');
    expect(record(cwd)).toMatchObject({ verdict: 'INCONCLUSIVE', run: { interrupted: 'SIGTERM' } });
  });
});

describe('the pause between two attempts', () => {
  it('is ended by a signal: nothing starts again, and what was found stays found', async () => {
    const log = join(tempDir({ 'ran.log': '' }), 'ran.log');
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(`      - id: again
        uses: command
        retry: { attempts: 3, delay: 20m }
        with: { shell: "echo hi >> ${log}; false" }
`),
    });
    const { child, ended } = start(['m1', '--ui', 'plain'], { cwd });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (said += part.toString()));
    // The pause is longer than a test may take.
    await until('the pause', () => said.includes('attempt 1 ended as failed; again in 20m'));
    child.kill('SIGTERM');
    expect((await ended).signal).toBe('SIGTERM');
    expect(readFileSync(log, 'utf8')).toBe('hi\n');
    const { verdict, steps } = record(cwd);
    expect(verdict).toBe('FAILED');
    expect(steps[0]).toMatchObject({ outcome: 'failed', attempts: [{ outcome: 'failed' }] });
    expect(steps[0]?.findings.map(({ code }) => code)).toContain('exit-code');
  });
});

describe('a server that never says what was promised', () => {
  let server: Server;
  beforeAll(async () => {
    let n = 0;
    server = createServer((_, response) => response.end(`xxx ${n++}`));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => server.close());

  it('has failed before the time of the step is up, and the first and the last answer are kept', async () => {
    const { port } = server.address() as AddressInfo;
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(`      - id: get
        uses: http/get
        timeout: 15s
        with: { url: "http://127.0.0.1:${port}/", contains: [ok], within: 60s }
`),
    });
    const { code } = await verify(['m1'], { cwd });
    expect(record(cwd).steps[0]).toMatchObject({ outcome: 'failed', findings: [{ code: 'body', level: 'error' }] });
    expect(code).toBe(10);
    const kept = readdirSync(join(cwd, 'reports/m1/latest/evidence/get')).filter((name) => name.startsWith('body'));
    expect(kept.toSorted()).toEqual(['body', 'body-last']);
  });
});

describe('the launcher, under a Node that is too old', () => {
  const launch = (
    args: string[],
    cwd: string,
  ): { child: ChildProcess; ended: Promise<[number | null, string | null]> } => {
    const launcher = pathToFileURL(join(root, 'bin/other-node.js')).href;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', `(await import('${launcher}')).start(${JSON.stringify(args)})`],
      { cwd, env: { ...process.env, VERIFY_NODE: process.execPath }, stdio: 'ignore' },
    );
    return {
      child,
      ended: new Promise((done) => child.once('close', (code, signal) => done([code, signal]))),
    };
  };

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('hands %s on, and ends as the run ends', async (signal) => {
    const cwd = tempDir({ 'checklists/m1.yaml': escaping });
    const { child, ended } = launch(['m1'], cwd);
    await begun(cwd, 'b');
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(record(cwd).run.interrupted).toBe(signal);
    expect(left(cwd)).toEqual([]);
  });

  it('is killed: the run notices it, and leaves nothing', async () => {
    const cwd = tempDir({ 'checklists/m1.yaml': escaping });
    const { child, ended } = launch(['m1'], cwd);
    await begun(cwd, 'b');
    child.kill('SIGKILL');
    await ended;
    await until('the run has ended', () => existsSync(join(cwd, 'reports/m1/latest/record.json')));
    await until('nothing is left', () => left(cwd).length === 0);
    expect(record(cwd).run.interrupted).toBe('SIGTERM');
  });

  it('gives the exit code of what it started', async () => {
    expect(await launch(['lint', 'no-such-checklist'], tempDir()).ended).toEqual([66, null]);
  });
});
