import { posix } from 'node:path';
import { commandsOfFence } from '../formats/programs/shell.ts';
import { escapeRegex } from '../core/patterns.ts';
import type { CodeSpan, MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, isBuilt, isGlob, isHistory, isPast, namesFile, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isPendingSection, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { namedPaths } from './measures.ts';
import { isWrittenBy } from './made-by.ts';
import type { Sources } from '../repository/sources.ts';
import { tellsUsers } from './sites.ts';
import { Repository } from '../repository/repository.ts';
import { doubt, holds, suspected, unjudged, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { type From, isDenied, isOtherName, withoutAnchor } from './unanchored-paths.ts';
import { foldersAbove } from '../formats/data/paths.ts';

/** Above a list of what a command writes. */
const isPutOut =
  /^\W*(?:this )?(?:outputs?|generates?|produces?|writes?|creates?|(?:generated|output) (?:files?|reports?|artifacts?))\b/i;

/** A row of a table that is not done yet. */
const isOpenRow = /^\s*\|.*\|\s*(?:[⬜☐⏳📋🔲]|(?:deferred|pending|planned|not (?:yet )?started|to ?do|tbd)\s*\|)/iu;

/** Lines above what lies in a package that the reader unpacks. */
const ofPackage =
  /\b(?:download|unpack|extract|untar|unzip)\w*\b[^.\n]{0,60}\b(?:package|tarball|archive|zip|distribution)s?\b|\btar -?x|-bin\.(?:tar\.gz|zip)\b/i;

/** "### Deleted" */
const ofGone = /^\W*(?:delet|remov)ed\b/i;
const task =
  /^\s*(?:[-*+]|\d+[.)])\s+(?:\*\*[^*]+\*\*:?\s*)?(?:add|build|complete|create|extend|implement|introduce|wire)\s/i;

/** Does it stand in a list of which the other items say what is to be done? */
function isPlanned({ prose }: Pick<MarkdownDocument, 'prose'>, line: number): boolean {
  if (!/^\s*(?:[-*+]|\d+[.)])\s/.test(prose[line - 1] ?? '')) return false;
  const end = prose.findIndex((text, n) => n >= line && text.trim() === '');
  const begin = prose.slice(0, line - 1).findLastIndex((text) => text.trim() === '') + 1;
  const items = prose.slice(begin, end < 0 ? prose.length : end);
  return items.filter((text) => task.test(text)).length >= 2;
}

/** Above a list of what was. */
const isGone = /\b(?:delet|remov|archiv|renam|mov)(?:e[ds]?|ing)\b/i;

/** Above names that are good and bad ones. */
export const ofNaming = /\b(?:patterns?|naming|conventions?|file ?names?)\b/i;

/** A route of an API, which may begin like a folder. */
const isRoute = /^(?:api|rest|v\d+|graphql)\//;

