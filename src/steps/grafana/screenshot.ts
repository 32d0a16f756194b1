import { drillLabel } from '../../clients/drill-samples.ts';
import { z } from 'zod';
import { browser } from '../../toolchains/tools.ts';
import { defineStep, Duration, error, inconclusive, Judge, ms, type StepContext } from '../../core/step.ts';
import { api, atLeast, authorization, grafanaParams, health, session, type Health } from '../../grafana/api.ts';
import { compare, readBaseline, type Comparison, type PictureIndex } from '../../grafana/baseline.ts';
import { judgeComparisons, judgeShots, pageProblems, timeTable, type Shot } from '../../grafana/judge-pages.ts';
import { judgeEmptiness, panelFacts, panelParams, panelProblems, panelTable } from '../../grafana/judge-panels.ts';
import { dataSources, panelKinds, search } from '../../grafana/library.ts';
import { openPage } from '../../grafana/open-page.ts';
import type { PageRequest } from '../../grafana/ready.ts';
import { parallel, pictureName, sha256, Tabs, type Picture } from '../../grafana/pictures.ts';
import { rangeParams, runBoard, type RanBoard } from '../../grafana/run-board.ts';
import { selectorsOf } from '../../grafana/selectors.ts';
import { markStandIn } from '../../grafana/stand-in.ts';

const params = z.strictObject({
  ...grafanaParams,
  dashboards: z
    .array(
      z.union([
        z.string().min(1),
        z.strictObject({
          uid: z.string().min(1).describe('uid or title'),
          panels: z.array(z.int()).default([]).describe('ids of panels that also get a picture of their own'),
        }),
      ]),
    )
    .min(1)
    .describe('uids or titles of the dashboards'),
  ...panelParams,
  ...rangeParams,
  themes: z
    .array(z.enum(['light', 'dark']))
    .min(1)
    .default(['light', 'dark']),
  width: z.int().min(600).max(4000).default(1600).describe('CSS pixels; the height follows from the dashboard'),
  within: Duration.default('30s').describe('how long a page may take until it is ready'),
  parallel: z.int().min(1).max(8).default(2).describe('pages at a time, in one browser'),
  baseline: z
    .string()
    .optional()
    .describe('folder with the pictures and pictures.json of an earlier run’s evidence; panels are compared strictly'),
  pixels: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('share of pixels that may differ from the baseline; without it they are only counted'),
});
type Params = z.infer<typeof params>;

interface Observed {
  health: Health;
  boards: RanBoard['run'][];
  missing: string[];
  shots: Shot[];
  /** All pages together, in milliseconds. */
  took: number;
  comparisons: Comparison[];
}

const problems = {
  ...panelProblems,
  ...pageProblems,
  'dashboard-missing': error('A dashboard is not in Grafana', 'correct the uid, or see its provisioning'),
  'drill-in-picture': inconclusive(
    'The picture may show what a drill put into Prometheus',
    'take pictures before the drills, or once their samples are out of the range',
  ),
} as const;

