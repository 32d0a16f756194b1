import type { Files } from '../core/step.ts';
import { wordingPattern } from '../formats/release/version.ts';

/** Where a wording with `{version}` stands in files. */
export interface Mention {
  text: string;
  /** Files that were looked at. */
  files: number;
  found: { file: string; line: number; version: string }[];
  /** Paths and globs that match no file. */
  unmatched: string[];
}

/** Looks for a wording in files, line by line. */
export async function findMention(asked: { in: readonly string[]; text: string }, files: Files): Promise<Mention> {
  const { in: patterns, text } = asked;
  const unmatched: string[] = [];
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const found = (await files.kind(pattern)) === 'file' ? [pattern] : await files.glob([pattern]);
    if (found.length === 0) unmatched.push(pattern);
    for (const path of found) paths.add(path);
  }
  const found: Mention['found'] = [];
  for (const file of paths)
    for (const [n, line] of (await files.read(file)).split('\n').entries())
      for (const [, version = ''] of line.matchAll(wordingPattern(text))) found.push({ file, line: n + 1, version });
  return { text, files: paths.size, found, unmatched };
}
