import { isGrafana, isPrometheus } from '../formats/compose/model.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import type { ComposeSet } from './compose-sets.ts';
import { type Ids } from './draft.ts';
import { type DraftItem, type DraftStep, type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { dashboardPatterns, type Monitoring } from './monitoring.ts';
import { folderOf, resolveFrom } from '../formats/data/paths.ts';
import { alertingFileOf } from '../formats/grafana/alerting.ts';

/** Parameters of compose/config for a set. */
export const composeParams = ({ files, profiles, envFile, projectDirectory }: ComposeSet): Record<string, unknown> => ({
  files,
  ...(profiles.length > 0 && { profiles }),
  ...(envFile !== undefined && { envFile }),
  ...(projectDirectory !== undefined && { projectDirectory }),
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
  // The jobs of a configuration say which jobs there are only where the rules are read by it alone.
  const readers = (path: string): number => seen.configs.filter((config) => config.rules.includes(path)).length;
  const read = new Set<string>();
  for (const config of seen.configs) {
    const own = config.rules.filter((path) => readers(path) === 1);
    for (const path of own) read.add(path);
    staticOf(own, config.path);
  }
  staticOf(seen.rules.map((one) => one.path).filter((path) => !read.has(path)));
  if (steps.length === 0) return [];
  return [
    {
      id: ids.take('prometheus'),
      title: steps.some((step) => step.with?.['rules'] !== undefined)
        ? 'Prometheus takes its configuration and rules, and the rules can fire'
        : 'Prometheus takes its configuration',
      impact: 'critical',
      steps,
    },
  ];
}

/** `deploy/environments/prod/…`: what is deployed in one place says nothing of another. */
const placeOf = (path: string): string | undefined =>
  path
    .split('/')
    .find((part) => /^(?:prod|production|stag(?:e|ing)|dev|development|local|localdev|test|qa|uat)$/i.test(part));

const topOf = (path: string): string => path.split('/')[0] ?? '';

/** Is the configuration that of all dashboards? Not where it lies beside some of them, and others lie in folders of their own. */
function isOfAll(config: string, { dashboards }: Monitoring): boolean {
  const meant = placeOf(config);
  if (meant !== undefined && dashboards.some(({ folder }) => (placeOf(folder) ?? meant) !== meant)) return false;
  const tops = new Set(dashboards.map(({ folder }) => topOf(folder)));
  return tops.size < 2 || !tops.has(topOf(config));
}

export function dashboardsItem(seen: Monitoring, sets: readonly ComposeSet[], ids: Ids): DraftItem[] {
  const rules = seen.rules.filter((one) => one.records > 0).map((one) => one.path);
  // Of several configurations it is the one that names rules.
  const naming = seen.configs.length > 1 ? seen.configs.filter((config) => config.rules.length > 0) : seen.configs;
  const one =
    naming.length === 1 && monitored(sets) && isOfAll(naming[0]?.path ?? '', seen) ? naming[0]?.path : undefined;
  // Folders that meet the same data sources are one step, unless they hold dashboards of the same name: those are rivals.
  const groups: { provisioning: string[]; folders: Monitoring['dashboards']; names: Set<string> }[] = [];
  for (const folder of seen.dashboards) {
    const provisioning = sourcesNear(seen.dataSources, folder.folder);
    const names = [...folder.uids, ...folder.titles].filter((name) => name !== '');
    const group = groups.find(
      (other) =>
        other.provisioning.join(' ') === provisioning.join(' ') && !names.some((name) => other.names.has(name)),
    );
    if (!group) groups.push({ provisioning, folders: [folder], names: new Set(names) });
    else {
      group.folders.push(folder);
      for (const name of names) group.names.add(name);
    }
  }
  const steps = groups.map(({ provisioning, folders }): DraftStep => ({
    id: ids.take(groups.length === 1 ? 'dashboards-lint' : `dashboards-${folders[0]?.folder ?? ''}`),
    uses: 'dashboards/lint',
    with: {
      dashboards: folders.flatMap(dashboardPatterns),
      ...(provisioning.length > 0 && { provisioning }),
      ...(rules.length > 0 && { rules }),
      ...(one !== undefined && { config: one }),
    },
  }));
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

/** Configurations of Alertmanager that no Compose file mounts: what is mounted, `compose/config` reads. */
export function alertmanagerItem(seen: Monitoring, sets: readonly ComposeSet[], ids: Ids): DraftItem[] {
  const mounted = sets.flatMap((set) =>
    Object.values(set.services).flatMap((service) =>
      listOf(service['volumes']).flatMap((one) => {
        const source = textOf(one).split(':')[0] || textOf(objectOf(one)['source']);
        const at = resolveFrom(set.projectDirectory ?? folderOf(set.files[0] ?? ''), source);
        return typeof at === 'string' ? [at] : [];
      }),
    ),
  );
  const loose = seen.alertmanagers.filter((path) => !mounted.some((at) => at === path || path.startsWith(`${at}/`)));
  const rules = seen.rules.filter((one) => one.flavour === 'prometheus' && one.alerts > 0).map((one) => one.path);
  // Of several stacks it is not known whose alerts come here.
  const own = seen.alertmanagers.length === 1 && seen.configs.length < 2 ? rules : [];
  if (loose.length === 0) return [];
  return [
    {
      id: ids.take('alertmanager'),
      title: 'Alertmanager takes its configuration, and alerts reach somebody',
      impact: 'major',
      steps: loose.map((config): DraftStep => ({
        id: ids.take(loose.length === 1 ? 'alertmanager-config' : `alertmanager-${config}`),
        uses: 'alertmanager/config',
        with: { config, ...(own.length > 0 && { rules: own }) },
      })),
    },
  ];
}

/** Grafana's own alerting: a folder of its files is read as a whole; what other folders make may be put beside it. */
export function alertingItem(seen: Monitoring, tree: Tree, ids: Ids): DraftItem[] {
  const folders = [...new Set(seen.alerting.map(folderOf))];
  const steps = folders.map((folder): DraftStep => {
    const files = seen.alerting.filter((path) => folderOf(path) === folder);
    const made = (paths: string[]): string[] =>
      paths.flatMap((path) => tree.of(path, alertingFileOf)?.contacts.map(({ name }) => name) ?? []);
    const own = new Set(made(files));
    const elsewhere = [...new Set(made(seen.alerting))].filter((name) => name !== '' && !own.has(name));
    const datasources = sourcesNear(seen.dataSources, folder);
    return {
      id: ids.take(folders.length === 1 ? 'grafana-alerting' : `alerting-${folder}`),
      uses: 'grafana/alerting',
      with: {
        files,
        ...(datasources.length > 0 && { datasources }),
        ...(elsewhere.length > 0 && { contacts: elsewhere }),
      },
    };
  });
  if (steps.length === 0) return [];
  return [
    {
      id: ids.take('alerting'),
      title: 'Grafana reads its alert rules, and they notify somebody',
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
