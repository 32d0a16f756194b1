import { atMost } from '../../core/poll.ts';
import { poll, Unobservable, type StepContext } from '../../core/step.ts';
import type { AlertRule } from '../alerts.ts';
import { isolated, ofDrill, whyNot } from '../injection.ts';
import { needsOf } from '../needs.ts';
import type { EngineSeen } from '../observed.ts';
import { Deliveries, take, type Delivery } from './delivery.ts';
import { stateOf } from './running.ts';
import type { Solution } from './unit.ts';
import { wayInto, type Stream, type Way, type WayParams } from './ways.ts';

interface Case {
  alert: AlertRule;
  solution: Solution;
}
interface Open extends Case {
  seen: EngineSeen;
  stream: Stream;
  came?: Delivery;
}

/** Puts the firing series into the running Prometheus, under label values of this drill alone, until the alerts fire; then takes them away. */
export async function injectDrill(
  ctx: StepContext,
  p: WayParams & { allowUngrouped: boolean },
  cases: readonly Case[],
  { wanted, silence }: { wanted: boolean; silence: boolean },
): Promise<{ via: string; refusal?: string; seen: EngineSeen[] }> {
  const tag = `verify-${ctx.runId.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const way = await wayInto(ctx, p, tag);
  const seen = cases.map((): EngineSeen => ({ events: [], fired: false, resolved: false }));
  if (typeof way === 'string') return { via: 'none', refusal: way, seen };
  const began = ctx.now();
  const open = cases.flatMap((one, n): Open[] => {
    const result = seen[n];
    if (!result) return [];
    const refused = whyNot(one.alert.rule.expr, one.solution.firing, p.allowUngrouped);
    if (refused !== undefined) {
      result.refused = refused;
      return [];
    }
    const { step, total } = one.solution.schedule;
    const since = way.backdates ? began - total * 1000 : began;
    return [{ ...one, seen: result, stream: { series: isolated(one.solution.firing, tag), step, since } }];
  });
  if (open.length === 0) return { via: way.name, seen };
  const deliveries = new Deliveries(ctx, p, wanted);
  const toTell = await deliveries.begin();
  const need = toTell + longest(open, ({ alert }) => alert.hold + 3 * alert.interval) + 20_000;
  if (need > ctx.remaining() / 1.5)
    throw new Unobservable(
      'time-too-short',
      `the drill may take ${Math.ceil((need * 1.5) / 1000)} s, and the step has ${Math.floor(ctx.remaining() / 1000)} s left`,
      { hint: 'give the step a longer `timeout`' },
    );
  for (const one of open) note(one, began, began, 'inactive');
  try {
    if (silence) await deliveries.silence([...new Set(open.map(({ alert }) => alert.rule.name))], began + need * 1.5);
    try {
      await untilFiring(ctx, p, open, way, tag, began, { deliveries, toTell });
    } finally {
      await way.end(open.map(({ stream }) => stream));
    }
    await untilGone(ctx, p, open, tag, began);
  } finally {
    await deliveries.end();
  }
  return { via: way.name, seen };
}

function note({ seen }: Open, began: number, now: number, what: string): void {
  if (!seen.events.some((event) => event.what === what)) seen.events.push({ at: now - began, what });
}

const longest = (open: readonly Open[], of: (one: Open) => number): number => Math.max(0, ...open.map(of)) * 1000;

/** Milliseconds for which injected samples still count in ranges. */
const afterglow = (open: readonly Open[]): number =>
  longest(open, ({ alert }) => Math.min(needsOf(alert.rule.expr).range, 3600) + 2 * alert.interval + alert.keep) +
  15_000;

async function untilFiring(
  ctx: StepContext,
  p: WayParams,
  open: readonly Open[],
  way: Way,
  tag: string,
  began: number,
  { deliveries, toTell }: { deliveries: Deliveries; toTell: number },
): Promise<void> {
  const reach = way.backdates
    ? 0
    : longest(open, ({ solution, alert }) => Math.max(0, solution.schedule.total - alert.hold));
  const law = longest(open, ({ alert }) => alert.hold + 3 * alert.interval) + reach + toTell + 30_000;
  const within = Math.min(law, ctx.remaining() - Math.min(afterglow(open), ctx.remaining() / 3));
  let pushed = 0;
  await poll(ctx, {
    within,
    every: 500,
    look: async () => {
      if (ctx.now() - pushed >= 2000) {
        pushed = ctx.now();
        await way.push(open.map(({ stream }) => stream));
      }
      for (const one of open) await look(ctx, p, one, tag, began, deliveries);
    },
    done: () => open.every(({ seen, came }) => seen.fired && came?.open === false),
    waiting: (_, waited) =>
      `${way.name}: ${open.filter(({ seen }) => seen.fired).length} of ${open.length} fire, ${atMost(within - waited)}`,
  });
}

async function look(
  ctx: StepContext,
  p: WayParams,
  one: Open,
  tag: string,
  began: number,
  deliveries: Deliveries,
): Promise<void> {
  const { name } = one.alert.rule;
  // Grouping may leave no label of ours: then every instance counts.
  const own =
    one.solution.proven?.labels.every((labels) =>
      Object.values(labels).some((value) => /^drill(?:$|-)/.test(value)),
    ) === true;
  const state = await stateOf(ctx, p, name, (labels) => !own || ofDrill(labels, tag));
  if (state !== 'inactive') note(one, began, ctx.now(), state);
  if (state !== 'firing') return;
  one.seen.fired = true;
  if (one.came?.open === false) return;
  one.came = await deliveries.look(name, (labels) => !own || ofDrill(labels, tag));
  take(one.seen, one.came, (what) => note(one, began, ctx.now(), what));
}

async function untilGone(
  ctx: StepContext,
  p: WayParams,
  open: readonly Open[],
  tag: string,
  began: number,
): Promise<void> {
  for (const one of open) note(one, began, ctx.now(), 'samples taken away');
  const within = afterglow(open);
  await poll(ctx, {
    within,
    every: 500,
    reserve: 2000,
    look: async () => {
      for (const one of open.filter(({ seen }) => seen.fired && !seen.resolved)) {
        if ((await stateOf(ctx, p, one.alert.rule.name, (labels) => ofDrill(labels, tag))) !== 'inactive') continue;
        one.seen.resolved = true;
        note(one, began, ctx.now(), 'resolved');
      }
    },
    done: () => open.every(({ seen }) => !seen.fired || seen.resolved),
    waiting: (_, waited) => `waiting until the alerts are over, ${atMost(within - waited)}`,
  });
}
