import { z } from 'zod';
import { browser } from '../../toolchains/tools.ts';
import { AnyDuration } from '../../core/duration.ts';
import type { StepContext } from '../../core/doors.ts';
import { defineStep, Duration, error, Judge, ms, poll, showDuration, Unobservable } from '../../core/step.ts';
import { parseDashboard } from '../../formats/grafana/board.ts';
import type { Board } from '../../formats/grafana/board-model.ts';
import { expandRepeats } from '../../formats/grafana/repeats.ts';
import { interpolateText, scopeOf } from '../../formats/grafana/variables.ts';
import { identity, prometheusParams } from '../../clients/prometheus.ts';
import { derivedOf } from '../../repository/derived.ts';
import { prometheusAsker, prometheusPanels } from '../../grafana/ask-prometheus.ts';
import {
  judgeEmptiness,
  panelFacts,
  panelParams,
  panelProblems,
  panelTable,
  type BoardRun,
} from '../../grafana/judge-panels.ts';
import { failingAnnotations, runPanels, type Frame } from '../../grafana/panel-run.ts';
import { parallel, photograph, pictureName, sha256, type Picture } from '../../grafana/pictures.ts';
import { dashboardFiles, givenVariables, rangeOf, rangeParams, withoutData } from '../../grafana/run-board.ts';
import { resolveVariables } from '../../grafana/scope.ts';
import { provisionedSources } from '../../grafana/sources.ts';

const params = z.strictObject({
  ...prometheusParams,
  dashboards: z.array(z.string().min(1)).min(1).describe('dashboard files of the target, or globs'),
  datasources: z
    .array(z.string().min(1))
    .default([])
    .describe('provisioning files of the data sources; with them, a reference to a source that is not there is found'),
  ...panelParams,
  ...rangeParams,
  themes: z
    .array(z.enum(['light', 'dark']))
    .default(['light', 'dark'])
    .describe('of the pictures; none where the list is empty'),
  history: AnyDuration.optional().describe(
    'wait until the samples reach back this far, at most `within`: the lines of a stack that has just come up are short',
  ),
  within: Duration.optional().describe(
    'asked again until every panel has data, at most this long: a rate needs two scrapes',
  ),
});
type Params = z.infer<typeof params>;

interface Observed {
  prometheus: string;
  /** Globs that match no file. */
  unmatched: string[];
  boards: BoardRun[];
  pictures: Picture[];
}

const problems = {
  ...panelProblems,
  'dashboard-missing': error('A dashboard file is not there', 'correct the path, or make the file'),
  'dashboard-unreadable': error(
    'A dashboard file is not a dashboard',
    'export the dashboard again: JSON with title and panels at its top',
  ),
} as const;

export default defineStep<Params, Observed>({
  kind: 'dashboards/preview',
  summary: 'Every panel’s queries return data from Prometheus; a picture of each dashboard is drawn from them.',
  description: `Without a Grafana: reads each dashboard’s JSON, puts its variables in as Grafana does, computes \`$__interval\` and \`$__rate_interval\`, and runs each panel’s queries against Prometheus. A panel is *data*, *empty*, *all-NaN*, *error*, *variable-empty* or *datasource-missing*; anything but data is a finding, unless \`allowEmpty\` names the panel with a reason. Panels of collapsed rows count.

The picture is drawn from the same data with ECharts in Chromium, in Grafana’s grid (histograms, state timelines, status histories and bar charts as a table of their series, marked so), and says on itself that it is a preview; the step’s fidelity is *reduced*, so a sign-off that asks for full fidelity still needs \`grafana/screenshot\`. Queries of other data sources and library panels cannot be asked and are inconclusive. A window that begins before the first sample is drawn from that sample on.`,
  example: `- id: dashboards-preview
  uses: dashboards/preview
  needs: [targets]
  with:
    url: \${{ facts.stack.prometheus.url }}
    dashboards: ["deployments/grafana/dashboards/*.json"]
    datasources: ["deployments/grafana/provisioning/datasources/*.yml"]
    within: 60s
    allowEmpty:
      - { dashboard: storage-tiers, panel: Rejected writes, reason: nothing is rejected on a healthy system }`,
  params,
  facts: {
    'dashboards.count': 'dashboards that were read',
    ...panelFacts,
  },
  problems,
  timeout: '180s',
  requires: (p) => (p.themes.length === 0 ? [] : [browser]),
  plan: (p) => [
    `runs the queries of ${p.dashboards.join(', ')} against ${p.url}`,
    ...(p.themes.length === 0 ? [] : [`draws each dashboard (${p.themes.join(', ')}) in the browser`]),
  ],
  async gather(p, ctx) {
    const prometheus = await identity(ctx, p);
    const { files, unmatched } = await dashboardFiles(ctx, p.dashboards);
    const sources = p.datasources.length === 0 ? undefined : await provisionedSources(ctx, p.datasources);
    if (sources?.files.length === 0)
      throw new Unobservable('datasources-missing', `no file matches ${p.datasources.join(', ')}`, {
        hint: 'correct `datasources`',
      });
    const { seen } = await poll(ctx, {
      within: p.within,
      every: 1000,
      // For the pictures.
      reserve: 40_000,
      look: async () => {
        const looked: Seen[] = [];
        for (const file of files) looked.push(await look(p, ctx, file, sources?.sources));
        return { seen: looked, poor: withoutData(looked.map(({ run }) => run)) };
      },
      done: (now) => now.poor === 0 && (p.history === undefined || samplesReach(now.seen) >= ms(p.history)),
      waiting: ({ poor }, waited) =>
        `${poor > 0 ? `${poor} panels wait for data` : 'waiting for more samples'}, ${showDuration(waited)}`,
    });
    return { prometheus, unmatched, boards: seen.map(({ run }) => run), pictures: await draw(p, ctx, seen) };
  },
  judge(p, { unmatched, boards, pictures, prometheus }) {
    const j = new Judge(problems);
    j.reduced(`drawn by verify from Prometheus ${prometheus}, in place of Grafana`);
    for (const glob of unmatched) j.find('dashboard-missing', `${glob} matches no file`, { subject: glob });
    for (const board of boards) {
      const where = { file: board.file ?? board.uid };
      if (board.unreadable !== undefined)
        j.find('dashboard-unreadable', `${where.file}: ${board.unreadable}`, { where });
    }
    judgeEmptiness(j, boards, p.allowEmpty);
    panelTable(j, boards, pictures, p.allowEmpty);
    for (const picture of pictures) j.fact(`picture.${picture.file}`, picture.sha256);
    return j.done();
  },
});

