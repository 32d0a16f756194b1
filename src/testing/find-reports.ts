import type { Files, FileStamp, StepContext } from '../core/step.ts';
import { decodeText } from '../formats/data/decode.ts';
import { library } from '../formats/data/libraries.ts';
import { isOlder, type SaidTime } from '../formats/test-results/results.ts';
import { afterProduct, beforeProduct } from '../repository/products.ts';
import type { Reports } from './observed.ts';
import { baseOf } from '../formats/data/paths.ts';

/** Folders that no results lie in, unless a glob names them. */
const passedOver = new Set(['node_modules', '.git', '.venv', 'venv', '.tox', '.nox', 'site-packages']);
const mostEntries = 200_000;

/** Reads a file's bytes. @throws Error with words for people where they are none of its kind */
type Take = (bytes: Uint8Array, path: string) => { format: string; began?: SaidTime };

/** Files that match globs, sorted; also below what builds fill (target/, build/), which the tree's own globs leave out. */
async function matching(patterns: readonly string[], files: Files): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const pattern of patterns) {
    const parts = pattern.replace(/^\.\//, '').split('/');
    const at = parts.findIndex((part) => /[*?[\]{}!()]/.test(part));
    const match = library('picomatch')(parts.join('/'), { dot: true });
    const paths: string[] = [];
    let looked = 0;
    const walk = async (folder: string): Promise<void> => {
      for (const name of await files.list(folder === '' ? '.' : folder)) {
        if (looked++ > mostEntries || (passedOver.has(name) && !parts.includes(name))) continue;
        const path = folder === '' ? name : `${folder}/${name}`;
        const { kind } = await files.stamp(path);
        if (kind === 'directory') await walk(path);
        else if (kind === 'file' && match(path)) paths.push(path);
      }
    };
    if (at < 0) {
      const path = parts.join('/');
      if ((await files.stamp(path)).kind !== 'missing') paths.push(path);
    } else await walk(parts.slice(0, at).join('/'));
    found.set(pattern, paths.toSorted());
  }
  return found;
}

/** What lay there before a command ran, so that what it wrote can be told from what it found. */
export type Before = Map<string, Awaited<ReturnType<typeof beforeProduct>>>;

export async function reportsBefore(patterns: readonly string[], files: Files): Promise<Before> {
  const before: Before = new Map();
  for (const paths of (await matching(patterns, files)).values())
    for (const path of paths) before.set(path, await beforeProduct(path, files));
  return before;
}

/** Since when files count, what lay there then (without it a file's time alone decides), and the command that ran since, if one did. */
export interface Since {
  began: number;
  before: Before | undefined;
  ran: string | undefined;
}

/** Reads the files that match and were written since; names those that are older or cannot be read. */
export async function readReports(
  patterns: readonly string[],
  since: Since,
  ctx: StepContext,
  take: Take,
): Promise<Reports> {
  const reports: Reports = { unmatched: [], stale: [], unreadable: [], read: [] };
  const seen = new Set<string>();
  const found = await matching(patterns, ctx.files);
  // What each file is like before anything reads it, which sets a time of its own.
  const stamps = new Map<string, FileStamp>();
  const old = new Map<string, string>();
  for (const path of new Set([...found.values()].flat())) {
    const stamp = await ctx.files.stamp(path);
    stamps.set(path, stamp);
    const why = await staleness(path, stamp, since, ctx);
    if (why !== undefined) old.set(path, why);
  }
  const written = [...stamps.keys()].filter((path) => !old.has(path));
  for (const [path, why] of await copiesIn(written, stamps, ctx)) old.set(path, why);
  for (const [pattern, paths] of found) {
    if (paths.length === 0) reports.unmatched.push(pattern);
    for (const path of paths) {
      if (seen.has(path)) continue;
      seen.add(path);
      const stamp = stamps.get(path) ?? (await ctx.files.stamp(path));
      const stale = old.get(path);
      if (stale !== undefined) reports.stale.push({ path, why: stale });
      else await takeOne(path, ctx, { stamp, since }, take, reports);
    }
  }
  return reports;
}

async function staleness(
  path: string,
  stamp: FileStamp,
  { began, before }: Since,
  ctx: StepContext,
): Promise<string | undefined> {
  if (stamp.kind !== 'file') return `it is a ${stamp.kind}, no file that the runner wrote`;
  if (stamp.outside) return `it lies outside of the target: ${stamp.real}`;
  const was = before?.get(path);
  if (was) {
    const { wrong } = await afterProduct(path, was, began, ctx.files);
    if (wrong?.code === 'stale-product') return wrong.text;
    if (was.stamp.inode === stamp.inode) return undefined;
  }
  // A time can be set to one that is to come, not that of the last change.
  const written = was ? stamp.modifiedMs : Math.min(stamp.modifiedMs, stamp.changedMs);
  return written < began
    ? `it was written at ${new Date(written).toISOString()}, before ${before ? 'the command' : 'the run'} began`
    : undefined;
}

/** Above this many bytes a file is not held against older ones. */
const largestCopy = 16 << 20;

