import type { Copy, Env, From, JSONInstruction } from 'dockerfile-ast';
import { jsonOf } from '../../core/json-of.ts';
import { library } from '../data/libraries.ts';

export interface CopySource {
  keyword: string;
  /** A literal path below the build context. */
  path: string;
  line: number;
  /** Index of the stage that copies it. */
  stage: number;
}
export interface DockerfileModel {
  /** Name of each stage (`FROM image AS name`) in lower case, empty where it has none. */
  stages: string[];
  /** The last stage has a HEALTHCHECK. */
  hasHealthcheck: boolean;
  /** Sources of COPY and ADD that are literal paths of the context: no variable, no wildcard, no URL, no here-document. */
  sources: CopySource[];
  /** For each stage the names or numbers of what it is built upon and copies from. */
  needs: string[][];
  /** `COPY --from=name` of what is no stage before it, nor by its shape an image. */
  unknownStages: { name: string; line: number; stage: number }[];
}

/** What the image of the last stage holds beside its base, as far as it can be read. */
export interface BuiltImage {
  /** The image that the last stage goes back to. */
  base: string;
  /** COPY and ADD from the build context: a source's path below it, and the container's path that it becomes, or lies in. */
  copies: { source: string; target: string; into: boolean }[];
  /** CMD or ENTRYPOINT is given. */
  command: string[];
  scripted: boolean;
  env: Record<string, string>;
  exposes: number[];
}

/** An instruction as it is written. */
export interface Instruction {
  keyword: string;
  /** What follows the keyword and its flags, its lines joined. */
  text: string;
  /** The words of the JSON form; undefined where it is a shell's text. */
  words: string[] | undefined;
  line: number;
  /** The stage or image of COPY's `--from=…`, in lower case. */
  from?: string;
}

/** `["a", "b"]`; undefined where it is a shell's text. */
export function execForm(text: string): string[] | undefined {
  const list = jsonOf(/^\s*(\[[^\]]*\])/.exec(text)?.[1]);
  return Array.isArray(list) ? list.map(String) : undefined;
}

