import { neutral } from '../evidence/redact.ts';
import type { RunRecord, StepRecord } from '../core/record.ts';
import { accepted } from '../core/waive.ts';
import { whereText } from '../core/words.ts';

const escape = (text: string): string =>
  neutral(text)
    .replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replaceAll('\n', '&#10;');

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/**
 * JUnit XML: an item is a suite, a step a case. `error` is for what could not be checked, `skipped` for what was not run or reviewed,
 * and for a failure that a waiver accepts, which is no pass.
 */
export function junit(record: RunRecord): string {
  const of = (id: string): StepRecord[] => record.steps.filter((step) => step.item === id);
  const count = (steps: readonly StepRecord[], outcomes: string[]): number =>
    steps.filter((step) => outcomes.includes(step.outcome)).length;
  const attributes = (steps: readonly StepRecord[]): string =>
    `tests="${steps.length}" failures="${count(steps, ['failed'])}" errors="${count(steps, ['error', 'timed-out'])}" skipped="${count(steps, ['skipped', 'not-reviewed', 'waived'])}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escape(record.run.milestone)}" ${attributes(record.steps)} time="${seconds(record.run.durationMs)}">`,
    ...record.items.map((item) =>
      [
        `  <testsuite name="${escape(item.title)}" ${attributes(of(item.id))} timestamp="${record.run.startedAt.replace(/\.\d+Z$/, '')}">`,
        ...of(item.id).map(testcase),
        '  </testsuite>',
      ].join('\n'),
    ),
    '</testsuites>',
    '',
  ].join('\n');
}

function testcase(step: StepRecord): string {
  const open = `    <testcase name="${escape(step.id)}" classname="${escape(step.uses)}" time="${seconds(step.durationMs)}"`;
  const text = step.findings
    .filter((f) => f.level === 'error' || f.level === 'inconclusive')
    .map((f) => [`${f.code}: ${f.message}`, whereText(f), f.hint ?? ''].filter(Boolean).join('\n'))
    .join('\n\n');
  const message = escape(text.split('\n')[0] ?? step.reason ?? '');
  switch (step.outcome) {
    case 'failed':
      return `${open}><failure message="${message}">${escape(text)}</failure></testcase>`;
    case 'error':
    case 'timed-out':
      return `${open}><error message="${message}">${escape(text || (step.reason ?? ''))}</error></testcase>`;
    case 'skipped':
    case 'not-reviewed':
      return `${open}><skipped message="${escape(step.reason ?? step.outcome)}"/></testcase>`;
    case 'waived': {
      const found = accepted([step]);
      const what = found.map((one) => `${one.what}\nwaived: ${one.why}`).join('\n\n');
      return `${open}><skipped message="${escape(`waived: ${found[0]?.why ?? ''}`)}">${escape(what)}</skipped></testcase>`;
    }
    case 'passed':
      return `${open}/>`;
  }
}
