import { promDuration } from '../formats/promql/literals.ts';

import type { DrillSeries } from './series.ts';
import { identity } from './series.ts';
import { withMatcher } from '../formats/promql/with-matcher.ts';

/** One set of series to try an expression with. */
export interface Attempt {
  id: string;
  expr: string;
  series: DrillSeries[];
  /** Seconds at which the expression is asked for. */
  times: number[];
}

const mark = 'verify_try';

/** Every selector also asks for the attempt's own label, so that attempts do not see each other's series. */
const marked = (expr: string, id: string): string => withMatcher(expr, `${mark}="${id}"`);

/** A promtool file that asks every attempt whether its expression has a result, in as few tests as there are steps. */
export function searchFile(attempts: readonly (Attempt & { step: number })[]): string {
  // promtool walks the whole of a test's time for all of its series: a week is not walked with those of an hour.
  const kindOf = ({ step, times }: Attempt & { step: number }): string =>
    `${step} ${Math.ceil(Math.log2(Math.max(1, ...times) / 1800))}`;
  const kinds = [...new Set(attempts.map(kindOf))];
  return JSON.stringify({
    evaluation_interval: '2m',
    tests: kinds.map((kind) => {
      const own = attempts.filter((one) => kindOf(one) === kind);
      return {
        interval: `${own[0]?.step ?? 60}s`,
        input_series: own.flatMap(({ id, series }) =>
          series.map((one) => ({ series: identity(one.name, { ...one.labels, [mark]: id }), values: one.text })),
        ),
        promql_expr_test: [
          ...own.flatMap(({ id, expr, times }) =>
            times.map((time) => ({ expr: `count(${marked(expr, id)})`, eval_time: `${time}s`, exp_samples: [] })),
          ),
          // promtool stores samples up to the last multiple of evaluation_interval only.
          {
            expr: 'absent(vector(1))',
            eval_time: `${2 + Math.ceil(Math.max(...own.flatMap(({ times }) => times)) / 120) * 2}m`,
            exp_samples: [],
          },
        ],
      };
    }),
  });
}

export interface Asked {
  /** Seconds at which the expression had a result. */
  hits: number[];
  error?: string;
}

/** Reads promtool's answer to `searchFile`: it prints only what is not the empty result that the file expects. */
export function readSearch(stderr: string): Map<string, Asked> {
  const found = new Map<string, Asked>();
  const pattern = /expr: "(?:[^"\\]|\\.)*?verify_try=\\"([^"\\]+)\\"(?:[^"\\]|\\.)*", time: (\w+),(?: err: (.*))?/g;
  for (const [, id = '', time = '', error] of stderr.matchAll(pattern)) {
    const asked = found.get(id) ?? { hits: [] };
    if (error === undefined) asked.hits.push((promDuration(time) ?? 0) / 1000);
    else asked.error = error;
    found.set(id, asked);
  }
  return found;
}

export interface Proof {
  /** Seconds between samples and between evaluations, and the time at the end. */
  step: number;
  evaluation: number;
  end: number;
  alert: string;
  firing: DrillSeries[];
  quiet: DrillSeries[] | undefined;
}

/** A promtool file that runs the unmodified rule over a course that must make it fire, and one that must not. */
export function proofFile(id: string, rules: string, proof: Proof): string {
  const name = JSON.stringify(proof.alert);
  const first = (state: string): string =>
    `min(min_over_time(timestamp(ALERTS{alertname=${name},alertstate="${state}"})[${proof.end + 1}s:${proof.evaluation}s]))`;
  const at = `${proof.end}s`;
  const input = (series: readonly DrillSeries[]): unknown =>
    series.map((one) => ({ series: identity(one.name, one.labels), values: one.text }));
  const test = (kind: string, series: readonly DrillSeries[], more: object): unknown => ({
    name: `${id}-${kind}`,
    interval: `${proof.step}s`,
    input_series: input(series),
    ...more,
  });
  const expecting = (expr: string): object => ({ expr, eval_time: at, exp_samples: [] });
  return JSON.stringify({
    rule_files: [rules],
    evaluation_interval: `${proof.evaluation}s`,
    tests: [
      test('firing', proof.firing, {
        promql_expr_test: [
          expecting(`ALERTS{alertname=${name},alertstate="firing"}`),
          expecting(first('pending')),
          expecting(first('firing')),
        ],
        alert_rule_test: [
          { eval_time: at, alertname: proof.alert, exp_alerts: [{ exp_labels: { verify: 'sentinel' } }] },
        ],
      }),
      ...(proof.quiet
        ? [
            test('quiet', proof.quiet, {
              promql_expr_test: [expecting(`count(last_over_time(ALERTS{alertname=${name}}[${proof.end + 1}s]))`)],
            }),
          ]
        : []),
    ],
  });
}

