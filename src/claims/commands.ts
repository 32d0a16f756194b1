import {
  commandIsExcused,
  expandBraces,
  isBuilt,
  isGlob,
  isHistory,
  isPast,
  namesFile,
  readPath,
} from '../formats/documents/path-text.ts';
import { commandsOfFence, parseShell, type ShellCommand, type Word } from '../formats/programs/shell.ts';
import { blockCalls, imageArguments } from './image-calls.ts';
import { setValues } from './charts/set-values.ts';
import { doubt, holds, remark, unjudged, wrong, type Verdict } from '../formats/documents/verdict.ts';
import { isPhrase, known, readers, scriptEnding, toClaims, withoutPrefix, wrappedIn } from './command-words.ts';
import { filesReadBy, goPackagesIn, isExample } from './command-files.ts';
import { namesComposeFile, noneIsThere, type Compose } from './compose.ts';
import { beginsAnother, isInAnother, knownEnd, ofMachine, thereOnly } from './elsewhere.ts';
import { filesToMake } from './introduced.ts';
import { isData, isRemarked, MadeBefore } from './made-before.ts';
import { isWrittenBy } from './made-by.ts';
import { Repository } from '../repository/repository.ts';
import { hasSubcommand, programArguments, scriptFlags } from './own-program.ts';
import { lockedScript } from './locked-scripts.ts';
import { isItsOwnName, ownPrograms, startedBy } from './own-programs.ts';
import { isInOtherFolder, judgeNpm, judgeRunner } from './scripts.ts';
import type { Sources } from '../repository/sources.ts';
import type { Claim, Reading, Programs } from './reading.ts';
import { tellsUsers } from './sites.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import type { ClaimedCommands } from '../toolchains/contract.ts';

