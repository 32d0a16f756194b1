import { pointsOf, type Panel, type Query } from './board-model.ts';
import { promDuration } from '../promql/literals.ts';
import { putIn, variablesIn } from './variable-uses.ts';

/** What a variable stands for while a panel's queries run. */
export interface VariableValue {
  values: string[];
  /** `$__all` is chosen. */
  all: boolean;
  multi: boolean;
  includeAll: boolean;
  allValue?: string;
  options: string[];
}
export type Scope = ReadonlyMap<string, VariableValue>;

/** The variables as one copy of a repeated panel has them: one value in the place of all that are chosen. */
export function scopeOf(panel: Pick<Panel, 'scoped'>, scope: Scope): Scope {
  if (!panel.scoped) return scope;
  const own = new Map(scope);
  for (const [name, value] of panel.scoped) {
    const known = scope.get(name);
    if (known) own.set(name, { ...known, values: [value], all: false });
  }
  return own;
}

const specials = /[$^*{}[\]'+?.()|]/g;
/** Source: Grafana's Prometheus data source, prometheusSpecialRegexEscape and prometheusRegularEscape. */
const regexEscape = (value: string): string => value.replaceAll('\\', '\\\\\\\\').replace(specials, '\\\\$&');
const regularEscape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll("'", "\\\\'");

/** The values that are chosen: of All, every option. */
export const chosen = (variable: VariableValue): string[] => (variable.all ? variable.options : variable.values);

function formatted(variable: VariableValue, format: string | undefined): string {
  if (variable.all && variable.allValue !== undefined && format !== 'text') return variable.allValue;
  const values = chosen(variable);
  // A variable without options stands for nothing, as Grafana has it.
  if (values.length === 0) return '';
  const join = (separator: string): string => values.join(separator);
  switch (format) {
    case undefined: {
      if (!variable.multi && !variable.includeAll) return regularEscape(values[0] ?? '');
      const escaped = values.map(regexEscape);
      return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
    }
    case 'regex': {
      const escaped = values.map((one) => one.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
      return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
    }
    case 'pipe':
      return join('|');
    case 'json':
      return JSON.stringify(values.length === 1 ? values[0] : values);
    case 'glob':
      return values.length === 1 ? join('') : `{${join(',')}}`;
    case 'doublequote':
      return values.map((one) => `"${one.replaceAll('"', '\\"')}"`).join(',');
    case 'singlequote':
      return values.map((one) => `'${one.replaceAll("'", "\\'")}'`).join(',');
    case 'percentencode':
      return values.map(encodeURIComponent).join(',');
    case 'text':
      return variable.all ? 'All' : join(' + ');
    default:
      return join(',');
  }
}

/** Names of the variables that a text mentions. */
export const mentioned = (text: string): string[] => [...new Set(variablesIn(text).map((use) => use.name))];

/**
 * Puts variables in: `$x`, `${x}`, `${x:format}`, `[[x]]`. A name that is not in scope is left as it is.
 * @param builtIns `__interval` and its like, without the dollar; left out where the server puts them in itself
 */
export const interpolateQuery = (text: string, scope: Scope, builtIns: Readonly<Record<string, string>> = {}): string =>
  putIn(text, ({ name, format }) => {
    const builtIn = builtIns[name];
    if (builtIn !== undefined) return builtIn;
    const variable = scope.get(name);
    return variable && formatted(variable, format);
  });

/** Variables in a text for people: titles, legends. */
export const interpolateText = (text: string, scope: Scope): string =>
  putIn(text, ({ name }) => {
    const variable = scope.get(name);
    return variable && formatted(variable, 'text');
  });

/** Names of the variables of `text` that have nothing to offer. */
export const emptyVariables = (text: string, scope: Scope): string[] =>
  mentioned(text).filter((name) => {
    const variable = scope.get(name);
    if (!variable) return false;
    return variable.all
      ? variable.options.length === 0 && variable.allValue === undefined
      : variable.values.length === 0;
  });

const steps: [below: number, step: number][] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
];

/** Milliseconds of a step as Grafana rounds it. Source: grafana-data rangeutil.roundInterval. */
export const roundedInterval = (milliseconds: number): number =>
  steps.find(([below]) => milliseconds < below)?.[1] ?? 604_800_000;

export interface Timing {
  /** Milliseconds since the epoch, on multiples of the step. */
  from: number;
  to: number;
  stepMs: number;
  rateMs: number;
  builtIns: Record<string, string>;
}

/** Of a series: Prometheus refuses to give more. Grafana widens its step for it, and rounds that down at times. */
export const mostPoints = 11_000;

/** `15s`, or `250ms`. */
export const shownInterval = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;

/** Milliseconds of `>30s`, `15s`, `2m`; undefined where it is none. */
export const leastStep = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : promDuration(text.replace(/^>=?\s*/, ''));

/**
 * Step, aligned range and built-in variables of one query, as Grafana computes them.
 * `$__rate_interval` is max(step + least step, 4 × least step), the step without the query's factor.
 * Source: Grafana's pkg/promlib/models/query.go (calculatePrometheusInterval, interpolateVariables).
 * @param scrapeMs the data source's `timeInterval`, 15 s where it has none
 */
export function timing(
  panel: Pick<Panel, 'grid' | 'interval' | 'maxDataPoints'>,
  query: Pick<Query, 'interval' | 'intervalFactor'>,
  range: { from: number; to: number },
  scrapeMs: number,
): Timing {
  const spanMs = range.to - range.from;
  const own = leastStep(query.interval);
  const rounded = roundedInterval(spanMs / pointsOf(panel));
  const asked = Math.max(rounded, leastStep(panel.interval) ?? scrapeMs);
  const safe = roundedInterval(spanMs / mostPoints);
  const stepMs = Math.max(own === undefined ? asked : Math.max(rounded, own), safe, 1) * (query.intervalFactor ?? 1);
  const least = own ?? scrapeMs;
  const rateMs = Math.max(asked + least, 4 * least);
  return {
    from: Math.floor(range.from / stepMs) * stepMs,
    to: Math.floor(range.to / stepMs) * stepMs,
    stepMs,
    rateMs,
    builtIns: {
      __interval: shownInterval(stepMs),
      __interval_ms: String(stepMs),
      __rate_interval: shownInterval(rateMs),
      __rate_interval_ms: String(rateMs),
      __range: `${Math.max(1, Math.round(spanMs / 1000))}s`,
      __range_s: String(Math.round(spanMs / 1000)),
      __range_ms: String(spanMs),
      __from: String(range.from),
      __to: String(range.to),
    },
  };
}
