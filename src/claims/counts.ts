import { posix } from 'node:path';
import { library } from '../formats/data/libraries.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { numberPhrases, valueOf, type NumberSeen } from '../formats/documents/number-ties.ts';
import { excuseOf, isGlob, isHistory, readPath } from '../formats/documents/path-text.ts';
import { declarationsOf } from '../formats/prometheus/metric-declarations.ts';
import { ruleFile, type RuleFile } from '../formats/prometheus/rule-files.ts';
import { isWhole } from '../formats/compose/written.ts';
import { doubt, holds, wrong, type Claim, type Verdict } from './claim.ts';
import { once } from './once.ts';
import { namedPaths } from './measures.ts';
import { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';

/** What is counted: its name, and where it is in files. */
interface Counted {
  /** The words after the number. */
  noun: RegExp;
  /** File or folder → how many; a file that cannot hold any is not in it. */
  count(sources: Sources): Promise<Map<string, number>>;
  /** Groups within files, of which a number may be said too. */
  parts?(sources: Sources): Promise<number[]>;
  /** It is counted by files, and only a number beside one of them is judged. */
  besidePath?: true;
  /** A sum of all files may be meant. */
  total?: true;
  /** A line in which nothing else can be meant, and whether no file is left uncounted: then a number of the whole is proven too. */
  sure?: RegExp;
  whole?(sources: Sources, found: ReadonlyMap<string, number>): Promise<boolean>;
}

const ruleFiles = once(async (sources): Promise<[string, RuleFile][]> =>
  [...(await sources.matching(/\.(?:ya?ml|rules)$/))]
    .filter(([, text]) => /^\s*-?\s*\{?\s*(?:alert|record)\s*:/m.test(text) && /^\s*groups\s*:/m.test(text))
    .map(([path, text]) => [path, ruleFile(text)] as const)
    .filter(([, file]) => file.problems.length === 0)
    .map(([path, file]) => [path, file]),
);

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
  sure: /\brules?\b|\balerts? (?:configured|defined)\b/i,
  whole: async (sources, found) => {
    const all = await sources.matching(/\.(?:ya?ml|rules|tpl|jsonnet|libsonnet|tf)$/);
    return [...all].every(
      ([path, text]) => found.has(path) || !new RegExp(`^\\s*-?\\s*\\{?\\s*${kind}\\s*:`, 'm').test(text),
    );
  },
});

const dashboardOf = (text: string): { panels: number; title: string } | undefined => {
  try {
    const root = objectOf(JSON.parse(text));
    if (textOf(root['title']) === '' || !Array.isArray(root['panels']) || !('schemaVersion' in root || 'uid' in root))
      return undefined;
    const panels = listOf(root['panels'])
      .map(objectOf)
      .flatMap((panel) => [panel, ...listOf(panel['panels']).map(objectOf)]);
    return { title: textOf(root['title']), panels: panels.filter((panel) => panel['type'] !== 'row').length };
  } catch {
    return undefined;
  }
};

/** Is there no dashboard but those that were found, by their files or folders? */
const wholeDashboards: Counted['whole'] = async (sources, found) => {
  const all = await sources.matching(/\.(?:json|jsonnet|libsonnet|ya?ml|tf)$/);
  return [...all].every(
    ([path, text]) =>
      found.has(path) || found.has(posix.dirname(path)) || !/"?(?:panels|schemaVersion)"?\s*:/.test(text),
  );
};

