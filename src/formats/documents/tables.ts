import { parseMarkdown } from './markdown.ts';

/** A table of a Markdown document, its cells as plain text. */
export interface MarkdownTable {
  /** The nearest heading above it. */
  heading: string;
  /** The headings that it stands below, the outermost first; the last is `heading`. Observations of earlier versions have none. */
  below?: string[];
  head: string[];
  rows: { line: number; cells: string[] }[];
}

/** Every table of a document, with lines from 1. */
export function tablesOf(text: string): MarkdownTable[] {
  const { tables, headings } = parseMarkdown(text);
  return tables.map(({ line, header, rows }) => {
    let below: { depth: number; text: string }[] = [];
    for (const heading of headings.filter((one) => one.line < line))
      below = [...below.filter((one) => one.depth < heading.depth), heading];
    return { heading: below.at(-1)?.text ?? '', below: below.map((one) => one.text), head: header, rows };
  });
}
