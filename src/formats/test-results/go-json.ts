import { onceOnly } from '../../core/repeated-keys.ts';
import { emptyResults, placeIn, type TestCase, type TestResults } from './results.ts';

interface Event {
  Action?: string;
  Package?: string;
  ImportPath?: string;
  Test?: string;
  Output?: string;
  FailedBuild?: string;
}

interface Running {
  output: string;
  /** Ends of its attempts, in their order. */
  ends: ('pass' | 'fail' | 'skip')[];
}

const most = 16_000;

/**
 * The events of `go test -json` (test2json), one a line; other lines, which go prints for a build that fails, are passed over.
 * A test that began and has no end took its package with it. Of a failed parent with failed subtests only these are told.
 * Source: `go doc test2json`, go 1.26.
 */
export function readGoJson(lines: readonly string[]): TestResults {
  const results = emptyResults('go test -json');
  const tests = new Map<string, Map<string, Running>>();
  const packages = new Map<string, { end?: string; output: string; build?: string }>();
  const builds = new Map<string, string>();
  /** What did not build, and how that is said. */
  const failing = new Map<string, string>();
  for (const line of lines) {
    const unbuilt = /^FAIL\t(\S+) \[(?:setup|build) failed\]/.exec(line)?.[1];
    if (unbuilt !== undefined) failing.set(unbuilt, line.replace('\t', ' '));
    if (!line.startsWith('{')) continue;
    let event: Event;
    try {
      event = JSON.parse(line) as Event;
      onceOnly(line);
    } catch {
      results.contradictions.push(`a line is cut, no JSON, or has a key twice: ${line.slice(0, 120)}`);
      continue;
    }
    const { Action: action = '', Package: name, Test: test, Output: output = '' } = event;
    if (action.startsWith('build-')) {
      const path = event.ImportPath ?? '';
      if (action === 'build-fail') failing.set(path.replace(/ \[.*$/, ''), 'it does not build');
      if (action === 'build-output') builds.set(path, `${builds.get(path) ?? ''}${output}`.slice(0, most));
      continue;
    }
    if (name === undefined) continue;
    const whole = packages.get(name) ?? { output: '' };
    packages.set(name, whole);
    if (test === undefined) {
      if (action === 'output') whole.output = `${whole.output}${output}`.slice(-most);
      else if (/^(?:pass|fail|skip)$/.test(action)) whole.end = action;
      if (event.FailedBuild !== undefined) whole.build = event.FailedBuild;
      continue;
    }
    const own = tests.get(name) ?? new Map<string, Running>();
    tests.set(name, own);
    const running = own.get(test) ?? { output: '', ends: [] };
    own.set(test, running);
    if (action === 'output' && running.output.length < most) running.output += output;
    else if (action === 'pass' || action === 'fail' || action === 'skip') running.ends.push(action);
    else if (action === 'run' && running.ends.length > 0) running.output = '';
  }
  for (const [name, whole] of packages) {
    const own = tests.get(name) ?? new Map<string, Running>();
    const cases = [...own].flatMap(([test, running]) => caseOf(name, test, running, own, whole.end === 'pass'));
    results.cases.push(...cases);
    const failed = cases.some((one) => one.state === 'failed' || one.state === 'errored');
    const built = whole.build === undefined ? '' : (builds.get(whole.build) ?? '');
    if (whole.end === 'fail' && !failed) {
      const detail = `${built}${whole.output}`.trim();
      const place = placeIn(detail);
      results.broken.push({
        what: `${name}: ${built === '' ? lastWords(whole.output) || 'it failed, though none of its tests did' : 'it does not build'}`,
        detail,
        ...place,
      });
    } else if (
      whole.end === 'pass' &&
      cases.length === 0 &&
      /^ok\s/m.test(whole.output) &&
      !/^PASS$/m.test(whole.output)
    )
      results.cases.push({
        suite: name,
        name: 'TestMain',
        state: 'skipped',
        message: 'it ended without running a test',
      });
    else if (whole.end === undefined) results.broken.push({ what: `${name}: it has no end` });
  }
  // What a package with an end of its own needs is told with it.
  if (results.broken.length === 0)
    for (const [name, what] of failing)
      results.broken.push({ what: `${name}: ${what}`, detail: builds.get(name) ?? '' });
  return results;
}

function caseOf(
  suite: string,
  name: string,
  { output, ends }: Running,
  all: ReadonlyMap<string, Running>,
  packagePassed: boolean,
): TestCase[] {
  const last = ends.at(-1);
  const failures = ends.filter((one) => one === 'fail').length;
  const bad = last === undefined || (failures > 0 && !(packagePassed && last === 'pass'));
  const inner = [...all].some(
    ([other, one]) => other.startsWith(`${name}/`) && (one.ends.includes('fail') || one.ends.length === 0),
  );
  // What a subtest says, its parent need not say again.
  if (bad && inner) return [];
  const detail = output
    .split('\n')
    .filter((line) => !/^\s*(?:===|---) /.test(line))
    .join('\n')
    .trim();
  if (!bad) {
    const skipped = last === 'skip';
    return [
      {
        suite,
        name,
        state: skipped ? 'skipped' : 'passed',
        ...(skipped && detail !== '' && { message: detail.split('\n')[0]?.trim() ?? '' }),
        ...(failures > 0 && { failedBefore: failures }),
      },
    ];
  }
  const message = reasonIn(detail);
  const place = placeIn(
    /\.go:\d/.test(message) ? message : detail.replace(/^.*\/runtime\/.*$|^.*\/testing\/testing\.go.*$/gm, ''),
  );
  return [
    {
      suite,
      name,
      state: last === undefined ? 'errored' : 'failed',
      message: message || (last === undefined ? 'it began and has no end' : 'it failed without a word'),
      detail,
      ...place,
    },
  ];
}

/** Why a test failed: its panic, else what it said last with a place (t.Log comes before), else its first words. */
function reasonIn(detail: string): string {
  const said = detail.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const at = said.findLastIndex((line) => /^[\w.-]+\.go:\d+:/.test(line));
  const line = said.find((one) => one.startsWith('panic: ')) ?? said[at] ?? said[0] ?? '';
  // testify begins its words on the next line, with a trace.
  const error = line.endsWith(':') ? said.slice(at + 1).find((one) => /^Error:\s/.test(one)) : undefined;
  return error === undefined ? line : `${line} ${error.replace(/^Error:\s+/, '')}`;
}

const lastWords = (output: string): string =>
  output
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !/^(?:FAIL|exit status)\b/.test(line)) ?? '';
