import { mergeRecords } from '../../src/core/merge.ts';
import { RunRecord, type StepRecord } from '../../src/core/record.ts';
import { canonicalJson, sha256 } from '../../src/evidence/digest.ts';
import { inMemory, type BundleFile } from '../../src/signoff/bundle.ts';
import { mergedId, shardOf } from '../../src/signoff/shards.ts';
import { attestation } from '../../src/signoff/statement.ts';
import { Base, checklistText, type Asked } from '../rig/signed.ts';
import type { Case } from './case.ts';

type Folder = ReadonlyMap<string, BundleFile>;

/** A third item, so that each of two shards has steps of its own, and both run `check`. */
export const shardedText = checklistText.replace(
  'signoff:',
  `  - id: after
    title: After
    steps:
      - { id: again, uses: files/exist, needs: [check], with: { files: [docs/runbook.md] } }
      - { id: alone, uses: command, timeout: 20m, with: { run: [bash, scripts/alone.sh], expect: { stdout: { contains: [alone] } } } }
signoff:`,
);
export const sharded: Record<string, string> = {
  'checklists/m1.yaml': shardedText,
  'scripts/alone.sh': 'echo alone\n',
};

/** What the cases are made of: a healthy merged run, and others whose shards do not belong to it. */
export interface Others {
  /** Of another commit, whose `alone` fails. */
  failing: Base;
  /** Of another checklist, which asks for less. */
  looser: Base;
  /** The first of its two shards alone. */
  half: Base;
  /** A shard's own run. */
  single: Base;
}

export async function others(): Promise<Others> {
  return {
    failing: await Base.make({ ...sharded, 'scripts/alone.sh': 'exit 1\n' }, { of: 2 }),
    looser: await Base.make(
      { ...sharded, 'checklists/m1.yaml': shardedText.replace(', expect: { stdout: { contains: [alone] } }', '') },
      { of: 2 },
    ),
    half: await Base.make(sharded, { of: 2, merged: [1] }),
    single: await Base.shard(sharded, { index: 1, of: 1 }),
  };
}

const folderOf = (base: Base, index: number): Folder =>
  new Map(
    [...base.bundle].flatMap(([path, file]) =>
      path.startsWith(`shards/${index}/`) ? [[path.slice(`shards/${index}/`.length), file]] : [],
    ),
  );
const recordOf = (folder: Folder): RunRecord =>
  RunRecord.parse(JSON.parse(folder.get('record.json')?.read().toString('utf8') ?? ''));
const step = (record: RunRecord, id: string): StepRecord => {
  const found = record.steps.find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
};
/** The shard whose own step this is. */
export const shardWith = (base: Base, id: string): number => {
  const found = base.record.steps.find((one) => one.id === id)?.inShards;
  if (found?.length !== 1 || found[0] === undefined) throw new Error(`${id} is not in one shard`);
  return found[0].shard;
};

/** The folder with another record, and the attestation that this record gives. */
function told(folder: Folder, change: (record: RunRecord) => void): Folder {
  const record = recordOf(folder);
  change(record);
  const text = canonicalJson(record, 1);
  const put = (data: string): BundleFile => inMemory(Buffer.from(data));
  return new Map([...folder, ['record.json', put(text)], ['attestation.json', put(attestation(record, sha256(text)))]]);
}

/** As if the step had not been run. */
function without(folder: Folder, id: string, change: (record: RunRecord) => void): Folder {
  const own = `evidence/${id}/`;
  const made = told(folder, (r) => {
    const one = step(r, id);
    Object.assign(one, { outcome: 'skipped', proofs: [], findings: [], facts: {}, evidence: [] });
    delete one.observed;
    r.manifest = r.manifest.filter((file) => !file.path.startsWith(own));
    change(r);
  });
  return new Map([...made].filter(([path]) => !path.startsWith(own)));
}

/** Merged as verify merges, but without any check, and signed by everybody. */
function forged(base: Base, folders: readonly Folder[], change: (record: RunRecord) => void = () => {}): Asked {
  const shards = folders.map((folder, n) => {
    const shard = shardOf(recordOf(folder), folder);
    if (typeof shard === 'string') throw new Error(shard);
    return { ...shard, index: n + 1 };
  });
  const record = mergeRecords(shards, mergedId(shards));
  change(record);
  const evidence = folders.flatMap((folder, n) =>
    [...folder].map(([path, file]): [string, BundleFile] => [`shards/${n + 1}/${path}`, file]),
  );
  const checklist = folders[0]?.get('checklist.yaml');
  return {
    bundle: base.signedOver(record, [
      ...(checklist ? [['checklist.yaml', checklist] as [string, BundleFile]] : []),
      ...evidence,
    ]),
  };
}

