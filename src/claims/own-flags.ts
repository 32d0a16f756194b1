import { escapeRegex } from '../core/patterns.ts';

/** Does a source define the flag: by its literal, a quoted name, or a field or parameter that a library makes a flag of? */
export function defines(text: string, flag: string): boolean {
  for (const name of new Set([flag, flag.replace(/^no-/, '')])) {
    const kebab = escapeRegex(name);
    const snake = escapeRegex(name.replaceAll('-', '_'));
    const camel = escapeRegex(name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
    if (new RegExp(`--${kebab}(?![\\w-])|["'\`](?:${kebab}|${snake}|${camel})["'\`]`).test(text)) return true;
    const fields = new RegExp(`(?<![\\w.])(?:${snake}|${camel})\\s*[:=?]`, 'gi');
    for (const { index } of text.matchAll(fields)) {
      const before = text.slice(Math.max(0, index - 1500), index);
      if (/#\[(?:arg|clap|structopt|command|argh|bpaf)\b/.test(before) && /\blong\b|argh|bpaf/.test(before))
        return true;
      if (/\btyper\b|\bclick\b|parseArgs|\byargs\b|minimist|\bkong\b|commander/.test(text)) return true;
    }
  }
  return false;
}

/** Flags of a program's texts: each is looked for once. */
const defined = new WeakMap<readonly string[], Map<string, boolean>>();
export function isDefined(texts: readonly string[], flag: string): boolean {
  const flags = defined.get(texts) ?? new Map<string, boolean>();
  defined.set(texts, flags);
  const known = flags.get(flag) ?? texts.some((text) => defines(text, flag));
  flags.set(flag, known);
  return known;
}
