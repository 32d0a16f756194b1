import { jsonOf, objectOf } from '../../core/json-of.ts';

/** Parts of a JSON or YAML document of unknown shape: what is not of the kind asked for is empty. */
export type JsonObject = Record<string, unknown>;
export { jsonOf, objectOf };
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** A string, or a number as a string. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
/** The names of what Compose takes as a map or as a list of `NAME=value`. */
export const namesIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.map((one) => textOf(one).replace(/=.*$/s, '')) : Object.keys(objectOf(value));
