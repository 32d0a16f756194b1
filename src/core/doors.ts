import type { FactValue } from './judgement.ts';
import type { StackSpec } from './checklist.ts';
import type { Stack } from './stack.ts';
import type { Tree } from './tree.ts';
import type { TreeChange } from './tree-change.ts';

export type Driver = 'auto' | 'processes' | 'compose' | 'external';

/** How a command that was run ended. A command that could not be started has `notStarted`. */
export interface ExecResult {
  argv: string[];
  /** The exit code, or null where the process ended by a signal or was never started. */
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Why the process could not be started: `not found`, `not executable`, `its working folder does not exist`, or the system's own words. */
  notStarted?: string;
  /** Text of the output, terminal sequences stripped, secrets redacted, cut to `maxText` characters. */
  stdout: string;
  stderr: string;
  /** True where `stdout` or `stderr` is not the whole. */
  truncated: boolean;
  durationMs: number;
  /** Processes that it had started and that were alive when it had ended; only where `tellsLeft` was asked for. */
  left?: { pid: number; command: string }[];
}

export interface ExecOptions {
  /** Working directory, relative to the target's root. Default: the root. */
  cwd?: string;
  /** Added to the inherited environment. */
  env?: Record<string, string>;
  /** Text for stdin; without it stdin is at its end at once. */
  input?: string;
  /** Milliseconds; never longer than what is left of the step's own time. */
  timeout?: number;
  /** Base name of the evidence files (`<name>.stdout`, `<name>.stderr`). Default: the program's name. */
  name?: string;
  /** Characters of each stream that the result carries; the evidence keeps more. Default 1,000,000. */
  maxText?: number;
  /** The output is not kept as evidence, since it may hold secrets that are not known by name. */
  unkept?: boolean;
  /** A question of verify's own to git (`argv` begins with `git`): no variable GIT_* and no setting from outside answers it. */
  ownGit?: boolean;
  /** The program only reads: the files of the target are what they were before it. */
  readsOnly?: boolean;
  /** Processes that it leaves behind are told in `left`, and ended; with `keep` they go on until the end of the run. */
  tellsLeft?: 'end' | 'keep';
  /** Called with each line of output for progress. */
  onLine?: (line: string) => void;
}

/** A response, or the reason why there was none. Any HTTP status is a response. */
export type HttpResult =
  | {
      reached: true;
      url: string;
      status: number;
      headers: Record<string, string>;
      contentType: string;
      body: string;
      truncated: boolean;
      durationMs: number;
    }
  | {
      reached: false;
      url: string;
      /** `refused`, `dns`, `timeout`, `reset`, `tls`, `redirect`, `protocol`, `forbidden` */
      error: string;
      message: string;
      durationMs: number;
    };

export interface HttpOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Milliseconds. Default 10,000; never longer than what is left of the step's time. */
  timeout?: number;
  /** Bytes of the body that are read. Default 16 MiB. */
  maxBody?: number;
  /** Follow redirects within the same origin. Default false. */
  follow?: boolean;
  /** Keep the body as evidence under this name. */
  evidence?: string;
  /** PEM files relative to the target, for TLS that the system's store does not know. */
  tls?: { ca?: string; cert?: string; key?: string; insecure?: boolean };
}

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other' | 'missing';

/** What the file system says of an entry itself: a link is not followed. */
export interface FileStamp {
  kind: EntryKind;
  bytes: number;
  /** Milliseconds since the epoch, with fractions: of the content, of the entry, of the last reading. */
  modifiedMs: number;
  changedMs: number;
  accessedMs: number;
  /** Number and birth: the number of a file that was removed is given again. */
  inode: string;
  links: number;
  /** It lies outside of the target, links in its path followed. */
  outside: boolean;
  /** Where it really lies. */
  real: string;
  /** What a symbolic link names. */
  linkTo?: string;
}