export default defineStep<Params, Observed>({
  kind: 'grafana/screenshot',
  summary: 'Pictures of the loaded dashboards, whose panels show what the API answers.',
  description: `Runs each panel’s queries through the API first, then opens the dashboard in one browser, pages in parallel. The session is made by the login API, or a token goes along as a header, to Grafana’s origin only; neither is ever part of a URL, and other origins are not loaded.

The range is what a viewer sees (the dashboard’s own beginning and end, each panel’s own range), the zone UTC, the clock stands still, nothing moves, everything but the panels is hidden, and the window is as tall as the dashboard so that lazy panels load; above 16,000 px it comes in parts. A dashboard opens with its first tab; each panel of the others gets a picture of its own. A page is ready by Grafana’s own signals (scenes from 11.3, the panel contents before), with no request open and nothing changing. Then the final address is checked, and each panel’s state on the page, every copy of a repeated one, is held against the API’s, both ways: the API is the authority, and where a plugin makes its data in the browser the page decides. What is not ready within \`within\` is a failure that names the panels.

With \`baseline\`, panels, their places and states must be the same; pixels may differ by the budget \`pixels\`. Difference and side-by-side pictures are evidence.`,
  example: `- id: screenshots
  uses: grafana/screenshot
  needs: [grafana-dashboards]
  secrets: [GRAFANA_TOKEN]
  with:
    url: \${{ facts.stack.grafana.url }}
    token: GRAFANA_TOKEN
    dashboards: [system-overview, { uid: storage-tiers, panels: [1] }]`,
  params,
  facts: {
    'dashboards.count': 'dashboards that were photographed',
    ...panelFacts,
  },
  problems,
  timeout: '300s',
  requires: () => [browser],
  locks: () => ['stack'],
  undisturbed: true,
  plan: (p) => [
    `runs the panels of ${p.dashboards.map((one) => (typeof one === 'string' ? one : one.uid)).join(', ')} through ${p.url}/api/ds/query`,
    `opens each at ${p.url}/d/… (${p.themes.join(', ')}) and takes its picture`,
  ],
  async gather(p, ctx) {
    const answered = await health(ctx, p);
    const { version = '' } = answered;
    const baseline = p.baseline === undefined ? undefined : await readBaseline(ctx, p.baseline);
    // Who may not ask the API gets no session either; with a token or user, prove it before a page is opened.
    await api(ctx, p, '/api/org');
    const [sources, there, cookie] = [await dataSources(ctx, p), await search(ctx, p), await session(ctx, p)];
    const [kinds, selectors] = [await panelKinds(ctx, p), await selectorsOf(answered.version)];
    const looked = await parallel(p.dashboards, p.parallel, async (one) => {
      const { uid, panels } = typeof one === 'string' ? { uid: one, panels: [] } : one;
      const found = there.find((hit) => hit.uid === uid) ?? there.find((hit) => hit.title === uid);
      ctx.progress(`running the panels of ${uid}`);
      return { uid, panels, board: found && (await runBoard(ctx, p, found, sources, kinds)) };
    });
    const ran = looked.flatMap(({ board, panels }) => (board ? [{ board, panels }] : []));
    const missing = looked.filter(({ board }) => !board).map(({ uid }) => uid);
    const jobs = ran.flatMap(({ board, panels }) =>
      p.themes.flatMap((theme) =>
        // What another tab than the first one holds is only seen by itself.
        [
          undefined,
          ...new Set([...panels, ...board.wanted.flatMap((one) => (one.tab === undefined ? [] : [one.id]))]),
        ].map((panel) => ({ board, theme, panel })),
      ),
    );
    const headers = p.token === undefined ? {} : authorization(ctx, p);
    const comparisons: Comparison[] = [];
    const [tabs, began] = [new Tabs(ctx), performance.now()];
    const shots = await parallel(jobs, p.parallel, async ({ board, theme, panel }): Promise<Shot> => {
      const request = { ...requestOf(p, version, board, theme, panel), selectors, cookie, headers };
      const { seen, parts, cutAt, took } = await openPage(ctx, tabs, request);
      const { uid, title } = board.run;
      const shot: Shot = {
        ...seen,
        uid,
        title,
        theme,
        took,
        ...(panel !== undefined && { panel }),
        ...(cutAt !== undefined && { cutAt }),
      };
      const taken: Picture[] = [];
      for (const [n, { png, height }] of parts.entries()) {
        const file = pictureName(uid, theme, panel, n);
        await ctx.evidence.write(file, png);
        const picture: Picture = {
          file,
          sha256: sha256(png),
          width: request.size.width,
          height,
          theme,
          dashboard: title,
          ...(panel !== undefined && { panel }),
        };
        taken.push(picture);
        if (baseline && p.baseline !== undefined && seen.status === 'ready')
          comparisons.push(await compare(ctx, p.baseline, baseline, picture, seen.panels, png));
      }
      const [first, ...more] = taken;
      if (first) shot.picture = first;
      if (more.length > 0) shot.more = more;
      return shot;
    });
    await tabs.close();
    await writeIndex(ctx, shots);
    return {
      health: answered,
      boards: ran.map(({ board }) => board.run),
      missing,
      shots,
      took: Math.round(performance.now() - began),
      comparisons: comparisons.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    };
  },
  judge(p, { health: answered, boards, missing, shots, took, comparisons }) {
    const j = new Judge(problems);
    markStandIn(j, answered);
    for (const uid of missing) j.find('dashboard-missing', `${uid} is not there`, { subject: uid });
    for (const { title, panels } of boards)
      if (panels.some(({ queries }) => queries.some(({ expr }) => expr.includes(`${drillLabel}=""`))))
        j.find('drill-in-picture', `${title} reads a Prometheus with samples of a drill in its range`, {
          subject: title,
        });
    const settled = judgeShots(j, shots, boards);
    judgeEmptiness(j, boards, p.allowEmpty, settled);
    judgeComparisons(j, comparisons, p.pixels);
    const pictures = shots.flatMap((shot) => (shot.status === 'ready' ? picturesOf(shot) : []));
    panelTable(j, boards, pictures, p.allowEmpty);
    timeTable(j, shots, `all, ${p.parallel} at a time`, took);
    for (const picture of pictures) j.fact(`picture.${picture.file}`, picture.sha256);
    return j.done();
  },
});