/** Test functions of a file of which none is made by a loop or a table. */
function testsIn(path: string, text: string): number {
  if (/rstest|proptest|quickcheck|test_case|parametrize|\.each\b|t\.Run\(|subTest|macro_rules!|include!\(/.test(text))
    return 0;
  const pattern = /\.rs$/.test(path)
    ? /^\s*#\[(?:\w+::)*test\b/gm
    : /\.py$/.test(path)
      ? /^\s*(?:async\s+)?def test_/gm
      : /_test\.go$/.test(path)
        ? /^func Test[A-Z]\w*\(/gm
        : /^\s*(?:it|test)\(/gm;
  return [...text.matchAll(pattern)].length;
}

const counted: Counted[] = (
  [
    {
      noun: /^(?:unit |integration )?(?:tests?|test cases?|test functions?)$/i,
      besidePath: true,
      async count(sources) {
        const files = await sources.matching(/\.(?:rs|py|go|[cm]?[jt]sx?)$/);
        return new Map(
          [...files].map(([path, text]) => [path, testsIn(path, text)] as const).filter(([, count]) => count > 0),
        );
      },
    },
    {
      noun: /^(?:prometheus )?metrics?$/i,
      besidePath: true,
      async count(sources) {
        const files = await sources.matching(/\.(?:rs|py|go|[cm]?[jt]sx?|java|kt)$/);
        return new Map(
          [...files]
            .map(
              ([path, text]) => [path, new Set(declarationsOf(text).registered.map(({ name }) => name)).size] as const,
            )
            .filter(([, count]) => count > 1),
        );
      },
    },
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
      whole: wholeDashboards,
    },
    {
      noun: /^(?:grafana )?(?:dashboard )?panels?$/i,
      total: true,
      whole: wholeDashboards,
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
        const manifests = [...(await sources.matching(/(?:^|\/)Cargo\.toml$/))].filter(([, text]) => isPackage(text));
        return new Map([['Cargo.toml', manifests.length]]);
      },
      sure: /\bworkspace\b/i,
      whole: () => Promise.resolve(true),
    },
  ] satisfies Counted[]
).map((one) => ({ ...one, count: once((sources) => one.count(sources)) }));

const isPackage = (text: string): boolean => {
  try {
    return 'package' in library('smol-toml').parse(text);
  } catch {
    return false;
  }
};

const aside =
  /^(?:total|configured|visuali[sz]ation|individual|distinct|unique|different|production|complete|working|custom)\s+/i;
const participle =
  /\s+(?:total|configured|defined|provisioned|created|added|implemented|loaded|deployed|available|exposed|exported|documented|delivered|active|with|set|written)$/i;

/** `18 panels`, `Alert rules: 12`, `**Alerts configured**: 12`, `Recording rules (6)`, and rows of a table with a column `Count`. */
function phrasesOf(parsed: MarkdownDocument): (NumberSeen & { claim: string })[] {
  const found = numberPhrases(parsed.prose);
  const add = (line: number, noun: string, written: string, text: string): void => {
    if (!found.some((one) => one.line === line))
      found.push({ line, text, value: valueOf(written), atLeast: written.endsWith('+'), claim: `{n} ${noun.trim()}` });
  };
  for (const [n, raw] of parsed.prose.entries()) {
    if (/^\s*(?:\||#)/.test(raw)) continue;
    const line = raw.replace(/[*_`]/g, '');
    const [text = '', noun = '', written = ''] =
      /^\s*(?:[-+✅☑]\s*|\d+[.)]\s+)*((?:[A-Za-z]+ ){0,3}[A-Za-z]+)\s*(?:[:=]\s*|\()(\d{1,4}\+?)(?:\)|\s*$|\s*[,(.])/u.exec(
        line,
      ) ?? [];
    if (text !== '') add(n + 1, noun, written, text.trim());
  }
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex(
      (head, n) => n > 0 && /^\W*(?:count|number|total|quantity|#|amount|delivered|actual|value)\W*$/i.test(head),
    );
    if (at < 0) continue;
    for (const { cells, line } of rows) {
      const written = /^\W*(\d{1,4}\+?)\W*$/.exec(cells[at] ?? '')?.[1];
      if (written !== undefined)
        add(line, (cells[0] ?? '').replace(/[^A-Za-z ]/g, '').trim(), written, `${cells[0]}: ${cells[at]}`);
    }
  }
  return found;
}

/** The sums of what lies in one folder, at any depth. */
function sumsByFolder(found: ReadonlyMap<string, number>): number[] {
  const sums = new Map<string, number>();
  for (const [path, count] of found)
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
      sums.set(folder, (sums.get(folder) ?? 0) + count);
  return [...sums.values()];
}

/** Tables that give each dashboard its panels, each group its rules. */
async function tableClaims(sources: Sources, parsed: MarkdownDocument): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { header, rows } of parsed.tables) {
    const panels = header.findIndex((head, n) => n > 0 && /^\W*(?:#\s*)?panels?\W*(?:count)?\W*$/i.test(head));
    const rules = header.findIndex(
      (head, n) => n > 0 && /^\W*(?:#\s*)?(?:rules|alerts|alert rules)\W*(?:count)?\W*$/i.test(head),
    );
    const at = Math.max(panels, rules);
    if (at < 0) continue;
    const counts = panels > 0 ? await panelsByName(sources) : await rulesByGroup(sources);
    for (const { cells, line } of rows) {
      const said = /^\W*(\d{1,4})\W*$/.exec(cells[at] ?? '')?.[1];
      const name = (cells[0] ?? '').replace(/[`*]/g, '').trim().toLowerCase();
      const is = counts.get(name) ?? counts.get(posix.basename(name));
      // One name with two numbers is that of two.
      if (said === undefined || is === undefined || is.length !== 1) continue;
      const [own = 0] = is;
      claims.push({
        kind: 'value',
        line,
        text: `${cells[0]}: ${said} ${header[at]}`,
        ...(own === Number(said) ? holds(`it has ${own}`) : wrong(`it has ${own}`, 'correct the number')),
      });
    }
  }
  return claims;
}

const addTo = (counts: Map<string, number[]>, name: string, count: number): unknown =>
  counts.set(name.toLowerCase(), [...new Set([...(counts.get(name.toLowerCase()) ?? []), count])]);

const panelsByName = once(async (sources): Promise<Map<string, number[]>> => {
  const counts = new Map<string, number[]>();
  for (const [path, text] of await sources.matching(/\.json$/)) {
    const board = dashboardOf(text);
    if (!board) continue;
    for (const name of new Set([board.title, posix.basename(path), posix.basename(path, '.json')]))
      addTo(counts, name, board.panels);
  }
  return counts;
});

const rulesByGroup = once(async (sources): Promise<Map<string, number[]>> => {
  const counts = new Map<string, number[]>();
  for (const [path, file] of await ruleFiles(sources)) {
    for (const group of file.groups) addTo(counts, group.name, group.rules.length);
    if (file.groups.length > 0)
      addTo(
        counts,
        posix.basename(path),
        file.groups.reduce((all, group) => all + group.rules.length, 0),
      );
  }
  return counts;
});

/** A number that is of some of them, or of another time. */
const ofSome =
  /\b(?:add(?:s|ed|ing)?|new|more|additional|another|first|last|remaining|other|these|following|up to|at most|at least|least|over|under|about|around|roughly|between|per|each|any|split|fired?|firing|active|only|top|example|sample|across|within|by default|should|must|planned|total of|needs?|was|were|from)\b|[~≈]/i;

/**
 * Counts of what the repository holds: alert and recording rules, dashboards, panels, Compose services, crates. Beside the path
 * of one such file a number that is neither of it nor of one of its groups is false; a number that fits nothing is doubtful.
 */
export async function countClaims(
  repository: Repository,
  sources: Sources,
  document: string,
  parsed: MarkdownDocument,
): Promise<Claim[]> {
  if (isHistory(document)) return [];
  const claims = await tableClaims(sources, parsed);
  const above = Repository.above(document);
  const bare = namedPaths(parsed);
  for (const phrase of phrasesOf(parsed)) {
    const noun = phrase.claim
      .replace(/^\{n\} /, '')
      .replace(aside, '')
      .replace(/\s+(?:across|total|over)\b.*$/i, '')
      .replace(participle, '');
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
    const parts = (await what.parts?.(sources)) ?? [];
    const [only] = named;
    const own = only === undefined ? undefined : found.get(only);
    const text = phrase.text;
    const total =
      what.total === true &&
      named.size === 0 &&
      /\b(?:total|in all|altogether|across (?:all |\w+ )?(?:grafana )?dashboards)\b/i.test(line);
    if (total) {
      const sums = new Set([all, ...sumsByFolder(found)]);
      const whole = (await what.whole?.(sources, found)) === true && sums.size <= 2;
      const verdict = sums.has(phrase.value)
        ? holds(`${all} in the repository`)
        : (whole ? wrong : doubt)(`the repository has ${all}`, 'correct the number, or say of what it is');
      claims.push({ kind: 'value', line: phrase.line, text, ...verdict });
      continue;
    }
    const words = line.replace(/`[^`]*`/g, ' ');
    let verdict: Verdict | undefined;
    if (what.besidePath === true && (named.size !== 1 || own === undefined)) continue;
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
