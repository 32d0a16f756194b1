import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start, verify } from '../rig/cli.ts';
import { begun } from '../rig/kills.ts';
import { Project } from '../rig/resume.ts';
import { tempDir } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';
import { keys, terminal } from '../rig/terminal.ts';

const ok = (id: string, run: string, more = ''): string =>
  `      - { id: ${id}, uses: command, with: { shell: "${run}", expect: { stdout: { contains: [ok] } } }${more} }\n`;
const docs = '      - { id: docs, uses: files/exist, with: { files: [docs/r.md] } }\n';
/** Fails until `go()`: so that there is something to resume. */
const gate = '      - { id: open, uses: command, with: { shell: "test -e ../go; echo ok" } }\n';

/** Runs, and says what a resumed run would do with each step. */
async function planned(project: Project): Promise<Record<string, string>> {
  const { stdout, stderr, code } = await verify(['plan', 'm1', '--resume', '--json'], {
    cwd: project.cwd,
    env: project.env,
  });
  if (code !== 0) throw new Error(stderr);
  const { steps } = JSON.parse(stdout) as { steps: { id: string; resume: { reused: boolean; text: string } }[] };
  return Object.fromEntries(steps.map(({ id, resume }) => [id, resume.reused ? 'reused' : resume.text]));
}

