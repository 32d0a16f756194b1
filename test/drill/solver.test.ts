import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ruleSet } from '../../src/drill/alerts.ts';
import { findPromtool } from '../../src/drill/modes/promtool.ts';
import { solveAll, type Solution } from '../../src/drill/modes/unit.ts';
import { parseRuleFile } from '../../src/formats/prometheus/rule-files.ts';
import type { ExecResult, StepContext } from '../../src/core/step.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';

const corpus = join(import.meta.dirname, 'corpus');
const set = ruleSet(
  readdirSync(corpus).map((path) => ({ path, content: parseRuleFile(readFileSync(join(corpus, path), 'utf8')) })),
);

/** What the search cannot make fire; each line of docs/drills.md says why. */
const unsolved = ['Accelerates', 'Conserved', 'Evening', 'OldForLong'];

const exec = (argv: string[]): Promise<ExecResult> =>
  new Promise((done) => {
    const child = spawn(argv[0] ?? '', argv.slice(1));
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text.stderr += part.toString()));
    child.once('close', (code, signal) =>
      done({ argv, code, signal, timedOut: false, ...text, truncated: false, durationMs: 0 }),
    );
  });

const [title, skip] = needing('the solver over its corpus', 'promtool');
describe.skipIf(skip)(title, () => {
  let solutions: Map<string, Solution>;
  beforeAll(async () => {
    // The doors that the search uses, without an engine around them.
    const context = {
      exec,
      progress() {},
      evidence: { scratch: () => tempDir(), async write() {} },
    } as unknown as StepContext;
    const found = await solveAll(context, await findPromtool(context), set, set.alerts, {});
    solutions = new Map(set.alerts.map(({ rule }, n) => [rule.name, found[n] ?? expect.fail(rule.name)]));
  });

  it('holds enough alerts, each with a name of its own', () => {
    expect(set.alerts.length).toBeGreaterThanOrEqual(120);
    expect(solutions.size).toBe(set.alerts.length);
  });

  it('fires 95 % of them or more, and says which it does not', () => {
    const open = [...solutions]
      .filter(([, { state }]) => state === 'unsolved' || state === 'refused')
      .map(([name]) => name);
    expect(open.toSorted()).toEqual(unsolved);
    expect(open.length / solutions.size).toBeLessThanOrEqual(0.05);
  });

  it('shows each of the others quiet too, but a heartbeat and what asks for presence alone', () => {
    const without = [...solutions]
      .filter(([, { state }]) => state === 'steady' || state === 'unconditional')
      .map(([name]) => name);
    expect(without.toSorted()).toEqual(['InfoOnly', 'Watchdog']);
  });
});
