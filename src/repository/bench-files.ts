import type { Files } from '../core/step.ts';
import {
  type Baseline,
  type Benchmark,
  type Collected,
  parseCriterion,
  parseResults,
} from '../formats/bench/results.ts';

/** Folders that hold `<leaf>/estimates.json`, at most 12 levels down. */
async function criterionFolders(files: Files, root: string, leaf: string, depth = 0): Promise<string[]> {
  if (depth > 12) return [];
  const found: string[] = [];
  for (const name of await files.list(root)) {
    const path = `${root}/${name}`;
    if (name === leaf && (await files.kind(`${path}/estimates.json`)) === 'file') found.push(path);
    else if (!/^(?:report|change)$|\.(?:json|svg|html)$/.test(name) && (await files.kind(path)) === 'directory')
      found.push(...(await criterionFolders(files, path, leaf, depth + 1)));
  }
  return found;
}

/** The files of results below a path: itself, or each of criterion's estimates. */
async function resultFiles(files: Files, path: string, leaf: string): Promise<string[]> {
  const kind = await files.kind(path);
  if (kind !== 'directory') return kind === 'file' ? [path] : [];
  return (await criterionFolders(files, path, leaf)).map((folder) => `${folder}/estimates.json`);
}

/** Is a file of results new enough? */
export type Fresh = (path: string, modifiedAt: number) => boolean;

/** What is written from now on: by comparison with the times that the files have now, whatever the clock of their disk. */
export async function writtenFromNow(files: Files, path: string): Promise<Fresh> {
  const before = new Map<string, number>();
  for (const file of await resultFiles(files, path, 'new')) before.set(file, await files.modifiedAt(file));
  return (file, modifiedAt) => before.get(file) !== modifiedAt;
}

/** What was written since; a disk that keeps whole seconds only gets two of slack. */
export const writtenSince =
  (since: number): Fresh =>
  (_, modifiedAt) =>
    modifiedAt >= since - (modifiedAt % 1000 === 0 ? 2000 : 20);

/**
 * Reads a file of results or criterion's folder.
 * @param leaf `new`, or the name of a baseline
 */
export async function collect(files: Files, path: string, leaf: string, fresh: Fresh): Promise<Collected> {
  const found: Collected = { benchmarks: [], stale: [], bad: [] };
  for (const file of await resultFiles(files, path, leaf)) {
    if (!fresh(file, await files.modifiedAt(file))) {
      found.stale.push(file);
      continue;
    }
    if (file === path) {
      const parsed = parseResults(await files.read(path));
      if (typeof parsed === 'string') found.bad.push(`${path}: ${parsed}`);
      else return { ...found, benchmarks: parsed.benchmarks, ...(parsed.host !== undefined && { host: parsed.host }) };
      continue;
    }
    const folder = file.slice(0, -'/estimates.json'.length);
    const identity = await files.readIfThere(`${folder}/benchmark.json`);
    const read = parseCriterion(await files.read(file), identity, folder.slice(path.length + 1, -leaf.length - 1));
    if (read) found.benchmarks.push(...read);
    else found.bad.push(`${file}: not criterion’s estimates`);
  }
  return found;
}

/** The baseline that was made on this host, or why there is none. */
export async function findBaseline(
  files: Files,
  results: string,
  wanted: { criterion?: string | undefined; host?: string | undefined; files?: string[] | undefined },
  host: string,
  runStartedAt: number,
): Promise<Baseline> {
  if (wanted.criterion !== undefined) {
    const from = `criterion’s ${wanted.criterion}`;
    const all = await collect(files, results, wanted.criterion, () => true);
    if (all.benchmarks.length === 0) return { missing: `${results} has no baseline ${wanted.criterion}` };
    if (wanted.host === host) return { benchmarks: all.benchmarks, from };
    const made = await collect(files, results, wanted.criterion, writtenSince(runStartedAt));
    if (made.stale.length === 0) return { benchmarks: made.benchmarks, from };
    return {
      missing:
        wanted.host === undefined
          ? `the baseline ${wanted.criterion} does not say which host it is of; if of this one, write baseline.host: ${host}`
          : `the baseline ${wanted.criterion} is of the host ${wanted.host}, this is ${host}`,
    };
  }
  const seen: string[] = [];
  const own: { benchmarks: Benchmark[]; from: string }[] = [];
  const paths: string[] = [];
  for (const pattern of wanted.files ?? [])
    paths.push(...((await files.kind(pattern)) === 'file' ? [pattern] : await files.glob([pattern])));
  for (const path of new Set(paths)) {
    const parsed = parseResults(await files.read(path));
    if (typeof parsed === 'string') seen.push(`${path} cannot be read (${parsed})`);
    else if (parsed.host === host && parsed.benchmarks.length > 0)
      own.push({ benchmarks: parsed.benchmarks, from: path });
    else seen.push(`${path} is of ${parsed.host === undefined ? 'no named host' : `the host ${parsed.host}`}`);
  }
  if (own.length > 1)
    return { missing: `${own.map((one) => one.from).join(' and ')} are both of this host: which one holds?` };
  return own[0] ?? { missing: `none is of this host (${host}): ${seen.join('; ') || 'no file is there'}` };
}
