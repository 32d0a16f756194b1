/** Paths of the repository: relative to its root, with slashes; the root itself is ''. */

/** The last part of a path. */
export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** All before it. */
export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
export const inFolder = (folder: string, name: string): string =>
  folder === '' || folder === '.' ? name : `${folder}/${name}`;
/** Is the path in the folder, or below it? */
export const liesIn = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** `a/b` and `../c/./d` → `a/c/d`; undefined where it leads out of the repository. */
export function resolveFrom(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of inFolder(folder, path).split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Folders from the one that holds `file` up to the root. */
export function foldersAbove(file: string): string[] {
  const folders: string[] = [];
  for (let at = folderOf(file); at !== '' && at !== '.'; at = folderOf(at)) folders.push(at);
  return [...folders, ''];
}

/** The folders from one up to the root. */
export const upward = (folder: string): string[] => {
  const found = [folder];
  for (let one = folder; one !== '';) found.push((one = folderOf(one)));
  return found;
};

/** Of `apps/a/README.md` and `apps/b/x`: each lies in a folder of its own below one that they share. */
export function liesBeside(document: string, file: string): boolean {
  const [a, b] = [document.split('/'), file.split('/')];
  return a.length > 2 && b.length > 2 && a[0] === b[0] && a[1] !== b[1];
}