describe('what is never taken over', () => {
  it('what was about a service, a secret, a time or the run; what runs elsewhere; what the checklist says', async () => {
    const service = await serve({ '/': { type: 'text/plain', body: 'ok' } });
    const project = new Project(
      docs +
        gate +
        `      - { id: http, uses: http/get, with: { url: "${service}", contains: [ok] } }\n` +
        ok('address', 'echo http://127.0.0.1:9/x ok') +
        ok('curl', 'curl --version | head -1; echo ok') +
        ok('script', 'bash smoke.sh') +
        ok('bare-script', './smoke') +
        ok('made', 'make -s check') +
        ok('secret', 'echo ok', ', secrets: [RIG_TOKEN]') +
        ok('never', 'echo ok', ', reuse: false') +
        ok('named', 'echo ${{ run.id }} ok') +
        ok('plain', 'echo ok') +
        ok('after-http', 'echo ok', ', needs: [http]'),
      {
        'smoke.sh': '. ./lib.sh\n',
        'lib.sh': 'curl --version >/dev/null || true; echo ok\n',
        smoke: '#!/bin/sh\ntrue || wget x; echo ok\n',
        Makefile: 'check:\n\t@true || curl x; echo ok\n',
      },
    );
    project.executable('repo/smoke');
    project.commit();
    expect((await project.run()).code).toBe(10);
    const outside = /may ask something outside of the tree/;
    const plan = await planned(project);
    expect(plan).toMatchObject({
      docs: 'reused',
      plain: 'reused',
      open: 'it failed',
      http: 'it asks a service, and another may answer now',
      secret: 'it uses secrets, which are kept nowhere and cannot be compared',
      never: 'the checklist says `reuse: false`',
      named: 'its parameters name the run',
      'after-http': 'it depends on http, which runs again',
    });
    for (const id of ['address', 'curl', 'script', 'bare-script', 'made']) expect(plan[id], id).toMatch(outside);
  });

  it('the stack of a run and what asked it, though all of it passed; what did not ask it is', async () => {
    const server = `require('http').createServer((q, r) => r.end('ok')).listen(process.argv[2], '127.0.0.1')`;
    const stack = `stack:\n  processes:\n    web:\n      argv: [node, server.js, "\${{ port.web }}"]\n      ready: { url: "http://127.0.0.1:\${{ port.web }}/" }\n      url: "http://127.0.0.1:\${{ port.web }}"\n`;
    const project = new Project(
      docs +
        gate +
        '      - { id: stack, uses: stack/up, with: { stableFor: 100ms } }\n' +
        '      - { id: health, uses: http/get, needs: [stack], with: { url: "${{ facts.stack.web.url }}/", contains: [ok] } }\n' +
        ok('beside', 'echo ok', ', needs: [stack]') +
        ok('fact', 'echo ${{ facts.stack.driver }} ok', ', needs: [stack]'),
      { 'server.js': server },
      stack,
    );
    const first = await project.run('--driver', 'processes');
    expect(project.outcomes(), first.stdout).toEqual({
      docs: 'passed',
      open: 'failed',
      stack: 'passed',
      health: 'passed',
      beside: 'passed',
      fact: 'passed',
    });
    const url = String(project.record().steps.find((step) => step.id === 'stack')?.facts['stack.web.url']);
    project.go();
    const { code, stdout } = await project.run('--driver', 'processes', '--resume');
    expect(code, stdout).toBe(0);
    expect(project.reused()).toEqual(['docs']);
    expect(stdout).toMatch(/stack runs again: it is about the stack of its run, which has ended with it/);
    expect(stdout).toMatch(/beside runs again: it depends on stack, which runs again/);
    const again = project.record().steps.find((step) => step.id === 'health')?.with as { url: string };
    expect(again.url).not.toBe(`${url}/`);
  });

  it('a confirmation holds while what it is about is the same, and is asked for again where it is not', async () => {
    const confirm =
      '      - { id: seen, uses: manual/confirm, with: { question: "Is it good?", about: [docs/r.md], validFor: 1h } }\n';
    const project = new Project(confirm + gate);
    const screen = terminal(['m1'], { cwd: project.cwd });
    await screen.shows('not now');
    screen.type(keys.up + keys.up + keys.enter);
    await screen.shows('Your name');
    screen.type(`Ada${keys.enter}`);
    await screen.shows('Comment');
    screen.type(`fine${keys.enter}`);
    expect(await screen.ended).toMatchObject({ code: 10 });
    project.go();
    expect((await project.run('--resume')).code).toBe(0);
    const [seen] = project.record().steps;
    expect(project.reused()).toEqual(['seen']);
    expect(seen?.confirmation?.by).toBe('Ada');
    project.edit('repo/docs/r.md', (text) => `${text}more\n`);
    project.commit();
    expect((await project.run('--resume')).code).toBe(11);
    expect(project.outcomes()['seen']).toBe('not-reviewed');
  });

  it('evidence that holds what has become a secret since', async () => {
    const project = new Project(docs + gate + ok('says', 'cat docs/r.md; echo ok'), {
      'docs/r.md': 'rig-value-4711\n',
    });
    project.env['RIG_PASSWORD'] = 'other-value-0815';
    await project.run();
    expect(await planned(project)).toMatchObject({ says: 'reused' });
    project.env['RIG_PASSWORD'] = 'rig-value-4711';
    expect((await planned(project))['says']).toMatch(/its evidence \S+ holds what is a secret now/);
    await project.run('--resume');
    const folder = join(project.cwd, 'reports/m1/latest');
    expect(readFileSync(join(folder, 'evidence/says/command.stdout'), 'utf8')).not.toContain('4711');
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).not.toContain('4711');
  });

  it('what rests on a file outside of the tree that is another, or on one that builds make', async () => {
    const project = new Project(
      docs +
        gate +
        ok('outside', 'cat ../given; echo ok') +
        ok('built', 'mkdir -p out; echo ok | tee out/x') +
        '      - { id: reads, uses: files/exist, with: { files: [out/y] } }\n' +
        '      - { id: globs, uses: files/exist, with: { files: ["out/*.y"] } }\n',
      { 'docs/r.md': 'x\n' },
    );
    project.write('given', '1\n');
    project.write('repo/out/y', '1\n');
    project.write('repo/out/a.y', '1\n');
    await project.run();
    const all = { docs: 'reused', outside: 'reused', built: 'reused', reads: 'reused' };
    // files/exist looks among the files of runs too, and those are of one run.
    const bound = { globs: 'it looks for the files of runs' };
    expect(await planned(project)).toMatchObject({ ...all, ...bound });
    project.write('given', '2\n');
    project.write('repo/out/x', 'other\n');
    project.write('repo/out/y', '2\n');
    project.write('repo/out/b.y', '1\n');
    const plan = await planned(project);
    expect(plan['docs']).toBe('reused');
    expect(plan['outside']).toMatch(/given is not as it was then/);
    expect(plan['built']).toBe('out/x is not as it was then');
    expect(plan['reads']).toBe('out/y is not as it was then');
    expect(plan).toMatchObject(bound);
  });

  it('what is older than the policy allows, and says where no run with reused steps may be signed', async () => {
    const project = new Project(docs + gate, {}, 'signoff: { resume: false, maxAge: 14d }\n');
    await project.run();
    project.go();
    const { stdout } = await project.run('--resume');
    expect(project.reused()).toEqual(['docs']);
    expect(stdout).toMatch(/`signoff\.resume` is false: a run with reused steps cannot be signed or gated on/);
    const shut = await verify(['gate', 'm1'], { cwd: project.cwd });
    expect(shut.stdout).toMatch(
      /✘ 22 steps were taken over from an earlier run \(docs\), which the policy does not allow/,
    );
    project.edit('checklists/m1.yaml', (text) => text.replace('14d', '1ms'));
    expect((await planned(project))['docs']).toMatch(/its evidence is .* old; signoff\.maxAge allows 1ms/);
  });
});

