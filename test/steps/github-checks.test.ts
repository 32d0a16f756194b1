import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { serve, type Reply } from '../rig/serve.ts';
import { git } from '../rig/signed.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const token = 'ghp-canary-4711-token';
const path = process.env['PATH'] ?? '';
beforeEach(() => {
  process.env['GITHUB_TOKEN'] = token;
});
afterEach(() => {
  delete process.env['GITHUB_TOKEN'];
  process.env['PATH'] = path;
});

/** As GitHub's documentation shows a check run. */
const run = (name: string, conclusion: string | null = 'success', sha = commit) => ({
  name,
  head_sha: sha,
  status: conclusion === null ? 'in_progress' : 'completed',
  conclusion,
  app: { id: 15368, slug: 'github-actions' },
});
/** The same, of an app that anybody may have. */
const foreign = (name: string) => ({ ...run(name), app: { id: 99, slug: 'look-alike' } });
const runs = (...all: object[]): Reply => ({ body: JSON.stringify({ total_count: all.length, check_runs: all }) });
const statuses = (...all: object[]): Reply => ({
  body: JSON.stringify({ sha: commit, state: 'success', statuses: all }),
});
const at = `/repos/acme/app/commits/${commit}`;

async function github(checkRuns: Reply, own: object = {}, status = statuses()) {
  const api = await serve({ [`${at}/check-runs`]: checkRuns, [`${at}/status`]: status });
  const secrets = ['GITHUB_TOKEN'];
  return runStep({ uses: 'github/checks', secrets, with: { repository: 'acme/app', commit, api, ...own } });
}

