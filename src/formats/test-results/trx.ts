import { below, type XmlElement } from '../data/xml.ts';
import { claims, emptyResults, isBad, numberOf, placeIn, newest, timeOf, type TestResults } from './results.ts';

/** Visual Studio's test results (`dotnet test --logger trx`). Source: vstst.xsd, namespace TeamTest/2010. */
export function readTrx(root: XmlElement): TestResults {
  const results = emptyResults('trx');
  const classes = new Map<string, string>();
  for (const test of below(root, 'UnitTest'))
    for (const method of below(test, 'TestMethod'))
      classes.set(test.attributes['id'] ?? '', (method.attributes['className'] ?? '').replace(/,.*$/, ''));
  for (const one of below(root, 'UnitTestResult')) {
    const { testName = '', testId = '', outcome = 'Error' } = one.attributes;
    const [info] = below(one, 'ErrorInfo');
    const part = (name: string): string => info?.children.find((child) => child.name === name)?.text.trim() ?? '';
    const detail = [part('Message'), part('StackTrace')].filter((text) => text !== '').join('\n');
    const place = placeIn(detail);
    results.cases.push({
      suite: classes.get(testId) ?? '',
      name: testName,
      state:
        outcome === 'Passed' || outcome === 'PassedButRunAborted' || outcome === 'Warning'
          ? 'passed'
          : outcome === 'NotExecuted' || outcome === 'Inconclusive' || outcome === 'NotRunnable'
            ? 'skipped'
            : outcome === 'Failed'
              ? 'failed'
              : 'errored',
      ...(detail !== '' && { message: part('Message').split('\n')[0] ?? '', detail }),
      ...place,
    });
  }
  const times = [...below(root, 'Times')].flatMap((one) => timeOf(one.attributes['start']) ?? []);
  if (times.length > 0) results.began = newest(times);
  for (const counters of below(root, 'Counters')) {
    const says = (key: string): number | undefined => numberOf(counters.attributes[key]);
    const what = `<Counters> at line ${counters.line}`;
    const bad = results.cases.filter(isBad).length;
    const failed = (says('failed') ?? 0) + (says('error') ?? 0) + (says('timeout') ?? 0) + (says('aborted') ?? 0);
    results.contradictions.push(
      ...claims(what, says('total'), [results.cases.length], 'tests'),
      ...claims(what, says('failed') === undefined ? undefined : failed, [bad], 'failed tests'),
    );
  }
  for (const info of below(root, 'RunInfo'))
    if (info.attributes['outcome'] === 'Error')
      results.broken.push({
        what: info.children.map((one) => one.text.trim()).join(' ') || 'the run reports an error',
      });
  const aborted = [...below(root, 'UnitTestResult')].some((one) => one.attributes['outcome'] === 'PassedButRunAborted');
  const said = [...below(root, 'ResultSummary')].map((one) => one.attributes['outcome'] ?? '');
  const bad = said.find((one) => /^(?:Failed|Error|Aborted|Timeout|Disconnected)$/.test(one));
  if (results.broken.length === 0 && !results.cases.some(isBad) && (bad !== undefined || aborted))
    results.broken.push({ what: `it says that the run is ${bad ?? 'aborted'}, though none of its tests failed` });
  return results;
}
