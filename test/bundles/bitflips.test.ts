import { expect, it } from 'vitest';
import { bitflips } from '../bitflips.ts';
import { Base } from '../rig/signed.ts';
import { sharded } from './shards.ts';

it('every one of 400 random bit flips is found (npm run bitflips makes 100,000)', async () => {
  const seed = Date.now() % 1_000_000_000;
  const { found, missed } = await bitflips(await Base.make(), 400, seed);
  expect(missed, `seed ${seed}`).toEqual([]);
  expect(found).toBe(400);
});

it('and so is every one of 100 in a merged run', async () => {
  const seed = Date.now() % 1_000_000_000;
  const { found, missed } = await bitflips(await Base.make(sharded, { of: 2 }), 100, seed);
  expect(missed, `seed ${seed}`).toEqual([]);
  expect(found).toBe(100);
});
