import { one, type Mutant } from '../mutant.ts';

export default [
  {
    name: 'a missing deliverable',
    step: 'dashboard-files',
    code: 'missing',
    edits: { 'deployments/grafana/dashboards/README.md': null },
  },
  { name: 'an empty deliverable', step: 'benchmark-document', code: 'empty', edits: { 'vision.md': '' } },
  one(
    'a section of the benchmark document left out',
    'benchmark-document',
    'content',
    'docs/reference/benchmark-results.md',
    '## Regression thresholds',
    '## Later',
  ),
  {
    name: 'a task without its file',
    step: 'task-files',
    code: 'missing',
    edits: { 'roadmap/milestone-16/012_runbook_complete.md': null },
  },
  one(
    'a file that says complete over a body that says pending',
    'task-files',
    'content',
    'roadmap/milestone-16/004_histograms_complete.md',
    'Status: complete',
    'Status: pending',
  ),
] satisfies Mutant[];
