import { baseOf, folderOf } from '../../data/paths.ts';
import type { Provider } from '../provisioning.ts';
import { placeIn, type SeenBoard } from './board-findings.ts';
import { organisationsOf } from './organisations.ts';
import type { BoardJudge } from './problems.ts';

/** Do the names of two files say that they are two editions of one dashboard, or examples, for people to choose from? */
const alternatives = (one: string, other: string): boolean => {
  const stem = (path: string): string =>
    baseOf(path).replace(/(?:^|[-_.])(?:legacy|old|classic|deprecated|new|next|backup|copy|v?\d+)(?=[-_.]|$)/gi, '');
  const named = baseOf(one) !== baseOf(other) && stem(one) === stem(other);
  return named || /(?:^|\/)(?:examples?|samples?|docs?)\//.test(one);
};

/**
 * @param together Grafana surely loads all of them; otherwise they may be there to be chosen from
 * @param intoFolder the folder of Grafana's that a file comes into, where one provider makes one folder of all that it loads
 */
export function judgeIdentity(
  j: BoardJudge,
  boards: readonly SeenBoard[],
  providers: readonly Pick<Provider, 'path' | 'orgId'>[],
  together: boolean,
  intoFolder: (file: string) => string | undefined,
): void {
  const uids = new Map<string, SeenBoard[]>();
  const titles = new Map<string, SeenBoard>();
  for (const seen of boards) {
    const { board, file } = seen;
    const at = (line: number) => ({ subject: board.title, where: placeIn(seen, line) });
    const { uid, title } = board;
    if (uid === '') j.find('uid-missing', `${title} has no uid`, { ...at(board.titleLine), cause: 'uid' });
    else if (!/^[\w-]{1,40}$/.test(uid)) j.find('uid-bad', `${title} has the uid ${uid}`, at(board.uidLine));
    const orgs = organisationsOf(file, providers);
    const rivals = uid === '' ? [] : (uids.get(uid) ?? []);
    const same = rivals.find((other) => organisationsOf(other.file, providers).some((org) => orgs.includes(org)));
    // The same file twice is likely a copy for another way to deploy; each organisation has its own uids.
    if (same) {
      const certain =
        same.sha256 !== seen.sha256 && orgs.length === 1 && organisationsOf(same.file, providers).length === 1;
      // Of one title in another folder: the same dashboard once more, for another way to deploy it.
      const again = title === same.board.title && folderOf(file) !== folderOf(same.file);
      const toChoose = !together && (again || alternatives(file, same.file));
      j.find('uid-duplicate', `${file} has the same uid, ${uid}, as ${same.file}`, {
        ...at(board.uidLine),
        level: toChoose ? 'note' : certain ? 'error' : 'warning',
        ...(toChoose && { cause: 'again' }),
      });
    } else if (uid !== '') uids.set(uid, [...rivals, seen]);
    const key = `${intoFolder(file) ?? folderOf(file)} ${title}`;
    const twin = titles.get(key);
    if (twin)
      j.find('title-duplicate', `${file} has the title ${title} of ${twin.file}`, {
        ...at(board.titleLine),
        ...(!together && alternatives(file, twin.file) && { level: 'note' as const }),
      });
    else titles.set(key, seen);
  }
}
