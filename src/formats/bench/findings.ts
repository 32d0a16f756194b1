import { error, inconclusive, note, warning, type Judge } from '../../core/step.ts';
import type { PlotOf } from '../../core/plot.ts';
import { type Compared, isOf, measuresOf, type OperationClass } from './comparison.ts';
import { recompute, thresholdsOf } from './document.ts';
import type { Baseline, Benchmark, Collected, Figure } from './results.ts';
import type { MarkdownTable } from '../documents/tables.ts';
import { type Kind, showQuantity } from '../data/quantity.ts';

/** What bench/compare has seen, apart from the commands. */
export interface BenchSeen {
  /** Fingerprint of this host. */
  host: string;
  results: Collected;
  /** The results of the confirming run. */
  again?: Collected;
  baseline?: Baseline;
  /** Tables of the document; absent where it is not there. */
  tables?: MarkdownTable[];
}

export const problems = {
  'run-failed': error('The benchmarks did not run to their end', 'read the output in the evidence'),
  'not-started': inconclusive('The benchmarks could not be started', 'install the program, or correct its name'),
  'no-results': inconclusive(
    'There is no result of a benchmark',
    'correct `results`, or see what the benchmarks write',
  ),
  'bad-results': inconclusive('A file of results cannot be read', 'write a list of { name, unit, value }'),
  'stale-results': inconclusive(
    'The results are not of this run',
    'make them with `run` or an earlier step, or accept an age with `maxAge`',
  ),
  'other-host': inconclusive('The results are of another host', 'run the benchmarks on this host'),
  'too-few': error('Fewer benchmarks than promised', 'was one renamed, or left out by a filter?'),
  'no-baseline': inconclusive(
    'There is no baseline of this host',
    'accept a good run as the baseline: commit its evidence results.json where `baseline.files` looks',
  ),
  'baseline-missing-bench': inconclusive(
    'A benchmark of the baseline has no result',
    'run it too, or make a new baseline',
  ),
  regression: error(
    'A benchmark is slower than its baseline allows',
    'find the change that cost it (git bisect), or accept a new baseline',
  ),
  'too-noisy': inconclusive(
    'A regression can be neither proven nor excluded',
    'measure longer or on a quieter host, or set `confirm: true`',
  ),
  'limit-exceeded': error('A figure is past its limit', 'make it faster, or change the objective'),
  'not-measured': inconclusive(
    'A limit is set for a figure that nobody measures',
    'make the benchmark give it: p95 and p99 stand in the small JSON, criterion has none',
  ),
  'class-without-bench': error('A class of operation has no benchmark', 'correct its pattern, or add the benchmark'),
  'document-missing': error('The benchmark document is not there', 'correct its path'),
  'no-thresholds': error(
    'The document has no table of thresholds',
    'correct the heading in `document.thresholds`, or set it to false',
  ),
  'false-pass': error(
    'A row claims PASS, and its numbers say otherwise',
    'correct the mark or the figures, and see how it came to be',
  ),
  'process-left': error('The benchmark left a process running', 'wait for it or end it in what started it'),
  'unclear-pass': warning(
    'A row claims PASS, and its numbers do not show it',
    'give the number, and say in the head which figure the target is of: `objective (P95)`',
  ),
  'false-fail': warning('A row claims a miss, and its numbers meet the target', 'correct the mark or the figures'),
  'not-confirmed': note('The second run did not show it again', 'the host is noisy'),
  unused: note('Some results were left out', 'remove what earlier benchmarks left behind'),
} as const;
type J = Judge<typeof problems>;

export const isOfAnother = (o: BenchSeen): boolean => o.results.host !== undefined && o.results.host !== o.host;

export function judgeResults(j: J, o: BenchSeen, path: string, min: number): void {
  const { benchmarks, stale, bad, host } = o.results;
  const names = new Set(benchmarks.map((one) => one.name));
  j.fact('bench.count', names.size);
  for (const text of [...bad, ...(o.again?.bad ?? [])].slice(0, 10)) j.find('bad-results', text);
  if (names.size === 0) {
    if (stale.length > 0)
      j.find('stale-results', `${stale.slice(0, 3).join(', ')}${stale.length > 3 ? ' …' : ''} was there before`, {
        where: { file: stale[0] ?? path },
      });
    else if (bad.length === 0) j.find('no-results', `${path} has no results`, { where: { file: path } });
    return;
  }
  if (stale.length > 0) j.find('unused', `${stale.length} are older than allowed, such as ${stale[0]}`);
  if (isOfAnother(o)) j.find('other-host', `the results are of the host ${host}, this is ${o.host}`);
  if (names.size < min) j.find('too-few', `${names.size} benchmarks, expected at least ${min}`);
}

