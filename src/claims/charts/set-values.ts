import { yamlOf } from '../../formats/data/yaml.ts';
import { inFolder } from '../../formats/data/paths.ts';
import { doubt, holds, type Verdict } from '../../formats/documents/verdict.ts';
import { Repository } from '../../repository/repository.ts';
import type { Word } from '../../formats/programs/shell.ts';
import { chartFolder } from './chart.ts';
import { knowsValue } from './values.ts';

/** The paths of values that `--set` and its likes give: `image.tag`, without places in lists. */
const setPaths = (args: readonly Word[]): string[] =>
  args.flatMap(({ text }, n) => {
    const given = /^--set(?:-string|-json|-file|-literal)?$/.test(args[n - 1]?.text ?? '')
      ? text
      : (/^--set(?:-string|-json|-file|-literal)?=(.*)$/s.exec(text)?.[1] ?? '');
    // A comma before another name begins another value; one in a list or behind a backslash does not.
    return given.split(/(?<!\\),(?=[\w.[\]-]+=)/).flatMap((part) => /^([A-Za-z][\w.[\]-]*)=/.exec(part)?.[1] ?? []);
  });

/** Values that a call of helm sets of a chart of the repository, and that neither its values nor its templates have. */
export async function setValues(
  repository: Repository,
  args: readonly Word[],
  cwds: readonly string[],
): Promise<Verdict[]> {
  const paths = /^(?:install|upgrade|template|lint)$/.test(args[0]?.text ?? '') ? setPaths(args) : [];
  if (paths.length === 0) return [];
  const folders = args
    .filter(({ text, open }) => !open && /^\.{0,2}\/?[\w./-]+$/.test(text))
    .flatMap(({ text }) => cwds.map((cwd) => Repository.join(cwd, text) ?? ''));
  for (const folder of new Set(folders.filter((one) => repository.folders.has(one)))) {
    const chart = await chartFolder(folder, repository.doors);
    if (!chart || chart.library) continue;
    const file = inFolder(folder, 'values.yaml');
    const values = yamlOf((await repository.doors.files.readIfThere(file)) ?? '');
    return paths.flatMap((path): Verdict[] => {
      const knows = knowsValue(path, values, chart);
      if (knows === undefined) return [];
      return [
        knows
          ? holds(`${file} has ${path}`)
          : doubt(`neither the values nor the templates of ${folder} know ${path}`, 'correct the name of the value'),
      ];
    });
  }
  return [];
}
