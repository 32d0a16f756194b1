import { resolve } from 'node:path';
import { diffRuns, type RunDiff } from '../core/diff.ts';
import { showDuration } from '../core/duration.ts';
import { exit } from '../core/errors.ts';
import type { FactValue } from '../core/judgement.ts';
import { outcomeMark, whereText } from '../core/words.ts';
import { neutral } from '../evidence/redact.ts';
import { painter } from '../ui/plain.ts';
import { findRun } from './runs.ts';

const maxLines = 40;

/** `verify diff A B`: what changed from run A to run B. @returns 0 where nothing got worse, else 10 */
export function diffCommand(a: string, b: string, options: { reports?: string; json?: boolean }): number {
  const reports = resolve(options.reports ?? 'reports');
  const before = findRun(a, reports);
  const after = findRun(b, reports);
  const diff = diffRuns(before.record, after.record);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ before: before.record.run.id, after: after.record.run.id, ...diff }, undefined, 2)}\n`
      : neutral(text(diff, before.record.run.id, after.record.run.id)),
  );
  return diff.worse ? exit.failed : exit.passed;
}

function text(diff: RunDiff, before: string, after: string): string {
  const paint = painter(process.stdout.isTTY && !('NO_COLOR' in process.env));
  const out = [`${before} → ${after}`, `verdict  ${diff.verdict.before} → ${diff.verdict.after}`];
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    out.push('', paint('bold', title), ...lines.slice(0, maxLines).map((line) => `  ${line}`));
    if (lines.length > maxLines) out.push(`  … and ${lines.length - maxLines} more (--json)`);
  };
  section(
    'Outcomes',
    diff.outcomes.map(
      (c) => `${outcomeMark[c.after ?? 'skipped']} ${c.step}: ${c.before ?? 'not there'} → ${c.after ?? 'not there'}`,
    ),
  );
  const finding = ({ step, finding: f }: RunDiff['findings']['gone'][number]): string =>
    `${f.level} ${f.code}: ${f.message} (${[step, whereText(f)].filter(Boolean).join(', ')})`;
  section('Findings that appeared', diff.findings.appeared.map(finding));
  section('Findings that are gone', diff.findings.gone.map(finding));
  const value = (v: FactValue | undefined): string => (v === undefined ? '–' : String(v));
  section(
    'Facts',
    diff.facts.map((c) => `${c.step} ${c.name}: ${value(c.before)} → ${value(c.after)}${change(c.before, c.after)}`),
  );
  section(
    'Durations',
    diff.durations.map((c) => `${c.step}: ${duration(c.before)} → ${duration(c.after)}`),
  );
  section(
    'Pictures',
    diff.pictures.map(
      (c) => `${c.path}: ${c.before === undefined ? 'new' : c.after === undefined ? 'gone' : 'another picture'}`,
    ),
  );
  if (out.length === 2) out.push('', 'Nothing else changed.');
  out.push('', diff.worse ? 'It got worse.' : 'Nothing got worse.', '');
  return out.join('\n');
}

const duration = (ms: number | undefined): string => (ms === undefined ? 'not run' : showDuration(ms));

function change(before: FactValue | undefined, after: FactValue | undefined): string {
  if (typeof before !== 'number' || typeof after !== 'number' || before === 0) return '';
  const percent = ((after - before) / Math.abs(before)) * 100;
  return ` (${percent > 0 ? '+' : ''}${percent.toFixed(1)} %)`;
}
