import { z } from 'zod';
import { cargo, cargoError, cargoParams, missingCargo } from '../../toolchains/cargo/parameters.ts';
import { rustfmtSettings, sayRustfmt } from '../../toolchains/cargo/rustfmt.ts';
import { foldersOf, workspaceOf } from '../../toolchains/cargo/built-from.ts';
import { cargoTool, rustfmtTool } from '../../toolchains/cargo/tools.ts';
import { defineStep, error, inconclusive, Judge, type ExecResult } from '../../core/step.ts';
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
  /** Settings and files from outside of the tree that rustfmt goes by. */
  outside: string[];
  /** Folders in which rustfmt takes badly formatted text for good, and how it ended there. */
  deaf: string[];
}

const problems = {
  unformatted: error('A file is not formatted', 'run `cargo fmt --all` and commit'),
  silenced: inconclusive(
    'rustfmt follows settings that are not part of the tree, or accepts badly formatted text',
    'take the setting away, or commit a rustfmt.toml beside the manifest; `disable_all_formatting` checks nothing',
  ),
  'no-rust-files': error('There is no Rust file to check', 'correct the target or the manifest'),
  'cargo-failed': error('cargo fmt could not check', 'read its output in the evidence'),
  'cargo-missing': inconclusive(
    'cargo or rustfmt is not there',
    'install Rust from https://rustup.rs, then `rustup component add rustfmt`',
  ),
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
    'Runs `cargo fmt --all -- --check`, which exits 1 and prints a diff where a file would change. (`cargo fmt --all` alone rewrites files and exits 0: it verifies nothing.)\n\nA control shows that rustfmt can refuse: in the folder of each target it is given a badly formatted text. Where it takes it (`RUSTFMT`, `disable_all_formatting`), or goes by a rustfmt.toml above the target, in the home folder or ignored by git, the step is inconclusive and names what it was.',
  example: `- id: fmt
  uses: cargo/fmt`,
  params,
  facts: { 'fmt.files': 'Rust files below the target' },
  problems,
  timeout: '2m',
  requires: () => [cargoTool, rustfmtTool],
  plan: (p) => [argv(p).join(' ')],
  leaves: 'nothing',
  async gather(p, ctx) {
    const result = await ctx.exec(argv(p), { env: p.env, name: 'cargo-fmt', onLine: ctx.progress });
    const workspace = await workspaceOf(p, ctx);
    const { outside, deaf } = await rustfmtSettings(p, ctx, workspace ? foldersOf(workspace).sources : []);
    return { outside, deaf, result, files: (await ctx.files.glob(['**/*.rs'])).length, root: ctx.target };
  },
  judge(p, { result, files, root, outside, deaf }) {
    const j = new Judge(problems);
    const missing = missingCargo(result);
    if (missing !== undefined) return j.find('cargo-missing', missing).done();
    for (const { message, file } of sayRustfmt({ outside, deaf }))
      j.find('silenced', message, { ...(file !== undefined && { where: { file } }), subject: file ?? message });
    // What a setting from outside makes of the files is no verdict over them.
    if (outside.length > 0) return j.done();
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
      j.find('cargo-failed', `cargo fmt exited with ${result.code ?? result.signal}: ${cargoError(result.stderr)}`, {
        where: { file: p.manifest },
      });
    return j.done();
  },
});
