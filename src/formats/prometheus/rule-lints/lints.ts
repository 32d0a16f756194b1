import type { KnownMetrics } from '../known-metrics.ts';
import { distance } from '../../../core/suggest.ts';
import { promDuration } from '../../promql/literals.ts';
import { parsePromQl, type Selector } from '../../promql/parse.ts';
import { constant, walk, type Expr } from '../../promql/tree.ts';
import type { Rule } from '../rule-files.ts';
import { boundsOf, decided, innerName, isCounter, thresholdsOf, type Threshold } from './bounds.ts';
import { lintExpression } from './expression.ts';
import { labelsOf, mayHave } from '../expression-labels.ts';
import { printedLabels, printsValue } from '../rule-templates.ts';
import { ruleLintProblems, type Fault, type Say } from './problems.ts';
import { directionFault, horizonFault, isWish, numberFault, percentileFault, windowFault } from './told.ts';
import { measureOf, measureWords, misnamed } from './measures.ts';
import { unitFault } from './units.ts';
import { measured, printedFaults, waitingFault, wrongVerbs } from './values.ts';

/** Everything that can be said of one rule without a server. Level `error` only where it is proven. */
export function lintRule(rule: Rule, tree: Expr, known: KnownMetrics): Fault[] {
  const faults: Fault[] = [];
  const say: Say = (code, message, level = ruleLintProblems[code].level) => {
    faults.push({ code, level, message });
  };
  const thresholds = thresholdsOf(tree);
  if (rule.kind === 'alert') lintAlert(rule, tree, thresholds, known, say);
  const named = rule.kind === 'record' ? misnamedRange(rule.name, tree) : undefined;
  if (named !== undefined) say('text-contradicts', named);
  for (const text of millisecondAges(tree))
    say('unit-mismatch', `${text} mixes units: time() counts seconds, and the metric’s name says milliseconds`);
  for (const threshold of thresholds) lintThreshold(rule, threshold, thresholds.length === 1, known, say);
  faults.push(...lintExpression(tree, known, rule.kind === 'alert'));
  return faults;
}

/** `…:rate5m` that reads another range, or by another function. Source: Prometheus's practices for recording rules. */
function misnamedRange(name: string, tree: Expr): string | undefined {
  const [said, verb = '', range = ''] = /:(rate|irate|increase)(\d+(?:ms|[smhdw]))$/.exec(name) ?? [];
  const read = [...walk(tree)].flatMap(([one, [above]]) =>
    one.kind === 'selector' && above?.kind === 'call' && /^(?:rate|irate|increase)$/.test(above.name)
      ? [{ verb: above.name, ms: one.rangeMs }]
      : [],
  );
  if (said === undefined || read.length === 0 || read.some(({ ms }) => ms === undefined || Number.isNaN(ms)))
    return undefined;
  if (!read.some((one) => one.verb === verb)) return `its name ends in ${said.slice(1)}, and it reads ${read[0]?.verb}`;
  // A subquery spans the time that its inner rate is averaged over.
  const spans = [...walk(tree)].flatMap(([one]) => (one.kind === 'subquery' ? [one.rangeMs] : []));
  return [...read.map(({ ms }) => ms), ...spans].includes(promDuration(range))
    ? undefined
    : `its name ends in ${said.slice(1)}, and it looks back ${(read[0]?.ms ?? 0) / 1000} s`;
}

/** `time() - x_ms`: seconds less milliseconds. */
const millisecondAges = (tree: Expr): string[] =>
  [...walk(tree)].flatMap(([one]) =>
    one.kind === 'binary' &&
    one.op === '-' &&
    one.left.kind === 'call' &&
    one.left.name === 'time' &&
    /_(?:ms|millis|milliseconds)$/.test(innerName(one.right) ?? '')
      ? [`${one.leftText} - ${one.rightText}`]
      : [],
  );

/**
 * Where an alert has several conditions, a text speaks of the one that measures what it names: if only one does, and the
 * text's number stands there in another unit, the two contradict.
 */
