import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor, type CallExpression, type Expression, type ObjectExpression } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { engineFindings, unobservable } from '../src/core/unobservable.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { root } from './rig/cli.ts';

const src = join(root, 'src');

/** Name → what a file's constants and functions of that name come to. */
type Locals = ReadonlyMap<string, readonly Expression[]>;

/** A message as its source words it: `{name}` for what is put in, `(a|b)` where one of several is said. */
function worded(node: Expression, locals: Locals, depth = 0): string {
  const word = (one: Expression): string => worded(one, locals, depth + 1);
  /** What a constant of the file says, where that is a text. */
  const local = (name: string): string => {
    const known = locals.get(name) ?? [];
    // A name that many functions of the file have says nothing.
    const texts = (depth > 3 || known.length > 3 ? [] : known).map(word).filter((text) => /[a-z]{2}/i.test(bare(text)));
    return texts.length === 0 ? `{${name}}` : texts.length === 1 ? (texts[0] ?? '') : `(${texts.join('|')})`;
  };
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value : '{…}';
    case 'TemplateLiteral':
      return node.quasis
        .map((quasi, n) => {
          const put = node.expressions[n];
          return `${quasi.value.cooked ?? ''}${put ? word(put) : ''}`;
        })
        .join('');
    case 'ConditionalExpression':
      return `(${word(node.consequent)}|${word(node.alternate)})`;
    case 'LogicalExpression':
      return node.right.type === 'Literal' ? `(${word(node.left)}|${word(node.right)})` : word(node.left);
    case 'BinaryExpression':
      return node.operator === '+' ? `${word(node.left)}${word(node.right)}` : '{…}';
    case 'Identifier':
      return local(node.name);
    case 'MemberExpression':
      return node.property.type === 'Identifier' ? `{${node.property.name}}` : '{…}';
    case 'ChainExpression':
      return word(node.expression);
    case 'ArrowFunctionExpression':
      return node.body.type === 'BlockStatement' ? '{…}' : word(node.body);
    case 'CallExpression':
      if (node.callee.type === 'Identifier') {
        const said = local(node.callee.name);
        return said === `{${node.callee.name}}` ? '{…}' : said;
      }
      return node.callee.type === 'MemberExpression' && node.callee.object.type !== 'Identifier'
        ? word(node.callee.object)
        : '{…}';
    default:
      return '{…}';
  }
}

/** What is said without what is put in. */
const bare = (text: string): string => text.replace(/\{[^{}]*\}/g, '');

/** A sentence, and not only a value that is put in. */
const isSaid = (text: string): boolean => /[a-z]{2}.* /i.test(bare(text));

const programs = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .toSorted()
  .map((name) => parseSync(name, readFileSync(join(src, name), 'utf8')).program);

const keyOf = (key: Expression | { type: string }): string | undefined =>
  key.type === 'Identifier'
    ? (key as { name: string }).name
    : key.type === 'Literal'
      ? String((key as { value: unknown }).value)
      : undefined;

/**
 * Code → the messages that stand beside it: the next text of a call, or `message` of an object with that `code`. A code may come
 * by a constant, a table of the file (`codes[state]`) or a property of that name (`codes.host`); where no text is a sentence,
 * the shape in which a program's own words are put.
 */
