import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../evidence/store.ts';
import { leftBehind } from '../hosts/carried.ts';
import { reportsException } from './carried.ts';

/** Names that evidence often has, besides those of the steps, and that rules for builds often ignore. */
const usual = 'build coverage dist out target tmp logs a.log a.out a.tmp a.png a.xml'.split(' ');

/** Folders that tools make with a .gitignore of their own in them, and the words by which a project is known to use the tool. */
const selfIgnoring: readonly [folder: string, by: RegExp][] = [
  ['.venv/', /\b(?:uv|poetry|pdm|virtualenv)\b/],
  ['.tox/', /\btox\b/],
  ['.nox/', /\bnox\b/],
  ['.mypy_cache/', /\bmypy\b/],
  ['.ruff_cache/', /\bruff\b/],
  ['.pytest_cache/', /\bpytest\b/],
];

/**
 * Writes into .gitignore what a run that is to be signed needs. What the repository ignores of a run is to be committed all the same,
 * unless it ignores reports as a whole. And a folder that ignores itself is a stranger to a signed tree: a commit must say so.
 * @param steps ids of the checklist
 * @param uses the text by which the project's tools are known
 */
export async function ignoreRules(
  target: string,
  milestone: string,
  steps: readonly string[],
  uses: string,
): Promise<{ path: string; how: string }[]> {
  const [run, own] = ['reports/m/2026-01-01T00-00-00Z-000000', `reports/${milestone}/`];
  const names = [...new Set([...steps, ...usual])].map((name) => `${run}/evidence/${name}/a.txt`);
  const folders = selfIgnoring.filter(([, by]) => by.test(uses)).map(([folder]) => folder);
  const asked = [
    `${run}/record.json`,
    ...names,
    ...usual.map((name) => `${run}/evidence/step/${name}`),
    `${own}record.json`,
    ...folders.map((folder) => `${folder}a`),
  ];
  const behind = await leftBehind(target, asked);
  if (!behind) return [];
  const rule = (path: string): string | undefined => behind.find((one) => one.path === path)?.rule;
  const whole = rule(`${run}/record.json`);
  const named = rule(`${own}record.json`);
  const first = behind.find(({ path }) => path.startsWith(run))?.rule;
  const lines: string[] = [];
  const wrote: { path: string; how: string }[] = [];
  const unruled = folders.filter((folder) => rule(`${folder}a`) === undefined);
  if (unruled.length > 0) {
    lines.push(...unruled);
    wrote.push({
      path: '.gitignore',
      how: `the folders that tools make (${unruled.join(', ')}) are no part of what is signed`,
    });
  }
  if (whole !== undefined)
    wrote.push({
      path: '',
      how: `git ignores the folder of the runs (${whole}): commit a run with git add -f, or hand it over as a whole`,
    });
  else if (first !== undefined || named !== undefined) {
    // A rule such as `release/` is about builds, and would take the runs of a milestone of that name along.
    lines.push(...(named === undefined ? [] : [`!/${own}`]), reportsException);
    wrote.push({
      path: '.gitignore',
      how: `the evidence of a run can be committed, which ${named ?? first} would have left behind`,
    });
  }
  const at = join(target, '.gitignore');
  const before = existsSync(at) ? readFileSync(at, 'utf8') : '';
  if (lines.length > 0)
    writeAtomically(at, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`);
  return wrote;
}
