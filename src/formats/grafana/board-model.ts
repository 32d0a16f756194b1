import { variablesIn } from './variable-uses.ts';

/** A reference to a data source as a dashboard writes it: by uid, by name (old files), by a variable, or only by type. Empty: not said. */
export interface SourceRef {
  uid: string;
  type: string;
  line: number;
}

/** One query of a panel. */
export interface Query {
  refId: string;
  /** PromQL, LogQL or the like, where the query has an expression of that kind. */
  expr?: string;
  /** Does it ask for anything? */
  filled: boolean;
  hidden: boolean;
  source?: SourceRef;
  /** The plugin that the target was made for, as older Grafanas wrote it down (`dsType`); empty where it does not say. */
  madeFor: string;
  instant: boolean;
  /** `time_series`, `table` or `heatmap`. */
  format: string;
  /** `{{label}}` in it is the label's value. */
  legend: string;
  /** The query's own least step, e.g. `30s`. */
  interval?: string;
  /** Its steps are so many times as long. */
  intervalFactor?: number;
  line: number;
  /** The panel of the same dashboard whose data it shows (`-- Dashboard --`). */
  ofPanel?: number;
  /** As it stands in the file, for Grafana's own query API. */
  raw: Record<string, unknown>;
}

export interface Threshold {
  /** undefined: from minus infinity. */
  value?: number;
  color: string;
}

/** What is wrong within one panel, whatever its data are; the codes are those of `boardProblems`. */
export interface PanelFault {
  code: 'panel-setting' | 'field-unknown' | 'query-reference' | 'panel-format' | 'panel-hidden' | 'range-unreadable';
  message: string;
  /** Only suspected, where its kind is proven elsewhere. */
  guess?: true;
  /** It follows from the panel alone, where its kind is mostly suspected. */
  sure?: true;
  /** It is left over from elsewhere, and does no harm. */
  harmless?: true;
}

export interface Panel {
  /** Where the file has none, one of our own that no other has. */
  id: number;
  title: string;
  description: string;
  type: string;
  line: number;
  grid: { x: number; y: number; w: number; h: number };
  queries: Query[];
  source?: SourceRef;
  interval?: string;
  maxDataPoints?: number;
  unit: string;
  /** Some of its values may have another unit: an override sets it, or something is computed of the values. */
  otherUnits: boolean;
  decimals?: number;
  min?: number;
  max?: number;
  thresholds: Threshold[];
  options: Record<string, unknown>;
  /** `fieldConfig.defaults.custom`: line width, fill, stacking. */
  custom: Record<string, unknown>;
  /** Title of the collapsed row that hides it. */
  collapsedIn?: string;
  /** Title of the tab that hides it when the dashboard is opened. */
  tab?: string;
  /** uid of the library panel whose content stands elsewhere. */
  library?: string;
  /** Grafana has no library panel of this uid. */
  libraryMissing?: true;
  /** Variable for each of whose values a copy is shown, side by side or `down`. */
  repeat?: { variable: string; down: boolean; perRow: number };
  /** A layout shows the same element a second time. */
  again?: true;
  /** The id that the panel has in the file, of which this is a copy. */
  copyOf?: number;
  /** A copy's own values of variables: of its panel's repeat and of its row's. */
  scoped?: ReadonlyMap<string, string>;
  /** Number of its row in `rows`; undefined above the first. */
  row?: number;
  /** Its own range: `timeFrom` in place of the dashboard's beginning, `timeShift` back in time. */
  timeFrom?: string;
  timeShift?: string;
  /** What is shown in place of nothing. */
  noValue?: string;
  /** Texts that its value mappings show. */
  mapped: string[];
  /** Its value mappings, as they stand in the file. */
  mappings: Record<string, unknown>[];
  /** The panel "graph" with one bar for each series, or a histogram, in place of lines over time. */
  bySeries?: true;
  /** All of its fields are called something else. */
  renamed?: true;
  /** Its series have a colour of the author's choice, which may be a grey. */
  ownColor: boolean;
  /** `fieldConfig.overrides`, as they stand in the file. */
  overrides: Record<string, unknown>[];
  /** Kinds of its transformations. */
  transformations: string[];
  /** What is wrong within it, whatever its data are. */
  faults?: PanelFault[];
}

