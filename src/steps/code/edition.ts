import { z } from 'zod';
import { cargoError, cargoParams } from '../../toolchains/cargo/parameters.ts';
import { cargoTool } from '../../toolchains/cargo/tools.ts';
import { makerOfMember } from '../../repository/generated-members.ts';
import { defineStep, error, inconclusive, Judge, note } from '../../core/step.ts';
import { isOlder, isOlderThanEdition, neededRust, rustVersion, showVersion } from '../../toolchains/cargo/project.ts';
import { askedOfCargo, rustProject, type RustMember, type RustProject } from '../../toolchains/cargo/rust-project.ts';

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

interface Observed extends RustProject {
  /** A script beside the manifest that may make the member which cargo did not find. */
  madeBy?: string;
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
  plan: (p) => [askedOfCargo(p).join(' '), `reads ${p.dockerfiles.join(', ')}`],
  leaves: 'nothing',
  async gather(p, ctx) {
    const seen = await rustProject(p, ctx);
    const madeBy = await makerOfMember(p.manifest, seen.metadata.stderr, ctx);
    return { ...seen, ...(madeBy !== undefined && { madeBy }) };
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

function judgeMembers(j: Judge<typeof problems>, p: Params, members: readonly RustMember[]): void {
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
