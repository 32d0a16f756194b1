import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { allowedLints, silences } from '../../src/toolchains/cargo/ambient.ts';
import { countTests } from '../../src/toolchains/cargo/suites.ts';
import { codes, runStep, tempDir, writeIn } from '../rig/run-step.ts';

const result = (passed: number, failed = 0): string =>
  `test result: ${failed > 0 ? 'FAILED' : 'ok'}. ${passed} passed; ${failed} failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n`;
const suite = (passed: number, inner = ''): string => `\nrunning ${passed} tests\n${inner}\n${result(passed)}`;
const running = (name: string): string =>
  `     Running tests/${name}.rs (target/debug/deps/${name}-0123456789abcdef)\n`;

describe('the tests that cargo announced', () => {
  it.each([
    ['two suites', suite(2) + suite(3), running('a') + running('b'), 5, true],
    ['a documentation test', suite(2) + suite(1), `${running('a')}   Doc-tests demo\n`, 3, true],
    [
      'documentation tests in two groups',
      suite(2) + suite(1) + suite(4),
      `${running('a')}   Doc-tests demo\n`,
      7,
      true,
    ],
    ['a line that a test printed', suite(1, result(40)), running('a'), 1, false],
    ['a whole suite that a test printed', suite(1, suite(40)), running('a'), 1, false],
    ['suites within suites', suite(1, suite(40, suite(7))), running('a'), 1, false],
    ['a suite that broke off within one', suite(1, '\nrunning 40 tests\n'), running('a'), 1, true],
    [
      'an end and a beginning that a test printed',
      `\nrunning 1 test\n${result(1)}${suite(40)}${result(1)}`,
      running('a'),
      41,
      false,
    ],
    ['a suite that cargo did not announce', suite(1) + suite(40), running('a'), 41, false],
  ])('%s', (_, stdout, stderr, passed, certain) =>
    expect(countTests(stdout, stderr, [])).toMatchObject({ passed, certain }),
  );
  it.each([
    ['in the first suite', `\nrunning 2 tests\n${suite(3)}`, 1],
    ['in the last', `${suite(3)}\nrunning 2 tests\n`, 1],
    ['in one that is followed by one without tests', `${suite(1)}\nrunning 2 tests\n${suite(0)}`, 1],
    ['in no suite', suite(3) + suite(0), 0],
    ['in a program that a test started', suite(1, '\nrunning 40 tests\n'), 0],
  ])('what ends the process %s', (_, stdout, unended) =>
    expect(countTests(stdout, running('a') + running('b'), [])).toMatchObject({ unended }),
  );
  it('a suite with a main of its own counts nothing, whatever it prints', () => {
    const both = running('a') + running('own');
    expect(countTests(suite(2) + suite(40), both, ['own'])).toMatchObject({ passed: 2, unharnessed: ['own'] });
    expect(countTests(suite(2), both, ['own'])).toMatchObject({ passed: 2, certain: true });
  });
  it('what fails in a program that a test started fails no test', () =>
    expect(
      countTests(suite(1, `\nrunning 1 test\ntest inner ... FAILED\n${result(0, 1)}`), running('a'), []),
    ).toMatchObject({ failed: 0, failures: [] }));
});

describe('settings', () => {
  it.each([
    ['--cap-lints allow'],
    ['-A dead_code'],
    ['-Adead_code'],
    ['["-A", "warnings"]'],
    ['-C opt-level=1\u001f--cap-lints=warn'],
    ['--allow=unused'],
  ])('%s keeps lints from being seen', (flags) => expect(silences(`RUSTFLAGS=${flags}`)).toBe(true));
  it.each([['-D warnings'], ['-C target-cpu=native'], ['--cfg tokio_unstable'], ['-L /usr/A']])(
    '%s does not',
    (flags) => expect(silences(`RUSTFLAGS=${flags}`)).toBe(false),
  );
  it('a manifest that allows whole groups is told from one that allows a lint', () =>
    expect(
      allowedLints(
        '[lints.clippy]\nall = "allow"\nneedless_return = { level = "allow" }\n[lints.rust]\nunused = "deny"\n[workspace.lints.rust]\nwarnings = "allow"\n',
      ),
    ).toEqual([
      { name: 'clippy::all', group: true },
      { name: 'clippy::needless_return', group: false },
      { name: 'warnings', group: true },
    ]));
});