function messagesIn(known: ReadonlySet<string>): Map<string, Set<string>> {
  const said = new Map<string, Set<string>>([...known].map((code) => [code, new Set()]));
  const shapes = new Map<string, Set<string>>([...known].map((code) => [code, new Set()]));
  /** Name of a property → the codes that are anywhere its value. */
  const members = new Map<string, Set<string>>();
  for (const program of programs)
    new Visitor({
      Property({ key, value }) {
        const name = keyOf(key);
        if (name === undefined || value.type !== 'Literal' || !known.has(String(value.value))) return;
        members.set(name, (members.get(name) ?? new Set()).add(String(value.value)));
      },
    }).visit(program);
  for (const program of programs) {
    const locals = new Map<string, Expression[]>();
    new Visitor({
      VariableDeclarator({ id, init }) {
        if (id.type === 'Identifier' && init) locals.set(id.name, [...(locals.get(id.name) ?? []), init]);
      },
    }).visit(program);
    const codesOf = (node: unknown, depth = 0): string[] => {
      const one = node as Expression;
      if (depth > 3) return [];
      if (one.type === 'Literal') return typeof one.value === 'string' && known.has(one.value) ? [one.value] : [];
      if (one.type === 'TSAsExpression') return codesOf(one.expression, depth);
      if (one.type === 'ConditionalExpression')
        return [...codesOf(one.consequent, depth), ...codesOf(one.alternate, depth)];
      if (one.type === 'Identifier') return (locals.get(one.name) ?? []).flatMap((init) => codesOf(init, depth + 1));
      if (one.type !== 'MemberExpression') return [];
      if (!one.computed)
        return one.object.type === 'Identifier' && one.object.name === 'codes' && one.property.type === 'Identifier'
          ? [...(members.get(one.property.name) ?? [])]
          : [];
      const table = one.object.type === 'Identifier' ? (locals.get(one.object.name) ?? []) : [];
      return table.flatMap((init) => {
        let object = init;
        while (object.type === 'TSAsExpression' || object.type === 'TSSatisfiesExpression') object = object.expression;
        return object.type === 'ObjectExpression'
          ? object.properties.flatMap((property) =>
              property.type === 'Property' ? codesOf(property.value, depth + 1) : [],
            )
          : [];
      });
    };
    const say = (codes: readonly string[], nodes: readonly unknown[]): void => {
      if (codes.length === 0) return;
      const texts = nodes
        .filter((node) => (node as Expression).type !== 'ObjectExpression')
        .map((node) => worded(node as Expression, locals).replace(/\s+/g, ' '));
      const sentence = texts.find(isSaid);
      const shape = texts.find((text) => text !== '' && text !== '{…}');
      for (const code of codes) {
        if (sentence !== undefined) said.get(code)?.add(sentence);
        else if (shape !== undefined) shapes.get(code)?.add(shape);
      }
    };
    const call = ({ arguments: given }: Pick<CallExpression, 'arguments'>): void => {
      for (const [n, one] of given.entries()) say(codesOf(one), given.slice(n + 1));
    };
    const object = ({ properties }: ObjectExpression): void => {
      const valueOf = (...names: string[]): unknown[] =>
        properties.flatMap((one) =>
          one.type === 'Property' && one.key.type === 'Identifier' && names.includes(one.key.name) ? [one.value] : [],
        );
      const messages = valueOf('message', 'text', 'why', 'problem', 'said');
      for (const code of valueOf('code', 'kind', 'what')) say(codesOf(code), messages);
    };
    new Visitor({ CallExpression: call, NewExpression: call, ObjectExpression: object }).visit(program);
  }
  return new Map(
    [...known].map((code) => [code, said.get(code)?.size ? said.get(code) : shapes.get(code)] as [string, Set<string>]),
  );
}

describe('what findings say', () => {
  it('is reviewed: a message for each code, as its source words it', async () => {
    const codes = new Set([...Object.keys(unobservable), ...Object.keys(engineFindings)]);
    for (const kind of kinds) for (const code of Object.keys((await loadKind(kind)).problems)) codes.add(code);
    const found = messagesIn(codes);
    const lines = [...codes].toSorted().flatMap((code) => {
      const messages = [...(found.get(code) ?? [])].toSorted();
      return [code, ...(messages.length > 0 ? messages : ['(nowhere)']).map((text) => `  ${text}`)];
    });
    // An extractor that sees nothing would be as happy.
    expect(lines.filter((line) => line.includes('(nowhere)'))).toEqual([]);
    const shown = [...codes].filter((code) => [...(found.get(code) ?? [])].some(isSaid));
    expect(shown.length).toBeGreaterThan(codes.size * 0.85);
    // What a message says has changed: read the difference as its reader would, then `npx vitest run test/messages.test.ts -u` (in this order: `-u` before a file takes it for a value, and all tests run).
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('messages.txt');
  });
});
