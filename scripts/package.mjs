/** The package as npm installs it, laid out in a temporary folder. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib/sh.mjs';

/** Builds the package. @returns a folder of its own, which the caller removes, and the program in its folder `package` */
export function layOut() {
  const built = spawnSync(join(root, 'node_modules', '.bin', 'tsdown'), ['--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) throw new Error('the build failed');
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'verify-package-'));
  const to = join(folder, 'package');
  for (const path of ['bin', 'dist', 'docs', 'checklists', 'examples', 'action.yml', 'package.json'])
    cpSync(join(root, path), join(to, path), {
      recursive: true,
      filter: (file) => !file.startsWith(join(root, 'examples/engram/target')),
    });
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
  return { folder, program: join(to, 'bin', 'verify.js') };
}
