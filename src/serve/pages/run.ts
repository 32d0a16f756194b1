import { showDuration } from '../../core/duration.ts';
import { verdictMeaning } from '../../core/words.ts';
import { anchor, markup, plural, signOf, type Markup } from '../../reporters/html/markup.ts';
import { verdictMark } from '../../reporters/html/summary.ts';
import type { Board, BoardStep, StepState } from '../board.ts';
import { form, problem, room, type Room } from '../layout.ts';

/** Milliseconds below which nobody waits, and nobody wants to know how long it usually takes. */
const worthSaying = 1000;

const marks: Record<'waiting' | 'running', string> = { waiting: '·', running: '▸' };
const sign = (state: StepState): string => (state === 'waiting' || state === 'running' ? marks[state] : signOf(state));

/** The run as it goes: the page's script keeps it up to date; without script it is right at every reload. */
export function runPage(where: Room): string {
  const { board } = where.desk;
  if (board.number === 0) {
    return room(
      where,
      'run',
      'No run',
      markup`<h1>No run is going on</h1><p>This page shows a run while it goes. <a href="./">Read what would run, and start it</a>.</p>`,
    );
  }
  const title =
    board.phase === 'ended' ? (board.verdict ?? 'Ended') : board.phase === 'refused' ? 'Not run' : 'Running';
  const told = board.told(Number.MAX_SAFE_INTEGER);
  const body = markup`<div data-live="${board.number}" data-version="${told.version}" data-phase="${board.phase}"><header><p class="by">Run · <b>${where.desk.milestone}</b>${board.runId !== undefined && ` · ${board.runId}`}</p><h1>${heading(board)}</h1></header>${board.refusal && problem(board.refusal.message, board.refusal.hint?.split('\n') ?? [])}${board.phase === 'ended' && result(board)}${
    board.going &&
    markup`<div class="ask" data-ask hidden><p><strong>A person is asked.</strong> <span data-question></span></p><p><a class="button" href="questions">Look and answer</a></p></div>`
  }<div class="bar-top"><p class="figures"><b data-count>${told.done} of ${plural(told.total, 'step')}</b> · <span data-elapsed>${showDuration(board.elapsedMs)}</span></p>${
    board.going &&
    form(
      where,
      'stop',
      markup`<button class="quiet" type="submit"${board.phase === 'stopping' && markup` disabled`}>${board.phase === 'stopping' ? 'Stopping …' : 'Stop and clean up'}</button>`,
    )
  }</div>${told.total > 0 && markup`<progress aria-label="Steps that have ended" max="${told.total}" value="${told.done}"></progress>`}<p class="hidden" role="status" data-status></p><p class="problem" data-lost hidden></p>${board.notices.length > 0 && markup`<ul class="notes">${board.notices.map((text) => markup`<li>${text}</li>`)}</ul>`}${steps(board)}</div>`;
  return room(where, 'run', title, body);
}

function heading(board: Board): string {
  switch (board.phase) {
    case 'starting':
      return 'Taking stock of the tree';
    case 'stopping':
      return 'Stopping, and cleaning up';
    case 'ended':
      return 'The run has ended';
    case 'refused':
      return 'It could not be run';
    case 'running':
    case 'none':
      return 'The checklist runs';
  }
}

function result(board: Board): Markup | undefined {
  const { verdict } = board;
  if (verdict === undefined) return undefined;
  const waived = board.waived();
  return markup`<section class="verdict v-${verdict}" aria-labelledby="verdict-h"><h2 id="verdict-h"><span class="mark" aria-hidden="true">${verdictMark[verdict]}</span> ${verdict}${waived.length > 0 && ` with ${waived.length} waived ${waived.length === 1 ? 'step' : 'steps'}`}</h2><p class="meaning">${verdictMeaning[verdict]}${waived.length > 0 && ` Failed, and accepted by a waiver: ${waived.join(', ')}.`}</p><p class="actions"><a class="button" href="pictures">Look at the pictures</a> <a href="runs/${board.runId ?? ''}/FINAL_STATUS.html">The whole report</a> <a href="sign">Sign or reject</a></p></section>`;
}

function steps(board: Board): Markup {
  const items = [...new Set(board.steps.map((step) => step.item))];
  return markup`<section aria-label="Steps">${items.map(
    (item) =>
      markup`<h2 class="of">${board.announced.items.get(item) ?? item}</h2><ul class="live">${board.steps
        .filter((step) => step.item === item)
        .map(row)}</ul>`,
  )}</section>`;
}

function row(step: BoardStep): Markup {
  const { id, state, typicalMs, tookMs, attempt } = step;
  const time = tookMs === undefined || state === 'skipped' ? '' : showDuration(tookMs);
  return markup`<li class="o-${state}" id="${anchor('step', id)}" data-step="${id}"><span class="mark" aria-hidden="true">${sign(state)}</span><span class="name"><b>${step.title}</b> <code>${id}</code><span class="word">${state}${attempt > 1 && `, attempt ${attempt}`}</span></span><span class="time"><span data-time>${time}</span>${typicalMs !== undefined && typicalMs >= worthSaying && markup` <small>usually ${showDuration(typicalMs)}</small>`}</span><span class="line">${step.line}</span></li>`;
}
