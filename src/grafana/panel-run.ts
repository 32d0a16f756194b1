import type { Board, Panel, Query } from '../formats/grafana/board-model.ts';
import { asksNothing, isExpression } from '../formats/grafana/board-model.ts';
import { askedSource } from '../formats/grafana/find-source.ts';
import { hidesEverySeries } from '../formats/grafana/hidden-series.ts';
import { expressionsRefused } from '../formats/grafana/panel-faults.ts';
import { hasKind } from '../formats/grafana/panel-kinds.ts';
import { saysNothing } from '../formats/grafana/shown-words.ts';
import { otherKind } from '../formats/grafana/source-kinds.ts';
import { emptyVariables, mentioned, scopeOf } from '../formats/grafana/variables.ts';
import { resolveSource, speaksPromQl, type Source } from './sources.ts';
import type { Resolution } from './scope.ts';

/**
 * What a query or a panel gives. `not-asked`: it cannot be asked from here, so nothing is known; `browser`: its plugin makes the data
 * in the page, so that only the page shows them; `no-query`: the panel has none.
 */
export type PanelState =
  | 'data'
  | 'empty'
  | 'all-NaN'
  | 'error'
  | 'variable-empty'
  | 'datasource-missing'
  | 'no-query'
  | 'not-asked'
  | 'browser'
  | 'library-missing'
  | 'plugin-missing'
  | 'source-type'
  | 'series-hidden';

/** One series, or one row of a table: the time in milliseconds; null and NaN are no value. */
export interface Frame {
  name: string;
  labels: Record<string, string>;
  refId: string;
  points: [at: number, value: number | null][];
}

export interface QueryRun {
  refId: string;
  /** As it was asked, variables put in. */
  expr: string;
  state: PanelState;
  series: number;
  /** The last value of the first series, for the evidence. */
  last?: number | null;
  /** What was said or is missing. */
  why?: string;
  /** Names of its series. */
  names?: string[];
  /** A text among its data says that there is nothing. */
  nothing?: boolean;
}

export interface PanelRun {
  id: number;
  title: string;
  type: string;
  state: PanelState;
  why?: string;
  queries: QueryRun[];
  /** What the panel shows where it has nothing: then nothing is meant. */
  noValue?: string;
  /** Words of its own, or of its data, that say that there is nothing: on the page they mean no lack. */
  ownWords?: boolean;
}

/** Runs one query. `frames` are for drawing. */
export type Ask = (panel: Panel, query: Query, source: Source) => Promise<{ run: QueryRun; frames: Frame[] }>;

export const stateOfPoints = (frames: readonly Frame[]): 'data' | 'empty' | 'all-NaN' => {
  const points = frames.flatMap((frame) => frame.points);
  if (points.length === 0) return 'empty';
  return points.some(([, value]) => value !== null && !Number.isNaN(value)) ? 'data' : 'all-NaN';
};

/** The worst that a panel's queries say: one that fails spoils the panel, one with data fills it. */
function worst(runs: readonly QueryRun[]): Pick<PanelRun, 'state' | 'why'> {
  const order: PanelState[] = [
    'datasource-missing',
    'error',
    'data',
    'browser',
    'not-asked',
    'variable-empty',
    'all-NaN',
    'empty',
  ];
  const state = order.find((one) => runs.some((run) => run.state === one)) ?? 'no-query';
  const why = runs.find((run) => run.state === state)?.why;
  return { state, ...(why !== undefined && { why }) };
}

/** The queries that a panel's picture rests on: the shown ones, and the hidden ones where only expressions are shown. */
function telling(panel: Panel): Query[] {
  const plain = panel.queries.filter((one) => !isExpression(one));
  const shown = plain.filter((one) => !one.hidden);
  const expressions = panel.queries.some((one) => isExpression(one) && !one.hidden);
  return shown.length > 0 || !expressions ? shown : plain;
}

export interface RunOptions {
  /** Can expressions be asked, and is there a page beside that shows what a browser makes? */
  expressions: boolean;
  /** Kinds of panels that the Grafana has; undefined where that is not known. */
  kinds?: ReadonlySet<string> | undefined;
}
type Ran = { run: PanelRun; frames: Frame[] };

export async function runPanel(
  panel: Panel,
  found: Resolution,
  sources: readonly Source[] | undefined,
  ask: Ask,
  options: RunOptions,
): Promise<Ran> {
  const { id, title, type, noValue } = panel;
  const ownWords = [noValue ?? '', ...panel.mapped].some(saysNothing);
  const head = { id, title, type, ...(noValue !== undefined && { noValue }), ...(ownWords && { ownWords }) };
  const done = (state: PanelState, why: string): Ran => ({ run: { ...head, state, why, queries: [] }, frames: [] });
  if (panel.libraryMissing) return done('library-missing', `Grafana has no library panel ${panel.library ?? ''}`);
  if (options.kinds && !hasKind(options.kinds, type))
    return done('plugin-missing', `Grafana has no panel of the type ${type}`);
  if (panel.library !== undefined && panel.queries.length === 0)
    return done('not-asked', 'a library panel: its queries are in Grafana’s database');
  const asked = options.expressions ? panel.queries.filter((one) => !one.hidden) : telling(panel);
  if (asked.length === 0) return done('no-query', 'the panel has no query that is shown');
  const [refused] = options.expressions ? [] : expressionsRefused(panel);
  if (refused !== undefined) return done('error', refused);
  const runs: QueryRun[] = [];
  const frames: Frame[] = [];
  for (const query of asked) {
    const one = await runQuery(panel, query, found, sources, ask);
    if (!one) continue;
    runs.push(one.run);
    frames.push(...one.frames);
  }
  if (runs.length === 0)
    return done(options.expressions ? 'browser' : 'not-asked', 'its data comes from Grafana itself');
  const result = worst(runs);
  const run = { ...head, ...result, queries: runs, ...(runs.some((one) => one.nothing) && { ownWords: true }) };
  return { run: result.state === 'data' ? { ...run, ...flaw(panel, runs, found, sources) } : run, frames };
}

