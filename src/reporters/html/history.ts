import { showDuration } from '../../core/duration.ts';
import type { Fidelity, Verdict } from '../../core/outcome.ts';
import { href, markup, plural, type Markup } from './markup.ts';
import { page } from './page.ts';
import { sparkline } from './plots.ts';
import { verdictMark } from './summary.ts';
import { scrolls } from './scrolls.ts';

/** One run as the index shows it. */
export interface HistoryRun {
  id: string;
  milestone: string;
  title: string;
  startedAt: string;
  durationMs: number;
  verdict: Verdict;
  fidelity: Fidelity;
  commit: string | undefined;
  whole: boolean;
  passed: number;
  steps: number;
  findings: number;
  /** Facts that are numbers. */
  facts: Record<string, number>;
}

const maxTrends = 24;
/** Facts that name a thing rather than measure it. */
const identity = /(?:^|[./])(?:port|pid|id)(?:\.|$)/i;

/** reports/index.html: milestones and their runs, newest first, and how the facts moved. */
export function historyPage(runs: readonly HistoryRun[], unreadable: readonly string[]): string {
  const milestones = [...new Set(runs.map((run) => run.milestone))].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return page({
    title: 'Milestones and runs',
    linksPictures: false,
    body: markup`<div class="page"><nav aria-label="Milestones"><ul>${milestones.map((name) => markup`<li><a href="#m-${href(name)}">${name}</a></li>`)}</ul></nav><main id="main" tabindex="-1"><header><p class="by">verify</p><h1>Milestones and runs</h1></header>${runs.length === 0 && markup`<p>No run yet.</p>`}${milestones.map(
      (name) =>
        milestone(
          name,
          runs.filter((run) => run.milestone === name).toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),
        ),
    )}${unreadable.length > 0 && markup`<section aria-labelledby="unreadable-h"><h2 id="unreadable-h">Without a record</h2><p class="by">They died, are still running, or their record cannot be read.</p><ul>${unreadable.map((path) => markup`<li><code>${path}</code></li>`)}</ul></section>`}</main></div>`,
  });
}

function milestone(name: string, runs: readonly HistoryRun[]): Markup {
  const [last] = runs;
  return markup`<section id="m-${href(name)}" aria-labelledby="mh-${href(name)}"><h2 id="mh-${href(name)}">${name}</h2><p class="by">${last?.title} · ${plural(runs.length, 'run')}</p>${scrolls(
    `Runs of ${name}`,
    markup`<table><thead><tr><th scope="col">Run</th><th scope="col">Verdict</th><th scope="col" class="n">Steps passed</th><th scope="col" class="n">Findings</th><th scope="col" class="n">Took</th><th scope="col">Fidelity</th><th scope="col">Commit</th></tr></thead><tbody>${runs.map(
      (run) =>
        markup`<tr><th scope="row"><a href="${href(run.milestone)}/${href(run.id)}/FINAL_STATUS.html">${run.startedAt.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')}</a></th><td class="v-${run.verdict}"><span class="word"><span aria-hidden="true">${verdictMark[run.verdict]}</span> ${run.verdict}</span>${!run.whole && markup` <small>narrowed</small>`}</td><td class="n">${run.passed} of ${run.steps}</td><td class="n">${run.findings}</td><td class="n">${showDuration(run.durationMs)}</td><td>${run.fidelity}</td><td>${run.commit === undefined ? '–' : markup`<code>${run.commit.slice(0, 10)}</code>`}</td></tr>`,
    )}</tbody></table>`,
  )}${trends(runs.filter((run) => run.whole).toReversed())}</section>`;
}

/** Numbers over the whole runs, the oldest first: a plot of each that moved, and one line of those that stood still. */
function trends(runs: readonly HistoryRun[]): Markup | undefined {
  if (runs.length < 2) return undefined;
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.facts)))].filter((name) => !identity.test(name));
  const series = names.toSorted().flatMap((name) => {
    const values = runs.flatMap((run) => run.facts[name] ?? []);
    return values.length < 2 ? [] : [{ name, values, show: (v: number) => String(Number(v.toPrecision(6))) }];
  });
  const moved = [
    { name: 'duration', values: runs.map((run) => run.durationMs), show: showDuration },
    ...series.filter(({ values }) => new Set(values).size > 1),
  ];
  const still = series.filter(({ values }) => new Set(values).size === 1);
  return markup`<details open><summary>Trends over ${plural(runs.length, 'whole run')}</summary><div class="trends">${moved
    .slice(0, maxTrends)
    .map(
      ({ name, values, show }) =>
        markup`<figure>${sparkline(values, `${name}: ${values.map(show).join(', ')}`)}<figcaption><b>${name}</b> ${show(values[0] ?? 0)} → ${show(values.at(-1) ?? 0)}</figcaption></figure>`,
    )}</div>${moved.length > maxTrends && markup`<p class="by">… and ${moved.length - maxTrends} more that moved</p>`}${still.length > 0 && markup`<p class="by">Unchanged: ${still.slice(0, 60).map(({ name, values, show }, n) => markup`${n > 0 && ', '}${name} <b>${show(values[0] ?? 0)}</b>`)}</p>`}</details>`;
}
