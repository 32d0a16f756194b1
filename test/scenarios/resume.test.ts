import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project } from '../rig/resume.ts';

const steps = `      - { id: docs, uses: files/exist, with: { files: [docs/r.md] } }
      - { id: tool, uses: command, with: { run: [mytool, check], expect: { stdout: { contains: [tool] } } } }
      - { id: build, uses: command, with: { shell: "mkdir -p out; cp docs/r.md out/r; echo built", produces: [out/r] } }
      - { id: wait, uses: command, needs: [docs], with: { shell: "GO; echo done", expect: { stdout: { contains: [done] } } } }
      - { id: last, uses: command, needs: [wait], with: { run: [echo, last], expect: { stdout: { contains: [last] } } } }
      - { id: use, uses: command, needs: [build, wait], with: { run: [cat, out/r], expect: { stdout: { contains: ["# R"] } } } }
`;
/** What ends before the run is killed. */
const first3 = ['docs', 'tool', 'build'];
/** The verdict and what each step has come to, without times. */
const result = (project: Project) => ({
  verdict: project.record().verdict,
  steps: project.record().steps.map(({ id, outcome, proofs, findings, facts }) => ({
    id,
    outcome,
    proofs,
    findings,
    facts,
  })),
});
/** A project whose run was killed while `wait` ran, when all but what needs that had ended. */
async function halfway(more = steps): Promise<{ project: Project; killed: string }> {
  const project = new Project(more);
  const killed = await project.killedAt('wait', first3);
  project.go();
  return { project, killed };
}

