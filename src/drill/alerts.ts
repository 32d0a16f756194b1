import { stringify, parseDocument, isMap, isSeq } from 'yaml';
import { promDuration } from '../formats/promql/literals.ts';
import { parsePromQl } from '../formats/promql/parse.ts';
import { lenientTree } from '../formats/promql/read.ts';
import { type Matcher, childrenOf, type Expr } from '../formats/promql/tree.ts';
import type { Rule, RuleFile } from '../formats/prometheus/rule-files.ts';
import { labelReads } from '../formats/prometheus/rule-templates.ts';

/** An alerting rule with what is around it. */
export interface AlertRule {
  rule: Rule;
  group: string;
  /** Relative to the target; empty where the rule was read from a running Prometheus. */
  file: string;
  /** Seconds between two evaluations of its group. */
  interval: number;
  /** Seconds of its `for`. */
  hold: number;
  /** Seconds of its `keep_firing_for`, where the running Prometheus says so. */
  keep: number;
}

export interface RuleSet {
  alerts: AlertRule[];
  /** Name → recording rules that yield it. */
  records: Map<string, Rule[]>;
}

/** Prometheus's default of evaluation_interval. */
const defaultInterval = 60;

const seconds = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : (promDuration(text) ?? otherwise * 1000) / 1000;

/** The alerts and recording rules of rule files. */
export function ruleSet(files: readonly { path: string; content: RuleFile }[]): RuleSet {
  const alerts: AlertRule[] = [];
  const records = new Map<string, Rule[]>();
  for (const { path, content } of files)
    for (const group of content.groups)
      for (const rule of group.rules) {
        if (rule.kind === 'record') records.set(rule.name, [...(records.get(rule.name) ?? []), rule]);
        else
          alerts.push({
            rule,
            group: group.name,
            file: path,
            interval: seconds(group.interval, defaultInterval),
            hold: seconds(rule.for, 0),
            keep: 0,
          });
      }
  return { alerts, records };
}

/** What a drill is valid for: an edited rule is another rule. */
export function identityOf(rule: Pick<Rule, 'name' | 'expr' | 'for' | 'labels'>): string {
  return JSON.stringify([
    rule.name,
    parsePromQl(rule.expr).canonical,
    seconds(rule.for, 0),
    Object.entries(rule.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** Labels that a rule's annotations and label templates read. */
export function templateLabels(rule: Pick<Rule, 'annotations' | 'labels'>): string[] {
  const texts = [...Object.values(rule.annotations), ...Object.values(rule.labels)];
  return [...new Set(texts.flatMap(labelReads).map((one) => one.label))];
}

/** Labels that an annotation reads where nothing asks first whether they are there. */
export function unguardedLabels(annotation: string): string[] {
  return /\{\{-?\s*(?:if|with|range|template|define)\b/.test(annotation)
    ? []
    : templateLabels({ annotations: { annotation }, labels: {} });
}

function selectorsIn(tree: Expr): (Expr & { kind: 'selector' })[] {
  return tree.kind === 'selector' ? [tree] : childrenOf(tree).flatMap(selectorsIn);
}

export interface Expanded {
  /** The expression with the recording rules that it reads put in their places. */
  expr: string;
  records: Rule[];
  /** Matchers of the names that were replaced: the series below must satisfy them. */
  outer: Matcher[];
  /** False where one could not be put in: a range over it with an offset, a circle. */
  whole: boolean;
}

/** Puts recorded expressions in the place of their names. */
export function expand(expr: string, records: ReadonlyMap<string, Rule[]>, depth = 0): Expanded {
  const used: Rule[] = [];
  const outer: Matcher[] = [];
  let whole = true;
  let text = expr;
  for (const { name, matchers, to, from, offsetMs } of selectorsIn(lenientTree(expr)).toSorted(
    (a, b) => b.from - a.from,
  )) {
    const candidates = (name === undefined ? undefined : records.get(name)) ?? [];
    if (candidates.length === 0) continue;
    const own = candidates.find((rule) =>
      matchers.every((m) => rule.labels[m.label] === undefined || (m.op === '=' && rule.labels[m.label] === m.value)),
    );
    used.push(...candidates);
    const after = /^\s*\[\s*([^\]:]+)\]/.exec(text.slice(to));
    if (!own || depth > 4 || (offsetMs !== 0 && !after)) {
      whole = false;
      continue;
    }
    const deeper = expand(own.expr, records, depth + 1);
    used.push(...deeper.records);
    outer.push(...matchers.filter((m) => own.labels[m.label] === undefined), ...deeper.outer);
    whole &&= deeper.whole;
    const range = after ? `[${after[1]}:30s]` : '';
    text = `${text.slice(0, from)}(${deeper.expr})${range}${text.slice(to + (after?.[0].length ?? 0))}`;
  }
  return { expr: text, records: [...new Set(used)], outer, whole };
}

const ruleYaml = (rule: Rule): Record<string, unknown> => ({
  [rule.kind]: rule.name,
  expr: rule.expr,
  ...(rule.for !== undefined && { for: rule.for }),
  ...(Object.keys(rule.labels).length > 0 && { labels: rule.labels }),
  ...(rule.kind === 'alert' && Object.keys(rule.annotations).length > 0 && { annotations: rule.annotations }),
});

/** A rules file of one alert and the recording rules that it reads, all unmodified. */
export function rulesFileOf(alert: AlertRule, records: readonly Rule[]): string {
  const groups = [
    ...(records.length > 0 ? [{ name: 'records', rules: records.map(ruleYaml) }] : []),
    { name: alert.group, rules: [ruleYaml(alert.rule)] },
  ];
  return stringify({ groups }, { lineWidth: 0 });
}

/** The same rules file with each group's interval put to `interval`; nothing else is touched. */
export function withInterval(text: string, interval: string): string {
  const document = parseDocument(text);
  const groups = isMap(document.contents) ? document.contents.get('groups', true) : undefined;
  if (isSeq(groups)) for (const group of groups.items) if (isMap(group)) group.set('interval', interval);
  return document.toString({ lineWidth: 0 });
}
