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
] satisfies Mutant[];
