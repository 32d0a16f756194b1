import { distance } from '../../core/suggest.ts';
/** Finds the name that shares the most words with another one, at least three in five of them; the first of several. */
export function nearestBy(names: readonly string[]): (name: string) => string | undefined {
  const having = new Map<string, number[]>();
  const lengths = names.map((name, at) => {
    const words = name.split(/[_:]/);
    for (const word of words) {
      const places = having.get(word);
      if (places) places.push(at);
      else having.set(word, [at]);
    }
    return words.length;
  });
  const found = new Map<string, string | undefined>();
  return (name) => {
    if (found.has(name)) return found.get(name);
    const words = new Set(name.split(/[_:]/));
    const shared = new Uint16Array(names.length);
    for (const word of words) for (const at of having.get(word) ?? []) shared[at] = (shared[at] ?? 0) + 1;
    let best: { at: number; score: number } | undefined;
    for (const [at, n] of shared.entries()) {
      const score = n / Math.max(lengths[at] ?? 0, words.size);
      if (score >= 0.6 && score > (best?.score ?? 0)) best = { at, score };
    }
    found.set(name, best && names[best.at]);
    return found.get(name);
  };
}

/** Do two names differ by a slip of the keyboard? Other figures (rate5m, rate1h) are no slip. */
export const isSlip = (one: string, other: string): boolean =>
  one.replace(/\D/g, '') === other.replace(/\D/g, '') && distance(one, other, 2) <= 2;
