import { Judge, ms, showDuration, type Judgement } from '../core/step.ts';
import type { PlotOf } from '../core/plot.ts';
import { unguardedLabels } from './alerts.ts';
import { judgeLive } from './judge-live.ts';
import { judgeEngine } from './judge-engine.ts';
import type { AlertSeen, EngineSeen, Observed } from './observed.ts';
import { required, threshold, type Params } from './params.ts';
import { about, problems, type DrillJudge } from './problems.ts';

/** Judges a drill from what was observed alone. */
export function judgeDrill(p: Params, seen: Observed): Judgement {
  const j: DrillJudge = new Judge(problems);
  for (const pattern of seen.unmatched)
    j.find('rules-missing', `${pattern} matches no file`, { where: { file: pattern } });
  for (const { file, line, message } of seen.problems)
    j.find('rules-refused', `${file}: ${message}`, { where: { file, line } });
  for (const name of seen.unknown) j.find('alert-missing', `there is no alert ${name}`, { subject: name });
  if (seen.alerts.length === 0 && seen.problems.length === 0) j.find('no-alerts', 'no alerting rule was found');
  if (seen.refusal !== undefined) j.find('drill-refused', seen.refusal);
  if (seen.promtool !== undefined) j.fact('promtool.version', seen.promtool);
  if (seen.promtoolOf !== undefined) j.fact('promtool.of', seen.promtoolOf);
  if (seen.running !== undefined) j.fact('prometheus.version', seen.running);
  if (seen.asMajor !== undefined)
    j.find(
      'promtool-other-major',
      `promtool is ${seen.promtool}, the running Prometheus ${seen.running}: ranges were put as ${seen.asMajor}.x reads them`,
    );
  const rows: string[][] = [];
  const events: string[][] = [];
  const covered: PlotOf<'coverage'>['rows'] = [];
  const phases: PlotOf<'phases'>['rows'] = [];
  let drilled = 0;
  for (const alert of seen.alerts) {
    const verdicts = alert.chosen ? judgeAlert(j, p, alert, seen) : undefined;
    // What the server cannot evaluate never fires there: its logic alone is no drill.
    const done = verdicts !== undefined && verdicts.logic.startsWith('✔') && alert.live?.unhealthy === undefined;
    if (done || alert.earlier !== undefined) drilled++;
    if (done) j.fact(`drill.${alert.hash}`, p.mode);
    rows.push(rowOf(p, alert, verdicts, done));
    covered.push(coverageOf(alert, verdicts, done));
    if (verdicts) {
      events.push(timeline(alert));
      phases.push(...phasesOf(p, alert));
    }
  }
  const waived = seen.alerts.filter((alert) => alert.waived !== undefined);
  const all = seen.alerts.length - waived.length;
  const coverage = all === 0 ? 0 : Math.floor((drilled * 1000) / all) / 10;
  j.fact('drills.count', drilled).fact('drills.alerts', seen.alerts.length).fact('drills.waived', waived.length);
  j.fact('drills.coverage', coverage);
  j.fact('drills.estimate', Math.round(seen.estimateMs / 1000)).fact('drills.took', Math.round(seen.tookMs / 1000));
  if (seen.sandbox !== undefined) j.fact('sandbox.version', seen.sandbox);
  judgeCoverage(j, p, seen, coverage, all);
  j.table('Fire drills', ['alert', 'drill', 'logic', 'live series', 'delivery', 'rule'], rows, {
    kind: 'coverage',
    way: p.mode,
    rows: covered,
  });
  if (events.length > 0) j.table('Timeline', ['alert', 'course'], events, { kind: 'phases', rows: phases });
  return j.done();
}

function judgeCoverage(j: DrillJudge, p: Params, seen: Observed, coverage: number, all: number): void {
  const least = threshold(p);
  if (least === undefined || all === 0) return;
  const open = seen.alerts.filter((a) => !a.chosen && a.waived === undefined && a.earlier === undefined);
  if (coverage >= least) j.prove(`${coverage} % of ${all} alerts were drilled in this run, ${least} % asked for`);
  // What was tried and failed has a finding of its own already.
  else if (open.length > 0)
    j.find(
      'coverage',
      `${coverage} % of ${all} alerts were drilled, ${least} % asked for; never drilled: ${open.map((a) => a.name).join(', ')}`,
    );
}

export interface Verdicts {
  logic: string;
  live: string;
  delivery: string;
}

