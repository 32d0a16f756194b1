/** A comment that silences findings of a rule. */
export interface Silence {
  /** A finding's code, pint's name of a check, or `*` for all. */
  code: string;
  reason: string;
  /** The day after which it no longer counts, as 2026-12-31; undefined where it has no end. */
  until?: string;
}

const directive =
  /#\s*(?:pint|verify)\s+(file\/)?(disable|snooze)\s+(?:(\d{4}-\d\d-\d\d)(?:T[\d:.]+Z?)?\s+)?([\w/-]+)(?:\([^)]*\))?(?:\s*:\s*|\s+)?(.*)$/;

function silence(text: string, whole: boolean): Silence[] {
  const [, file, word, until, code = '', reason = ''] = directive.exec(text) ?? [];
  if (word === undefined || (file !== undefined) !== whole || (word === 'snooze') !== (until !== undefined)) return [];
  return [{ code, reason: reason.trim(), ...(until !== undefined && { until }) }];
}

/** Comments in the rule, and those directly above it; what stands directly above the next rule is that one's. */
export function silencesOfRule(source: readonly string[], line: number, end: number): Silence[] {
  const comment = (n: number): boolean => /^\s*#/.test(source[n] ?? '');
  let from = line - 1;
  while (from > 0 && comment(from - 1)) from--;
  let to = line;
  while (to < end && !/^\s*-\s+(?:alert|record|name)\s*:/.test(source[to] ?? '')) to++;
  if (to < end) while (to > line && comment(to - 1)) to--;
  return source.slice(from, to).flatMap((text) => silence(text, false));
}

/**
 * Comments that hold for a whole file or for a part of it, by pint's words (`file/disable`, `file/snooze`, `ignore/file`,
 * `ignore/begin` and `ignore/end`, `ignore/line`, `ignore/next-line`), or verify's.
 * @param line of the rule, from 1
 */
export function silencesOfFile(source: readonly string[], line: number): Silence[] {
  const found: Silence[] = [];
  let ignored = false;
  for (const [n, text] of source.entries()) {
    found.push(...silence(text, true));
    const [, what, reason = ''] =
      /#\s*(?:pint|verify)\s+ignore\/(file|begin|end|line|next-line)\b(?:\s*:\s*|\s+)?(.*)$/.exec(text) ?? [];
    if (what === 'file') found.push({ code: '*', reason: reason.trim() });
    if (n >= line) continue;
    if (what === 'begin') ignored = true;
    if (what === 'end') ignored = false;
    if ((what === 'line' && n + 1 === line) || (what === 'next-line' && n + 2 === line))
      found.push({ code: '*', reason: reason.trim() });
  }
  return ignored ? [...found, { code: '*', reason: 'ignore/begin' }] : found;
}
