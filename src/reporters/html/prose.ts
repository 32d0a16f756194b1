import { Lexer, type Token, type Tokens } from 'marked';
import { markup, type Markup } from './markup.ts';

/**
 * What a person wrote, as inline Markdown: code, emphasis and lists of words. Of everything else (links, pictures, markup) the
 * source is shown as text, so that nothing is hidden and nothing can act.
 */
export function prose(text: string): Markup {
  return markup`${Lexer.lexInline(text).map(drawn)}`;
}

/** What verify itself says: back-ticks are code, all else is as it stands, since paths and patterns hold stars. */
export const coded = (text: string): Markup =>
  markup`${text.split(/`([^`\n]+)`/).map((part, n) => (n % 2 === 1 ? markup`<code>${part}</code>` : part))}`;

function drawn(token: Token): Markup {
  switch (token.type) {
    case 'codespan':
      return markup`<code>${(token as Tokens.Codespan).text}</code>`;
    case 'strong':
      return markup`<strong>${(token as Tokens.Strong).tokens.map(drawn)}</strong>`;
    case 'em':
      return markup`<em>${(token as Tokens.Em).tokens.map(drawn)}</em>`;
    default:
      return markup`${token.raw}`;
  }
}
