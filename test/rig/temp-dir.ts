import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

/** A folder that is removed when the test file, or the program, has ended. */
export function tempDir(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'verify-test-'));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) writeIn(folder, path, text);
  return folder;
}

export function writeIn(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** vitest ends its workers without an `exit` event: it calls this by `remove-temp-dirs.ts`. */
export function removeTempDirs(): void {
  for (const folder of made.splice(0)) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // A program that a test left still writes there; that is not what the tests are about.
    }
  }
}
process.on('exit', removeTempDirs);
