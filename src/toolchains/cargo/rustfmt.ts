import type { StepContext } from '../../core/step.ts';
import { ambientSettings, foreignRustfmt } from './ambient.ts';

const unformatted = 'fn  main( ){let x=1 ;drop( x )}\n';

/** What keeps rustfmt from saying what it should. */
export interface RustfmtSettings {
  /** Settings and files from outside of the tree that it goes by. */
  outside: string[];
  /** Folders in which it takes badly formatted text for good. */
  deaf: string[];
}

/**
 * Looks for settings of rustfmt that are not part of the tree, and gives the rustfmt that `cargo fmt` runs a badly formatted text.
 * @param sources folders of the targets, absolute
 */
export async function rustfmtSettings(
  p: { toolchain?: string | undefined; env: Record<string, string> },
  ctx: StepContext,
  sources: readonly string[],
): Promise<RustfmtSettings> {
  const settings = await ambientSettings(ctx, p.env, []);
  const outside = [
    ...settings
      .filter((one) => one.what === 'rustfmt' || (one.what === 'alias' && /fmt/i.test(one.text)))
      .map((one) => `${one.from}: ${one.text}`),
    ...(await foreignRustfmt(ctx, sources)),
  ];
  const program = p.env['RUSTFMT'] ?? ctx.variables(/^RUSTFMT$/)['RUSTFMT'] ?? 'rustfmt';
  const argv = [program, ...(p.toolchain === undefined ? [] : [`+${p.toolchain}`]), '--edition', '2021'];
  const deaf: string[] = [];
  for (const cwd of sources) {
    const answer = await ctx.exec(argv, { cwd, env: p.env, input: unformatted, name: 'fmt-control' });
    const taken = answer.stdout.trim() === '' || answer.stdout === unformatted;
    if (answer.notStarted === undefined && answer.code === 0 && taken)
      deaf.push(cwd.startsWith(`${ctx.target}/`) ? cwd.slice(ctx.target.length + 1) : cwd);
  }
  return { outside, deaf };
}

export const sayRustfmt = ({ outside, deaf }: RustfmtSettings): { message: string; file?: string }[] => [
  ...outside.map((text) => ({ message: `rustfmt follows settings that are not part of the tree: ${text}` })),
  ...deaf.map((file) => ({ message: `rustfmt takes badly formatted text for good in ${file}`, file })),
];
