import { createHash } from 'node:crypto';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { RunRecord } from '../core/record.ts';

/** The machine of this run; its fingerprint binds benchmarks to it. */
export function hostFacts(): RunRecord['host'] {
  const cpu = cpus()[0]?.model ?? 'unknown';
  const host = {
    os: `${platform()} ${release()}`,
    arch: arch(),
    cpu,
    cpus: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
  };
  const fingerprint = createHash('sha256')
    .update([platform(), host.arch, cpu, host.cpus, Math.round(host.memoryMiB / 1024)].join('|'))
    .digest('hex')
    .slice(0, 16);
  return { ...host, node: process.version, fingerprint };
}
