import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { keys as keysOf, terminal } from '../rig/terminal.ts';
import { alone, enter, field, milestone, served, sshKeys, type Session } from '../rig/served.ts';

const checklist = `version: 1
tree: none
milestone: m1
title: First milestone
target: ..
items:
  - id: item
    title: Item
    steps:
      - { id: a, uses: command, with: { shell: "echo a", expect: { stdout: { contains: [a] } } } }
signoff: { roles: { release-manager: 1, qa: 1 }, members: { qa: [bob@example.org] } }
`;
const [title, skip] = needing('signing on the page', 'ssh-keygen');

describe.skipIf(skip)(title, () => {
  let keys: string;
  let ran: string;
  const agent: Record<string, string> = {};
  const key = (name: string): string => join(keys, name);
  const copy = (): string => {
    const cwd = tempDir();
    cpSync(ran, cwd, { recursive: true, verbatimSymlinks: true });
    return cwd;
  };
  const signOffs = (cwd: string): string[] => {
    const folder = join(realpathSync(join(cwd, 'reports/m1/latest')), 'signoffs');
    return existsSync(folder) ? readdirSync(folder).toSorted() : [];
  };
  /** Fills in the form that the page shows, as far as it is not said otherwise. */
  const decide = async (session: Session, more: Record<string, string> = {}) => {
    const { text } = await session.get('sign');
    return session.post('sign', {
      record: field(text, 'record'),
      signed: field(text, 'signed'),
      ballot: field(text, 'ballot'),
      decision: 'approve',
      comment: 'seen',
      seen: 'yes',
      ...more,
    });
  };

  beforeAll(async () => {
    keys = sshKeys('alice', 'bob', 'locked', 'mallory');
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret phrase', '-f', key('locked')]);
    ran = milestone(checklist, keys, ['alice', 'bob', 'locked']);
    expect((await verify(['m1', '--ui', 'plain'], { cwd: ran, env: alone })).code).toBe(0);
    const said = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' });
    for (const name of ['SSH_AUTH_SOCK', 'SSH_AGENT_PID'])
      agent[name] = new RegExp(`${name}=([^;]+)`).exec(said)?.[1] ?? '';
    for (const name of ['mallory', 'bob'])
      execFileSync('ssh-add', ['-q', key(name)], { env: { ...process.env, ...agent }, stdio: 'ignore' });
  });
  afterAll(() => {
    process.kill(Number(agent['SSH_AGENT_PID']));
  });

  it('by a key of the agent: only those that may sign are offered, and in which role', async () => {
    const cwd = copy();
    const server = await served(cwd, [], { SSH_AUTH_SOCK: agent['SSH_AUTH_SOCK'] });
    const session = await enter(server);
    const { text } = await session.get('sign');
    const offered = [...text.matchAll(/name="ballot" value="(\S+) SHA256:/g)].map(([, role]) => role);
    expect(offered).toEqual(['release-manager', 'qa']);
    expect(text).toContain('no allowed signer');
    const ballot = /value="(qa SHA256:[^"]+)"/.exec(text)?.[1] ?? '';
    expect((await decide(session, { ballot })).status).toBe(303);
    expect(signOffs(cwd)).toEqual(['1-qa.json', '1-qa.json.sig']);
    // The gate is still shut, and says for whom it waits.
    const gate = await session.get('gate');
    expect(gate.text).toContain('GATE SHUT');
    expect(gate.text).toMatch(/<b>20<\/b>[^<]*release-manager/);
    await server.end();
  });

  it.each<[string, Record<string, string>, string]>([
    ['without a choice', { decision: '' }, 'Choose approve or reject'],
    ['without having looked', { seen: '' }, 'Confirm that you have looked'],
    ['a rejection without a reason', { decision: 'reject', comment: ' ' }, 'needs a reason'],
    ['without a key', { ballot: '' }, 'Choose the key'],
    ['by a key that is not at hand', { ballot: `qa SHA256:${'A'.repeat(43)}` }, 'no longer at hand'],
    ['in a role that the key may not sign in', { ballot: 'qa KEY' }, 'not a member of qa'],
    ['in a role that nobody asked for', { ballot: 'boss KEY' }, 'does not ask for'],
    ['of another record', { record: 'a'.repeat(64) }, 'a newer run or signature'],
    ['after another signature', { signed: '1' }, 'a newer run or signature'],
  ])('%s: nothing is signed', async (_, more, why) => {
    const cwd = copy();
    const server = await served(cwd, ['--key', key('alice')]);
    const session = await enter(server);
    const { text } = await session.get('sign');
    const fingerprint = / (SHA256:[^"]+)"/.exec(text)?.[1] ?? '';
    const ballot = more['ballot']?.replace('KEY', fingerprint);
    const reply = await decide(session, { ...more, ...(ballot !== undefined && { ballot }) });
    expect(reply.status).toBe(422);
    expect(reply.text).toContain(why);
    expect(signOffs(cwd)).toEqual([]);
    await server.end();
  });

  it('a key with a passphrase that nobody can be asked for: said before, refused after, nothing written', async () => {
    const cwd = copy();
    const server = await served(cwd, ['--key', key('locked')]);
    const session = await enter(server);
    const { text } = await session.get('sign');
    expect(text).toContain('run ssh-add in a terminal first');
    expect(text).not.toContain('type="password"');
    const reply = await decide(session);
    expect(reply.status).toBe(422);
    expect(reply.text).toContain('ssh-keygen did not sign');
    expect(reply.text).toContain('ssh-add');
    expect(signOffs(cwd)).toEqual([]);
    await server.end();
  });

  it('a key with a passphrase, asked for in a window of the desktop', async () => {
    const cwd = copy();
    const asker = join(keys, 'askpass');
    writeFileSync(asker, '#!/bin/sh\necho "secret phrase"\n');
    chmodSync(asker, 0o700);
    const server = await served(cwd, ['--key', key('locked')], { SSH_ASKPASS: asker, DISPLAY: ':none' });
    const session = await enter(server);
    expect((await session.get('sign')).text).toContain('in a window of this desktop');
    expect((await decide(session)).status).toBe(303);
    expect(signOffs(cwd)).toEqual(['1-release-manager.json', '1-release-manager.json.sig']);
    await server.end();
  });

  it('a key with a passphrase, asked for on the terminal where it runs', async () => {
    const cwd = copy();
    const screen = terminal(['serve', 'm1', '--key', key('locked')], {
      cwd,
      env: { GIT_CONFIG_GLOBAL: '/dev/null', SSH_AUTH_SOCK: '', SSH_ASKPASS: '' },
    });
    await screen.shows('?token=');
    const link = /http:\S+\?token=\S+/.exec(screen.text())?.[0] ?? '';
    const session = await enter({ origin: new URL(link).origin, link });
    expect((await session.get('sign')).text).toContain('asks for it in the terminal');
    const signed = decide(session);
    await screen.shows('Enter passphrase');
    screen.type('secret phrase\r');
    expect((await signed).status).toBe(303);
    await screen.shows('approved as release-manager');
    expect(signOffs(cwd)).toHaveLength(2);
    screen.type(keysOf.ctrlC);
    expect((await screen.ended).code).toBe(11);
  });

  it('no key at all: says how to have one', async () => {
    const server = await served(copy());
    const { text } = await (await enter(server)).get('sign');
    expect(text).toContain('No key at hand may sign');
    expect(text).toContain('ssh-add');
    await server.end();
  });

  it('what cannot be signed is shown with its reasons, and without a form', async () => {
    const cwd = copy();
    writeFileSync(join(cwd, 'new'), '');
    const server = await served(cwd, ['--key', key('alice')]);
    const session = await enter(server);
    const { text } = await session.get('sign');
    expect(text).toContain('Why it cannot be signed');
    expect(text).toContain('<b>22</b>');
    expect(text).not.toContain('name="decision"');
    expect((await session.post('sign', { ballot: 'qa x', decision: 'approve', seen: 'yes' })).status).toBe(422);
    expect(signOffs(cwd)).toEqual([]);
    await server.end();
  });

  it('twice at once: one signature', async () => {
    const cwd = copy();
    const server = await served(cwd, ['--key', key('alice')]);
    const session = await enter(server);
    const replies = await Promise.all([decide(session), decide(session)]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([303, 422]);
    expect(signOffs(cwd)).toHaveLength(2);
    await server.end();
  });
});
