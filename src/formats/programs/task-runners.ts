import { z } from 'zod';
import { jsonOf, objectOf } from '../data/json-parts.ts';
import { yamlOf } from '../data/yaml.ts';

/** Names that a file gives to what can be run by it. `whole` is false where more may be defined elsewhere. */
export interface Names {
  names: string[];
  whole: boolean;
}

/** Targets of a Makefile, read as text: a recipe or `$(shell …)` is never run. */
export function makeTargets(text: string): Names {
  const names: string[] = [];
  let whole = !/^\s*-?s?include\s|^\s*define\s|\$\(eval\b/m.test(text);
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const match = /^([^\t#:=][^:=#]*?)\s*::?(?!=)/.exec(line);
    if (!match) continue;
    for (const name of (match[1] ?? '').split(/\s+/)) {
      if (/[%$]/.test(name)) whole = false;
      else names.push(name);
    }
  }
  return { names, whole };
}

/** Recipes and aliases of a justfile. */
export function justRecipes(text: string): Names {
  const names = [...text.matchAll(/^@?([A-Za-z_][\w-]*)(?:[ \t]+[^:\n=]*?(?:=[^:\n]*?)?)?:(?!=)/gm)].map(
    (m) => m[1] ?? '',
  );
  const aliases = [...text.matchAll(/^alias\s+([\w-]+)\s*:=/gm)].map((match) => match[1] ?? '');
  return { names: [...names, ...aliases], whole: !/^\s*(?:import|mod)\b/m.test(text) };
}

/** Tasks and their aliases of a Taskfile; undefined where it is none. */
export function taskNames(text: string): Names | undefined {
  const root = objectOf(yamlOf(text));
  const tasks = z.record(z.string(), z.unknown()).safeParse(root['tasks']);
  if (!tasks.success) return undefined;
  const aliases = Object.values(tasks.data).flatMap(
    (one) => z.object({ aliases: z.array(z.string()) }).safeParse(one).data?.aliases ?? [],
  );
  const names = [...Object.keys(tasks.data), ...aliases];
  return { names, whole: root['includes'] === undefined && !names.some((name) => name.includes('*')) };
}

const Package = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

/** Scripts of a package.json; undefined where it cannot be read. */
export function npmScripts(text: string): string[] | undefined {
  const found = Package.safeParse(jsonOf(text)).data;
  return found && Object.keys(found.scripts);
}
