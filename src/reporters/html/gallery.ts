import { isPictureName, picturesOf } from '../../core/pictures.ts';
import type { PlotOf } from '../../core/plot.ts';
import type { EvidenceFile, RunRecord, ShownPicture, StepRecord } from '../../core/record.ts';
import { anchor, bytes, fileLink, href, isEvidence, markup, plural, type Markup } from './markup.ts';

/** A picture of the evidence, as the caller read it. */
export interface Picture {
  path: string;
  /** In pixels, where the file says so. */
  width?: number;
  height?: number;
  /** `data:` URL of it or of its smaller copy, where there is one that is small enough to be inside the page. */
  inline?: string;
  /** Set where the file is not the one that the record names: it is then not shown. */
  altered?: string;
}

export const isPicture = (path: string): boolean => isEvidence(path) && isPictureName(path);

/** One thing that pictures are of: a dashboard in its themes, or a single file. */
interface Card {
  title: string;
  panels: PlotOf<'boards'>['boards'][number]['panels'];
  pictures: { file: EvidenceFile; theme: string; made: ShownPicture | undefined }[];
}

/** The pictures of all steps: what needs a look first, each opening where it stands, with what it was before. */
export function gallerySection(record: RunRecord, pictures: readonly Picture[]): Markup | undefined {
  const read = new Map(pictures.map((picture) => [picture.path, picture]));
  const groups = record.steps.flatMap((step) => {
    const cards = cardsOf(step).toSorted((a, b) => bad(b) - bad(a));
    return cards.length === 0 ? [] : [{ step, cards }];
  });
  if (groups.length === 0) return undefined;
  const runs = [
    ...new Set(record.steps.flatMap((step) => step.pictures?.flatMap(({ before }) => before?.run ?? []) ?? [])),
  ];
  return markup`<section id="gallery" aria-labelledby="gallery-h"><h2 id="gallery-h">Pictures</h2><p class="by">Each opens where it stands.${runs.length > 0 && markup` Beside ${runs.map((run, n) => markup`${n > 0 && ', '}<code>${run}</code>`)}, where that run has the same.`}</p>${groups.map(
    ({ step, cards }) =>
      markup`<h3 class="of"><a href="#${anchor('step', step.id)}">${step.title}</a></h3><div class="gallery">${cards.map((card) => cardMarkup(card, step, read))}</div>`,
  )}</section>`;
}

const bad = (card: Card): number => card.panels.filter((panel) => !panel.good).length;

function cardsOf(step: StepRecord): Card[] {
  const left = new Map(picturesOf(step).flatMap((file) => (isPicture(file.path) ? [[nameOf(file.path), file]] : [])));
  const made = new Map(step.pictures?.map((one) => [one.path, one]));
  const take = (name: string, theme: string): Card['pictures'] => {
    const file = left.get(name);
    left.delete(name);
    return file ? [{ file, theme, made: made.get(file.path) }] : [];
  };
  const boards = step.tables.flatMap(({ plot }) => (plot?.kind === 'boards' ? plot.boards : []));
  const cards = boards.flatMap((board): Card[] => {
    const panels = [...new Set(board.pictures.map((one) => one.panel))];
    return panels.map((panel) => ({
      title: panel === undefined ? board.title : `${board.title}, panel ${panel}`,
      panels: panel === undefined ? board.panels : [],
      pictures: board.pictures.filter((one) => one.panel === panel).flatMap((one) => take(one.file, one.theme)),
    }));
  });
  const others = [...left.keys()].map((name): Card => ({ title: name, panels: [], pictures: take(name, '') }));
  return [...cards, ...others].filter((card) => card.pictures.length > 0);
}

const nameOf = (path: string): string => path.split('/').slice(2).join('/');

