/** What can be found of tests and their results, whoever ran them. */
export const problems = {
  'test-failed': {
    level: 'error',
    title: 'A test fails',
    hint: 'read its message; the whole output is in the evidence',
  },
  'suite-broken': {
    level: 'error',
    title: 'A suite, file or package failed outside of its tests',
    hint: 'its tests did not run, or not all of them: read the message',
  },
  quarantined: {
    level: 'warning',
    title: 'A test fails that is in quarantine',
    hint: 'repair it before the day on which its quarantine ends',
  },
  'quarantine-ended': {
    level: 'error',
    title: 'A test fails whose quarantine has ended',
    hint: 'repair the test; a new day needs a new decision',
  },
  'quarantine-idle': {
    level: 'note',
    title: 'A quarantine that nothing needs',
    hint: 'take the entry away, or correct the name',
  },
  'nothing-executed': {
    level: 'error',
    title: 'No test was executed',
    hint: 'a filter, a wrong folder or a missing file leaves all tests out; zero tests prove nothing',
  },
  'too-few-tests': {
    level: 'error',
    title: 'Fewer tests were executed than promised',
    hint: 'see what is skipped, filtered out or gone',
  },
  'too-many-skipped': {
    level: 'error',
    title: 'More tests are skipped than accepted',
    hint: 'let them run, or raise maxSkipped knowingly',
  },
  skipped: { level: 'note', title: 'Tests are skipped', hint: 'set maxSkipped to accept them knowingly' },
  flaky: {
    level: 'warning',
    title: 'A test passed only on another attempt',
    hint: 'find out what it depends on; maxFlaky bounds how many are accepted',
  },
  'too-many-flaky': {
    level: 'error',
    title: 'More tests passed only on another attempt than accepted',
    hint: 'repair them, or raise maxFlaky knowingly',
  },
  'required-missing': {
    level: 'error',
    title: 'A required test was not executed',
    hint: 'see whether it was renamed, skipped or filtered out',
  },
  'results-missing': {
    level: 'error',
    title: 'There are no results where they were promised',
    hint: 'see whether the runner writes them there; globs are relative to the target',
  },
  'results-stale': {
    level: 'error',
    title: 'Results were not written by this run',
    hint: 'delete old results before, and see whether the runner writes them at all',
  },
  'results-unreadable': {
    level: 'error',
    title: 'Results cannot be read',
    hint: 'a runner that was killed leaves half a file; see what wrote it',
  },
  'results-contradict': {
    level: 'error',
    title: 'A results file contradicts itself',
    hint: 'its sums are not those of its tests: it was cut, merged wrongly or edited',
  },
  'exit-hides': {
    level: 'warning',
    title: 'The command ended with 0 though tests failed',
    hint: 'something swallows the exit code (`|| true`, a pipe, an option), so that CI would pass',
  },
  'runner-failed': {
    level: 'error',
    title: 'The command failed though no test did',
    hint: 'a coverage threshold, an error outside of the tests, or a crash: read its output in the evidence',
  },
  'runner-missing': {
    level: 'inconclusive',
    title: 'The test runner is not on this machine',
    hint: 'install it',
  },
  'packages-missing': {
    level: 'inconclusive',
    title: 'What the tests need is not installed',
    hint: 'install the packages first',
  },
  'not-countable': {
    level: 'inconclusive',
    title: 'It cannot be told which tests were executed',
    hint: 'have the runner write JUnit XML and read it with `tests/results`',
  },
  silenced: {
    level: 'inconclusive',
    title: 'A setting from outside of the checklist may leave tests out',
    hint: 'take the setting away, or say in the checklist what is meant',
  },
  'process-left': {
    level: 'error',
    title: 'The tests left a process running',
    hint: 'wait for it or end it in the test that started it',
  },
  'not-ended': {
    level: 'inconclusive',
    title: 'The tests did not finish in time',
    hint: 'raise the timeout, or find the test that hangs',
  },
  'coverage-low': { level: 'error', title: 'Less is covered than promised', hint: 'test what is not' },
  'coverage-fell': {
    level: 'error',
    title: 'Less is covered than in the last approved run',
    hint: 'test what is new, or say `by` how much it may fall',
  },
  'coverage-nothing': {
    level: 'error',
    title: 'The coverage report measures nothing',
    hint: 'no line, or no file that the path names: see what the report holds',
  },
  'coverage-first': {
    level: 'note',
    title: 'There is no approved run to compare the coverage with',
    hint: 'the first approved run sets the mark',
  },
} as const;
