import { posix } from 'node:path';
import { doubt, type Verdict } from '../formats/documents/verdict.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';

const makesExecutable =
  /^.*(?:\bchmod\s+(?:-\w+\s+)*["']?(?:[ugoa]*\+[rwX]*x|[0-7]{0,2}[1357][0-7]{2}\b)|core\.fileMode|--chmod=\+x|\binstall -m).*$/gim;
/** Of more documents it is not asked. */
const most = 400;
const known = new WeakMap<Repository, Promise<string[] | undefined>>();

/** The lines of documents, scripts and workflows that have something made executable; undefined where there are too many to read. */
async function linesOfChmod(repository: Repository, sources: Sources): Promise<string[] | undefined> {
  const documents = repository.files.filter((path) => /\.(?:mdx?|rst|txt)$/.test(path));
  if (documents.length > most) return undefined;
  const texts = [...(await sources.texts())]
    // What an image makes executable is so in the image.
    .flatMap(([path, text]) => (/Dockerfile|Containerfile/i.test(path) ? [] : [text]));
  for (const path of documents) texts.push((await repository.doors.files.readIfThere(path)) ?? '');
  return texts.flatMap((text) =>
    text.includes('chmod') || text.includes('install -m') ? (text.match(makesExecutable) ?? []) : [],
  );
}

/** A shell's script that is called by its path (`./start.sh`), and that neither git nor anything that is written makes executable. */
export async function lockedScript(repository: Repository, sources: Sources, path: string): Promise<Verdict[]> {
  if (!/\.(?:sh|bash)$/.test(path) || !(await repository.isPlain(path))) return [];
  const asked = known.get(repository) ?? linesOfChmod(repository, sources);
  known.set(repository, asked);
  const name = posix.basename(path);
  // `chmod +x *.sh`, and what a loop or a variable names.
  if (
    (await asked)?.every((line) => !line.includes(name) && !/[*$]|\bfind\b|xargs|chmod -R|core\./.test(line)) !== true
  )
    return [];
  return [
    {
      ...doubt(
        'git does not keep the script as executable: a fresh checkout says "Permission denied"',
        `git update-index --chmod=+x ${path}, or write bash ${path}`,
      ),
      cause: 'scripts that are not executable',
      more: ', and {n} more are called so',
    },
  ];
}
