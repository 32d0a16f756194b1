import { z } from 'zod';
import { cargo, cargoError, cargoParams } from '../../toolchains/cargo/parameters.ts';
import { Judge } from '../../core/judgement.ts';
import { defineStep, type ExecResult } from '../../core/step.ts';
import { parseFmtDiff } from '../../toolchains/cargo/output.ts';

const params = z.strictObject({
  ...cargoParams,
  all: z.boolean().default(true).describe('every package of the workspace'),
});
type Params = z.infer<typeof params>;

interface Observed {
  result: ExecResult;
  /** Rust files of the target: without one there is nothing to check. */
  files: number;
  root: string;
}

const problems = {
  unformatted: { level: 'error', title: 'A file is not formatted', hint: 'run `cargo fmt --all` and commit' },
  'no-rust-files': {
    level: 'error',
    title: 'There is no Rust file to check',
    hint: 'correct the target or the manifest',
  },
  'cargo-failed': { level: 'error', title: 'cargo fmt could not check', hint: 'read its output in the evidence' },
  'cargo-missing': {
    level: 'inconclusive',
    title: 'cargo or rustfmt is not there',
    hint: 'install Rust from https://rustup.rs, then `rustup component add rustfmt`',
  },
} as const;

const argv = (p: Params): string[] => [
  ...cargo(p.toolchain),
  'fmt',
  '--manifest-path',
  p.manifest,
  ...(p.all ? ['--all'] : []),
  '--',
  '--check',
];

export default defineStep<Params, Observed>({
  kind: 'cargo/fmt',
  summary: 'Every Rust file is formatted; nothing is written.',
  description:
    'Runs `cargo fmt --all -- --check`, which exits 1 and prints a diff where a file would change. (`cargo fmt --all` alone rewrites files and exits 0: it verifies nothing.)',
  example: `- id: fmt
  uses: cargo/fmt`,
  params,
  facts: { 'fmt.files': 'Rust files below the target' },
  problems,
  timeout: '2m',
  requires: () => ['cargo', 'rustfmt'],
  plan: (p) => [argv(p).join(' ')],
  leaves: 'nothing',
  async gather(p, ctx) {
    const result = await ctx.exec(argv(p), { env: p.env, name: 'cargo-fmt', onLine: ctx.progress });
    return { result, files: (await ctx.files.glob(['**/*.rs'])).length, root: ctx.target };
  },
  judge(p, { result, files, root }) {
    const j = new Judge(problems);
    if (result.notStarted !== undefined || /no such (?:sub)?command|is not installed/.test(result.stderr)) {
      return j.find('cargo-missing', result.notStarted ?? cargoError(result.stderr)).done();
    }
    const diffs = parseFmtDiff(result.stdout);
    const byFile = Map.groupBy(diffs, ({ file }) => (file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file));
    for (const [file, places] of byFile) {
      const line = places[0]?.line;
      j.find('unformatted', `${file} is not formatted (${places.length} ${places.length === 1 ? 'place' : 'places'})`, {
        where: { file, ...(line !== undefined && line > 0 && { line }) },
        subject: file,
      });
    }
    j.fact('fmt.files', files);
    if (files === 0) j.find('no-rust-files', `no .rs file below the target`);
    else if (result.code === 0 && byFile.size === 0) j.prove(`${files} Rust files are formatted`);
    else if (byFile.size === 0)
      j.find('cargo-failed', `cargo fmt ended with ${result.code ?? result.signal}: ${cargoError(result.stderr)}`, {
        where: { file: p.manifest },
      });
    return j.done();
  },
});
