import type { RunRecord, StepRecord } from '../../src/core/record.ts';
import type { Case } from './case.ts';

const hour = 3_600_000;
const day = 24 * hour;
const at = (time: number): string => new Date(time).toISOString();
const runAt = (time: number): string =>
  `${at(time)
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}-abcdef`;
const step = (record: RunRecord, id: string): StepRecord => {
  const found = record.steps.find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
};

/** The steps ran in a run that began `ago` milliseconds before this one, and were taken over from it. */
export const resumed =
  (change: (record: RunRecord) => void = () => {}, { ids = ['check', 'docs'], ago = hour } = {}) =>
  (record: RunRecord): void => {
    const began = Date.parse(record.run.startedAt) - ago;
    for (const id of ids) {
      step(record, id).startedAt = at(began + 1000);
      step(record, id).reusedFrom = { run: runAt(began), startedAt: at(began) };
    }
    change(record);
  };

const told = (name: string, says: RegExp, change: (record: RunRecord) => void, code = 21): Case => ({
  name: `reused: ${name}`,
  code,
  says,
  make: (base) => ({ bundle: base.signed(change) }),
});
const fromOf = (record: RunRecord, id: string) => {
  const from = step(record, id).reusedFrom;
  if (!from) throw new Error(`${id} is not reused`);
  return from;
};

/** A record that says of a reused step what is not so, and reused steps that do not count. Everybody signed. */
export const reused: Case[] = [
  told(
    'a start of its run that was made younger',
    /step docs: it is said to be taken over from the run \S+, which did not begin at/,
    resumed((r) => void (fromOf(r, 'docs').startedAt = at(Date.parse(r.run.startedAt) - 60_000))),
  ),
  told(
    'a start of its run that is no time',
    /step docs: .*did not begin at/,
    resumed((r) => void (fromOf(r, 'docs').startedAt = 'yesterday')),
  ),
  told(
    'the run that it was taken over from made younger, name and all',
    /step docs: it ran at \S+, which is not between/,
    resumed((r) => {
      const began = Date.parse(r.run.startedAt) - 60_000;
      step(r, 'docs').reusedFrom = { run: runAt(began), startedAt: at(began) };
    }),
  ),
  told(
    'from a run that is later than this one',
    /step docs: it is said to be taken over from a run that is not earlier/,
    resumed(() => {}, { ago: -hour }),
  ),
  told(
    'from this very run',
    /step docs: it is said to be taken over from a run that is not earlier/,
    resumed((r) => void (step(r, 'docs').reusedFrom = { run: r.run.id, startedAt: r.run.startedAt })),
  ),
  told(
    'kept quiet about',
    /step docs: it ran before the run began, and does not say from which run/,
    resumed((r) => {
      delete step(r, 'docs').reusedFrom;
    }),
  ),
  told(
    'a step that ran after this run began',
    /step docs: it ran at \S+, which is not between/,
    resumed((r) => void (step(r, 'docs').startedAt = at(Date.parse(r.run.startedAt) + hour))),
  ),
  told(
    'a step that never ran',
    /step docs: it ran at no time/,
    resumed((r) => {
      delete step(r, 'docs').startedAt;
    }),
  ),
  told(
    'a step over one that ran anew',
    /step docs: it was reused, but check, which it depends on, was not/,
    resumed(() => {}, { ids: ['docs'] }),
  ),
  told(
    'a step over facts of one that ran anew',
    /step check: it was reused, but later, which it depends on, was not/,
    resumed((r) => {
      const { basis } = step(r, 'check');
      if (basis && !('bound' in basis)) basis.facts = ['later'];
    }),
  ),
  told(
    'a waived step',
    /step later: it was taken over as waived, and only a pass can be/,
    resumed(() => {}, { ids: ['later'] }),
  ),
  told(
    'a step that is bound to its run',
    /step docs: it was taken over, and yet is bound to its run: it asks a service/,
    resumed((r) => void (step(r, 'docs').basis = { bound: 'it asks a service' })),
  ),
  told(
    'a step that does not say what it rests on',
    /step docs: it was reused, but the record does not say what it depends on/,
    resumed((r) => {
      delete step(r, 'docs').basis;
    }),
  ),
  told(
    'a confirmation that was given later than its step is said to have run',
    /step seen: its confirmation was not given when it is said to have run/,
    resumed(() => {}, { ids: ['seen'] }),
  ),
  told(
    'another proof than its evidence gives',
    /step docs: the proofs/,
    resumed((r) => void step(r, 'docs').proofs.push('and more')),
  ),
  {
    name: 'reused: from a run that is older than the policy allows, in a run of today',
    code: 22,
    says: /(?:check|docs) was taken over from the run \S+, which is 360 h 00 min old/,
    make: (base) => ({ bundle: base.signed(resumed(() => {}, { ago: 15 * day })) }),
  },
  {
    name: 'reused: steps that have become too old since, while the run has not',
    code: 22,
    says: /was taken over from the run/,
    make: (base) => ({
      bundle: base.signed(resumed(() => {}, { ago: 10 * day })),
      now: base.now + 5 * day,
    }),
  },
  {
    name: 'reused: steps where the policy forbids it',
    code: 22,
    says: /steps were taken over from an earlier run \(check, docs\), which the policy does not allow/,
    make: (base) => ({ bundle: base.signed(resumed()), policy: { resume: false } }),
  },
];
