import type { StepContext } from '../../core/step.ts';
import type { AlertRule, RuleSet } from '../alerts.ts';
import type { AlertSeen, Observed } from '../observed.ts';
import { required, type Params } from '../params.ts';
import type { Solution } from './unit.ts';

export interface Work {
  observed: Observed;
  set: RuleSet;
  chosen: readonly { seen: AlertSeen; rule: AlertRule }[];
  solutions: readonly Solution[];
  files: readonly { path: string; text: string }[];
}

/** The part of a drill that a real engine does: nothing in `unit`. Writes what it saw into the alerts. */
export async function act(p: Params, ctx: StepContext, work: Work): Promise<void> {
  if (p.mode === 'sandbox') return inSandbox(p, ctx, work);
  if (p.mode === 'inject' && p.url !== undefined) return inRunning(p, p.url, ctx, work);
  if (p.mode === 'fault' && p.fault && p.url !== undefined) {
    const loaded = work.chosen.filter(({ seen }) => seen.live?.loaded === true);
    if (loaded.length === 0) return;
    const { faultDrill } = await import('./fault.ts');
    const seen = await faultDrill(
      ctx,
      { ...p, url: p.url },
      p.fault,
      loaded.map(({ rule }) => rule),
      { wanted: required(p).includes('delivery'), silence: p.silence },
    );
    loaded.forEach((one, n) => assign(one.seen, seen[n]));
  }
}

function assign(alert: AlertSeen, engine: AlertSeen['engine']): void {
  if (engine) alert.engine = engine;
}

async function inRunning(p: Params, url: string, ctx: StepContext, work: Work): Promise<void> {
  if (!p.confirmLive) {
    work.observed.refusal = `samples would be put into ${url}: say \`confirmLive: true\` where that is meant`;
    return;
  }
  const cases = usable(work);
  if (cases.length === 0) return;
  const { injectDrill } = await import('./inject.ts');
  const { via, refusal, seen } = await injectDrill(ctx, { ...p, url }, cases, {
    wanted: required(p).includes('delivery'),
    silence: p.silence,
  });
  work.observed.via = via;
  if (refusal !== undefined) work.observed.refusal = refusal;
  else cases.forEach((one, n) => assign(one.seen, seen[n]));
}

/** Alerts with series that make them fire. */
const usable = (work: Work): { seen: AlertSeen; alert: AlertRule; solution: Solution }[] =>
  work.chosen.flatMap(({ seen, rule }, n) => {
    const solution = work.solutions[n];
    const solved = solution && ['proven', 'steady', 'unconditional'].includes(solution.state);
    return solved ? [{ seen, alert: rule, solution }] : [];
  });

async function inSandbox(p: Params, ctx: StepContext, work: Work): Promise<void> {
  const cases = usable(work);
  if (cases.length === 0) return;
  const { sandbox } = await import('./sandbox.ts');
  const { version, seen } = await sandbox(ctx, cases, { interval: p.interval, files: work.files, set: work.set });
  work.observed.sandbox = version;
  cases.forEach((one, n) => assign(one.seen, seen[n]));
}
