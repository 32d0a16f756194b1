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
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'load-test.mjs')], { cwd, input, env, encoding: 'utf8' });
  const { proofs, findings } = JSON.parse(stdout);
  return findings.length === 0 && proofs.length > 0 ? ['proven'] : findings.map((one) => one.code);
}

const given = { summary: 'k6.json', requests: 100, p95: 300, failed: 0.01 };
const summary = (count, p95, value) => ({
  'k6.json': JSON.stringify({ metrics: { http_reqs: { count }, http_req_duration: { 'p(95)': p95 }, http_req_failed: { value } } }),
});
test('each threshold is kept', () => {
  assert.deepEqual(codes(given, summary(200, 120, 0)), ['proven']);
  assert.deepEqual(codes(given, summary(200, 900, 0)), ['too-slow']);
  assert.deepEqual(codes(given, summary(3, 120, 0.5)), ['too-few-requests', 'too-many-failed']);
  assert.deepEqual(codes(given, { 'k6.json': '{}' }), ['not-measured', 'not-measured', 'not-measured']);
});
