import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, relative, sep } from 'node:path';

const ownName = 'verify-milestone';
/** The file that every way to start verify comes to. */
const program = join(
  ((): string => {
    for (let at = import.meta.dirname; ; at = dirname(at))
      if (existsSync(join(at, 'package.json')) || dirname(at) === at) return at;
  })(),
  'bin',
  'verify.js',
);

/** Is this a link to our program, or one of the scripts that package managers put in place of a link? */
function leadsHere(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there?.isFile()) return false;
  return (
    realpathSync(path) === realpathSync(program) || (there.size < 4096 && readFileSync(path, 'utf8').includes(ownName))
  );
}

/** Folders of PATH, without those that npm puts there for as long as one command runs. */
const folders = (): string[] =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.endsWith(`node_modules${sep}.bin`));

function aboveHere(): boolean {
  for (let at = process.cwd(); ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules', ownName))) return true;
    if (dirname(at) === at) return false;
  }
}

let known: string[] | undefined;

/**
 * The words by which the user can start verify again from this shell and folder: `verify` where that is on PATH,
 * `npx verify-milestone` where it is a dependency of the project, else Node with the path. VERIFY_COMMAND says it where a wrapper
 * or a container starts it.
 */
export function calledAs(): readonly string[] {
  const given = process.env['VERIFY_COMMAND']?.trim();
  known ??= given
    ? given.split(/\s+/)
    : folders().some((folder) => leadsHere(join(folder, 'verify')))
      ? ['verify']
      : program.includes(`${sep}node_modules${sep}`) && aboveHere()
        ? ['npx', ownName]
        : ['node', relative(process.cwd(), program)];
  return known;
}

/** The same as a record keeps it: without a path of this machine, and without words that only a shell reads (`"$PWD:/repo"`). */
export const calledAnywhere = (): string[] =>
  calledAs()[0] === 'node' || /["'$\\]/.test(calledAs().join(' ')) ? ['verify'] : [...calledAs()];

const commands =
  'run|plan|lint|doctor|steps|report|diff|completion|sign-off|gate|merge|init|new-step|publish|clean|claims|serve|--help';
const named = new RegExp(`(^|[^\\w./-])verify (?=(?:${commands})(?![\\w-])|\\[options\\])`, 'g');
const runs =
  /(^|\n|`|→ |then |next: |again: )(\s*)verify (?!itself|on|of|does|cannot|needs|must|has|is|\d)(?=[\w./-])/g;

/** A message whose commands can be copied into this shell as they stand. */
export function asCalled(text: string): string {
  const words = calledAs().join(' ');
  if (words === 'verify') return text;
  return text
    .replace(named, (_, before: string) => `${before}${words} `)
    .replace(runs, (_, before: string, space: string) => `${before}${space}${words} `);
}
