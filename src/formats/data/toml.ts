import { objectOf, type JsonObject } from './json-parts.ts';
import { library } from './libraries.ts';

/** What a TOML text holds; undefined where there is none, or it does not parse. */
export function tomlOf(text: string | undefined): JsonObject | undefined {
  try {
    return text === undefined ? undefined : objectOf(library('smol-toml').parse(text));
  } catch {
    return undefined;
  }
}
