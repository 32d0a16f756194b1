import { z } from 'zod';
import { fillIn, type Value } from '../../core/expressions.ts';
import { FactName } from '../../core/own-judgement.ts';
import { defineStep, error, inconclusive, Judge, type FactValue, type StepContext } from '../../core/step.ts';
import { entries } from '../../core/words.ts';
import { holdJson, JsonAssertion } from '../../formats/data/json-assertions.ts';
import { readFact, JsonPath } from '../../formats/data/named-facts.ts';
import { RegularExpression } from '../../formats/data/regular-expression.ts';
import { jsonOf } from '../../core/json-of.ts';

const Capture = z
  .strictObject({
    json: JsonPath.optional().describe('path of the one value in the body'),
    matches: RegularExpression.optional().describe(
      'expression over the body that matches once; its first group, or all of it',
    ),
    header: z.string().min(1).optional().describe('a header of the answer'),
    secret: z.boolean().default(false).describe('a token: it is redacted everywhere, and is no fact'),
  })
  .refine((one) => [one.json, one.matches, one.header].filter((part) => part !== undefined).length === 1, {
    error: 'give one of json, matches, header',
  });

const Request = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional().describe('a text as it is; anything else as JSON, with its content type'),
  status: z.int().min(100).max(599).default(200),
  contains: z.array(z.string().min(1)).default([]),
  json: z.array(JsonAssertion).default([]),
  capture: z
    .record(
      FactName.refine((name) => !/^http\.(?:requests|latencyMs)$/.test(name), { error: 'it is measured anyway' }),
      Capture,
    )
    .default({})
    .describe('name → what of the answer: `${{ captured.NAME }}` in later requests of the row, and a fact'),
});
type Request = z.infer<typeof Request>;

const params = z.strictObject({
  requests: z
    .array(Request)
    .min(1)
    .max(100)
    .describe('sent one after the other; the first that does not hold ends the row'),
});
type Params = z.infer<typeof params>;

interface Answered {
  /** Why there was no answer. */
  error?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  truncated?: boolean;
  ms?: number;
  /** Neither body nor headers are kept: a token that was to be captured may stand anywhere in them. */
  unkept?: true;
}
interface Observed {
  /** Of each request that was sent: where to, and what came. */
  answers: (Answered & { url: string; unfilled?: string[] })[];
}

const problems = {
  status: error('Another status than promised', 'read the body in the evidence'),
  body: error('The body does not contain what is promised', 'read it in the evidence'),
  'not-json': inconclusive('The answer is not JSON', 'another server may listen there'),
  'json-value': error('A value is not as promised', 'read the body in the evidence'),
  'json-missing': error('A promised value is not in the answer', 'read the body in the evidence'),
  'capture-missing': error(
    'A value that later requests need is not in the answer, or stands there more than once',
    'read the body in the evidence',
  ),
  unreachable: inconclusive('There is no answer', 'is the service up, and is this its address?'),
  redirect: error('The address redirects', 'give the final address'),
  'body-cut': inconclusive('The body was too long to be judged whole', 'ask for less'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'http/request',
  summary: 'A series of requests is answered as promised, each using values from the ones before it.',
  description: `Sends the requests one after the other; redirects are not followed. \`capture\` names values of an answer, by JSON path, expression or header; later requests of the row have them as \`\${{ captured.NAME }}\`. One that matches nothing, or twice, is an error, and ends the row: what was not sent is said.

Tokens come as \`\${{ secrets.NAME }}\` in headers and bodies, or are captured with \`secret: true\`; both are redacted everywhere.`,
  example: `- id: orders
  uses: http/request
  with:
    requests:
      - { method: POST, url: "\${{ facts.stack.api.url }}/orders", body: { item: 1 }, status: 201, capture: { order: { json: $.id } } }
      - { url: "\${{ facts.stack.api.url }}/orders/\${{ captured.order }}", json: [{ path: $.item, equals: 1 }] }`,
  params,
  facts: {
    'http.requests': 'requests that were answered as promised',
    'http.latencyMs': 'milliseconds of the slowest answer',
  },
  yields: (p) =>
    Object.fromEntries(
      p.requests.flatMap(({ capture }) =>
        Object.entries(capture).flatMap(([name, { secret }]) => (secret ? [] : [[name, 'a captured value']])),
      ),
    ),
  problems,
  timeout: '60s',
  plan: (p) => p.requests.map((one) => `${one.method} ${one.url}   (HTTP ${one.status})`),
  weak: (p) =>
    p.requests.every(
      (one) => one.contains.length === 0 && one.json.length === 0 && Object.keys(one.capture).length === 0,
    )
      ? 'nothing but the status is asserted: any server may answer like this'
      : undefined,
  async gather(p, ctx) {
    const captured: Record<string, Value> = {};
    const answers: Observed['answers'] = [];
    for (const [n, request] of p.requests.entries()) {
      const unfilled: string[] = [];
      const filled = fillIn(
        request,
        { captured: (name) => (Object.hasOwn(captured, name) ? captured[name] : undefined) },
        'last',
        unfilled,
      ) as Request;
      const answer: Observed['answers'][number] = {
        url: filled.url,
        ...(unfilled.length > 0 ? { unfilled } : await send(filled, ctx)),
      };
      answers.push(answer);
      const holds = judgeOne(new Judge(problems), request, answer, filled.url, captured);
      if (answer.body !== undefined) {
        if (!hideTokens(request, answer, ctx)) Object.assign(answer, { body: '', headers: {}, unkept: true });
        await ctx.evidence.write(`body-${n + 1}`, answer.body);
      }
      if (!holds) break;
    }
    return { answers };
  },
  judge(p, { answers }) {
    const j = new Judge(problems);
    let held = 0;
    for (const [n, answer] of answers.entries()) {
      const request = p.requests[n];
      const captured: Record<string, Value> = {};
      if (request && judgeOne(j, request, answer, answer.url, captured)) held++;
      for (const [name, value] of entries(captured)) if (request?.capture[name]?.secret === false) j.fact(name, value);
    }
    if (answers.length < p.requests.length && held === answers.length)
      j.find('unreachable', 'not all of the requests were sent');
    j.fact('http.requests', held);
    j.fact('http.latencyMs', Math.max(0, ...answers.map(({ ms = 0 }) => ms)));
    return j.done();
  },
});

