import { isObject } from '../core/json-of.ts';
import { z } from 'zod';
import { expressionsIn, fillIn, type Value } from '../core/expressions.ts';
import { didYouMean, suggest } from '../core/suggest.ts';
import { kinds } from '../steps/index.ts';
import type { ChecklistSource, Move, Path } from './plain-source.ts';

/**
 * What a checklist's short forms stand for, before its schema sees it: `templates` with parameters, and checks of the repository's
 * own in `uses`. Every value that is moved is noted, so that a problem is still told at the place where it is written.
 */

const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'a parameter is named like port or service_name: letters, digits, underscores',
});
const scalar = 'a parameter is a text, a number or a truth value';
const Scalar = z.union([z.string(), z.number(), z.boolean()], { error: scalar });
const Values = z.record(Name, Scalar);

export const Template = z.strictObject({
  parameters: z
    .record(Name, z.union([z.string(), z.number(), z.boolean(), z.null()], { error: `${scalar}, or left empty` }))
    .default({})
    .describe('name → what it is where a use does not say; without a value every use must'),
  steps: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .describe('steps; `${{ template.NAME }}` anywhere in their texts'),
});
type Template = z.infer<typeof Template>;
const Templates = z.record(z.string(), z.unknown());

export const TemplateUse = z
  .strictObject({
    template: z.string().describe('name of one of the `templates`'),
    with: Values.optional().describe('its parameters'),
    for: z.array(Values).min(1).optional().describe('in place of `with`: one row of parameters for each time'),
  })
  .refine((use) => use.with === undefined || use.for === undefined, { error: 'give either with or for' });

type Fields = Record<string, unknown>;

/** Puts out what templates and short forms stand for. Problems go to `source`, which is told of every move. */
export function expand(raw: unknown, source: ChecklistSource): unknown {
  if (!isObject(raw) || !Array.isArray(raw['items'])) return raw;
  const { templates: written, ...rest } = raw;
  const templates = readTemplates(written, source);
  const used = new Set<string>();
  const moves: Move[] = [];
  const items = (raw['items'] as unknown[]).map((item, i) => {
    if (!isObject(item) || !Array.isArray(item['steps'])) return item;
    const steps: unknown[] = [];
    for (const [s, step] of (item['steps'] as unknown[]).entries()) {
      const from: Path = ['items', i, 'steps', s];
      const made =
        isObject(step) && Object.hasOwn(step, 'template')
          ? useOf(step, from, templates, source, used)
          : [{ step, move: undefined }];
      for (const { step: one, move } of made) {
        const at: Path = ['items', i, 'steps', steps.length];
        if (move) moves.push({ at, ...move });
        else if (at[3] !== s) moves.push({ at, from });
        steps.push(ownCheck(one, at, move?.from ?? from, move?.use, moves));
      }
    }
    return { ...item, steps };
  });
  for (const name of templates.keys())
    if (!used.has(name))
      source.problem(['templates', name], `no item uses the template ${name}`, 'use it, or take it out');
  source.moved(moves);
  return { ...rest, items };
}

function readTemplates(written: unknown, source: ChecklistSource): Map<string, Template> {
  const found = new Map<string, Template>();
  if (written === undefined) return found;
  source.plainOnly(['templates']);
  const parsed = Templates.safeParse(written, { reportInput: true });
  if (!parsed.success) {
    source.zodIssues(parsed.error.issues, ['templates'], Templates);
    return found;
  }
  for (const [name, one] of Object.entries(parsed.data)) {
    const template = Template.safeParse(one, { reportInput: true });
    if (!template.success) {
      source.zodIssues(template.error.issues, ['templates', name], Template);
      continue;
    }
    found.set(name, template.data);
    checkTemplate(name, template.data, source);
  }
  return found;
}

