import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../rig/run-step.ts';
import { keys, terminal } from '../rig/terminal.ts';
import { awaiting, until } from '../rig/until.ts';

const folder = (steps: string): string =>
  tempDir({
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - id: item\n    title: The item\n    steps:\n${steps}`,
    'plan.md': 'text\n',
  });
const ask = '      - { id: q, uses: manual/confirm, with: { question: "Is it good?", about: [plan.md] } }\n';
const record = (cwd: string) =>
  JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')) as {
    verdict: string;
    run: { interrupted?: string };
    steps: { id: string; outcome: string; proofs: string[] }[];
  };

describe('the live view on a pseudo-terminal', () => {
  it('asks, in view of the rows, and keeps the answer', async () => {
    const asked = join(tempDir(), 'asked');
    const cwd = folder(`      - { id: slow, uses: command, with: { shell: "${awaiting(asked)}" } }\n${ask}`);
    const screen = terminal(['m1'], { cwd });
    await screen.shows('not now');
    expect(screen.text()).toMatch(/The item/);
    expect(screen.text()).toMatch(/plan\.md {2}sha256/);
    // The other step ends meanwhile: its redraws must not take the question away.
    writeFileSync(asked, '');
    const reports = join(cwd, 'reports/m1');
    await until('the end of the other step', () =>
      readdirSync(reports).some((run) => existsSync(join(reports, run, 'evidence/slow/observed.json'))),
    );
    await new Promise((done) => setTimeout(done, 500));
    expect(screen.text()).toContain('not now');
    screen.type(keys.up + keys.up + keys.enter);
    await screen.shows('Your name');
    screen.type(`Ada${keys.enter}`);
    await screen.shows('Comment');
    screen.type(`looked at it${keys.enter}`);
    expect(await screen.ended).toMatchObject({ code: 0 });
    expect(screen.text()).toMatch(/✔ The item[\s\S]*PASSED/);
    expect(record(cwd).steps[1]?.proofs[0]).toMatch(/Ada \(release-manager\) confirmed.*looked at it/);
  });

  it('what is put off stays open, without a tick or a cross', async () => {
    const cwd = folder(ask);
    const screen = terminal(['m1'], { cwd });
    await screen.shows('not now');
    screen.type(keys.enter);
    expect(await screen.ended).toMatchObject({ code: 11 });
    expect(screen.text()).toMatch(/☐ The item {2}not-reviewed/);
    expect(record(cwd).verdict).toBe('INCOMPLETE');
  });

  it('Ctrl-C at a question ends the run, and is a signal', async () => {
    const cwd = folder(ask);
    const screen = terminal(['m1'], { cwd });
    await screen.shows('not now');
    screen.type(keys.ctrlC);
    expect(await screen.ended).toMatchObject({ signal: 2 });
    expect(record(cwd).run.interrupted).toBe('SIGINT');
  });

  it('shows what failed, where, and what is waited for', async () => {
    const seen = join(tempDir(), 'seen');
    const cwd = folder(
      '      - { id: bad, uses: files/exist, with: { files: [gone.md] } }\n' +
        `      - { id: slow, uses: command, with: { shell: "${awaiting(seen)}" } }\n` +
        '  - id: other\n    title: Another\n    steps:\n' +
        '      - { id: after, uses: command, needs: [slow], with: { shell: "true" } }\n',
    );
    const screen = terminal(['m1'], { cwd });
    await screen.shows('waiting on slow');
    writeFileSync(seen, '');
    expect(await screen.ended).toMatchObject({ code: 10 });
    expect(screen.text()).toMatch(/✘ The item {2}failed: bad \(missing\)[\s\S]*✘ missing gone\.md/);
    expect(screen.text()).toMatch(/✔ Another/);
  });

  it('is plain, and without colour, where the terminal is dumb', async () => {
    const cwd = folder('      - { id: a, uses: command, with: { shell: "true" } }\n');
    const screen = terminal(['m1'], { cwd, env: { TERM: 'dumb', NO_COLOR: '1' } });
    expect(await screen.ended).toMatchObject({ code: 0 });
    expect(screen.text()).toMatch(/✔ a passed/);
    expect(existsSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'))).toBe(true);
  });

  it.each([40, 100])('a title can be read in %i columns', async (cols) => {
    const cwd = tempDir({
      'checklists/m1.yaml':
        'version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - id: item\n    title: Migrations apply to an empty database\n    steps:\n' +
        '      - { id: bad, uses: command, with: { shell: "echo seen; exit 3", expect: { stdout: { contains: [done] } } } }\n',
    });
    const screen = terminal(['m1'], { cwd, cols });
    expect(await screen.ended).toMatchObject({ code: 10 });
    expect(screen.text()).toMatch(
      cols === 40
        ? /✘ Migrations apply to an em… {2}failed\s+.*bad \(exit-code, output\)/
        : /✘ Migrations apply to an empty database {2}failed: bad \(exit-code, output\)/,
    );
    // What the command printed proves both findings, and stands once.
    expect(screen.text().split('│ seen')).toHaveLength(2);
  });

  it('a log on a terminal waits while a question stands there', async () => {
    const asked = join(tempDir(), 'asked');
    const cwd = folder(`      - { id: slow, uses: command, with: { shell: "${awaiting(asked)}" } }\n${ask}`);
    const screen = terminal(['m1', '--ui', 'plain'], { cwd });
    await screen.shows('not now');
    writeFileSync(asked, '');
    const reports = join(cwd, 'reports/m1');
    await until('the end of the other step', () =>
      readdirSync(reports).some((run) => existsSync(join(reports, run, 'evidence/slow/observed.json'))),
    );
    screen.type(keys.enter);
    expect(await screen.ended).toMatchObject({ code: 11 });
    expect(screen.text()).toMatch(/not now: it stays open[^]*✔ slow passed/);
  });
});
