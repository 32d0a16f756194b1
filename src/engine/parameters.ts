import type { LoadedStep } from '../checklist/load.ts';
import { Unobservable } from '../core/errors.ts';
import { fillIn } from '../core/expressions.ts';
import { lookUpFact } from './context/facts.ts';
import type { RunState } from './context/shared.ts';

/**
 * The step's parameters with what is known by now put in, and as the type's schema gives them.
 * @throws Unobservable where a fact was not measured, or is no value that may stand where it is put in
 */
export function parametersNow(run: RunState, step: LoadedStep): { values: unknown; params: unknown } {
  const missing: string[] = [];
  const values = fillIn(
    step.with,
    {
      target: () => run.target,
      'run.id': () => run.runId,
      facts: (name) => lookUpFact(run.facts, name, run.uses(step.spec.id)),
    },
    'last',
    missing,
  );
  if (missing.length === 0) return parsed(step, values);
  throw new Unobservable('fact-missing', `${missing.join(', ')} was not measured`, {
    hint: 'add the step that measures it to `needs`, or see why it did not pass',
  });
}

/** A number or truth value that is put in where a text stands, as in an argv, is its text. */
function parsed({ type }: LoadedStep, values: unknown): { values: unknown; params: unknown } {
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
