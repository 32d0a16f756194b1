import { z } from 'zod';
import { error, inconclusive, note, warning, type Judge, type Problems } from '../core/step.ts';
import type { PanelRun, PanelState } from './panel-run.ts';
import type { Picture } from './pictures.ts';

/** What became of a dashboard's panels. */
export interface BoardRun {
  /** The file it comes from, where it comes from one. */
  file?: string;
  uid: string;
  title: string;
  /** Why it is no dashboard. */
  unreadable?: string;
  /** `index`: its number in the dashboard, copies counted. */
  panels: (PanelRun & { index?: number; line?: number; row?: string; tab?: string })[];
  /** Annotations whose query is refused, or whose data source is not there. */
  annotations?: { name: string; why: string }[];
}

/** Spread into the params of the steps that run panels. */
export const panelParams = {
  variables: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .default({})
    .describe('values of dashboard variables, in place of the ones that the dashboards choose'),
  allowEmpty: z
    .array(
      z.strictObject({
        dashboard: z.string().min(1).describe('uid or title'),
        panel: z.union([z.string().min(1), z.int()]).describe('title or id'),
        reason: z.string().trim().min(1).describe('why it may have no data'),
      }),
    )
    .default([])
    .describe('panels that may have no data; an error or a missing data source is never allowed'),
};
type Allowance = z.infer<(typeof panelParams)['allowEmpty']>[number];

/** Facts of every step that takes pictures of panels. */
export const panelFacts = {
  'dashboards.panels': 'panels that ask something',
  'dashboards.populated': 'panels with data',
  'picture.<file>': 'sha256 of a picture in the step’s evidence',
};

export const panelProblems = {
  'panel-empty': error(
    'A panel has no data',
    'is the metric exported and scraped under this name and these labels? Where no data is right, name the panel under `allowEmpty` with a reason',
  ),
  'panel-all-nan': error(
    'A panel has nothing but NaN',
    'a division by zero: nothing was counted in the range. Put load on the system, or guard the expression',
  ),
  'panel-error': error('A query of a panel is refused', 'correct the expression'),
  'panel-variable-empty': error(
    'A variable that a panel reads has no value',
    'the query of the variable gives nothing: see the metric and label that it reads',
  ),
  'panel-datasource-missing': error(
    'A panel names a data source that is not there',
    'give the data source this uid in its provisioning file, or correct the panel’s reference',
  ),
  'panel-library-missing': error(
    'A panel comes from a library panel that is not there',
    'make the library panel, or put the panel itself into the dashboard: file provisioning brings no library panels',
  ),
  'panel-plugin-missing': error(
    'A panel needs a plugin that Grafana does not have',
    'install the plugin (GF_INSTALL_PLUGINS, GF_PLUGINS_PREINSTALL, or a folder below plugins), or choose another type',
  ),
  'panel-source-type': error(
    'A panel calls its data source by another type',
    'correct `datasource.type` or `datasource.uid`: the query was written for another data source',
  ),
  'panel-series-hidden': error(
    'A panel hides every series that it has',
    'take `hideFrom` out of its field configuration, or the override that a click in the legend left behind',
  ),
  'panel-meant-empty': note(
    'A panel has no data, and says so in its own words',
    'it has `noValue`, so that nothing counts as meant; where it is not, take `noValue` away',
  ),
  'panel-in-browser': note(
    'Only the page can show what a panel has',
    'the server answers no query of it: grafana/screenshot looks at the page',
  ),
  'panel-no-query': error('A panel has no query', 'give it a query, or take it out'),
  'panel-not-asked': inconclusive(
    'A panel could not be asked',
    'run grafana/dashboards against a Grafana, or name the panel under `allowEmpty` with a reason',
  ),
  'dashboard-blank': error('A dashboard has no panel with a query', 'give it panels, or take it out'),
  'annotation-failing': error(
    'An annotation of a dashboard fails',
    'correct its query or data source, or turn it off (`enable: false`): Grafana shows an error whenever the dashboard is opened',
  ),
  'allowed-but-populated': note('A panel that may be empty has data', 'take it out of `allowEmpty`'),
  'allowance-unused': warning('allowEmpty names a panel that is not there', 'correct or remove the entry'),
} as const satisfies Problems;

export const panelCodes: Record<Exclude<PanelState, 'data'>, keyof typeof panelProblems> = {
  empty: 'panel-empty',
  'all-NaN': 'panel-all-nan',
  error: 'panel-error',
  'variable-empty': 'panel-variable-empty',
  'datasource-missing': 'panel-datasource-missing',
  'no-query': 'panel-no-query',
  'not-asked': 'panel-not-asked',
  browser: 'panel-in-browser',
  'library-missing': 'panel-library-missing',
  'plugin-missing': 'panel-plugin-missing',
  'source-type': 'panel-source-type',
  'series-hidden': 'panel-series-hidden',
};
/** What `allowEmpty` can excuse. */
const excusable = new Set<PanelState>(['empty', 'all-NaN', 'variable-empty', 'not-asked']);

const fits = (one: Allowance, board: BoardRun, panel: PanelRun): boolean =>
  (one.dashboard === board.uid || one.dashboard === board.title) &&
  (one.panel === panel.title || one.panel === panel.id);

