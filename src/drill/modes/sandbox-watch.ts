import { atMost } from '../../core/poll.ts';
import { ms, poll, type StepContext } from '../../core/step.ts';
import { ask, RulesData } from '../../clients/prometheus.ts';
import { expand, type AlertRule, type RuleSet } from '../alerts.ts';
import { samplesOf } from '../backfill.ts';
import { needsOf } from '../needs.ts';
import type { EngineSeen } from '../observed.ts';
import type { Received } from './receiver.ts';
import { writeRequest } from '../remote-write.ts';
import type { DrillSeries } from '../series.ts';
import type { Solution } from './unit.ts';

export interface SandboxCase {
  alert: AlertRule;
  solution: Solution;
}

export interface Options {
  interval: string;
  files: readonly { path: string; text: string }[];
  set: RuleSet;
}

export interface Batch extends Options {
  drill: string;
  receiver: number;
  receives: (one: SandboxCase) => Received[];
}
export type Member = SandboxCase & { result: EngineSeen };

/** Is this the alert? Several may bear one name, told apart by their labels. */
export const isOf = (
  { rule }: AlertRule,
  name: string | undefined,
  labels: Readonly<Record<string, string>>,
): boolean =>
  name === rule.name &&
  Object.entries(rule.labels).every(([label, value]) => value.includes('{{') || labels[label] === value);

/** A drill's time begins at 0: what is compared with time() moves along to today. */
export function shiftOf({ alert, solution }: SandboxCase, set: RuleSet, series: DrillSeries, end: number): number {
  const { stamps } = needsOf(expand(alert.rule.expr, set.records).expr);
  return stamps.includes(series.name) ? end / 1000 - solution.schedule.total : 0;
}

/** Watches until every alert has fired, its notification came, its series were taken away, and its end came. */
export async function watch(
  ctx: StepContext,
  url: string,
  members: readonly Member[],
  batch: Batch,
  began: number,
): Promise<void> {
  const patience = Math.max(25_000, 12 * ms(batch.interval) + 15_000);
  const note = (one: Member, what: string): void => {
    if (!one.result.events.some((event) => event.what === what))
      one.result.events.push({ at: ctx.now() - began, what });
  };
  const isDelivered = ({ result }: Member): boolean => result.fired && result.notification !== undefined;
  await poll(ctx, {
    within: patience,
    every: 200,
    look: async () => {
      await look(ctx, url, members, note);
      for (const one of members) deliver(one, batch, note);
    },
    done: () => members.every(isDelivered),
    waiting: (_, waited) =>
      `sandbox: ${members.filter(({ result }) => result.fired).length} of ${members.length} fire, ${members.filter(isDelivered).length} delivered, ${atMost(patience - waited)}`,
  });
  await takeAway(ctx, url, members, batch.set);
  let fed = false;
  await poll(ctx, {
    within: patience,
    every: 200,
    look: async (waited) => {
      const open = await lookForEnd(ctx, url, members, batch, note);
      // What asks for an absence is over only when something is there.
      if (!fed && open.length > 0 && waited > 4 * ms(batch.interval)) {
        fed = true;
        await feed(ctx, url, open, batch.set);
      }
      return open;
    },
    done: (open) => open.length === 0,
    waiting: (open: readonly Member[]) =>
      `sandbox: waiting for the end of ${open.map(({ alert }) => alert.rule.name).join(', ')}`,
  });
}

/** @returns those whose end is still to come */
async function lookForEnd(
  ctx: StepContext,
  url: string,
  members: readonly Member[],
  batch: Batch,
  note: (one: Member, what: string) => void,
): Promise<Member[]> {
  const states = await look(ctx, url, members, note);
  for (const one of members) {
    if (!one.result.fired || states.get(one) !== 'inactive') continue;
    one.result.resolved = true;
    if (!one.result.notification || !batch.receives(one).some(({ resolved }) => resolved)) continue;
    one.result.notification.resolved = true;
    note(one, 'resolved');
  }
  return members.filter(
    ({ result, solution }) =>
      solution.state !== 'steady' && result.fired && !(result.resolved && result.notification?.resolved === true),
  );
}

/** Notes each alert's state as the API has it. */
async function look(
  ctx: StepContext,
  url: string,
  members: readonly Member[],
  note: (one: Member, what: string) => void,
): Promise<Map<Member, string>> {
  const answer = await ask(ctx, { url, headers: {} }, 'rules', { type: 'alert' });
  const rules = RulesData.parse(answer.data ?? { groups: [] }).groups.flatMap((group) => group.rules);
  const states = new Map<Member, string>();
  for (const one of members) {
    const mine = rules.filter((rule) => isOf(one.alert, rule.name, rule.labels ?? {}));
    const state = ['firing', 'pending', 'inactive'].find((s) => mine.some((rule) => rule.state === s));
    if (state === undefined) continue;
    states.set(one, state);
    if (state !== 'inactive' || one.result.events.length === 0) note(one, state);
    if (state === 'firing') one.result.fired = true;
  }
  return states;
}

function deliver(one: Member, batch: Batch, note: (one: Member, what: string) => void): void {
  const first = batch.receives(one).find(({ resolved }) => !resolved);
  if (one.result.notification || !first) return;
  const { drill: _, ...notification } = first;
  one.result.notification = notification;
  note(one, 'delivered');
}

/** Deletes the firing series, and what was recorded of them. */
async function takeAway(ctx: StepContext, url: string, members: readonly Member[], set: RuleSet): Promise<void> {
  const names = new Set(
    members.flatMap(({ alert, solution }) => [
      ...solution.firing.map(({ name }) => name),
      // What was recorded of them counts in ranges for as long.
      ...expand(alert.rule.expr, set.records).records.map(({ name }) => name),
    ]),
  );
  for (const name of names) {
    const match = new URLSearchParams({ 'match[]': `{__name__=${JSON.stringify(name)}}` }).toString();
    await ctx.http(`${url}/api/v1/admin/tsdb/delete_series?${match}`, { method: 'POST' });
  }
}

/** Writes the end of the series that do not make an alert fire. */
async function feed(ctx: StepContext, url: string, members: readonly Member[], set: RuleSet): Promise<void> {
  const now = Math.floor(ctx.now() / 1000) * 1000;
  const series = members.flatMap((member) =>
    member.solution.quiet.map((one) => ({
      name: one.name,
      labels: one.labels,
      samples: samplesOf(one, member.solution.schedule.step, now, shiftOf(member, set, one, now)).slice(-3),
    })),
  );
  if (series.length === 0) return;
  await ctx.http(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: writeRequest(series),
  });
}
