import { describe, expect, it } from 'vitest';
import { commandsOf } from '../../src/formats/test-runners/followed.ts';
import { closingTally, countNamed, namedRunners } from '../../src/formats/test-runners/judge-output.ts';

/** Runner, command, output, tests executed, tests failed. */
const outputs: [string, string, string, number, number][] = [
  ['go test', 'go test ./...', 'ok  \texample.org/a\t0.002s\n?   \texample.org/b\t[no test files]\n', 1, 0],
  ['go test', 'go test -v ./...', '--- SKIP: TestA (0.00s)\nPASS\nok  \texample.org/a\t0.002s\n', 0, 0],
  [
    'go test',
    'go test -v ./...',
    '--- SKIP: TestA (0.00s)\n--- PASS: TestB (0.00s)\nPASS\nok  \texample.org/a\t0.002s\n',
    1,
    0,
  ],
  ['go test', 'go test ./...', '?   \texample.org/a\t[no test files]\n', 0, 0],
  ['go test', 'go -C sub test -run X ./...', 'ok  \texample.org/a\t0.002s [no tests to run]\n', 0, 0],
  ['go test', 'go test -v ./...', 'ok  \tx/a\t0.1s\n--- PASS: TestB (0.00s)\nPASS\nlog\nok  \tx/b\t0.1s\n', 1, 0],
  ['go test', 'go test ./...', '--- FAIL: TestA (0.00s)\nFAIL\nFAIL\texample.org/a\t0.01s\nFAIL\n', 1, 1],
  ['go test', 'go test ./... -cover', '\texample.org/a\t\tcoverage: 0.0% of statements\n', 0, 0],
  ['go test', 'go test -json ./...', '{"Time":"x","Action":"pass","Package":"a","Test":"TestA"}\n', 1, 0],
  ['go test', 'gotestsum', 'DONE 5 tests, 2 skipped, 1 failure in 0.1s\n', 3, 1],
  [
    'cargo test',
    'cargo +stable test --workspace',
    'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n',
    2,
    0,
  ],
  [
    'cargo test',
    'cargo test nope',
    'test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s\n',
    0,
    0,
  ],
  ['cargo test', 'cargo nextest run', '     Summary [   0.005s] 2 tests run: 1 passed, 1 failed, 0 skipped\n', 2, 1],
  ['pytest', 'python -m pytest', '===== 1 failed, 2 passed, 3 skipped, 1 warning in 0.12s =====\n', 3, 1],
  ['pytest', 'pytest -q', '3 deselected in 0.02s\n', 0, 0],
  ['pytest', 'uv run pytest', '====== no tests ran in 0.00s ======\n', 0, 0],
  ['unittest', 'python3 -m unittest', 'Ran 3 tests in 0.001s\n\nFAILED (failures=1, skipped=1)\n', 2, 1],
  ['unittest', 'python3 -m unittest', 'Ran 0 tests in 0.000s\n\nNO TESTS RAN\n', 0, 0],
  ['unittest', 'python manage.py test', 'Ran 4 tests in 1.001s\n\nOK (skipped=4)\n', 0, 0],
  ['jest', 'npx jest', 'Tests:       1 failed, 1 skipped, 2 passed, 4 total\nSnapshots:   0 total\n', 3, 1],
  ['jest', 'jest', 'No tests found, exiting with code 0\n', 0, 0],
  ['vitest', 'vitest run', ' Test Files  1 passed (1)\n      Tests  2 passed | 1 skipped (3)\n', 2, 0],
  ['vitest', 'npx vitest run', '\nNo test files found, exiting with code 0\n', 0, 0],
  ['mocha', 'npx mocha', '\n  0 passing (1ms)\n', 0, 0],
  ['mocha', 'mocha', '\n  2 passing (5ms)\n  1 pending\n  1 failing\n', 3, 1],
  ['node --test', 'node --test', 'ℹ tests 1\nℹ suites 0\nℹ pass 0\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\n', 1, 1],
  [
    'node --test',
    'c8 --100 node --test',
    'ℹ tests 3\nℹ suites 0\nℹ pass 2\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\nFile | % Stmts |\n',
    2,
    0,
  ],
  ['mocha', 'cross-env TZ=UTC nyc --reporter=lcov --lines 90 mocha', '\n  2 passing (5ms)\n', 2, 0],
  ['jest', 'dotenv -e .env.test -- jest', 'Tests:       2 passed, 2 total\n', 2, 0],
  ['node --test', 'node --test', '# tests 0\n# suites 0\n# pass 0\n# fail 0\n', 0, 0],
  ['TAP', 'tape test/*.js', 'TAP version 13\nok 1 - a\nnot ok 2 - b # TODO later\nok 3 # SKIP\n1..3\n', 2, 0],
  ['Maven', 'mvn -q test', 'Results:\n\nTests run: 3, Failures: 1, Errors: 1, Skipped: 1\n', 2, 2],
  ['Maven', './mvnw verify', '[INFO] No tests to run.\n[INFO] BUILD SUCCESS\n', 0, 0],
  [
    'Gradle',
    './gradlew test',
    '> Task :compileTestJava NO-SOURCE\n> Task :test NO-SOURCE\n\nBUILD SUCCESSFUL in 1s\n',
    0,
    0,
  ],
  ['Gradle', './gradlew test', '> Task :a:test NO-SOURCE\n> Task :b:test\n\nBUILD SUCCESSFUL in 1s\n', 1, 0],
  ['JUnit', 'java -cp x org.junit.runner.JUnitCore T', '\nOK (3 tests)\n', 3, 0],
  ['PHPUnit', 'vendor/bin/phpunit', 'OK (3 tests, 5 assertions)\n', 3, 0],
  ['PHPUnit', 'php vendor/bin/phpunit', 'No tests executed!\n', 0, 0],
  ['RSpec', 'bundle exec rspec', '3 examples, 1 failure, 1 pending\n', 2, 1],
  ['RSpec', 'rspec', '0 examples, 0 failures\n', 0, 0],
  ['minitest', 'rake test', '2 runs, 2 assertions, 0 failures, 1 errors, 0 skips\n', 2, 1],
  [
    'dotnet test',
    'dotnet test',
    'Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 5 ms\n',
    3,
    0,
  ],
  ['dotnet test', 'dotnet test', 'Test summary: total: 2, failed: 1, succeeded: 1, skipped: 0, duration: 1.2s\n', 2, 1],
  ['CTest', 'ctest --test-dir build', 'No tests were found!!!\n', 0, 0],
  ['CTest', 'ctest', '50% tests passed, 1 tests failed out of 2\n', 2, 1],
  ['deno test', 'deno test', 'ok | 0 passed | 0 failed (1ms)\n', 0, 0],
  ['deno test', 'deno test', 'FAILED | 1 passed (2 steps) | 1 failed (5ms)\n', 2, 1],
  ['bun test', 'bun test', ' 2 pass\n 1 fail\n 5 expect() calls\nRan 3 tests across 1 file. [5.00ms]\n', 3, 1],
  ['Playwright', 'npx playwright test', '  1 failed\n    [chromium] › a.spec.ts:3:1 › a\n  2 passed (3.0s)\n', 3, 1],
  [
    'GoogleTest',
    './unit --gtest_filter=A*',
    '[==========] 0 tests from 0 test suites ran. (0 ms total)\n[  PASSED  ] 0 tests.\n',
    0,
    0,
  ],
  ['unittest', 'python3 -m unittest', 'FAILED (failures=2, errors=1)\n', 3, 3],
  ['ExUnit', 'mix test --exclude test', '24 tests, 0 failures, 24 excluded\n', 0, 0],
  ['ExUnit', 'mix test --only fast', '24 tests, 1 failure, 20 excluded, 1 skipped\n', 3, 1],
  ['ExUnit', 'mix test', 'There are no tests to run\n', 0, 0],
  ['ExUnit', 'MIX_ENV=test mix test', '1 doctest, 3 tests, 1 failure (2 excluded)\n', 3, 1],
  ['Robot Framework', 'robot tests', '3 tests, 2 passed, 1 failed\n', 3, 1],
  ['behave', 'behave', '0 scenarios passed, 0 failed, 0 skipped\n', 0, 0],
  ['Cucumber', 'npx cucumber-js', '3 scenarios (1 failed, 2 passed)\n9 steps (1 failed, 8 passed)\n', 3, 1],
  ['Cucumber', 'cucumber', '0 scenarios\n0 steps\n', 0, 0],
  ['dart test', 'flutter test', '00:02 +3 -1: Some tests failed.\n', 4, 1],
  ['AVA', 'npx ava', '\n  2 tests passed\n  1 test failed\n', 3, 1],
  ['Bazel', 'bazel test //...', 'Executed 1 out of 2 tests: 1 test passes and 1 fails locally.\n', 2, 1],
  ['sbt', 'sbt test', '[error] Failed: Total 3, Failed 1, Errors 0, Passed 2\n', 3, 1],
  ['zig test', 'zig build test', '2 passed; 0 skipped; 1 failed.\n', 3, 1],
  ['Ginkgo', 'ginkgo -r', 'FAIL! -- 2 Passed | 1 Failed | 0 Pending | 0 Skipped\n', 3, 1],
  ['Karma', 'karma start', 'Chrome 99 (Linux): Executed 3 of 3 (1 FAILED) (0.1 secs / 0.05 secs)\n', 3, 1],
  ['Jasmine', 'npx jasmine', '3 specs, 1 failure\n', 3, 1],
  ['Jasmine', 'jasmine', 'No specs found\nIncomplete: No specs found\n', 0, 0],
  ['busted', 'busted', '3 successes / 1 failure / 0 errors / 0 pending : 0.01 seconds\n', 4, 1],
  ['testthat', 'Rscript -e devtools::test()', '[ FAIL 1 | WARN 0 | SKIP 0 | PASS 3 ]\n', 4, 1],
  ['trial', 'trial tests', 'FAILED (failures=1, successes=2)\n', 3, 1],
  [
    'meson test',
    'meson test -C build',
    'Ok:                 2   \nExpected Fail:      0   \nFail:               1   \n',
    3,
    1,
  ],
  ['pre-commit', 'pre-commit run', 'ruff.....(no files to check)Skipped\nyaml.....(no files to check)Skipped\n', 0, 0],
  ['pre-commit', 'pre-commit run -a', 'ruff.....Passed\nyaml.....Failed\n', 2, 1],
  ['make', 'make test', "make: 'test' is up to date.\n", 0, 0],
  ['tsc', 'npx tsc --noEmit', "a.ts(1,7): error TS2322: Type 'string'.\n", 1, 1],
  ['eslint', 'npx eslint .', '✖ 5 problems (3 errors, 2 warnings)\n', 3, 3],
  ['ruff', 'ruff check .', 'warning: No Python files found under the given path(s)\nAll checks passed!\n', 0, 0],
  ['mypy', 'python -m mypy src', 'Found 3 errors in 1 file (checked 2 source files)\n', 3, 3],
  ['gofmt -l', 'gofmt -s -l .', 'a/b.go\n', 1, 1],
  ['rubocop', 'bundle exec rubocop', '0 files inspected, no offenses detected\n', 0, 0],
  ['swift test', 'swift test', '\t Executed 3 tests, with 1 failure (0 unexpected) in 0.1 (0.1) seconds\n', 3, 1],
];

