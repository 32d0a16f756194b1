import { distance } from '../../../core/suggest.ts';
import type { Rule } from '../rule-files.ts';

/**
 * Labels of single alerts that are a slip of the keyboard away from one that nearly all others bear, and that they lack:
 * `serverity` beside `severity`. Routes and inhibitions go by the name.
 */
export function misspeltLabels(alerts: readonly Rule[]): { rule: Rule; label: string; meant: string }[] {
  const bearers = new Map<string, Rule[]>();
  for (const rule of alerts)
    for (const label of Object.keys(rule.labels)) bearers.set(label, [...(bearers.get(label) ?? []), rule]);
  const found: { rule: Rule; label: string; meant: string }[] = [];
  for (const [label, [rule, ...more]] of bearers) {
    if (!rule || more.length > 0 || label.length < 4) continue;
    const [meant] = [...bearers].find(
      ([other, by]) =>
        other !== label &&
        by.length >= 2 &&
        by.length >= 0.75 * (alerts.length - 1) &&
        !by.includes(rule) &&
        distance(label.toLowerCase(), other.toLowerCase(), 2) <= 2,
    ) ?? [undefined];
    if (meant !== undefined) found.push({ rule, label, meant });
  }
  return found;
}
