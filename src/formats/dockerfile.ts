import { DockerfileParser, type Copy, type From, type JSONInstruction } from 'dockerfile-ast';

export interface CopySource {
  keyword: string;
  /** A literal path below the build context. */
  path: string;
  line: number;
}
export interface DockerfileModel {
  /** Name of each stage (`FROM image AS name`) in lower case, empty where it has none. */
  stages: string[];
  /** The last stage has a HEALTHCHECK. */
  hasHealthcheck: boolean;
  /** Sources of COPY and ADD that are literal paths of the context: no variable, no wildcard, no URL, no here-document. */
  sources: CopySource[];
}

/** Reads a Dockerfile as far as the checks need it, by dockerfile-ast. */
export function readDockerfile(text: string): DockerfileModel {
  const file = DockerfileParser.parse(text);
  const stages: string[] = [];
  const sources: CopySource[] = [];
  let hasHealthcheck = false;
  for (const instruction of file.getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') {
      // Only the last stage's counts.
      hasHealthcheck = false;
      stages.push((instruction as From).getBuildStage()?.toLowerCase() ?? '');
    } else if (keyword === 'HEALTHCHECK')
      hasHealthcheck = !/^NONE$/i.test(instruction.getArgumentsContent()?.trim() ?? '');
    else if (keyword === 'COPY' || keyword === 'ADD') {
      const copy = instruction as Copy;
      if (copy.getFlags().some((flag) => flag.getName() === 'from') || copy.getHeredocs().length > 0) continue;
      sources.push(...literalSources(copy, keyword));
    }
  }
  return { stages, hasHealthcheck, sources };
}

function literalSources(copy: JSONInstruction, keyword: string): CopySource[] {
  const strings = copy.getJSONStrings();
  const all =
    strings.length > 0 ? strings.map((one) => one.getJSONValue()) : copy.getArguments().map((one) => one.getValue());
  const line = copy.getRange().start.line + 1;
  return all
    .slice(0, -1)
    .filter((path) => !/[$*?[\]\\]|^<<|^\w+:\/\/|^git@|\.git(?:#|$)/.test(path))
    .map((path) => ({ keyword, path: path.replace(/^(?:\.{0,2}\/)+/, '').replace(/\/+$/, '') || '.', line }));
}
