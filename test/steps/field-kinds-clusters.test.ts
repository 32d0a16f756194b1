import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { weighty } from '../rig/weighty.ts';

// What public repositories of databases, chains and operators taught: each false alarm with the defect beside it that is still found.

const claims = async (text: string, files: Record<string, string> = {}): Promise<string[]> => {
  const found = await weighty({
    uses: 'docs/claims',
    target: tempDir({ 'README.md': `# A\n\n${text}\n`, ...files }),
    with: { documents: ['README.md'] },
  });
  return found.filter((one) => !one.startsWith('inconclusive nothing-'));
};
const block = (lang: string, text: string): string => `\`\`\`${lang}\n${text}\n\`\`\``;
const table = (head: string, ...rows: string[]): string => `| ${head} |\n|---|---|\n${rows.join('\n')}\n`;

describe('docs/claims: clusters and chains', () => {
  it.each([
    ['bind_port', 0],
    ['lamp_bind_port', 1],
  ])('a default of %s in a file that the row does not name', async (name, found) => {
    const files = { 'conf/server.conf': `${name} = 8081\n` };
    expect(await claims(table('Key | Default', `| \`${name}\` | \`8008\` |`), files)).toHaveLength(found);
  });

  it('a test of a suite asserts by its suite', async () => {
    const suite = (body: string): Record<string, string> => ({
      'a_test.go': `package a\n\nfunc (s *ASuite) TestSchemaOrder() {\n\tx := order()\n\t${body}\n}\n`,
    });
    const text = '`TestSchemaOrder` covers the order.';
    expect(await claims(text, suite('s.Equal(x, 1)'))).toEqual([]);
    expect(await claims(text, suite('s.log(x)'))).toEqual(['warning value-wrong 3']);
  });

  it('a Service that the reader has installed', async () => {
    const files = {
      'deploy/lamp.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: lamp-oil\nspec:\n  ports: [{ port: 1 }]\n',
    };
    const text = (name: string): string => block('sh', `kubectl port-forward svc/${name} 9080:80`);
    expect(await claims(text('prometheus-server'), files)).toEqual([]);
    expect(await claims(text('lamp-oil-server'), files)).toEqual(['warning command-wrong 4']);
  });

  it('a method of a client, and a key within others, in a list of them', async () => {
    const files = {
      'client.go':
        'func (s *Lamps) List() {}\nfunc use(c Client) {\n\tc.Lamps.Light()\n\tc.Lamps.Quench()\n\tc.Lamps.Refill()\n\tc.Lamps.Dim()\n}\n',
    };
    const rows = ['Light', 'Quench', 'Refill', 'Dim'].map((one) => `| \`c.Lamps.${one}\` | x |`);
    const text = (last: string): string => table('Method | What', ...rows, `| \`c.Lamps.${last}\` | x |`);
    expect(await claims(text('List'), files)).toEqual([]);
    expect(await claims(text('Ignite'), files)).toEqual(['warning name-unknown 9']);
  });

  it('a version below which something holds', async () => {
    const files = { 'compose.yml': 'services:\n  db:\n    image: mysql:8.0\n' };
    expect(await claims('Note that for MySQL 5.6 and below the level is set.', files)).toEqual([]);
    expect(await claims('The stack runs MySQL 5.6.', files)).toEqual(['warning value-wrong 3']);
  });

  it('a path of a package that the reader unpacks', async () => {
    const files = { 'oil/src/a.go': 'package a\n' };
    const named = 'Set the level in `oil/config/lamp.yml`.';
    expect(await claims(`- Download the release package\n- ${named}`, files)).toEqual([]);
    expect(await claims(`- ${named}`, files)).toHaveLength(1);
  });

  it.each([
    ['LAMP_OIL=1\n# none\nLAMP_WICK=2', 0],
    ['a:\n  b: [PROJECT_ID]@[ACCOUNT].example.com', 0],
    ['a:\n  b: [x]@y', 1],
  ])('a block of YAML: %s', async (text, found) => expect(await claims(block('yaml', text))).toHaveLength(found));

  it('a licence of what was released before', async () => {
    const files = { LICENSE: 'GNU AFFERO GENERAL PUBLIC LICENSE\n' };
    expect(await claims('The code of previous releases is still available under GPL 2.0.', files)).toEqual([]);
    expect(await claims('The code is available under GPL 2.0.', files)).toHaveLength(1);
  });
});

it('flags that a library of Go brings along', async () => {
  const main = (imports: string): string =>
    `package main\n\nimport (\n\t"github.com/spf13/cobra"\n${imports})\n\nfunc main() {\n\tc := &cobra.Command{}\n\tc.Flags().String("oil", "", "")\n\tc.Flags().String("wick", "", "")\n}\n`;
  const calls = (imports: string, args: string): Promise<string[]> =>
    weighty({
      uses: 'code/calls',
      target: tempDir({
        'go.mod': 'module example.com/lamp\n',
        'cmd/lampd/main.go': main(imports),
        'run.sh': `#!/bin/sh\nlampd ${args}\n`,
      }),
      with: {},
    });
  expect(await calls('', '--oil=1 --flame=2')).toEqual([expect.stringContaining('warning argument-unknown')]);
  expect(await calls('', '--oil=1 --flame=2 --glow=3')).toEqual([]);
  expect(await calls('\t"k8s.io/component-base/logs"\n', '--oil=1 --flame=2')).toEqual([]);
});

const [title, skip] = needing('compose/config: clusters and chains', 'compose');
describe.skipIf(skip)(title, () => {
  const config = (text: string, files: Record<string, string> = {}): Promise<string[]> =>
    weighty({
      uses: 'compose/config',
      target: tempDir({ 'compose.yml': text, ...files }),
      with: { files: ['compose.yml'] },
    });

  it('a secret that a shared env_file names', async () => {
    const service = (more: string): string => `services:\n  web:\n    image: nginx:1.27\n    ${more}\n`;
    const files = { 'all.env': 'KEY_FILE=/run/secrets/key\n' };
    expect(await config(service('env_file: [all.env]'), files)).toEqual([]);
    expect(await config(service('environment: { KEY_FILE: /run/secrets/key }'))).toEqual(['error start-refused 2']);
  });

  it('volumes from outside are one finding', async () => {
    const text = `services:\n  a:\n    image: nginx:1.27\n    volumes: ["oil:/x", "wick:/y"]\nvolumes:\n  oil: { external: true, name: lamp-x }\n  wick: { external: true, name: lamp-y }\n`;
    expect(await config(text)).toEqual(['warning external-missing']);
  });

  it('a file that the README has its reader write', async () => {
    const text = 'services:\n  a:\n    image: nginx:1.27\n    volumes: ["./lamp.yml:/etc/lamp.yml"]\n';
    const readme = (path: string): Record<string, string> => ({ 'README.md': block('sh', `echo "a: 1" > ${path}`) });
    expect(await config(text, readme('lamp.yml'))).toEqual([]);
    expect(await config(text, readme('lamps.yml'))).toEqual(['error bind-missing 4']);
  });

  it('a variable that nothing sets', async () => {
    const service = 'services:\n  a:\n    image: nginx:1.27\n';
    expect(await config(`${service}    volumes: ["\${LAMP_CONF}:/x"]\n`)).toContainEqual('warning does-not-resolve');
  });
});
