import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

const check = (compose: string, files: Record<string, string> = {}) =>
  runStep({
    uses: 'compose/config',
    target: tempDir({ 'compose.yml': compose, ...files }),
    with: { files: ['compose.yml'] },
  });
/** Levels and codes, notes left out. */
const weighty = async (...args: Parameters<typeof check>): Promise<string[]> =>
  (await check(...args)).findings.filter((one) => one.level !== 'note').map((one) => `${one.level} ${one.code}`);

const alertmanager = (files: Record<string, string> = {}, more = ''): string =>
  `services:\n  am:\n    image: prom/alertmanager:v0.27.0\n    volumes: ["./am:/etc/alertmanager"${Object.keys(files).join('')}]\n${more}`;
const am = (text: string, more: Record<string, string> = {}) => ({ 'am/alertmanager.yml': text, ...more });
const hook = 'webhook_configs: [{ url: "http://example.org" }]';
const prometheus =
  '  p:\n    image: prom/prometheus:v2.53.0\n    volumes: ["./p:/etc/prometheus"]\n    command: [--config.file=/etc/prometheus/prometheus.yml]\n';
const jobs = 'scrape_configs: [{ job_name: p, static_configs: [{ targets: ["localhost:9090"] }] }]\n';
const alerting = 'alerting: { alertmanagers: [{ static_configs: [{ targets: ["am:9093"] }] }] }\n';
const rules = (severity: string): string =>
  `groups: [{ name: g, rules: [{ alert: Down, expr: "up == 0", labels: { severity: ${severity} } }] }]\n`;
const watched = (severity: string, config: string): Record<string, string> => ({
  ...am(config),
  'p/prometheus.yml': `rule_files: [r.yml]\n${alerting}${jobs}`,
  'p/r.yml': rules(severity),
});
const routed = (match: string, more = ''): string =>
  `route: { receiver: a, routes: [{ receiver: b, match: { ${match} } }] }\nreceivers: [{ name: a, ${hook} }, { name: b, ${hook} }]\n${more}`;
const grafana = 'services:\n  g:\n    image: grafana/grafana:11.0.0\n    volumes: ["./p:/etc/grafana/provisioning"]\n';
const [title, skip] = needing('compose/config: programs and their files, with a real Compose', 'compose');

