import { Lexer, type Token } from 'marked';

/**
 * The anchors of a Markdown document as GitHub makes them: headings in lower case, without punctuation, spaces as dashes,
 * `-1` and so on for repeated ones (github-slugger's rule), and the `id` and `name` of HTML elements.
 */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  const visit = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      if (token.type === 'heading') {
        const slug = slugOf(plainText(token.tokens ?? []));
        let own = slug;
        for (let n = counts.get(slug) ?? 0; anchors.has(own); n++) {
          counts.set(slug, n + 1);
          own = `${slug}-${n + 1}`;
        }
        anchors.add(own);
      }
      if (token.type === 'html')
        for (const [, name = ''] of token.raw.matchAll(/\b(?:id|name)\s*=\s*["']?([^"'\s>]+)/g)) anchors.add(name);
      if ('tokens' in token && Array.isArray(token.tokens)) visit(token.tokens);
      if (token.type === 'list') visit((token as { items?: Token[] }).items ?? []);
    }
  };
  visit(new Lexer().lex(markdown));
  return anchors;
}

const plainText = (tokens: readonly Token[]): string =>
  tokens
    .map((token) =>
      'tokens' in token && Array.isArray(token.tokens)
        ? plainText(token.tokens)
        : token.type === 'html' || token.type === 'image'
          ? ''
          : ((token as { text?: string }).text ?? token.raw),
    )
    .join('');

const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/&amp;|&lt;|&gt;|&quot;|&#39;/g, '')
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replace(/ /g, '-');
