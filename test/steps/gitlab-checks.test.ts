import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codes, runStep } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
beforeEach(() => {
  process.env['GITLAB_TOKEN'] = 'glpat-canary-4711-token';
});
afterEach(() => {
  delete process.env['GITLAB_TOKEN'];
});

describe('gitlab/checks', () => {
  const gitlab = async (body: unknown, own: object = {}) => {
    const api = await serve({
      [`/projects/acme%2Fgroup%2Fapp/repository/commits/${commit}/statuses`]: { body: JSON.stringify(body) },
    });
    const given = { repository: 'acme/group/app', commit, api, ...own };
    return runStep({ uses: 'gitlab/checks', secrets: ['GITLAB_TOKEN'], with: given });
  };
  const job = (name: string, status = 'success') => ({ name, status, sha: commit });

  it.each([
    ['all green', [job('test'), job('build')], {}, [], 'passed'],
    ['one that failed', [job('test', 'failed')], {}, ['check-failed'], 'failed'],
    ['one that runs', [job('test', 'running')], {}, ['check-pending'], 'error'],
    ['one that waits for a person', [job('deploy', 'manual')], {}, ['check-skipped'], 'failed'],
    ['one that is missing', [job('test')], { required: ['lint'] }, ['check-missing'], 'failed'],
    ['one that may fail', [job('test'), { ...job('fuzz', 'failed'), allow_failure: true }], {}, [], 'passed'],
    [
      'one by hand that need not be',
      [job('test'), { ...job('deploy', 'manual'), allow_failure: true }],
      {},
      [],
      'passed',
    ],
    [
      'one that may fail and is required',
      [{ ...job('fuzz', 'failed'), allow_failure: true }],
      { required: ['fuzz'] },
      ['check-failed'],
      'failed',
    ],
    ['nothing but what may fail', [{ ...job('fuzz', 'failed'), allow_failure: true }], {}, ['no-checks'], 'failed'],
    ['none', [], {}, ['no-checks'], 'failed'],
    ['an answer of something else', { message: 'hello' }, {}, ['unreachable'], 'error'],
  ])('%s', async (_, body, own, found, outcome) => {
    const step = await gitlab(body, own);
    expect([codes(step), step.outcome]).toEqual([found, outcome]);
  });
});
