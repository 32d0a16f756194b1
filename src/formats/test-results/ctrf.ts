import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { claims, emptyResults, isBad, numberOf, placeIn, timeOf, type TestResults } from './results.ts';

/** The Common Test Report Format. Source: ctrf.io, schema 0.0.0 to 1.0. */
export function readCtrf(root: JsonObject): TestResults {
  const results = emptyResults('CTRF');
  const body = objectOf(root['results']);
  for (const value of listOf(body['tests'])) {
    const one = objectOf(value);
    const suite = Array.isArray(one['suite']) ? one['suite'].map(textOf).join(' › ') : textOf(one['suite']);
    const status = textOf(one['status']);
    const detail = [textOf(one['message']), textOf(one['trace'])].filter((text) => text !== '').join('\n');
    const file = textOf(one['filePath']);
    const line = numberOf(one['line']);
    const retries = numberOf(one['retries']) ?? (one['flaky'] === true ? 1 : 0);
    const place = file !== '' ? { file, ...(line !== undefined && { line }) } : placeIn(detail);
    results.cases.push({
      suite,
      name: textOf(one['name']),
      state:
        status === 'passed'
          ? 'passed'
          : status === 'failed'
            ? 'failed'
            : /^(?:skipped|pending)$/.test(status)
              ? 'skipped'
              : 'errored',
      ...place,
      ...(detail !== '' && { message: detail.split('\n')[0] ?? '', detail }),
      ...(retries > 0 && { failedBefore: retries }),
    });
  }
  const summary = objectOf(body['summary']);
  const began = timeOf(summary['start']);
  if (began) results.began = began;
  const count = (...states: string[]): number => results.cases.filter((one) => states.includes(one.state)).length;
  results.contradictions.push(
    ...claims('summary.tests', numberOf(summary['tests']), [results.cases.length], 'tests'),
    ...claims('summary.passed', numberOf(summary['passed']), [count('passed')], 'passed tests'),
    ...claims(
      'summary.failed',
      numberOf(summary['failed']),
      [count('failed'), results.cases.filter(isBad).length],
      'failed tests',
    ),
  );
  return results;
}
