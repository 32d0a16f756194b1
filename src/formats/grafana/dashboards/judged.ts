import type { Board, Panel, Query } from '../board-model.ts';

/** What of a dashboard its checks judge: it is kept as evidence, so what is only drawn is left out. */
export type JudgedBoard = Omit<Board, 'panels' | 'rows' | 'annotations'> & {
  panels: JudgedPanel[];
  annotations: { name: string; query: JudgedQuery }[];
};
export type JudgedQuery = Omit<Query, 'raw'>;
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
  | 'unit'
  | 'otherUnits'
  | 'library'
  | 'faults'
> & { queries: JudgedQuery[] };

const judgedQuery = ({ raw: _raw, ...query }: Query): JudgedQuery => query;

export function judgedBoard({ panels, rows: _rows, annotations, ...board }: Board): JudgedBoard {
  return {
    ...board,
    panels: panels
      .filter((panel) => panel.again !== true)
      .map(
        ({
          id,
          title,
          type,
          line,
          grid,
          source,
          interval,
          maxDataPoints,
          unit,
          otherUnits,
          library,
          faults = [],
          queries,
        }) => ({
          id,
          title,
          type,
          line,
          grid,
          ...(source && { source }),
          ...(interval !== undefined && { interval }),
          ...(maxDataPoints !== undefined && { maxDataPoints }),
          unit,
          otherUnits,
          ...(library !== undefined && { library }),
          ...(faults.length > 0 && { faults }),
          queries: queries.map(judgedQuery),
        }),
      ),
    annotations: annotations.map(({ name, query }) => ({ name, query: judgedQuery(query) })),
  };
}
