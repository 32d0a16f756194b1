import { z } from 'zod';
import { defineStep, Judge, type StepContext } from '../../core/step.ts';
import { placeIn, type Loads, type SeenBoard } from '../../formats/grafana/dashboards/board-findings.ts';
import { BoardChecks } from '../../formats/grafana/dashboards/checks.ts';
import { filledInputs } from '../../repository/dashboard-inputs.ts';
import { parseByColumn } from '../../formats/grafana/board.ts';
import { judgedBoard } from '../../formats/grafana/dashboards/judged.ts';
import type { Tree } from '../../core/tree.ts';
import { derivedOf } from '../../repository/derived.ts';
import { judgeIdentity } from '../../formats/grafana/dashboards/identity.ts';
import { boardProblems, type BoardJudge } from '../../formats/grafana/dashboards/problems.ts';
import type { ProvisionedSource } from '../../formats/grafana/dashboards/sources.ts';
import { replaceVariables } from '../../formats/grafana/variable-uses.ts';
import { isMetricsQl } from '../../formats/promql/metricsql.ts';
import { KnownMetrics } from '../../formats/prometheus/known-metrics.ts';
import { judgeUnknown, unexportedNames, unjudgedNames } from '../../formats/prometheus/metric-reads.ts';
import { judgeSources, metricSourceParams, type SeenSources } from '../../formats/prometheus/metric-sources.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { gatherSources, namedInSource } from '../../repository/metric-sources.ts';
import { folderIsProvided } from '../../formats/grafana/dashboards/organisations.ts';
import { heldBy, provisionedFolders, type ProvisionedFolders } from '../../repository/provisioned-folders.ts';
import { postsDashboards, wrappedLevel } from '../../repository/wrapped-dashboards.ts';
import { lackingPlugins, type LackingPlugins } from '../../repository/panel-plugins.ts';
import { declaredSeries, unsourcedMetrics } from '../../repository/metric-names.ts';
import { provisioningFile, type ProvisioningFile } from '../../formats/grafana/provisioning.ts';
import { brokenReference } from '../../formats/grafana/source-references.ts';
import { baseOf } from '../../formats/data/paths.ts';

const params = z.strictObject({
  dashboards: z.array(z.string().min(1)).min(1).describe('dashboard files or globs, relative to the target'),
  provisioning: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'data source provisioning files or globs; without any, references to data sources are not judged. The providers of dashboards beside them, and among them, tell the organisations',
    ),
  rules: z.array(z.string().min(1)).default([]).describe('rule files or globs: what recording rules produce'),
  ...metricSourceParams,
});
type Params = z.infer<typeof params>;

interface Observed {
  boards: SeenBoard[];
  refused: { file: string; refused: string; line: number; alien: boolean }[];
  unmatched: string[];
  /** undefined: no provisioning was given. */
  dataSources?: ProvisionedSource[];
  provisioningUnmatched: string[];
  /** References between provisioned data sources that lead nowhere. */
  broken: { from: string; why: string; file: string; line: number }[];
  /** Provisioning files that are no YAML. */
  unread: string[];
  provided: ProvisionedFolders;
  /** What of the links of dashboards the other files of the repository name as a dashboard's uid. */
  otherBoards: string[];
  /** Files that a jsonnet program of the repository reads. */
  templates: string[];
  /** Inputs of the import dialogue that a script of the repository fills in. */
  filledInputs: string[];
  posted: boolean;
  sources: SeenSources;
  /** Kinds of panels that no image and no plugin brings. */
  lacking?: LackingPlugins;
}

