import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCollection, parseDocument } from 'yaml';
import { PlainSource } from '../../src/checklist/plain-source.ts';
import { readPlainYaml } from '../../src/checklist/plain-yaml.ts';
import { Source } from '../../src/checklist/source.ts';
import { root } from '../rig/cli.ts';

/** What the whole parser makes of it; undefined where it finds anything wrong. */
function whole(
  text: string,
): { value: unknown; offset(path: readonly (string | number)[]): number | undefined } | undefined {
  const document = parseDocument(text, { uniqueKeys: true, stringKeys: true, prettyErrors: false, merge: false });
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  return {
    value: document.toJS(),
    offset: (path) => {
      const node = path.length === 0 ? document.contents : document.getIn(path, true);
      return isCollection(node) ? node.range?.[0] : undefined;
    },
  };
}

/** Holds what is read plainly against the whole parser. @returns was it read plainly? */
function compare(text: string): boolean {
  const plain = readPlainYaml(text);
  if (!plain) return false;
  const other = whole(text);
  expect(plain.value, text).toEqual(other?.value);
  const places = (value: unknown, path: (string | number)[]): void => {
    if (value === null || typeof value !== 'object') return;
    expect([path, plain.at.get(value)]).toEqual([path, other?.offset(path)]);
    for (const [name, inner] of Object.entries(value))
      places(inner, [...path, Array.isArray(value) ? Number(name) : name]);
  };
  places(plain.value, []);
  return true;
}

const shapes = `version: 1
milestone: m1 # a comment
title: It's "so", isn't it
vars:
  url: http://localhost:8080/a?b=c#d
  count: 12
  share: 0.5
  on-time: 5m
  version: 1.2.3
  flag: true
  text: "a: b # c"
  "x:1": 127.0.0.1:\${{ port.x }}
  other: 'it''s'
items:
  # above
  - id: a

    title: T
    steps:
    - { id: s1, uses: command, with: { run: [sh, -c, "exit 1"], env: { A: b c, U: http://x/y } } }
    - id: s2
      uses: command
      needs: [s1, s0]
      with:
        shell: |
          set -e
            deeper # no comment

          last
        expect:
          stdout: { matches: ["^\\\\d+$", '^a, b$'], lacks: [] }
  - id: b
    title: |-
      one
      two
    steps:
      - id: s3
        uses: files/exist
        with: { files: [README.md, { path: "a/*.json", min: 4 }] }
`;
const texts = [
  shapes,
  ...['milestone-16.yaml', 'release.yaml'].map((name) => readFileSync(join(root, 'checklists', name), 'utf8')),
];

describe('a checklist that is read plainly', () => {
  it.each(texts.map((text) => [text.slice(0, 40), text]))('%s… is read as by the whole parser', (_, text) => {
    expect(compare(text)).toBe(true);
  });

  it.each([
    ['an alias', 'a: &x 1\nb: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['a number that is written in another way', 'a: 0x10\n'],
    ['a leading nought', 'a: 010\n'],
    ['a large number', 'a: 12345678901234567890\n'],
    ['an exponent', 'a: 1e3\n'],
    ['nothing', 'a:\n'],
    ['null', 'a: null\n'],
    ['a text that goes on', 'a: b\n  c\n'],
    ['a flow that goes on', 'a: [b,\n  c]\n'],
    ['a folded block', 'a: >\n  b\n'],
    ['a tab', 'a:\tb\n'],
    ['two documents', 'a: 1\n---\na: 2\n'],
    ['a key of two words', 'a b: 1\n'],
    ['a merge', 'a: 1\n<<: { b: 2 }\n'],
    ['a colon within', 'a: b: c\n'],
    ['a key that is refused', '__proto__: 1\n'],
    ['a key below a text', 'a: b\n  c: d\n'],
    ['too little depth', 'a:\n  b: 1\n c: 2\n'],
    ['a list at the top', '- a\n'],
    ['an escape', 'a: "\\x41"\n'],
    ['a carriage return', 'a: b\r\n'],
  ])('%s is left to the whole parser', (_, text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  it('altered in any place, it is read alike or not at all', () => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const pieces = [
      ' ',
      '  ',
      '\n',
      '\n  ',
      ':',
      ': ',
      '- ',
      '-',
      '#',
      ' # x',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      ', ',
      '|',
      '|-',
      '>',
      '&a',
      '*a',
      '!',
      '?',
      '? ',
      '%',
      '@',
      '`',
      '~',
      '0',
      '1e3',
      '.5',
      '-',
      'null',
      'true',
      'Yes',
      '=',
      '<<',
      '\\',
      '\t',
      '\r',
      '\u00a0',
      '\u2028',
      '\ufeff',
      'é',
      '😀',
      '...',
      '---',
      'a: b',
      '\n\n',
      '   \n',
      '${{ vars.x }}',
    ];
    let read = 0;
    for (let n = 0; n < 4000; n++) {
      const base =
        n % 3 === 0
          ? shapes
          : shapes
              .split('\n')
              .slice(random(12), 12 + random(25))
              .join('\n');
      let text = base;
      for (let times = 1 + random(3); times > 0; times--) {
        const at = random(text.length);
        const cut = random(3) === 0 ? random(6) : 0;
        text =
          text.slice(0, at) + (random(5) === 0 ? '' : (pieces[random(pieces.length)] ?? '')) + text.slice(at + cut);
      }
      if (compare(text)) read++;
    }
    // Else the comparison would be with nothing.
    expect(read).toBeGreaterThan(300);
  });
});

describe('the places of steps', () => {
  it('are those of the whole parser', async () => {
    for (const text of texts.slice(1)) {
      const plain = PlainSource.of('c.yaml', text);
      const other = new Source('c.yaml', text);
      const { items } = other.toJs() as { items: { steps: { standIn?: unknown }[] }[] };
      let compared = 0;
      for (const [i, item] of items.entries())
        for (const [s, step] of item.steps.entries())
          for (const path of [
            ['items', i, 'steps', s],
            ...(step.standIn === undefined ? [] : [['items', i, 'steps', s, 'standIn']]),
          ]) {
            expect(plain?.where(path)).toEqual(other.where(path));
            compared++;
          }
      expect(compared).toBeGreaterThan(3);
    }
  });
});
