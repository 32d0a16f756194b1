import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, start, verify, type Ended } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { awaiting, until } from '../rig/until.ts';
import { checklistText, git, repository } from '../rig/signed.ts';
import { namespace } from '../../src/core/sign-off.ts';

const [title, skip] = needing('run, sign-off, gate', 'ssh-keygen');
/** Without the question: here nobody is there to be asked. */
const plain = checklistText.replace(/ {6}- \{ id: seen.*\n/, '');
const env = { GIT_CONFIG_GLOBAL: '/dev/null', SSH_AUTH_SOCK: '' };

let keys: string;
/** A repository with a passed run that nobody has signed. */
let ran: string;
const copyOfRan = (): string => {
  const cwd = tempDir();
  cpSync(ran, cwd, { recursive: true, verbatimSymlinks: true });
  return cwd;
};
const key = (name: string): string => join(keys, name);
const publicKey = (name: string): string =>
  readFileSync(`${key(name)}.pub`, 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ');
const signers = (...names: string[]): string =>
  names.map((name) => `${name}@example.org namespaces="${namespace}" ${publicKey(name)}\n`).join('');

const repo = (files: Record<string, string> = {}): string =>
  repository({ 'checklists/m1.yaml': plain, '.verify/allowed_signers': signers('alice', 'bob', 'dev'), ...files });
const run = (cwd: string, ...args: string[]): Promise<Ended> => verify(['m1', '--ui', 'plain', ...args], { cwd, env });
const sign = (cwd: string, role: string, name: string, ...args: string[]): Promise<Ended> =>
  verify(
    [
      'sign-off',
      'm1',
      '--role',
      role,
      '--key',
      key(name),
      ...(args.length > 0 ? args : ['--approve', '--comment', 'seen', '--yes']),
    ],
    { cwd, env },
  );
const gate = (cwd: string, ...args: string[]): Promise<Ended> => verify(['gate', 'm1', ...args], { cwd, env });
const all = (ended: Ended): string => ended.stdout + ended.stderr;

describe.skipIf(skip)(title, () => {
  beforeAll(async () => {
    keys = tempDir();
    for (const name of ['alice', 'bob', 'dev', 'mallory'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key(name)]);
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key('dsse.pem')]);
    ran = repo();
    await run(ran);
  });

  it('the next run says what has changed since the one that was approved', async () => {
    const cwd = repo();
    expect((await run(cwd)).code).toBe(0);
    const [first = ''] = readdirSync(join(cwd, 'reports/m1')).filter((name) => name.startsWith('2'));
    const latest = (): { since?: { run: string; outcomes: unknown[] } } =>
      JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')) as { since?: never };
    expect(latest().since).toBeUndefined();
    await sign(cwd, 'release-manager', 'alice');
    expect((await run(cwd)).code).toBe(0);
    expect(latest().since).toMatchObject({ run: `m1/${first}`, outcomes: [] });
    expect(readFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toContain(
      'Every step came out the same, with the same numbers.',
    );
  });

  it('the story: a run, two signatures, the gate, the report committed, and the checks of others', async () => {
    const cwd = repo();
    expect((await run(cwd, '--write-to', 'FINAL_STATUS.md')).code).toBe(0);
    const shut = await gate(cwd);
    expect({ code: shut.code, lines: shut.stdout.split('\n').filter((line) => line.includes('✘ 20')).length }).toEqual({
      code: 20,
      lines: 2,
    });
    const first = await sign(cwd, 'release-manager', 'alice');
    expect(first.code, all(first)).toBe(0);
    for (const part of [
      'PASSED',
      'PASSED with 1 waiver',
      'docs/later.md is not there',
      'commit ',
      'fidelity full',
      'FINAL_STATUS.md',
    ])
      expect(first.stdout).toContain(part);
    const second = await sign(
      cwd,
      'qa',
      'bob',
      '--approve',
      '--comment',
      'looks | right',
      '--yes',
      '--dsse-key',
      key('dsse.pem'),
    );
    expect(second.code, all(second)).toBe(0);
    const open = await gate(cwd, '--before', 'm2');
    expect(open.code, all(open)).toBe(0);
    expect(open.stdout).toMatch(
      /GATE OPEN.*alice@example\.org \(release-manager\), bob@example\.org \(qa\), 1 waiver; m2 may begin/,
    );
    expect(readFileSync(join(cwd, 'FINAL_STATUS.md'), 'utf8')).toMatch(/bob@example\.org.*approved.*looks \\\| right/);
    git(cwd, 'add', '-A');
    git(cwd, 'commit', '-qm', 'the report');
    const folder = realpathSync(join(cwd, 'reports/m1/latest'));
    const exported = await gate(cwd, '--json', '--export', join(keys, 'exported'));
    expect(JSON.parse(exported.stdout)).toMatchObject({
      passed: true,
      code: 0,
      verdict: 'PASSED',
      reasons: [],
      approvals: [{ role: 'release-manager' }, { role: 'qa' }],
    });
    const result = JSON.parse(readFileSync(join(keys, 'exported/m1.test-result.json'), 'utf8')) as {
      predicate: { result: string };
    };
    expect(result.predicate.result).toBe('WARNED');
    expect(readFileSync(join(keys, 'exported/m1.vsa.json'), 'utf8')).toContain('"verificationResult": "PASSED"');

    // A gate that cannot read the run leaves nothing of what an earlier one said.
    expect((await gate(cwd, '--run', '2020-01-01T00-00-00Z-000000', '--export', join(keys, 'exported'))).code).toBe(66);
    expect(readdirSync(join(keys, 'exported'))).toEqual([]);

    // The checks that docs/sign-off.md shows, run as they stand there.
    const shell = (
      name: string,
      change: (text: string) => string = (text) => text,
    ): { status: number | null; out: string } => {
      const block =
        new RegExp(`<!-- check: ${name} -->\\n\`\`\`(?:sh|js)\\n([^]*?)\`\`\``).exec(
          readFileSync(join(root, 'docs/sign-off.md'), 'utf8'),
        )?.[1] ?? '';
      expect(block, `docs/sign-off.md has no check ${name}`).not.toBe('');
      const file = name === 'sigstore' ? join(root, `test/zz-check-${process.pid}.mjs`) : join(keys, 'check.sh');
      writeFileSync(file, change(block));
      const [program, ...args] = name === 'sigstore' ? [process.execPath, file] : ['bash', '-euo', 'pipefail', file];
      const ended = spawnSync(program ?? '', args, {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          SIGNERS: join(cwd, '.verify/allowed_signers'),
          PUBLIC_KEY: key('dsse.pub'),
          SIGN_OFF: 'signoffs/2-qa.json',
          SIGNER: 'bob@example.org',
        },
      });
      rmSync(file, { force: true });
      return { status: ended.status, out: ended.stdout + ended.stderr };
    };
    execFileSync('openssl', ['pkey', '-in', key('dsse.pem'), '-pubout', '-out', key('dsse.pub')]);
    for (const name of ['ssh', 'openssl', 'sigstore', 'digests'])
      expect(shell(name), name).toMatchObject({ status: 0 });
    const file = join(folder, 'signoffs/2-qa.json');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('right', 'wrong'));
    expect(shell('ssh').status).not.toBe(0);
    expect((await gate(cwd)).code).toBe(21);
    writeFileSync(file, good);
    for (const [name, ending] of [
      ['openssl', '.dsse'],
      ['sigstore', '.sigstore'],
    ] as const) {
      const envelope = readFileSync(file + ending, 'utf8');
      const payload = /"payload": "([^"]*)"/.exec(envelope)?.[1] ?? '';
      const bad = Buffer.from(Buffer.from(payload, 'base64').toString().replace('approve', 'ratify!')).toString(
        'base64',
      );
      writeFileSync(file + ending, envelope.replace(payload, bad));
      expect(shell(name).status, name).not.toBe(0);
      writeFileSync(file + ending, envelope);
    }
    expect((await gate(cwd)).code).toBe(0);
    appendFileSync(join(cwd, 'docs/runbook.md'), 'more\n');
    writeFileSync(join(cwd, '.verify/allowed_signers'), signers('alice', 'mallory'));
    git(cwd, 'commit', '-qam', 'work on the next milestone');
    expect((await gate(cwd)).code).toBe(22);
    const earlier = await gate(cwd, '--commit', 'HEAD~1', '--before', 'm2');
    expect(earlier.code, all(earlier)).toBe(0);
    expect((await gate(cwd, '--commit', 'HEAD')).code).toBe(22);
    appendFileSync(join(folder, 'record.json'), ' ');
    expect(shell('digests').status).not.toBe(0);
  });

  it('on a terminal it shows, asks, and signs what was chosen; Ctrl-C signs nothing', async () => {
    const { spawn } = await import('@lydell/node-pty');
    const cwd = copyOfRan();
    const terminal: Record<string, string> = { ...env, NO_COLOR: '1', TERM: 'xterm' };
    for (const name of ['PATH', 'HOME']) terminal[name] = process.env[name] ?? '';
    const session = async (answers: [when: RegExp, keys: string][]): Promise<{ code: number; text: string }> => {
      const term = spawn(
        process.execPath,
        [join(root, 'bin/verify.js'), 'sign-off', 'm1', '--role', 'qa', '--key', key('bob')],
        {
          cwd,
          cols: 160,
          rows: 50,
          env: terminal,
        },
      );
      let text = '';
      let from = 0;
      const left = [...answers];
      term.onData((part) => {
        text += part;
        const next = left[0];
        if (next?.[0].test(text.slice(from)) !== true) return;
        left.shift();
        from = text.length;
        term.write(next[1]);
      });
      return new Promise((done) => term.onExit(({ exitCode }) => done({ code: exitCode, text })));
    };
    const left = await session([[/Sign m1 as bob@example\.org \(qa\)\?/, '\u0003']]);
    expect({ code: left.code, signed: existsSync(join(cwd, 'reports/m1/latest/signoffs')) }).toEqual({
      code: 11,
      signed: false,
    });
    const done = await session([
      [/Sign m1 as/, '\u001b[B\r'],
      [/Comment/, 'seen on a terminal\r'],
      [/Sign: approve\?/, 'y\r'],
    ]);
    expect(done.code, done.text).toBe(0);
    expect(done.text).toContain('Approved by bob@example.org (qa)');
    const said = readFileSync(join(cwd, 'reports/m1/latest/signoffs/1-qa.json'), 'utf8');
    expect(said).toContain('"comment": "seen on a terminal"');
  });

  it('a file that is no report is neither overwritten nor left out of the tree', async () => {
    const cwd = copyOfRan();
    const ended = await run(cwd, '--write-to', 'scripts/check.sh');
    expect({ code: ended.code, text: ended.stderr }).toMatchObject({
      code: 73,
      text: expect.stringContaining('not a report of verify') as string,
    });
    expect(readFileSync(join(cwd, 'scripts/check.sh'), 'utf8')).toContain('echo checked');
  });

  it('nobody signs by accident, and half of the flags are none', async () => {
    const cwd = copyOfRan();
    for (const args of [
      ['--yes'],
      ['--approve', '--yes'],
      ['--approve', '--comment', 'x'],
      ['--approve', '--reject', '--comment', 'x', '--yes'],
    ])
      expect((await sign(cwd, 'qa', 'bob', ...args)).code, args.join(' ')).toBe(64);
    const silent = spawnSync(
      'bash',
      [
        '-c',
        `yes | "${process.execPath}" "${join(root, 'bin/verify.js')}" sign-off m1 --role qa --key "${key('bob')}"`,
      ],
      { cwd, encoding: 'utf8', env: { ...process.env, ...env } },
    );
    expect({ code: silent.status, text: silent.stderr }).toMatchObject({
      code: 64,
      text: expect.stringContaining('no terminal') as string,
    });
    expect(existsSync(join(cwd, 'reports/m1/latest/signoffs'))).toBe(false);
  });

  it.each([
    [
      '22, a dirty tree',
      22,
      /scripts\/check\.sh \(modified\)/,
      (cwd: string) => appendFileSync(join(cwd, 'scripts/check.sh'), '# x\n'),
    ],
    [
      '22, a commit more',
      22,
      /these changed: docs\/runbook\.md/,
      (cwd: string) => {
        appendFileSync(join(cwd, 'docs/runbook.md'), 'x\n');
        git(cwd, 'commit', '-qam', 'x');
      },
    ],
    [
      '22, an edited checklist',
      22,
      /m1\.yaml/,
      (cwd: string) => appendFileSync(join(cwd, 'checklists/m1.yaml'), '# x\n'),
    ],
    [
      '21, an edited record',
      21,
      /record\.json/,
      (cwd: string) => appendFileSync(join(cwd, 'reports/m1/latest/record.json'), ' '),
    ],
    [
      '21, an edited report',
      21,
      /FINAL_STATUS\.md/,
      (cwd: string) => appendFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'x'),
    ],
    [
      '66, no allowed signers',
      66,
      /allowed_signers is not there/,
      (cwd: string) => {
        git(cwd, 'rm', '-q', '.verify/allowed_signers');
        git(cwd, 'commit', '-qm', 'x');
        git(cwd, 'reset', '-q', '--soft', 'HEAD');
      },
    ],
  ])('cannot be signed: %s', async (_, code, says, change) => {
    const cwd = copyOfRan();
    change(cwd);
    const ended = await sign(cwd, 'qa', 'bob');
    expect(ended.code, all(ended)).toBe(code === 66 ? 66 : code);
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).toContain('→');
    expect(existsSync(join(cwd, 'reports/m1/latest/signoffs'))).toBe(false);
  });

  it('cannot be signed: by a stranger, by the author, in a role that nobody asked for', async () => {
    const cwd = copyOfRan();
    expect(await sign(cwd, 'qa', 'mallory')).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('no allowed signer') as string,
    });
    expect(await sign(cwd, 'qa', 'dev')).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('who wrote what was verified') as string,
    });
    expect(await sign(cwd, 'intern', 'bob')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('its roles: release-manager, qa') as string,
    });
    expect(
      (
        await verify(
          ['sign-off', 'm1', '--role', 'qa', '--key', key('nobody'), '--approve', '--comment', '', '--yes'],
          { cwd, env },
        )
      ).code,
    ).toBe(66);
    expect(
      (await verify(['sign-off', 'm1', '--role', 'qa', '--approve', '--comment', '', '--yes'], { cwd, env })).code,
    ).toBe(66);
  });

  it('a narrowed run cannot be approved, a failed one can be rejected, and neither opens the gate', async () => {
    const cwd = repo();
    await run(cwd, '--only', 'check');
    expect(await sign(cwd, 'qa', 'bob')).toMatchObject({
      code: 11,
      stderr: expect.stringContaining('--only check') as string,
    });
    expect((await gate(cwd)).stdout).toMatch(/✘ 11 the run is INCOMPLETE: it was narrowed by --only check/);
    const failing = repo({ 'scripts/check.sh': 'echo Runbook; exit 1\n' });
    expect((await run(failing)).code).toBe(10);
    expect((await sign(failing, 'qa', 'bob')).code).toBe(10);
    const rejected = await sign(failing, 'qa', 'bob', '--reject', '--comment', 'the check fails', '--yes');
    expect(rejected.code, all(rejected)).toBe(0);
    const shut = await gate(failing);
    expect(shut.code).toBe(10);
    expect(shut.stdout).toMatch(/20 bob@example\.org \(qa\) rejected the run: the check fails/);
    expect(readFileSync(join(failing, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toContain('**rejected**');
  });

  it('75 while a run goes on', async () => {
    const cwd = copyOfRan();
    const signed = join(tempDir(), 'signed');
    writeFileSync(join(cwd, 'scripts/check.sh'), `${awaiting(signed)}\n`);
    const going = start(['m1', '--ui', 'plain'], { cwd, env });
    await until('the lock', () => existsSync(join(cwd, 'reports/m1/.lock')));
    expect((await sign(cwd, 'qa', 'bob')).code).toBe(75);
    writeFileSync(signed, '');
    await going.ended;
  });

  it('66 where there is no run, and without a record there is none', async () => {
    const cwd = copyOfRan();
    expect((await gate(cwd, '--reports', 'elsewhere')).code).toBe(66);
    const folder = realpathSync(join(cwd, 'reports/m1/latest'));
    for (const name of ['record.json', 'attestation.json']) rmSync(join(folder, name));
    expect((await gate(cwd)).code).toBe(66);
    expect(readdirSync(join(cwd, 'reports/m1'))).toContain('latest');
  });

  it('a link where evidence was, on a real disk', async () => {
    const cwd = copyOfRan();
    const folder = realpathSync(join(cwd, 'reports/m1/latest'));
    const observed = join(folder, 'evidence/check/observed.json');
    execFileSync('bash', ['-c', 'mv "$1" "$2" && ln -s "$2" "$1"', 'x', observed, join(keys, 'elsewhere.json')]);
    expect(await gate(cwd)).toMatchObject({ code: 21, stdout: expect.stringContaining('symbolic link') as string });
    execFileSync('bash', ['-c', 'rm "$1" && ln "$2" "$1"', 'x', observed, join(keys, 'elsewhere.json')]);
    expect(await gate(cwd)).toMatchObject({ code: 21, stdout: expect.stringContaining('2 names') as string });
  });

  it('a passphrase that nobody is there to type is refused, not waited for', async () => {
    const cwd = copyOfRan();
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret phrase', '-f', key('bob')]);
    try {
      const ended = await sign(cwd, 'qa', 'bob');
      expect({ code: ended.code, text: ended.stderr }).toMatchObject({
        code: 12,
        text: expect.stringContaining('ssh-keygen did not sign') as string,
      });
    } finally {
      execFileSync('ssh-keygen', ['-q', '-p', '-P', 'secret phrase', '-N', '', '-f', key('bob')]);
    }
  });
});
