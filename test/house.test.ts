import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rooms, type Room } from '../scripts/wall-table.ts';
import { checkWalls, spentExceptions, tableProblems, withLayout } from '../scripts/walls.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { root } from './rig/cli.ts';
import { tempDir } from './rig/run-step.ts';

/** Modules that act on the world, or that only one room may know: each is seeded in every room whose row does not name it. */
const worldly = ['node:fs', 'node:child_process', 'node:http', 'execa', 'undici', 'hono', 'sharp', 'listr2'];

/** Ways to write an import; every one counts. */
const waysToImport: ((module: string) => string)[] = [
  (module) => `import * as x from '${module}';\nexport const y = x;\n`,
  (module) => `import type { X } from '${module}';\nexport type Y = X;\n`,
  (module) => `export * from '${module}';\n`,
  (module) => `export { x } from '${module}';\n`,
  (module) => `import '${module}';\n`,
  (module) => `export const x = (): Promise<unknown> => import('${module}');\n`,
  (module) => `export type X = typeof import('${module}');\n`,
  (module) => `import { library } from '../formats/data/libraries.ts';\nexport const x = library('${module}');\n`,
];

/** For each rule on code: a file that breaks it. */
const wrongCode: Record<string, string> = {
  'typescript/no-floating-promises': 'export function f(): void {\n  Promise.resolve(1);\n}\n',
  'typescript/no-misused-promises': 'export const f = (p: Promise<boolean>): number => (p ? 1 : 2);\n',
  'typescript/switch-exhaustiveness-check':
    "export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n      throw new Error(x);\n  }\n}\n",
  'typescript/no-explicit-any': 'export const f = (x: any): string => String(x);\n',
  'typescript/no-non-null-assertion': 'export const f = (x: string | undefined): number => x!.length;\n',
  'typescript/consistent-type-imports':
    "import { Unobservable } from './core/errors.ts';\nexport const f = (x: Unobservable): string => x.message;\n",
  'import/no-cycle': "import { b } from './zz-seeded-no-cycle.ts';\nexport const a = 1;\nexport const c = b;\n",
  'max-lines': `${Array.from({ length: 301 }, (_, n) => `export const a${n} = ${n};`).join('\n')}\n`,
  'no-console': 'console.log(1);\n',
};

const room = (name: string, may: string[]): Room => ({ name, what: '', may, outside: [] });

