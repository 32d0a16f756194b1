import { jsonOf } from '../../core/json-of.ts';
import { objectOf, textOf } from '../data/json-parts.ts';
import { tomlOf } from '../data/toml.ts';

export type Version = readonly number[];
export const versionOf = (text: string): Version => text.split('.').map(Number);
/** As far as both are written out: `3.12` is not older than `3.12.4`. */
export const isOlder = (a: Version, b: Version): boolean => {
  for (let n = 0; n < Math.min(a.length, b.length); n++) if (a[n] !== b[n]) return (a[n] ?? 0) < (b[n] ?? 0);
  return false;
};

/** The least version of its language that a manifest allows, with the words that say so there. */
export interface LeastVersion {
  version: Version;
  words: string;
}

/** `>=3.10,<4`, `^20.9 || >=22`: the least that is allowed; undefined where that is not plain. */
function lowest(range: string): string | undefined {
  const found = range
    .split('||')
    .map((part) => /^\s*(?:>=|\^|~=?)\s*v?(\d+(?:\.\d+){0,2})/.exec(part)?.[1])
    .toSorted((a, b) => (isOlder(versionOf(a ?? '0'), versionOf(b ?? '0')) ? -1 : 1));
  return found.includes(undefined) ? undefined : found[0];
}

const ofRange = (range: string, words: string): LeastVersion | undefined => {
  const version = lowest(range);
  return version === undefined ? undefined : { version: versionOf(version), words: `${words} "${range}"` };
};

export const leastVersions = {
  'Cargo.toml': (text: string): LeastVersion | undefined => {
    const root = tomlOf(text) ?? {};
    const own = [objectOf(root['package']), objectOf(objectOf(root['workspace'])['package'])];
    const version = own.map((one) => textOf(one['rust-version'])).find((one) => /^\d+\.\d+/.test(one));
    if (version !== undefined) return { version: versionOf(version), words: `rust-version ${version}` };
    const edition = own.map((one) => textOf(one['edition'])).find((one) => /^20\d\d$/.test(one));
    const first = edition === '2024' ? '1.85' : edition === '2021' ? '1.56' : undefined;
    return first !== undefined
      ? { version: versionOf(first), words: `edition ${edition}, which came with ${first}` }
      : undefined;
  },
  'pyproject.toml': (text: string): LeastVersion | undefined => {
    const root = tomlOf(text) ?? {};
    const poetry = objectOf(objectOf(objectOf(root['tool'])['poetry'])['dependencies']);
    return ofRange(textOf(objectOf(root['project'])['requires-python']) || textOf(poetry['python']), 'python');
  },
  'package.json': (text: string): LeastVersion | undefined =>
    ofRange(textOf(objectOf(objectOf(jsonOf(text))['engines'])['node']), 'engines.node'),
  'go.mod': (text: string): LeastVersion | undefined => {
    const version = /^go (\d+\.\d+)/m.exec(text)?.[1];
    return version === undefined ? undefined : { version: versionOf(version), words: `go ${version}` };
  },
} as const;
