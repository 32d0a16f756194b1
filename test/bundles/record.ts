import { inMemory } from '../../src/signoff/bundle.ts';
import type { RunRecord, StepRecord } from '../../src/core/record.ts';
import type { Base, Asked } from '../rig/signed.ts';
import type { Case } from './case.ts';

/** Everybody signed a record that is not the truth, or that is no pass. */
const told =
  (change: (record: RunRecord) => void) =>
  (base: Base): Asked => ({ bundle: base.signed(change) });
const step = (record: RunRecord, id: string): StepRecord => {
  const found = record.steps.find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
};
const day = 86_400_000;
/** As if the step had never left anything. */
const without =
  (id: string, change: (record: RunRecord) => void) =>
  (base: Base): Asked => {
    const bundle = base.signed((r) => {
      r.manifest = r.manifest.filter((file) => !file.path.startsWith(`evidence/${id}/`));
      change(r);
    });
    for (const path of bundle.keys()) if (path.startsWith(`evidence/${id}/`)) bundle.delete(path);
    return { bundle };
  };

/** Threats A 23, 28–31, and what a record may claim. */
export const record: Case[] = [
  {
    name: 'a pass over a proof that the evidence does not give',
    code: 21,
    says: /step check: the proofs/,
    make: told((r) => void step(r, 'check').proofs.push('the moon is up')),
  },
  {
    name: 'a proof left out',
    code: 21,
    says: /step check: the proofs/,
    make: told((r) => void step(r, 'check').proofs.pop()),
  },
  {
    name: 'a finding struck out',
    code: 21,
    says: /step later: the record says waived|step later: the findings/,
    make: told((r) => void (step(r, 'later').findings = [])),
  },
  {
    name: 'a waived step that says passed',
    code: 21,
    says: /step later: the record says passed, its evidence amounts to waived/,
    make: told((r) => void (step(r, 'later').outcome = 'passed')),
  },
  {
    name: 'a passed step that says failed',
    code: 21,
    says: /amounts to passed/,
    make: told((r) => {
      step(r, 'check').outcome = 'failed';
      r.verdict = 'FAILED';
    }),
  },
  {
    name: 'a verdict that the steps do not give',
    code: 21,
    says: /its steps amount to FAILED/,
    make: told((r) => void (step(r, 'check').outcome = 'failed')),
  },
  {
    name: 'a pass without an observation',
    code: 21,
    says: /without an observation/,
    make: told((r) => {
      delete step(r, 'check').observed;
    }),
  },
  {
    name: 'an observation of another step',
    code: 21,
    says: /not its last/,
    make: told((r) => void (step(r, 'check').observed = 'evidence/docs/observed.json')),
  },
  {
    name: 'other facts',
    code: 21,
    says: /the facts/,
    make: told((r) => void (step(r, 'docs').facts['files.count'] = 9)),
  },
  {
    name: 'a stand-in that is kept quiet about',
    code: 21,
    says: /fidelity/,
    make: told((r) => void (r.fidelity = 'reduced')),
  },
  {
    name: 'a stand-in that the checklist does not declare',
    code: 21,
    says: /declares no such stand-in/,
    make: told((r) => {
      step(r, 'docs').standsIn = { for: 'grafana/health', why: 'there is none' };
      step(r, 'docs').reduced = 'stands in for grafana/health, since there is none';
      r.fidelity = 'reduced';
    }),
  },
  {
    name: 'a confirmation by somebody else',
    code: 21,
    says: /the confirmation/,
    make: told((r) => {
      const c = step(r, 'seen').confirmation;
      if (c) c.by = 'Dee';
    }),
  },
  {
    name: 'an answer no that was made a pass',
    code: 21,
    says: /the confirmation/,
    make: told((r) => {
      const c = step(r, 'seen').confirmation;
      if (c) c.answer = 'no';
    }),
  },
  {
    name: 'loosened parameters',
    code: 21,
    says: /step check ran with other parameters/,
    make: told((r) => void ((step(r, 'check').with as { expect: unknown }).expect = {})),
  },
  {
    name: 'a step left out of the record',
    code: 21,
    says: /the checklist has 4 steps, the record 3/,
    make: without('docs', (r) => {
      r.steps = r.steps.filter((one) => one.id !== 'docs');
    }),
  },
  {
    name: 'a locked step unlocked',
    code: 21,
    says: /step check is not in the record as/,
    make: told((r) => void (step(r, 'check').locked = false)),
  },
  {
    name: 'a step of another type',
    code: 21,
    says: /step docs/,
    make: told((r) => void (step(r, 'docs').uses = 'manual/confirm')),
  },
  {
    name: 'a step of a type that is not known',
    code: 21,
    says: /step seen is not in the record as/,
    make: told((r) => void (step(r, 'seen').uses = 'tea/leaves')),
  },
  {
    name: 'a waiver that the checklist does not have',
    code: 21,
    says: /the waivers of the record/,
    make: told(
      (r) => void r.waivers.push({ step: 'docs', owner: 'A', reason: 'x', approver: 'B', expires: '2999-01-01' }),
    ),
  },
  {
    name: 'a waiver with a later end',
    code: 21,
    says: /waivers of the record|findings of the record/,
    make: told((r) => void (r.waivers[0] && (r.waivers[0].expires = '2999-12-30'))),
  },
  {
    name: 'a policy that the checklist does not have',
    code: 21,
    says: /sign-off policy/,
    make: told((r) => void (r.signoff.roles = { qa: 1 })),
  },
  {
    name: 'an item of another title',
    code: 21,
    says: /the items/,
    make: told((r) => void (r.items[0] && (r.items[0].title = 'Everything'))),
  },
  {
    name: 'another title of the milestone',
    code: 21,
    says: /the title of the record/,
    make: told((r) => void (r.run.title = 'Ready for production')),
  },
  {
    name: 'an item of less weight',
    code: 21,
    says: /the items/,
    make: told((r) => void (r.items[0] && (r.items[0].impact = 'minor'))),
  },
  {
    name: 'evidence that the manifest does not have',
    code: 21,
    says: /sum of the evidence|was added/,
    make: told((r) => void r.manifest.pop()),
  },
  {
    name: 'evidence of one step in the name of another',
    code: 21,
    says: /not its own/,
    make: told((r) => {
      step(r, 'docs').evidence.push(...step(r, 'check').evidence);
      step(r, 'check').evidence = [];
    }),
  },
  {
    name: 'a source folder hidden from the digest of the tree',
    code: 21,
    says: /not a declared output/,
    make: told((r) => void r.tree.outputs.push('scripts')),
  },
  {
    name: 'another schema of the record',
    code: 65,
    says: /schema/,
    make: told((r) => void Object.assign(r, { schema: 'https://verify-milestone.dev/record/v2' })),
  },
  {
    name: 'a field that the schema does not have',
    code: 65,
    says: /shape/,
    make: told((r) => void Object.assign(r, { extra: true })),
  },
  ...['1.0.0', '0.99.0', 'next', ''].map((made): Case => ({
    name: `a record by verify ${made === '' ? 'without a version' : made}, which this one may not judge`,
    code: 22,
    says: /cannot be judged again in the same way/,
    make: told((r) => void (r.tool.version = made)),
  })),
  {
    name: 'a gate of another major version of verify',
    code: 22,
    says: /this is 99\.0\.0/,
    make: () => ({ version: '99.0.0' }),
  },
  {
    name: 'a gate of an earlier version of verify',
    code: 22,
    says: /this is 0\.0\.9/,
    make: () => ({ version: '0.0.9' }),
  },
  {
    name: 'a record of an earlier version, whose evidence amounts to something else',
    code: 22,
    says: /judges it otherwise than verify 0\.0\.1/,
    make: told((r) => {
      r.tool.version = '0.0.1';
      for (const step of r.steps) step.proofs = ['invented'];
    }),
  },
  {
    name: 'a record of an earlier version, and a page that was edited',
    code: 22,
    says: /judges it otherwise than verify 0\.0\.1.*FINAL_STATUS\.html is not what/,
    make: (base) => {
      const bundle = base.signed((r) => void (r.tool.version = '0.0.1'));
      bundle.set('FINAL_STATUS.html', inMemory(Buffer.from('<p>PASSED</p>')));
      return { bundle };
    },
  },
  {
    name: 'evidence of a run of an earlier version that was altered',
    code: 21,
    says: /was altered/,
    make: (base) => {
      const bundle = base.signed((r) => void (r.tool.version = '0.0.1'));
      const [path = ''] = base.record.manifest.map((file) => file.path);
      bundle.set(path, inMemory(Buffer.from('{}')));
      return { bundle };
    },
  },
  {
    name: 'a narrowed run',
    code: 11,
    says: /narrowed by --only check/,
    make: told((r) => {
      r.run.narrowedBy = ['--only check'];
      r.verdict = 'INCOMPLETE';
    }),
  },
  {
    name: 'an interrupted run',
    code: 11,
    says: /interrupted \(SIGINT\)/,
    make: told((r) => {
      r.run.interrupted = 'SIGINT';
      r.verdict = 'INCOMPLETE';
    }),
  },
  {
    name: 'a run in which verify failed',
    code: 11,
    says: /verify itself failed/,
    make: told((r) => {
      r.run.bug = 'x';
      r.verdict = 'INCOMPLETE';
    }),
  },
  {
    name: 'a tracked file edited during the run',
    code: 12,
    says: /the tree changed during the run: docs\/runbook\.md/,
    make: told((r) => {
      r.tree.changed = ['docs/runbook.md'];
      r.verdict = 'INCONCLUSIVE';
    }),
  },
  {
    name: 'a step that was skipped',
    code: 11,
    says: /docs skipped/,
    make: without('docs', (r) => {
      const one = step(r, 'docs');
      Object.assign(one, { outcome: 'skipped', proofs: [], facts: {}, evidence: [] });
      delete one.observed;
      r.verdict = 'INCOMPLETE';
    }),
  },
  {
    name: 'a waiver that has ended since',
    code: 10,
    says: /the waiver for later has ended/,
    make: () => ({ now: Date.parse('3000-01-01T00:00:00Z'), policy: { maxAge: '999999d' } }),
  },
  {
    name: 'a confirmation that has ended since',
    code: 11,
    says: /the confirmation of seen by Cy held until/,
    make: (base) => ({ now: base.now + 8 * day }),
  },
];
