import { posix } from 'node:path';
import { jsonOf, listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import type { Sources } from '../repository/sources.ts';
import { once } from './reading.ts';
import { tomlOf } from '../formats/data/toml.ts';

/** A program that the repository builds or installs. */
export interface OwnProgram {
  name: string;
  language: Language;
  /** Folder of its package, '' for the root. */
  folder: string;
  /** The file that it begins with, by the names that it may have. */
  entries?: string[];
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

/** Name → program. */
export const ownPrograms = once(read);

/** May the name alone, without a path, be taken for the repository's program? */
export const isItsOwnName = (name: string): boolean => name.length > 2 && !everywhere.test(name);

const runners: Record<string, readonly string[]> = {
  npx: [''],
  bunx: [''],
  pipx: ['run'],
  uvx: [''],
  uv: ['run'],
  poetry: ['run'],
  hatch: ['run'],
  pdm: ['run'],
  rye: ['run'],
  pnpm: ['exec'],
  npm: ['exec'],
  yarn: ['exec'],
};

/** The program that a runner of its language starts: `go run ./cmd/x …`, `python -m a.b …`, `node bin/x.js …`, `uv run x …`. */
export function startedBy<Word extends { text: string }>(
  [first, ...words]: readonly Word[],
  programs: ReadonlyMap<string, OwnProgram>,
): { name: string; args: Word[] } | undefined {
  const [second, third] = words.map((word) => word.text.replace(/^\.\//, ''));
  const by = (is: (one: OwnProgram) => boolean, from: number): { name: string; args: Word[] } | undefined => {
    const found = [...programs.values()].filter(is);
    return found[0] && found.length === 1 ? { name: found[0].name, args: words.slice(from) } : undefined;
  };
  const name = first?.text ?? '';
  if (name === 'go' && second === 'run')
    return by(
      (one) => one.language === 'go' && one.folder !== '' && one.folder === third?.replace(/\/(?:main\.go)?$/, ''),
      2,
    );
  if (/^python3?$/.test(name)) {
    const file = second === '-m' ? third?.replaceAll('.', '/') : second?.replace(/\.py$/, '');
    if (file === undefined || second === '-c') return undefined;
    return by(
      (one) =>
        one.language === 'python' &&
        one.entries?.some((entry) => entry === `${file}.py` || entry === `src/${file}.py`) === true,
      second === '-m' ? 2 : 1,
    );
  }
  if (name === 'node' && second !== undefined) return by((one) => one.entries?.includes(second) === true, 1);
  const runs = Object.hasOwn(runners, name) ? runners[name] : undefined;
  if (runs === undefined) return undefined;
  const rest = runs[0] === '' ? words : runs.includes(second ?? '') ? words.slice(1) : [];
  const at = rest.findIndex((word) => !/^(?:--|-y|--yes)$/.test(word.text));
  const own = rest[at]?.text ?? '';
  return programs.has(own) ? { name: own, args: rest.slice(at + 1) } : undefined;
}

async function read(sources: Sources): Promise<Map<string, OwnProgram>> {
  const programs = new Map<string, OwnProgram>();
  const texts = await sources.texts();
  const add: Add = (name, language, folder, entries) => {
    if (/^[A-Za-z][\w.-]*$/.test(name) && !programs.has(name))
      programs.set(name, { name, language, folder, ...(entries && { entries }) });
  };
  for (const [path, text] of texts) {
    const folder = posix.dirname(path) === '.' ? '' : posix.dirname(path);
    const base = posix.basename(path);
    if (aside.test(path)) continue;
    if (base === 'Cargo.toml') ofCargo(text, folder, texts, add);
    else if (base === 'pyproject.toml') {
      const root = tomlOf(text) ?? {};
      const poetry = objectOf(objectOf(root['tool'])['poetry']);
      for (const [name, at] of Object.entries({
        ...objectOf(objectOf(root['project'])['scripts']),
        ...objectOf(poetry['scripts']),
      })) {
        const module = textOf(at).split(':')[0]?.replaceAll('.', '/') ?? '';
        add(
          name,
          'python',
          folder,
          ['', 'src/'].flatMap((base) =>
            [`${module}.py`, `${module}/__init__.py`].map((file) => posix.join(folder, base, file)),
          ),
        );
      }
    } else if (base === 'package.json') ofPackage(text, folder, add);
    else if (path.endsWith('.go') && /^package main$/m.test(text) && /^func main\(\)/m.test(text))
      add(folder === '' ? moduleName(texts.get('go.mod') ?? '') : posix.basename(folder), 'go', folder);
  }
  return programs;
}

type Add = (name: string, language: Language, folder: string, entries?: string[]) => void;

function ofCargo(text: string, folder: string, texts: ReadonlyMap<string, string>, add: Add): void {
  const root = tomlOf(text) ?? {};
  const name = textOf(objectOf(root['package'])['name']);
  if (name === '') return;
  const at = (rest: string): string => (folder === '' ? rest : `${folder}/${rest}`);
  const given = new Map(
    listOf(root['bin']).map((bin) => [textOf(objectOf(bin)['name']), textOf(objectOf(bin)['path'])]),
  );
  for (const path of texts.keys()) {
    const own = path.startsWith(at('src/bin/'))
      ? /^([\w-]+)(?:\.rs|\/main\.rs)$/.exec(path.slice(at('src/bin/').length))
      : null;
    if (own && ![...given.values()].some((one) => one !== '' && at(one) === path))
      add(own[1] ?? '', 'rust', folder, [path]);
  }
  for (const [bin, path] of given) {
    const own = [path, `src/bin/${bin}.rs`, `src/bin/${bin}/main.rs`, 'src/main.rs'].find(
      (one) => one !== '' && texts.has(at(one)),
    );
    add(bin, 'rust', folder, own === undefined ? undefined : [at(own)]);
  }
  if (texts.has(at('src/main.rs'))) add(name, 'rust', folder, [at('src/main.rs')]);
}

function ofPackage(text: string, folder: string, add: Add): void {
  const root = objectOf(jsonOf(text));
  const at = (path: unknown): string[] => [posix.join(folder, textOf(path))];
  if (typeof root['bin'] === 'string')
    add(textOf(root['name']).replace(/^@[^/]+\//, ''), 'node', folder, at(root['bin']));
  else for (const [name, path] of Object.entries(objectOf(root['bin']))) add(name, 'node', folder, at(path));
}

const moduleName = (text: string): string =>
  posix.basename((/^module\s+(\S+)/m.exec(text)?.[1] ?? '').replace(/\/v\d+$/, ''));
