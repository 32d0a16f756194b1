import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { tempDir } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const [title, skip] = needing('what the command loosens, and what git leaves behind', 'ssh-keygen');
const step = 'run: [echo, "${{ vars.word }} ${{ vars.at }}"]';
const vars = (policy = ''): string => `vars: { word: good, at: "http://127.0.0.1:1" }\n${policy}`;

describe.skipIf(skip)(title, () => {
  it.each<[string, string[], number, number]>([
    ['the checklist’s own values', [], 0, 0],
    ['the value that the checklist has', ['--var', 'word=good'], 0, 0],
    ['another address', ['--var', 'at=http://127.0.0.1:2/x'], 0, 0],
    ['another word', ['--var', 'word=goodness'], 11, 11],
    ['an address in the place of a word', ['--var', 'word=http://good'], 11, 11],
    ['a word in the place of an address', ['--var', 'at=none'], 11, 11],
    ['a file in the place of an address', ['--var', 'at=file:///etc/hostname'], 11, 11],
    ['an address that a shell would read as more', ['--var', 'at=http://good/;true'], 11, 11],
    ['both', ['--var', 'at=http://h:1', '--var', 'word=good indeed'], 11, 11],
  ])('--var: %s', async (_, args, signs, gates) => {
    const m = new Milestone({}, vars(), step).committed();
    expect((await m.run(...args)).code).toBe(0);
    const signed = await m.sign();
    expect(signed.code, said(signed)).toBe(signs);
    const gated = await m.gate();
    expect([gates === 0 ? 0 : 11, 20], said(gated)).toContain(gated.code);
    const changed = args.filter((one) => one.includes('=') && one !== 'word=good');
    for (const one of changed) {
      const [name = '', value = ''] = one.split(/=(.*)/s);
      const text = `the variable ${name} was set by hand: ${value} (the checklist has `;
      expect(said(signed) + said(gated)).toContain(text);
      expect(m.read('reports/m1/latest/FINAL_STATUS.html')).toContain(`the variable ${name} was set by hand`);
      expect(m.read('reports/m1/latest/FINAL_STATUS.md')).toContain(`the variable ${name} was set by hand`);
    }
    if (changed.length === 0) expect(said(gated)).not.toContain('set by hand');
  });

  it.each<[string, string[], number]>([
    ['any', ['--var', 'word=goodness'], 0],
    ['declared', ['--var', 'at=http://127.0.0.1:2'], 11],
    ['declared', [], 0],
  ])('the policy vars: %s with %j signs with %i', async (policy, args, code) => {
    const m = new Milestone({}, vars(), step);
    const checklist = m.read('checklists/m1.yaml').replace('rm: 1 } }', `rm: 1 }, vars: ${policy} }`);
    m.committed({ 'checklists/m1.yaml': checklist });
    await m.run(...args);
    const signed = await m.sign();
    expect(signed.code, said(signed)).toBe(code);
    if (code === 0) expect((await m.gate()).code).toBe(0);
  });

  it.each([
    ['a folder', 's/', '.gitignore:2: s/'],
    ['an ending', '*.stdout', '.gitignore:2: *.stdout'],
    ['the sign-offs', 'signoffs/', ''],
  ])('evidence that a rule for %s leaves behind is told before it is signed', async (_, rule, named) => {
    const m = new Milestone({ '.gitignore': `node_modules/\n${rule}\n` }).committed();
    await m.run();
    const refused = await m.sign();
    if (named === '') {
      // Nothing of it is there before the first signature; then the gate tells.
      expect(refused.code, said(refused)).toBe(0);
      git(m.cwd, 'add', 'reports');
      const shut = await m.gate();
      expect(shut.code, said(shut)).toBe(22);
      expect(shut.stdout).toContain('.gitignore:2: signoffs/');
      return;
    }
    expect(refused.code, said(refused)).toBe(22);
    expect(refused.stderr).toContain(named);
    git(m.cwd, 'add', '-f', 'reports/m1');
    const signed = await m.sign();
    expect(signed.code, said(signed)).toBe(0);
    git(m.cwd, 'add', '-f', 'reports/m1');
    git(m.cwd, 'commit', '-qm', 'report');
    const clone = `${tempDir()}/clone`;
    git(m.cwd, 'clone', '-q', m.cwd, clone);
    git(clone, 'remote', 'set-url', 'origin', 'https://example.org/team/m.git');
    const { verify } = await import('../rig/cli.ts');
    const open = await verify(['gate', 'm1'], { cwd: clone });
    expect(open.code, said(open)).toBe(0);
  });

  it('reports that are ignored as a whole are handed over otherwise: a notice, and the gate is open', async () => {
    const m = new Milestone().committed();
    await m.run();
    const signed = await m.sign();
    expect(signed.code, said(signed)).toBe(0);
    expect(said(signed)).toContain('git ignores the run’s folder (.gitignore:1: reports/)');
    expect((await m.gate()).code).toBe(0);
  });

  it('init writes the exception that the rules of the repository call for, and the way through git stays open', async () => {
    const m = new Milestone({
      '.gitignore': 'build/\ncoverage/\n*.log\n',
      'checklists/m1.yaml': '',
      'package.json': '{"name":"x","version":"1.0.0","scripts":{"build":"echo built","test":"echo good"}}',
    });
    const { verify } = await import('../rig/cli.ts');
    const drafted = await verify(['init', '--milestone', 'm2'], {
      cwd: m.cwd,
      env: { GIT_CONFIG_GLOBAL: '/dev/null' },
    });
    expect(drafted.code, said(drafted)).toBe(0);
    expect(m.read('.gitignore')).not.toContain('!/reports');
    m.committed();
    const again = await verify(['init', '--milestone', 'm3'], { cwd: m.cwd, env: { GIT_CONFIG_GLOBAL: '/dev/null' } });
    expect(said(again)).toContain('wrote .gitignore');
    expect(m.read('.gitignore')).toBe('build/\ncoverage/\n*.log\n!/reports/*/*Z-*/**\n');
    const third = await verify(['init', '--milestone', 'm4'], { cwd: m.cwd, env: { GIT_CONFIG_GLOBAL: '/dev/null' } });
    expect(said(third)).not.toContain('.gitignore');
  });
});
