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
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'sbom.mjs')], { cwd, input, env, encoding: 'utf8' });
  const { proofs, findings } = JSON.parse(stdout);
  return findings.length === 0 && proofs.length > 0 ? ['proven'] : findings.map((one) => one.code);
}

const given = { sbom: 'app.json', name: 'app', version: '1.4.0', signers: 'signers', signer: 'ci' };
const sbom = (version) => JSON.stringify({ bomFormat: 'CycloneDX', metadata: { component: { name: 'app', version } }, components: [{}] });
const keygen = (exit) => `#!/bin/sh\ncat > /dev/null\nexit ${exit}\n`;
test('it is there, of this version, and signed', () => {
  assert.deepEqual(codes(given, { 'app.json': sbom('1.4.0'), 'bin/ssh-keygen': keygen(0) }), ['proven']);
  assert.deepEqual(codes(given, { 'app.json': sbom('1.3.0'), 'bin/ssh-keygen': keygen(255) }), ['sbom-other', 'sbom-unsigned']);
  assert.deepEqual(codes(given, {}), ['sbom-missing']);
});
