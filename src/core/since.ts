import { diffRuns } from './diff.ts';
import { keyNumbers } from './numbers.ts';
import type { RunRecord, Since } from './record.ts';

/** Steps that are named at most; the rest is counted by `verify diff`. */
const maxNamed = 50;

/**
 * What a run has changed against the one that was approved last, for its report.
 * @param run the earlier run's place: `milestone/id`
 */
export function sinceRun(run: string, before: RunRecord, after: RunRecord): Since {
  const diff = diffRuns(before, after);
  const old = new Map(keyNumbers(before).map((one) => [one.label, one.value]));
  const now = new Map(keyNumbers(after).map((one) => [one.label, one.value]));
  // Another milestone has steps of its own: what only one of the two has says nothing.
  const outcomes = diff.outcomes.filter(
    (one) => before.run.milestone === after.run.milestone || (one.before !== undefined && one.after !== undefined),
  );
  const labels = [...new Set([...now.keys(), ...old.keys()])].filter((label) => old.get(label) !== now.get(label));
  return {
    run,
    startedAt: before.run.startedAt,
    ...(before.tree.commit !== undefined && { commit: before.tree.commit }),
    ...(before.tree.tags !== undefined && { tags: before.tree.tags }),
    verdict: before.verdict,
    outcomes: outcomes.slice(0, maxNamed).map(({ step, before: was, after: is }) => ({
      step,
      ...(was !== undefined && { before: was }),
      ...(is !== undefined && { after: is }),
    })),
    appeared: diff.findings.appeared.filter(({ finding }) => finding.level !== 'note').length,
    gone: diff.findings.gone.filter(({ finding }) => finding.level !== 'note').length,
    numbers: labels.map((label) => ({ label, before: old.get(label) ?? '–', after: now.get(label) ?? '–' })),
  };
}

/** The change in lines of plain text: outcomes, the worst first, then findings and numbers. Empty where nothing changed. */
export function sinceLines(since: Since): string[] {
  const rank = ({ after }: Since['outcomes'][number]): number => (after === 'failed' ? 0 : after === 'passed' ? 2 : 1);
  const findings = [
    since.appeared > 0 && `${since.appeared} ${since.appeared === 1 ? 'finding' : 'findings'} appeared`,
    since.gone > 0 && `${since.gone} ${since.gone === 1 ? 'is' : 'are'} gone`,
  ].filter((part) => part !== false);
  return [
    ...since.outcomes
      .toSorted((a, b) => rank(a) - rank(b))
      .map(({ step, before, after }) =>
        before === undefined
          ? `${step} is new: ${after}`
          : after === undefined
            ? `${step} is gone`
            : `${step}: ${before} → ${after}`,
      ),
    ...(findings.length > 0 ? [findings.join(', ')] : []),
    ...since.numbers.map(({ label, before, after }) => `${label}: ${before} → ${after}`),
  ];
}
