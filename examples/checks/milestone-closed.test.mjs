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
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'milestone-closed.mjs')], { cwd, input, env, encoding: 'utf8' });
  const { proofs, findings } = JSON.parse(stdout);
  return findings.length === 0 && proofs.length > 0 ? ['proven'] : findings.map((one) => one.code);
}

const gh = (answer) => ({ 'bin/gh': `#!/bin/sh\necho '${JSON.stringify(answer)}'\n` });
const given = { repository: 'acme/app', milestone: 'v1' };
test('no issue is open', () => {
  assert.deepEqual(codes(given, gh([{ title: 'v1', open_issues: 0, closed_issues: 4 }])), ['proven']);
  assert.deepEqual(codes(given, gh([{ title: 'v1', open_issues: 2, closed_issues: 4 }])), ['issues-open']);
  assert.deepEqual(codes(given, gh([])), ['milestone-missing']);
  assert.deepEqual(codes(given, { 'bin/gh': '#!/bin/sh\nexit 4\n' }), ['cannot-ask']);
});
