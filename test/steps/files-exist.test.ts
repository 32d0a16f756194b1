import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, verify } from '../rig/cli.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const target = tempDir({
  'a.md': 'hello\n',
  'empty.md': '',
  'd/one.json': '{}',
  'd/two.json': '{}',
  'deep/x/y.txt': 'y',
  'blank.md': ' \n\n',
  '.git/config': '[core]\n',
  'big/a.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`,
});
symlinkSync('nowhere', join(target, 'dangling'));
mkdirSync(join(target, 'bare/within'), { recursive: true });
const files = (...list: unknown[]) => runStep({ uses: 'files/exist', with: { files: list }, target });

describe('files/exist', () => {
  it.each([
    ['a file', ['a.md']],
    ['a glob', [{ path: 'd/*.json', min: 2 }]],
    ['braces', ['{a.md,d/one.json}']],
    ['a folder', [{ path: 'd', kind: 'directory' }]],
    ['its content', [{ path: 'a.md', contains: ['hello'] }]],
  ])('%s is there', async (_, list) => expect(await files(...list)).toMatchObject({ outcome: 'passed', findings: [] }));

  it.each([
    ['a missing file', ['b.md'], 'missing'],
    ['a glob of nothing', ['*.yaml'], 'missing'],
    ['too few', [{ path: 'd/*.json', min: 3 }], 'missing'],
    ['too many', [{ path: 'd/*.json', max: 1 }], 'too-many'],
    ['an empty file', ['empty.md'], 'empty'],
    ['a file of blanks', ['blank.md'], 'empty'],
    ['a file of git’s own', ['.git/config'], 'outside'],
    ['too small a file', [{ path: 'a.md', minBytes: 100 }], 'empty'],
    ['a folder for a file', ['d'], 'wrong-kind'],
    ['a folder without a file', [{ path: 'bare', kind: 'directory' }], 'empty'],
    ['a file for a folder', [{ path: 'a.md', kind: 'directory' }], 'wrong-kind'],
    ['another content', [{ path: 'a.md', contains: ['bye'] }], 'content'],
    ['a link that leads nowhere', ['dangling'], 'missing'],
  ])('%s fails', async (_, list, code) => {
    const record = await files(...list);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toEqual([code]);
  });

  it('a folder of nothing but pointers of git-lfs cannot be judged', async () => {
    const record = await files({ path: 'big', kind: 'directory' });
    expect([record.outcome, codes(record)]).toEqual(['error', ['lfs-pointer']]);
  });

  it.each([
    ['a folder that git ignores', 'dist', ['ignored']],
    ['a folder of the commit', 'src', []],
  ])('%s', async (_, path, found) => {
    const cwd = tempDir({ '.gitignore': 'dist/\n', 'dist/a.txt': 'a', 'src/a.txt': 'a' });
    git(cwd, 'init', '-q');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'All');
    const record = await runStep({ uses: 'files/exist', with: { files: [{ path, kind: 'directory' }] }, target: cwd });
    expect([record.outcome, record.findings.map(({ code }) => code)]).toEqual(['passed', found]);
  });

  it('counts what it digested', async () =>
    expect((await files('a.md', 'd/*.json')).facts).toEqual({ 'files.count': 3 }));

  it.each(['look:=docs/a.md', 'look:=/docs'])(
    'what cannot be looked at (%s) is neither there nor missing',
    async (fails) => {
      const cwd = tempDir({
        'docs/a.md': 'hello\n',
        'm1.yaml':
          'version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - { id: i, title: I, steps: [{ id: s, uses: files/exist, with: { files: [docs/a.md, { path: docs, kind: directory }] } }] }\n',
      });
      const env = {
        NODE_OPTIONS: `--import ${join(root, 'test/rig/failing.mjs')}`,
        VERIFY_FAIL: fails,
        VERIFY_FAIL_BELOW: cwd,
      };
      const { code, stdout } = await verify(['m1.yaml', '--ui', 'plain'], { cwd, env });
      expect(stdout).toContain('EMFILE');
      expect(code, stdout).toBe(12);
    },
  );
});
