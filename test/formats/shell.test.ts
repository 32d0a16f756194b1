import { describe, expect, it } from 'vitest';
import { parseShell } from '../../src/formats/programs/shell.ts';

const read = (text: string): string[] =>
  parseShell(text).map((one) => one.argv.map((word) => (word.open ? `{${word.text}}` : word.text)).join(' '));

describe('the commands of a shell text', () => {
  it.each<[string, string[]]>([
    ['make a && make b || make c; make d', ['make a', 'make b', 'make c', 'make d']],
    [
      'if make c; then make d; elif make e; then make f; else make g; fi',
      ['make c', 'make d', 'make e', 'make f', 'make g'],
    ],
    ['for f in a b; do make "$f"; done', ['make {$f}']],
    ['while read -r l; do make x; done < list', ['read -r l', 'make x']],
    ['case $1 in a|make) make z ;; *) make w ;; esac', ['make z', 'make w']],
    ['f() { make q; }\nfunction g { make r; }', ['make q', 'make r']],
    ['( cd a; make ) && { make b; }', ['cd a', 'make', 'make b']],
    ['! make a', ['make a']],
    ['time make a', ['make a']],
    ['sudo make \\\n  a \\\n  b\nmake c', ['sudo make a b', 'make c']],
    ['make a # make b\n# make c', ['make a']],
    ['cat <<EOF > out\nmake no\nEOF\nmake yes', ['cat', 'make yes']],
    ["cat <<-'EOF'\n\tmake no\n\tEOF\nmake yes", ['cat', 'make yes']],
    ['make a\r\nmake b\r\n', ['make a', 'make b']],
  ])('%s', (text, wanted) => expect(read(text)).toEqual(wanted));

  it.each<[string, string[]]>([
    [String.raw`printf $'it\'s\n'; bash scripts/gone.sh`, ["printf it's\n", 'bash scripts/gone.sh']],
    ['[[ $T =~ ^(bash scripts/gone.sh|make)$ ]] && make q', ['make q']],
    ['[[ -f a && ( -d b || ! -e c ) ]]; make q', ['make q']],
    ['x=(make b); make q', ['{x=(make b)}', 'make q']],
    ['A=1 B=$(ls) make q', ['A=1 {B=$(ls)} make q']],
    [String.raw`echo "a\nb \$c \"d\""`, [String.raw`echo a\nb $c "d"`]],
    ["echo 'a\\nb' a\\ b", ['echo a\\nb a b']],
    ['(( n++ )) && make q', ['make q']],
    ['echo $(( 1 + 2 )) ${x:-make} `make`', ['echo {$(( 1 + 2 ))} {${x:-make}} {`make`}']],
    ['diff <(ls a) <(ls b)', ['diff {<(ls a)} {<(ls b)}']],
    ['cp {a,b}.txt *.md c[0-9] d', ['cp {{a,b}.txt} {*.md} {c[0-9]} d']],
    ['git stash drop stash@{0}', ['git stash drop stash@{0}']],
    ['docker run <my image> -v <x>:/y', ['docker run {$_my_image} -v {$_x:/y}']],
  ])('what reads otherwise at first sight: %s', (text, wanted) => expect(read(text)).toEqual(wanted));

  it.each(['\u00a0', '\u3000', '\u2003', '\f', '\v', '\ufeff', '\u0085', '\u2028'])(
    'it ends at a space that is none to a shell (%j)',
    (space) => {
      expect(read(`│${space}${space} └── src\n${space}make a\nmake b`)).toEqual([
        `│${space}${space} └── src`,
        `${space}make a`,
        'make b',
      ]);
    },
  );

  it.each<[string, string[]]>([
    ["echo a\ndon't panic\nmake x\nmake y", ['echo a', 'make x', 'make y']],
    ['curl -d "{\nmake x', ['make x']],
    ['(venv) make x\nmake y', ['venv', 'make x', 'make y']],
    ['if true; then\nmake x', ['true', 'make x']],
    ['&& foo\nmake x', ['make x']],
    ['a ;; b\nmake x', ['a', 'make x']],
    ['} else {\nmake x', ['make x']],
    ['echo $(make\nmake x', ['make x']],
  ])('what Bash refuses is read up to there, and on from the next line: %s', (text, wanted) =>
    expect(read(text).slice(0, 9)).toEqual(wanted),
  );

  it('lines, what stands there, redirects and pipes', () => {
    expect(
      parseShell('\n  make a >a.log 2>err.log <in.txt |\n tee "b.log"\n{ make c; } >> $D/x > d.log\nmake <e>\n').map(
        ({ line, raw, writes, reads, piped }) => ({ line, raw, writes, reads, piped }),
      ),
    ).toEqual([
      {
        line: 2,
        raw: 'make a >a.log 2>err.log <in.txt',
        writes: ['a.log', 'err.log'],
        reads: ['in.txt'],
        piped: false,
      },
      { line: 3, raw: 'tee "b.log"', writes: [], reads: [], piped: true },
      { line: 4, raw: 'make c', writes: ['d.log'], reads: [], piped: false },
      { line: 5, raw: 'make <e>', writes: [], reads: [], piped: false },
    ]);
  });
});
