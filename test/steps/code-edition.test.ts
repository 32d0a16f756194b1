import { describe, expect, it } from 'vitest';
import { crateFeatures, rustImages, toolchainChannel } from '../../src/toolchains/cargo/project.ts';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const crate = (name: string, more = 'edition.workspace = true'): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\n${more}\n`;
const healthy = {
  'Cargo.toml': '[workspace]\nresolver = "3"\nmembers = ["a", "b"]\n\n[workspace.package]\nedition = "2024"\n',
  'a/Cargo.toml': crate('a'),
  'a/src/lib.rs': '//! #![feature(never_type)] is not used.\nconst X: &str = "#![feature(x)]";\n',
  'b/Cargo.toml': crate('b'),
  'b/src/main.rs': '#![cfg_attr(docsrs, feature(doc_cfg))]\nfn main() {}\n',
  Dockerfile: 'ARG V=1.85\nFROM --platform=linux/amd64 rust:${V}-slim AS build\nRUN cargo build\nFROM debian:trixie\n',
};
const check = (files: Record<string, string>, rest: object = {}) =>
  runStep({ uses: 'code/edition', with: { edition: '2024', ...rest }, target: tempDir({ ...healthy, ...files }) });
const [title, skip] = needing('code/edition with a real cargo', 'cargo');

describe.skipIf(skip)(title, () => {
  it('passes a healthy workspace', async () =>
    expect(await check({ 'rust-toolchain.toml': '[toolchain]\nchannel = "1.88.0"\n' })).toMatchObject({
      outcome: 'passed',
      findings: [],
      facts: { 'edition.members': 2, 'edition.on': 2 },
    }));

  it.each([
    [
      'a member on another edition',
      { 'b/Cargo.toml': crate('b', 'edition = "2021"') },
      'wrong-edition',
      'b/Cargo.toml',
      4,
    ],
    ['a member without an edition', { 'b/Cargo.toml': crate('b', '') }, 'wrong-edition', 'b/Cargo.toml', undefined],
    [
      'a nightly feature',
      { 'a/src/lib.rs': '\n#![feature(\n  never_type\n)]\n' },
      'nightly-feature',
      'a/src/lib.rs',
      2,
    ],
    [
      'a nightly feature of a build script',
      { 'a/build.rs': '#![feature(test)]\nfn main() {}' },
      'nightly-feature',
      'a/build.rs',
      1,
    ],
    [
      'cargo-features',
      { 'a/Cargo.toml': `cargo-features = ["edition2024"]\n${crate('a')}` },
      'nightly-feature',
      'a/Cargo.toml',
      1,
    ],
    [
      'cargo-features of the root',
      { 'Cargo.toml': `cargo-features = ["profile-rustflags"]\n${healthy['Cargo.toml']}` },
      'nightly-feature',
      'Cargo.toml',
      1,
    ],
    [
      'a nightly toolchain',
      { 'rust-toolchain': 'nightly-2026-01-01\n' },
      'nightly-toolchain',
      'rust-toolchain',
      undefined,
    ],
    [
      'an old toolchain',
      { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.84.1"\n' },
      'too-old',
      'rust-toolchain.toml',
      2,
    ],
    ['an old image', { Dockerfile: 'FROM rust:1.80\nRUN cargo build\n' }, 'too-old', 'Dockerfile', 1],
    [
      'an image older than a member needs',
      { 'a/Cargo.toml': crate('a', 'edition = "2024"\nrust-version = "1.90"') },
      'too-old',
      'Dockerfile',
      2,
    ],
    [
      'a nightly image',
      { Dockerfile: 'FROM rustlang/rust:nightly\nRUN cargo build\n' },
      'nightly-toolchain',
      'Dockerfile',
      1,
    ],
    [
      'flags of the nightly kind',
      { '.cargo/config.toml': '[build]\nrustflags = ["-Zthreads=8"]\n' },
      'nightly-feature',
      '.cargo/config.toml',
      undefined,
    ],
    [
      'RUSTC_BOOTSTRAP',
      { '.cargo/config.toml': '[env]\nRUSTC_BOOTSTRAP = "1"\n' },
      'nightly-feature',
      '.cargo/config.toml',
      undefined,
    ],
  ] as const)('finds %s', async (_, files, code, file, line) => {
    const record = await check(files);
    expect(record.outcome).toBe('failed');
    expect(record.findings.find((f) => f.code === code)?.where).toEqual({ file, ...(line !== undefined && { line }) });
  });

  it.each([
    ['a floating image', { Dockerfile: 'FROM rust:1-slim\nRUN cargo build\n' }],
    ['a floating toolchain', { 'rust-toolchain.toml': '[toolchain]\nchannel = "stable"\n' }],
    [
      'an old image where rustup fetches the pinned release',
      { 'rust-toolchain': '1.86', Dockerfile: 'FROM rust:1.80\nRUN cargo build\n' },
    ],
    ['an old image that never runs cargo', { Dockerfile: 'FROM rust:1.70\nCOPY x /x\n' }],
  ])('%s fails nothing', async (_, files) => expect((await check(files)).outcome).toBe('passed'));

  it('a promised member that is not there fails', async () =>
    expect(codes(await check({}, { packages: ['a', 'engine'] }))).toEqual(['member-missing']));
  it('nightly may be allowed', async () =>
    expect((await check({ 'a/src/lib.rs': '#![feature(never_type)]\n' }, { nightly: 'allowed' })).outcome).toBe(
      'passed',
    ));
  it('an empty workspace, no workspace and a broken manifest are no pass', async () => {
    expect(codes(await check({ 'Cargo.toml': '[workspace]\nmembers = []\n' }))).toEqual(['no-members']);
    expect(codes(await check({ 'Cargo.toml': 'nonsense' }))).toEqual(['metadata-failed']);
    expect(codes(await runStep({ uses: 'code/edition', with: { edition: '2024' } }))).toEqual(['metadata-failed']);
  });
});

describe('what says which Rust', () => {
  it('features in comments and strings are none', () =>
    expect(crateFeatures('/* #![feature(a)] */ const X: &str = r#"#![feature(b)]"#;\n#![feature(c, d)]')).toEqual([
      { name: 'c', line: 2 },
      { name: 'd', line: 2 },
    ]));
  it.each([
    ['FROM rust', undefined],
    ['FROM docker.io/library/rust:1.85.1-bookworm', { major: 1, minor: 85 }],
    ['FROM registry:5000/mirror/rust:1.70 AS x', { major: 1, minor: 70 }],
    ['from rust:1.90@sha256:abc', { major: 1, minor: 90 }],
    ['FROM rust:${V:-1.60}', { major: 1, minor: 60 }],
  ])('%s', (line, version) => expect(rustImages(line)).toMatchObject([{ version, line: 1 }]));
  it.each(['FROM debian', 'FROM rust-builder:1.2', 'FROM trust:1.1', '# FROM rust:1.1'])(
    '%s is no Rust image',
    (line) => expect(rustImages(line)).toEqual([]),
  );
  it('reads both kinds of toolchain file', () => {
    expect(toolchainChannel('1.85.0\n')).toBe('1.85.0');
    expect(toolchainChannel('[toolchain]\nprofile = "minimal"\n')).toBeUndefined();
  });
});
