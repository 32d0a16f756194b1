import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/hosts/ports.ts';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';
import { until } from '../rig/until.ts';

const running: (() => void)[] = [];
afterAll(() => {
  for (const stop of running) stop();
});

function start(file: string, args: string[]): void {
  const child = spawn(file, args, { stdio: 'ignore' });
  running.push(() => child.kill('SIGKILL'));
}

const answers = (url: string) => until(url, async () => (await fetch(url).catch(() => undefined))?.ok === true);

/** A Prometheus with one alert on a queue, and an Alertmanager with this configuration. */
async function pair(
  alertmanager: string,
  metrics = 'queue_length{host="a"} 3\n',
): Promise<{ prometheus: string; alertmanager: string; folder: string }> {
  const [prometheusPort, managerPort] = [await freePort(), await freePort()];
  const app = await serve({
    '/metrics': { type: 'text/plain; version=0.0.4', body: metrics },
  });
  const folder = tempDir({
    'rules.yml': `groups:
  - name: long
    interval: 1s
    rules:
      - { alert: QueueLong, expr: 'queue_length > 100', for: 2s, labels: { severity: warning }, annotations: { summary: '{{ $labels.host }}' } }
  - name: other
    interval: 1s
    rules:
      - { alert: Busy, expr: 'vector(1)', labels: { severity: none } }
`,
    'prometheus.yml': `global: { scrape_interval: 1s, evaluation_interval: 1s }
alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${managerPort}'] }] }] }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ['${new URL(app).host}'] }] }]
`,
    'alertmanager.yml': alertmanager,
  });
  start('prometheus-alertmanager', [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'am')}`,
    `--web.listen-address=127.0.0.1:${managerPort}`,
    '--cluster.listen-address=',
  ]);
  start('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${prometheusPort}`,
    '--web.enable-remote-write-receiver',
    '--rules.alert.resend-delay=1s',
  ]);
  const [url, manager] = [`http://127.0.0.1:${prometheusPort}`, `http://127.0.0.1:${managerPort}`];
  await answers(`${manager}/-/ready`);
  await answers(`${url}/-/ready`);
  return { prometheus: url, alertmanager: manager, folder };
}

const drill = (url: string, target: string, more: object = {}) =>
  runStep({
    uses: 'prometheus/drill',
    target,
    timeout: '5m',
    with: {
      mode: 'inject',
      url,
      rules: ['rules.yml'],
      alerts: ['QueueLong'],
      confirmLive: true,
      require: ['logic', 'live', 'delivery'],
      ...more,
    },
  });

const route = 'group_wait: 1s, group_interval: 2s, repeat_interval: 1h';
const hook = (url: string, name = 'bell') => `  - { name: ${name}, webhook_configs: [{ url: '${url}' }] }\n`;
const dead = 'http://127.0.0.1:1/';

