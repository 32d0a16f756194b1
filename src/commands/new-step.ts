import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { makeFolder, writeAtomically } from '../evidence/store.ts';

const checkText = (name: string): string => `#!/usr/bin/env node
// What it establishes: say it here. Called by verify: \`uses: ./checks/${name}.mjs\`.
// Reads {"with": …, "target": …, "evidence": …} on stdin and prints one judgement (docs/judgement.schema.json of verify).
// It exits with 0 whatever it finds; progress goes to stderr.
import { readFileSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const proofs = [];
const findings = [];

const file = given.file ?? 'README.md';
const lines = readFileSync(file, 'utf8').split('\\n');
lines.forEach((line, n) => {
  if (line.includes('TODO'))
    findings.push({ code: 'todo-left', message: \`expected no TODO, found "\${line.trim()}"\`, where: { file, line: n + 1 } });
});
// A pass needs a proof: what was looked at, and how much of it. Nothing looked at is no pass.
if (findings.length === 0 && lines.some((line) => line.trim() !== '')) proofs.push(\`\${file}: \${lines.length} lines without a TODO\`);

console.log(JSON.stringify({ version: 1, proofs, findings, facts: { '${name}.lines': lines.length } }));
`;

const testText = (name: string): string => `// Run with: node --test 'checks/*.test.mjs'
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** The judgement of a folder with this README. */
function judge(readme) {
  const cwd = mkdtempSync(join(tmpdir(), '${name}-'));
  if (readme !== undefined) writeFileSync(join(cwd, 'README.md'), readme);
  const input = JSON.stringify({ version: 1, with: {}, step: '${name}', target: cwd, evidence: cwd });
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, '${name}.mjs')], { cwd, input, encoding: 'utf8' });
  return { status, ...(stdout === '' ? {} : JSON.parse(stdout)) };
}

test('a defect is found, with its place', () => {
  const { findings, proofs } = judge('# A\\nTODO: write this\\n');
  assert.deepEqual(findings.map((one) => [one.code, one.where.line]), [['todo-left', 2]]);
  assert.deepEqual(proofs, []);
});

test('its healthy twin passes, with a proof', () => {
  const { status, findings, proofs } = judge('# A\\nDone.\\n');
  assert.deepEqual([status, findings, proofs.length], [0, [], 1]);
});

test('nothing there is no pass', () => {
  assert.deepEqual(judge('').proofs, []);
  assert.notEqual(judge(undefined).status, 0);
});
`;

/** `verify new-step NAME`: a check of the repository's own, its test, and the lines for the checklist. @throws UserError 64, 73 */
export async function newStepCommand(name: string, options: { target?: string }): Promise<number> {
  if (!/^[a-z0-9][a-z0-9-]{0,50}$/.test(name))
    throw new UserError(exit.usage, `new-step ${name}: a name is lower-case letters, digits and dashes`, {
      hint: 'verify new-step licences',
    });
  const folder = join(resolve(options.target ?? '.'), 'checks');
  const files = [
    [join(folder, `${name}.mjs`), checkText(name)],
    [join(folder, `${name}.test.mjs`), testText(name)],
  ] as const;
  for (const [path] of files)
    if (existsSync(path))
      throw new UserError(exit.cannotCreate, `${path} is there already`, { hint: 'give another name, or remove it' });
  makeFolder(folder);
  for (const [path, text] of files) writeAtomically(path, text);
  process.stdout.write(`checks/${name}.mjs       the check; it looks for TODOs until you say otherwise
checks/${name}.test.mjs  its test: node --test 'checks/*.test.mjs'

For the checklist:

      - id: ${name}
        uses: ./checks/${name}.mjs
        with: { file: README.md }
`);
  return 0;
}
