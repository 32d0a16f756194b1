import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

/** A run whose first step does something in the folder of the evidence; its second leaves a file there. */
async function planting(
  script: string,
): Promise<{ code: number | null; text: string; outside: string[]; cwd: string }> {
  const outside = tempDir();
  const cwd = tempDir({
    '.gitignore': 'reports/\n',
    'plant.sh': `cd reports/m1/2*Z-*/evidence || exit 3\n${script.replaceAll('OUTSIDE', outside)}\n`,
    'checklists/m1.yaml': `version: 1
milestone: m1
title: Planted
target: ..
items:
  - id: i
    title: I
    steps:
      - { id: first, uses: command, with: { run: [bash, plant.sh] } }
      - { id: second, uses: command, needs: [first], with: { run: [echo, secret], expect: { stdout: { contains: [secret] } } } }
`,
  });
  git(cwd, 'init', '-q');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '-qm', 'All');
  const { code, stdout, stderr } = await verify(['m1', '--no-ask'], { cwd });
  return { code, text: stdout + stderr, outside: readdirSync(join(outside)), cwd };
}

describe('a step that plants something in the place of later evidence', () => {
  it.each([
    ['a link to a folder', 'ln -s OUTSIDE second'],
    ['a link that leads nowhere', 'ln -s OUTSIDE/none second'],
    ['a folder', 'mkdir second; echo {} > second/observed.json'],
    ['a folder with a link in it', 'mkdir second; ln -s OUTSIDE/x second/command.stdout'],
    ['a file', 'echo > second'],
    ['a link in the place of all evidence', 'cd ..; mv evidence aside; ln -s OUTSIDE evidence'],
    [
      'a link in the place of the run',
      'cd ../..; r=$(echo 2*Z-*); mv $r aside; ln -s OUTSIDE $r; mkdir OUTSIDE/evidence; rmdir OUTSIDE/evidence',
    ],
    ['a link in the place of the record', 'ln -s OUTSIDE/x ../record.json'],
    ['a link in the place of the journal', 'cd ..; rm journal.jsonl; ln -s OUTSIDE/x journal.jsonl'],
    ['a pipe in the place of the journal', 'cd ..; rm journal.jsonl; mkfifo journal.jsonl'],
    ['a second name of the journal', 'cd ..; ln journal.jsonl ../../../again'],
    ['a folder of no step', 'mkdir third; echo x > third/x.txt'],
    [
      'a link in the place of the milestone',
      'cd ../../..; mv m1 aside; ln -s $PWD/aside m1; mkdir OUTSIDE/x; rmdir OUTSIDE/x',
    ],
  ])('%s: 77, and nothing is written there', async (_, script) => {
    const { code, text, outside } = await planting(script);
    expect(code, text).toBe(77);
    expect(text).toContain('is there already, and this run did not make it');
    expect(outside).toEqual([]);
  });

  it('a file in the place of the record is written over', async () => {
    const { code, text, cwd } = await planting('echo {} > ../record.json');
    expect(code, text).toBe(0);
    expect(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')).toContain('"verdict": "PASSED"');
  });

  it('a file in its own folder is evidence of its own', async () => {
    expect((await planting('echo x > first/extra.txt')).code).toBe(0);
  });
});
