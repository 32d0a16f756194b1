import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { poll, Unobservable, type Background, type StepContext } from '../../core/step.ts';
import { ask } from '../../clients/prometheus.ts';
import { rulesFileOf, withInterval, type RuleSet } from '../alerts.ts';
import { batchesOf, openMetrics, samplesOf, type Sample } from '../backfill.ts';
import { needsOf } from '../needs.ts';
import type { EngineSeen } from '../observed.ts';
import { readPosted, type Received } from './receiver.ts';
import { host } from './promtool.ts';
import { isOf, shiftOf, watch, type Batch, type Member, type Options, type SandboxCase } from './sandbox-watch.ts';

const atOnce = 4;

/** Drills alerts in throw-away Prometheuses on free loopback ports; one for all alerts whose series do not touch. */
export async function sandbox(
  ctx: StepContext,
  cases: readonly SandboxCase[],
  options: Options,
): Promise<{ version: string; seen: EngineSeen[] }> {
  const received: Received[] = [];
  const receiver = await ctx.listen(({ method, path, body }) => {
    if (method === 'POST' && path.endsWith('/api/v2/alerts')) received.push(...readPosted(body, ctx.now()));
    return { status: 200 };
  });
  const seen: EngineSeen[] = cases.map(() => ({ events: [], fired: false, resolved: false }));
  let version = '';
  const batches = batchesOf(cases.map(metricsOf));
  const drillOne = async (members: readonly number[], n: number): Promise<void> => {
    const own = members.flatMap((at) => {
      const [one, result] = [cases[at], seen[at]];
      return one && result ? [{ ...one, result }] : [];
    });
    const drill = `${ctx.runId}-${n}`;
    ctx.progress(`sandbox ${n + 1} of ${batches.length}: ${own.map(({ alert }) => alert.rule.name).join(', ')}`);
    const receives = ({ alert }: SandboxCase): Received[] =>
      received.filter((one) => one.drill === drill && isOf(alert, one.labels['alertname'], one.labels));
    try {
      version = await drillBatch(ctx, own, { ...options, drill, receiver: receiver.port, receives });
    } catch (error) {
      if (!(error instanceof Unobservable) || error.code !== 'backfill-failed') throw error;
      // Samples of one alert that this promtool does not take keep no other from its drill.
      if (own.length > 1) for (const at of members) await drillOne([at], cases.length + at);
      else if (own[0]) own[0].result.error = error.message;
    }
  };
  // A sandbox mostly waits: a few at once cost little.
  for (let n = 0; n < batches.length; n += atOnce)
    await Promise.all(batches.slice(n, n + atOnce).map((members, m) => drillOne(members, n + m)));
  await receiver.close();
  return { version, seen };
}

/** Metrics that a drill of the alert touches. */
function metricsOf({ alert, solution }: SandboxCase): Set<string> {
  return new Set([
    ...solution.firing.map(({ name }) => name),
    ...needsOf(alert.rule.expr).sources.map(({ name }) => name ?? ''),
  ]);
}

async function drillBatch(ctx: StepContext, members: readonly Member[], batch: Batch): Promise<string> {
  const folder = ctx.evidence.scratch();
  await writeConfig(folder, members, batch);
  const began = ctx.now();
  await backfill(ctx, folder, members, batch.set, began);
  const port = await ctx.freePort();
  const program = await ctx.background(
    [
      'prometheus',
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-admin-api',
      '--rules.alert.for-grace-period=0s',
      '--rules.alert.resend-delay=1s',
      '--log.level=warn',
    ],
    { name: 'sandbox' },
  );
  try {
    const url = `http://127.0.0.1:${port}`;
    await ready(ctx, url, program);
    const { data } = await ask(ctx, { url, headers: {} }, 'status/buildinfo');
    await watch(ctx, url, members, batch, began);
    return z.object({ version: z.string() }).safeParse(data).data?.version ?? '';
  } finally {
    await program.stop();
  }
}

async function writeConfig(folder: string, members: readonly Member[], batch: Batch): Promise<void> {
  await mkdir(join(folder, 'rules'), { recursive: true });
  const names: string[] = [];
  const copies =
    batch.files.length > 0 ? batch.files.map(({ path, text }) => ({ path, text })) : members.map(asFile(batch.set));
  for (const [n, { path, text }] of copies.entries()) {
    const name = join('rules', `${n}-${basename(path)}`);
    await writeFile(join(folder, name), withInterval(text, batch.interval));
    names.push(name);
  }
  await writeFile(
    join(folder, 'prometheus.yml'),
    stringify({
      global: { evaluation_interval: batch.interval, external_labels: { verify_drill: batch.drill } },
      storage: { tsdb: { out_of_order_time_window: '1h' } },
      rule_files: names,
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${batch.receiver}`] }] }] },
    }),
  );
}

/** A loaded rule that no file was given for. */
const asFile =
  (set: RuleSet) =>
  ({ alert }: Member, n: number): { path: string; text: string } => ({
    path: `loaded-${n}.yml`,
    text: rulesFileOf(alert, [...set.records.values()].flat()),
  });

/** Writes the firing series, ending now, and the state from which each alert's pending time is restored. */
async function backfill(
  ctx: StepContext,
  folder: string,
  members: readonly Member[],
  set: RuleSet,
  now: number,
): Promise<void> {
  const end = Math.floor(now / 1000) * 1000;
  const series: { name: string; labels: Readonly<Record<string, string>>; samples: Sample[] }[] = [];
  for (const { alert, solution } of members) {
    for (const one of solution.firing)
      series.push({
        name: one.name,
        labels: one.labels,
        samples: samplesOf(one, solution.schedule.step, end, shiftOf({ alert, solution }, set, one, end)),
      });
    if (alert.hold === 0) continue;
    // Active since before its hold: what a restarted Prometheus would find.
    const since = end / 1000 - alert.hold - 60;
    for (const labels of solution.proven?.labels ?? [])
      series.push({
        name: 'ALERTS_FOR_STATE',
        labels,
        samples: [60, 30, 0].map((ago) => ({ at: end - ago * 1000, value: since })),
      });
  }
  if (series.length === 0) return;
  const file = join(folder, 'samples.om');
  await writeFile(file, openMetrics(series));
  const result = await host(ctx, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')], 'backfill');
  if (result.code !== 0)
    throw new Unobservable(
      'backfill-failed',
      `promtool does not take the samples: ${result.stderr.trim().split('\n').at(-1) ?? ''}`,
    );
}

async function ready(ctx: StepContext, url: string, program: Background): Promise<void> {
  const seen = await poll(ctx, {
    within: 30_000,
    every: 100,
    look: () => {
      if (program.running()) return ctx.http(`${url}/-/ready`, { timeout: 2000 });
      throw new Unobservable('sandbox-ended', 'the throw-away Prometheus ended by itself', {
        hint: program.output(600),
      });
    },
    done: (answer) => answer.reached && answer.status === 200,
  });
  if (!seen.reached || seen.status !== 200)
    throw new Unobservable('sandbox-not-ready', 'the throw-away Prometheus was not ready within 30 s');
}
