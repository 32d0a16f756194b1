import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const [title, skip] = needing('--write-to is one plain file of the target', 'ssh-keygen');

describe.skipIf(skip)(title, () => {
  const outside = tempDir();
  it.each<[string, number, string, ((m: Milestone) => void)?]>([
    ['above the target', 64, '../out.md'],
    ['above it by a detour', 64, 'docs/../../out.md'],
    ['an absolute path', 64, join(outside, 'out.md')],
    ['the target itself', 64, '.'],
    ['a folder by its name', 64, 'docs/'],
    ['a hook of git', 64, '.git/hooks/pre-commit'],
    ['git’s folder in other letters', 64, '.GIT/hooks/pre-commit'],
    ['git’s folder with a dot at its end', 64, '.git./config'],
    ['git’s folder with a hidden letter', 64, '.g\u200cit/config'],
    ['git’s folder by its short name', 64, 'GIT~1/config'],
    ['git’s folder by a detour', 64, 'docs/../.git/config'],
    ['an ignore rule', 64, 'docs/.gitignore'],
    ['an attribute', 64, '.gitattributes'],
    ['through a link', 77, 'ln/out.md', (m) => symlinkSync(outside, join(m.cwd, 'ln'))],
    ['through a link one level deeper', 77, 'docs/ln/out.md', (m) => symlinkSync(outside, join(m.cwd, 'docs/ln'))],
    ['through a link that stays inside', 77, 'ln/out.md', (m) => symlinkSync('docs', join(m.cwd, 'ln'))],
    ['a link', 77, 'out.md', (m) => symlinkSync(join(outside, 'out.md'), join(m.cwd, 'out.md'))],
    ['a folder', 73, 'docs'],
    ['below a file', 73, 'check.sh/out.md'],
    ['a file of the product', 73, 'README.md'],
    [
      'a file of the product that begins like a report',
      73,
      'status.md',
      (m) => writeIn(m.cwd, 'status.md', '# FINAL STATUS: 3.0\n'),
    ],
    [
      'a file that is too large to be one of verify, and is not read',
      73,
      'large.md',
      (m) => {
        writeIn(m.cwd, 'large.md', '');
        truncateSync(join(m.cwd, 'large.md'), 3 * 2 ** 30);
      },
    ],
  ])('%s: %i, and nothing is written', async (_, code, path, prepare) => {
    const m = new Milestone({
      'docs/a.md': 'a',
      'README.md': '# Product\n',
      'check.sh': 'touch ran; echo good\n',
      '.gitignore': 'reports/\nran\nlarge.md\n',
    });
    prepare?.(m);
    m.committed();
    const ended = await m.run('--write-to', path);
    expect(ended.code, said(ended)).toBe(code);
    expect(existsSync(join(m.cwd, 'ran'))).toBe(false);
    expect(git(m.cwd, 'status', '--porcelain')).toBe('');
    expect(readdirSync(outside)).toEqual([]);
  });

  it('a step that puts a link in its place ends the run, and nothing is written there', async () => {
    const to = tempDir();
    const m = new Milestone({ 'check.sh': `ln -s ${to}/out.md STATUS.md; echo good\n` }).committed();
    const ended = await m.run('--write-to', 'STATUS.md');
    expect(ended.code, said(ended)).toBe(77);
    expect(readdirSync(to)).toEqual([]);
  });

  it('the gate compares it: at hand and at a commit that is not checked out; what lies below a folder of its name is the tree', async () => {
    const m = new Milestone().committed();
    expect((await m.run('--write-to', 'docs/lib')).code).toBe(0);
    expect((await m.sign()).code).toBe(0);
    m.commit();
    const good = git(m.cwd, 'rev-parse', 'HEAD').trim();
    expect((await m.gate()).code).toBe(0);
    const later = async (change: () => void): Promise<{ code: number | null; text: string }> => {
      change();
      m.commit();
      const commit = git(m.cwd, 'rev-parse', 'HEAD').trim();
      git(m.cwd, 'checkout', '-q', '--detach', 'HEAD~2');
      const ended = await m.gate('--commit', commit);
      git(m.cwd, 'checkout', '-q', 'main');
      const here = await m.gate();
      expect(here.code, said(here)).toBe(ended.code);
      git(m.cwd, 'reset', '-q', '--hard', good);
      return { code: ended.code, text: said(ended) };
    };
    git(m.cwd, 'checkout', '-q', '--detach', 'HEAD~1');
    const open = await m.gate('--commit', good);
    expect(open.code, said(open)).toBe(0);
    git(m.cwd, 'checkout', '-q', 'main');
    const path = join(m.cwd, 'docs/lib');
    expect(
      await later(() => (rmSync(path), mkdirSync(path), writeIn(m.cwd, 'docs/lib/evil.py', 'evil()'))),
    ).toMatchObject({
      code: 22,
      text: expect.stringContaining('docs/lib/evil.py') as string,
    });
    expect(await later(() => writeIn(m.cwd, 'docs/lib', `${m.read('docs/lib')}\nApproved by all.\n`))).toMatchObject({
      code: 21,
    });
    expect(await later(() => (rmSync(path), symlinkSync('../check.sh', path)))).toMatchObject({ code: 21 });
    expect(await later(() => rmSync(path))).toMatchObject({ code: 0 });
  });
});
