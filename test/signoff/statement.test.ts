import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseChecklist } from '../../src/checklist/load.ts';
import { checklistInputs } from '../../src/checklist/inputs.ts';
import { sha256 } from '../../src/evidence/digest.ts';
import { testResult, verificationSummary } from '../../src/signoff/exports.ts';
import { sameRepository } from '../../src/signoff/freshness.ts';
import { statementSchemas } from '../../src/signoff/schema.ts';
import { RunStatement, SignOffStatement } from '../../src/signoff/statement.ts';
import { root } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';
import { Base } from '../rig/signed.ts';

let base: Base;
beforeAll(async () => {
  base = await Base.make();
});
const text = (path: string): string => base.bundle.get(path)?.read().toString('utf8') ?? '';

describe('the statements', () => {
  it('the schemas in docs/ are current (npm run gen)', () => {
    const schemas = Object.entries(statementSchemas());
    expect(schemas.length).toBeGreaterThan(1);
    for (const [name, schema] of schemas) expect(readFileSync(join(root, 'docs', name), 'utf8')).toBe(schema);
  });

  it('the attestation names commit, tree and record, and says what the run established', () => {
    const statement = RunStatement.parse(JSON.parse(text('attestation.json')));
    expect(statement.subject).toEqual([
      { name: 'commit', digest: { gitCommit: base.record.tree.commit } },
      { name: 'tree', digest: { sha256: base.record.tree.digest } },
      { name: 'record.json', digest: { sha256: sha256(text('record.json')) } },
    ]);
    expect(statement.predicate).toMatchObject({
      verdict: 'PASSED',
      fidelity: 'full',
      items: [
        { id: 'checked', outcome: 'passed' },
        { id: 'known', outcome: 'waived' },
      ],
      waivers: [{ step: 'later', owner: 'Ann', approver: 'Ben' }],
      waivedFindings: 1,
      confirmations: [
        {
          step: 'seen',
          role: 'release-manager',
          by: 'Cy',
          answer: 'yes',
          comment: 'looks right',
          about: [{ path: 'docs/runbook.md', sha256: sha256('# Runbook\n') }],
          expires: expect.any(String) as string,
        },
      ],
      checklist: { inputs: { 'scripts/check.sh': expect.any(String) as string } },
    });
  });

  it('a sign-off also names the attestation', () => {
    const statement = SignOffStatement.parse(JSON.parse(text('signoffs/1-release-manager.json')));
    expect(statement.subject.at(-1)).toEqual({
      name: 'attestation.json',
      digest: { sha256: sha256(text('attestation.json')) },
    });
  });

  it('the exports are of the standard types, and do not call a waived run clean', () => {
    expect(JSON.parse(testResult(base.record))).toMatchObject({
      predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
      predicate: { result: 'WARNED', passedTests: ['checked'], warnedTests: ['known'], failedTests: [] },
    });
    const failed = { ...base.record, verdict: 'INCOMPLETE' as const };
    expect(JSON.parse(testResult(failed))).toMatchObject({ predicate: { result: 'FAILED' } });
    const gate = { passed: false, at: new Date().toISOString(), recordSha256: 'x', toolVersion: '1' };
    expect(JSON.parse(verificationSummary(base.record, gate))).toMatchObject({
      predicateType: 'https://slsa.dev/verification_summary/v1',
      predicate: { verificationResult: 'FAILED', verifiedLevels: [] },
    });
  });
});

describe('what a checklist leans on', () => {
  const files = {
    'checklists/m.yaml': '',
    'deploy/compose.yml':
      'include: [other.yml]\nservices: { a: { env_file: ./a.env, volumes: ["./prometheus.yml:/etc/prometheus.yml:ro"] } }\n',
    'deploy/other.yml': 'services: {}\n',
    'deploy/a.env': 'RULES=rules.yml\n',
    'deploy/prometheus.yml': 'rule_files: [rules.yml]\n',
    'deploy/rules.yml': 'groups: []\n',
    'scripts/outer.sh': 'source scripts/inner.sh\n',
    'scripts/inner.sh': 'echo\n',
    'target/built': 'x',
    'unrelated.txt': 'x',
  };
  it('compose files, scripts, and what these name in turn; nothing that a build leaves, nothing that nobody names', async () => {
    const target = tempDir(files);
    const loaded = await parseChecklist(
      join(target, 'checklists/m.yaml'),
      `version: 1
milestone: m
title: T
vars: { script: scripts/outer.sh }
stack: { compose: { files: [deploy/compose.yml] } }
items:
  - id: i
    title: I
    steps:
      - { id: a, uses: command, with: { shell: "bash \${{ vars.script }} && ./target/built --x=1" } }
`,
    );
    const { inputs, others } = checklistInputs(
      loaded,
      target,
      (path) => !path.startsWith('target/'),
      (path) => readFileSync(path, 'utf8'),
    );
    expect(Object.keys(inputs)).toEqual([
      'deploy/a.env',
      'deploy/compose.yml',
      'deploy/other.yml',
      'deploy/prometheus.yml',
      'deploy/rules.yml',
      'scripts/inner.sh',
      'scripts/outer.sh',
    ]);
    expect(others).toEqual(['target/built']);
    expect(inputs['deploy/rules.yml']).toBe(sha256('groups: []\n'));
  });
});

describe('the same repository', () => {
  it.each([
    ['git@github.com:o/r.git', 'https://github.com/o/r', true],
    ['ssh://git@github.com:22/o/r.git', 'https://GitHub.com/o/r.git/', true],
    ['https://token@github.com/o/r', 'https://github.com/o/r', true],
    ['https://github.com/o/r', 'https://github.com/o/r2', false],
    ['https://github.com/o/r', 'https://gitlab.com/o/r', false],
    ['https://github.com/o/r', undefined, false],
    [undefined, undefined, true],
  ])('%s and %s: %s', (a, b, same) => expect(sameRepository(a, b)).toBe(same));
});
