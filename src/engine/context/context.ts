import { posix } from 'node:path';
import { longestWait, pause } from '../../core/poll.ts';
import type { StepContext } from '../../core/step.ts';
import { presentable } from '../../evidence/store.ts';
import { targetFiles } from '../../hosts/files.ts';
import { ofStack, type Attempt } from './attempt.ts';
import { factsDoor } from './facts.ts';
import { keepingDoor } from './keeping.ts';
import { networkDoor } from './network.ts';
import { owner, programsDoor } from './programs.ts';
import { buildMark } from '../../hosts/build-mark.ts';
import { secretsOfVariables } from '../../evidence/redact.ts';
import type { RunState } from './shared.ts';
import { stackDoor } from './stack.ts';

const environmentOf = (name: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) =>
      value !== undefined && name.test(key) ? [[key, value]] : [],
    ),
  );

/** Milliseconds that a call of a step's context may take once the step is over. */
const afterwards = 120_000;

/** The doors of one attempt of one step. `close` ends what lives only as long as the step. */
export function stepContext(
  run: RunState,
  step: { id: string; uses: string; secrets: readonly string[] },
  deadline: { signal: AbortSignal; endsAt: number },
  progress: (line: string) => void,
): { context: StepContext; close: () => Promise<void> } {
  const ended = run.tree.begin(step.id);
  const uses = run.uses(step.id);
  let closed = false;
  const attempt: Attempt = {
    run,
    step,
    uses,
    signal: deadline.signal,
    // What outlives its step, the stack above all, is called by later ones: their time counts then.
    remaining: () => (closed ? afterwards : Math.max(0, deadline.endsAt - performance.now())),
    files: uses.files(targetFiles(run.shared.checkout)),
    clean: (text) => presentable(text, run.redactor),
    closers: [],
  };
  const context: StepContext = {
    ...programsDoor(attempt),
    ...networkDoor(attempt),
    ...factsDoor(attempt),
    ...keepingDoor(attempt, progress),
    ...stackDoor(attempt),
    step: { id: step.id, uses: step.uses },
    get runId() {
      uses.bind('it works under the name of its run');
      return run.runId;
    },
    target: run.target,
    host: run.host,
    signal: deadline.signal,
    runStartedAt: run.startedAt,
    driver: run.driver,
    get stackSpec() {
      uses.bind(ofStack);
      return run.stackSpec;
    },
    keepStack: run.keepStack,
    files: attempt.files,
    tree: () => run.shared.checkout.tree(),
    treeChanges: () => run.tree.changes(step.id),
    remaining: attempt.remaining,
    now: Date.now,
    async sleep(ms) {
      await pause(ms, deadline.signal);
      deadline.signal.throwIfAborted();
    },
    get stack() {
      if (run.stack) uses.bind(ofStack);
      return run.stack;
    },
    late(limitMs, options = {}) {
      const limit = AbortSignal.timeout(Math.min(limitMs, longestWait));
      const signal = options.evenAborted === true ? limit : AbortSignal.any([limit, run.signal]);
      return stepContext(run, step, { signal, endsAt: performance.now() + limitMs }, progress).context;
    },
    hide: (variables, named) => run.redactor.add(variables.flatMap((one) => secretsOfVariables(one, named))),
    variables: environmentOf,
    treeDigest: run.treeDigest,
    buildMark,
    ofTree: (path) => run.tree.knows(posix.normalize(path)),
    built: run.built,
    atStart: run.atStart?.get(step.id),
    owner,
  };
  return {
    context,
    async close() {
      ended();
      closed = true;
      for (const close of attempt.closers.splice(0)) await close();
    },
  };
}
