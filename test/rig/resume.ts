import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../../src/core/record.ts';
import { type Ended, start, verify } from './cli.ts';
import { git } from './signed.ts';
import { tempDir, writeIn } from './run-step.ts';
import { begun } from './kills.ts';
import { awaiting, until } from './until.ts';

/** A checklist beside the repository that it verifies, whose steps wait for files that a test puts there. */
export class Project {
  /** Where verify is called; the repository is `repo/` in it. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;

  /** @param steps YAML of the steps; `GO` is shell that waits for the file that `go()` writes */
  constructor(steps: string, files: Record<string, string> = {}, more = '') {
    this.cwd = tempDir({ 'bin/mytool': '#!/bin/sh\necho tool 1\n', 'repo/.gitignore': 'out/\n.env\n' });
    const checklist = `version: 1\ntree: none\nmilestone: m1\ntitle: T\ntarget: ../repo\n${more}items:\n  - id: item\n    title: The item\n    steps:\n${steps}`;
    this.write('checklists/m1.yaml', checklist.replaceAll('GO', awaiting(join(this.cwd, 'go'))));
    for (const [path, text] of Object.entries({ 'docs/r.md': '# R\n', ...files })) this.write(`repo/${path}`, text);
    git(this.cwd, 'init', '-q', 'repo');
    this.commit();
    this.env = { PATH: `${join(this.cwd, 'bin')}:${process.env['PATH']}` };
    this.executable('bin/mytool');
  }

  write(path: string, text: string): void {
    writeIn(this.cwd, path, text);
  }

  executable(path: string): void {
    this.write(path, readFileSync(join(this.cwd, path), 'utf8'));
    chmodSync(join(this.cwd, path), 0o755);
  }

  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(readFileSync(join(this.cwd, path), 'utf8')));
  }

  commit(): void {
    git(join(this.cwd, 'repo'), 'add', '-A');
    git(join(this.cwd, 'repo'), 'commit', '-qm', 'x', '--allow-empty');
  }

  go(): void {
    this.write('go', '');
  }

  run(...args: string[]): Promise<Ended> {
    return verify(['m1', ...args], { cwd: this.cwd, env: this.env });
  }

  /** Runs until `step` is at work and those in `ended` are in the journal, and kills the run then. @returns its id */
  async killedAt(step: string, ended: readonly string[], ...args: string[]): Promise<string> {
    const before = this.runs();
    const { child, ended: end } = start(['m1', '--jobs', '4', ...args], { cwd: this.cwd, env: this.env });
    await begun(this.cwd, step, before);
    const run = this.runs().at(-1) ?? '';
    const journal = (): string => readFileSync(join(this.cwd, 'reports/m1', run, 'journal.jsonl'), 'utf8');
    await until(`the end of ${ended.join(', ')}`, () => ended.every((id) => journal().includes(`"id":"${id}","item"`)));
    child.kill('SIGKILL');
    await end;
    return run;
  }

  runs(): string[] {
    const home = join(this.cwd, 'reports/m1');
    return (existsSync(home) ? readdirSync(home) : []).filter((name) => name.startsWith('20'));
  }

  record(): RunRecord {
    return JSON.parse(readFileSync(join(this.cwd, 'reports/m1/latest/record.json'), 'utf8')) as RunRecord;
  }

  outcomes(): Record<string, string> {
    return Object.fromEntries(this.record().steps.map((step) => [step.id, step.outcome]));
  }

  /** Ids of the steps that were taken over in the last run. */
  reused(): string[] {
    return this.record()
      .steps.filter((step) => step.reusedFrom !== undefined)
      .map((step) => step.id);
  }
}
