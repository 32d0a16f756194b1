import { parseMarkdown } from '../formats/documents/markdown.ts';
import { numberPhrases } from '../formats/documents/number-ties.ts';
import type { Proves } from '../toolchains/program-words.ts';
import { provenBy } from './tool-steps.ts';
import { claimsSomething } from './doc-items.ts';
import type { Ids } from './draft.ts';
import type { DraftItem, DraftStep, ProjectTree as Tree } from '../toolchains/drafted.ts';
import type { Monitoring } from './monitoring.ts';

interface Measured {
  pattern: RegExp;
  fact: string;
  /** The step type that yields the fact; none where any does that proves such a thing. */
  uses?: string;
  proves?: Proves;
  /** What can be counted without running it. */
  value?: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const measured = (seen: Monitoring): Measured[] => [
  {
    pattern: /^\{n\} (?:alert(?:ing)? rules?|alerts)$/i,
    fact: 'rulefiles.alerts',
    uses: 'prometheus/config',
    value: sum(seen.rules.map((one) => one.alerts)),
  },
  {
    pattern: /^\{n\} recording rules?$/i,
    fact: 'rulefiles.records',
    uses: 'prometheus/config',
    value: sum(seen.rules.map((one) => one.records)),
  },
  {
    pattern: /^\{n\} (?:grafana )?dashboards?$/i,
    fact: 'dashboards.count',
    uses: 'dashboards/lint',
    value: sum(seen.dashboards.map((one) => one.files.length)),
  },
  { pattern: /^\{n\} panels?$/i, fact: 'panels.count', uses: 'dashboards/lint', value: seen.panels },
  { pattern: /^\{n\} tests?(?: pass(?:ed|ing)?)?$/i, fact: 'tests.passed', proves: 'test' },
  { pattern: /^\{n\} of \{\*\} tasks(?: complete| completed| done)?$/i, fact: 'tasks.complete', uses: 'docs/tasks' },
];

/**
 * Ties the counts of a document to the facts of steps that count the same. A count that can be taken now and is another is not
 * tied but named: whether the document or the reading of its words is wrong is for a person to say.
 */
export function tiesItem(
  path: string,
  tree: Tree,
  items: readonly DraftItem[],
  seen: Monitoring,
  ids: Ids,
): DraftItem[] {
  const steps = items.flatMap((item) => item.steps);
  const claims: { claim: string; fact: string }[] = [];
  const needs = new Set<string>();
  const open: string[] = [];
  const phrases = numberPhrases(parseMarkdown(tree.text(path) ?? '').prose).flatMap((phrase) => {
    const claim = phrase.claim.replace(/\bof \d+/, 'of {*}');
    const found = measured(seen).find((one) => one.pattern.test(claim));
    return found ? [{ phrase, claim, found }] : [];
  });
  // Of "13 panels" and "8 panels" each is the number of one file, which the document's step counts for itself.
  const isOfParts = (fact: string): boolean =>
    new Set(phrases.filter(({ found }) => found.fact === fact).map(({ phrase }) => phrase.value)).size > 1;
  for (const { phrase, claim, found } of phrases) {
    const counting = steps.filter((step) =>
      found.proves === undefined ? step.uses === found.uses : provenBy(step) === found.proves,
    );
    const [step] = counting;
    if (!step || counting.length > 1 || claims.some((one) => one.claim === claim)) continue;
    const holds =
      found.value === undefined || (phrase.atLeast ? found.value >= phrase.value : found.value === phrase.value);
    if (!holds) {
      // What could not be read was not counted.
      if (found.value !== 0 && !isOfParts(found.fact))
        open.push(`line ${phrase.line} says "${phrase.text}", and ${found.value} were counted`);
    } else {
      claims.push({ claim, fact: found.fact });
      needs.add(step.id);
    }
  }
  // A document without a claim is no failure: there is nothing to look up.
  if (claims.length === 0 && open.length === 0 && !claimsSomething(tree, path)) return [];
  const claiming: DraftStep = {
    id: ids.take('document-claims'),
    uses: 'docs/claims',
    ...(needs.size > 0 && { needs: [...needs] }),
    with: { documents: [path], ...(claims.length > 0 && { claims }) },
    from: path,
    ...(open.length > 0 && { note: `not tied: ${open.join('; ')}` }),
  };
  return [{ id: ids.take('document'), title: 'What the document says is so', impact: 'major', steps: [claiming] }];
}
