import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '../evidence/digest.ts';
import { askGit, git } from './git.ts';
import { bytesOfPath, namesOf } from './path-bytes.ts';
import type { Repository } from './repository-at.ts';

/**
 * Which of these tracked files are byte for byte what git writes of their blobs by the committed attributes: line ends (`eol`),
 * `ident` and `working-tree-encoding`. Filters are programs, and are not run: their files differ. Where `info/attributes` says
 * anything, no conversion is believed, since nobody committed it; an uncommitted .gitattributes is a change of the tree by itself.
 * @param paths files whose bytes are not those of their blobs
 */
export async function convertedAlike(
  target: string,
  { common }: Repository,
  paths: readonly string[],
  files: ReadonlyMap<string, { sha256: string }>,
): Promise<Set<string>> {
  const same = new Set<string>();
  if (paths.length === 0 || hasText(join(common, 'info', 'attributes'))) return same;
  const candidates = await converted(target, paths);
  if (candidates.length === 0) return same;
  const folder = mkdtempSync(join(tmpdir(), 'verify-tree-'));
  try {
    const input = Buffer.concat(candidates.flatMap((path) => [Buffer.from(bytesOfPath(path)), Buffer.of(0)]));
    const args = ['checkout-index', '-q', '-z', '--stdin', '--ignore-skip-worktree-bits', `--prefix=${folder}/`];
    await askGit(target, args, await withoutFilters(target), input);
    const prefix = (await git(target, ['rev-parse', '--show-prefix']))?.trimEnd() ?? '';
    for (const path of candidates) {
      const written = join(folder, prefix, path);
      if (lstatSync(bytesOfPath(written), { throwIfNoEntry: false })?.isFile() !== true) continue;
      if (digestFile(bytesOfPath(written)).sha256 === files.get(path)?.sha256) same.add(path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return same;
}

const hasText = (path: string): boolean => (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** The files that have an attribute by which git writes them otherwise, and no filter. */
async function converted(target: string, paths: readonly string[]): Promise<string[]> {
  const input = Buffer.concat(paths.flatMap((path) => [Buffer.from(bytesOfPath(path)), Buffer.of(0)]));
  const names = ['text', 'eol', 'ident', 'working-tree-encoding', 'crlf', 'filter'];
  const answer = await askGit(target, ['check-attr', '-z', '--stdin', ...names], [], input);
  const fields = 'said' in answer ? namesOf(answer.said) : [];
  const having = new Set<string>();
  const filtered = new Set<string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = '', name, value] = fields.slice(at, at + 3);
    if (value === 'unspecified' || value === 'unset') continue;
    (name === 'filter' ? filtered : having).add(path);
  }
  return [...having].filter((path) => !filtered.has(path));
}

/** Settings by which no filter of the repository's configuration runs. */
async function withoutFilters(target: string): Promise<string[]> {
  const answer = await askGit(target, ['config', '--local', '-z', '--name-only', '--get-regexp', '^filter\\.']);
  const names = 'said' in answer ? namesOf(answer.said) : [];
  const drivers = new Set(names.map((name) => name.slice('filter.'.length, name.lastIndexOf('.'))));
  return [...drivers].flatMap((driver) => [
    `filter.${driver}.clean=`,
    `filter.${driver}.smudge=`,
    `filter.${driver}.process=`,
    `filter.${driver}.required=false`,
  ]);
}
