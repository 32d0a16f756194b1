import { escapeRegex } from '../core/patterns.ts';
import type { Fence, MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf, isBuilt, isGlob, namesFile, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { Repository } from '../repository/repository.ts';
import { doubt, holds, unjudged, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { foldersAbove } from '../formats/data/paths.ts';

/** Folders at the root of every system or image: a path below one of them is none of the repository. */
const ofSystem =
  /^\/(?:bin|boot|dev|etc|home|lib(?:64)?|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|data|app|workspace|healthz?|metrics|api|v\d+|prometheus|grafana|config)(?:\/|$)/;

/** Paths in other notations than `a/b` in back-ticks: from the root with a slash, in bold, drawn as a tree, "in the `x` folder". */
export async function drawnPathClaims({ repository, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const toCome = (line: number): boolean => isYetToCome(labelAbove(parsed, line), headingsAbove(parsed, line));
  const whole = parsed.fences.map((fence) => fence.text).join('\n');
  for (const span of parsed.spans) {
    const text = span.text.trim();
    const verdict = text.startsWith('/')
      ? await fromRoot(repository, text)
      : await folderNamed(repository, document, text, span.context, whole);
    if (!verdict) continue;
    // That the sentence ends in a colon says nothing of the folder where something is to be run.
    const excuse = excuseOf(span.context.replace(/:\s*$/, '.'), span.heading);
    const excused =
      verdict.state !== 'holds' &&
      (toCome(span.line) || (text.startsWith('/') ? excuse !== undefined : excuse === 'absent'));
    claims.push({
      kind: 'path',
      line: span.line,
      text,
      ...(excused ? unjudged('the sentence accounts for it') : verdict),
    });
  }
  for (const [n, line] of parsed.prose.entries())
    // An open box is yet to be done.
    for (const [, text = ''] of /^\s*[-*+]\s+\[ \]/.test(line)
      ? []
      : line.matchAll(/(?:\*\*|__)((?:[\w@.-]+\/)+[\w@.-]+\.\w{1,9})(?:\*\*|__)/g)) {
      const verdict = await plainPath(repository, text, foldersAbove(document));
      if (!verdict) continue;
      const excused =
        verdict.state !== 'holds' && (toCome(n + 1) || excuseOf(line.replace(text, ' '), '') !== undefined);
      claims.push({
        kind: 'path',
        line: n + 1,
        text,
        ...(excused ? unjudged('the sentence accounts for it') : verdict),
      });
    }
  for (const fence of parsed.fences) claims.push(...(await treeClaims(repository, document, parsed, fence)));
  return claims;
}

/** A file of this name is there, or certainly not: its folder is, and it ends like a file. */
async function plainPath(repository: Repository, path: string, bases: readonly string[]): Promise<Verdict | undefined> {
  if (readPath(path) === undefined || isGlob(path)) return undefined;
  const found = (await repository.find(path, bases)) ?? (await repository.findBySuffix(path));
  if (found !== undefined) return holds(found);
  const [first = ''] = path.split('/');
  const base = bases.find((one) => repository.folders.has(Repository.join(one, first) ?? ''));
  if (base === undefined || !namesFile(path) || isBuilt(path) || (await repository.isIgnored(path))) return undefined;
  const meant = repository.nearest(Repository.join(base, path) ?? path);
  return wrong(`${path} is not there`, meant === undefined ? undefined : `did you mean ${meant}?`);
}

/** `/docs/x.md`: from the repository's root. A route or a path of a machine begins alike, so that its folder must be there. */
async function fromRoot(repository: Repository, text: string): Promise<Verdict | undefined> {
  const path = text.slice(1);
  if (ofSystem.test(text) || !path.includes('/') || !namesFile(path)) return undefined;
  return plainPath(repository, path, ['']);
}

const inFolder = /\b(?:in|from|inside|into|enter|under|see|at)\s+the\s+$/i;

/** "In the `x` folder": is there one? */
async function folderNamed(
  repository: Repository,
  document: string,
  name: string,
  context: string,
  commands: string,
): Promise<Verdict | undefined> {
  if (!/^[a-z][\w.-]*[a-z0-9]$/i.test(name) || namesFile(name)) return undefined;
  const at = context.indexOf(`\`${name}\``);
  if (at < 0 || !/^\s+(?:sub-?)?(?:director(?:y|ies)|folders?)\b/i.test(context.slice(at + name.length + 2)))
    return undefined;
  const there = [...repository.folders].find((folder) => folder === name || folder.endsWith(`/${name}`));
  if (there !== undefined) return holds(there);
  if (!inFolder.test(context.slice(0, at)) || isBuilt(name) || (await repository.isNamed(name))) return undefined;
  // Only where the reader is sent there now: data, caches and mounts are made as a program runs.
  if (
    !/\b(?:run|execute|cd|go to|navigate|change|open|find|located|lives?|see)\b/i.test(context) ||
    !name.includes('-')
  )
    return undefined;
  if (
    (await repository.isIgnored(name)) ||
    foldersAbove(document).some((folder) => repository.files.includes(`${folder}/${name}`))
  )
    return undefined;
  // A folder of another repository, which the document says, or which its commands make or enter on the way.
  const elsewhere = /^`?\s*(?:sub-?)?(?:director(?:y|ies)|folders?)\s+(?:of|in|inside)\s+(?:the\s+)?`/i.test(
    context.slice(at + name.length + 1),
  );
  if (elsewhere || new RegExp(`\\b(?:cd|mkdir)\\b[^\\n]*\\b${escapeRegex(name)}\\b`).test(commands)) return undefined;
  return doubt(`no folder of the repository is called ${name}`, 'correct the name');
}

/** "Arquivos gerados" */
const ofOutput = /\b(?:generated|outputs?|gerad[oa]s|generad[oa]s|générés?|saídas?|salidas?)\b|生成/iu;
const branch = /^([\s│|]*)(?:├|└|\+|\||`)(?:─|-){1,3}\s*(.*)$/;

/** The paths of a tree drawing, with their line in the block. */
export function pathsOfTree(text: string): { path: string; line: number; note: string; root?: string }[] {
  const found: ReturnType<typeof pathsOfTree> = [];
  const lines = text.split('\n');
  if (lines.filter((line) => /^[\s│|]*(?:├|└)(?:─|-)/.test(line)).length < 2) return [];
  const open: { depth: number; name: string }[] = [];
  for (const [n, line] of lines.entries()) {
    const match = branch.exec(line);
    const depth = match ? (match[1] ?? '').length + 1 : 0;
    const text0 = (match ? (match[2] ?? '') : line).trim();
    if (text0 === '' || (!match && n > 0 && !/^[\w./@-]+(?:(?:\/|\.\w+)\s*(?:#|\/\/|←|--).*)?$/.test(text0))) continue;
    const [, first = '', note = ''] = /^(\S+)\s*(.*)$/.exec(text0) ?? [];
    // "(changed)" is a label, and no folder.
    const name = first.startsWith('(') ? '' : first;
    while ((open.at(-1)?.depth ?? -1) >= depth) open.pop();
    const parts = [...open.map((one) => one.name), name.replace(/\/$/, '')].filter(
      (part) => part !== '.' && part !== '',
    );
    open.push({ depth, name: name.replace(/\/$/, '') });
    // Several names on one line are told of together.
    // A file may lie beside the folders that are drawn.
    if ((match || (n > 0 && namesFile(name))) && name !== '' && !/^[\w-]+\.\w+\s/.test(note))
      found.push({
        path: parts.join('/') + (name.endsWith('/') ? '/' : ''),
        line: n,
        note,
        ...(match && open[0]?.depth === 0 && { root: open[0].name }),
      });
  }
  return found;
}

/** A drawing of folders that mostly agrees with what is there is one of this repository: what it draws besides is missing. */
async function treeClaims(
  repository: Repository,
  document: string,
  parsed: MarkdownDocument,
  fence: Fence,
): Promise<Claim[]> {
  // `[module]` stands for many, unless pages of the repository are called so.
  const isSlot = /\/\[[^\]]*\](?:\/|$)/;
  const hasSlots = [...repository.folders].some((folder) => isSlot.test(`/${folder}`));
  const drawn = pathsOfTree(fence.text).filter(
    ({ path }) => !/[<>{}*…]|\.\.\.|\$/.test(path) && (hasSlots || !isSlot.test(`/${path}`)),
  );
  if (drawn.length === 0 || isYetToCome('', headingsAbove(parsed, fence.line)) || ofOutput.test(fence.heading))
    return [];
  // The drawing's root may be the repository's own name, or a folder that is not drawn.
  const roots = foldersAbove(document);
  const forms = (path: string): string[] => [path, path.split('/').slice(1).join('/')];
  let best: { at: (path: string) => string; hits: number } = { at: (path) => path, hits: 0 };
  for (const root of roots)
    for (const form of [0, 1]) {
      const at = (path: string): string => Repository.join(root, forms(path)[form] ?? '') ?? '';
      let hits = 0;
      for (const { path } of drawn) if (at(path) !== '' && (await repository.there(at(path)))) hits++;
      if (hits > best.hits) best = { at, hits };
    }
  const lead = parsed.prose.slice(Math.max(0, fence.line - 5), fence.line - 1).join(' ');
  // A root that is a folder here says of what it is a drawing; without it, nearly all must agree.
  const root = fence.text.split('\n')[0]?.trim().replace(/\/$/, '') ?? '';
  const isRooted = /^[\w./-]+$/.test(root) && (root === '.' || (await repository.find(root, roots)) !== undefined);
  if (
    best.hits < 1 ||
    best.hits * (isRooted ? 2 : 1.4) < drawn.length ||
    /\b(?:example|your|will|would|should|create|looks? like|generated?|output|say|suppose|imagine|let['’]?s|assum\w+|following (?:source|project|folder|directory) (?:code )?(?:structure|layout))\b/i.test(
      lead,
    )
  )
    return [];
  const claims: Claim[] = [];
  for (const { path, line, note, root: own } of drawn) {
    const at = best.at(path);
    // A second root, which is not here, is of something else.
    if (at === '' || (own !== drawn[0]?.root && own !== undefined && !repository.folders.has(best.at(own)))) continue;
    const base = { kind: 'path' as const, line: fence.line + line, text: path };
    if (await repository.there(at)) claims.push({ ...base, ...holds(at) });
    else if (repository.files.some((file) => file.toLowerCase() === at.toLowerCase())) continue;
    else if (!namesFile(at) && !path.endsWith('/')) continue;
    else if (
      isBuilt(at) ||
      (await repository.isIgnored(at)) ||
      excuseOf(note, '') !== undefined ||
      /\b(?:new|todo|planned|generated)\b/i.test(note)
    )
      claims.push({ ...base, ...unjudged('a build makes it, or the drawing accounts for it') });
    else {
      const meant = repository.nearest(at);
      claims.push({
        ...base,
        ...doubt(`${at} is not there`, meant === undefined ? undefined : `did you mean ${meant}?`),
        cause: `the drawing of ${document}:${fence.line}`,
        more: ', and {n} more paths of the same drawing are not there',
      });
    }
  }
  return claims;
}
