import type { Base, Asked } from '../rig/signed.ts';
import type { Case } from './case.ts';

const day = 86_400_000;
const commit = (n: string): string => n.repeat(40).slice(0, 40);
const told = (facts: NonNullable<Asked['facts']>) => (): Asked => ({ facts });

/** The run is about something else than what is at hand. Threats A 15, 18–22, 24, 26. */
export const repository: Case[] = [
  { name: 'another milestone', code: 22, says: /the run is of m1, not of m2/, make: () => ({ milestone: 'm2' }) },
  {
    name: 'the same commit in another repository',
    code: 22,
    says: /the run is of the repository/,
    make: told({ repository: 'https://example.org/team/fork.git' }),
  },
  {
    name: 'a repository without a remote',
    code: 22,
    says: /one without a remote/,
    make: told({ repository: undefined }),
  },
  {
    name: 'another folder of the repository',
    code: 22,
    says: /the run is of the folder/,
    make: told({ prefix: 'services/api' }),
  },
  {
    name: 'HEAD moved by one commit',
    code: 22,
    says: /these changed: docs\/runbook\.md/,
    make: told({ subject: commit('a'), moved: { descends: true, paths: ['docs/runbook.md'] }, worktree: undefined }),
  },
  {
    name: 'HEAD moved back',
    code: 22,
    says: /does not come from/,
    make: told({ subject: commit('a'), moved: { descends: false, paths: [] }, worktree: undefined }),
  },
  {
    name: 'HEAD moved, and a file beside the runs changed',
    code: 22,
    says: /reports\/README\.md/,
    make: told({ subject: commit('a'), moved: { descends: true, paths: ['reports/README.md'] }, worktree: undefined }),
  },
  {
    name: 'a shallow clone without the commit',
    code: 22,
    says: /cannot prove.*shallow clone/,
    make: told({ knowsCommit: false, shallow: true }),
  },
  { name: 'a repository without the commit', code: 22, says: /cannot prove/, make: told({ knowsCommit: false }) },
  { name: 'no git repository', code: 22, says: /not a git repository/, make: told({ subject: undefined }) },
  {
    name: 'a run outside git',
    code: 22,
    says: /not made in a git repository/,
    make: (base: Base) => ({
      bundle: base.signed((r) => {
        delete r.tree.commit;
      }),
    }),
  },
  {
    name: 'a run on a dirty tree',
    code: 22,
    says: /docs\/runbook\.md \(modified\)/,
    make: (base: Base) => ({
      bundle: base.signed((r) => void r.tree.dirty.push({ path: 'docs/runbook.md', why: 'modified' })),
    }),
  },
  {
    name: 'a dirty tree now',
    code: 22,
    says: /the tree differs from its commit: x \(untracked\)/,
    make: (base: Base) => ({
      facts: { worktree: { digest: base.record.tree.digest, dirty: [{ path: 'x', why: 'untracked' }] } },
    }),
  },
  {
    name: 'another tree',
    code: 22,
    says: /not those that were verified/,
    make: told({ worktree: { digest: commit('b'), dirty: [] } }),
  },
  {
    name: 'a checklist that was edited since',
    code: 22,
    says: /checklists\/m1\.yaml was changed since/,
    make: told({ checklist: commit('c') }),
  },
  { name: 'a checklist that is gone', code: 22, says: /no longer there/, make: told({ checklist: undefined }) },
  {
    name: 'a checklist that is not the one of the base',
    code: 22,
    says: /not the one of origin\/main/,
    make: told({ base: { ref: 'origin/main', checklist: commit('d') } }),
  },
  {
    name: 'a called script that was changed',
    code: 22,
    says: /leans on were changed since the run: scripts\/check\.sh/,
    make: (base: Base) => ({ facts: { inputs: { ...base.facts.inputs, 'scripts/check.sh': commit('e') } } }),
  },
  {
    name: 'a called script that is gone',
    code: 22,
    says: /scripts\/check\.sh/,
    make: (base: Base) => ({ facts: { inputs: { ...base.facts.inputs, 'scripts/check.sh': undefined } } }),
  },
  {
    name: 'a run that is too old',
    code: 22,
    says: /old; the policy allows 2d/,
    make: (base: Base) => ({ now: base.now + 2 * day, policy: { maxAge: '2d' } }),
  },
  {
    name: 'a run from the future',
    code: 22,
    says: /the run is from the future/,
    make: (base: Base) => ({ now: base.now - 6 * 60_000 }),
  },
  {
    name: 'a run that ended before it began',
    code: 22,
    says: /make no sense/,
    make: (base: Base) => ({
      bundle: base.signed(
        (r) => void (r.run.endedAt = new Date(Date.parse(r.run.startedAt) - 3_600_000).toISOString()),
      ),
    }),
  },
  {
    name: 'times that are none',
    code: 22,
    says: /make no sense/,
    make: (base: Base) => ({ bundle: base.signed((r) => void (r.run.endedAt = 'yesterday'), []) }),
  },
];
