import { few } from '../core/words.ts';
import { posix } from 'node:path';
import type { SignoffPolicy } from '../core/checklist.ts';
import { ms, showDuration } from '../core/duration.ts';
import { exit } from '../core/errors.ts';
import type { RunRecord, TreeState } from '../core/record.ts';
import { skewMs } from './decisions.ts';
import type { Reasons } from './reason.ts';
import { checkReusedAge } from './reused.ts';

/** What the repository at hand says, gathered without the network. */
export interface RepositoryFacts {
  /** Address of the remote `origin`, without credentials. */
  repository?: string | undefined;
  prefix: string;
  /** The commit that is gated on; undefined where there is no git. */
  subject: string | undefined;
  /** Does the repository hold the commit of the run? */
  knowsCommit: boolean;
  shallow: boolean;
  /**
   * From the commit of the run to the subject, where they differ: what changed, without what verify itself wrote, and the folders of
   * runs that came, changed or went.
   */
  moved?: { descends: boolean; paths: string[]; runs?: string[] } | undefined;
  /** The tree as it lies there, where the subject is what is checked out. */
  worktree?: Pick<TreeState, 'digest' | 'dirty'> | undefined;
  /** Why git cannot say what is here. */
  unversioned?: string | undefined;
  identities: ReadonlySet<string>;
  /** sha256 of the checklist as it is now; undefined where it is not there. */
  checklist: string | undefined;
  /** The reference whose policy is gone by, and sha256 of its checklist. */
  base?: { ref: string; checklist: string } | undefined;
  /** sha256 now of each file that the checklist leans on. */
  inputs: Readonly<Record<string, string | undefined>>;
  /** sha256 now of each ignored file that the run read, where it is at hand. */
  ignored?: Readonly<Record<string, string | undefined>>;
  /** Text of the FINAL_STATUS.md that was also written to the target, where it is there. */
  written?: string | undefined;
}

