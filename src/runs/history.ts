import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { exit, UserError } from '../core/errors.ts';
import { Fidelity, Outcome, Verdict } from '../core/outcome.ts';
import { isOpen } from '../core/words.ts';
import { isIndex, isOwnFile, marked, mayReplace } from '../evidence/own-mark.ts';
import { writeAtomically } from '../evidence/store.ts';
import { historyPage, type HistoryRun } from '../reporters/html/history.ts';
import { foldersOf, runsInOrder } from './runs.ts';
import { signOffsIn } from './sign-offs-in.ts';

/** The newest runs of a milestone that the index shows. */
const maxRuns = 100;
/** What is read at most, the newest first: a run must not wait long for its index. */
const maxBytes = 64 * 1024 * 1024;

/** The few fields that the index shows, read from records of any version that has them. */
const Entry = z.object({
  run: z.object({
    id: z.string(),
    milestone: z.string(),
    title: z.string(),
    startedAt: z.string(),
    durationMs: z.number(),
    narrowedBy: z.array(z.string()),
  }),
  tree: z.object({ commit: z.string().optional() }),
  steps: z.array(
    z.object({
      id: z.string(),
      outcome: Outcome,
      facts: z.record(z.string(), z.unknown()),
      findings: z.array(z.object({ level: z.string(), waived: z.string().optional() })),
    }),
  ),
  signoff: z.object({ roles: z.record(z.string(), z.number()) }).default({ roles: {} }),
  verdict: Verdict,
  fidelity: Fidelity,
});

/**
 * Writes `<reports>/index.html` from the records that are there.
 * @returns its path
 * @throws UserError 66 where there is no such folder, 73 where another's page is there
 */
export function writeIndex(reports: string): string {
  if (!existsSync(reports))
    throw new UserError(exit.missing, `there is no folder ${reports}`, { hint: 'give --reports' });
  const path = join(reports, 'index.html');
  mayReplace(path, isIndex, 'keep runs in another folder (--reports), or remove it first');
  const runs: HistoryRun[] = [];
  const unreadable: string[] = [];
  let bytes = 0;
  for (const milestone of foldersOf(reports)) {
    for (const id of runsInOrder(join(reports, milestone)).toReversed().slice(0, maxRuns)) {
      const path = join(reports, milestone, id, 'record.json');
      bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (bytes > maxBytes) break;
      const run = entry(path);
      if (run === undefined) unreadable.push(`${milestone}/${id}`);
      // Links go by folder, whatever the record says.
      else runs.push({ ...run, milestone, id });
    }
  }
  writeAtomically(path, marked(historyPage(runs, unreadable)));
  return path;
}

/** Writes the index above a run's folder again, where there is one; the folder may lie elsewhere, by itself. */
export function refreshIndex(folder: string): void {
  const reports = dirname(dirname(folder));
  const index = join(reports, 'index.html');
  if (isOwnFile(index, isIndex)) writeIndex(reports);
}

/** The runs of one milestone whose record can be read, the newest first. */
export function runsOf(reports: string, milestone: string): HistoryRun[] {
  return runsInOrder(join(reports, milestone))
    .toReversed()
    .slice(0, maxRuns)
    .flatMap((id) => {
      const run = entry(join(reports, milestone, id, 'record.json'));
      return run === undefined ? [] : [{ ...run, milestone, id }];
    });
}

function entry(path: string): HistoryRun | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  const parsed = Entry.safeParse(value);
  if (!parsed.success) return undefined;
  const { run, tree, steps, verdict, fidelity, signoff } = parsed.data;
  const measured = steps.flatMap((step) =>
    Object.entries(step.facts).flatMap(([name, value]) => (typeof value === 'number' ? [{ step, name, value }] : [])),
  );
  const facts = Object.fromEntries(measured.map(({ step, name, value }) => [`${step.id}/${name}`, value]));
  return {
    ...run,
    verdict,
    fidelity,
    commit: tree.commit,
    whole: run.narrowedBy.length === 0,
    passed: steps.filter((step) => step.outcome === 'passed').length,
    waived: steps.filter((step) => step.outcome === 'waived').length,
    steps: steps.length,
    findings: steps.flatMap((step) => step.findings).filter(isOpen).length,
    roles: signoff.roles,
    signOffs: signOffsIn(dirname(path)),
    facts,
  };
}
