import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** A kiln: a program with its arguments in a module, metrics in a table, an image, a chart and what watches it. */
const files = {
  'Cargo.toml': '[package]\nname = "kilnd"\nversion = "0.3.0"\nedition = "2021"\n[dependencies]\nclap = "4"\n',
  'src/main.rs': 'mod args;\nmod gauges;\nfn main() { run(args::parse()) }\n',
  'src/args.rs': `use clap::{Parser, ValueEnum};
#[derive(Parser, Debug)]
pub struct Args {
    #[arg(default_value = "kiln.toml", env)]
    pub firing_plan: String,
    #[arg(short, long, value_enum, default_value_t = Glaze::Clear)]
    pub glaze: Glaze,
}
#[derive(ValueEnum, Clone, Debug)]
pub enum Glaze { Clear, Celadon }
pub fn parse() -> Args { Args::parse() }
`,
  'src/gauges.rs': `// Exposes metrics to Prometheus by hand: # TYPE
static ALL: phf::Map<&'static str, Info> = phf_map! {
    "bricks_heat_celsius" => Info { help: "How hot, in celsius", ty: "gauge" },
    "bricks_fired_total" => Info { help: "How many", ty: "counter" },
    "bricks_broken_total" => Info { help: "How many broke", ty: "counter" },
};
fn name(of: &str) -> String { format!("kilnd_{}", of) }
fn key(of: &str) -> String { format!("bricks_{}", of) }
`,
  Dockerfile: 'FROM debian:12\nCOPY target/release/kilnd /usr/bin/kilnd\nENTRYPOINT ["kilnd"]\n',
  'kilnd.service': '[Service]\nExecStart=/usr/bin/kilnd\n',
  '.github/workflows/fire.yml': 'on: push\njobs: { a: { runs-on: ubuntu-24.04, steps: [{ run: cargo test }] } }\n',
  'ops/scripts/light.sh': 'echo light\n',
  'ops/prometheus.yml': 'global: { evaluation_interval: 20s }\nscrape_configs: [{ job_name: kiln }]\n',
  'ops/rules.yml': `groups:
  - name: kiln
    rules:
      - alert: KilnTooHot
        expr: max by (kiln) (kilnd_bricks_heat_celsius) > 1300
        for: 5m
        labels: { severity: critical }
      - alert: KilnBreaks
        expr: rate(kilnd_bricks_broken_total[5m]) > 1
        for: 1m
        labels: { severity: warning }
`,
  'ops/alertmanager.yml': `route:
  receiver: log
  routes:
    - { matchers: ['severity="critical"'], receiver: potters }
receivers:
  - name: log
  - name: potters
    slack_configs: [{ api_url: "https://hooks.slack.com/services/x", channel: "#kiln" }]
`,
  'compose.yaml':
    'services:\n  grafana:\n    image: grafana/grafana:11.2.0\n    environment: { GF_SECURITY_ADMIN_PASSWORD: stoneware }\n    ports: ["3400:3000"]\n',
  'chart/Chart.yaml': 'apiVersion: v2\nname: kilnd\nversion: 0.3.0\n',
  'chart/values.yaml': 'kilns: 1\nimage: { tag: "0.3" }\n',
  'chart/templates/a.yaml':
    'a: {{ .Values.kilns }}\nb: {{ .Values.image.tag }}\nc: {{ .Values.shelf | default "oak" }}\n',
};
const target = tempDir(files);
execFileSync('git', ['init', '-q'], { cwd: target });

