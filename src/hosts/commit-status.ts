import { execa } from 'execa';
import { exit, UserError } from '../core/errors.ts';
import { Http } from './http.ts';

/** A status of a commit, as GitHub has it. Source: GitHub REST, "Create a commit status". */
export interface CommitStatus {
  state: 'success' | 'failure' | 'pending';
  /** Names it among the other statuses of the commit. */
  context: string;
  /** At most 140 characters. */
  description: string;
  target_url?: string;
}

/**
 * Sets a status by the token of GITHUB_TOKEN or GH_TOKEN, else by `gh`, which has one.
 * @throws UserError 12 where there is neither, or GitHub does not take it
 */
export async function setGitHubStatus(
  { repository, commit, api }: { repository: string; commit: string; api: string },
  status: CommitStatus,
): Promise<void> {
  const path = `repos/${repository}/statuses/${commit}`;
  const body = JSON.stringify(status);
  const token = process.env['GITHUB_TOKEN'] || process.env['GH_TOKEN'];
  const refused = (why: string, hint: string): UserError =>
    new UserError(exit.inconclusive, `the status was not set: ${why}`, { hint });
  if (token === undefined || token === '') {
    const ended = await execa('gh', ['api', '--method', 'POST', path, '--input', '-'], {
      input: body,
      reject: false,
      timeout: 60_000,
    });
    if (ended.exitCode === 0) return;
    throw ended.exitCode === undefined
      ? refused('the environment has no GITHUB_TOKEN, and gh is not here', 'set the token, or install gh')
      : refused(`gh exited with ${ended.exitCode}`, ended.stderr.trim().slice(0, 300) || 'gh auth login');
  }
  if (!/^(?:https:|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/])/i.test(`${api}/`))
    throw refused(`${api} is not https, and the token would be there for all to read`, 'give --api an https address');
  const http = new Http();
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'content-type': 'application/json',
  };
  const answer = await http.request(
    `${api.replace(/\/$/, '')}/${path}`,
    { method: 'POST', headers, body },
    30_000,
    AbortSignal.timeout(30_000),
    (file) => file,
  );
  await http.close();
  if (!answer.reached) throw refused(`${answer.error}, ${answer.message}`, 'see --api, and the network');
  if (answer.status !== 201)
    throw refused(
      `GitHub answers HTTP ${answer.status}`,
      'is the commit pushed, and may the token write statuses (`statuses: write`)?',
    );
}
