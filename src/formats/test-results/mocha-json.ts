import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { claims, emptyResults, isBad, numberOf, placeIn, timeOf, type TestResults } from './results.ts';

/** What `mocha --reporter json` writes. Source: mocha's lib/reporters/json.js. A hook that failed stands among the failures alone. */
export function readMochaJson(root: JsonObject): TestResults {
  const results = emptyResults('mocha JSON');
  const key = (one: JsonObject): string => `${textOf(one['file'])}\n${textOf(one['fullTitle'])}`;
  const failures = new Set(listOf(root['failures']).map((one) => key(objectOf(one))));
  const pending = new Set(listOf(root['pending']).map((one) => key(objectOf(one))));
  const tests = listOf(root['tests']).map(objectOf);
  const known = new Set(tests.map(key));
  const hooks = listOf(root['failures'])
    .map(objectOf)
    .filter((one) => !known.has(key(one)));
  for (const one of tests) {
    const err = objectOf(one['err']);
    const failed = 'message' in err || failures.has(key(one));
    const detail = textOf(err['stack']) || textOf(err['message']);
    const title = textOf(one['title']);
    const file = textOf(one['file']);
    const place = failed ? placeIn(detail, file) : undefined;
    const retries = numberOf(one['currentRetry']) ?? 0;
    results.cases.push({
      suite: textOf(one['fullTitle']).slice(0, -title.length).trim(),
      name: title,
      state: failed ? 'failed' : pending.has(key(one)) ? 'skipped' : 'passed',
      ...(file !== ''
        ? { file, ...(place && place.file.endsWith(file.split('/').at(-1) ?? '\n') && { line: place.line }) }
        : place),
      ...(failed && { message: textOf(err['message']).split('\n')[0] ?? '', detail }),
      ...(retries > 0 && { failedBefore: retries }),
    });
  }
  for (const one of hooks) {
    const err = objectOf(one['err']);
    const file = textOf(one['file']);
    results.broken.push({
      what: `${textOf(one['fullTitle'])}: ${textOf(err['message']).split('\n')[0] ?? 'it failed'}`,
      detail: textOf(err['stack']),
      ...(file !== '' && { file }),
    });
  }
  const stats = objectOf(root['stats']);
  const began = timeOf(stats['start']);
  if (began) results.began = began;
  const bad = results.cases.filter(isBad).length;
  results.contradictions.push(
    ...claims('stats.tests', numberOf(stats['tests']), [results.cases.length], 'tests'),
    ...claims('stats.failures', numberOf(stats['failures']), [bad + hooks.length], 'failures'),
  );
  return results;
}
