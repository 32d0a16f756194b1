import { changedPaths, lookAgain, type Snapshot } from '../hosts/tree.ts';
import type { Heard } from '../hosts/folder-watch.ts';
import type { TreeState } from '../core/record.ts';
import type { TreeChange } from '../core/tree-change.ts';

/** Milliseconds that a file's time may lag behind the clock: the kernel stamps files with its tick. */
const lag = 20;

interface Noted {
  path: string;
  removed: boolean;
  /** A folder that was moved and is back: its files are as they were. */
  moved: boolean;
  /** The change lies between these two, milliseconds since the epoch. */
  from: number;
  to: number;
}

/**
 * Notices that tracked files change while steps run, and which steps it may have been: those that ran between the last look at
 * which the file was as before and the one that found it changed, narrowed by the file's own time (ctime, which no program sets).
 */
export class TreeWatch {
  readonly #target: string;
  readonly #known: Pick<Snapshot, 'files' | 'folders'>;
  readonly #noted: Noted[] = [];
  readonly #windows: { step: string; from: number; to: number }[] = [];
  #lastLook = Date.now();

  constructor(target: string, before: Pick<Snapshot, 'files' | 'folders'>) {
    this.#target = target;
    this.#known = { files: new Map(before.files), folders: new Map(before.folders) };
  }

  /** Was the file there when the run began, and not ignored by git? */
  knows(path: string): boolean {
    return this.#known.files.has(path);
  }

  /** A step (an attempt of it) begins; returns what ends it. */
  begin(step: string): () => void {
    const window = { step, from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.#windows.push(window);
    return () => {
      window.to = Date.now();
    };
  }

  /** What changed while a step ran, up to now. */
  changes(step: string): TreeChange[] {
    this.#look();
    const own = this.#windows.findLast((window) => window.step === step);
    if (!own) return [];
    return this.#noted
      .filter(({ from, to, moved }) => !moved && from <= own.to && to >= own.from)
      .map((one) => ({
        path: one.path,
        removed: one.removed,
        others: this.#during(one).filter((name) => name !== step),
      }));
  }

  /** Each changed file and what ran when it changed; one name is the culprit's. */
  suspects(): Record<string, string[]> {
    this.#look();
    return Object.fromEntries(this.#noted.map((one) => [one.path, this.#during(one)]));
  }

  #look(): void {
    const now = Date.now();
    for (const { path, removed, moved = false, at } of lookAgain(this.#target, this.#known))
      this.#noted.push({
        path,
        removed,
        moved,
        from: Math.max(this.#lastLook, (at ?? 0) - lag),
        to: Math.min(now, (at ?? now) + lag),
      });
    this.#lastLook = now;
  }

  #during({ from, to }: Noted): string[] {
    const windows = this.#windows.filter((window) => from <= window.to && to >= window.from);
    return [...new Set(windows.map((window) => window.step))];
  }
}

/** What changed between start and end of the run, and which steps ran then. */
export function changesOf(
  before: Snapshot,
  after: Snapshot,
  watch: TreeWatch,
  { moved, cameAndWent }: Heard,
): Pick<TreeState, 'changed' | 'changedBy' | 'cameAndWent'> {
  const [was, now] = [before.state.commit, after.state.commit];
  const head = was === now ? [] : [`HEAD (${was?.slice(0, 12) ?? 'none'}, then ${now?.slice(0, 12) ?? 'none'})`];
  const changed = [...new Set([...head, ...changedPaths(before, after), ...moved])].toSorted().slice(0, 200);
  return {
    changed,
    ...(changed.length > 0 && { changedBy: watch.suspects() }),
    ...(cameAndWent.length > 0 && { cameAndWent }),
  };
}
