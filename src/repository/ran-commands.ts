import { posix } from 'node:path';
import {
  commandsOf,
  inlineScript,
  packageScripts,
  scriptOf,
  startedBy,
  type Followed,
  type InScript,
} from '../formats/test-runners/followed.ts';
import { codeFileOf, languageOf, programCalls } from '../formats/test-runners/program-calls.ts';
import { justRecipe, makeRecipe } from '../formats/programs/recipes.ts';
import type { Files } from '../core/step.ts';
import { jsonOf, objectOf } from '../formats/data/json-parts.ts';

/** Scripts that call scripts are followed this deep. */
const deepest = 5;
const strict = { errexit: true, pipefail: true };
const plain = { errexit: false, pipefail: false };

const makefiles = ['GNUmakefile', 'makefile', 'Makefile'];
const justfiles = ['justfile', 'Justfile', '.justfile'];

/**
 * The simple commands that an argv comes to: those of its script, of the scripts that it calls, of package scripts, Makefile and
 * justfile targets. What cannot be followed stands for itself.
 * @param given the text of `shell`, which runs under `-euo pipefail`, in place of the argv
 */
export async function ranCommands(
  argv: readonly string[],
  given: string | undefined,
  cwd: string,
  files: Files,
): Promise<Followed[]> {
  const following = new Following(files, cwd);
  if (given !== undefined) await following.script(given, strict, { at: cwd, depth: -1 });
  else
    for (const one of startedBy(argv))
      await following.command({ ...one, text: one.words.join(' '), line: 1, asked: false }, { at: cwd, depth: 0 });
  return following.found;
}

interface From {
  /** The folder that it runs in, relative to the target. */
  at: string;
  depth: number;
  /** What started it. */
  by?: Followed;
  file?: string | undefined;
}

class Following {
  readonly found: Followed[] = [];
  readonly #files: Files;
  readonly #visited = new Set<string>();

  readonly #cwd: string;

  constructor(files: Files, cwd: string) {
    this.#files = files;
    this.#cwd = cwd;
  }

