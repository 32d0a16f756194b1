import { styleText } from 'node:util';
import { showDuration } from '../core/duration.ts';
import type { PlannedStep, RunEvent, View } from '../core/event.ts';
import type { Outcome } from '../core/outcome.ts';
import type { StepRecord } from '../core/record.ts';
import { saidOf } from '../core/told-once.ts';
import { isOpen, outcomeMark, plural, reusedMark, reusedText } from '../core/words.ts';
import { findingLines } from './finding-lines.ts';

type Style = Parameters<typeof styleText>[0];
export const outcomeStyle: Record<Outcome, Style> = {
  passed: 'green',
  failed: 'red',
  error: 'yellow',
  'timed-out': 'yellow',
  skipped: 'dim',
  'not-reviewed': 'cyan',
  waived: 'magenta',
};

/** Colours only where asked for. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

const howLong = ({ outcome, durationMs, reusedFrom }: StepRecord): string =>
  reusedFrom ? `, reused ${reusedText(reusedFrom)}` : outcome === 'skipped' ? '' : `, ${showDuration(durationMs)}`;

/** What a step about tests measured. */
function testsText({ facts }: StepRecord): string {
  const number = (name: string): number | undefined => {
    const value = facts[name];
    return typeof value === 'number' ? value : undefined;
  };
  const executed = number('tests.executed');
  if (executed === undefined) return '';
  const some = (name: string, word: string): string => ((number(name) ?? 0) > 0 ? `, ${number(name)} ${word}` : '');
  const covered = number('coverage.lines');
  return `: ${executed} ${executed === 1 ? 'test' : 'tests'}${some('tests.failed', 'failed')}${some('tests.skipped', 'skipped')}${covered === undefined ? '' : `, ${covered} % covered`}`;
}

/**
 * The lines that report a step's end: its outcome, and each finding with its place, what to do and what proves it.
 * @param said what earlier steps said of places, and which did: it is named, not repeated
 */
function stepLines(
  record: StepRecord,
  said: Map<string, string>,
  folder: string,
  paint: ReturnType<typeof painter>,
): string[] {
  const { outcome } = record;
  const open = record.findings.some(isOpen);
  const reason = outcome !== 'passed' && record.reason !== undefined && !open ? paint('dim', `: ${record.reason}`) : '';
  const mark = paint(outcomeStyle[outcome], record.reusedFrom ? reusedMark : outcomeMark[outcome]);
  return [
    `${mark} ${record.id} ${paint('dim', `${outcome}${howLong(record)}${testsText(record)}`)}${reason}`,
    ...record.findings
      .filter((finding) => isOpen(finding) || finding.level === 'warning')
      // What to do is said once for findings in a row that need the same.
      .map((finding, n, all) =>
        n > 0 && finding.hint === all[n - 1]?.hint ? { ...finding, hint: undefined } : finding,
      )
      .flatMap((finding) => {
        const key = `${finding.level} ${saidOf(finding)}`;
        const earlier = finding.where && said.get(key);
        if (earlier !== undefined && earlier !== record.id) return [paint('dim', `${finding.code}, as in ${earlier}`)];
        said.set(key, record.id);
        return findingLines(finding, record, folder, paint);
      })
      .map((line) => `    ${line}`),
  ];
}

/** One line per event, for logs and pipes. */
export class PlainView implements View {
  readonly #write: (text: string) => void;
  readonly #paint: ReturnType<typeof painter>;
  readonly #running = new Map<string, { since: number; line: string }>();
  readonly #near: (path: string) => string;
  readonly #started = performance.now();
  readonly #beat: NodeJS.Timeout;
  #steps: PlannedStep[] = [];
  #folder = '';
  readonly #said = new Map<string, string>();
  #ended = 0;
  /** Lines that wait for a question to be answered, which stands on the same terminal. */
  #held: string[] | undefined;

  /** @param near a path as a reader is to see it */
  constructor(write: (text: string) => void, colour: boolean, near: (path: string) => string) {
    this.#write = write;
    this.#near = near;
    this.#paint = painter(colour);
    // Long steps say that they are alive.
    this.#beat = setInterval(() => this.#alive(), 15_000);
    this.#beat.unref();
  }

  on(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#steps = event.steps;
        this.#folder = this.#near(event.folder);
        this.#line(`${this.#paint('bold', event.milestone)} ${event.title}: ${plural(event.steps.length, 'step')}`);
        return;
      case 'step-started':
        this.#running.set(event.id, { since: performance.now(), line: '' });
        return;
      case 'step-progress': {
        const running = this.#running.get(event.id);
        if (running) running.line = event.line;
        return;
      }
      case 'step-ended':
        this.#running.delete(event.id);
        for (const line of stepLines(event.record, this.#said, this.#folder, this.#paint)) this.#line(line);
        this.#ended++;
        return;
      case 'notice':
        this.#line(this.#paint(event.level === 'warning' ? 'yellow' : 'dim', event.text));
        return;
      case 'teardown':
        if (event.error !== undefined) this.#line(this.#paint('yellow', `teardown, ${event.label}: ${event.error}`));
        return;
      case 'run-ended':
        return;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
  }

  prompt: View['prompt'] = async (_step, prompt, config, signal) => {
    this.#held ??= [];
    try {
      return await prompt(config, { signal });
    } finally {
      const lines = this.#held;
      this.#held = undefined;
      for (const line of lines) this.#line(line);
    }
  };

  #line(text: string): void {
    if (this.#held) this.#held.push(text);
    else this.#write(`${text}\n`);
  }

  #alive(): void {
    const now = performance.now();
    for (const [id, { since, line }] of this.#running) {
      this.#line(
        this.#paint(
          'dim',
          `… ${id} running for ${showDuration(now - since)}${line === '' ? '' : `: ${line.slice(0, 120)}`}`,
        ),
      );
    }
    if (this.#running.size === 0) return;
    this.#line(
      this.#paint(
        'dim',
        `… ${this.#ended} of ${plural(this.#steps.length, 'step')} after ${showDuration(now - this.#started)}`,
      ),
    );
  }
}
