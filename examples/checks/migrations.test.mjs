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
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'migrations.mjs')], { cwd, input, env, encoding: 'utf8' });
  const { proofs, findings } = JSON.parse(stdout);
  return findings.length === 0 && proofs.length > 0 ? ['proven'] : findings.map((one) => one.code);
}

// The database is a file of statements.
const files = (down) => ({
  'bin/createdb': '#!/bin/sh\n: > db.sql\n',
  'bin/dropdb': '#!/bin/sh\nrm -f db.sql\n',
  'bin/pg_dump': '#!/bin/sh\ncat db.sql\n',
  'up.sh': '#!/bin/sh\necho "CREATE TABLE a ();" >> db.sql\n',
  'down.sh': `#!/bin/sh\n${down}\n`,
});
test('down leaves nothing', () => {
  const given = { up: ['./up.sh'], down: ['./down.sh'] };
  assert.deepEqual(codes(given, files(': > db.sql')), ['proven']);
  assert.deepEqual(codes(given, files('exit 0')), ['down-leaves', 'up-differs']);
  assert.deepEqual(codes(given, files('exit 1')), ['down-failed']);
});
