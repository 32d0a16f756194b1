import { saysNothing } from './shown-words.ts';
import { listOf, numberOf, objectOf, textOf } from '../data/json-parts.ts';

/** What one query of `POST /api/ds/query` gave. */
export interface QueryResult {
  state: 'data' | 'empty' | 'all-NaN' | 'error';
  /** Frames with a value. */
  series: number;
  /** The last value of the first frame with a number; null where it is none. */
  last?: number | null;
  error?: string;
  /** Names of the series that are numbers, as Grafana shows them. */
  names: string[];
  /** A text among the data says itself that there is nothing. */
  nothing: boolean;
}

/** A frame's cells that count: the numbers; other fields than time only where it has no number at all (logs, tables of text). */
function readFrame(frame: unknown): {
  rows: number;
  values: number;
  last: number | null | undefined;
  names: string[];
  nothing: boolean;
} {
  const fields = listOf(objectOf(objectOf(frame)['schema'])['fields']).map(objectOf);
  const columns = listOf(objectOf(objectOf(frame)['data'])['values']).map(listOf);
  const typed = fields.map((field, n) => ({
    type: textOf(field['type']),
    cells: columns[n] ?? [],
    name: textOf(objectOf(field['config'])['displayNameFromDS']) || textOf(field['name']),
  }));
  const numbers = typed.filter((one) => one.type === 'number');
  const counted = numbers.length > 0 ? numbers : typed.filter((one) => one.type !== 'time');
  const cells = counted.flatMap((one) => one.cells);
  const first = numbers[0]?.cells;
  return {
    rows: Math.max(0, ...columns.map((column) => column.length)),
    // NaN and the infinities are null in JSON, listed under `entities`.
    values: cells.filter((cell) => cell !== null && cell !== undefined).length,
    names: numbers.map((one) => one.name),
    nothing: typed.some((one) => one.cells.some((cell) => typeof cell === 'string' && saysNothing(cell))),
    last: first === undefined || first.length === 0 ? undefined : (numberOf(first.at(-1)) ?? null),
  };
}

/** Reads `results[refId]`. Populated: at least one frame with one value that is not null. */
export function readResult(result: unknown): QueryResult {
  const own = objectOf(result);
  const frames = listOf(own['frames']).map(readFrame);
  const full = frames.filter((frame) => frame.values > 0);
  const last = frames.find((frame) => frame.last !== undefined)?.last;
  const error = textOf(own['error']) || textOf(objectOf(own['error'])['message']);
  const rest = {
    series: full.length,
    names: full.flatMap((frame) => frame.names),
    nothing: frames.some((frame) => frame.nothing),
    ...(last !== undefined && { last }),
  };
  if (error !== '') return { ...rest, state: 'error', error };
  if (full.length > 0) return { ...rest, state: 'data' };
  return { ...rest, state: frames.some((frame) => frame.rows > 0) ? 'all-NaN' : 'empty' };
}
