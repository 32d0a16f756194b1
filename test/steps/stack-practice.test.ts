import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

/** A small stack in which nothing is wrong; each case below changes one place of it. */
const healthy: Record<string, string> = {
  'compose.yml': `services:
  shop:
    build: app
    ports: ["8100:8100"]
    healthcheck: { test: ["CMD-SHELL", "wget -qO- http://127.0.0.1:8100/ || exit 1"], interval: 5s }
  prometheus:
    image: prom/prometheus:v2.53.0
    command: ["--config.file=/etc/prometheus/prometheus.yml"]
    volumes: ["./prometheus:/etc/prometheus:ro"]
    depends_on: [shop]
  alertmanager:
    image: prom/alertmanager:v0.27.0
    command: ["--config.file=/etc/alertmanager/alertmanager.yml"]
    volumes: ["./alertmanager:/etc/alertmanager:ro"]
  grafana:
    image: grafana/grafana:11.1.0
    volumes: ["./provisioning:/etc/grafana/provisioning:ro"]
`,
  'app/Dockerfile':
    'FROM python:3.12-alpine\nWORKDIR /srv\nRUN mkdir -p /srv/data\nCOPY server.py /srv/server.py\nEXPOSE 8100\nCMD ["python", "/srv/server.py"]\n',
  'app/server.py': 'print("a server")\n',
  'prometheus/prometheus.yml': `global: { scrape_interval: 15s }
alerting:
  alertmanagers:
    - static_configs: [{ targets: ["alertmanager:9093"] }]
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["shop:8100"] }]
`,
  'prometheus/rules.yml': `groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up{job="shop"} == 0
        for: 2m
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.instance }} does not answer" }
      - alert: Spoils
        expr: rate(shop_spoiled_total[5m]) > 0.1
        for: 5m
        labels: { severity: warning }
        annotations: { summary: "{{ $labels.fruit }} spoils" }
`,
  'alertmanager/alertmanager.yml': `route:
  receiver: barn
  routes:
    - matchers: [severity="critical"]
      receiver: bell
receivers:
  - name: barn
    webhook_configs: [{ url: "http://hooks.invalid/barn" }]
  - name: bell
    webhook_configs: [{ url: "http://hooks.invalid/bell" }]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [instance]
`,
  'provisioning/datasources/prom.yml':
    'apiVersion: 1\ndatasources:\n  - { name: Prometheus, uid: prom, type: prometheus, url: "http://prometheus:9090" }\n',
  'nginx.conf': '',
  'metrics.txt': `# TYPE shop_spoiled_total counter
shop_spoiled_total{fruit="apple"} 1
shop_spoiled_total{fruit="pear"} 0
# TYPE shop_baskets gauge
shop_baskets 40
# TYPE shop_fill_percent gauge
shop_fill_percent 45
# TYPE shop_harvest_ms gauge
shop_harvest_ms 1700000000000
# TYPE shop_press_seconds histogram
shop_press_seconds_bucket{le="1"} 9
shop_press_seconds_bucket{le="+Inf"} 9
shop_press_seconds_sum 2.5
shop_press_seconds_count 9
`,
};

type Edit = [file: string, from: string, to: string];
function project(edits: readonly Edit[]): Record<string, string> {
  const files = { ...healthy };
  for (const [file, from, to] of edits) {
    expect(files[file], `${file} has the text that is changed`).toContain(from);
    files[file] = (files[file] ?? '').replace(from, () => to);
  }
  return files;
}
const loud = (result: Awaited<ReturnType<typeof runStep>>): string[] =>
  result.findings.filter(({ level }) => level !== 'note').map(({ level, code }) => `${level} ${code}`);
const rules = async (...edits: Edit[]) =>
  loud(
    await runStep({
      uses: 'prometheus/rules-static',
      target: tempDir(project(edits)),
      with: {
        rules: ['prometheus/rules.yml'],
        config: 'prometheus/prometheus.yml',
        exporters: [{ file: 'metrics.txt', job: 'shop' }],
      },
    }),
  );