function judgeAlert(j: DrillJudge, p: Params, alert: AlertSeen, seen: Observed): Verdicts {
  const needed = required(p);
  const logic =
    p.mode === 'unit' || p.mode === 'sandbox' || !alert.engine ? judgeUnit(j, alert, p.mode === 'fault', seen) : '·';
  const engine = judgeEngine(j, p, alert, needed.includes('delivery'));
  judgeTexts(j, p, alert);
  judgeDelay(j, p, alert);
  return {
    logic: engine.logic ?? (seen.refusal === undefined || p.mode === 'unit' ? logic : '· not made'),
    live: judgeLive(j, alert, needed.includes('live')),
    delivery: engine.delivery,
  };
}

/** A rule that the running Prometheus has loaded, or a function that came later, is no defect of the rule. */
function judgeRefusal(j: DrillJudge, alert: AlertSeen, seen: Observed): string {
  const text = alert.unit?.errors.join('; ') ?? '';
  const loaded = alert.live?.loaded === true && alert.live.other === undefined;
  // A function in an expression may be newer than this promtool; one in a template is as old as the templates.
  const newer = /unknown function with name/.test(text) && seen.running === undefined;
  if (loaded || newer) {
    const other = loaded ? `, which the running Prometheus ${seen.running ?? ''} has loaded` : '';
    j.find('promtool-too-old', `promtool ${seen.promtool ?? ''} refuses ${alert.name}${other}: ${text}`, about(alert));
    return '? this promtool refuses it';
  }
  // What the file's own reading has named is not named again.
  const named = seen.problems.some(({ file, message }) => file === alert.file && message.includes(alert.name));
  if (!named) j.find('rules-refused', `${alert.name}: ${text}`, about(alert));
  return '✖ refused';
}

function judgeUnit(j: DrillJudge, alert: AlertSeen, optional: boolean, seen: Observed): string {
  const { unit, name } = alert;
  if (!unit) return '·';
  const tried = `${unit.tried} combinations of series`;
  switch (unit.state) {
    case 'proven':
      j.prove(
        `${name} goes ${alert.hold > 0 ? 'inactive → pending → firing' : 'inactive → firing'} with ${unit.firing.length} series, and stays inactive with ${unit.quiet.length} others`,
      );
      return unit.substituted ? '✔ recorded series given' : unit.given ? '✔ given series' : '✔ fires and does not';
    case 'steady':
      j.prove(`${name} reads no series and always fires, as a heartbeat does`);
      return '✔ always fires, reads nothing';
    case 'unconditional':
      // That another alert fires is all that ALERTS says.
      if (!unit.conditional && /\bALERTS\b/.test(alert.expr)) return '✔ fires where a series is there';
      j.find(
        unit.conditional ? 'unconditional' : 'fires-on-presence',
        unit.conditional
          ? `${name} fired for every one of ${tried} in which its series were there`
          : `${name} fires for every series that ${alert.expr} finds`,
        about(alert),
      );
      return unit.conditional ? '✖ always fires' : '✔ fires where a series is there';
    case 'refused':
      return judgeRefusal(j, alert, seen);
    case 'unsolved':
      if (unit.errors.some((text) => text.includes('unknown function'))) return judgeRefusal(j, alert, seen);
      if (!optional)
        j.find(
          'unsolved',
          `${name} did not fire for any of ${tried}${seen.asMajor === undefined ? '' : ` with ranges as Prometheus ${seen.running} reads them (promtool is ${seen.promtool})`}${unit.errors.length > 0 ? `; ${unit.errors.slice(0, 2).join('; ')}` : ''}`,
          about(alert),
        );
      return '? not made to fire';
  }
}

/** How long after its condition began the alert fires, by the rule itself. */
function judgeDelay(j: DrillJudge, p: Params, alert: AlertSeen): void {
  if (p.firesWithin === undefined || alert.hold * 1000 <= ms(p.firesWithin)) return;
  // Of what was not made to fire it is not said that it fires.
  if (!alert.engine && /^(?:unsolved|refused)$/.test(alert.unit?.state ?? '')) return;
  const took = showDuration(alert.hold * 1000);
  j.find(
    'fires-late',
    `${alert.name} fires ${took} after its condition began, expected ${p.firesWithin}`,
    about(alert),
  );
}

