import type { LoadedStep } from '../checklist/load.ts';
import { Unobservable } from '../core/errors.ts';
import { expressionsIn, fillIn, type Lookups } from '../core/expressions.ts';
import { lookUpFact } from './context/facts.ts';
import type { RunState } from './context/shared.ts';

/** The parameters of a step when it begins. */
interface Parameters {
  /** As they are recorded and judged by: secrets are still names. */
  values: unknown;
  params: unknown;
  /** With the secrets, for `gather` alone. */
  secret: unknown;
}

/**
 * The step's parameters with what is known by now put in, and as the type's schema gives them.
 * @throws Unobservable where a fact was not measured, a secret is not set, or what was put in is no value that may stand there
 */
export function parametersNow(run: RunState, step: LoadedStep): Parameters {
  const missing: string[] = [];
  const known: Lookups = {
    target: () => run.target,
    'run.id': () => run.runId,
    facts: (name) => lookUpFact(run.facts, name, run.uses(step.spec.id)),
  };
  const values = fillIn(step.with, known, 'last', missing);
  if (missing.length > 0)
    throw new Unobservable('fact-missing', `${missing.join(', ')} was not measured`, {
      hint: 'add the step that measures it to `needs`, or see why it did not pass',
    });
  const own = parsed(step, values);
  if (!expressionsIn(step.with).some(({ name }) => name?.startsWith('secrets.') === true))
    return { ...own, secret: own.params };
  const secrets = (name: string): string | undefined => process.env[name] || undefined;
  const filled = fillIn(step.with, { ...known, secrets }, 'last', missing);
  if (missing.length > 0)
    throw new Unobservable('secret-missing', `${missing.join(', ')} is not in the environment`, {
      hint: 'set the variable',
    });
  return { ...own, secret: parsed(step, filled).params };
}

/** A number or truth value that is put in where a text stands, as in an argv, is its text. */
function parsed({ type }: LoadedStep, values: unknown): Pick<Parameters, 'values' | 'params'> {
  const first = type.params.safeParse(values);
  if (first.success) return { values, params: first.data };
  const asTexts = first.error.issues
    .filter((issue) => issue.code === 'invalid_type' && issue.expected === 'string')
    .reduce((whole, { path }) => withText(whole, path), values);
  const second = type.params.safeParse(asTexts);
  if (second.success) return { values: asTexts, params: second.data };
  const [issue] = second.error.issues;
  throw new Unobservable(
    'fact-unfit',
    `what was measured does not fit where it is put in: ${issue?.path.join('.')}: ${issue?.message}`,
    {
      hint: 'see what the step that measures it has found',
    },
  );
}

/** The same value with the number or truth value at the path as text. */
function withText(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined) return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (Array.isArray(value)) return value.map((one, n) => (n === key ? withText(one, rest) : one) as unknown);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === key ? withText(one, rest) : one]),
  );
}
