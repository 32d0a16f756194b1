import { Checklist, type StackSpec, type Step } from '../core/checklist.ts';
import { exit, UserError } from '../core/errors.ts';
import { expressionsIn, faultOf, fillIn, type KnownNames, type Lookups, type Place } from '../core/expressions.ts';
import { planProblems } from '../core/plan.ts';
import type { Where } from '../core/finding.ts';
import { yields } from '../core/shard.ts';
import type { StepType } from '../core/step.ts';
import { didYouMean, suggest } from '../core/suggest.ts';
import { sha256 } from '../evidence/digest.ts';
import { kinds, loadKind } from '../steps/index.ts';
import { expand } from './expand.ts';
import { guard } from './guard.ts';
import { readText } from './read-text.ts';
import { AskWholeParser, type ChecklistSource, type Path, PlainSource } from './plain-source.ts';

/** A step with its type, ready to run. */
export interface LoadedStep {
  spec: Step;
  item: string;
  type: StepType;
  /** Parameters with variables put in; facts are put in when the step runs. */
  with: unknown;
  /** `with` as the type's schema gives it, defaults put in; facts are still names. */
  params: unknown;
  where: Where;
  /** What runs in its place where the stack lacks `spec.standIn.unless`. */
  standIn?: LoadedStep;
}

export interface LoadedChecklist {
  path: string;
  /** Of the bytes that were parsed. */
  sha256: string;
  text: string;
  checklist: Checklist;
  /** The checklist's `stack`, variables put in; what a service of its own gets is put in when it begins. */
  stack: StackSpec | undefined;
  steps: LoadedStep[];
  /** Variables that were set from outside. */
  vars: Record<string, string>;
  /** What the checklist itself has for these. */
  declared: Record<string, string>;
}

/**
 * Reads, parses and checks a checklist file.
 * @throws UserError 66 where it is missing, 65 with one diagnostic per problem, 78 where no step is left to run
 */
export async function loadChecklist(path: string, vars: Record<string, string> = {}): Promise<LoadedChecklist> {
  const text = readText(path);
  return parseChecklist(path, text, vars);
}

export async function parseChecklist(
  path: string,
  text: string,
  vars: Record<string, string> = {},
): Promise<LoadedChecklist> {
  guard(path, text);
  const plain = PlainSource.of(path, text);
  if (plain) {
    try {
      return await check(plain, path, text, vars);
    } catch (error) {
      if (!(error instanceof AskWholeParser)) throw error;
    }
  }
  const { Source } = await import('./source.ts');
  return check(new Source(path, text), path, text, vars);
}