/** Every parameter that is named is declared, and every one that is declared is named. */
function checkTemplate(name: string, { parameters, steps }: Template, source: ChecklistSource): void {
  const named = new Set<string>();
  for (const [s, step] of steps.entries())
    if (Object.hasOwn(step, 'template'))
      source.problem(['templates', name, 'steps', s, 'template'], 'a template may not use another');
  for (const { text, name: expression, path, inKey } of expressionsIn(steps)) {
    const [, own] = /^template\.(.+)$/.exec(expression ?? '') ?? [];
    if (own === undefined) continue;
    named.add(own);
    const at: Path = ['templates', name, 'steps', ...path];
    if (inKey) source.problem(at, `${text} is in a key, where nothing is filled in`, 'write the key out');
    else if (!Object.hasOwn(parameters, own)) {
      source.problem(
        at,
        `the template ${name} has no parameter ${own}`,
        didYouMean(own, Object.keys(parameters), `declare it: parameters: { ${own}: }`),
      );
    }
  }
  for (const own of Object.keys(parameters))
    if (!named.has(own))
      source.problem(
        ['templates', name, 'parameters', own],
        `nothing in the template ${name} names its parameter ${own}`,
      );
}

interface Made {
  step: unknown;
  move: { from: Path; use: Path } | undefined;
}

/** The steps of one use of a template, once for each row of parameters. */
function useOf(
  step: Fields,
  use: Path,
  templates: ReadonlyMap<string, Template>,
  source: ChecklistSource,
  used: Set<string>,
): Made[] {
  source.plainOnly(use);
  used.add(String(step['template']));
  const parsed = TemplateUse.safeParse(step, { reportInput: true });
  if (!parsed.success) {
    source.zodIssues(parsed.error.issues, use, TemplateUse);
    return [];
  }
  const { template: name, with: one, for: rows } = parsed.data;
  const template = templates.get(name);
  if (!template) {
    source.problem(
      [...use, 'template'],
      `no template is called ${name}`,
      didYouMean(name, templates.keys(), 'declare it under `templates`'),
    );
    return [];
  }
  return (rows ?? [one ?? {}]).flatMap((given, n) => {
    const at: Path = rows === undefined ? (one === undefined ? use : [...use, 'with']) : [...use, 'for', n];
    const values = valuesOf(name, template, given, at, source);
    return template.steps.map((own, s) => ({
      step: fillIn(own, { template: (key) => values[key] }, 'early'),
      move: { from: ['templates', name, 'steps', s], use: at },
    }));
  });
}

function valuesOf(
  name: string,
  { parameters }: Template,
  given: Readonly<Record<string, Value>>,
  at: Path,
  source: ChecklistSource,
): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [key, standard] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, key) ? given[key] : (standard ?? undefined);
    if (value === undefined) source.problem(at, `the template ${name} needs ${key}`, `say what it is: ${key}: …`);
    else values[key] = value;
  }
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(parameters, key)) continue;
    source.problem(
      [...at, key],
      `the template ${name} has no parameter ${key}`,
      didYouMean(key, Object.keys(parameters)),
    );
  }
  return values;
}

/** `./checks/x.mjs`, `./checks/x.mjs@sha256:…`, `acme-checks/soc2@sha256:…` */
const own = /^(\.\/.+?|(?:@[^@/]+\/)?[^@]+(?=@sha256:))(?:@sha256:(.*))?$/;

/** `acme-checks/soc2` without its digest, of which `lint` says what it is: no step type, and none that was meant. */
const isOfPackage = (uses: string): boolean =>
  /^(?:@[\w.-]+\/)?[\w-][\w.-]*\/[\w./-]+$/.test(uses) &&
  !kinds.some((kind) => kind.split('/')[0] === uses.split('/')[0]) &&
  suggest(uses, kinds) === undefined;

/** A step whose `uses` is a check of the repository's own, written out. */
function ownCheck(step: unknown, at: Path, from: Path, use: Path | undefined, moves: Move[]): unknown {
  if (!isObject(step)) return step;
  const standIn = step['standIn'];
  const whole = isObject(standIn)
    ? { ...step, standIn: ownCheck(standIn, [...at, 'standIn'], [...from, 'standIn'], use, moves) }
    : step;
  const { uses } = step;
  const [, named, digest] = (typeof uses === 'string' && own.exec(uses)) || [];
  const check = named ?? (typeof uses === 'string' && isOfPackage(uses) ? uses : undefined);
  if (check === undefined) return whole;
  const note = (to: string[], of: string): void => {
    moves.push({ at: [...at, ...to], from: [...from, of], ...(use && { use }) });
  };
  note(['with', 'check'], 'uses');
  note(['with', 'digest'], 'uses');
  note(['with', 'with'], 'with');
  return {
    ...whole,
    uses: 'program',
    with: { check, ...(digest !== undefined && { digest }), ...(step['with'] !== undefined && { with: step['with'] }) },
  };
}
