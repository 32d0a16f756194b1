import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDocs } from '../src/checklist/docs.ts';
import { kinds, loadKind } from '../src/steps/index.ts';
import { root } from './rig/cli.ts';
import { tempDir } from './rig/run-step.ts';

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

  it.each([
    ['src/core', 'node:fs', 'core imports zod and core only'],
    ['src/drill', 'node:fs', "a drill's own files are pure"],
    ['src/draft', '../hosts/git.ts', 'core and formats only'],
    ['src/drill/modes', 'node:child_process', "drills reach the world through a step's context"],
  ])('a wrong import in %s is refused by the linter', (folder, module, message) => {
    const file = join(root, folder, 'zz-seeded.ts');
    try {
      writeFileSync(file, `import * as x from '${module}';\nexport const y = x;\n`);
      const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/oxlint'), [file], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stdout).toContain(message);
    } finally {
      rmSync(file, { force: true });
    }
  });

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
