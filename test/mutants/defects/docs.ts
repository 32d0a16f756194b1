import { one, type Mutant } from '../mutant.ts';

const next = 'roadmap/milestone-16/NEXT_STEPS.md';
const overview = 'roadmap/milestone-16/README.md';
const task = 'roadmap/milestone-16/005_prometheus_exposition_complete.md';
const readme = 'README.md';
const claims = (name: string, code: string, from: string, to: string): Mutant =>
  one(name, 'next-steps', code, next, from, to);
const other = (name: string, code: string, file: string, from: string, to: string): Mutant =>
  one(name, 'other-documents', code, file, from, to);

export default [
  claims('a path that was renamed', 'path-missing', 'prometheus/recording_rules.yml`', 'prometheus/recordings.yml`'),
  claims('one file of a brace list that is not there', 'path-missing', 'memory-operations,', 'memory-operation,'),
  claims(
    'a mount said of a folder that is not beside the Compose file',
    'path-missing',
    'mounts `../grafana/dashboards`',
    'mounts `../grafana/dashboard`',
  ),
  claims(
    'a lint flag before the dashes',
    'command-wrong',
    '--all-features -- -D warnings',
    '--all-features -D warnings',
  ),
  claims(
    'a Compose file that is not there',
    'command-wrong',
    '-f deployments/docker/docker-compose.yml',
    '-f docker-compose.prod.yml',
  ),
  claims('a profile that no service has', 'command-wrong', '--profile monitoring config', '--profile monitorng config'),
  claims(
    'a package that is not in the workspace',
    'command-wrong',
    '`cargo test --workspace`',
    '`cargo test -p engram-server`',
  ),
  claims('more alert rules than there are', 'number-wrong', '8 alert rules', '9 alert rules'),
  claims('a count of tests that is out of date', 'number-wrong', '20 tests pass', '18 tests pass'),
  claims(
    'a sentence with a count that was taken out',
    'claim-not-found',
    ' holds 2 recording rules',
    ' holds recording rules',
  ),
  claims('tasks that are not there', 'number-wrong', '12 of 12 tasks', '12 of 13 tasks'),
  one(
    'a sentence that its own table contradicts',
    'next-steps',
    'contradiction',
    overview,
    'What was done',
    '11 of 12 tasks are complete. What was done',
  ),
  one(
    'a link to a task that was renamed',
    'next-steps',
    'link-broken',
    overview,
    '(006_alert_rules_complete.md)',
    '(006_alerts_complete.md)',
  ),
  other(
    'a link to an anchor that is not there',
    'anchor-missing',
    readme,
    '(docs/operations/runbook.md)',
    '(docs/operations/runbook.md#walaghigh)',
  ),
  other(
    'a program that the workspace does not build',
    'command-wrong',
    readme,
    '--bin engram -- status',
    '--bin engramd -- status',
  ),
  other(
    'a bench that is not there',
    'command-wrong',
    'docs/reference/benchmark-results.md',
    '--bench operations',
    '--bench recall',
  ),
  other(
    'a count in a task file',
    'number-wrong',
    'roadmap/milestone-16/006_alert_rules_complete.md',
    '8 alert rules',
    '22 alert rules',
  ),
  {
    name: 'a document that is not there',
    step: 'other-documents',
    code: 'document-missing',
    edits: { 'vision.md': null },
  },
  {
    name: 'a task that was left out',
    step: 'tasks',
    code: 'wrong-count',
    edits: { 'roadmap/milestone-16/012_runbook_complete.md': null },
  },
  one('an open box in a complete task', 'tasks', 'unticked-in-complete', task, '[x] Tested', '[ ] Tested'),
  one(
    'a status that the file name contradicts',
    'tasks',
    'contradiction',
    task,
    'Status: complete',
    'Status: in progress',
  ),
  one('boxes that were taken out', 'tasks', 'too-few-ticked', task, '- [x] Documented', ''),
  {
    name: 'a task with two states',
    step: 'tasks',
    code: 'duplicate',
    edits: {
      'roadmap/milestone-16/005_prometheus_exposition_pending.md': '# 005: Prometheus exposition\n\nStatus: pending\n',
    },
  },
  one(
    'a box of a task that is not ticked',
    'tasks',
    'unticked',
    'roadmap/milestone-16/012_runbook_complete.md',
    '- [x] Tested',
    '- [ ] Tested',
  ),
  {
    name: 'a task that is still pending',
    step: 'tasks',
    code: 'incomplete',
    edits: {
      'roadmap/milestone-16/012_runbook_complete.md': null,
      'roadmap/milestone-16/012_runbook_pending.md': '# 012: Runbook\n\nStatus: pending\n\n- [x] Built\n',
    },
  },
  {
    name: 'a task that does not say whether it is complete',
    step: 'tasks',
    code: 'state-unknown',
    edits: {
      'roadmap/milestone-16/012_runbook_complete.md': null,
      'roadmap/milestone-16/012_runbook.md': '# 012: Runbook\n\n- [x] Built\n- [x] Tested\n- [x] Documented\n',
    },
  },
] satisfies Mutant[];
