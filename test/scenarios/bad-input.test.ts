import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const checklist = (parts: { step?: string; top?: string }): string => `version: 1
tree: none
milestone: m1
title: T
${parts.top ?? ''}
items:
  - id: a
    title: A
    steps:
      - { id: s, uses: command, ${parts.step ?? 'with: { run: [echo, ok] }'} }
`;

describe('a checklist that cannot mean what it says is refused with its place', () => {
  it.each<[string, string | Buffer, string]>([
    ['a NUL in argv', checklist({ step: String.raw`with: { run: [echo, "a\0b"] }` }), '10:53'],
    ['a NUL in a path', checklist({ step: String.raw`with: { run: [echo], cwd: "a\x00" }` }), '10:59'],
    ['a byte that is not UTF-8', Buffer.concat([Buffer.from(checklist({})), Buffer.from([0x23, 0xff, 0x0a])]), ':11'],
    ['UTF-16', Buffer.from(checklist({}), 'utf16le'), ':1'],
    ['a trailing zero', checklist({ top: 'vars: { v: 1.10 }' }), '5:12'],
    ['a number of 20 digits', checklist({ top: 'vars: { v: 12345678901234567890 }' }), '5:12'],
    ['an octal number', checklist({ top: 'vars: { v: 0777 }' }), '5:12'],
    ['a hexadecimal number', checklist({ top: 'vars: { v: 0x1F }' }), '5:12'],
    ['a truth value in capitals', checklist({ top: 'vars: { v: True }' }), '5:12'],
    ['an exponent', checklist({ top: 'vars: { v: 1e3 }' }), '5:12'],
    ['a time limit above what timers can wait', checklist({ step: 'timeout: 400d, with: { run: [echo] }' }), '10:33'],
    ['a time limit of 25 days', checklist({ step: 'timeout: 25d, with: { run: [echo] }' }), '10:33'],
    ['no time at all', checklist({ step: 'timeout: 0s, with: { run: [echo] }' }), '10:33'],
    ['a pause of a month', checklist({ step: 'retry: { attempts: 2, delay: 30d }, with: { run: [echo] }' }), '10:55'],
    [
      'an expected number that no double holds',
      checklist({ step: 'with: { run: [echo], expect: { exit: 9007199254740993 } }' }),
      '10:',
    ],
  ])('%s', async (_, text, place) => {
    const path = join(tempDir(), 'm1.yaml');
    writeFileSync(path, text);
    const { code, stderr } = await verify(['lint', path]);
    expect(stderr).toContain(`m1.yaml:${place.replace(/^:/, '')}`);
    expect(code, stderr).toBe(65);
  });

  it('but not what only looks like it', async () => {
    const path = join(tempDir(), 'm1.yaml');
    writeFileSync(
      path,
      checklist({
        top: 'vars: { a: 1.5, b: 0, c: -3, d: true, e: "1.10", f: "0777" }\nsignoff: { maxAge: 400d }',
        step: 'timeout: 24d, with: { run: [echo, "naïve ✓"] }',
      }),
    );
    const { code, stdout, stderr } = await verify(['lint', path]);
    expect(code, stdout + stderr).toBe(0);
  });
});

describe('exit codes of a world that does not take it', () => {
  it.each([
    ['--reports below a file', ['m1', '--reports', 'file/below']],
    ['--reports far below a file', ['m1', '--reports', 'file/a/b/c']],
    ['--reports that is a file', ['m1', '--reports', 'file']],
    ['--write-to below a file', ['m1', '--write-to', 'file/below.md']],
    ['the report of a run to a path below a file', ['report', 'm1', '--format', 'md', '--out', 'file/below']],
  ])('73, %s', async (_, args) => {
    const cwd = tempDir({ 'checklists/m1.yaml': checklist({}), file: '' });
    if (args[0] === 'report') await verify(['m1'], { cwd });
    const { code, stderr } = await verify(args, { cwd });
    expect(code, stderr).toBe(73);
    expect(stderr).not.toContain('defect of verify');
  });

  it('66 where the target of init is a file', async () => {
    const cwd = tempDir({ file: '' });
    expect((await verify(['init', '--target', 'file'], { cwd })).code).toBe(66);
  });

  it
    .skipIf(!existsSync('/dev/full'))
    .each([['--version'], ['--help'], ['lint', 'm1'], ['plan', 'm1'], ['steps'], ['m1']])(
    '74 where standard output is full: verify %s %s',
    (...args) => {
      const cwd = tempDir({ 'checklists/m1.yaml': checklist({}) });
      const { status, stderr } = spawnSync(
        'sh',
        ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, join(root, 'bin/verify.js'), ...args.filter(Boolean)],
        { cwd, encoding: 'utf8' },
      );
      expect(stderr).toContain('standard output cannot be written');
      expect(status, stderr).toBe(74);
      // The run itself has come to its end.
      if (args[0] === 'm1')
        expect(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')).toContain('"verdict": "PASSED"');
    },
  );
});
