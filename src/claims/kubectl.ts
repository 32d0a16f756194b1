import { escapeRegex } from '../core/patterns.ts';
import { suggest } from '../core/suggest.ts';
import { commandsOfFence, parseShell } from '../formats/programs/shell.ts';
import { commandIsExcused } from '../formats/documents/path-text.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { podOf, resourcesOf, type Resource } from './manifests/resources.ts';
import { holds, once, remark, wrong, type Claim, type Reading, type Verdict } from './reading.ts';

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
  // Where nothing that runs is deployed from here, its namespaces are other repositories'.
  const deploys = all.some((one) => ofPods.test(one.kind) || /^(?:Namespace|Pod|Job|CronJob)$/.test(one.kind));
  const namespaces = new Set(
    (deploys ? all : [])
      .flatMap((one) => [one.namespace, one.kind === 'Namespace' ? one.name : ''])
      .filter((name) => name !== '' && !ofCluster.test(name)),
  );
  const isMadeElsewhere = makers(parsed, await sources.texts(), new Set(all.map((one) => one.file)));
  const prose = parsed.prose.join('\n');
  const said = new Set<string>();
  const others = await isOpen(sources);
  for (const { words, line } of callsIn(parsed)) {
    const add = (text: string, verdict: Verdict): unknown => claims.push({ kind: 'command', line, text, ...verdict });
    const claim = (subject: string, known: ReadonlySet<string>, name: string, what: string, foreign = false): void => {
      if (known.size === 0 || said.has(subject) || name === '') return;
      said.add(subject);
      if (known.has(name)) return void add(subject, holds('a manifest has it'));
      // Charts and scripts make what no manifest is called.
      if (isMadeElsewhere(name)) return;
      const meant = suggest(name, known);
      if (/^(?:my|your|test|example)-/.test(name) || (meant === undefined && others)) return;
      const seen = `the manifests have ${what} ${[...known].slice(0, 4).join(', ')}, and none is called ${name}`;
      const hint = meant === undefined ? 'correct the name' : `did you mean ${meant}?`;
      // A name of which the manifests have no word may be of what the reader has installed.
      const words = [...known].flatMap((one) => one.split('-'));
      const isStrange = foreign && meant === undefined && !name.split('-').some((one) => words.includes(one));
      add(subject, isStrange ? remark(seen, hint) : wrong(seen, hint));
    };
    const namespace = optionOf(words, '-n', '--namespace');
    // A namespace that the text speaks of is its reader's own.
    if (namespace !== '' && !ofCluster.test(namespace) && !prose.includes(`\`${namespace}\``))
      claim(`kubectl -n ${namespace}`, namespaces, namespace, 'the namespace');
    const [label, key = '', value = ''] = /^(\w[\w./-]*)=([\w.-]+)$/.exec(optionOf(words, '-l', '--selector')) ?? [];
    if (label !== undefined) claim(`kubectl -l ${label}`, valuesOf(all, key), value, `${key} with the values`);
    const { wanted, name } = namedIn(words) ?? {};
    if (wanted === undefined || name === undefined) continue;
    // In a namespace in which nothing of the repository stands, somebody else has it put there.
    if (namespace !== '' && !namespaces.has(namespace)) continue;
    const known = new Set(all.filter((one) => one.kind === wanted).map((one) => one.name));
    const other = all.find((one) => one.name === name && ofPods.test(one.kind));
    if (known.size === 0 && other && ofPods.test(wanted))
      add(
        `kubectl ${wanted} ${name}`,
        wrong(`${other.file} makes it a ${other.kind}`, `write ${other.kind.toLowerCase()}/${name}`),
      );
    else claim(`kubectl ${wanted} ${name}`, known, name, `the ${wanted}`, true);
  }
  return claims;
}

/** Every call of kubectl in the document's blocks whose words are all written out. */
const callsIn = (parsed: MarkdownDocument): { words: string[]; line: number }[] =>
  parsed.fences.flatMap((fence) => {
    const text = commandsOfFence(fence.lang, fence.text);
    if (text === undefined || !text.includes('kubectl') || commandIsExcused('', fence.heading)) return [];
    return parseShell(text).flatMap(({ argv, line }) => {
      const words = argv.map((word) => word.text);
      const isOpen = words.some((one) => /[$<>{}]/.test(one));
      return words[0] === 'kubectl' && !isOpen ? [{ words, line: fence.line + line - 1 }] : [];
    });
  });

/** Does anything but the manifests make what is called so: a command of the document, one of its blocks, another file? */
function makers(
  parsed: MarkdownDocument,
  texts: ReadonlyMap<string, string>,
  manifests: ReadonlySet<string>,
): (name: string) => boolean {
  const others = [...texts].filter(([path]) => !manifests.has(path)).map(([, text]) => text);
  const blocks = parsed.fences.map((fence) => fence.text);
  // Of the document's own blocks its manifests count, not the calls themselves.
  const fences = blocks.map((text) => text.replace(/^.*\bkubectl .*$/gm, '')).join('\n');
  // What commands of the document make is there; a chart's parts are called after its release.
  const made = [
    ...blocks.join('\n').matchAll(/\bkubectl (?:create|run|expose)\b[^\n]*|\bhelm (?:install|upgrade)\b[^\n]*/g),
  ].map(([command]) => command.split(/[\s=]+/));
  return (name) => {
    const word = new RegExp(
      `(?:name|namespace|[nN]ame(?:space)?Override|app)\\s*[:=]\\s*["']?${escapeRegex(name)}(?![\\w-])`,
    );
    return (
      others.some((text) => word.test(text)) ||
      word.test(fences) ||
      made.some((words) => words.some((one) => one === name || (words[0] === 'helm' && name.startsWith(`${one}-`))))
    );
  };
}

/** The value of an option; empty where it is not given. */
function optionOf(words: readonly string[], ...names: string[]): string {
  const found = words.findIndex((word) => names.includes(word.split('=')[0] ?? ''));
  const word = found < 0 ? '' : (words[found] ?? '');
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : found < 0 ? '' : (words[found + 1] ?? '');
}

/** Values of a label on resources and on their pods. */
const valuesOf = (all: readonly Resource[], label: string): Set<string> =>
  new Set(
    all
      .flatMap((one) => [podOf(one).labels[label], objectOf(objectOf(one.root['metadata'])['labels'])[label]])
      .filter((value): value is string => typeof value === 'string'),
  );

/** The first resource that is named behind the verb, as `kind/name` or in two words. */
function namedIn(words: readonly string[]): { wanted: string; name: string } | undefined {
  const verb = words.findIndex((word) => verbs.test(word));
  for (const [n, word] of words.entries()) {
    const [kind = '', name = ''] = word.includes('/') ? word.split('/') : [word, words[n + 1] ?? ''];
    const wanted = verb >= 0 && n > verb ? short[kind.toLowerCase()] : undefined;
    if (wanted !== undefined && name !== '' && !name.startsWith('-')) return { wanted, name };
  }
  return undefined;
}
