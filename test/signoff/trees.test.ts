import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadChecklist } from '../../src/checklist/load.ts';
import { gather } from '../../src/commands/gate-facts.ts';
import { sha256 } from '../../src/evidence/digest.ts';
import { verify } from '../rig/cli.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';
import { Base, committed, gate, git, keys, repository, signerLine } from '../rig/signed.ts';

interface Statement {
  subject: { name: string; digest: object }[];
}

let base: Base;
beforeAll(async () => {
  base = await Base.make({ 'tool.sh': '#!/bin/sh\n', 'lib/a.txt': 'a\n', 'lib/b.txt': 'b\n' });
  symlinkSync('a.txt', join(base.target, 'lib/link'));
});

/** The verified repository, copied and changed. */
async function after(
  change: (target: string) => void | Promise<void>,
  from: Base = base,
): Promise<{ code: number; text: string; porcelain: string }> {
  const target = tempDir();
  cpSync(from.target, target, { recursive: true, verbatimSymlinks: true });
  rmSync(join(target, 'lib/link'), { force: true });
  await change(target);
  const { facts, files } = await gather(
    { target, checklist: await loadChecklist(join(target, 'checklists/m1.yaml')) },
    from.record,
  );
  const { code, reasons } = await gate(from, { facts, files });
  return {
    code,
    text: reasons.map((reason) => reason.text).join('\n'),
    porcelain: git(target, 'status', '--porcelain', '--', '.', ':!FINAL_STATUS.md').trim(),
  };
}

const edit = (target: string, path = 'lib/a.txt'): void => appendFileSync(join(target, path), 'more\n');
const untracked = (target: string): void => writeFileSync(join(target, 'stray.txt'), 'x\n');

