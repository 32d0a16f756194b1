import { contradictions, type SelfClaim } from '../formats/contradictions.ts';
import { parseMarkdown } from '../formats/markdown.ts';
import type { Claim } from './claim.ts';
import { commandClaims } from './commands.ts';
import { linkClaims } from './links.ts';
import { pathClaims } from './paths.ts';
import type { Repository } from './repository.ts';

export interface DocumentClaims {
  path: string;
  claims: Claim[];
  contradictions: SelfClaim[];
}

/** Reads one document of the repository and looks up what it says. */
export async function readDocument(
  repository: Repository,
  path: string,
  what: { paths: boolean; links: boolean; commands: boolean },
): Promise<DocumentClaims & { prose: string[] }> {
  const parsed = parseMarkdown(await repository.doors.files.read(path));
  const claims = [
    ...(what.paths ? await pathClaims(repository, path, parsed) : []),
    ...(what.links ? await linkClaims(repository, path, parsed) : []),
    ...(what.commands ? await commandClaims(repository, path, parsed) : []),
  ].toSorted((a, b) => a.line - b.line);
  return { path, claims, contradictions: contradictions(parsed), prose: parsed.prose };
}
