import type { BundleFile } from '../../src/signoff/bundle.ts';
import type { Asked, Base } from '../rig/signed.ts';

/** A bundle that must not open the gate: one thing is wrong with it. */
export interface Case {
  /** What is wrong, in words. */
  name: string;
  code: number;
  /** One of the reasons with that code says this. */
  says: RegExp;
  make: (base: Base) => Asked;
}

/** The healthy folder, with a change to its files. */
export const files =
  (change: (files: Map<string, BundleFile>, base: Base) => void) =>
  (base: Base): Asked => {
    const made = new Map(base.bundle);
    change(made, base);
    return { bundle: made };
  };
