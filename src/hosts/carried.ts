import { userGit } from './git.ts';
import { namesOf } from './path-bytes.ts';

/** A file that git would leave behind, and the rule by which it does. */
export interface LeftBehind {
  path: string;
  /** `FILE:LINE: PATTERN` */
  rule: string;
}

/**
 * Which files of a folder `git add` would leave behind, by whatever rule the user's own git goes by. What is tracked already is not.
 * @param files relative to the folder
 * @returns undefined where the folder lies in no repository
 */
export async function leftBehind(folder: string, files: readonly string[]): Promise<LeftBehind[] | undefined> {
  if ((await userGit(folder, ['rev-parse', '--is-inside-work-tree'])) !== 'true\n') return undefined;
  // Ends with 1 where nothing is ignored.
  const said = (await userGit(folder, ['check-ignore', '-v', '-z', '--stdin'], files.join('\0'))) ?? '';
  const fields = said.split('\0');
  const found: LeftBehind[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [source = '', line = '', pattern = '', path = ''] = fields.slice(at, at + 4);
    if (!pattern.startsWith('!')) found.push({ path, rule: `${source}:${line}: ${pattern}` });
  }
  return found;
}

/** Does git track any of these files, or is one staged? */
export async function anyTracked(folder: string): Promise<boolean> {
  return namesOf(Buffer.from((await userGit(folder, ['ls-files', '-z', '--', '.'])) ?? '')).length > 0;
}
