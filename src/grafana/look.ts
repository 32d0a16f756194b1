import type { Panel, Threshold } from '../formats/grafana/board-model.ts';
import { colorOf } from '../formats/grafana/units.ts';
import type { Frame } from './panel-run.ts';

export type Theme = 'light' | 'dark';
export interface Look {
  canvas: string;
  panel: string;
  border: string;
  text: string;
  faint: string;
  grid: string;
  track: string;
  font: string;
}
const font = "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
export const looks: Record<Theme, Look> = {
  dark: {
    canvas: '#111217',
    panel: '#181b1f',
    border: '#2a2e35',
    text: '#d8d9da',
    faint: '#9a9ca3',
    grid: '#2a2e35',
    track: '#24272d',
    font,
  },
  light: {
    canvas: '#f4f5f5',
    panel: '#ffffff',
    border: '#e0e1e4',
    text: '#24292e',
    faint: '#646970',
    grid: '#e8e9eb',
    track: '#eeeff1',
    font,
  },
};

/** The last value that is a number: what stat, gauge and bar gauge show, unless the panel asks for another. */
export function reduced(frame: Frame, calculation: string): number | null {
  const values = frame.points
    .map(([, value]) => value)
    .filter((value) => value !== null && !Number.isNaN(value)) as number[];
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return frame.points.length > 0 ? Number.NaN : null;
  switch (calculation) {
    case 'first':
    case 'firstNotNull':
      return first;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case 'sum':
    case 'total':
      return values.reduce((sum, value) => sum + value, 0);
    case 'count':
      return values.length;
    case 'range':
      return Math.max(...values) - Math.min(...values);
    case 'diff':
    case 'delta':
      return last - first;
    default:
      return last;
  }
}

export const calculationOf = (panel: Panel): string => {
  const options = panel.options['reduceOptions'];
  const calcs = options !== null && typeof options === 'object' ? (options as { calcs?: unknown }).calcs : undefined;
  return Array.isArray(calcs) && typeof calcs[0] === 'string' ? calcs[0] : 'lastNotNull';
};

/** Grafana's own where a panel has none: red from 80. Source: grafana-data's standard field options, `thresholds.defaultValue`. */
const usualSteps: readonly Threshold[] = [{ color: 'green' }, { color: 'red', value: 80 }];
export const stepsOf = ({ thresholds }: Pick<Panel, 'thresholds'>): readonly Threshold[] =>
  thresholds.length > 0 ? thresholds : usualSteps;

/** The colour of the highest threshold that the value reaches. */
export function thresholdColor(panel: Pick<Panel, 'thresholds'>, value: number | null): string {
  const steps = stepsOf(panel);
  const reached = steps.findLast((step) => step.value === undefined || (value !== null && value >= step.value));
  return colorOf(reached?.color ?? steps[0]?.color ?? 'green');
}

/** The range of a gauge: the panel's own, or from nothing to the highest of thresholds and values. */
export function bounds(panel: Panel, values: readonly (number | null)[]): { min: number; max: number } {
  const real = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const usual = panel.unit === 'percentunit' ? 1 : panel.unit === 'percent' ? 100 : undefined;
  const highest = Math.max(...real, ...panel.thresholds.map((one) => one.value ?? 0), 0);
  const min = panel.min ?? Math.min(0, ...real);
  const max = panel.max ?? usual ?? (highest > min ? highest : min + 1);
  return { min, max: max > min ? max : min + 1 };
}
