import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const rules = (...alerts: string[]): string =>
  `groups:\n  - name: eels\n    rules:\n${alerts
    .map(
      (name, n) =>
        `      - alert: ${name}\n        expr: eels_total > ${n}\n${n > 0 ? '        for: 5m\n' : ''}        labels: { severity: page }\n`,
    )
    .join('')}`;

/** An eel farm: a Python service with its metrics, alerts, tests and a Compose stack. */
const target = tempDir({
  'farm/probe.py': 'x = 1\n'.repeat(100),
  'farm/store.py':
    'class Store:\n    def add(self):\n        raise NotImplementedError()\n\n\nclass Memory(Store):\n    def add(self):\n        return 1\n',
  'farm/lazy.py': 'def add():\n    raise NotImplementedError()\n',
  'farm/metrics.py':
    'from prometheus_client import Counter\n\nA = Counter("eels_total", "x")\nB = Counter("eels_fed_total", "x")\nC = Counter("eels_lost_total", "x")\n',
  'farm/settings.py': 'MAX_EELS = 40\n',
  'alerts/rules.yml': rules('NoEels', 'ManyEels', 'SlickEels'),
  'tests/test_farm.py': `import pytest\n${[1, 2, 3, 4].map((n) => `def test_eel_number_${n}(): pass\n`).join('')}`,
  'tests/try_all.py': 'def test_all():\n    pass\n\nif __name__ == "__main__":\n    test_all()\n',
  'apps/a/.env': 'EEL_PORT=8080\n',
  'apps/b/docker-compose.yml': 'services:\n  b:\n    image: "b:1"\n    environment:\n      EEL_PORT: 8080\n',
  '.gitignore': 'farm/state/*.json\n',
  'k8s/farm.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: farm }\nspec:\n  template:\n    spec:\n      affinity: { podAntiAffinity: {} }\n',
  'boards/eels.json':
    '{ "dashboard": { "title": "Eels", "uid": "e", "panels": [{ "title": "A", "type": "stat" }, { "title": "B", "type": "stat" }] } }',
  'docker-compose.yml': 'services:\n  kafka: { image: "kafka:1", ports: ["9092:9092"] }\n',
});
execFileSync('git', ['init', '-q'], { cwd: target });
execFileSync('git', ['add', '-A'], { cwd: target });

