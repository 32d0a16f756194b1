/** One sample line. */
export interface ExpositionSample {
  name: string;
  labels: Record<string, string>;
  value: number;
  line: number;
  /** Milliseconds since the epoch, where the line bears a time. */
  timestamp?: number;
}
/** The samples of one metric, with what is declared of it. */
export interface Family {
  name: string;
  type: string;
  help: boolean;
  unit?: string;
  /** Line of its TYPE or HELP, or of its first sample. */
  line: number;
  samples: ExpositionSample[];
}
