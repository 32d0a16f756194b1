import { showDuration } from '../../core/duration.ts';
import type { Fidelity, Verdict } from '../../core/outcome.ts';
import type { ShownSignOff } from '../../core/sign-off.ts';
import { namesThing, showFact } from '../../core/words.ts';
import { href, instant, markup, plural, scrolls, type Markup } from './markup.ts';
import { page } from './page.ts';
import { sparkline } from './plots.ts';
import { verdictMark } from './summary.ts';

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
  /** Steps that failed, and whose failure a waiver accepts. */
  waived: number;
  steps: number;
  findings: number;
  /** Role → approvals that the policy asks for. */
  roles: Record<string, number>;
  signOffs: readonly Pick<ShownSignOff, 'role' | 'decision' | 'principal'>[];
  /** `step/fact` → value, of facts that are numbers. */
  facts: Record<string, number>;
}

/** Runs and plots that are open; the others are folded. */
const maxRows = 12;
const maxTrends = 24;
/** What a release is asked after: alerts, coverage, tests, P95 and benchmarks. */
const headline =
  /^(?:alerts\.count|drills\.coverage|tests\.passed|dashboards\.populated|claims\.false|bench\.worst)$|^slo\.|\.p95$/;

/** reports/index.html: milestones and their runs, newest first, who has signed, and how the facts moved. */
export function historyPage(runs: readonly HistoryRun[], unreadable: readonly string[]): string {
  const names = [...new Set(runs.map((run) => run.milestone))].toSorted((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  );
  const milestones = names.map((name) => ({
    name,
    runs: runs.filter((run) => run.milestone === name).toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),
  }));
  return page({
    title: 'Milestones and runs',
    linksPictures: false,
    body: markup`<div class="page"><nav aria-label="Milestones"><ul>${names.map((name) => markup`<li><a href="#m-${href(name)}">${name}</a></li>`)}</ul></nav><main id="main" tabindex="-1"><header><p class="by">verify</p><h1>Milestones and runs</h1><p class="by">Sign-offs are shown as they are written; whether they hold, <code>verify gate</code> says.</p></header>${runs.length === 0 && markup`<p>No run yet.</p>`}${milestones.map(milestone)}${unreadable.length > 0 && markup`<section aria-labelledby="unreadable-h"><h2 id="unreadable-h">Without a record</h2><p class="by">They died, are still running, or their record cannot be read.</p><ul>${unreadable.map((path) => markup`<li><code>${path}</code></li>`)}</ul></section>`}</main></div>`,
  });
}

function milestone({ name, runs }: { name: string; runs: readonly HistoryRun[] }): Markup {
  const [last] = runs;
  const id = href(name);
  const rest = runs.slice(maxRows);
  return markup`<section id="m-${id}" aria-labelledby="mh-${id}"><h2 id="mh-${id}">${name}</h2>${last && markup`<div class="now v-${last.verdict}"><b class="word"><span aria-hidden="true">${verdictMark[last.verdict]}</span> ${last.verdict}</b>${last.waived > 0 && markup`<span class="by">${plural(last.waived, 'step')} waived</span>`}<span>${last.title}</span><span class="by">${plural(runs.length, 'run')}, the last ${instant(last.startedAt)}</span></div>`}${table(name, runs.slice(0, maxRows))}${rest.length > 0 && markup`<details class="measured"><summary>${plural(rest.length, 'earlier run')}</summary>${table(`${name}, earlier`, rest)}</details>`}${trends(runs.filter((run) => run.whole).toReversed())}</section>`;
}

const table = (name: string, runs: readonly HistoryRun[]): Markup =>
  scrolls(
    `Runs of ${name}`,
    markup`<table><thead><tr><th scope="col">Run</th><th scope="col">Verdict</th><th scope="col">Sign-off</th><th scope="col" class="n">Steps passed</th><th scope="col" class="n">Findings</th><th scope="col" class="n">Took</th><th scope="col">Fidelity</th><th scope="col">Commit</th></tr></thead><tbody>${runs.map(
      (run) =>
        markup`<tr><th scope="row" class="nowrap"><a href="${href(run.milestone)}/${href(run.id)}/FINAL_STATUS.html">${instant(run.startedAt).replace(' UTC', '')}</a></th><td class="v-${run.verdict} nowrap"><span class="word"><span aria-hidden="true">${verdictMark[run.verdict]}</span> ${run.verdict}</span>${run.waived > 0 && markup` <small>${run.waived} waived</small>`}${!run.whole && markup` <small>narrowed</small>`}</td><td>${signState(run)}</td><td class="n">${run.passed} of ${run.steps}</td><td class="n">${run.findings}</td><td class="n">${showDuration(run.durationMs)}</td><td>${run.fidelity}</td><td>${run.commit === undefined ? '–' : markup`<code>${run.commit.slice(0, 10)}</code>`}</td></tr>`,
    )}</tbody></table>`,
  );

