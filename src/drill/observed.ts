/** A course of a drill: what happened when, in milliseconds since its start. */
export interface Event {
  at: number;
  what: string;
}

/** What `unit` found of an alert. */
export interface UnitSeen {
  state: 'proven' | 'unconditional' | 'steady' | 'unsolved' | 'refused';
  tried: number;
  substituted: boolean;
  given: boolean;
  /** The expression compares, or asks for absence: it says more than that a series is there. */
  conditional: boolean;
  firing: { series: string; values: string }[];
  quiet: { series: string; values: string }[];
  /** Seconds from the course's start. */
  pendingAt?: number;
  firingAt?: number;
  /** Labels and rendered annotations of the firing instances. */
  instances: { labels: Record<string, string>; annotations: Record<string, string> }[];
  errors: string[];
}

/** A selector that a rule reads, as the running Prometheus has it: numbers of series with samples of this run. */
export interface SelectorSeen {
  text: string;
  name?: string;
  /** Its absence is meant, or another operand may stand in. */
  optional: boolean;
  /** It stands inside absent(): nothing has to be there. */
  absence: boolean;
  live: number;
  /** Series of the metric, whatever its labels. */
  metric: number;
  /** Matchers that some value must satisfy: series that have the label at all. */
  labels: { label: string; matcher: string; series: number }[];
}

export interface LiveSeen {
  loaded: boolean;
  /** The expression that the running Prometheus has instead. */
  other?: string;
  /** What the running Prometheus says of the last evaluation, where that failed. */
  unhealthy?: string;
  selectors: SelectorSeen[];
  /** Operations whose sides have series, which can never match by their labels. */
  joins: { op: string; left: string; right: string; leftLabels: string; rightLabels: string }[];
  /** Labels that annotations read and no series of the alert's value has now. */
  unborne: { annotation: string; label: string }[];
}

export interface Notification {
  at: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  resolved: boolean;
  /** Receivers and kinds of integration to which an Alertmanager sent it; in the sandbox the drill's own receiver has it. */
  to?: string;
}

/** What a real engine did with an alert: in the sandbox, or in the running stack. */
export interface EngineSeen {
  events: Event[];
  fired: boolean;
  resolved: boolean;
  /** The first notification of it, and whether one said that it is over. */
  notification?: Notification;
  /** The Alertmanager that holds it: received is not delivered. */
  received?: string;
  /** Why no notification of it was seen, or looked for. */
  undelivered?: string;
  /** Alertmanager holds it back because of the drill's own silence. */
  silenced?: boolean;
  /** It is certain that nobody was told. */
  nobody?: boolean;
  error?: string;
  /** Why the drill of this alert was not made. */
  refused?: string;
  /** Targets that were up before a fault and are not after the recovery. */
  down?: string[];
}

export interface AlertSeen {
  name: string;
  group: string;
  file: string;
  line: number;
  hash: string;
  expr: string;
  hold: number;
  annotations: Record<string, string>;
  /** Is it among those that this step drills? */
  chosen: boolean;
  waived?: string;
  /** How it was drilled by an earlier step of this run. */
  earlier?: string;
  /** True where it is loaded, but in none of the rule files. */
  loadedOnly: boolean;
  unit?: UnitSeen;
  live?: LiveSeen;
  engine?: EngineSeen;
}

export interface Observed {
  promtool?: string;
  promtoolOf?: 'stack' | 'host';
  /** Major version of the running Prometheus, where promtool is of another: its reading of ranges was put into the expressions. */
  asMajor?: number;
  /** Version of the Prometheus at `url`, and of the sandbox's. */
  running?: string;
  sandbox?: string;
  unmatched: string[];
  problems: { file: string; line: number; message: string }[];
  unknown: string[];
  alerts: AlertSeen[];
  estimateMs: number;
  tookMs: number;
  /** Why nothing was injected. */
  refusal?: string;
  via?: string;
}
