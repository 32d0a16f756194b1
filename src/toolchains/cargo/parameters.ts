import { type ExecResult } from '../../core/step.ts';
import { z } from 'zod';

/** Parameters that every cargo step has. */
export const cargoParams = {
  manifest: z.string().default('Cargo.toml').describe('the manifest, relative to the target'),
  toolchain: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .optional()
    .describe('rustup toolchain, as in cargo +1.85'),
  env: z.record(z.string(), z.string()).default({}),
};

/** Which packages and targets, for clippy and test. */
export const cargoSelection = {
  workspace: z.boolean().default(true),
  packages: z.array(z.string()).default([]).describe('only these packages (-p)'),
  allTargets: z.boolean().default(true).describe('tests, benches and examples too'),
  allFeatures: z.boolean().default(true),
  features: z.array(z.string()).default([]),
  locked: z.boolean().default(false).describe('--locked: Cargo.lock must be up to date'),
  offline: z.boolean().default(false),
};

interface Selection {
  workspace: boolean;
  packages: string[];
  allTargets: boolean;
  allFeatures: boolean;
  features: string[];
  locked: boolean;
  offline: boolean;
}

/** `cargo`, with the toolchain where one is named. */
export const cargo = (toolchain: string | undefined): string[] => [
  'cargo',
  ...(toolchain === undefined ? [] : [`+${toolchain}`]),
];

/** Asks for the packages of a manifest's workspace, without the network. */
export const cargoMetadata = (manifest: string, toolchain?: string): string[] => [
  ...cargo(toolchain),
  'metadata',
  '--no-deps',
  '--offline',
  '--format-version',
  '1',
  '--manifest-path',
  manifest,
];

export function selectionFlags(p: Selection): string[] {
  return [
    ...(p.packages.length > 0 ? p.packages.flatMap((name) => ['-p', name]) : p.workspace ? ['--workspace'] : []),
    ...(p.allTargets ? ['--all-targets'] : []),
    ...(p.allFeatures ? ['--all-features'] : []),
    ...(p.features.length > 0 ? ['--features', p.features.join(',')] : []),
    ...(p.locked ? ['--locked'] : []),
    ...(p.offline ? ['--offline'] : []),
  ];
}

/** The last line of a kind that says why cargo itself refused: `error: could not find `Cargo.toml``. */
export function cargoError(stderr: string): string {
  const lines = stderr.split('\n');
  const at = lines.findIndex((line) => /^error(\[|:)/.test(line));
  return (at < 0 ? lines.filter((line) => line.trim() !== '').slice(-3) : lines.slice(at, at + 6)).join('\n').trim();
}

/** Why cargo, or the part of it that was called, is not there. */
export const missingCargo = ({ notStarted, stderr }: Pick<ExecResult, 'notStarted' | 'stderr'>): string | undefined =>
  notStarted !== undefined
    ? `cargo: ${notStarted}`
    : /no such (?:sub)?command|is not installed/.test(stderr)
      ? cargoError(stderr)
      : undefined;
