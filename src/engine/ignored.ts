import { lstatSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import type { Ignored } from '../core/record.ts';
import { digestFile } from '../evidence/digest.ts';
import { composeFile, volumesOf } from '../formats/compose/written.ts';
import type { Checkout } from '../hosts/checkout.ts';
import { entryAt } from '../evidence/entry.ts';
import { git } from '../hosts/git.ts';
import { toolchains } from '../toolchains/index.ts';
import { isLeftOut, type LeftOut } from '../hosts/left-out.ts';

/** Read without being named: by Compose, and by the toolchains. */
const unasked = ['.env', ...toolchains.flatMap((one) => one.unasked)];
/** What builds write, and what editors and systems leave. */
const written = /(?:^|\/)(?:target|dist|build|bin|out|node_modules|__pycache__|\.venv)\//;
const litter = /(?:^|\/)(?:\.DS_Store|Thumbs\.db)$|~$|\.sw[op]$/;
const maxFiles = 500;

/**
 * What git ignores in the target, at the start of a run: the files that the checklist's texts name (`others`), that its Compose files
 * mount, and that programs read unasked; and the names of all that is there. undefined where there is no git to say.
 * @param inputs files of the tree that the checklist leans on, among them the Compose files
 */
export async function lookAtIgnored(
  checkout: Checkout,
  inputs: readonly string[],
  others: readonly string[],
  leave: LeftOut,
): Promise<Ignored | undefined> {
  const target = checkout.root;
  const list = async (...args: string[]): Promise<string[] | undefined> =>
    (await git(target, ['ls-files', '-o', '-i', '--exclude-standard', '-z', ...args]))
      ?.split('\0')
      .filter((path) => path !== '');
  const present = await list('--directory');
  if (present === undefined) return undefined;
  const ours = (path: string): boolean => isLeftOut(path.replace(/\/$/, ''), { ...leave, outputs: [] });
  const { files, folders } = composeReads(checkout, inputs);
  const below = folders.length === 0 ? [] : ((await list('--', ...folders)) ?? []);
  const named = [...others, ...unasked, ...files, ...below];
  const ignored = new Set(await list('--', ...new Set(named)).then((found) => found ?? []));
  const paths = [...new Set(named)].filter(
    (path) => ignored.has(path) && !ours(path) && !litter.test(path) && lstatSync(join(target, path)).isFile(),
  );
  return {
    files: paths
      .toSorted()
      .slice(0, maxFiles)
      .map((path) => ({
        path,
        sha256: digestFile(join(target, path)).sha256,
        held: !written.test(path) && !isLeftOut(path, leave),
      })),
    present: present.filter((path) => !ours(path) && !holdsOurs(path, leave) && !litter.test(path)).slice(0, maxFiles),
  };
}

/** At the end of the run: what the run itself changed is no input of it. */
export function unlessChanged(target: string, ignored: Ignored | undefined): { ignored?: Ignored } {
  if (!ignored) return {};
  const same = ({ path, sha256 }: Ignored['files'][number]): boolean =>
    entryAt(join(target, path))?.isFile() === true && digestFile(join(target, path)).sha256 === sha256;
  return {
    ignored: { ...ignored, files: ignored.files.map((file) => ({ ...file, held: file.held && same(file) })) },
  };
}

/** A folder that git ignores as a whole, and in which the runs are kept. */
const holdsOurs = (path: string, { reports }: LeftOut): boolean =>
  reports !== undefined && `${reports}/`.startsWith(path.endsWith('/') ? path : `${path}/`);

/** What the Compose files among the inputs mount and read by their own rules, below the target. */
function composeReads(checkout: Checkout, inputs: readonly string[]): { files: string[]; folders: string[] } {
  const target = checkout.root;
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const input of inputs.filter((path) => /\.ya?ml$/.test(path) && !path.startsWith('..'))) {
    const { services } = composeFile(checkout.text(join(target, input)));
    const home = dirname(input);
    if (Object.keys(services).length > 0) files.add(normalize(join(home, '.env')));
    for (const service of Object.values(services))
      for (const { source } of volumesOf(service)) {
        if (!/^\.{1,2}(?:\/|$)/.test(source)) continue;
        const path = relative(target, join(target, home, source))
          .split(sep)
          .join('/');
        const entry = path === '' || path.startsWith('..') ? undefined : entryAt(join(target, path));
        if (entry?.isFile() === true) files.add(path);
        else if (entry?.isDirectory() === true) folders.add(path);
      }
  }
  return { files: [...files], folders: [...folders] };
}