/** What promtool said of one proof. */
export interface Proven {
  /** Labels of each firing instance, and the same instances' annotations as Prometheus renders them. */
  instances: { labels: Record<string, string>; annotations: Record<string, string> }[];
  labels: Record<string, string>[];
  pendingAt?: number;
  firingAt?: number;
  /** Was the alert active at any time over the course that must not make it fire? Undefined where none was run. */
  quiet?: boolean;
  /** promtool's refusal, or an error of the evaluation. */
  error?: string;
}

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [
      key,
      unescaped(value),
    ]),
  );
const unescaped = (text: string): string => {
  try {
    return JSON.parse(`"${text.replace(/\\x([0-9a-f]{2})/gi, '\\u00$1').replace(/\\a/g, '')}"`) as string;
  } catch {
    return text;
  }
};

/** Splits promtool's output into the parts of its named tests. @returns name → text, and what it says of a rules file */
export function readProofs(stderr: string): Map<string, string> {
  const parts = new Map<string, string>();
  let name = '';
  for (const line of stderr.split('\n')) {
    const started = /^\s+name: ([\w-]+),\s*$/.exec(line)?.[1];
    const refused = /^(?:.*\/)?(a\d+)\.rules\.yml: (.*)$/.exec(line.trim());
    if (refused) parts.set(`${refused[1]}-refused`, refused[2] ?? '');
    else if (started !== undefined) name = started;
    else if (name !== '') parts.set(name, `${parts.get(name) ?? ''}${line}\n`);
  }
  return parts;
}

/** Reads what the proof `id` came to. */
export function readProof(id: string, parts: ReadonlyMap<string, string>, ranQuiet: boolean): Proven {
  const refused = parts.get(`${id}-refused`);
  const firing = parts.get(`${id}-firing`) ?? '';
  const quiet = parts.get(`${id}-quiet`);
  const error =
    refused ??
    /, err: (.*)$/m.exec(firing)?.[1] ??
    (quiet === undefined ? undefined : /, err: (.*)$/m.exec(quiet)?.[1]);
  const after = (start: RegExp): string => {
    const match = start.exec(firing);
    return match ? (/got: (.*)$/m.exec(firing.slice(match.index))?.[1] ?? '') : '';
  };
  const time = (state: string): number | undefined => {
    const value = /^\{\} (\S+)/.exec(after(new RegExp(`alertstate=\\\\"${state}\\\\"\\}\\)\\[`)))?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const [pendingAt, firingAt] = [time('pending'), time('firing')];
  const labels = [...after(/expr: "ALERTS\{/).matchAll(/\{((?:\w+="(?:[^"\\]|\\.)*"(?:, )?)+)\}/g)].map(
    ([, text = '']) => {
      const { __name__: _, alertstate: __, ...rest } = pairs(text);
      return rest;
    },
  );
  const got = firing.slice(Math.max(0, firing.indexOf('got:[')));
  const instances = [...got.matchAll(/Labels:\{(.*)\}\s*\n\s*Annotations:\{(.*)\}/g)].map(([, l = '', a = '']) => ({
    labels: pairs(l),
    annotations: pairs(a),
  }));
  return {
    instances,
    labels,
    ...(pendingAt !== undefined && { pendingAt }),
    ...(firingAt !== undefined && { firingAt }),
    ...(ranQuiet && { quiet: quiet === undefined && refused === undefined }),
    ...(error !== undefined && { error }),
  };
}
