import { expect, it } from 'vitest';
import { firstPlace, locatedDocuments, yamlOf } from '../../src/formats/data/yaml.ts';

it('36 merges of a merge are read', () => {
  const services = Array.from(
    { length: 36 },
    (_, n) => `  a${n}: { <<: *restart }\n  b${n}: { <<: *base, command: x }\n`,
  );
  const text = `x-r: &restart { restart: always }\nx-b: &base { <<: *restart, image: i }\nservices:\n${services.join('')}`;
  const { services: read } = yamlOf(text) as { services: Record<string, unknown> };
  expect(Object.keys(read)).toHaveLength(72);
  expect(read['b35']).toEqual({ restart: 'always', image: 'i', command: 'x' });
});

const doubled = (join: (n: number) => string): string =>
  `a0: &a0 {x: 1}\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} ${join(n)}\n`).join('')}`;
it.each([
  ['a list doubled forty times', doubled((n) => `[*a${n}, *a${n}]`)],
  ['a merge doubled forty times', doubled((n) => `{<<: [*a${n}, *a${n}]}`)],
  ['broken', 'a: ['],
])('%s does not parse, and ends', (_, text) => expect(yamlOf(text)).toBeUndefined());

it('the last of keys that stand twice counts, an empty file is null', () => {
  expect(yamlOf('a: 1\na: 2')).toEqual({ a: 2 });
  expect(yamlOf('')).toBeNull();
  expect(yamlOf('a: 1\n---\nb: 2\n')).toEqual({ a: 1 });
});

it('every document of a stream has the lines of the stream; one that does not parse is left out', () => {
  const stream = '# a: 1\na: 1\n---\nb: [\n--- # third\nc:\n  - x\n  - y\n';
  const found = locatedDocuments(stream).map(({ value, lineOf }) => [value, lineOf(['c', 1]), lineOf(['a'])]);
  expect(found).toEqual([
    [{ a: 1 }, 1, 2],
    [{ c: ['x', 'y'] }, 8, 5],
  ]);
});

it.each<[what: string, test: (text: string, at?: string) => boolean, place: (string | number)[] | undefined]>([
  ['a value in a list', (text) => text === 'web', ['spec', 'ports', 1, 'name']],
  ['a number below a key', (text, at) => at === 'port' && text === '80', ['spec', 'ports', 0, 'port']],
  ['a key', (text) => text === 'ports', ['spec', 'ports']],
  ['what is not there', (text) => text === '81', undefined],
])('the first place of %s', (_, test, place) =>
  expect(firstPlace({ size: 80, spec: { ports: [{ port: 80 }, { name: 'web', port: 80 }] } }, test)).toEqual(place),
);
