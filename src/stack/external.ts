import type { StackSpec } from '../core/checklist.ts';
import { Unobservable, type StepContext } from '../core/step.ts';

/** What was seen of a stack that somebody else runs. */
export interface ExternalObserved {
  driver: 'external';
  /** Why this driver, where it was chosen. */
  chosen?: string;
  stableForMs: number;
  services: {
    name: string;
    url: string;
    asked: string;
    ready: boolean;
    reached: boolean;
    stable: boolean;
    text: string;
  }[];
}

/** Asks every address, and again after `stableFor`. Nothing is started, so nothing is stopped either. */
export async function externalUp(
  spec: NonNullable<StackSpec['external']>,
  ctx: StepContext,
  options: { stableForMs: number },
): Promise<ExternalObserved> {
  const services: ExternalObserved['services'] = [];
  const ask = async (url: string): Promise<{ reached: boolean; ok: boolean; text: string }> => {
    const result = await ctx.http(url, { timeout: 10_000 });
    return result.reached
      ? { reached: true, ok: result.status >= 200 && result.status < 300, text: `HTTP ${result.status}` }
      : // Where a page leads elsewhere, somebody has answered.
        { reached: result.error === 'redirect', ok: false, text: `${result.error}: ${result.message}` };
  };
  for (const [name, { url, ready }] of Object.entries(spec)) {
    const asked = ready === undefined ? url : new URL(ready, url.endsWith('/') ? url : `${url}/`).href;
    ctx.progress(`${name}: asking ${asked}`);
    const { reached, ok, text } = await ask(asked);
    services.push({ name, url, asked, reached, ready: ready === undefined ? reached : ok, stable: false, text });
  }
  if (services.every((one) => one.ready)) {
    await ctx.sleep(options.stableForMs);
    for (const one of services) {
      const again = await ask(one.asked);
      one.stable = spec[one.name]?.ready === undefined ? again.reached : again.ok;
      one.text = again.text;
    }
    const refuse = (): Promise<never> => {
      throw new Unobservable('fault-unsupported', 'a stack that somebody else runs is not disturbed', {
        hint: 'use --driver compose or processes for what needs faults',
      });
    };
    ctx.publishStack({
      driver: 'external',
      startedAt: ctx.now(),
      services: services.map(({ name, url }) => ({ name, url, ports: {} })),
      fault: async () => refuse(),
      recover: async () => refuse(),
    });
  }
  return { driver: 'external', stableForMs: options.stableForMs, services };
}
