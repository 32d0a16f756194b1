import { posix } from 'node:path';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import type { Sources } from '../repository/sources.ts';
import { jsonOf } from '../core/json-of.ts';
import { tomlOf } from '../formats/data/toml.ts';

/** A program that the repository builds or installs. */
export interface OwnProgram {
  name: string;
  language: Language;
  /** Folder of its package, '' for the root. */
  folder: string;
}
export type Language = 'rust' | 'go' | 'python' | 'node';

export const codeOf: Record<Language, RegExp> = {
  rust: /\.rs$/,
  go: /(?<!_test)\.go$/,
  python: /\.py$/,
  node: /\.[cm]?[jt]s$/,
};
/** Names that a reader's machine has other programs for, or that say nothing. */
const everywhere =
  /^(?:test|tests|main|app|cmd|server|client|cli|demo|example|examples|build|run|start|make|node|python|go|cargo|docker|git|sh|bash|echo|env|cat|ls|cp|mv|rm|tar|curl|wget|time|watch|which|xtask|generate|gen|tools?|docs?|scripts?|hello|server-.|worker|api|web|migrate|proxy|agent|benchmark|bench)$/;
const aside = /(?:^|\/)(?:examples?|testdata|fixtures?|tests?|benches|hack|third_party|internal\/tools?)\//;

const known = new WeakMap<Sources, Promise<Map<string, OwnProgram>>>();

/** Name → program. */
export function ownPrograms(sources: Sources): Promise<Map<string, OwnProgram>> {
  const found = known.get(sources) ?? read(sources);
  known.set(sources, found);
  return found;
}

/** May the name alone, without a path, be taken for the repository's program? */
export const isItsOwnName = (name: string): boolean => name.length > 2 && !everywhere.test(name);

async function read(sources: Sources): Promise<Map<string, OwnProgram>> {
  const programs = new Map<string, OwnProgram>();
  const texts = await sources.texts();
  const add = (name: string, language: Language, folder: string): void => {
    if (/^[A-Za-z][\w.-]*$/.test(name) && !programs.has(name)) programs.set(name, { name, language, folder });
  };
  for (const [path, text] of texts) {
    const folder = posix.dirname(path) === '.' ? '' : posix.dirname(path);
    const base = posix.basename(path);
    if (aside.test(path)) continue;
    if (base === 'Cargo.toml') ofCargo(text, folder, texts, add);
    else if (base === 'pyproject.toml') {
      const root = tomlOf(text) ?? {};
      const poetry = objectOf(objectOf(root['tool'])['poetry']);
      for (const name of [
        ...Object.keys(objectOf(objectOf(root['project'])['scripts'])),
        ...Object.keys(objectOf(poetry['scripts'])),
      ])
        add(name, 'python', folder);
    } else if (base === 'package.json') ofPackage(text, folder, add);
    else if (path.endsWith('.go') && /^package main$/m.test(text) && /^func main\(\)/m.test(text))
      add(folder === '' ? moduleName(texts.get('go.mod') ?? '') : posix.basename(folder), 'go', folder);
  }
  return programs;
}

type Add = (name: string, language: Language, folder: string) => void;

function ofCargo(text: string, folder: string, texts: ReadonlyMap<string, string>, add: Add): void {
  const root = tomlOf(text) ?? {};
  const name = textOf(objectOf(root['package'])['name']);
  if (name === '') return;
  const at = (rest: string): string => (folder === '' ? rest : `${folder}/${rest}`);
  if (texts.has(at('src/main.rs'))) add(name, 'rust', folder);
  for (const bin of listOf(root['bin'])) add(textOf(objectOf(bin)['name']), 'rust', folder);
  for (const path of texts.keys()) {
    const own = path.startsWith(at('src/bin/'))
      ? /^([\w-]+)(?:\.rs|\/main\.rs)$/.exec(path.slice(at('src/bin/').length))
      : null;
    if (own) add(own[1] ?? '', 'rust', folder);
  }
}

function ofPackage(text: string, folder: string, add: Add): void {
  const root = objectOf(jsonOf(text));
  if (typeof root['bin'] === 'string') add(textOf(root['name']).replace(/^@[^/]+\//, ''), 'node', folder);
  else for (const name of Object.keys(objectOf(root['bin']))) add(name, 'node', folder);
}

const moduleName = (text: string): string =>
  posix.basename((/^module\s+(\S+)/m.exec(text)?.[1] ?? '').replace(/\/v\d+$/, ''));