let count = 0;
/** What weighs in a report, as `level code line`. */
async function seen(text: string, folder = 'docs'): Promise<string[]> {
  const name = `${folder}/REPORT_${count++}.md`;
  writeIn(target, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.code} ${one.where?.line}`);
}

/** [what it is, a report that says it wrongly, what is found, the same said rightly or of something else] */
const cases: [string, string, string[], string][] = [
  [
    'lines that stand below the heading of a file',
    '### 1. Probe (`farm/probe.py`)\n**650+ lines of production code**\n',
    ['warning value-wrong 2'],
    '### 1. Probe (`farm/probe.py`)\n**95+ lines of production code**\n',
  ],
  [
    'lines in brackets behind what a file is for',
    '1. `farm/probe.py` - Probes of the farm (400+ lines)\n',
    ['warning value-wrong 1'],
    '1. `farm/probe.py` - Probes of the farm (90+ lines)\n2. `farm/lazy.py` - Lazy ones, 3 of them (as before)\n',
  ],
  [
    'the names of files in a list',
    '### ✅ 1. Add stores\n\n- **probe.py**: probes\n- **store.py**: stores\n- **lazy.py**: lazy ones\n- **eel_health.py**: health\n',
    ['warning path-missing 6'],
    '### ✅ 1. Add stores\n\n- **probe.py**: probes\n- **store.py**: stores\n- **Memory.py**: moved into its store\n- **metrics.py**: metrics\n',
  ],
  [
    'the names of files of which few are here, and of what has yet to be made',
    '- `probe.py`\n- `store.py`\n- `lazy.py`\n- `deep.py`\n',
    ['warning path-missing 4'],
    '- `probe.py`\n- `gills.py`\n- `fins.py`\n- `tails.py`\n\n## Next steps\n\n- `store.py`\n- `lazy.py`\n- `deep.py`\n',
  ],
  [
    'panels of a dashboard that is wrapped',
    'Created the dashboard with 30+ panels.\n',
    ['warning value-wrong 1'],
    'Created the dashboard with 2 panels.\n',
  ],
  [
    'the files of a numbered list',
    '## Deliverables (5 files)\n\n### Code\n1. **`farm/probe.py`**\n2. `farm/store.py`\n\n### Rules\n3. `alerts/rules.yml`\n',
    ['warning contradiction 1'],
    '## Deliverables (3 files)\n\n### Code\n1. **`farm/probe.py`**\n2. `farm/store.py`\n\n### Rules\n3. `alerts/rules.yml`\n\n## Phases (5 files)\n\n1. dig\n2. fill\n3. feed\n',
  ],
  [
    'lines below a label',
    '**File**: `farm/probe.py`\n**Lines**: 300\n',
    ['warning value-wrong 2'],
    '**File**: `farm/probe.py`\n**Lines**: 100\n',
  ],
  [
    'lines that a drawing gives',
    '```\neels/\n├── farm/\n│   ├── probe.py   # probes (400 lines)\n│   └── lazy.py\n```\n',
    ['warning value-wrong 4'],
    '```\neels/\n├── farm/\n│   ├── probe.py   # probes (100 lines)\n│   └── lazy.py\n```\n',
  ],
  [
    'at least as many lines',
    '- `farm/probe.py` (200+ lines)\n',
    ['warning value-wrong 1'],
    '- `farm/probe.py` (40+ lines)\n\n- MERGE: `farm/lazy.py` into `farm/probe.py` (300 lines)\n- `farm/probe.py`: 9KB per 1K eels\n',
  ],
  [
    'at least as many metrics and alerts',
    '- **Metrics:** 25+ metric types\n- **Alerts:** 15+ alert rules\n',
    ['warning value-wrong 1', 'warning value-wrong 2'],
    '- **Metrics:** 3+ metric types\n- **Alerts:** 3+ alert rules\n',
  ],
  [
    'what all alerts include',
    'All alerts include:\n- Severity levels\n- Duration thresholds\n',
    ['warning value-wrong 3'],
    'Some alerts include:\n- Severity levels\n- Duration thresholds\n',
  ],
  [
    'tests that are not there are one finding',
    '## Tests\n- `test_eel_number_1`\n- `test_eel_gone_alpha`\n- `test_eel_gone_beta`\n',
    ['error name-unknown 3'],
    '## Tests\n- `test_eel_number_1`\n\n| Test variable | Value |\n|---|---|\n| `test_password` | x |\n\nTests follow a pattern.\n- Example: `test_eel_that_is_slick`\n',
  ],
  [
    'a table of contents that fits no heading is one finding',
    '1. [One](#one)\n2. [Two](#two)\n3. [Three](#three)\n\n## Other\n',
    ['error anchor-missing 1'],
    '1. [One](#one)\n\n## One\n\nSee [it](C.md) (to be created).\n',
  ],
  [
    'counts of tests',
    '- `tests/test_farm.py` - 12 tests\n',
    ['error value-wrong 1'],
    '**Affected files:**\n- `tests/test_farm.py` (2 tests)\n\nRest:\n\n- `tests/try_all.py` - 12 tests\n- `tests/test_farm.py` (3 unit tests + 1 class test)\n',
  ],
  [
    'two shares of one whole',
    '## Summary\n\n10/10 criteria are met.\n\n## Status\n\n8/10 criteria are met.\n',
    ['error contradiction 7'],
    '## Summary\n\n**Starting Status**: 18/33 items\n**Ending Status**: 21/33 items\n\n- Eels (5/5 tests passing)\n- Traps (1/1 test passing)\n\n- **100% Integration Success** (17/17 tests passed)\n- **100% Unit Success** (5/5 tests passed)\n',
  ],
  [
    'a figure that a summary gives another value',
    '## Summary\n\n- Success rate of feeding: 100%\n\n## Results\n\n- Success rate of feeding: 38.7%\n',
    ['warning contradiction 7'],
    '## Summary\n\n**BEFORE fixes:**\n- Success rate of feeding: 38.7%\n\n**AFTER fixes:**\n- Success rate of feeding: 100%\n\nAll 3 phases have been:\n- dug\n- filled\n- fed\n- left\n- seen\n',
  ],
  [
    'a stub behind what is done',
    '## Completed ✅\n\n- `farm/lazy.py` adds eels\n',
    ['warning value-wrong 3'],
    '## Completed ✅\n\n- `farm/store.py` adds eels\n- See: `farm/lazy.py`\n',
  ],
  [
    'a folder that is not there',
    'The eels lie in `farm/gone/`.\n',
    ['error path-missing 1'],
    'Eels are persisted to `farm/gone/`. The state is in `farm/state/`. Two of `farm/probe.h/.cpp`.\n',
  ],
  [
    'many files of one folder are one finding',
    [1, 2, 3, 4, 5, 6].map((one) => `- \`farm/part${one}.py\`\n`).join('') +
      Array.from('abcdefgh')
        .map(
          () =>
            '- `farm/probe.py`, `farm/lazy.py`, `farm/store.py`, `farm/metrics.py`, `farm/settings.py`, `alerts/rules.yml`, `tests/test_farm.py`\n',
        )
        .join(''),
    ['error path-missing 1'],
    '# Eels\n\n**Status**: Proposed\n\n- `farm/part1.py`\n',
  ],
  [
    'lines of parts that come to another number',
    '## 1. Stack (230 lines)\n\n### a (80 lines)\n\nx\n\n### b (50 lines)\n\nx\n\n### c (190 lines)\n\n## Docs (2 files, 900 lines)\n\n- one (100 lines)\n- two (200 lines)\n',
    ['warning contradiction 1', 'warning contradiction 13'],
    '## 1. Stack (320 lines)\n\n### a (80 lines)\n\nx\n\n### b (50 lines)\n\nx\n\n### c (190 lines)\n\n## Docs (2 files, 300+ lines)\n\n- one (100 lines)\n- two (200+ lines)\n\n## Rest (90 lines)\n\n- one (100 lines)\n- two\n',
  ],
  [
    'what no manifest has',
    '## Delivered\n\n- Pod anti-affinity\n- Topology spread constraints\n',
    ['warning value-wrong 4'],
    '## Delivered\n\n- Pod anti-affinity\n\n## Next steps\n\n- Topology spread constraints\n\n## Options\n\n- Consider a PodDisruptionBudget\n',
  ],
  [
    'a file that is shorter by a fifth',
    '`farm/probe.py` (125 lines)\n',
    ['warning value-wrong 1'],
    '`farm/probe.py` (75 lines), and `farm/probe.py` has 108 lines\n',
  ],
  [
    'the port of a service',
    '- Kafka (port 9999)\n',
    ['warning value-wrong 1'],
    '- Kafka UI (port 9999)\n- **Live**: Go + Kafka (port 9998)\n',
  ],
  [
    'boxes that are open',
    '**Status**: Complete\n\n## Tasks\n\n- [x] dig\n- [ ] fill\n',
    ['warning value-wrong 1'],
    '**Status**: Complete\n\n## Tasks\n\n- [x] dig\n\n## Getting started\n\n- [ ] set `EELS`\n\n## KPIs\n\n- [x] a\n- [ ] Ranking of eels\n',
  ],
];

describe('docs/claims: reports of what was done', () => {
  it.each(cases)('%s', async (_, bad, found, good) => {
    expect(await seen(bad)).toEqual(found);
    expect(await seen(good)).toEqual([]);
  });

  it('says nothing of a setting of the application beside', async () => {
    const table = '| Variable | Default |\n|---|---|\n| `EEL_PORT` | `8083` |\n';
    expect(await seen(table, 'apps/c')).toEqual([]);
  });

  it('does not hold a file that is a little shorter against a report among many', async () => {
    writeIn(target, 'docs/many/REPORT.md', '`farm/probe.py` (125 lines), `farm/lazy.py` (9 lines)\n');
    const record = await runStep({ uses: 'docs/claims', with: { documents: ['docs/many/*.md'] }, target });
    expect(record.findings.map((one) => `${one.level} ${one.code}`)).toEqual([
      'note value-wrong',
      'warning value-wrong',
    ]);
  });

  it('a report with none of it has no claim', async () => {
    expect(await seen('# Eels\n\nThey are slick.\n')).toEqual([]);
  });
});
