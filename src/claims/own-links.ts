import { isBuilt } from '../formats/documents/path-text.ts';
import { holds, wrong, type Claim, type Reading } from './reading.ts';
import { percentDecoded } from '../core/patterns.ts';

const workflow =
  /^https:\/\/(?:github\.com\/([^/]+)\/([^/]+)\/actions\/workflows\/|img\.shields\.io\/github\/actions\/workflow\/status\/([^/]+)\/([^/]+)\/)([\w.-]+\.ya?ml)\b/;
const file =
  /^https:\/\/(?:github\.com\/([^/]+)\/([^/]+)\/(?:blob|tree|raw|edit)|raw\.githubusercontent\.com\/([^/]+)\/([^/]+))\/(?:main|master|HEAD)\/([^?#]+)/;

/** Links to the repository's own pages at GitHub: files of its main branch, and workflows of badges. */
export async function ownLinkClaims({ repository, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { href, line } of parsed.links) {
    const match = workflow.exec(href) ?? file.exec(href);
    if (!match) continue;
    const [owner, name] = [match[1] ?? match[3] ?? '', match[2] ?? match[4] ?? ''];
    if (!(await repository.isAt(owner, name))) continue;
    const path = workflow.test(href)
      ? `.github/workflows/${match[5]}`
      : percentDecoded(match[5] ?? '')
          .replace(/^\/+|\/$/g, '')
          .replace(/\/{2,}/g, '/');
    if (isBuilt(path)) continue;
    const there = await repository.there(path);
    const gone = there ? undefined : repository.missingFolder(path);
    const meant = there ? undefined : repository.nearest(path);
    claims.push({
      kind: 'link',
      line,
      text: href,
      ...(there
        ? holds(path)
        : wrong(`${path} is not there`, meant === undefined ? undefined : `did you mean ${meant}?`)),
      ...(gone !== undefined && { cause: gone }),
    });
  }
  return claims;
}
