import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { framesOf } from '../../src/engine/frames.ts';
import { Checkout } from '../../src/hosts/checkout.ts';
import { Redactor } from '../../src/evidence/redact.ts';
import { tempDir } from '../rig/run-step.ts';

const outside = tempDir({ 'secret.txt': 'one\ntwo\nthree\n' });
const target = tempDir({
  'a.yml':
    'one\ntwo: hunter2hunter2\nthree\n  password: swordfish\n  token: ${TOKEN}\nsix\u001b]52;c;eA==\u0007\nseven\n',
  'a.rs': 'fn f() {\n    let token = next_token();\n    let password = "swordfish";\n}\n',
  'multi.txt': 'first\n-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----\nlast\n',
  'binary.bin': 'a\n\0\nb\n',
  '.env': 'A=1\nB=2\n',
  'deploy/server.pem': 'x\ny\n',
});
symlinkSync(join(outside, 'secret.txt'), join(target, 'link.txt'));
const redactor = new Redactor(['hunter2hunter2', '-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----']);
const at = (file: string, line?: number) =>
  framesOf(
    [{ code: 'c', level: 'error', message: 'm', where: { file, ...(line !== undefined && { line }) } }],
    new Checkout(target),
    redactor,
  );

describe('source around a finding', () => {
  it('two lines before and after, secrets and control characters out', () => {
    expect(at('a.yml', 4)).toEqual([
      {
        file: 'a.yml',
        line: 4,
        from: 2,
        lines: ['two: [redacted]', 'three', '  password: [redacted]', '  token: ${TOKEN}', 'six'],
      },
    ]);
    expect(at('a.yml', 1)).toMatchObject([{ from: 1, lines: ['one', 'two: [redacted]', 'three'] }]);
  });
  it('a name of a variable in source code is no secret, its literal value is', () =>
    expect(at('a.rs', 2)[0]?.lines).toEqual([
      'fn f() {',
      '    let token = next_token();',
      '    let password = [redacted];',
      '}',
    ]));
  it.each([
    ['no line', 'a.yml', undefined],
    ['a line beyond the end', 'a.yml', 99],
    ['a file that is not there', 'b.yml', 1],
    ['a folder', 'deploy', 1],
    ['a file outside the target', join(outside, 'secret.txt'), 2],
    ['a way out of the target', `../${outside.split('/').pop()}/secret.txt`, 2],
    ['a link that leads out of the target', 'link.txt', 2],
    ['a secret over several lines', 'multi.txt', 3],
    ['no text', 'binary.bin', 1],
    ['a file of secrets', '.env', 1],
    ['a key', 'deploy/server.pem', 1],
  ])('none for %s', (_, file, line) => expect(at(file, line)).toEqual([]));
  it('one a line, however many findings point to it', () => {
    const where = { file: 'a.yml', line: 3 };
    expect(
      framesOf(
        [1, 2, 3].map(() => ({ code: 'c', level: 'error', message: 'm', where })),
        new Checkout(target),
        redactor,
      ).length,
    ).toBe(1);
  });
});