/** Are the annotations there, rendered, and without a hole where a label was? */
function judgeTexts(j: DrillJudge, p: Params, alert: AlertSeen): void {
  for (const name of p.annotations) {
    const text = alert.annotations[name] ?? (name === 'runbook' ? alert.annotations['runbook_url'] : undefined);
    if (text === undefined || text.trim() === '')
      j.find('annotation-missing', `${alert.name} has no annotation ${name}`, about(alert));
  }
  const instances = [
    ...(alert.unit?.instances ?? []),
    ...(alert.engine?.notification ? [alert.engine.notification] : []),
  ];
  const broken = new Set<string>();
  for (const { labels, annotations } of instances) {
    for (const [name, text] of [...Object.entries(annotations), ...Object.entries(labels)])
      if (/<no value>|<error expanding template|\{\{/.test(text) && !broken.has(name)) {
        broken.add(name);
        j.find('annotation-broken', `${alert.name}: ${name} is rendered as ${JSON.stringify(text.slice(0, 300))}`, {
          ...about(alert),
          // A template that queries may miss what only the drill did not make.
          ...((p.mode === 'unit' || p.mode === 'sandbox') &&
            text.includes('called on vector with no elements') && { level: 'inconclusive' as const }),
        });
      }
  }
  const first = alert.unit?.instances[0];
  if (!first || alert.unit?.given === true) return;
  for (const [name, text] of Object.entries(alert.annotations))
    for (const label of unguardedLabels(text))
      if (alert.unit && alert.unit.instances.every(({ labels }) => (labels[label] ?? '') === ''))
        j.find(
          'annotation-label',
          `${alert.name}: ${name} reads {{ $labels.${label} }}, which is empty: the alert has ${
            Object.keys(first.labels)
              .filter((l) => l !== 'alertname')
              .join(', ') || 'no label'
          }`,
          about(alert),
        );
}

function rowOf(p: Params, alert: AlertSeen, verdicts: Verdicts | undefined, done: boolean): string[] {
  const how = done
    ? p.mode
    : alert.waived !== undefined
      ? `waived: ${alert.waived}`
      : (alert.earlier ??
        (verdicts
          ? `${p.mode}, without success`
          : alert.loadedOnly
            ? 'never drilled: loaded, but in no file'
            : 'never drilled'));
  const { logic = '', live = '', delivery = '' } = verdicts ?? {};
  return [alert.name, how, logic, live, delivery, alert.hash];
}

/** How far an alert was drilled, by this step or an earlier one. */
function coverageOf(
  alert: AlertSeen,
  verdicts: Verdicts | undefined,
  done: boolean,
): PlotOf<'coverage'>['rows'][number] {
  const { name, waived, earlier, engine } = alert;
  const delivered = engine?.notification !== undefined;
  if (verdicts) return { name, state: done ? 'drilled' : 'failed', said: verdicts.logic, delivered };
  if (waived !== undefined) return { name, state: 'waived', said: waived, delivered };
  return { name, state: earlier === undefined ? 'never' : 'earlier', said: earlier ?? '', delivered };
}

/** The courses of an alert's drill: promtool's simulated one, then the real engine's. */
function phasesOf(p: Params, { name, unit, engine }: AlertSeen): PlotOf<'phases'>['rows'] {
  const simulated =
    unit?.firingAt === undefined
      ? []
      : [
          { at: 0, what: 'inactive' },
          ...(unit.pendingAt === undefined ? [] : [{ at: unit.pendingAt * 1000, what: 'pending' }]),
          { at: unit.firingAt * 1000, what: 'firing' },
        ];
  return [
    ...(simulated.length > 0 ? [{ name, clock: 'promtool', events: simulated }] : []),
    ...(engine && engine.events.length > 0 ? [{ name, clock: p.mode, events: engine.events }] : []),
  ];
}

/** The drill as a line of text: when the alert was what. */
function timeline(alert: AlertSeen): string[] {
  const { unit, engine } = alert;
  const parts: string[] = [];
  if (unit?.firingAt !== undefined)
    parts.push(
      `unit: ${[
        'inactive 0 s',
        ...(unit.pendingAt === undefined ? [] : [`pending ${showDuration(unit.pendingAt * 1000)}`]),
        `firing ${showDuration(unit.firingAt * 1000)}`,
      ].join(' ─▶ ')}`,
    );
  if (engine) parts.push(courseOf(engine));
  return [alert.name, parts.join(' | ') || 'nothing happened'];
}

const courseOf = ({ events }: EngineSeen): string =>
  events.map(({ at, what }) => `${what} ${showDuration(at)}`).join(' ─▶ ');