export function judgeBaseline(j: J, o: BenchSeen, required: boolean): void {
  const { benchmarks, from, missing } = o.baseline ?? {};
  if (!benchmarks) {
    j.find('no-baseline', missing ?? 'no baseline', { ...(!required && { level: 'note' }) });
    return;
  }
  const have = new Set(o.results.benchmarks.map((one) => one.name));
  for (const name of new Set(benchmarks.map((one) => one.name)))
    if (!have.has(name))
      j.find('baseline-missing-bench', `${name} is in ${from}, and has no result`, { subject: name });
}

/** Each class has a benchmark, and each of its limits a figure. */
export function judgeClasses(
  j: J,
  classes: readonly OperationClass[],
  benchmarks: readonly Benchmark[],
  file?: string,
): void {
  for (const one of classes) {
    const own = benchmarks.filter(({ name }) => isOf(name, one));
    const where = file !== undefined && one.line > 0 ? { file, line: one.line } : undefined;
    if (own.length === 0) {
      // A document's words may mean a benchmark that is called something else: no proof.
      j.find('class-without-bench', `no benchmark is of the class ${one.name}`, {
        where,
        subject: one.name,
        ...(!one.match && {
          level: 'inconclusive',
          hint: 'add the benchmark, or name it: classes: [{ class, match }]',
        }),
      });
      continue;
    }
    const measured = new Set(own.flatMap((bench) => measuresOf(bench).map(([measure]) => measure)));
    for (const measure of Object.keys(one.limits))
      if (!measured.has(measure as never))
        j.find('not-measured', `${one.name}: nothing measures its ${measure}`, { where, subject: one.name });
    const compared = Object.keys(one.regression).filter((name) => name !== 'value');
    const lost = compared.filter((measure) => !measured.has(measure as never));
    if (lost.length > 0)
      j.find('not-measured', `${one.name}: nothing measures its ${lost.join(', ')}`, {
        where,
        subject: one.name,
        ...(lost.length < compared.length && { level: 'warning' }),
      });
  }
}

const show = (figure: Figure, kind: Kind): string =>
  `${showQuantity({ kind, value: figure.at })}${figure.low === undefined || figure.high === undefined ? '' : ` (${showQuantity({ kind, value: figure.low })} to ${showQuantity({ kind, value: figure.high })})`}`;
