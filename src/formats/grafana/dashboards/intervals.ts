import { leastStep, timing } from '../variables.ts';
import { readPromQl } from '../../promql/read.ts';
import { walk } from '../../promql/tree.ts';
import type { KnownMetrics } from '../../prometheus/known-metrics.ts';
import { viewRange } from '../time.ts';
import { putIn, replaceVariables } from '../variable-uses.ts';
import type { JudgedBoard, JudgedPanel, JudgedQuery } from './judged.ts';

const rated = /^(?:rate|irate|increase|delta|idelta|deriv)$/;
// Ranges that nobody writes stand in the place of Grafana's, to be known again in the tree.
const marks: Record<string, number> = { __interval: 7_777_771, __rate_interval: 7_777_773 };

/**
 * Ranges of `$__interval` and `$__rate_interval` that are too short for the scrape interval when the dashboard is opened.
 * @param scrape the data source's `timeInterval`; Grafana takes 15 s where it has none
 * Source: Grafana's Prometheus data source (its interval and rate interval), as in `timing`.
 */
export function shortIntervals(
  query: JudgedQuery,
  panel: JudgedPanel,
  board: JudgedBoard,
  scrape: string,
  known: KnownMetrics,
): string[] {
  const text = query.expr ?? '';
  if (!/\$\{?__(?:rate_)?interval\b/.test(text)) return [];
  const marked = putIn(text, ({ name }) => (marks[name] === undefined ? undefined : `${marks[name]}ms`));
  // At noon of a day like any other.
  const opened = viewRange(board, Date.UTC(2024, 0, 3, 12));
  const { stepMs, rateMs } = timing(panel, query, opened, leastStep(scrape) ?? 15_000);
  const ranges: Record<number, [name: string, ms: number]> = {
    [marks['__interval'] ?? 0]: ['$__interval', stepMs],
    [marks['__rate_interval'] ?? 0]: ['$__rate_interval', rateMs],
  };
  const found: string[] = [];
  for (const [expr, above] of walk(readPromQl(replaceVariables(marked).text).expr)) {
    const [call] = above;
    if (expr.kind !== 'selector' || expr.name === undefined || call?.kind !== 'call' || !rated.test(call.name))
      continue;
    const range = ranges[expr.rangeMs ?? 0];
    const interval = expr.name.includes(':') ? undefined : known.intervalOf(expr);
    if (!range || interval === undefined || range[1] > interval) continue;
    const [name, ms] = range;
    found.push(
      `${call.name} of ${expr.name} over ${name}, which is ${ms / 1000} s as the dashboard opens, and it is scraped every ${interval / 1000} s: there are never two samples${
        name === '$__interval'
          ? '; write $__rate_interval, and give the data source its timeInterval'
          : '; give the data source its scrape interval (jsonData: timeInterval)'
      }`,
    );
  }
  return found;
}
