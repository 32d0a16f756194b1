import { stdoutPainter } from './shared.ts';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { diffRuns, type Change, type RunDiff } from '../core/diff.ts';
import { showDuration, type FactValue } from '../core/step.ts';
import { exit } from '../core/errors.ts';
import { namesThing, outcomeMark, showFact, whereText } from '../core/words.ts';
import { sha256 } from '../evidence/digest.ts';
import { compareImages, readPng } from '../evidence/png.ts';
import { neutral } from '../evidence/redact.ts';
import { findRun, type StoredRun } from '../runs/runs.ts';

const maxLines = 40;

/** `verify diff A B`: what changed from run A to run B. @returns 0 where nothing got worse, else 10 */
export async function diffCommand(
  a: string,
  b: string,
  options: { reports?: string; json?: boolean },
): Promise<number> {
  const reports = resolve(options.reports ?? 'reports');
  const before = findRun(a, reports);
  const after = findRun(b, reports);
  const diff = diffRuns(before.record, after.record);
  diff.pictures = await Promise.all(diff.pictures.map((one) => measured(one, before, after)));
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ before: before.record.run.id, after: after.record.run.id, ...diff }, undefined, 2)}\n`
      : neutral(text(diff, before, after)),
  );
  return diff.worse ? exit.failed : exit.passed;
}

/** A picture that changed, with the pixels that differ; without them where a file is gone or altered, or the sizes differ. */
async function measured(
  one: RunDiff['pictures'][number],
  before: StoredRun,
  after: StoredRun,
): Promise<RunDiff['pictures'][number]> {
  if (one.before === undefined || one.after === undefined) return one;
  const [old, now] = await Promise.all([pixels(before, one.path, one.before), pixels(after, one.path, one.after)]);
  const difference = old && now && (await compareImages(old, now));
  return difference ? { ...one, differing: difference.differing, total: difference.total } : one;
}

async function pixels(run: StoredRun, path: string, digest: string) {
  try {
    const data = readFileSync(join(run.folder, path));
    return sha256(data) === digest ? await readPng(data) : undefined;
  } catch {
    return undefined;
  }
}

function text(diff: RunDiff, before: StoredRun, after: StoredRun): string {
  const paint = stdoutPainter();
  const nameOf = ({ record }: StoredRun): string => `${record.run.milestone}/${record.run.id}`;
  const out = [
    `before   ${nameOf(before)}  ${diff.verdict.before}`,
    `after    ${nameOf(after)}  ${paint('bold', diff.verdict.after)}`,
  ];
  const section = (title: string, rows: readonly string[][]): void => {
    if (rows.length === 0) return;
    out.push('', paint('bold', `${title} (${rows.length})`), ...aligned(rows.slice(0, maxLines)));
    if (rows.length > maxLines) out.push(`  … and ${rows.length - maxLines} more (--json)`);
  };
  const worseFirst = diff.outcomes.toSorted((a, b) => rank(a) - rank(b));
  section(
    'Outcomes',
    worseFirst.map((c) => [
      outcomeMark[c.after ?? 'skipped'],
      c.step,
      `${c.before ?? 'not there'} → ${c.after ?? 'not there'}`,
    ]),
  );
  const finding = ({ step, finding: f }: RunDiff['findings']['gone'][number]): string[] => [
    `${f.level} ${f.code}: ${f.message} (${[step, whereText(f)].filter(Boolean).join(', ')})`,
  ];
  section('Findings that appeared', diff.findings.appeared.map(finding));
  section('Findings that are gone', diff.findings.gone.map(finding));
  const facts = diff.facts.filter((c) => !namesThing(c.name));
  section(
    'Facts',
    facts.map((c) => [
      c.step,
      c.name,
      `${value(c.name, c.before)} → ${value(c.name, c.after)}`,
      change(c.before, c.after),
    ]),
  );
  section(
    'Durations',
    diff.durations.map((c) => [c.step, `${duration(c.before)} → ${duration(c.after)}`, change(c.before, c.after)]),
  );
  section(
    'Pictures',
    diff.pictures.map((c) => [c.path.replace(/^evidence\//, ''), pictureChange(c)]),
  );
  const names = diff.facts.length - facts.length;
  if (names > 0) out.push('', paint('dim', `Left out: ${names} ports, addresses and digests that changed (--json)`));
  if (out.length === 2) out.push('', 'Nothing else changed.');
  out.push('', diff.worse ? paint('red', 'It got worse.') : paint('green', 'Nothing got worse.'), '');
  return out.join('\n');
}

const rank = (c: Change<string>): number => (c.after === 'failed' ? 0 : c.after === 'passed' ? 2 : 1);

/** Rows as columns, each as wide as its widest cell, the last one free. */
function aligned(rows: readonly string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (max, row) => row.map((cell, n) => Math.max(max[n] ?? 0, Math.min(cell.length, 48))),
    [],
  );
  return rows.map((row) => `  ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  ')}`.trimEnd());
}

function pictureChange({ before, after, differing, total }: RunDiff['pictures'][number]): string {
  if (before === undefined) return 'new';
  if (after === undefined) return 'gone';
  if (differing === undefined || total === undefined) return 'another picture';
  const percent = (differing / total) * 100;
  return differing === 0
    ? 'no visible pixel differs'
    : `${percent < 0.1 ? 'under 0.1' : percent.toFixed(1)} % of its pixels differ`;
}

const value = (name: string, v: FactValue | undefined): string =>
  v === undefined ? '–' : typeof v === 'number' ? showFact(name, v) : String(v).slice(0, 60);

const duration = (ms: number | undefined): string => (ms === undefined ? 'not run' : showDuration(ms));

function change(before: FactValue | undefined, after: FactValue | undefined): string {
  if (typeof before !== 'number' || typeof after !== 'number' || before === 0) return '';
  const percent = ((after - before) / Math.abs(before)) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}