/** Who has signed, as it is written; whether the signatures hold is for the gate to say. */
function signState({ roles, signOffs }: HistoryRun): Markup {
  const rejected = signOffs.filter((one) => one.decision === 'reject');
  if (rejected.length > 0)
    return markup`<span class="bad">✘ rejected</span> <small>${rejected.map((one) => one.principal).join(', ')}</small>`;
  if (signOffs.length === 0) return markup`<small>not signed</small>`;
  const left = Object.entries(roles).filter(
    ([role, needed]) => signOffs.filter((one) => one.role === role).length < needed,
  );
  const by = signOffs.map((one) => one.principal).join(', ');
  return left.length === 0
    ? markup`<span class="good">✔ approved</span> <small>${by}</small>`
    : markup`<span>waits for ${left
        .map(([role]) => role)
        .toSorted()
        .join(', ')}</span> <small>approved by ${by}</small>`;
}

interface Trend {
  name: string;
  fact: string;
  values: number[];
}

/** Numbers over the whole runs, the oldest first: what a release is asked after as plots, the others folded. */
function trends(runs: readonly HistoryRun[]): Markup | undefined {
  if (runs.length < 2) return undefined;
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run.facts)))].toSorted();
  const factOf = (key: string): string => key.slice(key.indexOf('/') + 1);
  const times = new Map<string, number>();
  for (const key of keys) times.set(factOf(key), (times.get(factOf(key)) ?? 0) + 1);
  const all = keys.flatMap((key): Trend[] => {
    const fact = factOf(key);
    const values = runs.flatMap((run) => run.facts[key] ?? []);
    return values.length < 2 || namesThing(fact) ? [] : [{ name: times.get(fact) === 1 ? fact : key, fact, values }];
  });
  // Steps that count the same thing to the same numbers are told once.
  const told = new Set<string>();
  const series = all.filter(({ fact, values }) => {
    const same = `${fact}\0${values.join()}`;
    return !told.has(same) && told.add(same);
  });
  const moved = ({ values }: Trend): boolean => new Set(values).size > 1;
  const first = series.filter(({ fact }) => headline.test(fact));
  const others = series.filter(({ fact }) => !headline.test(fact));
  const duration: Trend = { name: 'duration', fact: 'durationMs', values: runs.map((run) => run.durationMs) };
  const still = others.filter((one) => !moved(one));
  const rest = others.filter(moved);
  return markup`<h3 class="of">Over ${plural(runs.length, 'whole run')}</h3>${plots([duration, ...first])}${rest.length + still.length > 0 && markup`<details class="measured"><summary>${plural(rest.length + still.length, 'other fact')}</summary>${plots(rest)}${still.length > 0 && markup`<p class="by">Unchanged: ${still.slice(0, 60).map(({ name, fact, values }, n) => markup`${n > 0 && ', '}${name} <b>${showFact(fact, values[0] ?? 0)}</b>`)}</p>`}</details>`}`;
}

const plots = (series: readonly Trend[]): Markup =>
  markup`<div class="trends">${series.slice(0, maxTrends).map(({ name, fact, values }) => {
    const show = (value: number): string => showFact(fact, value);
    const [from, to] = [show(values[0] ?? 0), show(values.at(-1) ?? 0)];
    return markup`<figure><figcaption><b>${name}</b></figcaption>${sparkline(values, `${name}: ${values.map(show).join(', ')}`)}<p class="by">${from === to ? markup`<b>${to}</b>` : markup`${from} → <b>${to}</b>`}</p></figure>`;
  })}</div>${series.length > maxTrends && markup`<p class="by">… and ${series.length - maxTrends} more</p>`}`;