/** Reads files. Paths are relative to the target's root; an absolute path or one that leads out of it is allowed only for reading. */
export interface Files {
  /** @throws Unobservable `unreadable` where it is not there, not a file, above 16 MiB, or a pointer of git-lfs in place of the file */
  read(path: string): Promise<string>;
  /** The text, or undefined where no such file is. */
  readIfThere(path: string): Promise<string | undefined>;
  /** @throws Unobservable as read */
  readBytes(path: string): Promise<Uint8Array>;
  kind(path: string): Promise<EntryKind>;
  /** Bytes; 0 where nothing is, or a link leads to nothing. */
  size(path: string): Promise<number>;
  stamp(path: string): Promise<FileStamp>;
  /** Where an entry really lies, all links followed, and whether that is outside of the target. */
  realPath(path: string): Promise<{ real: string; outside: boolean }>;
  /** As `read`, also where it is a pointer of git-lfs. */
  readRaw(path: string): Promise<string>;
  /** Milliseconds since the epoch. */
  modifiedAt(path: string): Promise<number>;
  sha256(path: string): Promise<string>;
  /** Names in a folder, sorted; empty where it is not a folder. */
  list(path: string): Promise<string[]>;
  /**
   * Paths of the target's files that match any of the globs, sorted; without target/, node_modules/ and the folders of verify's
   * own runs, which are no part of what is verified.
   * @param options.outputs with the folders of runs: for who asks for their files by name
   */
  glob(patterns: string[], options?: { outputs?: boolean }): Promise<string[]>;
  /** The absolute path. */
  absolute(path: string): string;
}

export interface Question {
  role: string;
  question: string;
  /** What the answer is about: paths with their sha256. */
  about: { path: string; sha256: string }[];
}

/** A person's answer to a manual step. */
export interface Answer {
  answer: 'yes' | 'no';
  by: string;
  at: string;
  comment: string;
}

export interface EvidenceSink {
  /** Keeps `data` as `evidence/<step>/<name>`, redacted where it is text, hashed. */
  write(name: string, data: string | Uint8Array): Promise<void>;
  /** An absolute path inside the step's evidence folder for a program to write to; hashed when the step ends. */
  path(name: string): string;
  /** An own temporary folder outside the evidence, removed when the run ends; with these files in it, by name. */
  scratch(files?: Readonly<Record<string, string>>): string;
}

