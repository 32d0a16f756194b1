import { suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf } from '../../formats/data/json-parts.ts';
import { parseShell } from '../../formats/programs/shell.ts';
import { containersOf, podOf, portsOf, type Add, type Resource } from './resources.ts';
import type { World } from './world.ts';

/** A workload against itself, and against the ConfigMaps, Secrets and accounts that it names. */
export function workload(one: Resource, { all, isNamed, closed }: World, add: Add): void {
  const { labels, spec } = podOf(one);
  const subject = `${one.kind} ${one.name}`;
  const containers = containersOf(spec);
  const own = objectOf(objectOf(one.root['spec'])['selector']);
  for (const [key, value] of Object.entries(objectOf(own['matchLabels'])))
    if (Object.keys(labels).length > 0 && labels[key] !== value)
      add(
        'matchLabels',
        subject,
        `it selects ${key}=${String(value)}, and its own template does not have that label: the cluster refuses it`,
        'make them alike',
        true,
      );
  const volumes = listOf(spec['volumes']).map(objectOf);
  const claims = listOf(objectOf(one.root['spec'])['volumeClaimTemplates']).map((template) =>
    textOf(objectOf(objectOf(template)['metadata'])['name']),
  );
  const names = new Set([...volumes.map((volume) => textOf(volume['name'])), ...claims]);
  for (const container of containers) {
    for (const mount of listOf(container['volumeMounts']).map(objectOf)) {
      const name = textOf(mount['name']);
      if (name !== '' && !names.has(name))
        add(
          `name: ${name}`,
          subject,
          `the container ${textOf(container['name'])} mounts the volume ${name}, which the pod does not have: the cluster refuses it`,
          'add the volume, or correct the name',
          true,
        );
    }
    probes(container, subject, add);
    onlyPrints(container, subject, add);
  }
  scrapes(one, containers, subject, add);
  for (const [kind, name, key, optional] of references(spec, containers)) {
    if (optional || name === '' || /[$<]/.test(name)) continue;
    const same = all.filter(
      (other) =>
        other.kind === kind && (other.namespace === '' || one.namespace === '' || other.namespace === one.namespace),
    );
    const made = same.filter((other) => other.name === name);
    if (made.length > 0 && key !== undefined) {
      // Folders may each have their own of the name.
      const keys = made.flatMap(({ root }) =>
        ['data', 'stringData', 'binaryData'].flatMap((part) => Object.keys(objectOf(root[part]))),
      );
      if (keys.length > 0 && !keys.includes(key))
        add(
          key,
          subject,
          `it wants the key ${key} of the ${kind} ${name}, which has ${keys.slice(0, 6).join(', ')}`,
          'correct the key',
          true,
        );
    } else if (made.length === 0) {
      // Something else may make it: a script, a generator, an operator.
      const near = suggest(
        name,
        // What another reference names is no misspelt name.
        same.filter((other) => !isWanted(other, all)).map((other) => other.name),
      );
      // Secrets are made by hand, the certificates of a cluster by itself.
      if (kind === 'Secret' || name === 'kube-root-ca.crt' || (!closed && isNamed(name))) continue;
      add(
        name,
        subject,
        `it wants the ${kind} ${name}, which no manifest makes`,
        near === undefined ? 'add it, or say in a document or script how it is made' : `did you mean ${near}?`,
        near !== undefined,
      );
    }
  }
}

const wanted = new WeakMap<readonly Resource[], Set<string>>();
/** Does any workload name it? */
function isWanted(resource: Resource, all: readonly Resource[]): boolean {
  let names = wanted.get(all);
  if (!names) {
    names = new Set(
      all.flatMap((one) => {
        const { spec } = podOf(one);
        return references(spec, containersOf(spec)).map(([kind, name]) => `${kind} ${name}`);
      }),
    );
    wanted.set(all, names);
  }
  return names.has(`${resource.kind} ${resource.name}`);
}

