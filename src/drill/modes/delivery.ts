import { z } from 'zod';
import {
  besides,
  endSilence,
  heldAlerts,
  loadedConfig,
  sentBy,
  silence,
  type Held,
  type Sent,
} from '../../clients/alertmanager.ts';
import { ask, type PrometheusParams } from '../../clients/prometheus.ts';
import { showDuration, Unobservable, type StepContext } from '../../core/step.ts';
import { alertmanagerFile } from '../../formats/alertmanager/config.ts';
import { allRoutes, routesFor, type Route } from '../../formats/alertmanager/routing.ts';
import { silentAt, type Within } from '../../formats/alertmanager/time-intervals.ts';
import type { EngineSeen } from '../observed.ts';

/** How far an alert came: `open` while more may come. */
export type Delivery = Pick<EngineSeen, 'received' | 'notification' | 'undelivered' | 'nobody' | 'silenced'> & {
  open: boolean;
};

interface Manager {
  base: string;
  routes?: Route;
  intervals: ReadonlyMap<string, Within>;
  /** Name of a receiver → the kind of each of its integrations. */
  kinds: ReadonlyMap<string, readonly string[]>;
  before?: Map<string, Sent> | undefined;
}

const Managers = z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) });

/** Milliseconds that a notification may take once its group has waited. */
const toSend = 15_000;
/**
 * Milliseconds for which Prometheus says again that an alert is resolved (resolvedRetention in its rules/alerting.go); each time may
 * reach a group that does not know it any more.
 */
const resolvedSent = 15 * 60_000;
/** Milliseconds after a group's turn in which what was sent is counted. */
const afterTurn = 2000;
/** Milliseconds after which Alertmanager gives a notification up, where its group's interval is shorter (MinTimeout in its notify/notify.go). */
const leastTimeout = 10_000;

/**
 * Watches what becomes of alerts in the Alertmanagers of the running Prometheus. That one holds an alert is no delivery: it
 * may be silenced, inhibited, muted, go to a receiver without integration, or to one that refuses.
 */
export class Deliveries {
  readonly #ctx: StepContext;
  readonly #p: PrometheusParams;
  readonly #wanted: boolean;
  /** Name of an alert → when it was first seen held, and what had been sent until then. */
  readonly #since = new Map<string, { at: number; sent: Map<string, Sent> | undefined }>();
  #managers: Manager[] | undefined;
  #none = '';
  /** Silences of the drill's own: base of the Alertmanager and id. */
  readonly #silences: { base: string; id: string }[] = [];
  /** What the drill's silences held back, by Alertmanager and labels. */
  readonly #heldBack = new Map<string, { base: string; labels: Held['labels'] }>();

  /** @param wanted false: that an Alertmanager holds the alert is enough to know */
  constructor(ctx: StepContext, p: PrometheusParams, wanted: boolean) {
    this.#ctx = ctx;
    this.#p = p;
    this.#wanted = wanted;
  }

