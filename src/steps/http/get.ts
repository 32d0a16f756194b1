import { z } from 'zod';
import type { HttpResult, StepContext } from '../../core/doors.ts';
import { defineStep, Duration, error, inconclusive, Judge, ms, poll, showDuration } from '../../core/step.ts';
import { holdJson, JsonAssertion } from '../../formats/data/json-assertions.ts';
import { jsonOf } from '../../core/json-of.ts';

const params = z.strictObject({
  url: z.string().min(1),
  method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  status: z.int().min(100).max(599).default(200),
  contentType: z
    .string()
    .optional()
    .describe('text that the content type must contain; json where json assertions are made'),
  contains: z
    .array(z.string().min(1))
    .default([])
    .describe('texts that the body must hold; say what makes it the right page'),
  json: z.array(JsonAssertion).default([]),
  maxLatency: Duration.optional().describe('the slowest of `samples` answers may take at most this long'),
  samples: z.int().min(1).max(100).default(1),
  within: Duration.optional().describe('asked again until it holds, at most this long'),
});
type Params = z.infer<typeof params>;

type Seen =
  | { reached: false; error: string; message: string }
  | { reached: true; status: number; contentType: string; body: string; truncated: boolean };
interface Observed {
  answer: Seen;
  latencies: number[];
}

const problems = {
  status: error('Another status than promised', 'read the body in the evidence'),
  'content-type': error('The content is of another kind than promised', 'a login or error page often comes as HTML'),
  body: error('The body does not contain what is promised', 'read it in the evidence'),
  'not-json': inconclusive('The answer is not JSON', 'another server may listen there, or the answer was cut short'),
  'json-value': error('A value is not as promised', 'read the body in the evidence'),
  'json-missing': error('A promised value is not in the answer', 'read the body in the evidence'),
  slow: error('The answer takes too long', 'measure again on a machine at rest'),
  unreachable: inconclusive('There is no answer', 'is the service up, and is this its address?'),
  redirect: error('The address redirects', 'give the final address; a redirect to a login page is not an answer'),
  'body-cut': inconclusive('The body was too long to be judged whole', 'ask for less'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'http/get',
  summary: 'An address answers as promised: status, content, JSON values, latency.',
  description: `One request, redirects not followed. Status alone proves little: name \`contains\` or \`json\` assertions that make it the right service, not merely one that answers. A path that gives no value is a failure, never a pass.`,
  example: `- id: health
  uses: http/get
  with:
    url: \${{ facts.stack.engram.url }}/health
    json: [{ path: $.status, equals: ok }]`,
  params,
  facts: { 'http.status': 'status of the last answer', 'http.latencyMs': 'milliseconds of the slowest answer' },
  problems,
  timeout: '60s',
  plan: (p) => [
    `${p.method} ${p.url}   (HTTP ${p.status}${p.json.length > 0 ? `, ${p.json.length} JSON assertions` : ''})`,
  ],
  weak: (p) =>
    p.contains.length === 0 && p.json.length === 0 && p.contentType === undefined
      ? 'nothing but the status is asserted: any server may answer like this'
      : undefined,
  async gather(p, ctx) {
    const bodies: string[] = [];
    const seen = await poll(ctx, {
      within: p.within,
      every: 300,
      look: () => sample(p, ctx, (body) => (bodies[bodies.length === 0 ? 0 : 1] = body)),
      done: (observed) => judge(p, observed).findings.length === 0,
      waiting: (_, waited) => `waiting, ${showDuration(waited)}`,
    });
    // The first and the last answer are kept: between them a server that is waited for says the same again and again.
    for (const [n, body] of bodies.entries())
      if (n === 0 || body !== bodies[0]) await ctx.evidence.write(n === 0 ? 'body' : 'body-last', body);
    return seen;
  },
  judge: (p, observed) => judge(p, observed),
});

/** Bytes of an answer that are read, kept and judged. */
const maxBody = 1_000_000;

async function sample(p: Params, ctx: StepContext, keep: (body: string) => void): Promise<Observed> {
  const latencies: number[] = [];
  let last: HttpResult | undefined;
  for (let n = 0; n < p.samples; n++) {
    last = await ctx.http(p.url, {
      method: p.method,
      headers: p.headers,
      ...(p.body !== undefined && { body: p.body }),
      maxBody,
    });
    if (!last.reached) break;
    keep(last.body);
    latencies.push(Math.round(last.durationMs * 100) / 100);
    if (last.status !== p.status) break;
  }
  if (!last?.reached)
    return { answer: { reached: false, error: last?.error ?? 'none', message: last?.message ?? '' }, latencies };
  const { status, contentType, body, truncated } = last;
  return {
    answer: { reached: true, status, contentType, body: truncated ? body.slice(0, 1500) : body, truncated },
    latencies,
  };
}

function judge(p: Params, { answer, latencies }: Observed) {
  const j = new Judge(problems);
  if (!answer.reached) {
    return j
      .find(answer.error === 'redirect' ? 'redirect' : 'unreachable', `${p.url}: ${answer.error}, ${answer.message}`)
      .done();
  }
  j.fact('http.status', answer.status);
  j.check(
    answer.status === p.status,
    `${p.url} answers HTTP ${answer.status}`,
    'status',
    `${p.url} answers HTTP ${answer.status}, expected ${p.status}`,
    { detail: answer.body.slice(0, 1500) },
  );
  if (answer.status !== p.status) return j.done();
  if (p.contentType !== undefined)
    j.check(
      answer.contentType.includes(p.contentType),
      `the content is ${answer.contentType}`,
      'content-type',
      `the content is ${answer.contentType || 'without a type'}, expected ${p.contentType}`,
    );
  // Of a part nothing is certain, not even that a text is not there.
  if (answer.truncated && p.contains.length + p.json.length > 0)
    return j.find('body-cut', `the body is longer than the ${maxBody} bytes that are judged`).done();
  for (const text of p.contains)
    j.check(
      answer.body.includes(text),
      `the body contains ${JSON.stringify(text)}`,
      'body',
      `the body should contain ${JSON.stringify(text)}, and does not`,
      { detail: answer.body.slice(0, 1500) },
    );
  if (p.json.length > 0) judgeJson(j, p, answer.body, answer.contentType);
  const slowest = Math.max(0, ...latencies);
  j.fact('http.latencyMs', slowest);
  if (p.maxLatency !== undefined)
    j.check(
      slowest <= ms(p.maxLatency),
      `the slowest of ${latencies.length} answers took ${slowest} ms (at most ${p.maxLatency})`,
      'slow',
      `the slowest of ${latencies.length} answers took ${slowest} ms, expected at most ${p.maxLatency}`,
    );
  return j.done();
}

function judgeJson(j: Judge<typeof problems>, p: Params, body: string, contentType: string): void {
  if (jsonOf(body) === undefined) {
    j.find('not-json', `${p.url} answers ${contentType || 'without a content type'}, which does not parse as JSON`, {
      detail: body.slice(0, 500),
    });
    return;
  }
  for (const { holds, missing, text, subject } of holdJson(body, p.json)) {
    if (missing) j.find('json-missing', text, { subject, detail: body.slice(0, 1500) });
    else j.check(holds, text, 'json-value', text, { subject });
  }
}
