import { onceOnly } from '../../core/repeated-keys.ts';
import { claims, emptyResults, isBad, numberOf, placeIn, type TestResults } from './results.ts';

interface Event {
  type?: string;
  event?: string;
  name?: string;
  stdout?: string;
  message?: string;
  reason?: string;
  passed?: number;
  failed?: number;
  ignored?: number;
  test_count?: number;
}

/** Events of libtest (`--format json`, nightly) and of nextest's libtest-json, one a line. Source: libtest/src/formatters/json.rs. */
export function readLibtestJson(lines: readonly string[]): TestResults {
  const results = emptyResults('libtest JSON');
  const running = new Set<string>();
  let suites = 0;
  let from = 0;
  for (const [n, line] of lines.entries()) {
    if (!line.startsWith('{')) continue;
    let one: Event;
    try {
      one = JSON.parse(line) as Event;
      onceOnly(line);
    } catch {
      results.contradictions.push(`line ${n + 1} is cut, no JSON, or has a key twice: ${line.slice(0, 120)}`);
      continue;
    }
    const { type, event = '' } = one;
    // nextest writes attempts after the first as NAME#2.
    const [, name = '', attempt] = /^(.*?)(?:#(\d+))?$/s.exec(one.name ?? '') ?? [];
    if (type === 'suite' && event === 'started') [suites, from] = [suites + 1, results.cases.length];
    else if (type === 'suite') {
      suites--;
      const own = results.cases.slice(from);
      const count = (state: string): number => own.filter((test) => test.state === state).length;
      results.contradictions.push(
        ...claims(`the suite that ends at line ${n + 1}`, numberOf(one.passed), [count('passed')], 'passed tests'),
        ...claims(
          `the suite that ends at line ${n + 1}`,
          numberOf(one.failed),
          [own.filter(isBad).length],
          'failed tests',
        ),
      );
      if (event === 'failed' && !own.some(isBad))
        results.broken.push({ what: `the suite that ends at line ${n + 1} failed, though none of its tests did` });
      from = results.cases.length;
    } else if (type === 'test' && event === 'started') running.add(name);
    else if (type === 'test' && /^(?:ok|failed|ignored)$/.test(event)) {
      running.delete(name);
      const detail = `${one.stdout ?? ''}${one.message ?? one.reason ?? ''}`.trim();
      const at = /panicked at ([^\s:]+):(\d+)/.exec(detail);
      const place = at?.[1] === undefined ? placeIn(detail) : { file: at[1], line: Number(at[2]) };
      const [suite, own] = name.includes('$')
        ? [name.slice(0, name.indexOf('$')), name.slice(name.indexOf('$') + 1)]
        : ['', name];
      results.cases.push({
        suite,
        name: own,
        state: event === 'ok' ? 'passed' : event === 'failed' ? 'failed' : 'skipped',
        ...(attempt !== undefined && Number(attempt) > 1 && { failedBefore: Number(attempt) - 1 }),
        ...(event === 'failed' && { message: detail.split('\n')[0] || 'it failed', detail, ...place }),
      });
    }
  }
  for (const name of running) results.broken.push({ what: `${name}: it began and has no end` });
  if (suites > 0) results.broken.push({ what: `${suites} suites began and have no end` });
  return results;
}
