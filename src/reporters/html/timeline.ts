import { showDuration } from '../../core/duration.ts';
import type { RunRecord, StepRecord } from '../../core/record.ts';
import { anchor, markup, plural, signOf, type Markup } from './markup.ts';
import { timeAxis } from './drawings.ts';
import { px } from './plots.ts';

/** Above this many steps an item is one row; a row a step would be longer than anybody reads. */
export const maxRows = 200;
/** Milliseconds between the end of one step and the start of the next that waited for it: scheduling. */
const slack = 150;

const ran = (step: StepRecord): boolean => step.startedAt !== undefined && step.reusedFrom === undefined;
const end = (step: StepRecord): number => step.offsetMs + step.durationMs;

/**
 * The chain of steps that set the run's length, from its end backwards: before each step the one that it waited for, a step that
 * it needs or one that held its place or lock.
 */
export function criticalPath(steps: readonly StepRecord[]): string[] {
  const all = steps.filter(ran).toSorted((a, b) => end(a) - end(b));
  const byId = new Map(all.map((step) => [step.id, step]));
  const chain = new Set<string>();
  let limit = all.length;
  // A record from elsewhere may hold a circle of needs; a step is entered once.
  for (let step = all.at(-1); step && !chain.has(step.id);) {
    chain.add(step.id);
    const { offsetMs, needs } = step;
    const needed = needs.flatMap((id) => byId.get(id) ?? []).toSorted((a, b) => end(b) - end(a))[0];
    for (
      let last = all[limit - 1];
      last && (end(last) > offsetMs + 1 || last.offsetMs >= offsetMs);
      last = all[limit - 1]
    )
      limit--;
    const before = all[limit - 1];
    const late = (one: StepRecord | undefined): boolean => one !== undefined && end(one) >= offsetMs - slack;
    step = late(needed) || !late(before) ? needed : before;
  }
  return [...chain].toReversed();
}

/**
 * The steps without the time in which nothing but people's answers was waited for, so that a coffee break does not make every
 * program a hairline. @returns also how long that was, in milliseconds
 */
function withoutWaiting(steps: readonly StepRecord[]): { drawn: StepRecord[]; waited: number } {
  const byPerson = (step: StepRecord): boolean => step.uses === 'manual/confirm';
  const cuts: { from: number; to: number }[] = [];
  let busyUntil = 0;
  const busy = steps.filter((step) => !byPerson(step)).toSorted((a, b) => a.offsetMs - b.offsetMs);
  for (const [from, to] of [
    ...busy.map((step) => [step.offsetMs, end(step)] as const),
    [Math.max(0, ...steps.map(end)), Infinity] as const,
  ]) {
    const waiting = steps.some((step) => byPerson(step) && step.offsetMs < from && end(step) > busyUntil);
    // A second of it stays to be seen.
    if (waiting && from - busyUntil > 2000) cuts.push({ from: busyUntil + 1000, to: from });
    busyUntil = Math.max(busyUntil, to);
  }
  const squash = (at: number): number =>
    at - cuts.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at, to) - from), 0);
  const drawn = steps.map((step) => ({
    ...step,
    offsetMs: squash(step.offsetMs),
    durationMs: squash(end(step)) - squash(step.offsetMs),
  }));
  return { drawn, waited: cuts.reduce((sum, { from, to }) => sum + to - from, 0) };
}

export function timelineSection(record: RunRecord): Markup | undefined {
  const all = record.steps.filter(ran);
  if (all.length === 0) return undefined;
  const { drawn: steps, waited } = withoutWaiting(all);
  const took = new Map(all.map((step) => [step.id, step.durationMs]));
  const total = Math.max(1, ...steps.map(end));
  const chain = criticalPath(record.steps);
  const critical = new Set(chain);
  const whole = steps.length <= maxRows;
  return markup`<section id="timeline" aria-labelledby="timeline-h"><h2 id="timeline-h">Timeline</h2><p>${plural(steps.length, 'step')} in ${showDuration(total)}${waited > 0 && `, and ${showDuration(waited)} of waiting for people, left out here`}. ${whole ? markup`The critical path is marked <span class="crit">◆</span>: ${chain.slice(-12).map((id, n) => markup`${n > 0 && ' → '}<a href="#${anchor('step', id)}"><code>${id}</code></a>`)}.` : 'One row an item.'}</p><table class="timeline"> <caption class="hidden"> When each step ran </caption><thead><tr><th scope="col">Step</th><th scope="col">${timeAxis(total)}</th><th scope="col" class="n">Time</th></tr></thead> ${whole ? markup`<tbody>${steps.toSorted((a, b) => a.offsetMs - b.offsetMs || end(a) - end(b)).map((step) => row(step, total, critical.has(step.id), took.get(step.id)))}</tbody>` : record.items.map((item) => laneOf(item, steps, total))}</table></section>`;
}

/** @param took milliseconds, where the row is drawn shorter */
export function row(step: StepRecord, total: number, critical: boolean, took = step.durationMs): Markup {
  return markup`<tr><th scope="row"> ${critical && markup`<span class="crit" title="on the critical path">◆</span>`}<a href="#${anchor('step', step.id)}">${step.id}</a></th><td class="when"><svg viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label="${step.outcome}, from ${showDuration(step.offsetMs)}"><path class="rail" d="M0 6H1000"/><rect class="o-${step.outcome}${critical ? ' on' : ''}" ${place(step, total)} y="1" height="10" rx="2"/></svg></td><td class="n"> ${showDuration(took)}<span class="mark o-${step.outcome}" aria-hidden="true">${signOf(step.outcome)}</span></td></tr> `;
}

function laneOf(item: RunRecord['items'][number], steps: readonly StepRecord[], total: number): Markup | undefined {
  const mine = steps.filter((step) => step.item === item.id);
  if (mine.length === 0) return undefined;
  return markup`<tbody><tr><th class="group" colspan="3" scope="rowgroup">${item.title}</th></tr>${lane(mine, total)}</tbody>`;
}

const place = (step: StepRecord, total: number): Markup =>
  markup`x="${px((step.offsetMs / total) * 1000)}" width="${px(Math.max(3, (step.durationMs / total) * 1000))}"`;

/** All steps of an item in one row, a path for each outcome; steps that would be drawn over each other are drawn once. */
export function lane(steps: readonly StepRecord[], total: number): Markup {
  const paths = new Map<string, Set<string>>();
  for (const step of steps) {
    const from = Math.round((step.offsetMs / total) * 500) * 2;
    const width = Math.max(2, Math.round((step.durationMs / total) * 500) * 2);
    const path = paths.get(step.outcome) ?? new Set();
    paths.set(step.outcome, path.add(`M${from} 1h${width}v10h-${width}z`));
  }
  const sum = steps.reduce((ms, step) => ms + step.durationMs, 0);
  return markup`<tr><th scope="row">${plural(steps.length, 'step')}</th><td class="when"><svg viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true"><path class="rail" d="M0 6H1000"/> ${[...paths].map(([outcome, path]) => markup`<path class="o-${outcome}" d="${[...path].join('')}"/>`)} </svg></td><td class="n">${showDuration(sum)}</td></tr>`;
}