const compose = async (...edits: Edit[]) =>
  loud(await runStep({ uses: 'compose/config', target: tempDir(project(edits)), with: { files: ['compose.yml'] } }));

/** One more alert. */
const alert = (expr: string, summary = 'Something is wrong', more = ''): Edit => [
  'prometheus/rules.yml',
  '      - alert: Spoils',
  `      - alert: Extra\n        expr: ${JSON.stringify(expr)}\n        for: 5m\n${more}        annotations: { summary: ${JSON.stringify(summary)} }\n      - alert: Spoils`,
];
const job = (text: string): Edit => [
  'prometheus/prometheus.yml',
  '  - job_name: shop\n',
  `  - job_name: shop\n${text}`,
];

describe('prometheus/rules-static beside what is exported and deployed', () => {
  it('says nothing of a stack in which nothing is wrong', async () => expect(await rules()).toEqual([]));

  it.each<[string, Edit[], string[], Edit[]]>([
    [
      'a side that has a label which the other lacks',
      [alert('rate(shop_spoiled_total[5m]) > 1 and shop_baskets < 3')],
      ['error sides-never-match'],
      [alert('rate(shop_spoiled_total[5m]) > 1 and on (instance) shop_baskets < 3')],
    ],
    [
      'a quotient of series with unlike labels',
      [alert('rate(shop_spoiled_total[5m]) / rate(shop_press_seconds_count[5m]) > 0.1')],
      ['error sides-never-match'],
      [alert('rate(shop_spoiled_total[5m]) / on (instance) group_left rate(shop_press_seconds_count[5m]) > 0.1')],
    ],
    [
      'on (…) of a label that one side lacks',
      [alert('shop_spoiled_total > on (fruit) shop_baskets')],
      ['error sides-never-match'],
      [alert('shop_spoiled_total > on (instance) group_left shop_baskets')],
    ],
    [
      'an alert that no rule is called',
      [alert('count(ALERTS{alertname="Spoil", alertstate="firing"}) > 0')],
      ['error dead-selector'],
      [alert('count(ALERTS{alertname=~"Spoils|ShopDown", alertstate="firing"}) > 0')],
    ],
    [
      'a quantile of what has no buckets',
      [alert('histogram_quantile(0.9, rate(shop_press_seconds_sum[5m])) > 0.5')],
      ['error quantile-without-bucket'],
      [alert('histogram_quantile(0.9, rate(shop_press_seconds_bucket[5m])) > 0.5')],
    ],
    [
      'a percentage printed as a fraction',
      [alert('shop_fill_percent > 90', 'Full to {{ $value | humanizePercentage }}')],
      ['error value-unit'],
      [alert('shop_fill_percent > 90', 'Full to {{ $value }} %')],
    ],
    [
      'seconds less milliseconds',
      [alert('time() - shop_harvest_ms > 3600')],
      ['error unit-mismatch'],
      [alert('time() - shop_harvest_ms / 1000 > 3600')],
    ],
    [
      'an increase that is to be a round number',
      [alert('increase(shop_spoiled_total[1h]) == 5')],
      ['warning dead-threshold'],
      [alert('increase(shop_spoiled_total[1h]) == 0')],
    ],
    [
      'a label that scraping takes away',
      [job('    metric_relabel_configs: [{ regex: fruit, action: labeldrop }]\n')],
      ['error label-dropped'],
      [job('    metric_relabel_configs: [{ regex: tree, action: labeldrop }]\n')],
    ],
    [
      'more series than the job takes',
      [job('    sample_limit: 5\n')],
      ['error sample-limit'],
      [job('    sample_limit: 500\n')],
    ],
    [
      'a group that is evaluated less often than its rules look back',
      [['prometheus/rules.yml', '  - name: shop\n', '  - name: shop\n    interval: 10m\n']],
      ['warning interval-long'],
      [['prometheus/rules.yml', '  - name: shop\n', '  - name: shop\n    interval: 5m\n']],
    ],
    [
      'a key that the deployed version refuses',
      [['compose.yml', 'v2.53.0', 'v2.40.0'], alert('shop_baskets < 5', 'Few', '        keep_firing_for: 5m\n')],
      ['error rules-refused'],
      [['compose.yml', 'v2.53.0', 'v2.42.0'], alert('shop_baskets < 5', 'Few', '        keep_firing_for: 5m\n')],
    ],
  ])('%s', async (_, bad, expected, good) => {
    expect(await rules(...bad)).toEqual(expected);
    expect(await rules(...good)).toEqual([]);
  });

  it('a label that only some series have says nothing of the others', async () =>
    expect(
      await rules(
        ['metrics.txt', 'shop_baskets 40\n', 'shop_baskets 40\nshop_baskets{fruit="apple"} 4\n'],
        alert('rate(shop_spoiled_total[5m]) > 1 and shop_baskets < 3'),
      ),
    ).toEqual([]));
});

