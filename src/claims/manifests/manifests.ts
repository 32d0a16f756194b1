import { posix } from 'node:path';
import { listOf, objectOf } from '../../formats/data/json-parts.ts';
import type { Tree } from '../../core/tree.ts';
import type { Sources } from '../../repository/sources.ts';
import { discovery } from './discovery.ts';
import { refusals } from './refusals.ts';
import { aside, resourcesOf, workloads, type Add, type Dangling, type Resource } from './resources.ts';
import { monitor, selectsPods, servicePorts } from './selectors.ts';
import { targets } from './targets.ts';
import { workload } from './workloads.ts';
import { isCustom, type World } from './world.ts';

export type { Dangling } from './resources.ts';

const overlays =
  /^(?:bases|patches\w*|components|namePrefix|nameSuffix|commonLabels|labels|helmCharts)\s*:|^\s*-\s*\.\.\//m;

/** @returns what dangles or is refused, and how many resources were looked at */
export async function danglingManifests(
  sources: Sources,
  tree: Tree,
): Promise<{ dangling: Dangling[]; looked: number }> {
  const texts = await sources.texts();
  const all: Resource[] = [];
  for (const [file, text] of texts)
    if (/\.ya?ml$/.test(file) && !aside.test(file)) all.push(...resourcesOf(file, text));
  const dangling: Dangling[] = [];
  const folders = Map.groupBy(all, (one) => posix.dirname(one.file));
  // Generators, templates of charts, scripts, operators and people who read documents may make what no manifest does.
  const plain = new Set(all.map((one) => one.file));
  for (const one of all) if (isCustom(one)) plain.delete(one.file);
  const prose = [...texts].filter(([path]) => !plain.has(path)).map(([, text]) => text);
  let documents: string[] | undefined;
  const isNamed = (name: string): boolean => {
    documents ??= tree.paths
      .filter((path) => /\.(?:md|mdx|rst|adoc|txt)$/.test(path))
      .map((path) => tree.text(path) ?? '');
    return [...prose, ...documents].some((text) => text.includes(name));
  };
  const hasPort = (port: string, file: string): boolean =>
    [...texts].some(([path, text]) => path !== file && new RegExp(`(?<![\\d.])${port}(?![\\d.])`).test(text));
  const changing = [...texts].filter(
    ([path, text]) => /(?:^|\/)kustomization\.ya?ml$/.test(path) && overlays.test(text),
  );
  /** Overlays change what a base says: a folder that only patches, or a file that one above it names, is not whole. */
  const isPatched = (file: string): boolean =>
    changing.some(([path, text]) => {
      const folder = posix.dirname(path);
      const inside = posix.relative(folder, file);
      return folder === posix.dirname(file) || (!inside.startsWith('..') && text.includes(inside));
    });
  for (const files of folders.values()) {
    const own = files.filter((one) => !isPatched(one.file));
    dangling.push(
      ...judgeResources({ own, all, isNamed, closed: false }).filter(
        ({ port, file }) => port === undefined || !hasPort(port, file),
      ),
    );
  }
  return { dangling: once(dangling), looked: all.length };
}

const once = (found: readonly Dangling[]): Dangling[] => {
  const said = new Set<string>();
  return found.filter(({ subject, seen }) => !said.has(`${subject} ${seen}`) && said.add(`${subject} ${seen}`));
};

/** What the resources of one folder, or of one rendered chart, say that is not so, and what of them a cluster refuses. */
export function judgeResources(world: World): Dangling[] {
  const found: Dangling[] = [];
  for (const one of world.own) {
    const about = (at: string): Pick<Dangling, 'file' | 'line'> => ({ file: one.file, line: one.lineOf(at) });
    const add: Add = (at, subject, seen, hint, sure, port) =>
      void found.push({ ...about(at), subject, seen, hint, sure, ...(port !== undefined && { port }) });
    refusals(one, (at, seen, hint) =>
      found.push({ ...about(at), subject: `${one.kind} ${one.name}`, seen, hint, sure: true, refused: true }),
    );
    annotations(one, add);
    targets(one, world, add);
    if (one.kind === 'Service') servicePorts(one, selectsPods(one, world, add), add);
    if (/^(?:PodDisruptionBudget|NetworkPolicy)$/.test(one.kind)) selectsPods(one, world, add);
    if (/^(?:Service|Pod)Monitor$/.test(one.kind)) monitor(one, world, add);
    if (workloads.test(one.kind)) {
      workload(one, world, add);
      discovery(one, world, add);
    }
  }
  nodePorts(world.own, found);
  return found;
}

function annotations({ kind, name, root }: Resource, add: Add): void {
  for (const [key, value] of Object.entries(objectOf(objectOf(root['metadata'])['annotations'])))
    if (value !== null && typeof value !== 'string')
      add(
        key,
        `${kind} ${name}`,
        `the annotation ${key} is ${JSON.stringify(value)}, and annotations are texts: the cluster refuses it`,
        'put it in quotes',
        true,
      );
}

/** Two Services that want one port of the nodes: the second is refused. */
function nodePorts(own: readonly Resource[], found: Dangling[]): void {
  const taken = new Map<unknown, Resource>();
  for (const one of own) {
    if (one.kind !== 'Service') continue;
    for (const port of listOf(objectOf(one.root['spec'])['ports']).map(objectOf)) {
      const number = port['nodePort'];
      const other = taken.get(number);
      if (typeof number !== 'number' || number === 0) continue;
      if (other && other.name !== one.name)
        found.push({
          file: one.file,
          line: one.lineOf(`nodePort: ${number}`),
          subject: `Service ${one.name}`,
          seen: `the nodePort ${number} is that of the Service ${other.name} too`,
          hint: 'give one of them another port',
          sure: one.file === other.file,
          refused: true,
        });
      taken.set(number, one);
    }
  }
}
