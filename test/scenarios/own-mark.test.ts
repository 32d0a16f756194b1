import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const [title, skip] = needing('what a run leaves out of the tree, and writes over', 'ssh-keygen');

describe.skipIf(skip)(title, () => {
  it.each<[string, (m: Milestone) => void, string[]]>([
    [
      'a product page where the index would be',
      (m) => writeIn(m.cwd, 'web/index.html', '<h1>product</h1>'),
      ['--reports', 'web'],
    ],
    ['a product page in the usual place', (m) => writeIn(m.cwd, 'reports/index.html', '<h1>product</h1>'), []],
    [
      'a product page that only begins like the index',
      (m) =>
        writeIn(m.cwd, 'reports/index.html', '<!doctype html><html lang="en"><head><title>Milestones and runs</title>'),
      [],
    ],
    [
      'a link where the index would be',
      (m) => (mkdirSync(join(m.cwd, 'reports')), symlinkSync('../check.sh', join(m.cwd, 'reports/index.html'))),
      [],
    ],
    ['a file that is called latest', (m) => writeIn(m.cwd, 'reports/m1/latest', 'the newest of the product'), []],
    ['a folder that is called latest', (m) => writeIn(m.cwd, 'reports/m1/latest/a', 'x'), []],
    [
      'a link called latest to something else',
      (m) => (
        mkdirSync(join(m.cwd, 'reports/m1'), { recursive: true }),
        symlinkSync('../../check.sh', join(m.cwd, 'reports/m1/latest'))
      ),
      [],
    ],
  ])('73 before the first step: %s', async (_, put, args) => {
    const m = new Milestone({ 'check.sh': 'touch ran; echo good\n', '.gitignore': 'ran\n' });
    put(m);
    m.committed();
    const ended = await m.run(...args);
    expect(ended.code, said(ended)).toBe(73);
    expect(ended.stderr).toContain('verify did not make it');
    expect(existsSync(join(m.cwd, 'ran'))).toBe(false);
    expect(git(m.cwd, 'status', '--porcelain')).toBe('');
  });

  it('the report is committed whole, with index and latest, and checked out elsewhere; the gate is open there', async () => {
    const m = new Milestone({ '.gitignore': 'build/\n*.log\n!/reports/*/*Z-*/**\n' }).committed();
    expect((await m.run()).code).toBe(0);
    const signed = await m.sign();
    expect(signed.code, said(signed)).toBe(0);
    m.commit();
    expect(git(m.cwd, 'status', '--porcelain')).toBe('');
    const open = await m.gate();
    expect(open.code, said(open)).toBe(0);
    const clone = join(tempDir(), 'clone');
    git(m.cwd, 'clone', '-q', m.cwd, clone);
    git(clone, 'remote', 'set-url', 'origin', 'https://example.org/team/m.git');
    const { verify } = await import('../rig/cli.ts');
    const there = await verify(['gate', 'm1'], { cwd: clone });
    expect(there.code, said(there)).toBe(0);
    // Another run on that commit, with the first one's report in it, is of a clean tree and can be signed.
    expect((await m.run()).code).toBe(0);
    expect(m.record().tree.dirty).toEqual([]);
  });

  const after: [string, RegExp, (m: Milestone, run: string) => void][] = [
    [
      'the product in the place of the index',
      /reports\/index\.html/,
      (m) => writeIn(m.cwd, 'reports/index.html', '<script>evil</script>'),
    ],
    [
      'the index with something below its mark',
      /reports\/index\.html/,
      (m) => appendFileSync(join(m.cwd, 'reports/index.html'), '<script>evil</script>'),
    ],
    ['a file that the run does not list', /evil\.py/, (m, run) => writeIn(m.cwd, `${run}/evil.py`, 'x')],
    [
      'a folder named like a run',
      /2020-01-01T00-00-00Z-aaaaaa\/app\.js/,
      (m) => writeIn(m.cwd, 'reports/m1/2020-01-01T00-00-00Z-aaaaaa/app.js', 'x'),
    ],
    [
      'a run of another milestone that is none',
      /reports\/m2\//,
      (m) => writeIn(m.cwd, 'reports/m2/2020-01-01T00-00-00Z-aaaaaa/record.json', '{"run":{}}'),
    ],
    [
      'a latest that leads elsewhere',
      /reports\/m1\/latest/,
      (m) => (
        rmSync(join(m.cwd, 'reports/m1/latest')),
        symlinkSync('../../check.sh', join(m.cwd, 'reports/m1/latest'))
      ),
    ],
    ['a file beside the runs', /reports\/lib\.js/, (m) => writeIn(m.cwd, 'reports/lib.js', 'x')],
    [
      'a page in the place of a report',
      /FINAL_STATUS\.html/,
      (m, run) => writeIn(m.cwd, `${run}/FINAL_STATUS.html`, '<script>evil</script>'),
    ],
  ];
  it('a commit that puts something of its own beside the report shuts the gate', async () => {
    const m = new Milestone({ '.gitignore': '' }).committed();
    await m.run();
    await m.sign();
    m.commit();
    const head = git(m.cwd, 'rev-parse', 'HEAD').trim();
    const [id = ''] = readdirSync(join(m.cwd, 'reports/m1')).filter((name) => name.startsWith('2'));
    for (const [what, says, change] of after) {
      change(m, `reports/m1/${id}`);
      m.commit();
      for (const how of [[], ['--commit', 'HEAD']]) {
        const shut = await m.gate(...how);
        expect([21, 22], `${what}\n${said(shut)}`).toContain(shut.code);
        expect(shut.stdout, what).toMatch(says);
      }
      const changed = git(m.cwd, 'rev-parse', 'HEAD').trim();
      git(m.cwd, 'checkout', '-q', '--detach', head);
      const from = await m.gate('--commit', changed);
      expect([21, 22], `${what}, from outside\n${said(from)}`).toContain(from.code);
      git(m.cwd, 'checkout', '-q', 'main');
      git(m.cwd, 'reset', '-q', '--hard', head);
    }
    const open = await m.gate();
    expect(open.code, said(open)).toBe(0);
  });

  it.each([
    ['of this repository is named', 'https://example.org/team/m.git', true, 0],
    ['of this repository, at a commit that is not here, shuts the gate', 'https://example.org/team/m.git', false, 22],
    ['of another repository shuts the gate', 'https://example.org/other/m.git', false, 22],
  ])('a real run that came since %s', async (_, remote, here, code) => {
    const m = new Milestone({ '.gitignore': '' }).committed();
    await m.run();
    await m.sign();
    m.commit();
    const other = here ? m : new Milestone({ '.gitignore': '', 'payload.py': 'evil\n' }).committed();
    const before = readdirSync(join(m.cwd, 'reports/m1'));
    if (!here) git(other.cwd, 'remote', 'set-url', 'origin', remote);
    await other.run();
    const [id = ''] = readdirSync(join(other.cwd, 'reports/m1')).filter(
      (name) => name.startsWith('2') && !before.includes(name),
    );
    if (!here) cpSync(join(other.cwd, 'reports/m1', id), join(m.cwd, 'reports/m1', id), { recursive: true });
    m.commit();
    const signed = before.find((name) => name.startsWith('2')) ?? '';
    const gate = await m.gate('--run', signed);
    expect(gate.code, said(gate)).toBe(code);
    expect(said(gate)).toContain(
      code === 0 ? 'files of other runs changed after this run; they are no part of what was signed' : `${id}/`,
    );
  });

  it('runs that were kept where the policy has no reports cannot be signed', async () => {
    const m = new Milestone({ '.gitignore': 'web/\n' }).committed();
    expect((await m.run('--reports', 'web')).code).toBe(0);
    const refused = await m.sign('--reports', 'web');
    expect(refused.code, said(refused)).toBe(22);
    expect(refused.stderr).toContain('signoff.reports: reports');
    const outside = tempDir();
    expect((await m.run('--reports', outside)).code).toBe(0);
    expect((await m.sign('--reports', outside)).code).toBe(0);
    expect((await m.gate('--reports', outside)).code).toBe(0);
  });

  it('a tracked file below a declared output is part of the tree', async () => {
    const m = new Milestone({ 'dist/app.js': 'v1\n' }, 'outputs: [dist]\n').committed();
    expect((await m.run()).code).toBe(0);
    expect((await m.sign()).code).toBe(0);
    writeIn(m.cwd, 'dist/made.js', 'by the build');
    expect((await m.gate()).code).toBe(0);
    writeIn(m.cwd, 'dist/app.js', 'evil\n');
    const shut = await m.gate();
    expect(shut.code, said(shut)).toBe(22);
    expect(shut.stdout).toContain('dist/app.js (modified)');
  });
});
