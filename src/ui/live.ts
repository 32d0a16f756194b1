import {
  Listr,
  ListrDefaultRendererLogLevels,
  type ListrTaskWrapper,
  type DefaultRenderer,
  type SimpleRenderer,
} from 'listr2';
import { showDuration } from '../core/duration.ts';
import type { PlannedStep, RunEvent, View } from '../core/event.ts';
import { worstOf } from '../core/outcome.ts';
import type { StepRecord } from '../core/record.ts';
import { isOpen, outcomeMark, plural } from '../core/words.ts';
import { outcomeStyle, painter } from './plain.ts';

type Row = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

interface Item {
  id: string;
  title: string;
  /** Steps that have not begun. */
  waiting: Map<string, PlannedStep>;
  total: number;
  ended: StepRecord[];
  running: Map<string, { since: number; line: string; attempt: number }>;
  row?: Row;
  settle?: (error?: Error) => void;
  dirty: boolean;
}

const refreshMs = 100;
const allOthers = '\u0000rest';

/**
 * The view on a terminal: one listr2 row per item, as many as fit, the rest in one. Rows are changed at most ten times a second:
 * listr2 redraws all that it has on each change, which took 438 s for 1,000 rows of 3.7 s (measured).
 */
export class LiveView implements View {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: ReturnType<typeof painter>;
  readonly #items = new Map<string, Item>();
  readonly #itemOf = new Map<string, Item>();
  readonly #over = new Set<string>();
  readonly #notices: string[] = [];
  #list: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param titles item id → title */
  constructor(stream: NodeJS.WriteStream, colour: boolean, titles: ReadonlyMap<string, string>) {
    this.#stream = stream;
    this.#paint = painter(colour);
    for (const [id, title] of titles) this.#items.set(id, this.#item(id, title));
  }

