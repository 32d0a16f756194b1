import type { Waiver } from '../../core/checklist.ts';
import { shardDifferences } from '../../core/merge.ts';
import type { Ignored, RunRecord, StepRecord } from '../../core/record.ts';
import { inForce, unwaived, waive } from '../../core/waive.ts';
import { entries } from '../../core/words.ts';
import { anchor, instant, markup, plural, signOf, scrolls, prose, type Markup } from './markup.ts';

/** What the checklist accepts, and whether it was needed: each waiver with the findings that it took away. */
export function waiversSection(record: RunRecord): Markup | undefined {
  if (record.waivers.length === 0) return undefined;
  const start = Date.parse(record.run.startedAt);
  return markup`<section id="waivers" aria-labelledby="waivers-h"><h2 id="waivers-h">Waivers</h2>${scrolls(
    'Waivers',
    markup`<table class="stacks"><thead><tr><th scope="col">Step</th><th scope="col">Accepts</th><th scope="col">Reason</th><th scope="col">Owner</th><th scope="col">Approved by</th><th scope="col">Until</th><th scope="col">In this run</th></tr></thead><tbody>${record.waivers.map(
      (w) => {
        const step = record.steps.find((one) => one.id === w.step);
        const accepted = step ? waivedBy(w, step, start, record.tree.commit) : 0;
        const over = !inForce(w, start, record.tree.commit);
        return markup`<tr><th scope="row">${step ? markup`<a href="#${anchor('step', w.step)}">${w.step}</a>` : w.step}</th><td data-of="Accepts">${w.finding === undefined ? 'any finding' : markup`<code>${w.finding}</code>`}${w.subject !== undefined && ` about ${w.subject}`}</td><td data-of="Reason">${prose(w.reason)}</td><td data-of="Owner">${w.owner}</td><td data-of="Approved by">${w.approver}</td><td data-of="Until">${w.expires}</td><td data-of="In this run" class="${over ? 'bad' : accepted > 0 ? 'waived' : ''}">${over ? 'not in force' : accepted > 0 ? `accepted ${plural(accepted, 'finding')}` : 'not needed'}</td></tr>`;
      },
    )}</tbody></table>`,
  )}</section>`;
}

const waivedBy = (waiver: Waiver, step: StepRecord, now: number, commit: string | undefined): number =>
  waive(step, unwaived(step.findings), [waiver], now, commit).filter((finding) => finding.waived !== undefined).length;

/** Answers of people with what they are about, and the questions that still wait for one. */
export function confirmationsSection(record: RunRecord): Markup | undefined {
  const asked = record.steps.filter((step) => step.uses.startsWith('manual/') || step.confirmation !== undefined);
  if (asked.length === 0) return undefined;
  return markup`<section id="confirmations" aria-labelledby="confirmations-h"><h2 id="confirmations-h">Confirmations</h2><p class="by">Names are as they were typed; only a sign-off is proven by a key.</p>${asked.map(
    (step) => {
      const { confirmation: said, outcome } = step;
      const question = said?.question ?? /: (.+?\?)/.exec(step.reason ?? '')?.[1] ?? step.title;
      return markup`<div class="asks o-${outcome}"><h3><span class="mark" aria-hidden="true">${signOf(outcome)}</span>${question}</h3>${
        said
          ? markup`<p><b class="word">${said.answer}</b>, ${said.by} (${said.role}), ${instant(said.at)}${said.comment !== '' && markup`: ${prose(said.comment)}`}${said.expires !== undefined && `; holds until ${instant(said.expires)}`}</p>${said.about.length > 0 && markup`<p class="by">About ${said.about.map(({ path, sha256 }, n) => markup`${n > 0 && ', '}<code>${path}</code> (sha256 <code>${sha256.slice(0, 12)}…</code>)`)}</p>`}`
          : markup`<p><span class="word">${outcome}</span>: ${(step.reason ?? step.findings[0]?.message ?? '').replace(`: ${question}`, '')}</p>`
      }<p class="by">step <a href="#${anchor('step', step.id)}">${step.id}</a></p></div>`;
    },
  )}</section>`;
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
  return markup`<section id="environment" aria-labelledby="environment-h"><h2 id="environment-h">Environment</h2>${shards.length > 0 && shardTable(record)}<dl class="facts">${rows.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl><h3 class="of">How to reproduce</h3><pre tabindex="0">${
    tree.repository !== undefined &&
    isElsewhere(tree.repository) &&
    `git clone ${word(tree.repository)} && cd ${word(folderOf(tree.repository))}\n`
  }${tree.commit !== undefined && `git checkout ${tree.commit}\n`}${[...shards, record.run].map(({ command }) => command.map(word).join(' ')).join('\n')}</pre> ${
    tree.dirty.length > 0 &&
    markup`<details><summary>${tree.dirty.length} paths that differ from the commit</summary><ul>${tree.dirty.slice(0, 200).map(({ path, why }) => markup`<li><code>${path}</code>, ${why}</li>`)}</ul></details>`
  } ${tree.ignored !== undefined && ignoredList(tree.ignored)}</section>`;
}

/** What git ignores, and the run may have read: it is in no commit. */
function ignoredList({ files, present }: Ignored): Markup | false {
  if (files.length + present.length === 0) return false;
  return markup`<details><summary>${files.length} files that git ignores and the run may have read; ${present.length} ignored paths were there when it began</summary><ul>${files.map(({ path, sha256, held }) => markup`<li><code>${path}</code>, sha256 <code>${sha256.slice(0, 16)}</code>, ${held ? 'held by the gate' : 'written by builds or by the run'}</li>`)}${present.slice(0, 200).map((path) => markup`<li><code>${path}</code> was there</li>`)}</ul></details>`;
}

/** An address that others can clone from, and no path of the machine of the run. */
const isElsewhere = (repository: string): boolean =>
  /^\w[\w+.-]*:\/\/(?!\/)|^[\w.-]+@[\w.-]+:/.test(repository) && !repository.startsWith('file:');

/** The folder that a clone makes. */
const folderOf = (repository: string): string =>
  (repository.split(/[/:]/).at(-1) ?? '').replace(/\.git$/, '') || 'repository';

/** An argument as a shell would need it. */
export const word = (argument: string): string =>
  /^[A-Za-z0-9_./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
