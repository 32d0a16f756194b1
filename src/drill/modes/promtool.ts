import { chmod } from 'node:fs/promises';
import { basename } from 'node:path';
import { Unobservable, type ExecResult, type StepContext } from '../../core/step.ts';

/** A promtool that can be run on files of ours. */
export interface Promtool {
  version: string;
  /** Whose it is: the container's of the stack's own Prometheus, or this machine's. */
  of: 'stack' | 'host';
  /** Runs it; the arguments may name files below `folder`. @throws Unobservable where it did not end by itself */
  run(args: readonly string[], name: string, folder: string): Promise<ExecResult>;
}

const options = (name: string): { name: string; maxText: number; unkept: true } => ({
  name,
  maxText: 60_000_000,
  unkept: true,
});

/**
 * The promtool of the stack's own Prometheus where its container takes files, so that rules are judged by the version that
 * loads them; else the host's. @throws Unobservable `promtool-missing`
 */
export async function findPromtool(ctx: StepContext): Promise<Promtool> {
  const own = await ofStack(ctx);
  if (own) return own;
  return {
    version: versionOf(await host(ctx, ['--version'], 'promtool-version')),
    of: 'host',
    run: (args, name) => host(ctx, args, name),
  };
}

const versionOf = ({ stdout, stderr }: ExecResult): string =>
  /version (\S+)/.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';

/** Runs the host's promtool. @throws Unobservable where it is not there or did not end */
export async function host(ctx: StepContext, args: readonly string[], name: string): Promise<ExecResult> {
  const result = await ctx.exec(['promtool', ...args], options(name));
  if (result.notStarted !== undefined)
    throw new Unobservable('promtool-missing', `promtool: ${result.notStarted}`, {
      hint: 'install it: it comes with Prometheus (Debian: apt-get install prometheus)',
    });
  return ended(result);
}

function ended(result: ExecResult): ExecResult {
  if (result.code === null)
    throw new Unobservable('promtool-not-ended', `${result.argv.slice(0, 4).join(' ')} did not end by itself`);
  return result;
}

/** `docker exec NAME promtool …` with the files copied into the container first; undefined where that cannot be done. */
async function ofStack(ctx: StepContext): Promise<Promtool | undefined> {
  const { stack } = ctx;
  const argv = stack?.promtool?.(['--version']);
  const at = argv?.indexOf('promtool') ?? -1;
  const [engine, verb] = argv ?? [];
  const container = argv?.[at - 1];
  if (!argv || engine === undefined || verb !== 'exec' || at < 3 || container === undefined) return undefined;
  const version = await ctx.exec(argv, options('promtool-version'));
  if (version.code !== 0) return undefined;
  // A container may have no folder to copy to, or a file system that is read only.
  const probe = await ctx.exec([engine, 'cp', ctx.evidence.scratch(), `${container}:/tmp/`], options('promtool-copy'));
  if (probe.code !== 0) return undefined;
  return {
    version: versionOf(version),
    of: 'stack',
    async run(args, name, folder) {
      await chmod(folder, 0o755);
      const inside = `/tmp/${basename(folder)}`;
      const copied = await ctx.exec([engine, 'cp', folder, `${container}:/tmp/`], options('promtool-copy'));
      if (copied.code !== 0)
        throw new Unobservable(
          'promtool-not-ended',
          `files cannot be copied into ${container}: ${copied.stderr.trim().slice(0, 300)}`,
        );
      const mapped = args.map((arg) => arg.replace(folder, inside));
      return ended(await ctx.exec([...argv.slice(0, at + 1), ...mapped], options(name)));
    },
  };
}
