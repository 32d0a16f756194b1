import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start } from '../rig/cli.ts';
import { runsIn } from '../rig/compose-kills.ts';
import { begun, escaping, left } from '../rig/kills.ts';
import { tempDir } from '../rig/run-step.ts';
import { begin, enter, field, phase, served } from '../rig/served.ts';
import { awaiting, until } from '../rig/until.ts';

const checklist = (steps: string): string => `version: 1
tree: none
milestone: m1
title: T
items:
  - id: item
    title: Item
    steps:
${steps}`;
const record = (cwd: string): { run: { interrupted?: string }; verdict: string; steps: { outcome: string }[] } =>
  JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')) as never;

describe.skipIf(!existsSync('/proc/self/environ'))('a run from the page (skipped where there is no /proc)', () => {
  it('the stop button tears down; nothing of the run is left, and it has not passed', async () => {
    const cwd = tempDir({ 'checklists/m1.yaml': escaping });
    const server = await served(cwd);
    const session = await enter(server);
    await begin(session);
    await begun(cwd, 'b');
    await until('its processes', () => left(cwd).length > 0);
    expect((await session.post('stop', {})).status).toBe(303);
    const page = await phase(session, 'ended');
    expect(page).not.toContain('v-PASSED');
    expect(left(cwd)).toEqual([]);
    expect(record(cwd).run.interrupted).toBe('stopped on the page');
    expect([10, 11, 12]).toContain((await server.end()).code);
  });

  it('Ctrl-C while a run goes on: torn down, recorded, re-raised', async () => {
    const cwd = tempDir({ 'checklists/m1.yaml': escaping });
    const server = await served(cwd);
    await begin(await enter(server));
    await begun(cwd, 'b');
    expect(await server.end()).toMatchObject({ signal: 'SIGINT' });
    expect(left(cwd)).toEqual([]);
    expect(record(cwd).run.interrupted).toBe('SIGINT');
  });

  it('a second run at once is refused, whoever makes the first', async () => {
    const go = join(tempDir(), 'go');
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(`      - { id: a, uses: command, with: { shell: "${awaiting(go)}" } }\n`),
    });
    const other = start(['m1', '--ui', 'plain'], { cwd });
    await begun(cwd, 'a');
    const server = await served(cwd);
    const session = await enter(server);
    await begin(session);
    const refused = await phase(session, 'refused');
    expect(refused).toContain('another run of this milestone is going on');
    writeFileSync(go, '');
    await other.ended;
    await begin(session);
    await phase(session, 'ended');
    expect(runsIn(cwd)).toHaveLength(2);
    expect((await server.end()).code).toBe(0);
  });

  it('while one goes on, its own page refuses another, and what it would sign', async () => {
    const go = join(tempDir(), 'go');
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(`      - { id: a, uses: command, with: { shell: "${awaiting(go)}" } }\n`),
    });
    const server = await served(cwd);
    const session = await enter(server);
    const sha256 = field((await session.get('')).text, 'sha256');
    await begin(session);
    const second = await session.post('start', { sha256 });
    expect(second.status).toBe(409);
    expect(second.text).toContain('a run of this milestone is going on');
    expect((await session.get('sign')).status).toBe(409);
    writeFileSync(go, '');
    await phase(session, 'ended');
    await server.end();
    expect(runsIn(cwd)).toHaveLength(1);
  });

  it('a checklist that has changed since it was shown is not run', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': checklist('      - { id: a, uses: command, with: { shell: "true" } }\n'),
    });
    const server = await served(cwd);
    const session = await enter(server);
    const sha256 = field((await session.get('')).text, 'sha256');
    writeFileSync(
      join(cwd, 'checklists/m1.yaml'),
      checklist('      - { id: a, uses: command, with: { shell: "touch ran" } }\n'),
    );
    const reply = await session.post('start', { sha256 });
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('the checklist has changed');
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
    expect((await server.end()).code).toBe(11);
  });

  it('whoever looks late, or again, is told the whole state', async () => {
    const go = join(tempDir(), 'go');
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(
        `      - { id: a, uses: command, with: { shell: "true" } }\n      - { id: b, uses: command, needs: [a], with: { shell: "echo at it; ${awaiting(go)}" } }\n`,
      ),
    });
    const server = await served(cwd);
    const session = await enter(server);
    await begin(session);
    await begun(cwd, 'b');
    interface Told {
      steps: { id: string; state: string; line: string }[];
      done: number;
      total: number;
    }
    const first = async (): Promise<Told> => {
      const response = await fetch(`${server.origin}${session.folder}events`, { headers: { cookie: session.cookie } });
      const reader = response.body?.getReader();
      const { value } = (await reader?.read()) ?? {};
      await reader?.cancel();
      const text = new TextDecoder().decode(value as Uint8Array);
      return JSON.parse(text.replace(/^data: /, '').split('\n')[0] ?? '') as Told;
    };
    await until('the line', async () => (await first()).steps.some(({ line }) => line === 'at it'));
    for (let n = 0; n < 2; n++) {
      const told = await first();
      expect(told).toMatchObject({ done: 1, total: 2 });
      expect(told.steps.map(({ id, state }) => `${id} ${state}`)).toEqual(['a passed', 'b running']);
    }
    writeFileSync(go, '');
    await phase(session, 'ended');
    await server.end();
  });
});

