import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { tempDir } from '../rig/run-step.ts';
import { git, repository } from '../rig/signed.ts';

const [title, skip] = needing('a tree that changes while the run goes on', 'ssh-keygen');

/** A repository with a submodule in `lib`, and in it one more in `inner`. */
function withSubmodules(script: string): Milestone {
  const allow = ['-c', 'protocol.file.allow=always'];
  const inner = repository({ 'deep.txt': 'v1\n' });
  const outer = repository({ 'lib.txt': 'v1\n' });
  git(outer, ...allow, 'submodule', '--quiet', 'add', inner, 'inner');
  git(outer, 'commit', '-qm', 'inner');
  const m = new Milestone({ 'check.sh': script }).committed();
  git(m.cwd, ...allow, 'submodule', '--quiet', 'add', outer, 'lib');
  git(m.cwd, ...allow, 'submodule', '--quiet', 'update', '--init', '--recursive');
  return m.commit();
}

describe.skipIf(skip)(title, () => {
  const aside = tempDir();
  it.each<[string, string, string]>([
    [
      'moved aside, another in its place, and back',
      `mv pkg ${aside}/1; mkdir -p pkg/src; rm -r pkg; mv ${aside}/1 pkg`,
      'pkg/',
    ],
    ['moved aside beside it, and back', 'mv pkg pkg.bak; cp -r pkg.bak pkg; rm -r pkg; mv pkg.bak pkg', 'pkg/'],
    [
      'one level deeper, with a blank',
      `mv 'pkg/a b' ${aside}/2; mkdir 'pkg/a b'; rmdir 'pkg/a b'; mv ${aside}/2 'pkg/a b'`,
      'pkg/a b/',
    ],
    [
      'moved aside and back, and then given a file for a moment',
      `mv pkg ${aside}/3; mkdir pkg; rmdir pkg; mv ${aside}/3 pkg; touch pkg/x; rm pkg/x`,
      'pkg/',
    ],
    ['swapped with another', 'mv pkg x; mv other pkg; mv pkg other; mv x pkg', 'pkg/'],
    ['two names exchanged and back', 'mv pkg/src/m.txt pkg/src/n; mv pkg/src/n pkg/src/m.txt', 'pkg/src/m.txt'],
  ])('a folder that was %s: 12', async (_, script, path) => {
    const m = new Milestone({ 'check.sh': `${script}\necho good\n` }).committed({
      'pkg/src/m.txt': 'real\n',
      'pkg/a b/n.txt': 'real\n',
      'other/o.txt': 'other\n',
    });
    const ended = await m.run();
    expect(ended.code, said(ended)).toBe(12);
    expect(said(ended)).toContain(`the tree changed during the run: `);
    expect(m.record().tree.changed).toContain(path);
    expect(git(m.cwd, 'status', '--porcelain')).toBe('');
    expect((await m.sign()).code).toBe(12);
  });

  it.each([
    ['an empty commit', 'git -c user.name=S -c user.email=s@x commit -q --allow-empty -m more'],
    ['another branch at the commit before', 'git update-ref HEAD HEAD~1; git read-tree HEAD~1; git read-tree HEAD~1'],
  ])('a step that leaves another commit: %s: 12', async (_, script) => {
    const m = new Milestone({ 'check.sh': `${script}\necho good\n` }).committed();
    git(m.cwd, 'commit', '-q', '--allow-empty', '-m', 'second');
    const ended = await m.run();
    expect(ended.code, said(ended)).toBe(12);
    expect(m.record().tree.changed.join()).toMatch(/HEAD \(\w{12}, then \w{12}\)/);
  });

  it('a folder in which files came and went, and whose rights were changed, was not moved', async () => {
    const m = new Milestone({
      'check.sh': 'mkdir -p out/pkg; touch pkg/src/x.log; rm pkg/src/x.log; chmod 700 pkg; touch pkg; echo good\n',
      '.gitignore': 'reports/\nout/\n',
    }).committed({
      'pkg/src/m.txt': 'real\n',
    });
    const ended = await m.run();
    expect(ended.code, said(ended)).toBe(0);
    expect((await m.sign()).code).toBe(0);
    expect((await m.gate()).code).toBe(0);
  });

  it('a folder that is made under a passing name, as cargo makes `target`, is no source that came and went', async () => {
    const m = new Milestone({
      'check.sh': 'mkdir targetab12Cd; mv targetab12Cd target; echo good\n',
      '.gitignore': 'reports/\ntarget/\n',
    }).committed({ Makefile: 'all:\n' });
    expect((await m.run()).code).toBe(0);
    expect(m.record().tree.cameAndWent ?? []).toEqual([]);
  });

  it('a source that came and went is named in report, sign-off and gate', async () => {
    const m = new Milestone({
      'check.sh': 'echo x > src/conftest.py; echo y > src/x.log; rm src/conftest.py src/x.log; echo good\n',
      '.gitignore': 'reports/\n*.log\n',
    }).committed({ 'src/a.py': 'a\n', 'src/.keep.log': '' });
    expect((await m.run()).code).toBe(0);
    expect(m.record().tree.cameAndWent).toEqual(['src/conftest.py']);
    expect(m.read('reports/m1/latest/FINAL_STATUS.md')).toContain('src/conftest.py');
    expect(said(await m.sign())).toContain('files came and went in the tree during the run: src/conftest.py');
    expect(said(await m.gate())).toContain('src/conftest.py');
  });

  it.each([
    ['changed', 'echo v2 > lib/lib.txt', 'lib/lib.txt'],
    [
      'changed and restored',
      'cp lib/lib.txt /tmp/$$; echo v2 > lib/lib.txt; cp /tmp/$$ lib/lib.txt; rm /tmp/$$',
      'lib/lib.txt',
    ],
    ['changed in a submodule of its own', 'echo v2 > lib/inner/deep.txt', 'lib/inner/deep.txt'],
    ['given another file', 'touch lib/evil.txt', 'lib/evil.txt'],
  ])('a submodule that was %s', async (_, script, path) => {
    const m = withSubmodules(`${script}\necho good\n`);
    const ended = await m.run();
    expect([10, 12], said(ended)).toContain(ended.code);
    expect(m.record().tree.changed).toEqual([path]);
    expect((await m.sign()).code).not.toBe(0);
  });

  it('submodules are part of the digest, and a healthy one opens the gate', async () => {
    const m = withSubmodules('echo good\n');
    expect((await m.run()).code).toBe(0);
    expect(m.record().tree.dirty).toEqual([]);
    expect((await m.sign()).code).toBe(0);
    const open = await m.gate();
    expect(open.code, said(open)).toBe(0);
    const { digest, files } = m.record().tree;
    expect(files).toBeGreaterThan(10);
    git(`${m.cwd}/lib`, 'commit', '-q', '--allow-empty', '-m', 'x');
    const shut = await m.gate();
    expect(shut.code, said(shut)).toBe(22);
    expect(shut.stdout).toContain('lib (submodule is at another commit)');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a file of more than 2 GiB is hashed by pieces', async () => {
    const m = new Milestone({ '.gitignore': 'reports/\n' }).committed();
    const { truncateSync, writeFileSync } = await import('node:fs');
    writeFileSync(`${m.cwd}/big.bin`, '');
    truncateSync(`${m.cwd}/big.bin`, 2200 * 1024 * 1024);
    const ended = await m.run();
    expect(ended.code, said(ended)).toBe(0);
    expect(m.record().tree.dirty).toEqual([{ path: 'big.bin', why: 'untracked' }]);
  });
});