const have = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe.runIf(have('cargo') && have('rustfmt'))('with the real cargo', () => {
  const good =
    'pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n\n#[test]\nfn one() {\n    assert_eq!(add(1, 1), 2);\n}\n';
  const crate = (files: Record<string, string> = {}, above?: string, inner = '.'): string => {
    const outer = above === undefined ? undefined : mkdtempSync(join(tmpdir(), 'verify-above-'));
    const target = outer === undefined ? tempDir() : join(outer, 'in', 'the crate');
    mkdirSync(target, { recursive: true });
    if (outer !== undefined) writeFileSync(join(outer, 'rustfmt.toml'), above ?? '');
    const all = {
      'Cargo.toml': '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/lib.rs': good,
      '.gitignore': 'target/\n.rustfmt.toml\n',
      ...files,
    };
    for (const [path, text] of Object.entries(all)) writeIn(target, join(inner, path), text);
    execFileSync('git', ['init', '-q'], { cwd: target });
    return target;
  };
  const step = (uses: string, target: string, rest: object = {}) => runStep({ uses, target, with: { ...rest } });
  afterEach(() => vi.unstubAllEnvs());

  const bad = { 'src/lib.rs': 'pub fn add(a: i32, b: i32)->i32{a+b}\n' };
  it('rustfmt that is silenced, or goes by what is not of the tree, proves nothing', async () => {
    expect(codes(await step('cargo/fmt', crate(bad)))).toEqual(['unformatted']);
    expect(await step('cargo/fmt', crate())).toMatchObject({ outcome: 'passed', findings: [] });
    expect(codes(await step('cargo/fmt', crate(bad, 'disable_all_formatting = true\n')))).toContain('silenced');
    expect(codes(await step('cargo/fmt', crate({}, 'max_width = 400\n')))).toEqual(['silenced']);
    expect(
      codes(await step('cargo/fmt', crate({ ...bad, '.rustfmt.toml': 'disable_all_formatting = true\n' }))),
    ).toContain('silenced');
    expect(
      codes(await step('cargo/fmt', crate({ ...bad, 'rustfmt.toml': 'disable_all_formatting = true\n' }))),
    ).toEqual(['silenced']);
    expect(
      await step('cargo/fmt', crate({ 'rustfmt.toml': 'max_width = 90\n' }, 'disable_all_formatting = true\n')),
    ).toMatchObject({ outcome: 'passed', findings: [] });
    vi.stubEnv('RUSTFMT', '/bin/true');
    expect(codes(await step('cargo/fmt', crate(bad)))).toContain('silenced');
  });
  it('a configuration in the home folder is not of the tree', async () => {
    const home = tempDir({ '.config/rustfmt/rustfmt.toml': 'disable_all_formatting = true\n' });
    vi.stubEnv('CARGO_HOME', process.env['CARGO_HOME'] ?? join(process.env['HOME'] ?? '', '.cargo'));
    vi.stubEnv('RUSTUP_HOME', process.env['RUSTUP_HOME'] ?? join(process.env['HOME'] ?? '', '.rustup'));
    vi.stubEnv('HOME', home);
    vi.stubEnv('XDG_CONFIG_HOME', undefined);
    expect(codes(await step('cargo/fmt', crate(bad)))).toContain('silenced');
  });

  it('clippy that is silenced proves nothing', async () => {
    const linted = { 'src/lib.rs': 'pub fn a(x: bool) -> bool {\n    return x;\n}\n' };
    const target = crate(linted);
    expect(codes(await step('cargo/clippy', target))).toEqual(['lint']);
    vi.stubEnv('RUSTFLAGS', '--cap-lints allow');
    expect(codes(await step('cargo/clippy', target))).toEqual(['silenced']);
    vi.stubEnv('RUSTFLAGS', undefined);
    writeIn(target, '.cargo/config.toml', '[build]\nrustflags = ["--cap-lints", "allow"]\n');
    expect(codes(await step('cargo/clippy', target))).toEqual(['silenced']);
    writeIn(target, '.cargo/config.toml', '[alias]\nclippy = "check"\n');
    expect(codes(await step('cargo/clippy', target))).toContain('silenced');
    writeIn(target, '.cargo/config.toml', '[build]\nrustflags = ["-C", "debuginfo=0"]\n');
    expect(codes(await step('cargo/clippy', target))).toEqual(['lint']);
    writeIn(
      target,
      'Cargo.toml',
      '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n[lints.clippy]\nall = "allow"\n',
    );
    expect(codes(await step('cargo/clippy', target))).toEqual(['silenced']);
  });

  it('lines of a test’s children count nothing, and a main of its own cannot be counted', async () => {
    const child = `std::process::Command::new("sh").arg("-c").arg("printf '\\\\nrunning 40 tests\\\\n\\\\ntest result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\\\\n\\\\n'").status().unwrap();`;
    const target = crate({ 'tests/it.rs': `#[test]\nfn fixture() {\n    ${child}\n}\n` });
    const few = await step('cargo/test', target, { minimum: 20 });
    expect(codes(few)).toEqual(['too-few-tests']);
    expect(few.findings[0]?.message).toMatch(/^2 tests passed, expected at least 20/);
    expect(await step('cargo/test', target, { minimum: 2 })).toMatchObject({ outcome: 'passed', findings: [] });
    writeIn(
      target,
      'Cargo.toml',
      '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n[[test]]\nname = "it"\nharness = false\n',
    );
    writeIn(target, 'tests/it.rs', `fn main() {\n    ${child}\n}\n`);
    expect(codes(await step('cargo/test', target, { minimum: 20 }))).toEqual(['not-countable']);
    expect(await step('cargo/test', target, { minimum: 1 })).toMatchObject({ outcome: 'passed' });
    vi.stubEnv('CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER', 'env');
    expect(codes(await step('cargo/test', target, { minimum: 1 }))).toEqual(['not-countable']);
  });

  it('what was built of another tree is built anew, though its times are newer', async () => {
    const target = crate();
    const old = (day: string): void => utimesSync(join(target, 'src/lib.rs'), new Date(day), new Date(day));
    old('2026-01-02');
    expect(await step('cargo/test', target)).toMatchObject({ outcome: 'passed' });
    writeIn(target, 'src/lib.rs', good.replace('a + b', 'a - b'));
    old('2026-01-01');
    expect(codes(await step('cargo/test', target))).toEqual(['test-failed']);
    // Somebody builds the good one again, and the broken one comes back with an old time.
    writeIn(target, 'src/lib.rs', good);
    execFileSync('cargo', ['test', '-q', '--no-run'], { cwd: target, stdio: 'ignore' });
    writeIn(target, 'src/lib.rs', good.replace('a + b', 'a - b'));
    old('2026-01-01');
    expect(codes(await step('cargo/test', target))).toEqual(['test-failed']);
  });

  it.each([
    ['as an argv', { run: ['cargo', 'test', '-q'] }, '.'],
    ['in a shell', { shell: 'cd crate && cargo build -q && cargo test -q' }, 'crate'],
    ['in a Makefile', { run: ['make', '-C', 'crate', 'all'] }, 'crate'],
  ])('a plain command that calls cargo %s builds what is there', async (_, rest, folder) => {
    const make = 'CARGO ?= cargo\nall:\n\t$(CARGO) test -q --manifest-path Cargo.toml\n';
    const target = crate({ Makefile: make }, undefined, folder);
    const lib = join(folder, 'src/lib.rs');
    const old = (day: string): void => utimesSync(join(target, lib), new Date(day), new Date(day));
    const run = () => step('command', target, { ...rest, tree: 'may-change' });
    old('2026-01-02');
    expect(await run()).toMatchObject({ outcome: 'passed' });
    writeIn(target, lib, good.replace('a + b', 'a - b'));
    old('2026-01-01');
    expect(codes(await run())).toContain('exit-code');
  });

  it('a plain command does not pass where clippy or rustfmt is silenced from outside', async () => {
    const target = crate({ 'src/lib.rs': 'pub fn a(x: bool) -> bool {\n    return x;\n}\n' });
    const clippy = { run: ['cargo', 'clippy', '-q', '--', '-D', 'warnings'], tree: 'may-change' };
    expect(codes(await step('command', target, clippy))).toEqual(['exit-code']);
    vi.stubEnv('RUSTFLAGS', '--cap-lints allow');
    expect(await step('command', target, clippy)).toMatchObject({ outcome: 'error', findings: [{ code: 'silenced' }] });
    vi.stubEnv('RUSTFLAGS', undefined);
    vi.stubEnv('RUSTFMT', '/bin/true');
    const fmt = { shell: 'cargo fmt --all -- --check', tree: 'may-change' };
    expect((await step('command', crate(bad), fmt)).outcome).toBe('error');
    vi.stubEnv('RUSTFMT', undefined);
    expect(codes(await step('command', crate(bad), fmt))).toEqual(['exit-code']);
    expect(await step('command', crate(), fmt)).toMatchObject({ outcome: 'passed', findings: [] });
  });
});

