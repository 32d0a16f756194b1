import { posix } from 'node:path';
import { jsonOf, objectOf } from '../formats/data/json-parts.ts';
import { tomlOf } from '../formats/data/toml.ts';
import { alertingFileOf } from '../formats/grafana/alerting.ts';
import { isDashboard, readBoard } from '../formats/grafana/board.ts';
import type { Board } from '../formats/grafana/board-model.ts';
import { declarationsOf } from '../formats/prometheus/metric-declarations.ts';
import { ruleFiles } from './rule-texts.ts';
import { isWhole } from '../formats/compose/written.ts';
import { declaredMetrics } from './declared-metrics.ts';
import { doubt, holds, once, type Verdict } from './reading.ts';
import type { Sources } from '../repository/sources.ts';

/** What is counted: its name, and where it is in files. */
export interface Counted {
  /** The words after the number. */
  noun: RegExp;
  /** File or folder → how many; a file that cannot hold any is not in it. */
  count(sources: Sources): Promise<Map<string, number>>;
  /** Groups within files, of which a number may be said too. */
  parts?(sources: Sources): Promise<number[]>;
  /** What the line or a heading above it must say. */
  about?: RegExp;
  /** It is counted by files, and only a number beside one of them is judged. */
  besidePath?: true;
  /** Another number of a file that may be meant: panels with their rows. */
  also?(sources: Sources): Promise<ReadonlyMap<string, number>>;
  /** Files that a line calls by another name than their path. */
  called?(sources: Sources, line: string): Promise<string[]>;
  /** What is said of the whole where no path stands beside the number. */
  overall?(sources: Sources, said: number, sentence: string): Promise<Verdict | undefined>;
  /** As many as there may be, where a reading of files one by one does not see all. */
  most?(sources: Sources): Promise<number>;
  /** One of several kinds, each of which a list may tell of for itself. */
  ofKind?: true;
  /** There come to be more of them all the time. */
  grows?: true;
  /** A sum of all files may be meant. */
  total?: true;
  /** A line in which nothing else can be meant, and whether no file is left uncounted: then a number of the whole is proven too. */
  sure?: RegExp;
  whole?(sources: Sources, found: ReadonlyMap<string, number>): Promise<boolean>;
}

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
    // Grafana has rules of its own.
    return [...all].every(
      ([path, text]) =>
        found.has(path) ||
        !new RegExp(`^\\s*-?\\s*\\{?\\s*["']?(?:${kind}|noDataState|execErrState)["']?\\s*:`, 'm').test(text),
    );
  },
});