describe('the house', () => {
  it.each(['src/gen.ts', 'scripts/cli-reference.ts'])('what %s generates is current (npm run gen)', (script) => {
    const { stderr, status } = spawnSync(process.execPath, [script, '--check'], { cwd: root, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it.each(kinds)('%s is named like its file, documented, and run by a test', async (kind) => {
    const type = await loadKind(kind);
    expect(type.kind).toBe(kind);
    expect(type.description.length).toBeGreaterThan(100);
    expect(type.example).toContain(`uses: ${kind}`);
    // Mostly test/steps/<group>-….test.ts; a toolchain's stands with those of the toolchains.
    const tests = ['test/steps', 'test/toolchains'].flatMap((folder) =>
      readdirSync(join(root, folder)).map((file) => join(root, folder, file)),
    );
    expect(
      tests.some((file) => readFileSync(file, 'utf8').includes(`'${kind}'`)),
      `no test runs ${kind}`,
    ).toBe(true);
  });

  it('holds every import to the table of rooms, and ARCHITECTURE.md draws that table', () => {
    const walls = checkWalls(join(root, 'src'));
    expect(walls.problems).toEqual([]);
    expect(spentExceptions(walls)).toEqual([]);
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    expect(withLayout(text)).toBe(text);
  });

  describe.each(rooms)('the walls of $name', ({ name, may, outside }) => {
    const folder = tempDir();
    const single = ['cli', 'gen', 'version'].includes(name);
    const up = single ? './' : '../'.repeat(name.split('/').length);
    const seed = (text: string): string[] => {
      const path = join(folder, single ? `${name}.ts` : `${name}/zz-seeded.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return checkWalls(folder).problems;
    };
    const free = (list: readonly string[], module: string): boolean =>
      list.some((one) => one === module || (one.endsWith('*') && module.startsWith(one.slice(0, -1))));
    const others = rooms.filter((one) => one.name !== name);

    it('no import of a room that its row does not name', () => {
      for (const one of others.filter((other) => !free(may, other.name))) {
        const file = ['cli', 'gen', 'version'].includes(one.name) ? `${up}${one.name}.ts` : `${up}${one.name}/x.ts`;
        expect(seed(`import { x } from '${file}';\nexport const y = x;\n`), one.name).toEqual([
          expect.stringMatching(`:1: ${name} may not import ${one.name} `),
        ]);
      }
    });
    it('but of every room that its row names', () => {
      for (const one of others.filter((other) => free(may, other.name)))
        expect(seed(`import { x } from '${up}${one.name}/x.ts';\nexport const y = x;\n`)).toEqual([]);
    });
    it('no import of what acts on the world, however it is written', () => {
      for (const module of worldly.filter((one) => !free(outside, one)))
        for (const way of waysToImport)
          expect(seed(way(module)), way(module)).toContainEqual(
            expect.stringContaining(`${name} may not import ${module} `),
          );
    });
    it('and nothing loaded by a computed name', () => {
      for (const text of [
        'export const x = (name: string): Promise<unknown> => import(name);\n',
        "export const x = process.getBuiltinModule('node:fs');\n",
      ])
        expect(seed(text)).toEqual([expect.stringContaining('by a computed name')]);
    });
  });

  it('a file in no room is refused, and a circle cannot be written into the table', () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'shed'));
    writeFileSync(join(folder, 'shed/a.ts'), 'export const a = 1;\n');
    writeFileSync(join(folder, 'stray.ts'), 'export const a = 1;\n');
    expect(checkWalls(folder).problems).toEqual([
      'src/shed/a.ts is in no room of scripts/wall-table.ts',
      'src/stray.ts is in no room of scripts/wall-table.ts',
    ]);
    const [first, second] = [room('a', ['b']), room('b', ['a'])];
    expect(tableProblems([first, second])).toEqual([expect.stringContaining('a names b')]);
    expect(tableProblems([room('a', ['a'])])).toEqual([expect.stringContaining('a names a')]);
    expect(tableProblems([room('a', []), room('b', ['a'])])).toEqual([]);
  });

  it('the linter refuses a seeded violation of every rule', () => {
    const { rules } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
      rules: Record<string, unknown>;
    };
    const name = 'zz-seeded';
    const files = Object.entries(wrongCode).map(([rule, text]): [path: string, text: string] => [
      `src/${name}-${rule.replace(/^.*\//, '')}.ts`,
      text,
    ]);
    const folder = tempDir();
    for (const part of ['.oxlintrc.json', 'package.json', 'tsconfig.json', 'src'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, text] of files) writeFileSync(join(folder, path), text);
    const { stdout } = spawnSync(
      join(root, 'node_modules/.bin/oxlint'),
      ['--type-aware', '--format', 'json', ...files.map(([path]) => path)],
      { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    const said = (JSON.parse(stdout) as { diagnostics: { code: string; help?: string; filename: string }[] })
      .diagnostics;
    for (const rule of Object.keys(wrongCode))
      expect(
        said.filter((one) => one.filename.includes(`${name}-${rule.replace(/^.*\//, '')}`)).map((one) => one.code),
      ).toContainEqual(expect.stringContaining(`(${rule.replace(/^.*\//, '')})`));
    expect(Object.keys(rules).filter((rule) => rules[rule] !== 'off')).toEqual(Object.keys(wrongCode));
  });

  it('no link of the documents leads nowhere', () => {
    for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
      const text = readFileSync(join(root, file), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap(([, link = '']) =>
        /^\w+:/.test(link) ? [] : [link],
      );
      expect(links.length, file).toBeGreaterThan(0);
      expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
    }
  });
});

describe('the package', () => {
  // An app with the package among its dependencies, and the same package installed for the whole machine.
  const folder = tempDir({
    'app/package.json': '{ "name": "app", "private": true, "scripts": { "verify": "verify" } }',
    'app/README.md': '# App\n',
    'other/README.md': '# Other\n',
  });
  const at = (path: string): string => join(folder, path);
  const local = at('app/node_modules/verify-milestone');
  const whole = at('prefix/lib/node_modules/verify-milestone');
  beforeAll(() => {
    execFileSync(join(root, 'node_modules/.bin/tsdown'), ['--out-dir', join(local, 'dist')], {
      cwd: root,
      stdio: 'ignore',
    });
    for (const name of ['bin', 'checklists', 'package.json'])
      cpSync(join(root, name), join(local, name), { recursive: true });
    cpSync(local, whole, { recursive: true });
    for (const one of [local, whole]) symlinkSync(join(root, 'node_modules'), join(one, 'node_modules'));
    for (const [bin, to] of [
      ['app/node_modules/.bin', '../verify-milestone/bin/verify.js'],
      ['prefix/bin', '../lib/node_modules/verify-milestone/bin/verify.js'],
    ] as const) {
      mkdirSync(at(bin));
      for (const name of ['verify', 'verify-milestone']) symlinkSync(to, at(`${bin}/${name}`));
    }
  });
  it('holds what it needs, and works where it is installed', () => {
    const listed = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
    ) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
    const [pack] = Array.isArray(listed) ? listed : Object.values(listed);
    const paths = pack?.files.map((file) => file.path) ?? [];
    for (const path of ['bin/verify.js', 'checklists/milestone-16.yaml', 'LICENSE', 'README.md'])
      expect(paths).toContain(path);
    // npm takes the shrinkwrap into the package only where `files` names it, and obeys it only for what comes from a registry.
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    expect(manifest['files']).toContain('npm-shrinkwrap.json');
    for (const [name, version] of Object.entries(manifest['dependencies'] ?? {}))
      expect(version, name).toBe(lock.packages[`node_modules/${name}`]?.version);
    expect(paths.filter((path) => path.includes('/target/'))).toEqual([]);
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(local, 'bin/verify.js'), 'lint', 'checklists/milestone-16.yaml'],
      { cwd: local, encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
  });
  it('asks a user to install what the build leaves outside, and bears the licences of what it takes in', () => {
    const dist = join(local, 'dist');
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const outside = new Set(
      readdirSync(dist)
        .filter((name) => name.endsWith('.js'))
        .flatMap((name) => [
          ...readFileSync(join(dist, name), 'utf8').matchAll(
            /(?:^import [^;]*?|^\} from |\bimport\(|\blibrary\()"((?:@[\w-]+\/)?\w[\w.-]*)[\w./-]*"/gm,
          ),
        ])
        .map(([, name = '']) => name),
    );
    expect([...outside]).toEqual(expect.arrayContaining(['undici', 'picomatch', 'listr2']));
    expect([...outside].filter((name) => !(name in dependencies))).toEqual([]);
    const notices = readFileSync(join(dist, 'THIRD_PARTY_NOTICES.txt'), 'utf8');
    for (const part of ['echarts 6', 'Apache ECharts', 'Mike Bostock', 'zrender', 'zod', 'execa'])
      expect(notices).toContain(part);
  });
  it.each([
    ['npx', 'app', 'npx verify-milestone', 'npx verify-milestone'],
    ['a script of npm', 'app', 'npm run --silent verify --', 'npx verify-milestone'],
    ['its path', 'app', 'node node_modules/verify-milestone/bin/verify.js', 'npx verify-milestone'],
    ['the whole machine’s', 'app', 'verify', 'verify'],
    [
      'a path from elsewhere',
      'other',
      'node ../app/node_modules/verify-milestone/bin/verify.js',
      'node ../app/node_modules/verify-milestone/bin/verify.js',
    ],
    [
      'what a wrapper says',
      'other',
      'VERIFY_COMMAND="node ../app/node_modules/.bin/verify" verify',
      'node ../app/node_modules/.bin/verify',
    ],
  ])('called by %s, it names commands that work as they are printed', (_, cwd, called, told) => {
    const node = dirname(process.execPath);
    const bin = called.includes('verify ') || called.endsWith('verify') ? `${at('prefix/bin')}:` : '';
    const run = (line: string) =>
      spawnSync('bash', ['-c', line], {
        cwd: at(cwd),
        encoding: 'utf8',
        env: {
          ...process.env,
          VERIFY_COMMAND: '',
          PATH: `${node}:${bin}/usr/local/bin:/usr/bin:/bin`,
          NO_COLOR: '1',
        },
      });
    const drafted = run(`${called} init --force`);
    expect(drafted.status, drafted.stderr).toBe(0);
    expect(drafted.stdout).toContain(`\n  ${told} sign-off release`);
    const [, plan = ''] = /^ {2}(.* plan release)(?: +#.*)?$/m.exec(drafted.stdout) ?? [];
    expect(plan).toBe(`${told} plan release`);
    const planned = run(plan);
    expect(planned.stdout, planned.stderr).toContain('Nothing was run.');
    const wrong = run(`${called} plann release`);
    expect(wrong.stderr).toContain(`did you mean: ${told} plan release`);
  });
});
