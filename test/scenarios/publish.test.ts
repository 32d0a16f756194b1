import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { tempDir } from '../rig/run-step.ts';
import { serve, type Reply } from '../rig/serve.ts';
import { git } from '../rig/signed.ts';

const token = 'ghp-canary-0815-token';
const text = (m: Milestone): string => m.read('checklists/m1.yaml');

/** The CLI's answer, and what the recorded GitHub was sent. */
async function publish(m: Milestone, reply: Reply = { status: 201, body: '{}' }, env: NodeJS.ProcessEnv = {}) {
  const sent: { url: string; key: unknown; status: Record<string, string> }[] = [];
  const api = await serve({
    '/': (response, body, url) => {
      sent.push({ url, key: response.req.headers.authorization, status: JSON.parse(body) as Record<string, string> });
      if (typeof reply === 'function') return;
      response.writeHead(reply.status ?? 200).end(reply.body);
    },
  });
  const args = ['publish', 'm1', '--github', '--api', api, '--url', 'https://example.org/report'];
  const ended = await verify(args, { cwd: m.cwd, env: { GITHUB_TOKEN: token, ...env } });
  return { ended, sent };
}

describe('verify publish --github', () => {
  it('is pending until it is signed, green then, and red where the run has failed', async () => {
    const m = new Milestone().committed();
    await m.run();
    const commit = git(m.cwd, 'rev-parse', 'HEAD').trim();
    const waits = await publish(m);
    expect(waits.sent).toEqual([
      {
        url: `/repos/team/m/statuses/${commit}`,
        key: `Bearer ${token}`,
        status: {
          state: 'pending',
          context: 'verify/m1',
          description: 'PASSED: 0 of 1 approvals in the role rm',
          target_url: 'https://example.org/report',
        },
      },
    ]);
    expect([waits.ended.code, said(waits.ended)]).toEqual([20, expect.not.stringContaining(token)]);
    await m.sign();
    const open = await publish(m);
    expect(open.sent[0]?.status).toMatchObject({
      state: 'success',
      description: 'PASSED, approved by sam@example.org (rm)',
    });
    expect(open.ended.code).toBe(0);
    const dirty = new Milestone({ 'check.sh': 'echo bad\n' }).committed();
    await dirty.run();
    const red = await publish(dirty);
    expect([red.ended.code, red.sent[0]?.status['state']]).toEqual([10, 'failure']);
  });

  it('says where GitHub does not take it, and never that it is set', async () => {
    const m = new Milestone().committed();
    await m.run();
    await m.sign();
    const refused = await publish(m, { status: 422, body: '{"message":"No commit found"}' });
    expect([refused.ended.code, refused.ended.stdout]).toEqual([12, '']);
    expect(refused.ended.stderr).toContain('HTTP 422');
    const env = { GITHUB_TOKEN: '', GH_TOKEN: '', PATH: tempDir() };
    const none = await publish(m, undefined, env);
    expect(none.sent).toEqual([]);
    expect(none.ended.code).not.toBe(0);
    const where = await verify(['publish', 'm1'], { cwd: m.cwd });
    expect([where.code, where.stderr]).toEqual([64, expect.stringContaining('--github')]);
  });
});

describe('who works alone', () => {
  const byHer = (m: Milestone): void => {
    git(m.cwd, '-c', 'user.email=sam@example.org', 'commit', '-q', '--amend', '--reset-author', '--no-edit');
  };

  it('is told what to set, and the gate says that nobody else has looked', async () => {
    const m = new Milestone().committed();
    byHer(m);
    await m.run();
    const refused = await m.sign();
    expect([refused.code, said(refused)]).toEqual([
      20,
      expect.stringMatching(/who wrote what was verified[^]*separationOfDuty: false/),
    ]);
    const alone = new Milestone().committed({
      'checklists/m1.yaml': text(m).replace('{ rm: 1 } }', '{ rm: 1 }, separationOfDuty: false }'),
    });
    byHer(alone);
    await alone.run();
    expect((await alone.sign()).code).toBe(0);
    const gate = await alone.gate();
    expect([gate.code, said(gate)]).toEqual([
      0,
      expect.stringContaining('approved by sam@example.org alone, who wrote what was verified'),
    ]);
    expect(alone.read('reports/m1/latest/FINAL_STATUS.md')).toContain('may sign it alone');
  });

  it('nothing of that is said where somebody else has signed', async () => {
    const other = new Milestone();
    other.committed({
      'checklists/m1.yaml': text(other).replace('{ rm: 1 } }', '{ rm: 1 }, separationOfDuty: false }'),
    });
    await other.run();
    await other.sign();
    const gate = await other.gate();
    expect([gate.code, said(gate)]).toEqual([0, expect.not.stringContaining('alone')]);
  });
});
