import { suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { containersOf, podOf, portsOf, workloads, type Add, type Resource } from './resources.ts';
import { isCustom, type World } from './world.ts';

type Labels = readonly [string, unknown][];
const wordsOf = (labels: Labels): string => labels.map(([key, value]) => `${key}=${String(value)}`).join(',');
const bears = (labels: JsonObject, wanted: Labels): boolean => wanted.every(([key, value]) => labels[key] === value);
const sameNamespace = (one: Resource, other: Resource): boolean =>
  other.namespace === one.namespace || other.namespace === '' || one.namespace === '';
/** Labels of a selector; undefined where it has more than labels to match. */
function matchLabels(selector: unknown): Labels | undefined {
  const { matchLabels: labels, ...rest } = objectOf(selector);
  return Object.values(rest).some((part) => listOf(part).length > 0) ? undefined : Object.entries(objectOf(labels));
}

/**
 * The workload of the same folder that a selector without pods was made for: it bears the name of what selects, or all of its labels
 * but one, which is spelt nearly so, and no other of the kind selects it. Pods of an operator's resource stand in no manifest.
 */
function meantPod(one: Resource, selector: Labels, own: readonly Resource[]): Resource | undefined {
  const rivals = own.filter((other) => other.kind === one.kind && other !== one);
  if (own.some((other) => other.name === one.name && other.kind !== one.kind && isCustom(other))) return undefined;
  return own.find((other) => {
    if (!workloads.test(other.kind)) return false;
    const { labels } = podOf(other);
    const unlike = selector.filter(([key, value]) => labels[key] !== value);
    const isOther = rivals.some((rival) => bears(labels, selectorOf(rival) ?? []));
    const [[key, value] = ['', '']] = unlike;
    return (
      !isOther &&
      key in labels &&
      (other.name === one.name || (unlike.length === 1 && suggest(String(value), [String(labels[key])]) !== undefined))
    );
  });
}
/** The labels of pods that a resource selects. */
function selectorOf({ kind, root }: Resource): Labels | undefined {
  const spec = objectOf(root['spec']);
  return kind === 'Service'
    ? Object.entries(objectOf(spec['selector']))
    : matchLabels(spec[kind === 'NetworkPolicy' ? 'podSelector' : 'selector']);
}

/** A Service, PodDisruptionBudget, NetworkPolicy or PodMonitor, against the pods. @returns the workloads that it selects */
export function selectsPods(one: Resource, { own, all }: World, add: Add): Resource[] {
  const selector = selectorOf(one);
  if (!selector || selector.length === 0) return [];
  const fits = (other: Resource): boolean =>
    workloads.test(other.kind) && bears(podOf(other).labels, selector) && sameNamespace(one, other);
  // Folders may each have pods of the labels: those beside it are meant.
  const beside = own.filter(fits);
  const chosen = beside.length > 0 ? beside : all.filter(fits);
  const twin = chosen.length === 0 ? meantPod(one, selector, own) : undefined;
  if (twin) {
    const { labels } = podOf(twin);
    const [key = ''] = selector.find(([name, value]) => labels[name] !== value) ?? [];
    add(
      one.kind === 'NetworkPolicy' ? 'podSelector' : 'selector',
      `${one.kind} ${one.name}`,
      `it selects ${wordsOf(selector)}, and no pod has that label; ${twin.kind} ${twin.name} has ${key}=${String(labels[key])}`,
      'correct the selector, or the labels of the pods',
      true,
    );
  }
  return chosen;
}

/** A Service's ports against those of the pods that it selects. */
export function servicePorts(one: Resource, chosen: readonly Resource[], add: Add): void {
  for (const port of listOf(objectOf(one.root['spec'])['ports']).map(objectOf)) {
    const target = port['targetPort'] ?? port['port'];
    const ports = chosen.flatMap((other) => containersOf(podOf(other).spec).flatMap(portsOf));
    if (ports.length === 0 || target === undefined) continue;
    const named = typeof target === 'string' && !/^\d+$/.test(target);
    if (ports.some((other) => (named ? other['name'] === target : other['containerPort'] === Number(target)))) continue;
    const known = ports
      .map((other) => (named ? textOf(other['name']) : '') || String(other['containerPort']))
      .join(', ');
    add(
      textOf(target),
      `Service ${one.name}`,
      `it leads to the port ${textOf(target)} of ${chosen.map((other) => other.name).join(', ')}, whose ports are ${known}`,
      'correct targetPort, or name the port in the container',
      named,
      named ? undefined : textOf(target),
    );
  }
}

/** A ServiceMonitor against the Services, a PodMonitor against the pods: selector, namespace, names of ports. */
export function monitor(one: Resource, world: World, add: Add): void {
  const spec = objectOf(one.root['spec']);
  const pods = one.kind === 'PodMonitor';
  const chosen = pods ? selectsPods(one, world, add) : selectedServices(one, spec, world, add);
  const names = new Set(
    chosen.flatMap((other) =>
      (pods
        ? containersOf(podOf(other).spec).flatMap(portsOf)
        : listOf(objectOf(other.root['spec'])['ports']).map(objectOf)
      ).map((port) => textOf(port['name'])),
    ),
  );
  if (chosen.length === 0) return;
  for (const endpoint of listOf(spec[pods ? 'podMetricsEndpoints' : 'endpoints']).map(objectOf)) {
    const port = textOf(endpoint['port']);
    if (port === '' || names.has(port)) continue;
    add(
      `port: ${port}`,
      `${one.kind} ${one.name}`,
      `it scrapes the port ${port} of ${chosen.map((other) => other.name).join(', ')}, whose ports are named ${[...names].filter(Boolean).join(', ') || 'nothing'}`,
      'it selects by the names of ports, not by numbers: correct the name, or name the port',
      true,
    );
  }
}

function selectedServices(one: Resource, spec: JsonObject, { own, all }: World, add: Add): Resource[] {
  const wanted = matchLabels(spec['selector']);
  if (!wanted || wanted.length === 0) return [];
  const subject = `ServiceMonitor ${one.name}`;
  const labelsOf = ({ root }: Resource): JsonObject => objectOf(objectOf(root['metadata'])['labels']);
  const fits = (other: Resource): boolean => other.kind === 'Service' && bears(labelsOf(other), wanted);
  const beside = own.filter(fits);
  const fitting = beside.length > 0 ? beside : all.filter(fits);
  const spaces = objectOf(spec['namespaceSelector']);
  const named = listOf(spaces['matchNames']).map(textOf);
  const chosen = fitting.filter(
    (other) =>
      spaces['any'] === true ||
      other.namespace === '' ||
      (named.length > 0 ? named.includes(other.namespace) : one.namespace === '' || one.namespace === other.namespace),
  );
  const [elsewhere] = fitting;
  if (elsewhere && chosen.length === 0)
    add(
      'selector',
      subject,
      `it looks for Services in ${named.join(', ') || `its own namespace ${one.namespace}`}, and the Service ${elsewhere.name} that it selects is in ${elsewhere.namespace}`,
      'add namespaceSelector.matchNames, or correct it',
      true,
    );
  if (fitting.length > 0) return chosen;
  const rivals = own.filter((other) => other.kind === 'ServiceMonitor' && other !== one);
  const twin = own.find((other) => {
    if (other.kind !== 'Service') return false;
    const labels = labelsOf(other);
    if (rivals.some((rival) => bears(labels, matchLabels(objectOf(rival.root['spec'])['selector']) ?? [])))
      return false;
    const unlike = wanted.filter(([key, value]) => labels[key] !== value);
    const [[key, value] = ['', '']] = unlike;
    return (
      other.name === one.name ||
      bears(objectOf(objectOf(other.root['spec'])['selector']), wanted) ||
      (unlike.length === 1 && suggest(String(value), [String(labels[key])]) !== undefined)
    );
  });
  if (twin)
    add(
      'selector',
      subject,
      `it selects Services labelled ${wordsOf(wanted)}, and none is; the Service ${twin.name} is labelled ${wordsOf(Object.entries(labelsOf(twin))) || 'nothing'}`,
      'correct the selector, or the labels below metadata of the Service (not its selector)',
      true,
    );
  return [];
}
