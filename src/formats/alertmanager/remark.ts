/** The labels that a rule gives its alert, `alertname` among them; a template's value stands as it is written. */
export type AlertLabels = Readonly<Record<string, string>>;

/** Something wrong with routes or inhibitions. */
export interface Remark {
  code:
    | 'route-unreachable'
    | 'route-unmatched'
    | 'route-muted'
    | 'label-misspelt'
    | 'inhibits-all'
    | 'repeat-short'
    | 'receiver-unused'
    | 'template-undefined';
  level: 'error' | 'warning' | 'note';
  message: string;
  line: number;
  /** The label that is misspelt, where that is what is wrong. */
  label?: string;
}
