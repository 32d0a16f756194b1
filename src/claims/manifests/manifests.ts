import { posix } from 'node:path';
import { suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf } from '../../formats/data/json-parts.ts';
import type { Sources } from '../../repository/sources.ts';
import {
  aside,
  containersOf,
  meant,
  podOf,
  resourcesOf,
  workloads,
  type Add,
  type Dangling,
  type Resource,
} from './resources.ts';
import { workload } from './workloads.ts';

export type { Dangling } from './resources.ts';

/** @returns what dangles, and how many resources were looked at */
export async function danglingManifests(sources: Sources): Promise<{ dangling: Dangling[]; looked: number }> {
  const texts = await sources.texts();
  const all: Resource[] = [];
  for (const [file, text] of texts)
    if (/\.ya?ml$/.test(file) && !aside.test(file)) all.push(...resourcesOf(file, text));
  const dangling: Dangling[] = [];
  const prose = [...texts].filter(([path]) => !/\.ya?ml$/.test(path)).map(([, text]) => text);
  const isNamed = (port: string, file: string): boolean =>
    [...texts].some(([path, text]) => path !== file && new RegExp(`(?<![\\d.])${port}(?![\\d.])`).test(text));
  const folders = Map.groupBy(all, (one) => posix.dirname(one.file));
  for (const own of folders.values()) {
    // Overlays change what a base says: a folder that only patches is not whole.
    const overlay = [...texts].some(
      ([path, text]) =>
        posix.dirname(path) === posix.dirname(own[0]?.file ?? '') &&
        /kustomization\.ya?ml$/.test(path) &&
        /^(?:bases|patches\w*|components|namePrefix|nameSuffix|commonLabels|labels|helmCharts)\s*:|^\s*-\s*\.\.\//m.test(
          text,
        ),
    );
    if (overlay) continue;
    for (const one of own)
      dangling.push(
        ...judge(one, own, all, prose).filter(({ port, file }) => port === undefined || !isNamed(port, file)),
      );
  }
  const said = new Set<string>();
  const once = dangling.filter(
    ({ subject, seen }) => !said.has(`${subject} ${seen}`) && said.add(`${subject} ${seen}`),
  );
  return { dangling: once, looked: all.length };
}

function judge(
  one: Resource,
  own: readonly Resource[],
  all: readonly Resource[],
  prose: readonly string[],
): Dangling[] {
  const found: Dangling[] = [];
  const add: Add = (at, subject, seen, hint, sure, port) =>
    void found.push({
      file: one.file,
      line: one.lineOf(at),
      subject,
      seen,
      hint,
      sure,
      ...(port !== undefined && { port }),
    });
  const spec = objectOf(one.root['spec']);
  if (one.kind === 'Service') service(one, spec, own, all, add);
  for (const [key, value] of Object.entries(objectOf(objectOf(one.root['metadata'])['annotations'])))
    if (typeof value !== 'string')
      add(
        key,
        `${one.kind} ${one.name}`,
        `the annotation ${key} is ${JSON.stringify(value)}, and annotations are texts: the cluster refuses it`,
        'put it in quotes',
        true,
      );
  if (one.kind === 'HorizontalPodAutoscaler') {
    const target = objectOf(spec['scaleTargetRef']);
    const [kind, name] = [textOf(target['kind']), textOf(target['name'])];
    const same = all.filter((other) => other.kind === kind);
    if (same.length > 0 && !same.some((other) => other.name === name))
      add(
        name,
        `${one.kind} ${one.name}`,
        `it scales the ${kind} ${name}, which no manifest makes`,
        meant(name, same),
        true,
      );
  }
  if (one.kind === 'Ingress')
    for (const backend of backendsOf(spec)) {
      const name = textOf(backend['name']);
      const services = all.filter((other) => other.kind === 'Service');
      const target = services.find((other) => other.name === name);
      if (services.length === 0 || name === '') continue;
      if (!target) {
        add(
          name,
          `Ingress ${one.name}`,
          `it leads to the Service ${name}, which no manifest makes`,
          meant(name, services),
          suggest(
            name,
            services.map((other) => other.name),
          ) !== undefined,
        );
        continue;
      }
      const port = objectOf(backend['port']);
      const ports = listOf(objectOf(target.root['spec'])['ports']).map(objectOf);
      const wanted = port['number'] ?? port['name'];
      if (wanted !== undefined && !ports.some((other) => other['port'] === wanted || other['name'] === wanted))
        add(
          textOf(wanted),
          `Ingress ${one.name}`,
          `it leads to the port ${textOf(wanted)} of the Service ${name}, which has ${ports.map((other) => String(other['port'])).join(', ')}`,
          'correct the port',
          true,
        );
    }
  if (workloads.test(one.kind)) workload(one, all, prose, add);
  return found;
}

function* backendsOf(node: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(node)) for (const one of node) yield* backendsOf(one);
  else if (typeof node === 'object' && node !== null)
    for (const [key, value] of Object.entries(node)) {
      if (key === 'service' && typeof value === 'object' && value !== null) yield objectOf(value);
      else yield* backendsOf(value);
    }
}

function service(
  one: Resource,
  spec: Record<string, unknown>,
  own: readonly Resource[],
  all: readonly Resource[],
  add: Add,
): void {
  const selector = Object.entries(objectOf(spec['selector']));
  if (selector.length === 0) return;
  const fits = (other: Resource): boolean => {
    const { labels } = podOf(other);
    return selector.every(([key, value]) => labels[key] === value);
  };
  const pods = all.filter((other) => workloads.test(other.kind));
  const chosen = pods.filter(
    (other) => fits(other) && (other.namespace === one.namespace || other.namespace === '' || one.namespace === ''),
  );
  const words = selector.map(([key, value]) => `${key}=${String(value)}`).join(',');
  const [key = ''] = selector[0] ?? [];
  if (chosen.length === 0) {
    const near = own.filter((other) => workloads.test(other.kind) && key in podOf(other).labels);
    if (near.length > 0)
      add(
        'selector',
        `Service ${one.name}`,
        `it selects ${words}, and no pod bears that; ${near[0]?.kind} ${near[0]?.name} bears ${key}=${String(podOf(near[0] as Resource).labels[key])}`,
        'correct the selector, or the labels of the pods',
        true,
      );
    return;
  }
  for (const port of listOf(spec['ports']).map(objectOf)) {
    const target = port['targetPort'] ?? port['port'];
    const ports = chosen.flatMap((other) =>
      containersOf(podOf(other).spec).flatMap((container) => listOf(container['ports']).map(objectOf)),
    );
    if (ports.length === 0 || target === undefined) continue;
    const named = typeof target === 'string' && !/^\d+$/.test(target);
    if (
      named
        ? ports.some((other) => other['name'] === target)
        : ports.some((other) => other['containerPort'] === Number(target))
    )
      continue;
    const known = ports
      .map((other) =>
        named ? textOf(other['name']) || String(other['containerPort']) : String(other['containerPort']),
      )
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
