import type { Outcome } from '../../core/outcome.ts';
import { outcomeMark } from '../../core/words.ts';
import { neutral } from '../../evidence/redact.ts';
import { Lexer, type Token, type Tokens } from 'marked';

/** Text that is markup already. Only `markup` makes it, so that whatever else goes into a page is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

type Part = Markup | string | number | undefined | false | readonly Part[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Terminal sequences, control characters and bidirectional overrides out, markup's own characters as entities. */
export const escape = (text: string): string => neutral(text).replace(/[&<>"']/g, (char) => entities[char] ?? char);

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escape(part);
  return part.map(render).join('');
}

/** A template whose values are escaped, unless they are markup themselves; lists are joined, `undefined` and `false` are nothing. */
export function markup(strings: TemplateStringsArray, ...values: Part[]): Markup {
  let text = strings[0] ?? '';
  for (let n = 0; n < values.length; n++) text += render(values[n]) + (strings[n + 1] ?? '');
  return new Markup(text);
}

/** Endings that a browser shows as text or picture. Anything else could be run as a page of ours, and is not linked. */
const harmless = /(?:^|\/)[^./]+$|\.(?:txt|log|stdout|stderr|json|ya?ml|toml|md|csv|png|webp|jpe?g)$/i;

/** A link to a file of the run's folder; the bare path where a browser might run what it holds. */
export function fileLink(path: string, label: string): Markup {
  if (!harmless.test(path) || !isEvidence(path)) return markup`<code>${label}</code>`;
  return markup`<a href="${href(path)}">${label}</a>`;
}

/** Is it a path into the evidence? A record from elsewhere could name any file of the disk. */
export const isEvidence = (path: string): boolean =>
  /^(?:shards\/\d+\/)?evidence\/[^\\]+$/.test(path) && !path.split('/').includes('..');

export const href = (path: string): string => path.toWellFormed().split('/').map(encodeURIComponent).join('/');

/** A name that can be an `id` and a fragment. */
export const anchor = (prefix: string, name: string): string => `${prefix}-${name.replace(/[^A-Za-z0-9_-]/g, '_')}`;

/** The outcome's sign; the stopwatch of the terminal is missing in many fonts of browsers. */
export const signOf = (outcome: Outcome): string => (outcome === 'timed-out' ? '◔' : outcomeMark[outcome]);

export { clip, plural } from '../../core/words.ts';

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(n < 10_240 ? 1 : 0)} KiB`;
  return `${(n / 1024 / 1024).toFixed(1)} MiB`;
}

/** A time of the record, to the second: `2026-11-24 19:34:00 UTC`. */
export const instant = (at: string): string => at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');

/** A part of the page that may be wider than a phone, to be moved by keyboard too. */
export const scrolls = (label: string, inner: Markup): Markup =>
  markup`<div class="scroll" role="region" aria-label="Table: ${label}" tabindex="0">${inner}</div>`;

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
