import { parseMarkdown } from '../formats/documents/markdown.ts';
import { isHistory, readPath } from '../formats/documents/path-text.ts';
import { commandsOfFence } from '../formats/programs/shell.ts';
import { isTaskFile, parseTaskFile } from '../formats/documents/task-file.ts';
import { type Ids } from './draft.ts';
import { type DraftItem, type DraftStep, type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { isOfAnotherTime, isOfAStage } from './own-documents.ts';
import { resolveFrom, baseOf, folderOf, inFolder } from '../formats/data/paths.ts';

/** Documents of intentions, of the past and of others' wording: what they name need not be there. */
const intentions =
  /(?:^|\/)(?:adrs?|decisions|rfcs?|proposals?|plans?|planning|design|designs|archive|archived|old|drafts?|notes|meetings?|templates?|scaffold(?:s|ing)?|skeletons?|boilerplates?|cookiecutter|blog|posts|specs?|research|i18n|locales?|translations?|zh|zh-cn|ja|ko|fr|es|de|pt|ru)\/|(?:^|\/)docs?\/(?:[a-z]{2,3}-[A-Z]{2}|zh-Han[st])\//i;
const ofOthers =
  /^(?:CODE_OF_CONDUCT|LICENSE|SECURITY|PULL_REQUEST_TEMPLATE|ISSUE_TEMPLATE|TODO|ROADMAP|PLAN|CLAUDE|AGENTS|THIRD[-_]PARTY)/i;
const ofMilestone = /(?:^|\/)(?:roadmap|milestones?)(?:\/|$)|(?:^|\/)milestone[-_]?\d+(?:\/|$)/i;
const planned =
  /^(?:(?:.*[-_ ])?(?:PLAN|PLANNING|PROPOSAL|SPEC|DESIGN|IDEAS|BRAINSTORM\w*|PROMPTS?|TEMPLATE)(?:[-_ ].*)?|task[-_]?\d+.*)\.md$/i;

/** Plans, by their name; specifications and designs may be of what is. */
const later = /^(?:.*[-_ ])?(?:PLAN|PLANNING|PROPOSAL|IDEAS|BRAINSTORM\w*|PROMPTS?|TEMPLATE|BACKLOG)(?:[-_ ].*)?\.md$/i;

/** Documents whose claims are about the repository as it is now. */
function documents(tree: Tree, milestone: string): string[] {
  return tree.paths.filter((path) => {
    const name = baseOf(path);
    if (!/\.(?:md|markdown)$/i.test(name) || isHistory(path) || ofOthers.test(name)) return false;
    // Of milestones only the one that is checked speaks of now.
    if (ofMilestone.test(path))
      return (
        folderOf(path).split('/').includes(milestone) &&
        !/^\d/.test(name) &&
        !planned.test(name) &&
        !intentions.test(path)
      );
    return (
      !intentions.test(path) &&
      !later.test(name) &&
      (/^README/i.test(name) ||
        !path.includes('/') ||
        /^docs?\//i.test(path) ||
        /(?:^|\/)(?:runbooks?|operations|ops)\//i.test(path))
    );
  });
}

const isComposeFile = (path: string): boolean => /(?:^|[./-])compose[\w.-]*\.ya?ml$/.test(path);

/** Is there anything in it that docs/claims can look up? */
export function claimsSomething(tree: Tree, path: string): boolean {
  const text = tree.text(path) ?? '';
  const { links, spans, fences } = parseMarkdown(text);
  const there = (span: string): boolean => {
    const paths = readPath(span)?.paths ?? [];
    return paths.some((one) => {
      const at = resolveFrom(folderOf(path), one);
      // A file that is not there, in a folder that is, is what documents are read for.
      const folder = one.includes('/') ? `${one.split('/')[0]}/` : undefined;
      return (
        (at !== undefined && tree.paths.includes(at)) ||
        tree.paths.includes(one) ||
        (folder !== undefined && tree.paths.some((path) => path.startsWith(folder)))
      );
    });
  };
  const given = fences.flatMap((fence) => [
    ...(commandsOfFence(fence.lang, fence.text) ?? '').matchAll(
      /docker[ -]compose\s(?:.*\s)?(?:-f|--file)[ =](?![^\s]*[<$])\S+\.ya?ml/g,
    ),
  ]);
  return (
    given.length > 0 ||
    links.some(({ href }) => href !== '' && !/^(?:[a-z][a-z+.-]*:|\/)/i.test(href)) ||
    spans.some((span) => there(span.text)) ||
    (/`[\w.-]+`\s+(?:is|are)\s+(?:set|limited|configured)\s+(?:to|at)\s/.test(text) &&
      tree.paths.some(isComposeFile)) ||
    fences.some((fence) => runsSomething(tree, path, commandsOfFence(fence.lang, fence.text) ?? ''))
  );
}

/** Runners, and the files beside the document or at the root without which nothing can be said of what they run. */
const runners: [command: RegExp, files: readonly string[]][] = [
  [/^\s*\$?\s*make\s+[a-z]/m, ['Makefile', 'GNUmakefile', 'makefile']],
  [/^\s*\$?\s*just\s+[a-z]/m, ['justfile', 'Justfile', '.justfile']],
  [/^\s*\$?\s*task\s+[a-z]/m, ['Taskfile.yml', 'Taskfile.yaml']],
  [/^\s*\$?\s*(?:npm|pnpm|yarn)\s+run\s+[a-z]/m, ['package.json']],
  [
    /^\s*\$?\s*(?:sudo\s+)?docker[ -]compose\s/m,
    ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'],
  ],
  [/^\s*\$?\s*cargo\s+(?:build|run|test|clippy|bench)\b/m, ['Cargo.toml']],
];

/** Does a block run a script or a runner of the repository? */
function runsSomething(tree: Tree, path: string, commands: string): boolean {
  const folders = ['', folderOf(path)];
  const there = (name: string): boolean => folders.some((folder) => tree.paths.includes(inFolder(folder, name)));
  const scripts = [...commands.matchAll(/^\s*\$?\s*(?:bash\s+|sh\s+)?(?:\.\/)?([\w./-]+\.sh)\b/gm)].map(
    ([, name = '']) => name,
  );
  return scripts.some(there) || runners.some(([command, names]) => command.test(commands) && names.some(there));
}

/** What a draft is about: all of a repository or, where it is drafted from a document, that document's milestone. */
export interface Scope {
  milestone: string;
  /** The document that it is drafted from; it has a step of its own. */
  told?: string;
  /** Documents of the milestone, beside the one that it is drafted from. */
  own: readonly string[];
  /** Its task files that say that they are not done. */
  undone: readonly string[];
  /** Also what belongs to no milestone, or to another. */
  whole: boolean;
  /** How many folders of tasks, and documents, were left aside. */
  aside: { tasks: number; documents: number };
}
const isInScope = (folder: string, { milestone, told, own, whole }: Scope): boolean =>
  whole ||
  folder.split('/').includes(milestone) ||
  own.some((path) => folderOf(path) === folder && isTaskFile(path)) ||
  (told !== undefined && told.includes('/') && folder === folderOf(told));

/** The documents that a document names as its deliverables: what they say is promised with it. */
function namedIn(tree: Tree, told: string): Set<string> {
  const { spans, links } = parseMarkdown(tree.text(told) ?? '');
  const texts = [...spans.map((span) => span.text), ...links.map((link) => link.href.replace(/#.*$/, ''))];
  const bases = ['', folderOf(told)];
  return new Set(
    texts
      .flatMap((text) => readPath(text)?.paths ?? [])
      .filter((path) => /\.(?:md|markdown)$/i.test(path))
      .flatMap(
        (path) => bases.flatMap((base) => resolveFrom(base, path) ?? []).find((at) => tree.paths.includes(at)) ?? [],
      )
      .filter((path) => path !== told && !isHistory(path) && !ofOthers.test(baseOf(path)) && !/^\d/.test(baseOf(path))),
  );
}

/** The folders of paths, as a sentence names them. */
function foldersOf(paths: readonly string[]): string {
  const folders = [...new Set(paths.map((path) => folderOf(path) || 'the root'))];
  return folders.length > 4 ? `${folders.slice(0, 3).join(', ')} and ${folders.length - 3} more` : folders.join(', ');
}

export function documentsItem(tree: Tree, scope: Scope, ids: Ids): DraftItem[] {
  const { milestone, told = '', own, undone } = scope;
  const now = documents(tree, milestone).filter((path) => path !== told && !undone.includes(path));
  const found = now.filter((path) => isInScope(folderOf(path), scope) || !isOfAnotherTime(path, told, milestone));
  const named = told === '' ? [] : [...namedIn(tree, told)];
  // What other documents say of the repository as it is, a milestone promises too; those of other milestones are not among them.
  const all = [...new Set([...found, ...named, ...own])];
  const ofOthersToo = tree.paths.filter(
    (path) => /\.(?:md|markdown)$/i.test(path) && isOfAStage(path) && !isHistory(path),
  );
  if (!scope.whole)
    scope.aside.documents = [...new Set([...now, ...ofOthersToo])].filter(
      // Task files are counted by their folders.
      (path) => path !== told && !all.includes(path) && !isTaskFile(path),
    ).length;
  if (!all.some((path) => claimsSomething(tree, path))) return [];
  return [
    {
      id: ids.take('documents'),
      title: 'What the documents say is true',
      impact: 'major',
      steps: [
        {
          id: ids.take('docs-claims'),
          uses: 'docs/claims',
          with: { documents: all },
          ...(own.length > 0 && {
            note: `${own.length === 1 ? 'one of them is' : `${own.length} of them are`} of the milestone of ${told}: ${foldersOf(own)}`,
          }),
        },
      ],
    },
  ];
}

/** Folders of numbered task files. Those of the milestone must be complete; of others only contradictions count. */
export function tasksItem(tree: Tree, scope: Scope, ids: Ids): DraftItem[] {
  const { milestone } = scope;
  const folders = new Map<string, string[]>();
  for (const path of tree.paths)
    if (isTaskFile(path)) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), path]);
  const steps: DraftStep[] = [];
  for (const [folder, files] of folders) {
    const tasks = files.map((path) => parseTaskFile(path, tree.text(path) ?? ''));
    const states = tasks.filter((task) =>
      task.statements.some((one) => one.from === 'file name' || /task/i.test(baseOf(task.path))),
    ).length;
    const own =
      folder.split('/').includes(milestone) || (!scope.whole && scope.own.some((path) => files.includes(path)));
    if (tasks.length < 2 || (!ofMilestone.test(`${folder}/`) && states * 2 < tasks.length)) continue;
    if (tasks.every((task) => task.statements.length === 0)) continue;
    if (!isInScope(folder, scope)) {
      scope.aside.tasks++;
      continue;
    }
    // Only the task files: a folder has other documents too, which say nothing of themselves.
    const others = tree.paths.filter(
      (path) => folderOf(path) === folder && path.endsWith('.md') && /^\d/.test(baseOf(path)),
    );
    steps.push({
      id: ids.take(folders.size === 1 ? 'tasks' : `tasks-${folder}`),
      uses: 'docs/tasks',
      with: {
        files: others.length === files.length ? [inFolder(folder, '[0-9]*.md')] : files,
        ...(!own && { complete: { min: 0 }, unticked: { min: 0 } }),
      },
      ...(!own && { note: 'whether all must be complete is not known: contradictions only' }),
    });
  }
  return steps.length === 0
    ? []
    : [{ id: ids.take('task-files'), title: 'The task files do not contradict themselves', impact: 'minor', steps }];
}
