// node --test 'checks/*.test.mjs'
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/** What the check finds in a folder with these files; those below bin/ are programs on PATH. */
function codes(given, files) {
  const cwd = mkdtempSync(join(tmpdir(), 'check-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text, { mode: 0o755 });
  }
  const input = JSON.stringify({ version: 1, with: given, target: cwd, evidence: cwd });
  const env = { ...process.env, PATH: `${cwd}/bin:${process.env.PATH}` };
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'backup-restore.mjs')], { cwd, input, env, encoding: 'utf8' });
  const { proofs, findings } = JSON.parse(stdout);
  return findings.length === 0 && proofs.length > 0 ? ['proven'] : findings.map((one) => one.code);
}

const given = (before, after) => ({ count: ['echo', before], backup: ['true'], restore: ['true'], recount: ['echo', after] });
test('what was there is there again', () => {
  assert.deepEqual(codes(given('5', '5'), {}), ['proven']);
  assert.deepEqual(codes(given('5', '4'), {}), ['rows-lost']);
  assert.deepEqual(codes(given('0', '0'), {}), ['nothing-to-back-up']);
  assert.deepEqual(codes({ ...given('5', '5'), backup: ['false'] }, {}), ['backup-failed']);
});
