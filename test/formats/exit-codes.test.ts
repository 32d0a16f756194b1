import { describe, expect, it } from 'vitest';
import { endingsOf } from '../../src/formats/programs/exit-codes.ts';
import { makeRecipe, justRecipe } from '../../src/formats/programs/recipes.ts';
import { commandsOf, packageScripts } from '../../src/formats/test-runners/followed.ts';

const strict = { errexit: true, pipefail: true };
const plain = { errexit: false, pipefail: false };
const pytest = (script: string, how: typeof strict) => {
  const found = endingsOf(script, how).filter(({ words }) => words.includes('pytest'));
  expect(found.length, script).toBeGreaterThan(0);
  return found;
};

describe('an exit code that does not reach the end of a script', () => {
  it.each([
    'pytest || true',
    'pytest || { echo failed; }',
    '(pytest) || echo failed',
    '{ pytest; } || :',
    'pytest || exit 0',
    'pytest || rc=$?; echo over',
    'pytest || python -m unittest',
    'pytest && echo good; echo over',
    'set +e; pytest; echo over',
    'set +e\npytest\nset -e\necho over',
    'set +o pipefail; pytest | tee log',
    'pytest & wait',
    'pytest &\nwait $! || true',
    "trap 'exit 0' EXIT; pytest",
    'cleanup() { rm -f x; exit 0; }\ntrap cleanup EXIT\npytest',
    'if ! pytest; then echo failed; fi',
    'if pytest; then echo good; else echo failed; fi',
    'until pytest; do sleep 1; done',
    'for one in a b; do pytest $one || continue; done',
    'check() { pytest; echo checked; }\ncheck && echo good || echo bad',
    'check() { pytest; echo checked; }\nif check; then echo good; fi',
    'f() {\n  local out=$(pytest)\n  echo "$out"\n}\nf',
    'echo "$(pytest)"',
    'export OUT="$(pytest)"',
    'cat < <(pytest)',
    'eval "pytest || true"',
    'bash <<X\npytest\necho over\nX',
    'note() { echo "$1"; }\npytest || note failed',
  ])('%s', (script) => {
    for (const one of pytest(script, strict)) expect(one).toMatchObject({ lost: expect.any(String), asked: false });
  });

  it.each(['pytest; echo over', 'pytest | tee log', 'for one in a b; do pytest $one; done', '(pytest; echo over)'])(
    '%s, in a plain shell',
    (script) => expect(pytest(script, plain)[0]?.lost).toEqual(expect.any(String)),
  );

  it.each([
    'pytest',
    'pytest; echo over',
    'pytest | tee log',
    'echo before && pytest',
    'pytest && echo good',
    'pytest || exit 1',
    'pytest || { echo failed; exit 3; }',
    'rc=0; pytest || rc=$?; echo over; exit $rc',
    'pytest || FAILED=1\nif [ -n "${FAILED:-}" ]; then exit 1; fi',
    'failures=0\nfor one in a b; do pytest $one || ((failures++)); done\n[ $failures -eq 0 ]',
    'set +e\npytest\nrc=$?\nset -e\nexit $rc',
    'pytest & p=$!; wait $p',
    'if ! pytest; then echo failed; exit 1; fi',
    'if pytest; then echo good; else exit 1; fi',
    'die() { echo "$1"; exit 1; }\npytest || die failed',
    '. ./lib.sh\npytest || abort',
    'check() { pytest; echo checked; }\ncheck',
    'out=$(pytest)\necho "$out"',
    '(cd web && pytest)',
    'for one in a b; do pytest $one; done',
    "trap 'rm -f x' EXIT; pytest",
  ])('%s: does', (script) => {
    for (const one of pytest(script, strict)) expect(one.lost).toBeUndefined();
  });

  it.each(['! pytest', 'if pytest; then echo must fail; exit 1; fi', 'pytest && exit 1 || true'])(
    '%s: its failure is asked for',
    (script) => expect(pytest(script, strict)[0]?.asked).toBe(true),
  );

  it('a text that is no script is read as far as it goes', () => {
    expect(endingsOf('pytest || true\nif (', strict)).toMatchObject([{ words: ['pytest'] }, { words: ['true'] }]);
    expect(endingsOf('', strict)).toEqual([]);
  });

  it.each([
    ['find . -name "*_test.py" -exec pytest {} \\;', 'pytest {}', true],
    ['ls | xargs -n1 pytest -q', 'pytest -q', false],
    ['script -qc "pytest -q" /dev/null', 'sh -c pytest -q', true],
    ['PY=python3; $PY -m pytest', 'python3 -m pytest', false],
    ['"${PYTHON:-python3}" -m pytest', 'python3 -m pytest', false],
    ['timeout 60 env X=1 pytest -q', 'pytest -q', false],
  ])('%s starts a program', (script, text, lost) =>
    expect(commandsOf(script, strict).map((one) => [one.text, one.lost !== undefined])).toContainEqual([text, lost]),
  );
});

describe('what make and just run', () => {
  const text =
    'PY ?= python3\nall: unit lint\n\nunit: deps\n\t@$(PY) -m pytest \\\n\t  -q\n\nlint:\n\t-ruff check .\n\ndeps: ; pip check\n.PHONY: all unit\n';
  it.each([
    [undefined, [], ['unit', 'lint']],
    ['unit', [{ text: 'python3 -m pytest -q', ignored: false }], ['deps']],
    ['lint', [{ text: 'ruff check .', ignored: true }], []],
    ['deps', [{ text: 'pip check', ignored: false }], []],
  ])('%s', (target, scripts, needs) => expect(makeRecipe(text, target)).toMatchObject({ scripts, needs }));
  it('none where there is no such target', () => expect(makeRecipe(text, 'gone')).toBeUndefined());
  it('flags of the shell, one shell for all, and errors that are ignored', () =>
    expect(
      makeRecipe('SHELL := bash\n.SHELLFLAGS := -eu -o pipefail -c\n.ONESHELL:\n.IGNORE:\nt:\n\ta\n\tb\n', 't'),
    ).toEqual({ scripts: [{ text: 'a\nb', ignored: true }], needs: [], errexit: true, pipefail: true }));
  it('of a justfile', () => {
    const just =
      'set shell := ["bash", "-euo", "pipefail", "-c"]\n\ntest arg="x": build (lint "a")\n  @pytest\n  -ruff check\n\nbuild:\n  #!/bin/sh\n  a\n  b\n';
    expect(justRecipe(just, 'test')).toEqual({
      scripts: [
        { text: 'pytest', ignored: false },
        { text: 'ruff check', ignored: true },
      ],
      needs: ['build', 'lint'],
      errexit: false,
      pipefail: true,
    });
    expect(justRecipe(just, 'build')?.scripts).toEqual([{ text: '#!/bin/sh\na\nb', ignored: false }]);
    expect(justRecipe(just, undefined)?.needs).toEqual(['build', 'lint']);
  });

  it.each([
    ['npm --prefix web test', { names: ['test'], folder: 'web', ifPresent: false }],
    ['npm run lint --if-present', { names: ['lint'], ifPresent: true }],
    ['yarn --cwd=a unit', { names: ['unit'], folder: 'a', ifPresent: false }],
    ['run-s lint test', { names: ['lint', 'test'], ifPresent: false }],
    ['npm ci', undefined],
  ])('%s', (text_, expected) => expect(packageScripts(text_.split(' '))).toEqual(expected));
});
