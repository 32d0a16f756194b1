import { contradictions } from '../formats/documents/contradictions.ts';
import type { SelfClaim } from '../formats/documents/self-claim.ts';
import { Cargo } from './cargo.ts';
import type { Claim, Doors } from './claim.ts';
import { commandClaims, type Programs } from './commands.ts';
import { commitClaims } from './commits.ts';
import { Compose } from './compose.ts';
import { besideClaims } from './beside.ts';
import { blockClaims } from './blocks.ts';
import { countClaims } from './counts.ts';
import { drawnPathClaims } from './drawn-paths.ts';
import { linkClaims } from './links.ts';
import { measureClaims } from './measures.ts';
import { nameClaims } from './names.ts';
import { ownLinkClaims } from './own-links.ts';
import { pathClaims } from './paths.ts';
import { portClaims } from './ports.ts';
import { routeClaims } from './routes.ts';
import { Repository } from '../repository/repository.ts';
import { settingClaims } from './settings.ts';
import { Sources } from '../repository/sources.ts';
import { statusClaims } from './status.ts';
import { stubClaims } from './stubs.ts';
import { symbolClaims } from './symbols.ts';
import { versionClaims } from './versions.ts';

export interface DocumentClaims {
  path: string;
  claims: Claim[];
  contradictions: SelfClaim[];
}

/** Which claims are looked up. */
export interface Looked {
  paths: boolean;
  links: boolean;
  commands: boolean;
  names: boolean;
  values: boolean;
}

/** Reads documents of one repository and looks up what they say; what programs were asked is asked once. */
export class DocumentReader {
  readonly #repository: Repository;
  readonly #doors: Doors;
  readonly #programs: Programs;
  readonly #sources: Sources;

  private constructor(repository: Repository, doors: Doors) {
    this.#repository = repository;
    this.#doors = doors;
    this.#sources = new Sources(repository);
    this.#programs = { cargo: new Cargo(doors), compose: new Compose(doors), sources: this.#sources };
  }

  static async open(doors: Doors): Promise<DocumentReader> {
    return new DocumentReader(await Repository.open(doors), doors);
  }

  /** @param all the documents that are read */
  async read(
    path: string,
    what: Looked,
    all: ReadonlySet<string> = new Set([path]),
  ): Promise<DocumentClaims & { prose: string[] }> {
    const parsed = await this.#repository.document(path);
    const claims = [
      ...(what.paths ? await pathClaims(this.#repository, path, parsed) : []),
      ...(what.paths ? await drawnPathClaims(this.#repository, path, parsed) : []),
      ...(what.links ? await linkClaims(this.#repository, path, parsed) : []),
      ...(what.links ? await ownLinkClaims(this.#repository, path, parsed) : []),
      ...(what.commands ? await commandClaims(this.#repository, this.#programs, path, parsed) : []),
      ...(what.commands ? blockClaims(parsed) : []),
      ...(what.names ? await nameClaims(this.#repository, this.#sources, path, parsed) : []),
      ...(what.names ? await symbolClaims(this.#repository, this.#sources, path, parsed) : []),
      ...(what.names ? await routeClaims(this.#sources, path, parsed) : []),
      ...(what.values
        ? [
            ...(await versionClaims(this.#repository, path, parsed)),
            ...(await countClaims(this.#repository, this.#sources, path, parsed)),
            ...(await portClaims(this.#sources, path, parsed)),
            ...(await measureClaims(this.#repository, path, parsed)),
            ...(await settingClaims(this.#sources, path, parsed)),
            ...statusClaims(path, parsed),
            ...(await stubClaims(this.#repository, this.#sources, path, parsed)),
            ...(await commitClaims(this.#doors, parsed)),
          ]
        : []),
    ].toSorted((a, b) => a.line - b.line);
    const beside = await besideClaims(this.#repository, path, parsed, all);
    return { path, claims, contradictions: [...contradictions(parsed), ...beside], prose: parsed.prose };
  }
}