/** What a document says by its commands, in fenced blocks and in back-ticks. */
export async function commandClaims({ repository, programs, document, parsed }: Reading): Promise<Claim[]> {
  const judge = new Commands(repository, programs, document, filesToMake(parsed));
  const claims: Claim[] = [];
  const history = isHistory(document);
  const own = await ownPrograms(programs.sources);
  if (await tellsUsers(repository, document)) judge.users = own;
  for (const fence of parsed.fences) {
    const text = commandsOfFence(fence.lang, fence.text);
    if (text !== undefined) {
      const found = await judge.block(text, fence.line, history || commandIsExcused('', fence.heading));
      const away = /^\s*usage:\s*$/im.test(fence.text) || (await isInAnother(repository, parsed, fence.line));
      claims.push(...(away ? found.filter(({ state }) => state === 'holds') : found));
    } else if (!history && !commandIsExcused('', fence.heading))
      claims.push(...(await blockCalls(programs.sources, fence)));
  }
  for (const span of parsed.spans) {
    const words = span.text.trim().split(/\s+/);
    const [first = '', second] = words;
    if (
      second === undefined ||
      !(known.has(first) || (isItsOwnName(first) && own.has(first)) || /^\.{0,2}\/?[\w-]+\/[\w./-]+\.sh$/.test(first))
    )
      continue;
    const excused = history || commandIsExcused(span.context, span.heading);
    const found = (await judge.block(span.text, span.line, excused)).filter((claim) => !isInOtherFolder(claim));
    // Of "`npm test`, `go test`, etc." each stands for its kind.
    const ofKinds =
      isPhrase(words) ||
      /\bnot (?:yet )?(?:implemented|available)\b/i.test(span.context) ||
      /`[,;]?\s+(?:and so on|etc\b)/.test(span.context);
    claims.push(...(ofKinds ? found.filter(({ state }) => state === 'holds') : found));
  }
  return claims.filter((claim) => !isPast(document) || claim.state === 'holds').toSorted((a, b) => a.line - b.line);
}

class Commands {
  readonly #repository: Repository;
  readonly #roots: readonly string[];
  readonly #tools: readonly ClaimedCommands[];
  readonly #compose: Compose;
  readonly #sources: Sources;
  /** Paths that earlier commands of the document make. */
  readonly #made: MadeBefore;
  /** A script or program has been run in this block: it may write data. */
  #ran = false;
  /** The document tells of its readers' projects: only calls of these programs, the repository’s own, are judged. */
  users: ReadonlyMap<string, unknown> | undefined;
  /** Folders that earlier blocks have entered: a reader may still be there. */
  readonly #entered = new Set<string>();
  /** A project of the reader's own, or of somebody else, that the document has made or cloned: what follows may be run there. */
  #elsewhere = false;

  constructor(repository: Repository, programs: Programs, document: string, made: readonly string[]) {
    this.#repository = repository;
    this.#made = new MadeBefore(made);
    this.#roots = foldersAbove(document);
    this.#tools = programs.tools;
    this.#compose = programs.compose;
    this.#sources = programs.sources;
  }

  /** @param excused what surrounds it says that it may not be meant as it stands: nothing weighs more than a doubt */
  async block(text: string, line: number, excused: boolean): Promise<Claim[]> {
    const claims: Claim[] = [];
    let cwds: readonly string[] = [...new Set([...this.#roots, ...this.#entered])];
    this.#ran = false;
    const lines = text.split('\n');
    // `.\deploy\compose.yaml` of PowerShell
    const unix = text.replace(/(?<=^|\s)\.{1,2}(?:\\\w[\w.-]*)+(?=\s|$)/gm, (path) => path.replaceAll('\\', '/'));
    for (const command of parseShell(unix)) {
      // `{name}` is for the reader to write.
      const words = withoutPrefix(command.argv).flatMap((word) =>
        word.open && !/^[^$`*?[\]]*\{[^$`*?[\]]*$/.test(word.text)
          ? [word]
          : expandBraces(word.text).map((text) => ({ text, open: /^\{\w[\w-]*\}$/.test(text) })),
      );
      const [program, ...args] = words;
      this.#elsewhere ||= await beginsAnother(this.#repository, program?.text ?? '', args);
      this.#made.note(program?.text ?? '', command, args);
      if (program?.text === 'cd' || program?.text === 'pushd') {
        const { to, verdict } = await this.#enter(args[0], cwds);
        cwds = to;
        for (const folder of to) this.#entered.add(folder);
        if (verdict) claims.push(...toClaims(command, line, [verdict], excused));
        continue;
      }
      if (!program || program.open || command.argv[0]?.text === 'ssh') continue;
      const verdicts = await this.#judge(program.text, args, command, cwds);
      this.#ran ||= !readers.has(program.text);
      claims.push(
        ...toClaims(
          command,
          line,
          this.#isElsewhere(program.text) ? verdicts.map(thereOnly) : verdicts,
          excused || isRemarked(lines, command.line),
        ),
      );
    }
    return claims;
  }

  #isElsewhere(program: string): boolean {
    return this.#elsewhere || (this.users !== undefined && (known.has(program) || !this.users.has(program)));
  }

  async #enter(word: Word | undefined, cwds: readonly string[]): Promise<{ to: readonly string[]; verdict?: Verdict }> {
    if (!word || word.open || word.text.startsWith('-')) return { to: [] };
    if (ofMachine.test(word.text)) return { to: knownEnd(this.#repository, word.text) };
    const to: string[] = [];
    // Alternatives in one block each begin where the reader is.
    for (const cwd of [...cwds, ...this.#roots]) {
      const joined = Repository.join(cwd, word.text);
      if (joined === undefined || to.includes(joined) || !(await this.#repository.isFolder(joined))) continue;
      to.push(joined);
      if (!cwds.includes(cwd)) break;
    }
    if (to.length > 0) return { to, verdict: holds(`${to[0] === '' ? '.' : to[0]} is a folder`) };
    const clean = word.text.replace(/^\.\//, '').replace(/\/$/, '');
    // After a clone, the folder may be this repository itself.
    if (!clean.includes('/')) return { to: (await this.#repository.isNamed(clean)) ? [''] : [] };
    const [first = '', ...below] = clean.split('/');
    for (const [n, name] of clean.split('/').slice(0, -1).entries()) {
      const inside = below.slice(n).join('/');
      if ((await this.#repository.isFolder(inside)) && (await this.#repository.isNamed(name)))
        return { to: [inside], verdict: holds(`${inside} is a folder`) };
    }
    const sure =
      clean.includes('/') &&
      first !== '..' &&
      !this.#made.cloned.has(first) &&
      this.#repository.folders.has(first) &&
      !this.#made.has(clean) &&
      !isBuilt(clean);
    if (!sure || readPath(`${clean}/`) === undefined || (await this.#repository.isIgnored(clean))) return { to: [] };
    return { to: [], verdict: wrong(`${clean} is not a folder of the repository`) };
  }

  async #judge(
    program: string,
    args: readonly Word[],
    command: ShellCommand,
    cwds: readonly string[],
  ): Promise<Verdict[]> {
    const tool = this.#tools.find((one) => one.program === program);
    if (tool) {
      const verdicts = await tool.judge(args, cwds);
      const run = tool.handsOn(args);
      return run
        ? [...verdicts, ...(await programArguments(this.#sources, run.program ?? (await this.#only()), run.args))]
        : verdicts;
    }
    const inner = wrappedIn(program, args);
    const inside = inner && (await this.#own(inner));
    if (inside && (inside.length > 0 || /^(?:watch|time|timeout)$/.test(program))) {
      const outer = /compose/.test(`${program} ${args[0]?.text ?? ''}`)
        ? await this.#composed(program === 'docker' ? args.slice(1) : args, cwds)
        : [];
      return [...inside, ...outer.filter(({ state }) => state !== 'remarked')];
    }
    if (program === 'docker-compose') return this.#composed(args, cwds);
    if (program === 'docker' && args[0]?.text === 'compose') return this.#composed(args.slice(1), cwds);
    const handed = await imageArguments(this.#sources, program, args);
    if (handed) return handed;
    if ((program === 'npm' || program === 'pnpm' || program === 'yarn') && args[0]?.text !== 'exec')
      return this.#made.has('package.json') ? [] : judgeNpm(this.#repository, program, args, cwds);
    if (program === 'make' || program === 'just' || program === 'task')
      return judgeRunner(this.#repository, program, args, cwds);
    for (const one of this.#tools) {
      const built = one.built(program);
      if (built === undefined) continue;
      const makes = await one.makes(built, cwds);
      if (makes === undefined) return [];
      if (!makes) return [wrong(`the workspace has no program ${built}`)];
      return [holds(`${built} is a program of the workspace`), ...(await programArguments(this.#sources, built, args))];
    }
    const whole = [{ text: program, open: false }, ...args];
    const started = startedBy(whole, await ownPrograms(this.#sources));
    if (started) {
      const verdicts = await programArguments(this.#sources, started.name, started.args);
      return program === 'go'
        ? [...(await this.#files(program, args.slice(0, 2), command, cwds)), ...verdicts]
        : verdicts;
    }
    return (await this.#own(whole)) ?? this.#files(program, args, command, cwds);
  }

  /** The arguments of a program of the repository, by its name or by the path where it is installed; undefined where it is none. */
  async #own([first, ...args]: readonly Word[]): Promise<Verdict[] | undefined> {
    const own = await ownPrograms(this.#sources);
    const installed = /^(?:\/usr(?:\/local)?|\/opt\/[\w-]+)?\/s?bin\/([\w-]+)$/.exec(first?.text ?? '')?.[1];
    const name = installed ?? first?.text ?? '';
    if (!own.has(name) || !(isItsOwnName(name) || (await hasSubcommand(this.#sources, args[0]?.text))))
      return undefined;
    return programArguments(this.#sources, name, args);
  }

  /** The program that is run where none is named: the only one that is built. */
  async #only(): Promise<string> {
    const rust = [...(await ownPrograms(this.#sources)).values()].filter((one) => one.language === 'rust');
    return (rust.length === 1 ? rust[0]?.name : undefined) ?? 'the program';
  }

  /** A Compose command in the folder where it holds, else in the one nearest to the document. */
  async #composed(args: readonly Word[], cwds: readonly string[]): Promise<Verdict[]> {
    if (this.#made.hasCompose) return this.#compose.judge(args, []);
    const isBad = ({ state }: Verdict): boolean => state === 'false' || state === 'doubtful';
    const all = await Promise.all(
      (cwds.length === 0 ? [[]] : cwds.map((cwd) => [cwd])).map((one) => this.#compose.judge(args, one)),
    );
    const good = all.find((one) => one.some(({ state }) => state === 'holds') && !one.some(isBad));
    // Where its files are, it is judged; only where they are nowhere is it said so.
    const proven =
      all.find((one) => one.some(({ state }) => state === 'holds') && one.some(({ state }) => state === 'false')) ??
      all.find((one) => one.some(({ state }) => state === 'false'));
    const verdicts = good ?? proven ?? all[0] ?? [];
    return verdicts.some(({ cause }) => cause === noneIsThere) && (await namesComposeFile(this.#sources))
      ? []
      : verdicts;
  }

  /** Files that a command reads: scripts, configuration. */
  async #files(
    program: string,
    args: readonly Word[],
    command: ShellCommand,
    cwds: readonly string[],
  ): Promise<Verdict[]> {
    if (program === 'go' && /^(?:run|build|test|install|vet)$/.test(args[0]?.text ?? '')) {
      return this.#packages(goPackagesIn(args), cwds);
    }
    const inputs = filesReadBy(program, args);
    inputs.push(...command.reads.filter((text) => text.includes('/')).map((text) => ({ text, script: false })));
    const verdicts: Verdict[] = program === 'helm' ? await setValues(this.#repository, args, cwds) : [];
    if (cwds.length === 0) return verdicts;
    for (const { text, script } of inputs) {
      verdicts.push(await this.#file(text, script, cwds));
      const path = script ? await this.#repository.find(text, cwds) : undefined;
      const after = args.slice(args.findIndex((word) => word.text === text) + 1);
      if (path === undefined) continue;
      verdicts.push(...(await scriptFlags(this.#sources, path, after)));
      if (program === text) verdicts.push(...(await lockedScript(this.#repository, this.#sources, path)));
    }
    return verdicts;
  }

  /** Folders of Go packages. */
  async #packages(folders: readonly string[], cwds: readonly string[]): Promise<Verdict[]> {
    const verdicts: Verdict[] = [];
    const above = cwds.filter((cwd) => this.#repository.files.includes(cwd === '' ? 'go.mod' : `${cwd}/go.mod`));
    if (above.length === 0) return verdicts;
    for (const folder of folders) {
      const found = await this.#repository.find(folder, cwds);
      if (found !== undefined) verdicts.push(holds(`${found} is there`));
      else if (!this.#made.has(folder) && !isBuilt(folder) && !/\bpath\/to\b/.test(folder))
        verdicts.push(wrong(`${above[0] === '' ? 'the module' : above[0]} has no package ${folder}`));
    }
    return verdicts;
  }

  async #file(text: string, script: boolean, cwds: readonly string[]): Promise<Verdict> {
    if (!readPath(text) || isGlob(text)) return unjudged('no path of the repository');
    const found = await this.#repository.find(text, cwds);
    if (found !== undefined) return holds(`${found} is there`);
    if (this.#made.has(text) || isBuilt(text)) return unjudged('it is made before');
    const clean = text.replace(/^\.\//, '');
    const copied = !script && isExample(clean) && !this.#made.fetched;
    const elsewhere = await this.#repository.findBySuffix(clean);
    if (elsewhere !== undefined && (copied || namesFile(clean)))
      return remark(`${clean} is not where it would be run`, `it is at ${elsewhere}: say where it is run`);
    const joined = Repository.join(cwds[0] ?? '', clean);
    if (joined === undefined || (!copied && (await this.#repository.isIgnored(joined))))
      return unjudged('it is made elsewhere');
    if (await isWrittenBy(this.#sources, this.#repository, joined))
      return unjudged('a script of the repository writes it');
    const [first = ''] = clean.split('/');
    const anchored =
      clean.includes('/') && cwds.some((cwd) => this.#repository.folders.has(Repository.join(cwd, first) ?? ''));
    const meant = this.#repository.nearest(joined);
    const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
    const seen = `${clean} is not there`;
    if (!script && this.#ran && isData.test(clean)) return unjudged('what ran before may write it');
    if (copied || (anchored && namesFile(clean))) return wrong(seen, hint);
    if (/^requirements[\w.-]*\.txt$/.test(clean) && !this.#made.fetched) return doubt(seen, hint);
    // A bare name may be a script of the reader's own; a folder that is not here may be of another project.
    if (script && scriptEnding.test(clean) && text !== clean && !this.#made.fetched) return doubt(seen, hint);
    return unjudged(seen);
  }
}
