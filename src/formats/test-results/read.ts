import { decodeText } from '../data/decode.ts';
import { objectOf } from '../data/json-parts.ts';
import { readCtrf } from './ctrf.ts';
import { readGoJson } from './go-json.ts';
import { readJestJson } from './jest-json.ts';
import { readJunit } from './junit.ts';
import { readLibtestJson } from './libtest-json.ts';
import { readMochaJson } from './mocha-json.ts';
import type { TestResults } from './results.ts';
import { readTap } from './tap.ts';
import { readTrx } from './trx.ts';
import { wholeJson, wholeXml } from '../data/whole.ts';

/** Formats that are known and not read, and what makes one that is read of them. */
const others: Readonly<Record<string, string>> = {
  assemblies: 'xunit’s own XML: write JUnit XML (JunitXml.TestLogger) or trx',
  'test-run': 'NUnit’s own XML: write JUnit XML (JunitXml.TestLogger) or trx',
  'test-results': 'NUnit’s own XML: write JUnit XML or trx',
  testng: 'TestNG’s own XML: surefire writes JUnit XML beside it (TEST-*.xml)',
  'testng-results': 'TestNG’s own XML: surefire writes JUnit XML beside it (TEST-*.xml)',
  coverage: 'a coverage report: name it under `coverage`',
};

/**
 * The results in a file's bytes, whatever their format: JUnit XML, trx, CTRF, `go test -json`, jest and vitest JSON, TAP, libtest JSON.
 * @throws Error with words for people, with the line where there is one, where it is none of these or not whole
 */
export function readResults(bytes: Uint8Array | string): TestResults {
  const text = (typeof bytes === 'string' ? bytes : decodeText(bytes)).replace(/^\uFEFF/, '');
  const start = text.trimStart();
  if (start === '') throw new Error('it is empty');
  if (start.startsWith('<')) return readXml(text);
  if (start.startsWith('{') || start.startsWith('[')) return readJson(start);
  const lines = text.split(/\r?\n/);
  if (lines.some((line) => /^TAP version \d+|^1\.\.\d+|^(?:not )?ok\b/.test(line))) return readTap(lines);
  // A tool may have printed something before its first event.
  const events = lines.findIndex((line) => kindOfLine(line) !== undefined);
  if (events >= 0) return readLines(lines.slice(events));
  throw new Error('it is neither JUnit XML, trx, CTRF, jest JSON, go test -json, libtest JSON nor TAP');
}

function readXml(text: string): TestResults {
  const root = wholeXml(text);
  if (/^testsuites?$/i.test(root.name)) return readJunit(root);
  if (root.name === 'TestRun') return readTrx(root);
  const known = others[root.name];
  throw new Error(known === undefined ? `<${root.name}> is not a test results file that is known` : `it is ${known}`);
}

function readJson(text: string): TestResults {
  const lines = text.split(/\r?\n/);
  if (kindOfLine(lines[0] ?? '') !== undefined) return readLines(lines);
  const root = wholeJson(text);
  if (Array.isArray(objectOf(root['results'])['tests'])) return readCtrf(root);
  if (Array.isArray(root['testResults'])) return readJestJson(root);
  if (Array.isArray(root['tests']) && Array.isArray(root['passes']) && 'stats' in root) return readMochaJson(root);
  throw new Error(
    'its JSON is neither CTRF (results.tests) nor that of jest, vitest (testResults) or mocha (stats, tests)',
  );
}

function kindOfLine(line: string): 'go' | 'libtest' | undefined {
  if (!line.startsWith('{"')) return undefined;
  if (/"Action":"/.test(line) && /"(?:Package|ImportPath)":"/.test(line)) return 'go';
  return /"type":\s*"(?:suite|test)"/.test(line) && /"event":\s*"/.test(line) ? 'libtest' : undefined;
}

const readLines = (lines: readonly string[]): TestResults =>
  kindOfLine(lines[0] ?? '') === 'libtest' ? readLibtestJson(lines) : readGoJson(lines);