interface Seen {
  run: BoardRun;
  board?: Board;
  runs?: Awaited<ReturnType<typeof runPanels>>;
  scope?: Awaited<ReturnType<typeof resolveVariables>>['scope'];
  range?: { from: number; to: number };
}

async function look(
  p: Params,
  ctx: StepContext,
  file: string,
  sources: Parameters<typeof runPanels>[2],
): Promise<Seen> {
  const parsed = await derivedOf(ctx, file, parseDashboard);
  if ('refused' in parsed) return { run: { file, uid: '', title: file, unreadable: parsed.refused, panels: [] } };
  const saved = parsed.board;
  const range = rangeOf(p, saved, ctx.now());
  const found = await resolveVariables(saved, {
    range,
    sources,
    ask: prometheusAsker(ctx, p),
    given: givenVariables(p.variables),
  });
  const board = expandRepeats(saved, found.scope);
  const ask = prometheusPanels(ctx, p, found, range);
  const runs = await runPanels(board, found, sources, ask, { expressions: false });
  const annotations = await failingAnnotations(board, found, sources, ask);
  const panels = [...runs].map(([panel, { run }]) => ({
    ...run,
    title: interpolateText(run.title, scopeOf(panel, found.scope)),
    line: panel.queries[0]?.line ?? panel.line,
    ...(panel.collapsedIn !== undefined && { row: panel.collapsedIn }),
  }));
  const run = { file, uid: board.uid, title: board.title, panels, annotations };
  return { run, board, runs, scope: found.scope, range };
}

/** Milliseconds from the first sample of any panel to the end of the range. */
const samplesReach = (seen: readonly Seen[]): number =>
  Math.max(
    0,
    ...seen.flatMap(({ runs, range }) =>
      [...(runs?.values() ?? [])].flatMap(({ frames }) =>
        frames.flatMap((frame) => (frame.points[0] && range ? [range.to - frame.points[0][0]] : [])),
      ),
    ),
  );

/** The range that has samples, at least 10 s of it: a young Prometheus would else be a thin line at the right edge. */
function drawnRange(range: { from: number; to: number }, frames: readonly Frame[]): { from: number; to: number } {
  const first = Math.min(
    ...frames.flatMap((frame) => (frame.points.length > 1 && frame.points[0] ? [frame.points[0][0]] : [])),
  );
  if (!Number.isFinite(first) || first - range.from < (range.to - range.from) * 0.1) return range;
  return { from: Math.min(first, range.to - 10_000), to: range.to };
}

async function draw(p: Params, ctx: StepContext, seen: readonly Seen[]): Promise<Picture[]> {
  const [{ drawChart }, { previewPage }] = await Promise.all([
    import('../../grafana/draw-chart.ts'),
    import('../../grafana/preview-page.ts'),
  ]);
  const jobs = seen.flatMap((one) => p.themes.map((theme) => ({ ...one, theme })));
  const names = new Set<string>();
  const pictures = await parallel(
    jobs,
    2,
    async ({ run, board, runs, scope, range, theme }): Promise<Picture | undefined> => {
      if (!board || !runs || !scope || !range || runs.size === 0) return undefined;
      ctx.progress(`drawing ${board.title} (${theme})`);
      const all = [...runs.values()].flatMap((one) => one.frames);
      const page = previewPage({
        board,
        runs,
        scope,
        range: drawnRange(range, all),
        theme,
        draw: drawChart,
        origin: run.file ?? '',
      });
      const png = await photograph(ctx, page.html, page);
      let file = pictureName(board.uid || (run.file ?? 'dashboard'), theme);
      for (let n = 2; names.has(file); n++) file = file.replace(/(?:-\d+)?\.png$/, `-${n}.png`);
      names.add(file);
      await ctx.evidence.write(file, png);
      return { file, sha256: sha256(png), width: page.width, height: page.height, theme, dashboard: board.title };
    },
  );
  return pictures.filter((one) => one !== undefined);
}
