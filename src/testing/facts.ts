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
