import { posix } from 'node:path';
import { objectOf } from '../formats/data/json-parts.ts';
import { numberPhrases } from '../formats/documents/number-ties.ts';
import { excuseOf, isGlob, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove } from '../formats/documents/surroundings.ts';
import { ruleFile, type RuleFile } from '../formats/prometheus/rule-files.ts';
import { isWhole } from '../formats/compose/written.ts';
import type { Claim } from './claim.ts';
import { doubt, holds, wrong, type Verdict } from '../formats/documents/verdict.ts';
import { namedPaths } from './measures.ts';
import type { Sources } from '../repository/sources.ts';
import { tomlOf } from '../formats/data/toml.ts';
import type { Reading } from './reading.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import { isDashboard, countPanels } from '../formats/grafana/is-dashboard.ts';
import { jsonOf } from '../core/json-of.ts';

/** What is counted: its name, and where it is in files. */
interface Counted {
  /** The words after the number. */
  noun: RegExp;
  /** File or folder → how many; a file that cannot hold any is not in it. */
  count(sources: Sources): Promise<Map<string, number>>;
  /** Groups within files, of which a number may be said too. */
  parts?(sources: Sources): Promise<number[]>;
  /** What the line or a heading above it must say. */
  about?: RegExp;
  /** A line in which nothing else can be meant, and whether no file is left uncounted: then a number of the whole is proven too. */
  sure?: RegExp;
  whole?(sources: Sources, found: ReadonlyMap<string, number>): Promise<boolean>;
}

const ruleFiles = async (sources: Sources): Promise<[string, RuleFile][]> =>
  [...(await sources.matching(/\.(?:ya?ml|rules)$/))]
    .filter(([, text]) => /^\s*-?\s*(?:alert|record)\s*:/m.test(text) && /^\s*groups\s*:/m.test(text))
    .map(([path, text]) => [path, ruleFile(text)] as const)
    .filter(([, file]) => file.problems.length === 0)
    .map(([path, file]) => [path, file]);

const rulesOf = (kind: 'alert' | 'record', noun: RegExp): Counted => ({
  noun,
  async count(sources) {
    const files = await ruleFiles(sources);
    const counts = files.map(
      ([path, file]) =>
        [path, file.groups.flatMap((group) => group.rules).filter((rule) => rule.kind === kind).length] as const,
    );
    return new Map(counts.filter(([, count]) => count > 0));
  },
  async parts(sources) {
    const files = await ruleFiles(sources);
    return files.flatMap(([, file]) =>
      file.groups.map((group) => group.rules.filter((rule) => rule.kind === kind).length),
    );
  },
  sure: /\brules?\b/i,
  whole: async (sources, found) => {
    const all = await sources.matching(/\.(?:ya?ml|rules|tpl|jsonnet|libsonnet|tf)$/);
    return [...all].every(([path, text]) => found.has(path) || !new RegExp(`^\\s*-?\\s*${kind}\\s*:`, 'm').test(text));
  },
});

const dashboardOf = (text: string): { panels: number } | undefined => {
  const root = objectOf(jsonOf(text.replace(/^\ufeff/, '')));
  return isDashboard(root) ? { panels: countPanels(root) } : undefined;
};

const counted: Counted[] = [
  rulesOf('alert', /^(?:prometheus )?(?:alert(?:ing)? rules?|alerts)$/i),
  rulesOf('record', /^(?:prometheus )?recording rules?$/i),
  {
    noun: /^(?:grafana )?dashboards?$/i,
    async count(sources) {
      const found = new Map<string, number>();
      for (const [path, text] of await sources.matching(/\.json$/)) {
        if (!dashboardOf(text)) continue;
        found.set(posix.dirname(path), (found.get(posix.dirname(path)) ?? 0) + 1);
      }
      return found;
    },
    sure: /\bgrafana\b/i,
    whole: async (sources, found) => {
      const all = await sources.matching(/\.(?:json|jsonnet|libsonnet|ya?ml|tf)$/);
      return [...all].every(
        ([path, text]) => found.has(posix.dirname(path)) || !/"?(?:panels|schemaVersion)"?\s*:/.test(text),
      );
    },
  },
  {
    noun: /^panels?$/i,
    async count(sources) {
      return new Map(
        [...(await sources.matching(/\.json$/))].flatMap(([path, text]) => {
          const board = dashboardOf(text);
          return board ? [[path, board.panels] as const] : [];
        }),
      );
    },
  },
  {
    noun: /^(?:docker )?(?:compose )?services$/i,
    // An architecture has services too.
    about: /\b(?:compose|docker|containers?|stack)\b/i,
    async count(sources) {
      return new Map(
        (await sources.composeFiles()).flatMap(([path, file]) =>
          isWhole(file) ? [[path, Object.keys(file.services).length] as const] : [],
        ),
      );
    },
  },
  {
    noun: /^(?:workspace |rust |cargo )?(?:crates|workspace members)$/i,
    async count(sources) {
      const manifests = [...(await sources.matching(/(?:^|\/)Cargo\.toml$/))].filter(
        ([, text]) => 'package' in (tomlOf(text) ?? {}),
      );
      return new Map([['Cargo.toml', manifests.length]]);
    },
  },
];

