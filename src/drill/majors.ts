import { promDuration } from '../formats/promql/literals.ts';
import type { Rule } from '../formats/prometheus/rule-files.ts';
import type { AlertRule, RuleSet } from './alerts.ts';

const majorOf = (version: string): number => Number(/^v?(\d+)\./.exec(version)?.[1] ?? Number.NaN);

/**
 * Milliseconds by which ranges must be longer so that a promtool reads them as the running Prometheus does; undefined where
 * both are of one kind. Since 3.0 ranges are open on the left (its migration guide): `[1m]` at 15 s has four samples, not five.
 */
export function rangeShift(promtool: string, running: string | undefined): number | undefined {
  const [tool, server] = [majorOf(promtool), majorOf(running ?? '')];
  if (!Number.isFinite(tool) || !Number.isFinite(server) || tool >= 3 === server >= 3) return undefined;
  return server >= 3 ? -1 : 1;
}

/** The expression with every range longer by `shift` milliseconds. */
export function shifted(expr: string, shift: number): string {
  return expr.replace(
    /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*)|\[\s*([0-9a-z]+)(?=\s*[\]:])/g,
    (whole, quoted: string | undefined, range: string | undefined) => {
      const ms = quoted === undefined && range !== undefined ? promDuration(range) : undefined;
      return ms === undefined ? whole : `[${ms + shift}ms`;
    },
  );
}

const rule = (one: Rule, shift: number): Rule => ({ ...one, expr: shifted(one.expr, shift) });

export const shiftedAlert = (alert: AlertRule, shift: number): AlertRule => ({
  ...alert,
  rule: rule(alert.rule, shift),
});

export const shiftedSet = (set: RuleSet, shift: number): RuleSet => ({
  alerts: set.alerts.map((alert) => shiftedAlert(alert, shift)),
  records: new Map([...set.records].map(([name, rules]) => [name, rules.map((one) => rule(one, shift))])),
});