describe('a question on the page', () => {
  const asking = checklist(
    `      - { id: seen, uses: manual/confirm, timeout: TIMEOUT, with: { role: qa, question: Good?, about: [docs/a.md] } }\n`,
  );
  const begunWith = async (timeout: string) => {
    const cwd = tempDir({ 'checklists/m1.yaml': asking.replace('TIMEOUT', timeout), 'docs/a.md': '# A <b>text</b>\n' });
    const server = await served(cwd);
    const session = await enter(server);
    await begin(session);
    let page = '';
    await until('the question', async () => {
      page = (await session.get('questions')).text;
      return page.includes('name="question"');
    });
    return { cwd, server, session, page, question: field(page, 'question') };
  };

  it('shows what it is about; a half answer is asked for again; the first whole one stands', async () => {
    const { cwd, server, session, page, question } = await begunWith('1h');
    expect(page).toContain('# A &lt;b&gt;text&lt;/b&gt;');
    expect(page).toContain('sha256');
    expect((await session.get(`subject/${question}/0`)).text).toBe('# A <b>text</b>\n');
    expect((await session.get(`subject/${question}/1`)).status).toBe(404);
    expect((await session.get(`subject/${question}/-1`)).status).toBe(404);
    for (const fields of [
      { answer: '', by: 'Ann' },
      { answer: 'maybe', by: 'Ann' },
      { answer: 'yes', by: '   ' },
      { answer: 'yes', by: 'x'.repeat(201) },
      { answer: 'no', by: 'Ann', comment: 'x'.repeat(4001) },
    ]) {
      const half = await session.post('answer', { question, ...fields });
      expect(half.status).toBe(422);
      expect(half.text).toContain('The answer is not whole');
    }
    expect((await session.post('answer', { question: 'other', answer: 'yes', by: 'Ann' })).status).toBe(409);
    const both = await Promise.all(
      ['yes', 'no'].map((answer) => session.post('answer', { question, answer, by: `Ann ${answer}`, comment: 'c' })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 409]);
    expect(both.find(({ status }) => status === 409)?.text).toContain('answered already');
    await phase(session, 'ended');
    const taken = both[0]?.status === 303 ? 'yes' : 'no';
    expect(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')).toContain(`"by": "Ann ${taken}"`);
    expect((await server.end()).code).toBe(taken === 'yes' ? 0 : 10);
  });

  it('an answer that comes too late is not taken', async () => {
    const { cwd, server, session, question } = await begunWith('2s');
    await phase(session, 'ended');
    const late = await session.post('answer', { question, answer: 'yes', by: 'Ann' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('It is over');
    expect(record(cwd)).toMatchObject({ steps: [{ outcome: 'timed-out' }] });
    expect((await server.end()).code).not.toBe(0);
  });

  it('put off, it stays open', async () => {
    const { cwd, server, session, question } = await begunWith('1h');
    expect((await session.post('answer', { question, answer: 'later', by: '' })).status).toBe(303);
    await phase(session, 'ended');
    expect(record(cwd)).toMatchObject({ verdict: 'INCOMPLETE', steps: [{ outcome: 'not-reviewed' }] });
    expect((await server.end()).code).toBe(11);
  });

  it('a file that is no longer the one that was asked about is not shown', async () => {
    const { cwd, server, session, question } = await begunWith('1h');
    writeFileSync(join(cwd, 'docs/a.md'), 'other');
    expect((await session.get('questions')).text).toContain('no longer the one');
    expect((await session.get(`subject/${question}/0`)).status).toBe(404);
    await server.end();
  });
});