/**
 * Files that name their run and hold what was there before it: byte for byte a file that was committed once, or the evidence of an
 * earlier run. They were copied, not written.
 * @returns path → why
 */
async function copiesIn(
  paths: readonly string[],
  stamps: ReadonlyMap<string, FileStamp>,
  ctx: StepContext,
): Promise<Map<string, string>> {
  const named: { path: string; sha256: string; blob: string }[] = [];
  for (const path of paths) {
    const stamp = stamps.get(path);
    if (stamp?.kind !== 'file' || stamp.outside || stamp.bytes > largestCopy) continue;
    const bytes = await ctx.files.readBytes(path).catch(() => undefined);
    if (bytes === undefined || !namesItsRun(bytes)) continue;
    named.push({ path, sha256: await ctx.files.sha256(path), blob: await blobOf(bytes) });
  }
  if (named.length === 0) return new Map();
  const kept = await ctx.keptBefore(named.map(({ sha256 }) => sha256));
  const known = await ctx.exec(['git', 'cat-file', '--batch-check=%(objectname)'], {
    name: 'git-known',
    ownGit: true,
    unkept: true,
    readsOnly: true,
    input: named.map(({ blob }) => `${blob}\n`).join(''),
  });
  const committed = new Set(known.code === 0 ? known.stdout.split('\n') : []);
  return new Map(
    named.flatMap(({ path, sha256, blob }): [string, string][] => {
      const run = kept.get(sha256);
      if (run !== undefined) return [[path, `it is byte for byte what the run ${run} kept as evidence, times and all`]];
      return committed.has(blob) ? [[path, 'it is byte for byte a file that was committed before, times and all']] : [];
    }),
  );
}

/** The name that git gives to these bytes as a file (in a repository of SHA-1). */
async function blobOf(bytes: Uint8Array): Promise<string> {
  const head = new TextEncoder().encode(`blob ${bytes.length}\0`);
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return Buffer.from(await crypto.subtle.digest('SHA-1', whole)).toString('hex');
}

/** Programs and functions that set a file's time. */
const setsTimes = /\btouch\b|\butimes?\b|\butimensat\b/;

/**
 * May a file that holds what it held before have been given a new time only? Whoever writes a file leaves the time of its last reading,
 * and sets those of content and change to one moment; whoever sets its time does not.
 */
const onlyTouched = (stamp: FileStamp, ran: string): boolean =>
  setsTimes.test(ran) || stamp.accessedMs >= stamp.modifiedMs || stamp.modifiedMs !== stamp.changedMs;

/** Moments, and lengths of time that no second run has again to the last digit. */
const moment = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b1\d{12}\b/;
const length = /\b(?:time|duration|elapsed)\w*["']?\s*[=:]\s*["']?\d*\.\d*[1-9]\d*/gi;
const fewLengths = 8;

/** Would a second run have written other bytes? */
const namesItsRun = (bytes: Uint8Array): boolean => {
  const text = new TextDecoder('latin1').decode(bytes);
  const lengths = text.match(length) ?? [];
  return moment.test(text) || lengths.length >= fewLengths || lengths.some((one) => /\.\d{5}/.test(one));
};

async function takeOne(
  path: string,
  ctx: StepContext,
  { stamp, since }: { stamp: FileStamp; since: Since },
  take: Take,
  reports: Reports,
): Promise<void> {
  const old = since.before?.get(path);
  const same =
    old?.sha256 === undefined || old.sha256 !== (await ctx.files.sha256(path))
      ? undefined
      : old.stamp.inode === stamp.inode
        ? 'file'
        : 'bytes';
  // A file that is too large to be read keeps the step from observing.
  const bytes = await ctx.files.readBytes(path);
  await keep(path, bytes, reports.read.length + reports.unreadable.length, ctx);
  try {
    const { format, began: said } = take(bytes, path);
    // What was copied, or restored by a build's cache, has a new time and an old content.
    if (said && isOlder(said, since.began))
      reports.stale.push({
        path,
        why: `its tests began at ${new Date(said.at).toISOString()}, as it says itself, before ${new Date(since.began).toISOString()}`,
      });
    else if (same && namesItsRun(bytes))
      reports.stale.push({ path, why: 'it holds byte for byte what it held before, times and all' });
    else {
      reports.read.push({ path, format });
      if (same === 'file') {
        const touched = since.ran !== undefined && onlyTouched(stamp, since.ran);
        reports[touched ? 'touched' : 'same'] = [...(reports[touched ? 'touched' : 'same'] ?? []), path];
      }
    }
  } catch (cause) {
    reports.unreadable.push({ path, why: (cause as Error).message });
  }
}

/** Reports that are kept as evidence: of a suite with thousands of files the first. */
const mostKept = 200;

/** As text, where it is one, so that what is secret in it is taken out. */
export async function keep(path: string, bytes: Uint8Array, n: number, ctx: StepContext): Promise<void> {
  if (n >= mostKept) return;
  let text: string | Uint8Array = bytes;
  try {
    text = decodeText(bytes);
  } catch {
    // What is no text is kept as it is.
  }
  await ctx.evidence.write(`${n + 1}-${baseOf(path).slice(-100)}`, text);
}
