import { cargoPrograms } from './programs.ts';
import { textOf } from '../../formats/data/json-parts.ts';
import type { Toolchain } from '../contract.ts';
import { silences } from './ambient.ts';
import { cargoBenches } from './benches.ts';
import { cargoItems } from './items.ts';
import { cargoStep } from './step-for.ts';
import { cargoTool, clippyTool, rustfmtTool } from './tools.ts';
import { folderOf, inFolder } from '../../formats/data/paths.ts';
import { CargoCommands } from './claimed-commands.ts';
import { bindCargo } from './commands.ts';

/** Rust. Its steps are files of their own in steps/cargo: they read what cargo prints, since stable libtest writes no results. */
const cargo: Toolchain = {
  name: 'cargo',
  title: 'Rust',
  manifests: /^Cargo\.toml$/,
  tools: [cargoTool, clippyTool, rustfmtTool],
  steps: { 'cargo/test': 'test', 'cargo/clippy': 'lint', 'cargo/fmt': 'lint' },
  results: ['**/target/nextest/*/junit.xml'],
  unasked: ['.cargo/config.toml', '.cargo/config', 'rust-toolchain.toml', 'rust-toolchain'],
  programs: cargoPrograms,
  ambient: {
    variables: /^(?:RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_BUILD_RUSTFLAGS|CARGO_TARGET_\w+_(?:RUSTFLAGS|RUNNER))$/,
    silences: (name, value) => name.endsWith('_RUNNER') || silences(value),
  },
  claimed: (doors) => new CargoCommands(doors),
  bind: bindCargo,
  stepFor: ({ words }) => cargoStep(words),
  // Whatever flags CI gives: the step checks the same of the whole workspace.
  covers: ({ uses }) => [{ key: uses.replace('/', ' ') }],
  items: cargoItems,
  checks: () => [],
  benches: cargoBenches,
  // A lock file only where none is kept.
  outputs(step, tree) {
    const folder = folderOf(textOf(step.with?.['manifest']));
    const lock = inFolder(folder, 'Cargo.lock');
    return [inFolder(folder, 'target'), ...(tree.paths.includes(lock) ? [] : [lock])];
  },
};
export default cargo;
