import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Files } from '../../core/step.ts';
import type { Programs } from '../../hosts/programs.ts';

/** Programs whose answer is another's (a service, an engine, a machine elsewhere), or that start what outlives them. */
export const asksElsewhere =
  /(?:^|[\s/"'`;|&($])(?:curl|wget|ncat?|netcat|telnet|ssh|scp|sftp|rsync|docker|docker-compose|podman|nerdctl|kubectl|helm|psql|mysql|redis-cli|mongosh?|grpcurl|ping|dig|nslookup|systemctl|systemd-run|start-stop-daemon|pg_ctl|setsid|journalctl|aws|gcloud|gsutil|terraform|gh|glab)(?:$|[\s"'`;|&)])/m;

/** Which doors a step went through while it ran: what a pass of it rests on. */
export class Uses {
  readonly programs = new Map<string, string>();
  /** Path relative to the target (absolute outside of it) → does its time count? */
  readonly reads = new Map<string, boolean>();
  readonly globs = new Map<string, string[]>();
  readonly facts = new Set<string>();
  bound: string | undefined;
  ran = false;
  readonly #known: Programs;
  readonly #beforeFirst: () => void;

  /** @param beforeFirst is called before the first program is started */
  constructor(known: Programs, beforeFirst: () => void = () => {}) {
    this.#known = known;
    this.#beforeFirst = beforeFirst;
  }

  /** The outcome is of this run alone, since it rests on something that ends with it or may be another by the next. */
  bind(why: string): void {
    this.bound ??= why;
  }

  /** A program is about to be started. */
  program(name: string, path: string): void {
    if (!this.ran) {
      this.ran = true;
      this.#beforeFirst();
    }
    if (asksElsewhere.test(name)) this.bind(`it ran ${name}, which asks something outside of the tree`);
    if (!this.programs.has(name)) this.programs.set(name, this.#known.state(name, path));
  }

  /** The same files, noting which are looked at. */
  files(files: Files): Files {
    const root = files.absolute('.');
    const note = (path: string, time = false): string => {
      const name = nameIn(root, path);
      this.reads.set(name, time || this.reads.get(name) === true);
      return path;
    };
    return {
      absolute: files.absolute,
      read: (path) => files.read(note(path)),
      readIfThere: (path) => files.readIfThere(note(path)),
      readBytes: (path) => files.readBytes(note(path)),
      kind: (path) => files.kind(note(path)),
      size: (path) => files.size(note(path)),
      stamp: (path) => files.stamp(note(path, true)),
      realPath: (path) => files.realPath(note(path)),
      readRaw: (path) => files.readRaw(note(path)),
      modifiedAt: (path) => files.modifiedAt(note(path, true)),
      sha256: (path) => files.sha256(note(path)),
      list: (path) => files.list(note(path)),
      glob: (patterns, options) => {
        this.globs.set(JSON.stringify(patterns), patterns);
        if (options?.outputs === true) this.bind('it looks for the files of runs');
        return files.glob(patterns, options);
      },
    };
  }
}

/** The path relative to the target, with forward slashes; absolute where it lies outside. */
export function nameIn(root: string, path: string): string {
  const full = isAbsolute(path) ? path : resolve(root, path);
  const way = relative(root, full);
  return way.startsWith('..') ? full : way.split(sep).join('/');
}