  async script(text: string, how: typeof plain, from: From): Promise<void> {
    const key = `${from.file}\0${from.at}\0${text}`;
    if (this.#visited.has(key)) return;
    this.#visited.add(key);
    let { at } = from;
    for (const each of commandsOf(text, how, from.file)) {
      const [program, folder] = each.words;
      await this.command({ ...each, ...(from.by && lostIn(from.by, each)) }, { at, depth: from.depth + 1 });
      if (program === 'cd' && folder !== undefined && /^[\w./-]+$/.test(folder)) at = posix.join(at, folder);
    }
  }

  async command({ words, ...one }: InScript, { at, depth }: From): Promise<void> {
    if (at !== this.#cwd) one.at = at;
    const mains = words[0] === 'go' && words[1] === 'test' ? await idleTestMains(words, at, this.#files) : [];
    if (mains.length > 0)
      one.idle = `runs no test of the package of ${mains.join(', ')}: its TestMain does nothing with its *testing.M, so that m.Run is not called`;
    this.found.push(one);
    if (depth >= deepest) return;
    const from = { at, depth, by: one, file: one.file };
    const inline = inlineScript(words);
    if (inline) return this.script(inline.text, inline, from);
    const script = scriptOf(words);
    const text = script && (await this.#read(at, script.path));
    if (script && text !== undefined && isShell(text, words))
      return this.script(text, script, { ...from, file: posix.normalize(posix.join(at, script.path)) });
    await this.#coded(words, from);
    await this.#packaged(words, from);
    const program = words[0]?.split('/').at(-1);
    if (program === 'make' || program === 'gmake' || program === 'just') await this.#recipes(words, from);
  }

  /** The programs that a Python or JavaScript file starts. */
  async #coded(words: readonly string[], { at, depth, by }: From): Promise<void> {
    const path = codeFileOf(words);
    const text = path === undefined ? undefined : await this.#read(at, path);
    const language = path === undefined || text === undefined ? undefined : languageOf(path, text);
    if (path === undefined || text === undefined || language === undefined) return;
    const file = posix.normalize(posix.join(at, path));
    if (this.#visited.has(file)) return;
    this.#visited.add(file);
    for (const call of programCalls(text, language))
      for (const one of startedBy(call.words)) {
        const inner = { ...call, ...one, text: one.words.join(' '), file, asked: false, hidden: true as const };
        await this.command({ ...inner, ...(by && lostIn(by, inner)) }, { at, depth: depth + 1 });
      }
  }

  async #packaged(words: readonly string[], from: From): Promise<void> {
    const named = packageScripts(words);
    if (!named) return;
    const at = posix.join(from.at, named.folder ?? '.');
    const file = posix.normalize(posix.join(at, 'package.json'));
    const text = await this.#read(at, 'package.json');
    const missing = named.names.filter((name) => text !== undefined && scriptIn(text, name) === undefined);
    if (named.ifPresent && missing.length > 0) {
      const last = this.found.at(-1);
      if (last)
        last.idle = `runs nothing: ${file} has no script ${missing.join(', ')}, and \`--if-present\` passes without it`;
    }
    for (const name of named.names)
      for (const each of [`pre${name}`, name, `post${name}`]) {
        const body = scriptIn(text, each);
        if (body !== undefined) await this.script(body, plain, { ...from, at, file });
      }
  }

  async #recipes(words: readonly string[], from: From): Promise<void> {
    const just = words[0]?.endsWith('just') === true;
    const after = (option: RegExp): string | undefined => {
      const n = words.findIndex((word) => option.test(word));
      return n < 0 ? undefined : words[n + 1];
    };
    const at = posix.join(from.at, after(/^(?:-C|--directory)$/) ?? '.');
    const targets = words
      .slice(1)
      .filter(
        (word, n) =>
          /^[\w.-]+$/.test(word) &&
          !word.startsWith('-') &&
          !/^(?:-C|-f|-j|-o|--directory|--file|--makefile)$/.test(words[n] ?? ''),
      );
    const ignoring = !just && words.some((word) => /^-[a-zA-Z]*i|^--ignore-errors$/.test(word));
    const named = after(/^(?:-f|--file|--makefile)$/);
    for (const file of named !== undefined ? [named] : just ? justfiles : makefiles) {
      const text = await this.#read(at, file);
      if (text === undefined) continue;
      const path = posix.normalize(posix.join(at, file));
      const open: (string | undefined)[] = targets.length > 0 ? targets : [undefined];
      const seen = new Set<string | undefined>();
      for (const target of open) {
        if (seen.has(target)) continue;
        seen.add(target);
        const recipe = (just ? justRecipe : makeRecipe)(text, target);
        for (const { text: body, ignored } of recipe?.scripts ?? []) {
          const lost =
            ignored || ignoring
              ? { lost: `${just ? 'just' : 'make'} ignores its exit code (${ignored ? '`-` before it' : '`-i`'})` }
              : {};
          await this.script(body, recipe ?? plain, {
            ...from,
            at,
            file: path,
            by: { line: 1, text: '', asked: false, ...from.by, ...lost },
          });
        }
        open.push(...(recipe?.needs ?? []));
      }
      return;
    }
  }

  async #read(at: string, path: string): Promise<string | undefined> {
    const full = posix.normalize(posix.join(at, path));
    if (path.startsWith('/') || full.startsWith('..') || (await this.#files.kind(full)) !== 'file') return undefined;
    return (await this.#files.size(full)) > 200_000 ? undefined : this.#files.readIfThere(full);
  }
}

/** What loses the exit code of a script loses that of its commands too. */
const lostIn = (outer: Followed, inner: Followed): Partial<Followed> => {
  const lost = inner.lost ?? outer.lost;
  const certain = (inner.certain ?? true) && (outer.certain ?? true);
  const hidden = inner.hidden ?? outer.hidden;
  return {
    ...(lost !== undefined && { lost }),
    asked: inner.asked || outer.asked,
    certain,
    ...(hidden && { hidden }),
  };
};

function isShell(text: string, words: readonly string[]): boolean {
  if (words[0] === '.' || words[0] === 'source') return true;
  const first = text.slice(0, 100).split('\n')[0] ?? '';
  if (first.startsWith('#!')) return /\b(?:ba|da|z|k)?sh\b/.test(first);
  return /\.(?:ba)?sh$/.test(words[0] ?? '') || /^(?:.*\/)?(?:ba|da|z|k)?sh$/.test(words[0] ?? '');
}

function scriptIn(text: string | undefined, name: string): string | undefined {
  const scripts = objectOf(objectOf(jsonOf(text))['scripts']);
  const body = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  return typeof body === 'string' ? body : undefined;
}

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
async function idleTestMains(words: readonly string[], at: string, files: Files): Promise<string[]> {
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
