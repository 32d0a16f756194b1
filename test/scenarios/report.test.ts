import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { runRecord, stepRecord, storeRun } from '../rig/record.ts';
import { tempDir } from '../rig/run-step.ts';

const cwd = tempDir({
  'checklists/m1.yaml':
    'version: 1\ntree: none\nmilestone: m1\ntitle: T\nitems:\n  - id: item\n    title: Item\n    steps:\n      - { id: a, uses: command, with: { shell: "cat there" } }\n      - { id: b, uses: command, with: { shell: "true" } }\n',
});
const read = (path: string): string => readFileSync(join(cwd, path), 'utf8');
let runs: string[] = [];

describe('verify report, diff and history', () => {
  beforeAll(async () => {
    writeFileSync(join(cwd, 'there'), 'x\n');
    expect((await verify(['m1'], { cwd })).code).toBe(0);
    rmSync(join(cwd, 'there'));
    await new Promise((done) => setTimeout(done, 1100));
    expect((await verify(['m1'], { cwd })).code).toBe(10);
    runs = readdirSync(join(cwd, 'reports/m1'))
      .filter((name) => name !== 'latest')
      .toSorted();
  });

  it('renders a run again to the very bytes that the run wrote', async () => {
    const before = read('reports/m1/latest/FINAL_STATUS.html');
    writeFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.html'), 'lost');
    const { code, stdout } = await verify(['report', 'm1'], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `reports/m1/${runs[1]}/FINAL_STATUS.html\n` });
    expect(read('reports/m1/latest/FINAL_STATUS.html')).toBe(before);
    expect((await verify(['report', 'm1', '--format', 'md'], { cwd })).stdout).toBe(
      read('reports/m1/latest/FINAL_STATUS.md'),
    );
    expect((await verify(['report', runs[1] ?? '', '--format', 'junit'], { cwd })).stdout).toBe(
      read('reports/m1/latest/junit.xml'),
    );
    expect((await verify(['report', 'reports/m1/latest/record.json', '--format', 'json'], { cwd })).stdout).toBe(
      read('reports/m1/latest/record.json'),
    );
  });
  it('--out writes elsewhere', async () => {
    const { code } = await verify(['report', 'm1', '--format', 'sarif', '--out', 'x.sarif'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(read('x.sarif'))).toMatchObject({ version: '2.1.0' });
  });
  it('writes over its own output of any format, and over nothing else', async () => {
    for (const format of ['md', 'html', 'junit', 'ctrf', 'sarif', 'json', 'github'])
      for (const time of ['first', 'again']) {
        const { code } = await verify(['report', 'm1', '--format', format, '--out', `own.${format}`], { cwd });
        expect({ format, time, code }).toEqual({ format, time, code: 0 });
      }
    mkdirSync(join(cwd, 'folder'));
    symlinkSync('own.md', join(cwd, 'link'));
    writeFileSync(join(cwd, 'notes.md'), '# Notes\n');
    const foreign =
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="jest" tests="1" failures="0" errors="0"/>\n';
    writeFileSync(join(cwd, 'jest.xml'), foreign);
    // Too large for one string: it is not read.
    writeFileSync(join(cwd, 'large.md'), '');
    truncateSync(join(cwd, 'large.md'), 3 * 2 ** 30);
    for (const out of ['notes.md', 'jest.xml', 'large.md', 'folder', 'link', '/dev/null', 'checklists/m1.yaml']) {
      const { code, stderr } = await verify(['report', 'm1', '--format', 'junit', '--out', out], { cwd });
      expect({ out, code }).toEqual({ out, code: 73 });
      expect(stderr).toMatch(/verify did not make it/);
    }
    expect([read('notes.md'), read('jest.xml')]).toEqual(['# Notes\n', foreign]);
    expect((await verify(['report', 'm1', '--pdf', '--out', 'notes.md'], { cwd })).code).toBe(73);
  });
  it('65, a record in which a key stands twice', async () => {
    const record = join(cwd, 'reports/m1/latest/record.json');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.replace('"verdict": "FAILED"', '"verdict": "PASSED",\n "verdict": "FAILED"'));
    const { code, stderr } = await verify(['report', 'm1', '--format', 'md'], { cwd });
    writeFileSync(record, text);
    expect({ code, stderr }).toMatchObject({ code: 65, stderr: expect.stringMatching(/"verdict" appears twice/) });
  });
  it('an index, and what a gate exports, are written over only where they are verify’s', async () => {
    const index = join(cwd, 'reports/index.html');
    writeFileSync(index, '<html>mine</html>');
    expect((await verify(['report', '--index'], { cwd })).code).toBe(73);
    expect(readFileSync(index, 'utf8')).toBe('<html>mine</html>');
    rmSync(index);
    for (let n = 0; n < 2; n++) expect((await verify(['report', '--index'], { cwd })).code).toBe(0);
    const gate = async (): Promise<number | null> => (await verify(['gate', 'm1', '--export', 'ex'], { cwd })).code;
    const shut = await gate();
    expect([shut, await gate()]).toEqual([shut, shut]);
    expect(existsSync(join(cwd, 'ex/m1.vsa.json'))).toBe(true);
    writeFileSync(join(cwd, 'ex/m1.vsa.json'), 'mine');
    expect(await gate()).toBe(73);
    expect(read('ex/m1.vsa.json')).toBe('mine');
  });
  it.each([
    ['64, no run', ['report'], 64, /which run/],
    ['66, an unknown run', ['report', 'm9'], 66, /milestones with runs: m1/],
    ['66, no folder', ['report', '--index', '--reports', 'nowhere'], 66, /no folder/],
    ['64, an unknown format', ['report', 'm1', '--format', 'docx'], 64, /html, md/],
    ['66, diff of an unknown run', ['diff', 'm1', 'm9'], 66, /m9/],
  ])('%s', async (_, args, code, said) => {
    const ended = await verify(args, { cwd });
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(said);
  });
  it('65, a record that is broken, and one of a schema to come', async () => {
    const text = read(`reports/m1/${runs[0]}/record.json`);
    for (const [broken, said] of [
      [text.slice(0, 99), 'not whole'],
      [text.replace('record/v1', 'record/v7'), 'record/v7'],
    ] as const) {
      const folder = tempDir({ 'record.json': broken });
      const { code, stderr } = await verify(['report', folder], { cwd });
      expect(code).toBe(65);
      expect(stderr).toContain(said);
    }
  });
  it('diff: 10 where it got worse, 0 the other way round, and as JSON', async () => {
    const worse = await verify(['diff', runs[0] ?? '', 'm1'], { cwd });
    expect(worse.code).toBe(10);
    expect(worse.stdout).toMatch(
      /PASSED\n[\s\S]*FAILED\n[\s\S]*✘ {2}a {2}passed → failed[\s\S]*exit-code[\s\S]*It got worse/,
    );
    expect((await verify(['diff', 'm1', `m1/${runs[0]}`], { cwd })).code).toBe(0);
    const json = await verify(['diff', runs[0] ?? '', 'm1', '--json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ worse: true, outcomes: [{ step: 'a' }] });
  });
  it('diff: how much of each picture changed', async () => {
    const picture = (split: number): Buffer => {
      const png = new PNG({ width: 20, height: 10 });
      for (let n = 0; n < 200; n++) png.data.set(n % 20 < split ? [255, 255, 255, 255] : [0, 0, 90, 255], n * 4);
      return PNG.sync.write(png);
    };
    const steps = [stepRecord({ id: 'a' })];
    const file = (name: string, data: Buffer) => ({ [`evidence/a/${name}`]: data });
    const before = storeRun(runRecord(steps), {
      ...file('a.png', picture(4)),
      ...file('b.png', Buffer.from('x')),
      ...file('gone.png', picture(1)),
    });
    const after = storeRun(runRecord(steps), {
      ...file('a.png', picture(5)),
      ...file('b.png', Buffer.from('y')),
      ...file('new.png', picture(1)),
    });
    const { code, stdout } = await verify(['diff', before.folder, after.folder], { cwd });
    expect(code).toBe(0);
    for (const line of [
      /a\/a\.png +5\.0 % of its pixels differ/,
      /a\/b\.png +another picture/,
      /gone\.png +gone/,
      /new\.png +new/,
    ])
      expect(stdout).toMatch(line);
    expect(stdout).not.toContain('picture.png');
    const json = JSON.parse((await verify(['diff', before.folder, after.folder, '--json'], { cwd })).stdout) as {
      pictures: object[];
    };
    expect(json.pictures[0]).toMatchObject({ path: 'evidence/a/a.png', differing: 10, total: 200 });
  });
  it('each run writes the index; a dead run is named there', async () => {
    const index = read('reports/index.html');
    for (const run of runs) expect(index).toContain(`href="m1/${run}/FINAL_STATUS.html"`);
    expect(index).toMatch(/FAILED[\s\S]*PASSED/);
    expect(index).toContain('class="spark"');
    const dead = join(cwd, 'reports/m1/2020-01-01T00-00-00Z-dead00');
    mkdirSync(dead);
    expect((await verify(['report', '--index'], { cwd })).code).toBe(0);
    expect(read('reports/index.html')).toContain('m1/2020-01-01T00-00-00Z-dead00');
    rmSync(dead, { recursive: true });
  });
  it('the job summary on GitHub holds the report, after what was there', async () => {
    const summary = join(tempDir({ 'summary.md': 'before\n' }), 'summary.md');
    const reports = tempDir();
    await verify(['m1', '--ui', 'github', '--reports', reports], { cwd, env: { GITHUB_STEP_SUMMARY: summary } });
    const text = readFileSync(summary, 'utf8');
    expect(text).toMatch(/^before\n[\s\S]*# FINAL STATUS: m1, FAILED[\s\S]*exit-code/);
    expect(text).not.toContain('](evidence/');
  });
  const [title, skip] = needing('a PDF', 'chromium');
  it.skipIf(skip)(title, async () => {
    const { code, stdout } = await verify(['report', 'm1', '--pdf'], { cwd });
    expect(code).toBe(0);
    expect(existsSync(join(cwd, stdout.trim()))).toBe(true);
    expect(read(stdout.trim()).slice(0, 5)).toBe('%PDF-');
    expect(read(stdout.trim())).not.toContain('file:///');
    expect(readdirSync(join(cwd, 'reports/m1/latest')).toSorted()).toEqual([
      'FINAL_STATUS.html',
      'FINAL_STATUS.md',
      'attestation.json',
      'checklist.yaml',
      'evidence',
      'junit.xml',
      'record.json',
    ]);
  });
});

describe('verify completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s: a script that calls back', async (shell) => {
    const { code, stdout } = await verify(['completion', shell], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/verify complete --/);
  });
  it('an unknown shell is 64', async () => expect((await verify(['completion', 'tcsh'], { cwd })).code).toBe(64));
  it.each([
    [[''], 'plan\t'],
    [[''], 'm1\tmilestone'],
    [['plan', 'm'], 'm1\tmilestone'],
    [['report', ''], 'm1\tthe last run'],
    [['steps', 'cargo'], 'cargo/clippy\t'],
    [['report', '--fo'], '--format\t'],
    [['run', '--driver', ''], 'compose'],
  ])('%j: %j', async (words, expected) => {
    const { code, stdout } = await verify(['complete', '--', ...words], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain(expected);
  });
  it('bash completes a command', async () => {
    const { spawnSync } = await import('node:child_process');
    const { root } = await import('../rig/cli.ts');
    const script = `verify() { "${process.execPath}" "${join(root, 'bin/verify.js')}" "$@"; }
source <(verify completion bash)
COMP_WORDS=(verify pl) COMP_CWORD=1 COMP_LINE='verify pl' COMP_POINT=9
__verify_complete 2>/dev/null || $(complete -p verify | sed 's/.*-F \\([^ ]*\\).*/\\1/') verify pl verify
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' });
    expect(stdout).toMatch(/^plan/m);
  });
});
