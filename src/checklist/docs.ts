import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Checklist, Step } from '../core/checklist.ts';
import { OwnJudgement } from '../core/own-judgement.ts';
import type { StepType } from '../core/step.ts';
import { engineFindings, unobservable } from '../core/unobservable.ts';
import { kinds, loadKind } from '../steps/index.ts';
import { Template, TemplateUse } from './expand.ts';

const schemaOptions = { io: 'input', target: 'draft-7', unrepresentable: 'any' } as const;

/** JSON schema of a checklist; a step's `with` follows its `uses`. */
export function checklistSchema(types: readonly StepType[]): object {
  const base = z.toJSONSchema(Checklist.omit({ items: true }), schemaOptions) as {
    properties: object;
    required?: string[];
  };
  const step = z.toJSONSchema(Step, schemaOptions) as { properties: Record<string, unknown> };
  step.properties['uses'] = {
    anyOf: [
      { enum: types.map((type) => type.kind) },
      { pattern: '^\\./|@sha256:', description: 'a check of the repository’s own, or one of a package' },
    ],
    description: 'the step type',
  };
  const item = z.toJSONSchema(Checklist.shape.items.element.omit({ steps: true }), schemaOptions) as {
    properties: Record<string, unknown>;
    required?: string[];
  };
  item.properties['steps'] = {
    type: 'array',
    minItems: 1,
    items: {
      if: { required: ['template'] },
      // oxlint-disable-next-line unicorn/no-thenable -- JSON schema's own word
      then: { $ref: '#/definitions/templateUse' },
      else: { $ref: '#/definitions/step' },
    },
  };
  return {
    ...base,
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'verify checklist',
    properties: {
      ...base.properties,
      templates: {
        type: 'object',
        description: 'steps with parameters, for what several items share',
        additionalProperties: z.toJSONSchema(Template, schemaOptions),
      },
      items: { type: 'array', minItems: 1, items: { ...item, required: [...(item.required ?? []), 'steps'] } },
    },
    required: [...(base.required ?? []), 'items'],
    definitions: {
      templateUse: z.toJSONSchema(TemplateUse, schemaOptions),
      step: {
        ...step,
        allOf: types.map((type) => ({
          if: { properties: { uses: { const: type.kind } } },
          // oxlint-disable-next-line unicorn/no-thenable -- JSON schema's own word
          then: { properties: { with: z.toJSONSchema(type.params, schemaOptions) } },
        })),
      },
    },
  };
}

/** One row per parameter, nested ones by their path. */
function rows(schema: z.core.JSONSchema.BaseSchema, prefix = ''): string[] {
  const out: string[] = [];
  const required = new Set(schema.required ?? []);
  for (const [name, raw] of Object.entries(schema.properties ?? {})) {
    if (typeof raw === 'boolean') continue;
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const standard =
      raw.default === undefined || JSON.stringify(raw.default).length > 40
        ? ''
        : ` Default \`${JSON.stringify(raw.default)}\`.`;
    const type = Array.isArray(raw.type)
      ? raw.type.join(' or ')
      : (raw.type ?? (raw.enum || raw.const !== undefined ? 'value' : raw.anyOf ? 'one of' : ''));
    const choices = raw.enum ? ` One of ${raw.enum.map((v) => `\`${String(v)}\``).join(', ')}.` : '';
    out.push(
      `| \`${path}\`${required.has(name) ? ' (required)' : ''} | ${type} | ${`${raw.description ?? ''}${raw.description && !/[.!?]$/.test(raw.description) ? '.' : ''}${choices}${standard}`.trim().replaceAll('|', '\\|')} |`,
    );
    if (raw.properties) out.push(...rows(raw, path));
    const items = raw.items;
    if (items && !Array.isArray(items) && typeof items !== 'boolean' && items.properties)
      out.push(...rows(items, `${path}[]`));
  }
  return out;
}

/** Code → how often it was right in the field trial, in words. */
type Measured = ReadonlyMap<string, string>;

