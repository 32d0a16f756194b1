import { execa } from 'execa';
import type { StepContext } from '../core/step.ts';

/** Programs outside of a run, that only look: no evidence, no process group. It never throws. */
export const bareExec = (cwd: string): Pick<StepContext, 'exec'> => ({
  async exec(argv, options = {}) {
    const [file = '', ...args] = argv;
    const result = await execa(file, args, {
      cwd,
      reject: false,
      timeout: options.timeout ?? 30_000,
      stdin: 'ignore',
      ...(options.env && { env: options.env }),
    });
    return {
      argv,
      code: result.exitCode ?? null,
      signal: result.signal ?? null,
      timedOut: result.timedOut,
      ...(result.exitCode === undefined && result.signal === undefined && { notStarted: result.code ?? 'not found' }),
      stdout: result.stdout,
      stderr: result.stderr,
      truncated: false,
      durationMs: result.durationMs,
    };
  },
});
