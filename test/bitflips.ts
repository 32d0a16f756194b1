import { answer, inParts, partOf } from '../bench/parts.ts';
import { inMemory } from '../src/signoff/bundle.ts';
import { random } from './rig/random.ts';
import { Base, gate } from './rig/signed.ts';

/**
 * Flips one random bit of one random file of a signed bundle, `n` times: record (which holds the manifest), evidence, attestation,
 * sign-offs, signatures, envelopes, renderings, checklist. Each must be answered with 21.
 */
export async function bitflips(
  base: Base,
  n: number,
  seed: number,
): Promise<{ found: number; missed: string[]; files: number }> {
  const next = random(seed);
  const paths = [...base.bundle].filter(([, file]) => file.bytes > 0).map(([path]) => path);
  const missed: string[] = [];
  let found = 0;
  for (let i = 0; i < n; i++) {
    const path = paths[Math.floor(next() * paths.length)] ?? '';
    const data = Buffer.from(base.bundle.get(path)?.read() ?? '');
    const at = Math.floor(next() * data.length);
    const bit = Math.floor(next() * 8);
    data.writeUInt8(data.readUInt8(at) ^ (1 << bit), at);
    const bundle = new Map(base.bundle).set(path, inMemory(data));
    const { code } = await gate(base, { bundle });
    if (code === 21) found++;
    else missed.push(`${path}, byte ${at}, bit ${bit}: ${code}`);
  }
  return { found, missed, files: paths.length };
}

if (import.meta.main) {
  const part = partOf(process.argv);
  if (part) answer(await bitflips(await Base.make(), part.count, part.seed));
  else {
    const n = Number(process.argv[2] ?? 100_000);
    const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
    const all = await inParts<Awaited<ReturnType<typeof bitflips>>>(import.meta.filename, n, seed);
    const found = all.reduce((sum, one) => sum + one.found, 0);
    for (const one of all.flatMap(({ missed }) => missed).slice(0, 20)) console.error(`missed: ${one}`);
    console.log(`found ${found} of ${n} bit flips in ${all[0]?.files ?? 0} files (seed ${seed})`);
    process.exitCode = found === n && n > 0 ? 0 : 1;
  }
}
