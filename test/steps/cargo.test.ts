import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const manifest = '[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2024"\n';
const lib =
  'pub fn two() -> u8 {\n    2\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn is_two() {\n        assert_eq!(super::two(), 2);\n    }\n}\n';
const check = (uses: string, source: string, rest: object = {}) =>
  runStep({ uses, with: rest, target: tempDir({ 'Cargo.toml': manifest, 'src/lib.rs': source }) });
const [title, skip] = needing('the cargo steps with a real cargo', 'cargo');

describe.skipIf(skip)(title, () => {
  it.each(['cargo/fmt', 'cargo/clippy', 'cargo/test'])('%s passes on a healthy crate', async (uses) =>
    expect(await check(uses, lib)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    ['cargo/fmt', 'unformatted code', lib.replace('    2', '  2'), {}, 'unformatted'],
    ['cargo/clippy', 'a lint', lib.replace('    2\n', '    return 2;\n'), {}, 'lint'],
    ['cargo/clippy', 'an unused function', `${lib}fn unused() {}\n`, {}, 'lint'],
    ['cargo/clippy', 'what does not compile', lib.replace('-> u8', '-> String'), {}, 'compile-error'],
    ['cargo/test', 'a failing test', lib.replace('two(), 2', 'two(), 3'), {}, 'test-failed'],
    ['cargo/test', 'no tests at all', 'pub fn two() -> u8 {\n    2\n}\n', {}, 'too-few-tests'],
    ['cargo/test', 'a filter that matches nothing', lib, { filter: 'typo' }, 'too-few-tests'],
    ['cargo/test', 'fewer than promised', lib, { minimum: 2 }, 'too-few-tests'],
    ['cargo/test', 'what does not compile', lib.replace('-> u8', '-> String'), {}, 'does-not-compile'],
    [
      'cargo/test',
      'more ignored than accepted',
      lib.replace('#[test]', '#[test]\n    fn other() {}\n\n    #[test]\n    #[ignore]'),
      { maxIgnored: 0 },
      'too-many-ignored',
    ],
  ])('%s finds %s', async (uses, _, source, rest, code) => {
    const record = await check(uses, source, rest);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toContain(code);
  });

  it('a folder without a crate is no pass', async () => {
    for (const uses of ['cargo/fmt', 'cargo/clippy', 'cargo/test'])
      expect((await runStep({ uses, with: {}, target: tempDir() })).outcome).not.toBe('passed');
  });
  it('a lint has its place', async () =>
    expect((await check('cargo/clippy', lib.replace('    2\n', '    return 2;\n'))).findings[0]?.where).toMatchObject({
      file: 'src/lib.rs',
      line: 2,
    }));
});
