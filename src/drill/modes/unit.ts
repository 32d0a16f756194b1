import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepContext } from '../../core/step.ts';
import { lenientTree } from '../../formats/promql/read.ts';
import { walk } from '../../formats/promql/tree.ts';
import { rulesFileOf, type AlertRule, type RuleSet } from '../alerts.ts';
import type { Schedule } from '../courses.ts';
import type { Promtool } from './promtool.ts';
import type { DrillSeries } from '../series.ts';
import {
  attemptsOf,
  nearest,
  problemOf,
  readValues,
  seriesFor,
  sortTried,
  type Problem,
  type Sorted,
  type Tried,
} from '../solve.ts';
import {
  proofFile,
  readProof,
  readProofs,
  readSearch,
  searchFile,
  type Asked,
  type Attempt,
  type Proof,
  type Proven,
} from '../unit-file.ts';

/** Series that the checklist gives for an alert, in promtool's notation. */
export interface GivenSeries {
  interval: number;
  firing: { series: string; values: string }[];
  quiet: { series: string; values: string }[];
}

/** What came of an alert in `unit`. */
export interface Solution {
  state: 'proven' | 'unconditional' | 'steady' | 'unsolved' | 'refused';
  /** Combinations tried. */
  tried: number;
  substituted: boolean;
  given: boolean;
  schedule: Schedule;
  firing: DrillSeries[];
  quiet: DrillSeries[];
  proven?: Proven;
  /** Why not, in promtool's words. */
  errors: string[];
}

/** Where a search works. */
interface Bench {
  ctx: StepContext;
  tool: Promtool;
  folder: string;
}

interface Case {
  problem: Problem;
  alert: AlertRule;
  solution: Solution;
  candidates: { firing: Tried; quiet: Tried | undefined }[];
}

const rounds = [24, 150, 600];
const proofRounds = 5;

/** Finds, for every alert, series that make it fire and series that do not, and proves both with the unmodified rule. */
export async function solveAll(
  ctx: StepContext,
  tool: Promtool,
  set: RuleSet,
  alerts: readonly AlertRule[],
  given: Readonly<Record<string, GivenSeries>>,
): Promise<Solution[]> {
  const bench: Bench = { ctx, tool, folder: ctx.evidence.scratch() };
  const cases = alerts.map((alert, n): Case => {
    const problem = problemOf(`a${n}`, alert, set.records);
    return { problem, alert, candidates: [], solution: blank(problem) };
  });
  const open = cases.filter((one) => !useGiven(one, given[one.alert.rule.name]));
  await solve(bench, open);
  // Where computing the recorded series did not work, they are given.
  const again = open.filter(({ solution, problem }) => solution.state === 'unsolved' && problem.records.length > 0);
  for (const one of again) {
    const tried = one.solution.tried;
    one.problem = problemOf(one.problem.id, one.alert, set.records, true);
    one.solution = { ...blank(one.problem), tried };
    one.candidates = [];
  }
  if (again.length > 0) await solve(bench, again);
  await prove(
    bench,
    cases.filter(({ solution }) => solution.given),
    true,
  );
  for (const { problem, solution } of cases) {
    // Floats are not what it reads: that none of them changes anything says nothing.
    if (solution.given || !['unconditional', 'unsolved'].includes(solution.state) || !readsNative(problem.expr))
      continue;
    solution.state = 'unsolved';
    solution.errors.push('native histograms are not tried');
  }
  return cases.map(({ solution }) => solution);
}

const blank = (problem: Problem): Solution => ({
  state: 'unsolved',
  tried: 0,
  substituted: problem.substituted,
  given: false,
  schedule: problem.schedule,
  firing: [],
  quiet: [],
  errors: [],
});

