import { justRecipe, makeRecipe } from '../formats/programs/recipes.ts';
import { commandsOf } from '../formats/test-runners/followed.ts';
import { jsonOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { type ProjectTree } from '../toolchains/drafted.ts';
import { provesOf, type Check } from './check-words.ts';
import { inFolder } from '../formats/data/paths.ts';

/** Commands that check nothing and prepare nothing that others need. */
const idle = /^(?:echo|printf|mkdir|rm|true|:|cd|export|set|test|\[)$/;
const deepest = 4;

/** Does a target of a Makefile or justfile come to nothing but commands that are drafted already? A recipe that is not understood does not. */
export function onlyRuns({ key, cwd }: Check, tree: ProjectTree, isDrafted: (key: string) => boolean): boolean {
  const [, program, target] = /^(make|gmake|just):([\w.-]+)$/.exec(key) ?? [];
  if (target === undefined) return false;
  const names = program === 'just' ? ['justfile', 'Justfile', '.justfile'] : ['Makefile', 'makefile', 'GNUmakefile'];
  const text = names.map((name) => tree.text(inFolder(cwd, name))).find((one) => one !== undefined);
  const found = text === undefined ? undefined : commandsIn(text, target, program === 'just', deepest);
  const checks = found?.flatMap((words) => provesOf(words) ?? (idle.test(words[0] ?? '') ? [] : [undefined]));
  return checks !== undefined && checks.length > 0 && checks.every((one) => one !== undefined && isDrafted(one.key));
}

function commandsIn(text: string, target: string, just: boolean, depth: number): string[][] | undefined {
  const recipe = (just ? justRecipe : makeRecipe)(text, target);
  if (!recipe || depth === 0) return undefined;
  const own = recipe.scripts.flatMap((one) =>
    commandsOf(one.text, { errexit: true, pipefail: false }).map(({ words }) => words),
  );
  // `test: build ## runs the tests`: what follows the mark is a comment.
  const comment = recipe.needs.findIndex((name) => name.startsWith('#'));
  const needs = comment < 0 ? recipe.needs : recipe.needs.slice(0, comment);
  const inner = needs.map((name) => commandsIn(text, name, just, depth - 1));
  return inner.some((one) => one === undefined) ? undefined : [...inner.flatMap((one) => one ?? []), ...own];
}

/** Does a package script come to nothing but commands of scripts that are drafted already? `test-all` beside `test` and `check`. */
export function onlyScripts({ key, cwd }: Check, tree: ProjectTree, drafted: readonly Check[]): boolean {
  const name = /^script:(.+)$/.exec(key)?.[1];
  const scripts = objectOf(objectOf(jsonOf(tree.text(inFolder(cwd, 'package.json'))))['scripts']);
  if (name === undefined || !(name in scripts)) return false;
  const others = drafted.flatMap((one) => {
    const other = /^script:(.+)$/.exec(one.key)?.[1];
    return other === undefined || other === name || one.cwd !== cwd ? [] : leaves(scripts, other);
  });
  const own = leaves(scripts, name);
  return own.length > 0 && own.every((one) => others.includes(one));
}

/** The commands that a script comes to in the end, as they are written. */
function leaves(scripts: JsonObject, name: string, depth = deepest): string[] {
  return commandsOf(textOf(scripts[name]), { errexit: true, pipefail: false }).flatMap(({ words }) => {
    const called = /^(?:npm|pnpm|yarn|bun)$/.test(words[0] ?? '') ? words[words[1] === 'run' ? 2 : 1] : undefined;
    return called !== undefined && called in scripts && depth > 0
      ? leaves(scripts, called, depth - 1)
      : [words.join(' ')];
  });
}