/** @throws UserError as `loadChecklist`; AskWholeParser where the source cannot tell what is wrong, and where */
async function check(
  source: ChecklistSource,
  path: string,
  text: string,
  vars: Record<string, string>,
): Promise<LoadedChecklist> {
  const raw = source.toJs();
  source.plainOnly(['vars']);
  if (raw === null || raw === undefined)
    throw new UserError(exit.nothingSelected, `${path} contains no checklist`, { hint: 'see `verify init`' });
  const whole = expand(raw, source);
  source.throwIfAny();
  const parsed = Checklist.safeParse(whole, { reportInput: true });
  if (!parsed.success) {
    source.zodIssues(parsed.error.issues, [], Checklist);
    await checkParameters(source, whole);
  }
  source.throwIfAny();
  const checklist = parsed.data as Checklist;

  for (const name of Object.keys(vars)) {
    if (!Object.hasOwn(checklist.vars, name)) {
      const meant = suggest(name, Object.keys(checklist.vars));
      throw new UserError(
        exit.usage,
        `--var ${name}: the checklist has no such variable${meant ? `; did you mean ${meant}?` : ''}`,
        {
          hint: `its variables: ${Object.keys(checklist.vars).join(', ') || 'none'}`,
        },
      );
    }
  }
  for (const [name, value] of Object.entries(vars))
    if (value.includes('${{'))
      throw new UserError(exit.usage, `--var ${name}: a value must not contain an expression`, {
        hint: 'give the value itself',
      });
  const values: Record<string, string | number | boolean> = { ...checklist.vars };
  for (const [name, text] of Object.entries(vars)) values[name] = asTyped(text, checklist.vars[name]);
  const early: Lookups = { vars: (name) => values[name] };
  const steps: LoadedStep[] = [];
  let count = 0;
  for (const [i, item] of checklist.items.entries()) {
    if (item.steps.length === 0) {
      source.problem(
        ['items', i],
        `item ${item.id} has no step, so it would prove nothing`,
        'add a step; manual/confirm asks a person',
      );
    }
    for (const [s, spec] of item.steps.entries()) {
      count++;
      const at: Path = ['items', i, 'steps', s];
      const named = expressionsIn([spec.with, spec.standIn?.with]).flatMap(
        ({ name }) => /^secrets\.(.+)$/.exec(name ?? '')?.[1] ?? [],
      );
      spec.secrets = [...new Set([...spec.secrets, ...named])];
      const step = await loadStep(source, spec, item.id, at, early);
      if (step) steps.push(step);
    }
  }
  checkIds(source, checklist);
  checkExpressions(source, checklist, steps);
  source.throwIfAny();
  if (count === 0)
    throw new UserError(exit.nothingSelected, `${path} has no step`, {
      hint: 'a checklist that runs nothing cannot pass',
    });
  const declared = Object.fromEntries(Object.keys(vars).map((name) => [name, String(checklist.vars[name])]));
  const { processes, ...others } = checklist.stack ?? {};
  const stack = checklist.stack && {
    ...(fillIn(others, early, 'last') as typeof others),
    ...(processes !== undefined && { processes: fillIn(processes, early, 'early') as typeof processes }),
  };
  return { path, sha256: sha256(text), text, checklist, stack, steps, vars, declared };
}

/** Is there such a step type? Says where there is none. */
function isKind(source: ChecklistSource, uses: string, at: Path): boolean {
  if (kinds.includes(uses)) return true;
  const meant = suggest(uses, kinds);
  source.problem(
    [...at, 'uses'],
    `no step type is called ${uses}`,
    meant
      ? `did you mean ${meant}?`
      : '`verify steps` lists them; `uses: command` runs any program, `uses: ./PATH` a check of your own',
  );
  return false;
}

/** Of a checklist whose outline is not valid: the parameters of those steps that can be told, so that all is said at once. */
async function checkParameters(source: ChecklistSource, raw: unknown): Promise<void> {
  const items = (raw as { items?: unknown }).items;
  for (const [i, item] of (Array.isArray(items) ? items : []).entries()) {
    const steps = (item as { steps?: unknown } | null)?.steps;
    for (const [s, step] of (Array.isArray(steps) ? steps : []).entries()) {
      const { uses, with: given } = (step ?? {}) as { uses?: unknown; with?: unknown };
      const at: Path = ['items', i, 'steps', s];
      if (typeof uses !== 'string' || !isKind(source, uses, at)) continue;
      const { params } = await loadKind(uses);
      const found = params.safeParse(given ?? {}, { reportInput: true });
      if (!found.success) source.zodIssues(found.error.issues, [...at, 'with'], params);
    }
  }
}

/** A step with its type and parameters, and its stand-in; undefined where its type is none, which is said. */
async function loadStep(
  source: ChecklistSource,
  spec: Step,
  item: string,
  at: Path,
  early: Lookups,
): Promise<LoadedStep | undefined> {
  if (!isKind(source, spec.uses, at)) return undefined;
  const type = await loadKind(spec.uses);
  const withVars = fillIn(spec.with ?? {}, early, 'early');
  const params = type.params.safeParse(withVars, { reportInput: true });
  if (!params.success) source.zodIssues(params.error.issues, [...at, 'with'], type.params);
  const loaded = { spec, item, type, with: withVars, params: params.data, where: source.where(at) };
  const { standIn, ...own } = spec;
  if (!standIn) return loaded;
  const other = await loadStep(
    source,
    { ...own, uses: standIn.uses, with: standIn.with },
    item,
    [...at, 'standIn'],
    early,
  );
  return other ? { ...loaded, standIn: other } : loaded;
}

