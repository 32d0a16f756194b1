import { error, inconclusive, note, warning } from '../core/judgement.ts';

/** What can be found of tests and their results, whoever ran them. */
export const problems = {
  'test-failed': error('A test fails', 'read its message; the whole output is in the evidence'),
  'suite-broken': error(
    'A suite, file or package failed outside of its tests',
    'its tests did not run, or not all of them: read the message',
  ),
  quarantined: warning('A test fails that is in quarantine', 'repair it before the day on which its quarantine ends'),
  'quarantine-ended': error(
    'A test fails whose quarantine has ended',
    'repair the test; a new day needs a new decision',
  ),
  'quarantine-idle': note('A quarantine that nothing needs', 'take the entry away, or correct the name'),
  'nothing-executed': error(
    'No test was executed',
    'a filter, a wrong folder or a missing file leaves all tests out; zero tests prove nothing',
  ),
  'too-few-tests': error('Fewer tests were executed than promised', 'see what is skipped, filtered out or gone'),
  'too-many-skipped': error('More tests are skipped than accepted', 'let them run, or raise maxSkipped knowingly'),
  skipped: note('Tests are skipped', 'set maxSkipped to accept them knowingly'),
  flaky: warning(
    'A test passed only on another attempt',
    'find out what it depends on; maxFlaky bounds how many are accepted',
  ),
  'too-many-flaky': error(
    'More tests passed only on another attempt than accepted',
    'repair them, or raise maxFlaky knowingly',
  ),
  'required-missing': error('A required test was not executed', 'see whether it was renamed, skipped or filtered out'),
  'results-missing': error(
    'There are no results where they were promised',
    'see whether the runner writes them there; globs are relative to the target',
  ),
  'results-stale': error(
    'Results were not written by this run',
    'delete old results before, and see whether the runner writes them at all',
  ),
  'results-unreadable': error(
    'Results cannot be read',
    'a runner that was killed leaves half a file; see what wrote it',
  ),
  'results-contradict': error(
    'A results file contradicts itself',
    'its sums are not those of its tests: it was cut, merged wrongly or edited',
  ),
  'exit-hides': warning(
    'The command ended with 0 though tests failed',
    'something swallows the exit code (`|| true`, a pipe, an option), so that CI would pass',
  ),
  'runner-failed': error(
    'The command failed though no test did',
    'a coverage threshold, an error outside of the tests, or a crash: read its output in the evidence',
  ),
  'not-reached': inconclusive(
    'What the tests need from the network could not be fetched',
    'run it where the address answers, or give the program a proxy, a mirror or a copy of its data',
  ),
  'runner-missing': inconclusive('The test runner is not on this machine', 'install it'),
  'packages-missing': inconclusive('What the tests need is not installed', 'install the packages first'),
  'not-countable': inconclusive(
    'It cannot be told which tests were executed',
    'have the runner write JUnit XML and read it with `tests/results`',
  ),
  silenced: inconclusive(
    'A setting from outside of the checklist may leave tests out',
    'take the setting away, or say in the checklist what is meant',
  ),
  'process-left': error('The tests left a process running', 'wait for it or end it in the test that started it'),
  'not-ended': inconclusive('The tests did not finish in time', 'raise the timeout, or find the test that hangs'),
  'coverage-low': error('Less is covered than promised', 'test what is not'),
  'coverage-fell': error(
    'Less is covered than in the last approved run',
    'test what is new, or say `by` how much it may fall',
  ),
  'coverage-nothing': error(
    'The coverage report measures nothing',
    'no line, or no file that the path names: see what the report holds',
  ),
  'coverage-first': note(
    'There is no approved run to compare the coverage with',
    'the first approved run sets the mark',
  ),
} as const;
