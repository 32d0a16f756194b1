import { Unobservable, type StepContext } from '../core/step.ts';
import { withMatcher } from '../formats/promql/with-matcher.ts';
import { ask, type PrometheusParams } from './prometheus.ts';

/** The label that every sample bears which a drill put into a running Prometheus. */
export const drillLabel = 'verify_drill';

/** Does an alert come of what a drill injected, in this run or another? Its series bear the drill's name in their labels. */
export const isOfDrill = (labels: Readonly<Record<string, string>>): boolean =>
  drillLabel in labels ||
  Object.values(labels).some((value) => /\bverify-\d{4}-\d\d-\d\dt\d\d-\d\d-\d\dz-[0-9a-f]+/.test(value));

/**
 * The expression so that it does not see what drills injected: that is no evidence of anything but the drill. Unchanged
 * where the Prometheus has no such series, and where it cannot say.
 */
export async function withoutDrills(ctx: StepContext, p: PrometheusParams, expr: string): Promise<string> {
  return (await hasDrills(ctx, p)) ? withMatcher(expr, `${drillLabel}=""`) : expr;
}

/** Milliseconds for which an answer is good: a drill may begin meanwhile. */
const goodFor = 2000;
const asked = new WeakMap<StepContext, Map<string, { at: number; found: Promise<boolean> }>>();

function hasDrills(ctx: StepContext, p: PrometheusParams): Promise<boolean> {
  const own = asked.get(ctx) ?? new Map<string, { at: number; found: Promise<boolean> }>();
  asked.set(ctx, own);
  const before = own.get(p.url);
  if (before && ctx.now() - before.at < goodFor) return before.found;
  const found = askForDrills(ctx, p);
  own.set(p.url, { at: ctx.now(), found });
  return found;
}

async function askForDrills(ctx: StepContext, p: PrometheusParams): Promise<boolean> {
  try {
    const { data } = await ask(ctx, p, `label/${drillLabel}/values`);
    return Array.isArray(data) && data.length > 0;
  } catch (error) {
    if (error instanceof Unobservable) return false;
    throw error;
  }
}
