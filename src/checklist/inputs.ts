import { lstatSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import { digestFile } from '../evidence/digest.ts';
import { entryAt } from '../evidence/entry.ts';
import { upToGitRoot } from './find.ts';
import { importsOf } from '../formats/programs/imports.ts';
import type { LoadedChecklist } from './load.ts';

/** Files that name other files which they lean on: shell scripts, Compose files, environment files, makefiles. */
const readable = /(?:\.(?:sh|bash|ya?ml|env|mk)|(?:^|\/)(?:[Mm]akefile|justfile|Dockerfile[^/]*|\.env[^/]*))$/;
const maxBytes = 256 * 1024;
const maxFiles = 2000;

export interface Inputs {
  /** Of the verified tree, and of the checklist's own repository. Path → sha256. */
  inputs: Record<string, string>;
  /** In the target, and not of the verified tree: git ignores them, or verify or a build writes them. Paths. */
  others: string[];
}

/**
 * The files that a checklist leans on, with their sha256: every file that a text of its stack or steps names, and every file
 * that those name in turn (Compose files, scripts, environment files).
 * @param target the repository under verification; paths are given relative to it
 * @param ofTree is this path a file of the verified tree?
 * @param read the text of a file
 */
export function checklistInputs(
  loaded: Pick<LoadedChecklist, 'path' | 'checklist' | 'stack' | 'steps'>,
  target: string,
  ofTree: (path: string) => boolean,
  read: (path: string) => string,
): Inputs {
  const home = upToGitRoot(dirname(resolve(loaded.path))).at(-1) ?? dirname(loaded.path);
  const found = new Map<string, string>();
  const others = new Set<string>();
  const todo: string[] = [];
  const take = (folder: string, word: string): void => {
    if (word.length > 1000 || word.includes('\0') || word.endsWith('/')) return;
    const path = resolve(folder, word);
    const name = normalize(relative(target, path)).split(sep).join('/');
    if (found.has(name) || found.size >= maxFiles || path === resolve(loaded.path)) return;
    if (others.has(name) || (name.startsWith('..') && relative(home, path).startsWith('..'))) return;
    if (entryAt(path)?.isFile() !== true) return;
    if (!name.startsWith('..') && !ofTree(name)) {
      others.add(name);
      return;
    }
    found.set(name, digestFile(path).sha256);
    todo.push(path);
  };
  const { checklist, stack, steps } = loaded;
  // Checks of the repository's own, and what they import.
  const own = new Set(
    steps.flatMap(({ spec, with: given }) => {
      const check = (given as { check?: unknown } | null)?.check;
      return spec.uses === 'program' && typeof check === 'string' ? [resolve(target, check)] : [];
    }),
  );
  for (const text of leaves([stack, checklist.source, steps.map((step) => step.with)]))
    for (const word of words(text)) take(target, word);
  for (const step of steps) {
    const cwd = (step.with as { cwd?: unknown } | null)?.cwd;
    if (typeof cwd === 'string')
      for (const text of leaves(step.with)) for (const word of words(text)) take(join(target, cwd), word);
  }
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (own.has(path) && lstatSync(path).size <= maxBytes)
      for (const name of importsOf(path, read(path)).flat()) {
        own.add(resolve(dirname(path), name));
        take(dirname(path), name);
      }
    if (!readable.test(path) || lstatSync(path).size > maxBytes) continue;
    for (const word of words(read(path))) {
      take(dirname(path), word);
      take(target, word);
    }
  }
  return {
    inputs: Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    others: [...others].toSorted(),
  };
}

/** Every string below a value. */
export function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(leaves);
}

/** The text itself, and the words in it that may be paths. */
export function words(text: string): Set<string> {
  const parts = text.split(/[\s"'`;|&<>()[\]{}=:,]+/).filter((word) => /[A-Za-z0-9]/.test(word));
  return new Set([text, ...parts].filter((word) => !word.includes('\n')));
}