const [title, skip] = needing(
  'delivery, with a real Prometheus and Alertmanager',
  'promtool',
  'prometheus',
  'alertmanager',
);
describe.skipIf(skip)(title, { concurrent: true }, () => {
  it('holds where the receiver takes the notification; what was injected is no data afterwards', async () => {
    const got: string[] = [];
    const receiver = await serve({
      '/': (response, body) => {
        got.push(body);
        response.writeHead(200).end();
      },
    });
    const at = await pair(`route: { receiver: bell, ${route} }\nreceivers:\n${hook(receiver)}`);
    const record = await drill(at.prometheus, at.folder);
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.proofs).toContain(
      'Alertmanager sent the notification of QueueLong to bell (webhook), with summary, and no request failed',
    );
    expect(got.join()).toContain('QueueLong');
    const asked = (expr: string, more: object) =>
      runStep({ uses: 'prometheus/query', with: { url: at.prometheus, expr, ...more } });
    expect(
      await asked('max_over_time(queue_length[1h])', {
        series: { min: 1, max: 1 },
        value: { op: '<=', than: 3 },
        range: '1m',
      }),
    ).toMatchObject({ outcome: 'passed' });
    expect(codes(await asked('queue_length{verify_drill!=""}', { series: { min: 1 } }))).toEqual(['no-data']);
  });

  it('a drill that silences its alerts tells nobody, proves that they were received, and ends its silences', async () => {
    const got: string[] = [];
    const receiver = await serve({
      '/': (response, body) => {
        got.push(body);
        response.writeHead(200).end();
      },
    });
    const at = await pair(`route: { receiver: bell, ${route} }\nreceivers:\n${hook(receiver)}`);
    const record = await drill(at.prometheus, at.folder, { silence: true, require: ['logic', 'live'] });
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.proofs).toContain('QueueLong was received by Alertmanager, silenced by the drill');
    const silences = (await (await fetch(`${at.alertmanager}/api/v2/silences`)).json()) as {
      status: { state: string };
      matchers: { name: string }[];
    }[];
    // What remains names every label of the drill's own alert.
    expect(silences.map(({ status, matchers }) => `${status.state} ${matchers.length}`).toSorted()).toEqual([
      'active 4',
      'expired 1',
    ]);
    // Some turns of the group, and Prometheus's next words.
    await new Promise((done) => setTimeout(done, 8000));
    expect(got.join()).toContain('Busy');
    expect(got.join()).not.toContain('QueueLong');
    await expect(drill(at.prometheus, at.folder, { silence: true })).rejects.toMatchObject({ code: 65 });
  });

  it.each([
    ['verify_drill="verify-2026-11-27t13-00-00z-abc123"', 'passed', []],
    ['host="verify-2026-11-27t13-00-00z-abc123-2"', 'passed', []],
    ['host="b"', 'failed', ['firing']],
  ])('an alert on {%s} fires by itself: %s', async (labels, outcome, found) => {
    const quiet = `route: { receiver: none, ${route} }\nreceivers:\n  - { name: none }\n`;
    const { prometheus } = await pair(quiet, `queue_length{host="a"} 3\nqueue_length{${labels}} 300\n`);
    await until('the alert fires', async () => {
      const answer = await fetch(`${prometheus}/api/v1/alerts`);
      const { data } = (await answer.json()) as {
        data: { alerts: { state: string; labels: { alertname: string } }[] };
      };
      return data.alerts.some(({ state, labels: own }) => state === 'firing' && own.alertname === 'QueueLong');
    });
    const record = await runStep({
      uses: 'prometheus/rules',
      with: {
        url: prometheus,
        firing: 'forbidden',
        series: 'ignore',
        groups: [{ name: 'long', rules: [{ name: 'QueueLong' }] }],
      },
    });
    expect([record.outcome, codes(record)]).toEqual([outcome, found]);
  });

  it.each([
    [
      'a webhook that refuses',
      `route: { receiver: bell, ${route} }\nreceivers:\n${hook(dead)}`,
      /requests to bell \(webhook\) failed/,
    ],
    [
      'a receiver without integration',
      `route: { receiver: nobody, ${route} }\nreceivers: [{ name: nobody }]\n`,
      /nobody has no integration/,
    ],
    [
      'a route that is muted all day',
      `route: { receiver: bell, ${route}, routes: [{ matchers: ['severity="warning"'], receiver: page, mute_time_intervals: [always] }] }
receivers:
${hook(dead)}${hook(dead, 'page')}time_intervals: [{ name: always, time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }] }]
`,
      /route to page is muted now, by always/,
    ],
    [
      'an inhibition by an alert that always fires',
      `route: { receiver: bell, ${route} }
receivers:
${hook(dead)}inhibit_rules: [{ source_matchers: ['alertname="Busy"'], target_matchers: ['severity="warning"'] }]
`,
      /keeps it back: inhibited by \w+/,
    ],
  ])(
    'is none with %s',
    async (_, config, why) => {
      const at = await pair(config);
      const record = await drill(at.prometheus, at.folder);
      expect(record.outcome).toBe('failed');
      expect(record.findings).toMatchObject([{ code: 'not-delivered', level: 'error', subject: 'QueueLong' }]);
      expect(record.findings[0]?.message).toMatch(why);
      expect(record.proofs.join('\n')).toContain('QueueLong was received by Alertmanager: that alone tells nobody');
    },
    150_000,
  );

  const others = (url: string): string =>
    `route: { receiver: page, ${route}, repeat_interval: 1s, group_by: [alertname], routes: [{ matchers: ['alertname="Busy"'], receiver: bell }] }
receivers:
${hook(url)}`.replace('repeat_interval: 1h, ', '');
  const silent = (): void => undefined;

  it('is none where the receiver keeps the request waiting, whatever another receiver of its kind takes', async () => {
    const [bell, page] = [await serve({ '/': { body: '' } }), await serve({ '/': silent })];
    const at = await pair(`${others(bell)}${hook(page, 'page')}`);
    const record = await drill(at.prometheus, at.folder);
    expect(codes(record)).toEqual(['not-delivered']);
    const alone = await pair(`${others(bell)}${hook(page, 'page')}`.replace('alertname="Busy"', 'alertname="None"'));
    expect(codes(await drill(alone.prometheus, alone.folder))).toEqual(['not-delivered']);
  }, 200_000);

  it('is none where one of two integrations of the receiver keeps the request waiting', async () => {
    const [bell, hangs] = [await serve({ '/': { body: '' } }), await serve({ '/': silent })];
    const at = await pair(
      `route: { receiver: bell, ${route} }\nreceivers: [{ name: bell, webhook_configs: [{ url: '${bell}' }, { url: '${hangs}' }] }]\n`,
      undefined,
    );
    expect(codes(await drill(at.prometheus, at.folder))).toEqual(['not-delivered']);
  }, 200_000);

  it('holds beside another receiver of its kind that is sent to all the time', async () => {
    const [bell, page] = [await serve({ '/': { body: '' } }), await serve({ '/': { body: '' } })];
    const at = await pair(`${others(bell)}${hook(page, 'page')}`);
    expect(await drill(at.prometheus, at.folder)).toMatchObject({ outcome: 'passed', findings: [] });
  }, 200_000);

  it('is none with an inhibition, though other alerts are sent by the same kind of integration', async () => {
    const receiver = await serve({ '/': { body: '' } });
    const at = await pair(`route: { receiver: bell, ${route}, group_by: [alertname] }
receivers:
${hook(receiver)}inhibit_rules: [{ source_matchers: ['alertname="Busy"'], target_matchers: ['severity="warning"'] }]
`);
    const record = await drill(at.prometheus, at.folder);
    expect(codes(record)).toEqual(['not-delivered']);
    expect(record.findings[0]?.message).toMatch(/inhibited by/);
  });

  it('is none where the alert is silenced; without `delivery` that is only said', async () => {
    const at = await pair(`route: { receiver: bell, ${route} }\nreceivers:\n${hook(dead)}`);
    const now = Date.now();
    const silence = await fetch(`${at.alertmanager}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: 'alertname', value: 'QueueLong', isRegex: false, isEqual: true }],
        startsAt: new Date(now - 1000).toISOString(),
        endsAt: new Date(now + 600_000).toISOString(),
        createdBy: 'test',
        comment: 'test',
      }),
    });
    expect(silence.ok).toBe(true);
    const strict = await drill(at.prometheus, at.folder);
    expect(codes(strict)).toEqual(['not-delivered']);
    expect(strict.findings[0]?.message).toMatch(/keeps it back: silenced by [\w-]+/);
    const lenient = await drill(at.prometheus, at.folder, { require: ['logic', 'live'] });
    expect(lenient).toMatchObject({ outcome: 'passed', findings: [] });
    expect(lenient.tables[0]?.rows[0]?.[4]).toMatch(/^· received by Alertmanager: .*silenced/);
  });
});