/** What is wrong with a panel whose queries give data. */
function flaw(
  panel: Panel,
  runs: readonly QueryRun[],
  found: Resolution,
  sources: readonly Source[] | undefined,
): Pick<PanelRun, 'state' | 'why'> {
  const names = runs.flatMap((one) => (one.state === 'data' ? (one.names ?? []) : []));
  if (hidesEverySeries(panel, names))
    return { state: 'series-hidden', why: `the panel hides every one of its ${names.length} series (hideFrom)` };
  for (const ref of panel.queries.map((one) => askedSource(panel, one))) {
    const target = resolveSource(ref, found.scope, sources);
    if (sources && target.kind === 'source' && otherKind(ref?.type, target.source.type))
      return {
        state: 'source-type',
        why: `it says that ${ref?.uid || 'its data source'} is a ${ref?.type ?? ''}; it is a ${target.source.type}`,
      };
  }
  return { state: 'data' };
}

async function runQuery(
  panel: Panel,
  query: Query,
  { scope: whole, refused: refusals, unknown: unknowns }: Resolution,
  sources: readonly Source[] | undefined,
  ask: Ask,
): Promise<{ run: QueryRun; frames: Frame[] } | undefined> {
  const text = query.expr ?? '';
  const scope = scopeOf(panel, whole);
  const blank = (state: PanelState, why: string): { run: QueryRun; frames: Frame[] } => ({
    run: { refId: query.refId, expr: text, state, series: 0, why },
    frames: [],
  });
  const target = resolveSource(askedSource(panel, query), scope, sources);
  if (target.kind === 'missing') return blank('datasource-missing', target.why);
  if (target.kind === 'built-in') return isExpression(query) ? ask(panel, query, expressionSource) : undefined;
  const used = mentioned(JSON.stringify(query.raw));
  for (const name of used) {
    const refused = refusals.get(name);
    if (refused !== undefined) return blank('variable-empty', `the query of the variable ${name} fails: ${refused}`);
    const unknown = unknowns.get(name);
    if (unknown !== undefined) return blank('not-asked', `the variable ${name} has no known value: ${unknown}`);
  }
  const result = await ask(panel, query, target.source);
  if (result.run.state !== 'empty' && result.run.state !== 'all-NaN') return result;
  // Grafana asks with nothing in its place, and that may be right; where nothing comes back, it is the reason.
  const none = emptyVariables(text, scope);
  if (none.length === 0) return result;
  return {
    ...result,
    run: { ...result.run, state: 'variable-empty', why: `the variable ${none.join(', ')} has no options` },
  };
}

const expressionSource: Source = {
  uid: '__expr__',
  name: '__expr__',
  type: '__expr__',
  isDefault: false,
  scrapeMs: 15_000,
};

/** Runs every panel that asks something, a few at a time; a panel that shows another panel's data takes over its state. */
export async function runPanels(
  board: Board,
  found: Resolution,
  sources: readonly Source[] | undefined,
  ask: Ask,
  options: RunOptions,
): Promise<Map<Panel, { run: PanelRun; frames: Frame[] }>> {
  const results = new Map<Panel, { run: PanelRun; frames: Frame[] }>();
  const waiting = board.panels.filter((panel) => !asksNothing(panel));
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let panel = waiting[next++]; panel; panel = waiting[next++])
      results.set(panel, await runPanel(panel, found, sources, ask, options));
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  for (const panel of waiting) {
    if (panel.source?.uid !== '-- Dashboard --') continue;
    const other = Number(panel.queries[0]?.raw['panelId'] ?? Number.NaN);
    const from = board.panels.find((one) => one.id === other && one !== panel);
    const result = from && results.get(from);
    const { id, title, type } = panel;
    if (result) results.set(panel, { run: { ...result.run, id, title, type }, frames: result.frames });
    else if (!from && !Number.isNaN(other)) {
      const why = `it shows the data of panel ${other}, ${other === id ? 'which is itself' : 'and there is no such panel'}`;
      results.set(panel, { run: { id, title, type, state: 'datasource-missing', why, queries: [] }, frames: [] });
    }
  }
  // In the order of the file.
  return new Map(
    waiting.flatMap((panel) => {
      const result = results.get(panel);
      return result ? [[panel, result] as const] : [];
    }),
  );
}

/** Annotations that Grafana shows an error for, whenever the dashboard is opened. Other data sources than Prometheus are not asked. */
export async function failingAnnotations(
  board: Board,
  found: Resolution,
  sources: readonly Source[] | undefined,
  ask: Ask,
): Promise<{ name: string; why: string }[]> {
  const failing: { name: string; why: string }[] = [];
  const [panel] = board.panels;
  for (const { name, query } of board.annotations) {
    const target = resolveSource(query.source, found.scope, sources);
    if (target.kind === 'missing') failing.push({ name, why: target.why });
    if (!panel || target.kind !== 'source' || !speaksPromQl(target.source.type)) continue;
    const own = { ...panel, scoped: new Map(), queries: [query] };
    const ran = await runQuery(own, query, found, sources, ask);
    if (ran?.run.state === 'error') failing.push({ name, why: ran.run.why ?? 'its query is refused' });
  }
  return failing;
}