/** Bytes of an answer that are read, kept and judged. */
const maxBody = 1_000_000;

async function send({ method, url, headers, body }: Request, ctx: StepContext): Promise<Answered> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const typed = text !== body && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const answer = await ctx.http(url, {
    method,
    headers: { ...(typed && { 'content-type': 'application/json' }), ...headers },
    ...(text !== undefined && { body: text }),
    maxBody,
  });
  if (!answer.reached) return { error: `${answer.error}, ${answer.message}` };
  const { status, body: got, truncated, durationMs } = answer;
  return {
    status,
    headers: answer.headers,
    body: truncated ? got.slice(0, 1500) : got,
    truncated,
    ms: Math.round(durationMs * 100) / 100,
  };
}

/** Judges one answer, and takes what is to be captured. @returns whether all holds, so that the row may go on */
function judgeOne(
  j: Judge<typeof problems>,
  request: Request,
  answer: Answered & { unfilled?: string[] },
  url: string,
  captured: Record<string, Value>,
): boolean {
  const before = j.findings.length;
  const what = `${request.method} ${url}`;
  const { error, status, body = '', truncated, unfilled, unkept } = answer;
  const detail = body.slice(0, 1500);
  if (unfilled !== undefined)
    return !j.find('capture-missing', `${what}: no request before it captures ${unfilled.join(', ')}`);
  if (error !== undefined)
    return !j.find(error.startsWith('redirect') ? 'redirect' : 'unreachable', `${what}: ${error}`);
  j.check(
    status === request.status,
    `${what} answers HTTP ${status}`,
    'status',
    `${what} answers HTTP ${status}, expected ${request.status}`,
    { detail },
  );
  if (status !== request.status) return false;
  if (unkept === true)
    return !j.find(
      'capture-missing',
      `${what}: expected a token once in the answer; the answer is not kept, since it may hold the token`,
    );
  const onBody =
    request.contains.length +
    request.json.length +
    Object.values(request.capture).filter((one) => one.header === undefined).length;
  if (truncated === true && onBody > 0) return !j.find('body-cut', `${what}: the body is longer than ${maxBody} bytes`);
  for (const text of request.contains)
    j.check(
      body.includes(text),
      `the body holds ${JSON.stringify(text)}`,
      'body',
      `${what}: the body does not contain ${JSON.stringify(text)}`,
      { detail },
    );
  if (request.json.length > 0) {
    if (jsonOf(body) === undefined) return !j.find('not-json', `${what}: the body does not parse as JSON`, { detail });
    for (const { holds, missing, text, subject } of holdJson(body, request.json))
      j.check(holds, text, missing ? 'json-missing' : 'json-value', `${what}: ${text}`, { subject, detail });
  }
  for (const [name, one] of entries(request.capture)) {
    const read = captureOf(one, answer);
    if ('value' in read) captured[name] = read.value;
    else j.find('capture-missing', `${what}: ${name}: ${read.text}`, { subject: name, detail });
  }
  if (Object.keys(request.capture).length > 0 && j.findings.length === before)
    j.prove(`${what} gives ${Object.keys(request.capture).toSorted().join(', ')}`);
  return j.findings.length === before;
}

/** The one value of an answer that is to be captured, or why there is none. */
function captureOf(
  { json, matches, header }: z.infer<typeof Capture>,
  { headers = {}, body = '' }: Answered,
): { value: FactValue } | { text: string } {
  if (header === undefined) return readFact(body, json === undefined ? { matches, type: 'string' } : { json });
  const value = headers[header.toLowerCase()];
  return value === undefined || value.trim() === '' ? { text: `there is no header ${header} with a value` } : { value };
}

/** Takes the tokens that are to be captured out of all that is kept. @returns false where one was not found: it may stand anywhere */
function hideTokens({ capture }: Request, answer: Answered, ctx: StepContext): boolean {
  return entries(capture)
    .filter(([, { secret }]) => secret)
    .map(([name, one]) => {
      const read = captureOf(one, answer);
      if ('value' in read) ctx.hide([{ [name]: String(read.value) }], [name]);
      return 'value' in read;
    })
    .every(Boolean);
}
