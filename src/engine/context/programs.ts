import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Unobservable, type ExecOptions, type StepContext } from '../../core/step.ts';
import { neutral } from '../../evidence/redact.ts';
import { listFile } from '../../hosts/descendants.ts';
import { keptMark, ownerMark, ownerOf } from '../../hosts/processes.ts';
import type { Attempt } from './attempt.ts';

/** Names this process for good. */
export const owner = ownerOf(process.pid);

/** Programs: run to their end, or in the background until teardown. */
export function programsDoor(attempt: Attempt): Pick<StepContext, 'exec' | 'background'> {
  const { run, step, uses, clean, remaining } = attempt;
  const { store } = run;
  const environment = (own: Record<string, string | undefined> = {}): Record<string, string | undefined> => ({
    ...own,
    VERIFY_STEP: step.id,
    [ownerMark]: owner,
  });
  return {
    async exec(argv, options = {}) {
      const { run: execute } = await import('../../hosts/exec.ts');
      noteProgram(attempt, argv, options);
      const places = evidencePaths(attempt, argv, options);
      const cwd = resolve(run.target, options.cwd ?? '.');
      const git = options.ownGit === true ? (await import('../../hosts/git.ts')).pinnedGit(argv, cwd) : undefined;
      return execute({
        argv: git?.argv ?? argv,
        cwd,
        env: environment({ ...git?.env, ...options.env }),
        runId: run.runId,
        outputs: run.shared.outputs(store.folder),
        places,
        input: options.input,
        timeout: Math.max(1, Math.min(options.timeout ?? Number.POSITIVE_INFINITY, remaining())),
        maxText: options.maxText ?? 1_000_000,
        signal: attempt.signal,
        ...(options.tellsLeft && {
          left: {
            then: options.tellsLeft,
            folders: [run.target, store.folder],
            list: listFile(run.shared.scratch()),
          },
        }),
        onLine: options.onLine && ((line) => options.onLine?.(clean(line))),
        // Secrets stay in until the observation has been judged: what is redacted must not decide.
        clean: neutral,
        onTruncation: (path, whole) => store.noteTruncation(path, whole),
      }).finally(() => {
        if (options.readsOnly !== true) run.shared.checkout.touch();
      });
    },
    async background(argv, options = {}) {
      const { background } = await import('../../hosts/exec.ts');
      uses.bind('it starts programs that end with their run');
      run.shared.checkout.restless = true;
      const kept = options.kept === true && run.keepStack;
      const log = store.freshPath(step.id, `${options.name ?? basename(argv[0] ?? 'program')}.log`);
      // What is left running goes on writing: not into evidence that has been hashed.
      const path = kept ? join(mkdtempSync(join(tmpdir(), 'verify-kept-')), basename(log)) : log;
      const started = await background({
        argv,
        cwd: resolve(run.target, options.cwd ?? '.'),
        env: environment({ ...options.env, ...(kept && { [keptMark]: 'true' }) }),
        runId: run.runId,
        path,
        signal: run.signal,
        clean,
        onTruncation: (path, whole) => store.noteTruncation(path, whole),
      });
      if (typeof started === 'string') {
        throw new Unobservable('not-started', `${argv[0]} could not be started: ${started}`, {
          hint: 'install it, or correct its name or path',
        });
      }
      void started.exited.then(run.tree.begin(`${basename(argv[0] ?? '')} (started by ${step.id})`));
      run.lateSteps.add(step.id);
      run.teardowns.push(
        kept
          ? {
              label: `left running: ${argv[0]} (stop it with: kill -- -${started.pid})`,
              undo: async () => copyFileSync(path, log),
              kept: true,
            }
          : { label: `stop ${argv[0]}`, undo: () => started.stop() },
      );
      return started;
    },
  };
}

function noteProgram({ run, uses }: Attempt, [program = '']: readonly string[], { cwd = '.', env }: ExecOptions): void {
  const file = program.includes('/') ? resolve(run.target, cwd, program) : program;
  uses.program(file, env?.['PATH'] ?? process.env['PATH'] ?? '');
}

/** Where the two streams of a program go; undefined where they are not kept. */
function evidencePaths(
  { run, step }: Attempt,
  argv: readonly string[],
  options: ExecOptions,
): { stdout: string; stderr: string } | undefined {
  if (options.unkept === true) return undefined;
  const path = (stream: string): string =>
    run.store.freshPath(step.id, `${options.name ?? basename(argv[0] ?? 'command')}.${stream}`);
  return { stdout: path('stdout'), stderr: path('stderr') };
}
