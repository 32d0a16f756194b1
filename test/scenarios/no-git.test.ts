import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const [title, skip] = needing('without git nothing passes', 'ssh-keygen');
const asRoot = process.getuid?.() === 0;

describe.skipIf(skip)(title, () => {
  const broken: [string, RegExp, (m: Milestone) => void][] = [
    ['no repository', /it is not a git repository/, (m) => rmSync(join(m.cwd, '.git'), { recursive: true })],
    [
      'an empty .git',
      /\.git is broken/,
      (m) => (rmSync(join(m.cwd, '.git'), { recursive: true }), mkdirSync(join(m.cwd, '.git'))),
    ],
    [
      'a .git file that leads nowhere',
      /cannot read the repository|is broken/,
      (m) => (
        rmSync(join(m.cwd, '.git'), { recursive: true }),
        writeFileSync(join(m.cwd, '.git'), 'gitdir: /nowhere\n')
      ),
    ],
    ['no HEAD', /\.git is broken/, (m) => rmSync(join(m.cwd, '.git/HEAD'))],
    ['an index that is cut', /the index of git is broken/, (m) => truncateSync(join(m.cwd, '.git/index'), 40)],
    [
      'an index of other bytes',
      /the index of git is broken/,
      (m) => writeFileSync(join(m.cwd, '.git/index'), 'nonsense'),
    ],
    [
      'a configuration that cannot be read',
      /cannot read the repository/,
      (m) => writeFileSync(join(m.cwd, '.git/config'), '[core\n'),
    ],
    ['a bare repository', /cannot read the repository/, (m) => void git(m.cwd, 'config', 'core.bare', 'true')],
    [
      'a tree of another place',
      /core\.worktree|cannot read|cannot/,
      (m) => void git(m.cwd, 'config', 'core.worktree', tempDir()),
    ],
    [
      'objects that are gone',
      /cannot read its commit/,
      (m) => {
        const tree = git(m.cwd, 'rev-parse', 'HEAD^{tree}').trim();
        rmSync(join(m.cwd, '.git/objects', tree.slice(0, 2), tree.slice(2)));
      },
    ],
  ];
  it('a git that the repository brings with it is not asked', async () => {
    const m = new Milestone({ '.gitignore': 'reports/\nnode_modules/\n' }).committed();
    const bin = join(m.cwd, 'node_modules/.bin');
    writeIn(bin, 'git', '#!/bin/sh\nexit 0\n');
    chmodSync(join(bin, 'git'), 0o755);
    const env = { PATH: `.:${bin}:${process.env['PATH']}` };
    writeIn(m.cwd, 'stranger.txt', 'x');
    expect((await verify(['m1', '--ui', 'plain', '--no-ask'], { cwd: m.cwd, env })).code).toBe(0);
    expect(m.record().tree.dirty).toMatchObject([{ path: 'stranger.txt', why: 'untracked' }]);
  });

  it.each(broken)('%s: 12 with the reason, not to be signed, and the gate stays shut', async (_, says, change) => {
    const m = new Milestone().committed();
    change(m);
    const ended = await m.run();
    expect(ended.code, said(ended)).toBe(12);
    expect(said(ended)).toMatch(says);
    expect(m.record().verdict).toBe('INCONCLUSIVE');
    expect(m.read('reports/m1/latest/FINAL_STATUS.md')).toMatch(/This run cannot be signed: git could not say/);
    expect((await m.sign()).code).not.toBe(0);
    expect((await m.gate()).code).not.toBe(0);
  });

  it.each(broken)('a gate where there is now %s stays shut', async (_, __, change) => {
    const m = new Milestone().committed();
    await m.run();
    expect((await m.sign()).code).toBe(0);
    change(m);
    const shut = await m.gate();
    expect([12, 22], said(shut)).toContain(shut.code);
  });

  it('git is not installed', async () => {
    const m = new Milestone().committed();
    const bin = tempDir();
    for (const name of ['bash', 'sh']) execFileSync('ln', ['-s', `/bin/${name}`, join(bin, name)]);
    const ended = await verify(['m1', '--ui', 'plain', '--no-ask'], { cwd: m.cwd, env: { PATH: bin } });
    expect(ended.code, said(ended)).toBe(12);
    expect(said(ended)).toContain('git is not installed');
  });

  it.skipIf(!asRoot)('a repository of another user, until the user declares it safe', async () => {
    const m = new Milestone().committed();
    const home = tempDir();
    execFileSync('chown', ['-R', '12345', m.cwd]);
    const run = () => verify(['m1', '--ui', 'plain', '--no-ask'], { cwd: m.cwd, env: { HOME: home } });
    const ended = await run();
    expect(ended.code, said(ended)).toBe(12);
    expect(said(ended)).toContain(`git config --global --add safe.directory ${m.cwd}`);
    writeIn(home, '.gitconfig', `[safe]\n\tdirectory = ${m.cwd}\n`);
    expect((await run()).code).toBe(0);
  });

  it('a folder that the repository above it ignores', async () => {
    const m = new Milestone().committed({ '.gitignore': 'reports/\nvendor/\n' });
    writeIn(m.cwd, 'vendor/app/check.sh', 'echo good\n');
    const ended = await m.run('--target', 'vendor/app');
    expect(ended.code, said(ended)).toBe(12);
    expect(said(ended)).toContain('git knows no file of it');
  });

  it('tree: none says that there is none: the run counts, and says on top that it cannot be signed', async () => {
    const m = new Milestone({}, 'tree: none\n');
    const ended = await m.run();
    expect(ended.code, said(ended)).toBe(0);
    for (const page of ['FINAL_STATUS.md', 'FINAL_STATUS.html'])
      expect(m.read(`reports/m1/latest/${page}`).slice(0, 60_000)).toContain('This run cannot be signed');
    expect((await m.sign()).code).toBe(12);
    expect((await m.gate()).code).toBe(12);
  });
});
