import { showDuration } from '../../core/duration.ts';
import { anchor, markup, plural, scrolls, type Markup } from '../../reporters/html/markup.ts';
import { verdictMark } from '../../reporters/html/summary.ts';
import type { HistoryRun } from '../../reporters/html/history.ts';
import type { Plan } from '../desk.ts';
import { form, hidden, room, type Room } from '../layout.ts';

const maxRuns = 20;

/** Has the step a title of its own? Else it is the beginning of what the lines below it say. */
const said = ({ title, does }: Plan['rows'][number]): boolean =>
  !does.join(' ').includes(title.replace(/…$/, '').trimEnd());

/** What the checklist is and what would run, before anything does; and what was run before. */
export function startPage(where: Room, plan: Plan, runs: readonly HistoryRun[], trouble?: Markup): string {
  const { board } = where.desk;
  const last = runs.find((run) => run.whole && run.verdict === 'PASSED');
  const body = markup`<header><p class="by">Checklist · <b>${where.desk.milestone}</b></p><h1>${plan.title}</h1></header>${trouble}<p class="lead">${plural(plan.items.length, 'point')} to verify, in ${plural(plan.rows.length, 'step')}, on <code>${plan.target}</code>. Nothing runs until you start it; every command is listed below.</p><section class="panel" aria-labelledby="begin-h"><h2 id="begin-h">${board.going ? 'A run is going on' : 'Run the checklist'}</h2>${
    board.going
      ? markup`<p>It was started from this page.</p><p><a class="button" href="run">Watch it</a></p>`
      : markup`<p>It ${last === undefined ? markup`may take up to ${showDuration(plan.longestMs)}` : markup`took ${showDuration(last.durationMs)} when it last passed`}${plan.rows.some(({ uses }) => uses === 'stack/up') && markup`; the stack is brought up by the driver <code>${plan.driver}</code>`}. It can be stopped at any time, and then cleans up after itself.</p>${form(where, 'start', markup`${hidden('sha256', plan.sha256)}<button type="submit">Run ${plural(plan.rows.length, 'step')}</button>`)}`
  }</section><section class="plan" aria-labelledby="plan-h"><h2 id="plan-h">What would run</h2><p class="by"><code>${plan.path}</code>, sha256 <code class="hash">${plan.sha256}</code></p>${plan.items.map(
    (item) =>
      markup`<h3 id="${anchor('item', item.id)}">${item.title}</h3><p class="by">${item.impact}${item.ref !== undefined && markup` · makes true <code>${item.ref}</code>`}</p><div class="does">${plan.rows
        .filter((row) => row.item === item.id)
        .map(
          (row) =>
            markup`<h4>${row.id} <code>${row.uses}</code></h4><p class="by">${said(row) && markup`${row.title} · `}${row.needs.length > 0 && markup`after ${row.needs.join(', ')} · `}at most ${row.timeout}</p>${row.does.length > 0 && markup`<pre tabindex="0">${row.does.join('\n')}</pre>`}`,
        )}</div>`,
  )}</section>${earlier(runs)}`;
  return room(where, '', plan.title, body);
}

function earlier(runs: readonly HistoryRun[]): Markup {
  if (runs.length === 0)
    return markup`<section aria-labelledby="runs-h"><h2 id="runs-h">Earlier runs</h2><p>None: this milestone has not been run here.</p></section>`;
  return markup`<section aria-labelledby="runs-h"><h2 id="runs-h">Earlier runs</h2>${scrolls(
    'Earlier runs',
    markup`<table class="stacks"><thead><tr><th scope="col">Run</th><th scope="col">Verdict</th><th scope="col" class="n">Steps passed</th><th scope="col" class="n">Findings</th><th scope="col" class="n">Took</th><th scope="col">Pictures</th></tr></thead><tbody>${runs
      .slice(0, maxRuns)
      .map(
        (run) =>
          markup`<tr><th scope="row"><a href="runs/${run.id}/FINAL_STATUS.html">${run.startedAt.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')}</a></th><td class="v-${run.verdict}"><span class="word"><span aria-hidden="true">${verdictMark[run.verdict]}</span> ${run.verdict}</span>${run.waived > 0 && markup` <small>${run.waived} waived</small>`}${!run.whole && markup` <small>narrowed</small>`}</td><td class="n" data-of="Steps passed">${run.passed} of ${run.steps}</td><td class="n" data-of="Findings">${run.findings}</td><td class="n" data-of="Took">${showDuration(run.durationMs)}</td><td><a href="pictures?run=${run.id}">pictures</a></td></tr>`,
      )}</tbody></table>`,
  )}${runs.length > maxRuns && markup`<p class="by">… and ${runs.length - maxRuns} more</p>`}</section>`;
}
