import { shardDifferences } from '../../core/merge.ts';
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

const hostRows = (host: RunRecord['host']): [string, string][] => [
  ['Host', `${host.os}, ${host.arch}`],
  ['Processor', `${host.cpus} × ${host.cpu}`],
  ['Memory', `${(host.memoryMiB / 1024).toFixed(1)} GiB`],
  ['Node', host.node],
  ['Fingerprint', host.fingerprint],
];

/** The machine of each shard of a merged run, and in what they differ. */
function shardTable(record: RunRecord): Markup {
  const shards = record.merged?.shards ?? [];
  const columns = hostRows(record.host).map(([name]) => name);
  const differences = shardDifferences(record);
  return markup`${differences.length > 0 && markup`<ul class="notes">${differences.map((text) => markup`<li><strong>To know:</strong> ${text}</li>`)}</ul>`}${scrolls(
    'Shards',
    markup`<table><thead><tr><th scope="col">Shard</th><th scope="col">Run</th>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead><tbody>${shards.map(
      ({ index, runId, host }) =>
        markup`<tr><th scope="row">${index} of ${record.merged?.of ?? 0}</th><td><code>${runId}</code></td>${hostRows(host).map(([, value]) => markup`<td>${value}</td>`)}</tr>`,
    )}</tbody></table>`,
  )}`;
}

export function environmentSection(record: RunRecord): Markup {
  const { host, tree } = record;
  const shards = record.merged?.shards ?? [];
  const rows: [string, string][] = [...(shards.length === 0 ? hostRows(host) : []), ...entries(record.tools)];
  return markup`<section id="environment" aria-labelledby="environment-h"><h2 id="environment-h">Environment, and how to reproduce</h2>${shards.length > 0 && shardTable(record)}<dl class="facts">${rows.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl><p> In a clone of ${tree.repository === undefined ? 'the repository' : markup`<code>${tree.repository}</code>`}${tree.commit !== undefined && markup` at <code>${tree.commit.slice(0, 12)}</code>`}:</p><pre tabindex="0">${[...shards, record.run].map(({ command }) => command.map(word).join(' ')).join('\n')}</pre> ${
    tree.dirty.length > 0 &&
    markup`<details><summary>${tree.dirty.length} paths that differ from the commit</summary><ul>${tree.dirty.slice(0, 200).map(({ path, why }) => markup`<li><code>${path}</code>, ${why}</li>`)}</ul></details>`
  }</section>`;
}

/** An argument as a shell would need it. */
const word = (argument: string): string =>
  /^[A-Za-z0-9_./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