function probes(container: Record<string, unknown>, subject: string, add: Add): void {
  const ports = portsOf(container);
  // A list of ports binds nothing; whoever publishes there knows what else the program opens.
  const ofOthers = /^(?:quay\.io|registry\.k8s\.io|k8s\.gcr\.io|public\.ecr\.aws)\//.test(textOf(container['image']));
  if (ports.length === 0) return;
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = objectOf(container[key]);
    const port =
      objectOf(probe['httpGet'])['port'] ?? objectOf(probe['tcpSocket'])['port'] ?? objectOf(probe['grpc'])['port'];
    if (port === undefined) continue;
    const named = typeof port === 'string' && !/^\d+$/.test(port);
    if (ofOthers && !named) continue;
    if (named ? ports.some((one) => one['name'] === port) : ports.some((one) => one['containerPort'] === Number(port)))
      continue;
    add(
      key,
      subject,
      `the ${key} of ${textOf(container['name'])} asks the port ${textOf(port)}, and its ports are ${ports.map((one) => (named ? textOf(one['name']) : String(one['containerPort']))).join(', ')}`,
      'correct the port of the probe, or of the container',
      named,
      named ? undefined : textOf(port),
    );
  }
}

function scrapes(one: Resource, containers: readonly Record<string, unknown>[], subject: string, add: Add): void {
  const template = one.kind === 'Pod' ? one.root : objectOf(objectOf(one.root['spec'])['template']);
  const annotations = objectOf(objectOf(template['metadata'])['annotations']);
  for (const [key, value] of Object.entries(annotations))
    if (value !== null && typeof value !== 'string' && one.kind !== 'Pod')
      add(
        key,
        subject,
        `the annotation ${key} is ${JSON.stringify(value)}, and annotations are texts: the cluster refuses it`,
        'put it in quotes',
        true,
      );
  const port = annotations['prometheus.io/port'];
  const ports = containers.flatMap(portsOf).map((other) => String(other['containerPort']));
  if (port !== undefined && ports.length > 0 && !ports.includes(textOf(port)))
    add(
      'prometheus.io/port',
      subject,
      `prometheus.io/port is ${textOf(port)}, and the ports of its containers are ${ports.join(', ')}`,
      'correct the annotation, or name the port in the container',
      false,
      textOf(port),
    );
}

/** A job that only prints does nothing. */
function onlyPrints(container: Record<string, unknown>, subject: string, add: Add): void {
  if (!/^(?:CronJob|Job) /.test(subject)) return;
  const words = [...listOf(container['command']), ...listOf(container['args'])].map(textOf);
  const script = /^(?:(?:\/usr)?\/bin\/)?(?:ba|da)?sh$/.test(words[0] ?? '') ? words.at(-1) : words.join(' ');
  const programs = parseShell(script ?? '').map(({ argv }) => argv[0]?.text ?? '');
  if (
    programs.some((word) => /^(?:echo|printf)$/.test(word)) &&
    programs.every((word) => /^(?:echo|printf|exit|true|:|set|sleep|date|)$/.test(word))
  )
    add('echo', subject, 'it only prints, and does nothing', 'make it do what it is there for, or take it out', true);
}

function references(
  spec: Record<string, unknown>,
  containers: readonly Record<string, unknown>[],
): [kind: string, name: string, key: string | undefined, optional: boolean][] {
  const found: [string, string, string | undefined, boolean][] = [];
  const take = (kind: string, value: unknown, key?: string): void => {
    const one = objectOf(value);
    if (value !== undefined)
      found.push([
        kind,
        textOf(one['name']) || textOf(one['secretName']),
        key ?? (textOf(one['key']) || undefined),
        one['optional'] === true,
      ]);
  };
  for (const container of containers) {
    for (const source of listOf(container['envFrom']).map(objectOf)) {
      take('ConfigMap', source['configMapRef']);
      take('Secret', source['secretRef']);
    }
    for (const variable of listOf(container['env']).map(objectOf)) {
      take('ConfigMap', objectOf(variable['valueFrom'])['configMapKeyRef']);
      take('Secret', objectOf(variable['valueFrom'])['secretKeyRef']);
    }
  }
  for (const volume of listOf(spec['volumes']).map(objectOf))
    for (const [kind, value] of [
      ['ConfigMap', volume['configMap']],
      ['Secret', volume['secret']],
    ] as const) {
      if (value === undefined) continue;
      take(kind, value);
      for (const item of listOf(objectOf(value)['items']).map(objectOf)) take(kind, value, textOf(item['key']));
      for (const container of containers)
        for (const mount of listOf(container['volumeMounts']).map(objectOf))
          if (
            textOf(mount['name']) === textOf(volume['name']) &&
            textOf(mount['subPath']) !== '' &&
            objectOf(value)['items'] === undefined
          )
            take(kind, value, textOf(mount['subPath']));
    }
  const claim = textOf(spec['serviceAccountName']);
  if (claim !== '' && claim !== 'default') found.push(['ServiceAccount', claim, undefined, false]);
  return found;
}
