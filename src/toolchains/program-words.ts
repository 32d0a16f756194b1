/** What a command proves of a project. */
export type Proves = 'test' | 'e2e' | 'types' | 'lint' | 'build';

export interface Proof {
  proves: Proves;
  /** The program and what of it is run, by which two places that run the same are known: `pytest`, `script:lint`. */
  key: string;
}

/** What one program's commands are for, by their words; the first is the program. */
export interface ProgramWords {
  /** What a command proves of a project; undefined where that is nothing that is known. */
  proves?(words: readonly string[]): Proof | undefined;
  /** Is it known to change and reach nothing beyond the repository's own builds? */
  isHarmless?(words: readonly string[]): boolean;
  /** Subcommands that only prepare, tell, move or publish something. */
  prepares?: RegExp;
}

export const proof = (proves: Proves | undefined, key: string): Proof | undefined => proves && { proves, key };

/** The words behind a program that are no option and set no variable. */
export const plainWords = (words: readonly string[]): string[] =>
  words.slice(1).filter((word) => !word.startsWith('-') && !/^\w+=/.test(word));

/** What the name of a script or target says that it proves. */
export function provesByName(name: string): Proves | undefined {
  const word = name.toLowerCase();
  const has = (list: string): boolean => new RegExp(`(?:^|[-_:./])(?:${list})(?:$|[-_:./])`).test(word);
  if (
    has(
      'watch|dev|serve|start|fix|write|update|clean|install|publish|deploy|release|ui|debug|setup|prepare|open|sync|generate|gen|version|reports?|docker|db|database|env|combine|merge|erase|html|xml|badge|summary|upload',
    )
  )
    return undefined;
  if (has('e2e|end-to-end|playwright|cypress|browser')) return 'e2e';
  if (has('types?|typing|typecheck|type-check|check-types|tsc|mypy|pyright')) return 'types';
  if (has('lint|eslint|fmt-check|format-check|style|vet|prettier|clippy|ruff') || /(?:fmt|format):check/.test(word))
    return 'lint';
  if (has('tests?|unit|unittests?|spec|coverage|cov|integration|acceptance|functional|smoke')) return 'test';
  if (has('check|checks|verify|validate|ci|qa')) return 'lint';
  return has('build|compile|bundle') ? 'build' : undefined;
}

const goodName =
  /(?:^|[-_/:.])(?:checks?|tests?|verify|validate|lint|build|typecheck|fmt|format|smoke|ci|audit|coverage)(?:$|[-_/:.])/i;
const badName =
  /deploy|releas|publish|push|clean|reset|delet|destroy|drop|purge|rollback|migrat|wipe|prod|live|staging|remote|install|upload|remove|restore|seed|kill|(?:^|[-_/:.])(?:rm|fix|write|update|up|down|start|serve|dev)(?:$|[-_/:.])/i;

/** Does the name of a script or target say that it checks or builds, and nothing else? */
export const isHarmlessName = (name: string): boolean => goodName.test(name) && !badName.test(name);
