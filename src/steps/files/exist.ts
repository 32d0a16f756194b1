import { z } from 'zod';
import type { EntryKind, StepContext } from '../../core/doors.ts';
import { defineStep, error, inconclusive, Judge, ownPath, warning } from '../../core/step.ts';
import { isLfsPointer } from '../../formats/data/lfs-pointer.ts';

const Entry = z.strictObject({
  path: ownPath.describe('path or glob, relative to the target'),
  kind: z.enum(['file', 'directory']).default('file'),
  min: z.int().min(1).default(1).describe('matches that must be there at least'),
  max: z.int().min(1).optional(),
  minBytes: z.int().min(0).default(1).describe('size of each file at least; an empty file delivers nothing'),
  contains: z.array(z.string().min(1)).default([]).describe('texts that each must hold'),
  built: z
    .boolean()
    .default(false)
    .describe('it is built, and git may ignore it; also so where a step `produces` it or it is one of the `outputs`'),
});
const params = z.strictObject({ files: z.array(z.union([ownPath, Entry])).min(1) });
type Params = z.infer<typeof params>;

interface Seen {
  path: string;
  kind: EntryKind;
  bytes: number;
  sha256?: string;
  lacks: string[];
  /** Where it really lies, if that is outside of the target. */
  outside?: string;
  /** It is a folder, and there is no file in it. */
  bare?: true;
  /** It is the pointer of git-lfs, not the file. */
  pointer?: true;
  /** Git ignores it. */
  ignored?: true;
  /** It is built, and nothing of this run wrote it. */
  older?: true;
}
interface Observed {
  entries: { pattern: string; found: Seen[] }[];
}

const problems = {
  missing: error('A promised deliverable is not there', 'add it, or correct the path'),
  'wrong-kind': error(
    'A deliverable is of another kind',
    'a folder where a file is promised often comes from a bind mount of a missing file',
  ),
  empty: error('A deliverable is empty or too small', 'is it a placeholder?'),
  content: error('A deliverable does not contain a promised text', 'read the file'),
  outside: error(
    'A deliverable lies outside of the target',
    'a link leads out of the repository: what it leads to is in no commit; copy it in',
  ),
  'lfs-pointer': inconclusive('A deliverable is a pointer of git-lfs that was not fetched', 'fetch it: git lfs pull'),
  ignored: warning(
    'Git ignores a deliverable: it is in no commit',
    'commit it (git add -f, or correct .gitignore); where it is built, say `built: true`',
  ),
  older: warning(
    'A deliverable that is built was not written by this run',
    'what it was built from is not known: build it in a step of the checklist',
  ),
  'too-many': error('More files match than promised', 'remove what is left over, or correct the promise'),
} as const;

const entriesOf = (p: Params): z.infer<typeof Entry>[] =>
  p.files.map((file) => (typeof file === 'string' ? Entry.parse({ path: file }) : file));
