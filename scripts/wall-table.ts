/**
 * The rooms of `src`, from the ground up: a room may import only what stands above it in this table, so that there is no circle and
 * no arrow backwards, whatever `may` says. `ARCHITECTURE.md` draws this table; `walls.ts` holds the sources to it.
 */
export interface Room {
  name: string;
  /** What it is for, as ARCHITECTURE.md says it. */
  what: string;
  /** Rooms that it may import; `formats/*` is all of them. */
  may: readonly string[];
  /** Modules from outside of `src` that it may import; `x/*` is every part of the package x. */
  outside: readonly string[];
}

/** Parsers of outside formats: they compute, and touch nothing. */
const parsers = [
  '@grafana/e2e-selectors',
  '@grafana/lezer-logql',
  '@humanwhocodes/momoa',
  '@lezer/common',
  '@lezer/lr',
  '@prometheus-io/lezer-promql',
  'dockerfile-ast',
  'github-slugger',
  'mdast',
  'mdast-util-from-markdown',
  'mdast-util-gfm',
  'micromark-extension-gfm',
  'picomatch',
  're2js',
  'saxes',
  'smol-toml',
  'unbash',
  'yaml',
  'zod',
];

const format = (name: string, what: string, may: readonly string[] = [], also: readonly string[] = []): Room => ({
  name: `formats/${name}`,
  what,
  may: ['core', ...may.map((one) => `formats/${one}`)],
  outside: [...parsers, ...also],
});

