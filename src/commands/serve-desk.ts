import { readFileSync, realpathSync, statSync } from 'node:fs';
import { calledAnywhere } from './called-as.ts';
import { join, resolve, sep } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import type { RunEvent, View } from '../core/event.ts';
import type { Driver } from '../core/step.ts';
import { countLine, countSteps, verdictText } from '../core/words.ts';
import { sha256 } from '../evidence/digest.ts';
import type { HistoryRun } from '../reporters/html/history.ts';
import { Board } from '../serve/board.ts';
import type { Desk, GateView, Plan, Said, Shelf, SigningView } from '../serve/desk.ts';
import type { PlainView } from '../ui/plain.ts';
import { findRun } from './gate-facts.ts';
import { runsOf } from '../runs/history.ts';
import { longestChain, planRows } from './plan.ts';
import { render } from '../runs/render.ts';
import { signOffsIn } from '../runs/sign-offs-in.ts';
import { readRun, type StoredRun } from '../runs/runs.ts';
import { gateView, signingView, signShown, type SigningOptions } from './serve-signing.ts';
import { load, version, type LoadOptions } from './shared.ts';

export interface DeskOptions extends LoadOptions, SigningOptions {
  jobs: number;
  driver: Driver;
  keep: boolean;
  writeTo: string | undefined;
}

/** What is read of one file at most, in bytes. */
const maxFile = 64 * 1024 * 1024;

/** Earlier runs that are asked how long a step usually takes. */
const lookedAt = 5;

/** The desk behind the pages: runs, files, signing and gate of one milestone. */
export class MilestoneDesk implements Desk {
  readonly board = new Board();
  readonly milestone: string;
  readonly #name: string;
  readonly #options: DeskOptions;
  readonly #log: PlainView;
  #run: Promise<void> | undefined;
  #control = new AbortController();
  #code: number | undefined;
  #last: { key: string; stored: StoredRun } | undefined;

  /** @param name of the checklist, as typed; @param log the terminal's view of the same runs */
  constructor(name: string, milestone: string, options: DeskOptions, log: PlainView) {
    this.#name = name;
    this.milestone = milestone;
    this.#options = options;
    this.#log = log;
  }

  /** Of the last run that was started here: its verdict's exit code, or why it could not be run. Undefined where there was none. */
  get code(): number | undefined {
    return this.#code;
  }

