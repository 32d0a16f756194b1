import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const alert = (name: string): string => `      - { alert: ${name}, expr: up == 0, for: 5m }\n`;
/** A weir: two stacks, rules in three groups, an autoscaler and tests. */
const files = {
  'gates/Cargo.toml': '[package]\nname = "gates"\nversion = "0.1.0"\nedition = "2021"\n',
  'gates/src/sluice.rs': '#[test]\nfn opens() {}\n#[test]\nfn shuts() {}\n',
  'gates/src/lib.rs': 'pub mod sluice;\n',
  'watch/compose.watch.yml':
    'services:\n  prometheus: { image: "prom/prometheus:v3.1.0", restart: always }\n  alertmanager: { image: "prom/alertmanager:v0.28.1", restart: always, healthcheck: { test: [CMD, "true"] } }\n',
  'compose.yaml': 'services:\n  gates: { build: ., healthcheck: { test: [CMD, "true"] } }\n',
  'watch/water_level.yml': `groups:\n  - name: sluice_gates\n    rules:\n${alert('GateStuck')}${alert('GateOpen')}${alert('GateShut')}  - name: rain\n    rules:\n${alert('Flood')}`,
  'watch/fish_ladder.yml': `groups:\n  - name: ladder\n    rules:\n${alert('LadderDry')}${alert('LadderFull')}`,
  'watch/width.yml':
    'groups:\n  - name: widths\n    rules:\n      - { alert: GateWide, expr: gate_width_metres > 700, for: 5m }\n',
  '.github/workflows/ci.yml': 'on: push\njobs: { a: { runs-on: x, steps: [{ run: pytest --cov-fail-under=65 }] } }\n',
  'k8s/hpa.yaml':
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: gates }\nspec:\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target:\n          type: Utilization\n          averageUtilization: 70\n    - type: Resource\n      resource: { name: memory, target: { type: Utilization, averageUtilization: 85 } }\n',
  'gates/meter.py':
    'from prometheus_client import Counter, Gauge\na = Counter("gate_turns_total", "x")\nb = Counter("gate_jams_total", "x")\nc = Gauge("gate_width_metres", "x")\n',
  'docs/guide.md': '# Guide\n',
};
function repository(some: Record<string, string>): string {
  const target = tempDir();
  for (const [path, text] of Object.entries(some)) writeIn(target, path, text);
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=w', '-c', 'user.email=w@weir.example', ...args], { cwd: target });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'x');
  return target;
}
async function seen(document: string, parts: readonly string[], target: string): Promise<string[]> {
  writeIn(target, document, `# Status\n\n${parts.join('\n\n')}\n`);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [document] }, target });
  return (record.findings ?? [])
    .filter(({ level, code }) => level !== 'note' && code !== 'nothing-claimed')
    .map(({ level, message }) => `${level} ${message}`);
}
const block = (text: string, lang = ''): string => `\`\`\`${lang}\n${text}\n\`\`\``;