describe.skipIf(skip)(title, () => {
  it.each<[string, string]>([
    [
      'a key that no receiver has',
      `route: { receiver: a }\nreceivers: [{ name: a, email_configs: [{ to: a@b.c, from: a@b.c, smarthost: "h:25", body: x }] }]\n`,
    ],
    [
      'a mail without a smarthost',
      'route: { receiver: a }\nreceivers: [{ name: a, email_configs: [{ to: a@b.c, from: a@b.c }] }]\n',
    ],
    ['slack without a URL', 'route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ channel: "#a" }] }]\n'],
    [
      'a placeholder as a URL',
      'route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "${HOOK}" }] }]\n',
    ],
    ['two receivers of one name', `route: { receiver: a }\nreceivers: [{ name: a, ${hook} }, { name: a, ${hook} }]\n`],
    ['matchers at the root', `route: { receiver: a, match: { a: b } }\nreceivers: [{ name: a, ${hook} }]\n`],
    ['a time without unit', `route: { receiver: a, group_wait: 30 }\nreceivers: [{ name: a, ${hook} }]\n`],
    [
      'a time interval that is not there',
      `route: { receiver: a, routes: [{ mute_time_intervals: [nights] }] }\nreceivers: [{ name: a, ${hook} }]\n`,
    ],
    [
      'a misspelt key of a route',
      `route: { receiver: a, routes: [{ receivers: a }] }\nreceivers: [{ name: a, ${hook} }]\n`,
    ],
    ['a receiver that is not there', `route: { receiver: b }\nreceivers: [{ name: a, ${hook} }]\n`],
    ['no route', `receivers: [{ name: a, ${hook} }]\n`],
  ])('Alertmanager refuses %s', async (_, config) =>
    expect(await weighty(alertmanager(), am(config))).toEqual(['error alertmanager-refused']),
  );

  it('a whole configuration has no finding', async () => {
    const whole = `global: { smtp_smarthost: "h:25", smtp_from: a@b.c, slack_api_url: "http://x/", resolve_timeout: 5m }
route:
  receiver: a
  group_by: [alertname, job]
  group_wait: 30s
  routes:
    - { matchers: ['severity="page"', 'team=~"a|b"'], receiver: b, continue: true, active_time_intervals: [day] }
    - { match_re: { job: x.* }, receiver: "null" }
inhibit_rules: [{ source_matchers: [severity="page"], target_matchers: [severity="warning"], equal: [job] }]
time_intervals: [{ name: day, time_intervals: [{ weekdays: ["monday:friday"] }] }]
receivers:
  - name: a
    email_configs: [{ to: a@b.c, headers: { Subject: "{{ .GroupLabels.alertname }}" }, html: '{{ template "email.default.html" . }}' }]
  - { name: b, slack_configs: [{ channel: "#a", text: '{{ template "mine" . }}' }] }
  - { name: "null" }
templates: ["templates/*.tmpl"]
`;
    const files = am(whole, { 'am/templates/a.tmpl': '{{ define "mine" }}x{{ end }}' });
    const record = await check(alertmanager(), files);
    expect(record.findings).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    [
      'a template that no file defines',
      `route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "http://x/", text: '{{ template "mine" . }}' }] }]\ntemplates: ["*.tmpl"]\n`,
      ['error template-undefined'],
    ],
    [
      'a receiver without integration',
      'route: { receiver: a }\nreceivers: [{ name: a }]\n',
      ['warning receiver-empty'],
    ],
    [
      'a key that stays a placeholder',
      'route: { receiver: a }\nreceivers: [{ name: a, pagerduty_configs: [{ routing_key: "${KEY}" }] }]\n',
      ['error alertmanager-literal'],
    ],
    [
      'a route to a receiver without integration',
      `route: { receiver: a, routes: [{ receiver: b, match: { x: y } }] }\nreceivers: [{ name: a, ${hook} }, { name: b }]\n`,
      ['error receiver-empty'],
    ],
    [
      'a receiver that nothing leads to',
      `route: { receiver: a }\nreceivers: [{ name: a, ${hook} }, { name: b }]\n`,
      [],
    ],
    [
      'a root that is silent, with routes',
      `route: { receiver: a, routes: [{ receiver: b, match: { x: y } }] }\nreceivers: [{ name: a }, { name: b, ${hook} }]\n`,
      [],
    ],
  ])('%s', async (_, config, found) => expect(await weighty(alertmanager(), am(config))).toEqual(found));

  it('a file that a script fills in is not judged', async () =>
    expect(
      await weighty(
        alertmanager(
          {},
          '    entrypoint: [sh, -c, "envsubst < /etc/alertmanager/alertmanager.yml > /tmp/a && alertmanager --config.file=/tmp/a"]\n',
        ),
        am('route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "${HOOK}" }] }]\n'),
      ),
    ).toEqual([]));

  it.each<[string, Record<string, string>, string[]]>([
    [
      'a route for a severity that no rule has, where another has no route',
      watched('page', routed('severity: critical')),
      ['warning route-unmatched'],
    ],
    ['a route for an alert that is not there', watched('page', routed('alertname: Dwn')), ['warning route-unmatched']],
    [
      'an inhibition of an alert that is not there',
      watched(
        'page',
        routed(
          'severity: page',
          'inhibit_rules: [{ source_match: { alertname: Gone }, target_match: { severity: page } }]\n',
        ),
      ),
      ['warning route-unmatched'],
    ],
    [
      'a route for a severity that comes into use later',
      watched(
        'critical',
        `route: { receiver: a, routes: [{ receiver: b, match: { severity: critical } }, { receiver: b, match: { severity: info } }] }\nreceivers: [{ name: a, ${hook} }, { name: b, ${hook} }]\n`,
      ),
      [],
    ],
    ['a route by a label of the series', watched('page', routed('team: web')), []],
    ['a route that matches', watched('page', routed('severity: page')), []],
  ])('%s', async (_, files, found) => expect(await weighty(alertmanager() + prometheus, files)).toEqual(found));

  it('rules beside some that are mounted alone are not loaded, unless another file names them', async () => {
    const mounts =
      '    volumes: [./p/p.yml:/etc/prometheus/prometheus.yml, ./p/r/a.rules.yml:/etc/prometheus/r/a.rules.yml]\n';
    const compose = `services:\n  p:\n    image: prom/prometheus:v2.53.0\n${mounts}`;
    const files = {
      'p/p.yml': `rule_files: [/etc/prometheus/r/*.rules.yml]\n${jobs}`,
      'p/r/a.rules.yml': rules('page'),
      'p/r/b.rules.yml': rules('page'),
      'p/r/other.yml': rules('page'),
    };
    expect(await weighty(compose, files)).toEqual(['warning rules-unloaded']);
    expect(await weighty(compose, { ...files, 'up.sh': 'cp p/r/b.rules.yml /x\n' })).toEqual([]);
  });

  it.each<[string, Record<string, string>, string[]]>([
    [
      'rules beside the configuration that nothing loads',
      { 'p/prometheus.yml': jobs, 'p/r.yml': rules('page') },
      ['warning rules-unloaded'],
    ],
    [
      'rules that another configuration loads',
      { 'p/prometheus.yml': jobs, 'p/other.yml': `rule_files: [r.yml]\n${jobs}`, 'p/r.yml': rules('page') },
      [],
    ],
    [
      'a test of rules',
      {
        'p/prometheus.yml': `rule_files: [r.yml]\n${jobs}`,
        'p/r.yml': rules('page'),
        'p/r_test.yml': 'rule_files: [r.yml]\ntests: []\n',
      },
      [],
    ],
    [
      'a job without targets',
      { 'p/prometheus.yml': 'scrape_configs: [{ job_name: p }]\n' },
      ['error job-without-targets'],
    ],
    [
      'a job whose list is to be filled',
      { 'p/prometheus.yml': 'scrape_configs: [{ job_name: p, static_configs: [{ targets: [] }] }]\n' },
      ['warning job-without-targets'],
    ],
    [
      'rules that were forgotten beside others',
      { 'p/prometheus.yml': `rule_files: [r.yml]\n${jobs}`, 'p/r.yml': rules('page'), 'p/s.yml': rules('page') },
      ['error rules-unloaded'],
    ],
    [
      'a scrape that comes more seldom than a query looks back',
      { 'p/prometheus.yml': `global: { scrape_interval: 10m }\n${jobs}` },
      ['warning scrape-interval-long'],
    ],
    [
      'a placeholder that a script fills in',
      {
        'p/prometheus.yml': 'scrape_configs: [{ job_name: p, static_configs: [{ targets: ["${HOST}:80"] }] }]\n',
        'up.sh': 'sed -i "s/x/y/" p/prometheus.yml\n',
      },
      [],
    ],
    [
      'a placeholder as a target',
      { 'p/prometheus.yml': 'scrape_configs: [{ job_name: p, static_configs: [{ targets: ["${HOST}:80"] }] }]\n' },
      ['error config-literal'],
    ],
    [
      'groups of a relabelling, and an external label',
      {
        'p/prometheus.yml':
          'global: { external_labels: { a: "${A}" } }\nscrape_configs: [{ job_name: p, static_configs: [{ targets: ["localhost:9090"] }], relabel_configs: [{ source_labels: [a], regex: "(?P<n>.*)", target_label: b, replacement: "${n}" }] }]\n',
      },
      [],
    ],
  ])('Prometheus: %s', async (_, files, found) =>
    expect(await weighty(`services:\n${prometheus}`, files)).toEqual(found),
  );

  it.each<[string, string, string[]]>([
    [
      'one dash',
      'image: prom/alertmanager\n    command: [-config.file=/etc/alertmanager/alertmanager.yml]',
      ['error flag-refused'],
    ],
    [
      'one dash, of a release that took it',
      'image: prom/alertmanager:v0.5.0\n    command: [-config.file=/etc/alertmanager/alertmanager.yml]',
      [],
    ],
    [
      'a misspelt flag',
      'image: prom/prometheus:v3.1.0\n    command: [--storage.tsdb.retention.tme=1d]',
      ['error flag-refused', 'error config-unread'],
    ],
    [
      'flags of Prometheus 3',
      'image: prom/prometheus:v3.1.0\n    command: [--web.enable-otlp-receiver, --no-scrape.adjust-timestamps]',
      ['error config-unread'],
    ],
  ])('flags: %s', async (_, service, found) =>
    expect((await weighty(`services:\n  a:\n    ${service}\n`)).toSorted()).toEqual(found.toSorted()),
  );

  it.each<[string, string, string[]]>([
    ['a variable of Grafana’s that the environment fills', 'url: "${__value.raw}"', ['error provisioning-dollar']],
    ['one dollar too many', 'url: "$$${__value.raw}"', ['error provisioning-dollar']],
    ['the right spelling, and a variable of the environment', 'url: "$${__value.raw}", x: "${TOKEN}"', []],
  ])('%s', async (_, field, found) =>
    expect(
      await weighty(grafana, {
        'p/datasources/a.yml': `apiVersion: 1\ndatasources:\n  - { name: L, type: loki, url: "http://example.org", jsonData: { derivedFields: [{ ${field} }] } }\n`,
      }),
    ).toEqual(found),
  );

  it('dashboards that a start script copies to the provider files are loaded', async () =>
    expect(
      await weighty(
        'services:\n  g:\n    image: grafana/grafana\n    volumes: ["./d:/etc/grafana/temp/dashboards"]\n    entrypoint: [sh, -c, "cp -r /etc/grafana/temp/dashboards/. /etc/grafana/provisioning/dashboards && /run.sh"]\n',
        { 'd/a.json': '{"uid":"u","title":"T","panels":[]}' },
      ),
    ).toEqual([]));

  it('dashboards where the provider files belong are not loaded', async () =>
    expect(await weighty(grafana, { 'p/dashboards/a.json': '{"uid":"u","title":"T","panels":[]}' })).toEqual([
      'error provisioning-missing',
    ]));

  const healthy = (service: string, test: string): string =>
    `services:\n  a:\n    ${service}\n    healthcheck: { test: ${test} }\n`;
  it.each<[string, string, Record<string, string>, string[]]>([
    [
      'curl in Prometheus’s image',
      healthy('image: prom/pushgateway', '[CMD, curl, -f, "http://localhost:9091"]'),
      {},
      ['error healthcheck-tool'],
    ],
    [
      'wget in Prometheus’s image',
      healthy('image: prom/pushgateway', '[CMD, wget, -q, "http://localhost:9091"]'),
      {},
      [],
    ],
    [
      'a shell in the collector’s image',
      healthy('image: otel/opentelemetry-collector-contrib:0.110.0', '"wget -q localhost || exit 1"'),
      {},
      ['error healthcheck-tool'],
    ],
    [
      'curl in a slim image',
      healthy('build: .', '[CMD, curl, -f, "http://localhost"]'),
      {
        Dockerfile:
          'FROM rust:1 AS b\nRUN apt-get update && apt-get install -y curl\nFROM debian:trixie-slim\nRUN apt-get update && apt-get install -y ca-certificates\nCOPY --from=b /x /usr/local/bin/x\n',
      },
      ['error healthcheck-tool'],
    ],
    [
      'curl that the Dockerfile installs',
      healthy('build: .', '[CMD, curl, -f, "http://localhost"]'),
      { Dockerfile: 'FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y \\\n  ca-certificates curl\n' },
      [],
    ],
    [
      'what a variable installs',
      healthy('build: .', '[CMD, curl, -f, "http://localhost"]'),
      { Dockerfile: 'FROM debian:trixie-slim\nARG P=curl\nRUN apt-get update && apt-get install -y $P\n' },
      [],
    ],
    [
      'a Dockerfile’s own healthcheck',
      'services:\n  a:\n    build: .\n',
      { Dockerfile: 'FROM python:3.12-slim\nHEALTHCHECK --interval=5s CMD curl -f http://localhost || exit 1\n' },
      ['error healthcheck-tool'],
    ],
    [
      'one tool in the other’s place',
      healthy('image: prom/pushgateway', '"curl -f localhost || wget -q localhost"'),
      {},
      [],
    ],
    [
      'curl in an image of which nothing is known',
      healthy('image: acme/app', '[CMD, curl, -f, "http://localhost"]'),
      {},
      [],
    ],
  ])('healthcheck: %s', async (_, compose, files, found) => expect(await weighty(compose, files)).toEqual(found));

  const probed = (relabel: string): string =>
    `scrape_configs: [{ job_name: b, metrics_path: /probe, static_configs: [{ targets: ["example.org"] }], relabel_configs: [{ source_labels: [__address__], target_label: __param_target }${relabel}] }]\n`;
  const asked = (more: string): string => `scrape_configs: [{ job_name: p, ${more} }]\n`;
  const own = 'static_configs: [{ targets: ["localhost:9090"] }]';
  const named = (url: string): string => `${jobs}remote_write: [{ url: "${url}" }]\n`;
  it.each<[string, Record<string, string>, string[]]>([
    [
      'relabelling that takes every target away',
      {
        'p/prometheus.yml': asked(
          `${own}, relabel_configs: [{ source_labels: [__meta_kubernetes_pod_name], action: keep, regex: .+ }]`,
        ),
      },
      ['error job-without-targets'],
    ],
    [
      'relabelling that keeps it',
      { 'p/prometheus.yml': asked(`${own}, relabel_configs: [{ source_labels: [job], action: keep, regex: "p|q" }]`) },
      [],
    ],
    [
      'relabelling that drops all that is scraped',
      {
        'p/prometheus.yml': asked(
          `${own}, metric_relabel_configs: [{ source_labels: [__name__], action: drop, regex: .* }]`,
        ),
      },
      ['error job-without-targets'],
    ],
    ['a probe that is asked of the target', { 'p/prometheus.yml': probed('') }, ['error probe-unmoved']],
    [
      'a probe that is asked of an exporter elsewhere',
      { 'p/prometheus.yml': probed(', { target_label: __address__, replacement: "probes.example.org:9115" }') },
      [],
    ],
    [
      'a password that is not mounted',
      { 'p/prometheus.yml': asked(`${own}, basic_auth: { username: a, password_file: /etc/secret/pw }`) },
      ['error file-unmounted'],
    ],
    [
      'a password beside it',
      {
        'p/prometheus.yml': asked(`${own}, basic_auth: { username: a, password_file: /etc/prometheus/pw }`),
        'p/pw': 'x',
      },
      [],
    ],
    [
      'logs that it writes, and labels that are called like files',
      {
        'p/prometheus.yml': `global: { query_log_file: /tmp/q.log }\n${asked(
          'static_configs: [{ targets: ["localhost:9090"], labels: { unit_file: /etc/systemd/a.service } }]',
        )}`,
      },
      [],
    ],
    [
      'a socket that is not mounted',
      { 'p/prometheus.yml': asked('docker_sd_configs: [{ host: "unix:///var/run/docker.sock" }]') },
      ['error file-unmounted'],
    ],
    [
      'targets with a key that is none',
      { 'p/prometheus.yml': asked('file_sd_configs: [{ files: [t/*.json] }]'), 'p/t/a.json': '[{"target":["a:1"]}]' },
      ['error targets-refused'],
    ],
    [
      'targets',
      {
        'p/prometheus.yml': asked('file_sd_configs: [{ files: [t/*.json] }]'),
        'p/t/a.json': '[{"targets":["localhost:9090"]}]',
      },
      [],
    ],
    [
      'targets in JSON, whose keys Go takes in any case',
      {
        'p/prometheus.yml': asked('file_sd_configs: [{ files: [t/*.json] }]'),
        'p/t/a.json': '[{"Targets":["localhost:9090"]}]',
      },
      [],
    ],
    ['samples sent to nobody', { 'p/prometheus.yml': named('http://mimir:8080/api/v1/push') }, ['error remote-host']],
    ['samples sent elsewhere', { 'p/prometheus.yml': named('https://m.example.org/api/v1/push') }, []],
    [
      'a notification with a field that is none',
      am(
        `route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "https://h.example.org", channel: c, title: "{{ .CommonLabel.alertname }}" }] }]\n`,
      ),
      ['error template-undefined'],
    ],
    [
      'a notification with its fields',
      am(
        `route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "https://h.example.org", channel: c, title: "{{ .CommonLabels.Sevrity }}{{ range .Alerts.Firing }}{{ .Annotations.summary }}{{ end }}" }] }]\n`,
      ),
      [],
    ],
    [
      'a webhook to a container itself, as in the example of Alertmanager’s manual: a note',
      am('route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "http://localhost:8080/x" }] }]\n'),
      [],
    ],
    [
      'a webhook of a receiver that no route leads to',
      am(
        'route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "https://h.example.org", channel: c }] }, { name: b, webhook_configs: [{ url: "http://localhost:8080/x" }] }]\n',
      ),
      [],
    ],
    [
      'a notification with a template of its own',
      am(
        `route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "https://h.example.org", channel: c, title: '{{ define "t" }}{{ .Status }}{{ end }}{{ template "t" . }}' }] }]\n`,
      ),
      [],
    ],
    [
      'a notification with a template of nobody',
      am(
        `route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "https://h.example.org", channel: c, title: '{{ define "t" }}{{ .Status }}{{ end }}{{ template "u" . }}' }] }]\n`,
      ),
      ['error template-undefined'],
    ],
    [
      'a webhook to a service that is none',
      am('route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "http://bot:8080/x" }] }]\n'),
      ['warning hook-host'],
    ],
    [
      'a webhook that two receivers call',
      am(
        'route: { receiver: a, routes: [{ receiver: b, match: { severity: page } }] }\nreceivers: [{ name: a, webhook_configs: [{ url: "http://bot:8080/x" }] }, { name: b, webhook_configs: [{ url: "http://bot:8080/y" }] }]\n',
      ),
      ['warning hook-host'],
    ],
  ])('%s', async (_, files, found) =>
    expect(await weighty('p/prometheus.yml' in files ? `services:\n${prometheus}` : alertmanager(), files)).toEqual(
      found,
    ),
  );
  it.each<[string, string, string, string, string[]]>([
    ['another address of Mimir', 'grafana/mimir:2.12.0', '', 'http://m:9009/api/v1/write', ['error remote-refused']],
    ['Mimir behind a prefix', 'grafana/mimir:2.12.0', '', 'http://m:9009/metrics/api/v1/push', []],
    ['the old address of Cortex', 'cortexproject/cortex:v1.18.0', '', 'http://m:9009/api/prom/push', []],
    [
      'a Prometheus that takes none',
      'prom/prometheus:v2.53.0',
      '',
      'http://m:9090/api/v1/write',
      ['error remote-refused'],
    ],
    [
      'a Prometheus that takes them',
      'prom/prometheus:v2.53.0',
      '    command: [--config.file=/etc/prometheus/prometheus.yml, --web.enable-remote-write-receiver]\n',
      'http://m:9090/api/v1/write',
      [],
    ],
  ])('samples are sent to %s', async (_, image, command, url, found) =>
    expect(
      (
        await weighty(`services:\n${prometheus}  m:\n    image: ${image}\n${command}`, {
          'p/prometheus.yml': named(url),
        })
      ).filter((one) => one.includes('remote')),
    ).toEqual(found),
  );
  it('flags and an API that Prometheus 3 has no more', async () => {
    const flags = (version: string): string =>
      `services:\n${prometheus.replace('v2.53.0', version).replace('.yml]', '.yml, --storage.tsdb.retention=15d, --alertmanager.timeout=10s]')}`;
    const old = {
      'p/prometheus.yml': `${jobs}alerting: { alertmanagers: [{ api_version: v1, static_configs: [{ targets: ["a.example.org:9093"] }] }] }\n`,
    };
    expect(await weighty(flags('v3.5.0'), old)).toEqual(['error flag-refused', 'error api-removed']);
    expect(await weighty(flags('v2.53.0'), old)).toEqual([]);
  });
});
