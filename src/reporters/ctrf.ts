import { neutral } from '../evidence/redact.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RunRecord, StepRecord } from '../core/record.ts';
import { accepted } from '../core/waive.ts';
import { isOpen, verdictText, whereText } from '../core/words.ts';

type Status = 'passed' | 'failed' | 'skipped' | 'pending' | 'other';

/** CTRF knows no "could not be checked": it is `other`, never passed. A failure that a waiver accepts is `other` too. */
const statusOf: Record<Outcome, Status> = {
  passed: 'passed',
  failed: 'failed',
  error: 'other',
  'timed-out': 'other',
  waived: 'other',
  skipped: 'skipped',
  'not-reviewed': 'pending',
};

/** Common Test Report Format 0.0 (ctrf.io): a step is a test, an item its suite. */
export function ctrf(record: RunRecord): string {
  const titles = new Map(record.items.map((item) => [item.id, item.title]));
  const tests = record.steps.map((step) => testOf(step, titles.get(step.item) ?? step.item, record));
  const count = (status: Status): number => tests.filter((test) => test.status === status).length;
  const start = Date.parse(record.run.startedAt);
  const report = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    timestamp: record.run.endedAt,
    generatedBy: `${record.tool.name} ${record.tool.version}`,
    results: {
      tool: { name: 'verify', version: record.tool.version },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: count('pending'),
        other: count('other'),
        suites: record.items.length,
        start,
        stop: start + Math.round(record.run.durationMs),
      },
      tests,
      environment: {
        appName: neutral(record.run.milestone),
        ...(record.tree.repository !== undefined && { repositoryUrl: neutral(record.tree.repository) }),
        ...(record.tree.commit !== undefined && { commit: record.tree.commit }),
        ...(record.tree.branch !== undefined && { branchName: neutral(record.tree.branch) }),
        osPlatform: neutral(record.host.os),
      },
      extra: { verdict: verdictText(record), fidelity: record.fidelity, runId: record.run.id },
    },
  };
  return `${JSON.stringify(report, undefined, 1)}\n`;
}

function testOf(step: StepRecord, suite: string, record: RunRecord) {
  const open = step.findings.filter(isOpen);
  const first = open.find((finding) => finding.where !== undefined)?.where;
  const message =
    [
      ...open.map((finding) => `${finding.code}: ${finding.message}`),
      ...accepted([step]).map(({ what, why }) => `waived: ${what}, ${why}`),
    ].join('\n') ||
    (step.reason ?? '');
  const trace = open.map((f) => [whereText(f), f.hint ?? '', f.detail ?? ''].filter(Boolean).join('\n')).join('\n\n');
  const start = Date.parse(step.startedAt ?? record.run.startedAt);
  return {
    name: neutral(step.id),
    status: statusOf[step.outcome],
    rawStatus: step.outcome,
    duration: Math.round(step.durationMs),
    start,
    stop: start + Math.round(step.durationMs),
    suite: [neutral(suite)],
    type: neutral(step.uses),
    ...(message !== '' && { message: neutral(message) }),
    ...(trace !== '' && { trace: neutral(trace) }),
    ...(first && { filePath: neutral(first.file), ...(first.line !== undefined && { line: first.line }) }),
    ...(step.tags.length > 0 && { tags: step.tags }),
    ...(step.attempts.length > 1 && {
      retries: step.attempts.length - 1,
      flaky: step.outcome === 'passed',
    }),
    attachments: step.evidence.map((file) => ({
      name: neutral(file.path.split('/').pop() ?? file.path),
      contentType: contentType(file.path),
      path: file.path,
    })),
  };
}

function contentType(path: string): string {
  if (/\.png$/i.test(path)) return 'image/png';
  if (/\.json$/i.test(path)) return 'application/json';
  return 'text/plain';
}
