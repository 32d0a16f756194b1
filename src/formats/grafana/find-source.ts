import { isExpression, type Panel, type Query, type SourceRef } from './board-model.ts';
import type { DataSource } from './provisioning.ts';

type Known = Pick<DataSource, 'name' | 'uid' | 'type' | 'isDefault'>;

/** What a reference to a data source leads to, once its variables are put in. `why` follows the name of what refers to it. */
export type FoundSource<S> =
  /** Grafana's own: mixed, dashboard, expressions, test data of the server. */
  | { state: 'own' }
  | { state: 'found'; source: S }
  /** Not known: no provisioning was given, or the environment fills it in. */
  | { state: 'unchecked' }
  | { state: 'no-default'; why: string }
  | { state: 'missing'; why: string };

const own = /^(?:-- (?:Mixed|Grafana|Dashboard|Expression) --|grafana|__expr__|-100|-1)$/;
const ownTypes = new Set(['__expr__', 'datasource', 'mixed', 'dashboard', 'grafana']);

export const isMixed = (ref: SourceRef | undefined): boolean => ref?.uid === '-- Mixed --' || ref?.type === 'mixed';

/**
 * The data source that a query is asked of: the panel's, whatever the query itself names, unless that is mixed.
 * Source: Grafana's PanelQueryRunner and SceneQueryRunner.
 */
export const askedSource = (
  panel: Pick<Panel, 'source'> | undefined,
  query: Pick<Query, 'source'>,
): SourceRef | undefined =>
  isExpression(query) || !panel?.source || isMixed(panel.source) ? query.source : panel.source;

/**
 * Looks a reference up as Grafana does: by uid, then by name; nothing is the default. Where none is marked as the default,
 * Grafana takes its own `-- Grafana --`, which draws random numbers. Source: its frontendsettings.go and datasource_srv.ts.
 * @param sources undefined where it is not known which there are: then nothing is missing
 */
export function findSource<S extends Known>(
  ref: Pick<SourceRef, 'uid' | 'type'> | undefined,
  sources: readonly S[] | undefined,
): FoundSource<S> {
  const { uid = '', type = '' } = ref ?? {};
  if (uid !== 'default' && (own.test(uid) || ownTypes.has(type))) return { state: 'own' };
  if (!sources) return { state: 'unchecked' };
  if (uid === '' || uid === 'default') return findDefault(type, sources);
  const source = sources.find((one) => one.uid === uid) ?? sources.find((one) => one.name === uid);
  if (source) return { state: 'found', source };
  // `$` in a provisioning file is the environment's.
  if (sources.some((one) => one.uid.includes('$') || one.name.includes('$'))) return { state: 'unchecked' };
  const list = sources.map((one) => `${one.name} (uid ${one.uid})`).join(', ');
  return { state: 'missing', why: `there is no data source ${uid}; provisioned: ${list}` };
}

function findDefault<S extends Known>(type: string, sources: readonly S[]): FoundSource<S> {
  const fitting = sources.filter((one) => type === '' || one.type === type);
  // A dynamic dashboard names the plugin alone, and means the default of that plugin.
  const source = fitting.find((one) => one.isDefault) ?? (type === '' ? undefined : fitting[0]);
  if (source) return { state: 'found', source };
  return type === ''
    ? { state: 'no-default', why: 'it names no data source, and no provisioned one is the default' }
    : { state: 'missing', why: `no data source of the type ${type} is provisioned` };
}
