/** The parts of `$.a.b[0].c[*]`: keys, indices, or every element. */
type Part = { key: string } | { index: number } | 'each';

function parts(path: string): Part[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const found: Part[] = [];
  let rest = path.slice(1);
  while (rest !== '') {
    const match = /^\.([A-Za-z_][\w-]*)|^\[(\d+)\]|^\[\*\]|^\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
    if (!match) return undefined;
    const [whole, key, index, quoted] = match;
    found.push(
      key !== undefined
        ? { key }
        : index !== undefined
          ? { index: Number(index) }
          : quoted !== undefined
            ? { key: quoted }
            : 'each',
    );
    rest = rest.slice(whole.length);
  }
  return found;
}

/** The keys that a path leads through. */
export const keysOf = (path: string): string[] =>
  (parts(path) ?? []).flatMap((part) => (part !== 'each' && 'key' in part ? [part.key] : []));

/** Why the text is no path; undefined where it is one. */
export function pathProblem(path: string): string | undefined {
  return parts(path) === undefined ? `${path} is not a path` : undefined;
}

/** The values below `document` at a path: `$.a.b`, `$.list[0].c`, `$.list[*].c`, `$["odd key"]`. Empty where it leads nowhere. */
export function valuesAt(document: unknown, path: string): unknown[] {
  let at = [document];
  for (const part of parts(path) ?? []) {
    at = at.flatMap((value): unknown[] => {
      if (part === 'each') return Array.isArray(value) ? value : [];
      if (value === null || typeof value !== 'object') return [];
      if ('index' in part) return Array.isArray(value) && part.index < value.length ? [value[part.index]] : [];
      return Object.hasOwn(value, part.key) ? [(value as Record<string, unknown>)[part.key]] : [];
    });
  }
  return at;
}
