import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../rig/cli.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';

const toolchain = `import { testsOf, type Toolchain } from '../contract.ts';

const shout: Toolchain = {
  name: 'shout',
  title: 'Shout',
  manifests: /^shout\\.txt$/,
  tools: [{ name: 'sh', version: ['sh', '-c', 'echo 1'], remedy: 'install a shell' }],
  steps: { 'shout/test': 'test' },
  results: [],
  unasked: [],
  ambient: { variables: /^SHOUT_ONLY$/, silences: () => true },
  tests: testsOf({
    params: {},
    summary: 'Shouting works.',
    description: 'Runs shout.sh, which prints TAP.',
    example: '- id: shouting\\n  uses: shout/test',
    plan: () => 'sh shout.sh',
    async command(_, ctx) {
      if ((await ctx.files.kind('shout.sh')) !== 'file') return { missing: 'shout.sh is not there', remedy: 'write it' };
      return { argv: ['sh', 'shout.sh'], env: {}, printed: true };
    },
    async unprepared() {
      return undefined;
    },
  }),
  stepFor: ({ words }) => (words[0] === 'shout' ? { id: 'shout', uses: 'shout/test' } : undefined),
  covers: () => [{ key: 'shout' }],
  items: (tree, { ids }) =>
    tree.paths.includes('shout.txt')
      ? [{ id: ids.take('shouts'), title: 'Shouting works', steps: [{ id: ids.take('shout'), uses: 'shout/test' }] }]
      : [],
  checks: () => [],
  programs: {},
  outputs: () => [],
};
export default shout;
`;

const textsOf = (folder: string): Map<string, string> =>
  new Map(
    ['src', 'checklists', 'docs'].flatMap((part) =>
      readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile() && !/\.(?:png|webp|svg|cast)$/.test(one.name))
        .map((one) => {
          const path = join(one.parentPath, one.name);
          return [path.slice(folder.length + 1), readFileSync(path, 'utf8')] as const;
        }),
    ),
  );

it('a new toolchain is one folder: step type, draft and reference come of it', () => {
  const copy = tempDir();
  for (const name of ['src', 'checklists', 'docs', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const before = textsOf(copy);
  writeIn(copy, 'src/toolchains/shout/toolchain.ts', toolchain);
  const node = (args: string[], cwd: string): string => {
    try {
      return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
    } catch (cause) {
      return (cause as { stdout: string }).stdout;
    }
  };
  node([join(copy, 'src/gen.ts')], copy);
  const changed = [...textsOf(copy)].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
  expect(changed.toSorted()).toEqual([
    'checklists/REFERENCE.md',
    'checklists/checklist.schema.json',
    'src/steps/index.ts',
    'src/toolchains/index.ts',
    'src/toolchains/shout/toolchain.ts',
  ]);

  const project = tempDir({ 'shout.txt': '', 'shout.sh': 'echo 1..2; echo ok 1 - A; echo not ok 2 - B; exit 1\n' });
  const cli = join(copy, 'src/cli.ts');
  const drafted = node([cli, 'init', '--print'], project);
  expect(drafted).toContain('uses: shout/test');
  writeIn(project, 'checklists/release.yaml', drafted.replace('target: ..', 'target: ..\ntree: none'));
  const ran = node([cli, 'release', '--ui', 'plain', '--no-ask'], project);
  expect(ran).toContain('test-failed B fails');
  writeIn(project, 'shout.sh', 'echo 1..1; echo ok 1 - A\n');
  expect(node([cli, 'release', '--ui', 'plain', '--no-ask'], project)).toContain('PASSED');
});
