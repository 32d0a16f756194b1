/** A number as Prometheus's formats and its API write a sample: decimal, `+Inf`, `-Inf`, `NaN`; undefined where the text is none. */
export function sampleNumber(text: string): number | undefined {
  if (/^[+]?inf(?:inity)?$/i.test(text)) return Infinity;
  if (/^-inf(?:inity)?$/i.test(text)) return -Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