/** `git@host:a/b.git`, `ssh://git@host/a/b` and `https://host/a/b.git` name the same repository. */
export function sameRepository(a: string | undefined, b: string | undefined): boolean {
  const plain = (url: string): string =>
    url
      .replace(/^\w+:\/\/(?:[^@/]*@)?/, '')
      .replace(/^[^@/:]+@([^:/]+):/, '$1/')
      .replace(/^([^/:]+):\d+\//, '$1/')
      .replace(/(?:\.git)?\/*$/, '')
      .replace(/^[^/]+/, (host) => host.toLowerCase());
  return a === undefined || b === undefined ? a === b : plain(a) === plain(b);
}

const rerun = (record: RunRecord): string => `verify ${record.run.milestone}, on the commit that you want to gate on`;

/** Runs besides the one that is gated on which came since: they are left out of the tree, and nobody signed them here. */
export function otherRuns({ run }: RunRecord, { moved }: RepositoryFacts): string[] {
  const others = (moved?.runs ?? []).filter((folder) => !folder.endsWith(`/${run.milestone}/${run.id}`));
  return others.length === 0
    ? []
    : [`files of other runs changed after this run; they are no part of what was signed: ${few(others)}`];
}

/** Is the run about this milestone, repository, commit, tree and checklist, and recent enough? */
export function checkFreshness(
  record: RunRecord,
  milestone: string,
  facts: RepositoryFacts,
  policy: SignoffPolicy,
  now: number,
  reasons: Reasons,
): void {
  const stale = (text: string, todo: string = rerun(record)): void => reasons.add(exit.stale, text, todo);
  const { tree, run, checklist } = record;
  if (run.milestone !== milestone) stale(`the run is of ${run.milestone}, not of ${milestone}`);
  if (tree.commit === undefined)
    stale(
      'the run was not made in a git repository: there is no commit to sign or gate on',
      'put the target under git, commit, and run again',
    );
  if (facts.unversioned !== undefined)
    reasons.add(
      exit.inconclusive,
      `git cannot say what is here: ${facts.unversioned}`,
      'gate in a clone that git can read',
    );
  if (tree.reports !== undefined && tree.reports !== posix.normalize(policy.reports).replace(/\/$/, ''))
    stale(
      `the run was kept in ${tree.reports === '' ? 'the root' : tree.reports} of the target, where the policy has no reports (signoff.reports: ${policy.reports})`,
      `keep runs in ${policy.reports}, or outside of the target, or merge a policy that names the folder`,
    );
  if (tree.dirty.length > 0)
    stale(
      `the run was made on a tree that differs from its commit: ${few(tree.dirty.map((one) => `${one.path} (${one.why})`))}`,
      'commit or remove these, and run again',
    );
  const elsewhere = !sameRepository(tree.repository, facts.repository);
  if (elsewhere)
    stale(
      `the run is of the repository ${tree.repository ?? 'without a remote'}, this is ${facts.repository ?? 'one without a remote'}`,
      'gate in a clone of that repository, whose remote `origin` is the same',
    );
  if (tree.prefix !== facts.prefix)
    stale(
      `the run is of the folder ${tree.prefix || 'at the root'}, this is ${facts.prefix || 'the root'} of the repository`,
      'give the same --target',
    );
  // Another repository lacks the commit too: that is the same cause.
  if (!elsewhere || facts.knowsCommit || facts.subject === undefined) checkCommit(record, facts, stale);
  if (facts.worktree) {
    if (facts.worktree.dirty.length > 0)
      stale(
        `the tree differs from its commit: ${few(facts.worktree.dirty.map((one) => `${one.path} (${one.why})`))}`,
        'commit or remove these; what git status does not show is compared by content',
      );
    else if (facts.worktree.digest !== tree.digest) stale('the files of the tree are not those that were verified');
  }
  if (facts.checklist === undefined)
    stale(`the checklist ${checklist.path} is no longer there`, 'put it back, or run again');
  else if (facts.checklist !== checklist.sha256)
    stale(`the checklist ${checklist.path} was changed since the run`, `look at the change, then ${rerun(record)}`);
  if (facts.base !== undefined && facts.base.checklist !== checklist.sha256)
    stale(
      `the checklist that was run is not the one of ${facts.base.ref}`,
      `merge the change of the checklist first, then run again`,
    );
  const changed = Object.entries(checklist.inputs)
    .filter(([path, sha256]) => facts.inputs[path] !== sha256)
    .map(([path]) => path);
  if (changed.length > 0) stale(`files that the checklist leans on were changed since the run: ${few(changed)}`);
  checkIgnored(record, facts, policy, stale);
  checkAge(record, policy, now, stale);
  checkReusedAge(record, policy, now, stale);
}

/** What git ignores is in no commit: what the run read of it is held against the file at hand, where there is one. */
function checkIgnored(
  { tree }: RunRecord,
  { ignored = {} }: RepositoryFacts,
  policy: SignoffPolicy,
  stale: (text: string, todo?: string) => void,
): void {
  const { files = [], present = [] } = tree.ignored ?? {};
  const others = files.filter(
    ({ path, sha256, held }) => held && ignored[path] !== undefined && ignored[path] !== sha256,
  );
  if (others.length > 0)
    stale(
      `files that git ignores, and that the run read, are others now: ${few(others.map((one) => one.path))}`,
      'put them back, or run again',
    );
  if (policy.ignored !== 'none') return;
  if (tree.ignored === undefined)
    stale('the record does not say what of the ignored files was there, and the policy demands that nothing was');
  else if (present.length > 0)
    stale(
      `files that git ignores were there when the run began (${few(present)}), and the policy demands a fresh tree`,
      'run in a fresh clone or worktree: git worktree add ../fresh && cd ../fresh',
    );
}

function checkCommit({ tree }: RunRecord, facts: RepositoryFacts, stale: (text: string, todo?: string) => void): void {
  if (tree.commit === undefined) return;
  const short = tree.commit.slice(0, 12);
  if (facts.subject === undefined)
    return stale(
      'this is not a git repository: it cannot be proven what it holds',
      'gate in a clone of the repository',
    );
  if (!facts.knowsCommit)
    return stale(
      `cannot prove: the commit ${short} of the run is not in this ${facts.shallow ? 'shallow clone' : 'repository'}`,
      facts.shallow
        ? 'fetch the whole history (git fetch --unshallow; fetch-depth: 0 in CI)'
        : 'gate in a clone of the repository that was verified',
    );
  if (facts.moved === undefined) return;
  const others = facts.moved.paths;
  if (!facts.moved.descends)
    stale(`the run is of the commit ${short}, which ${facts.subject.slice(0, 12)} does not come from`);
  else if (others.length > 0)
    stale(`the run is of the commit ${short}; up to ${facts.subject.slice(0, 12)} these changed: ${few(others)}`);
}

function checkAge(
  { run, merged }: RunRecord,
  policy: SignoffPolicy,
  now: number,
  stale: (text: string, todo?: string) => void,
): void {
  const [started, ended] = [Date.parse(run.startedAt), Date.parse(run.endedAt)];
  if (!Number.isFinite(started) || !Number.isFinite(ended) || ended + skewMs < started)
    return stale('the times of the run make no sense', 'run again');
  if (Math.max(started, ended) > now + skewMs)
    return stale(`the run is from the future (${run.endedAt})`, 'set the clocks, and run again');
  // A merged run is as old as the oldest of its shards.
  const oldest = Math.min(ended, ...(merged?.shards ?? []).map((shard) => Date.parse(shard.endedAt)));
  if (!(now - oldest <= ms(policy.maxAge)))
    stale(`the run is ${showDuration(now - oldest)} old; the policy allows ${policy.maxAge}`);
}
