import { posix } from 'node:path';
import {
  bareWords,
  commandsOf,
  inlineScript,
  packageScript,
  recipeOf,
  scriptOf,
  type Followed,
} from '../formats/test-runners/followed.ts';
import type { Files } from '../core/step.ts';

/** Scripts that call scripts are followed this deep. */
const deepest = 4;
const strict = { errexit: true, pipefail: true };
const plain = { errexit: false, pipefail: false };

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
  const found: Followed[] = [];
  const read = async (path: string): Promise<string | undefined> => {
    const full = posix.normalize(posix.join(cwd, path));
    if (path.startsWith('/') || full.startsWith('..') || (await files.kind(full)) !== 'file') return undefined;
    return (await files.size(full)) > 200_000 ? undefined : files.readIfThere(full);
  };
  const visited = new Set<string>();
  const follow = async (one: Followed, words: readonly string[], depth: number): Promise<void> => {
    found.push(one);
    if (depth >= deepest) return;
    const into = async (text: string, how: typeof plain, file?: string): Promise<void> => {
      const key = `${file}\0${text}`;
      if (visited.has(key)) return;
      visited.add(key);
      for (const each of commandsOf(text, how, file))
        await follow({ ...each, ...lostIn(one, each) }, each.text.split(' '), depth + 1);
    };
    const inline = inlineScript(words);
    if (inline) return into(inline.text, inline, one.file);
    const script = scriptOf(words);
    const text = script && (await read(script.path));
    if (script && text !== undefined && isShell(text, words))
      return into(text, script, posix.normalize(posix.join(cwd, script.path)));
    const named = packageScript(one.text);
    if (named !== undefined) {
      const body = scriptIn(await read('package.json'), named);
      if (body !== undefined) await into(body, plain, 'package.json');
    }
    const [program = '', ...targets] = one.text.split(' ');
    for (const file of program === 'make' || program === 'gmake'
      ? ['Makefile', 'makefile', 'GNUmakefile']
      : program === 'just'
        ? ['justfile', 'Justfile', '.justfile']
        : []) {
      const makefile = await read(file);
      if (makefile === undefined) continue;
      for (const target of targets.filter((word) => /^[\w.-]+$/.test(word) && !word.startsWith('-'))) {
        const recipe = recipeOf(makefile, target);
        if (recipe) await into(recipe.script, { errexit: !recipe.ignores, pipefail: false }, file);
      }
      break;
    }
  };
  if (given !== undefined) for (const one of commandsOf(given, strict)) await follow(one, one.text.split(' '), 0);
  else await follow({ text: bareWords(argv.join(' ')), line: 1, asked: false }, argv, 0);
  return found;
}

/** What loses the exit code of a script loses that of its commands too. */
const lostIn = (outer: Followed, inner: Followed): Partial<Followed> => {
  const lost = inner.lost ?? outer.lost;
  return { ...(lost !== undefined && { lost }), asked: inner.asked || outer.asked };
};

function isShell(text: string, words: readonly string[]): boolean {
  const first = text.slice(0, 100).split('\n')[0] ?? '';
  if (first.startsWith('#!')) return /\b(?:ba|da|z|k)?sh\b/.test(first);
  return /\.(?:ba)?sh$/.test(words[0] ?? '') || /^(?:.*\/)?(?:ba|da|z|k)?sh$/.test(words[0] ?? '');
}

function scriptIn(text: string | undefined, name: string): string | undefined {
  try {
    const scripts: unknown = (JSON.parse(text ?? '') as { scripts?: unknown }).scripts;
    const body =
      scripts !== null && typeof scripts === 'object' && Object.hasOwn(scripts, name)
        ? (scripts as Record<string, unknown>)[name]
        : undefined;
    return typeof body === 'string' ? body : undefined;
  } catch {
    return undefined;
  }
}
