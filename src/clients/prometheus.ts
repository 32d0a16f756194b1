import { secretOf } from './secret.ts';
import { z } from 'zod';
import { sampleNumber } from '../formats/prometheus/sample-number.ts';
import { Unobservable, type HttpOptions, type HttpResult, type StepContext } from '../core/step.ts';
import { jsonOf } from '../core/json-of.ts';

/** How a step reaches a Prometheus; spread into its params. */
export const prometheusParams = {
  url: z.string().min(1).describe('base URL of the Prometheus, e.g. ${{ facts.stack.prometheus.url }}'),
  headers: z.record(z.string(), z.string()).default({}).describe('sent along, e.g. X-Scope-OrgID'),
  token: z
    .string()
    .optional()
    .describe('name of the environment variable with the bearer token; list it under secrets'),
  basic: z
    .strictObject({
      user: z.string().min(1),
      password: z.string().min(1).describe('name of the environment variable with the password; list it under secrets'),
    })
    .optional()
    .describe('basic authentication'),
  tls: z
    .strictObject({
      ca: z.string().optional(),
      cert: z.string().optional(),
      key: z.string().optional(),
      insecure: z.boolean().default(false).describe('do not check the certificate'),
    })
    .optional()
    .describe('PEM files, relative to the target'),
};
export interface PrometheusParams {
  url: string;
  headers: Record<string, string>;
  token?: string | undefined;
  basic?: { user: string; password: string } | undefined;
  tls?:
    | { ca?: string | undefined; cert?: string | undefined; key?: string | undefined; insecure?: boolean | undefined }
    | undefined;
}

const Envelope = z.object({
  status: z.enum(['success', 'error']),
  data: z.unknown().optional(),
  errorType: z.string().optional(),
  error: z.string().optional(),
  warnings: z.array(z.string()).default([]),
  infos: z.array(z.string()).default([]),
  /** VictoriaMetrics, where not all of its nodes have answered. */
  isPartial: z.boolean().default(false),
});

export interface Answer {
  /** `refused` where Prometheus understood and said no: bad PromQL, an execution error. */
  state: 'ok' | 'refused';
  data: unknown;
  error?: string;
  /** What may make the answer partial. */
  warnings: string[];
  /** Remarks on the expression; up to 2.53 they stand among the warnings. */
  infos: string[];
}

/**
 * Asks a Prometheus HTTP API. Only an envelope of its own counts as an answer, and one with warnings only where the caller
 * judges them (`partial: 'taken'`).
 * @throws Unobservable `unreachable`, `not-prometheus`, `unauthorized`, `unsupported` where nothing can be said
 */
export async function ask(
  ctx: StepContext,
  p: PrometheusParams,
  path: string,
  query: Record<string, string> = {},
  partial: 'refused' | 'taken' = 'refused',
): Promise<Answer> {
  const base = p.url.replace(/\/+$/, '');
  const search = new URLSearchParams(query).toString();
  const result = await ctx.http(`${base}/api/v1/${path}${search === '' ? '' : `?${search}`}`, {
    headers: headersOf(ctx, p),
    ...tlsOf(p),
  });
  const answer = readAnswer(result, p.url);
  if (partial === 'refused' && answer.warnings.length > 0)
    throw new Unobservable('unavailable', `${result.url} gives a partial answer: ${answer.warnings.join('; ')}`, {
      hint: 'what is not in it was not judged',
    });
  return answer;
}

/** Headers with which this Prometheus is asked. @throws Unobservable `secret-missing` */
export function headersOf(ctx: StepContext, p: PrometheusParams): Record<string, string> {
  const secret = (name: string): string => secretOf(ctx, name);
  return {
    accept: 'application/json',
    ...p.headers,
    ...(p.basic && { authorization: `Basic ${btoa(`${p.basic.user}:${secret(p.basic.password)}`)}` }),
    ...(p.token !== undefined && { authorization: `Bearer ${secret(p.token)}` }),
  };
}

/** Options of TLS for a request to this Prometheus. */
export function tlsOf({ tls }: PrometheusParams): Pick<HttpOptions, 'tls'> {
  if (!tls) return {};
  const { ca, cert, key, insecure } = tls;
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(insecure !== undefined && { insecure }),
    },
  };
}

