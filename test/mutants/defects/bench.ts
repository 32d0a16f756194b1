import { one, type Mutant } from '../mutant.ts';

const lib = 'engram-core/src/lib.rs';

export default [
  one(
    'another edition',
    'edition',
    'wrong-edition',
    'engram-cli/Cargo.toml',
    'edition.workspace = true',
    'edition = "2021"',
  ),
  one(
    'a nightly feature',
    'edition',
    'nightly-feature',
    lib,
    'pub mod graph;',
    '#![feature(never_type)]\npub mod graph;',
  ),
  one(
    'an image that is too old for the edition',
    'edition',
    'too-old',
    'deployments/docker/Dockerfile',
    'rust:1.88-slim',
    'rust:1.82-slim',
  ),
  {
    name: 'a toolchain that is too old for the edition',
    step: 'edition',
    code: 'too-old',
    edits: { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.80.0"\n' },
  },
] satisfies Mutant[];
