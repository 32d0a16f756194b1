import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expressionsPage, fillIn, filledPattern, type Value } from '../../src/core/expressions.ts';
import { root, verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const checklist = (parts: { with?: string; stack?: string; more?: string; title?: string }): string => `version: 1
milestone: m
title: ${parts.title ?? 'A title'}
vars: { word: ok, limit: 3 }
${parts.stack === undefined ? '' : `stack: ${parts.stack}`}
items:
  - id: one
    title: One
    steps:
      - id: say
        uses: command
        with: ${parts.with ?? '{ run: [echo, ok] }'}
${parts.more ?? ''}
`;

async function lint(text: string): Promise<{ code: number | null; said: string }> {
  const path = join(tempDir(), 'm.yaml');
  writeFileSync(path, text);
  const { code, stdout, stderr } = await verify(['lint', path]);
  return { code, said: stdout + stderr };
}

const service = (argv: string): string =>
  `{ processes: { app: { argv: ${argv}, ready: { url: "http://127.0.0.1:1/" } } } }`;

describe('an expression that names nothing, or stands where nothing is put in, is refused', () => {
  it.each<[string, Parameters<typeof checklist>[0], string, string]>([
    ['an unknown name of run', { with: '{ run: [echo, "${{ run.secret }}"] }' }, '12:29', 'run.id'],
    [
      'the same in what must not be printed',
      { with: '{ run: [echo], expect: { stdout: { lacks: ["${{ run.ID }}"] } } }' },
      '12:58',
      'run.id',
    ],
    ['an unknown namespace', { with: '{ run: [echo, "at ${{ tree.commit }}"] }' }, '12:29', 'facts.NAME'],
    ['a variable that is written wrongly', { with: '{ run: [echo, "${{ vars.wrod }}"] }' }, '12:29', 'vars.word'],
    ['a variable without its namespace', { with: '{ run: [echo, "${{ word }}"] }' }, '12:29', 'vars.word'],
    [
      'a fact that no step yields',
      { with: '{ run: [echo, "${{ facts.comand.exit }}"] }' },
      '12:29',
      'facts.command.exit',
    ],
    [
      'a fact of a step that is not there',
      { with: '{ run: [echo, "${{ facts.sya/command.exit }}"] }' },
      '12:29',
      'no step yields',
    ],
    ['a port in a step', { with: '{ run: [echo, "${{ port.web }}"] }' }, '12:29', 'facts.stack.SERVICE.url'],
    ['a folder of a service in a step', { with: '{ run: [echo, "${{ dir }}"] }' }, '12:29', 'stack.processes'],
    ['no name at all', { with: '{ run: [echo, "${{ }}"] }' }, '12:29', 'is not an expression'],
    ['more than a name', { with: `{ run: [echo, "\${{ vars.word || 'x' }}"] }` }, '12:29', 'is not an expression'],
    ['an index', { with: `{ run: [echo, "\${{ vars['word'] }}"] }` }, '12:29', 'is not an expression'],
    ['one that is not closed', { with: '{ run: [echo, "${{ vars.word }"] }' }, '12:29', 'is not an expression'],
    ['a key', { with: '{ run: [echo], env: { "A_${{ vars.word }}": x } }' }, '12:', 'is in a key'],
    ['a wrong variable in the stack', { stack: service('[app, "${{ vars.wrod }}"]') }, '5:', 'vars.word'],
    ['a wrong name of a service', { stack: service('[app, "${{ dirr }}"]') }, '5:', 'did you mean dir?'],
    ['a fact in the stack', { stack: service('[app, "${{ facts.command.exit }}"]') }, '5:', 'measured by steps'],
    [
      'a port of a Compose file',
      { stack: '{ compose: { files: [c.yaml], env: { P: "${{ port.web }}" } } }' },
      '5:',
      'stack.processes',
    ],
    ['a title', { title: '"The ${{ vars.word }}"' }, '3:', 'below `with` and `stack`'],
    [
      'a waiver',
      { more: 'waivers: [{ step: say, owner: a, approver: b, reason: "as ${{ vars.word }}", expires: 2030-01-01 }]' },
      '13:',
      'below `with`',
    ],
  ])('%s', async (_, parts, place, hint) => {
    const { code, said } = await lint(checklist(parts));
    expect(said).toContain(`m.yaml:${place}`);
    expect(said).toContain(hint);
    expect(code).toBe(65);
  });

  it.each<[string, Parameters<typeof checklist>[0]]>([
    [
      'variables, the run, the target and a fact',
      { with: '{ run: [echo, "${{ vars.word }} ${{ run.id }}", "${{target}}"], expect: { exit: 0 } }' },
    ],
    [
      'all that a service knows',
      { stack: service('[app, "${{ vars.word }} ${{ port.any-name }} ${{ dir }} ${{ target }}"]') },
    ],
    ['the text itself, escaped', { with: '{ run: [grep, "$${{ matrix.shard }}", ci.yml] }' }],
    ['what only looks like one', { with: '{ run: [echo, "{{ $labels.x }} ${HOME} $(( 1 )) }}"] }' }],
  ])('but not %s', async (_, parts) => {
    const { code, said } = await lint(checklist(parts));
    expect(said).not.toContain('problem');
    expect(code).toBe(0);
  });

  it('nor does --var bring one in', async () => {
    const path = join(tempDir(), 'm.yaml');
    writeFileSync(path, checklist({}));
    const { code, stderr } = await verify(['lint', path, '--var', 'word=${{ target }}']);
    expect(stderr).toContain('must not contain an expression');
    expect(code).toBe(64);
  });
});

describe('what is put in', () => {
  const values: Record<string, Value> = { n: 3, yes: true, s: 'text', empty: '' };
  const lookups = { vars: (name: string) => values[name], target: () => '/t' };
  it.each<[unknown, unknown]>([
    ['${{ vars.n }}', 3],
    ['${{vars.yes}}', true],
    ['${{ vars.n }} pieces', '3 pieces'],
    ['${{ vars.s }}${{ target }}', 'text/t'],
    ['${{ vars.empty }}', ''],
    ['[${{ vars.empty }}]', '[]'],
    [
      { a: ['${{ vars.n }}', { b: '${{ target }}' }], c: null, d: 7 },
      { a: [3, { b: '/t' }], c: null, d: 7 },
    ],
    [{ '${{ vars.s }}': 'a key stays' }, { '${{ vars.s }}': 'a key stays' }],
    ['${{ facts.later }}', '${{ facts.later }}'],
    ['$${{ vars.n }}', '${{ vars.n }}'],
    ['$${{ vars.n }} ${{ vars.n }}', '${{ vars.n }} 3'],
    ['no expression', 'no expression'],
  ])('%j becomes %j', (before, after) => expect(fillIn(before, lookups, 'last')).toEqual(after));

  it('what is escaped stays so until nothing more is put in', () =>
    expect(fillIn('$${{ vars.n }} ${{ vars.n }}', lookups, 'early')).toBe('$${{ vars.n }} 3'));
  it('names that a look-up does not know are told, and stay', () => {
    const missing: string[] = [];
    expect(fillIn(['${{ vars.gone }}', 'a ${{ vars.off }}'], lookups, 'last', missing)).toEqual([
      '${{ vars.gone }}',
      'a ${{ vars.off }}',
    ]);
    expect(missing).toEqual(['vars.gone', 'vars.off']);
  });
  it('a value that looks like an expression is not looked into again', () =>
    expect(fillIn('${{ vars.x }}', { vars: () => '${{ target }}', target: () => '/t' }, 'last')).toBe('${{ target }}'));

  it.each([
    ['a ${{ facts.x }} b', 'a 12 b', true],
    ['a ${{ facts.x }} b', 'a 12 c', false],
    ['a ${{ facts.x }}', 'b 12', false],
    ['a.b ${{ facts.x }}', 'axb 1', false],
    ['$${{ x }} ${{ facts.x }}', '${{ x }} 1', true],
  ])('%j may have become %j: %j', (before, after, may) => expect(filledPattern(before)?.test(after)).toBe(may));
});

it('docs/expressions.md is made of the table', () =>
  expect(readFileSync(join(root, 'docs/expressions.md'), 'utf8')).toBe(expressionsPage()));