describe('what test runners print at their end', () => {
  it.each(outputs)('%s, `%s`: %j', (runner, command, output, executed, failed) => {
    const named = namedRunners(commandsOf(command, { errexit: true, pipefail: true }));
    const found = countNamed(named, [output]).find((one) => one.runner === runner);
    expect({ executed: found?.executed, failed: found?.failed }).toEqual({ executed, failed });
  });

  it.each([
    ['unittest', 'x\nRan 1 test in 0.0s\n\nFAILED (failures=1)\n', 1],
    ['jest and npm', 'Tests:       1 failed, 1 total\nTime:        1 s\nRan all test suites.\nnpm error code 1\n', 1],
    [
      'CTest',
      '50% tests passed, 1 tests failed out of 2\n\nTotal Test time (real) =   0.02 sec\n\nThe following tests FAILED:\n\t  2 - b (Failed)\n',
      1,
    ],
  ])('%s closes an output', (_, text, failed) => expect(closingTally(text)?.failed).toBe(failed));

  it.each([
    ['counts in the middle', 'Ran 1 test in 0.0s\n\nFAILED (failures=1)\nand now to something else\n'],
    ['prose', 'All 3 tests are fine\n'],
    ['a plan of TAP', '1..3\nok 1\nok 2\nok 3\n'],
    ['a sentence with numbers', '2 passed in review\n'],
    ['nothing', ''],
  ])('%s does not', (_, text) => expect(closingTally(text)).toBeUndefined());

  it.each([
    ['go test -c ./...', true],
    ['go test -run NONE -bench . ./...', false],
    ['jest --passWithNoTests', false],
    ['jest --listTests', true],
    ['cargo test --no-run', true],
    ['pytest --collect-only', true],
    ['mvn test -DskipTests', true],
    ['go test ./...', false],
  ])('`%s` runs nothing on purpose: %s', (command, onPurpose) =>
    expect(namedRunners(commandsOf(command, { errexit: true, pipefail: true }))[0]?.onPurpose).toBe(onPurpose),
  );

  it.each([
    ['go build ./...'],
    ['cargo metadata --test-threads'],
    ['gotest'],
    ['grep -r "cargo test" docs'],
    ['echo pytest'],
    ['npm install jest'],
    ['pip install pytest'],
  ])('`%s` names no runner', (command) =>
    expect(namedRunners(commandsOf(command, { errexit: true, pipefail: true }))).toEqual([]),
  );
});
