import { z } from 'zod';
import { Duration } from '../core/duration.ts';
import { prometheusParams } from '../clients/prometheus.ts';

const Series = z.array(
  z.strictObject({
    series: z.string().min(1).describe('name{label="value"}'),
    values: z.string().min(1).describe("in promtool's notation: 0+10x60"),
  }),
);

export const params = z
  .strictObject({
    ...prometheusParams,
    url: prometheusParams.url.optional(),
    mode: z
      .enum(['unit', 'sandbox', 'inject', 'fault'])
      .default('unit')
      .describe('unit: promtool; sandbox: a throw-away Prometheus; inject, fault: the running stack'),
    rules: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'rule files or globs, relative to the target; without them the rules that the Prometheus at `url` has loaded',
      ),
    alerts: z.array(z.string().min(1)).default([]).describe('names of the alerts to drill; default all'),
    require: z
      .array(z.enum(['logic', 'live', 'delivery']))
      .min(1)
      .optional()
      .describe('verdicts that an alert needs; default logic and live, in `sandbox` delivery too'),
    series: z
      .record(
        z.string(),
        z.strictObject({ interval: Duration.default('1m'), firing: Series.min(1), quiet: Series.min(1) }),
      )
      .default({})
      .describe('alert → series that make it fire and series that do not, where the search finds none'),
    annotations: z
      .array(z.string().min(1))
      .default([])
      .describe('annotations that every alert must have, e.g. runbook'),
    coverage: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'percent of all alerts, waived ones left out, that must be drilled in this run; default 100 where `alerts` names none',
      ),
    firesWithin: Duration.optional().describe(
      'an alert must fire at most this long after its condition began: a `for` that is far too long is found',
    ),
    waive: z
      .array(z.strictObject({ alert: z.string().min(1), reason: z.string().trim().min(1) }))
      .default([])
      .describe('alerts that are not drilled, and why'),
    within: Duration.default('45s').describe('how long to wait for samples of this run'),
    interval: Duration.default('1s').describe("sandbox: the groups' interval there; the only thing that is changed"),
    fault: z
      .strictObject({
        service: z.string().min(1).describe('service of the stack'),
        how: z.enum(['stop', 'kill', 'pause', 'disconnect']).default('stop'),
      })
      .optional()
      .describe('fault: what is done to the running stack'),
    confirmLive: z.boolean().default(false).describe('inject: yes, samples may be put into the running Prometheus'),
    silence: z
      .boolean()
      .default(false)
      .describe(
        'inject, fault: the alerts are silenced in Alertmanager while the drill lasts, so that nobody is called',
      ),
    allowUngrouped: z
      .boolean()
      .default(false)
      .describe('inject: also for aggregates without `by`, where injected samples mix with real ones'),
    pushgateway: z
      .string()
      .optional()
      .describe('inject: base URL of a pushgateway that the Prometheus scrapes with honor_labels'),
    fileSd: z
      .string()
      .optional()
      .describe('inject: a file that a file_sd_configs of the running Prometheus reads; it must not be there'),
  })
  .refine((p) => p.rules.length > 0 || p.url !== undefined, { error: 'give rules, url or both' })
  .refine((p) => p.mode !== 'fault' || p.fault !== undefined, { error: 'mode fault needs `fault: { service }`' })
  .refine((p) => p.mode !== 'fault' || p.alerts.length > 0, {
    error: 'mode fault needs `alerts`: those that the fault must make fire',
  })
  .refine((p) => !p.silence || p.require?.includes('delivery') !== true, {
    error:
      'with `silence` nobody is told, so that no delivery can be required: leave `silence` out, and route `verify_drill!=""` to a receiver of the drill’s own',
  })
  .refine((p) => !p.silence || p.mode === 'fault' || p.mode === 'inject', {
    error: '`silence` is for the modes inject and fault: the others tell nobody of the running stack',
  })
  .refine((p) => (p.mode !== 'fault' && p.mode !== 'inject') || p.url !== undefined, {
    error: 'this mode needs `url`',
  });
export type Params = z.infer<typeof params>;

/** The verdicts that an alert needs. */
export const required = (p: Params): ('logic' | 'live' | 'delivery')[] =>
  p.require ?? (p.mode === 'sandbox' ? ['logic', 'live', 'delivery'] : ['logic', 'live']);

/** Percent of the alerts that must be drilled; undefined where nothing is asked. */
export const threshold = (p: Params): number | undefined => p.coverage ?? (p.alerts.length === 0 ? 100 : undefined);
