import { slug } from 'github-slugger';
import { parseMarkdown, type MarkdownDocument } from '../formats/markdown.ts';
import { excuseOf, isGlob, readPath } from '../formats/path-text.ts';
import { commandsOfFence, parseShell } from '../formats/shell.ts';
import { composeCall, pipelines, wordsOf, type Pipeline } from './commands.ts';
import { stepOf, type Around, type Mapped } from './command-steps.ts';
import type { ComposeSet } from './compose-sets.ts';
import { folderOf, resolveFrom, type Draft, type DraftItem, type DraftStep, type Ids, type Tree } from './draft.ts';

/** A stretch of the document that becomes an item. */
interface Stretch {
  title: string;
  /** The text without its mark. */
  text: string;
  heading: string;
  /** First and last line. */
  from: number;
  to: number;
  check: boolean;
}

const checkWords =
  /verif|check|validat|accept|sign[- ]?off|definition of done|criteria|next steps?\b|before (?:release|you)/i;
const byPerson =
  /\b(?:confirm|review|record|screenshots?|fire[- ]drills?|drills?|inspect|manual(?:ly)?|approve|sign|visit|look at|walk through|decide|announce|notify|schedule)/i;
const programs = new Set(
  'cargo docker docker-compose curl wget npm pnpm yarn npx make just task go git promtool amtool kubectl helm terraform ssh scp rsync sudo rm mv cp bash sh python python3 pytest psql systemctl ansible-playbook grep cat ls cd echo find test jq gh aws gcloud az podman nix bazel'.split(
    ' ',
  ),
);
const listMark = /^(\s{0,3})(?:(\d+)[.)]|[-*+]\s+\[[ xX]\])\s+(.*)$/;

/** Numbered checks, and boxes under a heading that speaks of checks. */
function checksOf(document: MarkdownDocument): Stretch[] {
  const found: Stretch[] = [];
  let open: Stretch | undefined;
  const headings = new Map(document.headings.map((heading) => [heading.line, heading.text]));
  let heading = '';
  let before = '';
  for (const [n, line] of document.prose.entries()) {
    const at = headings.get(n + 1);
    const mark = listMark.exec(line);
    if (at !== undefined) {
      heading = at;
      open = undefined;
    } else if (mark && (mark[2] !== undefined || checkWords.test(heading))) {
      open = { title: '', text: mark[3] ?? '', heading, from: n + 1, to: n + 1, check: checkWords.test(heading) };
      found.push(open);
    } else if (open && line.trim() !== '' && before.trim() === '' && !/^\s{2,}/.test(line)) open = undefined;
    else if (open) {
      open.to = n + 1;
      open.text += ` ${line.trim()}`;
    }
    before = line;
  }
  const checks = found.some((one) => one.check) ? found.filter((one) => one.check) : found;
  // A list without a heading of checks holds checks where it holds commands.
  return checks.filter((one) => one.check || [...codeOf(document, one.from, one.to)].length > 0);
}

/** The pieces of code in a stretch that are commands: those of spans and of fences. */
function codeOf(document: MarkdownDocument, from: number, to: number): Pipeline[] {
  const inside = ({ line }: { line: number }): boolean => line >= from && line <= to;
  const found: Pipeline[] = [];
  const add = (text: string, line: number): void => {
    // A placeholder such as <name> would read as a redirect.
    const whole = text.replace(/<(\S(?:[^<>\n]*\S)?)>/g, (_, name: string) => `$_${name.replace(/\W/g, '_')}`);
    for (const one of pipelines(parseShell(whole))) found.push({ ...one, line: line + one.line - 1 });
  };
  for (const span of document.spans.filter(inside)) {
    const words = wordsOf(
      parseShell(span.text)[0] ?? { argv: [], line: 1, raw: '', writes: [], reads: [], piped: false },
    ).words;
    const [program = '', second] = words;
    const script = /^\.{0,2}\/?[\w./-]+\.(?:sh|bash)$/.test(program) && program.includes('/');
    if (
      (programs.has(program) && second !== undefined) ||
      (script && second !== undefined) ||
      /^\.\/\S+\.(?:sh|bash)$/.test(span.text)
    )
      add(span.text, span.line);
  }
  for (const fence of document.fences.filter(inside)) {
    const text = commandsOfFence(fence.lang, fence.text);
    if (text !== undefined) add(text, fence.line);
  }
  return found.toSorted((a, b) => a.line - b.line);
}

/** The text without the commands in it, and without what joined them to the rest. */
const withoutCommands = (text: string): string =>
  text.replace(/`[^`]*\s[^`]*`/g, ' ').replace(/^[\s,;:]*(?:(?:and|then)\b[\s,]*)+/i, '');

