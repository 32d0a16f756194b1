import { textOf } from '../../formats/data/json-parts.ts';
import type { Toolchain } from '../contract.ts';
import { silences } from './ambient.ts';
import { cargoItems } from './items.ts';
import { cargoStep } from './step-for.ts';
import { cargoTool, clippyTool, rustfmtTool } from './tools.ts';
import { folderOf, inFolder, baseOf } from '../../formats/data/paths.ts';
import { CargoCommands } from './claimed-commands.ts';
import { bindCargo } from './commands.ts';
import type { ProjectTree } from '../drafted.ts';
import { proof, type ProgramWords } from '../program-words.ts';

const reads = new Set('build check doc test bench clippy fmt metadata tree nextest deny audit machete hack'.split(' '));
/** The subcommand, behind a toolchain that is named: `cargo +nightly fmt`. */
const subOf = ([, first = '', second = '']: readonly string[]): string => (first.startsWith('+') ? second : first);

const cargoPrograms: Readonly<Record<string, ProgramWords>> = {
  cargo: {
    proves(words) {
      const sub = subOf(words);
      if (sub === 'test' || sub === 'nextest') return proof('test', 'cargo test');
      if (/^(?:fmt|clippy|deny|audit|machete|hack|udeps|semver-checks|vet)$/.test(sub))
        return proof('lint', `cargo ${sub}`);
      return /^(?:build|check|doc)$/.test(sub) ? proof('build', `cargo ${sub}`) : undefined;
    },
    isHarmless: (words) => reads.has(subOf(words)),
    prepares: /^(?:install|fetch|binstall|update|login|publish|clean|add|metadata|version|--version)$/,
  },
};

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

/** The command that runs the benchmarks, and where they write: criterion's folder, or the one JSON file that the one bench names in its source. */
function cargoBenches(tree: ProjectTree): { run: string[]; results?: string } | undefined {
  const manifest = tree.paths.find(
    (path) => baseOf(path) === 'Cargo.toml' && /^\s*\[\[bench\]\]/m.test(tree.text(path) ?? ''),
  );
  if (manifest === undefined) return undefined;
  const run = ['cargo', 'bench', ...(manifest === 'Cargo.toml' ? [] : ['--manifest-path', manifest])];
  if (/^\s*criterion\b/m.test(tree.text(manifest) ?? '')) return { run };
  const folder = inFolder(folderOf(manifest), 'benches');
  const [source, other] = tree.paths.filter((path) => folderOf(path) === folder && path.endsWith('.rs'));
  if (source === undefined || other !== undefined) return undefined;
  const written = /"(?:\.\.\/)*(target\/[\w./-]+\.json)"/g;
  const [results, more] = new Set([...(tree.text(source) ?? '').matchAll(written)].map(([, name = '']) => name));
  return results === undefined || more !== undefined
    ? undefined
    : { run: [...run, '--bench', baseOf(source).replace(/\.rs$/, '')], results };
}
