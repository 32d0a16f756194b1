import { baseOf, folderOf, liesIn, resolveFrom } from '../data/paths.ts';
import { instructionsOf, type Instruction } from './dockerfile.ts';

/** A file that an image runs when it starts. */
export interface StartedFile {
  /** In the container. */
  path: string;
  line: number;
  /** Paths of the build context of which one must be there: nothing else of the Dockerfile can put the file into the image. */
  from: string[];
}

const interpreter = /^(?:python[\d.]*|node|ruby|php|perl|bash|sh)$/;
const script = /\.(?:py|js|mjs|cjs|rb|php|pl|sh)$/;
/** Parts of a RUN that make no file of the project's own. */
const harmless =
  /^(?:set\s+-\w+|(?:apt-get|apt|apk|dnf|yum|microdnf)\s|(?:python[\d.]*\s+-m\s+)?pip[\d.]*\s+install\s+(?!\.|-e)|npm\s+(?:ci|install|i)\b(?!.*\brun\b)|yarn\s+install\b|bundle\s+install\b|mkdir\s|chmod\s|chown\s|rm\s|(?:add|group|user)\w*\s|(?:useradd|adduser|groupadd|addgroup)\s|true$|echo\s[^>]*$)/;

/**
 * The script that the last stage's CMD or ENTRYPOINT runs, where the Dockerfile shows all that could put it into the image: COPY of
 * plain paths from the context onto a base image. Undefined where anything else may: another stage, a RUN that makes files, a variable.
 */
export function startedFile(text: string): StartedFile | undefined {
  const all = instructionsOf(text);
  const start = all.findLastIndex(({ keyword }) => keyword === 'FROM');
  const earlier = all.slice(0, start).flatMap(({ keyword, text: own }) => (keyword === 'FROM' ? [stageName(own)] : []));
  const base = /^\S+/.exec(all[start]?.text ?? '')?.[0]?.toLowerCase() ?? '';
  if (start < 0 || base.includes('$') || earlier.includes(base)) return undefined;
  let folder = '';
  let entry: Instruction | undefined;
  let command: Instruction | undefined;
  const copies: { source: string; target: string; folder: boolean }[] = [];
  for (const one of all.slice(start + 1)) {
    if (one.keyword === 'WORKDIR') folder = within(folder, one.text.trim().replace(/^(["'])(.*)\1$/, '$2'));
    else if (one.keyword === 'ENTRYPOINT') entry = one;
    else if (one.keyword === 'CMD') command = one;
    else if (one.keyword === 'VOLUME' || one.keyword === 'ONBUILD' || one.keyword === 'SHELL') return undefined;
    else if (one.keyword === 'RUN' && !one.text.split(/&&|;/).every((part) => harmless.test(part.trim())))
      return undefined;
    else if (one.keyword === 'COPY' || one.keyword === 'ADD') {
      const words = one.words ?? one.text.trim().split(/\s+/);
      const target = words.at(-1) ?? '';
      if (
        one.from !== undefined ||
        words.length < 2 ||
        words.some((word) => /[$*?[\]"'\\]|:\/\/|^<<|\.(?:tar|tgz|zip)\b/.test(word))
      )
        return undefined;
      for (const source of words.slice(0, -1))
        copies.push({
          source: within('', source),
          target: within(folder, target),
          folder: target.endsWith('/') || target === '.' || words.length > 2,
        });
    }
    if (one.text.includes('$') && one.keyword === 'WORKDIR') return undefined;
  }
  const runs = entry ?? command;
  const words = wordsOf(entry, command);
  if (!runs || !words) return undefined;
  const named = scriptIn(words);
  if (named === undefined) return undefined;
  const path = within(folder, named);
  const from = copies.flatMap(({ source, target, folder: into }) => [
    ...(target === path ? [source] : []),
    ...(into && within(target, baseOf(source)) === path ? [source] : []),
    // A folder's content is copied, not the folder.
    ...(target !== path && liesIn(path, target)
      ? [within(source, path.slice(target === '' ? 0 : target.length + 1))]
      : []),
  ]);
  // Elsewhere the base image may have it; one of Docker's library has nothing of the project's in the folder that is set here.
  const own =
    (!base.includes('/') && folder !== '' && liesIn(path, folder)) ||
    copies.some(({ target, folder: into }) => liesIn(path, into ? target : folderOf(target)));
  return own && folderOf(path) !== '' ? { path: `/${path}`, line: runs.line, from } : undefined;
}

/** A path below a folder, or an absolute one, without its leading slash. */
const within = (folder: string, path: string): string => resolveFrom(path.startsWith('/') ? '' : folder, path) ?? '';

const stageName = (text: string): string => /\bAS\s+(\S+)/i.exec(text)?.[1]?.toLowerCase() ?? '';

/** The words that the engine starts; undefined where a shell has more to say. */
function wordsOf(entry: Instruction | undefined, command: Instruction | undefined): string[] | undefined {
  const [first, second] = [entry, command].map((one) => {
    if (!one) return [];
    if (one.words) return one.words;
    return /[|&;<>$`"'()]/.test(one.text) ? undefined : one.text.trim().split(/\s+/);
  });
  if (!first || !second) return undefined;
  // An ENTRYPOINT that is a shell's text ignores CMD.
  return entry && !entry.words ? first : [...first, ...second];
}

/** The project's script among the words: behind an interpreter, or called by its path. */
function scriptIn([program = '', ...rest]: readonly string[]): string | undefined {
  if (!interpreter.test(baseOf(program))) return program.includes('/') && script.test(program) ? program : undefined;
  const first = rest.find((word) => !/^-[uBO]$/.test(word));
  return first !== undefined && script.test(first) && !/^[-<]/.test(first) && !first.includes('$') ? first : undefined;
}
