import type { Level } from './finding.ts';

/** A kind of finding that a step type can make; its prose lives here, once. `hint` says what to do. */
export interface Problem<L extends Level = Level> {
  readonly level: L;
  readonly title: string;
  readonly hint: string;
}
export type Problems = Readonly<Record<string, Problem>>;

const kind =
  <L extends Level>(level: L) =>
  (title: string, hint: string): Problem<L> => ({ level, title, hint });

/** Kinds of finding by what they weigh: `'config-missing': error('The configuration is not there', 'correct the path')`. */
export const error = kind('error');
export const inconclusive = kind('inconclusive');
export const warning = kind('warning');
export const note = kind('note');