/** What a document says of paths, in back-ticks. */
export async function pathClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const above = foldersAbove(document);
  const files = parsed.spans.flatMap((span) => (span.text.includes('/') ? [{ line: span.line, text: span.text }] : []));
  // A ticked "create `x`" says that it is there.
  const ticked = new Set(
    parsed.boxes
      .filter((box) => box.ticked && /^\W*(?:create|add|write|implement)(?:s|ed)?\b/i.test(box.text))
      .map((box) => box.line),
  );
  const linked = new Set(parsed.links.map((link) => `${link.line} ${link.href.replace(/^\.\//, '')}`));
  const mounted = mountedNames(parsed);
  const ofSite = await tellsUsers(repository, document);
  const bare = new Set(bareSpans(parsed, repository.folders));
  const shown = new Set(listingsOf(parsed));
  for (const span of [...parsed.spans, ...bare]) {
    const path = readPath(span.text);
    // The text of a link says what its address says.
    if (!path || linked.has(`${span.line} ${span.text}`)) continue;
    const toCome =
      isPutOut.test(labelAbove(parsed, span.line)) ||
      isGone.test(`${labelAbove(parsed, span.line)} ${ofGone.exec(span.heading)?.[0] ?? ''}`) ||
      isPlanned(parsed, span.line) ||
      /(?:^|\/)\d+-\d+$/.test(span.text) ||
      ofNaming.test(labelAbove(parsed, span.line)) ||
      shown.has(span.line) ||
      isOpenRow.test(parsed.prose[span.line - 1] ?? '') ||
      ofPackage.test(parsed.prose.slice(Math.max(0, span.line - 4), span.line).join('\n')) ||
      /^\W*output(?:s|\s+(?:files?|reports?|artifacts?))?\W*$/i.test(span.heading) ||
      isYetToCome(labelAbove(parsed, span.line), headingsAbove(parsed, span.line)) ||
      isPendingSection(parsed, span.line);
    for (const one of path.paths) {
      // A path like ../x is often said of the file that the same line names.
      const beside = files
        .filter((file) => file.line === span.line && namesFile(file.text))
        .map((file) => posix.dirname(file.text))
        .filter((folder) => repository.folders.has(folder));
      const verdict = one.split('/').some((part) => mounted.has(part))
        ? unjudged('the document mounts that folder: it is there where the stack runs')
        : await judgePath(repository, sources, one, span, {
            above,
            beside,
            history: isHistory(document),
            past: isPast(document),
            toCome,
            ofSite,
            ofReport: /STATUS|SUMMARY|REPORT|COMPLET|ACCEPTANCE|READINESS|VERIFICATION/i.test(posix.basename(document)),
            ticked: ticked.has(span.line),
          });
      claims.push({ kind: 'path', line: span.line, text: one, ...(bare.has(span) ? suspected(verdict) : verdict) });
      if (path.line !== undefined && verdict.state === 'holds')
        claims.push(...(await judgeLine(repository, one, path.line, span, verdict.seen)));
    }
  }
  return claims;
}

/** Paths without back-ticks, where hardly anything else is meant: in cells of tables, headings and bold words, and below known folders. */
function bareSpans(parsed: MarkdownDocument, folders: ReadonlySet<string>): CodeSpan[] {
  const ticked = new Set(parsed.spans.map((span) => `${span.line} ${span.text.replace(/^\.?\//, '')}`));
  const linked = new Set(parsed.links.map((link) => link.line));
  return namedPaths(parsed).flatMap(({ line, text, behind }): CodeSpan[] => {
    const raw = parsed.prose[line - 1] ?? '';
    const heading = parsed.headings.findLast((one) => one.line <= line)?.text ?? '';
    const before = raw.slice(0, raw.length - behind.length).replace(/`$/, '');
    const isAlone =
      /^\s*(?:\||#)/.test(raw) ||
      // In prose only below a folder of two names that is here.
      (namesFile(text) && posix.dirname(text).includes('/') && folders.has(posix.dirname(text))) ||
      (text.endsWith('/') && /(?:\*\*|__)\/?$/.test(before.slice(0, before.length - text.length)));
    if (
      !isAlone ||
      // What a program writes while it runs lies in hidden folders.
      /^\.(?!github\/|gitlab)/.test(text) ||
      /\b(?:examples?|generated|output)\b/i.test(headingsAbove(parsed, line)) ||
      // A heading may be the title of a listing.
      (raw.startsWith('#') && parsed.fences.some((fence) => fence.line > line && fence.line <= line + 4)) ||
      !text.includes('/') ||
      (!namesFile(text) && !text.endsWith('/')) ||
      /^\W{0,4}(?!\p{ASCII})\p{L}/u.test(behind) ||
      linked.has(line) ||
      ticked.has(`${line} ${text}`)
    )
      return [];
    // An open box is yet to be done.
    // A link in back-ticks shows how one is written.
    if (raw.includes(`](${text})`)) return [];
    if (/^\s*[-*+]\s+\[ \]/.test(raw) || raw.includes(`\`${text}`) || raw.includes(`${text}\``)) return [];
    return [{ line, text, context: raw, heading }];
  });
}