export default defineStep<Params, Observed>({
  kind: 'dashboards/lint',
  summary: 'Without Grafana: every dashboard can be imported, and every panel asks for data that exists.',
  description: `Reads every dashboard file (classic JSON, v1 resources, and dynamic v2 dashboards) and follows what it refers to.

- **Importable**: JSON with a title at the top and no \`{"dashboard": …}\` around it; uids that Grafana takes, unique in an organisation; titles unique in a folder.
- **Data sources**: every reference of a panel, query, variable and annotation resolves in \`provisioning\`, as Grafana resolves it: by uid, by name, by a variable of the type datasource, or the default. A data source without uid has \`P\` and the first 16 hex digits of its name's SHA-256. Links from one data source to another (\`datasourceUid\`) lead to a uid that is provisioned.
- **Variables**: every one that is used is declared, in all spellings (\`$x\`, \`\${x}\`, \`\${x:fmt}\`, \`[[x]]\`, repeats), and every one that is declared is used.
- **Queries**: PromQL parses once Grafana's variables are replaced; an error is certain only where the variables stand in strings and ranges, else it is a warning. Queries to data sources other than Prometheus are not read.
- **Metrics**: as in \`prometheus/rules-static\`: exported by one of \`exporters\`, recorded by one of \`rules\`, or Prometheus's own. Missing only where that is proven; what may come from an exporter that was not given is named in one note.
- **Plugins**: where a Compose file runs Grafana's own image, every type of panel is one that this version brings, or some file of the repository names its plugin.
- **Panels**: none that shows data is without a query; its unit is the unit of its query, where that can be computed. Thresholds, bounds and mappings can act; transformations and overrides name fields that there are, as far as the query tells them; expressions read queries that there are; the form of the answer is one that the kind of panel shows.
- **Links** lead to dashboards of the repository; the range ends after it begins. \`panels.count\` counts everything but rows, those in collapsed rows included.`,
  example: `- id: dashboards
  uses: dashboards/lint
  with:
    dashboards: [deployments/grafana/dashboards/*.json]
    provisioning: [deployments/grafana/provisioning/datasources/*.yml]
    rules: [deployments/prometheus/recording_rules.yml]
    exporters: [{ url: "\${{ facts.stack.engram.url }}/metrics/prometheus", job: engram }]`,
  params,
  facts: {
    'dashboards.count': 'dashboards that can be imported',
    'panels.count': 'panels, rows left out, those in collapsed rows included',
    'queries.count': 'queries of panels and annotations',
  },
  problems: boardProblems,
  timeout: '60s',
  plan: (p) => [
    `reads ${p.dashboards.join(', ')}`,
    ...p.exporters.map((one) => (one.url === undefined ? `reads ${one.file}` : `GET ${one.url}`)),
  ],
  async gather(p, ctx) {
    const { paths, unmatched } = await matchedFiles(p.dashboards, ctx);
    const boards: SeenBoard[] = [];
    const refused: Observed['refused'] = [];
    const placeholders = new Set<string>();
    for (const file of paths) {
      for (const [, name = ''] of (await ctx.files.read(file)).matchAll(/\$\{([A-Z][A-Z0-9_-]*)\}/g))
        placeholders.add(name);
      const parsed = await derivedOf(ctx, file, parseByColumn);
      if ('board' in parsed) {
        const board = judgedBoard(parsed.board);
        const { pathAt } = parsed;
        const paths = pathAt && pathsIn(board, pathAt);
        boards.push({ file, sha256: await ctx.files.sha256(file), board, ...(paths && { paths }) });
      } else refused.push({ file, ...parsed });
    }
    const sources = await gatherSources(p, (await matchedFiles(p.rules, ctx)).paths, ctx);
    const provisioned = await matchedFiles(p.provisioning, ctx);
    const { dataSources, broken, unread } = await readSources(provisioned.paths, ctx);
    const expressions = boards.flatMap(({ board }) =>
      board.panels.flatMap((panel) => panel.queries.map((query) => replaceVariables(query.expr ?? '').text)),
    );
    const named = p.lazy ? await namedInSource(unexportedNames(expressions, sources), ctx) : {};
    const unjudged = unjudgedNames(expressions, sources);
    const unsourced = unsourcedMetrics(unjudged, await ctx.tree());
    const declared = declaredSeries(unjudged, await ctx.tree());
    const lacking = await lackingPlugins(
      [...new Set(boards.flatMap(({ board }) => board.panels.map((one) => one.type)))],
      ctx,
    );
    return {
      ...(lacking && { lacking }),
      boards,
      refused,
      unmatched,
      ...(p.provisioning.length > 0 && { dataSources }),
      broken,
      unread,
      provided: await provisionedFolders(provisioned.paths, ctx),
      templates: await readByJsonnet(paths, ctx),
      posted: (await ctx.tree()).get(postsDashboards),
      otherBoards: namedElsewhere(boards, paths, await ctx.tree()),
      provisioningUnmatched: provisioned.unmatched,
      filledInputs: await filledInputs(
        boards.flatMap(({ board }) => board.inputs),
        [...placeholders],
        paths,
        ctx,
      ),
      sources: { ...sources, named, unsourced, declared },
    };
  },
  judge(p, observed) {
    const j = new Judge(boardProblems);
    judgeSources(j, p, observed.sources);
    judgeFiles(j, p, observed);
    const { providers, folders, named } = observed.provided;
    const loads = (file: string): Loads => {
      if (folders) return heldBy(file, folders) ? 'yes' : 'no';
      return providers.length === 0 || folderIsProvided(file, providers) ? 'yes' : 'unknown';
    };
    // What no provider loads is there to be imported by hand.
    judgeIdentity(
      j,
      observed.boards.filter(({ file }) => loads(file) !== 'no'),
      providers,
      folders !== undefined,
      (file) => folders?.find((one) => one.into !== undefined && heldBy(file, [one]))?.into,
    );
    const sources = observed.dataSources?.length === 0 ? undefined : observed.dataSources;
    const around = {
      known: new KnownMetrics(observed.sources),
      sources,
      unknown: new Set<string>(),
      undecided: new Set<string>(),
      metricsQl: observed.boards.some(({ board }) =>
        board.panels.some((panel) => panel.queries.some((query) => isMetricsQl(query.expr ?? ''))),
      ),
      filledInputs: observed.filledInputs,
      provided: providers.length > 0,
      links: {
        uids: new Set([...observed.boards.map(({ board }) => board.uid), ...observed.otherBoards]),
        tags: new Set(observed.boards.flatMap(({ board }) => board.tags)),
      },
    };
    const rows: string[][] = [];
    let queries = 0;
    for (const seen of observed.boards) {
      const { board, file } = seen;
      const before = j.weighty;
      const checks = new BoardChecks(j, seen, {
        ...around,
        loads: loads(file),
        onlyImported: !named,
        isTemplate: observed.templates.includes(file),
      });
      checks.all();
      queries += checks.queries;
      const found = j.weighty - before;
      j.prove(`${file} can be imported`);
      if (found === 0 && checks.queries > 0)
        j.prove(`${board.title}: ${board.panels.length} panels and ${checks.queries} queries hold`);
      const counts = [board.panels.length, checks.queries, board.variables.length, found].map(String);
      rows.push([file, board.title, board.uid, ...counts]);
    }
    judgePlugins(j, observed);
    judgeUnknown(j, around.unknown);
    const { undecided } = around;
    if (undecided.size > 0)
      j.find(
        'query-undecided',
        `not judged: ${[...undecided].slice(0, 20).join('; ')}${undecided.size > 20 ? `; and ${undecided.size - 20} more` : ''}`,
      );
    const panels = observed.boards.reduce((sum, { board }) => sum + board.panels.length, 0);
    j.fact('dashboards.count', observed.boards.length).fact('panels.count', panels).fact('queries.count', queries);
    j.table('Dashboards', ['file', 'title', 'uid', 'panels', 'queries', 'variables', 'findings'], rows);
    return j.done();
  },
});