describe('a run that was killed half-way, and is resumed', () => {
  it('gives the verdict and the outcomes of a whole run', async () => {
    const { project, killed } = await halfway();
    const folder = join(project.cwd, 'reports/m1', killed);
    const left = readdirSync(folder, { recursive: true }).toSorted();
    expect(existsSync(join(folder, 'record.json'))).toBe(false);
    const resumed = await project.run('--resume');
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
    const seen = result(project);
    expect(project.reused()).toContain('docs');
    expect(project.reused()).toContain('tool');
    expect(resumed.stdout).toMatch(new RegExp(`resumes ${killed}: 3 of 6 steps are reused`));
    expect(resumed.stdout).toMatch(/↺ docs passed, reused from the run of \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(resumed.stdout).toMatch(/wait runs again: it had not ended when the run died/);
    expect(existsSync(join(project.cwd, 'reports/m1/latest/journal.jsonl'))).toBe(false);
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(left);
    const from = project.record().steps.find((step) => step.id === 'docs')?.reusedFrom;
    expect(from?.run).toBe(killed);
    // Where the same bytes are there already, the step says so.
    rmSync(join(project.cwd, 'repo/out'), { recursive: true, force: true });
    expect((await project.run()).code).toBe(0);
    expect(project.reused()).toEqual([]);
    expect(result(project)).toEqual(seen);
  });

  it('keeps run and time of the first through several resumes, each of them killed', async () => {
    const project = new Project(steps);
    const first = await project.killedAt('wait', first3);
    const second = await project.killedAt('wait', first3, '--resume');
    expect(second).not.toBe(first);
    project.go();
    expect((await project.run('--resume')).stdout).toContain(`resumes ${second}`);
    const docs = project.record().steps.find((step) => step.id === 'docs');
    expect(docs?.reusedFrom?.run).toBe(first);
    expect(project.record().verdict).toBe('PASSED');
    expect(readFileSync(join(project.cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toMatch(
      new RegExp(`## Taken over from earlier runs[\\s\\S]*${first}[\\s\\S]*docs`),
    );
  });

  it.each([
    [
      'an input is another',
      (p: Project) => p.edit('repo/docs/r.md', (text) => `${text}more\n`),
      [],
      /the files of the tree are not those of then/,
    ],
    [
      'a file was edited and put back',
      (p: Project) => {
        const t = readFileSync(join(p.cwd, 'repo/docs/r.md'), 'utf8');
        p.write('repo/docs/r.md', 'x');
        p.write('repo/docs/r.md', t);
      },
      [],
      /files of the tree were written since/,
    ],
    ['the commit moved', (p: Project) => p.commit(), [], /the commit was [0-9a-f]{12}, and is [0-9a-f]{12}/],
    [
      'the remote is another',
      (p: Project) =>
        p.write(
          'repo/.git/config',
          `${readFileSync(join(p.cwd, 'repo/.git/config'), 'utf8')}[remote "origin"]\n\turl = https://example.org/a.git\n`,
        ),
      [],
      /the repository was none, and is https/,
    ],
    [
      'a step asks for something else',
      (p: Project) => p.edit('checklists/m1.yaml', (t) => t.replace('[mytool, check]', '[mytool, twice]')),
      ['docs', 'build'],
      /tool runs again: the checklist asks for something else than then/,
    ],
    [
      'a tool is another',
      (p: Project) => {
        p.write('bin/mytool', '#!/bin/sh\necho tool 2\n');
        p.executable('bin/mytool');
      },
      ['docs', 'build'],
      /tool runs again: the program mytool has changed since then/,
    ],
    [
      'a tool is found elsewhere',
      (p: Project) => {
        p.write('earlier/mytool', '#!/bin/sh\necho tool 3\n');
        p.executable('earlier/mytool');
        p.env['PATH'] = `${join(p.cwd, 'earlier')}:${p.env['PATH']}`;
      },
      ['docs'],
      /tool runs again: a variable of the environment has another value/,
    ],
    [
      'a variable is set',
      (p: Project) => {
        p.env['RIG_STRICT'] = 'yes';
      },
      ['docs'],
      /tool runs again: RIG_STRICT was not set in the environment then/,
    ],
    [
      'an ignored file of configuration is there',
      (p: Project) => p.write('repo/.env', 'A=1\n'),
      ['docs'],
      /tool runs again: \.env was not set/,
    ],
  ] as const)('runs again where %s', async (_, change, kept, says) => {
    const { project } = await halfway();
    change(project);
    const { stdout, stderr } = await project.run('--resume');
    expect(stdout + stderr).toMatch(says);
    expect(project.reused()).toEqual(kept);
    expect(project.outcomes()['docs']).toBe('passed');
  });

  it.each([
    [
      'its evidence',
      'evidence/docs/observed.json',
      /docs runs again: its evidence evidence\/docs\/observed\.json was altered since/,
    ],
    ['its line in the journal', 'journal.jsonl', /docs runs again: its line in the journal was altered/],
  ])('runs a step again where %s was edited', async (_, path, says) => {
    const { project, killed } = await halfway();
    const file = join(project.cwd, 'reports/m1', killed, path);
    // Of the journal the line of this step; steps that run at once may end in any order.
    const edited = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => (/"id":"(?!docs")/.test(line) ? line : line.replaceAll('docs/r.md', 'docs/q.md')));
    writeFileSync(file, edited.join('\n'));
    const { stdout, code } = await project.run('--resume');
    expect(stdout).toMatch(says);
    expect(code).toBe(0);
    expect(project.reused()).not.toContain('docs');
    expect(project.reused()).toContain('tool');
  });

  it.each([
    ['not where nothing was written since', () => {}, ['make', 'next'], undefined],
    [
      'where what they left is another, though nothing names it',
      (p: Project) => p.write('repo/out/x-1', 'stale\n'),
      [],
      /make runs again: wait runs again, and may use what this step left behind/,
    ],
    [
      'where what they left is gone',
      (p: Project) => rmSync(join(p.cwd, 'repo/out'), { recursive: true }),
      [],
      /make runs again: wait runs again, and may use/,
    ],
  ] as const)('makes again what the steps before left behind: %s', async (_, change, kept, says) => {
    const project = new Project(
      `      - { id: make, uses: command, with: { shell: "n=x-1; d=out; mkdir -p $d; echo 1 > $d/$n; echo made" } }
      - { id: next, uses: command, needs: [make], with: { shell: "echo next" } }
      - { id: wait, uses: command, needs: [next], with: { shell: "GO; d=out; cat $d/*", expect: { stdout: { contains: ["1"] } } } }
`,
    );
    await project.killedAt('wait', ['make', 'next']);
    project.go();
    change(project);
    const { stdout, code } = await project.run('--resume');
    expect(code, stdout).toBe(0);
    if (says) expect(stdout).toMatch(says);
    expect(project.reused()).toEqual(kept);
  });

  it('makes again what a step that failed may have spoilt', async () => {
    const project = new Project(
      `      - { id: make, uses: command, with: { shell: "d=out; mkdir -p $d; echo 1 > $d/x; echo made" } }
      - { id: use, uses: command, needs: [make], with: { shell: "d=out; sed -i s/1/2/ $d/x; grep 2 $d/x; test -e ../go" } }
`,
    );
    expect((await project.run()).code).toBe(10);
    project.go();
    const { stdout, code } = await project.run('--resume');
    expect(code, stdout).toBe(0);
    expect(project.reused()).toEqual([]);
  });
});
