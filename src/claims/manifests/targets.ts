import { listOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { podOf, type Add, type Resource } from './resources.ts';
import { refersTo, type World } from './world.ts';

/** What an autoscaler, an Ingress, a StatefulSet, a binding of roles and a pod's claims name, against what is made. */
export function targets(one: Resource, world: World, add: Add): void {
  const spec = objectOf(one.root['spec']);
  if (one.kind === 'HorizontalPodAutoscaler') autoscaler(one, spec, world, add);
  if (one.kind === 'Ingress') ingress(one, spec, world, add);
  if (one.kind === 'StatefulSet')
    refersTo(one, { kind: 'Service', name: textOf(spec['serviceName']), seen: 'its serviceName is' }, world, add);
  if (/^(?:Cluster)?RoleBinding$/.test(one.kind)) binding(one, world, add);
  for (const volume of listOf(podOf(one).spec['volumes']).map(objectOf)) {
    const name = textOf(objectOf(volume['persistentVolumeClaim'])['claimName']);
    refersTo(one, { kind: 'PersistentVolumeClaim', name, seen: 'it wants' }, world, add);
  }
}

function autoscaler(one: Resource, spec: JsonObject, world: World, add: Add): void {
  const target = objectOf(spec['scaleTargetRef']);
  const [kind, name] = [textOf(target['kind']), textOf(target['name'])];
  refersTo(one, { kind, name, seen: 'it scales' }, world, add);
  const scaled = world.all.find((other) => other.kind === kind && other.name === name);
  if (!scaled || world.all.some((other) => other.kind === 'LimitRange')) return;
  for (const metric of listOf(spec['metrics']).map(objectOf)) {
    const resource = objectOf(metric['resource']);
    const wanted = textOf(resource['name']);
    if (objectOf(resource['target'])['type'] !== 'Utilization' || wanted === '') continue;
    const without = listOf(podOf(scaled).spec['containers'])
      .map(objectOf)
      .find(
        (container) =>
          !['requests', 'limits'].some((part) => wanted in objectOf(objectOf(container['resources'])[part])),
      );
    if (without)
      add(
        'Utilization',
        `${one.kind} ${one.name}`,
        `it scales by the share of the requested ${wanted}, and the container ${textOf(without['name'])} of ${kind} ${name} requests none`,
        `add resources.requests.${wanted}`,
        false,
      );
  }
}

function ingress(one: Resource, spec: JsonObject, world: World, add: Add): void {
  for (const backend of backendsOf(spec)) {
    const name = textOf(backend['name']);
    const made = world.all.filter((other) => other.kind === 'Service' && other.name === name);
    refersTo(one, { kind: 'Service', name, seen: 'it leads to' }, world, add);
    const ports = made.flatMap((other) => listOf(objectOf(other.root['spec'])['ports']).map(objectOf));
    const port = objectOf(backend['port']);
    const wanted = port['number'] ?? port['name'];
    if (
      ports.length > 0 &&
      wanted !== undefined &&
      !ports.some((other) => other['port'] === wanted || other['name'] === wanted)
    )
      add(
        textOf(wanted),
        `Ingress ${one.name}`,
        `it leads to the port ${textOf(wanted)} of the Service ${name}, which has ${ports.map((other) => String(other['port'])).join(', ')}`,
        'correct the port',
        true,
      );
  }
}

function* backendsOf(node: unknown): Generator<JsonObject> {
  if (Array.isArray(node)) for (const one of node) yield* backendsOf(one);
  else if (typeof node === 'object' && node !== null)
    for (const [key, value] of Object.entries(node)) {
      if (key === 'service' && typeof value === 'object' && value !== null) yield objectOf(value);
      else yield* backendsOf(value);
    }
}

function binding(one: Resource, world: World, add: Add): void {
  // A cluster has roles of its own, and others make accounts: what is not spelt nearly as one beside it may be there.
  const known = { ...world, closed: false, isNamed: () => true };
  const ref = objectOf(one.root['roleRef']);
  refersTo(one, { kind: textOf(ref['kind']), name: textOf(ref['name']), seen: 'it binds' }, known, add);
  for (const subject of listOf(one.root['subjects']).map(objectOf))
    if (subject['kind'] === 'ServiceAccount' && subject['name'] !== 'default')
      refersTo(one, { kind: 'ServiceAccount', name: textOf(subject['name']), seen: 'it binds to' }, known, add);
}
