import { stringify } from 'yaml';
import { parseChecklist } from '../../src/checklist/load.ts';
import { gateTools } from '../../src/commands/gate-facts.ts';
import { runChecklist } from '../../src/engine/run.ts';
import type { Answer, Driver } from '../../src/core/step.ts';
import type { RunRecord, StepRecord } from '../../src/core/record.ts';
import { readBundle } from '../../src/signoff/bundle.ts';
import { examine } from '../../src/signoff/gate.ts';
import { Reasons } from '../../src/signoff/reason.ts';
import { tempDir, writeIn } from './temp-dir.ts';

export { tempDir, writeIn };

export interface RigStep {
  uses: string;
  with?: unknown;
  id?: string;
  [key: string]: unknown;
}

export interface RigOptions {
  target?: string;
  stack?: unknown;
  driver?: Driver;
  waivers?: unknown[];
  /** What a person answers, and may do before. */
  answer?: Answer | (() => Answer);
  signal?: AbortSignal;
  /** Where runs are kept; default a folder of its own. */
  reports?: string;
  /** Steps that run before the one under test. */
  before?: RigStep[];
}

/** Runs steps through the real loader and engine. Their evidence is kept until the test file ends. */
export async function runSteps(
  steps: readonly RigStep[],
  options: RigOptions = {},
): Promise<{ record: RunRecord; folder: string; code: number }> {
  const text = stringify(
    {
      version: 1,
      milestone: 'rig',
      title: 'A test',
      tree: 'none',
      ...(options.stack === undefined ? {} : { stack: options.stack }),
      items: [{ id: 'item', title: 'Item', steps: steps.map((step, n) => ({ id: `step-${n}`, ...step })) }],
      waivers: options.waivers ?? [],
    },
    { aliasDuplicateObjects: false },
  );
  const loaded = await parseChecklist('rig.yaml', text);
  const { answer } = options;
  const result = await runChecklist(
    loaded,
    {
      target: options.target ?? tempDir(),
      reports: options.reports ?? tempDir(),
      jobs: 2,
      failFast: false,
      only: [],
      skip: [],
      tags: [],
      driver: options.driver ?? 'auto',
      keep: false,
      writeTo: undefined,
      command: ['verify', 'rig'],
      version: '0.0.0',
      ask: answer && (async () => (typeof answer === 'function' ? answer() : answer)),
      signal: options.signal ?? new AbortController().signal,
    },
    { on() {}, async close() {}, prompt: (_step, prompt, config) => prompt(config) },
  );
  await judgedAgain(result.folder);
  return result;
}

/** Whatever a test runs, the gate must come to the same result from what is on disk. */
async function judgedAgain(folder: string): Promise<void> {
  const reasons = new Reasons();
  await examine(readBundle(folder), { ...gateTools, version: '0.0.0' }, reasons);
  if (reasons.all.length > 0) throw new Error(`the gate disagrees: ${reasons.all.map((one) => one.text).join('; ')}`);
}

/** Runs one step and gives its record. */
export async function runStep(step: RigStep & RigOptions): Promise<StepRecord> {
  const { target, stack, driver, waivers, answer, signal, before, ...own } = step;
  const options = Object.fromEntries(
    Object.entries({ target, stack, driver, waivers, answer, signal }).filter(([, value]) => value !== undefined),
  ) as RigOptions;
  const all = [
    ...(before ?? []).map((b, n) => ({ id: `before-${n}`, ...b })),
    { id: 'step', needs: (before ?? []).map((_, n) => `before-${n}`), ...own },
  ];
  const { record } = await runSteps(all, options);
  const found = record.steps.find((one) => one.id === (own.id ?? 'step'));
  if (!found) throw new Error('the step under test left no record');
  return found;
}

/** Codes of the findings that weigh, sorted. */
export const codes = (record: StepRecord): string[] =>
  record.findings
    .filter((f) => f.level === 'error' || f.level === 'inconclusive')
    .map((f) => f.code)
    .toSorted();
