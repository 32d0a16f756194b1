/** What is measured is the package as npm installs it, in a temporary folder. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Builds the package. @returns an empty folder to work in, which the caller removes, and how to call `verify` there */
export function shipped(): { folder: string; verify: readonly [string, string] } {
  const root = join(import.meta.dirname, '..');
  const built = spawnSync(join(root, 'node_modules', '.bin', 'tsdown'), {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) throw new Error('the build failed');
  const folder = mkdtempSync(join(tmpdir(), 'verify-bench-'));
  const to = join(folder, 'package');
  for (const path of ['bin', 'dist', 'checklists', 'examples/engram', 'package.json'])
    cpSync(join(root, path), join(to, path), {
      recursive: true,
      filter: (file) => !file.startsWith(join(root, 'examples/engram/target')),
    });
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
  return { folder, verify: [process.execPath, join(to, 'bin', 'verify.js')] };
}
