import { isObject } from './json-of.ts';

/**
 * What records did not always hold: where it stands, what is put in its place, and what a reader therefore cannot know. Fields
 * that are optional need no line here.
 */
const added: readonly { path: readonly [string, string]; value: unknown; unknown: string }[] = [
  { path: ['run', 'vars'], value: {}, unknown: 'which variables were set by hand' },
  { path: ['tree', 'outputs'], value: [], unknown: 'which paths the digest of the tree leaves out' },
];

/**
 * A record of an earlier version with what has been added since, so that it can be read; nothing that it says is changed.
 * @returns what it does not tell, in words
 */
export function completed(value: unknown): { value: unknown; unknown: string[] } {
  if (!isObject(value)) return { value, unknown: [] };
  const whole: Record<string, unknown> = { ...value };
  const unknown = added.flatMap(({ path: [part, field], value: standIn, unknown: what }) => {
    const inner = whole[part];
    if (!isObject(inner) || Object.hasOwn(inner, field)) return [];
    whole[part] = { ...inner, [field]: standIn };
    return [what];
  });
  return { value: whole, unknown };
}
