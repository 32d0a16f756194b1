/** What a double of Grafana is made with, and how it is switched into its failures. */
import type { Target } from './data.ts';

export interface DoublePanel {
  id?: number;
  title?: string;
  type: string;
  gridPos?: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  datasource?: { uid?: string; type?: string } | string | null;
  options?: Record<string, unknown>;
  panels?: DoublePanel[];
  libraryPanel?: { uid: string };
  collapsed?: boolean;
  /** Of a dynamic dashboard: the tab that it lies in. */
  tab?: string;
  [key: string]: unknown;
}
export interface DoubleBoard {
  uid: string;
  title: string;
  panels?: DoublePanel[];
  templating?: { list: Record<string, unknown>[] };
  /** The file that provisioning read it from. */
  [key: string]: unknown;
}

export interface Faults {
  databaseFailing?: boolean;
  sourceUnhealthy?: boolean;
  sourceMissing?: boolean;
  unprovisioned?: boolean;
  dashboardMissing?: boolean;
  api500?: boolean;
  queries500?: boolean;
  page500?: boolean;
  /** The settings of its pages are not told; the list of plugins is. */
  settingsClosed?: boolean;
  loginPage?: boolean;
  loginInPlace?: boolean;
  changePassword?: boolean;
  /** Where the dashboard's page sends to. */
  redirect?: string;
  slowQueries?: number;
  hangingPanel?: number;
  noData?: number;
  allNaN?: number;
  panelError?: number;
  /** The API has data, the page does not show it. */
  noDataOnPage?: number;
  errorOnPage?: number;
  panelNotOnPage?: number;
  emptyVariable?: boolean;
  dialog?: boolean;
  endlessScript?: boolean;
  lateEndlessScript?: boolean;
  neverIdle?: boolean;
  /** The login form is turned off; the API takes passwords all the same. */
  formOff?: boolean;
  /** The first so many loads of a dashboard's page stay empty. */
  blankLoads?: number;
  foreignRequest?: string;
}

export type DoubleVersion = '9.3.2' | '9.5.0' | '10.4.0' | '11.5.0' | '12.1.0' | '13.0.0';
export interface DoubleOptions {
  version: DoubleVersion;
  boards: DoubleBoard[];
  /** A real Prometheus that gives the data; without it, every query has the same recorded points. */
  prometheus?: string;
  library?: Record<string, DoublePanel>;
  faults?: Faults;
  /** Anonymous access: no login is needed. */
  anonymous?: boolean;
  /** The one user; the token is fixed. */
  user?: { name: string; password: string };
  /** The one data source, as it is provisioned. */
  source?: { uid: string; name: string };
  /** Milliseconds at which variables are asked for: a Prometheus of the past has nothing now. */
  clock?: number;
  /** Its own alerting, as its API gives it. */
  alerting?: {
    rules: { uid: string; title: string; ruleGroup: string; isPaused: boolean; health: string; lastError?: string }[];
    contacts: string[];
    receiver: string;
  };
  /** Scripts that every page loads as Grafana's pages load their own: from `/public/build`, to be kept for a year. */
  scripts?: string[];
  /** More data sources: one whose server does not answer, and TestData. */
  more?: ('dead' | 'testdata')[];
  /** It says of itself that it is a release, so that a test can see what full fidelity does. Never of a product. */
  full?: boolean;
  /** Address and port to listen on; without it, any port of this machine alone. */
  listen?: { host: string; port: number };
}

const usual = {
  uid: 'prometheus',
  name: 'Prometheus',
  type: 'prometheus',
  isDefault: true,
  jsonData: { timeInterval: '15s' },
};
export const account = { user: 'admin', password: 'double-password', token: 'glsa_double_token' };
export const sourceOf = (options: DoubleOptions): typeof usual => ({ ...usual, ...options.source });
export const accountOf = ({ user }: DoubleOptions): typeof account =>
  user ? { ...account, user: user.name, password: user.password } : account;

export interface Double {
  url: string;
  /** Changed between requests. */
  faults: Faults;
  /** Paths with their queries, as they came in. */
  requests: string[];
  /** Authorization headers that came in, by path. */
  authorizations: { path: string; header: string }[];
  close(): void;
}

export const allPanels = (board: DoubleBoard): DoublePanel[] =>
  (board.panels ?? []).flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));

export const sourcesOf = (
  { faults }: Double,
  options: DoubleOptions,
): { uid: string; name: string; type: string }[] => {
  const source = sourceOf(options);
  const more = {
    dead: { uid: 'dead', name: 'Dead', type: 'prometheus' },
    testdata: { uid: 'testdata', name: 'TestData', type: 'testdata' },
  };
  return [
    ...(faults.sourceMissing === true ? [{ ...source, uid: 'another', name: 'Another' }] : [source]),
    ...(options.more ?? []).map((one) => ({ ...more[one], isDefault: false, jsonData: {} })),
  ];
};

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms).unref());
