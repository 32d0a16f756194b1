import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** Contradictions: a document, and the lines on which it must be told of. */
const wrong: [what: string, text: string, lines: number[]][] = [
  ['a rise in points', '# S\n\nCoverage rose from 61 % to 74 %, an increase of 18 percentage points.\n', [3]],
  [
    'a change of the state at the end',
    '# S\n\n**Status**: ✅ COMPLETE\n\n## Pump\n\nx\n\n## Next steps\n\n**Overall status**: IN PROGRESS (6 of 7)\n',
    [11],
  ],
  [
    'a change, in words, of a run that is shown',
    '# S\n\n## Tests\n\n```\ntest result: FAILED. 37 passed; 1 failed; 0 ignored\n```\n\nAll tests pass with no failures.\n',
    [9],
  ],
  [
    'a suite with fewer, in words',
    '# S\n\nAll tests passed.\n\n## Tests\n\n| Suite | Passed | Total |\n|---|---|---|\n| a | 4 | 4 |\n| b | 8 | 9 |\n',
    [3],
  ],
  [
    'numbered tasks of a list, in words',
    '# Tasks of pond 4\n\n- [x] Task 001: dig\n- [ ] Task 002: fill\n\nAll tasks are complete.\n',
    [6],
  ],
  ['a percentage that does not follow', '# S\n\n11/12 tasks (100%) are closed.\n', [3]],
  ['the percentage of several words', '# S\n\n18 of 24 scenarios were load-tested on ponds (80 %).\n', [3]],
  [
    'a total in a heading, above a list',
    '# S\n\n## Binaries (4 total)\n\n1. **dig** - a\n2. **fill** - b\n3. **drain** - c\n',
    [3],
  ],
  [
    'a total above a table whose cells name several',
    '# S\n\n### Tables created (9 total)\n\n| Area | Tables |\n|---|---|\n| Ponds | ponds, fish |\n| Pumps | pumps, hours, filters |\n',
    [3],
  ],
  [
    'a row of all, in words',
    '# S\n\n| Part | Tests | Coverage |\n|---|---|---|\n| a | 30 | 90% |\n| b | 12 | 80% |\n| **Overall** | **45** | 86% |\n| c | - | - |\n',
    [7],
  ],
  [
    'a total right below the table, in words',
    '# S\n\n| Part | Tests | Key |\n|---|---|---|\n| a | 30 | x |\n| b | - | y |\n| c | 12 | z |\n\n**Total Tests**: 45 (all pass)\n',
    [9],
  ],
  ['a change before its figures', '# S\n\nPonds fill 2x faster (12.0 ms → 9.0 ms).\n', [3]],
  ['a change of a rate', '# S\n\nIt rose from 1,600 to 2,400 events per second (+75 %).\n', [3]],
  ['a rate of one at a time', '# S\n\nAt 2,400 events per second one event takes 4.2 ms on one thread.\n', [3]],
  ['percentiles that fall', '# S\n\np50 is 0.9 ms, p99 is 0.6 ms.\n', [3]],
  [
    'percentiles that fall in a table',
    '# S\n\n| Pond | p50 (ms) | p99 (ms) |\n|---|---|---|\n| a | 3 | 9 |\n| b | 12 | 4 |\n',
    [6],
  ],
  ['all of them, in words', '# S\n\n**Result**: 9/9 deliverables\n\nAll eight deliverables are done.\n', [5]],
  [
    'an estimate as a result',
    '# S\n\n| Measure | Target | Result |\n|---|---|---|\n| Pump | < 5 ms | ~4 ms (estimated) |\n',
    [5],
  ],
  ['the percentage first', '# S\n\nProgress: 90% complete (7 of 8 ponds).\n', [3]],
  [
    'a total that is not the sum',
    '# S\n\n| Area | Files |\n|---|---|\n| a | 3 |\n| b | 4 |\n| c | 9 |\n| **Total** | **17** |\n',
    [8],
  ],
  [
    'all of them, above a row that says PARTIAL',
    '# S\n\nAll targets met.\n\n## Targets\n\n| Target | Status |\n|---|---|\n| depth | ✅ PASS |\n| flow | ⚠️ PARTIAL |\n',
    [3],
  ],
  [
    'all criteria in a summary, and an open one in the list',
    '# S\n\n## Success criteria\n\n- [x] fish\n- [ ] frogs\n\n## Summary\n\n✅ All success criteria are satisfied.\n',
    [10],
  ],
  [
    'every test passes, and a mark that says no',
    '# S\n\nEvery test passes.\n\n### Test results\n\n- ✅ pump\n- ❌ filter\n',
    [3],
  ],
  [
    'two shares of the whole',
    '# S\n\nStatus: 10/10 criteria met.\n\n## A\n\nx\n\n## Summary\n\n8/10 criteria are met.\n',
    [11],
  ],
  [
    'a label with two states',
    '# S\n\n- **Pump tests**: PASSING\n\n## Details\n\n| Check | Status |\n|---|---|\n| Pump tests | IN PROGRESS |\n',
    [9],
  ],
  ['a label with two shares', '# S\n\n**Score**: 10/10\n\n## Details\n\nx\n\n**Score**: 8/10\n', [9]],
  [
    'a row that failed',
    '# S\n\nAll targets met.\n\n| Target | Status |\n|---|---|\n| depth | ✅ |\n| flow | FAILED |\n',
    [3],
  ],
  [
    'a number in a heading',
    '# S\n\n#### 2. Pond metrics (4 metrics)\n\n- ✅ `a_total` - x\n- ✅ `b_total` - y\n- ✅ `c_total` - z\n',
    [3],
  ],
  [
    'the parts of a number, a change of kind',
    '# S\n\n## Rules\n\n**9 alert rules** across 2 categories:\n\n### Ponds (4 rules)\n\nx\n\n### Pumps (3 rules)\n\ny\n',
    [5],
  ],
  [
    'a total of routes, a change of kind',
    '# S\n\n## API\n\n### Ponds\n\n- `GET /ponds` - all\n- `POST /ponds` - new\n\n### Fish\n\n- `GET /fish`\n- `GET /fish/{id}`\n\n**Total: 5 endpoints**\n',
    [15],
  ],
  ['tests of each kind, a change of kind', '# S\n\n60 tests (45 unit + 12 integration)\n', [3]],
  [
    'tests of each kind in a list, a change of kind',
    '# S\n\n- Unit tests: 45\n- E2E tests: 12\n- **Total**: 60 tests\n',
    [5],
  ],
  ['a number above a list', '# S\n\nThe board shows five panels:\n\n1. a\n2. b\n3. c\n4. d\n', [3]],
  ['a number in the label of a list', '# S\n\n**Panels** (5 panels):\n- a\n- b\n  more of b\n- c\n- d\n', [3]],
  [
    'a number in the heading of a table',
    '# S\n\n## Alerts (4)\n\n| Alert | For |\n|---|---|\n| A | 5m |\n| B | 5m |\n',
    [3],
  ],
  ['a change that does not follow', '# S\n\nFrom 100 ms to 80 ms (50% faster).\n', [3]],
  ['a rise that does not follow', '# S\n\nFeeds: 10,000 → 15,000 ops/s (+75%)\n', [3]],
  [
    'a column of changes',
    '# S\n\n| Metric | Before | After | Change |\n|---|---|---|---|\n| p99 | 100ms | 50ms | -80% |\n| p50 | 10ms | 5ms | -50% |\n',
    [5],
  ],
  [
    'a factor',
    '# S\n\n| Metric | Before | After | Improvement |\n|---|---|---|---|\n| p99 | 100ms | 50ms | 5x |\n',
    [5],
  ],
  ['all pass, and some failed', '# S\n\nTests: 148 passed, 6 failed (100% pass rate)\n', [3]],
  ['a rate that does not follow', '# S\n\n90 passed, 10 failed: a pass rate of 98%.\n', [3]],
  ['one run told twice', '# S\n\n148 passed, 0 failed\n\n## Tests\n\n142 passed, 6 failed\n', [7]],
  [
    'a row that does not come to its total',
    '# S\n\n| Suite | Passed | Failed | Skipped | Total |\n|---|---|---|---|---|\n| unit | 40 | 1 | 0 | 42 |\n',
    [5],
  ],
  ['a figure that misses the target beside it', '# S\n\n- P99: 14 ms (target: < 10 ms) ✅\n', [3]],
  ['a rate that misses it', '# S\n\n- **Rate**: 8,200 ops/sec — target 10,000 ops/sec ✅ PASS\n', [3]],
  ['a figure that meets in words', '# S\n\nP99 is 14 ms, which meets the target of 10 ms.\n', [3]],
  ['coverage', '# S\n\nCoverage: 78% (target ≥ 80%) ✅\n', [3]],
  [
    'an estimate in a column of what was measured',
    '# S\n\n| Op | Measured |\n|---|---|\n| feed | 8 ms (est.) |\n',
    [5],
  ],
  ['an end before the start', '# S\n\n**Started**: 2026-03-10\n**Completed**: 2026-03-01\n', [4]],
  ['nothing outstanding, and a list of it', '# S\n\nNo blockers.\n\n## Blockers\n\n- The pump cannot be run\n', [3]],
  ['two states of the whole', '# S\n\n**Status**: ✅ COMPLETE\n\n## Summary\n\n**Overall Status**: IN PROGRESS\n', [7]],
  [
    'all measured, and one to be',
    '# S\n\nAll targets measured and met.\n\n| Target | Measured |\n|---|---|\n| flow | TBD |\n',
    [3],
  ],
];
const right: [what: string, text: string][] = [
  ['a rise in points', '# S\n\nCoverage rose from 61 % to 74 %, an increase of 13 percentage points.\n'],
  [
    'a state of another time at the end',
    '# S\n\n**Status**: ✅ COMPLETE\n\n## Pump\n\nx\n\n## Phase 2\n\n**Overall status**: IN PROGRESS\n',
  ],
  [
    'a run before',
    '# S\n\n## Tests before\n\n```\ntest result: FAILED. 37 passed; 1 failed; 0 ignored\n```\n\n## Tests\n\nAll tests pass.\n',
  ],
  [
    'tests that are skipped',
    '# S\n\nAll tests passed.\n\n## Tests\n\n| Suite | Passed | Skipped | Total |\n|---|---|---|---|\n| b | 8 | 1 | 9 |\n',
  ],
  [
    'what follows in other words',
    '# S\n\n18 of 24 scenarios were load-tested on ponds (75 %). Ponds fill 1.33x faster (12.0 ms → 9.0 ms).\n\nIt rose from 1,600 to 2,400 events per second (+50 %).\n\nAt 2,400 events per second one event takes 0.42 ms on one thread.\n\nAt 2,400 events per second on eight threads, one event takes 3.3 ms.\n\np50 is 0.9 ms, p99 is 2.1 ms.\n',
  ],
  [
    'all of them, as many as the share says',
    '# S\n\n**Result**: 8/8 deliverables\n\nAll eight deliverables are done. All three ponds are filled.\n',
  ],
  [
    'a result that was measured',
    '# S\n\n| Measure | Target | Result | Met |\n|---|---|---|---|\n| Pump | < 50 ms | 42 ms | ✅ |\n| Filter | < 9 ms | 11 ms | ❌ |\n\n| Pond | p50 (ms) | p99 (ms) |\n|---|---|---|\n| a | 3 | 9 |\n',
  ],
  [
    'pictures with their numbers',
    '# S\n\n![Pond dashboard (1/2)](https://example.org/a.png)\n![Pond dashboard (2/2)](https://example.org/b.png)\n',
  ],
  [
    'numbers that come to their parts',
    '# S\n\n## Rules\n\n**7 alert rules** across 2 categories:\n\n### Ponds (4 rules)\n\nx\n\n### Pumps (3 rules)\n\ny\n\n57 tests (45 unit + 12 E2E)\n\n- Unit tests: 45\n- E2E tests: 12\n- Total: 57\n\n- Unit tests: 45\n- Other tests: 9\n- Total: 54\n',
  ],
  [
    'a heading whose entries hold several, and a total with its routes',
    '# S\n\n## Fish (3 files)\n\n- `a.ts`, `b.ts`\n- `c.ts`\n\n## API\n\n- `GET /ponds`\n- `POST /ponds`\n- `GET /fish`\n\nTotal: 3 endpoints\n',
  ],
  [
    'totals that are those of their lists and tables',
    '# S\n\n## Binaries (3 total) 🚀\n\n1. **dig** - a\n2. **fill** - b\n3. **drain** - c\n\n### Tables created (5 total)\n\n| Area | Tables |\n|---|---|\n| Ponds | ponds, fish |\n| Pumps | pumps, hours, filters |\n\n### Alerts (42)\n\n| Area | Alerts |\n|---|---|\n| a | 30 |\n| b | 12 |\n\n**Total alerts**: 42\n\n| Part | Tests | Coverage |\n|---|---|---|\n| a | 30 | 90% |\n| b | 12 | 80% |\n| **Overall** | **42** | 86% |\n| c | - | - |\n',
  ],
  ['a list with as many', '# S\n\nThe board shows four panels:\n\n1. a\n2. b\ngoes on\n3. c\n\n   more\n4. d\n'],
  ['a list of some', '# S\n\nThe first 3 of 12 panels:\n\n- a\n- b\n\nAt least 3 alerts:\n\n- a\n- b\n'],
  ['a list that goes on behind a block', '# S\n\nThree steps:\n\n1. a\n2. b\n\n```\nx\n```\n\n3. c\n'],
  ['a number of a version', '# S\n\nPond 5 adopts these options:\n\n- a\n- b\n'],
  [
    'changes that follow',
    '# S\n\nFrom 100 ms to 80 ms (20% less), 80 → 100 (+25%), 3 s to 1 s (3x), 1.2 ms → 0.4 ms (67% faster), 70% → 80% (+10%).\n',
  ],
  [
    'columns of changes that follow',
    '# S\n\n| Metric | Before | After | Change |\n|---|---|---|---|\n| p99 | 100ms | 50ms | -50% |\n| p50 | ~10ms | ~6ms | -42% |\n| n | 3 | n/a | - |\n',
  ],
  ['runs that follow', '# S\n\n148 passed, 0 failed (100%). \n\n## Before\n\n90 passed, 10 failed (90%)\n'],
  [
    'rows that come to their total',
    '# S\n\n| Suite | Passed | Failed | Skipped | Total | Rate |\n|---|---|---|---|---|---|\n| unit | 40 | 1 | 1 | 42 | 95.2% |\n| all | 4 | 0 | 0 | 4 | 100% |\n',
  ],
  [
    'figures that meet, or say that they do not',
    '# S\n\n- P99: 8 ms (target: < 10 ms) ✅\n- P99: 14 ms (target: < 10 ms) ❌\n- Rate: 12K ops/s, target 10K ops/s ✅\n- P50 was 14 ms (target 10 ms) and is met now.\n',
  ],
  ['nothing outstanding', '# S\n\nKnown issues: none\n\n## Known issues\n\n- a leak (fixed)\n'],
  ['dates in order', '# S\n\n**Started**: 2026-03-01\n**Completed**: 2026-03-10\n'],
  [
    'throughput that was measured',
    '# S\n\n| Op | Mean latency | Throughput |\n|---|---|---|\n| a | 2 ms | 3,100 ops/s |\n| b | 5 ms | 1,450 ops/s |\n| c | 10 ms | 800 ops/s |\n',
  ],
  [
    'throughput that is said to be worked out',
    '# S\n\nDerived: 1/latency.\n\n| Op | Mean latency | Throughput |\n|---|---|---|\n| a | 2 ms | 500 ops/s |\n| b | 5 ms | 200 ops/s |\n| c | 10 ms | 100 ops/s |\n',
  ],
  ['a percentage that follows', '# S\n\n11/12 tasks (92%), 2/3 (66%), 7 of 8 (87.5%), 50% (4/8 done).\n'],
  ['a bound, and two statuses of HTTP', '# S\n\nBudget: < 5% error rate (500/502), ≤ 1 % lost (3/400).\n'],
  ['a percentage of something else', '# S\n\n12/12 tests pass (85% coverage). 8/10 passed (20% failed).\n'],
  [
    'a total that is the sum',
    '# S\n\n| Area | Files | Rate |\n|---|---|---|\n| a | 3 | 10% |\n| b | 4 | 20% |\n| Total | 7 | 15% |\n',
  ],
  ['a mean under Total', '# S\n\n| Area | Rounds |\n|---|---|\n| a | 3 |\n| b | 5 |\n| Total | 4 |\n'],
  [
    'all of them, and all say so',
    '# S\n\nAll targets met.\n\n## Targets\n\n| Target | Status |\n|---|---|\n| depth | PASS |\n',
  ],
  [
    'a condition',
    '# S\n\nRelease when all targets are met.\n\n## Targets\n\n| Target | Status |\n|---|---|\n| depth | FAIL |\n',
  ],
  ['not all', '# S\n\nNot all targets are met.\n\n## Targets\n\n| Target | Status |\n|---|---|\n| depth | FAIL |\n'],
  [
    'what is optional',
    '# S\n\nAll targets met.\n\n## Targets\n\n| Target | Status |\n|---|---|\n| depth (optional) | PENDING |\n',
  ],
  [
    'all of another thing',
    '# S\n\nAll phases are complete.\n\n## Known bugs\n\n| Bug | Status |\n|---|---|\n| leak | OPEN |\n',
  ],
  [
    'a list of what they are like, and a list behind which another begins',
    '# S\n\n**All 12 endpoints:**\n- are typed\n- are tried\n- are told of\n\n## B\n\nTwo panels:\n\n- a\n- b\n\n3. c\n',
  ],
  [
    'at least so many',
    '# S\n\n| Suite | Passed | Failed | Skipped | Total |\n|---|---|---|---|---|\n| unit | 70+ | 0 | 3 | 70+ |\n',
  ],
  ['shares by their labels', '# S\n\n- ✅ **Frogs**: 8/8 features (100%)\n- ✅ **Newts**: 7/7 features\n'],
  [
    'a tick before words that take it back',
    '# S\n\n- **Pump release**: ✅ done\n\n## Summary\n\n- **Pump release**: ✅ In Progress\n',
  ],
  ['a change, and a share of something else', '# S\n\nFrogs: 10 → 15 (95% coverage).\n'],
  ['shares of parts', '# S\n\n## Phase 1\n\n8/10 tasks\n\n## Phase 2\n\n10/10 tasks\n'],
  ['a share that was', '# S\n\n10/10 criteria met, up from 8/10 criteria.\n'],
  ['labels of parts', '# S\n\n## Pump\n\n- **Flow rate**: 5 ms\n\n## Filter\n\n- **Flow rate**: 9 ms\n'],
  [
    'a mean beside how many were hit, and what was left out',
    '# S\n\n| | value |\n|---|---|\n| mean recall@5 | 36.8% (11/20 ponds) |\n\n98% complete (7 of 8 ponds, the last was skipped)\n',
  ],
  ['runs before and after', '# S\n\n- Before: 209 passing, 112 failing\n- After: 212 passing, 109 failing\n'],
  [
    'days and hours',
    '# S\n\n| | Before | After | Improvement |\n|---|---|---|---|\n| Drying | 3 days | 4 hours | -92% |\n',
  ],
  [
    'what is said of one part',
    '# S\n\n## Phase 1\n\n| Test | Status |\n|---|---|\n| flow | ❌ FAIL |\n\n## Phase 2\n\nAll tests pass.\n',
  ],
  ['points of a larger whole', '# S\n\nFrogs: 50% → 100% (+7.5%), and 70% overall (9/9 ponds).\n'],
  [
    'two figures of one label, of which one is of a part',
    '# S\n\n**Feeding latency**: 9 ms\n\n## Retries\n\n**Feeding latency**: 720 ms\n',
  ],
  ['a target and what was measured', '# S\n\n- **P99 latency target**: 5 ms\n- **P99 latency**: 9 ms\n'],
];