const isGlob = (text: string): boolean => /[*?{[]/.test(text);

export default defineStep<Params, Observed>({
  kind: 'files/exist',
  summary: 'Deliverables are there, of the right kind, not empty, and digested.',
  description: `Each path or glob must match; every match is digested, so that the signature covers what was delivered. A symbolic link that leads nowhere is missing; one that leads out of the target is an error, since what lies there is in no commit. The pointer of a git-lfs file that was not fetched is not a deliverable: inconclusive. What git ignores is a warning, unless it is said to be built: by \`built: true\`, the \`produces\` of a command, or the checklist's \`outputs\`.`,
  example: `- id: dashboards
  uses: files/exist
  with:
    files:
      - docs/runbook.md
      - { path: "deployments/grafana/dashboards/*.json", min: 4 }`,
  params,
  facts: { 'files.count': 'files that were found and digested' },
  problems,
  timeout: '60s',
  plan: (p) => entriesOf(p).map((entry) => `looks for ${entry.path}${entry.min > 1 ? `, at least ${entry.min}` : ''}`),
  async gather(p, ctx) {
    const entries: Observed['entries'] = [];
    for (const entry of entriesOf(p)) {
      const literal = (await ctx.files.kind(entry.path)) !== 'missing';
      const paths = literal
        ? [entry.path]
        : isGlob(entry.path)
          ? await ctx.files.glob([entry.path], { outputs: true })
          : [];
      const found: Seen[] = [];
      for (const path of paths) {
        const kind = await ctx.files.kind(path);
        const stamp = await ctx.files.stamp(path);
        const real = stamp.kind === 'symlink' ? await ctx.files.realPath(path) : stamp;
        const file = kind === 'file' && !real.outside;
        const pointer = file && (await isPointer(path, ctx));
        const blank = file && (await ctx.files.size(path)) <= 1024 && (await ctx.files.readRaw(path)).trim() === '';
        const below = kind === 'directory' && !real.outside ? await filesBelow(path, ctx) : undefined;
        const text = file && !pointer && entry.contains.length > 0 ? await ctx.files.read(path) : '';
        found.push({
          path,
          kind,
          bytes: file && !blank ? await ctx.files.size(path) : 0,
          lacks: file && !pointer ? entry.contains.filter((part) => !text.includes(part)) : [],
          ...(file && { sha256: await ctx.files.sha256(path) }),
          ...(below?.length === 0 && { bare: true as const }),
          ...(real.outside && kind !== 'missing' && { outside: real.real }),
          ...(/^(?:\.\/)*\.git(?:\/|$)/.test(path) && { outside: 'git’s own folder' }),
          ...((pointer || (await areAll(below, (one) => isPointer(one, ctx)))) && { pointer: true as const }),
        });
      }
      entries.push({ pattern: entry.path, found });
    }
    await noteIgnored(p, entries, ctx);
    return { entries };
  },
  judge(p, { entries }) {
    const j = new Judge(problems);
    let count = 0;
    for (const [n, entry] of entriesOf(p).entries()) {
      const found = (entries[n]?.found ?? []).filter((one) => one.kind !== 'missing' && one.kind !== 'symlink');
      const about = { subject: entry.path, where: { file: entry.path } };
      if (found.length < entry.min) {
        j.find(
          'missing',
          entry.min === 1
            ? `${entry.path} is not there`
            : `${entry.path} matches ${found.length} files, expected at least ${entry.min}`,
          about,
        );
        continue;
      }
      if (entry.max !== undefined && found.length > entry.max)
        j.find('too-many', `${entry.path} matches ${found.length} files, expected at most ${entry.max}`, about);
      let good = 0;
      for (const one of found) {
        const at = { subject: one.path, where: { file: one.path } };
        if (one.outside !== undefined) j.find('outside', `${one.path} leads to ${one.outside}`, at);
        else if (one.pointer)
          j.find('lfs-pointer', `${one.path} is a pointer of git-lfs or git-annex, not the file itself`, at);
        else if (one.kind !== entry.kind)
          j.find('wrong-kind', `${one.path}: expected a ${entry.kind}, found a ${one.kind}`, at);
        else if (one.kind === 'file' && one.bytes < entry.minBytes)
          j.find(
            'empty',
            one.bytes === 0
              ? `${one.path} is empty`
              : `${one.path} has ${one.bytes} bytes, expected at least ${entry.minBytes}`,
            at,
          );
        else if (one.bare) j.find('empty', `${one.path} is a folder without a file`, at);
        else if (one.lacks.length > 0)
          j.find(
            'content',
            `${one.path} should contain ${one.lacks.map((text) => JSON.stringify(text)).join(', ')}, and does not`,
            at,
          );
        else {
          good++;
          if (one.ignored) j.find('ignored', `${one.path} is there, and git ignores it`, at);
          if (one.older) j.find('older', `${one.path} is built, and no step of this run wrote it`, at);
        }
      }
      count += good;
      if (good > 0)
        j.prove(
          good === 1
            ? `${found[0]?.path} is there (${found[0]?.bytes} bytes${found[0]?.sha256 === undefined ? '' : `, sha256 ${found[0].sha256.slice(0, 12)}…`})`
            : `${good} files match ${entry.path}`,
        );
    }
    return j.fact('files.count', count).done();
  },
});

/** Notes which of the matches were there when the run began, and yet are no part of the tree: ignored, or built by another run. */
async function noteIgnored(p: Params, entries: Observed['entries'], ctx: StepContext): Promise<void> {
  const declared = (path: string): boolean =>
    ctx.built.some((one) => `${path}/`.startsWith(`${one.replace(/\/$/, '')}/`));
  for (const [n, entry] of entriesOf(p).entries()) {
    for (const one of entries[n]?.found ?? []) {
      const path = one.path.replace(/^(?:\.\/)+/, '');
      if (one.outside !== undefined || one.kind === 'missing') continue;
      const files = one.kind === 'directory' ? await filesBelow(path, ctx) : [path];
      const isOld = async (file: string): Promise<boolean> =>
        !ctx.ofTree(file) && (await ctx.files.stamp(file)).changedMs < ctx.runStartedAt;
      if (!(await areAll(files, isOld))) continue;
      if (entry.built || declared(path)) one.older = true;
      else one.ignored = true;
    }
  }
}

/** The files below a folder, at most a thousand of them. */
async function filesBelow(folder: string, ctx: StepContext): Promise<string[]> {
  const found: string[] = [];
  for (const name of await ctx.files.list(folder)) {
    const path = `${folder}/${name}`;
    if (found.length >= 1000) break;
    if ((await ctx.files.stamp(path)).kind === 'directory') found.push(...(await filesBelow(path, ctx)));
    else found.push(path);
  }
  return found;
}

async function areAll(
  paths: readonly string[] | undefined,
  test: (path: string) => Promise<boolean>,
): Promise<boolean> {
  for (const path of paths ?? []) if (!(await test(path))) return false;
  return (paths ?? []).length > 0;
}

const isPointer = async (path: string, { files }: StepContext): Promise<boolean> =>
  (await files.kind(path)) === 'file' && (await files.size(path)) <= 1024 && isLfsPointer(await files.readRaw(path));
