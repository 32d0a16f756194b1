import type { RunRecord } from '../../core/record.ts';
import { entries } from '../../core/words.ts';
import { anchor, markup, type Markup } from './markup.ts';
import { scrolls } from './tables.ts';

const maxFacts = 1000;

export function factsSection(record: RunRecord): Markup | undefined {
  const rows = record.steps.flatMap((step) => entries(step.facts).map(([name, value]) => ({ step, name, value })));
  if (rows.length === 0) return undefined;
  return markup`<section id="facts" aria-labelledby="facts-h"><h2 id="facts-h">Facts</h2><details><summary>${rows.length} values that the steps measured</summary> ${scrolls(
    'Facts',
    markup`<table><thead><tr><th scope="col">Fact</th><th scope="col">Value</th><th scope="col">Step</th></tr></thead><tbody>${rows
      .slice(0, maxFacts)
      .map(
        ({ step, name, value }) =>
          markup`<tr><th scope="row"><code>${name}</code></th><td>${String(value)}</td><td><a href="#${anchor('step', step.id)}">${step.id}</a></td></tr>`,
      )}</tbody></table>`,
  )}${rows.length > maxFacts && markup`<p>… and ${rows.length - maxFacts} more, in the record</p>`}</details></section>`;
}

export function waiversSection(record: RunRecord): Markup | undefined {
  if (record.waivers.length === 0) return undefined;
  return markup`<section id="waivers" aria-labelledby="waivers-h"><h2 id="waivers-h">Waivers</h2> ${scrolls(
    'Waivers',
    markup`<table><thead><tr><th scope="col">Step</th><th scope="col">Finding</th><th scope="col">Reason</th><th scope="col">Owner</th><th scope="col">Approved by</th><th scope="col">Until</th></tr></thead><tbody>${record.waivers.map(
      (w) =>
        markup`<tr><th scope="row"><code>${w.step}</code></th><td> ${w.finding === undefined ? 'any' : markup`<code>${w.finding}</code>`}${w.subject !== undefined && ` (${w.subject})`} </td><td>${w.reason}</td><td>${w.owner}</td><td>${w.approver}</td><td>${w.expires}</td></tr>`,
    )}</tbody></table>`,
  )}</section>`;
}

/** Answers of people, and the questions that still wait for one. */
export function confirmationsSection(record: RunRecord): Markup | undefined {
  const asked = record.steps.filter((step) => step.uses.startsWith('manual/'));
  if (asked.length === 0) return undefined;
  return markup`<section id="confirmations" aria-labelledby="confirmations-h"><h2 id="confirmations-h">Confirmations</h2><table><thead><tr><th scope="col">Step</th><th scope="col">Outcome</th><th scope="col">Answer</th></tr></thead><tbody>${asked.map(
    (step) =>
      markup`<tr><th scope="row"><a href="#${anchor('step', step.id)}">${step.id}</a></th><td class="o-${step.outcome}"><span class="word">${step.outcome}</span></td><td>${step.proofs[0] ?? step.findings[0]?.message ?? step.reason ?? ''}</td></tr>`,
  )}</tbody></table></section>`;
}

export function environmentSection(record: RunRecord): Markup {
  const { host, tree } = record;
  const rows: [string, string][] = [
    ['Host', `${host.os}, ${host.arch}`],
    ['Processor', `${host.cpus} × ${host.cpu}`],
    ['Memory', `${(host.memoryMiB / 1024).toFixed(1)} GiB`],
    ['Node', host.node],
    ['Fingerprint', host.fingerprint],
    ...entries(record.tools),
  ];
  return markup`<section id="environment" aria-labelledby="environment-h"><h2 id="environment-h">Environment, and how to reproduce</h2><dl class="facts">${rows.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl><p> In a clone of ${tree.repository === undefined ? 'the repository' : markup`<code>${tree.repository}</code>`}${tree.commit !== undefined && markup` at <code>${tree.commit.slice(0, 12)}</code>`}:</p><pre tabindex="0">${record.run.command.map(word).join(' ')}</pre> ${
    tree.dirty.length > 0 &&
    markup`<details><summary>${tree.dirty.length} paths that differ from the commit</summary><ul>${tree.dirty.slice(0, 200).map(({ path, why }) => markup`<li><code>${path}</code>, ${why}</li>`)}</ul></details>`
  }</section>`;
}

/** An argument as a shell would need it. */
export const word = (argument: string): string =>
  /^[A-Za-z0-9_./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
