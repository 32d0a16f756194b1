import { copyFileSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Unobservable } from '../../core/errors.ts';
import type { FactValue } from '../../core/judgement.ts';
import type { ExecOptions, StepContext } from '../../core/step.ts';
import { presentable } from '../../evidence/store.ts';
import { neutral, secretsOfVariables } from '../../evidence/redact.ts';
import { targetFiles } from '../../hosts/files.ts';
import type { Uses } from '../resume/doors-used.ts';
import { buildMark } from '../../hosts/build-mark.ts';
import type { RunState } from './shared.ts';
import { keptMark, ownerMark, ownerOf } from '../../hosts/processes.ts';

const owner = ownerOf(process.pid);
const ofStack = 'it is about the stack of its run, which has ended with it';

/** Looks a fact up: `<step>/<name>`, or `<name>` where the steps that yield it agree. */
export function lookUpFact(
  facts: ReadonlyMap<string, Record<string, FactValue>>,
  name: string,
  readBy: Pick<Uses, 'facts'>,
): FactValue | undefined {
  for (const [step, own] of facts) if (own[name] !== undefined || name.startsWith(`${step}/`)) readBy.facts.add(step);
  const slash = name.indexOf('/');
  if (slash > 0) {
    const own = facts.get(name.slice(0, slash))?.[name.slice(slash + 1)];
    if (own !== undefined) return own;
  }
  const values = new Set<FactValue>();
  for (const record of facts.values()) {
    const value = record[name];
    if (value !== undefined) values.add(value);
  }
  return values.size === 1 ? [...values][0] : undefined;
}

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
  const closers: (() => Promise<void>)[] = [];
  const ended = run.tree.begin(step.id);
  const { store, redactor, signal: runSignal } = run;
  const uses = run.uses(step.id);
  const files = uses.files(targetFiles(run.shared.checkout));
  let closed = false;
  // What outlives its step, the stack above all, is called by later ones: their time counts then.
  const remaining = (): number => (closed ? afterwards : Math.max(0, deadline.endsAt - performance.now()));
  const clean = (text: string): string => presentable(text, redactor);
  const environment = (own: Record<string, string> = {}): Record<string, string | undefined> => ({
    ...own,
    VERIFY_STEP: step.id,
    [ownerMark]: owner,
  });
  const noteProgram = ([program = '']: readonly string[], { cwd = '.', env }: ExecOptions): void => {
    const file = program.includes('/') ? resolve(run.target, cwd, program) : program;
    uses.program(file, env?.['PATH'] ?? process.env['PATH'] ?? '');
  };
  const evidencePaths = (argv: readonly string[], options: ExecOptions): [string, string] => {
    const name = options.name ?? basename(argv[0] ?? 'command');
    if (options.unkept === true) {
      const folder = mkdtempSync(join(run.shared.scratch(), 'unkept-'));
      return [join(folder, 'stdout'), join(folder, 'stderr')];
    }
    return [store.freshPath(step.id, `${name}.stdout`), store.freshPath(step.id, `${name}.stderr`)];
  };

  const context: StepContext = {
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
    files,
    tree: () => run.shared.checkout.tree(),
    treeChanges: () => run.tree.changes(step.id),
    remaining,
    now: Date.now,
    sleep: (ms) =>
      new Promise((done, fail) => {
        if (deadline.signal.aborted) return fail(deadline.signal.reason as Error);
        const abort = (): void => {
          clearTimeout(timer);
          fail(deadline.signal.reason as Error);
        };
        const timer = setTimeout(() => {
          deadline.signal.removeEventListener('abort', abort);
          done();
        }, ms);
        deadline.signal.addEventListener('abort', abort, { once: true });
      }),
    async exec(argv, options = {}) {
      const { run: execute } = await import('../../hosts/exec.ts');
      noteProgram(argv, options);
      const [stdoutPath, stderrPath] = evidencePaths(argv, options);
      return execute({
        argv,
        cwd: resolve(run.target, options.cwd ?? '.'),
        env: environment(options.env),
        runId: run.runId,
        stdoutPath,
        stderrPath,
        input: options.input,
        timeout: Math.max(1, Math.min(options.timeout ?? Number.POSITIVE_INFINITY, remaining())),
        maxText: options.maxText ?? 1_000_000,
        signal: deadline.signal,
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
      const stdoutPath = kept ? join(mkdtempSync(join(tmpdir(), 'verify-kept-')), basename(log)) : log;
      const started = await background({
        argv,
        cwd: resolve(run.target, options.cwd ?? '.'),
        env: environment({ ...options.env, ...(kept && { [keptMark]: 'true' }) }),
        runId: run.runId,
        stdoutPath,
        signal: runSignal,
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
              undo: async () => copyFileSync(stdoutPath, log),
              kept: true,
            }
          : { label: `stop ${argv[0]}`, undo: () => started.stop() },
      );
      return started;
    },
    async http(url, options = {}) {
      uses.bind('it asks a service, and another may answer now');
      const http = await run.shared.http();
      const result = await http.request(url, options, remaining(), deadline.signal, files.absolute);
      if (!result.reached) return { ...result, message: clean(result.message) };
      if (options.evidence !== undefined) store.write(step.id, options.evidence, result.body);
      return result;
    },
    async listen(handler) {
      uses.bind('it waits for what a service sends');
      const server = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          const answer = handler({
            method: request.method ?? '',
            path: request.url ?? '',
            body: Buffer.concat(parts).toString('utf8'),
          });
          response
            .writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' })
            .end(answer.body ?? '');
        });
      });
      await new Promise<void>((done, fail) => {
        server.once('error', fail).listen(0, '127.0.0.1', done);
      });
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      closers.push(close);
      const { port } = server.address() as AddressInfo;
      return { url: `http://127.0.0.1:${port}`, port, close };
    },
    async freePort() {
      return (await import('../../hosts/ports.ts')).freePort();
    },
    async portHolder(port) {
      uses.bind(ofStack);
      return (await import('../../hosts/ports.ts')).portHolder(port);
    },
    browser: () => {
      uses.bind('it looks at pages that a service shows');
      return run.shared.browser();
    },
    evidence: {
      async write(name, data) {
        store.write(step.id, name, data);
      },
      path: (name) => store.freshPath(step.id, name),
      scratch: () => mkdtempSync(join(run.shared.scratch(), 'step-')),
    },
    fact: (name) => lookUpFact(run.facts, name, uses),
    facts: () => {
      for (const id of run.facts.keys()) uses.facts.add(id);
      return Object.assign({}, ...run.facts.values()) as Record<string, FactValue>;
    },
    secret: (name) => (step.secrets.includes(name) ? process.env[name] : undefined),
    ask: async (question) => {
      // A person may take any time, and change files meanwhile.
      const answer = await run.ask?.(question, step.id);
      run.shared.checkout.touch();
      return answer;
    },
    progress: (line) => progress(clean(line)),
    get stack() {
      if (run.stack) uses.bind(ofStack);
      return run.stack;
    },
    publishStack(stack) {
      uses.bind(ofStack);
      run.stack = stack;
    },
    teardown(label, undo, options = {}) {
      uses.bind(ofStack);
      run.lateSteps.add(step.id);
      run.teardowns.push({ label, undo, ...options });
    },
    late(limitMs, options = {}) {
      const limit = AbortSignal.timeout(limitMs);
      const signal = options.evenAborted === true ? limit : AbortSignal.any([limit, runSignal]);
      return stepContext(run, step, { signal, endsAt: performance.now() + limitMs }, progress).context;
    },
    hide: (variables) => redactor.add(variables.flatMap((one) => secretsOfVariables(one))),
    variables: environmentOf,
    treeDigest: run.treeDigest,
    buildMark,
    ofTree: (path) => run.tree.knows(path),
    built: run.built,
    owner,
  };
  return {
    context,
    async close() {
      ended();
      closed = true;
      for (const close of closers.splice(0)) await close();
    },
  };
}
