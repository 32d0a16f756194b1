import { z } from 'zod';
import { Duration, ms, showDuration } from '../../core/duration.ts';
import { Judge } from '../../core/judgement.ts';
import { defineStep, type StepContext } from '../../core/step.ts';
import { dashboardFile } from '../../formats/grafana/dashboards/parse.ts';
import { grafanaParams, health, type Health } from '../../grafana/api.ts';
import { judgeEmptiness, panelParams, panelProblems, panelTable, type BoardRun } from '../../grafana/judge-panels.ts';
import { dataSources, search } from '../../grafana/library.ts';
import { dashboardFiles, rangeParams, runBoard } from '../../grafana/run-board.ts';
import { markStandIn } from '../../grafana/stand-in.ts';

const params = z
  .strictObject({
    ...grafanaParams,
    dashboards: z.array(z.string().min(1)).default([]).describe('uids or titles of the dashboards that must be there'),
    files: z
      .array(z.string().min(1))
      .default([])
      .describe('dashboard files of the target, or globs: each must be there under its uid, or its title'),
    provisioned: z.boolean().default(true).describe('they must come from file provisioning, not from a click'),
    ...panelParams,
    ...rangeParams,
    within: Duration.optional().describe('asked again until every panel has data, at most this long'),
  })
  .refine((p) => p.dashboards.length + p.files.length > 0, {
    error: 'name the expected dashboards: `dashboards`, `files` or both',
  });
type Params = z.infer<typeof params>;

interface Observed {
  health: Health;
  unmatched: string[];
  /** What was expected → what was found. */
  boards: (BoardRun & { wanted: string; provisioned: boolean })[];
  missing: { wanted: string; file?: string }[];
  /** Titles of all dashboards that Grafana has. */
  there: string[];
}

const problems = {
  ...panelProblems,
  'dashboard-missing': {
    level: 'error',
    title: 'An expected dashboard is not in Grafana',
    hint: 'see Grafana’s log for its provisioning: path of the provider, title and uid of the file',
  },
  'dashboard-unprovisioned': {
    level: 'error',
    title: 'A dashboard does not come from file provisioning',
    hint: 'it was made or imported by hand and will not come back after a new start; provision its file',
  },
  'file-missing': {
    level: 'error',
    title: 'A dashboard file is not there',
    hint: 'correct the path, or make the file',
  },
} as const;

export default defineStep<Params, Observed>({
  kind: 'grafana/dashboards',
  summary: 'The expected dashboards are provisioned, and every panel’s queries return data through Grafana.',
  description: `Finds the expected dashboards by \`/api/search\`, reads each (a dynamic dashboard of schema v2 answers 406 and is read as a resource), and runs every panel’s queries through \`/api/ds/query\` with the dashboard’s variables put in as the page would; the server puts \`$__interval\` and \`$__rate_interval\` in itself. Collapsed rows, library panels, mixed data sources and expressions are included. A panel counts as populated with one value that is not null.

Provisioned means \`meta.provisionedExternalId\`, since \`meta.provisioned\` stays false with \`allowUiUpdates\`.`,
  example: `- id: grafana-dashboards
  uses: grafana/dashboards
  needs: [grafana-health]
  secrets: [GRAFANA_TOKEN]
  with:
    url: \${{ facts.stack.grafana.url }}
    token: GRAFANA_TOKEN
    files: ["deployments/grafana/dashboards/*.json"]
    within: 60s`,
  params,
  facts: {
    'dashboards.count': 'expected dashboards that were found',
    'dashboards.panels': 'panels that ask something',
    'dashboards.populated': 'panels with data',
  },
  problems,
  timeout: '180s',
  plan: (p) => [
    `GET ${p.url}/api/search and each of ${[...p.dashboards, ...p.files].join(', ')}`,
    `POST ${p.url}/api/ds/query for each panel`,
  ],
  async gather(p, ctx) {
    const answered = await health(ctx, p);
    const sources = await dataSources(ctx, p);
    const { wanted, unmatched } = await expected(p, ctx);
    const began = ctx.now();
    for (;;) {
      const there = await search(ctx, p);
      const boards: Observed['boards'] = [];
      const missing: Observed['missing'] = [];
      for (const one of wanted) {
        const found =
          there.find((hit) => hit.uid === one.name) ??
          there.find((hit) => hit.title === one.name || hit.title === one.title);
        ctx.progress(`running the panels of ${one.title}`);
        const ran = found && (await runBoard(ctx, p, found, sources));
        const file = one.file === undefined ? {} : { file: one.file };
        if (ran) boards.push({ ...ran.run, ...file, wanted: one.name });
        else missing.push({ wanted: one.title, ...file });
      }
      const observed = { health: answered, unmatched, boards, missing, there: there.map((hit) => hit.title) };
      const poor =
        missing.length +
        boards.flatMap((one) => one.panels).filter((one) => ['empty', 'all-NaN', 'variable-empty'].includes(one.state))
          .length;
      const waited = ctx.now() - began;
      if (poor === 0 || p.within === undefined || waited > ms(p.within) || ctx.remaining() < 20_000) return observed;
      ctx.progress(`${poor} dashboards or panels wait for data, ${showDuration(waited)}`);
      await ctx.sleep(1000);
    }
  },
  judge(p, { health: answered, unmatched, boards, missing, there }) {
    const j = new Judge(problems);
    markStandIn(j, answered);
    for (const glob of unmatched) j.find('file-missing', `${glob} matches no file`, { subject: glob });
    for (const one of missing)
      j.find(
        'dashboard-missing',
        `${one.wanted} is not there; Grafana has ${there.length === 0 ? 'no dashboard' : there.slice(0, 10).join(', ')}`,
        {
          subject: one.wanted,
          ...(one.file !== undefined && { where: { file: one.file } }),
        },
      );
    for (const board of boards) {
      const at = { subject: board.title, ...(board.file !== undefined && { where: { file: board.file } }) };
      if (p.provisioned)
        j.check(
          board.provisioned,
          `${board.title} comes from file provisioning`,
          'dashboard-unprovisioned',
          `${board.title} (${board.uid}) does not come from a file`,
          at,
        );
      if (board.panels.length === 0) j.find('dashboard-blank', `${board.title} has no panel that asks anything`, at);
    }
    judgeEmptiness(j, boards, p.allowEmpty);
    panelTable(j, boards, [], p.allowEmpty);
    return j.done();
  },
});

async function expected(
  p: Params,
  ctx: StepContext,
): Promise<{ wanted: { name: string; title: string; file?: string }[]; unmatched: string[] }> {
  const wanted: { name: string; title: string; file?: string }[] = p.dashboards.map((name) => ({ name, title: name }));
  const { files, unmatched } = await dashboardFiles(ctx, p.files);
  for (const file of files) {
    const { uid, title } = dashboardFile(await ctx.files.read(file));
    wanted.push({ name: uid === '' ? title : uid, title: title === '' ? file : title, file });
  }
  return { wanted, unmatched };
}
