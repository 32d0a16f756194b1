import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';
import type { ComposeService } from '../formats/compose/model.ts';
import { DockerIgnore, type Excluded } from '../formats/docker/ignore-file.ts';
import { short } from './checks.ts';

/** A source of COPY or ADD that does not reach the builder. */
export interface LeftOut {
  /** The ignore file. */
  file: string;
  rule: Excluded;
  /** The source itself is left out, so that the build fails; false: a folder is copied without any of its files. */
  whole: boolean;
}
interface IgnoreFile {
  file: string;
  rules: DockerIgnore;
}

/** The ignore file of a build: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` of the context (BuildKit's rule). */
export async function ignoreFileOf(
  build: NonNullable<ComposeService['build']>,
  dockerfile: string,
  ctx: StepContext,
): Promise<IgnoreFile | undefined> {
  const own = build.inline === undefined ? [`${dockerfile}.dockerignore`] : [];
  for (const path of [...own, `${build.context}/.dockerignore`]) {
    const text = await ctx.files.readIfThere(path);
    if (text !== undefined) return { file: short(ctx, path), rules: new DockerIgnore(text) };
  }
  return undefined;
}

/** Does the ignore file keep a source out of the context? undefined where it does not, or where that is not certain. */
export async function leftOut(
  context: string,
  source: string,
  { file, rules }: IgnoreFile,
  ctx: StepContext,
): Promise<LeftOut | undefined> {
  const rule = rules.excludes(source);
  const kind = await ctx.files.kind(`${context}/${source}`);
  if (kind !== 'directory') {
    // What is not there yet may become a folder, of which a later pattern takes something in.
    return rule && (kind !== 'missing' || !rules.takesIn) ? { file, rule, whole: true } : undefined;
  }
  if (rule && !rules.takesIn) return { file, rule, whole: true };
  const below = await filesBelow(context, source, rules, ctx, { left: 5_000 });
  if (below === 'some') return undefined;
  if (rule) return { file, rule, whole: true };
  return below === 'none' ? undefined : { file, rule: below, whole: false };
}

/** `some`: a file stays in the context, or there are too many to tell; `none`: there is no file; else the pattern that keeps one out. */
async function filesBelow(
  context: string,
  folder: string,
  rules: DockerIgnore,
  ctx: StepContext,
  budget: { left: number },
): Promise<'some' | 'none' | Excluded> {
  let found: 'none' | Excluded = 'none';
  for (const name of await ctx.files.list(`${context}/${folder}`)) {
    if (budget.left-- <= 0) return 'some';
    const path = folder === '.' ? name : `${folder}/${name}`;
    const rule = rules.excludes(path);
    const isFolder = (await ctx.files.kind(`${context}/${path}`)) === 'directory';
    const here = !isFolder
      ? (rule ?? 'some')
      : rule && !rules.takesIn
        ? rule
        : await filesBelow(context, path, rules, ctx, budget);
    if (here === 'some') return 'some';
    if (here !== 'none') found = here;
  }
  return found;
}

/** Where the Dockerfile lies: `dockerfile` in lower case where no Dockerfile is there (buildx and BuildKit look for it too). */
export async function dockerfilePath(
  build: { context: string; dockerfile: string },
  ctx: StepContext,
): Promise<string> {
  const path = build.dockerfile.startsWith('/') ? build.dockerfile : `${build.context}/${build.dockerfile}`;
  if (posix.basename(path) !== 'Dockerfile' || (await ctx.files.kind(path)) !== 'missing') return path;
  const lower = posix.join(posix.dirname(path), 'dockerfile');
  return (await ctx.files.kind(lower)) === 'file' ? lower : path;
}