/** Files that are not there, or that Grafana does not read. */
function judgeFiles(j: BoardJudge, { provisioning }: Params, observed: Observed): void {
  for (const pattern of observed.unmatched)
    j.find('dashboards-unmatched', `${pattern} matches no file`, { where: { file: pattern } });
  for (const pattern of observed.provisioningUnmatched)
    j.find('provisioning-unmatched', `${pattern} matches no file`, { where: { file: pattern } });
  for (const file of observed.unread)
    j.find('provisioning-unmatched', `${file} is not YAML: Grafana refuses to start with it`, { where: { file } });
  if (observed.dataSources?.length === 0 && observed.provisioningUnmatched.length + observed.unread.length === 0)
    j.find('provisioning-unmatched', `${provisioning.join(', ')} contain no data sources`);
  for (const { file, refused, line, alien } of observed.refused) {
    const level = wrappedLevel(file, refused, observed.posted, observed.provided);
    j.find(alien ? 'not-a-dashboard' : 'not-importable', `${file}: ${refused}`, {
      subject: file,
      where: { file, line },
      ...(level && { level }),
    });
  }
  for (const { from, why, file, line } of observed.broken)
    j.find('datasource-reference', why, { subject: from, where: { file, line } });
}

/** One finding for each plugin, at the first panel that needs it. */
function judgePlugins(j: BoardJudge, { lacking, boards }: Pick<Observed, 'lacking' | 'boards'>): void {
  for (const kind of lacking?.kinds ?? []) {
    const places = boards.flatMap((seen) =>
      seen.board.panels
        .filter((one) => one.type === kind)
        .map(({ title, line }) => ({ ...placeIn(seen, line), title })),
    );
    const [first] = places;
    if (!lacking || !first) continue;
    const { title, ...where } = first;
    j.find(
      'panel-plugin-missing',
      `${title}: ${lacking.image} (${lacking.file}) has no panel of the type ${kind}, and nothing in the repository installs it`,
      {
        subject: kind,
        where,
        ...(places.length > 1 && { detail: places.map((one) => `${one.file}:${one.line} ${one.title}`).join('\n') }),
      },
    );
  }
}

