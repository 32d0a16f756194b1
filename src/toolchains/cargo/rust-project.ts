import type { ExecResult, StepContext } from '../../core/step.ts';
import { foldersAbove } from '../../formats/data/paths.ts';
import { cargoMetadata } from './parameters.ts';
import {
  type CargoPackage,
  cargoFeatures,
  cargoPackages,
  crateFeatures,
  lineOfKey,
  nightlyConfig,
  type RustImage,
  rustImages,
  toolchainChannel,
} from './project.ts';

export interface RustMember {
  name: string;
  edition: string;
  manifest: string;
  editionLine?: number;
  rustVersion?: string;
}
/** What files say of the project, apart from cargo. */
interface FilesOfProject {
  manifests: { file: string; line?: number; features: string[] }[];
  configs: { file: string; entry: string }[];
  toolchains: { file: string; line?: number; channel?: string }[];
  dockerfiles: { file: string; runsCargo: boolean; images: RustImage[] }[];
}

/** A project of Rust, as cargo and its files tell of it. */
export interface RustProject extends FilesOfProject {
  metadata: Pick<ExecResult, 'notStarted' | 'code' | 'signal' | 'stderr' | 'truncated'>;
  /** Absent where cargo did not answer with its JSON. */
  members?: RustMember[];
  /** Crate roots that were read, and the nightly features that they switch on. */
  roots: number;
  features: { file: string; line: number; name: string }[];
}

interface Asked {
  manifest: string;
  toolchain?: string | undefined;
  env: Record<string, string>;
  /** Globs. */
  dockerfiles: string[];
}

export const askedOfCargo = (p: Pick<Asked, 'manifest' | 'toolchain'>): string[] =>
  cargoMetadata(p.manifest, p.toolchain);

/** The path below the target; an absolute one outside it stays. */
const below = (root: string, path: string): string =>
  path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

/** Asks cargo for the members, and reads crate roots, manifests, settings, toolchain files and Dockerfiles. */
export async function rustProject(p: Asked, ctx: StepContext): Promise<RustProject> {
  const result = await askCargo(p, ctx);
  const { notStarted, code, signal, stderr, truncated } = result;
  const metadata = { code, signal, stderr, truncated, ...(notStarted !== undefined && { notStarted }) };
  const parsed = cargoPackages(result.stdout);
  const packages = parsed ?? [];
  const roots = [...new Set(packages.flatMap((one) => one.targets.map((target) => target.src_path)))];
  const features = [];
  for (const root of roots)
    for (const feature of crateFeatures((await ctx.files.readIfThere(root)) ?? ''))
      features.push({ file: below(ctx.target, root), ...feature });
  return {
    metadata,
    ...(parsed && { members: await Promise.all(packages.map((one) => memberOf(one, ctx))) }),
    roots: roots.length,
    features,
    ...(await filesOf(
      p,
      ctx,
      packages.map((one) => one.manifest_path),
    )),
  };
}

/**
 * Asks in the target; where rustup lacks the release that the project pins, the machine's own cargo from outside it:
 * members and editions do not depend on the release.
 */
async function askCargo(p: Asked, ctx: StepContext): Promise<ExecResult> {
  const options = { env: { RUSTUP_AUTO_INSTALL: '0', ...p.env }, name: 'cargo-metadata', maxText: 32_000_000 };
  const result = await ctx.exec(askedOfCargo(p), options);
  const lacks =
    result.code !== 0 && /toolchain .* (?:is not installed|may not be installed)|rustup/.test(result.stderr);
  if (!lacks || p.toolchain !== undefined) return result;
  const outside = askedOfCargo({ ...p, manifest: ctx.files.absolute(p.manifest) });
  return ctx.exec(outside, { ...options, cwd: ctx.evidence.scratch() });
}

async function memberOf(one: CargoPackage, ctx: Pick<StepContext, 'files' | 'target'>): Promise<RustMember> {
  const line = lineOfKey((await ctx.files.readIfThere(one.manifest_path)) ?? '', 'edition');
  return {
    name: one.name,
    edition: one.edition,
    manifest: below(ctx.target, one.manifest_path),
    ...(line !== undefined && { editionLine: line }),
    ...(one.rust_version != null && { rustVersion: one.rust_version }),
  };
}

async function filesOf(
  p: Asked,
  ctx: Pick<StepContext, 'files' | 'target'>,
  manifests: readonly string[],
): Promise<FilesOfProject> {
  const folder = p.manifest.replace(/[^/]*$/, '');
  const found: FilesOfProject = { manifests: [], configs: [], toolchains: [], dockerfiles: [] };
  for (const file of new Set([ctx.files.absolute(p.manifest), ...manifests])) {
    const text = (await ctx.files.readIfThere(file)) ?? '';
    const features = cargoFeatures(text);
    const line = lineOfKey(text, 'cargo-features');
    if (features.length > 0)
      found.manifests.push({ file: below(ctx.target, file), features, ...(line !== undefined && { line }) });
  }
  for (const where of new Set(['', folder])) {
    for (const name of ['.cargo/config.toml', '.cargo/config'])
      for (const entry of nightlyConfig((await ctx.files.readIfThere(`${where}${name}`)) ?? ''))
        found.configs.push({ file: `${where}${name}`, entry });
    for (const name of ['rust-toolchain.toml', 'rust-toolchain']) {
      const text = await ctx.files.readIfThere(`${where}${name}`);
      if (text === undefined) continue;
      const channel = toolchainChannel(text);
      const line = lineOfKey(text, 'channel');
      found.toolchains.push({
        file: `${where}${name}`,
        ...(channel !== undefined && { channel }),
        ...(line !== undefined && { line }),
      });
    }
  }
  for (const file of await ctx.files.glob(p.dockerfiles)) {
    const text = await ctx.files.read(file);
    const images = rustImages(text);
    // A package of its own, outside the workspace, has an edition of its own.
    const nearest = await nearestManifest(file, ctx);
    const isOther =
      nearest !== undefined && nearest !== p.manifest && !manifests.some((one) => below(ctx.target, one) === nearest);
    if (images.length > 0 && !isOther)
      found.dockerfiles.push({ file, runsCargo: /^\s*(?:RUN\b.*|&&.*|[^#\n]*\s)cargo\s/m.test(text), images });
  }
  return found;
}

/** The Cargo.toml that lies nearest to a file, in its folder or above. */
async function nearestManifest(file: string, ctx: Pick<StepContext, 'files'>): Promise<string | undefined> {
  for (const folder of foldersAbove(file)) {
    const path = folder === '' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
    if ((await ctx.files.kind(path)) === 'file') return path;
  }
  return undefined;
}
