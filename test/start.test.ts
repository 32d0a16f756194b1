import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { root, verify } from './rig/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const preload = pathToFileURL(join(root, 'test/rig/loaded.mjs')).href;

// In the build they are bundled: which ones are asked for shows in the sources alone.
delete process.env['VERIFY_CLI'];

/** The packages that a command loads, what it prints and its exit code. */
async function loadedBy(...args: string[]): Promise<{ packages: string[]; stdout: string; code: number | null }> {
  const file = join(folder, 'loaded');
  const env = { NODE_OPTIONS: `--import=${preload}`, VERIFY_LOADED: file };
  const { stdout, code } = await verify(args, { env });
  return { packages: readFileSync(file, 'utf8').split('\n').filter(Boolean), stdout, code };
}

describe('what a command loads', () => {
  test('the version: no package', async () => {
    const { packages, stdout, code } = await loadedBy('--version');
    expect({ packages, code }).toEqual({ packages: [], code: 0 });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([['plan'], ['lint']])(
    '%s of every step type of the checklist: no browser, parser or client',
    async (command) => {
      const { packages, stdout, code } = await loadedBy(command, 'checklists/milestone-16.yaml');
      expect({ packages, code }).toEqual({ packages: ['commander', 'yaml', 'zod'], code: 0 });
      expect(stdout).not.toBe('');
    },
  );

  test('the proof that it would be noticed: a checklist’s draft reads Markdown', async () => {
    const { packages } = await loadedBy('init', '--from', 'README.md', '--print');
    expect(packages).toContain('mdast-util-from-markdown');
  });
});
