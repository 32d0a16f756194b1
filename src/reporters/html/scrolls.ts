import { markup, type Markup } from './markup.ts';

/** A part of the page that may be wider than a phone, to be moved by keyboard too. */
export const scrolls = (label: string, inner: Markup): Markup =>
  markup`<div class="scroll" role="region" aria-label="Table: ${label}" tabindex="0">${inner}</div>`;
