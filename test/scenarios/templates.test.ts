import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const checklist = (templates: string, steps: string, top = ''): string =>
  `version: 1\nmilestone: m\ntitle: T\ntree: none\ntarget: .\n${top}templates:\n${templates}\nitems:\n  - id: i\n    title: I\n    steps:\n${steps}\n`;
const service = `  service:
    parameters: { name: , words: hello }
    steps:
      - id: \${{ template.name }}-says
        title: What \${{ template.name }} says
        uses: command
        with: { run: [echo, "\${{ template.name }} \${{ vars.v }}"], expect: { stdout: { contains: ["\${{ template.words }}"] } } }
      - id: \${{ template.name }}-after
        needs: ["\${{ template.name }}-says"]
        uses: ./own.sh
        with: { name: "\${{ template.name }}" }`;
const vars = 'vars: { v: hello }\n';
const own = { 'own.sh': 'grep -q \'"name":"[ab]"\' && echo \'{"version":1,"proofs":["named"]}\'\n' };

const lint = async (text: string) => {
  const { code, stderr } = await verify(['lint', 'c.yaml'], { cwd: tempDir({ 'c.yaml': text, ...own }) });
  return `${code} ${stderr}`;
};

describe('templates', () => {
  it('are put out once for each use, and for each row', async () => {
    const cwd = tempDir({
      'c.yaml': checklist(
        service,
        '      - { template: service, for: [{ name: a }, { name: b, words: "b h" }] }\n      - { id: last, uses: command, needs: [b-after], with: { run: [echo, x], expect: { stdout: { contains: [x] } } } }',
        vars,
      ),
      ...own,
    });
    const ran = await verify(['c.yaml', '--ui', 'plain'], { cwd });
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([0, expect.stringContaining('5 passed, of 5 steps')]);
    const plan = JSON.parse((await verify(['plan', 'c.yaml', '--json'], { cwd })).stdout) as {
      steps: { id: string; title: string; does: string[] }[];
    };
    expect(plan.steps.map((step) => step.id)).toEqual(['a-says', 'a-after', 'b-says', 'b-after', 'last']);
    expect(plan.steps[2]).toMatchObject({ title: 'What b says', does: ['echo b hello'] });
  });

  it('fail where one of the services does', async () => {
    const steps = '      - { template: service, for: [{ name: a }, { name: b, words: goodbye }] }';
    const { code, stdout } = await verify(['c.yaml', '--ui', 'plain'], {
      cwd: tempDir({ 'c.yaml': checklist(service, steps, vars), ...own }),
    });
    expect([code, stdout]).toEqual([10, expect.stringMatching(/b-says[^]*should contain "goodbye"/)]);
  });

  it('tell a problem at the line of the template, and name that of the use', async () => {
    const wrong = service.replace('expect:', 'expects:');
    const told = await lint(checklist(wrong, '      - template: service\n        with: { name: a }', vars));
    expect(told).toMatch(/^65 [^]*c\.yaml:14:\d+: unknown key expects \(the template is used in line 24\)/);
    const standIn = service.replace('[echo,', '[echo, 12,');
    expect(await lint(checklist(standIn, '      - { template: service, with: { name: a } }', vars))).toMatch(
      /c\.yaml:14:\d+: .*expected a text.*\(the template is used in line 23\)/,
    );
  });

  const use = '      - { template: service, with: { name: a } }';
  it.each([
    ['a template that is none', service, '      - { template: servce, with: { name: a } }', 'did you mean service?'],
    ['a parameter that is missing', service, '      - { template: service }', 'the template service needs name'],
    [
      'a parameter that is none',
      service,
      '      - { template: service, with: { name: a, wrds: b } }',
      'did you mean words?',
    ],
    [
      'a name in it that is no parameter',
      service.replace('template.words', 'template.wods'),
      use,
      'did you mean words?',
    ],
    [
      'a parameter that nothing names',
      service.replace('words: hello', 'words: hello, port: 1'),
      use,
      'names its parameter port',
    ],
    [
      'a template that nobody uses',
      `${service}\n${service.replace('service:', 'other:')}`,
      use,
      'no item uses the template other',
    ],
    [
      'a template in a template',
      service.replace(
        '- id: ${{ template.name }}-after',
        '- template: service\n        id: ${{ template.name }}-after',
      ),
      use,
      'may not use another',
    ],
    [
      'with beside for',
      service,
      '      - { template: service, with: { name: a }, for: [{ name: b }] }',
      'either with or for',
    ],
    ['no rows', service, '      - { template: service, for: [] }', 'for'],
    ['a key beside it', service, '      - { template: service, id: x, with: { name: a } }', 'unknown key id'],
    ['the same id twice', service, `${use}\n${use}`, 'is used twice'],
    [
      'a list for a parameter',
      service,
      '      - { template: service, with: { name: [a] } }',
      'a text, a number or a truth value',
    ],
    [
      'a number that would be written otherwise',
      service,
      '      - { template: service, with: { name: 1.10 } }',
      '1.10 would be put in as 1.1',
    ],
    [
      'a parameter outside of a template',
      service,
      `${use}\n      - { id: x, uses: command, with: { run: [echo, "\${{ template.name }}"] } }`,
      'below `templates` only',
    ],
    ['a template without steps', '  service: { steps: [] }', use, 'steps'],
    [
      'a key that is filled in',
      service.replace('with: { name:', 'with: { "${{ template.name }}":'),
      use,
      'is in a key',
    ],
  ])('refuse %s', async (_, templates, steps, message) => {
    const told = await lint(checklist(templates, steps, vars));
    expect(told).toMatch(/^65 /);
    expect(told).toContain(message);
  });
});
