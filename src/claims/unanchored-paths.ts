import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import { suggest } from '../core/suggest.ts';
import type { CodeSpan } from '../formats/documents/markdown.ts';
import { excuseOf, isBuilt, isGlob, namesFile } from '../formats/documents/path-text.ts';
import { doubt, holds, unjudged, type Verdict } from '../formats/documents/verdict.ts';
import type { Repository } from '../repository/repository.ts';

/** How and where a path is said. */
export interface From {
  above: readonly string[];
  beside: readonly string[];
  history: boolean;
  past: boolean;
  toCome: boolean;
  /** It is a page of a site, which tells its readers of their own projects. */
  ofSite: boolean;
  /** It is a report of what was done. */
  ofReport: boolean;
  ticked: boolean;
}

/** A path whose first folder is neither here nor beside what is here. */
export async function withoutAnchor(
  repository: Repository,
  path: string,
  span: CodeSpan,
  from: From,
): Promise<Verdict> {
  const [first = '', ...below] = path.split('/');
  const rest = below.join('/');
  const meant =
    rest.includes('/') && namesFile(rest)
      ? ((await repository.find(rest, [''])) ?? (await repository.findBySuffix(rest)))
      : undefined;
  // `name/src/x.rs` of a repository that is called so, whatever its folder here is called.
  if (
    (meant === rest || (meant !== undefined && isGlob(rest) && (await repository.isNamed(first)))) &&
    suggest(
      first,
      [...repository.folders].filter((one) => !one.includes('/')),
    ) === undefined
  )
    return holds(rest);
  if (meant === undefined && isPromised(repository, path, span, from))
    return doubt(`${path} is not there`, 'add the file, or correct the path');
  return meant === undefined ||
    isBuilt(path) ||
    isInShort(repository, path) ||
    from.ofSite ||
    from.toCome ||
    excuseOf(span.context, span.heading) !== undefined
    ? unjudged('its first folder is not of this repository')
    : doubt(`${path} is not there`, `did you mean ${meant}?`);
}

/** Folders that a repository has for itself, whether this one has them or not. */
const ownFolder =
  /^(?:scripts|tests|\.github\/workflows|benches|charts|k8s|migrations|monitoring|deployments?)\/(?!.*(?:example|sample|your|foo|bar)\b)/;

/** A file that a report tells of as one of the repository, in a folder that it does not have. */
const isPromised = (repository: Repository, path: string, span: CodeSpan, from: From): boolean =>
  from.ofReport &&
  ownFolder.test(path) &&
  namesFile(path) &&
  !isGlob(path) &&
  !isBuilt(path) &&
  !from.ofSite &&
  !from.toCome &&
  !from.past &&
  !from.history &&
  excuseOf(span.context, span.heading) === undefined &&
  !isDenied(span) &&
  !isOtherName(span) &&
  !repository.files.some((file) => posix.basename(file) === posix.basename(path));

/** `app/screens/x.dart` for `source/apps/app/lib/screens/x.dart`: folders are left out of it. */
const isInShort = (repository: Repository, path: string): boolean => {
  const parts = path.split('/').map(escapeRegex);
  return repository.files.some((file) => new RegExp(`(?:^|/)${parts.join('/(?:.+/)?')}$`).test(file));
};

/** "the `ci/bench` job": a name of something else; "from `../x.js`": a module; "`x` → `y`": what it was. */
export const isOtherName = ({ text, context }: CodeSpan): boolean =>
  new RegExp(`\\b(?:from|imports?)\\s+\`\\.[^\`]*\`|\`${escapeRegex(text)}\`\\s*(?:→|->|=>|⇒)`).test(context) ||
  new RegExp(
    `\`${escapeRegex(text)}\`\\s+(?:jobs?|branch|labels?|tags?|topics?|queues?|buckets?|namespaces?|images?|status check|endpoints?|routes?)\\b`,
    'i',
  ).test(context);

/** "No `x`", "without `x`": the sentence says that it is not there. */
export const isDenied = ({ text, context }: CodeSpan): boolean =>
  new RegExp(
    `\\b(?:no(?:\\s+\\w+)?|without|never|not)\\s+(?:an?\\s+|the\\s+|any\\s+)?\`${escapeRegex(text)}\``,
    'i',
  ).test(context);