/** Every expression of the checklist stands where it is put in, and names something. */
function checkExpressions(source: ChecklistSource, checklist: Checklist, steps: readonly LoadedStep[]): void {
  const known: KnownNames = {
    vars: Object.keys(checklist.vars),
    facts: [
      ...new Set(
        steps.flatMap((step) =>
          [step, ...(step.standIn ? [step.standIn] : [])].flatMap(({ type, params }) =>
            Object.keys({ ...type.facts, ...(params === undefined ? {} : type.yields?.(params)) }),
          ),
        ),
      ),
    ].filter((name) => !name.includes('<')),
    yielded: (name) => steps.some((step) => yields(step, name)),
  };
  for (const expression of expressionsIn(checklist)) {
    const [root, , third, , fifth, sixth] = expression.path;
    const also: Place[] = [
      ...(expression.path.some((part) => part === 'headers' || part === 'body') ? (['headers'] as const) : []),
      ...(expression.path.includes('requests') ? (['requests'] as const) : []),
    ];
    const place =
      root === 'stack'
        ? expression.path[1] === 'processes'
          ? 'stack.processes'
          : 'stack'
        : root === 'items' && third === 'steps' && (fifth === 'with' || (fifth === 'standIn' && sixth === 'with'))
          ? 'with'
          : 'elsewhere';
    const fault = faultOf(expression, place, known, place === 'with' ? also : []);
    if (fault) source.problem(expression.path, fault.message, fault.hint);
  }
}

function checkIds(source: ChecklistSource, checklist: Checklist): void {
  const nodes = checklist.items.flatMap((item, i) =>
    item.steps.map((step, s) => ({
      id: step.id,
      item: item.id,
      tags: step.tags,
      needs: step.needs,
      at: ['items', i, 'steps', s] as Path,
    })),
  );
  const at = new Map(nodes.map((node) => [node.id, node.at]));
  const items = new Set<string>();
  for (const [i, item] of checklist.items.entries()) {
    if (items.has(item.id.toLowerCase())) source.problem(['items', i, 'id'], `item id ${item.id} is used twice`);
    items.add(item.id.toLowerCase());
  }
  const { fidelity } = checklist.signoff;
  for (const [n, id] of (Array.isArray(fidelity) ? fidelity : []).entries()) {
    if (!items.has(id.toLowerCase()))
      source.problem(
        ['signoff', 'fidelity', n],
        `signoff.fidelity names ${id}, which is not an item`,
        didYouMean(id, items),
      );
  }
  for (const problem of planProblems(nodes)) {
    switch (problem.kind) {
      case 'duplicate-id':
        source.problem(
          [...(nodes.findLast((node) => node.id === problem.id)?.at ?? []), 'id'],
          `step id ${problem.id} is used twice`,
        );
        break;
      case 'unknown-need':
        source.problem(
          [...(at.get(problem.id) ?? []), 'needs'],
          `step ${problem.id} needs ${problem.need}, which is not a step`,
          problem.suggestion ? `did you mean ${problem.suggestion}?` : undefined,
        );
        break;
      case 'cycle':
        source.problem(
          [...(at.get(problem.path[0] ?? '') ?? []), 'needs'],
          `steps need one another in a circle: ${problem.path.join(' → ')}`,
        );
        break;
    }
  }
  const locked = new Set(
    checklist.items.flatMap((item) => item.steps.filter((step) => step.locked).map((step) => step.id)),
  );
  for (const [w, waiver] of checklist.waivers.entries()) {
    if (!at.has(waiver.step)) {
      source.problem(
        ['waivers', w, 'step'],
        `the waiver is for ${waiver.step}, which is not a step`,
        didYouMean(waiver.step, at.keys()),
      );
    } else if (locked.has(waiver.step))
      source.problem(['waivers', w, 'step'], `step ${waiver.step} is locked: it cannot be waived`);
  }
}

/** What `--var` gives, of the type that the checklist's own value has, where it can be read so. */
function asTyped(text: string, own: string | number | boolean | undefined): string | number | boolean {
  if (typeof own === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  return typeof own === 'number' && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
