import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** Contradictions: a document, and the lines on which it must be told of. */
const wrong: [what: string, text: string, lines: number[]][] = [
  ['a percentage that does not follow', '# S\n\n11/12 tasks (100%) are closed.\n', [3]],
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
];
const right: [what: string, text: string][] = [
  [
    'pictures with their numbers',
    '# S\n\n![Pond dashboard (1/2)](https://example.org/a.png)\n![Pond dashboard (2/2)](https://example.org/b.png)\n',
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
  ['shares of parts', '# S\n\n## Phase 1\n\n8/10 tasks\n\n## Phase 2\n\n10/10 tasks\n'],
  ['a share that was', '# S\n\n10/10 criteria met, up from 8/10 criteria.\n'],
  ['labels of parts', '# S\n\n## Pump\n\n- **Flow rate**: 5 ms\n\n## Filter\n\n- **Flow rate**: 9 ms\n'],
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
      wrong.map(([what, , lines]) => [what, lines.map((line) => `error contradiction ${line}`)]),
    );
  });
  it('says nothing where both may be so', async () => {
    const seen = await weighing(right.map(([, text]) => text));
    expect(right.map(([what], n) => [what, seen[n]])).toEqual(right.map(([what]) => [what, []]));
  });
});
