import type { PlannedStep, RunEvent } from '../core/event.ts';
import type { Outcome, Verdict } from '../core/outcome.ts';
import { isOpen } from '../core/words.ts';
import { neutral } from '../evidence/redact.ts';
import { Questions } from './questions.ts';

export type StepState = 'waiting' | 'running' | Outcome;

/** `starting`: lock and snapshot. `refused`: it could not be run at all. */
export type Phase = 'starting' | 'running' | 'stopping' | 'ended' | 'refused';

/** What a run is about, known before it starts. */
export interface Announced {
  items: ReadonlyMap<string, string>;
  /** Step → milliseconds that it took when it last ran. */
  typical: ReadonlyMap<string, number>;
}

export interface BoardStep {
  id: string;
  item: string;
  title: string;
  uses: string;
  state: StepState;
  /** The last line of output; once it has ended, why it has not passed, if so. */
  line: string;
  attempt: number;
  /** `performance.now()` at its start. */
  since?: number;
  tookMs?: number;
  typicalMs?: number | undefined;
  version: number;
}

/** A step as the page is told of it. */
export type ToldStep = Pick<BoardStep, 'id' | 'state' | 'line' | 'attempt' | 'tookMs'> & { runningMs?: number };

/** What a page is told: the state of the run, and the steps that changed since it was last told. */
export interface Told {
  version: number;
  /** Which run of this server it is: 0 for none. */
  number: number;
  phase: Phase | 'none';
  /** The server is ending: what stands on the page is worth more than loading it again. */
  closing: boolean;
  done: number;
  total: number;
  elapsedMs: number;
  steps: ToldStep[];
  questions: { id: string; role: string; question: string }[];
}

const maxLine = 300;

/**
 * The state of the run that this server has started, kept up to date from the engine's events. Whoever looks, early, late or again,
 * is told what changed since the version that they have seen; a slow reader misses states in between and nothing else.
 */
export class Board {
  readonly questions = new Questions(() => this.#touch());
  readonly notices: string[] = [];
  number = 0;
  phase: Phase | 'none' = 'none';
  runId: string | undefined;
  folder: string | undefined;
  verdict: Verdict | undefined;
  refusal: { message: string; hint: string | undefined } | undefined;
  announced: Announced = { items: new Map(), typical: new Map() };
  #version = 1;
  #began = 0;
  #ended: number | undefined;
  #closing = false;
  #steps = new Map<string, BoardStep>();
  #waiting: (() => void)[] = [];

  get steps(): readonly BoardStep[] {
    return [...this.#steps.values()];
  }

  /** Ids of the steps whose failure a waiver accepts. */
  waived(): string[] {
    return this.steps.filter((step) => step.state === 'waived').map((step) => step.id);
  }

  get going(): boolean {
    return this.phase === 'starting' || this.phase === 'running' || this.phase === 'stopping';
  }

  get elapsedMs(): number {
    return this.number === 0 ? 0 : (this.#ended ?? performance.now()) - this.#began;
  }

  announce(announced: Announced): void {
    this.number++;
    this.phase = 'starting';
    this.announced = announced;
    this.runId = undefined;
    this.folder = undefined;
    this.verdict = undefined;
    this.refusal = undefined;
    this.notices.length = 0;
    this.#began = performance.now();
    this.#ended = undefined;
    this.#steps = new Map();
    this.#touch();
  }

  stopping(): void {
    if (!this.going) return;
    this.phase = 'stopping';
    this.#touch();
  }

  /** Tells the pages that the server is ending. */
  close(): void {
    this.#closing = true;
    this.#touch();
  }

  /** The run is over, or could not begin. */
  over(refusal?: { message: string; hint: string | undefined }): void {
    this.#ended = performance.now();
    this.refusal = refusal;
    this.phase = refusal === undefined ? 'ended' : 'refused';
    for (const { step } of this.questions.open) this.questions.withdraw(step);
    this.#touch();
  }

  on(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.runId = event.runId;
        this.folder = event.folder;
        if (this.phase === 'starting') this.phase = 'running';
        for (const step of event.steps) this.#steps.set(step.id, this.#planned(step));
        break;
      case 'step-started':
        this.#change(event.id, { state: 'running', attempt: event.attempt, line: '', since: performance.now() });
        break;
      case 'step-progress':
        // What a step has left running may still speak when the step itself has ended.
        if (this.#steps.get(event.id)?.state !== 'running') return;
        this.#change(event.id, { line: neutral(event.line).slice(0, maxLine) });
        break;
      case 'step-ended': {
        const { record } = event;
        const why = record.findings.find(isOpen)?.message ?? record.reason ?? '';
        const line = record.outcome === 'passed' ? '' : why;
        this.#change(event.id, {
          state: record.outcome,
          line: neutral(line).slice(0, maxLine),
          tookMs: record.durationMs,
        });
        this.questions.withdraw(event.id);
        break;
      }
      case 'notice':
        this.notices.push(neutral(event.text));
        break;
      case 'teardown':
        if (event.error !== undefined) this.notices.push(neutral(`teardown, ${event.label}: ${event.error}`));
        break;
      case 'run-ended':
        this.verdict = event.verdict;
        break;
    }
    this.#touch();
  }

  /** @param seen the version that the reader has; 0 for nothing */
  told(seen: number): Told {
    const { steps } = this;
    const now = performance.now();
    return {
      version: this.#version,
      number: this.number,
      phase: this.phase,
      closing: this.#closing,
      done: steps.filter(({ state }) => state !== 'waiting' && state !== 'running').length,
      total: steps.length,
      elapsedMs: this.elapsedMs,
      steps: steps
        .filter((step) => step.version > seen)
        .map(({ id, state, line, attempt, tookMs, since }) => ({
          id,
          state,
          line,
          attempt,
          ...(tookMs !== undefined && { tookMs }),
          ...(state === 'running' && since !== undefined && { runningMs: now - since }),
        })),
      questions: this.questions.open.map(({ id, question }) => ({
        id,
        role: neutral(question.role),
        question: neutral(question.question),
      })),
    };
  }

  /** Resolves once there is something newer than the version. */
  newer(seen: number): Promise<void> {
    return this.#version > seen ? Promise.resolve() : new Promise((done) => this.#waiting.push(done));
  }

  #planned(step: PlannedStep): BoardStep {
    const typicalMs = step.typicalMs ?? this.announced.typical.get(step.id);
    const { id, item, title, uses } = step;
    return { id, item, title, uses, state: 'waiting', line: '', attempt: 1, typicalMs, version: this.#version + 1 };
  }

  #change(id: string, change: Partial<BoardStep>): void {
    const step = this.#steps.get(id);
    if (step) Object.assign(step, change, { version: this.#version + 1 });
  }

  #touch(): void {
    this.#version++;
    for (const done of this.#waiting.splice(0)) done();
  }
}