/** The JSON paths of all places of a dashboard that findings can name. */
function pathsIn(board: object, pathAt: (column: number) => string | undefined): Record<string, string> {
  const paths: Record<string, string> = {};
  const visit = (value: unknown, key: string): void => {
    const path = typeof value === 'number' && /line$/i.test(key) ? pathAt(value) : undefined;
    if (path !== undefined) paths[String(value)] = path.replace(/\.(?:title|name|expr)$/, '');
    if (value !== null && typeof value === 'object')
      for (const [name, inner] of Object.entries(value)) visit(inner, name);
  };
  visit(board, '');
  return paths;
}

/** The files that some jsonnet program names: it makes a dashboard of them, with variables of its own. */
async function readByJsonnet(paths: readonly string[], ctx: StepContext): Promise<string[]> {
  const left = new Set(paths);
  for (const program of (await ctx.files.glob(['**/*.{jsonnet,libsonnet}'])).slice(0, 2000)) {
    if (left.size === 0) break;
    const text = await ctx.files.read(program);
    for (const path of left) if (text.includes(baseOf(path))) left.delete(path);
  }
  return paths.filter((path) => !left.has(path));
}

/** The uids that dashboards lead to, and that a file other than these dashboards has as a text of its own. */
function namedElsewhere(boards: readonly SeenBoard[], paths: readonly string[], tree: Tree): string[] {
  const own = new Set(boards.map(({ board }) => board.uid));
  const left = new Set(
    boards.flatMap(({ board }) => board.links.flatMap((one) => ('uid' in one && !own.has(one.uid) ? [one.uid] : []))),
  );
  const found: string[] = [];
  for (const path of left.size === 0 ? [] : tree.paths) {
    if (paths.includes(path) || (tree.size(path) ?? 0) > 1 << 20) continue;
    const text = tree.text(path) ?? '';
    for (const uid of left)
      if (text.includes(`"${uid}"`) || text.includes(`'${uid}'`) || text.includes(`: ${uid}`)) {
        left.delete(uid);
        found.push(uid);
      }
  }
  return found;
}

async function readSources(
  paths: readonly string[],
  ctx: StepContext,
): Promise<Pick<Observed, 'broken' | 'unread'> & { dataSources: ProvisionedSource[] }> {
  const files: { file: string; read: ProvisioningFile }[] = [];
  for (const file of paths) files.push({ file, read: await derivedOf(ctx, file, provisioningFile) });
  const all = files.flatMap(({ read }) => read.sources).map((one) => ({ ...one, uid: one.given }));
  const broken = files.flatMap(({ file, read }) =>
    read.references.flatMap((reference) => {
      const why = brokenReference(reference, all);
      return why === undefined ? [] : [{ from: reference.from, why, file, line: reference.line }];
    }),
  );
  const unread = files.filter(({ read }) => !read.parses).map(({ file }) => file);
  return { dataSources: all, broken, unread };
}
