import { posix } from 'node:path';
import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { locatedDocuments, type LocatedYaml } from '../formats/data/yaml.ts';
import { parseShell, type Word } from '../formats/programs/shell.ts';
import type { Sources } from '../repository/sources.ts';
import { execForm, instructionsOf, type Instruction } from '../formats/docker/dockerfile.ts';
import { withoutPrefix } from './command-words.ts';
import { isItsOwnName, ownPrograms, type OwnProgram } from './own-programs.ts';

/** The lines of a unit, those that go on joined. */
const joinedLines = (text: string): { text: string; line: number }[] => {
  const found: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [n, line] of text.split('\n').entries()) {
    if (/^\s*#/.test(line)) continue;
    if (open) open.text += ` ${line.replace(/\\\s*$/, '')}`;
    else open = { text: line.replace(/\\\s*$/, ''), line: n + 1 };
    if (!/\\\s*$/.test(line)) {
      found.push(open);
      open = undefined;
    }
  }
  return found;
};

/** Templates of Helm are read with their actions as unknown values. */
const withoutTemplates = (text: string): string =>
  text.replace(/^[ \t]*\{\{-?.*-?\}\}[ \t]*$/gm, '').replace(/\{\{.*?\}\}/g, '$TEMPLATE');

/** A place, outside of documents, where one of the repository's programs is called. */
export interface Call {
  file: string;
  line: number;
  /** What calls it: `ENTRYPOINT`, `HEALTHCHECK`, the service `web` … */
  by: string;
  program: string;
  args: Word[];
}

export const isDockerfile = (path: string): boolean =>
  /^(?:Dockerfile|Containerfile)(?:[.-].*)?$|\.Dockerfile$/i.test(posix.basename(path));
/** Samples, and manifests of releases that were: `releases/app-1.15.0.yaml`. */
export const aside =
  /(?:^|\/)(?:testdata|fixtures?|tests?|e2e|examples?|releases?|legacy|archive)\/|[-_]v?\d+\.\d+(?:\.\d+)?[\w.-]*\.ya?ml$/;
