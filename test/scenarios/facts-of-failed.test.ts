import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const checklist = `version: 1
milestone: m
title: T
target: ..
tree: none
items:
  - id: a
    title: A
    steps:
      - { id: fails, uses: command, with: { run: [node, -e, "process.exit(3)"] } }
      - { id: gone, uses: command, with: { run: [no-such-program] } }
      - { id: passes, uses: command, with: { run: [node, -e, "0"] } }
      - id: says
        uses: docs/claims
        needs: [fails, gone, passes]
        with:
          documents: [D.md]
          claims:
            - { claim: "exit {n} of one", fact: fails/command.exit }
            - { claim: "exit {n} of two", fact: gone/command.exit }
            - { claim: "exit {n} of three", fact: passes/command.exit }
      - { id: later, uses: command, needs: [fails], with: { run: [node, -e, "0"] } }
`;

it('a step that ties facts judges what it can where one of their steps did not pass', async () => {
  const cwd = tempDir({
    'checklists/m.yaml': checklist,
    'D.md': '# D\n\nIt is exit 3 of one, exit 0 of two, exit 9 of three.\n',
  });
  expect((await verify(['m', '--no-ask', '--ui', 'plain'], { cwd })).code).toBe(10);
  const record = JSON.parse(readFileSync(join(cwd, 'reports/m/latest/record.json'), 'utf8')) as {
    steps: { id: string; outcome: string; reason?: string; findings: { code: string; message: string }[] }[];
  };
  const says = record.steps.find(({ id }) => id === 'says');
  expect(says?.outcome).toBe('failed');
  expect(says?.findings.map(({ code }) => code).toSorted()).toEqual(['fact-not-measured', 'number-wrong']);
  expect(says?.findings.find(({ code }) => code === 'number-wrong')?.message).toContain('exit 9 of three');
  expect(record.steps.find(({ id }) => id === 'later')).toMatchObject({ outcome: 'skipped' });
});
