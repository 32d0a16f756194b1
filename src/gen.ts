import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Rewrites what is generated: the indexes of toolchains and steps from their folders, then (in modules of their own, since they import the first's
 * result) schemas, reference and pages. With `--check` it writes nothing, names what is not current, and ends with 1.
 */
const check = process.argv.includes('--check');
const root = join(import.meta.dirname, '..');
const put = (path: string, text: string): void => {
  if (!check) return writeFileSync(join(root, path), text);
  if (existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8') === text) return;
  process.stderr.write(`${path} is not current: npm run gen\n`);
  process.exitCode = 1;
};

const steps = join(import.meta.dirname, 'steps');
const files = readdirSync(steps, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.replaceAll('\\', '/').replace(/\.ts$/, ''))
  .toSorted();
const toolchains = join(import.meta.dirname, 'toolchains');
const folders = readdirSync(toolchains, { withFileTypes: true })
  .filter((one) => one.isDirectory() && existsSync(join(toolchains, one.name, 'toolchain.ts')))
  .map((one) => one.name)
  .toSorted();
const nameOf = (folder: string): string => folder.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
put(
  'src/toolchains/index.ts',
  `// Made by \`npm run gen\` from the folders beside it; do not edit.
import type { Toolchain } from './contract.ts';
${folders.map((folder) => `import ${nameOf(folder)} from './${folder}/toolchain.ts';`).join('\n')}

export const toolchains: readonly Toolchain[] = [${folders.map(nameOf).join(', ')}];
`,
);
const { toolchains: all } = await import('./toolchains/index.ts');
const made = all.flatMap(({ name, tests, lints }) => [
  ...(tests ? [[name, 'test'] as const] : []),
  ...(lints ? [[name, 'lint'] as const] : []),
]);
const index = `// Made by \`npm run gen\` from the files of this folder; do not edit.
import type { StepType } from '../core/step.ts';
import type { Toolchain } from '../toolchains/contract.ts';

const load: Record<string, () => Promise<{ default: unknown }>> = {
${[
  ...files.map((file) => [file, `  '${file}': () => import('./${file}.ts'),`] as const),
  ...made.map(
    ([name, what]) =>
      [
        `${name}/${what}`,
        `  '${name}/${what}': () => ${what}sOf(import('../toolchains/${name}/toolchain.ts')),`,
      ] as const,
  ),
]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([, line]) => line)
  .join('\n')}
};

/** The step type that runs a toolchain's tests. */
async function testsOf(module: Promise<{ default: Toolchain }>): Promise<{ default: unknown }> {
  const { testStep } = await import('../testing/toolchain-step.ts');
  return { default: testStep((await module).default) };
}

/** The step type that runs a toolchain's linters. */
async function lintsOf(module: Promise<{ default: Toolchain }>): Promise<{ default: unknown }> {
  const { lintStep } = await import('../testing/lint-step.ts');
  return { default: lintStep((await module).default) };
}

export const kinds: readonly string[] = Object.keys(load);

const loaded = new Map<string, StepType>();

/** The step type of this name. @throws Error where there is none: look in \`kinds\` first */
export async function loadKind(kind: string): Promise<StepType> {
  const known = loaded.get(kind);
  if (known) return known;
  const module = await load[kind]?.();
  if (!module) throw new Error(\`no step type \${kind}\`);
  const type = module.default as StepType;
  loaded.set(kind, type);
  return type;
}
`;
put('src/steps/index.ts', index);
const { generated, judgementSchema } = await import('./checklist/docs.ts');
const { schema, reference } = await generated();
put('checklists/checklist.schema.json', schema);
put('checklists/REFERENCE.md', reference);
put('docs/judgement.schema.json', judgementSchema());
const { statementSchemas } = await import('./signoff/schema.ts');
for (const [name, text] of Object.entries(statementSchemas())) put(`docs/${name}`, text);
const { expressionsPage } = await import('./core/expressions.ts');
put('docs/expressions.md', expressionsPage());
