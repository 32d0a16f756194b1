import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { help } from '../../src/commands/help.ts';
import { root, verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const checklist = (milestone: string, steps: string): string =>
  `version: 1\ntree: none\nmilestone: ${milestone}\ntitle: T\nitems:\n  - id: item\n    title: Item\n    steps:\n${steps}`;
const plain = '      - { id: tests, uses: command, with: { shell: "echo ok" } }\n';

describe('a stranger’s first commands', () => {
  it('verify alone names the milestones here, and is no pass', async () => {
    const { code, stderr } = await verify([], { cwd: tempDir({ 'checklists/m1.yaml': checklist('m1', plain) }) });
    expect(code).toBe(64);
    expect(stderr).toContain('There is m1.\n');
    expect(stderr).not.toContain('milestone-16');
  });
  it('verify alone where there is nothing: how to begin', async () => {
    const { code, stderr } = await verify([], { cwd: tempDir({}) });
    expect(code).toBe(64);
    expect(stderr).toContain('verify init ');
    expect(stderr).not.toContain('Which milestone');
  });
  it.each([
    ['plann x', 'did you mean: verify plan x'],
    ['initt', 'did you mean the command `verify init`?'],
    ['zzzzzz x', 'verify --help lists the commands'],
  ])('verify %s: %s', async (words, said) => {
    const { code, stderr } = await verify(words.split(' '), { cwd: tempDir({}) });
    expect([64, 66]).toContain(code);
    expect(stderr).toContain(said);
  });
  it('lint without names takes every checklist here, and says where there is none', async () => {
    const cwd = tempDir({ 'checklists/a.yaml': checklist('a', plain), 'checklists/b.yaml': checklist('b', plain) });
    const both = await verify(['lint'], { cwd });
    expect(both.stdout).toMatch(/^checklists\/a\.yaml: valid, 1 item, 1 step\n[^]*^checklists\/b\.yaml: valid/m);
    expect((await verify(['lint'], { cwd: tempDir({}) })).code).toBe(66);
  });
  it('sign-off takes the only role of the policy, and asks which where there are several', async () => {
    const policy = (roles: string): string => `${checklist('m1', plain)}signoff: { roles: ${roles} }\n`;
    const said = async (roles: string): Promise<string> => {
      const cwd = tempDir({ 'checklists/m1.yaml': policy(roles) });
      await verify(['m1', '--ui', 'plain'], { cwd });
      return (await verify(['sign-off', 'm1', '--approve', '--comment', 'x', '--yes'], { cwd })).stderr;
    };
    expect(await said('{ qa: 1 }')).not.toContain('--role');
    expect(await said('{ qa: 1, maintainer: 1 }')).toContain('the policy names several roles: qa, maintainer');
  });
  it('--var takes the type of the checklist’s own value', async () => {
    const text =
      'version: 1\nmilestone: m\ntitle: M\ntarget: ..\nvars: { n: 0, on: false }\nitems:\n  - id: i\n    title: I\n    steps:\n      - { id: s, uses: command, with: { run: [bash, -c, "exit 3"], background: "${{ vars.on }}", expect: { exit: "${{ vars.n }}" } } }\n';
    const cwd = tempDir({ 'checklists/m.yaml': text });
    const plan = (n: string, on: string) => verify(['plan', 'm', '--var', `n=${n}`, '--var', `on=${on}`], { cwd });
    expect((await plan('3', 'true')).code).toBe(0);
    expect(await plan('three', 'true')).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('expected') as string,
    });
    expect((await plan('3', 'yes')).code).toBe(65);
  });

  it('the release checklist of verify itself is nothing of another repository', async () => {
    const { code, stderr } = await verify(['plan', 'release'], { cwd: tempDir({}) });
    expect({ code, stderr }).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('no milestone, checklist') as string,
    });
  });

  it('the sample that ships is no milestone of another repository', async () => {
    const { stderr } = await verify(['plan', 'milestone-99'], { cwd: tempDir({}) });
    expect(stderr).not.toContain('milestone-16');
  });
  it('everything that is wrong with a checklist is said at once, with what to write instead', async () => {
    const cwd = tempDir({
      'c.yaml': `${checklist(
        'c',
        '      - { id: t, uses: command, with: { rnu: [x], shell: "true" } }\n' +
          '      - { id: u, uses: command, with: { run: git tag, stdout: 3 } }\n' +
          '      - { id: v, uses: comand, with: {} }\n' +
          '      - { id: w, uses: manual/confirm, with: { question: so, and its bugs closed? } }\n',
      )}itms: []\n`,
    });
    const { code, stderr } = await verify(['lint', 'c.yaml'], { cwd });
    expect(code).toBe(65);
    expect(stderr).toContain('6 problems');
    for (const [line, message, remedy] of [
      [9, 'unknown key rnu', 'did you mean run?'],
      [10, 'run: expected a list, found the text "git tag"', 'write run: ["git", "tag"], or shell: for a line of bash'],
      [10, 'unknown key stdout', 'known here: run, shell, '],
      [11, 'no step type is called comand', 'did you mean command?'],
      [12, 'unknown key and its bugs closed?', 'a text with a comma or a colon in it needs quotes'],
      [13, 'unknown key itms', 'did you mean items?'],
    ] as const) {
      const at = stderr.split('\n\n').find((part) => part.includes(message));
      expect(at, message).toContain(`c.yaml:${line}:`);
      expect(at, message).toContain(remedy);
    }
  });
  it('a log has each finding once, with the last lines of what failed and where the rest lies', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(
        'm1',
        '      - { id: a, uses: command, with: { shell: "seq 101 130; echo boom >&2; exit 3" } }\n' +
          '      - { id: b, uses: files/exist, with: { files: [gone.md] } }\n',
      ),
    });
    const { code, stdout } = await verify(['m1', '--ui', 'plain'], { cwd, env: { NO_COLOR: '1' } });
    expect(code).toBe(10);
    expect(stdout.split('the script exited with 3, expected 0')).toHaveLength(2);
    expect(stdout.split('gone.md is not there')).toHaveLength(2);
    expect(stdout).toMatch(/│ 130\n\s+│ boom\n/);
    expect(stdout).not.toContain('│ 110\n');
    expect(stdout).toMatch(/all of it: reports\/m1\/[^ ]+\/evidence\/a\/command\.stderr/);
    expect(stdout).toMatch(/✘ a failed: exit-code\n✘ b failed: missing\n/);
  });
  it('doctor names programs and secrets that are not there, and what would keep the run from being signed', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(
        'm1',
        '      - { id: a, uses: command, secrets: [NO_SUCH_TOKEN], with: { run: [no-such-program, x] } }\n      - { id: b, uses: command, with: { run: [node, -v] } }\n',
      ),
    });
    const { code, stdout } = await verify(['doctor', 'm1'], { cwd });
    expect(code).toBe(12);
    expect(stdout).toContain('✘ no-such-program: not found');
    expect(stdout).toContain('✘ the environment variable NO_SUCH_TOKEN is not set');
    expect(stdout).toContain('✔ node  (b)');
    expect(stdout).toContain('the allowed signers file .verify/allowed_signers is not there');
  });
  it.each([
    ['nowhere', {}, 12],
    ['in the environment of Python', { '.venv/bin/mypy': '#!/bin/sh\n', '.venv/bin/tox': '#!/bin/sh\n' }, 0],
    ['by a package manager that has a lock file', { 'uv.lock': 'version = 1\n' }, 0],
    ['one alone', { 'node_modules/.bin/mypy': '#!/bin/sh\n' }, 12],
  ])('doctor looks for linters and tox: %s', async (_, files: Record<string, string>, wanted) => {
    const cwd = tempDir({
      ...files,
      'checklists/m1.yaml': checklist(
        'm1',
        '      - { id: types, uses: python/lint, with: { linter: mypy } }\n      - { id: envs, uses: python/test, with: { runner: tox } }\n',
      ),
    });
    for (const file of Object.keys(files)) chmodSync(join(cwd, file), 0o755);
    // A PATH of its own: what is installed on the machine must not answer.
    const programs = Object.fromEntries(
      ['git', 'python3', 'uv'].map((program) => [program, `#!/bin/sh\necho ${program} 3.12.0\n`]),
    );
    const bin = tempDir(programs);
    for (const program of Object.keys(programs)) chmodSync(join(bin, program), 0o755);
    const { code, stdout } = await verify(['doctor', 'm1'], { cwd, env: { PATH: bin } });
    const lacks = ['mypy', 'tox'].filter((program) => stdout.includes(`✘ ${program}: not found`));
    expect(lacks, stdout).toEqual(wanted === 0 ? [] : Object.keys(files).length === 0 ? ['mypy', 'tox'] : ['tox']);
    expect(code, stdout).toBe(wanted);
  });
  it('--help names the command as it was called: usage, examples, and what a container says', async () => {
    for (const VERIFY_COMMAND of ['npx verify-milestone', 'docker run --rm -v "$PWD:/repo" -w /repo verify']) {
      const shown = async (...words: string[]): Promise<string> =>
        (await verify([...words, '--help'], { cwd: tempDir({}), env: { VERIFY_COMMAND } })).stdout;
      const help = await shown();
      expect(help).toContain(`Usage: ${VERIFY_COMMAND} [options] [command]\n`);
      expect(help).toContain(`\n  ${VERIFY_COMMAND} plan milestone-16 `);
      expect(help).toContain(`\n  ${VERIFY_COMMAND} milestone-16 --only tests `);
      // Nothing is left as it stands in the source, and nothing is put in twice.
      expect(help.replaceAll(VERIFY_COMMAND, 'NAME')).not.toMatch(
        /(?:^|[ `])verify [a-z[]+(?<!verify (?:itself|on|of))/m,
      );
      expect(await shown('sign-off')).toContain(`Usage: ${VERIFY_COMMAND} sign-off [options] <milestone>\n`);
      expect(await shown('completion')).toContain(`source <(${VERIFY_COMMAND} completion bash)`);
    }
  });
  it('doctor knows that the only signer wrote the commit', async () => {
    const folder = tempDir({ 'checklists/m1.yaml': checklist('m1', plain) });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'k')]);
    execFileSync(
      'bash',
      [
        '-c',
        'mkdir .verify && echo "a@e.invalid namespaces=\\"sign-off@verify-milestone.dev\\" $(cut -d" " -f1-2 k.pub)" > .verify/allowed_signers && rm k k.pub && git init -q && git add -A && git -c user.name=a -c user.email=A@e.invalid commit -qm x',
      ],
      { cwd: folder },
    );
    const own = await verify(['doctor', 'm1'], { cwd: folder });
    expect(own.code).toBe(0);
    expect(own.stdout).toContain('a@e.invalid wrote this commit');
    execFileSync(
      'git',
      ['-c', 'user.name=b', '-c', 'user.email=b@e.invalid', 'commit', '-q', '--amend', '--reset-author', '-m', 'x'],
      {
        cwd: folder,
      },
    );
    const other = await verify(['doctor', 'm1'], { cwd: folder });
    expect(other.stdout).not.toContain('sign-off');
  });
  it('a step without a title is called by its command, a question by its words', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': checklist(
        'm1',
        `${plain}      - { id: q, uses: manual/confirm, with: { question: "Is it good?" } }\n`,
      ),
    });
    const { stdout } = await verify(['plan', 'm1', '--json'], { cwd });
    const { steps } = JSON.parse(stdout) as { steps: { title: string }[] };
    expect(steps.map((step) => step.title)).toEqual(['echo ok', 'Is it good?']);
  });
});

describe('every example of --help is one that runs', () => {
  const examples = [
    ...new Set(
      Object.values(help).flatMap((text) =>
        [...text.matchAll(/^ {2}(verify .*?)(?: {2,}.*| > .*)?$/gm)].map((match) => match[1] ?? ''),
      ),
    ),
  ];
  it('there are some of each command', () => expect(examples.length).toBeGreaterThan(20));
  const folder = tempDir({
    'repo/checklists/milestone-15.yaml': checklist('milestone-15', plain),
    'repo/checklists/milestone-16.yaml': checklist('milestone-16', plain),
    'repo/docs/PLAN.md': '# Plan\n\n- [ ] tests pass\n',
    'engram/README.md': '# Engram\n',
  });
  // `serve` and a sign-off without --yes wait for a person, completion scripts are sourced by a shell, and `clean --yes` would remove
  // what another run has left: each has tests of its own.
  const elsewhere = /^verify (?:serve|completion|clean --yes)|^verify sign-off (?!.*--yes)/;
  it.each(examples.filter((line) => !elsewhere.test(line)))('%s', async (line) => {
    const words = (line.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^'|'$/g, ''));
    const { code, stdout, stderr } = await verify(
      words.filter((word) => word !== '--open'),
      { cwd: join(folder, 'repo'), env: { NO_COLOR: '1' } },
    );
    const said = `${line}\n${stdout}${stderr}`;
    // Files, runs and keys that an example names may not be there; its words must be right.
    expect([64, 70, 78], said).not.toContain(code);
  });
  it('its steps are those of the checklist that ships', async () => {
    const { stdout } = await verify(['plan', 'milestone-16', '--json'], { cwd: root });
    const { steps } = JSON.parse(stdout) as { steps: { id: string }[] };
    const named = [...help.verify.matchAll(/--only (\S+)/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, ids = ''] of named)
      for (const id of ids.split(',')) expect(steps.map((step) => step.id)).toContain(id);
  });
});
