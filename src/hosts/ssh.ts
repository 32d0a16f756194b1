import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { exit, UserError } from '../core/errors.ts';
import { userGit } from './git.ts';

/** A key to sign with: the private key's file, or the public key of one that an agent holds. */
export interface SigningKey {
  /** `ssh-ed25519 AAAA… comment` */
  publicKey: string;
  path?: string | undefined;
}

/**
 * Where ssh-keygen may ask for a passphrase: on the terminal, in a window of the desktop's own (the program of SSH_ASKPASS), or
 * nowhere: a key that needs one then does not sign.
 */
export type Asking = 'terminal' | 'window' | 'nobody';

const isPublic = (text: string): boolean => /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+/.test(text);
const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? '';

/** @throws UserError 66 where there is no such key, 64 where it is not one */
async function keyOfFile(path: string, asking: Asking): Promise<SigningKey> {
  const full = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
  if (!existsSync(full))
    throw new UserError(exit.missing, `the key ${path} is not there`, { hint: 'give one with --key' });
  const text = firstLine(readFileSync(full, 'utf8'));
  if (isPublic(text)) {
    const beside = full.replace(/\.pub$/, '');
    return { publicKey: text, ...(beside !== full && existsSync(beside) && { path: beside }) };
  }
  if (existsSync(`${full}.pub`)) {
    const beside = firstLine(readFileSync(`${full}.pub`, 'utf8'));
    if (isPublic(beside)) return { publicKey: beside, path: full };
  }
  const made =
    asking === 'terminal'
      ? await execa('ssh-keygen', ['-y', '-f', full], { reject: false, stdin: 'inherit', stderr: 'inherit' })
      : await execa('ssh-keygen', ['-y', '-P', '', '-f', full], { reject: false, stdin: 'ignore' });
  if (made.exitCode !== 0 || !isPublic(made.stdout))
    throw new UserError(exit.usage, `${path} is not an SSH key that ssh-keygen can read`, {
      hint:
        asking === 'terminal'
          ? `make one: ssh-keygen -t ed25519 -f ${path}`
          : `if it has a passphrase, put its public key beside it: ssh-keygen -y -f ${path} > ${path}.pub`,
    });
  return { publicKey: firstLine(made.stdout), path: full };
}

/**
 * The keys that may be meant: the one of --key, else git's `user.signingkey`, else those of the agent.
 * @throws UserError 66 where there is none
 */
export async function signingKeys(
  option: string | undefined,
  target: string,
  asking: Asking = 'terminal',
): Promise<SigningKey[]> {
  if (option !== undefined) return [await keyOfFile(option, asking)];
  const configured = (await userGit(target, ['config', '--get', 'user.signingkey']))?.trim();
  if (configured !== undefined && configured !== '') {
    const literal = configured.replace(/^key::/, '');
    if (isPublic(literal)) return [{ publicKey: literal }];
    if (literal.includes('/') || existsSync(literal)) return [await keyOfFile(literal, asking)];
  }
  const agent = await execa('ssh-add', ['-L'], { reject: false, stdin: 'ignore', timeout: 10_000 });
  const keys = agent.exitCode === 0 ? agent.stdout.split('\n').filter(isPublic) : [];
  if (keys.length === 0)
    throw new UserError(exit.missing, 'there is no key to sign with', {
      hint: 'give one with --key ~/.ssh/id_ed25519, set git config user.signingkey, or add one to the agent (ssh-add)',
    });
  return keys.map((publicKey) => ({ publicKey }));
}

/**
 * Signs through ssh-keygen, which asks for passphrases, talks to the agent, and waits for the touch of a hardware key.
 * @returns the armoured signature
 * @throws UserError 12 where it could not be made
 */
export async function sshSign(key: SigningKey, namespace: string, text: string, asking: Asking): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'verify-sign-'));
  const mayAsk = asking === 'terminal';
  try {
    const statement = join(folder, 'statement.json');
    const publicKey = join(folder, 'key.pub');
    writeFileSync(statement, text, { mode: 0o600 });
    writeFileSync(publicKey, `${key.publicKey}\n`);
    const result = await execa('ssh-keygen', ['-Y', 'sign', '-n', namespace, '-f', key.path ?? publicKey, statement], {
      reject: false,
      stdin: mayAsk ? 'inherit' : 'ignore',
      stderr: mayAsk ? ['inherit', 'pipe'] : 'pipe',
      env: mayAsk ? {} : { SSH_ASKPASS_REQUIRE: asking === 'window' ? 'force' : 'never' },
      timeout: asking === 'nobody' ? 60_000 : 300_000,
      // Away from the terminal, so that a passphrase that nobody is there to type is refused rather than waited for.
      detached: !mayAsk,
    });
    if (result.exitCode === 0 && existsSync(`${statement}.sig`)) return readFileSync(`${statement}.sig`, 'utf8');
    const why =
      result.code === 'ENOENT' ? 'ssh-keygen is not installed' : (result.stderr.trim().split('\n').at(-1) ?? '');
    throw new UserError(exit.inconclusive, `ssh-keygen did not sign: ${why}`, {
      hint: 'install OpenSSH; unlock the key (ssh-add), or sign on a terminal where a passphrase can be typed',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
