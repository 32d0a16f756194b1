import { suggest } from '../../core/suggest.ts';
import type { Add, Resource } from './resources.ts';

/** What a resource is held against: those of its folder, all of the repository, and the texts that may tell of others. */
export interface World {
  own: readonly Resource[];
  all: readonly Resource[];
  /** May something make what has this name: a script, a document's command, an operator's resource? */
  isNamed(name: string): boolean;
  /** All that there will be is here, as in a rendered chart. */
  closed: boolean;
}

/** Kinds that Kubernetes itself does not have. */
export const isCustom = ({ root }: Pick<Resource, 'root'>): boolean => {
  const version = root['apiVersion'];
  const group = typeof version === 'string' ? (/^(.*)\/[^/]+$/.exec(version)?.[1] ?? '') : '';
  return group.includes('.') && !group.endsWith('.k8s.io');
};

/**
 * Tells of a name that no manifest makes: an error where it is spelt nearly as one beside it, a warning where nothing else in the
 * repository knows it.
 */
export function refersTo(
  one: Resource,
  { kind, name, seen }: { kind: string; name: string; seen: string },
  { own, all, isNamed, closed }: World,
  add: Add,
): void {
  if (name === '' || /[${<]/.test(name) || all.some((other) => other.kind === kind && other.name === name)) return;
  const beside = own.filter((other) => other.kind === kind);
  const near = suggest(
    name,
    beside.map((other) => other.name),
  );
  // Of a kind that the folder has none of, the rest may be kept elsewhere.
  if (near === undefined && !closed && (isNamed(name) || beside.length === 0)) return;
  add(
    name,
    `${one.kind} ${one.name}`,
    `${seen} the ${kind} ${name}, which no manifest makes`,
    near === undefined ? 'correct the name, or add what has it' : `did you mean ${near}?`,
    near !== undefined,
  );
}
