import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { claims, emptyResults, isBad, numberOf, placeIn, timeOf, type TestCase, type TestResults } from './results.ts';

/** What `jest --json` and `vitest --reporter=json` write. Source: @jest/test-result's formatTestResults, vitest's reporters/json.ts. */
export function readJestJson(root: JsonObject): TestResults {
  const results = emptyResults('jest JSON');
  const began = timeOf(root['startTime']);
  if (began) results.began = began;
  let failedFiles = 0;
  for (const value of listOf(root['testResults'])) {
    const file = objectOf(value);
    const path = textOf(file['name']) || textOf(file['testFilePath']);
    const cases = listOf(file['assertionResults'] ?? file['testResults']).map((one) => caseOf(objectOf(one), path));
    results.cases.push(...cases);
    const message = textOf(file['message']) || textOf(objectOf(file['testExecError'])['message']);
    if (file['status'] === 'failed') failedFiles++;
    if (file['status'] === 'failed' && !cases.some(isBad)) {
      const place = placeIn(message, path);
      results.broken.push({
        what: `${path.split('/').at(-1) ?? 'a file'}: ${message.split('\n').find((one) => one.trim() !== '') ?? 'it failed to run'}`,
        detail: message,
        file: path,
        ...(place && place.file.endsWith(path.split('/').at(-1) ?? '\n') && { line: place.line }),
      });
    }
  }
  const says = (key: string): number | undefined => numberOf(root[key]);
  const bad = results.cases.filter(isBad).length;
  const passed = results.cases.filter((one) => one.state === 'passed').length;
  results.contradictions.push(
    ...claims('numTotalTests', says('numTotalTests'), [results.cases.length], 'tests'),
    ...claims('numFailedTests', says('numFailedTests'), [bad], 'failed tests'),
    ...claims('numPassedTests', says('numPassedTests'), [passed], 'passed tests'),
  );
  // An error that no test caught, a snapshot that is obsolete under --ci, a threshold of coverage: the file says so here alone.
  if (root['success'] === false && bad === 0 && failedFiles === 0 && results.cases.length > 0)
    results.broken.push({ what: 'it says success: false, though none of its tests failed' });
  if (root['wasInterrupted'] === true) results.broken.push({ what: 'it says that it was interrupted' });
  return results;
}

function caseOf(one: JsonObject, file: string): TestCase {
  const status = textOf(one['status']);
  const messages = listOf(one['failureMessages']).map((text) => textOf(text) || JSON.stringify(text));
  const titles = listOf(one['ancestorTitles'])
    .map(textOf)
    .filter((text) => text !== '');
  const detail = messages.join('\n');
  const place = placeIn(detail, file);
  const line = numberOf(objectOf(one['location'])['line']);
  const own = place && place.file.split('/').at(-1) === file.split('/').at(-1) ? place.line : line;
  // vitest leaves the messages of failed attempts with a test that passed in the end.
  const retries =
    listOf(one['retryReasons']).length ||
    (status === 'passed' ? messages.length : 0) ||
    Math.max(0, (numberOf(one['invocations']) ?? 1) - 1);
  const state: TestCase['state'] =
    status === 'passed'
      ? 'passed'
      : status === 'failed'
        ? 'failed'
        : /^(?:pending|skipped|todo|disabled|focused)$/.test(status)
          ? 'skipped'
          : 'errored';
  return {
    suite: titles.join(' › '),
    name: textOf(one['title']) || textOf(one['fullName']),
    state,
    file,
    ...(own !== undefined && { line: own }),
    ...(detail !== '' && { message: detail.split('\n').find((text) => text.trim() !== '') ?? '', detail }),
    ...(retries > 0 && { failedBefore: retries }),
  };
}
