import { escapeRegex } from '../core/patterns.ts';
import type { Default } from './defaults.ts';
import { saidValue } from './setting-values.ts';

export const isCompose = /(?:^|[./-])compose[\w.-]*\.ya?ml$/;

/** What a Compose file sets is not what holds without it; what it puts in the place of a variable is. */
export const defaultsIn = (path: string, text: string): string =>
  isCompose.test(path) ? (text.match(/\$\{\w+:?-[^}]*\}/g) ?? []).join('\n') : text;

/** What configuration gives the name, by its last part: below its section, where the document names one. */
export function inConfiguration(file: string, text: string, wanted: string, words = false): Default[] {
  const parts = wanted.replace(/^-+/, '').split('.');
  const last = parts.at(-1) ?? '';
  const names = [...new Set([wanted.replace(/^-+/, ''), ...(parts.length > 1 ? [last] : [])])];
  const found: Default[] = [];
  for (const one of names) {
    if (!text.includes(one)) continue;
    const setting = new RegExp(
      String.raw`(?<![\w.-])-{0,2}["']?${escapeRegex(one)}["']?\s*[=:]\s*["']?([\w./-]+)(?!\S*[ \t]+[\d*?])["']?`,
      'g',
    );
    // Comments are taken away only of the lines that have the name: a large file is asked for many.
    for (const match of text
      .split('\n')
      .filter((line) => line.includes(one))
      .join('\n')
      .replace(/(?:^|\s)(?:#|\/\/).*$/gm, '')
      .replace(/\$\{(\w+):?-([^}]*)\}/g, ' $1=$2 ')
      .matchAll(setting)) {
      const value = saidValue(match[1] ?? '');
      if (value && (words || !('word' in value))) found.push({ file, text: match[1] ?? '', value });
    }
  }
  return found;
}