describe('github/checks', () => {
  it.each<[string, Reply, object, string[], string]>([
    ['all green', runs(run('test'), run('lint')), {}, [], 'passed'],
    ['the required ones green', runs(run('test'), run('other', 'failure')), { required: ['test'] }, [], 'passed'],
    ['one that failed', runs(run('test'), run('lint', 'failure')), {}, ['check-failed'], 'failed'],
    ['one that timed out', runs(run('test', 'timed_out')), {}, ['check-failed'], 'failed'],
    ['a word that is not known', runs(run('test', 'sort_of')), {}, ['check-failed'], 'failed'],
    ['one that is green and red', runs(run('test'), run('test', 'cancelled')), {}, ['check-failed'], 'failed'],
    ['one that still runs', runs(run('test', null)), {}, ['check-pending'], 'error'],
    ['the job that runs this', runs(run('test'), run('verify', null)), { except: ['verify'] }, [], 'passed'],
    ['one that was skipped', runs(run('test', 'skipped')), {}, ['check-skipped'], 'failed'],
    ['one that may be skipped', runs(run('test'), run('docs', 'skipped')), { skipped: 'allowed' }, [], 'passed'],
    ['one that is missing', runs(run('test')), { required: ['test', 'lint'] }, ['check-missing'], 'failed'],
    ['one of the app', runs(run('test'), foreign('x')), { app: 'github-actions' }, [], 'passed'],
    ['one of another app', runs(foreign('test')), { required: ['test'], app: '15368' }, ['check-missing'], 'failed'],
    ['only those of another app', runs(foreign('test')), { app: 'github-actions' }, ['no-checks'], 'failed'],
    ['one whose name is nearly it', runs(run('Test')), { required: ['test'] }, ['check-missing'], 'failed'],
    ['none', runs(), {}, ['no-checks'], 'failed'],
    ['an answer about another commit', runs(run('test', 'success', 'f'.repeat(40))), {}, ['other-commit'], 'error'],
    [
      'fewer than there are',
      { body: JSON.stringify({ total_count: 7, check_runs: [run('test')] }) },
      {},
      ['checks-cut'],
      'error',
    ],
    ['none that was not skipped', runs(run('test', 'skipped')), { skipped: 'allowed' }, ['no-checks'], 'failed'],
    [
      'a required one of another commit that is left out too',
      runs(run('test', 'success', 'f'.repeat(40))),
      { required: ['test'], except: ['test'] },
      ['other-commit'],
      'error',
    ],
    ['no such commit', { status: 422, body: '{"message":"No commit found"}' }, {}, ['unreachable'], 'error'],
    ['a token that may not', { status: 403, body: '{}' }, {}, ['unauthorized'], 'error'],
    ['a login page', { type: 'text/html', body: '<html>' }, {}, ['unreachable'], 'error'],
    ['an empty object', { body: '{}' }, {}, ['unreachable'], 'error'],
  ])('%s', async (_, reply, own, found, outcome) => {
    const step = await github(reply, own);
    expect([codes(step), step.outcome]).toEqual([found, outcome]);
  });

  it('statuses of another commit are not those of this one', async () => {
    const status = { body: JSON.stringify({ sha: 'f'.repeat(40), state: 'success', statuses: [] }) };
    const step = await github(runs(run('test')), {}, status);
    expect([codes(step), step.outcome]).toEqual([['other-commit'], 'error']);
  });

  // As GitHub's documentation shows a branch and its rules.
  const branch = (...contexts: string[]): Reply => ({
    body: JSON.stringify({
      name: 'main',
      protected: true,
      protection: {
        enabled: true,
        required_status_checks: {
          enforcement_level: 'non_admins',
          contexts,
          checks: contexts.map((context) => ({ context, app_id: 15368 })),
        },
      },
    }),
  });
  const rules = (...contexts: string[]): Reply => ({
    body: JSON.stringify([
      { type: 'deletion', ruleset_id: 42 },
      {
        type: 'required_status_checks',
        ruleset_id: 42,
        parameters: {
          strict_required_status_checks_policy: true,
          required_status_checks: contexts.map((context) => ({ context, integration_id: 15368 })),
        },
      },
    ]),
  });
  const workflows: Reply = {
    body: JSON.stringify([{ type: 'workflows', parameters: { workflows: [{ path: '.github/workflows/a.yml' }] } }]),
  };
  it('a commit status in place of a check of the app shows nothing', async () => {
    const step = await github(
      runs(run('x')),
      { required: ['test'], app: 'github-actions' },
      statuses({ context: 'test', state: 'success' }),
    );
    expect([codes(step), step.outcome]).toEqual([['check-missing'], 'error']);
  });

  it.each<[string, Reply, Reply, object, string[], string]>([
    ['all that protection and rules require', branch('test'), rules('lint'), {}, [], 'passed'],
    ['one that the protection requires is missing', branch('test', 'e2e'), rules(), {}, ['check-missing'], 'failed'],
    ['one that a rule requires failed', branch('test'), rules('docs'), {}, ['check-failed'], 'failed'],
    ['a rule asks for workflows', branch('test'), workflows, {}, ['rule-not-judged'], 'error'],
    ['one is there of another app only', branch('test'), rules('of-another'), {}, ['check-missing'], 'failed'],
    ['one that is named besides is missing', branch('test'), rules(), { required: ['x'] }, ['check-missing'], 'failed'],
    [
      'nothing is required',
      { body: '{"name":"main","protected":false}' },
      { body: '[]' },
      {},
      ['nothing-required'],
      'failed',
    ],
    ['the branch may not be read', { status: 404, body: '{}' }, { body: '[]' }, {}, ['unreachable'], 'error'],
    ['an answer that is none', branch('test'), { body: '{}' }, {}, ['unreachable'], 'error'],
  ])('requiredOf: %s', async (_, own, ofRules, more, found, outcome) => {
    const all = runs(run('test'), run('lint'), run('docs', 'failure'), foreign('of-another'));
    const api = await serve({
      [`${at}/check-runs`]: all,
      [`${at}/status`]: statuses(),
      '/repos/acme/app/branches/main': own,
      '/repos/acme/app/rules/branches/main': ofRules,
    });
    const given = { repository: 'acme/app', commit, api, requiredOf: 'main', ...more };
    const step = await runStep({ uses: 'github/checks', secrets: ['GITHUB_TOKEN'], with: given });
    expect([codes(step), step.outcome], JSON.stringify(step.findings)).toEqual([found, outcome]);
  });

  it('reads statuses beside check runs, and pages', async () => {
    const red = await github(runs(run('test')), {}, statuses({ context: 'ci/other', state: 'error' }));
    expect(codes(red)).toEqual(['check-failed']);
    const many = Array.from({ length: 130 }, (_, n) => run(`c${n}`, n === 120 ? 'failure' : 'success'));
    const paged: Reply = (response, _body, url) => {
      const page = Number(new URL(url, 'http://x').searchParams.get('page'));
      response.end(JSON.stringify({ total_count: 130, check_runs: many.slice((page - 1) * 100, page * 100) }));
    };
    const step = await github(paged);
    expect([codes(step), step.facts['checks.green']]).toEqual([['check-failed'], 129]);
  });

  it('asks on where a forge gives fewer a page than it was asked for', async () => {
    const many = Array.from({ length: 40 }, (_, n) => ({ context: `c${n}`, state: n === 39 ? 'error' : 'success' }));
    const paged: Reply = (response, _body, url) => {
      const page = Number(new URL(url, 'http://x').searchParams.get('page'));
      response.end(JSON.stringify({ sha: commit, statuses: many.slice((page - 1) * 30, page * 30) }));
    };
    expect(codes(await github(runs(run('test')), {}, paged))).toEqual(['check-failed']);
  });

  it('asks of the commit and the repository that are verified, whatever the environment says', async () => {
    const repository = (file: string): string => {
      const cwd = tempDir({ file });
      git(cwd, 'init', '-q', '-b', 'main');
      git(cwd, 'remote', 'add', 'origin', 'https://github.com/acme/app.git');
      git(cwd, 'add', '-A');
      git(cwd, 'commit', '-qm', 'one');
      return cwd;
    };
    const [target, other] = [repository('one'), repository('other')];
    const [own, others] = [target, other].map((cwd) => git(cwd, 'rev-parse', 'HEAD').trim());
    const api = await serve({
      [`/repos/acme/app/commits/${own}/check-runs`]: runs(run('test', 'failure', own)),
      [`/repos/acme/app/commits/${own}/status`]: { body: JSON.stringify({ sha: own, statuses: [] }) },
      [`/repos/acme/app/commits/${others}/check-runs`]: runs(run('test', 'success', others)),
      [`/repos/acme/app/commits/${others}/status`]: { body: JSON.stringify({ sha: others, statuses: [] }) },
      [`/repos/evil/fork/commits/${own}/check-runs`]: runs(run('test', 'success', own)),
      [`/repos/evil/fork/commits/${own}/status`]: { body: JSON.stringify({ sha: own, statuses: [] }) },
    });
    const ask = (more: object = {}) =>
      runStep({ uses: 'github/checks', target, secrets: ['GITHUB_TOKEN'], with: { api, ...more } });
    const from = async (env: Record<string, string>) => {
      Object.assign(process.env, env);
      try {
        return await ask();
      } finally {
        for (const name of Object.keys(env)) delete process.env[name];
      }
    };
    expect(codes(await from({ GIT_DIR: join(other, '.git') }))).toEqual(['check-failed']);
    const fork = 'https://github.com/evil/fork';
    const configured = (key: string, value: string) =>
      from({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: value });
    expect(codes(await configured('remote.origin.url', fork))).toEqual(['check-failed']);
    expect(codes(await configured(`url.${fork}.insteadOf`, 'https://github.com/acme/app.git'))).toEqual([
      'check-failed',
    ]);
    expect(codes(await ask({ commit: others }))).toEqual(['other-commit']);
  });

  it('sends the token, keeps it nowhere, and is inconclusive without', async () => {
    let sent = '';
    const asked: Reply = (response, _body, _url) => {
      sent = String(response.req.headers.authorization);
      response.end(JSON.stringify({ total_count: 1, check_runs: [run('test')] }));
    };
    const step = await github(asked);
    expect([sent, step.outcome]).toEqual([`Bearer ${token}`, 'passed']);
    expect(JSON.stringify(step)).not.toContain(token);
    delete process.env['GITHUB_TOKEN'];
    process.env['PATH'] = '/nowhere';
    const none = await github(asked);
    expect([codes(none), none.outcome]).toEqual([['secret-missing'], 'error']);
  });

  it('is asked by gh where there is no token', async () => {
    delete process.env['GITHUB_TOKEN'];
    const answer = JSON.stringify({ total_count: 1, check_runs: [run('test')] });
    const bin = tempDir({
      gh: `#!/bin/sh\ncase "$2" in *check-runs*) echo '${answer}';; *) echo '{"sha":"${commit}","statuses":[]}';; esac\n`,
    });
    chmodSync(join(bin, 'gh'), 0o755);
    process.env['PATH'] = `${bin}:${path}`;
    const step = await runStep({ uses: 'github/checks', with: { repository: 'acme/app', commit } });
    expect([step.outcome, step.proofs]).toEqual(['passed', ['test is success on acme/app at 0123456789ab']]);
  });
});