/** What it says, wrong and right, and what is told of the wrong one. */
const ofRoot: [what: string, bad: string, good: string, part: string][] = [
  [
    'alerts, below the heading of their file',
    '### watch/water_level.yml\n\nAlert rules (5 total) by their groups:\n\n- a',
    '### watch/water_level.yml\n\nAlert rules (4 total) by their groups:\n\n- a',
    'error `Alert rules (5 total)`: watch/water_level.yml has 4',
  ],
  [
    'tests of a file in a drawing that begins with the repository’s name',
    block('weir/\n├── gates/\n│   └── src/\n│       ├── sluice.rs (6 tests)\n│       └── lib.rs'),
    block('weir/\n├── gates/\n│   └── src/\n│       ├── sluice.rs (2 tests)\n│       └── lib.rs'),
    'error `6 tests`: gates/src/sluice.rs has 2',
  ],
  [
    'alerts of a group, which is called in words',
    '- **Sluice Gate Alerts**: 100% (4/4 configured)\n- **Fish ladders**: 2 alerts',
    '- **Sluice Gate Alerts**: 100% (3/3 configured)\n- **Fish ladders**: 2 alerts',
    'warning `Sluice Gate Alerts: 4 alerts`: its rules have 3',
  ],
  [
    'what an autoscaler goes by',
    'The HPA scales the gates based on:\n\n- CPU usage > 85%\n- Memory usage > 85%',
    'The HPA scales the gates based on:\n\n- CPU usage > 70%\n- Memory usage > 85%',
    'warning `CPU share of an autoscaler: 85`: k8s/hpa.yaml has 70',
  ],
  [
    'an interface that the version has no more',
    block('curl -X POST http://localhost:9093/api/v1/alerts -d @a.json', 'sh'),
    block(
      'curl -X POST http://localhost:9093/api/v2/alerts -d @a.json\ncurl http://localhost:9090/api/v1/alerts',
      'sh',
    ),
    'error `/api/v1/alerts`: alertmanager:v0.28.1 has no such interface',
  ],
  [
    'a link that leads out of the repository, to what is in it',
    '[guide](../docs/guide.md)',
    '[guide](docs/guide.md) [other](../other/guide.md)',
    'error `../docs/guide.md`: it leads out of the repository',
  ],
  [
    'files beside the folders of a drawing',
    block('gates/\n  ├── Cargo.toml   # a\n  └── src/lib.rs   # b\nGATES_SETUP.md      # how\ncompose.yaml        # c'),
    block('gates/\n  ├── Cargo.toml   # a\n  └── src/lib.rs   # b\ncompose.yaml        # c'),
    'warning `GATES_SETUP.md`: GATES_SETUP.md is not there',
  ],
];
const meters = '**File:** `gates/meter.py`';
ofRoot.push(
  [
    'metrics of the file that the part is about',
    `## Meters\n\n${meters}\n\n**Metrics exposed:** 5 total\n\n- **Counters (2)**: turns, jams`,
    `## Meters\n\n${meters}\n\n**Metrics exposed:** 3 total\n\n- **Counters (2)**: turns, jams`,
    '`Metrics exposed: 5 total`: gates/meter.py has 3',
  ],
  [
    'metrics of one kind',
    `## Gauges\n\n${meters}\n\n- **Counters (2)**: turns, jams\n- **Gauges (4)**: width`,
    `## Gauges\n\n${meters}\n\n- **Counters (2)**: turns, jams\n- **Gauges (1)**: width`,
    '`Gauges (4)`: gates/meter.py has 1',
  ],
  [
    'the kind of a metric, in a table of names',
    '| Name | Kind | For |\n|---|---|---|\n| gate_turns_total | Gauge | turns |\n| gate_width_metres | Gauge | width |',
    '| Name | Kind | For |\n|---|---|---|\n| gate_turns_total | Counter | turns |\n| gate_width_metres | Gauge | width |',
    'gate_turns_total',
  ],
  [
    'what an alert of a list fires at',
    '- The alert GateWide fires when the width stays above 900 for 5 minutes',
    '- The alert GateWide fires when the width stays above 700 for 5 minutes\n- GateWide: the width, averaged over 5 minutes',
    'warning `GateWide: threshold 900`: its rule compares with 700',
  ],
  [
    'the coverage that CI asks for',
    'CI fails when coverage drops below 80%.',
    'CI fails when coverage drops below 65%.',
    'warning `least coverage that CI takes: 80`',
  ],
  [
    'an image’s version before a verb',
    'Prometheus 2.4 is part of the stack.',
    'Prometheus 3.1 is part of the stack.',
    'start prometheus with the tag 3.1.0',
  ],
  [
    'at least so many tests of a file',
    '- `gates/src/sluice.rs` - 30+ tests',
    '- `gates/src/sluice.rs` - 2+ tests',
    'warning `30+ tests`: gates/src/sluice.rs has 2',
  ],
);
const ofFolder: [what: string, bad: string, good: string, part: string][] = [
  [
    'what all services of the stack beside it include',
    'All services include:\n\n- Health checks\n- Automatic restart policies',
    'All services include:\n\n- Automatic restart policies',
    'warning `All services include Health checks`: of 2 of that kind (service) 1 do not: prometheus',
  ],
];

it('finds what a status report says of counts, autoscalers, interfaces and files', async () => {
  for (const [document, cases] of [
    ['STATUS.md', ofRoot],
    ['watch/STATUS.md', ofFolder],
  ] as const) {
    const bad = await seen(
      document,
      cases.map((one) => one[1]),
      repository(files),
    );
    expect(cases.map(([what, , , part]) => [what, bad.filter((one) => one.includes(part)).length])).toEqual(
      cases.map(([what]) => [what, 1]),
    );
    expect(bad).toHaveLength(cases.length);
    expect(
      await seen(
        document,
        cases.map((one) => one[2]),
        repository(files),
      ),
    ).toEqual([]);
  }
});

it('says nothing where there is nothing to hold it against, or another version may be meant', async () => {
  const parts = ofRoot.map((one) => one[1]);
  expect(await seen('STATUS.md', parts, repository({ 'a.txt': 'x\n' }))).toEqual([]);
  const older = {
    ...files,
    'watch/compose.watch.yml': 'services:\n  alertmanager: { image: "prom/alertmanager:v0.26.0" }\n',
  };
  expect(await seen('STATUS.md', [parts[4] ?? ''], repository(older))).toEqual([]);
  // Of two stacks it is not known which is meant.
  expect(await seen('STATUS.md', ['All services include:\n\n- Health checks'], repository(files))).toEqual([]);
});