export const rooms: readonly Room[] = [
  { name: 'version', what: 'the number of this version', may: [], outside: ['node:fs'] },
  {
    name: 'core',
    what: 'pure: contract of a step (`step.ts`) and its doors to the world (`doors.ts`), record, verdict, graph, scheduler',
    may: [],
    // puppeteer's for the type of a page alone.
    outside: ['zod', 'puppeteer-core'],
  },
  format('data', 'JSON, YAML, numbers, words, places in a text'),
  format('linux', 'what the kernel tells of itself', ['data']),
  format('programs', 'what programs print and are called with', ['data']),
  format('test-runners', 'what test runners print at their end, and which commands come to one', ['programs']),
  format('test-results', 'what test runners write: JUnit XML, trx, CTRF, go, jest, TAP, libtest', ['data']),
  format('code-coverage', 'coverage reports: lcov, Cobertura, JaCoCo, Go, Istanbul', ['data']),
  format('documents', 'Markdown, tables, task files', ['data']),
  format('http', 'routes that sources tell their frameworks of', ['data']),
  format('docker', 'Dockerfiles, images, what the engine says', ['data', 'programs']),
  format('compose', 'Compose projects', ['data', 'docker', 'programs']),
  format('promql', 'PromQL', ['data']),
  format('prometheus', 'rules, scrape configuration, expositions, what is known of metrics', ['data', 'promql']),
  format('alertmanager', 'routes and receivers', ['data', 'promql', 'prometheus']),
  // A data source's uid is a hash of its name.
  format('grafana', 'provisioning and dashboards', ['data', 'promql', 'prometheus'], ['node:crypto']),
  format('release', 'versions in manifests, lock files and changelogs', ['data']),
  format('bench', 'benchmarks’ results and documents', ['data', 'documents']),
  {
    name: 'evidence',
    what: 'store, digests, redaction',
    may: ['core'],
    outside: ['node:crypto', 'node:fs', 'node:path', 'node:util', 'node:zlib', 'pixelmatch', 'pngjs'],
  },
  {
    name: 'hosts',
    what: 'the doors to the world: processes, HTTP, git, browser, prompt',
    may: ['core', 'evidence', 'formats/data', 'formats/linux'],
    outside: ['@inquirer/prompts', 'execa', 'node:*', 'picomatch', 'puppeteer-core', 'undici'],
  },
  {
    name: 'clients',
    what: 'what is asked of Prometheus, through a step’s context',
    may: ['core', 'formats/*'],
    outside: parsers,
  },
  {
    name: 'toolchains',
    what: 'one folder per toolchain behind one contract: cargo/ go/ npm/ python/ jvm/ dotnet/',
    may: ['core', 'formats/*'],
    outside: parsers,
  },
  {
    name: 'repository',
    what: 'what the repository holds, read for steps, claims and drafts',
    may: ['core', 'formats/*', 'toolchains'],
    outside: [...parsers, 'node:crypto', 'node:path'],
  },
  {
    name: 'claims',
    what: 'what a document says, looked up in the repository and asked of programs',
    may: ['core', 'formats/*', 'clients', 'repository', 'toolchains'],
    outside: [...parsers, 'node:path'],
  },
  {
    name: 'grafana',
    what: 'what the dashboard steps share: API, variables, panels, pages, the preview’s drawing',
    may: ['core', 'formats/*', 'clients', 'repository'],
    outside: [...parsers, 'echarts', 'echarts/*', 'node:crypto', 'pixelmatch', 'pngjs', 'puppeteer-core'],
  },
  {
    name: 'stack',
    what: 'the drivers of `stack/up`: processes, compose, external',
    may: ['core', 'formats/*', 'clients', 'repository', 'toolchains'],
    outside: [...parsers, 'node:fs/promises', 'node:path', 'node:zlib'],
  },
  {
    name: 'testing',
    what: 'what the steps about tests share: parameters, reports of this run, judgement; the steps of the toolchains',
    may: ['core', 'formats/*', 'repository', 'toolchains'],
    outside: parsers,
  },
  {
    name: 'drill',
    what: 'alert fire drills, the pure part: solver, promtool files, backfill, judge',
    may: ['core', 'formats/*', 'clients', 'repository'],
    outside: parsers,
  },
  {
    name: 'drill/modes',
    what: 'drills that act, through a step’s context',
    may: ['core', 'formats/*', 'clients', 'repository', 'drill'],
    outside: [...parsers, 'node:fs/promises', 'node:path'],
  },
  {
    name: 'draft',
    what: 'drafts a checklist of a repository’s files and of a milestone’s document; pure, for `verify init`',
    may: ['core', 'formats/*', 'repository', 'toolchains'],
    outside: parsers,
  },
  {
    name: 'steps',
    what: 'one file per step type; `index.ts` is generated from the folder',
    may: [
      'core',
      'formats/*',
      'clients',
      'repository',
      'toolchains',
      'claims',
      'grafana',
      'stack',
      'testing',
      'drill',
      'drill/modes',
    ],
    outside: ['zod'],
  },
  {
    name: 'checklist',
    what: 'find, load (YAML with places), reference and schema',
    may: ['core', 'evidence', 'formats/programs', 'steps'],
    outside: ['node:buffer', 'node:fs', 'node:path', 'yaml', 'zod'],
  },
  {
    name: 'reporters',
    what: 'pure functions of the record: Markdown, HTML, JUnit, CTRF, SARIF; pictures are given as data',
    may: ['core', 'evidence'],
    outside: ['marked', 'node:crypto', 'sarif'],
  },
  {
    name: 'signoff',
    what: 'statement, signatures, policy, gate; what else they need is handed in',
    may: ['core', 'evidence'],
    outside: ['node:crypto', 'node:fs', 'node:path', 'node:url', 'zod'],
  },
  {
    name: 'ui',
    what: 'views of the engine’s events: live, plain, ndjson, GitHub',
    may: ['core'],
    outside: ['@listr2/prompt-adapter-inquirer', 'listr2', 'node:util'],
  },
  {
    name: 'serve',
    what: 'the page of `verify serve`: pages, who may come in, the state of a run; acts through its desk, which commands make',
    may: ['core', 'evidence', 'reporters'],
    outside: ['hono', 'hono/*', 'node:crypto', 'node:fs'],
  },
  {
    name: 'runs',
    what: 'what is kept of runs: their folders, records, renderings, sign-offs and the index of all',
    may: ['version', 'core', 'evidence', 'reporters', 'signoff'],
    outside: ['node:fs', 'node:path', 'zod'],
  },
  {
    name: 'engine',
    what: 'prepare, execute, close; context/ the doors of a step; resume/',
    may: [
      'core',
      'formats/*',
      'evidence',
      'hosts',
      'repository',
      'toolchains',
      'stack',
      'checklist',
      'signoff',
      'runs',
    ],
    outside: ['node:*', 'puppeteer-core', 'zod'],
  },
  {
    name: 'commands',
    what: 'one screen each: words in, exit code out',
    may: [
      'version',
      'core',
      'formats/*',
      'evidence',
      'hosts',
      'repository',
      'toolchains',
      'claims',
      'stack',
      'draft',
      'steps',
      'checklist',
      'reporters',
      'signoff',
      'ui',
      'serve',
      'runs',
      'engine',
    ],
    outside: ['@bomb.sh/tab', '@bomb.sh/tab/*', '@hono/node-server', 'commander', 'node:*', 'zod'],
  },
  {
    name: 'gen',
    what: 'writes what is generated: index of the steps, reference, schemas',
    may: ['core', 'toolchains', 'checklist', 'signoff'],
    outside: ['node:fs', 'node:path'],
  },
  {
    name: 'cli',
    what: 'argv → command → exit code; the only file that sets process.exitCode',
    may: ['version', 'core', 'ui', 'commands'],
    outside: ['commander', 'zod'],
  },
];

/** Arrows that go the wrong way and are on their way out; each names the files that still draw it. An entry without use is refused. */
export const onTheirWayOut: Readonly<Record<string, readonly string[]>> = {};