describe('secrets in headers', () => {
  const name = 'CANARY_OF_A_TEST';
  const checks = (url: string, headers: Record<string, string>, more: object = {}) =>
    runStep({ uses: 'http/get', with: { url, headers, contains: ['in'], ...more } });

  it('are sent, and kept nowhere: not in the record, not where they are echoed', async () => {
    process.env[name] = token;
    let sent = '';
    const url = await serve({
      '/': (response) => {
        sent = String(response.req.headers['x-key']);
        response.end(`signed in as ${sent}`);
      },
    });
    const step = await checks(url, { 'x-key': `Bearer \${{ secrets.${name} }}` });
    expect([sent, step.outcome]).toEqual([`Bearer ${token}`, 'passed']);
    expect(JSON.stringify(step)).not.toContain(token);
    expect(step.with).toMatchObject({ headers: { 'x-key': `Bearer \${{ secrets.${name} }}` } });
    delete process.env[name];
    expect(codes(await checks(url, { 'x-key': `\${{ secrets.${name} }}` }))).toEqual(['secret-missing']);
    process.env[name] = '';
    expect(codes(await checks(url, { 'x-key': `\${{ secrets.${name} }}` }))).toEqual(['secret-missing']);
    delete process.env[name];
    await expect(
      runStep({ uses: 'http/get', with: { url: `${url}/\${{ secrets.${name} }}`, contains: ['in'] } }),
    ).rejects.toThrow('not a valid checklist');
    await expect(runStep({ uses: 'command', with: { run: ['echo', `\${{ secrets.${name} }}`] } })).rejects.toThrow(
      'not a valid checklist',
    );
  });
});
