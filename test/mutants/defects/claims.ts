import { one, type Mutant } from '../mutant.ts';

const next = 'roadmap/milestone-16/NEXT_STEPS.md';
const readme = 'README.md';
const runbook = 'docs/operations/runbook.md';
const bench = 'docs/reference/benchmark-results.md';
export default [
  one(
    'a flag that the program does not have',
    'other-documents',
    'command-wrong',
    readme,
    'start --http-port 7432',
    'start --port 7432',
  ),
  one(
    'a subcommand that the program does not have',
    'other-documents',
    'command-wrong',
    readme,
    '-- status --json',
    '-- health --json',
  ),
  one(
    'a number of alert rules beside the path of their file',
    'other-documents',
    'value-wrong',
    readme,
    '- [Vision]',
    '- `deployments/prometheus/alerts.yml` has 11 alert rules\n- [Vision]',
  ),
  one(
    'a number of alert rules',
    'other-documents',
    'value-wrong',
    readme,
    '- [Vision]',
    '- 17 alert rules\n- [Vision]',
  ),
  one(
    'a number of dashboards',
    'other-documents',
    'value-wrong',
    readme,
    '- [Vision]',
    '- There are 6 Grafana dashboards\n- [Vision]',
  ),
  one(
    'a Rust that cannot build it',
    'other-documents',
    'value-wrong',
    readme,
    '- [Vision]',
    '- Rust 1.75+\n- [Vision]',
  ),
  one(
    'an alert that the rule file does not have',
    'next-steps',
    'name-unknown',
    next,
    'in the group `engram_cognitive_slos`',
    'in the group `engram_cognitive_slos`: HighErrorRate, DiskNearlyFull, EngramDown',
  ),
  one(
    'a PASS that its own numbers deny',
    'other-documents',
    'value-wrong',
    bench,
    '| store | 1.7 µs | 2.0 µs | 2.1 µs | 1 ms | PASS |',
    '| store | 1.7 µs | 2.0 ms | 2.1 ms | 1 ms | PASS |',
  ),
  one(
    'a Grafana where nobody publishes it',
    'other-documents',
    'value-wrong',
    runbook,
    '# Runbook',
    '# Runbook\n\nAfter `docker compose up`:\n\n- Grafana: http://localhost:3300',
  ),
] satisfies Mutant[];