function useGiven(one: Case, given: GivenSeries | undefined): boolean {
  if (!given) return false;
  const read = (list: GivenSeries['firing']): DrillSeries[] =>
    list.map(({ series, values }) => {
      const name = /^[^{]*/.exec(series)?.[0] ?? '';
      const labels = [...series.matchAll(/([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g)].map(
        ([, key = '', value = '']) => [key, value],
      );
      return {
        name: name.trim(),
        labels: Object.fromEntries(labels) as Record<string, string>,
        text: values,
        values: readValues(values),
      };
    });
  const firing = read(given.firing);
  const length = Math.max(0, ...firing.map(({ values }) => values.length - 1));
  const { evaluation } = one.solution.schedule;
  const total = Math.floor((length * given.interval) / evaluation) * evaluation;
  Object.assign(one.solution, { given: true, firing, quiet: read(given.quiet) });
  one.solution.schedule = { ...one.solution.schedule, step: given.interval, total };
  return true;
}

async function solve(bench: Bench, cases: readonly Case[]): Promise<void> {
  let open = cases.filter(({ problem }) => problem.needs.sources.length > 0);
  for (const limit of rounds) {
    bench.ctx.progress(`searching series for ${open.length} alerts`);
    const sorted = await searchRound(bench, open, limit);
    open.forEach((one, n) => {
      const found = sorted[n];
      if (found) sort(one, found, limit === rounds.at(-1));
    });
    await prove(
      bench,
      open.filter((one) => one.candidates.length > 0),
      false,
    );
    open = open.filter(({ solution }) => solution.state === 'unsolved');
    if (open.length === 0) break;
  }
  const steady = cases.filter(({ problem }) => problem.needs.sources.length === 0);
  await prove(bench, steady, false);
}

function sort(one: Case, found: Sorted, last: boolean): void {
  one.solution.errors = found.errors;
  const quiet = found.firing[0] ? nearest(found.firing[0], found.quiet) : [];
  one.candidates = found.firing.slice(0, proofRounds).flatMap((firing, n) => {
    const partner = n === 0 ? quiet[0] : nearest(firing, found.quiet)[n % 3];
    return partner || last ? [{ firing, quiet: partner ?? quiet[0] }] : [];
  });
  // Only what fired in a good many ways, and never did not, is called unconditional.
  if (found.quiet.length === 0 && found.complete < 8) one.candidates = [];
}

/** One search over all cases, shared out to two promtools. */
async function searchRound(bench: Bench, cases: readonly Case[], limit: number): Promise<Sorted[]> {
  const work = cases.map(({ problem }) => attemptsOf(problem, limit));
  work.forEach(({ tried }, n) => {
    const one = cases[n];
    if (one) one.solution.tried += tried.length;
  });
  const halves = [0, 1].map((half) => work.flatMap(({ attempts }, n) => (n % 2 === half ? attempts : [])));
  const answers = await Promise.all(halves.map((attempts, half) => search(bench, `search-${limit}-${half}`, attempts)));
  const asked = new Map<string, Asked>(answers.flatMap((map) => [...map]));
  return cases.map(({ problem }, n) => sortTried(problem, work[n]?.tried ?? [], asked));
}

async function search(
  bench: Bench,
  name: string,
  attempts: readonly (Attempt & { step: number })[],
): Promise<Map<string, Asked>> {
  if (attempts.length === 0) return new Map();
  const file = join(bench.folder, `${name}.json`);
  await writeFile(file, searchFile(attempts));
  const result = await bench.tool.run(['test', 'rules', file], name, bench.folder);
  const found = readSearch(result.stderr);
  if (found.size > 0 || result.code === 0) return found;
  // One expression that promtool cannot read spoils the whole file: each alert by itself, then.
  const ids = [...new Set(attempts.map(({ id }) => id.split('-')[0] ?? ''))];
  const reason = result.stderr.trim().split('\n').at(-1) ?? '';
  if (ids.length <= 1) return new Map(attempts.map(({ id }) => [id, { hits: [], error: reason.trim() }]));
  const all = new Map<string, Asked>();
  for (const id of ids)
    for (const entry of await search(
      bench,
      `${name}-${id}`,
      attempts.filter((one) => one.id.startsWith(`${id}-`)),
    ))
      all.set(...entry);
  return all;
}

/** Proves candidates one after the other, all alerts at once, until each is proven or has none left. */
async function prove(bench: Bench, cases: readonly Case[], given: boolean): Promise<void> {
  let open = [...cases];
  for (let n = 0; n < proofRounds && open.length > 0; n++) {
    bench.ctx.progress(`proving ${open.length} alerts with the unmodified rules`);
    const round = open.flatMap((one) => {
      const candidate = one.candidates[n];
      if (candidate) {
        one.solution.firing = seriesFor(one.problem, candidate.firing);
        one.solution.quiet = candidate.quiet ? seriesFor(one.problem, candidate.quiet) : [];
        const lead = Math.max(candidate.firing.combination.lead, candidate.quiet?.combination.lead ?? 0);
        one.solution.schedule = { ...one.problem.schedule, total: one.problem.schedule.total + lead };
      } else if (one.candidates.length > 0 || n > 0) return [];
      return [{ one, quiet: candidate ? candidate.quiet !== undefined : given }];
    });
    const halves = [0, 1].map((half) => round.filter((_, at) => at % 2 === half));
    await Promise.all(halves.map((half, at) => proveSome(bench, half, `proof-${at}`)));
    open = round.map(({ one }) => one).filter(({ solution }) => solution.state === 'unsolved');
  }
  for (const { solution } of open) {
    solution.firing = [];
    solution.quiet = [];
  }
}

async function proveSome(bench: Bench, round: readonly { one: Case; quiet: boolean }[], name: string): Promise<void> {
  if (round.length === 0) return;
  const files: string[] = [];
  await mkdir(bench.folder, { recursive: true });
  for (const { one, quiet } of round) {
    const { id, alert, records } = one.problem;
    const { schedule, firing, quiet: calm } = one.solution;
    const rules = rulesFileOf(alert, records);
    const proof: Proof = {
      step: schedule.step,
      evaluation: schedule.evaluation,
      end: schedule.total,
      alert: alert.rule.name,
      firing,
      quiet: quiet ? calm : undefined,
    };
    const text = proofFile(id, `${id}.rules.yml`, proof);
    const file = join(bench.folder, `${id}.test.json`);
    await writeFile(join(bench.folder, `${id}.rules.yml`), rules);
    await writeFile(file, text);
    files.push(file);
  }
  const result = await bench.tool.run(['test', 'rules', ...files], name, bench.folder);
  const parts = readProofs(result.stderr);
  for (const { one, quiet } of round) {
    await keep(bench, one.problem);
    const proven = readProof(one.problem.id, parts, quiet);
    one.solution.proven = proven;
    one.solution.state = stateOf(proven, parts.has(`${one.problem.id}-refused`), one.problem.needs.sources.length);
    if (proven.error !== undefined && !one.solution.errors.includes(proven.error))
      one.solution.errors.push(proven.error);
  }
}

/** Keeps what was run: the rule and its test can be run again with promtool. */
async function keep(bench: Bench, { id, alert }: Problem): Promise<void> {
  for (const end of ['rules.yml', 'test.json'])
    await bench.ctx.evidence.write(
      `${id}-${alert.rule.name}.${end}`,
      await readFile(join(bench.folder, `${id}.${end}`), 'utf8'),
    );
}

const ofNative = /^histogram_(?:fraction|avg|count|sum|stddev|stdvar|quantile)$/;

/** Does it ask a histogram itself, not its buckets? Such samples are not tried. */
function readsNative(expr: string): boolean {
  for (const [one] of walk(lenientTree(expr)))
    if (one.kind === 'call' && ofNative.test(one.name))
      for (const [inner] of walk(one))
        if (inner.kind === 'selector' && (inner.name === undefined || !inner.name.endsWith('_bucket'))) return true;
  return false;
}

function stateOf(proven: Proven, refused: boolean, sources: number): Solution['state'] {
  if (refused) return 'refused';
  const fires = proven.labels.length > 0 && proven.firingAt !== undefined && proven.error === undefined;
  if (!fires) return 'unsolved';
  if (proven.quiet === undefined) return sources === 0 ? 'steady' : 'unconditional';
  return proven.quiet ? 'proven' : 'unsolved';
}
