import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../src/formats/documents/markdown.ts';
import { tablesOf } from '../../src/formats/documents/tables.ts';

const lines = (text: string, kind: 'spans' | 'links' | 'headings' | 'fences' | 'boxes'): (string | number)[][] =>
  parseMarkdown(text)[kind].map((one) => [one.line, 'href' in one ? one.href : one.text]);

describe('anchors', () => {
  it('of HTML, with quotes and without', () =>
    expect(parseMarkdown('<a id=opt-base></a>\n\n<a name="x"></a> and <b id=\'y\'>z</b>\n').anchors).toEqual([
      'opt-base',
      'x',
      'y',
    ]));
});

describe('the place of everything', () => {
  it('the same text twice, the first time within another', () =>
    expect(lines('`a.rs` is in `` x `a.rs` ``\n\n> `a.rs`\n\n- b\n  - `a.rs`\n', 'spans')).toEqual([
      [1, 'a.rs'],
      [1, 'x `a.rs`'],
      [3, 'a.rs'],
      [6, 'a.rs'],
    ]));
  it('a fence whose text stood before, in quotations, lists and indentation', () =>
    expect(
      lines(
        'make\n\n```sh\nmake\n```\n\n1. x\n\n   ~~~~ sh\n   make\n\n   test\n   ~~~~\n\n> ```\n> make\n> ```\n\n    make\n',
        'fences',
      ),
    ).toEqual([
      [4, 'make'],
      [10, 'make\n\ntest'],
      [16, 'make'],
    ]));
  it('links: by reference, of images in links, bare, in tables, with an escaped stroke', () =>
    expect(
      lines(
        '[a][r] and [![i](i.png)](t.md)\nhttps://x.y/z\n\n| a |\n|---|\n| [q](q\\|.md) |\n\n[r]: r.md\n[unused]: u.md\n\n~~[gone](gone.md)~~ `[no](no.md)`\n',
        'links',
      ),
    ).toEqual([
      [1, 'r.md'],
      [1, 't.md'],
      [1, 'i.png'],
      [2, 'https://x.y/z'],
      [6, 'q|.md'],
    ]));
  it('HTML: its links and headings by their own lines', () => {
    const text =
      '# A\n\n<div>\n<a href="x.md">x</a>\n\n<h2>B &amp; c</h2>\n\n<!--\n<a href="no.md">\n-->\n<img src="a.png">\n';
    expect(lines(text, 'links')).toEqual([
      [4, 'x.md'],
      [11, 'a.png'],
    ]);
    expect(lines(text, 'headings')).toEqual([
      [1, 'A'],
      [6, 'B & c'],
    ]);
  });
  it('boxes, with what belongs to them', () =>
    expect(
      parseMarkdown('- [x] **a** `b`\n  more\n  - [ ] c\n1. [X] d\n- [y] e\n').boxes.map(({ line, ticked, text }) => [
        line,
        ticked,
        text,
      ]),
    ).toEqual([
      [1, true, '**a** `b`'],
      [3, false, 'c'],
      [4, true, 'd'],
    ]));
  it('windows line ends, a byte order mark and front matter', () =>
    expect(lines('\ufeff---\r\ntitle: x\r\n---\r\n# A\r\n\r\n`b`\r\n', 'spans')).toEqual([[6, 'b']]));
});

it('the sentence around it, over lines and marks of a quotation', () =>
  expect(parseMarkdown('> Put it away. We removed\n> `a.rs` long ago. Yes.\n').spans[0]?.context).toBe(
    'We removed `a.rs` long ago.',
  ));

it('what is struck out, code and comments are no prose', () =>
  expect(parseMarkdown('a\n<!-- b -->\n```\nc\n```\nd').prose.map((line) => line.trim())).toEqual([
    'a',
    '',
    '',
    '',
    '',
    'd',
  ]));

it('a list in a quotation in a list, at which a lexer once broke', () =>
  expect(lines('> - > - `a`\n>   > - b\n> - c\n', 'spans')).toEqual([[1, 'a']]));

it('tables wherever they stand, short rows filled, with the headings that they stand below', () =>
  expect(
    tablesOf('# A\n\n## B\n\n| x | y |\n|---|---|\n| `1` | [2](z) |\n| 3 |\n\n> | q |\n> |---|\n> | r |\n').map(
      ({ head, rows, below }) => ({ head, rows, below }),
    ),
  ).toEqual([
    {
      head: ['x', 'y'],
      rows: [
        { line: 7, cells: ['1', '2'] },
        { line: 8, cells: ['3', ''] },
      ],
      below: ['A', 'B'],
    },
    { head: ['q'], rows: [{ line: 12, cells: ['r'] }], below: ['A', 'B'] },
  ]));