  async plan(): Promise<Plan> {
    const loaded = await load(this.#name, this.#options);
    const { checklist, path } = loaded;
    const rows = planRows(loaded);
    return {
      title: checklist.title,
      path,
      sha256: loaded.sha256,
      target: loaded.targetPath,
      driver: this.#options.driver,
      items: checklist.items,
      rows,
      longestMs: longestChain(rows),
    };
  }

  runs(): HistoryRun[] {
    return runsOf(this.#options.reports, this.milestone);
  }

  shelf(id?: string): Shelf {
    const { folder, record } = this.#stored(id);
    return { id: record.run.id, folder, record, signOffs: signOffsIn(folder) };
  }

  file(runId: string, path: string): Buffer | undefined {
    let stored: StoredRun;
    try {
      stored = this.#stored(runId);
    } catch (error) {
      if (error instanceof UserError && error.code === exit.missing) return undefined;
      throw error;
    }
    const { folder, record, text } = stored;
    if (path === 'record.json') return Buffer.from(text);
    if (path === 'FINAL_STATUS.html') return Buffer.from(render('html', folder, record, text));
    const listed = record.manifest.find((file) => file.path === path);
    return listed && bytesOf(join(folder, path), listed.sha256, folder);
  }

  subject(questionId: string, n: number): Buffer | undefined {
    const about = this.board.questions.get(questionId)?.question.about[n];
    if (about === undefined) return undefined;
    const { folder } = this.board;
    return (
      (folder === undefined ? undefined : bytesOf(join(folder, about.path), about.sha256, folder)) ??
      bytesOf(resolve(this.#target, about.path), about.sha256)
    );
  }

  async start(shown: string): Promise<void> {
    if (this.board.going) throw goingOn();
    const loaded = await load(this.#name, this.#options);
    if (loaded.sha256 !== shown)
      throw new UserError(exit.stale, 'the checklist has changed since this page was shown; nothing was run', {
        hint: 'read what would run now, below, and start it',
      });
    // Somebody else may have started one while the checklist was read.
    if (this.board.going) throw goingOn();
    this.#target = loaded.targetPath;
    this.board.announce({
      items: new Map(loaded.checklist.items.map((item) => [item.id, item.title])),
      typical: this.#typical(),
    });
    this.#control = new AbortController();
    this.#run = this.#go(loaded);
  }

  stop(): void {
    void this.abort('stopped on the page');
  }

  /** Ends the run that is going on, with its teardown. @returns when it has ended */
  async abort(why: string): Promise<void> {
    this.board.stopping();
    this.#control.abort(new Error(why));
    await this.#run;
  }

  async signing(): Promise<SigningView> {
    if (this.board.going) throw goingOn('sign when it has ended');
    return signingView(await load(this.#name, this.#options), this.#options);
  }

  async sign(said: Said): Promise<string> {
    if (this.board.going) throw goingOn('sign when it has ended');
    const path = await signShown(await load(this.#name, this.#options), said, this.#options);
    process.stdout.write(`${said.decision === 'approve' ? 'approved' : 'rejected'} as ${said.role}: ${path}\n`);
    return path;
  }

  async gate(): Promise<GateView> {
    return gateView(await load(this.#name, this.#options), this.#name, {
      ...this.#options,
      target: this.#options.target,
    });
  }

  #target = process.cwd();

  async #go(loaded: Awaited<ReturnType<typeof load>>): Promise<void> {
    const { board } = this;
    const view: View = {
      on: (event: RunEvent) => {
        board.on(event);
        this.#log.on(event);
      },
      close: async () => undefined,
      prompt: (_step, prompt, config, signal) => prompt(config, { signal }),
    };
    const { signal } = this.#control;
    try {
      const { runChecklist } = await import('../engine/run.ts');
      const { record, folder, code } = await runChecklist(
        loaded,
        {
          target: loaded.targetPath,
          reports: this.#options.reports,
          jobs: this.#options.jobs,
          failFast: false,
          only: [],
          skip: [],
          tags: [],
          driver: this.#options.driver,
          keep: this.#options.keep,
          writeTo: this.#options.writeTo,
          command: [...calledAnywhere(), ...process.argv.slice(2)],
          version,
          ask: (question, step) => {
            process.stdout.write(`asked on the page: ${question.question} (${question.role})\n`);
            return board.questions.ask(question, step, signal);
          },
          signal,
        },
        view,
      );
      this.#code = code;
      const counts = countSteps(record);
      process.stdout.write(`${verdictText(record)}: ${countLine(counts)}; ${folder}\n`);
      board.over();
    } catch (error) {
      const known = error instanceof UserError;
      this.#code = known ? error.code : exit.bug;
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(`error: ${known ? message : ((error as Error).stack ?? message)}\n`);
      board.over({ message: known ? message : `a defect of verify: ${message}`, hint: known ? error.hint : undefined });
    }
  }

  /** Step → milliseconds that it took when it last passed. */
  #typical(): Map<string, number> {
    const found = new Map<string, number>();
    for (const { id } of this.runs().slice(0, lookedAt))
      for (const step of this.#stored(id).record.steps)
        if (step.outcome === 'passed' && !found.has(step.id)) found.set(step.id, step.durationMs);
    return found;
  }

  #stored(id: string | undefined): StoredRun {
    const { folder } = findRun(this.#options.reports, this.milestone, id);
    const { mtimeMs, size } = statSync(join(folder, 'record.json'), { throwIfNoEntry: false }) ?? {};
    const key = `${folder} ${mtimeMs} ${size}`;
    if (this.#last?.key !== key) this.#last = { key, stored: readRun(folder) };
    return this.#last.stored;
  }
}

const goingOn = (hint = 'watch it, or stop it first'): UserError =>
  new UserError(exit.locked, 'a run of this milestone is going on', { hint });

/** A file's bytes where they are the ones that are meant; with `within`, only where it truly lies in that folder. */
function bytesOf(path: string, digest: string, within?: string): Buffer | undefined {
  try {
    if (within !== undefined && !realpathSync(path).startsWith(`${realpathSync(within)}${sep}`)) return undefined;
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > maxFile) return undefined;
    const data = readFileSync(path);
    return sha256(data) === digest ? data : undefined;
  } catch {
    return undefined;
  }
}
