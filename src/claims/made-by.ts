import { escapeRegex } from '../core/patterns.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';

/** Files whose commands write: workflows, scripts, makefiles, and sources that make folders. */
const writers = /\.(?:ya?ml|sh|bash|ps1|py|[cm]?[jt]s|mk|toml|json)$|(?:^|\/)(?:Makefile|[Jj]ustfile)$/;

/** Does a script or workflow write the path, or make the folder that it lies in and that no commit has? Then a run puts it there. */
export async function isWrittenBy(sources: Sources, repository: Repository, path: string): Promise<boolean> {
  const folder = path.replace(/\/?[^/]*\/?$/, '');
  const wanted = [
    path.replace(/\/$/, ''),
    ...(folder.includes('/') && !repository.folders.has(folder) ? [folder] : []),
  ];
  // Most paths stand in no source at all, which is known without a look into each.
  if (!(await Promise.all(wanted.map((one) => sources.containText(one)))).includes(true)) return false;
  const named = wanted.map(escapeRegex).join('|');
  const writes = new RegExp(
    String.raw`(?:>>?|\b(?:mkdir(?:\s+-\w+)*|tee(?:\s+-a)?|touch|makedirs|mkdirSync|writeFile\w*)|--?out[\w-]*[= ]|\s-o)[\s("']*(?:\./)?(?:${named})(?![\w/-])`,
  );
  const texts = [...(await sources.matching(writers)).values()];
  return texts.some((text) => wanted.some((one) => text.includes(one)) && writes.test(text));
}
