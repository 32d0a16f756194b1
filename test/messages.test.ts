import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor, type CallExpression, type Expression, type ObjectExpression } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { engineFindings, unobservable } from '../src/core/unobservable.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { root } from './rig/cli.ts';

const src = join(root, 'src');

/** A message as its source words it: `{name}` for what is put in, `(a|b)` where one of several is said. */
function worded(node: Expression): string {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value : '{…}';
    case 'TemplateLiteral':
      return node.quasis
        .map((quasi, n) => {
          const put = node.expressions[n];
          return `${quasi.value.cooked ?? ''}${put ? worded(put) : ''}`;
        })
        .join('');
    case 'ConditionalExpression':
      return `(${worded(node.consequent)}|${worded(node.alternate)})`;
    case 'LogicalExpression':
      return node.right.type === 'Literal' ? `(${worded(node.left)}|${worded(node.right)})` : worded(node.left);
    case 'BinaryExpression':
      return node.operator === '+' ? `${worded(node.left)}${worded(node.right)}` : '{…}';
    case 'Identifier':
      return `{${node.name}}`;
    case 'MemberExpression':
      return node.property.type === 'Identifier' ? `{${node.property.name}}` : '{…}';
    case 'ChainExpression':
      return worded(node.expression);
    case 'CallExpression':
      return node.callee.type === 'MemberExpression' && node.callee.object.type !== 'Identifier'
        ? worded(node.callee.object)
        : '{…}';
    default:
      return '{…}';
  }
}

/** A sentence, and not only a value that is put in. */
const isSaid = (text: string): boolean => /[a-z]{2}.* /i.test(text.replace(/\{[^{}]*\}/g, ''));

/** Code → the messages that stand beside it: the next text of a call, or `message` of an object with that `code`. */
function messagesIn(known: ReadonlySet<string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>([...known].map((code) => [code, new Set()]));
  const codesOf = (node: unknown): string[] => {
    const one = node as Expression;
    if (one.type === 'Literal' && typeof one.value === 'string' && known.has(one.value)) return [one.value];
    if (one.type === 'ConditionalExpression') return [...codesOf(one.consequent), ...codesOf(one.alternate)];
    return [];
  };
  const say = (codes: readonly string[], nodes: readonly unknown[]): void => {
    const text = nodes.map((node) => worded(node as Expression)).find(isSaid);
    if (text !== undefined) for (const code of codes) found.get(code)?.add(text.replace(/\s+/g, ' '));
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
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!name.endsWith('.ts')) continue;
    new Visitor({ CallExpression: call, NewExpression: call, ObjectExpression: object }).visit(
      parseSync(name, readFileSync(join(src, name), 'utf8')).program,
    );
  }
  return found;
}

describe('what findings say', () => {
  it('is reviewed: a message for each code, as its source words it', async () => {
    const codes = new Set([...Object.keys(unobservable), ...Object.keys(engineFindings)]);
    for (const kind of kinds) for (const code of Object.keys((await loadKind(kind)).problems)) codes.add(code);
    const found = messagesIn(codes);
    const lines = [...codes].toSorted().flatMap((code) => {
      const messages = [...(found.get(code) ?? [])].toSorted();
      return [code, ...(messages.length > 0 ? messages : ['(put together elsewhere)']).map((text) => `  ${text}`)];
    });
    // That what is found is most of all: an extractor that sees nothing would be as happy.
    expect(lines.filter((line) => line.includes('(put together elsewhere)')).length).toBeLessThan(codes.size / 3);
    // What a message says has changed: read the difference as its reader would, then `npx vitest -u test/messages.test.ts`.
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('messages.txt');
  });
});
