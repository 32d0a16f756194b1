import { posix } from 'node:path';
import type { Files } from '../core/step.ts';

/** What `go test ./...` does not look into. Source: `go help packages`. */
const passedOver = /^(?:[._].*|testdata|vendor|node_modules)$/;
const most = 20_000;

/** Text without what only looks like code. */
const code = (text: string): string =>
  text.replace(/\/\/.*|\/\*[\s\S]*?\*\/|`[^`]*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, ' ');

/** Does a file of tests hold a `TestMain` that does nothing with what it is given? Then no test of its package runs, and go says `ok`. */
function runsNone(text: string): boolean {
  // A file that is built only sometimes says nothing of this time.
  if (!text.includes('TestMain') || /^\/\/(?:go:build| ?\+build) /m.test(text)) return false;
  const source = code(text);
  const found = /\bfunc\s+TestMain\s*\(\s*(\w+)\s+\*\s*\w+\.M\s*\)\s*\{/.exec(source);
  if (!found) return false;
  let end = found.index + found[0].length;
  const from = end;
  for (let depth = 1; depth > 0 && end < source.length; end++)
    depth += source[end] === '{' ? 1 : source[end] === '}' ? -1 : 0;
  return !new RegExp(`\\b${found[1]}\\b`).test(source.slice(from, end));
}

/** Files whose `TestMain` keeps the tests of a package that this `go test` is asked for from running. */
export async function idleTestMains(words: readonly string[], at: string, files: Files): Promise<string[]> {
  const given = words.slice(2).filter((word) => /^\.{1,2}(?:\/|$)/.test(word));
  const found: string[] = [];
  let looked = 0;
  const look = async (folder: string, deep: boolean): Promise<void> => {
    for (const name of await files.list(folder)) {
      if (looked++ > most) return;
      const path = posix.join(folder, name);
      if (name.endsWith('_test.go')) {
        if (runsNone((await files.readIfThere(path)) ?? '')) found.push(path);
      } else if (deep && !name.includes('.go') && !passedOver.test(name) && (await files.kind(path)) === 'directory')
        await look(path, true);
    }
  };
  for (const one of given.length > 0 ? given : ['.']) {
    const folder = posix.join(at, one.replace(/\/?\.\.\.$/, '') || '.');
    if (!folder.startsWith('..') && (await files.kind(folder)) === 'directory') await look(folder, one.endsWith('...'));
  }
  return [...new Set(found)];
}
