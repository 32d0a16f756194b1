import type { Token, Tokens } from 'marked';
import { library } from '../data/libraries.ts';

/** A table of a Markdown document, its cells as plain text. */
export interface MarkdownTable {
  /** The nearest heading above it. */
  heading: string;
  /** The headings that it stands below, the outermost first; the last is `heading`. Observations of earlier versions have none. */
  below?: string[];
  head: string[];
  rows: { line: number; cells: string[] }[];
}

/** Every table of a document that stands at its top level (not inside a list, a quotation or a fence), with lines from 1. */
export function tablesOf(text: string): MarkdownTable[] {
  const found: MarkdownTable[] = [];
  let heading = '';
  let below: { depth: number; text: string }[] = [];
  let line = 1;
  for (const token of library('marked').lexer(text)) {
    if (token.type === 'heading') {
      const { depth, tokens } = token as Tokens.Heading;
      heading = plain(tokens);
      below = [...below.filter((one) => one.depth < depth), { depth, text: heading }];
    }
    if (token.type === 'table') {
      const table = token as Tokens.Table;
      // The head and the line of dashes are before the first row; each row is a line.
      const first = line + token.raw.length - token.raw.replace(/^\n+/, '').length + 2;
      found.push({
        heading,
        below: below.map((one) => one.text),
        head: table.header.map((cell) => plain(cell.tokens)),
        rows: table.rows.map((cells, n) => ({ line: first + n, cells: cells.map((cell) => plain(cell.tokens)) })),
      });
    }
    line += token.raw.split('\n').length - 1;
  }
  return found;
}

/** Text of inline tokens without their marks. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      if ('tokens' in token && token.tokens) return plain(token.tokens);
      return token.type === 'html'
        ? ' '
        : token.type === 'escape' || 'text' in token
          ? unescape(String(token.text))
          : token.raw;
    })
    .join('')
    .trim();
}

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" };
const unescape = (text: string): string => text.replace(/&(?:lt|gt|amp|quot|#39);/g, (name) => entities[name] ?? name);
