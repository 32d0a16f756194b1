import { showDuration } from '../../core/duration.ts';
import { keyNumbers } from '../../core/numbers.ts';
import { outcomes, type Outcome, type Verdict } from '../../core/outcome.ts';
import type { RunRecord } from '../../core/record.ts';
import type { ShownSignOff } from '../../core/sign-off.ts';
import { sinceLines } from '../../core/since.ts';
import { accepted } from '../../core/waive.ts';
import {
  aboveAll,
  countLine,
  countSteps,
  isOpen,
  meaningOf,
  reusedByRun,
  reusedText,
  verdictText,
  reducedText,
} from '../../core/words.ts';
import { askedSection } from './asked.ts';
import { openText } from './items.ts';
import { anchor, clip, instant, markup, plural, signOf, type Markup } from './markup.ts';
import { px } from './plots.ts';

export const verdictMark: Record<Verdict, string> = { PASSED: '✔', FAILED: '✘', INCONCLUSIVE: '?', INCOMPLETE: '☐' };

const maxReasons = 12;

/** The verdict, what it rests on, and what stands between this run and PASSED. */
export function summarySection(record: RunRecord, given: readonly ShownSignOff[], notices: readonly string[]): Markup {
  const counts = countSteps(record);
  const waived = record.verdict === 'PASSED' && accepted(record.steps).length > 0;
  return markup`<header><p class="by">FINAL STATUS · <b>${record.run.milestone}</b></p><h1>${record.run.title}</h1></header>${notices.length > 0 && markup`<p class="notice">${notices.join(' ')}</p>`}<section class="verdict v-${record.verdict}${waived && ' with-waivers'}" aria-labelledby="verdict-h"><h2 id="verdict-h"> <span class="mark" aria-hidden="true">${waived ? signOf('waived') : verdictMark[record.verdict]}</span> ${verdictText(record)} </h2><p class="meaning">${meaningOf(record)}</p><p>${counts.total === 0 ? 'There is no step: nothing was asserted.' : `${countLine(counts)}; ${plural(counts.proofs, 'assertion')} held.`}</p> ${outcomeBar(counts.steps, counts.total)} ${numbers(record)} ${aboveAll(record).map((text) => markup`<p><strong>${text}</strong></p>`)} ${record.fidelity === 'reduced' && markup`<p><strong>Reduced fidelity:</strong> ${reducedText(record)}.</p>`} ${reused(record)}</section> ${acceptedFailures(record)} ${reasons(record)} ${askedSection(record, given)} ${sinceSection(record)} ${identity(record)}`;
}

/** What was found and accepted, right below the verdict: by whom, and until when. */
function acceptedFailures({ steps }: RunRecord): Markup | undefined {
  const found = accepted(steps);
  if (found.length === 0) return undefined;
  return markup`<section class="reasons" aria-labelledby="waived-h"><h2 id="waived-h">Failures that a waiver accepts</h2><ul>${found
    .slice(0, maxReasons)
    .map(
      ({ step, what, why }) =>
        markup`<li class="o-waived"> <span class="mark" aria-hidden="true">${signOf('waived')}</span> <a href="#${anchor('step', step)}">${step}</a> <span class="word">waived</span>: ${clip(what, 300)}<br><span class="why">${why}</span></li>`,
    )}${found.length > maxReasons && markup`<li>… and ${found.length - maxReasons} more</li>`}</ul></section>`;
}

/** The numbers that readers look for first. */
function numbers(record: RunRecord): Markup | undefined {
  const found = keyNumbers(record);
  if (found.length === 0) return undefined;
  return markup`<dl class="numbers" aria-label="The numbers">${found.map(
    ({ label, value, note }) =>
      markup`<div><dt>${label}</dt><dd><b>${value}</b>${note !== undefined && markup` <small>${note}</small>`}</dd></div>`,
  )}</dl>`;
}

/** Which steps did not run in this run, and from when their evidence is. */
function reused({ steps }: RunRecord): Markup | undefined {
  const runs = reusedByRun(steps);
  if (runs.length === 0) return undefined;
  const count = runs.reduce((sum, run) => sum + run.steps.length, 0);
  return markup`<p><strong>Resumed:</strong> ${count} of ${plural(steps.length, 'step')} did not run in this run. ${runs.map(
    ({ from, steps: ids }) =>
      markup`Reused ${reusedText(from)}: ${ids.slice(0, maxReasons).map((id, n) => markup`${n > 0 && ', '}<a href="#${anchor('step', id)}">${id}</a>`)}${ids.length > maxReasons && ` and ${ids.length - maxReasons} more`}. `,
  )}</p>`;
}

/** The outcomes as parts of one bar; one step of ten thousand is still to be seen. */
function outcomeBar(counts: Record<Outcome, number>, total: number): Markup | undefined {
  if (total === 0) return undefined;
  const parts = outcomes.filter((outcome) => counts[outcome] > 0);
  const widths = parts.map((outcome) => Math.max(8, (counts[outcome] / total) * 1000));
  const sum = widths.reduce((all, one) => all + one, 0);
  let x = 0;
  return markup`<svg class="outcomes" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${parts.map(
    (outcome, n) => {
      const width = ((widths[n] ?? 0) / sum) * 1000;
      const from = x;
      x += width;
      return markup`<rect class="o-${outcome}" x="${px(from)}" width="${px(Math.max(3, width - 3))}" height="10"/>`;
    },
  )}</svg>`;
}

