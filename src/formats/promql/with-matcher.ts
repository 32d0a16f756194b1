import { lenientTree } from './read.ts';
import { walk } from './tree.ts';

/** The same expression, each of its selectors with one more matcher. */
export function withMatcher(expr: string, matcher: string): string {
  const places = [...walk(lenientTree(expr))].flatMap(([one]) => (one.kind === 'selector' ? [one] : []));
  let text = expr;
  for (const { from, to } of places.toSorted((a, b) => b.from - a.from)) {
    const selector = text.slice(from, to);
    const open = selector.trimEnd().endsWith('}');
    const empty = /\{\s*\}\s*$/.test(selector);
    const trailing = /,\s*\}\s*$/.test(selector);
    const own = open
      ? selector.replace(/\}\s*$/, () => `${empty || trailing ? '' : ','}${matcher}}`)
      : `${selector}{${matcher}}`;
    text = text.slice(0, from) + own + text.slice(to);
  }
  return text;
}