const plain = (text: string): string =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_]{2,}|~~/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** What a person is asked: the sentence, without code and without what is in brackets only to explain it. */
const sayable = (text: string): string =>
  plain(text)
    .replace(/[`]/g, '')
    .replace(/[.:;,\s]+$/, '');

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
}

/** Drafts the items of a milestone's document: one for each of its checks, then what its sections deliver and run. */
export function itemsOfDocument(path: string, tree: Tree, sets: readonly ComposeSet[], ids: Ids): FromDocument {
  const text = tree.text(path) ?? '';
  const document = parseMarkdown(text);
  const checks = checksOf(document);
  const brought = codeOf(document, 1, document.prose.length).find(
    (one) => composeCall(wordsOf(one.commands[0] ?? noCommand).words)?.sub === 'up',
  );
  const stack = brought && stepOf(brought, { sets, up: [] }).stack;
  const up = stack ? sets.filter((set) => stack.files.every((file) => set.files.includes(file))) : [];
  const around: Around = { sets, up };
  const drafter = new Drafter(path, tree, document, around, ids);
  const items = checks.flatMap((check) => drafter.item({ ...check, title: titleOf(check) }));
  for (const section of sectionsOf(document, checks)) items.push(...drafter.section(section));
  return { items, ...(stack && { stack: { compose: stack } }) };
}

const noCommand = { argv: [], line: 1, raw: '', writes: [], reads: [], piped: false };

const titleOf = (check: Stretch): string => {
  const words = sayable(check.text);
  return words.length <= 100 ? words : `${words.slice(0, 99)}…`;
};

/** The stretches below each heading, those of the checks left out. */
function sectionsOf(document: MarkdownDocument, checks: readonly Stretch[]): Stretch[] {
  return document.headings.map((heading, n) => {
    const next = document.headings[n + 1]?.line ?? document.prose.length + 1;
    const first = checks.find((check) => check.from > heading.line && check.from < next);
    return {
      title: plain(heading.text)
        .replace(/^\d+[.)]\s*/, '')
        .replace(/[^\p{L}\p{N})]+$/u, ''),
      text: '',
      heading: heading.text,
      from: heading.line,
      to: (first?.from ?? next) - 1,
      check: false,
    };
  });
}

class Drafter {
  readonly #path: string;
  readonly #tree: Tree;
  readonly #document: MarkdownDocument;
  readonly #around: Around;
  readonly #ids: Ids;
  /** Steps that were drafted, so that none is there twice. */
  readonly #known = new Set<string>();
  #stack: string | undefined;

  constructor(path: string, tree: Tree, document: MarkdownDocument, around: Around, ids: Ids) {
    this.#path = path;
    this.#tree = tree;
    this.#document = document;
    this.#around = around;
    this.#ids = ids;
  }

  /** A check: its commands, and a question for what is left to a person. It is kept even where its steps are there already. */
  item(check: Stretch): DraftItem[] {
    const steps = this.#commands(check, true);
    const rest = plain(check.text.replace(/`[^`]*`/g, ' '));
    const files = filesOf(this.#document, this.#path, this.#tree, check.from, check.to);
    if (files.length > 0)
      steps.push(...this.#add({ id: `files-${check.from}`, uses: 'files/exist', with: { files } }, check.from));
    const person = byPerson.test(rest) || steps.every((step) => step.uses === 'files/exist');
    if (person)
      for (const question of questionsOf(sayable(rest) === '' ? check.text : withoutCommands(check.text)))
        steps.push({
          id: this.#ids.take(`confirm-${question.split(' ').slice(0, 4).join('-')}`),
          uses: 'manual/confirm',
          ...(this.#stack !== undefined && steps.some((step) => step.id === this.#stack) && { needs: [this.#stack] }),
          with: { question: `${question}: was it done, and is it so?`, ...(files.length > 0 && { about: files }) },
          from: `${this.#path}:${check.from}`,
        });
    return this.#itemOf(check, steps, 'critical');
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
    const edition = /\bedition[- ](20(?:15|18|21|24))\b/i.exec(
      this.#document.prose.slice(section.from - 1, section.to).join(' '),
    )?.[1];
    if (edition !== undefined && this.#tree.paths.includes('Cargo.toml'))
      steps.push(...this.#add({ id: 'edition', uses: 'code/edition', with: { edition } }, section.from));
    return this.#itemOf(section, steps, 'major');
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
      if (mapped.stack && this.#stack !== undefined) return [];
      return this.#add(mapped, pipeline.line, always);
    });
  }

  /** The step, unless the same was drafted before; a check says by a question that it is proven elsewhere. */
  #add({ stack, asksStack, ...mapped }: Mapped, line: number, always = false): DraftStep[] {
    const key = JSON.stringify([mapped.uses, mapped.with]);
    if (this.#known.has(key) && !(always && mapped.uses !== 'stack/up')) return [];
    this.#known.add(key);
    const id = this.#ids.take(mapped.id);
    if (stack) this.#stack = id;
    const needs = asksStack === true && this.#stack !== undefined ? { needs: [this.#stack] } : {};
    return [{ ...mapped, id, ...needs, from: `${this.#path}:${line}` }];
  }
}

/** The sentences of a check for a person; what is asked for with `and` or `+` stays one question unless it names two records. */
function questionsOf(text: string): string[] {
  const whole = sayable(text);
  const shots = /\bscreenshots?\b/i.test(whole);
  const drills = /\bdrills?\b/i.test(whole);
  return shots && drills ? [`Screenshots are on record (${whole})`, `Fire drills are on record (${whole})`] : [whole];
}
