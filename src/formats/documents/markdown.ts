import type { MarkedToken, Token, Tokens } from 'marked';
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
function plain(tokens: readonly Token[] | undefined): string {
  return (tokens ?? [])
    .map((token) => {
      if (token.type === 'html' || token.type === 'image' || token.type === 'checkbox') return '';
      if (token.type === 'br') return '\n';
      const inner = (token as Tokens.Generic).tokens;
      return inner ? plain(inner) : decode(((token as Tokens.Generic)['text'] as string | undefined) ?? '');
    })
    .join('');
}

/**
 * Reads a Markdown document (GitHub's flavour, by marked) and keeps the line of everything.
 * Slugs follow GitHub: html-pipeline's table of contents filter, as github-slugger has it.
 */
export function parseMarkdown(input: string): MarkdownDocument {
  const text = input.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const front = /^---[ \t]*\n([\s\S]*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(text);
  const source = front ? blank(front[0]) + text.slice(front[0].length) : text;
  return new Reader(source, front?.[1]).document;
}

class Reader {
  readonly document: MarkdownDocument;
  readonly #source: string;
  readonly #starts: number[] = [0];
  readonly #slugger = new (library('github-slugger').default)();
  #cursor = 0;
  #heading = '';
  /** Ranges that are no prose. */
  readonly #blanked: [from: number, to: number][] = [];

  constructor(source: string, frontMatter: string | undefined) {
    this.#source = source;
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) this.#starts.push(at + 1);
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
    this.#walk(library('marked').lexer(source), '');
    let prose = source.replace(/<!--[\s\S]*?-->/g, blank);
    for (const [from, to] of this.#blanked)
      prose = prose.slice(0, from) + blank(prose.slice(from, to)) + prose.slice(to);
    this.document.prose = prose.split('\n');
    // MyST: `(label)=` above what it names, and the name of a directive.
    for (const [, label] of prose.matchAll(/^\s*\(([^()\s]+)\)=\s*$/gm)) this.document.anchors.push(label ?? '');
    for (const [, name] of source.matchAll(/^\s*:name:\s*(\S+)\s*$/gm)) this.document.anchors.push(name ?? '');
    for (const [, name] of source.matchAll(/^\s*(?::{3,}|`{3,})\{figure-md\}\s+(\S+)/gm))
      this.document.anchors.push(name ?? '');
    for (const [, id] of source.matchAll(/\{\s*#([\w:./-]+)[^{}\n]*\}/g)) this.document.anchors.push(id ?? '');
  }

  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Moves to where `raw` begins; inside lists and quotes only its first line is literal. */
  #find(raw: string): number {
    const first = raw.replace(/^\n+/, '').split('\n')[0] ?? '';
    const at = first === '' ? -1 : this.#source.indexOf(first, this.#cursor);
    if (at >= 0) this.#cursor = at;
    return this.#cursor;
  }

  #placed(context: string): Placed {
    return { line: this.#lineAt(this.#cursor), context, heading: this.#heading };
  }

  #walk(tokens: readonly Token[], context: string): void {
    for (const token of tokens as readonly MarkedToken[]) this.#visit(token, context);
  }

  #visit(token: MarkedToken, context: string): void {
    switch (token.type) {
      case 'heading':
        return this.#onHeading(token);
      case 'paragraph':
        return this.#inline(token.tokens, token.raw);
      case 'text':
        if (token.tokens) return this.#inline(token.tokens, token.raw);
        return;
      case 'code':
        return this.#onCode(token);
      case 'table':
        return this.#onTable(token);
      case 'list':
        for (const item of token.items) this.#onItem(item);
        return;
      case 'blockquote':
        return this.#walk(token.tokens, context);
      case 'html':
        this.#onHtml(token.raw, context);
        return;
      default:
    }
  }

  #onHeading(token: Tokens.Heading): void {
    this.#find(token.raw);
    const text = plain(token.tokens).trim();
    this.#heading = text;
    this.document.headings.push({ text, depth: token.depth, line: this.#lineAt(this.#cursor) });
    const own = /\s*\{#([\w-]+)\}\s*$/.exec(text);
    if (own?.[1] !== undefined) this.document.anchors.push(own[1]);
    this.document.anchors.push(this.#slugger.slug(text));
    this.#inline(token.tokens, token.raw);
  }

  #onCode(token: Tokens.Code): void {
    const at = this.#find(token.raw);
    const fenced = token.codeBlockStyle !== 'indented';
    const line = this.#lineAt(at) + (fenced ? 1 : 0);
    if (fenced) {
      const lang =
        (token.lang ?? '')
          .trim()
          .split(/[\s,{]/)[0]
          ?.toLowerCase() ?? '';
      this.document.fences.push({ lang, line, text: token.text, heading: this.#heading });
    }
    const count = token.text.split('\n').length;
    const end = this.#starts[line - 1 + count] ?? this.#source.length;
    this.#blanked.push([at, end]);
    this.#cursor = Math.max(at + 1, Math.min(end, this.#source.length));
  }

  #onTable(token: Tokens.Table): void {
    this.#find(token.raw);
    const line = this.#lineAt(this.#cursor);
    this.document.tables.push({
      line,
      header: token.header.map((cell) => plain(cell.tokens).trim()),
      rows: token.rows.map((row, n) => ({ cells: row.map((cell) => plain(cell.tokens).trim()), line: line + 2 + n })),
    });
    for (const [n, row] of [token.header, ...token.rows].entries()) {
      this.#cursor = Math.max(this.#cursor, this.#starts[line - 1 + (n === 0 ? 0 : n + 1)] ?? 0);
      const context = row.map((cell) => cell.text).join(' | ');
      for (const cell of row) this.#inline(cell.tokens, context, true);
    }
  }

  #onItem(item: Tokens.ListItem): void {
    this.#find(item.raw);
    const [own = ''] = item.text.split(/\n(?=\s*(?:[-*+]|\d+[.)])\s)/);
    if (item.task)
      this.document.boxes.push({ ...this.#placed(own), ticked: item.checked === true, text: own.split('\n')[0] ?? '' });
    this.#walk(item.tokens, own);
  }

  /** @param whole the context is a table row: it is not cut into sentences */
  #inline(tokens: readonly Token[], block: string, whole = false): void {
    for (const token of tokens as readonly MarkedToken[]) {
      const context = whole ? block : sentenceOf(block, token.raw);
      switch (token.type) {
        case 'codespan':
          this.#find(token.raw);
          this.document.spans.push({ ...this.#placed(context), text: decode(token.text) });
          this.#cursor += (token.raw.split('\n')[0] ?? '').length;
          break;
        case 'link':
        case 'image':
          this.#find(token.raw);
          this.document.links.push({ ...this.#placed(context), href: token.href, text: token.text });
          // An image in a link is a link of its own.
          if (token.type === 'link') this.#inline(token.tokens, context, true);
          break;
        case 'html':
          this.#onHtml(token.raw, context);
          break;
        case 'del':
          // What is struck out is no longer claimed.
          this.#find(token.raw);
          this.#cursor += token.raw.length;
          break;
        case 'strong':
        case 'em':
        case 'text':
          if (token.tokens) this.#inline(token.tokens, context, true);
          break;
        default:
      }
    }
  }

  #onHtml(raw: string, context: string): void {
    const at = this.#find(raw);
    const markup = raw.replace(/<!--[\s\S]*?-->/g, blank);
    for (const match of markup.matchAll(/\b(?:id|name)\s*=\s*["']([^"']+)["']/gi)) {
      this.document.anchors.push(match[1] ?? '');
    }
    for (const match of markup.matchAll(/<(?:img|a|source|video)\b[^>]*?\s(?:src|href)\s*=\s*["']([^"']+)["']/gi)) {
      const line = this.#lineAt(at) + markup.slice(0, match.index).split('\n').length - 1;
      this.document.links.push({ line, context, heading: this.#heading, href: decode(match[1] ?? ''), text: '' });
    }
    for (const match of markup.matchAll(/<h([1-6])\b[^>]*>([\s\S]*?)<\/h\1>/gi)) {
      const text = decode((match[2] ?? '').replace(/<[^>]*>/g, '')).trim();
      const line = this.#lineAt(at) + markup.slice(0, match.index).split('\n').length - 1;
      this.document.headings.push({ text, depth: Number(match[1]), line });
      this.document.anchors.push(this.#slugger.slug(text));
    }
    this.#cursor = Math.max(this.#cursor, at + (raw.split('\n')[0] ?? '').length);
  }
}

/** The sentence of `block` in which `raw` first stands. */
function sentenceOf(block: string, raw: string): string {
  const at = block.indexOf(raw);
  if (at < 0) return block;
  const ends = /[.!?;](?=\s|$)/g;
  let from = 0;
  let to = block.length;
  for (const match of block.matchAll(ends)) {
    if (match.index < at) from = match.index + 1;
    else if (match.index >= at + raw.length) {
      to = match.index + 1;
      break;
    }
  }
  return block.slice(from, to).replace(/\s+/g, ' ').trim();
}