  on(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#open(event);
        return;
      case 'step-started':
        this.#change(event.id, (item) => {
          item.waiting.delete(event.id);
          item.running.set(event.id, { since: performance.now(), line: '', attempt: event.attempt });
        });
        return;
      case 'step-progress':
        this.#change(event.id, (item) => {
          const running = item.running.get(event.id);
          if (running) running.line = event.line;
        });
        return;
      case 'step-ended':
        this.#change(event.id, (item) => {
          item.running.delete(event.id);
          item.waiting.delete(event.id);
          this.#over.add(event.id);
          for (const other of this.#items.values()) other.dirty = true;
          item.ended.push(event.record);
          if (item.ended.length === item.total) this.#close(item);
        });
        return;
      case 'notice':
        this.#notices.push(this.#paint(event.level === 'warning' ? 'yellow' : 'dim', event.text));
        return;
      case 'teardown':
        if (event.error !== undefined)
          this.#notices.push(this.#paint('yellow', `teardown, ${event.label}: ${event.error}`));
        return;
      case 'run-ended':
        return;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const item of this.#items.values()) this.#close(item);
    await this.#list;
    for (const notice of this.#notices.splice(0)) this.#stream.write(`${notice}\n`);
  }

  prompt: View['prompt'] = async (step, prompt, config, signal) => {
    const item = this.#itemOf.get(step);
    signal.throwIfAborted();
    if (!item?.row) return prompt(config, { signal });
    const { ListrInquirerPromptAdapter } = await import('@listr2/prompt-adapter-inquirer');
    // The adapter goes on listening after its answer, and takes a row that is then skipped for a prompt to cancel.
    class OncePrompt extends ListrInquirerPromptAdapter {
      over = false;
      override cancel(): void {
        if (!this.over) super.cancel();
      }
    }
    const adapter = item.row.prompt(OncePrompt);
    const cancel = (): void => adapter.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // The adapter puts its own output stream into the context; what it calls must be a function of (config, context).
      return await adapter.run(prompt, config);
    } finally {
      adapter.over = true;
      signal.removeEventListener('abort', cancel);
    }
  };

  #item(id: string, title: string): Item {
    return { id, title, waiting: new Map(), total: 0, ended: [], running: new Map(), dirty: true };
  }

  #open(event: Extract<RunEvent, { type: 'run-started' }>): void {
    this.#stream.write(
      `${this.#paint('bold', event.milestone)}  ${event.title}\n${this.#paint('dim', `run ${event.runId}, ${plural(event.steps.length, 'step')}`)}\n\n`,
    );
    this.#assign(event.steps);
    const rows = [...this.#items.values()].filter((item) => item.total > 0);
    const list = new Listr(
      rows.map((item) => ({
        title: item.title,
        rendererOptions: { persistentOutput: true },
        task: (_: unknown, row: Row): Promise<void> => {
          item.row = row;
          return new Promise((done, fail) => {
            item.settle = (error) => (error ? fail(error) : done());
            if (item.ended.length === item.total) this.#close(item);
          });
        },
      })),
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        renderer: 'default',
        fallbackRendererCondition: false,
        rendererOptions: {
          collapseErrors: false,
          showErrorMessage: false,
          showSkipMessage: false,
          lazy: false,
          icon: {
            [ListrDefaultRendererLogLevels.FAILED]: outcomeMark.failed,
            [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: outcomeMark['not-reviewed'],
          },
        },
      },
    );
    this.#list = list.run().catch(() => undefined);
    this.#timer = setInterval(() => this.#refresh(), refreshMs);
  }

  /** Which row shows which step: an own row per item while they fit, else the rest share the last one. */
  #assign(steps: readonly PlannedStep[]): void {
    const room = Math.max(3, Math.floor(((this.#stream.rows ?? 24) - 6) / 2));
    const present = new Set(steps.map((step) => step.item));
    const own = [...this.#items.keys()].filter((id) => present.has(id));
    const alone = new Set(own.length <= room ? own : own.slice(0, room - 1));
    const rest = this.#item(allOthers, `${own.length - alone.size} more items`);
    if (alone.size < own.length) this.#items.set(allOthers, rest);
    for (const step of steps) {
      const item = (alone.has(step.item) ? this.#items.get(step.item) : rest) ?? rest;
      item.total++;
      item.waiting.set(step.id, step);
      this.#itemOf.set(step.id, item);
    }
  }

  /** Columns for a row's text. Some terminals say that they have none. */
  readonly #width = (): number => Math.max(20, (this.#stream.columns || 80) - 6);

  #change(step: string, how: (item: Item) => void): void {
    const item = this.#itemOf.get(step);
    if (!item) return;
    how(item);
    item.dirty = true;
  }

  #refresh(): void {
    for (const item of this.#items.values()) {
      if (!item.row || item.settle === undefined || (!item.dirty && item.running.size === 0)) continue;
      item.dirty = false;
      this.#draw(item);
    }
  }

  #draw(item: Item): void {
    if (!item.row) return;
    const width = this.#width();
    const tally = item.total > 1 ? `  ${item.ended.length}/${item.total}` : '';
    item.row.title = `${clip(item.title, width - tally.length)}${this.#paint('dim', tally)}`;
    const [first, ...others] = item.running;
    const text = first
      ? `${first[0]} ${showDuration(performance.now() - first[1].since)}${first[1].attempt > 1 ? `, attempt ${first[1].attempt}` : ''}${others.length > 0 ? `, and ${others.length} more` : ''}${first[1].line === '' ? '' : `: ${first[1].line}`}`
      : this.#blocked(item);
    item.row.output = text === '' ? '' : this.#paint('dim', clip(text, width));
  }

  /** What keeps an item from going on. */
  #blocked(item: Item): string {
    const on = new Set<string>();
    for (const { needs } of item.waiting.values())
      for (const need of needs) if (!this.#over.has(need) && !item.waiting.has(need)) on.add(need);
    return on.size === 0 ? '' : `waiting on ${[...on].join(', ')}`;
  }

  /** Ends the row: a tick, or a cross with the findings below it. */
  #close(item: Item): void {
    if (!item.settle) return;
    const outcome = worstOf(item.ended.map((record) => record.outcome));
    const ran = item.ended.filter((record) => record.reusedFrom === undefined);
    const reused = item.ended.length - ran.length;
    const time =
      ran.reduce((sum, record) => Math.max(sum, record.offsetMs + record.durationMs), 0) -
      Math.min(...ran.map((record) => record.offsetMs), Infinity);
    this.#draw(item);
    if (item.row) {
      const width = this.#width();
      const took = ran.length === 0 ? 'reused' : showDuration(Math.max(0, time));
      const some = reused > 0 && ran.length > 0 ? `, ${reused} of ${item.total} reused` : '';
      const codes = codesOf(item.ended);
      const state = `${outcome === 'passed' ? took : outcome}${some}`;
      // Half of the row is the title's: codes that do not fit behind it stand below it.
      const room = width - Math.min(item.title.length, Math.ceil(width / 2)) - 2;
      const beside = codes === '' || state.length + codes.length + 2 <= Math.min(room, 60);
      const detail = clip(beside && codes !== '' ? `${state}: ${codes}` : state, Math.max(room, 12));
      item.row.title = `${clip(item.title, width - detail.length - 2)}  ${this.#paint(outcome === 'passed' ? 'dim' : outcomeStyle[outcome], detail)}`;
      item.row.output = [...(beside ? [] : [clip(codes, width)]), ...this.#details(item, width)].join('\n');
    }
    const { settle } = item;
    delete item.settle;
    // What waits for a person, or was not run, is no failure: no cross for it.
    if (outcome === 'not-reviewed' || outcome === 'skipped') item.row?.skip();
    settle(['passed', 'waived', 'not-reviewed', 'skipped'].includes(outcome) ? undefined : new Error(outcome));
  }

  /** Why steps have not passed, where no finding says it: the findings stand below the last row, in full. */
  #details(item: Item, width: number): string[] {
    const lines = item.ended
      .filter((one) => one.outcome !== 'passed' && one.reason !== undefined && !one.findings.some(isOpen))
      .map((one) => clip(`${one.id}: ${one.reason}`, width));
    return lines.length > 6 ? [...lines.slice(0, 5), `and ${lines.length - 5} more, in the report`] : lines;
  }
}

/** The steps with findings, each with its codes: `tests (exit-code), files (missing, wrong-kind)` */
const codesOf = (ended: readonly StepRecord[]): string =>
  ended
    .map(({ id, findings }) => ({ id, codes: [...new Set(findings.filter(isOpen).map((finding) => finding.code))] }))
    .filter(({ codes }) => codes.length > 0)
    .map(({ id, codes }) => `${id} (${codes.join(', ')})`)
    .join(', ');

const clip = (text: string, max: number): string => {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length > max ? `${line.slice(0, Math.max(1, max - 1))}…` : line;
};
