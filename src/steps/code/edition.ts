import { z } from 'zod';
import { cargoError, cargoMetadata, cargoParams } from '../../toolchains/cargo/parameters.ts';
import { cargoTool } from '../../toolchains/cargo/tools.ts';
import { Judge } from '../../core/judgement.ts';
import { makerOfMember } from '../../repository/generated-members.ts';
import { defineStep, type ExecResult, type StepContext } from '../../core/step.ts';
import {
  type CargoPackage,
  cargoFeatures,
  cargoPackages,
  crateFeatures,
  isOlder,
  isOlderThanEdition,
  lineOfKey,
  neededRust,
  nightlyConfig,
  type RustImage,
  rustImages,
  rustVersion,
  showVersion,
  toolchainChannel,
} from '../../toolchains/cargo/project.ts';
import { error, inconclusive, note } from '../../core/problem.ts';
import { foldersAbove } from '../../formats/data/paths.ts';

const params = z.strictObject({
  ...cargoParams,
  edition: z.enum(['2015', '2018', '2021', '2024']).describe('the edition that every workspace member is promised on'),
  packages: z.array(z.string().min(1)).default([]).describe('members that must be among them'),
  nightly: z
    .enum(['forbidden', 'allowed'])
    .default('forbidden')
    .describe('features and toolchains of the nightly kind'),
  dockerfiles: z
    .array(z.string().min(1))
    .default(['**/Dockerfile', '**/Dockerfile.*', '**/*.Dockerfile', '**/Containerfile'])
    .describe('globs; their Rust images must be new enough'),
});
type Params = z.infer<typeof params>;

interface Member {
  name: string;
  edition: string;
  manifest: string;
  editionLine?: number;
  rustVersion?: string;
}
/** What files say of the project, apart from cargo. */
interface Project {
  manifests: { file: string; line?: number; features: string[] }[];
  configs: { file: string; entry: string }[];
  toolchains: { file: string; line?: number; channel?: string }[];
  dockerfiles: { file: string; runsCargo: boolean; images: RustImage[] }[];
}
interface Observed extends Project {
  metadata: Pick<ExecResult, 'notStarted' | 'code' | 'signal' | 'stderr' | 'truncated'>;
  /** A script beside the manifest that may make the member which cargo did not find. */
  madeBy?: string;
  /** Absent where cargo did not answer with its JSON. */
  members?: Member[];
  /** Crate roots that were read, and the nightly features that they switch on. */
  roots: number;
  features: { file: string; line: number; name: string }[];
}

const problems = {
  'cargo-missing': inconclusive('cargo could not be started', 'install Rust from https://rustup.rs'),
  'metadata-failed': error(
    'cargo does not accept the workspace',
    'run `cargo metadata --no-deps` and correct what it names',
  ),
  'no-members': error('The workspace has no member', 'correct the manifest, or the target'),
  'member-missing': error(
    'A promised package is not a member of the workspace',
    'add it to `members`, or correct the promise',
  ),
  'wrong-edition': error(
    'A workspace member is on another edition',
    'run `cargo fix --edition`, then set `edition` (or `edition.workspace = true`)',
  ),
  'nightly-feature': error(
    'Nightly features are switched on',
    'remove the attribute or key, or allow it with `nightly: allowed`',
  ),
  'nightly-toolchain': error(
    'The project is built with a nightly toolchain',
    'name a stable release, or allow it with `nightly: allowed`',
  ),
  'too-old': error('A promised Rust release is older than the edition or the members need', 'raise it'),
  unpinned: note('A Rust release is not pinned', 'name major and minor, so that the same build comes out tomorrow'),
} as const;

const argv = (p: Params): string[] => cargoMetadata(p.manifest, p.toolchain);

/** The path below the target; an absolute one outside it stays. */
const below = (root: string, path: string): string =>
  path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

