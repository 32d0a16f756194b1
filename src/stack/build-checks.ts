import { error, note, type EntryKind, type Judge, type StepContext } from '../core/step.ts';
import type { ComposeService } from '../formats/compose/model.ts';
import { readDockerfile, stagesBuilt, type CopySource } from '../formats/docker/dockerfile.ts';
import { foreignManagers } from '../formats/docker/package-managers.ts';
import { imageFaults, judgeImageFaults, imageProblems } from './image-faults.ts';
import type { BuildFault } from '../formats/docker/build-faults.ts';
import { startedFile } from '../formats/docker/started-file.ts';
import { submodulesOf } from '../repository/repository.ts';
import { short } from './checks.ts';
import { dockerfilePath, ignoreFileOf, leftOut, type LeftOut } from './build-context.ts';

/** What a service would be built from. Paths of the target are relative to it. */
export interface SeenBuild {
  service: string;
  context: string;
  inTarget: boolean;
  contextKind: EntryKind;
  /** It is not there, and git ignores it: another repository is to be put there. */
  contextIgnored: boolean;
  /** The Dockerfile's path; undefined where it is written into the compose file. */
  dockerfile?: string;
  dockerfileKind?: EntryKind;
  stage?: string;
  stages: string[];
  hasHealthcheck: boolean;
  /** Sources of COPY and ADD that are not in the context; `ignored` where git ignores them, so that a build may make them first. */
  absent: (CopySource & { ignored: boolean })[];
  /** Sources that .dockerignore keeps out of the context. */
  leftOut: (CopySource & LeftOut)[];
  /** Indexes of the stages that the build runs. */
  built: number[];
  /** The script that the image starts, where nothing puts it there. */
  unstarted?: { path: string; line: number };
  /** Package managers that a stage's image does not have. */
  managers: ReturnType<typeof foreignManagers>;
  faults?: BuildFault[];
  /** Stages that are copied from and are not there. */
  unknownStages: { name: string; line: number; stage: number }[];
}

/** A file that Compose hands into containers as a config or a secret. */
export interface SeenFile {
  kind: 'config' | 'secret';
  name: string;
  path: string;
  there: boolean;
  inTarget: boolean;
}

export const buildProblems = {
  ...imageProblems,
  'build-context-missing': error(
    'A service is built from a folder that is not there',
    'correct build.context: it is relative to the compose file',
  ),
  'dockerfile-missing': error(
    'A service’s Dockerfile is not there',
    'correct build.dockerfile: it is relative to build.context',
  ),
  'build-stage-missing': error(
    'A stage is named that the Dockerfile does not have',
    'correct build.target, or COPY --from',
  ),
  'copy-source-missing': error(
    'A Dockerfile copies what is not in the build context',
    'correct the path: it is relative to build.context, not to the Dockerfile',
  ),
  'copy-source-ignored': error(
    'A Dockerfile copies what .dockerignore keeps out of the build context',
    'remove the pattern, or add `!` and the path below it: the build does not find it',
  ),
  'start-file-missing': error(
    'An image starts a file that it does not have',
    'correct the path in CMD or ENTRYPOINT, or copy the file: the container ends at once',
  ),
  'manager-missing': error(
    'A Dockerfile calls a package manager that its image does not have',
    'call that of the image (apk on Alpine, apt-get on Debian), or build on the other image',
  ),
  'config-file-missing': error(
    'A file of configs: is not there',
    'add it, or correct the path: Compose does not start without it',
  ),
  'secret-file-missing': note(
    'A file of secrets: is not there',
    'it is seldom committed: see that it is made before the stack is started',
  ),
} as const;

const below = (folder: string, path: string): boolean => `${path}/`.startsWith(`${folder}/`);

