import type { Code, Heading as HeadingNode, ListItem, Nodes, RootContent, Table } from 'mdast';
import { library } from '../data/libraries.ts';

/** A piece of a document with its line (from 1), the sentence or cell it stands in, and the heading above it. */
interface Placed {
  line: number;
  context: string;
  heading: string;
}

export interface CodeSpan extends Placed {
  text: string;
}

export interface Link extends Placed {
  href: string;
  text: string;
}

export interface Fence {
  /** First word of the info string, in lower case; empty where there is none. */
  lang: string;
  /** Line of the first line of `text`. */
  line: number;
  text: string;
  heading: string;
}

export interface Heading {
  text: string;
  depth: number;
  line: number;
}

export interface Box extends Placed {
  ticked: boolean;
  text: string;
}

export interface TableSeen {
  line: number;
  header: string[];
  rows: { cells: string[]; line: number }[];
}

export interface MarkdownDocument {
  /** YAML between `---` at the top, without the marks. */
  frontMatter: string | undefined;
  headings: Heading[];
  /** Fragments that lead somewhere: slugs as GitHub makes them, and names and ids of HTML elements. */
  anchors: string[];
  spans: CodeSpan[];
  links: Link[];
  fences: Fence[];
  boxes: Box[];
  tables: TableSeen[];
  /** The source line by line, with fences and comments blanked. */
  prose: string[];
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: '\u00a0' };
const decode = (text: string): string => text.replace(/&(#39|\w+);/g, (all, name: string) => entities[name] ?? all);

/** The text that a reader sees. */
function plain(node: Nodes): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'html' || node.type === 'image' || node.type === 'imageReference') return '';
  return 'children' in node ? node.children.map(plain).join('') : 'value' in node ? node.value : '';
}

const parse = (source: string): Nodes =>
  library('mdast-util-from-markdown').fromMarkdown(source, {
    extensions: [library('micromark-extension-gfm').gfm()],
    mdastExtensions: [library('mdast-util-gfm').gfmFromMarkdown()],
  });

/**
 * Reads a Markdown document (GitHub's flavour, by micromark) with the line of everything.
 * Slugs follow GitHub: html-pipeline's table of contents filter, as github-slugger has it.
 */
