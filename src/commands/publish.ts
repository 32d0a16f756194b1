import type { GateAnswer } from '../core/sign-off.ts';
import { exit, UserError } from '../core/errors.ts';
import { type CommitStatus, setGitHubStatus } from '../hosts/commit-status.ts';
import { originOf } from '../hosts/git-history.ts';
import { askGate, type GateOptions } from './gate.ts';
import { load } from './shared.ts';

export interface PublishOptions extends Omit<GateOptions, 'before' | 'json' | 'export'> {
  github?: boolean;
  repository?: string;
  url?: string;
  api: string;
  dryRun?: boolean;
}

/**
 * What the gate says, as a status: green only where it is open. A run that passed and waits for its approvals is pending.
 * @param url where the decision can be read
 */
export function statusOf(answer: GateAnswer, url: string | undefined): CommitStatus {
  const waits =
    answer.verdict === 'PASSED' &&
    answer.reasons.length > 0 &&
    answer.reasons.every(({ code }) => code === exit.notApproved);
  const by = answer.approvals.map((one) => `${one.by} (${one.role})`).join(', ');
  const waived = answer.waived.length === 0 ? '' : `, ${answer.waived.length} waived`;
  const description = answer.passed
    ? `PASSED, approved by ${by}${waived}`
    : `${answer.verdict ?? 'no run'}: ${answer.reasons[0]?.text ?? 'the gate is shut'}`;
  return {
    state: answer.passed ? 'success' : waits ? 'pending' : 'failure',
    context: `verify/${answer.milestone}`,
    description: description.length > 140 ? `${description.slice(0, 139)}…` : description,
    ...(url !== undefined && { target_url: url }),
  };
}

/** `verify publish <milestone> --github`: the gate's answer as a status of the commit. @returns the gate's exit code */
export async function publishCommand(name: string, options: PublishOptions): Promise<number> {
  if (options.github !== true)
    throw new UserError(exit.usage, 'publish: say where to', { hint: `verify publish ${name} --github` });
  const loaded = await load(name, options);
  const { answer } = await askGate(loaded, options);
  const { commit } = answer;
  if (commit === undefined)
    throw new UserError(exit.stale, 'the run is of no commit, so that there is none to set a status of', {
      hint: 'put the target under git, and run again',
    });
  const origin = await originOf(loaded.targetPath);
  const repository = options.repository ?? /[/:]([^/:]+\/[^/]+?)(?:\.git)?\/*$/.exec(origin ?? '')?.[1];
  if (repository === undefined)
    throw new UserError(exit.usage, 'publish: there is no remote `origin`', { hint: 'give --repository OWNER/NAME' });
  const status = statusOf(answer, options.url ?? jobUrl());
  if (options.dryRun !== true) await setGitHubStatus({ repository, commit, api: options.api }, status);
  process.stdout.write(
    `${options.dryRun === true ? 'would set' : 'set'} ${status.context} of ${repository} at ${commit.slice(0, 12)}: ${status.state}, ${status.description}\n`,
  );
  return answer.code;
}

/** The page of the job that this runs in, on GitHub. */
function jobUrl(): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  return server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined;
}
