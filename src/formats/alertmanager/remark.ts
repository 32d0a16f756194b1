/** The labels that a rule gives its alert, `alertname` among them; a template's value stands as it is written. */
export type AlertLabels = Readonly<Record<string, string>>;

/** Something wrong with routes or inhibitions; `at`: a text of the line where it stands. */
export interface Remark {
  code:
    | 'route-unreachable'
    | 'route-unmatched'
    | 'route-muted'
    | 'label-misspelt'
    | 'inhibits-all'
    | 'receiver-unused'
    | 'template-undefined';
  level: 'error' | 'warning' | 'note';
  message: string;
  at: string;
}
