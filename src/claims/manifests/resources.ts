import { listOf, objectOf, textOf } from '../../formats/data/json-parts.ts';
import { yamlOf } from '../../formats/data/yaml.ts';
import { suggest } from '../../core/suggest.ts';

/** What a manifest of Kubernetes says that the manifests beside it do not bear out. */
export interface Dangling {
  file: string;
  line: number;
  subject: string;
  seen: string;
  hint: string;
  sure: boolean;
  /** A port of which the manifest alone does not say that nobody listens on it. */
  port?: string;
}

export interface Resource {
  file: string;
  kind: string;
  name: string;
  namespace: string;
  root: Record<string, unknown>;
  lineOf(text: string): number;
}

export const aside = /(?:^|\/)(?:testdata|fixtures?|tests?|e2e|examples?|samples?|docs?|crds?|templates|integration)\//;
export const workloads = /^(?:Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|Pod|Rollout)$/;

/** The resources of one folder's manifests; what a template engine fills is left out. */
export function resourcesOf(file: string, text: string): Resource[] {
  if (!/^kind\s*:/m.test(text) || !/^apiVersion\s*:/m.test(text) || text.includes('{{')) return [];
  const found: Resource[] = [];
  let first = 1;
  for (const part of text.split(/^---.*$/m)) {
    const start = first;
    first += part.split('\n').length - 1;
    try {
      const whole = objectOf(yamlOf(part));
      const lines = part.split('\n');
      const listed = textOf(whole['kind']).endsWith('List') ? listOf(whole['items']).map(objectOf) : [whole];
      for (const root of listed) {
        const meta = objectOf(root['metadata']);
        if (textOf(root['kind']) === '' || textOf(meta['name']) === '') continue;
        found.push({
          file,
          kind: textOf(root['kind']),
          name: textOf(meta['name']),
          namespace: textOf(meta['namespace']),
          root,
          lineOf: (wanted) =>
            start +
            Math.max(
              0,
              lines.findIndex((line) => line.includes(wanted)),
            ),
        });
      }
    } catch {
      // what is no YAML is told of elsewhere
    }
  }
  return found;
}

export const podOf = ({ kind, root }: Resource): { labels: Record<string, unknown>; spec: Record<string, unknown> } => {
  const own = objectOf(root['spec']);
  if (kind === 'Pod') return { labels: objectOf(objectOf(root['metadata'])['labels']), spec: own };
  const template = objectOf(
    kind === 'CronJob' ? objectOf(objectOf(objectOf(own['jobTemplate'])['spec'])['template']) : own['template'],
  );
  return { labels: objectOf(objectOf(template['metadata'])['labels']), spec: objectOf(template['spec']) };
};
export const containersOf = (spec: Record<string, unknown>): Record<string, unknown>[] =>
  ['initContainers', 'containers'].flatMap((key) => listOf(spec[key]).map(objectOf));

/** @returns what dangles, and how many resources were looked at */
export const portsOf = (container: Record<string, unknown>): Record<string, unknown>[] =>
  listOf(container['ports']).map(objectOf);

export type Add = (at: string, subject: string, seen: string, hint: string, sure: boolean, port?: string) => void;

export const meant = (name: string, among: readonly Resource[]): string => {
  const near = suggest(
    name,
    among.map((other) => other.name),
  );
  return near === undefined ? 'correct the name, or add what has it' : `did you mean ${near}?`;
};
