import { interpolated, type Answer, type Target } from './data.ts';
import { placesOf, type Place } from './layout.ts';
import { sourcesOf, wait, type Double, type DoubleBoard, type DoubleOptions, type DoublePanel } from './options.ts';
import { answerOf } from './queries.ts';
import { installed, nothing, shownOf, shownWithoutQuery, type ShownInPlace } from './shown.ts';
import { variablesOf } from './variables.ts';

const unitOf: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
function instant(text: string, now: number, end = false): number {
  const [, sign = '-', n = '0', unit = 's', day] = /^now(?:([+-])(\d+)([smhdw]))?(\/d)?$/.exec(text) ?? [];
  if (!text.startsWith('now')) return Number(text);
  const at = now + (sign === '-' ? -1 : 1) * Number(n) * (unitOf[unit] ?? 0);
  if (day === undefined) return at;
  const midnight = Math.floor(at / 86_400_000) * 86_400_000;
  return end ? midnight + 86_400_000 - 1 : midnight;
}

/** The range of a place on the page: the panel's own beginning counts where the page's is relative. */
function rangeOfPlace(panel: DoublePanel, url: URL): { from: number; to: number } {
  const now = Number(url.searchParams.get('clock'));
  const [raw, end] = [url.searchParams.get('from') ?? '', url.searchParams.get('to') ?? ''];
  const { timeFrom, timeShift } = panel as { timeFrom?: string; timeShift?: string };
  const own = timeFrom !== undefined && raw.startsWith('now');
  const shift = timeShift === undefined ? 0 : now - instant(`now-${timeShift}`, now);
  return {
    from: instant(own ? `now-${timeFrom}` : raw, now) - shift,
    to: (own ? now : instant(end, now, true)) - shift,
  };
}

/** What stands in a place of the page. */
export async function shownInPlace(
  own: Double,
  options: DoubleOptions,
  uid: string,
  id: number,
  url: URL,
): Promise<ShownInPlace> {
  const { faults } = own;
  if (faults.slowQueries !== undefined) await wait(faults.slowQueries);
  const board = options.boards.find((one) => one.uid === uid);
  if (!board) return {};
  const variables = await variablesOf(own, options, board);
  const places = placesOf(board, variables);
  const place = places.find((one) => one.id === id && !one.row);
  if (!place) return {};
  const source = place.panel.id ?? id;
  if (source === faults.hangingPanel) await wait(600_000);
  if (source === faults.noData || source === faults.noDataOnPage || source === faults.allNaN)
    return nothing(place.panel.type);
  if (source === faults.panelError || source === faults.errorOnPage)
    return { ...nothing(place.panel.type), error: 'the query failed' };
  const { libraryPanel } = place.panel;
  const panel = libraryPanel ? options.library?.[libraryPanel.uid] : place.panel;
  if (!panel)
    return {
      content: 'alert',
      text: `Panel plugin not found: Unable to load library panel: ${libraryPanel?.uid ?? ''}`,
    };
  if (!installed(panel.type)) return { content: 'alert', text: `Panel plugin not found: ${panel.type}` };
  if (['text', 'news', 'alertlist', 'dashlist', 'annolist'].includes(panel.type)) return shownWithoutQuery(panel);
  const answer = await panelAnswer(own, options, board, panel, place, places, rangeOfPlace(panel, url));
  return answer === undefined ? {} : shownOf(panel, answer);
}

/** A panel's data source is every query's, but of a mixed panel and for expressions. */
function sourceOf({ datasource }: DoublePanel, target: Target): Target['datasource'] {
  const uid = typeof datasource === 'object' ? datasource?.uid : datasource;
  const own = typeof target.datasource === 'object' ? target.datasource?.uid : target.datasource;
  return uid === undefined || uid === '-- Mixed --' || own === '__expr__'
    ? (target.datasource ?? datasource)
    : datasource;
}

/** Frames and fields know the query that they come from. */
const marked = ({ frames, ...answer }: Answer, refId: string): Answer => ({
  ...answer,
  frames: frames.map((frame) => ({ refId, fields: frame.fields.map((field) => ({ ...field, refId })) })),
});

interface Filters {
  type?: string;
  datasource?: { uid?: string };
  filters?: { key: string; operator: string; value: string }[];
}

/** Ad hoc filters of the query's data source, on its one selector, as the page puts them in. */
function withFilters(
  own: Double,
  options: DoubleOptions,
  board: DoubleBoard,
  { expr = '', datasource }: Target,
): string {
  const uid = typeof datasource === 'object' ? datasource?.uid : datasource;
  const usual = sourcesOf(own, options)[0]?.uid;
  const matchers = ((board.templating?.list ?? []) as Filters[])
    .filter((one) => one.type === 'adhoc' && (one.datasource?.uid ?? usual) === (uid ?? usual))
    .flatMap((one) => (one.filters ?? []).map(({ key, operator, value }) => `${key}${operator}"${value}"`));
  return matchers.length === 0
    ? expr
    : expr.replace(/\b(up|requests_total|queue_depth)\b/, `$1{${matchers.join(',')}}`);
}

/** The answers of all of a panel's queries; undefined where its data source is not there. */
async function panelAnswer(
  own: Double,
  options: DoubleOptions,
  board: DoubleBoard,
  panel: DoublePanel,
  place: Place,
  places: readonly Place[],
  range: { from: number; to: number },
): Promise<Answer | undefined> {
  const answers = new Map<string, Answer>();
  const filled = (value: string): string => interpolated(value, place.variables);
  for (const target of panel.targets ?? []) {
    const given = sourceOf(panel, target) ?? {};
    const ref = typeof given === 'string' ? { uid: given } : given;
    if (ref.uid === '-- Dashboard --') {
      const other = places.find((one) => one.id === target.panelId && one.panel !== panel);
      const shared = other ? await panelAnswer(own, options, board, other.panel, other, places, range) : { frames: [] };
      answers.set(target.refId, shared ?? { frames: [] });
      continue;
    }
    const expr = withFilters(own, options, board, { ...target, expr: filled(target.expr ?? ''), datasource: ref });
    const asked = { ...target, expr, datasource: { ...ref, uid: filled(ref.uid ?? '') } };
    const answer = await answerOf(own, options, asked, range, answers, true);
    if (answer.refused?.status === 404) return undefined;
    answers.set(target.refId, marked(answer, target.refId));
  }
  const hidden = new Set((panel.targets ?? []).flatMap((target) => (target.hide === true ? [target.refId] : [])));
  const shown = [...answers].filter(([refId]) => !hidden.has(refId)).map(([, answer]) => answer);
  const failed = shown.find((one) => one.error !== undefined || one.refused);
  return failed ?? { frames: shown.flatMap((one) => one.frames) };
}
