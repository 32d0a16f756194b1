import { parse } from 'yaml';

/** A YAML document; undefined where it does not parse. */
export function yamlOf(source: string): unknown {
  try {
    return parse(source, { logLevel: 'silent', uniqueKeys: false }) as unknown;
  } catch {
    return undefined;
  }
}