const word = (text: string): Word => ({ text, open: /\$|\{\{|\(\(/.test(text) });

/** All calls in Dockerfiles, Compose files, manifests of Kubernetes, units of systemd, scripts and workflows. */
export async function callsOf(sources: Sources): Promise<Call[]> {
  const programs: Programs = new Map([...(await scriptsOf(sources)), ...(await ownPrograms(sources))]);
  if (programs.size === 0) return [];
  const texts = await sources.texts();
  const calls: Call[] = [];
  for (const [file, text] of texts) {
    if (aside.test(file)) continue;
    if (isDockerfile(file)) calls.push(...ofDockerfile(file, text, programs));
    else if (/\.ya?ml$/.test(file)) calls.push(...ofYaml(file, text, programs, texts));
    else if (file.endsWith('.service')) calls.push(...ofUnit(file, text, programs));
    else if (/\.(?:sh|bash)$/.test(file)) calls.push(...ofShell(file, text, programs, { by: 'the script', line: 1 }));
  }
  return calls;
}

/** Scripts of Python that read arguments themselves, by the name of their file where no other file has it. */
async function scriptsOf(sources: Sources): Promise<Map<string, OwnProgram>> {
  const files = [...(await sources.matching(/\.py$/))];
  return new Map(
    [...Map.groupBy(files, ([path]) => posix.basename(path))].flatMap(([name, [[path, text] = ['', ''], ...others]]) =>
      others.length > 0 || aside.test(path) || !/\bArgumentParser\(|@click\.(?:command|group)\(|\bTyper\(/.test(text)
        ? []
        : [[name, { name: path, language: 'python' as const, folder: posix.dirname(path) }]],
    ),
  );
}

/** `python -u app/server.py …`: the script's path in the repository, and what it is given. */
function scriptCall<W extends { text: string }>(
  [first, ...words]: readonly W[],
  programs: Programs,
): { program: string; args: W[] } | undefined {
  if (!/^(?:\/usr\/(?:local\/)?bin\/)?python[\d.]*$/.test(first?.text ?? '')) return undefined;
  const at = words.findIndex(({ text }) => !/^-[uBOEIs]+$/.test(text));
  const text = words[at]?.text ?? '';
  const script = text.endsWith('.py') ? programs.get(posix.basename(text)) : undefined;
  return script?.name.endsWith('.py') === true ? { program: script.name, args: words.slice(at + 1) } : undefined;
}

/** The calls in a block of a document, by its language. */
export async function callsInBlock(sources: Sources, lang: string, text: string): Promise<Call[]> {
  const programs = await ownPrograms(sources);
  if (programs.size === 0) return [];
  if (lang === 'dockerfile') return ofDockerfile('', text, programs);
  if (/^ya?ml$/.test(lang)) return ofYaml('', text, programs, new Map());
  return /^(?:ini|systemd|service)$/.test(lang) ? ofUnit('', text, programs) : [];
}

type Programs = ReadonlyMap<string, OwnProgram>;

export const nameOfImage = (text: string): string => posix.basename(text.replace(/@.*$/, '').replace(/:[^:/]*$/, ''));

/** The program that a word of an argument list calls: by a path that ends in its name, or by its name where that is its own. */
function programOf(
  text: string,
  programs: Programs,
  renamed: ReadonlyMap<string, string> = new Map(),
): string | undefined {
  const own = renamed.get(text) ?? (text.includes('/') || isItsOwnName(text) ? posix.basename(text) : '');
  if (text.includes('/') && !renamed.has(text) && /\.(?:sh|py|js)$/.test(text)) return undefined;
  return programs.has(own) ? own : undefined;
}

interface Image {
  entrypoint: string[] | undefined;
  renamed: Map<string, string>;
}

/** Where a COPY puts one of the programs, under whatever name. */
function renamedIn(lines: readonly Instruction[], programs: Programs): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const copy of lines) {
    if (copy.keyword !== 'COPY') continue;
    const words = (copy.words ?? copy.text.trim().split(/\s+/)).map((one) => one.replace(/^["']|["']$/g, ''));
    const target = words.pop() ?? '';
    for (const source of words) {
      const name = posix.basename(source);
      if (!programs.has(name)) continue;
      for (const at of [target, posix.join(target, name)]) {
        renamed.set(at, name);
        if (isBinFolder(posix.dirname(at))) renamed.set(posix.basename(at), name);
      }
    }
  }
  return renamed;
}
const isBinFolder = (folder: string): boolean => /(?:^|\/)s?bin$/.test(folder);

function imageOf(text: string, programs: Programs): Image {
  const lines = instructionsOf(text);
  const entrypoint = lines.findLast((one) => one.keyword === 'ENTRYPOINT')?.words;
  return { entrypoint, renamed: renamedIn(lines, programs) };
}

/** Calls in a Dockerfile: by ENTRYPOINT, CMD, HEALTHCHECK. */
export function ofDockerfile(file: string, text: string, programs: Programs): Call[] {
  const lines = instructionsOf(text);
  const renamed = renamedIn(lines, programs);
  const calls: Call[] = [];
  let entry: { words: string[]; line: number } | undefined;
  let command: { words: string[]; line: number } | undefined;
  const shell = (rest: string, by: string, line: number): void => {
    calls.push(...ofShell(file, rest, programs, { by, line, renamed }));
  };
  for (const { keyword, text: rest, words, line } of lines) {
    switch (keyword) {
      case 'FROM':
        entry = undefined;
        command = undefined;
        break;
      case 'ENTRYPOINT':
        if (words) entry = { words, line };
        else shell(rest, 'ENTRYPOINT', line);
        break;
      case 'CMD':
        if (words) command = { words, line };
        else shell(rest, 'CMD', line);
        break;
      case 'HEALTHCHECK': {
        const test = /\bCMD\s+(.*)$/s.exec(rest)?.[1] ?? '';
        const own = execForm(test);
        if (own) calls.push(...called(file, line, 'HEALTHCHECK', own, programs, renamed));
        else shell(test, 'HEALTHCHECK', line);
        break;
      }
      default:
    }
  }
  const whole = [...(entry?.words ?? []), ...(command?.words ?? [])];
  calls.push(
    ...called(
      file,
      command?.line ?? entry?.line ?? 1,
      entry ? (command ? 'ENTRYPOINT and CMD' : 'ENTRYPOINT') : 'CMD',
      whole,
      programs,
      renamed,
    ),
  );
  return calls;
}

function called(
  file: string,
  line: number,
  by: string,
  words: readonly string[],
  programs: Programs,
  renamed: ReadonlyMap<string, string>,
): Call[] {
  const [first = '', ...args] = words;
  if (/^(?:(?:\/usr)?\/bin\/)?(?:ba|da)?sh$/.test(first) && args[0] === '-c')
    return ofShell(file, args[1] ?? '', programs, { by, line, renamed });
  const script = scriptCall(words.map(word), programs);
  if (script) return [{ file, line, by, ...script }];
  // `tini -- app`, `dumb-init app`.
  const at = /(?:^|\/)(?:tini|dumb-init|gosu|su-exec|exec|setpriv)$/.test(first)
    ? words.findIndex((one, n) => n > 0 && programOf(one, programs, renamed) !== undefined)
    : 0;
  const program = programOf(words[at] ?? '', programs, renamed);
  return program === undefined ? [] : [{ file, line, by, program, args: words.slice(at + 1).map(word) }];
}

function ofShell(
  file: string,
  text: string,
  programs: Programs,
  { by, line, renamed }: { by: string; line: number; renamed?: ReadonlyMap<string, string> },
): Call[] {
  return parseShell(text).flatMap((command) => {
    const [first, ...args] = withoutPrefix(command.argv);
    if (
      !first ||
      first.open ||
      new RegExp(`^\\s*(?:function\\s+)?${first.text.replace(/[^\w-]/g, '.')}\\s*\\(\\)`, 'm').test(text)
    )
      return [];
    const script = scriptCall([first, ...args], programs);
    if (script) return [{ file, line: line + command.line - 1, by, ...script }];
    const program = programOf(first.text, programs, renamed);
    // A script that fetches the program may get another one of its name.
    const fetched = new RegExp(
      `\\b(?:curl|wget)\\b.*\\s(?:-[a-zA-Z]*[oO]|--output\\S*)[ =]\\S*\\b${program ?? ''}(?:\\s|$)`,
      'm',
    );
    return program === undefined || fetched.test(text)
      ? []
      : [{ file, line: line + command.line - 1, by, program, args }];
  });
}

function ofYaml(file: string, text: string, programs: Programs, texts: ReadonlyMap<string, string>): Call[] {
  if (!/^\s*(?:-\s*)?(?:command|args|entrypoint|run|test)\s*:/m.test(text)) return [];
  return locatedDocuments(text.includes('{{') ? withoutTemplates(text) : text).flatMap((yaml) => {
    const root = objectOf(yaml.value);
    if (/(?:^|\/)\.github\/workflows\//.test(file)) return ofWorkflow(file, root, yaml, programs);
    if ('services' in root) return ofCompose(file, root, yaml, programs, texts);
    return containersIn(root).flatMap(({ container, at }) => ofContainer(file, container, yaml.lineOf(at), programs));
  });
}

const wordsOf = (value: unknown): string[] | undefined =>
  Array.isArray(value)
    ? value.map(textOf)
    : typeof value === 'string'
      ? parseShell(value)[0]?.argv.map((one) => one.text)
      : undefined;

function ofCompose(
  file: string,
  root: JsonObject,
  { lineOf }: LocatedYaml,
  programs: Programs,
  texts: ReadonlyMap<string, string>,
): Call[] {
  return Object.entries(objectOf(root['services'])).flatMap(([name, value]) => {
    const service = objectOf(value);
    const build = service['build'];
    const context = typeof build === 'string' ? build : textOf(objectOf(build)['context']) || '.';
    const dockerfile = textOf(objectOf(build)['dockerfile']) || 'Dockerfile';
    const path = posix.normalize(posix.join(posix.dirname(file), context, dockerfile));
    const image: Image =
      build === undefined ? { entrypoint: undefined, renamed: new Map() } : imageOf(texts.get(path) ?? '', programs);
    const calledBy = (by: string, key: string, words: readonly string[]): Call[] =>
      called(file, lineOf(['services', name, ...key.split(' ')]), by, words, programs, image.renamed);
    const entrypoint = service['entrypoint'] === undefined ? image.entrypoint : wordsOf(service['entrypoint']);
    const command = wordsOf(service['command']);
    const test = listOf(objectOf(service['healthcheck'])['test']).map(textOf);
    return [
      ...(command ? calledBy(`the service ${name}`, 'command 0', [...(entrypoint ?? []), ...command]) : []),
      ...(test[0] === 'CMD' ? calledBy(`the healthcheck of ${name}`, 'healthcheck test', test.slice(1)) : []),
    ];
  });
}

interface Placed {
  container: JsonObject;
  /** Of what it is called with. */
  at: (string | number)[];
}

/** Everything with an image that is called with something. */
function containersIn(node: unknown, at: (string | number)[] = []): Placed[] {
  if (Array.isArray(node)) return node.flatMap((one, n) => containersIn(one, [...at, n]));
  const container = objectOf(node);
  const key = ['args', 'command'].find((one) => one in container);
  const flag = key === undefined ? -1 : listOf(container[key]).findIndex((one) => textOf(one).startsWith('--'));
  return [
    ...(typeof container['image'] === 'string' && key !== undefined
      ? [{ container, at: [...at, key, Math.max(0, flag)] }]
      : []),
    ...Object.entries(container).flatMap(([name, one]) => containersIn(one, [...at, name])),
  ];
}

function ofContainer(file: string, container: JsonObject, line: number, programs: Programs): Call[] {
  const args = listOf(container['args']).map(textOf);
  const command = listOf(container['command']).map(textOf);
  const image = nameOfImage(textOf(container['image']));
  const whole = command.length > 0 ? [...command, ...args] : [image, ...args];
  return called(file, line, `the container ${textOf(container['name'])}`, whole, programs, new Map());
}

function ofWorkflow(file: string, root: JsonObject, { lineOf }: LocatedYaml, programs: Programs): Call[] {
  return Object.entries(objectOf(root['jobs'])).flatMap(([job, one]) =>
    listOf(objectOf(one)['steps']).flatMap((step, n) => {
      const run = textOf(objectOf(step)['run']);
      // A block begins on the line below its key.
      const line = lineOf(['jobs', job, 'steps', n, 'run']) + (run.includes('\n') ? 1 : 0);
      return run === '' ? [] : ofShell(file, run, programs, { by: 'the workflow', line });
    }),
  );
}

function ofUnit(file: string, text: string, programs: Programs): Call[] {
  return joinedLines(text).flatMap(({ text: entry, line }) => {
    const command = /^Exec(?:Start|StartPre|Reload|Stop)\s*=\s*[-@:+!]*(.+)$/s.exec(entry)?.[1];
    return command === undefined ? [] : ofShell(file, command.replaceAll('%', '$'), programs, { by: 'the unit', line });
  });
}
