import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
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
import { tempDir } from '../rig/run-step.ts';
import { Base, gate, git, keys, repository, signerLine } from '../rig/signed.ts';

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
];

describe('tree states that must not be gated on', () => {
  let unseen = 0;

  it('the tree as it was verified opens the gate', async () =>
    expect(await after(() => {})).toMatchObject({ code: 0, text: '' }));

  it.each(shapes)('%s', async (_, says, change) => {
    const { code, text, porcelain } = await after(change);
    expect(code, text).toBe(22);
    expect(text).toMatch(says);
    if (porcelain === '') unseen++;
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

  it('git’s own variables do not lead it to another repository', async () => {
    const other = repository({ 'other.txt': 'x' });
    process.env['GIT_DIR'] = join(other, '.git');
    try {
      const target = base.target;
      rmSync(join(target, 'lib/link'), { force: true });
      const { facts } = await gather(
        { target, checklist: await loadChecklist(join(target, 'checklists/m1.yaml')) },
        base.record,
      );
      expect(facts.subject).toBe(base.record.tree.commit);
    } finally {
      delete process.env['GIT_DIR'];
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
