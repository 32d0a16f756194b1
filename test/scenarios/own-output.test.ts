import { cpSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const checklist = `version: 1
tree: none
milestone: m
title: Metrics
target: ..
items:
  - { id: a, title: A, steps: [{ id: claims, uses: docs/claims, strict: true, with: { documents: [doc.md] } }] }
`;
const files = {
  'checklists/m.yaml': checklist,
  'doc.md':
    '- **`shop_items_total`** (counter)\n- **`shop_queue_depth`** (gauge)\n- **`shop_replicas_lost_total`** (counter): lost replicas\n',
  'src/m.rs':
    'fn main() { c("shop_items_total"); c("shop_errors_total"); c("shop_queue_depth"); c("shop_latency_seconds"); }\n',
};

function project(more: Record<string, string> = {}): string {
  const cwd = tempDir({ ...files, ...more });
  git(cwd, 'init', '-q');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '-qm', 'All');
  return cwd;
}
const runFolder = (cwd: string, reports = 'reports'): string => {
  const name = readdirSync(join(cwd, reports, 'm')).find((one) => /^\d{4}-/.test(one)) ?? '';
  return join(cwd, reports, 'm', name);
};

describe('what verify wrote is no part of what it verifies', () => {
  it('a name that nothing knows is unknown at every run, wherever runs are kept', async () => {
    const cwd = project();
    for (const args of [['m'], ['m'], ['m', '--reports', 'out/of runs']]) {
      const { code, stdout } = await verify([...args, '--no-ask'], { cwd });
      expect([code, stdout]).toEqual([10, expect.stringContaining('shop_replicas_lost_total')]);
    }
    // A run that was kept elsewhere, and committed.
    cpSync(runFolder(cwd), join(cwd, 'docs/kept/run'), { recursive: true });
    renameSync(runFolder(cwd), join(cwd, 'old run'));
    git(cwd, 'add', '-f', '.');
    git(cwd, 'commit', '-qm', 'Kept');
    expect((await verify(['m', '--no-ask'], { cwd })).code).toBe(10);
  });

  it('the twin: a source that names it, in a folder that only looks like one of a run', async () => {
    const cwd = project({
      'tools/record.json': '{"schema":"https://example.org/record/v1","name":"shop_replicas_lost_total"}',
      'tools/evidence/a.txt': '',
    });
    expect((await verify(['m', '--no-ask'], { cwd })).code).toBe(0);
  });

  it('a glob does not find the copies in evidence, but for who asks for a run’s files', async () => {
    const target = tempDir();
    const run = { 'record.json': '{"schema":"https://verify-milestone.dev/record/v1"}', 'evidence/s/rules.yml': 'x' };
    for (const [path, text] of Object.entries(run)) writeIn(target, `kept/${path}`, text);
    const exists = await runStep({ uses: 'files/exist', with: { files: ['kept/evidence/**/*.yml'] }, target });
    expect(exists.outcome).toBe('passed');
    const rules = await runStep({ uses: 'prometheus/rules-static', with: { rules: ['**/*.yml'] }, target });
    expect(rules.findings.map((one) => one.code)).toEqual(['rules-unmatched']);
  });
});
