import { objectOf, textOf } from '../formats/data/json-parts.ts';
import type { Ids } from './draft.ts';
import { outermost, type DraftItem, type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { isUnitTemplate } from '../formats/programs/systemd-verify.ts';
import { tomlOf } from '../formats/data/toml.ts';
import { baseOf, folderOf, inFolder } from '../formats/data/paths.ts';

/** The repository's own programs and the files that call them, where it has both. */
const aside = /(?:^|\/)(?:examples?|testdata|fixtures?|tests?|templates)\//;
const isManifest = (tree: Tree, path: string): boolean =>
  /\.ya?ml$/.test(path) &&
  !aside.test(path) &&
  /^kind:\s*(?:Deployment|StatefulSet|DaemonSet|CronJob|Job|Pod)\s*$/m.test(tree.text(path) ?? '');
/** Does a script or workflow pipe something on that runs tests? */
const pipesTests = (tree: Tree, path: string): boolean =>
  (/\.(?:sh|bash)$/.test(path) || path.startsWith('.github/workflows/')) &&
  !aside.test(path) &&
  /\b(?:test|pytest|unittest|clippy|vet|jest|vitest|check|lint|verify)\b[^\n|]*\|(?!\|)/.test(tree.text(path) ?? '');

export function callsItem(tree: Tree, ids: Ids): DraftItem[] {
  const names = new Set<string>();
  for (const path of tree.paths) {
    const folder = folderOf(path);
    if (baseOf(path) === 'Cargo.toml' && tree.paths.includes(inFolder(folder, 'src/main.rs')))
      names.add(textOf(objectOf(tomlOf(tree.text(path))?.['package'])['name']));
    else if (baseOf(path) === 'main.go' && /(?:^|\/)cmd\/[^/]+$/.test(folder)) names.add(baseOf(folder));
    else if (baseOf(path) === 'pyproject.toml')
      for (const name of Object.keys(objectOf(objectOf(tomlOf(tree.text(path))?.['project'])['scripts'])))
        names.add(name);
  }
  names.delete('');
  const calls = tree.paths.some((path) => {
    if (!/(?:^|\/)(?:Dockerfile|[\w.-]*compose[\w.-]*\.ya?ml|[\w@.-]+\.service)$/.test(path)) return false;
    if (/(?:^|\/)(?:examples?|testdata|fixtures?|tests?)\//.test(path)) return false;
    const lines = (tree.text(path) ?? '').match(/^.*(?:ENTRYPOINT|CMD|ExecStart|command|entrypoint|test)\b.*$/gm) ?? [];
    return [...names].some((name) =>
      lines.some((line) => new RegExp(`(?<![\\w-])${name.replace(/[^\w-]/g, '.')}(?![\\w-])`).test(line)),
    );
  });
  if (!calls && !tree.paths.some((path) => isManifest(tree, path) || pipesTests(tree, path))) return [];
  return [
    {
      id: ids.take('program-calls'),
      title: 'What calls the repository’s programs uses arguments that they have',
      impact: 'major',
      steps: [{ id: ids.take('calls'), uses: 'code/calls' }],
    },
  ];
}

/** Each chart that can be rendered, with the values that its own checks in CI take (`ci/*-values.yaml`), where it has some. */
export function chartsItem(tree: Tree, ids: Ids): DraftItem[] {
  const charts = outermost(tree, /^Chart\.yaml$/).filter(
    (path) => !aside.test(path) && !/^type:\s*["']?library\b/m.test(tree.text(path) ?? ''),
  );
  const steps = charts.map((path) => {
    const folder = folderOf(path);
    const values = tree.paths.find((one) => folderOf(one) === inFolder(folder, 'ci') && /-values\.ya?ml$/.test(one));
    return {
      id: ids.take(charts.length === 1 ? 'chart' : `chart-${baseOf(folder)}`),
      uses: 'helm/template',
      with: { chart: folder || '.', ...(values !== undefined && { values: [values] }) },
    };
  });
  if (steps.length === 0) return [];
  return [
    { id: ids.take('charts'), title: 'The charts render, and what they render is consistent', impact: 'major', steps },
  ];
}

/** The units of systemd that lie as they are installed; those with placeholders are made by an installation. */
export function unitsItem(tree: Tree, ids: Ids): DraftItem[] {
  const units = tree.paths.filter((path) => {
    if (!/\.(?:service|timer|socket)$/.test(path) || aside.test(path)) return false;
    const text = tree.text(path) ?? '';
    return (
      /^\[(?:Unit|Service|Timer|Socket)\]\s*$/m.test(text) &&
      !isUnitTemplate(text) &&
      !/^(?:User|Group|WorkingDirectory|ExecStart)=\$/m.test(text)
    );
  });
  if (units.length === 0) return [];
  return [
    {
      id: ids.take('units'),
      title: 'systemd takes the units',
      impact: 'major',
      steps: [{ id: ids.take('systemd-units'), uses: 'systemd/units', with: { units } }],
    },
  ];
}
