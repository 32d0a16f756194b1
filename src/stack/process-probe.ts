import type { ProcessService } from '../core/checklist.ts';
import { Unobservable, type HttpResult, type StepContext } from '../core/step.ts';

/** Is the service ready, by its own probe? Says what was seen. */
export async function probed(
  { ready, env, cwd }: ProcessService,
  ctx: StepContext,
  timeout: number,
): Promise<{ ok: boolean; text: string }> {
  if (ready.url !== undefined) return answered(ready, await ctx.http(ready.url, { timeout }));
  if (ready.tcp !== undefined) {
    const ok = (await ctx.portHolder(numberOf(ready.tcp))) !== undefined;
    return { ok, text: `${ok ? 'it listens' : 'nobody listens'} at port ${ready.tcp}` };
  }
  const [program = '', ...rest] = ready.run ?? [];
  const result = await ctx.exec([program, ...rest], {
    env,
    ...(cwd !== undefined && { cwd }),
    name: 'ready',
    timeout,
    unkept: true,
  });
  const end = result.notStarted ?? (result.timedOut ? 'no end in time' : (result.signal ?? `exit ${result.code}`));
  return { ok: result.code === 0, text: `${program}: ${end}` };
}

/** Did the readiness probe answer as promised? Says what it answered. */
function answered(ready: ProcessService['ready'], result: HttpResult): { ok: boolean; text: string } {
  if (!result.reached) return { ok: false, text: `${result.error}: ${result.message}` };
  const text = `HTTP ${result.status}`;
  if (result.status !== ready.status) return { ok: false, text: `${text}, expected ${ready.status}` };
  if (ready.contains !== undefined && !result.body.includes(ready.contains))
    return { ok: false, text: `${text} without ${JSON.stringify(ready.contains)}` };
  return { ok: true, text };
}

/** Names that a machine gives to itself or to its neighbours; every other name with a dot in it is somebody's in the internet. */
const nearby = /^[^.]+$|\.(?:localhost|local|internal|test|lan|home|localdomain)$|^\d+(?:\.\d+){3}$|^\[/;

/** The port of an address that may be this machine's; undefined for any other. */
export function portOf(url: string): number | undefined {
  const at = URL.parse(url);
  if (!at || !nearby.test(at.hostname)) return undefined;
  return at.port === '' ? (at.protocol === 'https:' ? 443 : 80) : Number(at.port);
}

/** @throws Unobservable where it is no port */
function numberOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Unobservable('stack-invalid', `stack.processes: ready.tcp is ${text}, expected a port`);
}

/** The ports of this machine that the service's probe asks: by its address, or as a command's words and variables name them. */
export function askedPorts({ ready, url, env }: ProcessService): Set<number> {
  const named = [...(ready.run ?? []), ...(ready.run ? Object.values(env) : [])].flatMap((word) => {
    const port = /^(?:\w*=)?(\d{4,5})$|(?:localhost|127\.0\.0\.1|\[::1\]):(\d{2,5})(?!\d)/
      .exec(word)
      ?.slice(1)
      .find(Boolean);
    return port === undefined ? [] : [Number(port)];
  });
  const addresses = [ready.url, url].flatMap((one) => (one === undefined ? [] : (portOf(one) ?? [])));
  return new Set([...addresses, ...(ready.tcp === undefined ? [] : [numberOf(ready.tcp)]), ...named]);
}
