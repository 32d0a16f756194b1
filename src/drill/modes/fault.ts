import { atMost } from '../../core/poll.ts';
import type { Stack } from '../../core/stack.ts';
import { poll, Unobservable, type StepContext } from '../../core/step.ts';
import type { PrometheusParams } from '../../clients/prometheus.ts';
import type { AlertRule } from '../alerts.ts';
import type { EngineSeen } from '../observed.ts';
import { Deliveries, take, type Delivery } from './delivery.ts';
import { stateOf, targetsUp } from './running.ts';

export interface Fault {
  service: string;
  how: 'stop' | 'kill' | 'pause' | 'disconnect';
}

/** Milliseconds to bring the service back and see the alert gone. */
const recovery = 60_000;

/**
 * Does a fault to the running stack, waits until every alert fires in its Prometheus, brings the service back and waits until
 * they are gone and every target that was up is up again. The service is brought back whatever happens.
 * @throws Unobservable where there is no stack, or its driver cannot
 */
export async function faultDrill(
  ctx: StepContext,
  p: PrometheusParams,
  fault: Fault,
  alerts: readonly AlertRule[],
  { wanted, silence }: { wanted: boolean; silence: boolean },
): Promise<EngineSeen[]> {
  const { stack } = ctx;
  if (!stack)
    throw new Unobservable('no-stack', 'a fault needs a stack that this run brought up', {
      hint: 'put a stack/up step before, and into `needs`',
    });
  const seen = alerts.map((): EngineSeen => ({ events: [], fired: false, resolved: false }));
  const up = await targetsUp(ctx, p);
  for (const [n, alert] of alerts.entries()) {
    const state = await stateOf(ctx, p, alert.rule.name);
    const one = seen[n];
    if (one && state !== 'inactive') one.error = `it was ${state} before the fault`;
  }
  if (seen.some(({ error }) => error !== undefined)) return seen;
  const deliveries = new Deliveries(ctx, p, wanted);
  const toTell = await deliveries.begin();
  const after = recovery + Math.max(...alerts.map(({ keep }) => keep)) * 1000;
  const need = untilVisible(alerts) + toTell + after;
  if (need > ctx.remaining())
    throw new Unobservable(
      'time-too-short',
      `the drill may take ${Math.ceil(need / 1000)} s, and the step has ${Math.floor(ctx.remaining() / 1000)} s left`,
      {
        hint: 'give the step a longer `timeout`',
      },
    );
  const began = ctx.now();
  const say = (what: string): void => {
    for (const one of seen) note(one, ctx.now() - began, what);
  };
  say('inactive');
  try {
    if (silence) await deliveries.silence([...new Set(alerts.map(({ rule }) => rule.name))], began + need);
    await stack.fault(fault.service, fault.how);
    say(`${fault.service}: ${fault.how}`);
    try {
      await untilFiring(ctx, p, alerts, seen, began, { deliveries, toTell });
    } finally {
      await stack.recover(fault.service);
    }
    say(`${fault.service}: back`);
    await untilGone(ctx, p, alerts, seen, began, up, stack, after);
  } finally {
    await deliveries.end();
  }
  return seen;
}

function note(one: EngineSeen, at: number, what: string): void {
  if (!one.events.some((event) => event.what === what)) one.events.push({ at, what });
}

/** Milliseconds. T_fire ≤ T_visible + interval + ceil(for / interval) · interval; a scrape and its timeout before it is visible. */
const untilVisible = (alerts: readonly AlertRule[]): number =>
  Math.max(...alerts.map(({ hold, interval }) => hold + 3 * interval)) * 1000 + 30_000;

async function untilFiring(
  ctx: StepContext,
  p: PrometheusParams,
  alerts: readonly AlertRule[],
  seen: readonly EngineSeen[],
  began: number,
  { deliveries, toTell }: { deliveries: Deliveries; toTell: number },
): Promise<void> {
  const came = new Map<EngineSeen, Delivery>();
  const within = untilVisible(alerts) + toTell;
  const look = async (): Promise<EngineSeen[]> => {
    for (const [n, alert] of alerts.entries()) {
      const one = seen[n];
      if (!one) continue;
      const state = await stateOf(ctx, p, alert.rule.name);
      if (state !== 'inactive') note(one, ctx.now() - began, state);
      if (state !== 'firing') continue;
      one.fired = true;
      if (came.get(one)?.open === false) continue;
      const delivery = await deliveries.look(alert.rule.name, () => true);
      came.set(one, delivery);
      take(one, delivery, (what) => note(one, ctx.now() - began, what));
    }
    return seen.filter((one) => !one.fired || came.get(one)?.open !== false);
  };
  const state = (): string => `${alerts[0]?.rule.name ?? ''}: ${seen[0]?.events.at(-1)?.what ?? ''}`;
  await poll(ctx, {
    within,
    every: 250,
    look,
    done: (waiting) => waiting.length === 0,
    waiting: (_, waited) => `${state()}, ${atMost(within - waited)}`,
  });
}

async function untilGone(
  ctx: StepContext,
  p: PrometheusParams,
  alerts: readonly AlertRule[],
  seen: readonly EngineSeen[],
  began: number,
  up: readonly string[],
  stack: Stack,
  after: number,
): Promise<void> {
  const look = async (): Promise<{ open: number; down: string[] }> => {
    const now = await targetsUp(ctx, p).catch((): string[] => []);
    const down = up.filter((target) => !now.includes(target));
    let open = down.length;
    for (const [n, alert] of alerts.entries()) {
      const one = seen[n];
      if (!one || !one.fired || one.resolved) continue;
      if ((await stateOf(ctx, p, alert.rule.name)) === 'inactive') {
        one.resolved = true;
        note(one, ctx.now() - began, 'resolved');
      } else open++;
    }
    return { open, down };
  };
  const { down } = await poll(ctx, {
    within: after,
    every: 250,
    reserve: 3000,
    look,
    done: ({ open }) => open === 0,
    waiting: (_, waited) => `${stack.driver}: waiting for the recovery, ${atMost(after - waited)}`,
  });
  for (const one of seen) {
    one.down = down;
    if (down.length === 0) note(one, ctx.now() - began, 'targets up');
  }
}