/** Dirty in ways that `git status --porcelain` does not always show (threat 24), and their siblings. */
const shapes: [name: string, path: RegExp, change: (target: string) => void][] = [
  ['an edited file', /lib\/a\.txt \(modified\)/, (t) => edit(t)],
  [
    'an edit that was staged',
    /lib\/a\.txt \(staged/,
    (t) => {
      edit(t);
      git(t, 'add', 'lib/a.txt');
    },
  ],
  ['a file removed', /lib\/a\.txt \(deleted\)/, (t) => unlinkSync(join(t, 'lib/a.txt'))],
  ['a file removed from the index alone', /lib\/a\.txt/, (t) => void git(t, 'rm', '-q', '--cached', 'lib/a.txt')],
  ['a new file', /stray\.txt \(untracked\)/, untracked],
  [
    'assume-unchanged',
    /lib\/a\.txt \(modified\)/,
    (t) => {
      git(t, 'update-index', '--assume-unchanged', 'lib/a.txt');
      edit(t);
    },
  ],
  [
    'skip-worktree',
    /lib\/a\.txt \(modified\)/,
    (t) => {
      git(t, 'update-index', '--skip-worktree', 'lib/a.txt');
      edit(t);
    },
  ],
  [
    'skip-worktree, and the file gone',
    /lib\/a\.txt \(deleted\)/,
    (t) => {
      git(t, 'update-index', '--skip-worktree', 'lib/a.txt');
      unlinkSync(join(t, 'lib/a.txt'));
    },
  ],
  [
    'info/exclude',
    /stray\.txt/,
    (t) => {
      mkdirSync(join(t, '.git/info'), { recursive: true });
      appendFileSync(join(t, '.git/info/exclude'), 'stray.txt\n');
      untracked(t);
    },
  ],
  [
    'core.excludesFile',
    /stray\.txt/,
    (t) => {
      writeFileSync(join(t, '.git/mine'), 'stray.txt\n');
      git(t, 'config', 'core.excludesFile', join(t, '.git/mine'));
      untracked(t);
    },
  ],
  [
    'status.showUntrackedFiles=no',
    /stray\.txt/,
    (t) => {
      git(t, 'config', 'status.showUntrackedFiles', 'no');
      untracked(t);
    },
  ],
  [
    'core.fileMode=false',
    /tool\.sh \(mode 100755/,
    (t) => {
      git(t, 'config', 'core.fileMode', 'false');
      chmodSync(join(t, 'tool.sh'), 0o755);
    },
  ],
  [
    'core.ignoreStat',
    /lib\/a\.txt/,
    (t) => {
      git(t, 'config', 'core.ignoreStat', 'true');
      git(t, 'update-index', '--really-refresh');
      edit(t);
    },
  ],
  [
    'a clean filter',
    /lib\/a\.txt \(modified\)/,
    (t) => {
      git(t, 'config', 'filter.calm.clean', "printf 'a\\n'");
      mkdirSync(join(t, '.git/info'), { recursive: true });
      writeFileSync(join(t, '.git/info/attributes'), '*.txt filter=calm\n');
      edit(t);
    },
  ],
  [
    'line ends that a text attribute turns back',
    /lib\/a\.txt \(modified\)/,
    (t) => {
      writeFileSync(join(t, '.git/info/attributes'), '*.txt text eol=crlf\n');
      writeFileSync(join(t, 'lib/a.txt'), 'a\r\n');
    },
  ],
  [
    'core.autocrlf',
    /lib\/a\.txt \(modified\)/,
    (t) => {
      git(t, 'config', 'core.autocrlf', 'true');
      writeFileSync(join(t, 'lib/a.txt'), 'a\r\n');
    },
  ],
  [
    'the same size and time',
    /lib\/a\.txt/,
    (t) => {
      execFileSync(
        'bash',
        ['-c', "touch -r lib/a.txt stamp; printf 'z\\n' > lib/a.txt; touch -r stamp lib/a.txt; rm stamp"],
        { cwd: t },
      );
      git(t, 'config', 'core.trustctime', 'false');
      git(t, 'config', 'core.checkStat', 'minimal');
    },
  ],
  [
    'a file that became a link to equal bytes',
    /lib\/a\.txt/,
    (t) => {
      renameSync(join(t, 'lib/a.txt'), join(t, '.git/a.txt'));
      symlinkSync('../.git/a.txt', join(t, 'lib/a.txt'));
    },
  ],
  [
    'a folder where a file was',
    /lib\/a\.txt \(deleted\)/,
    (t) => {
      unlinkSync(join(t, 'lib/a.txt'));
      mkdirSync(join(t, 'lib/a.txt'));
    },
  ],
  [
    'sparse checkout',
    /lib\/b\.txt \(deleted\)/,
    (t) => {
      git(t, 'status');
      git(t, 'sparse-checkout', 'set', '--no-cone', '/*', '!lib/b.txt');
    },
  ],
  [
    'a repository inside',
    /inner/,
    (t) => {
      mkdirSync(join(t, 'inner'));
      git(join(t, 'inner'), 'init', '-q');
      writeFileSync(join(t, 'inner/x'), 'x');
    },
  ],
  [
    'a replaced commit',
    /lib\/a\.txt/,
    (t) => {
      edit(t);
      git(t, 'add', '-A', 'lib');
      const tree = git(t, 'write-tree').trim();
      const made = git(t, 'commit-tree', '-m', 'x', tree).trim();
      git(t, 'replace', git(t, 'rev-parse', 'HEAD').trim(), made);
    },
  ],
  [
    'an intent to add',
    /stray\.txt/,
    (t) => {
      untracked(t);
      git(t, 'add', '-N', 'stray.txt');
    },
  ],
  [
    'a stranger in the folder of the runs',
    /reports\/m1\/notes/,
    (t) => {
      writeFileSync(join(t, '.gitignore'), '');
      git(t, 'add', '-A', '.gitignore');
      git(t, 'commit', '-qm', 'x');
      writeFileSync(join(t, 'reports/m1/notes'), 'x');
    },
  ],
  [
    'an edited ignore rule',
    /\.gitignore/,
    (t) => {
      appendFileSync(join(t, '.gitignore'), 'stray.txt\n');
      untracked(t);
    },
  ],
  [
    'core.ignorecase beside a tracked name',
    /lib\/A\.txt \(untracked\)/,
    (t) => {
      git(t, 'config', 'core.ignorecase', 'true');
      writeFileSync(join(t, 'lib/A.txt'), 'x');
    },
  ],
  [
    'a .gitignore that hides itself and all beside it',
    /sub\/\.gitignore \(untracked, and says what git ignores; if a tool made it, write sub\/ into/,
    (t) => {
      writeIn(t, 'sub/.gitignore', '*\n');
      writeIn(t, 'sub/evil.txt', 'x');
    },
  ],
  [
    'a .gitignore that hides itself, one level deeper, in a folder with a blank',
    /sub dir\/deep\/\.gitignore/,
    (t) => {
      writeIn(t, 'sub dir/deep/.gitignore', '*\n');
      writeIn(t, 'sub dir/deep/evil.txt', 'x');
    },
  ],
  [
    'a .gitignore in a tracked folder that ignores one file and itself',
    /lib\/\.gitignore/,
    (t) => {
      writeIn(t, 'lib/.gitignore', '.gitignore\nevil.txt\n');
      writeIn(t, 'lib/evil.txt', 'x');
    },
  ],
  [
    'a .gitattributes that info/exclude hides',
    /lib\/\.gitattributes/,
    (t) => {
      mkdirSync(join(t, '.git/info'), { recursive: true });
      writeFileSync(join(t, '.git/info/exclude'), '.gitattributes\n');
      writeIn(t, 'lib/.gitattributes', '*.txt text eol=crlf\n');
      writeFileSync(join(t, 'lib/a.txt'), 'a\r\n');
    },
  ],
  ['files below a .git that is no repository', /tools\/\.git/, (t) => writeIn(t, 'tools/.git/evil.py', 'x')],
  [
    'a name with a blank at its end beside a tracked one',
    /lib\/a\.txt {2}\(untracked\)/,
    (t) => writeIn(t, 'lib/a.txt ', 'x'),
  ],
  ['a name with a look-alike letter', /lib\/\u0430\.txt \(untracked\)/, (t) => writeIn(t, 'lib/\u0430.txt', 'x')],
  ['a name of other bytes for the same letters', /untracked/, (t) => writeIn(t, 'lib/e\u0301.txt', 'x')],
  ['a name with a line end', /untracked/, (t) => writeIn(t, 'lib/a\n.txt', 'x')],
  ['a linked worktree inside', /inner/, (t) => void git(t, 'worktree', 'add', '-q', '--detach', 'inner')],
  [
    'a tree of another place by core.worktree',
    /led to the tree|differs|stray|belongs|cannot/,
    (t) => {
      writeIn(t, 'elsewhere/x', 'x');
      git(t, 'config', 'core.worktree', join(t, '..'));
    },
  ],
  [
    'a filter of the attributes of the commit that is not believed',
    /lib\/a\.txt/,
    (t) => {
      git(t, 'config', 'filter.calm.clean', "printf 'a\\n'");
      writeFileSync(join(t, '.git/info/attributes'), '*.txt filter=calm\n');
      edit(t);
    },
  ],
  [
    'an untracked file in a declared place of reports with the name of the index',
    /reports\/index\.html/,
    (t) => {
      writeFileSync(join(t, '.gitignore'), '');
      git(t, 'add', '-A', '.gitignore');
      git(t, 'commit', '-qm', 'x');
      writeFileSync(join(t, 'reports/index.html'), '<h1>the product</h1>');
    },
  ],
  [
    'a file in the folder of a run that the run does not list',
    /reports\/m1\/[^/]+\/evidence\/evil\.py/,
    (t) => {
      writeFileSync(join(t, '.gitignore'), '');
      git(t, 'add', '-A', '.gitignore');
      git(t, 'commit', '-qm', 'x');
      const [run = ''] = readdirSync(join(t, 'reports/m1')).filter((name) => name.startsWith('2'));
      writeIn(t, `reports/m1/${run}/evidence/evil.py`, 'x');
    },
  ],
  [
    'a folder that is named like a run and is none',
    /2020-01-01T00-00-00Z-aaaaaa\/app\.js/,
    (t) => {
      writeFileSync(join(t, '.gitignore'), '');
      git(t, 'add', '-A', '.gitignore');
      git(t, 'commit', '-qm', 'x');
      writeIn(t, 'reports/m1/2020-01-01T00-00-00Z-aaaaaa/app.js', 'x');
      writeIn(t, 'reports/m1/2020-01-01T00-00-00Z-aaaaaa/record.json', '{}');
    },
  ],
];

/** A folder like that of a run of another milestone, whose record lists a file of the product. */
function forged(name: string, how: { attested?: boolean; ofStep?: boolean }): (typeof shapes)[number] {
  const run = '2020-01-01T00-00-00Z-aaaaaa';
  const at = `reports/other/${run}`;
  const path = how.ofStep === true ? 'evidence/s/app.js' : 'app.js';
  return [
    name,
    new RegExp(`${run}/${path}`),
    (t) => {
      writeFileSync(join(t, '.gitignore'), '');
      git(t, 'add', '-A', '.gitignore');
      git(t, 'commit', '-qm', 'x');
      const file = { path, bytes: 1, sha256: sha256('x') };
      const record = JSON.stringify({
        schema: 'https://verify-milestone.dev/record/v1',
        run: { id: run, milestone: 'other' },
        checklist: { sha256: sha256('') },
        steps: [{ id: 's', evidence: [file] }],
        manifest: [file],
      });
      writeIn(t, `${at}/${path}`, 'x');
      writeIn(t, `${at}/checklist.yaml`, '');
      writeIn(t, `${at}/record.json`, record);
      const subject = [{ name: 'record.json', digest: { sha256: sha256(how.attested === true ? record : 'other') } }];
      const predicateType = 'https://verify-milestone.dev/run/v1';
      writeIn(t, `${at}/attestation.json`, JSON.stringify({ predicateType, subject }));
    },
  ];
}
shapes.push(
  forged('a record of another milestone that lists a file of the product', {}),
  forged('the same, attested', { attested: true }),
  forged('the same as evidence, not attested', { ofStep: true }),
);

describe('tree states that must not be gated on', () => {
  let unseen = 0;

  it('the tree as it was verified opens the gate', async () =>
    expect(await after(() => {})).toMatchObject({ code: 0, text: '' }));

  it.each(shapes)('%s', async (name, says, change) => {
    const { code, text, porcelain } = await after(change);
    // Where git cannot say what is here, nothing may be concluded.
    expect(name.includes('core.worktree') ? [12, 22] : [22], text).toContain(code);
    expect(text).toMatch(says);
    if (porcelain === '') unseen++;
  });

  it('another run in the folder of the runs is none of them, and is named once it is committed', async () => {
    const [run = ''] = readdirSync(join(base.target, 'reports/m1')).filter((name) => name.startsWith('2'));
    const twin = '2020-01-01T00-00-00Z-aaaaaa';
    const target = tempDir();
    cpSync(base.target, target, { recursive: true, verbatimSymlinks: true });
    rmSync(join(target, 'lib/link'), { force: true });
    const at = join(target, 'reports/m1', twin);
    cpSync(join(target, 'reports/m1', run), at, { recursive: true });
    const record = readFileSync(join(at, 'record.json'), 'utf8').replaceAll(run, twin);
    writeFileSync(join(at, 'record.json'), record);
    const statement = JSON.parse(readFileSync(join(at, 'attestation.json'), 'utf8')) as Statement;
    statement.subject = statement.subject.map((one) =>
      one.name === 'record.json' ? { ...one, digest: { sha256: sha256(record) } } : one,
    );
    writeFileSync(join(at, 'attestation.json'), JSON.stringify(statement));
    for (const name of ['FINAL_STATUS.md', 'FINAL_STATUS.html', 'junit.xml', 'signoffs'])
      rmSync(join(at, name), { recursive: true, force: true });
    git(target, 'add', '-Af', `reports/m1/${twin}`);
    git(target, 'commit', '-qm', 'another run');
    const checklist = await loadChecklist(join(target, 'checklists/m1.yaml'));
    const { code, notices } = await gate(base, await gather({ target, checklist }, base.record));
    expect([code, notices.join('\n')]).toEqual([
      0,
      expect.stringContaining(`no part of what was signed: reports/m1/${twin}`),
    ]);
  });

  it('git status does not see at least 8 of them', () => expect(unseen).toBeGreaterThanOrEqual(8));

  it.each(['edited inside', 'at another commit', 'not checked out'])(
    'a submodule %s, with submodule.ignore=all',
    async (how) => {
      const inner = repository();
      const outer = repository();
      git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
      git(outer, 'config', '-f', '.gitmodules', 'submodule.sub.ignore', 'all');
      git(outer, 'add', '-A');
      git(outer, 'commit', '-qm', 'two');
      const { snapshot } = await import('../../src/hosts/tree.ts');
      expect((await snapshot(outer, { outputs: [] })).state.dirty).toEqual([]);
      if (how === 'edited inside') edit(join(outer, 'sub'), 'docs/runbook.md');
      else if (how === 'at another commit') git(join(outer, 'sub'), 'commit', '-q', '--allow-empty', '-m', 'x');
      else git(outer, 'submodule', '--quiet', 'deinit', '-f', 'sub');
      expect(git(outer, 'status', '--porcelain').trim()).toBe('');
      const { dirty } = (await snapshot(outer, { outputs: [] })).state;
      expect(dirty.map((one) => one.path).join()).toMatch(/^sub/);
    },
  );

  it('a file that git-lfs put in the place of its pointer is clean; another content is not', async () => {
    const content = 'a large file\n';
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${content.length}\n`;
    const target = repository({ 'large.bin': pointer });
    const { snapshot } = await import('../../src/hosts/tree.ts');
    writeFileSync(join(target, 'large.bin'), content);
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([]);
    writeFileSync(join(target, 'large.bin'), 'other\n');
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([{ path: 'large.bin', why: 'modified' }]);
  });

  it.each<[string, Record<string, string>]>([
    ['eol=crlf', { '.gitattributes': '*.bat text eol=crlf\n', 'x.bat': '@echo off\r\n' }],
    ['eol=crlf in a folder of its own', { 'win/.gitattributes': '* text eol=crlf\n', 'win/a b.txt': 'a\r\nb\r\n' }],
    ['ident', { '.gitattributes': '*.c ident\n', 'x.c': '// $Id$\n' }],
    ['text=auto with eol', { '.gitattributes': '* text=auto eol=crlf\n', 'x.txt': 'a\r\n' }],
  ])('a fresh checkout is clean with %s; an edit of it is not', async (_, files) => {
    const { snapshot } = await import('../../src/hosts/tree.ts');
    const origin = repository(files);
    const target = join(tempDir(), 'clone');
    git(origin, 'clone', '-q', origin, target);
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([]);
    const path = Object.keys(files).find((name) => !name.endsWith('.gitattributes')) ?? '';
    appendFileSync(join(target, path), 'more\r\n');
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([{ path, why: 'modified' }]);
  });

  it('a fresh checkout is clean with working-tree-encoding and names that are no UTF-8', async () => {
    const { snapshot } = await import('../../src/hosts/tree.ts');
    const origin = repository({ '.gitattributes': '*.rc text working-tree-encoding=UTF-16\n' });
    execFileSync(
      'bash',
      ['-c', "printf 'hello\\n' | iconv -t UTF-16 > y.rc; mkdir d; echo x > $'d/caf\\xe9.txt'; echo y > $'\\xff\\xfe'"],
      { cwd: origin },
    );
    git(origin, 'add', '-A');
    git(origin, 'commit', '-qm', 'names');
    const target = join(tempDir(), 'clone');
    git(origin, 'clone', '-q', origin, target);
    const { state } = await snapshot(target, { outputs: [] });
    expect(state.dirty).toEqual([]);
    execFileSync('bash', ['-c', "echo z >> $'d/caf\\xe9.txt'; echo > $'\\xe8'"], { cwd: target });
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([
      { path: '\\xE8', why: 'untracked' },
      { path: 'd/caf\\xE9.txt', why: 'modified' },
    ]);
  });

  it('line ends that the committed attributes ask for are clean, another text in an $Id$ is not', async () => {
    const { snapshot } = await import('../../src/hosts/tree.ts');
    const target = repository({ '.gitattributes': '*.sh ident\n', 'x.sh': '# $Id$\n' });
    writeFileSync(join(target, 'x.sh'), '# $Id: $(evil) $\n');
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([{ path: 'x.sh', why: 'modified' }]);
  });

  it('what the committed .gitignore ignores is no stranger, also a folder of tools that ignores itself', async () => {
    const { snapshot } = await import('../../src/hosts/tree.ts');
    const target = repository({ '.gitignore': 'reports/\nnode_modules/\n.venv/\n*.log\n' });
    writeIn(target, 'node_modules/x/.gitignore', 'dist\n');
    writeIn(target, 'node_modules/x/dist/y.js', 'x');
    writeIn(target, '.venv/.gitignore', '*\n');
    writeIn(target, '.venv/bin/python', 'x');
    writeIn(target, 'logs/deep/a.log', 'x');
    mkdirSync(join(target, 'empty/folder'), { recursive: true });
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([]);
    writeIn(target, 'logs/deep/a.txt', 'x');
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([
      { path: 'logs/deep/a.txt', why: 'untracked' },
    ]);
  });

  it('an ignore rule above the target that is in no commit is told', async () => {
    const { snapshot } = await import('../../src/hosts/tree.ts');
    const top = committed({ 'app/a.txt': 'a', 'lib/b.txt': 'b' });
    const target = join(top, 'app');
    writeIn(target, 'evil.txt', 'x');
    writeIn(top, '.gitignore', '/.gitignore\nevil.txt\n');
    expect((await snapshot(target, { outputs: [] })).state.dirty.map((one) => one.path)).toContain('../.gitignore');
    git(top, 'add', '-f', '.gitignore');
    git(top, 'commit', '-qm', 'rules');
    expect((await snapshot(target, { outputs: [] })).state.dirty).toEqual([]);
  });

  it('a commit more, and what it changed is named', async () => {
    const { code, text } = await after((t) => {
      edit(t);
      git(t, 'commit', '-qam', 'two');
    });
    expect(code).toBe(22);
    expect(text).toMatch(/these changed: lib\/a\.txt/);
  });

  it('a commit that holds nothing but the report is the same tree', async () => {
    expect(
      await after((t) => {
        git(t, 'add', 'FINAL_STATUS.md');
        git(t, 'commit', '-qm', 'the report');
      }),
    ).toMatchObject({ code: 0 });
  });

  it('a shallow clone that lacks the commit proves nothing', async () => {
    const target = tempDir();
    const origin = tempDir();
    cpSync(base.target, origin, { recursive: true, verbatimSymlinks: true });
    git(origin, 'add', 'FINAL_STATUS.md');
    git(origin, 'commit', '-qm', 'two');
    rmSync(target, { recursive: true });
    git(tempDir(), 'clone', '-q', '--depth', '1', `file://${origin}`, target);
    git(target, 'remote', 'set-url', 'origin', 'https://example.org/team/repo.git');
    const { facts, files } = await gather(
      { target, checklist: await loadChecklist(join(target, 'checklists/m1.yaml')) },
      base.record,
    );
    const { code, reasons } = await gate(base, { facts, files });
    expect({ code, text: reasons.map((reason) => reason.text).join() }).toMatchObject({
      code: 22,
      text: expect.stringMatching(/cannot prove.*shallow/) as string,
    });
  });

  const misleading = (other: string): Record<string, Record<string, string>> => ({
    GIT_DIR: { GIT_DIR: join(other, '.git') },
    GIT_WORK_TREE: { GIT_WORK_TREE: other },
    GIT_INDEX_FILE: { GIT_INDEX_FILE: join(other, '.git/index') },
    GIT_OBJECT_DIRECTORY: { GIT_OBJECT_DIRECTORY: join(other, '.git/objects') },
    GIT_ALTERNATE_OBJECT_DIRECTORIES: { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(other, '.git/objects') },
    GIT_COMMON_DIR: { GIT_COMMON_DIR: join(other, '.git') },
    GIT_NAMESPACE: { GIT_NAMESPACE: 'other' },
    GIT_CEILING_DIRECTORIES: { GIT_CEILING_DIRECTORIES: '/' },
    GIT_CONFIG_COUNT: {
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'remote.origin.url',
      GIT_CONFIG_VALUE_0: 'https://example.org/team/other.git',
      GIT_CONFIG_KEY_1: 'core.excludesFile',
      GIT_CONFIG_VALUE_1: join(other, 'other.txt'),
    },
    GIT_CONFIG_PARAMETERS: { GIT_CONFIG_PARAMETERS: "'remote.origin.url=https://example.org/team/other.git'" },
    GIT_CONFIG: { GIT_CONFIG: join(other, '.git/config') },
    GIT_CONFIG_GLOBAL: { GIT_CONFIG_GLOBAL: join(other, 'gitconfig') },
    GIT_ATTR_SOURCE: { GIT_ATTR_SOURCE: 'nowhere' },
    GIT_REPLACE_REF_BASE: { GIT_REPLACE_REF_BASE: 'refs/heads/' },
    GIT_GRAFT_FILE: { GIT_GRAFT_FILE: join(other, 'other.txt') },
    GIT_SHALLOW_FILE: { GIT_SHALLOW_FILE: join(other, 'other.txt') },
    GIT_LITERAL_PATHSPECS: { GIT_LITERAL_PATHSPECS: '1', GIT_ICASE_PATHSPECS: '0', GIT_NOGLOB_PATHSPECS: '1' },
    GIT_EXTERNAL_DIFF: { GIT_EXTERNAL_DIFF: 'false', GIT_DIFF_OPTS: '-u0' },
    GIT_EXEC_PATH: { GIT_EXEC_PATH: other },
  });

  it.each(Object.keys(misleading('')))('%s leads git nowhere else', async (name) => {
    const other = repository({
      'other.txt': 'x',
      gitconfig: '[remote "origin"]\n\turl = https://example.org/team/other.git\n',
    });
    git(other, 'remote', 'set-url', 'origin', 'https://example.org/team/other.git');
    const variables = misleading(other)[name] ?? {};
    const { target } = base;
    rmSync(join(target, 'lib/link'), { force: true });
    try {
      Object.assign(process.env, variables);
      const { facts } = await gather(
        { target, checklist: await loadChecklist(join(target, 'checklists/m1.yaml')) },
        base.record,
      );
      expect(facts).toMatchObject({
        subject: base.record.tree.commit,
        repository: 'https://example.org/team/repo.git',
        worktree: { digest: base.record.tree.digest, dirty: [] },
      });
    } finally {
      for (const one of Object.keys(variables)) delete process.env[one];
    }
  });
});

describe('a policy from the base', () => {
  const branch = async (change: (target: string) => void) => {
    const target = tempDir();
    cpSync(base.target, target, { recursive: true, verbatimSymlinks: true });
    rmSync(join(target, 'lib/link'), { force: true });
    git(target, 'checkout', '-q', '-b', 'pull-request');
    change(target);
    git(target, 'add', '-A', '.verify', 'checklists');
    git(target, 'commit', '-qm', 'two', '--allow-empty');
    const checklist = await loadChecklist(join(target, 'checklists/m1.yaml'));
    return gather({ target, checklist, policyFrom: 'main' }, base.record);
  };

  it('a signer whom the pull request adds does not count', async () => {
    const { files } = await branch((t) =>
      appendFileSync(join(t, '.verify/allowed_signers'), `${signerLine('mallory@example.org', keys.mallory)}\n`),
    );
    const bundle = base.signed(undefined, [
      { by: keys.alice, principal: 'alice@example.org', role: 'release-manager' },
      { by: keys.mallory, principal: 'mallory@example.org', role: 'qa' },
    ]);
    const { code, reasons } = await gate(base, { files, bundle });
    expect({ code, text: reasons.map((reason) => reason.text).join() }).toMatchObject({
      code: 20,
      text: expect.stringMatching(/no allowed signer/) as string,
    });
  });

  it('a threshold or a step that the pull request takes away is still asked for', async () => {
    const { facts, files } = await branch((t) => {
      const path = join(t, 'checklists/m1.yaml');
      execFileSync('sed', ['-i', 's/, qa: 1//', path]);
    });
    expect(files.policy.roles).toEqual({ 'release-manager': 1, qa: 1 });
    const { code, reasons } = await gate(base, { facts, files });
    expect({ code, text: reasons.map((reason) => reason.text).join() }).toMatchObject({
      code: 22,
      text: expect.stringMatching(/was changed since the run/) as string,
    });
  });

  it.each([
    ['a reference that is not there', ['--policy-from', 'nowhere'], 66],
    ['a reference that is an option', ['--policy-from', '--all'], 66],
    ['a commit that is not there', ['--commit', 'nowhere'], 64],
    ['a run that is not there', ['--run', '../../etc'], 66],
    ['a milestone before itself', ['--before', 'm1'], 64],
  ])('%s', async (_, args, code) => {
    const [flag = '', value = ''] = args;
    const ended = await verify(['gate', 'm1', `${flag}=${value}`], { cwd: base.target });
    expect(ended.code, ended.stdout + ended.stderr).toBe(code);
  });
});