async function weighing(texts: readonly string[]): Promise<string[][]> {
  const target = tempDir({ 'a.txt': '' });
  execFileSync('git', ['init', '-q'], { cwd: target });
  const documents = texts.map((text, n) => {
    writeIn(target, `d${n}/S.md`, text);
    return `d${n}/S.md`;
  });
  const record = await runStep({ uses: 'docs/claims', with: { documents }, target });
  return documents.map((file) =>
    record.findings
      .filter((one) => one.where?.file === file)
      .map((one) => `${one.level} ${one.code} ${one.where?.line}`),
  );
}

describe('docs/claims: a document and itself', () => {
  it('tells of what is said twice with different values', async () => {
    const seen = await weighing(wrong.map(([, text]) => text));
    expect(wrong.map(([what], n) => [what, seen[n]])).toEqual(
      wrong.map(([what, , lines]) => [
        what,
        lines.map(
          (line) =>
            `${/a mark that says no|says PARTIAL|an open one|two states|a label with two|told twice|one to be|one at a time|change|a rise|a factor|, in words/.test(what) ? 'warning' : 'error'} contradiction ${line}`,
        ),
      ]),
    );
  });
  it('says nothing where both may be so', async () => {
    const seen = await weighing(right.map(([, text]) => text));
    expect(right.map(([what], n) => [what, seen[n]])).toEqual(right.map(([what]) => [what, []]));
  });
  it('says nothing of a box that is about writing tests, and doubts the total of a table that shows some', async () => {
    const [tests, total, healthy] = await weighing([
      '# S\n\nAll frog tests passing.\n\n## Frog tests for the second pond\n\n- [ ] write the frog test\n- [x] dig\n',
      '# S\n\n| File | Lines |\n|---|---|\n| `a/*` | 3 |\n| b | 4 |\n| Total | 9 |\n',
      [
        '# S\n',
        '| Task | Status |\n|---|---|\n| 1 | COMPLETE |\n| 2 | IN PROGRESS |\n',
        '2/2 tasks started, 1/2 tasks complete\n',
        '| Metric | Before | After (1.16) | After (1.17) | Change |\n|---|---|---|---|---|\n| time | 200 ms | 202 ms | 190 ms | -5% |\n',
        '| Lint | pond | ponds in total |\n|---|---|---|\n| a | 1 | 20 |\n| b | 2 | 30 |\n| Total | 3 | 90 |\n',
      ].join('\n'),
    ]);
    expect([tests, total, healthy]).toEqual([[], ['warning contradiction 7'], []]);
  });
  it('doubts two shares under one label: they may be of two things, or of two days', async () => {
    const shares = (other: string): string => `# S\n\n**Score**: 10/10\n\n## Details\n\nx\n\n**Score**: ${other}\n`;
    expect(await weighing([shares('42/42'), shares('8/10')])).toEqual([
      ['warning contradiction 9'],
      ['warning contradiction 9'],
    ]);
  });
  it('doubts a throughput that is the reciprocal of the latency beside it', async () => {
    const rows = '| a | 2 ms | 500 ops/s |\n| b | 5 ms | 200 ops/s |\n| c | 10 ms | 100 ops/s |\n';
    const [seen] = await weighing([`# S\n\n| Op | Mean latency | Throughput |\n|---|---|---|\n${rows}`]);
    expect(seen).toEqual(['warning contradiction 3']);
  });
});