/** A program that goes on running after the call, until its `stop` or the run's teardown. */
export interface Background {
  pid: number;
  argv: string[];
  /** Resolves when it has ended, however. */
  exited: Promise<{ code: number | null; signal: string | null }>;
  running(): boolean;
  /** Output so far (the last `max` characters), redacted. */
  output(max?: number): string;
  /** TERM, then KILL after `graceMs` (default 5,000), for the whole process tree. */
  stop(graceMs?: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** The only doors of a step to the world. Each respects the step's deadline and the run's abort, redacts, and keeps evidence. */
export interface StepContext {
  readonly step: { id: string; uses: string };
  readonly runId: string;
  /** Absolute path of the repository under verification. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** The machine: what was measured on one with another fingerprint says nothing here. */
  readonly host: { readonly fingerprint: string };
  /** Milliseconds since the epoch. */
  readonly runStartedAt: number;
  /** Milliseconds left of the step's time. */
  remaining(): number;
  now(): number;
  /** @throws the signal's reason when the step is aborted */
  sleep(ms: number): Promise<void>;
  exec(argv: string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a program that outlives the step; it is stopped at teardown. @throws Unobservable where it cannot be started */
  background(
    argv: string[],
    options?: Omit<ExecOptions, 'timeout' | 'input'> & {
      /** With `--keep` it is left running at the end of the run. */
      kept?: boolean;
    },
  ): Promise<Background>;
  http(url: string, options?: HttpOptions): Promise<HttpResult>;
  /** Listens on a free loopback port for the step's time: a receiver for notifications. */
  listen(
    handler: (request: { method: string; path: string; body: string }) => {
      status: number;
      body?: string;
      type?: string;
    },
  ): Promise<{ url: string; port: number; close(): Promise<void> }>;
  /** A TCP port on 127.0.0.1 that was free a moment ago. */
  freePort(): Promise<number>;
  /** Who listens on a TCP port of this machine, in words; undefined where it is free. */
  portHolder(port: number): Promise<string | undefined>;
  /**
   * Who listens on a TCP port besides the process `leader`, its group, its session and its children; undefined where they alone do,
   * where nobody listens, or where that cannot be seen.
   */
  portIntruder(port: number, leader: number): Promise<string | undefined>;
  /** Puppeteer's browser, one a run, launched on first use. @throws Unobservable `no-browser` */
  browser(): Promise<import('puppeteer-core').Browser>;
  readonly files: Files;
  /** The files that count, as they are now: what several steps make of them is made once a run. */
  tree(): Promise<Tree>;
  /** Tracked files (without git: all but what builds fill) that changed since the step began. */
  treeChanges(): TreeChange[];
  readonly evidence: EvidenceSink;
  /** A fact measured by an earlier step: `alerts.count`, or `<step id>/alerts.count` where several yield it. */
  fact(name: string): FactValue | undefined;
  /** All facts measured so far. */
  facts(): Record<string, FactValue>;
  /**
   * The run that was approved last, of whatever milestone, and what the step of this id measured in it; undefined where no run was
   * approved. Whether its signatures hold is for the gate to say.
   */
  approved(): Promise<{ run: string; facts: Record<string, FactValue> } | undefined>;
  /** Which of these files, named by their sha256, are among the evidence of earlier runs: the digest → the run. */
  keptBefore(digests: readonly string[]): Promise<Map<string, string>>;
  /** A secret that the step lists under `secrets`, from the environment. */
  secret(name: string): string | undefined;
  /** Asks a person; undefined where nobody can be asked (no terminal). */
  ask(question: Question): Promise<Answer | undefined>;
  /** The last line shows in the live view. */
  progress(line: string): void;
  /** The running stack, where a `stack/up` step has passed. */
  readonly stack: Stack | undefined;
  publishStack(stack: Stack): void;
  /** Which driver the user asked for: `--driver`. */
  readonly driver: Driver;
  /** The checklist's `stack:`, variables put in. */
  readonly stackSpec: StackSpec | undefined;
  /** `--keep`: leave the stack up at the end, and say how to stop it. */
  readonly keepStack: boolean;
  /** Runs at the end of the run, last in, first out, whatever happened. What is `kept` is left up; its label says how to stop it. */
  teardown(label: string, undo: () => Promise<void>, options?: { kept?: boolean }): void;
  /**
   * The same doors with a time limit of their own, for what happens once the step has ended: faults of a drill, teardown.
   * The run's abort ends them too, unless `evenAborted`.
   */
  late(limitMs: number, options?: { evenAborted?: boolean }): StepContext;
  /**
   * Variables (of a service's environment) of which some are secrets: those are redacted from now on wherever they appear.
   * @param named those that are secrets whatever they are called and look like
   */
  hide(variables: readonly Record<string, string>[], named?: readonly string[]): void;
  /** Variables of the environment whose name matches; they may hold secrets, which are redacted in what is kept. */
  variables(name: RegExp): Record<string, string>;
  /** Digest of the tree as it was when the run began. */
  readonly treeDigest: string;
  /** A mark of verify's in a folder that builds fill, which outlives the run. */
  readonly buildMark: {
    read(folder: string): Promise<{ path: string; text: string } | undefined>;
    write(folder: string, text: string): Promise<void>;
  };
  /** Was the file part of the tree when the run began: not ignored by git, and no declared output? */
  ofTree(path: string): boolean;
  /** Paths that are built: the checklist's `outputs`, and what its commands say that they produce. */
  readonly built: readonly string[];
  /** What the step's type noted when the run began. */
  readonly atStart: unknown;
  /** Names this run's process for good: pid, start time and boot id. What outlives the run bears it. */
  readonly owner: string;
}
