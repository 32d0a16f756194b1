import { proof, type ProgramWords } from '../program-words.ts';

const reads = new Set('build check doc test bench clippy fmt metadata tree nextest deny audit machete hack'.split(' '));
/** The subcommand, behind a toolchain that is named: `cargo +nightly fmt`. */
const subOf = ([, first = '', second = '']: readonly string[]): string => (first.startsWith('+') ? second : first);

export const cargoPrograms: Readonly<Record<string, ProgramWords>> = {
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