export const instructionsOf = (text: string): Instruction[] =>
  library('dockerfile-ast')
    .DockerfileParser.parse(text)
    .getInstructions()
    .map((one) => {
      const whole = (one.getArgumentsContent() ?? '').replace(/[\\`][ \t]*\r?\n(?:[ \t]*#.*\n)*/g, ' ');
      const own = whole.replace(/^(?:--\S+\s+)+/, '');
      const from =
        one.getKeyword() === 'COPY' ? (one as Copy).getFlags().find((flag) => flag.getName() === 'from') : undefined;
      return {
        keyword: one.getKeyword(),
        text: own,
        words: execForm(own),
        line: one.getRange().start.line + 1,
        ...(from && { from: (from.getValue() ?? '').toLowerCase() }),
      };
    });

/** Reads what a Dockerfile's last stage, and those that it is built upon, put into the image. */
export function builtImage(text: string): BuiltImage {
  const built: BuiltImage = { base: '', copies: [], command: [], scripted: false, env: {}, exposes: [] };
  const stages = new Map<string, BuiltImage>();
  let one = built;
  for (const instruction of library('dockerfile-ast').DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    const words = instruction.getArguments().map((word) => word.getValue());
    if (keyword === 'FROM') {
      const from = instruction as From;
      const before = stages.get((from.getImage() ?? '').toLowerCase());
      one = before ? structuredClone(before) : { ...structuredClone(built), base: from.getImage() ?? '' };
      const name = from.getBuildStage()?.toLowerCase();
      if (name !== undefined) stages.set(name, one);
      stages.set('', one);
    } else if (keyword === 'COPY' || keyword === 'ADD') {
      const copy = instruction as Copy;
      if (copy.getFlags().some((flag) => flag.getName() === 'from') || copy.getHeredocs().length > 0) {
        // Where it comes from is not known, only that something may be there.
        one.copies.push({ source: '', target: (words.at(-1) ?? '').replace(/(.)\/+$/, '$1'), into: false });
        continue;
      }
      const strings = copy.getJSONStrings().map((word) => word.getJSONValue());
      const all = strings.length > 0 ? strings : words.map(unquoted);
      const target = all.at(-1) ?? '';
      for (const source of all.slice(0, -1))
        one.copies.push({
          source: source.replace(/^(?:\.{0,2}\/)+/, '').replace(/\/+$/, ''),
          target: target.replace(/(.)\/+$/, '$1'),
          into: target.endsWith('/') || all.length > 2,
        });
    } else if (keyword === 'RUN' && /\/etc\/|\/var\/lib\//.test(instruction.getArgumentsContent() ?? ''))
      one.scripted = true;
    else if (keyword === 'CMD' || keyword === 'ENTRYPOINT') {
      const strings = (instruction as JSONInstruction).getJSONStrings().map((word) => word.getJSONValue());
      one.command.push(...(strings.length > 0 ? strings : ['sh', '-c', ...words]));
    } else if (keyword === 'ENV') {
      for (const property of (instruction as Env).getProperties())
        one.env[property.getName()] = property.getValue() ?? '';
    } else if (keyword === 'EXPOSE') one.exposes.push(...words.map((word) => Number.parseInt(word, 10)));
  }
  return stages.get('') ?? built;
}

/** The images that a Dockerfile names in `FROM`, earlier stages among them, with the defaults of its `ARG`s put in. */
export function baseImages(text: string): { image: string; line: number }[] {
  const args = new Map<string, string>();
  const found: { image: string; line: number }[] = [];
  for (const instruction of library('dockerfile-ast').DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === 'ARG')
      for (const word of instruction.getArguments()) {
        const [, name = '', value = ''] = /^(\w+)=["']?([^"']*)/.exec(word.getValue()) ?? [];
        args.set(name, value);
      }
    if (keyword !== 'FROM') continue;
    const image = ((instruction as From).getImage() ?? '').replace(
      /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
      (_, braced?: string, standard?: string, plain?: string) => args.get(braced ?? plain ?? '') ?? standard ?? '',
    );
    found.push({ image, line: instruction.getRange().start.line + 1 });
  }
  return found;
}

/** Reads a Dockerfile as far as the checks need it, by dockerfile-ast. */
export function readDockerfile(text: string): DockerfileModel {
  const file = library('dockerfile-ast').DockerfileParser.parse(text);
  const stages: string[] = [];
  const sources: CopySource[] = [];
  const needs: string[][] = [];
  const unknownStages: DockerfileModel['unknownStages'] = [];
  let hasHealthcheck = false;
  for (const instruction of file.getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') {
      // Only the last stage's counts.
      hasHealthcheck = false;
      stages.push((instruction as From).getBuildStage()?.toLowerCase() ?? '');
      needs.push([((instruction as From).getImage() ?? '').toLowerCase()]);
    } else if (keyword === 'RUN') {
      const flags = (instruction as JSONInstruction).getFlags();
      const mounts = flags.filter((flag) => flag.getName() === 'mount').map((flag) => flag.getValue() ?? '');
      for (const mount of mounts) {
        const from = /(?:^|,)from=([^,]+)/.exec(mount)?.[1];
        if (from !== undefined) needs.at(-1)?.push(from.toLowerCase());
        const path = /(?:^|,)(?:source|src)=([^,]+)/.exec(mount)?.[1];
        if (from === undefined && path !== undefined && /(?:^|,)type=bind(?:,|$)/.test(mount) && !/[$*?]/.test(path))
          sources.push({
            keyword: 'RUN --mount',
            path: plainPath(path),
            line: instruction.getRange().start.line + 1,
            stage: stages.length - 1,
          });
      }
    }
    if (keyword === 'HEALTHCHECK') hasHealthcheck = !/^NONE$/i.test(instruction.getArgumentsContent()?.trim() ?? '');
    else if (keyword === 'COPY' || keyword === 'ADD') {
      const copy = instruction as Copy;
      const from = copy.getFlags().find((flag) => flag.getName() === 'from');
      if (from) {
        const name = (from.getValue() ?? '').toLowerCase();
        needs.at(-1)?.push(name);
        if (!stages.slice(0, -1).includes(name) && stageLike.test(name))
          unknownStages.push({ name, line: copy.getRange().start.line + 1, stage: stages.length - 1 });
      }
      if (from || copy.getHeredocs().length > 0) continue;
      sources.push(...literalSources(copy, keyword, stages.length - 1));
    }
  }
  return { stages, hasHealthcheck, sources, needs, unknownStages };
}

/** Indexes of the stages that a build to `target` (the last where none is named) runs: BuildKit leaves the others out. */
export function stagesBuilt({ stages, needs }: DockerfileModel, target?: string): Set<number> {
  const indexOf = (name: string): number =>
    stages.includes(name) ? stages.indexOf(name) : /^\d+$/.test(name) ? Number(name) : -1;
  const built = new Set<number>();
  const visit = (stage: number): void => {
    if (stage < 0 || stage >= stages.length || built.has(stage)) return;
    built.add(stage);
    for (const name of needs[stage] ?? []) visit(indexOf(name));
  };
  visit(target === undefined ? stages.length - 1 : indexOf(target.toLowerCase()));
  return built;
}

function literalSources(copy: JSONInstruction, keyword: string, stage: number): CopySource[] {
  const strings = copy.getJSONStrings();
  const all =
    strings.length > 0
      ? strings.map((one) => one.getJSONValue())
      : copy.getArguments().map((one) => unquoted(one.getValue()));
  const line = copy.getRange().start.line + 1;
  return all
    .slice(0, -1)
    .filter((path) => !/[$*?[\]\\]|^<<|^\w+:\/\/|^git@|\.git(?:#|$)/.test(path))
    .map((path) => ({ keyword, path: plainPath(path), line, stage }));
}

const unquoted = (word: string): string => word.replace(/^(["'])(.*)\1$/, '$2');
const plainPath = (path: string): string => path.replace(/^(?:\.{0,2}\/)+/, '').replace(/\/+$/, '') || '.';

/** Words that people call stages by and that no image of Docker's library is called. */
const stageLike =
  /^(?:[\w-]*(?:build|builder|builds|base|deps|dependencies|install|installer|compile|compiler|dist|release|runner|runtime|assets|frontend|backend|prod|production|final|planner|cacher|packages?|vendor|prepare|stage\d*))$/;
