import { describe, expect, it } from 'vitest';
import { parseChecklist } from '../../src/checklist/load.ts';
import { codes, runStep, runSteps, tempDir } from '../rig/run-step.ts';

const says = (text: string, facts: object, files: Record<string, string> = {}, rest: object = {}) =>
  runStep({
    uses: 'command',
    with: { run: ['printf', '%s', text], facts, ...rest },
    target: tempDir(files),
  });
const json = (value: unknown) => JSON.stringify(value);
const number = { type: 'number' };

describe('facts that a command yields', () => {
  it('are read by path and by expression, with type and unit', async () => {
    const step = await says(json({ total: { pct: 87.5 }, ok: true, 'odd key': 'x' }), {
      'coverage.lines': { json: '$.total.pct', unit: '%', min: 80, max: 100 },
      ok: '$.ok',
      odd: '$["odd key"]',
      pct: { matches: '"pct":([0-9.]+)', ...number },
      whole: { matches: 'pct', type: 'string' },
    });
    expect(step.outcome).toBe('passed');
    expect(step.facts).toMatchObject({ 'coverage.lines': 87.5, ok: true, odd: 'x', pct: 87.5, whole: 'pct' });
    expect(step.units).toEqual({ 'coverage.lines': '%' });
    expect(step.proofs).toContain('coverage.lines is 87.5 %');
    expect(step.weak).toBeUndefined();
  });

  it.each([
    ['no match', 'tests: none', { n: { matches: 'tests: (\\d+)', ...number } }, 'fact-not-found'],
    ['an empty output', '', { n: { matches: '(\\d+)', ...number } }, 'fact-not-found'],
    ['no such path', json({ a: 1 }), { n: '$.b' }, 'fact-not-found'],
    ['a path through a list that is empty', '{"a":[]}', { n: '$.a[*].b' }, 'fact-not-found'],
    ['two matches', 'tests: 3\ntests: 4', { n: { matches: '^tests: (\\d+)$', ...number } }, 'fact-ambiguous'],
    ['the same twice', 'tests: 3\ntests: 3', { n: { matches: 'tests: (\\d+)', ...number } }, 'fact-ambiguous'],
    ['two values', json({ a: [{ b: 1 }, { b: 2 }] }), { n: '$.a[*].b' }, 'fact-ambiguous'],
    ['null', json({ a: null }), { n: '$.a' }, 'fact-not-typed'],
    ['a mapping', json({ a: {} }), { n: '$.a' }, 'fact-not-typed'],
    ['an empty text', json({ a: ' ' }), { n: '$.a' }, 'fact-not-typed'],
    ['a group that took nothing', 'n=', { n: { matches: 'n=(\\d*)', ...number } }, 'fact-not-typed'],
    ['thousands written with a comma', 'n=1,234', { n: { matches: 'n=([\\d,]+)', ...number } }, 'fact-not-typed'],
    ['NaN', 'n=NaN', { n: { matches: 'n=(.*)', ...number } }, 'fact-not-typed'],
    ['a number that no double holds', '{"n":12345678901234567890}', { n: '$.n' }, 'fact-not-typed'],
    ['a number past all', '{"n":1e400}', { n: '$.n' }, 'fact-not-typed'],
    ['a text where a truth value belongs', '{"n":"yes"}', { n: { json: '$.n', type: 'boolean' } }, 'fact-not-typed'],
    ['no JSON', 'a banner {"n":1}', { n: '$.n' }, 'not-json'],
    ['less than promised', '{"n":1}', { n: { json: '$.n', min: 2 } }, 'fact-wrong'],
    ['a text held against a limit', '{"n":"9"}', { n: { json: '$.n', min: 2 } }, 'fact-wrong'],
    ['another text', '{"n":"b"}', { n: { json: '$.n', equals: 'a' } }, 'fact-wrong'],
  ])('%s is a finding', async (_, text, facts, code) => {
    const step = await says(text, facts);
    expect(codes(step)).toEqual([code]);
    expect(step.outcome).toBe('failed');
    if (code !== 'fact-wrong') expect(step.facts).not.toHaveProperty('n');
  });

  it('are read in files that the command writes, not in those of another run', async () => {
    const file = 'out dir/summary.json';
    const facts = { n: { file, json: '$.n' } };
    const expects = { expect: { files: { [file]: { json: [{ path: '$.n', min: 1 }] } } } };
    const write = (n: number) => ['sh', '-c', `mkdir -p "out dir"; echo '{"n":${n}}' > "${file}"`];
    const fresh = await runStep({ uses: 'command', with: { run: write(3), facts, ...expects } });
    expect([fresh.outcome, fresh.facts['n']]).toEqual(['passed', 3]);
    const low = await runStep({ uses: 'command', with: { run: write(0), facts, ...expects } });
    expect(codes(low)).toEqual(['output']);
    const missing = await says('', facts, {}, expects);
    expect(codes(missing)).toEqual(['not-produced']);
    // What a build folder holds from another run is no file of the tree.
    const stale = await says('', { n: { file: 'target/s.json', json: '$.n' } }, { 'target/s.json': '{"n":3}' });
    expect(codes(stale)).toEqual(['stale-product']);
    expect(stale.facts).not.toHaveProperty('n');
    const ofTree = await says(
      '',
      { v: { file: 'package.json', json: '$.version' } },
      { 'package.json': '{"version":"1.10"}' },
    );
    expect([ofTree.outcome, ofTree.facts['v']]).toEqual(['passed', '1.10']);
  });

  it('serve later steps and documents, as text in an argv', async () => {
    const target = tempDir({ 'DOC.md': '# D\n\nThere are 12 tests.\n', 'WRONG.md': '# D\n\nThere are 13 tests.\n' });
    const tie = (document: string) => ({
      uses: 'docs/claims',
      needs: ['step-0'],
      with: { documents: [document], claims: [{ claim: 'There are {n} tests', fact: 'tests.run' }] },
    });
    const { record } = await runSteps(
      [
        {
          uses: 'command',
          with: { run: ['echo', 'tests: 12'], facts: { 'tests.run': { matches: 'tests: (\\d+)', ...number } } },
        },
        {
          uses: 'command',
          needs: ['step-0'],
          with: { run: ['echo', '${{ facts.tests.run }}'], expect: { stdout: { contains: ['12'] } } },
        },
        tie('DOC.md'),
        tie('WRONG.md'),
      ],
      { target },
    );
    expect(record.steps.map((step) => step.outcome)).toEqual(['passed', 'passed', 'passed', 'failed']);
    expect(codes(record.steps[3] ?? fail())).toEqual(['number-wrong']);
  });

  it.each([
    ['a name that no command yields', '{ run: [echo, "${{ facts.covrage }}"] }', 'did you mean facts.coverage?'],
    [
      'an expression that is none',
      '{ run: [x], facts: { a: { matches: "(", type: string } } }',
      'not a regular expression',
    ],
    ['a path that is none', '{ run: [x], facts: { a: $..b } }', 'not a path'],
    ['no type beside an expression', '{ run: [x], facts: { a: { matches: b } } }', 'say `type: number`'],
    ['a name with a slash', '{ run: [x], facts: { a/b: $.c } }', 'a fact is named like'],
    ['a file that leads out', '{ run: [x], facts: { a: { file: ../b, json: $.c } } }', 'it leads out of the target'],
  ])('%s is refused when the checklist is read', async (_, own, message) => {
    const first = '{ id: one, uses: command, with: { run: [x], facts: { coverage: $.n } } }';
    const text = `version: 1\nmilestone: m\ntitle: T\nitems:\n  - id: i\n    title: I\n    steps:\n      - ${first}\n      - { id: two, uses: command, with: ${own} }\n`;
    const refused = await parseChecklist('c.yaml', text).then(
      () => 'taken',
      (error: { diagnostics?: { message: string; hint?: string }[] }) =>
        JSON.stringify(error.diagnostics?.map((one) => `${one.message} ${one.hint}`)),
    );
    expect(refused).toContain(message);
  });
});

const fail = (): never => {
  throw new Error('no such step');
};
