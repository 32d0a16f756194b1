import type { Silence } from '../rule-comments.ts';
import type { Rule } from '../rule-files.ts';
import { pintNames } from './problems.ts';

/**
 * The comment that silences a kind of finding for a rule: by verify's code, by pint's name of the check, or for all.
 * @param today as 2026-12-31: what ends before it no longer counts
 */
export const silenceOf = (rule: Rule, code: string, today: string): Silence | undefined =>
  rule.disabled.find(
    (one) =>
      (one.code === code || one.code === '*' || (pintNames[code] ?? []).includes(one.code)) &&
      (one.until === undefined || one.until >= today),
  );
