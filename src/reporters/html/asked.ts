import type { Outcome } from '../../core/outcome.ts';
import type { RunRecord } from '../../core/record.ts';
import type { ShownSignOff } from '../../core/sign-off.ts';
import { belowFidelity } from '../../core/verdict.ts';
import { calledIn, entries, fidelityAsked, isOpen } from '../../core/words.ts';
import { anchor, markup, plural, type Markup } from './markup.ts';

/** What the reader has to do until the milestone may be passed, in the order in which it can be done. */
export function askedSection(record: RunRecord, given: readonly ShownSignOff[]): Markup {
  const rows = [...repairs(record), ...signing(record, given)];
  return markup`<section class="asked v-${record.verdict}" aria-labelledby="asked-h"><h2 id="asked-h">What is left to do</h2><ol>${rows.map((row) => markup`<li>${row}</li>`)}</ol></section>`;
}

/** What keeps the run from being signed. */
function repairs(record: RunRecord): Markup[] {
  const { run, tree, steps, signoff, verdict } = record;
  const of = (...outcomes: Outcome[]) => steps.filter((step) => outcomes.includes(step.outcome));
  const rows: Markup[] = [];
  const failed = of('failed');
  const open = failed.reduce((n, step) => n + step.findings.filter(isOpen).length, 0);
  if (failed.length > 0)
    rows.push(
      markup`<b>Repair</b> what <a href="#findings">${plural(Math.max(open, failed.length), 'finding')}</a> of ${plural(failed.length, 'step')} ${Math.max(open, failed.length) === 1 ? 'says' : 'say'}, or have a waiver approved.`,
    );
  const blind = of('error', 'timed-out');
  if (blind.length > 0)
    rows.push(
      markup`<b>Make it measurable:</b> ${links(blind)} could not be checked; <a href="#findings">the findings</a> say why.`,
    );
  if (tree.changed.length > 0) rows.push(markup`<b>Find out</b> what changed the tree while the run went on.`);
  const skipped = of('skipped');
  if (run.narrowedBy.length > 0)
    rows.push(markup`<b>Run the whole checklist</b>, without ${run.narrowedBy.join(', ')}.`);
  else if (skipped.length > 0 && failed.length + blind.length === 0)
    rows.push(markup`<b>Run</b> what was not run: ${links(skipped)}.`);
  const waiting = of('not-reviewed');
  if (waiting.length > 0)
    rows.push(
      markup`<b>Answer</b> ${plural(waiting.length, 'question')} in a run on a terminal, or on the page of <code>${calledIn(record)} serve</code>: ${links(waiting)}.`,
    );
  const standIns = belowFidelity(steps, signoff.fidelity);
  if (standIns.length > 0)
    rows.push(
      markup`<b>Run it where the real thing is:</b> the policy asks for ${fidelityAsked(signoff.fidelity)}, and ${links(standIns)} exercised a stand-in.`,
    );
  if (tree.dirty.length > 0)
    rows.push(
      markup`<b>Commit or remove</b> ${plural(tree.dirty.length, 'path')} that <a href="#environment">differ from the commit</a>.`,
    );
  if (rows.length > 0 || verdict !== 'PASSED')
    rows.push(markup`<b>Run it again:</b> <code>${calledIn(record)} ${run.milestone}</code>`);
  return rows;
}

/** Who has yet to sign, else the gate. */
function signing(record: RunRecord, given: readonly ShownSignOff[]): Markup[] {
  const { run, signoff } = record;
  const rejected = given.filter((one) => one.decision === 'reject');
  if (rejected.length > 0)
    return [
      markup`<b>Rejected</b> by ${rejected.map((one, n) => markup`${n > 0 && ', '}${one.principal}`)}: see <a href="#signoff">Sign-off</a>.`,
    ];
  const open = entries(signoff.roles).flatMap(([role, needed]) => {
    const left = needed - given.filter((one) => one.role === role).length;
    return left > 0 ? [{ role, left }] : [];
  });
  if (open.length > 0)
    return open.map(
      ({ role, left }) =>
        markup`<b>Sign it</b>${left > 1 && markup`, ${left} persons`}: <code>${calledIn(record)} sign-off ${run.milestone} --role ${role}</code>`,
    );
  return [
    markup`<b>Pass the gate,</b> which checks the signatures: <code>${calledIn(record)} gate ${run.milestone}</code>`,
  ];
}

const maxLinks = 6;
const links = (steps: readonly { id: string }[]): Markup =>
  markup`${steps.slice(0, maxLinks).map(({ id }, n) => markup`${n > 0 && ', '}<a href="#${anchor('step', id)}">${id}</a>`)}${steps.length > maxLinks && ` and ${steps.length - maxLinks} more`}`;
