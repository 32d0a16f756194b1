import type { Rule } from '../rule-files.ts';
import { pintNames } from './problems.ts';

/** The comment that silences a kind of finding for a rule: by verify's code, or by pint's name of the check. */
export const silenceOf = (rule: Rule, code: string): Rule['disabled'][number] | undefined =>
  rule.disabled.find((one) => one.code === code || (pintNames[code] ?? []).includes(one.code));
