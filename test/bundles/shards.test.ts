import { beforeAll, describe, expect, it } from 'vitest';
import { Base, gate } from '../rig/signed.ts';
import { others, sharded, shardCases, shardWith, type Others } from './shards.ts';

let base: Base;
let other: Others;
beforeAll(async () => {
  base = await Base.make(sharded, { of: 2 });
  other = await others();
});

describe('a merged run of two shards', () => {
  it('opens the gate, and has what a whole run has', async () => {
    expect((await gate(base, {})).reasons).toEqual([]);
    const whole = await Base.make(sharded);
    const seen = ({ record }: Base): unknown[] =>
      record.steps.map(({ id, outcome, proofs, findings, facts }) => [
        id,
        outcome,
        proofs.length,
        findings,
        Object.keys(facts),
      ]);
    expect(seen(base)).toEqual(seen(whole));
    expect(base.record.verdict).toBe('PASSED');
    expect(base.record.merged?.shards.map((shard) => shard.index)).toEqual([1, 2]);
  });
  it('keeps the evidence of each shard that ran a step, and tells where it is from', () => {
    const check = base.record.steps.find((step) => step.id === 'check');
    expect(check?.inShards?.map((one) => [one.shard, one.outcome])).toEqual([
      [1, 'passed'],
      [2, 'passed'],
    ]);
    for (const shard of [1, 2])
      expect(check?.evidence.map((file) => file.path)).toContain(`shards/${shard}/evidence/check/observed.json`);
    expect(check?.observed).toBe('shards/1/evidence/check/observed.json');
    expect(shardWith(base, 'alone')).not.toBe(shardWith(base, 'docs'));
  });
  it('has an attestation that names the records of its shards', () => {
    const statement = JSON.parse(base.bundle.get('attestation.json')?.read().toString('utf8') ?? '') as {
      predicate: { resolvedDependencies: { name: string; digest: { sha256: string } }[] };
    };
    expect(statement.predicate.resolvedDependencies).toEqual(
      [1, 2].map((n) => ({
        name: `shards/${n}/record.json`,
        digest: { sha256: base.bundle.get(`shards/${n}/record.json`)?.sha256 },
      })),
    );
  });
  it('also where there are more shards than items', async () => {
    const many = await Base.make(sharded, { of: 5 });
    expect((await gate(many, {})).reasons).toEqual([]);
    expect(many.record.verdict).toBe('PASSED');
  });
});

describe('what must not', () => {
  it.each(shardCases({} as Others).map((one) => [one.code, one.name] as const))('%i: %s', async (code, name) => {
    const one = shardCases(other).find((entry) => entry.name === name);
    const answer = await gate(base, one?.make(base) ?? {});
    const lines = answer.reasons.map((reason) => `${reason.code} ${reason.text}`);
    expect(answer.code, lines.join('\n')).toBe(code);
    expect(lines.filter((line) => line.startsWith(`${code} `)).join('\n')).toMatch(one?.says ?? /never/);
    for (const { todo } of answer.reasons) expect(todo).not.toBe('');
  });
});