function reasons(record: RunRecord): Markup | undefined {
  const { run, tree } = record;
  const rows: Markup[] = [];
  if (run.bug !== undefined)
    rows.push(markup`<li><b>A defect of verify itself</b>: ${clip(run.bug.split('\n')[0] ?? '', 300)}</li>`);
  if (run.interrupted !== undefined) rows.push(markup`<li>The run was interrupted: ${run.interrupted}.</li>`);
  if (run.narrowedBy.length > 0)
    rows.push(
      markup`<li> The run was narrowed by ${run.narrowedBy.map((by, n) => markup`${n > 0 && ', '}<code>${by}</code>`)}: it cannot be signed.</li>`,
    );
  if (tree.changed.length > 0)
    rows.push(
      markup`<li> The tree changed during the run: ${tree.changed.slice(0, 5).map((path, n) => markup`${n > 0 && ', '}<code>${path}</code>`)}${tree.changed.length > 5 && ` and ${tree.changed.length - 5} more`}.</li>`,
    );
  const skipped = record.steps.filter((step) => step.outcome === 'skipped');
  const weighing = outcomes
    .slice(0, outcomes.indexOf('waived'))
    .filter((outcome) => outcome !== 'skipped' || skipped.length <= 3)
    .flatMap((outcome) => record.steps.filter((step) => step.outcome === outcome));
  for (const step of weighing.slice(0, maxReasons)) {
    const text = openText(step, step.findings.filter(isOpen));
    rows.push(
      markup`<li class="o-${step.outcome}"> <span class="mark" aria-hidden="true">${signOf(step.outcome)}</span> <a href="#${anchor('step', step.id)}">${step.id}</a> <span class="word">${step.outcome}</span>: ${text}</li>`,
    );
  }
  if (weighing.length > maxReasons) rows.push(markup`<li>… and ${weighing.length - maxReasons} more steps</li>`);
  if (skipped.length > 3)
    rows.push(
      markup`<li class="o-skipped"> <span class="mark" aria-hidden="true">${signOf('skipped')}</span> ${plural(skipped.length, 'step')} <span class="word">skipped</span>: ${skipped.slice(0, maxReasons).map(({ id }, n) => markup`${n > 0 && ', '}<a href="#${anchor('step', id)}">${id}</a>`)}${skipped.length > maxReasons && ` and ${skipped.length - maxReasons} more`}</li>`,
    );
  if (rows.length === 0) return undefined;
  return markup`<section class="reasons" aria-labelledby="why-h"><h2 id="why-h">Why not PASSED</h2><ul>${rows}</ul></section>`;
}

/** What has changed since the run that was approved last. */
function sinceSection({ since }: RunRecord): Markup | undefined {
  if (since === undefined) return undefined;
  const lines = sinceLines(since);
  const at = since.commit === undefined ? '' : markup`, commit <code>${since.commit.slice(0, 12)}</code>`;
  return markup`<section class="reasons" aria-labelledby="since-h"><h2 id="since-h">Since the last approved run</h2><p class="by"><code>${since.run}</code>, ${instant(since.startedAt)}${at}${since.tags !== undefined && `, tag ${since.tags.join(', ')}`}: ${since.verdict}</p>${lines.length === 0 ? markup`<p>Every step came out the same, with the same numbers.</p>` : markup`<ul>${lines.slice(0, maxReasons).map((line) => markup`<li>${line}</li>`)}${lines.length > maxReasons && markup`<li>… and ${lines.length - maxReasons} more: <code>verify diff</code></li>`}</ul>`}</section>`;
}

function identity(record: RunRecord): Markup {
  const { run, tree, checklist } = record;
  const rows: [string, Markup | string][] = [
    [
      'Commit',
      tree.commit === undefined
        ? 'none'
        : markup`<code>${tree.commit.slice(0, 12)}</code>${tree.branch !== undefined && ` on ${tree.branch}`}${tree.tags !== undefined && markup`, tag ${tree.tags.map((tag, n) => markup`${n > 0 && ', '}<b>${tag}</b>`)}`}`,
    ],
    [
      'Tree',
      tree.dirty.length === 0
        ? `clean, ${plural(tree.files, 'file')}`
        : markup`<b>not clean</b>: ${plural(tree.dirty.length, 'path')} differ`,
    ],
    [
      'Run',
      markup`<code>${run.id}</code>${record.merged && `, merged: ${record.merged.shards.length} of ${plural(record.merged.of, 'shard')}`}`,
    ],
    ['Started', instant(run.startedAt)],
    ['Took', showDuration(run.durationMs)],
    ['Fidelity', `${record.fidelity}, driver ${run.driver}`],
    ['Checklist', markup`<code>${checklist.path}</code>, sha256 <code>${checklist.sha256.slice(0, 12)}…</code>`],
    ...(run.source === undefined ? [] : [['Makes true', markup`<code>${run.source}</code>`] as [string, Markup]]),
    ['Made by', `verify ${record.tool.version}`],
  ];
  return markup`<dl class="facts" aria-label="The run">${rows.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
