import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { extname, join } from 'node:path';
import { askGit } from './git.ts';
import { bytesOfPath, namesOf, shownPath, textOfPath } from './path-bytes.ts';
import { folderAt, type FolderState } from './folders.ts';
import { isLeftOut, type LeftOut } from './left-out.ts';
import type { Snapshot } from './tree.ts';

/** Folders that are watched at most: the kernel has a limit for each user. */
const maxFolders = 8192;
/** Names that are kept, and of these files that are no longer there. */
const maxNames = 10_000;
const maxGone = 50;
/** Milliseconds that the kernel's last events may take to arrive. */
const settleMs = 30;

/** What is heard of a folder may be of its permissions; of these alone it can be told by them. */
const isOther = (before: FolderState, now: FolderState | undefined): boolean =>
  now?.ino !== before.ino || (now.ctime !== before.ctime && now.access === before.access);

export interface Heard {
  /** Tracked files, and folders with a slash at the end, that were made, removed or renamed. */
  moved: string[];
  /** Files beside them that are not there any more, of a kind that the tree has: a program may have read them. */
  cameAndWent: string[];
}

/**
 * Hears what is made, removed and renamed in the folders that hold tracked files, while a run goes on: what came and went leaves no
 * trace in the tree itself. On Linux only, by inotify; elsewhere, and above the kernel's limits, nothing is heard.
 */
export class FolderWatch {
  readonly #target: string;
  readonly #before: Snapshot;
  readonly #leave: LeftOut;
  readonly #open: FSWatcher[] = [];
  readonly #heard = new Set<string>();

  constructor(target: string, before: Snapshot, leave: LeftOut) {
    this.#target = target;
    this.#before = before;
    this.#leave = leave;
    if (process.platform !== 'linux' || before.unversioned !== undefined || before.folders.size >= maxFolders) return;
    for (const folder of ['', ...before.folders.keys()]) this.#listen(folder);
  }

  #listen(folder: string): void {
    try {
      const own = watch(
        bytesOfPath(join(this.#target, folder)),
        { persistent: false, encoding: 'buffer' },
        (event, name) => {
          if (event !== 'rename' || name === null || this.#heard.size >= maxNames) return;
          const text = textOfPath(name);
          this.#heard.add(folder === '' ? text : `${folder}/${text}`);
        },
      );
      own.on('error', () => own.close());
      this.#open.push(own);
    } catch {
      // Gone, or no more may be watched: the stamps of files and folders are compared all the same.
    }
  }

  /** What was heard, once the kernel has told all of it. */
  async heard(): Promise<Heard> {
    if (this.#open.length > 0) await new Promise((done) => setTimeout(done, settleMs));
    const { files, folders } = this.#before;
    const kinds = new Set([...files].flatMap(([path, { tracked }]) => (tracked ? [extname(path)] : [])));
    const moved: string[] = [];
    const gone: string[] = [];
    for (const path of this.#heard) {
      const folder = folders.get(path);
      if (folder) {
        if (isOther(folder, folderAt(bytesOfPath(join(this.#target, path))))) moved.push(`${shownPath(path)}/`);
      } else if (files.get(path)?.tracked === true) moved.push(shownPath(path));
      else if (kinds.has(extname(path)) && !isLeftOut(path, this.#leave) && !this.#isThere(path) && !this.#became(path))
        gone.push(path);
    }
    const ignored = await this.#ignored(gone.slice(0, maxGone));
    const cameAndWent = gone.slice(0, maxGone).filter((path) => !ignored.has(path));
    return { moved: moved.toSorted(), cameAndWent: cameAndWent.map(shownPath).toSorted() };
  }

  close(): void {
    for (const own of this.#open.splice(0)) own.close();
  }

  /** A name with six random characters at its end that became the name without them: how cargo makes `target`, whole or not at all. */
  #became(path: string): boolean {
    const [, name = ''] = /^(.*[^/])[A-Za-z0-9]{6}$/.exec(path) ?? [];
    return name !== '' && this.#heard.has(name) && this.#isThere(name);
  }

  #isThere(path: string): boolean {
    return lstatSync(bytesOfPath(join(this.#target, path)), { throwIfNoEntry: false }) !== undefined;
  }

  async #ignored(paths: readonly string[]): Promise<Set<string>> {
    if (paths.length === 0) return new Set();
    const input = Buffer.concat(paths.flatMap((path) => [Buffer.from(bytesOfPath(path)), Buffer.of(0)]));
    const answer = await askGit(this.#target, ['check-ignore', '-z', '--no-index', '--stdin'], [], input);
    return new Set('said' in answer ? namesOf(answer.said) : []);
  }
}