/** Reads an envelope. @throws Unobservable see ask */
export function readAnswer(result: HttpResult, url: string): Answer {
  if (!result.reached)
    throw new Unobservable('unreachable', `${url} does not answer (${result.error}: ${result.message})`, {
      hint: 'is Prometheus up, and is this its address?',
    });
  const { status, contentType, body } = result;
  if (status === 401 || status === 403)
    throw new Unobservable('unauthorized', `${result.url} answered HTTP ${status}`, {
      hint: 'give `token`, `basic` or `headers`',
    });
  if (!contentType.includes('json')) {
    if (status === 404)
      throw new Unobservable('unsupported', `${result.url} answered 404: this server does not have the endpoint`, {
        hint: 'is this a Prometheus, and new enough?',
      });
    throw new Unobservable(
      'not-prometheus',
      `${result.url} answered HTTP ${status} with ${contentType === '' ? 'no content type' : contentType}, no Prometheus answer`,
      { hint: 'another server seems to listen there' },
    );
  }
  const parsed = jsonOf(body);
  if (parsed === undefined)
    throw new Unobservable('not-prometheus', `${result.url} answered HTTP ${status} with JSON that does not parse`, {
      hint: 'the answer was cut short, or comes from another server',
    });
  const envelope = Envelope.safeParse(parsed);
  const success = envelope.data?.status === 'success';
  // Prometheus answers 200 where it succeeded, and never else: what says so beside another code is somebody between.
  if (success && status !== 200)
    throw new Unobservable('not-prometheus', `${result.url} answered HTTP ${status} with a body that says success`, {
      hint: 'a proxy stands between, or another server listens there',
    });
  if (!envelope.success || (success && envelope.data.data === undefined)) {
    throw new Unobservable('not-prometheus', `${result.url} answered JSON, but not as Prometheus does`, {
      hint: 'another server seems to listen there',
    });
  }
  const { data, error, errorType, warnings, infos, isPartial } = envelope.data;
  if (envelope.data.status === 'error') {
    if (errorType === 'timeout' || errorType === 'canceled' || errorType === 'unavailable' || errorType === 'not_found')
      throw new Unobservable('unavailable', `Prometheus says ${errorType}: ${error}`);
    return { state: 'refused', data: undefined, error: `${errorType}: ${error}`, warnings, infos };
  }
  if (error !== undefined || errorType !== undefined)
    throw new Unobservable('not-prometheus', `${result.url} says success and ${errorType ?? error}`, {
      hint: 'a proxy stands between, or another server listens there',
    });
  const isInfo = (text: string): boolean => text.startsWith('PromQL info: ');
  return {
    state: 'ok',
    data,
    warnings: [
      ...warnings.filter((text) => !isInfo(text)),
      ...(isPartial ? ['the answer is partial (isPartial)'] : []),
    ],
    infos: [...warnings.filter(isInfo), ...infos],
  };
}

const Sample = z.tuple([z.number(), z.string()]);
/** Go's float as JSON has it: nothing else is a number here, neither "" nor "0x10". */
const NumberSample = z.tuple([
  z.number(),
  z.string().regex(/^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]?Inf|NaN)$/i),
]);
/** One series of an instant vector. Native histograms carry `histogram` instead of `value`. */
export const Series = z
  .object({
    metric: z.record(z.string(), z.string()),
    value: NumberSample.optional(),
    histogram: z.tuple([z.number(), z.object({ count: z.string(), sum: z.string() })]).optional(),
  })
  .refine((one) => one.value !== undefined || one.histogram !== undefined, { error: 'it has no sample' });
export type Series = z.infer<typeof Series>;

export const QueryData = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(Series) }),
  z.object({ resultType: z.literal('scalar'), result: NumberSample }),
  z.object({ resultType: z.literal('string'), result: Sample }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(NumberSample).default([]) })),
  }),
]);
export type QueryData = z.infer<typeof QueryData>;

/** The value of a sample; NaN where the text is no number. */
export const valueOf = (text: string): number => sampleNumber(text) ?? Number.NaN;

/** Finds out who answers: version of a real Prometheus (or one that speaks its API). @throws Unobservable */
export async function identity(ctx: StepContext, p: PrometheusParams): Promise<string> {
  const answer = await ask(ctx, p, 'status/buildinfo');
  const info = z.object({ version: z.string() }).safeParse(answer.data);
  if (!info.success)
    throw new Unobservable('not-prometheus', `${p.url} does not say which Prometheus it is`, {
      hint: 'another server seems to listen there',
    });
  return info.data.version;
}

export const RuleState = z.object({
  name: z.string(),
  query: z.string(),
  type: z.enum(['alerting', 'recording']),
  health: z.string(),
  lastError: z.string().optional(),
  lastEvaluation: z.string().optional(),
  state: z.string().optional(),
  duration: z.number().optional(),
  keepFiringFor: z.number().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })).optional(),
});
export type RuleState = z.infer<typeof RuleState>;
export const RulesData = z.object({
  groups: z.array(
    z.object({ name: z.string(), file: z.string(), interval: z.number().optional(), rules: z.array(RuleState) }),
  ),
});

export const TargetsData = z.object({
  activeTargets: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      scrapePool: z.string(),
      scrapeUrl: z.string(),
      lastError: z.string(),
      lastScrape: z.string(),
      health: z.string(),
    }),
  ),
});