describe('a test that ends its process, and a dependency at a path', () => {
  const manifest = (more = ''): string => `[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
  const good = '#[test]\nfn a() {}\n';
  it('exit code 0 beside a suite without a result is not counted', async () => {
    const target = tempDir({
      'Cargo.toml': manifest(),
      'src/lib.rs': good,
      'tests/t.rs': '#[test]\nfn a() { std::process::exit(0) }\n#[test]\nfn b() { panic!() }\n',
    });
    expect(codes(await runStep({ uses: 'cargo/test', target, with: {} }))).toEqual(['not-countable']);
  });
  it('what it was built from is the one that lies there', async () => {
    const target = tempDir({
      'Cargo.toml': manifest('[dependencies]\nd = { path = "d" }\n'),
      'd/Cargo.toml': manifest().replace('demo', 'd'),
      'd/src/lib.rs': 'pub fn n() -> u8 { 1 }\n',
      'src/lib.rs': '#[test]\nfn a() { assert_eq!(d::n(), 1) }\n',
    });
    expect(codes(await runStep({ uses: 'cargo/test', target, with: {} }))).toEqual([]);
    writeIn(target, 'd/src/lib.rs', 'pub fn n() -> u8 { 2 }\n');
    utimesSync(join(target, 'd/src/lib.rs'), 1_000_000_000, 1_000_000_000);
    expect(codes(await runStep({ uses: 'cargo/test', target, with: {} }))).toEqual(['test-failed']);
  });
});
