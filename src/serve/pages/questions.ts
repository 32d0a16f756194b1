import { answerWords } from '../../core/words.ts';
import { href, markup, type Markup } from '../../reporters/html/markup.ts';
import { isPicture } from '../../reporters/html/gallery.ts';
import type { Asked } from '../questions.ts';
import { form, hidden, lines, room, type Room } from '../layout.ts';

/** What was filled in, where it has to be asked for again. */
export interface Draft {
  question: string;
  answer: string;
  by: string;
  comment: string;
}

/** Text of a subject that can be read on the page itself, in bytes. */
const maxShown = 64 * 1024;

/** The questions that wait, each with what it is about, and the form to answer it. */
export function questionsPage(where: Room, draft?: Draft, trouble?: Markup): string {
  const { open } = where.desk.board.questions;
  const title = open.length === 0 ? 'No question waits' : 'A question to a person';
  const body = markup`<div data-live="${where.desk.board.number}" data-questions="${open.map(({ id }) => id).join(' ')}"><header><p class="by">Questions · <b>${where.desk.milestone}</b></p><h1>${title}</h1></header>${trouble}<p class="problem" data-lost hidden></p><p class="hidden" role="status" data-status></p>${
    open.length === 0
      ? markup`<p>${where.desk.board.going ? markup`The run goes on; this page changes when somebody is asked. <a href="run">Watch it</a>.` : markup`Questions come up while a checklist runs. <a href="./">To the checklist</a>.`}</p>`
      : open.map((asked) => one(where, asked, draft?.question === asked.id ? draft : undefined))
  }</div>`;
  return room(where, 'questions', title, body);
}

function one(where: Room, asked: Asked, draft: Draft | undefined): Markup {
  const { id, question, step } = asked;
  const key = `q-${id}`;
  const choice = (value: keyof typeof answerWords): Markup =>
    markup`<div class="choice"><input type="radio" id="${key}-${value}" name="answer" value="${value}" required${draft?.answer === value && markup` checked`}/><label for="${key}-${value}">${answerWords[value]}</label></div>`;
  return markup`<section aria-labelledby="${key}"><h2 id="${key}">${lines(question.question)}</h2><p class="by">asked of <b>${question.role}</b> by step <code>${step}</code></p>${question.about.length > 0 && markup`<h3>What it is about</h3>`}${question.about.map((_, n) => subject(where, asked, n))}${form(
    where,
    'answer',
    markup`${hidden('question', id)}<fieldset><legend>Your answer, as ${question.role}</legend>${choice('yes')}${choice('no')}${choice('later')}</fieldset><div class="field"><label for="${key}-by">Your name</label><input id="${key}-by" name="by" maxlength="200" required autocomplete="name" value="${draft?.by ?? ''}"/></div><div class="field"><label for="${key}-comment">Comment <span class="by">(may be empty)</span></label><textarea id="${key}-comment" name="comment" maxlength="4000">${draft?.comment ?? ''}</textarea></div><p class="by">Name, time and comment are kept as evidence${question.about.length > 0 && ', with the digests above'}.</p><div class="actions"><button type="submit">Give this answer</button></div>`,
  )}</section>`;
}

function subject(where: Room, { id, question }: Asked, n: number): Markup | undefined {
  const about = question.about[n];
  if (about === undefined) return undefined;
  const caption = markup`<figcaption><b>${about.path}</b><br/>sha256 <code class="hash">${about.sha256}</code></figcaption>`;
  const data = where.desk.subject(id, n);
  if (data === undefined)
    return markup`<figure class="big"><p class="bad">This file is gone, or is no longer the one that the question is about.</p>${caption}</figure>`;
  const link = `subject/${href(id)}/${n}`;
  if (isPicture(about.path) || /\.(?:png|webp|jpe?g)$/i.test(about.path))
    return markup`<figure class="big"><a href="${link}"><img src="${link}" alt="${about.path}"/></a>${caption}</figure>`;
  const text = data.length <= maxShown && !data.includes(0) ? data.toString('utf8') : undefined;
  return markup`<figure class="big">${text !== undefined && markup`<pre class="shown" tabindex="0" role="group" aria-label="${about.path}">${text}</pre>`}<p><a href="${link}">Open ${about.path}</a></p>${caption}</figure>`;
}
