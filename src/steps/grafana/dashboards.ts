import { z } from 'zod';
import { defineStep, Duration, error, Judge, poll, showDuration, type StepContext } from '../../core/step.ts';
import { parseDashboard } from '../../formats/grafana/board.ts';
import type { Board } from '../../formats/grafana/board-model.ts';
import { grafanaParams, health, type Health } from '../../grafana/api.ts';
import { judgeEmptiness, panelParams, panelProblems, panelTable, type BoardRun } from '../../grafana/judge-panels.ts';
import { dataSources, panelKinds, search, type Found } from '../../grafana/library.ts';
import { dashboardFiles, rangeParams, runBoard, withoutData } from '../../grafana/run-board.ts';
import { derivedOf } from '../../repository/derived.ts';
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
  boards: (BoardRun & { wanted: string; provisioned: boolean; differs?: string })[];
  missing: { wanted: string; file?: string; instead?: string }[];
  /** Files of which Grafana can keep but one. */
  rivals: Rivals[];
  /** Titles of all dashboards that Grafana has. */
  there: string[];
}

const problems = {
  ...panelProblems,
  'dashboard-missing': error(
    'An expected dashboard is not in Grafana',
    'see Grafana’s log for its provisioning: path of the provider, title and uid of the file',
  ),
  'dashboard-differs': error(
    'Grafana serves another dashboard under the uid of a file',
    'give each file a uid of its own; where the file was changed, see in Grafana’s log why it is not read again',
  ),
  'uid-duplicate': error(
    'Two dashboard files have the same uid',
    'Grafana keeps one of them, and says so in its log only: give each its own',
  ),
  'title-duplicate': error(
    'Two dashboard files of one folder have the same title',
    'Grafana drops one of them: give each its own title',
  ),
  'dashboard-unprovisioned': error(
    'A dashboard does not come from file provisioning',
    'it was made or imported by hand and will not come back after a new start; provision its file',
  ),
  'file-missing': error('A dashboard file is not there', 'correct the path, or make the file'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'grafana/dashboards',
  summary: 'The expected dashboards are provisioned, and every panel’s queries return data through Grafana.',
  description: `Finds the expected dashboards by \`/api/search\`, reads each (a dynamic dashboard of schema v2 answers 406 and is read as a resource), and runs every panel’s queries through \`/api/ds/query\` with the dashboard’s variables put in as the page would; the server puts \`$__interval\` and \`$__rate_interval\` in itself. Collapsed rows, library panels, mixed data sources and expressions are included. A panel counts as populated with one value that is not null.

A file counts as served under its own uid only, and with its own title and panels: of two files with one uid, or one title in a folder, Grafana keeps one.

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
    const { wanted, unmatched, rivals } = await expected(p, ctx);
    const kinds = await panelKinds(ctx, p);
    const look = async (): Promise<Observed> => {
      const there = await search(ctx, p);
      const boards: Observed['boards'] = [];
      const missing: Observed['missing'] = [];
      for (const one of wanted) {
        ctx.progress(`running the panels of ${one.title}`);
        const found = servedAs(one, there);
        const ran = found && (await runBoard(ctx, p, found, sources, kinds));
        const file = one.file === undefined ? {} : { file: one.file };
        const differs = ran && one.titles && differing(one, one.titles, ran.board);
        if (ran) boards.push({ ...ran.run, ...file, wanted: one.name, ...(differs !== undefined && { differs }) });
        else {
          const twin = there.find((hit) => hit.title === one.title);
          missing.push({ wanted: one.title, ...file, ...(twin && one.uid !== undefined && { instead: twin.uid }) });
        }
      }
      return { health: answered, unmatched, boards, missing, rivals, there: there.map((hit) => hit.title) };
    };
    const poor = ({ missing, boards }: Observed): number => missing.length + withoutData(boards);
    return poll(ctx, {
      within: p.within,
      every: 1000,
      reserve: 20_000,
      look,
      done: (seen) => poor(seen) === 0,
      waiting: (seen, waited) => `${poor(seen)} dashboards or panels wait for data, ${showDuration(waited)}`,
    });
  },
  judge(p, { health: answered, unmatched, boards, missing, rivals, there }) {
    const j = new Judge(problems);
    markStandIn(j, answered);
    for (const glob of unmatched) j.find('file-missing', `${glob} matches no file`, { subject: glob });
    for (const one of missing)
      j.find(
        'dashboard-missing',
        one.instead !== undefined
          ? `${one.wanted} is not there under the uid of its file, but one of the same title under ${one.instead}`
          : `${one.wanted} is not there; Grafana has ${there.length === 0 ? 'no dashboard' : there.slice(0, 10).join(', ')}`,
        {
          subject: one.wanted,
          ...(one.file !== undefined && { where: { file: one.file } }),
        },
      );
    for (const { what, value, files } of rivals)
      j.find(what, `${files.join(' and ')} have the same ${what === 'uid-duplicate' ? 'uid' : 'title'}: ${value}`, {
        subject: value,
        where: { file: files[0] ?? '' },
      });
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
      if (board.differs !== undefined)
        j.find('dashboard-differs', `what is served as ${board.uid} is not ${board.file ?? ''}: ${board.differs}`, at);
    }
    judgeEmptiness(j, boards, p.allowEmpty);
    panelTable(j, boards, [], p.allowEmpty);
    return j.done();
  },
});

/** Files that Grafana cannot all keep. Met in 9.3.2: of one uid, or one title in a folder, one is served. */
interface Rivals {
  what: 'uid-duplicate' | 'title-duplicate';
  value: string;
  files: string[];
}

interface Wanted {
  /** uid or title, as the checklist or the file has it. */
  name: string;
  title: string;
  file?: string;
  /** The file’s own uid: nothing else is taken for it. */
  uid?: string;
  /** Titles of the file’s panels, in their order; undefined where no file was read. */
  titles?: string[];
}

/** The dashboard that Grafana serves for what is expected. */
function servedAs(one: Wanted, there: readonly Found[]): Found | undefined {
  const same = there.find((hit) => hit.uid === one.name);
  return same ?? (one.uid === undefined ? there.find((hit) => hit.title === one.name) : undefined);
}

/** How a served dashboard is not the one of the file, in words. */
function differing({ title }: Wanted, titles: readonly string[], board: Board): string | undefined {
  if (board.title !== title) return `its title is ${board.title}, that of the file ${title}`;
  const served = titlesOf(board);
  const other = titles.find((one, n) => one !== served[n]);
  if (titles.length !== served.length) return `it has ${served.length} panels, the file ${titles.length}`;
  return other === undefined ? undefined : `its panels are other ones: the file has ${JSON.stringify(other)}`;
}

/** Panels that copies or a library make are none of the file's. */
const titlesOf = (board: Board): string[] =>
  board.panels.filter((one) => one.copyOf === undefined && one.library === undefined).map((one) => one.title);

async function expected(
  p: Params,
  ctx: StepContext,
): Promise<{ wanted: Wanted[]; unmatched: string[]; rivals: Rivals[] }> {
  const wanted: Wanted[] = p.dashboards.map((name) => ({ name, title: name }));
  const { files, unmatched } = await dashboardFiles(ctx, p.files);
  const [byUid, byTitle] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const note = (map: Map<string, string[]>, key: string, file: string): void => {
    if (!key.endsWith('\0')) map.set(key, [...(map.get(key) ?? []), file]);
  };
  for (const file of files) {
    const parsed = await derivedOf(ctx, file, parseDashboard);
    const board = 'board' in parsed ? parsed.board : undefined;
    const { uid = '', title = '' } = board ?? {};
    note(byUid, `${p.orgId}\0${uid}`, file);
    note(byTitle, `${file.slice(0, file.lastIndexOf('/') + 1)}\0${title}`, file);
    wanted.push({
      name: uid === '' ? title : uid,
      title: title === '' ? file : title,
      file,
      ...(uid !== '' && { uid }),
      ...(board && !board.v2 && { titles: titlesOf(board) }),
    });
  }
  const rivals = (what: Rivals['what'], map: Map<string, string[]>): Rivals[] =>
    [...map].flatMap(([key, same]) =>
      same.length > 1 ? [{ what, value: key.slice(key.indexOf('\0') + 1), files: same }] : [],
    );
  return { wanted, unmatched, rivals: [...rivals('uid-duplicate', byUid), ...rivals('title-duplicate', byTitle)] };
}
