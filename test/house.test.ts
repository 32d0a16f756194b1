import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDocs } from '../src/checklist/docs.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { root } from './rig/cli.ts';
import { tempDir } from './rig/run-step.ts';

/** For each folder with an import rule: modules that no file of it may import. */
const wrongImports: Record<string, string[]> = {
  'src/core': ['node:fs', '../formats/programs/shell.ts'],
  'src/formats': ['node:fs', 'execa', '../claims/claim.ts', '../drill/judge.ts', '../stack/checks.ts'],
  'src/claims': ['node:fs', 'undici', '../drill/judge.ts', '../hosts/exec.ts', '../steps/command.ts'],
  'src/grafana': ['node:fs', 'undici', '../stack/checks.ts', '../hosts/browser.ts', '../steps/command.ts'],
  'src/stack': ['node:child_process', 'execa', '../drill/judge.ts', '../hosts/docker.ts', '../steps/command.ts'],
  'src/drill': ['node:fs', 'execa', './modes/unit.ts', '../stack/checks.ts', '../hosts/exec.ts', '../steps/command.ts'],
  'src/drill/modes': ['node:child_process', 'node:http', '../../stack/checks.ts', '../../hosts/exec.ts'],
  'src/draft': ['node:fs', 'execa', '../hosts/git.ts', '../claims/claim.ts', '../steps/command.ts'],
  'src/steps': ['node:fs', 'execa', '../hosts/exec.ts', '../signoff/gate.ts', '../ui/plain.ts'],
  'src/reporters': ['../steps/command.ts', '../hosts/exec.ts', '../stack/checks.ts', '../serve/board.ts'],
  'src/serve': ['../commands/gate.ts', '../hosts/exec.ts', '../signoff/gate.ts', '../steps/command.ts', 'execa'],
  'src/ui': ['../steps/command.ts', '../reporters/junit.ts', '../drill/judge.ts'],
  'src/signoff': ['../steps/command.ts', '../reporters/junit.ts', '../hosts/git.ts', '../checklist/load.ts'],
  'src/hosts': ['../steps/command.ts', '../signoff/gate.ts', '../claims/claim.ts', '../serve/board.ts'],
  'src/evidence': ['../steps/command.ts', '../signoff/gate.ts', '../grafana/api.ts'],
};

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

describe('the house', () => {
  it('generated files are current (npm run gen)', async () => {
    const folder = tempDir();
    await writeDocs(folder);
    for (const name of ['REFERENCE.md', 'checklist.schema.json'])
      expect(readFileSync(join(folder, name), 'utf8')).toBe(readFileSync(join(root, 'checklists', name), 'utf8'));
    const files = readdirSync(join(root, 'src/steps'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && file !== 'index.ts',
    );
    expect(kinds.toSorted()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).toSorted());
  });

  it.each(kinds)('%s is named like its file, documented, tested, and mutated or tabled', async (kind) => {
    const type = await loadKind(kind);
    expect(type.kind).toBe(kind);
    expect(type.description.length).toBeGreaterThan(100);
    expect(type.example).toContain(`uses: ${kind}`);
    const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.test.ts'),
    );
    expect(
      tests.some((file) => readFileSync(join(root, 'test', file), 'utf8').includes(`'${kind}'`)),
      `no test runs ${kind}`,
    ).toBe(true);
  });

  it('the linter refuses a seeded violation of every rule', () => {
    const { rules, overrides } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
      rules: Record<string, unknown>;
      overrides: { files: string[]; rules: Record<string, unknown> }[];
    };
    const name = 'zz-seeded';
    const files: [path: string, text: string][] = [
      ...Object.entries(wrongImports).flatMap(([folder, modules]) =>
        modules.map((module, n): [string, string] => [
          `${folder}/${name}-${n}.ts`,
          `import * as x from '${module}';\nexport const y = x;\n`,
        ]),
      ),
      ...Object.entries(wrongCode).map(([rule, text]): [string, string] => [
        `src/${name}-${rule.replace(/^.*\//, '')}.ts`,
        text,
      ]),
    ];
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
    for (const [place, modules] of Object.entries(wrongImports)) {
      const own = overrides.find((one) => one.files.includes(`${place}/*.ts`) || one.files.includes(`${place}/**`));
      expect(own, `no import rule for ${place}`).toBeDefined();
      for (const [n, module] of modules.entries())
        expect(
          said.filter((one) => one.filename === `${place}/${name}-${n}.ts`).map((one) => one.code),
          `${module} in ${place}`,
        ).toContain('eslint(no-restricted-imports)');
    }
    for (const rule of Object.keys(wrongCode))
      expect(
        said.filter((one) => one.filename.includes(`${name}-${rule.replace(/^.*\//, '')}`)).map((one) => one.code),
      ).toContainEqual(expect.stringContaining(`(${rule.replace(/^.*\//, '')})`));
    const seeded = overrides.filter((one) => 'no-restricted-imports' in one.rules).flatMap((one) => one.files);
    expect(seeded.map((glob) => glob.replace(/\/\*.*$/, '')).toSorted()).toEqual(Object.keys(wrongImports).toSorted());
    expect(Object.keys(rules).filter((rule) => rules[rule] !== 'off')).toEqual(Object.keys(wrongCode));
  }, 60_000);

  it('no link of the documents leads nowhere', () => {
    for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].filter((name) =>
      existsSync(join(root, name)),
    )) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g))
        if (!/^\w+:/.test(link)) expect(existsSync(join(root, link)), `${file}: ${link}`).toBe(true);
    }
  });
});

describe('the package', () => {
  it('holds what it needs, and works where it is installed', () => {
    const folder = tempDir();
    const listed = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
    ) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
    const [pack] = Array.isArray(listed) ? listed : Object.values(listed);
    const paths = pack?.files.map((file) => file.path) ?? [];
    for (const path of ['bin/verify.js', 'checklists/milestone-16.yaml', 'LICENSE', 'README.md'])
      expect(paths).toContain(path);
    expect(paths.filter((path) => path.includes('/target/'))).toEqual([]);
    execFileSync(join(root, 'node_modules/.bin/tsdown'), ['--out-dir', join(folder, 'dist')], {
      cwd: root,
      stdio: 'ignore',
    });
    for (const name of ['bin', 'checklists', 'package.json'])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(folder, 'bin/verify.js'), 'lint', 'checklists/milestone-16.yaml'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
  }, 60_000);
});
