/** Names that an expression may read: `vars.x`, `facts.alerts.count`, `run.id`, `target`. undefined: unknown here. */
export type Lookup = (name: string) => string | number | boolean | undefined;

const expression = /\$\{\{\s*([A-Za-z0-9_.\-/]+)\s*\}\}/g;

/**
 * Puts values into `${{ name }}` in every string below `value`; a string that is one expression and nothing else takes the
 * value's type. What `lookup` does not know is left as it is and listed in `unknown`, with its path.
 */
export function interpolate(
  value: unknown,
  lookup: Lookup,
  unknown: { name: string; path: (string | number)[] }[] = [],
  path: (string | number)[] = [],
): unknown {
  if (typeof value === 'string') {
    if (!value.includes('${{')) return value;
    const whole = /^\$\{\{\s*([A-Za-z0-9_.\-/]+)\s*\}\}$/.exec(value);
    if (whole?.[1] !== undefined) {
      const found = lookup(whole[1]);
      if (found === undefined) unknown.push({ name: whole[1], path });
      return found ?? value;
    }
    return value.replace(expression, (text, name: string) => {
      const found = lookup(name);
      if (found === undefined) unknown.push({ name, path });
      return found === undefined ? text : String(found);
    });
  }
  if (Array.isArray(value)) return value.map((v, i) => interpolate(v, lookup, unknown, [...path, i]));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, v]) => [key, interpolate(v, lookup, unknown, [...path, key])]),
    );
  }
  return value;
}
