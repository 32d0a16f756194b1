import { describe, expect, it } from 'vitest';
import { parseFault } from '../../src/formats/promql/parse.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { weighty } from '../rig/weighty.ts';

// What a fourth set of public repositories taught: each false alarm with the defect beside it that must still be found.

const [title, skip] = needing('compose/config: one cause, one finding', 'compose');

describe.skipIf(skip)(title, () => {
  const config = (files: Record<string, string>): Promise<string[]> =>
    weighty({ uses: 'compose/config', target: tempDir(files), with: { files: ['compose.yml'] } });
  const built = (...names: string[]): string =>
    `services:\n${names.map((name) => `  ${name}:\n    build: ./${name}\n`).join('')}`;

  it('folders of other repositories that are all missing', async () => {
    expect(await config({ 'compose.yml': built('a', 'b', 'c') })).toEqual(['error build-context-missing 2']);
    expect(await config({ 'compose.yml': built('a', 'b') })).toHaveLength(2);
    expect(await config({ 'compose.yml': built('a'), 'a/Dockerfile': 'FROM scratch\n' })).toEqual([]);
  });

  it('two services that are called alike and publish one port', async () => {
    const pair = (name: string, port: string): string =>
      `services:\n  a:\n    image: x\n    container_name: cc\n    ports: ["80:80"]\n  b:\n    image: x\n    container_name: ${name}\n    ports: ["${port}:80"]\n`;
    expect(await config({ 'compose.yml': pair('cc', '80') })).toEqual(['error port-conflict 6']);
    expect(await config({ 'compose.yml': pair('cc', '81') })).toEqual(['error name-conflict 6']);
    expect(await config({ 'compose.yml': pair('dd', '80') })).toEqual(['error port-conflict 6']);
    expect(await config({ 'compose.yml': pair('dd', '81') })).toEqual([]);
  });

  it('an Alertmanager file full of placeholders', async () => {
    const files = (key: string, user: string): Record<string, string> => ({
      'compose.yml':
        'services:\n  am:\n    image: prom/alertmanager:v0.27.0\n    volumes: ["./am.yml:/etc/alertmanager/alertmanager.yml"]\n',
      'am.yml': `route: { receiver: a }\nreceivers:\n  - name: a\n    pushover_configs:\n      - token: "${key}"\n        user_key: "${user}"\n`,
    });
    expect(await config(files('${KEY}', '${USER}'))).toEqual(['error alertmanager-literal 5']);
    expect(await config(files('abc', '${USER}'))).toEqual(['error alertmanager-literal 6']);
    expect(await config(files('abc', 'def'))).toEqual([]);
  });
});

it('where an expression ends too early', () => {
  expect(parseFault('sum(rate(a[5m])) > ')).toBe('does not parse: it ends too early, after "sum(rate(a[5m])) >"');
  expect(parseFault('sum(rate(a[5m]))) > 1')).toBe('does not parse at ") > 1"');
  expect(parseFault('sum(rate(a[5m])) > 1')).toBeUndefined();
});

describe('documents', () => {
  const claims = (readme: string, files: Record<string, string>): Promise<string[]> =>
    weighty({
      uses: 'docs/claims',
      target: tempDir({ 'README.md': `# Harbour\n\n${readme}`, ...files }),
      with: { documents: ['README.md'] },
    });

  it('a variable that stands within a longer name alone', async () => {
    const names = ['SHIP_A', 'SHIP_B', 'SHIP_C', 'SHIP_D', 'SHIP_LOG_LEVEL'];
    const files = { 'main.py': `import os\n${names.map((name) => `os.environ["${name}"]\n`).join('')}` };
    expect(await claims('Set the environment variable `SHIP_LOG`.\n', files)).toEqual(['warning name-unknown 3']);
    expect(await claims('Set the environment variable `SHIP_LOG_LEVEL`.\n', files)).toEqual([]);
    const flags = { ...files, 'build.sh': 'cmake -DSHIP_LOG=1 .\n' };
    expect(await claims('Set the environment variable `SHIP_LOG`.\n', flags)).toEqual([]);
  });
});