const both = (base: Base, change: (folder: Folder, index: number) => Folder = (folder) => folder): Folder[] =>
  [1, 2].map((index) => change(folderOf(base, index), index));
const files =
  (change: (made: Map<string, BundleFile>, base: Base) => void) =>
  (base: Base): Asked => {
    const made = new Map(base.bundle);
    change(made, base);
    return { bundle: made };
  };
const claimed =
  (change: (record: RunRecord) => void) =>
  (base: Base): Asked => ({ bundle: base.signed(change) });
const passed = (record: RunRecord): void => {
  record.verdict = 'PASSED';
};
const days = (n: number): number => n * 86_400_000;

/** Runs of shards that must not open the gate, alone or merged. The healthy base is a merged run of two. */
export const shardCases = (other: Others): Case[] => [
  {
    name: 'a shard alone, though it ran everything',
    code: 11,
    says: /the run is INCOMPLETE: it was narrowed by --shard 1\/1/,
    make: () => ({ bundle: other.single.bundle }),
  },
  {
    name: 'a shard alone that says that it passed',
    code: 21,
    says: /the record says PASSED, its steps amount to INCOMPLETE/,
    make: () => ({ bundle: other.single.signed(passed) }),
  },
  {
    name: 'a shard alone whose option was struck out',
    code: 21,
    says: /does not say by which option/,
    make: () => ({ bundle: other.single.signed((r) => void (r.run.narrowedBy = [])) }),
  },
  {
    name: 'a shard that is missing',
    code: 11,
    says: /narrowed by shard 2\/2, which is missing/,
    make: () => ({ bundle: other.half.bundle }),
  },
  {
    name: 'a shard that is missing, kept quiet about',
    code: 21,
    says: /the record (?:is not what|does not say what)/,
    make: () => ({
      bundle: other.half.signed((r) => {
        r.run.narrowedBy = [];
        if (r.merged) r.merged.of = 1;
        r.verdict = 'PASSED';
      }),
    }),
  },
  {
    name: 'an outcome that was changed between shard and merged record',
    code: 21,
    says: /step alone: the record does not say what its shards say/,
    make: () => ({
      bundle: other.failing.signed((r) => {
        Object.assign(step(r, 'alone'), { outcome: 'passed', findings: [], proofs: ['it held'] });
        r.verdict = 'PASSED';
      }),
    }),
  },
  {
    name: 'an outcome that was changed in the shard, and so in the merged record',
    code: 21,
    says: /shard \d: step alone: the record says passed, its evidence amounts to failed/,
    make: () =>
      forged(
        other.failing,
        both(other.failing, (folder, index) =>
          index === shardWith(other.failing, 'alone')
            ? told(folder, (r) => {
                Object.assign(step(r, 'alone'), { outcome: 'passed' });
                r.verdict = 'INCOMPLETE';
              })
            : folder,
        ),
      ),
  },
  {
    name: 'a failure that is said to fall to no shard',
    code: 21,
    says: /the steps of shard \d\/2 are not those that the checklist gives it/,
    make: () =>
      forged(
        other.failing,
        both(other.failing, (folder, index) =>
          index === shardWith(other.failing, 'alone')
            ? without(folder, 'alone', (r) => {
                const { shard } = r.run;
                if (shard) shard.steps = shard.steps.filter((id) => id !== 'alone');
                r.verdict = 'INCOMPLETE';
              })
            : folder,
        ),
      ),
  },
  {
    name: 'a shard of another commit',
    code: 21,
    says: /do not belong together: shard 2\/2 .* is of another commit/,
    make: (base) => forged(base, [folderOf(base, 1), folderOf(other.failing, 2)]),
  },
  {
    name: 'a shard of another checklist',
    code: 21,
    says: /do not belong together: shard 2\/2 .* is of another checklist/,
    make: (base) => forged(base, [folderOf(base, 1), folderOf(other.looser, 2)]),
  },
  {
    name: 'the same shard twice, in the place of the other',
    code: 21,
    says: /shard 2: is shard 1\/2/,
    make: (base) => forged(base, [folderOf(base, 1), folderOf(base, 1)]),
  },
  {
    name: 'a whole run in the place of a shard',
    code: 21,
    says: /shard 2: (?:is not a shard|the record does not say|record\.json)/,
    make: (base) =>
      forged(base, [
        folderOf(base, 1),
        told(folderOf(base, 2), (r) => {
          r.run.narrowedBy = [];
        }),
      ]),
  },
  {
    name: 'a bit of a shard’s evidence',
    code: 21,
    says: /shards\/\d\/evidence\/alone\/observed\.json was altered/,
    make: files((made, base) => {
      const path = `shards/${shardWith(base, 'alone')}/evidence/alone/observed.json`;
      const text = made.get(path)?.read().toString('utf8') ?? '';
      made.set(path, inMemory(Buffer.from(text.replace('"code":0', '"code":1'))));
    }),
  },
  {
    name: 'evidence of a shard that the merged manifest has anew, and the shard’s own has not',
    code: 21,
    says: /shard \d: evidence\/alone\/command\.stdout was altered/,
    make: (base) => {
      const path = `shards/${shardWith(base, 'alone')}/evidence/alone/command.stdout`;
      const file = inMemory(Buffer.from('alone, and well\n'));
      const bundle = base.signed((r) => {
        for (const entry of [...r.manifest, ...step(r, 'alone').evidence])
          if (entry.path === path) Object.assign(entry, { sha256: file.sha256, bytes: file.bytes });
      });
      return { bundle: bundle.set(path, file) };
    },
  },
  {
    name: 'the record of a shard that was removed',
    code: 21,
    says: /shards\/2\/record\.json was removed/,
    make: files((made) => void made.delete('shards/2/record.json')),
  },
  {
    name: 'a folder of a shard that nobody speaks of',
    code: 21,
    says: /shards\/3\/record\.json was added/,
    make: files((made, base) => {
      for (const [path, file] of folderOf(base, 1)) made.set(`shards/3/${path}`, file);
    }),
  },
  {
    name: 'a merged run that says that it is none',
    code: 21,
    says: /which is not its own/,
    make: claimed((r) => {
      delete r.merged;
    }),
  },
  {
    name: 'another machine in the place of a shard’s',
    code: 21,
    says: /not what its shards give/,
    make: claimed((r) => void (r.merged?.shards[1] && (r.merged.shards[1].host.fingerprint = 'f'))),
  },
  {
    name: 'a finding of one shard that was struck out',
    code: 21,
    says: /step later: the record does not say/,
    make: claimed((r) => void (step(r, 'later').findings = [])),
  },
  {
    name: 'a shard in which a stand-in was exercised, kept quiet about',
    code: 21,
    says: /step alone: the record does not say|fidelity/,
    make: claimed((r) => void (step(r, 'alone').reduced = 'a stand-in')),
  },
  {
    name: 'the tree changed during one of the shards',
    code: 12,
    says: /the tree changed during the run: docs\/runbook\.md/,
    make: (base) =>
      forged(
        base,
        both(base, (folder, index) =>
          index === 2
            ? told(folder, (r) => {
                r.tree.changed = ['docs/runbook.md'];
                r.verdict = 'INCONCLUSIVE';
              })
            : folder,
        ),
      ),
  },
  {
    name: 'a shard that was interrupted',
    code: 11,
    says: /interrupted \(SIGTERM \(shard 2\)\)/,
    make: (base) =>
      forged(
        base,
        both(base, (folder, index) =>
          index === 2 ? told(folder, (r) => void (r.run.interrupted = 'SIGTERM')) : folder,
        ),
      ),
  },
  {
    name: 'one shard of long ago, and one of today',
    code: 22,
    says: /the run is .* old; the policy allows 14d/,
    make: (base) =>
      forged(
        base,
        both(base, (folder, index) =>
          index === 1
            ? told(folder, ({ run }) => {
                run.startedAt = new Date(Date.parse(run.startedAt) - days(20)).toISOString();
                run.endedAt = new Date(Date.parse(run.endedAt) - days(20)).toISOString();
              })
            : folder,
        ),
      ),
  },
  {
    name: 'a shard whose times are none',
    code: 21,
    says: /times of shard 1 make no sense/,
    make: (base) =>
      forged(
        base,
        both(base, (folder, index) => (index === 1 ? told(folder, (r) => void (r.run.endedAt = '../../x')) : folder)),
      ),
  },
  {
    name: 'a shard by another version of verify',
    code: 22,
    says: /shard 2: the run was made by verify 1\.0\.0/,
    make: (base) =>
      forged(
        base,
        both(base, (folder, index) => (index === 2 ? told(folder, (r) => void (r.tool.version = '1.0.0')) : folder)),
      ),
  },
  {
    name: 'another name of the merged run',
    code: 21,
    says: /not what its shards give/,
    make: claimed((r) => void (r.run.id = '2030-01-01T00-00-00Z-abcdef')),
  },
];
