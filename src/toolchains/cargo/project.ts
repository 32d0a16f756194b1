import { baseImages } from '../../formats/docker/dockerfile.ts';
import { z } from 'zod';
import { jsonOf } from '../../core/json-of.ts';
import { tomlOf } from '../../formats/data/toml.ts';

/** A Rust release, as far as it is given: `1.85` has no patch. */
export interface RustVersion {
  major: number;
  minor: number;
}

/**
 * The first stable release with an edition.
 * Source: the edition guide and the release notes of 1.31, 1.56 and 1.85.
 */
const editionSince: Readonly<Record<string, RustVersion>> = {
  '2015': { major: 1, minor: 0 },
  '2018': { major: 1, minor: 31 },
  '2021': { major: 1, minor: 56 },
  '2024': { major: 1, minor: 85 },
};

export const showVersion = ({ major, minor }: RustVersion): string => `${major}.${minor}`;
export const isOlder = (a: RustVersion, b: RustVersion): boolean =>
  a.major < b.major || (a.major === b.major && a.minor < b.minor);

/** The version at the beginning of `1.85`, `1.85.0`, `1.85-slim`; undefined where only a major or no number is given. */
export function rustVersion(text: string): RustVersion | undefined {
  const match = /^(\d+)\.(\d+)(?![\d])/.exec(text.trim());
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

/** Is a `rust-version` older than the release that brought the edition? */
export function isOlderThanEdition(text: string, edition: string): boolean {
  const [own, least] = [rustVersion(text), editionSince[edition]];
  return own !== undefined && least !== undefined && isOlder(own, least);
}

/** The least release that builds an edition and every member that names its `rust-version`, and which of them asks for it. */
export function neededRust(
  edition: string,
  members: readonly { name: string; rustVersion?: string }[],
): { need: RustVersion; why: string } {
  let need = editionSince[edition] ?? { major: 1, minor: 0 };
  let why = `edition ${edition}`;
  for (const one of members) {
    const own = rustVersion(one.rustVersion ?? '');
    if (own && isOlder(need, own)) [need, why] = [own, `rust-version of ${one.name}`];
  }
  return { need, why };
}

/** Source without comments, strings and characters: each replaced by blanks, so that lines stay where they are. */
function bare(source: string): string {
  return source.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|b?r(#*)"[\s\S]*?"\1|b?"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\[^\n]{1,10}?)'/g,
    (text) => text.replace(/[^\n]/g, ' '),
  );
}

/** Nightly features that a crate root switches on for every build: `#![feature(…)]`. Those behind `cfg_attr` are left out. */
export function crateFeatures(source: string): { name: string; line: number }[] {
  const text = bare(source);
  const found: { name: string; line: number }[] = [];
  for (const match of text.matchAll(/#!\s*\[\s*feature\s*\(([^)]*)\)\s*\]/g)) {
    const line = text.slice(0, match.index).split('\n').length;
    for (const name of (match[1] ?? '').split(',').map((part) => part.trim()))
      if (name !== '') found.push({ name, line });
  }
  return found;
}

/** What `rust-toolchain.toml` (or the older file of one line) asks rustup for; undefined where it names no channel. */
export function toolchainChannel(text: string): string | undefined {
  const bareLine = /^[\w.-]+$/.exec(text.trim());
  if (bareLine) return bareLine[0];
  const table = tomlOf(text)?.['toolchain'];
  const channel = table !== null && typeof table === 'object' ? (table as { channel?: unknown }).channel : undefined;
  return typeof channel === 'string' ? channel : undefined;
}

/** `cargo-features` of a manifest: they switch on what only a nightly cargo has. */
export function cargoFeatures(text: string): string[] {
  const list = tomlOf(text)?.['cargo-features'];
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
}

/** What of a `.cargo/config.toml` makes a stable toolchain act as a nightly one. */
export function nightlyConfig(text: string): string[] {
  const config = tomlOf(text);
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) return value.forEach((one, n) => walk(one, `${path}[${n}]`));
    if (value !== null && typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) walk(one, path === '' ? key : `${path}.${key}`);
    } else if (/rustflags/.test(path) && typeof value === 'string' && /(?:^|\s)-Z/.test(value))
      found.push(`${path}: ${value}`);
    else if (path.startsWith('env.RUSTC_BOOTSTRAP')) found.push(path);
  };
  walk(config, '');
  return found;
}

/** The line of a key of a TOML text, from 1; undefined where it is not written as `key = …` or `key.workspace = …`. */
export function lineOfKey(text: string, key: string): number | undefined {
  const at = text.split('\n').findIndex((line) => new RegExp(`^\\s*${key}(?:\\.workspace)?\\s*=`).test(line));
  return at < 0 ? undefined : at + 1;
}

/** A `FROM` of a Rust image: `version` where its tag gives one, `nightly` where it is of that kind. */
export interface RustImage {
  image: string;
  line: number;
  version: RustVersion | undefined;
  nightly: boolean;
}

/** The Rust images that a Dockerfile builds upon. */
export const rustImages = (text: string): RustImage[] =>
  baseImages(text).flatMap(({ image, line }) => {
    const [, name = '', tag = ''] = /^([^:@]+(?::\d+\/[^:@]+)?)(?::([^@]+))?/.exec(image) ?? [];
    if (!/(?:^|\/)(?:rust|rustlang\/rust)$/.test(name)) return [];
    return [{ image, line, version: rustVersion(tag), nightly: /nightly/.test(tag) }];
  });

const Metadata = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      edition: z.string(),
      manifest_path: z.string(),
      rust_version: z.string().nullish(),
      targets: z.array(z.object({ src_path: z.string() })),
    }),
  ),
});
export type CargoPackage = z.infer<typeof Metadata>['packages'][number];

/** The packages of `cargo metadata --format-version 1`; undefined where the text is not that. */
export function cargoPackages(text: string): CargoPackage[] | undefined {
  return Metadata.safeParse(jsonOf(text)).data?.packages;
}
