import { z } from 'zod';
import {
  cargo,
  cargoError,
  cargoParams,
  cargoSelection,
  selectionFlags,
  missingCargo,
} from '../../toolchains/cargo/parameters.ts';
import type { Setting } from '../../toolchains/cargo/ambient.ts';
import { clippySettings, mutes } from '../../toolchains/cargo/clippy.ts';
import { buildFromTree, workspaceOf } from '../../toolchains/cargo/built-from.ts';
import { cargoTool, clippyTool } from '../../toolchains/cargo/tools.ts';
import { defineStep, error, inconclusive, Judge, note, type ExecResult } from '../../core/step.ts';
import { isUnfetched, parseBuildMessages, type BuildMessages } from '../../toolchains/cargo/output.ts';

const Lint = z.string().regex(/^[a-z][a-z0-9_:-]*$/, { error: 'a lint is named like warnings or clippy::all' });
const params = z.strictObject({
  ...cargoParams,
  ...cargoSelection,
  deny: z.array(Lint).default(['warnings']).describe('lints that fail, passed after `--` as -D'),
  allow: z.array(Lint).default([]).describe('lints that are allowed, as -A; each weakens what is proven'),
});
type Params = z.infer<typeof params>;

interface Observed {
  result: Omit<ExecResult, 'stdout'>;
  messages: BuildMessages;
  settings: Setting[];
}

const problems = {
  lint: error('A lint fires', 'correct the code, or allow the lint in the source with a reason'),
  'compile-error': error('The code does not compile', 'read the diagnostic'),
  'cargo-failed': error('cargo clippy could not check', 'read its output in the evidence'),
  silenced: inconclusive(
    'Clippy may have been silenced from outside of the checklist',
    'take the setting away, or say in the checklist what is meant: `allow`, `env`',
  ),
  settings: note('A setting weakens what clippy proves, or changes how it runs', 'check that it is intended'),
  'nothing-checked': error('cargo clippy checked no package', 'correct the manifest or the selection'),
  'cargo-missing': inconclusive(
    'cargo or clippy is not there',
    'install Rust from https://rustup.rs, then `rustup component add clippy`',
  ),
  'dependencies-missing': inconclusive(
    'Dependencies could not be fetched',
    'check the network, or run `cargo fetch` before',
  ),
} as const;

const argv = (p: Params): string[] => [
  ...cargo(p.toolchain),
  'clippy',
  '--manifest-path',
  p.manifest,
  ...selectionFlags(p),
  '--message-format=json',
  '--',
  ...p.deny.flatMap((lint) => ['-D', lint]),
  ...p.allow.flatMap((lint) => ['-A', lint]),
];

export default defineStep<Params, Observed>({
  kind: 'cargo/clippy',
  summary: 'Clippy finds nothing, over all targets and features.',
  description: `Runs \`cargo clippy … --message-format=json -- -D warnings\` and reads its diagnostics; each becomes a finding with its place. The lint flags must follow \`--\`: \`cargo clippy -D warnings\` does not parse, and a checklist that says so never ran. Without the closing \`build-finished\` message the outcome is not a pass.

What can silence clippy besides the checklist is looked for: \`--cap-lints\` and \`-A\` in rustflags, another rustc, wrappers other than compiler caches, an alias, \`CLIPPY_ARGS\`, a clippy.toml that is not part of the tree (environment and every configuration file of cargo), and \`[lints]\` that allow a whole group. Each is inconclusive, and named. Members of the workspace are built anew where the build folder was filled from another tree.`,
  example: `- id: clippy
  uses: cargo/clippy
  with: { deny: [warnings] }`,
  params,
  facts: { 'clippy.diagnostics': 'diagnostics that fail', 'clippy.targets': 'compiled or fresh targets' },
  problems,
  timeout: '15m',
  requires: () => [cargoTool, clippyTool],
  locks: () => ['cargo-target'],
  plan: (p) => [argv(p).join(' ')],
  leaves: 'nothing',
  async gather(p, ctx) {
    const workspace = await workspaceOf(p, ctx);
    const leaveMark = workspace && (await buildFromTree(p, workspace, ctx));
    const { stdout, ...result } = await ctx.exec(argv(p), {
      env: p.env,
      name: 'cargo-clippy',
      maxText: 64_000_000,
      onLine: ctx.progress,
    });
    await leaveMark?.();
    const settings = await clippySettings(p, ctx, workspace);
    return { result, messages: parseBuildMessages(stdout), settings };
  },
  judge(p, { result, messages, settings }) {
    const j = new Judge(problems);
    const missing = missingCargo(result);
    if (missing !== undefined) return j.find('cargo-missing', missing).done();
    for (const d of messages.diagnostics) {
      if (d.level !== 'error' && d.level !== 'warning') continue;
      const isCode = /^E\d+$/.test(d.code) || d.code === '';
      j.find(
        isCode && d.level === 'error' ? 'compile-error' : 'lint',
        `${d.code === '' ? '' : `${d.code}: `}${d.message}`,
        {
          ...(d.file !== undefined && {
            where: {
              file: d.file,
              ...(d.line !== undefined && { line: d.line }),
              ...(d.col !== undefined && { col: d.col }),
            },
          }),
          subject: d.code,
          detail: d.rendered,
          ...(d.level === 'warning' && { level: 'warning' as const }),
        },
      );
    }
    for (const one of settings.filter(({ what }) => what !== 'runner' && what !== 'rustfmt'))
      j.find(mutes(one) ? 'silenced' : 'settings', `${one.from}: ${one.text}`, {
        subject: one.text,
        ...(one.from !== 'the environment' && { where: { file: one.from } }),
      });
    j.fact('clippy.diagnostics', messages.diagnostics.filter((d) => d.level === 'error').length);
    j.fact('clippy.targets', messages.artifacts);
    if (result.code === 0 && messages.success === true) {
      if (messages.artifacts === 0) j.find('nothing-checked', 'no target was compiled');
      else
        j.prove(
          `clippy is silent over ${messages.artifacts} compiled targets, with -D ${p.deny.join(' -D ') || 'nothing'}`,
        );
    } else if (j.findings.every((f) => f.level !== 'error')) {
      const why = cargoError(result.stderr);
      const network = isUnfetched(result.stderr);
      j.find(
        network ? 'dependencies-missing' : 'cargo-failed',
        result.timedOut
          ? 'cargo clippy did not finish in time'
          : `cargo clippy exited with ${result.code ?? result.signal}: ${why}`,
        {
          where: { file: p.manifest },
          detail: why,
          ...(result.timedOut && { level: 'inconclusive' as const }),
        },
      );
    }
    return j.done();
  },
});