function lintSeveral(rule: Rule, thresholds: readonly Threshold[], known: KnownMetrics, say: Say): void {
  const measures = thresholds.map((one) => measureOf(one.of, known)?.of);
  for (const [key, text] of Object.entries(rule.annotations)) {
    if (!/^(?:summary|description|message|validation)$/i.test(key)) continue;
    for (const [n, threshold] of thresholds.entries()) {
      if (measures.filter((of) => of === measures[n]).length > 1) continue;
      const fault = unitFault(text, threshold, known);
      // What is counted within the time that the text names is meant by it, whatever its number.
      const counted = fault?.measure.of === 'count' && fault.within === fault.measure.seconds;
      if (!fault || !(fault.bare || counted)) continue;
      say(
        fault.bare ? 'unit-mismatch' : 'text-contradicts',
        `${key} says "${fault.said}", which is ${Number(fault.means.toPrecision(6))} here; one condition (${measureWords(fault.measure)}) says ${threshold.op} ${threshold.value}`,
      );
    }
  }
}

/** `link_info{operstate="down"}`: what is told of by labels alone is there only in that state. */
const describesState = ({ name, matchers }: Selector): boolean =>
  /_(?:info|metadata|labels|iface_info|status_info)$/.test(name ?? '') &&
  matchers.some(({ label }) => !/^(?:job|instance|cluster|namespace|__name__)$/.test(label));
/** `kube_pod_owner{owner_kind=""}`: labels that leave out what is as it should be; of a measured value they choose what is measured. */
const leavesOut = ({ name, matchers }: Selector): boolean =>
  !/_(?:bytes|seconds|total|ratio|percent|count|sum|celsius)$/.test(name ?? '') &&
  matchers.some(
    ({ label, op, value }) =>
      !/^(?:job|instance|cluster|namespace|__name__)$/.test(label) &&
      (op.startsWith('!') ? value !== '' : value === ''),
  );

