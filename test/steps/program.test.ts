import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { codes, runStep, runSteps, tempDir, writeIn } from '../rig/run-step.ts';

const prints = (judgement: unknown): string => `console.log(${JSON.stringify(JSON.stringify(judgement))});\n`;
const held = { version: 1, proofs: ['3 packages looked at'] };
const own = (text: string, more: Record<string, string> = {}, step: object = {}) =>
  runStep({ uses: './my checks/a b.mjs', target: tempDir({ 'my checks/a b.mjs': text, ...more }), ...step });

describe('a check of one’s own', () => {
  it('passes by its proofs, with facts, tables and evidence', async () => {
    const step = await own(
      `import { readFileSync, writeFileSync } from 'node:fs';
const { with: given, evidence } = JSON.parse(readFileSync(0, 'utf8'));
writeFileSync(evidence + '/report.txt', 'all of it');
console.error('progress goes here');
console.log(JSON.stringify({ version: 1, proofs: ['looked at ' + given.names.join()], facts: { 'n.count': 2, 'n.ms': { value: 1.5, unit: 'ms' } },
  tables: [{ title: 'T', columns: ['a'], rows: [['1']] }], evidence: ['report.txt'], findings: [{ code: 'odd', level: 'warning', message: 'odd' }] }));`,
      {},
      { with: { names: ['x', 'y'] } },
    );
    expect([step.outcome, step.proofs, step.uses]).toEqual(['passed', ['looked at x,y'], 'program']);
    expect([step.facts, step.units]).toEqual([{ 'n.count': 2, 'n.ms': 1.5 }, { 'n.ms': 'ms' }]);
    expect(step.tables).toHaveLength(1);
    expect(step.findings.map((one) => one.code)).toEqual(['odd']);
    expect(step.evidence.map((file) => file.path)).toContain('evidence/step/report.txt');
  });

  it('fails by its findings, with their place', async () => {
    const where = { file: 'package.json', line: 1 };
    const step = await own(
      prints({
        ...held,
        findings: [{ code: 'denied', message: 'expected MIT, found GPL', subject: 'x', where, hint: 'drop it' }],
      }),
      { 'package.json': '{}\n' },
    );
    expect(step.outcome).toBe('failed');
    expect(step.findings).toEqual([
      { code: 'denied', level: 'error', message: 'expected MIT, found GPL', subject: 'x', where, hint: 'drop it' },
    ]);
    expect(step.frames).toHaveLength(1);
  });

  it.each([
    ['nothing printed', '', 'no-judgement'],
    ['a blank line printed', 'console.log("  ")', 'no-judgement'],
    ['text before the document', `console.log("hello");${prints(held)}`, 'judgement-invalid'],
    ['two documents', prints(held) + prints(held), 'judgement-invalid'],
    ['half a document', `process.stdout.write('{"version":1,"proofs":["x"]')`, 'judgement-invalid'],
    ['a list', prints([held]), 'judgement-invalid'],
    ['null', prints(null), 'judgement-invalid'],
    ['no version', prints({ proofs: ['x'] }), 'judgement-invalid'],
    ['another version', prints({ ...held, version: 2 }), 'judgement-invalid'],
    ['an unknown key', prints({ ...held, passed: true }), 'judgement-invalid'],
    ['a blank proof', prints({ version: 1, proofs: [' '] }), 'judgement-invalid'],
    ['a proof without a letter', prints({ version: 1, proofs: ['\u200b'] }), 'judgement-invalid'],
    ['a proof that was taken out', prints({ version: 1, proofs: ['[redacted]'] }), 'judgement-invalid'],
    [
      'findings that stand there twice',
      `console.log('{"version":1,"proofs":["x"],"findings":[{"code":"a","message":"b"}],"findings":[]}')`,
      'judgement-invalid',
    ],
    [
      'a place outside of the target',
      prints({ ...held, findings: [{ code: 'a', message: 'b', where: { file: '/etc/hosts', line: 1 } }] }),
      'judgement-invalid',
    ],
    [
      'a row that is too short',
      prints({ ...held, tables: [{ title: 't', columns: ['a', 'b'], rows: [['1']] }] }),
      'judgement-invalid',
    ],
    ['a fact past all numbers', `console.log('{"version":1,"proofs":["x"],"facts":{"n":1e999}}')`, 'judgement-invalid'],
    ['neither proof nor finding', prints({ version: 1 }), 'nothing-asserted'],
    [
      'nothing but a note',
      prints({ version: 1, findings: [{ code: 'a', level: 'note', message: 'b' }] }),
      'nothing-asserted',
    ],
    ['a proof and an exit code', `${prints(held)}process.exitCode = 3`, 'check-broke'],
    ['a proof and a signal', `${prints(held)}process.kill(process.pid, 'SIGKILL')`, 'check-broke'],
    ['an exception', 'throw new Error("no")', 'no-judgement'],
    ['evidence that is not there', prints({ ...held, evidence: ['none.txt'] }), 'evidence-missing'],
    [
      'something that could not be checked',
      prints({ ...held, findings: [{ code: 'no-network', level: 'inconclusive', message: 'b' }] }),
      'no-network',
    ],
  ])('%s is never a pass', async (_, text, code) => {
    const step = await own(text);
    expect(codes(step)).toContain(code);
    expect(step.outcome).toBe('error');
  });

  it.each([
    [{ version: 2, proofs: ['x'] }, 'version: expected 1, found 2'],
    [{ proofs: ['x'] }, 'version: expected 1, found nothing'],
    [[], 'the document: expected an object, found []'],
    [{ ...held, passed: true }, 'the document has "passed", which the format does not know'],
    [{ version: 1, findings: [{ code: 'x' }] }, 'findings[0].message: expected a string, found nothing'],
    [{ version: 1, findings: [{ code: 'A b', message: 'x' }] }, 'findings[0].code: a code is lower-case letters'],
    [{ version: 1, findings: [{ code: 'x', message: 'x', level: 'fatal' }] }, 'findings[0].level: expected "error" or'],
    [{ version: 1, proofs: [' '] }, 'proofs[0]: expected at least 1 character, found " "'],
    [
      { version: 1, findings: [{ code: 'x', message: 'x', where: { file: 'a', line: 0 } }] },
      'findings[0].where.line: ',
    ],
    [{ ...held, facts: { n: { v: 1 } } }, 'facts.n: expected a text, a number, a boolean, or { "value"'],
    [{ ...held, facts: { 'a b': 1 } }, 'facts.a b: a fact is named like coverage.lines'],
  ])('says in plain words what is wrong with %j', async (document, expected) => {
    const step = await own(prints(document));
    expect(step.findings.map((one) => one.message).join()).toContain(expected);
  });

  it.each([
    ['what is not there', './none.mjs', {}, 'check-missing'],
    ['a folder', './d', { 'd/a': '' }, 'check-missing'],
    ['an interpreter’s error', './a.sh', { 'a.sh': 'no-such-program-here\n' }, 'not-started'],
    ['what cannot be executed', './plain', { plain: '#!/bin/sh\n' }, 'not-started'],
  ])('%s is inconclusive', async (_, uses, files, code) => {
    const step = await runStep({ uses, target: tempDir(files) });
    expect(codes(step)).toContain(code);
    expect(step.outcome).toBe('error');
  });

  it('is kept in its bounds: time, tree, processes, links', async () => {
    const slow = await own('setInterval(() => {}, 1000)', {}, { timeout: '2s' });
    expect(slow.outcome).toBe('timed-out');
    const writes = await own(
      `import { writeFileSync } from 'node:fs'; writeFileSync('a.txt', 'other'); ${prints(held)}`,
      { 'a.txt': 'one' },
    );
    expect(codes(writes)).toEqual(['tree-changed']);
    const leaves = await own(
      `import { spawn } from 'node:child_process'; spawn('sleep', ['300'], { stdio: 'ignore' }).unref(); ${prints(held)}`,
    );
    expect(codes(leaves)).toEqual(['process-left']);
    const links = await own(
      `import { symlinkSync } from 'node:fs'; symlinkSync('/etc/hosts', process.env.VERIFY_EVIDENCE + '/h'); ${prints({ ...held, evidence: ['h'] })}`,
    );
    expect(codes(links)).toEqual(['evidence-missing']);
    const target = tempDir();
    symlinkSync('/bin/true', join(target, 'out.sh'));
    expect(codes(await runStep({ uses: './out.sh', target }))).toEqual(['check-missing']);
  });

  it('may be of any language, with what the repository has', async () => {
    const json = JSON.stringify(held);
    const target = tempDir({
      'c.py': `import json, sys\nfrom lib import n\ngiven = json.load(sys.stdin)\nprint(json.dumps({"version": 1, "proofs": [str(n)]}))\n`,
      'lib.py': 'n = 3\n',
      'c.sh': `. ./lib.sh\necho "$text"\n`,
      'lib.sh': `text='${json}'\n`,
      'c.ts': `const text: string = ${JSON.stringify(json)};\nconsole.log(text);\n`,
      own: `#!/bin/sh\necho '${json}'\n`,
    });
    chmodSync(join(target, 'own'), 0o755);
    const { record } = await runSteps(
      ['./c.py', './c.sh', './c.ts', './own'].map((uses) => ({ uses })),
      { target },
    );
    expect(record.steps.map((step) => step.outcome)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(Object.keys(record.checklist.inputs)).toEqual(['c.py', 'c.sh', 'c.ts', 'lib.py', 'lib.sh', 'own']);
  });

  it('measures facts for later steps, and says where it did not', async () => {
    const target = tempDir({ 'c.mjs': prints({ ...held, facts: { 'n.count': 3 } }) });
    const use = (fact: string) => ({
      uses: 'command',
      needs: ['step-0'],
      with: { run: ['echo', `\${{ facts.${fact} }}`], expect: { stdout: { contains: ['3'] } } },
    });
    const program = (facts: string[]) => ({ uses: 'program', with: { check: './c.mjs', facts } });
    const { record } = await runSteps([program(['n.count']), use('n.count')], { target });
    expect(record.steps.map((step) => step.outcome)).toEqual(['passed', 'passed']);
    expect(codes(await runStep({ ...program(['n.other']), target }))).toEqual(['fact-not-found']);
    await expect(runSteps([program([]), use('n.count')], { target })).rejects.toThrow('not a valid checklist');
  });

  it('of a package is run where the checklist pins all of it', async () => {
    const target = tempDir({
      'node_modules/@acme/checks/package.json': '{"verify":{"checks":{"soc2":"./bin/soc2.mjs","out":"../../x.mjs"}}}',
      'node_modules/@acme/checks/bin/soc2.mjs': `import { held } from '../lib.mjs';\nconsole.log(JSON.stringify(held));\n`,
      'node_modules/@acme/checks/lib.mjs': `export const held = ${JSON.stringify(held)};\n`,
      'node_modules/@acme/checks/node_modules/dep/index.js': '',
    });
    const listed = execFileSync(
      'sh',
      ['-c', 'find . -type f -printf "%P\\n" | LC_ALL=C sort | xargs sha256sum | sha256sum'],
      { cwd: join(target, 'node_modules/@acme/checks'), encoding: 'utf8' },
    );
    const digest = listed.slice(0, 64);
    const pinned = await runStep({ uses: `@acme/checks/soc2@sha256:${digest}`, target });
    expect(pinned.outcome).toBe('passed');
    const other = await runStep({ uses: `@acme/checks/soc2@sha256:${'0'.repeat(64)}`, target });
    expect(codes(other)).toEqual(['digest-other']);
    expect(codes(await runStep({ uses: 'program', with: { check: '@acme/checks/soc2' }, target }))).toEqual([
      'digest-other',
    ]);
    for (const check of ['@acme/checks/out', '@acme/checks/none', 'acme/none'])
      expect(codes(await runStep({ uses: `${check}@sha256:${digest}`, target }))).toEqual(['check-missing']);
    writeIn(target, 'node_modules/@acme/checks/node_modules/dep/index.js', 'other');
    expect(codes(await runStep({ uses: `@acme/checks/soc2@sha256:${digest}`, target }))).toEqual(['digest-other']);
    writeIn(target, 'node_modules/@acme/checks/node_modules/dep/index.js', '');
    writeIn(target, 'node_modules/@acme/checks/lib.mjs', `export const held = ${JSON.stringify(held)}; // changed\n`);
    expect(codes(await runStep({ uses: `@acme/checks/soc2@sha256:${digest}`, target }))).toEqual(['digest-other']);
  });
});

it.each([
  ['from a folder, by a template', 'await import(`./rules/${process.argv.length}.mjs`)', 3],
  ['from a folder, by a sum', "await import('./rules/' + process.argv.length + '.mjs')", 3],
  ['by a name of its own', 'await import(process.env.VERIFY_NO_SUCH ?? "./rules/2.mjs")', 1],
  ['by a written name', "await import('./rules/2.mjs')", 2],
])('what a check loads %s is of its digest, or is said not to be', async (_, load, count) => {
  const text = `console.log(JSON.stringify((${load}).default));\n`;
  const rule = `export default ${JSON.stringify(held)};\n`;
  const step = await own(text, { 'my checks/rules/2.mjs': rule, 'my checks/rules/deep/3.mjs': rule });
  expect(step.outcome).toBe('passed');
  expect(step.findings.map((one) => `${one.level} ${one.code} ${one.where?.line}`)).toEqual(
    count === 1 ? ['warning import-open 1'] : [],
  );
  const named = await runStep({
    uses: 'program',
    with: { check: './c.mjs', files: ['rules/2.mjs'] },
    target: tempDir({ 'c.mjs': text, 'rules/2.mjs': rule }),
  });
  expect(named.findings).toEqual([]);
  const cwd = tempDir({
    'checklists/m1.yaml':
      "version: 1\nmilestone: m1\ntitle: T\ntree: none\ntarget: ..\nitems: [{ id: i, title: I, steps: [{ id: s, uses: './c.mjs' }] }]\n",
    'c.mjs': text,
    'rules/2.mjs': rule,
    'rules/deep/3.mjs': rule,
  });
  const { stdout } = await verify(['lint', 'm1'], { cwd });
  if (count === 1) expect(stdout).toContain('; without what `import(process.env.VERIFY_NO_SUCH');
  else expect(stdout).toContain(`, of ${count} files`);
});

it('what a package depends on is of its digest, wherever node finds it', async () => {
  const target = tempDir({
    'node_modules/acme/package.json': '{"verify":{"checks":{"soc2":"./s.mjs"}},"dependencies":{"dep":"1"}}',
    'node_modules/acme/s.mjs': prints(held),
    'node_modules/dep/package.json': '{"dependencies":{"deeper":"1","acme":"1"}}',
    'node_modules/deeper/i.js': '1',
  });
  const digestNow = async (): Promise<string> => {
    const step = await runStep({ uses: `acme/soc2@sha256:${'0'.repeat(64)}`, target });
    return /has the sha256 (\w+)/.exec(step.findings[0]?.message ?? '')?.[1] ?? '';
  };
  const first = await digestNow();
  expect((await runStep({ uses: `acme/soc2@sha256:${first}`, target })).outcome).toBe('passed');
  for (const path of [
    'node_modules/deeper/i.js',
    'node_modules/dep/node_modules/deeper/i.js',
    'node_modules/dep/x.js',
  ]) {
    const before = await digestNow();
    writeIn(target, path, '2');
    expect(await digestNow()).not.toBe(before);
  }
});

describe('a check of one’s own, through the command line', () => {
  const checklist =
    'version: 1\nmilestone: m1\ntitle: T\ntarget: ..\nitems: [{ id: i, title: I, steps: [{ id: s, uses: ./checks/c.mjs }] }]\nsignoff: { roles: { rm: 1 } }\n';
  const files = {
    'checklists/m1.yaml': checklist,
    'checks/c.mjs': `import { held } from './lib.mjs';\nimport { appendFileSync } from 'node:fs';\nappendFileSync('reports/ran', 'x');\nconsole.log(JSON.stringify(held));\n`,
    'checks/lib.mjs': `export const held = ${JSON.stringify(held)};\n`,
    'reports/.keep': '',
  };

  it('that git ignores is in no digest of the tree: it is not run unless it is pinned', async () => {
    const m = new Milestone({ ...files, '.gitignore': 'reports/\nchecks/\n' }).committed();
    const ran = await m.run();
    expect([ran.code, said(ran)]).toEqual([12, expect.stringContaining('is not in the verified tree')]);
    const [, digest] = /expected \S+@sha256:(\w+)/.exec(said(ran)) ?? [];
    writeIn(m.cwd, 'checklists/m1.yaml', checklist.replace('c.mjs', `c.mjs@sha256:${digest}`));
    m.commit();
    expect((await m.run()).code).toBe(0);
  });

  it('is signed and gated on; the gate runs none of it, and sees a change of what it imports', async () => {
    const m = new Milestone(files).committed();
    const ran = await m.run();
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining('PASSED')]);
    expect((await m.sign()).code).toBe(0);
    const gate = await m.gate();
    expect([gate.code, said(gate)]).toEqual([0, expect.anything()]);
    expect(m.read('reports/ran')).toBe('x');
    writeIn(m.cwd, 'checks/lib.mjs', `export const held = ${JSON.stringify({ ...held, proofs: ['all'] })};\n`);
    m.commit();
    const after = await m.gate();
    expect([after.code, said(after)]).toEqual([22, expect.stringContaining('checks/lib.mjs')]);
    expect(m.read('reports/ran')).toBe('x');
  });

  it('a check of a package without its digest is told which; a slip in a step type is none', async () => {
    const cwd = tempDir({
      'checklists/m1.yaml': checklist.replace('./checks/c.mjs', 'acme-checks/soc2'),
      'node_modules/acme-checks/package.json': '{"verify":{"checks":{"soc2":"./s.mjs"}}}',
      'node_modules/acme-checks/s.mjs': prints(held),
    });
    const lint = await verify(['lint', 'checklists/m1.yaml'], { cwd });
    expect([lint.code, lint.stderr]).toEqual([
      65,
      expect.stringMatching(
        /m1\.yaml:\d+:\d+: acme-checks\/soc2 is of a package, and is not pinned: write acme-checks\/soc2@sha256:\w{64}/,
      ),
    ]);
    for (const [uses, says] of [
      ['promethues/rules', 'did you mean prometheus/rules?'],
      ['acme-other/soc2', 'node_modules/acme-other is not there: install the package'],
    ] as const) {
      writeIn(cwd, 'checklists/m1.yaml', checklist.replace('./checks/c.mjs', uses));
      expect((await verify(['lint', 'checklists/m1.yaml'], { cwd })).stderr).toContain(says);
    }
  });

  it('is shown by plan and lint with its digest, and lint refuses one that is missing or another', async () => {
    const cwd = tempDir(files);
    const digest = /[0-9a-f]{64}/.exec((await verify(['lint', 'm1'], { cwd })).stdout)?.[0] ?? '';
    const plan = await verify(['plan', 'm1'], { cwd });
    expect(plan.stdout).toMatch(new RegExp(`node \\./checks/c\\.mjs\\n.*${digest}, of 2 files`));
    writeIn(cwd, 'checklists/m1.yaml', checklist.replace('c.mjs', `c.mjs@sha256:${digest}`));
    expect((await verify(['lint', 'm1'], { cwd })).code).toBe(0);
    writeIn(cwd, 'checks/lib.mjs', 'export const held = {};\n');
    const other = await verify(['lint', 'm1'], { cwd });
    expect([other.code, other.stderr]).toEqual([65, expect.stringContaining(`the checklist pins ${digest}`)]);
    writeIn(cwd, 'checklists/m1.yaml', checklist.replace('c.mjs', 'd.mjs'));
    expect((await verify(['lint', 'm1'], { cwd })).code).toBe(65);
  });

  it('is scaffolded with a test that holds, and runs as it is', async () => {
    const cwd = tempDir({ 'README.md': '# A\nDone.\n' });
    expect((await verify(['new-step', 'licences', '--target', cwd], { cwd })).code).toBe(0);
    const tested = execFileSync(process.execPath, ['--test', 'checks/licences.test.mjs'], {
      cwd,
      encoding: 'utf8',
    });
    expect(tested).toMatch(/pass 3\b/);
    expect(tested).toMatch(/fail 0\b/);
    const step = await runStep({ uses: './checks/licences.mjs', target: cwd });
    expect([step.outcome, step.facts]).toEqual(['passed', { 'licences.lines': 3 }]);
    expect((await verify(['new-step', 'licences'], { cwd })).code).toBe(73);
    expect((await verify(['new-step', '../x'], { cwd })).code).toBe(64);
    expect(readFileSync(join(cwd, 'checks/licences.mjs'), 'utf8')).not.toContain('\\`');
  });
});