/** A proof for each dashboard whose panels all have data, a finding for each panel that has none. */
export function judgeEmptiness(
  j: Judge<typeof panelProblems & Problems>,
  boards: readonly BoardRun[],
  allowed: readonly Allowance[],
  /** Panels whose state the page has settled, by board and panel: said there, or shown there. */
  settled: (board: BoardRun, panel: PanelRun) => boolean = () => false,
): void {
  let [count, populated] = [0, 0];
  for (const board of boards) {
    let good = 0;
    const at = { subject: board.title, ...(board.file !== undefined && { where: { file: board.file } }) };
    if (board.panels.length === 0 && board.unreadable === undefined)
      j.find('dashboard-blank', `${board.title} has no panel with a query`, at);
    for (const { name, why } of board.annotations ?? [])
      j.find('annotation-failing', `${board.title}: the annotation ${name}: ${why}`, at);
    for (const panel of board.panels) {
      count++;
      if (panel.state === 'data') populated++;
      const allowance = allowed.find((one) => fits(one, board, panel));
      const name = `${board.title} / ${panel.title === '' ? `panel ${panel.id}` : panel.title}`;
      const options = {
        subject: name,
        ...(board.file !== undefined && {
          where: { file: board.file, ...(panel.line !== undefined && { line: panel.line }) },
        }),
      };
      if (panel.state === 'data') {
        good++;
        if (allowance) j.find('allowed-but-populated', `${name} has data`, options);
        silentQueries(j, panel, name, options);
      } else if (settled(board, panel)) {
        continue;
      } else if (panel.noValue !== undefined && excusable.has(panel.state)) {
        j.find('panel-meant-empty', `${name} is ${panel.state} and shows ${JSON.stringify(panel.noValue)}`, options);
      } else if (allowance && excusable.has(panel.state)) {
        j.prove(`${name} is ${panel.state}, as allowed: ${allowance.reason}`);
      } else {
        j.find(
          panelCodes[panel.state],
          `${name}: ${panel.state}${panel.why === undefined ? '' : `, ${panel.why}`}${asked(panel)}`,
          {
            ...options,
            detail: panel.queries
              .map(
                (query) =>
                  `${query.refId}  ${query.state}  ${query.expr}${query.why === undefined ? '' : `\n   ${query.why}`}`,
              )
              .join('\n'),
          },
        );
      }
    }
    if (board.panels.length > 0 && good === board.panels.length)
      j.prove(`${board.title}: all ${good} panels have data`);
    else if (good > 0) j.prove(`${board.title}: ${good} of ${board.panels.length} panels have data`);
  }
  for (const one of allowed)
    if (!boards.some((board) => board.panels.some((panel) => fits(one, board, panel))))
      j.find('allowance-unused', `no dashboard has the panel ${one.dashboard} / ${one.panel}`);
  j.fact('dashboards.count', boards.filter((board) => board.unreadable === undefined).length);
  j.fact('dashboards.panels', count).fact('dashboards.populated', populated);
}

const asked = (panel: PanelRun): string => {
  const query = panel.queries.find((one) => one.state === panel.state);
  return query === undefined || query.expr === ''
    ? ''
    : ` (${query.expr.length > 200 ? `${query.expr.slice(0, 200)}…` : query.expr})`;
};

/** A panel with data whose second query has none: worth a look, no proof. */
function silentQueries(
  j: Judge<typeof panelProblems & Problems>,
  panel: PanelRun,
  name: string,
  options: object,
): void {
  for (const query of panel.queries)
    if (query.state !== 'data')
      j.find('panel-empty', `${name}: query ${query.refId} is ${query.state} (${query.expr})`, {
        ...options,
        level: 'note',
      });
}

export function panelTable(
  j: Judge<typeof panelProblems & Problems>,
  boards: readonly BoardRun[],
  pictures: readonly Picture[],
  allowed: readonly Allowance[],
): void {
  j.table(
    'Panels',
    ['dashboard', 'panel', 'type', 'state', 'series'],
    boards.flatMap((board) =>
      board.panels.map((panel) => [
        board.title,
        panel.title === '' ? `panel ${panel.id}` : panel.title,
        panel.type,
        panel.state,
        String(panel.queries.reduce((sum, query) => sum + query.series, 0)),
      ]),
    ),
    {
      kind: 'boards',
      boards: boards.map((board) => ({
        title: board.title,
        panels: board.panels.map((panel) => ({
          title: panel.title === '' ? `panel ${panel.id}` : panel.title,
          state: panel.state,
          good:
            panel.state === 'data' ||
            (panel.noValue !== undefined && excusable.has(panel.state)) ||
            (excusable.has(panel.state) && allowed.some((one) => fits(one, board, panel))),
        })),
        pictures: pictures
          .filter((one) => one.dashboard === board.title)
          .map(({ file, theme, panel }) => ({ file, theme, ...(panel !== undefined && { panel }) })),
      })),
    },
  );
  if (pictures.length > 0)
    j.table(
      'Pictures',
      ['dashboard', 'theme', 'file', 'size', 'sha256'],
      pictures.map((one) => [
        one.panel === undefined ? one.dashboard : `${one.dashboard}, panel ${one.panel}`,
        one.theme,
        one.file,
        `${one.width} × ${one.height}`,
        one.sha256,
      ]),
    );
}
