import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import { checklistInputs, leaves, words } from '../../checklist/inputs.ts';
import type { LoadedChecklist, LoadedStep } from '../../checklist/load.ts';
import { expressionsIn } from '../../core/expressions.ts';
import type { Basis, StepRecord } from '../../core/record.ts';
import { canonicalJson, sha256 } from '../../evidence/digest.ts';
import type { Redactor } from '../../evidence/redact.ts';
import { entryAt } from '../../evidence/entry.ts';
import type { Checkout } from '../../hosts/checkout.ts';
import { targetFiles } from '../../hosts/files.ts';
import type { Snapshot } from '../../hosts/tree.ts';
import { Programs, short, stateOf } from '../../hosts/programs.ts';
import { secretFile } from '../frames.ts';
import { asksElsewhere, nameIn, Uses } from './doors-used.ts';

/** A full basis: that of a step that is not bound to its run. */
export type Free = Exclude<Basis, { bound: string }>;

const script =
  /(?:\.(?:sh|bash|mk|py|js|mjs|cjs|ts|rb|pl)|(?:^|\/)(?:[Mm]akefile|GNUmakefile|justfile|package\.json|Taskfile\.ya?ml))$/;
const maxScript = 256 * 1024;
/** Files that a runner of tasks reads without being told. */
const readsUnasked: Readonly<Record<string, string[]>> = {
  make: ['Makefile', 'makefile', 'GNUmakefile'],
  just: ['justfile'],
  npm: ['package.json'],
  pnpm: ['package.json'],
  yarn: ['package.json'],
  npx: ['package.json'],
  task: ['Taskfile.yml', 'Taskfile.yaml'],
};
const addresses =
  /\b(?:https?|wss?|grpc|tcp|udp|postgres(?:ql)?|mysql|redis|amqp|mongodb(?:\+srv)?|unix):\/\/|\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):|\[::1\]:|\/dev\/(?:tcp|udp)\//;

/** What a step's own commands name. */
interface Commands {
  /** Files, relative to the target. */
  files: string[];
  words: Set<string>;
  path: string;
  /** Why what they do cannot be told from the tree. */
  bound?: string;
}

/** Works out what the pass of each step of a checklist rests on, in this run and, to compare, now. */
export class Bases {
  readonly programs: Programs;
  readonly #loaded: LoadedChecklist;
  readonly #target: string;
  readonly #checkout: Checkout;
  readonly #tree: Snapshot['files'];
  readonly #redactor: Redactor;
  readonly #steps: Map<string, LoadedStep>;
  readonly #uses = new Map<string, Uses>();
  #folders: ReadonlySet<string> | undefined;
  readonly #commands = new Map<string, Commands>();

  constructor(loaded: LoadedChecklist, checkout: Checkout, tree: Snapshot['files'], redactor: Redactor) {
    this.#loaded = loaded;
    this.#target = checkout.root;
    this.#checkout = checkout;
    this.#tree = tree;
    this.#redactor = redactor;
    this.#steps = new Map(loaded.steps.map((step) => [step.spec.id, step]));
    this.programs = new Programs(checkout.root);
  }

  /** What the step uses while it runs. */
  of(id: string): Uses {
    const step = this.#steps.get(id);
    const uses = this.#uses.get(id) ?? new Uses(this.programs, () => step && this.#noteCommands(step));
    this.#uses.set(id, uses);
    return uses;
  }

  /** What the pass rests on; undefined where the step has not passed. Call once, when it has ended. */
  async basisOf(step: LoadedStep, record: StepRecord): Promise<Basis | undefined> {
    const basis = record.outcome === 'passed' ? await this.#basisOf(step) : undefined;
    this.#uses.delete(step.spec.id);
    this.#commands.delete(step.spec.id);
    return basis;
  }

  async #basisOf(step: LoadedStep): Promise<Basis> {
    const uses = this.of(step.spec.id);
    const bound = uses.bound ?? this.boundBy(step);
    if (bound !== undefined) return { bound };
    const { files } = this.#commandsOf(step);
    const reads = new Map([...(uses.ran ? files.map((path) => [path, false] as const) : []), ...uses.reads]);
    const states: Record<string, string> = {};
    for (const [path, time] of reads) {
      // What a link leads to is no part of the tree.
      if (!time && this.#tree.has(path) && this.#tree.get(path)?.mode !== '120000') continue;
      if (secretFile.test(basename(path))) return { bound: `it looks at ${path}, which may hold secrets` };
      states[path] = this.#state(path, time);
    }
    for (const [key, patterns] of uses.globs) states[`glob ${key}`] = await this.#globbed(patterns);
    const versions = await this.#versions(step, [...uses.programs.keys()], uses.ran);
    const programs = Object.fromEntries(
      [...uses.programs].map(([name, state]) => [name, [state, versions[name]].filter(Boolean).join(' ')]),
    );
    return {
      definition: this.definition(step),
      ran: uses.ran,
      programs: { ...versions, ...programs },
      files: states,
      facts: [...uses.facts].filter((id) => id !== step.spec.id).toSorted(),
    };
  }

