import { parsePromQl } from '../promql/parse.ts';
import { promqlTree } from '../promql/read.ts';
import type { Expr } from '../promql/tree.ts';
import { labelsOf, union, withLabels, type LabelSet } from './expression-labels.ts';
import type { SeenSources } from './metric-sources.ts';

type Records = SeenSources['records'];

/** What the recording rules of a project make, each looked at once: thousands of reads ask. */
export class Recordings {
  readonly #rules: Map<string, Records>;
  readonly #elsewhere: boolean;
  readonly #known = new Map<string, LabelSet | undefined>();

  /** @param elsewhere series may come from others than the configuration's jobs and rules */
  constructor(records: Records, elsewhere: boolean) {
    this.#rules = Map.groupBy(records, (record) => record.name);
    this.#elsewhere = elsewhere;
  }

  /** What a recording rule computes; undefined where several do, or where it reads itself by whatever way. */
  computed(name: string): Expr | undefined {
    const [one, ...more] = this.#of(name);
    if (!one || more.length > 0) return undefined;
    return this.#readsItself(name) ? undefined : promqlTree(one.expr);
  }

  #readsItself(name: string): boolean {
    const seen = new Set<string>();
    const queue = [name];
    for (let at = queue.pop(); at !== undefined; at = queue.pop())
      for (const { expr } of this.#of(at))
        for (const { name: read } of parsePromQl(expr).selectors) {
          if (read === name) return true;
          if (read === undefined || seen.has(read) || !this.#rules.has(read)) continue;
          seen.add(read);
          queue.push(read);
        }
    return false;
  }

  /**
   * The labels that recording rules of that name leave, those of the rules themselves included; undefined where nothing
   * records it, or where it may come from elsewhere too. Bound, so that it can be handed on.
   */
  readonly labelsOf = (name: string): LabelSet | undefined => {
    const ready = this.#known.get(name);
    if (ready || this.#known.has(name)) return ready;
    // A rule that reads what it records, by whatever way, must not be followed for ever.
    this.#known.set(name, undefined);
    const sets = this.#of(name).map(({ expr, labels }) => {
      const tree = promqlTree(expr);
      return tree && withLabels(labelsOf(tree, this.labelsOf), labels);
    });
    const known = sets.filter((set) => set !== undefined);
    const all = known.length < sets.length || this.#elsewhere ? undefined : union(known);
    this.#known.set(name, all);
    return all;
  };

  #of(name: string): Records {
    return this.#rules.get(name) ?? [];
  }
}
