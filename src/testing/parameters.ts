import { z } from 'zod';
import { Day } from '../core/checklist.ts';
import { ownPath } from '../core/own-path.ts';

const Name = z
  .string()
  .min(1)
  .describe(
    'a test’s name, alone or behind its class, package or file as the runner writes it; `*` stands for any characters',
  );
const Percent = z.number().min(0).max(100);

const Quarantined = z.strictObject({
  test: Name.refine((name) => /[\p{L}\p{N}]/u.test(name), { error: 'it means every test: name one' }),
  reason: z.string().min(1),
  until: Day.describe('last day on which its failure is accepted (UTC), within a year'),
});

const coverageRules = {
  minimum: Percent.optional().describe('percent of all lines that must have run'),
  paths: z
    .array(z.strictObject({ path: z.string().min(1).describe('a glob'), minimum: Percent }))
    .default([])
    .describe('percent of the lines of some files'),
  noLessThanApproved: z
    .union([z.boolean(), z.strictObject({ by: Percent })])
    .default(false)
    .describe('it must not be below that of the last approved run; `by`: percentage points that it may fall'),
};
const asserts = (p: { minimum?: number | undefined; paths: unknown[]; noLessThanApproved: unknown }): boolean =>
  p.minimum !== undefined || p.paths.length > 0 || p.noLessThanApproved !== false;
const assertsNothing = { error: 'it asserts nothing: give minimum, paths or noLessThanApproved' };

/** Coverage of reports that somebody else writes. */
export const CoverageOfFiles = z
  .strictObject({
    files: z
      .array(ownPath)
      .min(1)
      .describe('globs of the reports: lcov, Cobertura, JaCoCo, Go coverprofile, Istanbul or coverage.py JSON'),
    ...coverageRules,
  })
  .refine(asserts, assertsNothing);
/** Coverage that the toolchain’s runner is told to measure. */
export const CoverageOfRunner = z.strictObject(coverageRules).refine(asserts, assertsNothing);
export type CoverageRules = z.infer<typeof CoverageOfRunner>;

/** What every step about tests may ask of their results. */
export const expectations = {
  minimum: z.int().min(1).default(1).describe('tests that must have been executed'),
  maxSkipped: z.int().min(0).optional().describe('tests that may be skipped at most; default any, named in the report'),
  maxFlaky: z
    .int()
    .min(0)
    .optional()
    .describe('tests that may have passed only on another attempt; default any, each named as a warning'),
  required: z.array(Name).default([]).describe('tests that must have been executed and passed, by name'),
  quarantine: z
    .array(Quarantined)
    .default([])
    .describe('tests whose failure is accepted until a day; after it they fail as any other'),
};
const Expectations = z.strictObject(expectations);
export type Expectations = z.infer<typeof Expectations>;

/** What every step about tests measures. */
export const testFacts = {
  'tests.executed': 'tests that were executed, whatever came of them',
  'tests.passed': 'tests that passed',
  'tests.failed': 'tests that failed or broke off',
  'tests.skipped': 'tests that were skipped',
  'tests.flaky': 'tests that passed only on another attempt',
  'tests.suites': 'suites, files or packages',
  'tests.suite.<name>': 'tests executed of one suite, where there are several',
  'coverage.lines': 'percent of the lines that ran, rounded down to hundredths',
  'coverage.files': 'files that the coverage reports name',
};
