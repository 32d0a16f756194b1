import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { begun } from '../rig/kills.ts';
import { tempDir } from '../rig/run-step.ts';
import { awaiting } from '../rig/until.ts';

const checklist = (steps: string, more = ''): string =>
  `version: 1\ntree: none\nmilestone: m1\ntitle: T\n${more}items:\n  - id: item\n    title: Item\n    steps:\n${steps}`;
const step = (id: string, run: string, more = ''): string =>
  `      - { id: ${id}, uses: command, with: { shell: "${run}" }${more} }\n`;
const inFolder = (files: Record<string, string>): string => tempDir(files);
const run = async (text: string, ...args: string[]) => {
  const cwd = inFolder({ 'checklists/m1.yaml': text });
  return { ...(await verify(['m1', ...args], { cwd })), cwd };
};

describe('exit codes', () => {
  it('0 where everything passed', async () => {
    const { code, stdout, cwd } = await run(checklist(step('a', 'echo ok')));
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('PASSED') as string });
    for (const file of ['record.json', 'FINAL_STATUS.md', 'junit.xml', 'evidence/a/observed.json'])
      expect(existsSync(join(cwd, 'reports/m1/latest', file))).toBe(true);
    expect(readFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toMatch(/PASSED/);
  });
  it.each([
    ['10, a failure', checklist(step('a', 'exit 1')), [], 10],
    ['10, a failure before what needs it', checklist(step('a', 'exit 1') + step('b', 'true', ', needs: [a]')), [], 10],
    [
      '11, a question without a terminal',
      checklist('      - { id: q, uses: manual/confirm, with: { question: "Good?" } }\n'),
      [],
      11,
    ],
    ['11, a narrowed run', checklist(step('a', 'true') + step('b', 'true')), ['--only', 'a'], 11],
    ['12, a time limit', checklist(step('a', 'sleep 9', ', timeout: 300ms')), [], 12],
    [
      '12, a tool that is missing',
      checklist('      - { id: a, uses: command, with: { run: [no-such-program] } }\n'),
      [],
      12,
    ],
    ['64, an unknown option', checklist(step('a', 'true')), ['--nope'], 64],
    ['65, an unknown key', checklist(step('a', 'true'), 'titel: x\n'), [], 65],
    ['65, the same id twice', checklist(step('a', 'true') + step('a', 'true')), [], 65],
    ['65, an unknown step type', checklist('      - { id: a, uses: comand, with: { run: [true] } }\n'), [], 65],
    ['65, a circle', checklist(step('a', 'true', ', needs: [b]') + step('b', 'true', ', needs: [a]')), [], 65],
    ['65, a step that asserts nothing', checklist('      - { id: a, uses: command }\n'), [], 65],
    ['65, a prototype key', checklist(step('a', 'true'), '__proto__: { x: 1 }\n'), [], 65],
    ['66, a target that is not there', checklist(step('a', 'true')), ['--target', 'nowhere'], 66],
    ['78, no items', 'version: 1\ntree: none\nmilestone: m1\ntitle: T\nitems: []\n', [], 78],
    ['78, nothing selected', checklist(step('a', 'true')), ['--only', 'zz'], 78],
  ])('%s', async (_, text, args, code) => {
    const result = await run(text, ...args);
    expect(result.code, result.stdout + result.stderr).toBe(code);
  });
  it('66 where the milestone is not found, and says what there is', async () => {
    const result = await verify(['milestone-99'], {
      cwd: inFolder({ 'checklists/m1.yaml': checklist(step('a', 'true')) }),
    });
    expect(result.code).toBe(66);
  });
  it('an error names file, line and what was meant', async () => {
    const { stderr } = await run(checklist(step('a', 'true'), 'titel: x\n'));
    expect(stderr).toMatch(/m1\.yaml:5:1/);
    expect(stderr).toContain('titel');
  });
});

describe('commands', () => {
  it('plan shows every command and runs nothing', async () => {
    const cwd = inFolder({ 'checklists/m1.yaml': checklist(step('a', 'touch made')) });
    const { code, stdout } = await verify(['plan', 'm1'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('touch made');
    expect(existsSync(join(cwd, 'made'))).toBe(false);
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });
  it('the shipped checklist is valid', async () =>
    expect((await verify(['lint', 'checklists/milestone-16.yaml'])).code).toBe(0));
  it('help has examples', async () => expect((await verify(['--help'])).stdout).toMatch(/Examples:[\s\S]*Exit codes:/));
  it('steps lists every type and shows one', async () => {
    expect((await verify(['steps'])).stdout).toMatch(/compose\/config[\s\S]*stack\/up/);
    expect((await verify(['steps', 'http/get'])).stdout).toMatch(/maxLatency/);
  });
  it('a reader that closes the pipe does not change the code', async () => {
    const { spawnSync } = await import('node:child_process');
    const cwd = inFolder({
      'checklists/m1.yaml': checklist(Array.from({ length: 40 }, (_, n) => step(`a${n}`, 'exit 1')).join('')),
    });
    const { root } = await import('../rig/cli.ts');
    const { stdout } = spawnSync(
      'bash',
      [
        '-c',
        `"${process.execPath}" "${join(root, 'bin/verify.js')}" m1 --ui plain | head -1; echo "\${PIPESTATUS[0]}"`,
      ],
      { cwd, encoding: 'utf8' },
    );
    expect(stdout.trim().split('\n').at(-1)).toBe('10');
  });
  it('73 where the reports cannot be kept, before the first step', async () => {
    const cwd = inFolder({ 'checklists/m1.yaml': checklist(step('a', 'touch made')), reports: 'a file\n' });
    for (const reports of ['reports/x', '/proc/verify-reports'])
      expect((await verify(['m1', '--reports', reports], { cwd })).code, reports).toBe(73);
    expect(existsSync(join(cwd, 'made'))).toBe(false);
  });
  it('two runs at once: one is refused with 75', async () => {
    const refused = join(tempDir(), 'refused');
    const cwd = inFolder({ 'checklists/m1.yaml': checklist(step('a', awaiting(refused))) });
    const first = verify(['m1'], { cwd });
    await begun(cwd, 'a');
    expect((await verify(['m1'], { cwd })).code).toBe(75);
    writeFileSync(refused, '');
    expect((await first).code).toBe(0);
  });
  it('a tree that changes during the run is inconclusive, also where a command may change it, and its step is named', async () => {
    const { execFileSync } = await import('node:child_process');
    const changing = step('a', 'echo more >> tracked.txt');
    const cwd = inFolder({
      'checklists/m1.yaml': checklist(changing.replace('with: {', 'with: { tree: may-change,')),
      'checklists/m2.yaml': checklist(changing).replace('m1', 'm2'),
      'tracked.txt': 'x\n',
      '.gitignore': 'reports/\n',
    });
    for (const args of [
      ['init', '-q'],
      ['add', '-A'],
      ['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'x'],
    ])
      execFileSync('git', args, { cwd });
    const { code, stdout } = await verify(['m1'], { cwd });
    expect(code).toBe(12);
    expect(stdout).toContain('tracked.txt (while a ran)');
    expect((await verify(['m2'], { cwd })).code).toBe(10);
  });
});