function lintAlert(rule: Rule, tree: Expr, thresholds: readonly Threshold[], known: KnownMetrics, say: Say): void {
  const parsed = parsePromQl(rule.expr);
  // An alert of no series at all, vector(1), fires on purpose: the watchdog pattern.
  if (!parsed.filters && parsed.selectors.length > 0 && !parsed.selectors.every(describesState)) {
    const there = parsed.selectors.every(
      (one) => one.name !== undefined && !one.name.startsWith('ALERTS') && known.look(one).state === 'there',
    );
    say(
      'always-fires',
      `${rule.name} has no comparison: ${rule.expr}`,
      there ? 'error' : parsed.selectors.every(leavesOut) ? 'note' : 'warning',
    );
  }
  const kept = labelsOf(tree, known.borne);
  for (const [where, text] of Object.entries({ ...rule.labels, ...rule.annotations }))
    for (const label of printedLabels(text)) {
      const meant = ['instance', 'job'].find((one) => isSlip(label, one));
      if (meant !== undefined && mayHave(kept, label) && !rule.expr.includes(label))
        say('label-dropped', `${where} prints $labels.${label}; the label that scraping sets is ${meant}`, 'warning');
    }
  // An empty label in a text is a blemish; in a label it sends the notification elsewhere.
  for (const [texts, level] of [
    [rule.annotations, 'warning'],
    [rule.labels, 'error'],
  ] as const)
    for (const [where, text] of Object.entries(texts))
      for (const label of printedLabels(text))
        if (!mayHave(kept, label)) say('label-dropped', `${where} prints $labels.${label}; ${keptWords(kept)}`, level);
  for (const [where, text] of Object.entries({ ...rule.labels, ...rule.annotations }))
    for (const label of printedLabels(text)) {
      const taker = 'but' in kept && !(label in rule.labels) ? known.labelDropped(label) : undefined;
      if (taker !== undefined && parsed.selectors.every(({ name }) => name !== undefined && known.maybeScraped(name)))
        say('label-dropped', `${where} prints $labels.${label}, which the labeldrop of the job ${taker} takes away`);
    }
  for (const [where, text] of Object.entries({ ...rule.labels, ...rule.annotations }))
    for (const [, field = ''] of text.matchAll(/\{\{-?\s*(\.(?:labels?|value|annotations?|Annotations?)\b[^}|]*)/g))
      say(
        'label-dropped',
        `${where} prints ${field.trim()}, which is not a field: Prometheus puts an error in its place`,
        'error',
      );
  const waits = promDuration(rule.for ?? '') ?? 0;
  lintTexts(rule, tree, waits, known, say);
  lintLabels(rule, tree, waits, known, say);
  if (waits === 0) lintAbsent(rule, tree, known, say);
  if (thresholds.length > 1) lintSeveral(rule, thresholds, known, say);
  for (const { of, op, value } of thresholds) {
    if (of.kind !== 'call' || !['increase', 'changes', 'resets'].includes(of.name)) continue;
    const [range] = of.args;
    if (range?.kind !== 'selector' || range.rangeMs === undefined) continue;
    if (!(op === '>' && value === 0) && !(op === '>=' && value === 1)) continue;
    // Twice or thrice the range may mean a fault that goes on; beyond that it takes an event in each of many ranges.
    if (waits >= range.rangeMs)
      say(
        'for-exceeds-range',
        `one event is seen for ${range.rangeMs / 1000} s, and ${rule.name} waits ${rule.for}`,
        waits > 4 * range.rangeMs ? 'warning' : 'note',
      );
  }
}

/** `Instance`, `instace`: the label of another case, or with a letter too many, too few, or in another place. */
const isSlip = (label: string, meant: string): boolean =>
  label !== meant &&
  (label.toLowerCase() === meant ||
    (meant.length > 4 &&
      !label.endsWith('s') &&
      label.startsWith('in') &&
      distance(label.toLowerCase(), meant, 2) <= 2));

/** A label that holds the value makes another alert of each new value. */
function lintLabels(rule: Rule, tree: Expr, waits: number, known: KnownMetrics, say: Say): void {
  const { min, max } = boundsOf(tree, known);
  if (min === max) return;
  for (const [label, text] of Object.entries(rule.labels))
    if (printsValue(text))
      say(
        'value-in-label',
        waits > 0
          ? `the label ${label} holds $value: with each new value another alert begins to wait ${rule.for}`
          : `the label ${label} holds $value: each new value is another alert`,
        waits > 0 ? 'error' : 'warning',
      );
}

/** Does the first sample that fails to come fire the alert? */
function lintAbsent(rule: Rule, tree: Expr, known: KnownMetrics, say: Say): void {
  for (const [one, above] of walk(tree)) {
    // Beside another condition it is that one which waits.
    if (one.kind !== 'call' || above.some((two) => two.kind === 'binary' && ['and', 'unless'].includes(two.op)))
      continue;
    if (one.name === 'absent') say('absent-without-for', `${rule.name} fires at the first missing sample`);
    const [of] = one.args;
    if (one.name !== 'absent_over_time' || of?.kind !== 'selector' || of.rangeMs === undefined) continue;
    const interval = known.intervalOf(of);
    if (interval === undefined || of.rangeMs >= 2 * interval) continue;
    say(
      'absent-without-for',
      `${rule.name} looks back ${of.rangeMs / 1000} s at what is scraped every ${interval / 1000} s: one missed scrape fires it`,
      of.rangeMs <= interval ? 'error' : 'warning',
    );
  }
}

function lintTexts(rule: Rule, tree: Expr, waits: number, known: KnownMetrics, say: Say): void {
  const measure = measured(tree, known);
  for (const [key, text] of Object.entries({ ...rule.labels, ...rule.annotations }))
    for (const verb of wrongVerbs(text))
      say(
        'value-unit',
        `${key}: ${verb} prints %!…(float64=…): the value is a number with a fraction; use %f, %g or %v`,
      );
  for (const [key, text] of Object.entries({ name: rule.name, ...rule.annotations })) {
    if (rule.kind !== 'alert' || !/^(?:name|summary|description|message|title)$/i.test(key)) continue;
    const fault = percentileFault(text, tree, known);
    if (fault !== undefined) say('text-contradicts', `${key}: ${fault}`);
    const ahead = key === 'name' ? undefined : horizonFault(text, tree, waits);
    if (ahead !== undefined) say('text-contradicts', `${key} ${ahead}`);
    const back = key === 'name' ? undefined : windowFault(text, tree, [waits]);
    if (back !== undefined) say('text-contradicts', `${key} ${back}`);
  }
  for (const [key, text] of Object.entries(rule.annotations)) {
    if (measure && !thresholdsOf(tree).some(({ value }) => misnamed(measure, value)))
      for (const fault of printedFaults(text, measure)) say('value-unit', `${key}: ${fault}`);
    const fault = /^(?:summary|description|message)$/i.test(key) ? waitingFault(text, waits, tree) : undefined;
    if (fault)
      say(
        'for-contradicts',
        `${key} says "${fault.said}", and the alert ${rule.for === undefined ? 'does not wait' : `waits ${rule.for}`}`,
        fault.slip ? 'error' : 'warning',
      );
  }
}

const extrapolated = /^(?:rate|irate|increase|delta|deriv|predict_linear)$/;

const keptWords = (kept: ReturnType<typeof labelsOf>): string =>
  'only' in kept
    ? `the expression keeps ${[...kept.only].join(', ') || 'no label'}`
    : `the expression drops ${[...kept.but].join(', ')}`;

function lintThreshold(rule: Rule, threshold: Threshold, single: boolean, known: KnownMetrics, say: Say): void {
  const { of, op, value, alternative } = threshold;
  const bounds = boundsOf(of, known);
  const verdict = decided(bounds, op, value);
  const short = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(12)) : value);
  const range = `between ${short(bounds.min)} and ${short(bounds.max)}`
    .replaceAll('-Infinity', '-∞')
    .replaceAll('Infinity', '∞');
  if (verdict === 'never')
    say(
      'dead-threshold',
      `${op} ${value} is never true: the value lies ${range}`,
      alternative || rule.kind === 'record' ? 'warning' : 'error',
    );
  // Source: the documentation of increase: it is extrapolated to the whole range.
  if (verdict === 'sometimes' && op === '==' && value !== 0 && of.kind === 'call' && extrapolated.test(of.name))
    say(
      'dead-threshold',
      `== ${value} is hardly ever true: ${of.name} extrapolates, so that its value is rarely a round number`,
      'warning',
    );
  // `count(x) > 0`, `absent(x) == 1` and the like ask whether anything is there.
  const whole = (of.kind === 'selector' ? known.computed(of.name ?? '') : undefined) ?? of;
  const exists =
    whole.kind === 'aggregate'
      ? ['count', 'group'].includes(whole.op)
      : whole.kind === 'call' && /absent|present|count_over/.test(whole.name);
  if (rule.kind === 'alert' && verdict === 'always' && single && !exists && constant(of) === undefined)
    say('always-fires', `${op} ${value} is always true: the value lies ${range}`);
  if (rule.kind !== 'alert') return;
  // Beside another condition it may ask for a least number of events.
  const counter = single ? rawCounter(of, known) : undefined;
  if (counter !== undefined && ['>', '>='].includes(op)) {
    const proven = known.typeOf(counter) === 'counter' && known.exclusive(counter) && value > 0;
    // Seconds that only add up: no gauge is named so.
    const seconds = counter.endsWith('_seconds_total') && value > 0;
    const level = proven ? 'error' : known.typeOf(counter) === 'counter' || seconds ? 'warning' : 'note';
    say('raw-counter', `${counter} ${op} ${value}: once true, it stays true`, level);
  }
  // The text speaks of the alert's condition; where it has several, of which one cannot be told.
  if (!single) return;
  for (const [key, text] of Object.entries(rule.annotations)) {
    if (!/^(?:summary|description|message|validation)$/i.test(key)) continue;
    const fault = unitFault(text, threshold, known);
    const number = fault || measureOf(of, known) ? undefined : numberFault(text, threshold, rule.expr);
    if (number !== undefined) say('text-contradicts', `${key} ${number}`);
    const side = fault || number !== undefined ? undefined : directionFault(text, threshold);
    if (side !== undefined) say('text-contradicts', `${key} ${side}`);
    if (!fault || (fault.kind === 'text' && isWish(fault.said, op))) continue;
    const means = Number(fault.means.toPrecision(6));
    const message = `${key} says "${fault.said}", which is ${means} here; the expression (${measureWords(fault.measure)}) says ${op} ${value}`;
    if (fault.kind === 'unit' || /^validation$/i.test(key)) say('unit-mismatch', message);
    else say('text-contradicts', message);
  }
}

/** The counter whose running total is compared: itself, or a sum of it. */
function rawCounter(expr: Expr, known: KnownMetrics): string | undefined {
  if (expr.kind === 'aggregate' && ['sum', 'max', 'avg', 'min'].includes(expr.op)) return rawCounter(expr.of, known);
  if (expr.kind !== 'selector' || expr.rangeMs !== undefined || expr.name === undefined) return undefined;
  // Gauges are named _count too; without a TYPE only _total says what it is.
  return known.typeOf(expr.name) === 'counter' || (isCounter(expr.name, known) && expr.name.endsWith('_total'))
    ? expr.name
    : undefined;
}
