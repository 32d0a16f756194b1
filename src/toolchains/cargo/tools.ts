import type { Requirement } from '../../core/step.ts';

export const cargoTool: Requirement = {
  name: 'cargo',
  version: ['cargo', '--version'],
  remedy: 'install Rust from https://rustup.rs',
};
export const clippyTool: Requirement = {
  name: 'clippy',
  version: ['cargo', 'clippy', '--version'],
  remedy: 'rustup component add clippy',
};
export const rustfmtTool: Requirement = {
  name: 'rustfmt',
  version: ['cargo', 'fmt', '--version'],
  remedy: 'rustup component add rustfmt',
};
