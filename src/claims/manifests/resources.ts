import { listOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { firstPlace, locatedDocuments } from '../../formats/data/yaml.ts';

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
  /** A cluster refuses it, rather than that it is of no use. */
  refused?: boolean;
}

export interface Resource {
  file: string;
  kind: string;
  name: string;
  namespace: string;
  root: Record<string, unknown>;
  /** Of a key, of a text, or of `key: value`; its first line where there is none. */
  lineOf(wanted: string): number;
}

export const aside =
  /(?:^|\/)(?:testdata|fixtures?|(?:[\w-]+[-_])?tests?|e2e|compare|expected|golden|examples?|samples?|docs?|crds?|templates|integration)\/|(?:^|[/._-])(?:templates?|tmpl|tpl)\.[^/]*$/;
export const workloads =
  /^(?:Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|Pod|Rollout|ReplicationController)$/;

/** Where braces may be the resource's own: alerts, dashboards, configuration. */
const holdsTexts = /^(?:ConfigMap|Secret|PrometheusRule|AlertmanagerConfig|GrafanaDashboard)$/;
/** Does a template engine fill it in? Braces without quotes are a mapping in a mapping. */
const isTemplate = ({ data, stringData, spec, ...rest }: JsonObject): boolean => {
  const texts = { ...objectOf(data), ...objectOf(stringData) };
  const isText = holdsTexts.test(textOf(rest['kind']));
  return /\{\{|\{"\{/.test(
    JSON.stringify([
      rest,
      isText ? [Object.keys(texts), Object.values(texts).filter((one) => typeof one === 'object')] : [data, spec],
    ]),
  );
};

/** The resources of a file with manifests; what a template engine fills is left out, unless it has been `rendered`. */
export function resourcesOf(file: string, text: string, rendered = false): Resource[] {
  if (!/^kind\s*:/m.test(text) || !/^apiVersion\s*:/m.test(text)) return [];
  return locatedDocuments(text).flatMap((yaml) => {
    const whole = objectOf(yaml.value);
    const isList = textOf(whole['kind']).endsWith('List');
    return (isList ? listOf(whole['items']).map(objectOf) : [whole]).flatMap((root, n): Resource[] => {
      const [kind, meta] = [textOf(root['kind']), objectOf(root['metadata'])];
      const name = textOf(meta['name']);
      if (kind === '' || name === '' || (!rendered && isTemplate(root))) return [];
      const lineOf = (wanted: string): number =>
        yaml.lineOf([...(isList ? ['items', n] : []), ...(placeOf(root, wanted) ?? [])]);
      return [{ file, kind, name, namespace: textOf(meta['namespace']), root, lineOf }];
    });
  });
}

/** Where a key, a text or `key: value` stands first. */
function placeOf(root: JsonObject, wanted: string): (string | number)[] | undefined {
  const [, key, value] = /^([\w.-]+): (.*)$/.exec(wanted) ?? [];
  return (
    (key === undefined ? undefined : firstPlace(root, (text, at) => at === key && text === value)) ??
    firstPlace(root, (text) => text.includes(wanted))
  );
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

export const portsOf = (container: Record<string, unknown>): Record<string, unknown>[] =>
  listOf(container['ports']).map(objectOf);

export type Add = (at: string, subject: string, seen: string, hint: string, sure: boolean, port?: string) => void;
