import { z } from 'zod';
import { defineStep, ownPath } from '../../core/step.ts';
import { judgeTests } from '../../testing/judge.ts';
import { reportsBefore } from '../../testing/find-reports.ts';
import { observeTests } from '../../testing/observe.ts';
import type { ObservedTests } from '../../testing/observed.ts';
import { CoverageOfFiles, expectations, testFacts } from '../../testing/parameters.ts';
import { problems } from '../../testing/problems.ts';
import { bash } from '../../toolchains/tools.ts';

const params = z
  .strictObject({
    run: z.array(z.string()).min(1).optional().describe('literal argv that runs the tests: no shell, no expansion'),
    shell: z.string().min(1).optional().describe('a script for bash -euo pipefail, instead of run'),
    cwd: z.string().optional().describe('where the command runs, relative to the target'),
    env: z.record(z.string(), z.string()).default({}),
    files: z
      .array(ownPath)
      .default([])
      .describe('globs of the results, relative to the target; without them the command’s output is read'),
    ...expectations,
    coverage: CoverageOfFiles.optional().describe('coverage reports of this run, and what they must say'),
  })
  .refine((p) => p.run === undefined || p.shell === undefined, { error: 'give either run or shell' })
  .refine((p) => p.run !== undefined || p.shell !== undefined || p.files.length > 0, {
    error: 'there is nothing to read: give run, shell or files',
  });
type Params = z.infer<typeof params>;

const argvOf = (p: Params): string[] | undefined =>
  p.run ?? (p.shell === undefined ? undefined : ['bash', '-euo', 'pipefail', '-c', p.shell]);

const sourceOf = (p: Params): string => p.run?.join(' ') ?? (p.shell === undefined ? p.files.join(', ') : 'the script');

export default defineStep<Params, ObservedTests>({
  kind: 'tests/results',
  summary: 'The results that a test runner wrote: enough tests were executed, and none failed.',
  description: `Runs a command and reads the results that it writes to \`files\` or, without them, to its output; without a command it reads files that an earlier step of this run wrote. Each failing test is a finding with its file and line.

**Formats**, told apart by their content: JUnit XML (surefire, Gradle, pytest, jest-junit, gotestsum, nextest, phpunit, node, bun, GoogleTest and other dialects), trx, CTRF, \`go test -json\`, jest, vitest and mocha JSON, TAP, libtest JSON. Coverage: lcov, Cobertura, JaCoCo, Go’s coverprofile, Istanbul and coverage.py JSON.

**No false pass**: no test executed is a finding, and so are results that were not written by this run (old ones with a new time, and old ones byte for byte that name a moment), that cannot be read or were cut, and sums in a file that are not those of its tests. The exit code and the results are held against each other: a command that fails though no test did is an error, one that ends with 0 though tests failed is named. XML that declares entities is refused.

A test that failed first and passed on another attempt is named (\`flaky\`), where the format tells (surefire, nextest, gotestsum, CTRF, jest, mocha). \`quarantine\` accepts a failing test until a day. \`noLessThanApproved\` compares with the same step of the run that was signed last with approve.`,
  example: `- id: tests
  uses: tests/results
  with:
    run: [npx, vitest, run, --coverage, --reporter=junit, --outputFile=reports/junit.xml]
    files: [reports/junit.xml]
    coverage: { files: [coverage/lcov.info], minimum: 80 }`,
  params,
  facts: testFacts,
  problems,
  timeout: '20m',
  requires: (p) => (p.shell === undefined ? [] : [bash]),
  plan: (p) => [
    ...(argvOf(p) ? [argvOf(p)?.join(' ') ?? ''] : []),
    `reads ${[...(p.files.length > 0 ? p.files : ['its output']), ...(p.coverage?.files ?? [])].join(', ')}   (at least ${p.minimum} executed)`,
  ],
  title: (p) => `Tests: ${sourceOf(p)}`,
  atStart: async (p, files) =>
    argvOf(p) ? undefined : reportsBefore([...p.files, ...(p.coverage?.files ?? [])], files),
  gather(p, ctx) {
    const argv = argvOf(p);
    return observeTests(
      {
        ...(argv && { run: { argv, env: p.env, cwd: p.cwd, printed: p.files.length === 0 } }),
        files: p.files,
        expected: p,
        ...(p.coverage && { coverage: { rules: p.coverage, files: p.coverage.files } }),
      },
      ctx,
    );
  },
  judge: (p, observed) => judgeTests(p, observed, sourceOf(p)).done(),
});
