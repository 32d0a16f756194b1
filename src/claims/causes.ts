import type { Claim } from './reading.ts';

/** A claim that does not hold, where it stands first, and `FILE:LINE` of its other places. */
interface Cause {
  claim: Claim;
  state: Exclude<Claim['state'], 'holds' | 'unjudged'>;
  file: string;
  line: number;
  others: string[];
  /** Other texts of the same cause. */
  also: string[];
  /** What is to be said of them. */
  more: string;
}

/** Claims that say the same of the same thing, with the places where they stand: one cause is one finding. */
export class Causes {
  readonly #found = new Map<string, Cause>();

  add(claim: Claim, file: string): void {
    const { state, line } = claim;
    if (state === 'holds' || state === 'unjudged') return;
    // Why a program's commands are not judged is one reason for all of them.
    const text = claim.kind === 'command' && state === 'remarked' ? '' : claim.text;
    // What a command lacks is one thing, whatever else its calls say.
    const what = claim.cause ?? (claim.kind === 'command' ? claim.seen : undefined);
    const key = (what === undefined ? [claim.kind, state, text, claim.seen] : [claim.kind, state, what]).join('\0');
    const known = this.#found.get(key);
    const place = `${file}:${line}`;
    if (!known) this.#found.set(key, { claim, state, file, line, others: [], also: [], more: '' });
    else if (place !== `${known.file}:${known.line}` && !known.others.includes(place)) known.others.push(place);
    if (known && known.claim.text !== claim.text && !known.also.includes(claim.text)) known.also.push(claim.text);
  }

  bad(): Cause[] {
    return [...this.#found.values()].map((cause) => {
      const { also, claim } = cause;
      if (also.length === 0) return cause;
      const more =
        claim.more ??
        (claim.kind === 'command'
          ? ', for {n} more calls too'
          : `; ${claim.cause} is not there at all, and {n} more ${claim.kind}s lead below it`);
      return { ...cause, more: more.replace('{n}', String(also.length)) };
    });
  }
}
