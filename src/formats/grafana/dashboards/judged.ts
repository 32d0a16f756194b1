import type { Level } from '../../../core/finding.ts';
import { listOf, objectOf, textOf } from '../../data/json-parts.ts';
import type { Board, Panel, PanelFault, Query } from '../board-model.ts';
import { patternOf } from '../panel-fields.ts';

/** What of a dashboard its checks judge: it is kept as evidence, so what is only drawn is left out. */
export type JudgedBoard = Omit<Board, 'panels' | 'rows' | 'annotations'> & {
  panels: JudgedPanel[];
  annotations: { name: string; query: JudgedQuery }[];
};
export type JudgedQuery = Omit<Query, 'raw'> & {
  /** In which its values are shown, `none` where nothing sets one; empty where something is computed of them, or an override may set another. */
  unit: string;
};
export type JudgedPanel = Pick<
  Panel,
  | 'id'
  | 'title'
  | 'type'
  | 'line'
  | 'grid'
  | 'source'
  | 'interval'
  | 'maxDataPoints'
  | 'timeFrom'
  | 'otherUnits'
  | 'library'
  | 'collapsedIn'
  | 'tab'
  | 'faults'
> & { queries: JudgedQuery[]; description?: string };

const judgedQuery = ({ raw: _raw, ...query }: Query, unit = ''): JudgedQuery => ({ ...query, unit });

/** The unit of a query's values: the panel's, or that of the last override that names the query or its legend. */
function unitOf({ unit, transformations, overrides }: Panel, { refId, legend, format }: Query): string {
  if (transformations.length > 0) return '';
  // What its fields are called is known of a legend without labels alone.
  const name =
    legend === '' || legend === '__auto' || format === 'table' || /\{\{|\$|\[\[/.test(legend) ? undefined : legend;
  let shown = unit || 'none';
  for (const { matcher, properties } of overrides) {
    const set = listOf(properties)
      .map(objectOf)
      .find((one) => one['id'] === 'unit');
    if (!set) continue;
    const { id, options } = objectOf(matcher);
    const text = textOf(options);
    if (id !== 'byFrameRefID' && name === undefined) return '';
    const fits =
      id === 'byFrameRefID'
        ? text === refId
        : id === 'byName'
          ? text === name
          : id === 'byRegexp'
            ? patternOf(text)?.test(name ?? '')
            : undefined;
    if (fits === undefined) return '';
    if (fits) shown = textOf(set['value']);
  }
  return shown;
}

export function judgedBoard({ panels, rows: _rows, annotations, ...board }: Board): JudgedBoard {
  return {
    ...board,
    panels: panels.filter((panel) => panel.again !== true).map(judgedPanel),
    annotations: annotations.map(({ name, query }) => ({ name, query: judgedQuery(query) })),
  };
}

function judgedPanel(panel: Panel): JudgedPanel {
  const { id, title, type, line, grid, source, interval, maxDataPoints, otherUnits, library, faults = [] } = panel;
  const { collapsedIn, tab, description, timeFrom } = panel;
  return {
    id,
    title,
    type,
    line,
    grid,
    ...(source && { source }),
    ...(interval !== undefined && { interval }),
    ...(maxDataPoints !== undefined && { maxDataPoints }),
    ...(description !== '' && { description }),
    ...(timeFrom !== undefined && { timeFrom }),
    otherUnits,
    ...(library !== undefined && { library }),
    ...(collapsedIn !== undefined && { collapsedIn }),
    ...(tab !== undefined && { tab }),
    ...(faults.length > 0 && { faults }),
    queries: panel.queries.map((query) => judgedQuery(query, unitOf(panel, query))),
  };
}

/** undefined: that of its kind. */
export const levelOf = ({
  guess,
  harmless,
  sure,
}: Pick<PanelFault, 'guess' | 'harmless' | 'sure'>): Level | undefined =>
  harmless ? 'note' : guess ? 'warning' : sure ? 'error' : undefined;