let n = 0;
/** The findings of one document that are more than notes. */
async function seen(text: string): Promise<string[]> {
  const name = `docs/page-${n++}.md`;
  writeIn(target, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.where?.line} ${one.message}`);
}
const shell = (command: string): string => `# Kiln\n\n\`\`\`bash\n${command}\n\`\`\`\n`;
const promql = (query: string): string => `# Kiln metrics\n\n\`\`\`promql\n${query}\n\`\`\`\n`;

const cases: [kind: string, bad: string, good: string, message: RegExp][] = [
  [
    'a flag of a parser in a module',
    shell('kilnd --plan a.toml'),
    shell('kilnd a.toml --glaze clear'),
    /no flag --plan/,
  ],
  [
    'a flag that libraries often bring along, and this one does not',
    shell('kilnd --verbose'),
    shell('kilnd --version'),
    /no flag --verbose/,
  ],
  [
    'a flag in a sentence',
    'The glaze is chosen by `--glaze`; `--wood` feeds the fire.',
    'The glaze is chosen by `--glaze`; `--help` tells more.',
    /--wood/,
  ],
  [
    'what a flag takes, in a sentence',
    '`--glaze` accepts `clear` and `salt`.',
    '`--glaze` accepts `clear` and `celadon`.',
    /does not take salt/,
  ],
  ['a value of a closed list', shell('kilnd --glaze salt'), shell('kilnd --glaze celadon'), /does not take salt/],
  [
    'a flag behind an image',
    shell('docker run --rm -p 80:80 ghcr.io/potters/kilnd:1 --wood'),
    shell('docker run --rm -p 80:80 ghcr.io/potters/kilnd:1 --glaze clear'),
    /no flag --wood/,
  ],
  [
    'a value of a chart',
    shell('helm install k ./chart --set kilns=2,image.tagg=1'),
    shell('helm install k ./chart --set kilns=2,image.tag=1 --set shelf=ash'),
    /know image\.tagg/,
  ],
  [
    'a loop that is not closed',
    shell('for f in *.yml; do\n  cat "$f"'),
    shell('for f in *.yml; do cat "$f"; done'),
    /'done'/,
  ],
  [
    'a metric of a table',
    promql('rate(kilnd_bricks_cracked_total[5m])'),
    promql('rate(kilnd_bricks_fired_total[5m])'),
    /kilnd_bricks_cracked_total/,
  ],
  [
    'the kind of a metric of a table',
    '# Metrics\n\n| Metric | Type |\n|---|---|\n| `kilnd_bricks_heat_celsius` | counter |\n',
    '# Metrics\n\n| Metric | Type |\n|---|---|\n| `kilnd_bricks_heat_celsius` | gauge |\n',
    /gauge/,
  ],
  [
    'how often rules are evaluated',
    'Prometheus evaluates rules every 60 seconds.',
    'Prometheus evaluates rules every 20 seconds.',
    /20s/,
  ],
  [
    'how long all alerts wait',
    'Every alert waits at least two minutes before it fires.',
    'Every alert waits at least one minute before it fires.',
    /KilnBreaks/,
  ],
  [
    'by what an alert is grouped',
    '# Alerts\n\n## KilnTooHot\n\nIt fires `by (kiln, shelf)`.\n',
    '# Alerts\n\n## KilnTooHot\n\nIt fires `by (kiln)`.\n',
    /groups by kiln/,
  ],
  ['where alerts go', 'Critical alerts go to PagerDuty.', 'Critical alerts go to Slack.', /potters \(slack\)/],
  [
    'where alerts go, with an arrow',
    '- Critical → Slack + PagerDuty (5-minute repeat)',
    '- Critical -> Slack (5-minute repeat)',
    /critical to potters \(slack\)/,
  ],
  [
    'how long an alert of a list waits',
    '- KilnTooHot: > 1300 for 10 minutes',
    '- **KilnTooHot**: > 1300 for 5 minutes',
    /its rule has for 5m/,
  ],
  [
    'the limit of an alert of a list',
    '- `KilnTooHot` (critical): > 1200 for 5 minutes',
    '- `KilnTooHot` (critical): > 1300 for 5 minutes',
    /compares with 1300/,
  ],
  [
    'the severity in the heading of a list of alerts',
    '# Kiln\n\n## Shelf alerts (critical)\n\n- KilnBreaks: > 1 for 1 minute\n',
    '# Kiln\n\n## Shelf alerts (warning)\n\n- KilnBreaks: > 1 for 1 minute\n',
    /its rule has severity warning/,
  ],
  [
    'where alerts go that nobody gets',
    'Warning alerts go to Slack.',
    'Critical alerts are sent to Slack.',
    /no integration/,
  ],
  [
    'an address behind another sentence',
    'It answers on this machine. Grafana: http://localhost:3401',
    'It answers on this machine. Grafana: http://localhost:3400',
    /grafana at 3400/,
  ],
  [
    'a password',
    'Grafana has the user `admin`, password `admin`.',
    'Grafana has the user `admin`, password `stoneware`.',
    /sets it, and no file has this value/,
  ],
  ['a unit', 'The unit `kilnd-exporter.service` of systemd.', 'The unit `kilnd.service` of systemd.', /kilnd-exporter/],
  ['a workflow', 'CI is the workflow `build.yml`.', 'CI is the workflow `fire.yml`.', /build\.yml/],
  [
    'a script from the top',
    'Then run `./ops/scripts/cool.sh`.',
    'Then run `./ops/scripts/light.sh`.',
    /cool\.sh is not there/,
  ],
];

describe('docs/claims: what operators read', () => {
  it.each(cases)('%s', async (_, bad, good, message) => {
    const found = await seen(bad);
    expect(found.join('\n')).toMatch(message);
    expect(found).toHaveLength(1);
    expect(await seen(good)).toEqual([]);
  });
  it('shows no password that a file has', async () => {
    writeIn(target, 'docs/login.md', 'Grafana has the user `admin`, password `earthenware`.\n');
    const record = await runStep({ uses: 'docs/claims', with: { documents: ['docs/login.md'] }, target });
    expect(record.findings.map((one) => one.code)).toContain('value-wrong');
    expect(JSON.stringify(record)).not.toContain('stoneware');
  });
  it('does not take a route for unmounted that a source in another language serves', async () => {
    const own = tempDir({
      'app/health.py':
        'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/metrics")\ndef m(): ...\n@router.get("/glaze")\ndef g(): ...\n',
      'app/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/health")\ndef h(): ...\n',
      'api/Program.cs': 'var app = builder.Build();\napp.MapMetrics("/metrics");\n',
      'README.md': '# Kiln\n\n```bash\ncurl http://localhost:5000/metrics\ncurl http://localhost:5000/glaze\n```\n',
    });
    const record = await runStep({ uses: 'docs/claims', with: { documents: ['README.md'] }, target: own });
    expect(record.findings.filter((one) => one.level === 'warning').map((one) => one.message)).toEqual([
      expect.stringMatching(/GET \/glaze.*only app\/health\.py has it/),
    ]);
  });
  it('leaves the units of other programs, and images of others, to them', async () => {
    expect(
      await seen(`${shell('docker run prom/prometheus --wood')}\nThe unit \`docker.service\` of systemd runs it.\n`),
    ).toEqual([]);
  });
});
