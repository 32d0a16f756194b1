import type { core } from 'zod';

interface Def {
  type: string;
  shape?: Record<string, core.$ZodType>;
  innerType?: core.$ZodType;
  element?: core.$ZodType;
  valueType?: core.$ZodType;
  in?: core.$ZodType;
  options?: readonly core.$ZodType[];
}

/** The keys that a schema knows at a path of a value; empty where it takes any, or where the path leads nowhere. */
export function keysAt(schema: core.$ZodType, path: readonly PropertyKey[]): string[] {
  const def = schema._zod.def as unknown as Def;
  const inner = def.innerType ?? def.in;
  if (inner) return keysAt(inner, path);
  if (def.options) return [...new Set(def.options.flatMap((option) => keysAt(option, path)))];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(def.shape ?? {});
  const next = def.element ?? def.valueType ?? def.shape?.[String(first)];
  return next ? keysAt(next, rest) : [];
}