/** Lines that name a file alone, or behind its label, above the block with its text: `**File**: \`src/x.ts\``. */
const listingsOf = ({ prose, fences }: MarkdownDocument): number[] =>
  fences.flatMap((fence) => {
    const at = prose.slice(0, fence.line - 1).findLastIndex((line) => line.trim() !== '');
    const isTitle =
      /^[\s>*_#\-+\d.)]*(?:[^\s`:：]{1,20}(?: [^\s`:：]{1,12})?[\s*_]*[:：][\s*_]*)?`[^`]+`[\s*_:]*$/.test(
        prose[at] ?? '',
      );
    return at >= fence.line - 5 && isTitle && commandsOfFence(fence.lang, fence.text) === undefined ? [at + 1] : [];
  });

/** Folders that the document's own Compose files mount (`- ./data_db:/var/lib/db`). */
function mountedNames(parsed: MarkdownDocument): Set<string> {
  const names = new Set<string>();
  for (const { text } of parsed.fences)
    for (const [, mounted] of text.matchAll(/^\s*-\s*["']?\.\/([\w.-]+)\/?:\//gm))
      if (mounted !== undefined) names.add(mounted);
  return names;
}

async function judgePath(
  repository: Repository,
  sources: Sources,
  path: string,
  span: CodeSpan,
  from: From,
): Promise<Verdict> {
  const relative = /^\.{1,2}\//.test(path);
  const bases = relative ? [...from.above, ...from.beside] : from.above;
  const found = await repository.find(path, bases);
  if (found !== undefined) return holds(found);
  // Said of the file that the same line names, `../x` is certain; its suffix elsewhere is not what is meant.
  const certain = relative ? await anchor(repository, path, [...from.beside]) : undefined;
  if (certain === undefined) {
    const suffix = await repository.findBySuffix(path);
    if (suffix !== undefined) return holds(suffix);
  }
  if (!path.includes('/')) return unjudged('no such file, but it may be meant of another place');
  // A folder between the document's own and the root proves little.
  const own = from.above.slice(0, 1);
  const below = path.startsWith('./') && from.above[0] !== '' ? await anchor(repository, path, own) : undefined;
  const anchored = certain ?? below ?? (await anchor(repository, path, path.startsWith('../') ? own : [...own, '']));
  if (anchored === undefined) return withoutAnchor(repository, path, span, from);
  const isSlot = (part: string): boolean => /^\[+[\w.-]+\]+(?:\.\w+)*$/.test(part);
  if (path.split('/').some(isSlot) && ![...repository.folders].some((folder) => folder.split('/').some(isSlot)))
    return unjudged('what stands in brackets is for the reader to fill in');
  if (isBuilt(path) || isCompiled(repository, path) || (await repository.isIgnored(anchored)))
    return unjudged('a build makes it, or git ignores it');
  if (from.ticked && !from.history && namesFile(path) && !isGlob(path))
    return wrong(`${path} is not there, and the box is ticked`, 'make it, or open the box');
  const folderOf = posix.dirname(anchored);
  // A reader's project has a `docs/` or `src/` too, but hardly a folder of two names that is here as well.
  if (from.ofSite && !(folderOf.includes('/') && repository.folders.has(folderOf)))
    return unjudged('the pages of a site name files of their readers’ projects');
  if (from.toCome) return unjudged('it has yet to be made, as its list or heading says');
  const excuse = excuseOf(span.context, span.heading);
  if (excuse === 'absent' || isDenied(span) || isOtherName(span)) return unjudged('the sentence accounts for it');
  if (from.past) return unjudged('it was there when that was written');
  if (await isWrittenBy(sources, repository, anchored)) return unjudged('a script of the repository writes it');
  const meant = isGlob(path) ? undefined : repository.nearest(anchored);
  const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
  const seen = isGlob(path) ? `nothing matches ${path}` : `${path} is not there`;
  // A module that was split lies in a folder of its name.
  const split = anchored.replace(/\.\w+$/, '');
  if (split !== anchored && repository.folders.has(split)) return doubt(seen, `did you mean ${split}/?`);
  const [, around, ending] = /^(.+)\/(?:mod|index|__init__)(\.\w+)$/.exec(anchored) ?? [];
  const joined = `${around}${ending}`;
  if (around !== undefined && repository.files.includes(joined)) return doubt(seen, `did you mean ${joined}?`);
  const folder = path.endsWith('/') && !isRoute.test(path);
  // Several folders that are all not there are likely those of where it is installed.
  if (folder && certain === undefined && !(await repository.isFolder(posix.dirname(anchored))))
    return unjudged('it may be said of where it runs');
  // `./x` may be said of where the reader is.
  if (path.startsWith('./') && certain === undefined && below === undefined && from.above[0] !== '')
    return namesFile(path) && excuse === undefined ? doubt(seen, hint) : unjudged(seen);
  const sure = certain !== undefined || namesFile(path) || folder;
  // What a pattern is to match may be what is yet to come.
  if (excuse === 'doubtful' || from.history || isGlob(path)) return sure ? doubt(seen, hint) : unjudged(seen);
  if (sure) {
    const gone = repository.missingFolder(anchored);
    return { ...wrong(seen, hint), ...(gone !== undefined && { cause: gone }) };
  }
  return path.split('/').length > 2 && (await repository.isFolder(posix.dirname(anchored)))
    ? doubt(seen, hint)
    : unjudged('it may name something else than a file');
}

/** Does TypeScript of the same name lie there, of which a build makes the JavaScript? */
function isCompiled(repository: Repository, path: string): boolean {
  const stem = /^(.+)\.(?:[cm]?jsx?|d\.[cm]?ts)$/.exec(path)?.[1];
  const source = new RegExp(`(?:^|/)${escapeRegex(stem ?? '')}\\.[cm]?tsx?$`);
  return stem !== undefined && repository.files.some((file) => source.test(file));
}

/** The path from the base that has its folders, or at least the first of them (of `../x`: the folder that would hold it); undefined where none has. */
async function anchor(repository: Repository, path: string, bases: readonly string[]): Promise<string | undefined> {
  let first: string | undefined;
  for (const base of bases) {
    const joined = Repository.join(base, path);
    if (joined === undefined || joined === '') continue;
    const clean = path.replace(/^(?:\.\/)+/, '');
    const holder = clean.startsWith('../') ? posix.dirname(joined) : Repository.join(base, clean.split('/')[0] ?? '');
    if (!clean.includes('/') || holder === undefined || holder === '.' || isGlob(holder)) continue;
    if (!(await repository.isFolder(holder))) continue;
    // Of two folders of that name the one that goes on like the path is meant.
    if (await repository.isFolder(posix.dirname(joined))) return joined;
    first ??= joined;
  }
  return first;
}

async function judgeLine(
  repository: Repository,
  path: string,
  line: number,
  span: CodeSpan,
  found: string,
): Promise<Claim[]> {
  // Of several files that end like it the longest may be meant.
  let lines = 0;
  for (const file of [found, ...repository.files.filter((one) => one !== found && one.endsWith(`/${path}`))]) {
    const text = await repository.doors.files.readIfThere(file);
    const own = text?.replace(/\n$/, '').split('\n').length ?? line;
    if (line <= own) return [];
    lines ||= own;
  }
  const verdict = doubt(`${found} has ${lines} lines`, 'correct the line, or name what stands there');
  return [{ kind: 'path', line: span.line, text: `${path}:${line}`, ...verdict }];
}
