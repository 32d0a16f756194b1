import { escape, markup, Markup } from '../reporters/html/markup.ts';
import type { Desk } from './desk.ts';
import type { Door } from './door.ts';

/** What every page is made with. */
export interface Room {
  desk: Desk;
  door: Door;
}

const stations = [
  ['', 'Checklist'],
  ['run', 'Run'],
  ['questions', 'Questions'],
  ['pictures', 'Pictures'],
  ['sign', 'Sign'],
  ['gate', 'Gate'],
] as const;
export type Station = (typeof stations)[number][0];

export const isStation = (name: string): name is Station => stations.some(([one]) => one === name);

/** A page below the session's folder; its links are relative to that. */
export function room({ desk }: Room, at: Station, title: string, body: Markup): string {
  const { board } = desk;
  const waiting = board.questions.open.length;
  const beside = (name: Station): Markup | undefined =>
    name === 'run' && board.going
      ? markup` <span class="count">· going on</span>`
      : name === 'questions' && waiting > 0
        ? markup` <span class="count">· ${waiting}<span class="hidden"> to answer</span></span>`
        : undefined;
  const nav = markup`<nav aria-label="Steps"><p class="brand">verify · ${desk.milestone}</p><ul>${stations.map(
    ([name, label]) =>
      markup`<li><a href="${name === '' ? './' : name}"${name === at && markup` aria-current="page"`}>${label}</a>${beside(name)}</li>`,
  )}</ul></nav>`;
  return whole(
    title,
    markup`<div class="page">${nav}<main id="main" tabindex="-1">${body}</main></div>`,
    `${title} · ${desk.milestone}`,
  );
}

/** A page that only says something: what is wrong, and what to do. */
export const notice = (title: string, body: Markup): string =>
  whole(
    title,
    markup`<div class="page"><div></div><main id="main" tabindex="-1"><p class="by">verify</p><h1>${title}</h1>${body}</main></div>`,
  );

/** @param refresh where to go at once */
export function whole(title: string, body: Markup, inTab = title, refresh?: string): string {
  return markup`<!doctype html><html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/>${refresh !== undefined && markup`<meta http-equiv="refresh" content="0; url=${refresh}"/>`}<title>${inTab}</title><link rel="stylesheet" href="/style.css"/><script src="/page.js" defer></script></head>
<body>
<a class="skip" href="#main">Skip to the page</a>
${body}
</body>
</html>
`.toString();
}

/** A form that posts to a page beside this one, with what proves that it is ours. */
export const form = ({ door }: Room, action: string, inner: Markup): Markup =>
  markup`<form method="post" action="${action}" autocomplete="off"><input type="hidden" name="proof" value="${door.proof}"/>${inner}</form>`;

export const hidden = (name: string, value: string | number): Markup =>
  markup`<input type="hidden" name="${name}" value="${value}"/>`;

/** What went wrong with what was sent; read out at once. */
export const problem = (title: string, lines: readonly string[]): Markup =>
  markup`<div class="problem" role="alert">${title !== '' && markup`<p><strong>${title}</strong></p>`}${lines.map((line) => markup`<p>${line}</p>`)}</div>`;

/** Lines of text that keep their line breaks. */
export const lines = (text: string): Markup => new Markup(escape(text).replaceAll('\n', '<br/>'));
