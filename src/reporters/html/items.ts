import { accepted } from '../../core/waive.ts';
import { showDuration } from '../../core/duration.ts';
import type { Finding } from '../../core/finding.ts';
import type { RunRecord, StepRecord } from '../../core/record.ts';
import { evidenceFolders, isOpen, itemOutcome, reusedMark, stepsOf } from '../../core/words.ts';
import { anchor, bytes, clip, fileLink, markup, plural, signOf, type Markup } from './markup.ts';

const maxProofs = 60;
/** Above this many steps each is told in fewer words, so that the page stays one that a browser opens at once. */
const many = 1000;

/** Items in the checklist's order; what has passed is folded to a line. */
export function itemsSection(record: RunRecord): Markup {
  return markup`<section id="items" aria-labelledby="items-h"><h2 id="items-h">Items</h2>${record.items.map((item) => {
    const steps = stepsOf(record, item);
    const outcome = itemOutcome(record, item);
    const proofs = steps.reduce((n, step) => n + step.proofs.length, 0);
    const took = showDuration(steps.reduce((sum, step) => sum + step.durationMs, 0));
    return markup`<details class="item o-${outcome}" id="${anchor('item', item.id)}"${outcome !== 'passed' && outcome !== 'skipped' && markup` open`}><summary><span class="mark" aria-hidden="true">${signOf(outcome)}</span><h3>${item.title}</h3><span class="by"><span class="word">${outcome}</span> · ${item.impact} · ${plural(proofs, 'assertion')} · ${took}</span></summary>${item.ref !== undefined && markup`<p class="by">Makes true <code>${item.ref}</code></p>`}${steps.map((step) => stepMarkup(step, record.steps.length > many))}</details>`;
  })}</section>`;
}

function stepMarkup(step: StepRecord, short: boolean): Markup {
  const open = step.findings.filter(isOpen);
  const said = step.outcome === 'passed' ? (step.proofs[0] ?? '') : openText(step, open);
  if (short) {
    return markup`<div class="step o-${step.outcome}" id="${anchor('step', step.id)}"> <span class="mark" aria-hidden="true">${signOf(step.outcome)}</span><b>${step.id}</b> <span>${step.outcome}, ${clip(said, 120)}</span>${step.evidence.map((file) => markup` ${fileLink(file.path, file.path.split('/').pop() ?? file.path)}`)}</div> `;
  }
  return markup`<details class="step o-${step.outcome}" id="${anchor('step', step.id)}"><summary> <span class="mark" aria-hidden="true">${signOf(step.outcome)}</span><span class="name"><b>${step.id}</b> <code>${step.uses}</code></span><span class="said">${step.outcome !== 'passed' && markup`<span class="word">${step.outcome}</span> `}${step.reusedFrom && markup`<span class="word">reused</span> `}${clip(said, 160)}</span><span class="time">${step.reusedFrom ? reusedMark : showDuration(step.durationMs)}</span></summary><div class="body"><p>${step.title}</p>${step.reason !== undefined && markup`<p><strong>Why ${step.outcome}:</strong> ${step.reason}</p>`} ${open.length > 0 && markup`<p><a href="#findings">${plural(open.length, 'finding')}</a></p>`} ${
    step.proofs.length > 0 &&
    markup`<ul class="proofs">${step.proofs.slice(0, maxProofs).map((proof) => markup`<li>${proof}</li>`)}${step.proofs.length > maxProofs && markup`<li>… and ${step.proofs.length - maxProofs} more, in the record</li>`}</ul>`
  } ${notes(step)} ${evidence(step)}</div></details> `;
}

/** What keeps a step from having passed: its first finding, else its reason. */
export function openText(step: StepRecord, open: readonly Finding[]): string {
  const more = open.length > 1 ? ` (and ${open.length - 1} more)` : '';
  const waived = accepted([step])[0];
  return open[0] === undefined ? (step.reason ?? waived?.what ?? step.outcome) : `${clip(open[0].message, 160)}${more}`;
}

function notes(step: StepRecord): Markup | undefined {
  const rows: Markup[] = [];
  if (step.reduced !== undefined) rows.push(markup`<li><strong>Reduced fidelity:</strong> ${step.reduced}</li>`);
  if (step.weak !== undefined) rows.push(markup`<li><strong>Weak evidence:</strong> ${step.weak}</li>`);
  if (step.locked) rows.push(markup`<li>Locked: no waiver may accept a failure of it.</li>`);
  if (step.strict) rows.push(markup`<li>Strict: its warnings count as errors.</li>`);
  if (step.reusedFrom !== undefined)
    rows.push(
      markup`<li>Reused: it did not run in this run, but in <code>${step.reusedFrom.run}</code>, which began at ${step.reusedFrom.startedAt}.</li>`,
    );
  if (step.inShards && step.inShards.length > 1)
    rows.push(
      markup`<li>In ${plural(step.inShards.length, 'shard')}: ${step.inShards.map((one, n) => markup`${n > 0 && ', '}${one.outcome} in shard ${one.shard}`)}; ${step.inShards.some((one) => one.outcome !== step.outcome) ? 'the worst counts' : markup`shown is that of shard ${step.shard}`}.</li>`,
    );
  if (step.attempts.length > 1)
    rows.push(
      markup`<li>${plural(step.attempts.length, 'attempt')}: ${step.attempts.map((a, n) => markup`${n > 0 && ', then '}${a.outcome} after ${showDuration(a.durationMs)}${a.reason !== '' && markup` (${clip(a.reason, 200)})`}`)}</li>`,
    );
  return rows.length === 0 ? undefined : markup`<ul class="notes">${rows}</ul>`;
}

/** The files, by the shard where several ran the step. */
function evidence(step: StepRecord): Markup | undefined {
  if (step.evidence.length === 0) return undefined;
  const folders = evidenceFolders(step);
  const groups = folders.map((folder) => ({
    folder,
    files: step.evidence.filter((file) => file.path.startsWith(folder)),
  }));
  const rest = step.evidence.filter((file) => !folders.some((folder) => file.path.startsWith(folder)));
  return markup`${[...groups, { folder: '', files: rest }].map(({ folder, files }) => {
    if (files.length === 0) return undefined;
    const shard = folders.length > 1 ? /^shards\/(\d+)\//.exec(folder)?.[1] : undefined;
    return markup`<p class="evidence"> <span class="by">Evidence${shard !== undefined && ` of shard ${shard}`}</span> ${files.map(
      (file) =>
        markup`<span>${fileLink(file.path, file.path.slice(folder.length))} <small>${bytes(file.bytes)}${file.truncated && markup`, of ${bytes(file.truncated.bytes)}`}</small></span> `,
    )}</p>`;
  })}`;
}