const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}%`;
const idOf = (one: Compared): string => `${one.kind}\0${one.name}\0${one.measure}`;

/** Of two measurements of a figure, the one that speaks better for it: a defect shows in both. */
function better(first: Compared, second: Compared | undefined): Compared {
  const weight: Record<Compared['verdict'], number> = {
    held: 0,
    unclear: 1,
    'unclear-limit': 1,
    regressed: 2,
    above: 3,
  };
  return second && weight[second.verdict] < weight[first.verdict] ? second : first;
}

export function judgeCompared(
  j: J,
  first: readonly Compared[],
  again: readonly Compared[] | undefined,
  file?: string,
): void {
  const seconds = new Map(again?.map((one) => [idOf(one), one]));
  const lines = first.map((one) => ({ one: better(one, seconds.get(idOf(one))), was: one }));
  for (const { one, was } of lines) judgeLine(j, one, was, again !== undefined, file);
  const changes = lines.flatMap(({ one }) => (one.change === undefined ? [] : [one.change]));
  const limits = lines.filter(({ one }) => one.limit !== undefined);
  j.fact('bench.compared', changes.length).fact('bench.limits', limits.length);
  const worst = Math.max(...changes);
  if (Number.isFinite(worst)) j.fact('bench.worst', Number((worst * 100).toFixed(1)));
  j.fact('bench.regressions', lines.filter(({ one }) => one.verdict === 'regressed').length);
  j.table(
    'Benchmarks',
    ['benchmark', 'figure', 'class', 'measured', 'baseline', 'change', 'allowed', 'limit', 'verdict'],
    lines.map(({ one }) => [
      one.name,
      one.measure,
      one.class,
      show(one.figure, one.kind),
      one.base ? show(one.base, one.kind) : '',
      one.change === undefined ? '' : percent(one.change),
      one.threshold === undefined ? '' : percent(one.threshold),
      one.limit === undefined ? '' : showQuantity({ kind: one.kind, value: one.limit }),
      one.verdict,
    ]),
    { kind: 'levels', rows: lines.map(({ one }) => level(one)) },
  );
}

/** A line as it is drawn. */
function level(one: Compared): PlotOf<'levels'>['rows'][number] {
  const { figure, base, threshold, limit, kind } = one;
  const said = (value: number): { at: number; text: string } => ({ at: value, text: showQuantity({ kind, value }) });
  const loss = (threshold ?? 0) * (one.more ? -1 : 1);
  return {
    group: one.class,
    name: `${one.name} ${one.measure}`,
    at: figure.at,
    ...(figure.low !== undefined && figure.high !== undefined && { low: figure.low, high: figure.high }),
    text: showQuantity({ kind, value: figure.at }),
    ...(base && { base: said(base.at) }),
    ...(base && threshold !== undefined && { allowed: said(base.at * (1 + loss)) }),
    ...(limit !== undefined && { limit: said(limit) }),
    more: one.more,
    held: one.verdict === 'held',
  };
}

function judgeLine(j: J, one: Compared, was: Compared, repeated: boolean, file: string | undefined): void {
  const who = `${one.name} ${one.measure}`;
  const limit = one.limit === undefined ? '' : showQuantity({ kind: one.kind, value: one.limit });
  const change =
    one.base && one.change !== undefined
      ? `${percent(one.change)}: ${show(one.figure, one.kind)}, baseline ${show(one.base, one.kind)}, allowed ${percent(one.threshold ?? 0)}`
      : '';
  const options = {
    subject: one.name,
    ...(repeated && { detail: 'seen in both runs' }),
    ...(file !== undefined && one.line !== undefined && { where: { file, line: one.line } }),
  };
  if (one.verdict !== was.verdict && one.verdict === 'held')
    j.find(
      'not-confirmed',
      `${who}: the first run gave ${show(was.figure, was.kind)}, the second ${show(one.figure, one.kind)}`,
      { subject: one.name },
    );
  if (one.verdict === 'above')
    j.find('limit-exceeded', `${who} is ${show(one.figure, one.kind)}, its limit ${limit}`, options);
  else if (one.verdict === 'regressed') j.find('regression', `${who} ${change}`, options);
  else if (one.verdict === 'unclear') j.find('too-noisy', `${who} ${change}; the intervals overlap`, options);
  else if (one.verdict === 'unclear-limit')
    j.find('too-noisy', `${who} is ${show(one.figure, one.kind)}, and its limit ${limit} lies within`, options);
  else
    j.prove(`${who}: ${[limit && `${show(one.figure, one.kind)} within ${limit}`, change].filter(Boolean).join('; ')}`);
}

/** The document itself: its tables are there, and its marks follow from its numbers. */
export function judgeDocument(
  j: J,
  o: BenchSeen,
  document: { file: string; thresholds: string | false; objectives: boolean },
): void {
  const { file, thresholds } = document;
  if (!o.tables) {
    j.find('document-missing', `${file} is not there`, { where: { file } });
    return;
  }
  if (thresholds !== false && thresholdsOf(o.tables, thresholds).length === 0)
    j.find('no-thresholds', `no table below a heading ${JSON.stringify(thresholds)} of ${file} holds a threshold`, {
      where: { file },
    });
  const rows = recompute(o.tables);
  let true_ = 0;
  for (const { line, name, says, holds, numbers } of rows) {
    const options = { where: { file, line }, subject: name };
    if (says === 'pass' && holds === 'no') j.find('false-pass', `${name}: ${numbers}`, options);
    else if (says === 'pass' && holds === 'unmeasured')
      j.find('false-pass', `${name} was not measured: ${numbers}`, options);
    else if (says === 'pass' && holds !== 'yes')
      j.find('unclear-pass', `${name}${holds === 'estimated' ? ' is only an estimate' : ''}: ${numbers}`, options);
    else if (says === 'fail' && holds === 'yes') j.find('false-fail', `${name}: ${numbers}`, options);
    else true_++;
  }
  j.fact('bench.rows', rows.length);
  if (true_ > 0) j.prove(`${true_} marks of ${file} follow from their numbers`);
}
