import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import type { Compose } from './compose.ts';
import type { ClaimedCommands } from '../toolchains/contract.ts';

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
