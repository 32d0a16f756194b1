import { posix } from 'node:path';
import { contradictions } from '../formats/documents/agreement/contradictions.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import type { Doors } from '../toolchains/contract.ts';
import { figuresElsewhere, ownState } from './own-state.ts';
import { Compose } from './compose.ts';
import { besideClaims } from './beside.ts';
import { Repository } from '../repository/repository.ts';
import { boxesToCome, type SelfClaim } from '../formats/documents/surroundings.ts';
import { Sources } from '../repository/sources.ts';
import { isHistory } from '../formats/documents/path-text.ts';
import { remark, type Claim, type Programs, type Reading } from './reading.ts';
import { toolchains } from '../toolchains/index.ts';
import { kinds, lookups, type Looked, ofNow } from './lookups.ts';

export interface DocumentClaims {
  path: string;
  claims: Claim[];
  contradictions: SelfClaim[];
}

/** Reads documents of one repository and looks up what they say; what programs were asked is asked once. */
export class DocumentReader {
  readonly #repository: Repository;
  readonly #programs: Programs;
  readonly #sources: Sources;

  private constructor(repository: Repository, doors: Doors) {
    this.#repository = repository;
    this.#sources = new Sources(repository);
    this.#programs = {
      tools: toolchains.flatMap((one) => one.claimed?.(doors) ?? []),
      compose: new Compose(doors),
      sources: this.#sources,
    };
  }

  static async open(doors: Doors): Promise<DocumentReader> {
    return new DocumentReader(await Repository.open(doors), doors);
  }

  /**
   * @param all the documents that are read
   * @param named it is named itself, and not found by a glob
   * @param alone it is named with few others, by somebody who holds it to the present
   */
  async read(
    path: string,
    what: Looked,
    all: ReadonlySet<string> = new Set([path]),
    named = true,
    alone = named,
  ): Promise<DocumentClaims & { prose: string[] }> {
    if (await this.#repository.isTooLarge(path)) {
      const seen = `${path} has more than 1 MiB and is not read`;
      const claim: Claim = {
        kind: 'command',
        line: 1,
        text: path,
        ...remark(seen, 'name the parts that it is made of'),
      };
      return { path, claims: [claim], contradictions: [], prose: [] };
    }
    const parsed = await this.#repository.document(path);
    const reading: Reading = {
      repository: this.#repository,
      sources: this.#sources,
      programs: this.#programs,
      document: path,
      parsed,
    };
    const asked = kinds.flatMap((kind) => (what[kind] ? lookups[kind] : []));
    const claims: Claim[] = [];
    for (const lookup of asked)
      if (!isHistory(path) || !ofNow.has(lookup))
        for (const claim of await lookup(reading)) if (!isTold(claims, claim)) claims.push(claim);
    claims.sort((a, b) => a.line - b.line);
    const toCome = boxesToCome(parsed);
    for (const claim of claims)
      if (toCome.has(claim.line) && isPlanned.has(claim.kind) && claim.state !== 'holds') claim.state = 'unjudged';
    // The routes and keys of a design are those that it wants to be made.
    if (isDesign.test(path))
      for (const claim of claims) if (claim.kind === 'name' && claim.state !== 'holds') claim.state = 'unjudged';
    if (this.#sources.parts.length > 0) for (const claim of claims) ofOtherPart(claim);
    ofAnotherVersion(claims);
    if (isProposal(path, parsed) || (!named && isSuperseded(path, this.#repository.files))) {
      for (const claim of claims) if (isPlanned.has(claim.kind)) weaken(claim, path);
    } else {
      ofAnotherTime(path, claims);
      ofOneFolder(claims);
    }
    if (!alone && !isOfUse.test(path)) for (const claim of claims) ofThen(claim);
    const beside = [
      ...(await besideClaims(this.#repository, path, parsed, all)),
      ...ownState(path, parsed),
      ...(await figuresElsewhere(this.#repository, path, parsed, all)),
    ];
    return {
      path,
      claims,
      contradictions: isPlan.test(path) ? [] : [...contradictions(parsed), ...beside],
      prose: parsed.prose,
    };
  }
}

/** What one look-up has said of a name, another does not suspect once more. */
const isTold = (claims: readonly Claim[], claim: Claim): boolean =>
  claim.kind === 'name' &&
  claim.state === 'doubtful' &&
  claims.some(
    (one) =>
      one.kind === 'name' &&
      one.state !== 'holds' &&
      one.state !== 'unjudged' &&
      one.line === claim.line &&
      one.text === claim.text,
  );

/** A design or plan names what it wants to be made. What lies with a milestone is its record, and is held to it. */
const isProposal = (path: string, { headings }: MarkdownDocument): boolean =>
  (/(?:^|\/)(?:archived?|plans?|spikes?|backlogs?|icebox)\/|(?:^|\/)(?:to-?dos?|backlog|ideas|wish-?list)\.mdx?$|(?:^|[/_-])(?:re-?design|proposals?|rfcs?|p?adrs?|prds?)(?=[/_\-.\d])|(?:^|[/_-])(?:plan|kick-?off)(?=[_\-.\d])[^/]*\.mdx?$/i.test(
    path,
  ) ||
    /\b(?:plan|planning|proposal|rfc|(?:design|planning) brief|strategy|blueprint|vision|roadmap)\b|(?<!\p{L})план(?!\p{L})|計画|计划/iu.test(
      headings[0]?.text ?? '',
    )) &&
  !/(?:^|\/)(?:\w+[-_ ])?(?:milestones?|roadmap|sprints?|phases?|releases?|status)[-_ .]?[\w.]*(?:\/|(?:[-_ ](?:plan|prd|design|status))?\.mdx?$)/i.test(
    path,
  );
const isDesign = /(?:^|[/_-])designs?(?=[/_.-])/i;
/** What is to hold once a plan is done stands beside what has yet to be done. */
const isPlan = /(?:^|[/_-])plan\.mdx?$/i;

/** The number of a stage of the work, by the name of its folder or file: `phases/02-ring`, `PHASE_2_COMPLETE.md`, `milestones/v1.2`. */
function stageOf(name: string, parent: string): number | undefined {
  const [, worded] = /^(?:phase|milestone|sprint|stage|iteration)[-_ ]?(\d+(?:\.\d+)?)(?![\da-z])/i.exec(name) ?? [];
  const [, plain] = /^(?:phases|milestones|sprints|stages|iterations)$/i.test(parent)
    ? (/^v?(\d+(?:\.\d+)?)(?![\da-z])/i.exec(name) ?? [])
    : [];
  const number = worded ?? plain;
  return number === undefined ? undefined : Number(number);
}

/** Is it a record of a stage after which two or more have been recorded? It tells of what was there then. */
function isSuperseded(path: string, files: readonly string[]): boolean {
  const parts = path.split('/');
  return parts.some((name, n) => {
    const own = stageOf(name, parts[n - 1] ?? '');
    if (own === undefined) return false;
    const parent = parts.slice(0, n).join('/');
    const later = files.flatMap((file) => {
      if (!/(?:SUMMARY|VERIFICATION|COMPLET|REPORT|RESULTS?|AUDIT)[^/]*$/i.test(file)) return [];
      const theirs = file.split('/');
      if (theirs.slice(0, n).join('/') !== parent) return [];
      const stage = stageOf(theirs[n] ?? '', parts[n - 1] ?? '');
      return stage !== undefined && stage > own ? [stage] : [];
    });
    return new Set(later).size >= 2;
  });
}

/** Of a project that lies in several repositories, a document may speak of another one than this. */
function ofOtherPart(claim: Claim): void {
  if (claim.state !== 'false' || !isPlanned.has(claim.kind)) return;
  claim.state = claim.kind === 'command' || claim.kind === 'name' ? 'unjudged' : 'doubtful';
}

/** Documents that are read in order to use what is there. */
const isOfUse =
  /(?:^|\/)(?:README|CONTRIBUTING|INSTALL\w*|AGENTS|CLAUDE|SUPPORT|SECURITY)[^/]*$|(?:^|\/)(?:runbooks?|operations|ops)\//i;

/**
 * Reports, guides and records tell of when they were written, as often as not. Proven is a path of theirs that is wrong now and
 * has its file elsewhere, one that a ticked box promises, and what their checklist holds them to.
 */
function ofThen(claim: Claim): void {
  if (claim.kind === 'value' && claim.state === 'doubtful' && claim.dated === true) claim.state = 'remarked';
  if (claim.state !== 'false' || claim.seen.includes('box is ticked')) return;
  if (claim.dated === true) claim.state = 'doubtful';
  if (claim.kind !== 'path') return;
  const moved = claim.cause !== undefined && claim.hint?.includes(`/${posix.basename(claim.text)}`) === true;
  if (!moved) claim.state = 'doubtful';
}

const isPlanned = new Set<Claim['kind']>(['path', 'command', 'name', 'value']);

function weaken(claim: Claim, path: string): void {
  if (claim.state !== 'false' && claim.state !== 'doubtful') return;
  claim.state = claim.kind === 'path' ? 'remarked' : 'unjudged';
  if (claim.kind !== 'path') return;
  claim.cause = `paths of ${path}`;
  claim.more = ', and {n} more paths of this document';
}

/** Names of documents that record what is there. */
const isRecord = /(?:README|STATUS|COMPLET|SUMMARY|REPORT|FEATURE|ISSUE|AUDIT|RESULT|VERIF|VALID|CHECKLIST|PROGRESS)/i;

/** More paths that are not there than such that are: the document is of another time, or of what is to be. One finding says so. */
function ofAnotherTime(path: string, claims: readonly Claim[]): void {
  const paths = claims.filter((claim) => claim.kind === 'path' && !claim.seen.includes('box is ticked'));
  const textsOf = (...states: Claim['state'][]): Set<string> =>
    new Set(paths.filter(({ state }) => states.includes(state)).map(({ text }) => text));
  const missing = textsOf('false', 'doubtful');
  const there = textsOf('holds');
  if (missing.size < 5 || missing.size <= there.size) return;
  for (const claim of paths) {
    if (claim.state !== 'false' && claim.state !== 'doubtful') continue;
    claim.state = isRecord.test(posix.basename(path)) ? 'doubtful' : 'remarked';
    claim.seen = `of ${missing.size + there.size} paths that the document names, ${missing.size} are not there`;
    claim.hint = 'is it of another time, or of what has yet to be made? say so in it, or correct the paths';
    claim.cause = `paths of ${path}`;
    claim.more = '';
  }
}

/** Many files of one folder that are not there have one cause: they were moved, or never made. */
function ofOneFolder(claims: readonly Claim[]): void {
  const missing = claims.filter(
    ({ kind, state, cause, seen, hint }) =>
      kind === 'path' &&
      (state === 'false' || state === 'doubtful') &&
      cause === undefined &&
      hint === undefined &&
      seen.endsWith(' is not there'),
  );
  for (const [folder, all] of Map.groupBy(missing, ({ text, state }) => `${state} ${posix.dirname(text)}`)) {
    if (folder.endsWith(' .') || new Set(all.map(({ text }) => text)).size < 5) continue;
    for (const claim of all)
      Object.assign(claim, { cause: `files of ${folder}`, more: ', nor are {n} more files of its folder' });
  }
}

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