export default defineStep<Params, Observed>({
  kind: 'code/edition',
  summary:
    'Every workspace member is on the promised Rust edition, without nightly features, and the toolchains are new enough.',
  description: `Asks \`cargo metadata --no-deps --offline\` for the members and their editions. The crate roots of their targets are read for \`#![feature(…)]\` (what stands behind \`cfg_attr\` is left alone: it is not on in every build), manifests for \`cargo-features\`, \`.cargo/config.toml\` for \`-Z\` flags and \`RUSTC_BOOTSTRAP\`.

The toolchain file, \`rust-version\` and the Rust images of Dockerfiles must be as new as the edition (2018: 1.31, 2021: 1.56, 2024: 1.85) and as the newest \`rust-version\` of a member. An image that is too old is a warning where a toolchain file of the project names a release (rustup then fetches that one), or where the Dockerfile never runs cargo or lies among vendored files and fixtures.`,
  example: `- id: edition
  uses: code/edition
  with: { edition: "2024" }`,
  params,
  facts: { 'edition.members': 'workspace members', 'edition.on': 'members on the promised edition' },
  problems,
  timeout: '60s',
  requires: () => [cargoTool],
  plan: (p) => [argv(p).join(' '), `reads ${p.dockerfiles.join(', ')}`],
  leaves: 'nothing',
  async gather(p, ctx) {
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
    const madeBy = await makerOfMember(p.manifest, stderr, ctx);
    return {
      metadata,
      ...(madeBy !== undefined && { madeBy }),
      ...(parsed && { members: await Promise.all(packages.map((one) => memberOf(one, ctx))) }),
      roots: roots.length,
      features,
      ...(await readProject(
        p,
        ctx,
        packages.map((one) => one.manifest_path),
      )),
    };
  },
  judge(p, o) {
    const j = new Judge(problems);
    const { notStarted, code, signal, stderr } = o.metadata;
    if (notStarted !== undefined) return j.find('cargo-missing', `cargo: ${notStarted}`).done();
    judgeNightly(j, p, o);
    judgeAge(j, p, o);
    if (code !== 0 || !o.members)
      return j
        .find('metadata-failed', `cargo metadata exited with ${code ?? signal}: ${cargoError(stderr)}`, {
          where: { file: p.manifest },
          ...((code === 0 || o.madeBy !== undefined) && { level: 'inconclusive' }),
          ...(o.madeBy !== undefined && { hint: `${o.madeBy} may make it: run that before` }),
        })
        .done();
    if (o.members.length === 0) return j.find('no-members', `${p.manifest} has no member`).done();
    judgeMembers(j, p, o.members);
    return j.done();
  },
});

/**
 * Asks in the target; where rustup lacks the release that the project pins, the machine's own cargo from outside it:
 * members and editions do not depend on the release.
 */
async function askCargo(p: Params, ctx: StepContext): Promise<ExecResult> {
  const options = { env: { RUSTUP_AUTO_INSTALL: '0', ...p.env }, name: 'cargo-metadata', maxText: 32_000_000 };
  const result = await ctx.exec(argv(p), options);
  const lacks =
    result.code !== 0 && /toolchain .* (?:is not installed|may not be installed)|rustup/.test(result.stderr);
  if (!lacks || p.toolchain !== undefined) return result;
  const outside = argv({ ...p, manifest: ctx.files.absolute(p.manifest) });
  return ctx.exec(outside, { ...options, cwd: ctx.evidence.scratch() });
}

async function memberOf(one: CargoPackage, ctx: Pick<StepContext, 'files' | 'target'>): Promise<Member> {
  const line = lineOfKey((await ctx.files.readIfThere(one.manifest_path)) ?? '', 'edition');
  return {
    name: one.name,
    edition: one.edition,
    manifest: below(ctx.target, one.manifest_path),
    ...(line !== undefined && { editionLine: line }),
    ...(one.rust_version != null && { rustVersion: one.rust_version }),
  };
}

