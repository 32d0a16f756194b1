import { posix } from 'node:path';
import { suggest } from '../core/suggest.ts';
import { justRecipes, makeTargets, npmScripts, type Names } from '../formats/task-runners.ts';
import { doubt, holds, unjudged, wrong, type Verdict } from './claim.ts';
import { Repository } from './repository.ts';

type Words = readonly { text: string; open: boolean }[];

const hintOf = (name: string, names: readonly string[]): string => {
  const meant = suggest(name, names);
  return meant === undefined ? `there are ${names.slice(0, 10).join(', ') || 'none'}` : `did you mean ${meant}?`;
};

/** `npm run X`, `pnpm run X`, `yarn run X`, `npm test`: is there such a script? */
export async function judgeNpm(repository: Repository, words: Words, cwds: readonly string[]): Promise<Verdict[]> {
  const [first, second] = words;
  const run = first?.text === 'run' || first?.text === 'run-script';
  const named = run
    ? second
    : first?.text === 'test' || first?.text === 't'
      ? { text: 'test', open: false }
      : undefined;
  if (!named || named.open || named.text.startsWith('-') || cwds.length === 0) return [];
  // A workspace or another folder is chosen elsewhere than here.
  if (
    words.some((word) =>
      /^(?:-w|--workspaces?|--prefix|-C|--dir|--cwd|--filter|-F|-r|--recursive)(?:=|$)/.test(word.text),
    )
  )
    return [];
  const manifests = repository.files.filter((file) => posix.basename(file) === 'package.json');
  const scripts = new Map<string, string[]>();
  for (const manifest of manifests) {
    const names = npmScripts(await repository.doors.files.read(manifest));
    if (names === undefined) return [unjudged(`${manifest} cannot be read`)];
    scripts.set(manifest, names);
  }
  const here = cwds
    .map((cwd) => (cwd === '' ? 'package.json' : `${cwd}/package.json`))
    .filter((file) => scripts.has(file));
  const has = (file: string): boolean => scripts.get(file)?.includes(named.text) === true;
  const found = here.find(has);
  if (found !== undefined) return [holds(`${found} has the script ${named.text}`)];
  const other = manifests.find(has);
  if (other !== undefined)
    return [doubt(`the script ${named.text} is in ${other}`, `say where it is run: cd ${posix.dirname(other)}`)];
  if (here.length === 0) return [];
  return [
    wrong(
      `${here.join(', ')} has no script ${named.text}`,
      hintOf(
        named.text,
        here.flatMap((file) => scripts.get(file) ?? []),
      ),
    ),
  ];
}

/** `make X` and `just X`: is there such a target or recipe? */
export async function judgeRunner(
  repository: Repository,
  program: 'make' | 'just',
  words: Words,
  cwds: readonly string[],
): Promise<Verdict[]> {
  let bases = cwds;
  let file: string | undefined;
  const targets: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const { text, open } = words[at] ?? { text: '', open: true };
    if (open) return [];
    if (text === '-C' || text === '-f' || text === '--file' || text === '--directory') {
      const value = words[++at]?.text ?? '';
      if (text === '-C' || text === '--directory') bases = bases.flatMap((base) => Repository.join(base, value) ?? []);
      else file = value;
    } else if (/^-j?$|^--jobs$/.test(text) && /^\d+$/.test(words[at + 1]?.text ?? '')) at++;
    else if (!text.startsWith('-') && !text.includes('=')) {
      targets.push(text);
      // What follows a recipe's name may be its arguments.
      if (program === 'just') break;
    }
  }
  const names = program === 'make' ? ['GNUmakefile', 'makefile', 'Makefile'] : ['justfile', 'Justfile', '.justfile'];
  const found: Names = { names: [], whole: true };
  const read: string[] = [];
  for (const base of bases) {
    for (const name of file === undefined ? names : [file]) {
      const path = Repository.join(base, name);
      if (path === undefined || (await repository.doors.files.kind(path)) !== 'file') continue;
      const text = await repository.doors.files.read(path);
      const own = program === 'make' ? makeTargets(text) : justRecipes(text);
      found.names.push(...own.names);
      found.whole &&= own.whole;
      read.push(path);
      break;
    }
  }
  if (read.length === 0) return [];
  const verdicts: Verdict[] = [];
  for (const target of targets) {
    if (found.names.includes(target)) verdicts.push(holds(`${read.join(', ')} has ${target}`));
    else if (program === 'make' && (await repository.find(target, bases)) !== undefined)
      verdicts.push(holds(`${target} is a file`));
    // make has rules of its own for what looks like a file.
    else if (!found.whole || /[./]/.test(target)) verdicts.push(unjudged(`${target} may be defined elsewhere`));
    else
      verdicts.push(
        wrong(
          `${read.join(', ')} has no ${program === 'make' ? 'target' : 'recipe'} ${target}`,
          hintOf(target, found.names),
        ),
      );
  }
  return verdicts;
}
