import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunRecord } from '../../src/core/record.ts';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const files = {
  '.gitignore': '.env\nconf/local.yml\ntarget\nreports\n*.log\n.DS_Store\n',
  'compose.yml': 'services:\n  a: { image: b, env_file: [.env], volumes: ["./conf:/etc/a:ro"] }\n',
  'conf/a.yml': 'a: 1\n',
  'checklists/m1.yaml': `version: 1
milestone: m1
title: Ignored
target: ..
stack: { compose: { files: [compose.yml] } }
items:
  - id: i
    title: I
    steps: [{ id: s, uses: command, with: { shell: "cat compose.yml; sh ./target/app; date >> run.log; echo run.log" } }]
`,
};
const ignored = {
  '.env': 'TOKEN=not-in-the-record\n',
  'conf/local.yml': 'b: 2\n',
  'conf/.DS_Store': '',
  'target/app': '#!/bin/sh\ntrue\n',
  'run.log': 'old\n',
  'other.log': 'nobody reads this\n',
};

async function run(
  more: Record<string, string>,
): Promise<{ cwd: string; record: RunRecord; md: string; html: string }> {
  const cwd = tempDir({ ...files, ...more });
  git(cwd, 'init', '-q');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '-qm', 'All');
  await verify(['m1', '--no-ask'], { cwd });
  const read = (name: string): string => readFileSync(join(cwd, 'reports/m1/latest', name), 'utf8');
  const record = RunRecord.parse(JSON.parse(read('record.json')));
  return { cwd, record, md: read('FINAL_STATUS.md'), html: read('FINAL_STATUS.html') };
}
const gate = async (cwd: string): Promise<string> => {
  const { stdout, stderr } = await verify(['gate', 'm1'], { cwd });
  // That the reports of the run are ignored too is told apart.
  return (stdout + stderr).replace(/^! git ignores the run’s folder.*$/m, '');
};

describe('what git ignores and a run reads', () => {
  it('is listed and digested, shown, and held by the gate; what builds and the run write is not held', async () => {
    const { cwd, record, md, html } = await run(ignored);
    const seen = record.tree.ignored;
    expect(seen?.files.map(({ path, held }) => [path, held])).toEqual([
      ['.env', true],
      ['conf/local.yml', true],
      ['run.log', false],
      ['target/app', false],
    ]);
    expect(seen?.present).toEqual(['.env', 'conf/local.yml', 'other.log', 'run.log', 'target/']);
    expect(JSON.stringify(record)).not.toContain('not-in-the-record');
    expect(md).toContain('| Ignored inputs | `.env`, `conf/local.yml`: read, and in no commit |');
    expect(html).toContain('files that git ignores and the run may have read');
    expect(await gate(cwd)).not.toContain('git ignores');
    writeFileSync(join(cwd, 'target/app'), 'built again');
    expect(await gate(cwd)).not.toContain('git ignores');
    writeFileSync(join(cwd, 'conf/local.yml'), 'b: 3\n');
    expect(await gate(cwd)).toContain('files that git ignores, and that the run read, are others now: conf/local.yml');
  });

  it('nothing there: no file, nothing listed; a policy that asks for a fresh tree is content', async () => {
    const strict = { 'checklists/m1.yaml': `${files['checklists/m1.yaml']}signoff: { ignored: none }\n` };
    const clean = await run(strict);
    expect(clean.record.tree.ignored).toEqual({ files: [], present: [] });
    expect(clean.md).not.toContain('Ignored inputs');
    expect(await gate(clean.cwd)).not.toContain('demands a fresh tree');
    const stale = await run({ ...strict, 'target/app': ignored['target/app'] });
    expect(await gate(stale.cwd)).toContain(
      'files that git ignores were there when the run began (target/), and the policy demands a fresh tree',
    );
  });
});
