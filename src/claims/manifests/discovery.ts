import { listOf, objectOf, textOf } from '../../formats/data/json-parts.ts';
import { yamlOf } from '../../formats/data/yaml.ts';
import { podOf, type Add, type Resource } from './resources.ts';
import type { World } from './world.ts';

/** What Prometheus lists and watches for each role. Source: its manual, kubernetes_sd_config, and its example of RBAC. */
const lists: Readonly<Record<string, readonly string[]>> = {
  node: ['nodes'],
  service: ['services'],
  pod: ['pods'],
  endpoints: ['endpoints', 'services', 'pods'],
  endpointslice: ['endpointslices', 'services', 'pods'],
  ingress: ['ingresses'],
};

/** A workload whose ConfigMap holds Prometheus's service discovery, against the roles of its account. */
export function discovery(one: Resource, { all }: World, add: Add): void {
  const { spec } = podOf(one);
  const needs = listOf(spec['volumes'])
    .map((volume) => textOf(objectOf(objectOf(volume)['configMap'])['name']))
    .flatMap((name) => all.filter((other) => other.kind === 'ConfigMap' && other.name === name && name !== ''))
    .flatMap((map) => Object.values(objectOf(map.root['data'])).flatMap(discovered));
  if (needs.length === 0) return;
  const account = textOf(spec['serviceAccountName']) || textOf(spec['serviceAccount']) || 'default';
  const bindings = all.filter((other) => /^(?:Cluster)?RoleBinding$/.test(other.kind));
  const subjectsOf = (binding: Resource): string[] =>
    listOf(binding.root['subjects'])
      .map(objectOf)
      .filter(
        ({ kind, namespace }) =>
          kind === 'ServiceAccount' && (one.namespace === '' || namespace === undefined || namespace === one.namespace),
      )
      .map(({ name }) => textOf(name));
  const rulesOf = (binding: Resource): Resource | undefined => {
    const ref = objectOf(binding.root['roleRef']);
    return all.find((other) => other.kind === ref['kind'] && other.name === ref['name']);
  };
  const own = bindings.filter((binding) => subjectsOf(binding).includes(account));
  if (own.some((binding) => rulesOf(binding) === undefined)) return;
  const add1 = (seen: string, hint: string, sure: boolean): void =>
    add(account === 'default' ? 'spec' : account, `${one.kind} ${one.name}`, seen, hint, sure);
  for (const [what, everywhere] of new Map(needs.flatMap((need) => need.what.map((each) => [each, need.everywhere])))) {
    const granting = bindings.filter((binding) => grants(rulesOf(binding), what));
    const mine = granting.filter((binding) => own.includes(binding));
    if (mine.some((binding) => binding.kind === 'ClusterRoleBinding' || !everywhere)) continue;
    const others = granting.flatMap(subjectsOf);
    if (mine.length > 0)
      add1(
        `Prometheus lists ${what} of all namespaces, and a RoleBinding lets its account ${account} do so in one`,
        'make it a ClusterRoleBinding, or name the namespaces in the configuration',
        true,
      );
    else if (own.length > 0)
      add1(
        `Prometheus lists and watches ${what}, and no role of its account ${account} lets it`,
        `add ${what} with get, list and watch`,
        true,
      );
    else
      add1(
        `Prometheus lists and watches ${what}, and nothing lets its account ${account}${others.length > 0 ? `; ${others.join(', ')} may` : ''}`,
        others.length > 0
          ? `set serviceAccountName: ${others[0] ?? ''}`
          : 'add a ClusterRole, a binding and serviceAccountName',
        others.length > 0,
      );
    return;
  }
}

function discovered(text: unknown): { what: readonly string[]; everywhere: boolean }[] {
  if (typeof text !== 'string' || !text.includes('kubernetes_sd_configs')) return [];
  let root: unknown;
  try {
    root = yamlOf(text);
  } catch {
    return [];
  }
  return listOf(objectOf(root)['scrape_configs']).flatMap((job) =>
    listOf(objectOf(job)['kubernetes_sd_configs']).flatMap((each) => {
      const { role, namespaces, api_server, kubeconfig_file } = objectOf(each);
      // It asks another cluster, or as somebody else.
      if (api_server !== undefined || kubeconfig_file !== undefined) return [];
      return [{ what: lists[textOf(role)] ?? [], everywhere: namespaces === undefined }];
    }),
  );
}

const grants = (role: Resource | undefined, what: string): boolean =>
  listOf(role?.root['rules'])
    .map(objectOf)
    .some(({ resources, verbs }) => {
      const may = listOf(verbs).map(textOf);
      return (
        listOf(resources).some((one) => one === what || one === '*') &&
        (may.includes('*') || ['list', 'watch'].every((verb) => may.includes(verb)))
      );
    });
