import type { Level } from '../../../core/finding.ts';
import { error, note, showDuration, warning, type Judge } from '../../../core/step.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import { metricReadProblems, readFaults } from '../metric-reads.ts';
import type { Rule, RuleGroup } from '../rule-files.ts';
import { concerns, houseFaults, type HouseRule } from './house.ts';
import { thresholdsOf } from './bounds.ts';
import { lintRule } from './lints.ts';
import { misspeltLabels } from './misspelt.ts';
import { ruleLintProblems } from './problems.ts';
import { templateQueries } from '../rule-templates.ts';
import { silenceOf } from './silences.ts';
import { lookbackMs, promDuration } from '../../promql/literals.ts';
import { parseFault, parsePromQl } from '../../promql/parse.ts';
import { promqlTree } from '../../promql/read.ts';
import { walk, type Expr } from '../../promql/tree.ts';
import { refusal } from '../../promql/types.ts';

/** Every kind of finding about a rule. */
export const ruleProblems = {
  ...metricReadProblems,
  ...ruleLintProblems,
  'bad-expression': error('An expression does not parse', 'correct the PromQL'),
  'rule-duplicate': warning('The same rule exists twice', 'remove one: both record or alert the same'),
  'house-unmatched': error(
    'A house rule concerns no rule',
    'correct its match, or take it away: it applies to nothing',
  ),
  'record-unread': note(
    'A recording rule that nothing reads',
    'give what reads it under `readers`, or take the rule away',
  ),
  'runbook-missing': error(
    'A runbook annotation leads nowhere',
    'write the runbook, or correct the path or the anchor (GitHub’s rule: lower case, dashes for spaces)',
  ),
  'silence-unreasoned': warning(
    'A finding is silenced without a reason',
    'write it behind the code: # verify disable CODE: reason',
  ),
  'no-runbook': error('An alert has no runbook', 'add the annotation runbook or runbook_url'),
} as const;

/** A rule and the file that it stands in. */
export interface InFile {
  rule: Rule;
  file: string;
}
type RulesJudge = Judge<typeof ruleProblems>;
/** What the judgement of one rule needs beside it. */
export interface Judging {
  j: RulesJudge;
  /** The house rules of the checklist. */
  house: readonly HouseRule[];
  known: KnownMetrics;
  /** Metrics that could not be judged. */
  unknown: Set<string>;
  today: string;
  /** Files that vmalert evaluates, whose language takes more. */
  vmalert: readonly string[];
}

/** What is said of a file that another program than Prometheus reads. */
export const forVmalert = 'it is written for vmalert (MetricsQL), which takes what Prometheus refuses: not judged';
type Code = keyof typeof ruleProblems;

/** Makes a finding about a rule, unless a comment of the rule silences it. */
export function report(
  { j, today, vmalert }: Judging,
  { rule, file }: InFile,
  code: Code,
  message: string,
  level: Level = ruleProblems[code].level,
  cause?: string,
): void {
  const line = code === 'runbook-missing' || code === 'no-runbook' ? rule.at.line : rule.exprAt.line;
  const about = { subject: rule.name, where: { file, line }, detail: rule.expr };
  const silence = silenceOf(rule, code, today);
  if (code === 'bad-expression' && vmalert.includes(file)) {
    j.find(code, `${rule.name}: ${message}`, { ...about, level: 'note', hint: forVmalert, cause: file });
    return;
  }
  if (!silence) {
    j.find(code, `${rule.name}: ${message}`, { ...about, level, cause: cause && `${file} ${cause}` });
    return;
  }
  j.find(code, `${rule.name}: ${message}`, { ...about, level: 'note', hint: `silenced: ${silence.reason}` });
  if (silence.reason === '')
    j.find('silence-unreasoned', `${rule.name}: ${silence.code} is silenced, and no reason is given`, about);
}