/** Alert rules of Grafana's own, by their files. */
const grafanaRules = once(async (sources): Promise<[string, number][]> =>
  [...(await sources.matching(/\.(?:ya?ml|json)$/))]
    .filter(([, text]) => /["']?(?:noDataState|execErrState)["']?\s*:/.test(text))
    .map(([path, text]) => [path, (alertingFileOf(text)?.rules ?? []).filter((rule) => !rule.records).length] as const)
    .flatMap(([path, count]): [string, number][] => (count > 0 ? [[path, count]] : [])),
);

export const dashboardOf = (text: string): Board | undefined => {
  const root = objectOf(jsonOf(text.replace(/^\ufeff/, '')));
  // As the HTTP API takes it; a provisioned file may not be so, which is another finding's.
  return isDashboard(root) || isDashboard(objectOf(root['dashboard'])) ? readBoard(root) : undefined;
};

const boardsOf = once(async (sources): Promise<[string, Board][]> =>
  [...(await sources.matching(/\.json$/))]
    .flatMap(([path, text]) => {
      const board = dashboardOf(text);
      return board ? [[path, board] as const] : [];
    })
    .map(([path, board]) => [path, board]),
);

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
  // In Rust tests stand beside what they try; elsewhere `test_connection` may be a function of the program.
  if (!path.endsWith('.rs') && !/test|spec/i.test(path)) return 0;
  const isScript = /\.[cm]?[jt]sx?$/.test(path);
  if (isScript && /\bfor\s*(?:await\s*)?\(|\.forEach\(/.test(text)) return 0;
  // A script that counts for itself what it tries.
  if (path.endsWith('.py') && /__name__\s*==\s*["']__main__/.test(text) && !/\b(?:pytest|unittest)\b/.test(text))
    return 0;
  if (path.endsWith('.py') && /^class Test\w*\((?!\w*TestCase\b|\w*\.\w*TestCase\b|object\b|\))/m.test(text)) return 0;
  if (/rstest|proptest|quickcheck|test_case|parametrize|\.each\b|t\.Run\(|subTest|macro_rules!|include!\(/.test(text))
    return 0;
  const pattern = path.endsWith('.rs')
    ? /^\s*#\[(?:\w+::)*(?:\w+_)?test\b/gm
    : path.endsWith('.py')
      ? /^\s*(?:async\s+)?def test_/gm
      : path.endsWith('_test.go')
        ? /^func Test[A-Z]\w*\(/gm
        : /^\s*(?:it|test)(?:\.(?:skip|only|todo|fails|failing|concurrent))?\(/gm;
  return [...text.matchAll(pattern)].length;
}

export const counted: Counted[] = (
  [
    {
      noun: /^(?:unit |integration )?(?:tests?|test cases?|test functions?)$/i,
      besidePath: true,
      grows: true,
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
      most: async (sources) => new Set((await declaredMetrics(sources)).map((one) => one.name)).size,
      async overall(sources, said, sentence) {
        if (!/\b(?:export|expos|register|declar|ship|emit|in total|registr)/i.test(sentence)) return undefined;
        const declared = await declaredMetrics(sources);
        const byFile = Map.groupBy(declared, (one) => one.file);
        const counts = [declared, ...byFile.values()].map((some) => new Set(some.map((one) => one.name)).size);
        const [all = 0] = counts;
        if (all < 3 || !sources.whole) return undefined;
        return counts.includes(said)
          ? holds(`${all} are registered`)
          : doubt(`the sources register ${all}`, 'correct the number, or say of what it is');
      },
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
    ...(['counter', 'gauge', 'histogram'] as const).map((kind): Counted => ({
      noun: new RegExp(`^(?:prometheus )?${kind}s?$`, 'i'),
      besidePath: true,
      ofKind: true,
      async count(sources) {
        const declared = (await declaredMetrics(sources)).filter((one) => one.kind === kind);
        return new Map(
          [...Map.groupBy(declared, (one) => one.file)].map(
            ([path, some]) => [path, new Set(some.map((one) => one.name)).size] as const,
          ),
        );
      },
    })),
    {
      ...rulesOf('record', /^rules$/i),
      sure: /$^/,
      besidePath: true,
      count: async (sources) =>
        new Map(
          (await ruleFiles(sources)).map(
            ([path, file]) => [path, file.groups.flatMap((group) => group.rules).length] as const,
          ),
        ),
    },
    rulesOf('alert', /^prometheus (?:alert(?:ing)? rules?|alerts)$/i),
    {
      ...rulesOf('alert', /^(?:alert(?:ing)? rules?|alerts)$/i),
      count: async (sources) =>
        new Map([...(await rulesOf('alert', /$^/).count(sources)), ...(await grafanaRules(sources))]),
    },
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
      async also(sources) {
        return new Map(
          (await boardsOf(sources)).map(([path, board]) => [path, board.panels.length + board.rows.length]),
        );
      },
      async called(sources, line) {
        const lead = /\*\*([^*]{4,60})\*\*|["“]([^"”]{4,60})["”]/.exec(line);
        const title = lead?.[1] ?? lead?.[2];
        const boards = (await boardsOf(sources)).filter(([, board]) => board.title === title?.replace(/:$/, ''));
        return boards.length === 1 ? boards.map(([path]) => path) : [];
      },
      async count(sources) {
        return new Map((await boardsOf(sources)).map(([path, board]) => [path, board.panels.length]));
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
      noun: /^(?:github |ci )?(?:actions )?workflows$/i,
      about: /\.github|\bCI\b|github actions/i,
      async count(sources) {
        const files = await sources.matching(/^\.github\/workflows\/[^/]+\.ya?ml$/);
        return new Map([['.github/workflows', files.size]]);
      },
    },
    {
      noun: /^(?:workspace |rust |cargo )?(?:crates|workspace members)$/i,
      // Crates that it is built from are others'.
      about: /\b(?:workspace|members?|repository|monorepo|project)\b/i,
      async count(sources) {
        const manifests = [...(await sources.matching(/(?:^|\/)Cargo\.toml$/))].filter(
          ([, text]) => 'package' in (tomlOf(text) ?? {}),
        );
        return new Map([['Cargo.toml', manifests.length]]);
      },
      sure: /\bworkspace\b/i,
      whole: () => Promise.resolve(true),
    },
  ] satisfies Counted[]
).map((one) => ({ ...one, count: once((sources) => one.count(sources)) }));