const picturesOf = ({ picture, more = [] }: Shot): Picture[] => (picture ? [picture, ...more] : []);

/** The address of a dashboard, or of one of its panels, with everything but the panels hidden. */
function requestOf(
  p: Params,
  version: string,
  { run, board, range, wanted }: RanBoard,
  theme: 'light' | 'dark',
  panel: number | undefined,
): Omit<PageRequest, 'cookie' | 'headers' | 'selectors'> {
  const scenes = atLeast(version, 11, 3);
  const query = new URLSearchParams({
    orgId: String(p.orgId),
    // As the dashboard says it, with the page's clock at `now`: an absolute beginning would put panels' own ranges out of force.
    ...range.raw,
    timezone: 'utc',
    refresh: '',
    theme,
    ...(scenes && { '_dash.hideTimePicker': 'true', '_dash.hideVariables': 'true', '_dash.hideLinks': 'true' }),
    ...(panel !== undefined && { viewPanel: scenes ? `panel-${panel}` : String(panel) }),
  });
  for (const [name, values] of Object.entries(p.variables))
    for (const value of [values].flat()) query.append(`var-${name}`, value);
  const path = `/d/${encodeURIComponent(run.uid)}`;
  // Grafana's one column, below this width. The window grows where the page turns out to be taller.
  const heights = board.panels.map((one) => one.grid.h);
  const rows =
    p.width < 769
      ? heights.reduce((sum, h) => sum + h, 0)
      : Math.max(8, ...board.panels.map((one) => one.grid.y + one.grid.h));
  return {
    url: `${p.url.replace(/\/+$/, '')}${path}?${query.toString()}&kiosk`,
    theme,
    size: {
      width: p.width,
      height:
        panel === undefined ? Math.min(16_000, (rows + board.rows.length) * 38 + 150) : Math.round(p.width * 0.5625),
    },
    now: range.now,
    panels: wanted.filter((one) => (panel === undefined ? one.tab === undefined : one.id === panel)),
    alone: panel !== undefined,
    limit: ms(p.within),
    path,
  };
}

/** What a later run is compared with. */
async function writeIndex(ctx: StepContext, shots: readonly Shot[]): Promise<void> {
  const index: PictureIndex = shots.flatMap((shot) =>
    shot.status === 'ready'
      ? picturesOf(shot).map(({ file, sha256: digest }) => ({ file, sha256: digest, panels: shot.panels }))
      : [],
  );
  if (index.length > 0) await ctx.evidence.write('pictures.json', `${JSON.stringify(index, null, 2)}\n`);
}
