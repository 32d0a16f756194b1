import type { ExecResult, Judge } from '../../core/step.ts';
import type { problems } from './command-problems.ts';
import { neverRan } from './never-ran.ts';
import { unreached } from './unreached.ts';

/** What a command printed at its end, for a finding. */
export const shownOf = (result: ExecResult): string => {
  const text = `${result.stdout}\n${result.stderr}`.trim();
  return text.length > 1500 ? `…${text.slice(-1500)}` : text;
};

/**
 * A control must fail, and as a check does.
 * @param given.exit the exit code that the command itself must have
 * @param given.wanted that of the control, where the checklist says it
 * @param given.script what the control runs
 */
export function judgeControl(
  j: Judge<typeof problems>,
  given: { exit: number; wanted: number | undefined; script: string },
  control: ExecResult,
): void {
  const detail = shownOf(control);
  const { exit, wanted } = given;
  if (wanted !== undefined && control.code === wanted && wanted !== exit)
    return void j.prove(`the control failed as it must (exit ${control.code})`);
  const unfetched = unreached(control, [given.script]);
  const why = neverRan(control) ?? (unfetched && `it could not fetch what it needs: ${unfetched}`);
  if (control.notStarted !== undefined) j.find('not-started', `control: ${control.notStarted}`);
  else if (control.timedOut) j.find('timed-out', 'the control did not finish in time');
  else if (why !== undefined) j.find('control-not-run', `the control proves nothing: ${why}`, { detail });
  else
    j.check(
      wanted === undefined ? control.code !== exit : control.code === wanted,
      `the control failed as it must (exit ${control.code})`,
      'control-passed',
      `the control exited with ${control.code ?? control.signal}`,
      { detail },
    );
}
