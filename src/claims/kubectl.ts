import { escapeRegex } from '../core/patterns.ts';
import { suggest } from '../core/suggest.ts';
import { commandsOfFence, parseShell } from '../formats/programs/shell.ts';
import { commandIsExcused } from '../formats/documents/path-text.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { holds, wrong } from '../formats/documents/verdict.ts';
import type { Claim } from './claim.ts';
import { podOf, resourcesOf, type Resource } from './manifests/resources.ts';
import { once } from './once.ts';
import type { Reading } from './reading.ts';

const resources = once(async (sources): Promise<Resource[]> =>
  [...(await sources.matching(/\.ya?ml$/))].flatMap(([file, text]) => resourcesOf(file, text)),
);
/** Charts, operators and manifests from elsewhere make what no manifest of the repository is called. */
const isOpen = once(async (sources): Promise<boolean> =>
  [...(await sources.texts()).values()].some((text) =>
    /^dependencies:\n\s*- |\bhelm (?:install|upgrade|repo add)\b|\bkind:\s*Helm|^\s*(?:helmCharts|chart):|\bhelm_release\b|^\s*-\s+(?:https:\/\/|github\.com\/)/m.test(
      text,
    ),
  ),
);
const short: Record<string, string> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  deployments: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  svc: 'Service',
  service: 'Service',
  services: 'Service',
  cm: 'ConfigMap',
  configmap: 'ConfigMap',
  pvc: 'PersistentVolumeClaim',
  ing: 'Ingress',
  ingress: 'Ingress',
  cronjob: 'CronJob',
  cj: 'CronJob',
  hpa: 'HorizontalPodAutoscaler',
  pdb: 'PodDisruptionBudget',
  sa: 'ServiceAccount',
  serviceaccount: 'ServiceAccount',
};
/** What a cluster has of itself. */
const ofCluster = /^(?:default|kube-\w+|monitoring|ingress-nginx|cert-manager|istio-system|observability)$/;
const ofPods = /^(?:Deployment|StatefulSet|DaemonSet)$/;
const verbs = /^(?:get|describe|logs|rollout|scale|port-forward|exec|delete|edit|patch|top|set|annotate|label)$/;

/** Names and namespaces that kubectl is called with, against the manifests of the repository. */
export async function kubectlClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const all = await resources(sources);
  if (all.length === 0 || !sources.whole) return claims;
  const namespaces = new Set(
    all
      .flatMap((one) => [one.namespace, one.kind === 'Namespace' ? one.name : ''])
      .filter((name) => name !== '' && !ofCluster.test(name)),
  );
  const manifests = new Set(all.map((one) => one.file));
  const others = [...(await sources.texts())].filter(([path]) => !manifests.has(path)).map(([, text]) => text);
  // Of the document's own blocks its manifests count, not the calls themselves.
  const fences = parsed.fences.map((fence) => fence.text.replace(/^.*\bkubectl .*$/gm, '')).join('\n');
  // What commands of the document make is there; a chart's parts are called after its release.
  const made = [
    ...parsed.fences
      .map((fence) => fence.text)
      .join('\n')
      .matchAll(/\bkubectl (?:create|run|expose)\b[^\n]*|\bhelm (?:install|upgrade)\b[^\n]*/g),
  ].map(([command]) => command.split(/[\s=]+/));
  const isMadeHere = (name: string): boolean =>
    made.some((words) => words.some((word) => word === name || (words[0] === 'helm' && name.startsWith(`${word}-`))));
  const isMadeElsewhere = (name: string): boolean => {
    const word = new RegExp(
      `(?:name|namespace|[nN]ame(?:space)?Override|app)\\s*[:=]\\s*["']?${escapeRegex(name)}(?![\\w-])`,
    );
    return others.some((text) => word.test(text)) || word.test(fences) || isMadeHere(name);
  };
  // A namespace that the text speaks of is its reader's own.
  const prose = parsed.prose.join('\n');
  const said = new Set<string>();
  for (const fence of parsed.fences) {
    const text = commandsOfFence(fence.lang, fence.text);
    if (text === undefined || !text.includes('kubectl') || commandIsExcused('', fence.heading)) continue;
    for (const { argv, line } of parseShell(text)) {
      const args = argv.map((word) => word.text);
      if (args[0] !== 'kubectl' || args.some((one) => one === undefined || /[$<>{}]/.test(one))) continue;
      const words = args.filter((one): one is string => one !== undefined);
      const at = fence.line + line - 1;
      const claim = async (subject: string, known: ReadonlySet<string>, name: string, what: string): Promise<void> => {
        if (known.size === 0 || said.has(subject) || name === '') return;
        said.add(subject);
        // Charts and scripts make what no manifest is called.
        if (!known.has(name) && isMadeElsewhere(name)) return;
        if (known.has(name))
          return void claims.push({ kind: 'command', line: at, text: subject, ...holds('a manifest has it') });
        const meant = suggest(name, known);
        if (/^(?:my|your|test|example)-/.test(name) || (meant === undefined && (await isOpen(sources)))) return;
        claims.push({
          kind: 'command',
          line: at,
          text: subject,
          ...wrong(
            `the manifests have ${what} ${[...known].slice(0, 4).join(', ')}, and none is called ${name}`,
            meant === undefined ? 'correct the name' : `did you mean ${meant}?`,
          ),
        });
      };
      const option = (...names: string[]): string => {
        const found = words.findIndex((word) => names.includes(word.split('=')[0] ?? ''));
        if (found < 0) return '';
        const word = words[found] ?? '';
        return word.includes('=') ? word.slice(word.indexOf('=') + 1) : (words[found + 1] ?? '');
      };
      const namespace = option('-n', '--namespace');
      if (namespace !== '' && !ofCluster.test(namespace) && !prose.includes(`\`${namespace}\``))
        await claim(`kubectl -n ${namespace}`, namespaces, namespace, 'the namespace');
      const label = /^(\w[\w./-]*)=([\w.-]+)$/.exec(option('-l', '--selector'));
      if (label) {
        const values = new Set(
          all
            .flatMap((one) => [
              podOf(one).labels[label[1] ?? ''],
              objectOf(objectOf(one.root['metadata'])['labels'])[label[1] ?? ''],
            ])
            .filter((value): value is string => typeof value === 'string'),
        );
        await claim(`kubectl -l ${label[0]}`, values, label[2] ?? '', `${label[1]} with the values`);
      }
      const verb = words.findIndex((word) => verbs.test(word));
      if (verb < 0) continue;
      for (const [n, word] of words.entries()) {
        const [kind = '', name = ''] = word.includes('/') ? word.split('/') : [word, words[n + 1] ?? ''];
        const wanted = n > verb ? short[kind.toLowerCase()] : undefined;
        if (wanted === undefined || name === '' || name.startsWith('-')) continue;
        const known = new Set(all.filter((one) => one.kind === wanted).map((one) => one.name));
        const elsewhere = all.find((one) => one.name === name && ofPods.test(one.kind));
        if (
          known.size === 0 &&
          elsewhere &&
          /^(?:Deployment|StatefulSet|DaemonSet)$/.test(wanted) &&
          /^(?:Deployment|StatefulSet|DaemonSet)$/.test(elsewhere.kind)
        ) {
          claims.push({
            kind: 'command',
            line: at,
            text: `kubectl ${wanted} ${name}`,
            ...wrong(`${elsewhere.file} makes it a ${elsewhere.kind}`, `write ${elsewhere.kind.toLowerCase()}/${name}`),
          });
        } else await claim(`kubectl ${wanted} ${name}`, known, name, `the ${wanted}`);
        break;
      }
    }
  }
  return claims;
}
