import { z } from 'zod';
import type { StepContext } from '../core/step.ts';
import { jsonOf } from '../core/json-of.ts';

/** An alert as an Alertmanager holds it. */
const Held = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
  startsAt: z.string(),
  endsAt: z.string(),
  fingerprint: z.string().default(''),
  receivers: z.array(z.object({ name: z.string() })).default([]),
  status: z
    .object({
      state: z.string().default(''),
      silencedBy: z.array(z.string()).nullish(),
      inhibitedBy: z.array(z.string()).nullish(),
      mutedBy: z.array(z.string()).nullish(),
    })
    .default({ state: '' }),
});
export type Held = z.infer<typeof Held>;

/** What an Alertmanager sent so far by one kind of integration, and how much of that failed: requests, retries included. */
export interface Sent {
  requests: number;
  failed: number;
}

/** Asks an Alertmanager at its base URL. Each answers with a text that says why not, where it cannot say. */
async function get(ctx: StepContext, url: string): Promise<{ body: string } | string> {
  const answer = await ctx.http(url);
  if (!answer.reached) return `${url}: ${answer.error}`;
  return answer.status === 200 ? { body: answer.body } : `${url}: HTTP ${answer.status}`;
}

const parsed = <T>(schema: z.ZodType<T>, body: string): T | undefined => schema.safeParse(jsonOf(body)).data;

/** The alerts of a name that it holds. */
export async function heldAlerts(ctx: StepContext, base: string, name: string): Promise<Held[] | string> {
  const query = new URLSearchParams({ filter: `alertname=${JSON.stringify(name)}` }).toString();
  const answer = await get(ctx, `${base}/api/v2/alerts?${query}`);
  if (typeof answer === 'string') return answer;
  const held = parsed(z.array(Held), answer.body);
  return held?.filter(({ labels }) => labels['alertname'] === name) ?? `${base} gives no list of alerts`;
}

const Groups = z.array(
  z.object({
    receiver: z.object({ name: z.string() }).default({ name: '' }),
    alerts: z.array(
      z.object({ fingerprint: z.string(), status: z.object({ state: z.string() }).default({ state: 'active' }) }),
    ),
  }),
);

/**
 * What an alert is sent with.
 * @returns company: it shares a group, so that it waits for the group's next turn, not for the first; others: receivers of the groups
 * that it is not in
 */
export async function besides(
  ctx: StepContext,
  base: string,
  fingerprint: string,
): Promise<{ company: boolean; others: string[] }> {
  const answer = await get(ctx, `${base}/api/v2/alerts/groups`);
  const groups = typeof answer === 'string' ? [] : (parsed(Groups, answer.body) ?? []);
  const own = groups.filter(({ alerts }) => alerts.some((one) => one.fingerprint === fingerprint));
  const others = groups.filter(
    (one) => !own.includes(one) && one.alerts.some(({ status }) => status.state === 'active'),
  );
  return {
    company: own.some(({ alerts }) => alerts.length > 1),
    others: [...new Set(others.map(({ receiver }) => receiver.name))],
  };
}

/** Silences alerts until a moment. @returns the silence's id, or why it cannot be made */
export async function silence(
  ctx: StepContext,
  base: string,
  { matchers, until, comment }: { matchers: Readonly<Record<string, string>>; until: number; comment: string },
): Promise<{ id: string } | string> {
  const url = `${base}/api/v2/silences`;
  const answer = await ctx.http(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      matchers: Object.entries(matchers).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
      startsAt: new Date(ctx.now()).toISOString(),
      endsAt: new Date(until).toISOString(),
      createdBy: 'verify',
      comment,
    }),
  });
  if (!answer.reached) return `${url}: ${answer.error}`;
  const made = answer.status === 200 ? parsed(z.object({ silenceID: z.string() }), answer.body) : undefined;
  return made ? { id: made.silenceID } : `${url}: HTTP ${answer.status}`;
}

/** Ends a silence; one that cannot be ended now runs out by itself. */
export async function endSilence(ctx: StepContext, base: string, id: string): Promise<void> {
  await ctx.http(`${base}/api/v2/silence/${id}`, { method: 'DELETE' });
}

/** Its configuration as it has loaded it; secrets are hidden there. */
export async function loadedConfig(ctx: StepContext, base: string): Promise<string | undefined> {
  const answer = await get(ctx, `${base}/api/v2/status`);
  if (typeof answer === 'string') return undefined;
  return parsed(z.object({ config: z.object({ original: z.string() }) }), answer.body)?.config.original;
}

const families: Record<string, keyof Sent> = {
  alertmanager_notification_requests_total: 'requests',
  alertmanager_notification_requests_failed_total: 'failed',
};

/**
 * What was sent by kind of integration (`webhook`, `email`), or by `<kind> <receiver>` where it counts receivers apart
 * (`--enable-feature=receiver-name-in-metrics`, since 0.26); undefined where its metrics do not say.
 */
export async function sentBy(ctx: StepContext, base: string): Promise<Map<string, Sent> | undefined> {
  const answer = await get(ctx, `${base}/metrics`);
  if (typeof answer === 'string') return undefined;
  const sent = new Map<string, Sent>();
  for (const [, name = '', labels = '', value = ''] of answer.body.matchAll(
    /^(\w+)\{((?:"(?:[^"\\]|\\.)*"|[^}"])*)\} (\S+)/gm,
  )) {
    const family = families[name];
    const kind = /\bintegration="([^"]*)"/.exec(labels)?.[1];
    if (family === undefined || kind === undefined) continue;
    const receiver = /\breceiver_name="((?:[^"\\]|\\.)*)"/.exec(labels)?.[1];
    const key = receiver === undefined ? kind : `${kind} ${receiver}`;
    const one = sent.get(key) ?? { requests: 0, failed: 0 };
    one[family] += Number(value);
    sent.set(key, one);
  }
  return sent.size === 0 ? undefined : sent;
}
