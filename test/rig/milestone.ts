import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namespace } from '../../src/core/sign-off.ts';
import { RunRecord } from '../../src/core/record.ts';
import { verify, type Ended } from './cli.ts';
import { tempDir, writeIn } from './run-step.ts';
import { git } from './signed.ts';

let key: string | undefined;

/** A key that one person signs with, made once. */
function ownKey(): string {
  if (key !== undefined) return key;
  key = join(tempDir(), 'sam');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'sam', '-f', key]);
  return key;
}

const env = { GIT_CONFIG_GLOBAL: '/dev/null', SSH_AUTH_SOCK: '' };
export const said = (ended: Ended): string => ended.stdout + ended.stderr;

/** A repository with a checklist of one command, through the real command line: run, sign, gate. */
export class Milestone {
  readonly cwd: string;

  /** @param top further lines of the checklist */
  constructor(files: Record<string, string> = {}, top = '', step = 'run: [sh, check.sh]') {
    const [type, data] = readFileSync(`${ownKey()}.pub`, 'utf8').split(' ');
    this.cwd = tempDir({
      'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\ntarget: ..\n${top}items:\n  - id: i\n    title: I\n    steps: [{ id: s, uses: command, with: { ${step}, expect: { stdout: { contains: [good] } } } }]\nsignoff: { roles: { rm: 1 } }\n`,
      'check.sh': 'echo good\n',
      '.gitignore': 'reports/\n',
      '.verify/allowed_signers': `sam@example.org namespaces="${namespace}" ${type} ${data}\n`,
      ...files,
    });
  }

  /** Puts it under git; what is given is committed too. */
  committed(files: Record<string, string> = {}): this {
    for (const [path, text] of Object.entries(files)) writeIn(this.cwd, path, text);
    git(this.cwd, 'init', '-q', '-b', 'main');
    git(this.cwd, 'remote', 'add', 'origin', 'https://example.org/team/m.git');
    return this.commit();
  }

  commit(...paths: string[]): this {
    git(this.cwd, 'add', ...(paths.length > 0 ? paths : ['-A']));
    git(this.cwd, 'commit', '-qm', 'more');
    return this;
  }

  run(...args: string[]): Promise<Ended> {
    return verify(['m1', '--ui', 'plain', '--no-ask', ...args], { cwd: this.cwd, env });
  }

  sign(...args: string[]): Promise<Ended> {
    const whole = ['--key', ownKey(), '--approve', '--comment', 'ok', '--yes', ...args];
    return verify(['sign-off', 'm1', '--role', 'rm', ...whole], { cwd: this.cwd, env });
  }

  gate(...args: string[]): Promise<Ended> {
    return verify(['gate', 'm1', ...args], { cwd: this.cwd, env });
  }

  record(): RunRecord {
    return RunRecord.parse(JSON.parse(this.read('reports/m1/latest/record.json')));
  }

  read(path: string): string {
    return readFileSync(join(this.cwd, path), 'utf8');
  }
}
