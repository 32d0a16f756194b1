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
import { keyClaims } from './keys.ts';
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
      ...(what.names ? await keyClaims(this.#repository, this.#sources, path, parsed) : []),
      ...(what.names ? await symbolClaims(this.#repository, this.#sources, path, parsed) : []),
      ...(what.names ? await routeClaims(this.#sources, path, parsed) : []),
      ...(what.values
        ? [
            ...(await versionClaims(this.#repository, path, parsed)),
            ...(await countClaims(this.#repository, this.#sources, path, parsed)),
            ...(await portClaims(this.#sources, path, parsed)),
            ...(await measureClaims(this.#repository, path, parsed)),
            ...(await settingClaims(this.#repository, this.#sources, path, parsed)),
            ...statusClaims(path, parsed),
            ...(await stubClaims(this.#repository, this.#sources, path, parsed)),
            ...(await commitClaims(this.#doors, parsed)),
          ]
        : []),
    ].toSorted((a, b) => a.line - b.line);
    ofAnotherVersion(claims);
    if (isProposal(path))
      for (const claim of claims) if (claim.state === 'false' && isPlanned.has(claim.kind)) claim.state = 'doubtful';
    const beside = await besideClaims(this.#repository, path, parsed, all);
    return { path, claims, contradictions: [...contradictions(parsed), ...beside], prose: parsed.prose };
  }
}

/** A design or plan names what it wants to be made. What lies with a milestone is its record, and is held to it. */
const isProposal = (path: string): boolean =>
  /(?:^|[/_-])(?:re-?design|proposals?|rfcs?|p?adrs?)(?=[/_\-.\d])|[-_]plan\.mdx?$/i.test(path) &&
  !/milestone|roadmap|sprint|phase|release|status/i.test(path);
const isPlanned = new Set<Claim['kind']>(['path', 'command', 'name']);

/** Calls of one program that a document has, most of them unknown to it: then the document is about another version. */
const many = 5;

/** Weakens what is said of a program that the document seems to know in another version: one remark for all. */
function ofAnotherVersion(claims: Claim[]): void {
  const unknown = (claim: Claim): string | undefined =>
    claim.kind === 'command' && (claim.state === 'false' || claim.state === 'doubtful')
      ? /^no source of (\S+) /.exec(claim.seen)?.[1]
      : undefined;
  for (const program of new Set(claims.flatMap((claim) => unknown(claim) ?? []))) {
    const bad = claims.filter((claim) => unknown(claim) === program);
    const good = claims.filter(({ text, state }) => state === 'holds' && text.startsWith(`${program} `));
    const [first, ...others] = bad;
    if (!first || bad.length < many || bad.length <= good.length) continue;
    const seen = `what ${program} is called with is not judged, because ${bad.length} of its flags and subcommands are unknown here: it seems to be another version's`;
    Object.assign(first, { state: 'remarked', seen, hint: 'say of which version the document is' });
    for (const other of others) Object.assign(other, { state: 'unjudged' });
  }
}
