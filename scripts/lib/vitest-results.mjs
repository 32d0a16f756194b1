/** Counts a vitest JSON report, so that nothing that went wrong is left out. */
import { readFileSync } from 'node:fs';

/**
 * @param {string} file the JSON reporter's output
 * @param {number} exitCode vitest's own
 * @returns {{passed: number, failed: number, skipped: number, notes: string[]}}
 */
export function countResults(file, exitCode) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, notes: [`vitest ended with ${exitCode} and left no result`] };
  }
  const counts = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const suite of report.testResults ?? []) {
    const statuses = (suite.assertionResults ?? []).map((test) => test.status);
    for (const status of statuses) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') counts.failed++;
      else counts.skipped++;
    }
    if (suite.status === 'failed' && !statuses.includes('failed')) {
      counts.failed++;
      counts.notes.push(`${suite.name}: the file itself failed`);
    }
  }
  if (counts.passed + counts.failed === 0) {
    counts.failed++;
    counts.notes.push('no test ran');
  } else if (exitCode !== 0 && counts.failed === 0) {
    counts.failed++;
    counts.notes.push(`vitest ended with ${exitCode} although no test failed`);
  }
  return counts;
}
