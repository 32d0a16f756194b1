import type { z } from 'zod';
import type { ExecResult, Requirement, StepContext } from '../core/step.ts';
import type { DraftItem, DraftStep, ProjectTree } from './drafted.ts';
import type { ProgramWords } from './program-words.ts';
import type { Word } from '../formats/programs/shell.ts';
import type { Verdict } from '../formats/documents/verdict.ts';

/** A command that the tests are run with, and where its results will be. */
export interface TestCommand {
  argv: string[];
  env: Record<string, string>;
  /** It prints its results; otherwise it writes them into the folder that it was given. */
  printed?: boolean;
  /** Globs below the target that it writes its results to, where it takes no folder. */
  writes?: string[];
  /** The runner is known by what it prints at its end alone: no results by name. `stderr`: it does so once, there. */
  counted?: boolean | 'stderr';
  /** Globs below the target that it writes coverage to, where it takes no folder. */
  coverage?: string[];
}

/** Why tests cannot be run here, before anything was run. */
export interface CannotTest {
  missing: string;
  remedy: string;
  /** Packages are not installed, rather than nothing being there. */
  packages?: boolean;
}

/** How a toolchain's tests are run. `P` are its own parameters, beside those that all share (`cwd`, `env`, `args`). */
export interface Tests<P = unknown> {
  /** Fields of its own. */
  readonly params: z.ZodRawShape;
  readonly summary: string;
  /** Markdown for the reference: what is run, and what is understood. */
  readonly description: string;
  readonly example: string;
  /** Named locks: two steps with one in common never run at once. */
  readonly locks?: readonly string[];
  /** What `plan` shows. */
  plan(params: P & SharedParams): string;
  /**
   * The program that `command` will start, where the first of the toolchain's tools does not tell it; undefined where the project
   * brings it.
   * @param read the text of a file of the target; undefined where it is not there
   */
  starts?(params: P & SharedParams, read: (path: string) => string | undefined): string | undefined;
  /**
   * The command. It must not change the repository: results and coverage go to folders outside of it.
   * @param out.coverage a folder, where coverage is asked for
   */
  command(
    params: P & SharedParams,
    ctx: StepContext,
    out: { results: string; coverage: string | undefined },
  ): Promise<TestCommand | CannotTest>;
  /**
   * Does a failed run say that packages are not installed, so that nothing was shown?
   * @param broken what its results say of suites that did not run
   */
  unprepared(
    result: ExecResult,
    params: P & SharedParams,
    ctx: StepContext,
    broken: string,
  ): Promise<{ what: string; remedy: string } | undefined>;
}

/** A linter, and how what it says is read: lines that begin with a place, unless `json` is set. */
export interface Linter {
  /** Its own words, without what starts it: `ruff check`. */
  readonly words: readonly string[];
  /** What it is to look at, where the checklist does not say. */
  readonly all: readonly string[];
  /** Words for an output that can be read. */
  readonly output?: readonly string[];
  /** Its output is that of `eslint --format json`. */
  readonly json?: boolean;
  /** Options of the output, as a project's command may give them; they are left out. A word that ends in `=` or a letter of its own takes a value. */
  readonly outputOptions?: RegExp;
  /** Variables that keep its caches out of the repository. */
  readonly caches?: (folder: string) => Record<string, string>;
  /** Its first group is the number of files that it looked at; where the whole matches and has no number, there was none. */
  readonly looked?: RegExp;
  /** It always says at how many files it looked: where it does not, its output went elsewhere. */
  readonly tells?: boolean;
  /** Words that have it list the files that it looks at, a line each, and what such a line ends with. */
  readonly listed?: { readonly words: readonly string[]; readonly file: RegExp };
  /** Its configuration files. It takes the nearest one from its folder upward, also from outside of the repository. */
  readonly configs: readonly string[];
  /** A text that one of them must hold to count, where it may be about something else: `[tool.ruff`. */
  readonly section?: RegExp;
  /** Where it looks in the home folder, when there is no other. */
  readonly home?: readonly string[];
  readonly ambient?: Ambient;
  /** Words that make of its command something that only the command itself does: writing, watching, another mode. */
  readonly not?: RegExp;
  /** Words with which it looks at nothing, or cannot fail: ` --exit-zero `. */
  readonly mutes?: RegExp;
  /** Words that have it print its settings, and those with which it cannot fail; `ofFile`: it prints those of one file. */
  readonly settings?: { readonly words: readonly string[]; readonly mute: RegExp; readonly ofFile?: string };
  /** What its configuration says where it leaves nothing to be found. */
  readonly blank?: RegExp;
  /** Where a pass is silent: a fault that it must name first, so that a pass shows something. */
  readonly control?: Control;
}

/** Files in an empty folder with a fault that no configuration allows. */
export interface Control {
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
  /** What it is to look at; without it, it runs in the folder of the files. */
  readonly look?: string;
  /** What it then says. */
  readonly says: RegExp;
}

/** A toolchain's linters by name; `<name>/lint` is a step type. */
export interface Lints {
  readonly linters: Readonly<Record<string, Linter>>;
  readonly example: string;
  /** The words that start a program of the project: `uv run ruff`, the path of what is installed in it. */
  starter(program: string, params: SharedParams, ctx: StepContext): Promise<string[] | CannotTest>;
  /** Does its output say that packages are not installed, so that nothing was shown? */
  unprepared(output: string, params: SharedParams, ctx: StepContext): Promise<CannotTest | undefined>;
}

