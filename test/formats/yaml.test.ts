import { expect, it } from 'vitest';
import { yamlOf } from '../../src/formats/data/yaml.ts';

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
