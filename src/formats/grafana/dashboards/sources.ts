import type { DataSource } from '../provisioning.ts';
import type { Board, SourceRef } from './model.ts';
import { variablesIn } from './variables.ts';

/** A provisioned data source with the uid that Grafana gives it. */
export type ProvisionedSource = Pick<DataSource, 'name' | 'uid' | 'type' | 'url' | 'isDefault' | 'timeInterval'>;

/** What a reference to a data source leads to. `type`: the plugin, empty where it is not known. */
export type Resolved =
  | { state: 'found' | 'unchecked'; type: string }
  | { state: 'no-default'; type: '' }
  | { state: 'undeclared'; type: string; variable: string }
  | { state: 'missing'; type: string; why: string };

// Data sources that Grafana has by itself: mixed, dashboard, expressions, its own.
const own = /^(?:-- (?:Mixed|Grafana|Dashboard) --|grafana|__expr__|-100|-1)$/;
const ownTypes = new Set(['__expr__', 'datasource', 'mixed', 'dashboard', 'grafana']);

export const isMixed = (ref: SourceRef | undefined): boolean => ref?.id === '-- Mixed --' || ref?.type === 'mixed';

/**
 * Looks a reference up as Grafana does: by uid, then by name; a variable by its kind; nothing is the default.
 * `sources` is undefined where no provisioning was given: then nothing can be missing.
 */
export function resolveSource(
  ref: SourceRef | undefined,
  board: Board,
  sources: readonly ProvisionedSource[] | undefined,
): Resolved {
  if (ref === undefined || ref.id === 'default' || (ref.id === '' && !ownTypes.has(ref.type)))
    return resolveDefault(ref, sources);
  if (own.test(ref.id) || ownTypes.has(ref.type)) return { state: 'found', type: ref.type || 'grafana' };
  const [use] = variablesIn(ref.id);
  if (use) return resolveVariable(use.name, ref, board, sources);
  if (!sources) return { state: 'unchecked', type: ref.type };
  const found = sources.find((one) => one.uid === ref.id) ?? sources.find((one) => one.name === ref.id);
  if (found) return { state: 'found', type: found.type };
  // `$` in a provisioning file is the environment's.
  if (sources.some((one) => one.uid.includes('$') || one.name.includes('$')))
    return { state: 'unchecked', type: ref.type };
  const list = sources.map((one) => `${one.name} (uid ${one.uid})`).join(', ');
  return { state: 'missing', type: ref.type, why: `there is no data source ${ref.id}; provisioned: ${list}` };
}

function resolveDefault(ref: SourceRef | undefined, sources: readonly ProvisionedSource[] | undefined): Resolved {
  const type = ref?.type ?? '';
  if (!sources) return { state: 'unchecked', type };
  // A dynamic dashboard names the plugin alone, and means the default of that plugin.
  const found = sources.find((one) => (type === '' ? one.isDefault : one.type === type));
  if (found) return { state: 'found', type: found.type };
  return type === ''
    ? { state: 'no-default', type }
    : { state: 'missing', type, why: `no data source of the type ${type} is provisioned` };
}

function resolveVariable(
  name: string,
  ref: SourceRef,
  board: Board,
  sources: readonly ProvisionedSource[] | undefined,
): Resolved {
  const variable = board.variables.find((one) => one.name === name);
  if (!variable) return { state: name.startsWith('__') ? 'unchecked' : 'undeclared', type: ref.type, variable: name };
  if (variable.type !== 'datasource') {
    const known = variable.values.map((value) => sources?.find((one) => one.uid === value || one.name === value));
    return { state: 'unchecked', type: ref.type || (known.find((one) => one !== undefined)?.type ?? '') };
  }
  const plugin = variable.values[0] ?? '';
  if (!sources || plugin === '') return { state: 'unchecked', type: plugin || ref.type };
  if (sources.some((one) => one.type === plugin || one.type.includes('$'))) return { state: 'found', type: plugin };
  return {
    state: 'missing',
    type: plugin,
    why: `$${name} offers data sources of the type ${plugin}; none is provisioned`,
  };
}
