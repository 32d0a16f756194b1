import { whereText } from '../../core/words.ts';
import type { StepRecord } from '../../core/record.ts';
import { bytes, href, markup, plural, signOf, type Markup } from '../../reporters/html/markup.ts';
import { picturesOf } from '../../core/pictures.ts';
import { tableMarkup } from '../../reporters/html/tables.ts';
import type { Shelf } from '../desk.ts';
import { room, type Room } from '../layout.ts';

/** The pictures of a run, large, each step's with what was measured beside them: the panels and their states. */
export function picturesPage(where: Room, shelf: Shelf): string {
  const { record, id } = shelf;
  const steps = record.steps.filter((step) => picturesOf(step).length > 0);
  const count = steps.reduce((n, step) => n + picturesOf(step).length, 0);
  const body = markup`<header><p class="by">Pictures · <b>${where.desk.milestone}</b> · ${id}</p><h1>${count === 0 ? 'No pictures' : plural(count, 'picture')}</h1></header><p>${count === 0 && 'No step of this run has left a picture. '}<a class="button" href="runs/${id}/FINAL_STATUS.html">Open the whole report</a></p>${steps.map((step) => ofStep(step, id))}<p class="actions"><a class="button" href="sign">Sign or reject</a></p>`;
  return room(where, 'pictures', 'Pictures', body);
}

function ofStep(step: StepRecord, run: string): Markup {
  const said = step.findings.filter((finding) => finding.level !== 'note');
  return markup`<section aria-labelledby="s-${href(step.id)}"><h2 id="s-${href(step.id)}" class="o-${step.outcome}"><span class="mark" aria-hidden="true">${signOf(step.outcome)}</span> ${step.title}</h2><p class="by"><span class="o-${step.outcome}"><span class="word">${step.outcome}</span></span> · <code>${step.id}</code>${step.reduced !== undefined && ` · reduced fidelity: ${step.reduced}`}</p>${step.tables.length > 0 && markup`<p>${step.tables.map((table, n) => markup`<a href="#t-${href(step.id)}-${n}">${table.title}</a> `)}</p>`}${said.length > 0 && markup`<ul class="lines">${said.map((finding) => markup`<li><b>${finding.level}</b>: ${finding.message}${whereText(finding) !== '' && markup` <span class="where">${whereText(finding)}</span>`}${finding.waived !== undefined && ` (accepted: ${finding.waived})`}</li>`)}</ul>`}${picturesOf(
    step,
  ).map((file) => {
    const link = `runs/${run}/${href(file.path)}`;
    const name = file.path.split('/').pop() ?? file.path;
    return markup`<figure class="big"><a href="${link}"><img src="${link}" alt="${step.title}: ${name}"/></a><figcaption><b>${name}</b> · ${bytes(file.bytes)} · sha256 <code class="hash">${file.sha256}</code></figcaption></figure>`;
  })}${step.tables.map((table, n) => markup`<h3 id="t-${href(step.id)}-${n}">${table.title}</h3>${tableMarkup(table, `${table.title}, by ${step.id}`)}`)}</section>`;
}
