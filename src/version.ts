import { readFileSync } from 'node:fs';

/** The package's version, read from its package.json, which lies one folder up in source and build alike. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
