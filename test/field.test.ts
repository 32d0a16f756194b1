import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, precision, readJudgements, tally } from '../bench/field/judgements.ts';
import { readRows } from '../bench/field/rows.ts';
import { root } from './rig/cli.ts';
import { tempDir } from './rig/run-step.ts';

const row = (id: string, level = 'error') => ({
  id,
  repository: 'a/b',
  code: 'path-missing',
  level,
  kinds: ['docs/claims'],
  places: ['x.md:1'],
  message: 'm',
});
const judgements = `id\trepository\tcode\tlevel\tverdict
1\ta/b\tpath-missing\terror\tright
2\ta/b\tpath-missing\terror\twrong
# a person's remark
3\tc/d\tlink-broken\twarning\ttrivial
`;

describe('the field trial', () => {
  it('counts right and wrong, and leaves trivial and unclear out of the precision', () => {
    const judged = readJudgements(judgements);
    const [link, path] = tally(judged, (one) => one.code);
    expect(path).toMatchObject({ right: 1, wrong: 1, repositories: 1 });
    expect(precision(path ?? { right: 0, wrong: 0 })).toBe('50 %');
    expect(precision(link ?? { right: 1, wrong: 0 })).toBe('-');
    expect(precision({ right: 96, wrong: 3 })).toBe('96 %');
  });

  it('says what is new, gone and of another level; a repository that was not run is no part of it', () => {
    const seen = compare([row('1', 'warning'), row('9')], new Set(['a/b']), readJudgements(judgements));
    expect(seen.unjudged.map((one) => one.id)).toEqual(['9']);
    expect(seen.gone.map((one) => one.id)).toEqual(['2']);
    expect(seen.moved).toMatchObject([{ before: { id: '1' }, level: 'warning' }]);
    expect(seen.now).toMatchObject([{ id: '1', level: 'warning', verdict: 'right' }]);
  });

  it('refuses a verdict that is none', () => {
    expect(() => readJudgements('id\tverdict\n7\tperhaps\n')).toThrow('7: expected right, wrong, trivial, unclear');
  });

  it('a word that goes below a file ends no run: nothing is there', () => {
    const checkout = tempDir({
      'README.md': '# Pond\n\n[All](tools/feed)\n\n```sh\n./tools/feed\n```\n',
      'docker-compose.yml': 'services:\n  a: { image: "a:1", volumes: ["./README.md/x:/x"] }\n',
      'tools/feed': '#!/bin/sh\ncat tools/feed/feed\n',
    });
    execFileSync('git', ['init', '-q'], { cwd: checkout });
    const out = tempDir({});
    spawnSync(process.execPath, [join(root, 'bench', 'field.ts'), '--out', out, checkout]);
    expect(readFileSync(join(out, 'runs.tsv'), 'utf8')).not.toMatch(/\t70\t/);
  });

  it('drafts, runs and leaves the checkout as it was; one cause of two places is one row', () => {
    const checkout = tempDir({
      'README.md': '# Pond\n\nSee `src/gone.rs` and [it](src/main.rs).\n\nAgain: look at `src/gone.rs`.\n',
      'src/main.rs': '',
    });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.email=a@b', '-c', 'user.name=a', ...args], { cwd: checkout, encoding: 'utf8' });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'x');
    const out = tempDir({});
    const ran = spawnSync(process.execPath, [join(root, 'bench', 'field.ts'), '--out', out, checkout], {
      encoding: 'utf8',
    });
    expect(ran.stderr).toBe('');
    expect(git('status', '--porcelain', '--ignored')).toBe('');
    const rows = readRows(readFileSync(join(out, 'rows.tsv'), 'utf8'));
    expect(rows).toMatchObject([{ code: 'path-missing', places: ['README.md:3'] }]);
    expect(readFileSync(join(out, 'runs.tsv'), 'utf8')).toMatch(/\t2\t[\d.]+\t\d+\t10\t1\n$/);

    const file = join(out, 'judged.tsv');
    writeFileSync(file, `id\trepository\tcode\tlevel\tverdict\n${rows[0]?.id}\tx/y\tpath-missing\terror\tright\n`);
    const judged = spawnSync(process.execPath, [join(root, 'bench', 'field.ts'), '--out', out, '--judge', file], {
      encoding: 'utf8',
    });
    expect(judged.stdout).toMatch(/path-missing \(error\) +100 % +1 : 0/);
    expect(judged.stdout).toContain('0 not judged yet');
  });
});