/** Reads docs/precision.tsv, which the field trial writes: `npm run field -- --judge FILE --write`. */
export function readMeasured(path: string): Measured {
  const found = new Map<string, string[]>();
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(1) : [];
  for (const line of lines) {
    const [code = '', level = '', right = '', wrong = '', , , repositories = ''] = line.split('\t');
    const all = Number(right) + Number(wrong);
    if (all === 0) continue;
    const where = `${repositories} ${repositories === '1' ? 'repository' : 'repositories'}`;
    found.set(code, [...(found.get(code) ?? []), `as ${level} ${right} of ${all} right, ${where}`]);
  }
  return new Map([...found].map(([code, texts]) => [code, texts.join('; ')]));
}

/** docs/judgement.schema.json: what a check of the repository's own prints. */
export const judgementSchema = (): string =>
  `${JSON.stringify({ ...z.toJSONSchema(OwnJudgement, schemaOptions), title: 'judgement of a check' }, undefined, 1)}\n`;

/** The reference of one step type, in Markdown. `measured` adds a column: how often each finding was right on public repositories. */
export function stepReference(type: StepType, measured?: Measured): string {
  const schema = z.toJSONSchema(type.params, schemaOptions) as z.core.JSONSchema.BaseSchema;
  const parameters = rows(schema);
  const facts = Object.entries(type.facts);
  return [
    `## \`${type.kind}\``,
    `${type.summary} Time limit ${type.timeout} unless the step says otherwise.`,
    type.description.trim(),
    '```yaml',
    type.example.trim(),
    '```',
    ...(parameters.length > 0 ? ['| `with` | type | meaning |', '|---|---|---|', ...parameters] : []),
    ...(facts.length > 0
      ? ['', '| fact | meaning |', '|---|---|', ...facts.map(([name, what]) => `| \`${name}\` | ${what} |`)]
      : []),
    '',
    `| finding | level | what it says | what to do |${measured ? ' measured |' : ''}`,
    `|---|---|---|---|${measured ? '---|' : ''}`,
    ...Object.entries(type.problems).map(
      ([code, p]) =>
        `| \`${code}\` | ${p.level} | ${p.title.replaceAll('|', '\\|')} | ${p.hint.replaceAll('|', '\\|')} |${measured ? ` ${measured.get(code) ?? ''} |` : ''}`,
    ),
  ]
    .join('\n')
    .replace(/(\n```yaml)/, '\n$1')
    .replace(/(```)(\n\| `with`)/, '$1\n$2');
}

/** The derived files, as they should be: a test holds the committed ones against them. */
export async function generated(): Promise<{ schema: string; reference: string }> {
  const types = await Promise.all(kinds.map((kind) => loadKind(kind)));
  const measured = readMeasured(join(import.meta.dirname, '..', '..', 'docs', 'precision.tsv'));
  const head = `# Step types

Made by \`npm run gen\` from the files of \`src/steps\`; do not edit. \`verify steps <kind>\` shows the same in the terminal.

| \`uses\` | what it establishes |
|---|---|
${types.map((type) => `| [\`${type.kind}\`](#${type.kind.replaceAll('/', '')}) | ${type.summary} |`).join('\n')}

Findings of level *error* fail a step, *inconclusive* ends it in \`error\`; *warning* and *note* do not change its outcome (\`strict: true\` on the step makes warnings count as errors).
*measured* says how often a finding was right on public repositories, as people judged it (\`npm run field\`, [docs/precision.tsv](../docs/precision.tsv)); nothing there: it did not appear.
Every step type can also make the findings [of the engine](#findings-of-every-step).
`;
  const foot = `## Findings of every step

All are of level inconclusive. The first four are the engine's; the others say what kept a step from observing.

| finding | what it says |
|---|---|
${[...Object.entries(engineFindings), ...Object.entries(unobservable)].map(([code, title]) => `| \`${code}\` | ${title} |`).join('\n')}
`;
  return {
    schema: `${JSON.stringify(checklistSchema(types), undefined, 1)}\n`,
    reference: `${head}\n${types.map((type) => stepReference(type, measured)).join('\n\n')}\n\n${foot}`,
  };
}
