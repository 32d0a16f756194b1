/** A simple command of a script, and what becomes of its exit code. */
export interface Ending {
  words: string[];
  /** Line in the script, from 1. */
  line: number;
  /** Why its failure does not reach the end of the script; none where it does, or where nobody can say. */
  lost?: string;
  /** Its failure is what the script asks for: `! cmd`, `if cmd; then exit 1; fi`. */
  asked: boolean;
  /** It runs whenever the script does: no condition, loop or command before it decides that. */
  certain: boolean;
  /** What it prints goes elsewhere than to the script's own output: a file, another program. */
  hidden?: true;
}

/** What becomes of a failure: nothing where it is the script's own. */
export type Fate = string | undefined;

export interface Place {
  /** Of one that ends the shell, by `set -e`. */
  exit: Fate;
  /** Of the exit code of what stands here, and of one at which `set -e` does not look. */
  value: Fate;
  bare: Fate;
  /** `set -e` holds nothing here: a condition, the left side of `||` or `&&`. */
  deaf: boolean;
  asked: boolean;
  certain: boolean;
  hidden?: true;
}

export const follows = 'its exit code is lost: commands follow, and the script has no `set -e`';
export const behindAnd = 'its exit code is lost: `set -e` does not look at what stands before `&&`';
export const inside = 'its exit code is lost inside of a substitution';

/** Where a script begins. */
export const open: Place = {
  exit: undefined,
  value: undefined,
  bare: undefined,
  deaf: false,
  asked: false,
  certain: true,
};
