import { objectOf, textOf } from '../../formats/data/json-parts.ts';
import { resourcesOf, type Resource } from '../manifests/resources.ts';

/** One resource of a rendered chart, with the template that made it, as helm names it: `chart/templates/x.yaml`. */
export interface Rendered extends Resource {
  source: string;
}

/** The resources of what `helm template` printed. */
export function renderedResources(text: string): Rendered[] {
  const found: Rendered[] = [];
  let source = '';
  for (const part of text.split(/^---[ \t]*$/m)) {
    source = /^# Source: (\S.*?)\s*$/m.exec(part)?.[1] ?? source;
    for (const one of resourcesOf(source, part, true)) found.push({ ...one, source });
  }
  return found;
}

const isHook = ({ root }: Resource): boolean =>
  objectOf(objectOf(root['metadata'])['annotations'])['helm.sh/hook'] !== undefined;

/** Resources that are made twice: an installation of the chart ends at the second. */
export function twiceMade(resources: readonly Rendered[]): { name: string; sources: string[] }[] {
  const groups = Map.groupBy(
    resources.filter((one) => !isHook(one)),
    // Versions of one group are one kind.
    ({ kind, name, namespace, root }) =>
      [textOf(root['apiVersion']).replace(/\/?[^/]*$/, ''), kind, namespace, name].join(' '),
  );
  return [...groups.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({ name: `${same[0]?.kind} ${same[0]?.name}`, sources: same.map((one) => one.source).toSorted() }));
}

/** Where helm says that a template fails: its path below the chart's name, and the line in it. */
export function placeIn(message: string): { source: string; line?: number } | undefined {
  const [, source, line] =
    /(?:template: |\bat \(|YAML parse error on |parse error at \()([\w./-]+\/(?:templates|charts)\/[\w./-]+?)(?::(\d+))?(?::\d+)?(?:[):\s]|$)/.exec(
      message,
    ) ?? [];
  return source === undefined ? undefined : { source, ...(line !== undefined && { line: Number(line) }) };
}

/** Texts that other steps read: rules, configurations, dashboards; by the name of their file. */
export function readableParts(resources: readonly Rendered[]): { name: string; text: string }[] {
  return resources.flatMap(({ kind, name, root }) => {
    if (kind !== 'ConfigMap' && kind !== 'Secret') return [];
    return Object.entries({ ...objectOf(root['data']), ...objectOf(root['stringData']) }).flatMap(([key, text]) =>
      typeof text === 'string' && /\.(?:ya?ml|json|rules)$/.test(key) && kind === 'ConfigMap'
        ? [{ name: `${name}-${key}`, text }]
        : [],
    );
  });
}
