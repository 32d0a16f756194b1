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
  // Generators, templates of charts and scripts may make what no manifest does.
  const manifests = new Set(all.map((one) => one.file));
  const prose = [...texts].filter(([path]) => !manifests.has(path)).map(([, text]) => text);
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
    if (value !== null && typeof value !== 'string')
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
    const same = own.filter((other) => other.kind === kind);
    if (same.length > 0 && !all.some((other) => other.kind === kind && other.name === name))
      add(
        name,
        `${one.kind} ${one.name}`,
        `it scales the ${kind} ${name}, which no manifest makes`,
        meant(name, same),
        isNear(name, same),
      );
  }
  if (one.kind === 'Ingress')
    for (const backend of backendsOf(spec)) {
      const name = textOf(backend['name']);
      const services = all.filter((other) => other.kind === 'Service');
      const targets = services.filter((other) => other.name === name);
      if (name === '') continue;
      if (targets.length === 0) {
        // Only those of its own folder are there to be meant; what is not here may be of a chart or of an operator.
        const beside = own.filter((other) => other.kind === 'Service');
        if (beside.length > 0)
          add(
            name,
            `Ingress ${one.name}`,
            `it leads to the Service ${name}, which no manifest makes`,
            meant(name, beside),
            isNear(name, beside),
          );
        continue;
      }
      const port = objectOf(backend['port']);
      const ports = targets.flatMap((target) => listOf(objectOf(target.root['spec'])['ports']).map(objectOf));
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

const isNear = (name: string, among: readonly Resource[]): boolean =>
  suggest(
    name,
    among.map((other) => other.name),
  ) !== undefined;

function* backendsOf(node: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(node)) for (const one of node) yield* backendsOf(one);
  else if (typeof node === 'object' && node !== null)
    for (const [key, value] of Object.entries(node)) {
      if (key === 'service' && typeof value === 'object' && value !== null) yield objectOf(value);
      else yield* backendsOf(value);
    }
}

/**
 * The workload of the same folder that a Service without pods was made for: it bears the Service's name or all of its labels but
 * one, which is spelt nearly so, and no other Service selects it. Pods of an operator's resource stand in no manifest.
 */
function meantPod(
  one: Resource,
  selector: readonly [string, unknown][],
  own: readonly Resource[],
): Resource | undefined {
  const services = own.filter((other) => other.kind === 'Service' && other !== one);
  const madeByOperator = own.some((other) => other.name === one.name && other.kind !== 'Service' && isCustom(other));
  return own.find((other) => {
    if (!workloads.test(other.kind) || madeByOperator) return false;
    const { labels } = podOf(other);
    const unlike = selector.filter(([key, value]) => labels[key] !== value);
    const isOther = services.some((service) =>
      Object.entries(objectOf(objectOf(service.root['spec'])['selector'])).every(
        ([key, value]) => labels[key] === value,
      ),
    );
    const [[key, value] = ['', '']] = unlike;
    return (
      !isOther &&
      key in labels &&
      (other.name === one.name || (unlike.length === 1 && suggest(String(value), [String(labels[key])]) !== undefined))
    );
  });
}
/** Of a group that Kubernetes itself does not have. */
const isCustom = ({ root }: Resource): boolean => {
  const group = /^(.*)\/[^/]+$/.exec(textOf(root['apiVersion']))?.[1] ?? '';
  return group.includes('.') && !group.endsWith('.k8s.io');
};

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
  if (chosen.length === 0) {
    const twin = meantPod(one, selector, own);
    if (twin) {
      const [key = ''] = selector.find(([key, value]) => podOf(twin).labels[key] !== value) ?? [];
      add(
        'selector',
        `Service ${one.name}`,
        `it selects ${words}, and no pod has that label; ${twin.kind} ${twin.name} has ${key}=${String(podOf(twin).labels[key])}`,
        'correct the selector, or the labels of the pods',
        true,
      );
    }
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