export interface SharedParams {
  cwd: string;
  env: Record<string, string>;
  args: string[];
}

/** Settings from outside of the checklist, and which of them may keep tests or lints from being run. */
export interface Ambient {
  /** Commands, by their words, that go by them. */
  readonly of?: RegExp;
  /** Variables of the environment that are looked at. */
  readonly variables: RegExp;
  /** May this value leave something out? */
  silences(name: string, value: string): boolean;
  /** Does a file of the tree say the same? Then it is no setting from outside. */
  ofTree?(name: string, value: string, ctx: StepContext, cwd: string): Promise<boolean>;
  /** The same of files outside of the tree, in words. */
  files?(ctx: StepContext, cwd: string): Promise<string[]>;
}

/** The doors that asking a program about a document's commands needs. */
export type Doors = Pick<StepContext, 'files' | 'tree' | 'exec' | 'evidence'>;

/** Asks a toolchain's program what a document's commands name; it builds and installs nothing. */
export interface ClaimedCommands {
  /** The program whose commands are judged. */
  readonly program: string;
  /** @param cwds folders in which the command may be meant to be run; none where that is not known */
  judge(args: readonly Word[], cwds: readonly string[]): Promise<Verdict[]>;
  /** The repository's program that the command runs, where it is named, and the arguments that it hands on. */
  handsOn(args: readonly Word[]): { program: string | undefined; args: readonly Word[] } | undefined;
  /** The name of the program that a build leaves at this path. */
  built(path: string): string | undefined;
  /** Does a build in one of these folders make a program of this name? undefined where that is not known. */
  makes(name: string, cwds: readonly string[]): Promise<boolean | undefined>;
}

/** A command by its words, and the folder that it runs in, relative to the target. */
export interface Ran {
  text: string;
  at?: string;
}

/** What was done before commands that call a toolchain's programs, and what was found. */
export interface Bound {
  /** To be called when the commands have ended. */
  ended(): Promise<void>;
  /** What may keep its programs silent. */
  silenced: { message: string; file?: string }[];
}

/** What is known of one language's tools. A folder of `src/toolchains` whose `toolchain.ts` exports one is found by `npm run gen`. */
export interface Toolchain {
  /** Its folder; where it has `tests`, `<name>/test` is a step type. */
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  /** Paths (their last part) that make a folder a project of it. */
  readonly manifests: RegExp;
  /** What it needs of the machine; the first is the program itself. */
  readonly tools: readonly Requirement[];
  readonly tests?: Tests<never>;
  /** Where it has them, `<name>/lint` is a step type. */
  readonly lints?: Lints;
  /** Step types of its own by what they prove, for drafts. */
  readonly steps: Readonly<Record<string, 'test' | 'lint'>>;
  readonly ambient: Ambient;
  /** Its programs by name, and what their commands are for. */
  readonly programs: Readonly<Record<string, ProgramWords>>;
  /** Judges commands of documents. */
  claimed?(doors: Doors): ClaimedCommands;
  /** What holds for its own steps holds where a command calls its programs: to be called before it runs. */
  bind?(commands: readonly Ran[], env: Record<string, string>, ctx: StepContext): Promise<Bound>;
  /** Globs where its runners leave results by themselves, for `tests/results`. */
  readonly results: readonly string[];
  /** Files that it reads without being told to, though git may ignore them. */
  readonly unasked: readonly string[];
  /** The step for a command that it knows, with what the command says as parameters; undefined where no step does the same. */
  stepFor(command: KnownCommand, tree: ProjectTree): ToolStep | undefined;
  /** The commands that need not be drafted beside one of its steps: by what `draft/check-words.ts` calls them, and where. */
  covers(step: DraftStep): { key: string; cwd?: string }[];
  /** Items of steps for every project of it. */
  items(tree: ProjectTree, draft: Drafting): DraftItem[];
  /** Commands that check a project of it, where no step of its own does. */
  checks(tree: ProjectTree): ProjectCheck[];
  /** Commands that build a project of it, where its tests and linters do not show that it builds. */
  builds?(tree: ProjectTree): ProjectCheck[];
  /** The command that runs the project's benchmarks; `results` where they write something else than it is known to. Undefined where that is not known. */
  benches?(tree: ProjectTree): { run: string[]; results?: string } | undefined;
  /** Paths that one of its steps fills. */
  outputs(step: DraftStep, tree: ProjectTree): string[];
}

/** What a draft is made with. */
export interface Drafting {
  ids: { take(text: string): string };
  /** What was seen and is not drafted, and why. */
  leftOut: string[];
}

/** A command as it stands in a CI configuration or a document. */
export interface KnownCommand {
  /** Without programs that only run others (`uv run`). */
  words: readonly string[];
  /** The first word of the whole. */
  starter: string;
  /** Folder that it runs in, relative to the root; '' is the root. */
  cwd: string;
}

export type ToolStep = Pick<DraftStep, 'id' | 'uses' | 'with' | 'note'>;

/** A command that a project is set up for. */
export interface ProjectCheck {
  run: string[];
  /** Folder relative to the root; '' is the root. */
  cwd: string;
  /** The file that says so. */
  from: string;
}

/** Gives a toolchain's tests their parameters' type, and forgets it for the list of all. */
export const testsOf = <P>(tests: Tests<P>): Tests<never> => tests;
