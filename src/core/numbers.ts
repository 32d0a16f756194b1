import type { FactValue } from './judgement.ts';
import type { RunRecord, StepRecord } from './record.ts';
import { grouped, plural } from './words.ts';

/** A number that readers of a report look for first. */
export interface KeyNumber {
  label: string;
  value: string;
  /** What qualifies it: `3 skipped` */
  note?: string;
}

const numberIn = (facts: Readonly<Record<string, FactValue>>, ...names: string[]): number | undefined =>
  names.map((name) => facts[name]).find((value) => typeof value === 'number');

/** Adds a fact over all steps that measured it; undefined where none did. */
function sum(steps: readonly StepRecord[], ...names: string[]): number | undefined {
  const found = steps.flatMap((step) => numberIn(step.facts, ...names) ?? []);
  return found.length === 0 ? undefined : found.reduce((all, one) => all + one, 0);
}

/** The step that measured the most of it: one drill of eight alerts and one of six of them drill eight. */
const most = (steps: readonly StepRecord[], name: string): StepRecord | undefined =>
  steps
    .filter((step) => typeof step.facts[name] === 'number')
    .toSorted((a, b) => Number(b.facts[name]) - Number(a.facts[name]))[0];

/** Tests, coverage, alerts, dashboards, benchmarks and claims of a run, as far as its steps measured them. */
export function keyNumbers({ steps }: Pick<RunRecord, 'steps'>): KeyNumber[] {
  const out: KeyNumber[] = [];
  const say = (label: string, value: string, ...notes: (string | false | undefined)[]): void => {
    const note = notes.filter(Boolean).join(', ');
    out.push({ label, value, ...(note !== '' && { note }) });
  };
  const some = (n: number | undefined, what: string): string | false => n !== undefined && n > 0 && `${n} ${what}`;

  const passed = sum(steps, 'tests.passed');
  if (passed !== undefined)
    say(
      'Tests',
      `${grouped(passed)} passed`,
      some(sum(steps, 'tests.failed'), 'failed'),
      some(sum(steps, 'tests.skipped', 'tests.ignored'), 'skipped'),
      some(sum(steps, 'tests.flaky'), 'flaky'),
    );
  const covered = most(steps, 'coverage.lines');
  if (covered) say('Line coverage', `${String(covered.facts['coverage.lines'])} %`);
  const drill = most(steps, 'drills.count');
  const alerts = most(steps, 'alerts.count')?.facts['alerts.count'] ?? drill?.facts['drills.alerts'];
  if (drill) say('Alerts drilled', `${String(drill.facts['drills.count'])} of ${String(drill.facts['drills.alerts'])}`);
  else if (alerts !== undefined) say('Alert rules', String(alerts), 'none was drilled');
  const boards = most(steps, 'dashboards.count');
  if (boards) {
    const { facts } = most(steps, 'dashboards.panels') ?? boards;
    const [full, panels] = [numberIn(facts, 'dashboards.populated'), numberIn(facts, 'dashboards.panels')];
    const drawn = full !== undefined && panels !== undefined && `${full} of ${plural(panels, 'panel')} with data`;
    say('Dashboards', String(boards.facts['dashboards.count']), drawn);
  }
  const bench = most(steps, 'bench.count');
  if (bench) {
    const worse = numberIn(bench.facts, 'bench.regressions') ?? 0;
    const compared = numberIn(bench.facts, 'bench.compared') ?? 0;
    say(
      'Benchmarks',
      String(bench.facts['bench.count']),
      compared === 0 ? 'no baseline' : worse === 0 ? 'none slower' : plural(worse, 'regression'),
    );
  }
  const claims = sum(steps, 'claims.count');
  if (claims !== undefined && claims > 0) say('Claims that hold', `${sum(steps, 'claims.true') ?? 0} of ${claims}`);
  return out;
}
