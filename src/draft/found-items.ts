import { isGrafana, isPrometheus } from '../formats/compose/model.ts';
import { textOf, type JsonObject } from '../formats/data/json-parts.ts';
import type { ComposeSet } from './compose-sets.ts';
import { folderOf, type DraftItem, type DraftStep, type Ids } from './draft.ts';
import { dashboardPatterns, type Monitoring } from './monitoring.ts';

/** Parameters of compose/config for a set. */
export const composeParams = ({ files, profiles, envFile }: ComposeSet): Record<string, unknown> => ({
  files,
  ...(profiles.length > 0 && { profiles }),
  ...(envFile !== undefined && { envFile }),
});

export function composeItem(sets: readonly ComposeSet[], ids: Ids): DraftItem[] {
  if (sets.length === 0) return [];
  const steps = sets.map((set): DraftStep => ({
    id: ids.take(sets.length === 1 ? 'compose-config' : `compose-${set.files.at(-1) ?? ''}-${set.profiles.join('-')}`),
    uses: 'compose/config',
    with: composeParams(set),
  }));
  return [
    {
      id: ids.take('compose'),
      title: 'The compose files resolve, and what they mount is there',
      impact: 'critical',
      steps,
    },
  ];
}

const imageIs = (service: JsonObject, is: typeof isGrafana): boolean => is({ image: textOf(service['image']) });

/** The sets that run Prometheus and Grafana side by side: then what is in the repository is meant for one another. */
const monitored = (sets: readonly ComposeSet[]): boolean =>
  sets.some((set) => {
    const services = Object.values(set.services);
    return services.some((one) => imageIs(one, isPrometheus)) && services.some((one) => imageIs(one, isGrafana));
  });

export function prometheusItem(seen: Monitoring, ids: Ids): DraftItem[] {
  const plain = seen.rules.filter((one) => one.flavour === 'prometheus').map((one) => one.path);
  const steps: DraftStep[] = [];
  const given = new Set<string>();
  const id = (base: string, path: string, many: boolean): string => ids.take(many ? `${base}-${path}` : base);
  const many = seen.configs.length > 1;
  for (const config of seen.configs) {
    const rules = config.rules.filter((path) => plain.includes(path) && !given.has(path));
    for (const path of rules) given.add(path);
    if (config.elsewhere !== undefined && rules.length === 0) continue;
    steps.push({
      id: id('prometheus-config', config.path, many),
      uses: 'prometheus/config',
      with: {
        ...(config.elsewhere === undefined && { config: config.path }),
        ...(rules.length > 0 && { rules }),
      },
      ...(config.elsewhere !== undefined && { note: `without ${config.path}, since ${config.elsewhere}` }),
    });
  }
  const loose = plain.filter((path) => !given.has(path));
  if (loose.length > 0)
    steps.push({ id: ids.take('prometheus-rules'), uses: 'prometheus/config', with: { rules: loose } });
  const staticOf = (rules: string[], config?: string): void => {
    if (rules.length === 0) return;
    steps.push({
      id: ids.take('rules-static'),
      uses: 'prometheus/rules-static',
      with: { rules, ...(config !== undefined && { config }) },
    });
  };
  // The jobs of one configuration say which jobs there are only where the rules are read by it alone.
  const [only] = seen.configs;
  const read = only && !many ? only.rules : [];
  staticOf(read, only?.path);
  staticOf(seen.rules.map((one) => one.path).filter((path) => !read.includes(path)));
  if (steps.length === 0) return [];
  return [
    {
      id: ids.take('prometheus'),
      title: 'Prometheus takes its configuration and rules, and the rules can fire',
      impact: 'critical',
      steps,
    },
  ];
}

export function dashboardsItem(seen: Monitoring, sets: readonly ComposeSet[], ids: Ids): DraftItem[] {
  const rules = seen.rules.filter((one) => one.records > 0).map((one) => one.path);
  const [config] = seen.configs;
  const one = seen.configs.length === 1 && monitored(sets) ? config?.path : undefined;
  const steps = seen.dashboards.map((dashboards): DraftStep => {
    const provisioning = sourcesNear(seen.dataSources, dashboards.folder);
    return {
      id: ids.take(seen.dashboards.length === 1 ? 'dashboards-lint' : `dashboards-${dashboards.folder}`),
      uses: 'dashboards/lint',
      with: {
        dashboards: dashboardPatterns(dashboards),
        ...(provisioning.length > 0 && { provisioning }),
        ...(rules.length > 0 && { rules }),
        ...(one !== undefined && { config: one }),
      },
    };
  });
  if (steps.length === 0) return [];
  return [
    {
      id: ids.take('dashboards'),
      title: 'The dashboards can be imported, and their panels ask for data',
      impact: 'major',
      steps,
    },
  ];
}

/** The provisioned data sources that a folder's dashboards will meet: the only ones, or those that lie nearest. */
function sourcesNear(dataSources: readonly string[], folder: string): string[] {
  const folders = [...new Set(dataSources.map(folderOf))];
  const common = (other: string): number => {
    const a = folder.split('/');
    const b = other.split('/');
    let n = 0;
    while (n < a.length && n < b.length && a[n] === b[n]) n++;
    return n;
  };
  const best = Math.max(0, ...folders.map(common));
  const near = folders.filter((one) => common(one) === best);
  if (near.length !== 1 || (folders.length > 1 && best === 0)) return [];
  return dataSources.filter((path) => folderOf(path) === near[0]);
}
