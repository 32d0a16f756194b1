import { readFileSync } from 'node:fs';
import { exit, UserError } from '../core/errors.ts';
import type { MachineKey } from '../signoff/machine.ts';

/**
 * The machine's key: of --attest-key, else of the file that VERIFY_ATTEST_KEY names, which the steps do not get to see.
 * @throws UserError 64, 66 before anything runs
 */
export async function attestKey(option: string | undefined): Promise<MachineKey | undefined> {
  const path = option ?? process.env['VERIFY_ATTEST_KEY'];
  delete process.env['VERIFY_ATTEST_KEY'];
  if (path === undefined || path === '') return undefined;
  const { readMachineKey } = await import('../signoff/machine.ts');
  try {
    return readMachineKey(readFileSync(path, 'utf8'));
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UserError(gone ? exit.missing : exit.usage, `--attest-key ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'an ed25519 key without passphrase is needed: ssh-keygen -t ed25519 -N "" -f machine-key',
    });
  }
}
