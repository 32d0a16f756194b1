import { contradictions, type SelfClaim } from '../formats/contradictions.ts';
import { parseMarkdown } from '../formats/markdown.ts';
import { Cargo } from './cargo.ts';
import type { Claim, Doors } from './claim.ts';
import { commandClaims, type Programs } from './commands.ts';
import { Compose } from './compose.ts';
import { linkClaims } from './links.ts';
import { pathClaims } from './paths.ts';
import { Repository } from './repository.ts';

export interface DocumentClaims {
  path: string;
  claims: Claim[];
  contradictions: SelfClaim[];
}

/** Reads documents of one repository and looks up what they say; what programs were asked is asked once. */
export class DocumentReader {
  readonly #repository: Repository;
  readonly #programs: Programs;

  private constructor(repository: Repository, doors: Doors) {
    this.#repository = repository;
    this.#programs = { cargo: new Cargo(doors), compose: new Compose(doors) };
  }

  static async open(doors: Doors): Promise<DocumentReader> {
    return new DocumentReader(await Repository.open(doors), doors);
  }

  async read(
    path: string,
    what: { paths: boolean; links: boolean; commands: boolean },
  ): Promise<DocumentClaims & { prose: string[] }> {
    const parsed = parseMarkdown(await this.#repository.doors.files.read(path));
    const claims = [
      ...(what.paths ? await pathClaims(this.#repository, path, parsed) : []),
      ...(what.links ? await linkClaims(this.#repository, path, parsed) : []),
      ...(what.commands ? await commandClaims(this.#repository, this.#programs, path, parsed) : []),
    ].toSorted((a, b) => a.line - b.line);
    return { path, claims, contradictions: contradictions(parsed), prose: parsed.prose };
  }
}
