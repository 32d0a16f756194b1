import { parseMarkdown } from '../formats/documents/markdown.ts';
import { isHistory, readPath } from '../formats/documents/path-text.ts';
import { isTaskFile, parseTaskFile } from '../formats/documents/task-file.ts';
import { baseOf, folderOf, resolveFrom } from '../formats/data/paths.ts';
import type { ProjectTree as Tree } from '../toolchains/drafted.ts';

/** A stretch of the work that a path says it is of: of `docs/milestones/016/x.md` milestone 16, of `PHASE_3_COMPLETE.md` phase 3. */
interface Stage {
  kind: string;
  number: string;
  /** The folder that is called so; '' where it is the file. */
  folder: string;
}

const kinds = 'milestone|phase|sprint|iteration|stage|epic|week|session|day';
const worded = new RegExp(`(?:^|[-_ .])(${kinds})[-_ ]?0*(\\d+(?:[._]\\d+)*)(?![\\da-z])`, 'i');
const gathered = new RegExp(`^(${kinds})s$`, 'i');

/** What the names of a path say, outermost first. */
function stagesOf(path: string): Stage[] {
  const parts = path.split('/');
  return parts.flatMap((part, n) => {
    const isFile = n === parts.length - 1;
    const parent = gathered.exec(parts[n - 1] ?? '')?.[1];
    const [, kind = 'milestone', number] =
      worded.exec(part) ??
      /^()?m[-_]?0*(\d+)(?:[-_.]|$)/i.exec(part) ??
      (parent === undefined ? undefined : /^()?v?0*(\d+(?:\.\d+)*)(?=[-_. ]|$)/.exec(part)) ??
      [];
    if (number === undefined) return [];
    const of = worded.test(part) ? kind : (parent ?? 'milestone');
    return [
      {
        kind: of.toLowerCase(),
        number: number.replaceAll('_', '.').replace(/\.$/, ''),
        folder: isFile ? '' : parts.slice(0, n + 1).join('/'),
      },
    ];
  });
}

/** Is the one the other, or a part of it (phase 3.2 of phase 3)? */
const isOf = (own: Stage, other: Stage): boolean =>
  own.kind === other.kind && (other.number === own.number || other.number.startsWith(`${own.number}.`));

/** Is the path of another stretch of the work than the document's: another number, or a kind that the document has none of? */
export function isOfAnotherTime(path: string, told: string, milestone: string): boolean {
  const own = stagesOf(`${milestone}/${told}`);
  return stagesOf(path).some((stage) => !own.some((one) => isOf(one, stage)));
}

/** Is it of any stretch of the work, by its name or folder? */
export const isOfAStage = (path: string): boolean => stagesOf(path).length > 0;

/** `milestone-16`, by a path that says it; undefined where none does. */
export function stageName(path: string): string | undefined {
  const stage = stagesOf(path).at(-1);
  return stage && `${stage.kind}-${stage.number}`;
}

/** Names of what is yet to be done or of others' wording. */
const isLater =
  /^(?:.*[-_ ])?(?:PLAN|PLANNING|PROPOSAL|IDEAS|BRAINSTORM\w*|PROMPTS?|TEMPLATE|BACKLOG)(?:[-_ ].*)?\.md$/i;
/** Folders of no stretch of the work. */
const isGeneral = /^(?:docs?|documentation|reports?|status|roadmap|milestones?|tasks?|\.)$/i;

/**
 * The Markdown files of the milestone that a document belongs to: those below its folder (`docs/milestones/016/`), those that are
 * called like it elsewhere (`MILESTONE_16_TASKS.md`), and those of folders of tasks that it names. Not among them are the document
 * itself, plans, what is archived, and task files that say that they are not done: what they name has yet to be made.
 */
export function ownDocuments(tree: Tree, told: string, milestone: string): { paths: string[]; undone: string[] } {
  const own = stagesOf(`${milestone}/${told}`);
  const unit = unitOf(told, tree);
  const named = foldersNamedIn(tree, told);
  const inside = (folder: string, path: string): boolean => folder !== '' && path.startsWith(`${folder}/`);
  const paths = tree.paths.filter((path) => {
    if (path === told || !/\.(?:md|markdown)$/i.test(path) || isHistory(path) || isLater.test(baseOf(path)))
      return false;
    const stages = stagesOf(path);
    // What lies with it may be of its parts, and of another number of its own kind it is not.
    if (stages.some((stage) => own.some((one) => one.kind === stage.kind && !isOf(one, stage)))) return false;
    return (
      inside(unit, path) ||
      named.some((folder) => folderOf(path) === folder) ||
      stages.some((stage) => own.some((one) => isOf(one, stage)))
    );
  });
  const undone = paths.filter(
    (path) => isTaskFile(path) && parseTaskFile(path, tree.text(path) ?? '').statements[0]?.state === 'pending',
  );
  return { paths: paths.filter((path) => !undone.includes(path)), undone };
}

/** The folder of all that belongs to the milestone of a document; '' where the document lies with others. */
function unitOf(told: string, tree: Tree): string {
  const stage = stagesOf(told).findLast((one) => one.folder !== '');
  if (stage) return stage.folder;
  const [, below] = /^((?:.*\/)?(?:milestones|phases|sprints|roadmap)\/[^/]+)\//i.exec(told) ?? [];
  if (below !== undefined) return below;
  const folder = folderOf(told);
  const tasks = tree.paths.filter((path) => folderOf(path) === folder && isTaskFile(path));
  return tasks.length > 1 && !isGeneral.test(baseOf(folder)) ? folder : '';
}

/** Folders of task files that the document names. */
function foldersNamedIn(tree: Tree, told: string): string[] {
  const { spans, links } = parseMarkdown(tree.text(told) ?? '');
  const texts = [...spans.map(({ text }) => text), ...links.map(({ href }) => href.replace(/#.*$/, ''))];
  const bases = ['', folderOf(told)];
  const folders = texts
    .flatMap((text) => readPath(text)?.paths ?? [])
    .flatMap((path) => bases.flatMap((base) => resolveFrom(base, path.replace(/\/$/, '')) ?? []))
    .map((path) => (isTaskFile(path) ? folderOf(path) : path));
  return [...new Set(folders)].filter(
    (folder) => tree.paths.filter((path) => folderOf(path) === folder && isTaskFile(path)).length > 1,
  );
}
