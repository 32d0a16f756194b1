import { standIn, type Matcher } from '../promql/tree.ts';
import { matchesEmpty } from '../promql/matchers.ts';
import type { KnownMetrics } from './known-metrics.ts';
import { addedByMany } from './metric-words.ts';

/**
 * The labels that the sources register a series with, where none of them nor scraping adds this one.
 * @returns `sure` where every label that scraping adds is known, and no other program has such a metric
 */
export function registeredWithout(
  name: string,
  label: string,
  known: KnownMetrics,
): { labels: string[]; file: string; sure: boolean } | undefined {
  const { labels, file, own } = known.declared(name) ?? {};
  const kept = label.replace(/^exported_/, '');
  const scraped = known.targetLabels;
  if (!labels || file === undefined || labels.includes(kept) || (scraped?.has(kept) ?? addedByMany.test(kept)))
    return undefined;
  return { labels, file, sure: own === true && scraped !== undefined };
}

/** Matchers that ask for labels with which the sources do not register the metric. */
export function registeredFaults(
  name: string,
  matchers: readonly Matcher[],
  shown: string,
  known: KnownMetrics,
): { level: 'error' | 'warning'; message: string }[] {
  return matchers.flatMap((matcher) => {
    const { label } = matcher;
    if (label.includes(standIn) || label.startsWith('__') || matchesEmpty(matcher)) return [];
    const without = registeredWithout(name, label, known);
    if (without === undefined) return [];
    const { labels, file, sure } = without;
    const has = labels.length === 0 ? 'without labels' : `with the labels ${labels.join(', ')} alone`;
    return [
      {
        level: sure ? ('error' as const) : ('warning' as const),
        message: `${shown}: ${file} registers ${name} ${has}, and not with ${label}`,
      },
    ];
  });
}