  /** To be called before the alerts fire: what was sent until then is not of them. @returns milliseconds that a notification may take */
  async begin(): Promise<number> {
    this.#managers = await this.#find();
    if (!this.#wanted) return 0;
    const waits = (this.#managers ?? []).flatMap(({ routes }) =>
      routes ? [...allRoutes(routes)].map(([route]) => route.groupWait) : [],
    );
    return Math.min(Math.max(0, ...waits), 300_000) + toSend;
  }

  /**
   * Silences the alerts of these names in every Alertmanager, at most until a moment.
   * @throws Unobservable where one cannot be made: then somebody would be called
   */
  async silence(names: readonly string[], until: number): Promise<void> {
    this.#managers ??= await this.#find();
    for (const { base } of this.#managers ?? [])
      for (const alertname of names) {
        const made = await silence(this.#ctx, base, {
          matchers: { alertname },
          until,
          comment: `fire drill of the run ${this.#ctx.runId}`,
        });
        if (typeof made === 'string')
          throw new Unobservable('not-silenced', `${alertname} could not be silenced: ${made}`, {
            hint: 'may verify write to this Alertmanager? Without `silence` the real receivers are told',
          });
        this.#silences.push({ base, id: made.id });
      }
  }

  /**
   * Ends the drill's own silences. What they held back, by all of its labels, stays silenced until nobody can be told any more that it
   * is resolved.
   */
  async end(): Promise<void> {
    for (const { base, labels } of this.#heldBack.values())
      await silence(this.#ctx, base, {
        matchers: labels,
        until: this.#ctx.now() + resolvedSent + (await this.#turn(base)),
        comment: `fire drill of the run ${this.#ctx.runId}: it is over, and nobody is told that its alert is resolved`,
      });
    this.#heldBack.clear();
    for (const { base, id } of this.#silences.splice(0)) await endSilence(this.#ctx, base, id);
  }

  /** Milliseconds until each group of an Alertmanager has had its turn. */
  async #turn(base: string): Promise<number> {
    const text = await loadedConfig(this.#ctx, base);
    const tree = text === undefined ? undefined : alertmanagerFile(text).config?.tree;
    // Alertmanager's own default, where it does not say.
    return tree ? Math.max(...[...allRoutes(tree)].map(([route]) => route.groupInterval)) : 300_000;
  }

  async #find(): Promise<Manager[] | undefined> {
    let urls: string[];
    try {
      const { data } = await ask(this.#ctx, this.#p, 'alertmanagers');
      urls = Managers.parse(data ?? { activeAlertmanagers: [] }).activeAlertmanagers.map(({ url }) => url);
    } catch (error) {
      if (!(error instanceof Unobservable)) throw error;
      this.#none = error.message;
      return undefined;
    }
    this.#none = 'this Prometheus sends its alerts to nobody: no Alertmanager is configured';
    if (urls.length === 0) return undefined;
    const managers: Manager[] = [];
    for (const url of urls) managers.push(await this.#read(reachable(this.#ctx, url)));
    return managers;
  }

  async #read(base: string): Promise<Manager> {
    const text = this.#wanted ? await loadedConfig(this.#ctx, base) : undefined;
    if (text === undefined) return { base, intervals: new Map(), kinds: new Map() };
    const { config, intervals, kinds } = alertmanagerFile(text);
    return {
      base,
      ...(config && { routes: config.tree }),
      intervals,
      kinds,
      before: await sentBy(this.#ctx, base),
    };
  }

  /** How far the alert came. @param mine tells the drill's own instances from others of the name */
  async look(name: string, mine: (labels: Readonly<Record<string, string>>) => boolean): Promise<Delivery> {
    // Right after its start a Prometheus does not know its Alertmanagers yet.
    this.#managers ??= await this.#find();
    if (!this.#managers) return { undelivered: this.#none, open: false };
    const tried: string[] = [];
    for (const manager of this.#managers) {
      const answer = await heldAlerts(this.#ctx, manager.base, name);
      if (typeof answer === 'string') tried.push(answer);
      else {
        const held = answer.filter(({ labels }) => mine(labels));
        if (held.length > 0) return this.#became(name, manager, held);
        tried.push(`${manager.base} does not hold it`);
      }
    }
    return { undelivered: tried.join('; '), open: true };
  }

  async #became(name: string, manager: Manager, held: readonly Held[]): Promise<Delivery> {
    const received = manager.base;
    const never = (why: string): Delivery => ({ received, undelivered: why, nobody: true, open: false });
    const active = held.filter(({ status }) => status.state !== 'suppressed');
    const [one] = active;
    const own = new Set(this.#silences.map(({ id }) => id));
    const bySelf = ({ status }: Held): boolean =>
      [...(status.inhibitedBy ?? []), ...(status.mutedBy ?? [])].length === 0 &&
      (status.silencedBy ?? []).every((id) => own.has(id));
    if (!one && own.size > 0 && held.some(bySelf)) {
      for (const { labels } of held.filter(bySelf))
        this.#heldBack.set(`${received} ${JSON.stringify(labels)}`, { base: received, labels });
      return { received, silenced: true, open: false };
    }
    if (!one) return never(`Alertmanager holds it, and keeps it back: ${suppression(held)}`);
    if (!this.#wanted) return { received, undelivered: 'whether anybody was told was not asked', open: false };
    const receivers = [...new Set(active.flatMap((alert) => alert.receivers.map((receiver) => receiver.name)))];
    const kinds = [...new Set(receivers.flatMap((receiver) => manager.kinds.get(receiver) ?? []))];
    if (manager.routes && receivers.length > 0 && kinds.length === 0)
      return never(`its receiver ${receivers.join(', ')} has no integration: nobody is told`);
    const routes = manager.routes ? routesFor(manager.routes, one.labels) : [];
    const now = new Date(this.#ctx.now());
    if (routes.length > 0 && routes.every((route) => silentAt(route, manager.intervals, now) === true))
      return never(
        `its route to ${receivers.join(', ')} is muted now, by ${routes.flatMap(({ muted, active: only }) => [...muted, ...only]).join(', ')}`,
      );
    const sent = await sentBy(this.#ctx, received);
    const since = this.#since.get(name) ?? { at: this.#ctx.now(), sent };
    this.#since.set(name, since);
    if (!sent || !manager.before || !since.sent)
      return { received, undelivered: `${received}/metrics does not say what was sent`, open: false };
    return this.#sent(manager, one, { receivers, routes, since: { at: since.at, sent: since.sent }, sent });
  }

  async #sent(
    manager: Manager,
    held: Held,
    to: {
      receivers: string[];
      routes: readonly Route[];
      since: { at: number; sent: Map<string, Sent> };
      sent: Map<string, Sent>;
    },
  ): Promise<Delivery> {
    const received = manager.base;
    const began = manager.before ?? to.since.sent;
    const apart = [...to.sent.keys()].some((key) => key.includes(' '));
    const keysOf = (receiver: string): string[] =>
      (manager.kinds.get(receiver) ?? []).map((kind) => (apart ? `${kind} ${receiver}` : kind));
    const keys = to.receivers.flatMap(keysOf);
    const { requests, failed } = sumOf(keys, began, to.sent);
    const where = `${to.receivers.join(', ')} (${[...new Set(to.receivers.flatMap((one) => manager.kinds.get(one) ?? []))].join(', ')})`;
    const waited = this.#ctx.now() - to.since.at;
    // Before its group's turn nothing of it was sent, and Alertmanager has not asked yet whether it is inhibited.
    const { company, others } = await besides(this.#ctx, manager.base, held.fingerprint);
    const turn = Math.max(
      1000,
      ...to.routes.map(({ groupWait, groupInterval }) => (company ? Math.max(groupWait, groupInterval) : groupWait)),
    );
    const mixed = apart ? [] : others.filter((one) => keysOf(one).some((key) => keys.includes(key)));
    // Alertmanager counts by kind: another group's request could be taken for this one's, which a receiver keeps waiting.
    const ended = turn + Math.max(leastTimeout, ...to.routes.map(({ groupInterval }) => groupInterval)) + afterTurn;
    const own =
      mixed.length === 0 ||
      waited > ended ||
      (sumOf(keys, began, to.since.sent).requests === 0 && eachSent(keys, to.since.sent, to.sent));
    const { labels, annotations, startsAt, endsAt } = held;
    if (waited > turn + afterTurn && eachSent(keys, began, to.sent) && failed === 0 && own) {
      const notification = { at: this.#ctx.now(), labels, annotations, startsAt, endsAt, resolved: false, to: where };
      return { received, notification, open: false };
    }
    const none = failed === requests && mixed.length === 0;
    const open = waited < turn + toSend && !(waited > turn + afterTurn && failed > 2 && none);
    if (failed > 0)
      return {
        received,
        undelivered: `${failed} of ${requests} requests to ${where} failed since the drill began: see Alertmanager's log`,
        ...(none && { nobody: true }),
        open,
      };
    if (eachSent(keys, began, to.sent))
      return {
        received,
        undelivered: `what was sent to ${where} cannot be told from what other alerts sent to ${mixed.join(', ')}: Alertmanager counts by kind of integration, unless it runs with --enable-feature=receiver-name-in-metrics`,
        open,
      };
    return {
      received,
      undelivered: `Alertmanager holds it since ${showDuration(waited)}, and sent ${requests === 0 ? 'nothing' : `${requests} of ${keys.length} requests`} to ${where}`,
      open,
    };
  }
}

/** What was sent meanwhile by the kinds of these integrations. */
function sumOf(keys: readonly string[], from: ReadonlyMap<string, Sent>, to: ReadonlyMap<string, Sent>): Sent {
  const sum: Sent = { requests: 0, failed: 0 };
  for (const key of new Set(keys)) {
    sum.requests += (to.get(key)?.requests ?? 0) - (from.get(key)?.requests ?? 0);
    sum.failed += (to.get(key)?.failed ?? 0) - (from.get(key)?.failed ?? 0);
  }
  return sum;
}

/** Was a request sent for each of these integrations? */
const eachSent = (keys: readonly string[], from: ReadonlyMap<string, Sent>, to: ReadonlyMap<string, Sent>): boolean =>
  keys.length > 0 && keys.every((key) => sumOf([key], from, to).requests >= keys.filter((one) => one === key).length);

/** Writes into what was seen of an alert how far it came. */
export function take(one: EngineSeen, delivery: Delivery, note: (what: string) => void): void {
  const came: Omit<Delivery, 'open'> & { open?: boolean } = { ...delivery };
  delete came.open;
  if (came.received !== undefined) note('received by Alertmanager');
  delete one.undelivered;
  delete one.nobody;
  delete one.silenced;
  Object.assign(one, came);
  if (came.notification) note('delivered');
}

function suppression(held: readonly Held[]): string {
  const of = (key: 'silencedBy' | 'inhibitedBy' | 'mutedBy'): string[] => [
    ...new Set(held.flatMap(({ status }) => status[key] ?? [])),
  ];
  const words = [
    ['silenced by', of('silencedBy')],
    ['inhibited by', of('inhibitedBy')],
    ['muted by', of('mutedBy')],
  ] as const;
  return (
    words
      .filter(([, list]) => list.length > 0)
      .map(([word, list]) => `${word} ${list.join(', ')}`)
      .join('; ') || 'suppressed'
  );
}

/** The base of an Alertmanager as this machine reaches it: a service of the stack has a port of its own here. */
function reachable(ctx: StepContext, url: string): string {
  const parsed = new URL(url);
  const service = ctx.stack?.services.find(({ name }) => name === parsed.hostname);
  const path = parsed.pathname.replace(/\/api\/v\d\/alerts\/?$/, '').replace(/\/$/, '');
  return service?.url === undefined ? `${parsed.origin}${path}` : `${service.url.replace(/\/$/, '')}${path}`;
}