describe('what cannot be resumed', () => {
  it('is refused, with the reason and the way out', async () => {
    const project = new Project(docs + gate);
    const run = async (...args: string[]) => {
      const { code, stderr } = await project.run('--resume', ...args);
      return [code, stderr.replaceAll(project.cwd, '')];
    };
    expect(await run()).toEqual([
      66,
      expect.stringMatching(/there is no run of m1 in \/reports to resume\n {2}make one: verify m1/),
    ]);
    await project.run();
    const [id = ''] = project.runs();
    expect(await run('2020-01-01T00-00-00Z-abcdef')).toEqual([
      66,
      expect.stringMatching(/there is no such run in \/reports\/m1\n.*the last ones: /),
    ]);
    project.write(
      'checklists/m2.yaml',
      readFileSync(join(project.cwd, 'checklists/m1.yaml'), 'utf8').replace('milestone: m1', 'milestone: m2'),
    );
    const other = await verify(['m2', '--resume', id], { cwd: project.cwd, env: project.env });
    expect([other.code, other.stderr]).toEqual([
      64,
      expect.stringMatching(/that is a run of m1, not of m2\n {2}verify m1 --resume/),
    ]);
    const path = join(project.cwd, 'reports/m1', id, 'record.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"outcome": "failed"', '"outcome": "passed"'));
    expect(await run()).toEqual([
      21,
      expect.stringMatching(/the record of the run \S+ is not what its attestation speaks of/),
    ]);
    expect(project.runs()).toEqual([id]);
  });

  it('is a run of another version', async () => {
    const project = new Project(docs + '      - { id: wait, uses: command, with: { shell: "GO" } }\n');
    const killed = await project.killedAt('wait', ['docs']);
    const head = join(project.cwd, 'reports/m1', killed, 'journal.jsonl');
    const { sha256 } = await import('../../src/evidence/digest.ts');
    const [first = '', ...rest] = readFileSync(head, 'utf8').split('\n');
    const older = `${first.slice(65).replace(/"tool":\{[^}]*\}/, '"tool":{"name":"verify-milestone","version":"0.0.1"}')}\n`;
    writeFileSync(head, [`${sha256(older)} ${older.trim()}`, ...rest].join('\n'));
    const { code, stderr } = await project.run('--resume');
    expect([code, stderr]).toEqual([65, expect.stringMatching(/was made by verify 0\.0\.1, this is \d/)]);
    writeFileSync(head, [first.replace('m1', 'm2'), ...rest].join('\n'));
    expect((await project.run('--resume')).stderr).toMatch(/the journal of the run \S+ is not whole/);
    expect(existsSync(join(project.cwd, 'reports/m1', killed, 'record.json'))).toBe(false);
  });

  it('is a run that goes on, and SIGINT leaves one that can be', async () => {
    const project = new Project(docs + '      - { id: wait, uses: command, with: { shell: "GO" } }\n');
    const { child, ended } = start(['m1'], { cwd: project.cwd, env: project.env });
    await begun(project.cwd, 'wait');
    const lines = await Promise.all([
      project.run('--resume'),
      verify(['plan', 'm1', '--resume'], { cwd: project.cwd, env: project.env }),
    ]);
    for (const { code, stderr } of lines)
      expect([code, stderr]).toEqual([75, expect.stringMatching(/another run of this milestone is going on/)]);
    child.kill('SIGINT');
    await ended;
    project.go();
    const { code, stdout } = await project.run('--resume');
    expect(code, stdout).toBe(0);
    expect(project.reused()).toEqual(['docs']);
  });

  it('but one of a folder without git that holds its own reports, and again', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': `version: 1\ntree: none\nmilestone: m1\ntitle: T\nitems:\n  - id: item\n    title: Item\n    steps:\n${docs}`,
      'docs/r.md': 'x\n',
    });
    await verify(['m1'], { cwd });
    for (const _ of ['once', 'twice'])
      expect((await verify(['m1', '--resume'], { cwd })).stdout).toContain('1 of 1 steps are reused');
    expect(existsSync(join(cwd, 'reports/index.html'))).toBe(true);
  });

  it('but one that is then signed and gated on, in view of what was reused', async () => {
    const project = new Project(docs + gate);
    const key = join(project.cwd, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key, '-C', 'ann']);
    const [kind, blob] = readFileSync(`${key}.pub`, 'utf8').split(' ');
    project.write(
      'repo/.verify/allowed_signers',
      `ann@example.org namespaces="sign-off@verify-milestone.dev" ${kind} ${blob}\n`,
    );
    project.commit();
    await project.run();
    project.go();
    expect((await project.run('--resume')).code).toBe(0);
    const flags = ['--role', 'release-manager', '--key', key, '--approve', '--comment', 'seen', '--yes'];
    const signed = await verify(['sign-off', 'm1', ...flags], { cwd: project.cwd });
    expect(signed.code, signed.stderr).toBe(0);
    expect(signed.stdout).toMatch(/Taken over from earlier runs\n {2}docs, from the run of/);
    const opened = await verify(['gate', 'm1'], { cwd: project.cwd });
    expect(opened.code, opened.stdout).toBe(0);
    expect(opened.stdout).toMatch(/! 1 of 2 steps were taken over from earlier runs[^]*GATE OPEN/);
  });

  it('but a narrowed run, which becomes a whole one', async () => {
    const project = new Project(docs + gate);
    project.go();
    expect((await project.run('--only', 'docs')).code).toBe(11);
    expect((await project.run('--resume')).code).toBe(0);
    expect(project.record()).toMatchObject({ verdict: 'PASSED', run: { narrowedBy: [] } });
    expect(project.reused()).toEqual(['docs']);
  });
});
