import type { StepContext } from '../core/step.ts';
import { common } from '../formats/prometheus/metric-words.ts';

const files =
  '**/*.{rs,go,py,ts,tsx,js,mjs,cjs,java,kt,scala,c,cc,cpp,h,hpp,cs,rb,ex,exs,erl,php,swift,zig,lua,sh,sql,toml,conf,properties,prom,yml,yaml}';

/** The first word of a metric's name. */
const wordOf = (name: string): string => /^[^_:]*/.exec(name)?.[0] ?? '';

// What client libraries and OpenTelemetry's exporters add to a name: the kind of series, then the unit.
const familyOf = (name: string): string =>
  name
    .replace(/_(?:bucket|sum|count|total|created|info|max|min)$/, '')
    .replace(/_(?:seconds|milliseconds|bytes|ratio|percent)(?:_total)?$/, '');
const stemsOf = (name: string): string[] => [
  ...new Set([name, name.replace(/_(?:bucket|sum|count|total|created|info|max|min)$/, ''), familyOf(name)]),
];

/**
 * Metrics that the repository's own source should name and does not: others that begin with the same word are named
 * there, three at least, and these are not, neither whole nor by a tail to which a prefix is added.
 * @returns name → how many others of its first word the source names
 */
export async function unsourcedNames(
  names: readonly string[],
  skip: readonly string[],
  ctx: StepContext,
): Promise<Record<string, number>> {
  const judged = names.filter((name) => !name.includes(':') && wordOf(name).length >= 3 && !common.has(wordOf(name)));
  const words = new Map<string, string[]>();
  for (const name of new Set(judged)) words.set(wordOf(name), [...(words.get(wordOf(name)) ?? []), name]);
  // One more than the others, or nothing can be said.
  for (const [word, own] of words) if (new Set(own.map((name) => familyOf(name))).size < 4) words.delete(word);
  if (words.size === 0) return {};
  const tails = new Map<string, Set<string>>();
  for (const own of words.values())
    for (const name of own)
      for (const stem of stemsOf(name)) {
        const parts = stem.split('_');
        for (let n = 0; n < parts.length; n++) {
          const tail = parts.slice(n).join('_');
          // A single word behind the prefix is too little to be told from any other text, unless that is all there is.
          if (parts.length - n < 2 && parts.length > 2) continue;
          tails.set(tail, (tails.get(tail) ?? new Set()).add(name));
        }
      }
  const named = new Set<string>();
  for (const path of (await ctx.files.glob([files])).filter((one) => !skip.includes(one)).slice(0, 5000)) {
    if ((await ctx.files.size(path)) > 1 << 20) continue;
    const text = await ctx.files.read(path);
    // Rules and tests of rules name what they read, not what is there.
    if (/\.ya?ml$/.test(path) && /^\s*-?\s*(?:expr|record|alert|exp_alerts|input_series):/m.test(text)) continue;
    for (const [token] of text.matchAll(/[A-Za-z][\w.:-]{2,}/g))
      for (const name of tails.get(token.replaceAll(/[.:-]/g, '_').toLowerCase()) ?? []) named.add(name);
  }
  const unsourced: Record<string, number> = {};
  for (const own of words.values()) {
    const there = new Set(own.filter((name) => named.has(name)).map((name) => familyOf(name)));
    if (there.size >= 3) for (const name of own) if (!named.has(name)) unsourced[name] = there.size;
  }
  return unsourced;
}
