import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { kinds, loadKind } from '../src/steps/index.ts';
import { runStep, tempDir, type RigStep } from './rig/run-step.ts';
import { nothings, serve } from './rig/serve.ts';

/** The step's own example, its addresses replaced. Its first step where the example has several. */
async function example(kind: string, url: string): Promise<RigStep> {
  const { example: text, params } = await loadKind(kind);
  const steps = parse(text) as RigStep[];
  const { needs: _, ...step } = (Array.isArray(steps) ? steps : [steps]).find((one) => one.uses === kind) ?? {
    uses: kind,
  };
  const given = JSON.parse(
    JSON.stringify(step)
      .replace(/\$\{\{\s*facts\.[^}]*url\s*\}\}/g, url)
      .replace(/\$\{\{[^}]*\}\}/g, '1')
      .replace(/"(within|stableFor|apart|timeout)":"[^"]*"/g, '"$1":"1s"'),
  ) as RigStep;
  // Waiting is not what is tested.
  const hurried = { ...(given.with as object), within: '1s' };
  return params.safeParse(hurried).success ? { ...given, with: hurried } : given;
}

/** Further answers that hold nothing. */
const more = {
  'an empty body': { type: 'application/json', body: '' },
  'an empty list': { type: 'application/json', body: '[]' },
  'success without data': { type: 'application/json', body: '{"status":"success","data":{}}' },
  'an empty vector': {
    type: 'application/json',
    body: '{"status":"success","data":{"resultType":"vector","result":[],"groups":[],"activeTargets":[],"droppedTargets":[],"alerts":[],"version":"2.53.0"}}',
  },
  'no metrics': { type: 'text/plain; version=0.0.4', body: '\n' },
} as const;

/** A finding that weighs names what is not there; a question that waits for a person says so. */
function saysWhy({ outcome, findings, reason }: Awaited<ReturnType<typeof runStep>>): void {
  const weighing = findings.filter((one) => one.level === 'error' || one.level === 'inconclusive');
  for (const one of weighing) expect(one.message).toMatch(/\w/);
  if (outcome === 'not-reviewed') expect(reason).toMatch(/\w/);
  else expect(weighing.length, `${outcome}: ${reason}`).toBeGreaterThan(0);
}

describe('where nothing is there, nothing passes', () => {
  it.each(kinds)('%s in an empty folder, with nobody answering', async (kind) => {
    const step = await example(kind, 'http://127.0.0.1:1');
    const record = await runStep({ ...step, target: tempDir() });
    expect(record.outcome, JSON.stringify(record.proofs)).not.toMatch(/^(passed|waived)$/);
    saysWhy(record);
  });

  const asking = kinds.filter((kind) => /^(prometheus|grafana|http)\//.test(kind));
  describe.each(Object.entries({ ...nothings, ...more }))('%s', (_, answer) => {
    it.each(asking)('%s', async (kind) => {
      const url = await serve({ '/': answer });
      const step = await example(kind, url);
      const record = await runStep({ ...step, target: tempDir() });
      expect(record.outcome, JSON.stringify(record.proofs)).not.toMatch(/^(passed|waived)$/);
      saysWhy(record);
    });
  });
});