export async function lookAtBuilds(services: readonly ComposeService[], ctx: StepContext): Promise<SeenBuild[]> {
  const seen: SeenBuild[] = [];
  for (const { name, build, command, mounts } of services) {
    if (!build || /^\w+:\/\/|^git@|\.git(?:#|$)/.test(build.context)) continue;
    const contextKind = await ctx.files.kind(build.context);
    const one: SeenBuild = {
      service: name,
      context: build.context === ctx.target ? '.' : short(ctx, build.context),
      inTarget: below(ctx.target, build.context),
      contextKind,
      contextIgnored: contextKind === 'missing' && (await gitIgnores(build.context, ctx)),
      stages: [],
      hasHealthcheck: false,
      absent: [],
      leftOut: [],
      built: [],
      managers: [],
      unknownStages: [],
      ...(build.target !== undefined && { stage: build.target }),
    };
    seen.push(one);
    if (contextKind !== 'directory') continue;
    const path = await dockerfilePath(build, ctx);
    if (build.inline === undefined) {
      one.dockerfile = short(ctx, path);
      one.dockerfileKind = await ctx.files.kind(path);
    }
    const text = build.inline ?? (await ctx.files.readIfThere(path));
    if (text === undefined) continue;
    const model = readDockerfile(text);
    one.stages = model.stages;
    one.hasHealthcheck = model.hasHealthcheck;
    one.built = [...stagesBuilt(model, build.target)];
    one.managers = foreignManagers(text);
    one.unknownStages = model.unknownStages;
    one.faults = await imageFaults(text, build.context, ctx);
    const started = build.target === undefined && command.length === 0 ? startedFile(text) : undefined;
    if (started && !mounts.some(({ target }) => below(target, started.path))) {
      const kinds = await Promise.all(started.from.map((from) => ctx.files.kind(`${build.context}/${from}`)));
      if (kinds.every((kind) => kind === 'missing') && !(await anyIgnored(started.from, build.context, ctx)))
        one.unstarted = { path: started.path, line: started.line };
    }
    const ignore = await ignoreFileOf(build, path, ctx);
    for (const source of model.sources) {
      const out = ignore && (await leftOut(build.context, source.path, ignore, ctx));
      if (out) {
        one.leftOut.push({ ...source, ...out });
        continue;
      }
      if ((await ctx.files.kind(`${build.context}/${source.path}`)) !== 'missing') continue;
      one.absent.push({ ...source, ignored: await gitIgnores(`${build.context}/${source.path}`, ctx) });
    }
  }
  return seen;
}

async function anyIgnored(paths: readonly string[], context: string, ctx: StepContext): Promise<boolean> {
  for (const path of paths) if (await gitIgnores(`${context}/${path}`, ctx)) return true;
  return false;
}

/** Is the path one that git ignores or that lies in a submodule, or where there is no git, one that builds make? */
export async function gitIgnores(path: string, ctx: StepContext): Promise<boolean> {
  for (const folder of await submodulesOf(ctx))
    if (below(ctx.files.absolute(folder), ctx.files.absolute(path))) return true;
  const asked = await ctx.exec(['git', 'check-ignore', '--', path, `${path}/`], {
    name: 'check-ignore',
    ownGit: true,
    unkept: true,
  });
  // A pattern that ends in / is for folders, and the path is not there to show that it is one. 1: not ignored; 0: ignored; anything else: no repository, where only the name can tell.
  return asked.code === 1
    ? false
    : asked.code === 0 || /(?:^|\/)(?:target|dist|build|bin|out|node_modules)(?:\/|$)/.test(path);
}

type BuildJudge = Judge<typeof buildProblems>;
type At = (key: string) => { file: string; line?: number };

export function judgeBuilds(j: BuildJudge, builds: readonly SeenBuild[], at: At): void {
  let good = 0;
  const told = new Set<string>();
  // Folders that lie in repositories of their own are missing together: one cause.
  const [firstAbsent, ...alsoAbsent] = builds.filter(
    (build) => build.contextKind === 'missing' && build.inTarget && !build.contextIgnored,
  );
  const others = alsoAbsent.filter(({ context }) => context !== firstAbsent?.context);
  const grouped = others.length > 1 ? alsoAbsent : [];
  for (const build of builds) {
    const about = { subject: build.service, where: at(build.service) };
    const level = build.inTarget ? {} : { level: 'note' as const };
    if (grouped.includes(build)) continue;
    if (build.contextKind !== 'directory') {
      const more = build === firstAbsent && grouped.length > 0;
      j.find(
        'build-context-missing',
        `${build.service} is built from ${build.context}, which is ${build.contextKind === 'missing' ? 'not there' : `a ${build.contextKind}`}${more ? `, nor are the folders of ${grouped.map((one) => `${one.service} (${one.context})`).join(', ')}` : ''}${build.contextIgnored ? '; git ignores it, or it is a submodule: something else puts it there' : ''}`,
        { ...about, ...level, ...(build.contextIgnored && { level: 'note' as const }) },
      );
      continue;
    }
    // A variable without a value in its name is the cause, and is said by itself.
    if (build.dockerfile?.includes('${') === true && build.dockerfileKind !== 'file') continue;
    if (build.dockerfile !== undefined && build.dockerfileKind !== 'file') {
      j.find(
        'dockerfile-missing',
        `${build.service} is built by ${build.dockerfile}, which is ${build.dockerfileKind === 'missing' ? 'not there' : `a ${build.dockerfileKind}`}`,
        { ...about, ...level },
      );
      continue;
    }
    judgeDockerfile(j, build, at, told);
    if (build.absent.every((source) => source.ignored) && build.leftOut.length === 0) good++;
  }
  if (good > 0) j.prove(`${good} services have what their images are built from`);
}

/** What the Dockerfile of a build asks for and does not get. @param told sources that were named already */
function judgeDockerfile(j: BuildJudge, build: SeenBuild, at: At, told: Set<string>): void {
  const on = (line: number) => ({
    subject: build.service,
    where: build.dockerfile === undefined ? at(build.service) : { file: build.dockerfile, line },
  });
  const numbers = build.stages.map((_, n) => String(n));
  if (build.stage !== undefined && ![...build.stages, ...numbers].includes(build.stage.toLowerCase()))
    j.find(
      'build-stage-missing',
      `${build.service} is built to the stage ${build.stage}; ${build.dockerfile ?? 'its Dockerfile'} has ${build.stages.filter((name) => name !== '').join(', ') || 'no named one'}`,
      { subject: build.service, where: at(build.service) },
    );
  for (const { name, line, stage } of build.unknownStages)
    if (build.built.includes(stage))
      j.find(
        'build-stage-missing',
        `COPY --from=${name}: no stage before it is called so, and Docker looks for an image of that name`,
        on(line),
      );
  // Services that are built alike lack alike, and a context that is the wrong folder lacks nearly all.
  const absent = build.absent.filter(({ path }) => !told.has(`${build.dockerfile} ${build.context} ${path}`));
  for (const { path } of absent) told.add(`${build.dockerfile} ${build.context} ${path}`);
  const [first] = absent;
  const alike = absent.filter(({ stage, ignored }) => stage === first?.stage && ignored === first.ignored);
  const rest = alike.length > 3 ? alike.slice(1) : [];
  for (const source of absent.filter((one) => !rest.includes(one)))
    j.find(
      'copy-source-missing',
      `${source.keyword} ${source.path}: it is not in ${build.context}, the build context of ${build.service}${source === first && rest.length > 0 ? `, nor are ${rest.length} more sources of this stage` : ''}`,
      {
        ...on(source.line),
        // Several services may be built by one file.
        cause: `${build.context} ${build.dockerfile} ${source.line} ${source.path}`,
        ...(!build.built.includes(source.stage) && { level: 'warning' as const }),
        ...(source.ignored && {
          level: 'note' as const,
          hint: 'git ignores it, or it is a submodule’s: it must be there before the image is built',
        }),
      },
    );
  for (const { manager, base, line } of build.managers.filter(({ stage }) => build.built.includes(stage)))
    j.find('manager-missing', `the image of ${build.service} runs ${manager}, which ${base} does not have`, {
      ...on(line),
      cause: `${build.context} ${build.dockerfile} ${line}`,
    });
  judgeImageFaults(j, build, at(build.service));
  if (build.unstarted)
    j.find(
      'start-file-missing',
      `the image of ${build.service} starts ${build.unstarted.path}, but the Dockerfile never copies it`,
      { ...on(build.unstarted.line), cause: `${build.context} ${build.dockerfile} ${build.unstarted.path}` },
    );
  for (const source of build.leftOut)
    j.find(
      'copy-source-ignored',
      `${source.keyword} ${source.path}: ${source.file}:${source.rule.line} (${source.rule.pattern}) ${source.whole ? 'keeps it' : 'keeps every file of it'} out of the build context of ${build.service}`,
      {
        ...on(source.line),
        cause: `${build.context} ${build.dockerfile} ${source.line} ${source.path}`,
        ...(!(source.whole && build.built.includes(source.stage)) && { level: 'warning' as const }),
      },
    );
}

export function judgeFiles(j: BuildJudge, files: readonly SeenFile[], file: { file: string }): void {
  for (const one of files.filter((seen) => !seen.there))
    j.find(
      one.kind === 'config' ? 'config-file-missing' : 'secret-file-missing',
      `the ${one.kind} ${one.name} is ${one.path}, which is not there`,
      { subject: one.name, where: file, ...(!one.inTarget && { level: 'note' as const }) },
    );
}