async function readProject(
  p: Params,
  ctx: Pick<StepContext, 'files' | 'target'>,
  manifests: readonly string[],
): Promise<Project> {
  const folder = p.manifest.replace(/[^/]*$/, '');
  const found: Project = { manifests: [], configs: [], toolchains: [], dockerfiles: [] };
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

function judgeNightly(j: Judge<typeof problems>, p: Params, o: Observed): void {
  if (p.nightly === 'allowed') return;
  for (const { file, line, name } of o.features)
    j.find('nightly-feature', `#![feature(${name})]`, { where: { file, line }, subject: name });
  for (const { file, line, features } of o.manifests)
    j.find('nightly-feature', `cargo-features = ${features.join(', ')}`, {
      where: { file, ...(line !== undefined && { line }) },
      subject: file,
    });
  for (const { file, entry } of o.configs)
    j.find('nightly-feature', entry, { where: { file }, subject: entry.split(':')[0] ?? entry });
  const channels = [
    ...o.toolchains.map(({ file, line, channel }) => ({
      file,
      line,
      name: channel,
      nightly: channel?.startsWith('nightly') === true,
    })),
    ...o.dockerfiles.flatMap(({ file, images }) =>
      images.map(({ image, line, nightly }) => ({ file, line, name: image, nightly })),
    ),
  ];
  for (const { file, line, name, nightly } of channels)
    if (nightly)
      j.find('nightly-toolchain', `${name}`, { where: { file, ...(line !== undefined && { line }) }, subject: file });
  if (j.findings.length === 0 && o.roots > 0) j.prove(`${o.roots} crate roots without a nightly feature`);
}

const isTakenOver = (path: string): boolean => /(?:^|\/)(?:vendor|third[_-]party|testdata|fixtures?)\//.test(path);

function judgeMembers(j: Judge<typeof problems>, p: Params, members: readonly Member[]): void {
  const on = members.filter((one) => one.edition === p.edition);
  j.fact('edition.members', members.length).fact('edition.on', on.length);
  if (on.length > 0) j.prove(`on edition ${p.edition}: ${on.map((one) => one.name).join(', ')}`);
  for (const one of members)
    if (one.edition !== p.edition)
      j.find('wrong-edition', `${one.name} is on edition ${one.edition}, expected ${p.edition}`, {
        where: { file: one.manifest, ...(one.editionLine !== undefined && { line: one.editionLine }) },
        subject: one.name,
        // What was taken over is on its authors' edition.
        ...(isTakenOver(one.manifest) && { level: 'note' as const }),
      });
  for (const name of p.packages)
    if (!members.some((one) => one.name === name))
      j.find('member-missing', `${name} is not a member of ${p.manifest}`, {
        where: { file: p.manifest },
        subject: name,
      });
}

/** Holds every release that the project names against what the edition and the members need. */
function judgeAge(j: Judge<typeof problems>, p: Params, o: Observed): void {
  const members = o.members ?? [];
  for (const { name, manifest, rustVersion: own = '', edition } of members)
    if (isOlderThanEdition(own, edition))
      j.find('too-old', `rust-version ${own} of ${name} is older than edition ${edition}`, {
        where: { file: manifest },
        subject: name,
      });
  const { need, why } = neededRust(p.edition, members);
  const least = `${showVersion(need)} (${why})`;
  const pinned = o.toolchains.some((one) => rustVersion(one.channel ?? '') !== undefined);
  for (const { file, line, channel } of o.toolchains) {
    const version = rustVersion(channel ?? '');
    const where = { file, ...(line !== undefined && { line }) };
    if (version)
      j.check(!isOlder(version, need), `${file}: ${channel}`, 'too-old', `${channel} is older than ${least}`, {
        where,
      });
    else if (channel === 'stable' || channel === undefined)
      j.find('unpinned', `${channel ?? 'no channel'} in ${file}`, { where });
  }
  for (const { file, runsCargo, images } of o.dockerfiles)
    for (const { image, line, version, nightly } of images) {
      const where = { file, line };
      if (version)
        j.check(!isOlder(version, need), `${file}: ${image}`, 'too-old', `${image} is older than ${least}`, {
          where,
          subject: image,
          ...((pinned || !runsCargo || isTakenOver(file)) && {
            level: 'warning',
          }),
        });
      else if (!nightly) j.find('unpinned', `${image} is whatever is newest on the day of the build`, { where });
    }
}
