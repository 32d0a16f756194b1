const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** How far a query looks back for a series' last sample (Prometheus, --query.lookback-delta). */
export const lookbackMs = 300_000;

/** Milliseconds of a Prometheus duration such as `5m` or `1h30m`. */
export function promDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ''] ?? 0),
    0,
  );
}

/**
 * Is it a duration as a rule file (`for`, `interval`) or Alertmanager's file has it? Each unit once at most, the greater ones first; a bare 0.
 * Source: Prometheus's common/model, ParseDuration.
 */
export const isFileDuration = (text: string): boolean =>
  text === '0' || (text !== '' && /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/.test(text));

/** Unquotes a PromQL string literal. Go's escapes in double and single quotes, none in back-ticks. */
export function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r' })[c] ?? c);
}

/** An escape in a quoted text that Prometheus's lexer refuses: `"a\.b"`; undefined where there is none. */
export function badEscape(text: string): string | undefined {
  const quote = text.charAt(0);
  if (quote === '`') return undefined;
  const known = /^\\(?:[abfnrtv\\]|x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const escape = known.exec(text.slice(at))?.[0] ?? (text.charAt(at + 1) === quote ? `\\${quote}` : undefined);
    if (escape === undefined) return text.slice(at, at + 2);
    at += escape.length;
  }
  return undefined;
}

/** Spaces in the place of comments, so that no node of the tree is one and every offset stays. */
export const withoutComments = (text: string): string =>
  text.replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|#[^\n]*/g, (whole, quoted?: string) =>
    quoted === undefined ? ' '.repeat(whole.length) : whole,
  );

/** A number as PromQL writes it: decimal, hexadecimal, Inf, NaN, or a duration in seconds. */
export function literalNumber(text: string): number {
  if (/^[-+]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const duration = promDuration(text);
  return duration === undefined ? Number(text.replaceAll('_', '')) : duration / 1000;
}
