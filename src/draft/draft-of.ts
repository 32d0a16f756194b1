import { checkItems, openQuestion, provesBy } from './check-items.ts';
import { callsItem, chartsItem, unitsItem } from './code-items.ts';
import { composeSets } from './compose-sets.ts';
import { documentsItem, tasksItem, type Scope } from './doc-items.ts';
import { Ids, type Draft } from './draft.ts';
import type { DraftItem, ProjectTree as Tree } from '../toolchains/drafted.ts';
import { alertingItem, alertmanagerItem, composeItem, dashboardsItem, prometheusItem } from './found-items.ts';
import { itemsOfDocument, type FromDocument } from './milestone-document.ts';
import { lookAtMonitoring } from './monitoring.ts';
import { releaseItem } from './release-item.ts';
import { stackItem } from './stack-items.ts';
import { filledBy, isOnePerProject } from './tool-steps.ts';
import { toolchains } from '../toolchains/index.ts';
import { tiesItem } from './number-checks.ts';

/** Folders of what is not the project's own, or meant to be broken. */
const aside =
  /(?:^|\/)(?:\.[^/]+|node_modules|bower_components|vendor|vendored|third[-_]party|external|target|dist|build|out|testdata|test[-_]data|fixtures?|__fixtures__|__snapshots__|__tests__|tests?|e2e|spec|venv|site-packages|__pycache__|reports)\//i;

/** Is the path one that a draft looks at? Code of tests belongs to the code, and CI says what is promised. */
export const isLookedAt = (path: string): boolean =>
  !aside.test(path) ||
  /^\.(?:github\/(?:workflows|actions)|circleci|gitlab)\//.test(path) ||
  // Of tests it is asked whether there are any.
  (/(?:^|\/)(?:(?:test_[^/]*|[^/]*_test|conftest)\.py|[^/]*Test\.php)$/.test(path) &&
    !/(?:^|\/)(?:node_modules|vendor|third[-_]party|site-packages|testdata|fixtures?)\//.test(path)) ||
  (/\.(?:cs|fs|vb)proj$/.test(path) && !/(?:^|\/)(?:obj|bin|vendor|external|testdata|fixtures?)\//.test(path)) ||
  (/\.(?:rs|go)$/.test(path) && !/(?:^|\/)(?:node_modules|vendor|third[-_]party|target|testdata)\//.test(path));

export interface Wanted {
  milestone: string;
  title: string;
  /** A milestone's document, relative to the root. */
  from?: string;
  /** The other documents of its milestone, and task files that say that they are not done. */
  own?: { paths: readonly string[]; undone: readonly string[] };
  /** With a document: also the tasks and reports of other milestones. */
  allDocuments?: boolean;
  /** Shall a stack be brought up though no document asks for it? */
  stack: boolean;
}

/** Drafts a checklist of what the repository has and, where one is given, of what a milestone's document says. */
export function draftOf(tree: Tree, { milestone, title, from, own, allDocuments, stack: asked }: Wanted): Draft {
  const ids = new Ids();
  const leftOut: string[] = [];
  const { sets, leftOut: composeLeft } = composeSets(tree);
  const seen = lookAtMonitoring(tree);
  const told: FromDocument =
    from === undefined ? { items: [], leftOut: [] } : itemsOfDocument(from, tree, sets, seen, ids);
  const stack = stackItem(tree, seen, sets, told, { asked, ids, leftOut });
  const scope: Scope = {
    milestone,
    ...(from !== undefined && { told: from }),
    own: own?.paths ?? [],
    undone: own?.undone ?? [],
    whole: from === undefined || allDocuments === true,
    aside: { tasks: 0, documents: 0 },
  };
  const found = [
    ...composeItem(sets, ids),
    ...prometheusItem(seen, ids),
    ...dashboardsItem(seen, sets, ids),
    ...alertmanagerItem(seen, sets, ids),
    ...alertingItem(seen, tree, ids),
    ...stack.items,
    ...toolchains.flatMap((one) => one.items(tree, { ids, leftOut })),
    ...callsItem(tree, ids),
    ...chartsItem(tree, ids),
    ...unitsItem(tree, ids),
    ...releaseItem(tree, ids),
    ...tasksItem(tree, scope, ids),
  ];
  const items = [...told.items, ...found.flatMap((item) => unlessTold(item, told.items))];
  items.push(...checkItems(tree, items, ids, leftOut));
  const steps = items.flatMap((item) => item.steps);
  // A checklist that no test stands behind must not pass by itself.
  if (
    !steps.some(
      (step) => step.uses === 'manual/confirm' || provesBy(step).some((one) => one === 'test' || one === 'e2e'),
    )
  )
    items.push(openQuestion(milestone, ids));
  if (from !== undefined) items.push(...tiesItem(from, tree, items, seen, ids));
  items.push(...documentsItem(tree, scope, ids));
  const { aside: others } = scope;
  if (own && own.undone.length > 0)
    leftOut.push(
      `what ${own.undone.length} task ${own.undone.length === 1 ? 'file says' : 'files say'} (${own.undone.slice(0, 3).join(', ')}${own.undone.length > 3 ? ' …' : ''}): by their own words they are not done`,
    );
  for (const [what, count] of [
    ['folders of tasks', others.tasks],
    ['documents', others.documents],
  ] as const)
    if (count > 0) leftOut.push(`${what} (${count}), which are not of ${milestone}: --all-documents includes them`);
  return {
    milestone,
    title,
    ...(from !== undefined && { source: from }),
    ...(told.stack && { stack: told.stack }),
    ...(stack.stack && { stack: stack.stack }),
    outputs: outputsOf(tree, items),
    items,
    leftOut: [...told.leftOut, ...composeLeft, ...seen.leftOut, ...leftOut],
  };
}

/** What the toolchains' steps fill. */
const outputsOf = (tree: Tree, items: readonly DraftItem[]): string[] => [
  ...new Set(items.flatMap((item) => item.steps).flatMap((step) => filledBy(step, tree))),
];

/** The item without the steps that the document asks for already. */
function unlessTold(item: DraftItem, told: readonly DraftItem[]): DraftItem[] {
  const known = told.flatMap((one) => one.steps);
  const alike = (uses: string): boolean => uses === 'code/edition' || isOnePerProject(uses);
  const steps = item.steps.filter(
    (step) =>
      !known.some(
        (one) =>
          one.uses === step.uses &&
          ((alike(step.uses) &&
            one.with?.['manifest'] === step.with?.['manifest'] &&
            one.with?.['linter'] === step.with?.['linter'] &&
            one.with?.['cwd'] === step.with?.['cwd']) ||
            JSON.stringify(one.with) === JSON.stringify(step.with)),
      ),
  );
  return steps.length === 0 ? [] : [{ ...item, steps }];
}