  /** Digest of what the checklist asks for; titles, tags and places are no part of it. */
  definition({ spec, with: parameters }: LoadedStep): string {
    const { uses, needs, timeout, retry, secrets, locked, strict } = spec;
    return short(sha256(canonicalJson({ uses, needs, timeout, retry, secrets, locked, strict, with: parameters })));
  }

  /** Why no pass of this step can be taken over, whatever it was. */
  boundBy(step: LoadedStep): string | undefined {
    const { spec, with: parameters } = step;
    if (!spec.reuse) return 'the checklist says `reuse: false`';
    if (spec.secrets.length > 0) return 'it uses secrets, which are kept nowhere and cannot be compared';
    const text = canonicalJson(parameters ?? null);
    if (this.#redactor.text(text) !== text) return 'its parameters hold a secret';
    if (expressionsIn(parameters).some(({ name }) => name === 'run.id')) return 'its parameters name the run';
    if (/"maxAge":/.test(text)) return 'it asks how old something is';
    return this.#commandsOf(step).bound;
  }

  /** May the step ask something outside of the tree, as far as its parameters tell? */
  mayAskElsewhere(step: LoadedStep, then: Basis | undefined): boolean {
    const { bound, words: named } = this.#commandsOf(step);
    if (bound !== undefined || (then !== undefined && 'bound' in then)) return true;
    return then === undefined && named.size === 0 && step.type.leaves !== 'nothing';
  }

  /** Do the step's commands name what is in the target but no part of its tree: what builds make? */
  usesBuilt(step: LoadedStep): boolean {
    return this.#commandsOf(step).files.some((path) => !path.startsWith('/') && !this.#tree.has(path));
  }

  /** What has changed since the basis was made, in words; undefined where it is the same. */
  async changed(step: LoadedStep, then: Free): Promise<string | undefined> {
    if (this.definition(step) !== then.definition) return 'the checklist asks for something else than then';
    const { words: named, path } = this.#commandsOf(step);
    if (then.ran) {
      const now = new Set([
        ...[...named].filter((word) => this.programs.knows(word, path)),
        ...Object.keys(then.programs).filter((name) => !name.startsWith('tool ')),
      ]);
      const versions = await this.#versions(step, [...now], true);
      for (const name of now) {
        const state = [this.programs.state(name, path), versions[name]].filter(Boolean).join(' ');
        if (then.programs[name] === undefined) return `the program ${name} was not there then`;
        if (then.programs[name] !== state) return `the program ${name} has changed since then`;
      }
      for (const [name, said] of Object.entries(versions))
        if (name.startsWith('tool ') && then.programs[name] !== said)
          return `${name.slice(5)} was ${then.programs[name] || 'not there'}, and is ${said || 'not there'}`;
    }
    for (const [name, state] of Object.entries(then.files)) {
      const patterns = name.startsWith('glob ') ? (JSON.parse(name.slice(5)) as string[]) : undefined;
      const now = patterns ? await this.#globbed(patterns) : this.#state(name, state.includes('@'));
      if (now !== state) return `${patterns ? patterns.join(', ') : name} is not as it was then`;
    }
    return undefined;
  }

  /** Versions of the tools that the step type asks for, and of the programs that stand for several. */
  async #versions(step: LoadedStep, names: readonly string[], ran: boolean): Promise<Record<string, string>> {
    if (!ran) return {};
    const parameters = step.type.params.safeParse(step.with);
    const asked = (parameters.success ? step.type.requires?.(parameters.data) : undefined) ?? [];
    const found = await Promise.all([
      ...asked
        .filter(({ name }) => name !== 'browser')
        .map(async ({ name, version }) => [`tool ${name}`, await this.programs.said([...version])] as const),
      ...names.map(async (name) => [name, await this.programs.version(name)] as const),
    ]);
    return Object.fromEntries(found.filter(([name, said]) => said !== '' || name.startsWith('tool ')));
  }

