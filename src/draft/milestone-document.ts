import { textOf } from '../formats/data/json-parts.ts';
import { slug } from 'github-slugger';
import { parseMarkdown, type MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, isGlob, readPath } from '../formats/documents/path-text.ts';
import { isPreparation } from './ci-rest.ts';
import { composeCall, wordsOf, type Pipeline } from './commands.ts';
import { provenBy } from './tool-steps.ts';
import { stepAlone, stepOf, type Around, type Mapped } from './command-steps.ts';
import type { ComposeSet } from './compose-sets.ts';
import type { Monitoring } from './monitoring.ts';
import { personsPart } from './persons-part.ts';
import { Proofs } from './proofs.ts';
import { broughtUp } from './stack-items.ts';
import { checksOf, codeOf, isTold, noCommand, plain, sectionsOf, type Stretch } from './passages.ts';
import { type Draft, type Ids } from './draft.ts';
import { type DraftItem, type DraftStep, type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { resolveFrom, folderOf } from '../formats/data/paths.ts';

const byPerson =
  /\b(?:confirm|review|record|screenshots?|fire[- ]drills?|drills?|inspect|manual(?:ly)?|approve|sign|visit|look at|walk through|decide|announce|notify|schedule)/i;
/** What a person is asked: the sentence, without code and without what is in brackets only to explain it. */
const sayable = (text: string): string =>
  plain(text)
    .replace(/[`]/g, '')
    .replace(/[.:;,\s]+$/, '')
    // What leads to the example or the command below it.
    .replace(/[,;]?\s+(?:e\.g|i\.e|for example|for instance|and then|such as|as follows|like this)$/i, '');

/** Paths that a stretch names, as they lie in the repository; what cannot be one of its paths is left out. */
function filesOf(document: MarkdownDocument, path: string, tree: Tree, from: number, to: number): string[] {
  const folders = new Set(
    tree.paths.flatMap((one) =>
      one
        .split('/')
        .slice(0, -1)
        .map((_, n, all) => all.slice(0, n + 1).join('/')),
    ),
  );
  const found = document.spans
    .filter(({ line }) => line >= from && line <= to)
    .flatMap((span) => {
      return (readPath(span.text)?.paths ?? []).flatMap((one) => {
        const bases = ['', folderOf(path)].flatMap((folder) => resolveFrom(folder, one) ?? []);
        const there = bases.find((at) => tree.paths.includes(at));
        if (there !== undefined) return [there];
        const [first] = bases;
        // A folder, a glob, or a file of which the folder is not ours: nothing is promised that could be named here.
        if (
          first === undefined ||
          isGlob(one) ||
          excuseOf(span.context, span.heading) !== undefined ||
          one.endsWith('/') ||
          folders.has(first) ||
          !/\.\w+$/.test(one)
        )
          return [];
        return one.includes('/') && folders.has(folderOf(first)) ? [first] : [];
      });
    });
  return [...new Set(found)];
}

export interface FromDocument {
  items: DraftItem[];
  stack?: Draft['stack'];
  leftOut: string[];
}

/** Words that say no more of a command than that it ends well. */
const saysOnlyWell =
  /\b(?:pass(?:es|ed)?|works?|is|are|be|the|an?|all|and|or|then|runs?|green|clean(?:ly)?|ok|succeeds?|successful(?:ly)?|without|errors?|warnings?|exits?|answers?|returns?|at|on|in|of|with|must|should|to|it|that|no|ends|well|fine|tests?|locally|via|using|service)\b/gi;
/** Does the line ask more than that its commands end well? */
const asksMore = (rest: string): boolean => {
  const left = rest.replace(/\([^)]*\)/g, ' ').replace(saysOnlyWell, ' ');
  return /\d/.test(left) || (left.match(/[\p{L}]{2,}/gu) ?? []).length >= 3;
};
const roles: readonly [about: RegExp, role: string][] = [
  [/\bproduct (?:owner|manager)\b/i, 'product-owner'],
  [/\bsecurity\b/i, 'security'],
  [/\blegal\b|\blicen[cs]es?\b/i, 'legal'],
  [/\b(?:qa|quality assurance)\b/i, 'qa'],
  [/\b(?:on-?call|sre|operations|ops)\b/i, 'operations'],
];
const roleOf = (text: string): string => roles.find(([about]) => about.test(text))?.[1] ?? 'release-manager';
/** The line's own words as a question. */
const questionOf = (text: string): string =>
  `${isTold(text) ? 'Was this done' : /\bwill\b/.test(text) ? 'Has this happened' : 'Is this so'}: ${text}?`;

/** The step's claim of a count, where the line has one: `pytest` with at least 40 tests. */
function withMinimum(step: DraftStep, text: string): { step: DraftStep; counted: boolean } {
  const least = Number(/\b(?:at least|minimum(?: of)?|>=|≥)\s*(\d{1,6})\s+(?:\w+\s+)?tests?\b/i.exec(text)?.[1] ?? 0);
  if (least === 0) return { step, counted: false };
  return provenBy(step) === 'test'
    ? { step: { ...step, with: { ...step.with, minimum: least } }, counted: true }
    : { step, counted: false };
}

/** Drafts the items of a milestone's document: one for each of its checks, then what its sections deliver and run. */
export function itemsOfDocument(
  path: string,
  tree: Tree,
  sets: readonly ComposeSet[],
  seen: Monitoring,
  ids: Ids,
): FromDocument {
  const text = tree.text(path) ?? '';
  const document = parseMarkdown(text);
  const { checks, passedOver } = checksOf(document, path);
  const brought = codeOf(document, 1, document.prose.length).find(
    (one) => composeCall(wordsOf(one.commands[0] ?? noCommand).words)?.sub === 'up',
  );
  const stack = brought && stepOf(brought, { tree, sets, up: [] }).stack;
  const up = stack ? broughtUp(sets, stack) : [];
  const drafter = new Drafter(path, tree, document, { tree, sets, up }, new Proofs(tree, seen, up), ids);
  const items = checks.flatMap((check) => drafter.item({ ...check, title: titleOf(check) }));
  for (const section of sectionsOf(document, checks)) items.push(...drafter.section(section));
  if (stack && brought) items.unshift(...drafter.bringUp(brought.line));
  const leftOut = [...drafter.leftOut];
  if (passedOver.length > 0)
    leftOut.push(
      `${path}: ${passedOver.length === 1 ? 'line' : 'lines'} ${ranges(passedOver)} of its lists: figures, names, remarks and what is told for another day, nothing to be done`,
    );
  if (items.length === 0) leftOut.push(`${path}: neither a check box nor anything to be done was found in it`);
  return { items, ...(stack && { stack: { compose: stack } }), leftOut };
}

/** `3, 5-8` */
function ranges(lines: readonly number[]): string {
  const found: [from: number, to: number][] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last && last[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

/** Installs, unpacks or tidies up: nobody need answer for it. What publishes or reaches out is asked. */
const onlySetsUp = ({ commands }: Pipeline): boolean =>
  commands.every((one) => {
    const { words } = wordsOf(one);
    return (
      isPreparation(words) &&
      !/ --?v(?:ersion)?$/i.test(words.join(' ')) &&
      !/^(?:git|gh|twine|curl|wget|aws|gcloud|az|ssh|scp|rsync|docker)$/.test(words[0] ?? '')
    );
  });

const titleOf = (check: Stretch): string => {
  const words = sayable(check.text);
  return words.length <= 100 ? words : `${words.slice(0, 99)}…`;
};

class Drafter {
  readonly #path: string;
  readonly #tree: Tree;
  readonly #document: MarkdownDocument;
  readonly #around: Around;
  readonly #proofs: Proofs;
  readonly #ids: Ids;
  /** Steps that were drafted, so that none is there twice. */
  readonly #known = new Set<string>();
  /** The id of the step that brings the stack up. */
  readonly #stack: string;
  #isUp = false;
  readonly leftOut: string[] = [];

  constructor(path: string, tree: Tree, document: MarkdownDocument, around: Around, proofs: Proofs, ids: Ids) {
    this.#path = path;
    this.#proofs = proofs;
    this.#tree = tree;
    this.#document = document;
    this.#around = around;
    this.#ids = ids;
    this.#stack = ids.take('stack');
  }

  /** A check: its commands, and a question for what is left to a person. It is kept even where its steps are there already. */
  item(check: Stretch): DraftItem[] {
    const mapped = this.#commands(check, true);
    // What verify must not run is asked in the words of the line.
    const refused = mapped.filter((step) => step.uses === 'manual/confirm');
    const minimum = mapped
      .filter((step) => step.uses !== 'manual/confirm')
      .map((step) => withMinimum(step, check.text));
    const steps = minimum.map(({ step }) => step);
    const counted = minimum.some((one) => one.counted);
    const rest = plain(check.text.replace(/`[^`]*`/g, ' '));
    const files = filesOf(this.#document, this.#path, this.#tree, check.from, check.to);
    if (files.length > 0)
      steps.push(...this.#add({ id: `files-${check.from}`, uses: 'files/exist', with: { files } }, check.from));
    steps.push(...this.#health(check));
    const answers =
      /(https?:\/\/(?:localhost|127\.0\.0\.1)[^\s`]*)`?\s+(?:answers|returns|responds|replies|gives|is)\s+(?:with\s+)?(?:an?\s+)?(?:HTTP\s+)?(?:status\s+)?(?:code\s+)?(\d{3})\W*$/.exec(
        check.text,
      );
    if (answers && steps.length === 0)
      steps.push(
        ...this.#add(
          {
            id: 'get',
            uses: 'http/get',
            with: { url: answers[1], status: Number(answers[2]) },
            note: 'start the service first',
          },
          check.from,
        ),
      );
    const person =
      refused.length > 0 ||
      byPerson.test(rest) ||
      steps.every((step) => step.uses === 'files/exist') ||
      (!answers && !counted && asksMore(rest));
    if (person) {
      const text = plain(check.text).replace(/[.:;,\s?]+$/, '');
      const { proven, questions } = personsPart(text, files, this.#proofs);
      for (const one of proven) steps.push(...this.#add(one, check.from));
      // Commands that stand in a block below the line, and that verify does not run, are part of what is asked.
      const below = refused
        .flatMap((one) => /^Was `(.+)` run, and/s.exec(textOf(one.with?.['question']))?.[1] ?? [])
        .filter((raw) => !check.text.includes(raw));
      for (const [n, question] of questions.entries())
        steps.push({
          id: this.#ids.take(`confirm-${question.split(' ').slice(0, 4).join('-')}`),
          uses: 'manual/confirm',
          ...(steps.some((step) => step.id === this.#stack) && { needs: [this.#stack] }),
          with: {
            role: roleOf(check.text),
            question: questionOf(
              n > 0 || below.length === 0 ? question : `${question} (${below.map((raw) => `\`${raw}\``).join(', ')})`,
            ),
            ...(files.length > 0 && { about: files }),
          },
          from: `${this.#path}:${check.from}`,
          ...(refused[0]?.note !== undefined && { note: refused[0].note }),
        });
    }
    return this.#itemOf(check, steps, 'critical');
  }

  /** The step that brings the stack up, where none of the stretches did. */
  bringUp(line: number): DraftItem[] {
    if (this.#isUp) return [];
    const step = { id: this.#stack, uses: 'stack/up', from: `${this.#path}:${line}` };
    return [{ id: this.#ids.take('stack-up'), title: 'The stack comes up', impact: 'critical', steps: [step] }];
  }

  /** A section: what it delivers, and what it runs. */
  section(section: Stretch): DraftItem[] {
    const files = filesOf(this.#document, this.#path, this.#tree, section.from, section.to).filter(
      (file) => file !== this.#path,
    );
    const steps =
      files.length === 0
        ? []
        : this.#add({ id: `files-${section.title}`, uses: 'files/exist', with: { files } }, section.from);
    steps.push(...this.#commands(section, false));
    steps.push(...this.#health(section));
    const edition = /\bedition[- ](20(?:15|18|21|24))\b/i.exec(
      this.#document.prose.slice(section.from - 1, section.to).join(' '),
    )?.[1];
    if (edition !== undefined && this.#tree.paths.includes('Cargo.toml'))
      steps.push(...this.#add({ id: 'edition', uses: 'code/edition', with: { edition } }, section.from));
    return this.#itemOf(section, steps, 'major');
  }

  /** Health addresses that it names. */
  #health({ from, to }: Stretch): DraftStep[] {
    return this.#document.spans.flatMap(({ text, line }) => {
      const step = line >= from && line <= to ? this.#proofs.healthNamed(text) : undefined;
      return step ? this.#add(step, line) : [];
    });
  }

  #itemOf(stretch: Stretch, steps: DraftStep[], impact: DraftItem['impact'] & string): DraftItem[] {
    if (steps.length === 0) return [];
    const anchor = slug(stretch.heading);
    const title = stretch.title || stretch.heading || `Line ${stretch.from}`;
    return [
      {
        id: this.#ids.take(steps[0]?.uses === 'files/exist' ? title : `check-${steps[0]?.id ?? title}`),
        title,
        impact,
        ref: anchor === '' ? this.#path : `${this.#path}#${anchor}`,
        steps,
      },
    ];
  }

  #commands(stretch: Stretch, always: boolean): DraftStep[] {
    return codeOf(this.#document, stretch.from, stretch.to).flatMap((pipeline) => {
      const mapped = stepOf(pipeline, this.#around);
      if (mapped.stack && this.#isUp) return [];
      if (!always && mapped.uses === 'manual/confirm' && onlySetsUp(pipeline)) {
        this.leftOut.push(
          `\`${pipeline.raw}\` of ${this.#path}:${pipeline.line}: it only installs, unpacks or tidies up`,
        );
        return [];
      }
      return this.#add(mapped, pipeline.line, always);
    });
  }

  /** The step, unless the same was drafted before; a check says by a question that it is proven elsewhere. */
  #add(mapped: Mapped, line: number, always = false): DraftStep[] {
    const key = JSON.stringify([mapped.uses, mapped.with]);
    if (this.#known.has(key) && !(always && mapped.uses !== 'stack/up')) return [];
    this.#known.add(key);
    const id = mapped.stack ? this.#stack : this.#ids.take(mapped.id);
    if (mapped.stack) this.#isUp = true;
    const needs = mapped.asksStack === true ? { needs: [this.#stack] } : {};
    return [{ ...stepAlone(mapped), id, ...needs, from: `${this.#path}:${line}` }];
  }
}
