import type { Board, SourceRef } from '../board-model.ts';
import { writtenValues } from '../board-model.ts';
import { findSource } from '../find-source.ts';
import type { DataSource } from '../provisioning.ts';
import { patternOf } from '../panel-fields.ts';
import { variablesIn } from '../variable-uses.ts';

/** Plugins that speak PromQL. */
export const promql = new Set([
  'prometheus',
  'grafana-amazonprometheus-datasource',
  'grafana-azureprometheus-datasource',
]);

/** A provisioned data source with the uid that Grafana gives it. */
export type ProvisionedSource = Pick<DataSource, 'name' | 'uid' | 'type' | 'url' | 'isDefault' | 'timeInterval'>;

/** What a reference to a data source leads to before anything runs. `type`: the plugin, empty where it is not known. */
export type Resolved =
  | { state: 'found' | 'unchecked'; type: string }
  | { state: 'undeclared'; type: string; variable: string }
  | { state: 'no-default' | 'missing'; type: string; why: string };

/**
 * Looks a reference up; a variable by its kind, since its value is not known yet.
 * `sources` is undefined where no provisioning was given: then nothing can be missing.
 */
export function resolveSource(
  ref: SourceRef | undefined,
  board: Pick<Board, 'variables'>,
  sources: readonly ProvisionedSource[] | undefined,
): Resolved {
  const [use] = variablesIn(ref?.uid ?? '');
  if (ref && use) return resolveVariable(use.name, ref, board, sources);
  const type = ref?.type ?? '';
  const found = findSource(ref, sources);
  if (found.state === 'own') return { state: 'found', type: type || 'grafana' };
  return found.state === 'found' ? { state: 'found', type: found.source.type } : { ...found, type };
}

function resolveVariable(
  name: string,
  { type }: SourceRef,
  { variables }: Pick<Board, 'variables'>,
  sources: readonly ProvisionedSource[] | undefined,
): Resolved {
  const variable = variables.find((one) => one.name === name);
  if (!variable) return { state: name.startsWith('__') ? 'unchecked' : 'undeclared', type, variable: name };
  const values = writtenValues(variable);
  if (variable.type !== 'datasource') {
    const known = values.map((value) => sources?.find((one) => one.uid === value || one.name === value));
    return { state: 'unchecked', type: type || (known.find((one) => one !== undefined)?.type ?? '') };
  }
  const plugin = values[0] ?? '';
  if (!sources || plugin === '') return { state: 'unchecked', type: plugin || type };
  const offered = sources.filter((one) => one.type === plugin || one.type.includes('$'));
  const { regex } = variable;
  const pattern = regex === '' || variablesIn(regex).length > 0 ? undefined : patternOf(regex);
  // Source: Grafana's DataSourceVariable, which holds the regular expression against the names.
  if (offered.length > 0 && pattern && !offered.some((one) => one.name.includes('$') || pattern.test(one.name)))
    return {
      state: 'missing',
      type: plugin,
      why: `$${name} offers data sources of the type ${plugin} whose name is like ${regex}; provisioned: ${offered.map((one) => one.name).join(', ')}`,
    };
  if (offered.length > 0) return { state: 'found', type: plugin };
  return {
    state: 'missing',
    type: plugin,
    why: `$${name} offers data sources of the type ${plugin}; none is provisioned`,
  };
}

/** Was a query surely written for another plugin than the one that its data source is of? Those that speak PromQL take each other's. */
export const isStranger = ({ uid, type }: SourceRef, found: string): boolean =>
  uid !== '' && found !== type && languages.has(type) && languages.has(found);

/** Plugins whose queries no other one of them answers. */
const languages = new Set(
  'prometheus loki tempo influxdb elasticsearch mysql postgres graphite jaeger zipkin'.split(' '),
);
