import { z } from 'zod';
import { error, inconclusive, Judge, Unobservable, type Judgement, type StepContext } from '../core/step.ts';
import { git, originOf, sameFiles } from './forge-git.ts';
import { requiredChecks, type RequiredCheck } from './required-checks.ts';
import { jsonOf, listOf, objectOf, textOf } from '../formats/data/json-parts.ts';

/** What GitHub and GitLab have in common: a commit, and the checks that ran on it. */
export type Forge = 'github' | 'gitlab';

const about = {
  github: {
    token: 'GITHUB_TOKEN',
    program: 'gh',
    api: (host: string) => (host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`),
  },
  gitlab: { token: 'GITLAB_TOKEN', program: 'glab', api: (host: string) => `https://${host}/api/v4` },
} as const;

export const forgeParams = (forge: Forge) =>
  z.strictObject({
    required: z
      .array(z.string().trim().min(1))
      .min(1)
      .optional()
      .describe('names of the checks that must be green; default all that ran on the commit'),
    except: z
      .array(z.string().trim().min(1))
      .default([])
      .describe('names that do not count, such as the job that runs this'),
    skipped: z
      .enum(['fails', 'allowed'])
      .default('fails')
      .describe('does a check that was skipped, or is neutral, count as green'),
    repository: z.string().min(3).optional().describe('owner/name; default by the remote `origin`'),
    commit: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .optional()
      .describe('default the commit that is checked out'),
    token: z
      .string()
      .default(about[forge].token)
      .describe(
        `variable with the token, listed under \`secrets\` of the step; without it \`${about[forge].program} api\` is asked`,
      ),
    api: z.url().optional().describe('address of the interface; default by the host of `origin`'),
  });
type Params = z.infer<ReturnType<typeof forgeParams>> & { requiredOf?: string | undefined; app?: string | undefined };

interface Check {
  name: string;
  state: 'success' | 'failure' | 'pending' | 'skipped';
  /** The forge's own word. */
  said: string;
  sha: string;
  /** Id and short name of the app that ran it, where the forge says so. */
  apps?: string[];
  /** The pipeline is green whatever becomes of it: GitLab's `allow_failure`, also of what is started by hand. */
  mayFail?: boolean;
}
export interface ForgeSeen {
  repository: string;
  commit: string;
  checks: Check[];
  /** The forge has more than it gave. */
  cut: boolean;
  /** What the branch of `requiredOf` requires. */
  required?: RequiredCheck[];
  /** Rules of that branch that ask for checks and do not say which. */
  unnamed?: string[];
  /** The commit that is verified, where it has other files than the one that the checklist names: nobody was asked. */
  verified?: string;
}

export const forgeProblems = {
  'check-failed': error('A check of this commit is not green', 'see its log, and correct what it found'),
  'check-missing': error('A required check did not run on this commit', 'run it on this commit, or correct its name'),
  'nothing-required': error('The branch requires no check', 'protect the branch, or name the checks under `required`'),
  'rule-not-judged': inconclusive(
    'The branch requires checks without saying which',
    'name the checks of these rules under `required`, and leave `requiredOf` out',
  ),
  'check-skipped': error('A check was skipped, which proves nothing', 'let it run; or say `skipped: allowed`'),
  'check-pending': inconclusive(
    'A check has not ended',
    'wait for it (`retry`), or leave out the job that runs this (`except`)',
  ),
  'no-checks': error('No check ran on this commit', 'push it, and let its checks run'),
  'other-commit': inconclusive('The answer is about another commit', 'see `repository` and `commit`'),
  'checks-cut': inconclusive('There are more checks than were read', 'name those that are `required`'),
} as const;

export const forgePlan = (p: Params): string[] => [
  `asks ${p.api ?? 'the forge of origin'} which checks of ${p.commit?.slice(0, 12) ?? 'this commit'} are green (${p.required?.join(', ') ?? (p.requiredOf === undefined ? 'all' : `what ${p.requiredOf} requires`)})`,
];

/** Asks which checks ran on the commit. @throws Unobservable where nobody can be asked, or the answer is none */
export async function askForge(forge: Forge, p: Params, ctx: StepContext): Promise<ForgeSeen> {
  const origin = await originOf(ctx);
  const repository = p.repository ?? origin?.path;
  if (repository === undefined)
    throw new Unobservable('unreachable', 'there is no remote `origin`', { hint: 'give `repository`' });
  const head = await git(ctx, 'rev-parse', 'HEAD');
  const commit = p.commit ?? head;
  if (commit === undefined)
    throw new Unobservable('unreadable', 'git cannot say which commit this is', { hint: 'give `commit`' });
  if (head !== undefined && commit !== head && !(await sameFiles(commit, head, ctx)))
    return { repository, commit, checks: [], cut: false, verified: head };
  const ask = asker(forge, p, origin?.host ?? `${forge}.com`, ctx);
  const checks: Check[] = [];
  let cut = false;
  const pages = async (
    path: string,
    read: (page: unknown) => { all: Check[]; total?: number | undefined },
  ): Promise<void> => {
    let [seen, before] = [0, ''];
    for (let page = 1; ; page++) {
      const { all, total } = read(await ask(`${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`));
      // A forge may give fewer a page than it was asked for, and one without pages gives the same again.
      const text = JSON.stringify(all);
      const ended = all.length === 0 || text === before;
      if (!ended) checks.push(...all);
      if (!ended) seen += all.length;
      if (ended || seen === total) return void (cut ||= total !== undefined && seen < total);
      before = text;
      if (page >= 40) return void (cut = true);
    }
  };
  if (forge === 'github') {
    const at = `repos/${repository}/commits/${commit}`;
    await pages(`${at}/check-runs?filter=latest`, (page) => ({
      all: listed(page, 'check_runs').map((one) => {
        const said = textOf(one['status']) === 'completed' ? textOf(one['conclusion']) : textOf(one['status']);
        return {
          name: textOf(one['name']),
          state: stateOf(said),
          said,
          sha: textOf(one['head_sha']),
          apps: appsOf(one['app']),
        };
      }),
      total: numberIn(page, 'total_count'),
    }));
    await pages(`${at}/status`, (page) => {
      const sha = textOf(objectOf(page)['sha']);
      // Of another commit, its statuses are not those that are missing here.
      if (sha !== '' && sha !== commit) checks.push({ name: 'the status', state: 'failure', said: 'elsewhere', sha });
      return {
        all: listed(page, 'statuses').map((one) => ({
          name: textOf(one['context']),
          state: stateOf(textOf(one['state'])),
          said: textOf(one['state']),
          sha,
        })),
        total: numberIn(page, 'total_count'),
      };
    });
  } else
    await pages(`projects/${encodeURIComponent(repository)}/repository/commits/${commit}/statuses`, (page) => ({
      all: listed(page).map((one) => ({
        name: textOf(one['name']),
        state: stateOf(textOf(one['status'])),
        said: textOf(one['status']),
        sha: textOf(one['sha']),
        ...(one['allow_failure'] === true && { mayFail: true }),
      })),
    }));
  return {
    repository,
    commit,
    checks,
    cut,
    ...(p.requiredOf !== undefined && (await required(ask, repository, p.requiredOf))),
  };
}

/** The checks that a branch of GitHub requires, by its protection and its rules. */
async function required(
  ask: ReturnType<typeof asker>,
  repository: string,
  name: string,
): Promise<ReturnType<typeof requiredChecks>> {
  const branch = encodeURIComponent(name);
  const rules: Record<string, unknown>[] = [];
  for (let page = 1, full = true; full && page <= 40; page++) {
    const some = listed(await ask(`repos/${repository}/rules/branches/${branch}?per_page=100&page=${page}`));
    rules.push(...some);
    full = some.length === 100;
  }
  return requiredChecks(await ask(`repos/${repository}/branches/${branch}`), rules);
}

/** Source: GitHub REST, check runs (`status`, `conclusion`) and statuses; GitLab REST, commit statuses. What is unknown has failed. */
function stateOf(said: string): Check['state'] {
  if (said === 'success') return 'success';
  if (
    /^(?:queued|in_progress|requested|waiting|pending|running|created|preparing|waiting_for_resource|scheduled)$/.test(
      said,
    )
  )
    return 'pending';
  return /^(?:skipped|neutral|manual)$/.test(said) ? 'skipped' : 'failure';
}

function appsOf(app: unknown): string[] {
  const { id, slug } = objectOf(app);
  return [typeof id === 'number' ? String(id) : '', textOf(slug)].filter((one) => one !== '');
}

const numberIn = (page: unknown, key: string): number | undefined => {
  const value = objectOf(page)[key];
  return typeof value === 'number' ? value : undefined;
};

/** The list in an answer. @throws Unobservable where it has none: an answer of something else is not one without checks */
function listed(page: unknown, key?: string): Record<string, unknown>[] {
  const list = key === undefined ? page : objectOf(page)[key];
  if (!Array.isArray(list))
    throw new Unobservable('unreachable', 'the answer is not one that the forge’s API gives', { hint: 'see `api`' });
  return listOf(list).map(objectOf);
}

type Ask = (path: string) => Promise<unknown>;

/** By the token, else by the forge's own program, which has one. @throws Unobservable where there is neither */
function asker(forge: Forge, p: Params, host: string, ctx: StepContext): Ask {
  const { program, api } = about[forge];
  const token = ctx.secret(p.token);
  const base = (p.api ?? api(host)).replace(/\/$/, '');
  const parse = (text: string): unknown => {
    const answer = jsonOf(text);
    if (answer === undefined) throw new Unobservable('unreachable', 'the answer is not JSON', { hint: 'see `api`' });
    return answer;
  };
  if (token !== undefined && token !== '')
    return async (path) => {
      const headers =
        forge === 'github'
          ? { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' }
          : { 'private-token': token };
      const answer = await ctx.http(`${base}/${path}`, { headers });
      if (!answer.reached) throw new Unobservable('unreachable', `${base}: ${answer.error}, ${answer.message}`);
      if (answer.status === 401 || answer.status === 403)
        throw new Unobservable('unauthorized', `${base} answers HTTP ${answer.status}`, {
          hint: `may the token in ${p.token} read checks?`,
        });
      if (answer.status !== 200)
        throw new Unobservable('unreachable', `${base}/${path.split('?')[0]} answers HTTP ${answer.status}`, {
          hint: 'is the commit pushed, and may the token read the repository?',
        });
      if (answer.truncated) throw new Unobservable('answer-cut', 'the answer is too long to read in full');
      return parse(answer.body);
    };
  return async (path) => {
    const result = await ctx.exec([program, 'api', path, '--hostname', host], {
      name: program,
      readsOnly: true,
    });
    if (result.notStarted !== undefined)
      throw new Unobservable('secret-missing', `the environment has no ${p.token}, and ${program} is not here`, {
        hint: `set it, and list it under \`secrets\` of the step`,
      });
    if (result.code !== 0)
      throw new Unobservable(
        'unauthorized',
        `${program} api exited with ${result.code}: ${result.stderr.trim().slice(0, 300)}`,
        { hint: `${program} auth login` },
      );
    return parse(result.stdout);
  };
}

/** Are the checks of the commit green? */
export function judgeForge(
  p: Params,
  { repository, commit, checks, cut, verified, required: ofBranch, unnamed = [] }: ForgeSeen,
): Judgement {
  const j = new Judge(forgeProblems);
  if (verified !== undefined)
    return j
      .find(
        'other-commit',
        `the checklist names ${commit.slice(0, 12)}, and ${verified.slice(0, 12)} with other files is verified`,
      )
      .done();
  const at = `${repository} at ${commit.slice(0, 12)}`;
  if (ofBranch?.length === 0) j.find('nothing-required', `${p.requiredOf} of ${repository} requires no check`);
  for (const type of unnamed)
    j.find('rule-not-judged', `${p.requiredOf} of ${repository} has a rule of the type ${type}`);
  const by = p.app === undefined ? {} : { app: p.app };
  const named: RequiredCheck[] | undefined =
    p.required || ofBranch ? [...(p.required ?? []).map((name) => ({ name, ...by })), ...(ofBranch ?? [])] : undefined;
  const isBy = ({ apps = [] }: Check, app: string | undefined): boolean => app === undefined || apps.includes(app);
  const mayBe = (one: Check): boolean => isBy(one, p.app) && (one.mayFail !== true || one.state === 'success');
  const counted = checks.filter((one) => !p.except.includes(one.name) && (named !== undefined || mayBe(one)));
  const required =
    named ?? [...new Set(counted.map((one) => one.name))].toSorted().map((name): RequiredCheck => ({ name, ...by }));
  const other = checks.find(
    (one) => one.sha !== commit && (counted.includes(one) || required.some(({ name }) => name === one.name)),
  );
  if (other)
    return j.find('other-commit', `${other.name} is of ${other.sha || 'no commit'}, expected ${commit}`).done();
  if (required.length === 0 && ofBranch?.length !== 0) j.find('no-checks', `no check ran on ${at}`);
  if (cut) j.find('checks-cut', `${at} has more checks than ${checks.length}`);
  const own = ({ name, app }: RequiredCheck): Check[] => checks.filter((one) => one.name === name && isBy(one, app));
  for (const one of required.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name, app } = one;
    const worst = (['failure', 'pending', 'skipped', 'success'] as const).flatMap(
      (state) => own(one).find((each) => each.state === state) ?? [],
    )[0];
    const text = `${name}${app === undefined ? '' : ` of the app ${app}`} is ${worst?.said ?? 'not there'} on ${at}`;
    // Of who set a commit status GitHub does not tell the app.
    const unsure = cut || checks.some((each) => each.name === name && each.apps === undefined);
    if (!worst) j.find('check-missing', text, { subject: name, ...(unsure && { level: 'inconclusive' as const }) });
    else if (worst.state === 'failure') j.find('check-failed', text, { subject: name });
    else if (worst.state === 'pending') j.find('check-pending', text, { subject: name });
    else if (worst.state === 'skipped' && p.skipped === 'fails') j.find('check-skipped', text, { subject: name });
    else j.prove(text);
  }
  const green = required.filter((one) => own(one).some(({ state }) => state === 'success'));
  if (required.length > 0 && green.length === 0 && j.findings.length === 0)
    j.find('no-checks', `every check of ${at} was skipped: none has shown anything`);
  j.fact('checks.green', counted.filter((one) => one.state === 'success').length);
  const rows = counted.map((one) => [one.name, one.said]);
  j.table('Checks of the commit', ['Check', 'State'], rows);
  return j.done();
}

export const forgeFacts = { 'checks.green': 'checks of the commit that are green' };