/** Everything that is said of one rule. */
export function judgeOne(judging: Judging, one: InFile): void {
  const { j, known, unknown } = judging;
  const { rule } = one;
  if (rule.expr.trim() === '') return;
  const tree = promqlTree(rule.expr);
  const parsed = parsePromQl(rule.expr);
  if (!tree) {
    report(judging, one, 'bad-expression', parseFault(rule.expr) ?? 'does not parse as PromQL');
    return;
  }
  const fault = refusal(rule.expr);
  if (fault !== undefined) {
    report(judging, one, 'bad-expression', fault);
    return;
  }
  for (const [key, text] of Object.entries(rule.annotations))
    for (const query of templateQueries(text)) {
      const broken = queryFault(query);
      if (broken !== undefined) report(judging, one, 'bad-expression', `the query in ${key} ${broken}`);
    }
  j.prove(`${rule.name} parses`);
  let read = 0;
  const said = new Set<string>();
  const counted = rule.kind === 'alert' && !known.startsAtZero ? singleEvents(tree) : new Set();
  for (const selector of parsed.selectors) {
    const faults = readFaults(selector, known);
    if (faults.length === 0) read++;
    for (const { code, level, message, metric, cause } of faults) {
      if (code === 'metric-unknown') unknown.add(metric);
      else if (code === 'metric-missing' && counted.has(metric) && known.bornOnUse(metric)) {
        const first =
          'a series that is born with its first event has no rise to count, so that this event fires nothing';
        report(judging, one, code, `${message}; ${first}`, 'error', cause);
      } else if (!said.has(message)) report(judging, one, code, message, level, cause);
      said.add(message);
    }
  }
  if (known.judges && read > 0 && read === parsed.selectors.length)
    j.prove(`every series that ${rule.name} reads is exported or recorded`);
  const faults = lintRule(rule, tree, known);
  for (const { code, level, message } of faults)
    report(judging, one, code, message, level, code === 'interval-long' ? code : undefined);
  let asked = 0;
  for (const house of judging.house) {
    const missing = houseFaults(rule, tree, house, known);
    if (missing) asked++;
    for (const message of missing ?? []) report(judging, one, 'house-rule', message);
  }
  if (asked > 0) j.prove(`${rule.name} was held against ${asked} house rules`);
  if (faults.length === 0) j.prove(`${rule.name} has none of the faults that are looked for`);
}

/** The counters of which a single event is to fire the alert: `increase(x[5m]) > 0`. */
function singleEvents(tree: Expr): Set<string> {
  const events = thresholdsOf(tree).filter(({ op, value }) => op === '>' && value === 0);
  return new Set(
    events.flatMap(({ of }) =>
      [...walk(of)].flatMap(([one, [above]]) =>
        one.kind === 'selector' && above?.kind === 'call' && /^(?:rate|irate|increase)$/.test(above.name)
          ? (one.name ?? [])
          : [],
      ),
    ),
  );
}

/** Why Prometheus refuses a query that a template asks. */
function queryFault(text: string): string | undefined {
  const broken = parseFault(text);
  if (broken !== undefined) return broken;
  const fault = refusal(text);
  return fault === undefined ? undefined : `is refused: ${fault}`;
}

export function judgeIntervals(j: RulesJudge, groups: readonly (RuleGroup & { file: string })[]): void {
  for (const { name, interval, rules, file, at } of groups) {
    const every = promDuration(interval ?? '') ?? 0;
    const missed = rules.find((rule) => shortestRange(rule) < every);
    if (missed)
      j.find(
        'interval-long',
        `${name} is evaluated every ${interval}, and ${missed.name} looks back ${showDuration(shortestRange(missed))}: what happens in between is never seen`,
        { subject: name, where: { file, line: at.line } },
      );
    else if ((promDuration(interval ?? '') ?? 0) > lookbackMs && rules.some((rule) => rule.kind === 'record'))
      j.find('interval-long', `${name} records every ${interval}, and a query looks back 5m`, {
        subject: name,
        where: { file, line: at.line },
      });
  }
}

/** Milliseconds of the shortest range over which a rule counts events; Infinity where it counts none. */
function shortestRange({ expr }: Rule): number {
  const tree = promqlTree(expr);
  const ranges = [...(tree ? walk(tree) : [])].flatMap(([one, [above]]) =>
    one.kind === 'selector' && above?.kind === 'call' && /^(?:rate|increase|changes|resets)$/.test(above.name)
      ? [one.rangeMs ?? Infinity]
      : [],
  );
  return Math.min(Infinity, ...ranges);
}

export function judgeTwins(judging: Judging, rules: readonly InFile[]): void {
  const seen = new Map<string, InFile>();
  for (const one of rules) {
    const { rule } = one;
    const labels = Object.entries(rule.labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([rule.kind, rule.name, labels, parsePromQl(rule.expr).canonical, rule.for ?? '']);
    const first = seen.get(key);
    if (!first) seen.set(key, one);
    else {
      // The same rule in two files may be two deployments'.
      const level = first.file === one.file ? 'warning' : 'note';
      report(judging, one, 'rule-duplicate', `the same rule is in ${first.file}, line ${first.rule.at.line}`, level);
    }
  }
}

/** What is seen only where all rules are looked at: misspelt labels, and house rules that concern none. */
export function judgeTogether(judging: Judging, rules: readonly InFile[]): void {
  const alerts = rules.filter(({ rule }) => rule.kind === 'alert');
  for (const { rule, label, meant } of misspeltLabels(alerts.map((one) => one.rule))) {
    const one = alerts.find((alert) => alert.rule === rule);
    if (one) report(judging, one, 'label-misspelt', `it has ${label}, where the others have ${meant}`);
  }
  for (const house of judging.house)
    if (!rules.some(({ rule }) => concerns(house, rule)))
      judging.j.find(
        'house-unmatched',
        `a house rule is about ${house.kind}s${house.match === undefined ? '' : ` whose name matches ${house.match}`}, and there is none`,
      );
}