function cardMarkup(card: Card, step: StepRecord, read: ReadonlyMap<string, Picture>): Markup {
  const empty = bad(card);
  const state =
    card.panels.length === 0
      ? undefined
      : empty === 0
        ? markup`<span class="good">✔ ${plural(card.panels.length, 'panel')} with data</span>`
        : markup`<span class="bad">✘ ${empty} of ${plural(card.panels.length, 'panel')} without data</span>`;
  const themes = new Set(card.pictures.map((one) => one.theme));
  const both = themes.has('light') && themes.has('dark');
  const images = card.pictures.map(({ file, theme }) => {
    const picture = read.get(file.path);
    if (picture?.altered !== undefined) return markup`<span class="bad">${picture.altered}</span>`;
    return image(
      picture ?? { path: file.path },
      [card.title, theme].filter(Boolean).join(', '),
      both ? `in-${theme}` : '',
    );
  });
  return markup`<details class="shot"><summary>${images}<span class="cap"><b>${card.title}</b> ${state} ${changeOf(card)}</span></summary><div class="body">${
    card.panels.length > 0 &&
    markup`<ul class="panels">${card.panels.map((panel) => markup`<li class="${panel.good ? 'good' : 'bad'}">${panel.good ? '✔' : '✘'} ${panel.title}${panel.state !== 'data' && markup`: <b>${panel.state}</b>`}</li>`)}</ul>`
  }${card.pictures.map(({ made, theme }) => beforeMarkup(made?.before, [card.title, theme].filter(Boolean).join(', '), read))}<p class="evidence"><span class="by">Full size</span> ${card.pictures.map(({ file }) => markup`<span>${fileLink(file.path, nameOf(file.path))} <small>${bytes(file.bytes)}</small></span> `)}</p></div></details>`;
}

function image(picture: Picture, alt: string, scheme = ''): Markup {
  const size =
    picture.width !== undefined &&
    picture.height !== undefined &&
    markup` width="${picture.width}" height="${picture.height}"`;
  return markup`<img${scheme !== '' && markup` class="${scheme}"`} src="${picture.inline ?? href(picture.path)}"${size} alt="${alt}"/>`;
}

type Before = ShownPicture['before'];

/** How much of a picture is another than before, in a few words. */
function change(before: Before): string {
  if (!before) return '';
  if (before.path === undefined || before.differing === 0) return 'as before';
  if (before.differing === undefined || !before.total) return 'changed';
  const percent = (before.differing / before.total) * 100;
  return `${percent < 0.1 ? 'under 0.1' : percent.toFixed(1)} % changed`;
}

function changeOf(card: Card): Markup | undefined {
  const known = card.pictures.filter((one) => one.made?.before);
  const most = known.toSorted((a, b) => shareOf(b.made?.before) - shareOf(a.made?.before))[0];
  return most && markup`<span class="by">${change(most.made?.before)}</span>`;
}

const shareOf = (before: Before): number =>
  before?.path === undefined ? 0 : (before.differing ?? 1) / (before.total ?? 1);

function beforeMarkup(before: Before, title: string, read: ReadonlyMap<string, Picture>): Markup | undefined {
  if (!before) return undefined;
  if (before.path === undefined)
    return markup`<p class="by">${title}: the same file as in <code>${before.run}</code>.</p>`;
  const figure = (path: string, says: string): Markup | undefined => {
    const picture = read.get(path);
    if (!isPicture(path)) return undefined;
    return markup`<figure>${picture?.altered === undefined ? markup`<a href="${href(path)}">${image(picture ?? { path }, `${title}: ${says}`)}</a>` : markup`<p class="bad">${picture.altered}</p>`}<figcaption>${says}</figcaption></figure>`;
  };
  return markup`<div class="before">${figure(before.path, `before, in ${before.run}`)}${before.difference !== undefined && figure(before.difference, `in red: ${change(before)}`)}</div>${before.difference === undefined && before.differing !== 0 && markup`<p class="by">${title}: the pictures are of other sizes, so that they cannot be laid over each other.</p>`}`;
}