export function parseMarkdown(input: string): MarkdownDocument {
  const text = input.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const front = /^---[ \t]*\n([\s\S]*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(text);
  const source = front ? blank(front[0]) + text.slice(front[0].length) : text;
  return new Reader(source, front?.[1]).document;
}

/** What an inline node stands in: a text of the source, from an offset on; `whole`: it is not cut into sentences. */
interface Block {
  text: string;
  from: number;
  whole: boolean;
}

class Reader {
  readonly document: MarkdownDocument;
  readonly #source: string;
  readonly #slugger = new (library('github-slugger').default)();
  readonly #definitions = new Map<string, string>();
  #heading = '';
  /** Ranges that are no prose. */
  readonly #blanked: [from: number, to: number][] = [];

  constructor(source: string, frontMatter: string | undefined) {
    this.#source = source;
    this.document = {
      frontMatter,
      headings: [],
      anchors: [],
      spans: [],
      links: [],
      fences: [],
      boxes: [],
      tables: [],
      prose: [],
    };
    const root = parse(source);
    this.#define(root);
    if ('children' in root) for (const node of root.children) this.#block(node, '');
    const seen = source.replace(/<!--[\s\S]*?-->/g, blank);
    const parts: string[] = [];
    let at = 0;
    for (const [from, to] of this.#blanked.toSorted((a, b) => a[0] - b[0])) {
      if (to <= at) continue;
      parts.push(seen.slice(at, Math.max(at, from)), blank(seen.slice(Math.max(at, from), to)));
      at = to;
    }
    const prose = parts.join('') + seen.slice(at);
    // What was blanked is left as nothing: patterns that begin with spaces go through long rows of them again and again.
    this.document.prose = prose.split('\n').map((line) => (line.trim() === '' ? '' : line));
    // MyST: `(label)=` above what it names, and the name of a directive.
    for (const [, label] of prose.matchAll(/^[ \t]*\(([^()\s]+)\)=[ \t]*$/gm)) this.document.anchors.push(label ?? '');
    for (const [, name] of source.matchAll(/^[ \t]*:name:[ \t]*(\S+)[ \t]*$/gm)) this.document.anchors.push(name ?? '');
    for (const [, name] of source.matchAll(/^[ \t]*(?::{3,}|`{3,})\{figure-md\}[ \t]+(\S+)/gm))
      this.document.anchors.push(name ?? '');
    for (const [, id] of prose.matchAll(/\{[^{}\n]*\bid=["']?([\w:.-]+)/g)) this.document.anchors.push(id ?? '');
    // docsify: `## Heading :id=name`.
    for (const [, id] of prose.matchAll(/^#.*\s:id=([\w-]+)/gm)) this.document.anchors.push(id ?? '');
    for (const [, id] of source.matchAll(/\{\s*#([\w:./-]+)[^{}\n]*\}/g)) this.document.anchors.push(id ?? '');
  }

  /** Where the references of the document lead. */
  #define(node: Nodes): void {
    if (node.type === 'definition' && !this.#definitions.has(node.identifier))
      this.#definitions.set(node.identifier, node.url);
    if ('children' in node) for (const child of node.children) this.#define(child);
  }

  #rawOf(node: Nodes): string {
    return this.#source.slice(fromOf(node), toOf(node));
  }

  #blockOf(node: Nodes): Block {
    return { text: this.#rawOf(node), from: fromOf(node), whole: false };
  }

  #placed(node: Nodes, context: string): Placed {
    return { line: lineOf(node), context, heading: this.#heading };
  }

  #block(node: RootContent, context: string): void {
    switch (node.type) {
      case 'heading':
        return this.#onHeading(node);
      case 'paragraph':
        return this.#inline(node.children, this.#blockOf(node));
      case 'code':
        return this.#onCode(node);
      case 'table':
        return this.#onTable(node);
      case 'list':
        for (const item of node.children) this.#onItem(item);
        return;
      case 'html':
        return this.#onHtml(node, context);
      case 'blockquote':
      case 'footnoteDefinition':
        for (const child of node.children) this.#block(child, context);
        return;
      default:
    }
  }

  #onHeading(node: HeadingNode): void {
    const text = plain(node).trim();
    this.#heading = text;
    this.document.headings.push({ text, depth: node.depth, line: lineOf(node) });
    const own = /\s*\{#([\w-]+)\}\s*$/.exec(text);
    if (own?.[1] !== undefined) this.document.anchors.push(own[1]);
    this.document.anchors.push(this.#slugger.slug(text));
    this.#inline(node.children, this.#blockOf(node));
  }

  #onCode(node: Code): void {
    const fenced = /^[`~]/.test(this.#rawOf(node));
    if (fenced) {
      const lang = (node.lang ?? '').split(/[\s,{]/)[0]?.toLowerCase() ?? '';
      this.document.fences.push({ lang, line: lineOf(node) + 1, text: node.value, heading: this.#heading });
    }
    this.#blanked.push([fromOf(node), toOf(node)]);
  }

  #onTable(node: Table): void {
    const cells = node.children.map((row) => row.children.map((cell) => plain(cell).trim()));
    const [header = [], ...rows] = cells;
    this.document.tables.push({
      line: lineOf(node),
      header,
      // A row may be shorter than its header.
      rows: rows.map((row, n) => ({
        cells: header.map((_, at) => row[at] ?? ''),
        line: lineOf(node.children[n + 1] ?? node),
      })),
    });
    for (const row of node.children) {
      const text = row.children
        .map((cell) => {
          const [first, last] = [cell.children[0], cell.children.at(-1)];
          return first && last ? this.#source.slice(fromOf(first), toOf(last)) : '';
        })
        .join(' | ');
      for (const cell of row.children) this.#inline(cell.children, { text, from: 0, whole: true });
    }
  }

  #onItem(item: ListItem): void {
    const lists = item.children.findIndex((one) => one.type === 'list');
    const own = lists < 0 ? item.children : item.children.slice(0, lists);
    const [first, last] = [own[0], own.at(-1)];
    const text =
      first && last
        ? this.#source
            .slice(fromOf(first), toOf(last))
            .replace(/^[ \t]*>[ \t]?/gm, '')
            .trim()
        : '';
    // The mark is left in the source of what begins with emphasis or code.
    if (typeof item.checked === 'boolean')
      this.document.boxes.push({
        ...this.#placed(item, text),
        ticked: item.checked,
        text: text.replace(/^\[[ xX]\]\s+/, '').split('\n')[0] ?? '',
      });
    for (const child of item.children) this.#block(child, text);
  }

  #inline(nodes: readonly Nodes[], block: Block): void {
    for (const node of nodes) {
      const context = block.whole ? block.text : sentenceOf(block, node);
      const inside = (): void => {
        if ('children' in node) this.#inline(node.children, { text: context, from: 0, whole: true });
      };
      switch (node.type) {
        case 'inlineCode':
          this.document.spans.push({ ...this.#placed(node, context), text: decode(node.value.replaceAll('\n', ' ')) });
          break;
        case 'link':
        case 'image': {
          const text = node.type === 'link' ? plain(node) : (node.alt ?? '');
          this.document.links.push({ ...this.#placed(node, context), href: node.url, text });
          // An image in a link is a link of its own.
          inside();
          break;
        }
        case 'linkReference':
        case 'imageReference': {
          const href = this.#definitions.get(node.identifier);
          const text = node.type === 'linkReference' ? plain(node) : (node.alt ?? '');
          if (href !== undefined) this.document.links.push({ ...this.#placed(node, context), href, text });
          inside();
          break;
        }
        case 'html':
          this.#onHtml(node, context);
          break;
        case 'strong':
        case 'emphasis':
          inside();
          break;
        // What is struck out is no longer claimed.
        default:
      }
    }
  }

  #onHtml(node: Nodes, context: string): void {
    const markup = this.#rawOf(node).replace(/<!--[\s\S]*?-->/g, blank);
    const lineAt = (index: number): number => lineOf(node) + markup.slice(0, index).split('\n').length - 1;
    for (const [, quoted, bare] of markup.matchAll(/\b(?:id|name)\s*=\s*(?:["']([^"']+)["']|([^\s"'=<>`]+))/gi))
      this.document.anchors.push(quoted ?? bare ?? '');
    for (const match of markup.matchAll(/<(?:img|a|source|video)\b[^>]*?\s(?:src|href)\s*=\s*["']([^"']+)["']/gi))
      this.document.links.push({
        line: lineAt(match.index),
        context,
        heading: this.#heading,
        href: decode(match[1] ?? ''),
        text: '',
      });
    for (const match of markup.matchAll(/<h([1-6])\b[^>]*>([\s\S]*?)<\/h\1>/gi)) {
      const text = decode((match[2] ?? '').replace(/<[^>]*>/g, '')).trim();
      this.document.headings.push({ text, depth: Number(match[1]), line: lineAt(match.index) });
      this.document.anchors.push(this.#slugger.slug(text));
    }
  }
}

const fromOf = (node: Nodes): number => node.position?.start.offset ?? 0;
const toOf = (node: Nodes): number => node.position?.end.offset ?? 0;
const lineOf = (node: Nodes): number => node.position?.start.line ?? 1;

/** The sentence of the block in which the node stands, without the marks of quotations at the beginning of its lines. */
function sentenceOf({ text, from }: Block, node: Nodes): string {
  const [start, end] = [fromOf(node) - from, toOf(node) - from];
  let first = 0;
  let last = text.length;
  for (const { index } of text.matchAll(/(?<!\b(?:e\.g|i\.e|vs|cf|approx|incl))[.!?;](?=\s|$)/gi)) {
    if (index < start) first = index + 1;
    else if (index >= end) {
      last = index + 1;
      break;
    }
  }
  return text
    .slice(first, last)
    .replace(/\n[ \t]*>[ \t]?/g, '\n')
    .replace(/\s+/g, ' ')
    .trim();
}
