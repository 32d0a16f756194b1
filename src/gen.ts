import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rewrites src/steps/index.ts from the folder, then (in a second module, since it imports the first's result) the schema and reference. */
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
writeFileSync(join(steps, 'index.ts'), index);
const { writeDocs } = await import('./checklist/docs.ts');
await writeDocs(join(import.meta.dirname, '..', 'checklists'));
const { statementSchemas } = await import('./signoff/schema.ts');
for (const [name, text] of Object.entries(statementSchemas()))
  writeFileSync(join(import.meta.dirname, '..', 'docs', name), text);
const { expressionsPage } = await import('./core/expressions.ts');
writeFileSync(join(import.meta.dirname, '..', 'docs', 'expressions.md'), expressionsPage());