/** A number that is of some of them, or of another time. */
const ofSome =
  /\b(?:add(?:s|ed|ing)?|new|more|additional|another|first|last|remaining|other|these|following|up to|at most|at least|least|over|under|about|around|roughly|between|per|each|any|split|fired?|firing|active|only|top|example|sample|across|within|by default|should|must|planned|total of|needs?|was|were|from)\b|[~≈]/i;

/**
 * Counts of what the repository holds: alert and recording rules, dashboards, panels, Compose services, crates. Beside the path
 * of one such file a number that is neither of it nor of one of its groups is false; a number that fits nothing is doubtful.
 */
export async function countClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const above = foldersAbove(document);
  const bare = namedPaths(parsed);
  for (const phrase of numberPhrases(parsed.prose)) {
    const noun = phrase.claim.replace(/^\{n\} /, '');
    const what = counted.find((one) => one.noun.test(noun));
    // `:8444 Dashboard` counts none.
    const isOne = /s$/i.test(noun) || phrase.value === 1;
    if (!what || phrase.atLeast || !Number.isInteger(phrase.value) || !isOne) continue;
    // `>20 services` says no number, and the number of a section counts nothing.
    const raw = parsed.prose[phrase.line - 1] ?? '';
    if (
      new RegExp(`[<>≥≤~≈]\\s?${phrase.value}\\b`).test(raw) ||
      new RegExp(`^\\s*(?:#+\\s*|\\*\\*)${phrase.value}\\b`).test(raw)
    )
      continue;
    const found = await what.count(sources);
    const counts = [...found.values()];
    const all = counts.reduce((a, b) => a + b, 0);
    if (all === 0) continue;
    const line = parsed.prose[phrase.line - 1] ?? '';
    const named = new Set<string>();
    const onLine = [
      ...parsed.spans.filter((one) => one.line === phrase.line).map((span) => span.text),
      ...bare.filter((one) => one.line === phrase.line).map((one) => one.text),
    ];
    for (const path of onLine.flatMap((one) => readPath(one)?.paths ?? [])) {
      const at = isGlob(path)
        ? undefined
        : ((await repository.find(path, above)) ?? (await repository.findBySuffix(path)));
      if (at !== undefined && found.has(at)) named.add(at);
    }
    if (named.size === 0 && what.about?.test(`${line} ${headingsAbove(parsed, phrase.line)}`) === false) continue;
    const parts = (await what.parts?.(sources)) ?? [];
    const [only] = named;
    const own = only === undefined ? undefined : found.get(only);
    const text = phrase.text;
    const words = line.replace(/`[^`]*`/g, ' ');
    let verdict: Verdict | undefined;
    if (
      [...counts, ...parts, all].includes(phrase.value) &&
      (own === undefined || own === phrase.value || parts.includes(phrase.value))
    )
      verdict = holds(only === undefined ? `${all} in the repository` : `${only} has ${own}`);
    else if (ofSome.test(words) || excuseOf(line, '') === 'absent') continue;
    else if (named.size === 1 && own !== undefined && own > 0)
      verdict = wrong(`${only} has ${own}`, 'correct the number, or what it counts');
    // Which of several files is meant is not known.
    else if (named.size === 0 && found.size > 1 && what.sure?.test(line) !== true) continue;
    else if (named.size === 0)
      verdict = (
        found.size === 1 && what.sure?.test(line) === true && (await what.whole?.(sources, found)) === true
          ? wrong
          : doubt
      )(
        `the repository has ${all}${counts.length > 1 && counts.length < 9 ? ` (${counts.join(' + ')})` : ''}`,
        'correct the number, or say of what it is',
      );
    if (verdict) claims.push({ kind: 'value', line: phrase.line, text, ...verdict });
  }
  return claims;
}
