import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import type { Compose } from './compose.ts';
import type { ClaimedCommands } from '../toolchains/contract.ts';
import type { Verdict } from '../formats/documents/verdict.ts';

/** What a document says that can be looked up. */
export interface Claim extends Verdict {
  kind: 'path' | 'link' | 'anchor' | 'command' | 'value' | 'name' | 'block';
  line: number;
  text: string;
}

/** A document in its repository, as what it says is looked up. */
export interface Reading {
  repository: Repository;
  sources: Sources;
  programs: Programs;
  /** Its path. */
  document: string;
  parsed: MarkdownDocument;
}

/** Programs that are asked, once for all documents. */
export interface Programs {
  /** One for each toolchain that judges commands. */
  tools: readonly ClaimedCommands[];
  compose: Compose;
  sources: Sources;
}

/** What is made of the sources once, however many documents ask for it. */
export function once<T>(make: (sources: Sources) => Promise<T>): (sources: Sources) => Promise<T> {
  const known = new WeakMap<Sources, Promise<T>>();
  return (sources) => {
    const found = known.get(sources) ?? make(sources);
    known.set(sources, found);
    return found;
  };
}
