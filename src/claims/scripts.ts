import { posix } from 'node:path';
import { didYouMean, suggest } from '../core/suggest.ts';
import { justRecipes, makeTargets, npmScripts, taskNames, type Names } from '../formats/programs/task-runners.ts';
import { doubt, holds, remark, unjudged, wrong, type Verdict } from '../formats/documents/verdict.ts';
import { Repository } from '../repository/repository.ts';

type Words = readonly { text: string; open: boolean }[];

const hintOf = (name: string, names: readonly string[]): string => {
  return didYouMean(name, names, `there are ${names.slice(0, 10).join(', ') || 'none'}`);
};

/** Is what a command names there, in another folder than where it is run? In prose it is named, and not run. */
export const isInOtherFolder = ({ hint }: Pick<Verdict, 'hint'>): boolean => hint?.startsWith(whereRun) === true;
const whereRun = 'say where it is run: cd ';

/** The words without what names another folder (`--prefix web`, `-C web`), and the folders in which it then runs. */
async function inFolder(
  repository: Repository,
  words: Words,
  cwds: readonly string[],
): Promise<{ words: Words; cwds: readonly string[] }> {
  const at = words.findIndex((word) => /^(?:--prefix|-C|--dir|--cwd)(?:=|$)/.test(word.text));
  const word = words[at];
  if (!word) return { words, cwds };
  const own = word.text.split('=')[1];
  const folder = own ?? words[at + 1]?.text ?? '';
  const rest = words.filter((_, n) => n !== at && (own !== undefined || n !== at + 1));
  const joined = cwds.flatMap((cwd) => Repository.join(cwd, folder) ?? []);
  const there: string[] = [];
  for (const one of joined) if (await repository.isFolder(one)) there.push(one);
  return { words: rest, cwds: there };
}

/** Subcommands of pnpm and yarn; any other word is a script, or a program that a package brings. */
const ofManagers = new Set(
  'add audit autoclean bin build cache cat-file ci config create deploy dedupe dlx doctor env exec explain fetch help import info init install i licenses link list ls login logout node npm outdated owner pack patch plugin policies prepare prune publish rebuild remove rm root run search set setup store tag test t unlink unplug up update upgrade version view why workspace workspaces'.split(
    ' ',
  ),
);

/** The script that `npm run X`, `npm test`, `yarn X` names; `sure` where nothing but a script can be meant. */
function scriptNamed(program: string, words: Words): { text: string; open: boolean; sure: boolean } | undefined {
  const [first, second] = words;
  if (first?.text === 'run' || first?.text === 'run-script') return second && { ...second, sure: program !== 'yarn' };
  if (first?.text === 'test' || first?.text === 't') return { text: 'test', open: false, sure: true };
  if (program === 'npm' && first?.text === 'start') return { text: 'start', open: false, sure: false };
  return program !== 'npm' && first && !ofManagers.has(first.text) ? { ...first, sure: false } : undefined;
}

/** `npm run X`, `pnpm run X`, `yarn X`, `npm test`: is there such a script? */
export async function judgeNpm(
  repository: Repository,
  program: string,
  all: Words,
  from: readonly string[],
): Promise<Verdict[]> {
  const { words, cwds } = await inFolder(repository, all, from);
  const named = scriptNamed(program, words);
  if (!named || named.open || /^-|\//.test(named.text) || cwds.length === 0) return [];
  // A workspace or another folder is chosen elsewhere than here.
  if (words.some((word) => /^(?:-w|--workspaces?|--filter|-F|-r|--recursive)(?:=|$)/.test(word.text))) return [];
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
    return [
      named.sure
        ? remark(`the script ${named.text} is in ${other}`, `${whereRun}${posix.dirname(other)}`)
        : unjudged(`the script ${named.text} is in ${other}`),
    ];
  if (here.length === 0) return [];
  const scriptsHere = here.flatMap((file) => scripts.get(file) ?? []);
  // A word that is no script may be a program of a package; only a slip in a script's name is a doubt then.
  // Where packages are asked for, one of them may bring the program: the names of their programs are not known here.
  const packages = await Promise.all(['package.json', ...here].map((file) => repository.doors.files.readIfThere(file)));
  const bringsPrograms = packages.some((text) => /"(?:dev|optional|peer)?[dD]ependencies"/.test(text ?? ''));
  const isProgram =
    bringsPrograms &&
    (suggest(named.text, scriptsHere) === undefined || packages.some((text) => text?.includes(`"${named.text}"`)));
  if (!named.sure && program !== 'npm' && isProgram) return [unjudged(`${named.text} may be a program of a package`)];
  return [
    (named.sure ? wrong : doubt)(`${here.join(', ')} has no script ${named.text}`, hintOf(named.text, scriptsHere)),
  ];
}

const runners = {
  make: { files: ['GNUmakefile', 'makefile', 'Makefile'], read: makeTargets, noun: 'target' },
  just: { files: ['justfile', 'Justfile', '.justfile'], read: justRecipes, noun: 'recipe' },
  task: {
    files: ['Taskfile.yml', 'taskfile.yml', 'Taskfile.yaml', 'taskfile.yaml', 'Taskfile.dist.yml'],
    read: taskNames,
    noun: 'task',
  },
} as const;

/** `make X`, `just X` and `task X`: is there such a target, recipe or task? */
export async function judgeRunner(
  repository: Repository,
  program: keyof typeof runners,
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
      // What follows a recipe's name may be its arguments; a task gets its own after dashes.
      if (program === 'just') break;
      if (words[at + 1]?.text === '--') break;
    }
  }
  const runner = runners[program];
  const found: Names = { names: [], whole: true };
  const read: string[] = [];
  for (const base of bases) {
    for (const name of file === undefined ? runner.files : [file]) {
      const path = Repository.join(base, name);
      if (path === undefined || (await repository.doors.files.kind(path)) !== 'file') continue;
      const text = await repository.doors.files.read(path);
      const own = runner.read(text) ?? { names: [], whole: false };
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
    else {
      const other = await otherHas(repository, runner, target);
      verdicts.push(
        other === undefined
          ? wrong(`${read.join(', ')} has no ${runner.noun} ${target}`, hintOf(target, found.names))
          : remark(`the ${runner.noun} ${target} is in ${other}`, `${whereRun}${posix.dirname(other)}`),
      );
    }
  }
  return verdicts;
}

/** The file of another folder that has the target. */
async function otherHas(
  repository: Repository,
  { files, read }: (typeof runners)[keyof typeof runners],
  target: string,
): Promise<string | undefined> {
  const names: ReadonlySet<string> = new Set(files);
  for (const file of repository.files)
    if (names.has(posix.basename(file)) && read(await repository.doors.files.read(file))?.names.includes(target))
      return file;
  return undefined;
}
