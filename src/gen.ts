import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Rewrites what is generated: src/steps/index.ts from the folder, then (in modules of their own, since they import the first's
 * result) schemas, reference and pages. With `--check` it writes nothing, names what is not current, and ends with 1.
 */
const check = process.argv.includes('--check');
const root = join(import.meta.dirname, '..');
const put = (path: string, text: string): void => {
  if (!check) return writeFileSync(join(root, path), text);
  if (readFileSync(join(root, path), 'utf8') === text) return;
  process.stderr.write(`${path} is not current: npm run gen\n`);
  process.exitCode = 1;
};

const steps = join(import.meta.dirname, 'steps');
const files = readdirSync(steps, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.replaceAll('\\', '/').replace(/\.ts$/, ''))
  .toSorted();
const index = `// Made by \`npm run gen\` from the files of this folder; do not edit.
import type { StepType } from '../core/step.ts';

const load: Record<string, () => Promise<{ default: unknown }>> = {
${files.map((file) => `  '${file}': () => import('./${file}.ts'),`).join('\n')}
};

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