  #noteCommands(step: LoadedStep): void {
    const uses = this.of(step.spec.id);
    const { words: named, path, bound } = this.#commandsOf(step);
    if (bound !== undefined) return uses.bind(bound);
    for (const word of named) if (this.programs.knows(word, path)) uses.program(word, path);
  }

  /** What the argv, script and environment of the step's parameters name, and the scripts that these name in turn. */
  #commandsOf(step: LoadedStep): Commands {
    const known = this.#commands.get(step.spec.id);
    if (known) return known;
    const found = this.#look(step);
    this.#commands.set(step.spec.id, found);
    return found;
  }

  #look(step: LoadedStep): Commands {
    const own = (step.with ?? {}) as Record<string, unknown>;
    const { run, shell, control, env, input, load, cwd } = own;
    const said = leaves([run, shell, control, env, input, load]);
    const given = (env as Record<string, unknown> | undefined)?.['PATH'];
    const path = typeof given === 'string' ? given : (process.env['PATH'] ?? '');
    if (said.length === 0) return { files: [], words: new Set(), path };
    const folder = typeof cwd === 'string' ? cwd : '.';
    const named = new Set(said.flatMap((text) => [...words(text)]));
    const unasked = [...named].flatMap((word) => (Object.hasOwn(readsUnasked, word) ? (readsUnasked[word] ?? []) : []));
    const asked = { ...step, with: { run, shell, control, env, input, load, cwd, unasked } };
    const { checklist } = this.#loaded;
    const files = Object.keys(
      checklistInputs(
        { path: this.#loaded.path, checklist: { ...checklist, source: undefined }, stack: undefined, steps: [asked] },
        this.#target,
        () => true,
        (path) => this.#checkout.text(path),
      ).inputs,
    );
    const texts = [...said];
    for (const file of files) {
      const text = this.#textOf(file);
      if (text === undefined || !(script.test(file) || text.startsWith('#!'))) continue;
      texts.push(text);
      for (const word of words(text)) named.add(word);
    }
    const elsewhere = texts.some((text) => addresses.test(text) || asksElsewhere.test(text));
    const paths = [...named].flatMap((word) => this.#pathOf(word, folder) ?? []);
    return {
      files: [...new Set([...files.map((file) => nameIn(this.#target, resolve(this.#target, file))), ...paths])],
      words: new Set([...named].filter((word) => word.length <= 200 && word !== folder)),
      path,
      ...(elsewhere && { bound: 'its commands may ask something outside of the tree, which may have changed' }),
    };
  }

  /** The path that a word may be, where it lies outside of the tree or is missing; whatever is in the tree is in its digest. */
  #pathOf(word: string, folder: string): string | undefined {
    if (word.length > 400 || !/^(?:~|\$HOME|\$\{HOME\}|\.{0,2})?\/?[\w.@+-]+(?:\/[\w.@+-]+)*\/?$/.test(word))
      return undefined;
    if (!word.includes('/') || /^\/(?:dev|proc|sys)\//.test(word)) return undefined;
    const name = nameIn(
      this.#target,
      resolve(this.#target, folder, word.replace(/^(?:~|\$HOME|\$\{HOME\})/, homedir())),
    );
    return name === '' || this.#ofTree(name) ? undefined : name;
  }

  #ofTree(name: string): boolean {
    this.#folders ??= new Set([...this.#tree.keys()].flatMap(foldersAbove));
    return this.#tree.has(name) || this.#folders.has(name);
  }

  #textOf(file: string): string | undefined {
    const path = resolve(this.#target, file);
    const stat = entryAt(path);
    return stat?.isFile() === true && stat.size <= maxScript ? this.#checkout.text(path) : undefined;
  }

  #state(name: string, time: boolean): string {
    const path = resolve(this.#target, name);
    let at = time ? '@' : '';
    try {
      const stat = entryAt(path) && lstatSync(path, { bigint: true });
      if (!stat) return `missing${at}`;
      if (time) at = `@${stat.mtimeNs}`;
      if (stat.isFile()) return `file ${stateOf(path)}${at}`;
      if (stat.isDirectory()) return `folder ${short(sha256(readdirSync(path).toSorted().join('\0')))}${at}`;
      if (stat.isSymbolicLink()) return `link ${short(sha256(`${readlinkSync(path)}\0${this.#behind(path)}`))}${at}`;
      return `other${at}`;
    } catch (error) {
      return `unreadable ${(error as NodeJS.ErrnoException).code}${at}`;
    }
  }

  #behind(link: string): string {
    try {
      return stateOf(link);
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  }

  async #globbed(patterns: readonly string[]): Promise<string> {
    return short(sha256((await targetFiles(this.#checkout).glob([...patterns])).join('\0')));
  }
}

/** `a/b/c` → `a`, `a/b`. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('/'));
}

/** Digest of what every file of the tree looks like from outside: equal means that none was written since, not even back. */
export function stampsOf(files: Snapshot['files']): string {
  const lines = [...files].map(([path, { stamp }]) => `${path}\0${stamp}`).toSorted();
  return sha256(lines.join('\n'));
}
