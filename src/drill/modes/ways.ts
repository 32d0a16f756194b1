import { rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Unobservable, type StepContext } from '../../core/step.ts';
import { ask, headersOf, tlsOf, type PrometheusParams } from '../../clients/prometheus.ts';
import { exposition, goingOn, history } from '../injection.ts';
import { stale, writeRequest, type WriteSeries } from '../remote-write.ts';
import type { DrillSeries } from '../series.ts';

/** Series that go into the running Prometheus, and when the first sample of them is. */
export interface Stream {
  series: DrillSeries[];
  step: number;
  since: number;
}

/** A way for samples to get into the running Prometheus. */
export interface Way {
  name: string;
  /** Brings in what is due. */
  push(streams: readonly Stream[]): Promise<void>;
  /** Takes all of it away again. */
  end(streams: readonly Stream[]): Promise<void>;
  /** Can it bring in samples of the past? */
  backdates: boolean;
}

export interface WayParams extends PrometheusParams {
  pushgateway?: string | undefined;
  fileSd?: string | undefined;
}

/** The first way that the running Prometheus or the checklist allows. */
export async function wayInto(ctx: StepContext, p: WayParams, tag: string): Promise<Way | string> {
  const { data } = await ask(ctx, p, 'status/flags');
  const flags = z.record(z.string(), z.string()).safeParse(data).data ?? {};
  const receives =
    flags['web.enable-remote-write-receiver'] === 'true' ||
    flags['enable-feature']?.includes('remote-write-receiver') === true;
  if (receives) return remoteWrite(ctx, p);
  if (p.pushgateway !== undefined) return pushgateway(ctx, p.pushgateway, tag);
  if (p.fileSd !== undefined) return fileSd(ctx, p.fileSd, tag);
  return 'this Prometheus takes no remote write (--web.enable-remote-write-receiver), and neither `pushgateway` nor `fileSd` is given';
}

function remoteWrite(ctx: StepContext, p: PrometheusParams): Way {
  let written = 0;
  const post = async (series: readonly WriteSeries[]): Promise<number | undefined> => {
    if (series.length === 0) return 204;
    const answer = await ctx.http(`${p.url.replace(/\/+$/, '')}/api/v1/write`, {
      method: 'POST',
      headers: {
        ...headersOf(ctx, p),
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: writeRequest(series),
      ...tlsOf(p),
    });
    return answer.reached ? answer.status : undefined;
  };
  const refused = (status: number | undefined): Unobservable =>
    new Unobservable(
      'write-refused',
      `${p.url} answered ${status === undefined ? 'nothing' : `HTTP ${status}`} to a remote write`,
    );
  return {
    name: 'remote write',
    backdates: true,
    async push(streams) {
      const now = ctx.now();
      const first = written === 0;
      const due = streams.flatMap(({ series, step, since }) =>
        series.map((one): WriteSeries => {
          const past = first ? history(one, step, since, now) : [];
          const value = goingOn(one, step, since, now);
          const last = past.at(-1);
          const current =
            value === undefined || (last !== undefined && now - last.at < 1000) ? [] : [{ at: now, value }];
          return { name: one.name, labels: one.labels, samples: [...past, ...current] };
        }),
      );
      const status = await post(due.filter(({ samples }) => samples.length > 0));
      const taken = status !== undefined && status < 300;
      written = now;
      if (taken) return;
      // The past is too old for this server: from now on, then.
      if (first && status === 400) return;
      throw refused(status);
    },
    async end(streams) {
      const at = ctx.now() + 1;
      await post(
        streams.flatMap(({ series }) =>
          series.map((one) => ({ name: one.name, labels: one.labels, samples: [{ at, value: stale }] })),
        ),
      );
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64url') || '=';

function pushgateway(ctx: StepContext, url: string, tag: string): Way {
  const groups = (streams: readonly Stream[]): Map<string, { series: DrillSeries; value: number | undefined }[]> => {
    const byJob = new Map<string, { series: DrillSeries; value: number | undefined }[]>();
    for (const { series, step, since } of streams)
      for (const one of series) {
        const job = one.labels['job'] ?? tag;
        byJob.set(job, [...(byJob.get(job) ?? []), { series: one, value: goingOn(one, step, since, ctx.now()) }]);
      }
    return byJob;
  };
  const address = (job: string): string =>
    `${url.replace(/\/+$/, '')}/metrics/job@base64/${base64(job)}/verify_drill/${tag}`;
  const send = async (method: string, job: string, body?: string): Promise<void> => {
    const answer = await ctx.http(address(job), { method, ...(body !== undefined && { body }) });
    if (!answer.reached || answer.status >= 300)
      throw new Unobservable(
        'push-refused',
        `${address(job)} answered ${answer.reached ? `HTTP ${answer.status}: ${answer.body.slice(0, 200)}` : answer.message}`,
      );
  };
  return {
    name: 'pushgateway',
    backdates: false,
    async push(streams) {
      for (const [job, values] of groups(streams)) await send('PUT', job, exposition(values, ['job', 'verify_drill']));
    },
    async end(streams) {
      for (const job of groups(streams).keys()) await send('DELETE', job);
    },
  };
}

/** A shadow target of our own in a file that the Prometheus watches. Its file is removed whatever happens. */
async function fileSd(ctx: StepContext, path: string, tag: string): Promise<Way | string> {
  if ((await ctx.files.kind(path)) !== 'missing') return `${path} is there already: name a file that is not`;
  const file = ctx.files.absolute(path);
  let now: readonly Stream[] = [];
  let started = false;
  const listener = await ctx.listen(() => ({
    status: 200,
    type: 'text/plain; version=0.0.4',
    body: exposition(
      now.flatMap(({ series, step, since }) =>
        series.map((one) => ({ series: one, value: goingOn(one, step, since, ctx.now()) })),
      ),
      ['job', 'instance'],
    ),
  }));
  ctx.teardown(`remove ${path}`, () => rm(file, { force: true }));
  return {
    name: 'file_sd',
    backdates: false,
    async push(streams) {
      now = streams;
      if (started) return;
      started = true;
      // A target that nobody listens at is what `up == 0` is about.
      const dead = streams.every(({ series }) => series.every(({ name }) => name === 'up'));
      const target = dead ? `127.0.0.1:${await ctx.freePort()}` : new URL(listener.url).host;
      await writeFile(file, JSON.stringify([{ targets: [target], labels: { verify_drill: tag } }]));
    },
    async end() {
      await rm(file, { force: true });
      await listener.close();
    },
  };
}