export interface Row {
  title: string;
  y: number;
  /** Variable for each of whose values the row is shown again. */
  repeat?: string;
}

export interface Variable {
  name: string;
  /** `query`, `custom`, `constant`, `interval`, `textbox`, `datasource`, `adhoc` … */
  type: string;
  multi: boolean;
  includeAll: boolean;
  allValue?: string;
  current: string[];
  options: string[];
  /** What a query variable asks: `label_values(up, job)`; of the type `datasource`: the plugin. */
  query: string;
  /** It asks by something else than a text. */
  asks?: true;
  regex: string;
  source?: SourceRef;
  /** Of an ad hoc variable: matchers that go onto every query of its data source. */
  filters: string[];
  /** Of an interval variable: how many steps the range has on `auto`, and the least step. */
  auto?: { steps: number; least: string };
  line: number;
  queryLine: number;
}

/** A place in the dashboard where a variable's value is asked for. */
export interface Use {
  name: string;
  line: number;
  /** `query`, `repeat`, `variable`: nothing works there without it; `text`: a title or link. */
  place: 'query' | 'repeat' | 'variable' | 'text';
  panel: string;
}

/** A dashboard with the lines of what it holds (1 where it came from no file): what every step reads of one. */
export interface Board {
  uid: string;
  uidLine: number;
  title: string;
  titleLine: number;
  panels: Panel[];
  rows: Row[];
  variables: Variable[];
  annotations: { name: string; query: Query }[];
  /** What is shown when it is opened. */
  from: string;
  to: string;
  /** A dynamic dashboard: a resource of schema v2. */
  v2: boolean;
  uses: Use[];
  /** Every variable that any text of the dashboard mentions. */
  mentioned: string[];
  /** A link hands all variables on. */
  handsOnAll: boolean;
  /** Names that the import dialogue asks for (`__inputs`). */
  inputs: string[];
  tags: string[];
  /** Where it leads: to a dashboard by its uid, or to all that bear the tags. */
  links: ({ uid: string; line: number } | { tags: string[]; line: number })[];
  refresh: string;
  /** Elements that the layout of a dynamic dashboard names, and that are not there. */
  lost?: string[];
}

/** Panels that show something else than the answer to a query: a query that was left behind is not asked (`skipDataQuery`). */
const unqueried = new Set('text row dashlist news alertlist annolist welcome gettingstarted pluginlist'.split(' '));
export const asksNothing = (panel: Panel): boolean => unqueried.has(panel.type);

export const isExpression = ({ source }: Pick<Query, 'source'>): boolean =>
  source?.type === '__expr__' || source?.uid === '__expr__' || source?.uid === '-100';

/** Points that a panel asks for: its own number, else one a pixel of a screen that is 1,600 wide. */
export const pointsOf = ({ maxDataPoints, grid }: Pick<Panel, 'maxDataPoints' | 'grid'>): number =>
  maxDataPoints !== undefined && maxDataPoints > 0 ? maxDataPoints : Math.max(100, Math.round((grid.w / 24) * 1600));

/** The values that a variable can have, where they are written down (nothing may be an option); of the type `datasource`: the plugin. */
export const writtenValues = ({ type, query, current, options }: Variable): string[] =>
  type === 'datasource'
    ? [query]
    : [...new Set([...current, ...options, ...(type === 'constant' ? [query] : [])])].filter(
        (one) => one !== '' || (type === 'custom' && options.includes('')),
      );

/** Names of the variables that a variable needs for its own values. */
export const neededBy = ({ query, regex, source }: Variable): string[] =>
  variablesIn(`${query} ${regex} ${source?.uid ?? ''}`).map((use) => use.name);