const [title, skip] = needing('compose/config: what runs and answers otherwise than it is meant', 'compose');
describe.skipIf(skip)(title, () => {
  it('says nothing of a stack in which nothing is wrong', async () => expect(await compose()).toEqual([]));

  const manager = (text: string): Edit => [
    'prometheus/prometheus.yml',
    '    - static_configs: [{ targets: ["alertmanager:9093"] }]',
    `    - ${text}\n      static_configs: [{ targets: ["alertmanager:9093"] }]`,
  ];
  const prefixed: Edit = [
    'compose.yml',
    '"--config.file=/etc/alertmanager/alertmanager.yml"',
    '"--config.file=/etc/alertmanager/alertmanager.yml", "--web.route-prefix=/am"',
  ];
  const proxy = (pass: string, more = ''): Edit[] => [
    [
      'compose.yml',
      '  grafana:\n',
      '  proxy:\n    image: nginx:1.27\n    ports: ["80:80"]\n    volumes: ["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]\n  grafana:\n',
    ],
    ['nginx.conf', '', `${more}server {\n  listen 80;\n  location / {\n    ${pass}\n  }\n}\n`],
  ];
  const secluded = (network: string): Edit[] => [
    ['compose.yml', '    build: app\n', '    build: app\n    networks: [inner]\n'],
    ['compose.yml', '    depends_on: [shop]\n', '    depends_on: [shop]\n    networks: [default, inner]\n'],
    ['compose.yml', 'services:\n', `networks:\n  ${network}\nservices:\n`],
  ];
  const below: Edit = [
    'compose.yml',
    '"--config.file=/etc/prometheus/prometheus.yml"',
    '"--config.file=/etc/prometheus/prometheus.yml", "--web.external-url=http://localhost/prom/"',
  ];
  const itself = (more: string): Edit => [
    'prometheus/prometheus.yml',
    'scrape_configs:\n',
    `scrape_configs:\n  - job_name: prometheus\n${more}    static_configs: [{ targets: ["localhost:9090"] }]\n`,
  ];
  const command = (words: string): Edit => [
    'compose.yml',
    '    build: app\n',
    `    build: app\n    command: ${words}\n`,
  ];
  const waits = (...more: Edit[]): Edit[] => [
    ['compose.yml', 'depends_on: [shop]', 'depends_on: { shop: { condition: service_completed_successfully } }'],
    ...more,
  ];
  const database = (more = ''): Edit => [
    'compose.yml',
    '  grafana:\n',
    `  db:\n    image: postgres:16\n    ports: ["15432:5432"]\n    environment:\n      POSTGRES_PASSWORD: apple\n${more}  grafana:\n`,
  ];
  const given = (address: string): Edit => [
    'compose.yml',
    '    build: app\n',
    `    build: app\n    environment: { STORE: "${address}" }\n`,
  ];
  it.each<[string, Edit[], string[], Edit[]]>([
    [
      'a path at which Alertmanager does not answer',
      [manager('path_prefix: /am')],
      ['error prefix-wrong'],
      [manager('path_prefix: /am/'), prefixed],
    ],
    [
      'a prefix that Prometheus does not know',
      [prefixed],
      ['error prefix-wrong'],
      [manager('path_prefix: am'), prefixed],
    ],
    [
      'Prometheus below a prefix, of which neither its own job nor Grafana knows',
      [below, itself('')],
      ['error prefix-wrong', 'error prefix-wrong'],
      [
        below,
        itself('    metrics_path: /prom/metrics\n'),
        ['provisioning/datasources/prom.yml', 'http://prometheus:9090', 'http://prometheus:9090/prom'],
      ],
    ],
    [
      'an API that Alertmanager no longer has',
      [manager('api_version: v1')],
      ['error prefix-wrong'],
      [manager('api_version: v1'), ['compose.yml', 'alertmanager:v0.27.0', 'alertmanager:v0.26.0']],
    ],
    [
      'a warning that silences what is critical',
      [
        [
          'alertmanager/alertmanager.yml',
          'source_matchers: [severity="critical"]\n    target_matchers: [severity="warning"]',
          'source_matchers: [severity="warning"]\n    target_matchers: [severity="critical"]',
        ],
      ],
      ['warning inhibits-all'],
      [
        [
          'alertmanager/alertmanager.yml',
          'source_matchers: [severity="critical"]',
          'source_matchers: [alertname="ShopDown", severity="critical"]',
        ],
      ],
    ],
    [
      'a route of which another takes every alert',
      [
        [
          'alertmanager/alertmanager.yml',
          '      receiver: bell\nreceivers',
          '      receiver: bell\n    - matchers: [alertname="ShopDown"]\n      receiver: barn\nreceivers',
        ],
      ],
      ['warning route-unreachable'],
      [
        [
          'alertmanager/alertmanager.yml',
          '      receiver: bell\nreceivers',
          '      receiver: bell\n      continue: true\n    - matchers: [alertname="ShopDown"]\n      receiver: barn\nreceivers',
        ],
      ],
    ],
    [
      'an operator of the shell in the list form',
      [command('["python", "server.py", "&&", "echo", "done"]')],
      ['error command-unshelled'],
      [command('["sh", "-c", "python server.py && echo done"]')],
    ],
    [
      'a command of the shell without one',
      [command('cd /srv && python server.py')],
      ['error command-unshelled'],
      [command("sh -c 'cd /srv && python server.py'")],
    ],
    [
      'the end of what is always started again',
      waits(['compose.yml', '    build: app\n', '    build: app\n    restart: always\n']),
      ['error health-dependency'],
      [['compose.yml', '    build: app\n', '    build: app\n    restart: always\n']],
    ],
    [
      'the end of a server',
      waits(),
      ['warning health-dependency'],
      [['compose.yml', 'depends_on: [shop]', 'depends_on: { shop: { condition: service_healthy } }']],
    ],
    [
      'a dollar that was meant for the value',
      [
        [
          'compose.yml',
          '    image: grafana/grafana:11.1.0\n',
          '    image: grafana/grafana:11.1.0\n    environment: { GF_SECURITY_ADMIN_PASSWORD: "s3cr$word" }\n',
        ],
      ],
      ['warning variable-not-set'],
      [
        [
          'compose.yml',
          '    image: grafana/grafana:11.1.0\n',
          '    image: grafana/grafana:11.1.0\n    environment: { GF_SECURITY_ADMIN_PASSWORD: "s3cr$$word" }\n',
        ],
      ],
    ],
    [
      'two data sources of one name',
      [
        [
          'provisioning/datasources/prom.yml',
          'datasources:\n',
          'datasources:\n  - { name: Prometheus, uid: other, type: prometheus, url: "http://prometheus:9090" }\n',
        ],
      ],
      ['error datasource-duplicate'],
      [
        [
          'provisioning/datasources/prom.yml',
          'datasources:\n',
          'datasources:\n  - { name: Other, uid: other, type: prometheus, url: "http://prometheus:9090" }\n',
        ],
      ],
    ],
    [
      'a host that is no service',
      [database(), given('postgres://postgres:apple@database/postgres')],
      ['error address-wrong'],
      [database(), given('postgres://postgres:apple@db:5432/postgres?sslmode=disable')],
    ],
    [
      'localhost, where another service is meant',
      [database(), given('postgresql+psycopg://postgres:apple@localhost:5432/postgres')],
      ['warning address-wrong'],
      [database(), given('http://localhost:5432/')],
    ],
    [
      'the port that is published',
      [database(), given('postgres://postgres:apple@db:15432/postgres')],
      ['error address-wrong'],
      [database('      PGPORT: "15432"\n'), given('postgres://postgres:apple@db:15432/postgres')],
    ],
    [
      'another password',
      [database(), given('postgres://postgres:pear@db/postgres')],
      ['error login-wrong'],
      [database('      POSTGRES_HOST_AUTH_METHOD: trust\n'), given('postgres://postgres:pear@db/postgres')],
    ],
    [
      'a host that is no service, where the project has no such program',
      [
        database(),
        given('redis://cache:6379/0'),
        ['compose.yml', '  grafana:\n', '  store:\n    image: redis:7\n  grafana:\n'],
      ],
      ['error address-wrong'],
      [database(), given('redis://cache:6379/0')],
    ],
    [
      'a user and a database that nothing makes',
      [database(), given('postgres://shop:apple@db/shop')],
      ['warning login-wrong'],
      [database('      POSTGRES_USER: shop\n      POSTGRES_DB: stock\n'), given('postgres://shop:apple@db/stock')],
    ],
    [
      'a proxy before a host that is no service',
      proxy('proxy_pass http://shops:8100;'),
      ['error upstream-host'],
      proxy('proxy_pass http://shop:8100/;'),
    ],
    [
      'a proxy before itself',
      proxy('proxy_pass http://localhost:8100;'),
      ['error upstream-host'],
      proxy(
        '# proxy_pass http://localhost:8100;\n    proxy_pass http://back;',
        'upstream back { server shop:8100; }\n',
      ),
    ],
    [
      'a port on which nginx does not listen',
      [...proxy('proxy_pass http://shop:8100;'), ['compose.yml', '"80:80"', '"80:8080"']],
      ['error port-unheard'],
      [
        ...proxy('proxy_pass http://shop:8100;', 'server { listen [::]:8080; }\n'),
        ['compose.yml', '"80:80"', '"80:8080"'],
      ],
    ],
    [
      'a port that no network lets out',
      secluded('inner: { internal: true }'),
      ['error port-secluded'],
      secluded('inner: { internal: false }'),
    ],
    [
      'a script that the image does not have',
      [['app/Dockerfile', '"/srv/server.py"]', '"/srv/main.py"]']],
      ['error start-file-missing'],
      [['app/Dockerfile', '"python", "/srv/server.py"]', '"python", "-u", "server.py"]']],
    ],
    [
      'a script at another place',
      [['app/Dockerfile', 'COPY server.py /srv/server.py', 'COPY server.py /srv/app/']],
      ['error start-file-missing'],
      [['app/Dockerfile', 'COPY server.py /srv/server.py', 'COPY . .']],
    ],
  ])('%s', async (_, bad, expected, good) => {
    expect(await compose(...bad)).toEqual(expected);
    expect(await compose(...good)).toEqual([]);
  });

  it('what another step of the build may make is not judged', async () => {
    for (const made of ['RUN python make.py > main.py\n', 'RUN git clone https://example.invalid/a /srv\n'])
      expect(
        await compose(
          ['app/Dockerfile', 'RUN mkdir -p /srv/data\n', made],
          ['app/Dockerfile', '"/srv/server.py"]', '"/srv/main.py"]'],
        ),
      ).toEqual([]);
    expect(
      await compose(
        ['app/Dockerfile', '"/srv/server.py"]', '"/srv/main.py"]'],
        ['compose.yml', '    build: app\n', '    build: app\n    volumes: ["./code:/srv"]\n'],
      ),
    ).not.toContain('error start-file-missing');
  });
});
