import { listOf, objectOf, textOf } from '../../formats/data/json-parts.ts';
import { yamlOf } from '../../formats/data/yaml.ts';
import type { StepContext } from '../../core/step.ts';
import { inFolder } from '../../formats/data/paths.ts';

/** What Chart.yaml says of a chart, and what of it lies in its folder. */
export interface ChartFolder {
  name: string;
  /** It only lends templates to others, and cannot be rendered. */
  library: boolean;
  /** Dependencies that Chart.yaml names and charts/ lacks. */
  missing: string[];
  dependencies: string[];
  conditions: string[];
  /** No packed chart lies in charts/, whose templates would not be read. */
  closed: boolean;
  templates: Map<string, string>;
}

type Doors = Pick<StepContext, 'files'>;
const parsed = (text: string): Record<string, unknown> => {
  try {
    return objectOf(yamlOf(text));
  } catch {
    return {};
  }
};

/** @returns undefined where the folder holds no Chart.yaml */
export async function chartFolder(folder: string, { files }: Doors): Promise<ChartFolder | undefined> {
  const text = await files.readIfThere(inFolder(folder, 'Chart.yaml'));
  if (text === undefined) return undefined;
  const chart = parsed(text);
  const old = parsed((await files.readIfThere(inFolder(folder, 'requirements.yaml'))) ?? '');
  const wanted = [...listOf(chart['dependencies']), ...listOf(old['dependencies'])].map(objectOf);
  const packed = await files.list(inFolder(folder, 'charts'));
  const has = (name: string): boolean =>
    packed.some((one) => one === name || (one.startsWith(`${name}-`) && one.endsWith('.tgz')));
  const templates = new Map<string, string>();
  const read = async (at: string): Promise<void> => {
    for (const name of await files.list(inFolder(folder, at))) {
      const path = inFolder(folder, `${at}/${name}`);
      const kind = await files.kind(path);
      if (kind === 'directory') await read(`${at}/${name}`);
      // A subchart of its own reads values of its own, but for a library.
      else if (kind === 'file' && !/(?:^|\/)values[\w.-]*\.ya?ml$|\.(?:md|tgz|lock|png|svg)$/.test(path))
        templates.set(path, await files.readRaw(path));
    }
  };
  for (const at of ['templates', 'files', 'config', 'configs', 'dashboards']) await read(at);
  for (const name of packed)
    if (
      textOf(parsed((await files.readIfThere(inFolder(folder, `charts/${name}/Chart.yaml`))) ?? '')['type']) ===
      'library'
    )
      await read(`charts/${name}`);
  return {
    name: textOf(chart['name']),
    library: chart['type'] === 'library',
    missing: wanted.map((one) => textOf(one['name'])).filter((name) => name !== '' && !has(name)),
    dependencies: [
      ...wanted.flatMap((one) => [textOf(one['alias']), textOf(one['name'])]),
      ...packed.map((one) => one.replace(/-v?\d[\w.+-]*\.tgz$/, '')),
    ].filter(Boolean),
    conditions: wanted
      .flatMap((one) =>
        textOf(one['condition'])
          .split(',')
          .map((part) => part.trim()),
      )
      .filter(Boolean),
    closed: !packed.some((one) => one.endsWith('.tgz')) && wanted.every((one) => has(textOf(one['name']))),
    templates,
  };
}

/**
 * What deployments give a chart besides its values.yaml: files beside that (`production.values.yaml`, `ci/test-values.yaml`), and the
 * paths that a pipeline, a script or a document sets (`--set image.tag=…`).
 */
export async function givenElsewhere(
  chart: string,
  files: Doors['files'],
): Promise<{ others: Map<string, string>; set: Set<string> }> {
  const others = new Map<string, string>();
  const own = chart.replace(/^\.?\/|\/$|^\.$/g, '');
  for (const file of await files.glob(
    ['**/*values*.{yaml,yml}', '**/values/*.{yaml,yml}'].map((one) => inFolder(own, one)),
  ))
    if (file !== inFolder(own, 'values.yaml') && !file.slice(own.length).includes('/charts/'))
      others.set(file, await files.readRaw(file));
  const set = new Set<string>();
  for (const file of await files.glob([
    '.github/workflows/*.{yaml,yml}',
    '.gitlab-ci.yml',
    '**/*.{sh,md}',
    '**/Makefile',
  ]))
    for (const [, list = ''] of (await files.readRaw(file)).matchAll(/--set(?:-\w+)?[ =]["']?([\w.,[\]-]+=[^\s]*)/g))
      for (const one of list.split(',')) set.add(one.split(/=|\[/)[0] ?? '');
  return { others, set };
}
