import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { parseChecklist, type LoadedChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import type { RunRecord } from '../core/record.ts';
import { runName } from '../core/run-name.ts';
import { digestFile, sha256 } from '../evidence/digest.ts';
import { entryAt } from '../evidence/entry.ts';
import type { Look } from '../evidence/own-mark.ts';
import { jsonOf, objectOf } from '../formats/data/json-parts.ts';
import { git, withoutCredentials } from '../hosts/git.ts';
import { LeftOutFiles, type LeftOut } from '../hosts/left-out.ts';
import { snapshot } from '../hosts/tree.ts';
import {
  atCommit,
  fileAt,
  identities,
  isShallow,
  movedBetween,
  originOf,
  plainFileAt,
  resolveCommit,
} from '../hosts/git-history.ts';
import { sameRepository, type RepositoryFacts } from '../signoff/freshness.ts';
import type { GateTools, PolicyFiles } from '../signoff/gate.ts';
import { kinds, loadKind } from '../steps/index.ts';
import { renderedNames, renderings } from '../runs/render.ts';
import { runsInOrder } from '../runs/runs.ts';
import { version } from './shared.ts';

/** What the gate needs of the other parts. */
export const gateTools: GateTools = {
  version,
  loadKind: async (kind) => (kinds.includes(kind) ? loadKind(kind) : undefined),
  parse: (text, vars) => parseChecklist('checklist.yaml', text, vars),
  render: (record, digest, signOffs, bundle) =>
    new Map(renderings(record, digest, signOffs, (path) => bundle.get(path)?.read())),
  renderings: renderedNames,
};

/**
 * The folder of a run: the one that is named, else the one that `latest` points to, else (where a checkout has lost the link) the
 * newest.
 * @throws UserError 66
 */
export function findRun(reports: string, milestone: string, id: string | undefined): { folder: string; id: string } {
  const home = join(reports, milestone);
  const missing = (what: string): UserError =>
    new UserError(exit.missing, what, {
      hint: `make one: verify ${milestone}; runs elsewhere are found with --reports`,
    });
  if (id !== undefined) {
    if (!runName.test(id) || !lstatSync(join(home, id), { throwIfNoEntry: false })?.isDirectory())
      throw missing(`there is no run ${id} in ${home}`);
    return { folder: join(home, id), id };
  }
  const link = join(home, 'latest');
  const named = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(link) : '';
  const newest = runsInOrder(home).findLast(
    (name) => runName.test(name) && existsSync(join(home, name, 'record.json')),
  );
  const found =
    runName.test(named) && lstatSync(join(home, named), { throwIfNoEntry: false })?.isDirectory() ? named : newest;
  if (found === undefined) throw missing(`there is no run of ${milestone} in ${reports}`);
  return { folder: join(home, found), id: found };
}

export interface Subject {
  target: string;
  checklist: Pick<LoadedChecklist, 'path' | 'sha256' | 'checklist'>;
  commit?: string | undefined;
  policyFrom?: string | undefined;
}

/** The reference whose policy counts, and what it says. */
interface Base {
  ref: string;
  commit: string;
  loaded: LoadedChecklist;
}

/** A commit that is not checked out is judged by its own policy, not by that of whatever is checked out. */
async function ownPolicy({ commit, target, checklist }: Subject, folder: string): Promise<string | undefined> {
  if (commit === undefined) return undefined;
  const [gated, head, there] = [
    await resolveCommit(target, commit),
    await resolveCommit(target, 'HEAD'),
    await resolveCommit(folder, commit),
  ];
  if (gated === undefined || gated === head || gated !== there) return undefined;
  const text = await fileAt(folder, gated, relative(folder, resolve(checklist.path)));
  return text && gated;
}

/** @throws UserError 66 where the reference, or the checklist at it, is not there */
async function readBase(subject: Subject): Promise<Base | undefined> {
  const { checklist } = subject;
  const folder = dirname(resolve(checklist.path));
  const ref = subject.policyFrom ?? (await ownPolicy(subject, folder));
  if (ref === undefined) return undefined;
  const commit = await resolveCommit(folder, ref);
  if (commit === undefined)
    throw new UserError(exit.missing, `--policy-from ${ref}: the repository of ${checklist.path} has no such commit`, {
      hint: 'fetch it first (in CI: fetch-depth: 0, or git fetch origin main)',
    });
  const name = relative(folder, resolve(checklist.path));
  const text = await fileAt(folder, commit, name);
  if (text === undefined)
    throw new UserError(exit.missing, `${ref} has no ${checklist.path}: it cannot say who may sign`, {
      hint: 'merge the checklist first; a policy that comes with the change cannot judge the change',
    });
  return { ref, commit, loaded: await parseChecklist(`${ref}:${name}`, text.toString('utf8')) };
}

function readIfFile(path: string): Buffer | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

/** The policy and its files: of the base where one is given, else as they lie there. */
async function policyFiles(subject: Subject, base: Base | undefined): Promise<PolicyFiles> {
  const policy = (base?.loaded ?? subject.checklist).checklist.signoff;
  const at = base && (await resolveCommit(subject.target, base.ref));
  const read = async (path: string): Promise<Buffer | undefined> => {
    if (base === undefined || isAbsolute(path)) return readIfFile(resolve(subject.target, path));
    return at === undefined ? undefined : fileAt(subject.target, at, path);
  };
  const name = (path: string): string => (base === undefined ? path : `${base.ref}:${path}`);
  return {
    policy,
    signers: { path: name(policy.allowedSigners), text: (await read(policy.allowedSigners))?.toString('utf8') },
    ...(policy.revoked !== undefined && {
      revoked: { path: name(policy.revoked), data: await read(policy.revoked) },
    }),
  };
}

/** What a policy says of sign-offs before there is a run: its files as they lie there, and who wrote the commit checked out. */
export async function policyFacts(subject: Subject): Promise<{ files: PolicyFiles; identities: Set<string> }> {
  const head = await resolveCommit(subject.target, 'HEAD');
  return {
    files: await policyFiles(subject, undefined),
    identities: head === undefined ? new Set() : await identities(subject.target, head),
  };
}

const hex = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

async function subjectCommit(subject: Subject): Promise<{ head: string | undefined; commit: string | undefined }> {
  const head = await resolveCommit(subject.target, 'HEAD');
  if (subject.commit === undefined) return { head, commit: head };
  const commit = await resolveCommit(subject.target, subject.commit);
  if (commit === undefined && !hex.test(subject.commit))
    throw new UserError(exit.usage, `--commit ${subject.commit}: there is no such commit`, {
      hint: 'give its full id',
    });
  return { head, commit: commit ?? subject.commit };
}

/** What the digest of a run's tree left out, by its record. */
function leaveOf({ tree, run }: RunRecord): LeftOut {
  return { outputs: tree.outputs.filter((path) => path !== run.writeTo), writeTo: run.writeTo, reports: tree.reports };
}

/** Was the run in this folder made of this repository, at a commit that led to this one? Evidence of any other is text from elsewhere. */
async function isOfHere(target: string, folder: string, look: Look, to: string): Promise<boolean> {
  const record = objectOf(jsonOf((await look.read(`${folder}/record.json`))?.toString('utf8')));
  const { commit, repository } = objectOf(record['tree']);
  if (typeof commit !== 'string' || !hex.test(commit)) return false;
  const [remote, led] = [await originOf(target), await git(target, ['merge-base', '--is-ancestor', commit, to])];
  const here = remote === undefined ? undefined : withoutCredentials(remote);
  return led !== undefined && sameRepository(typeof repository === 'string' ? repository : undefined, here);
}

/**
 * What differs between two commits, without what verify itself wrote of runs of this repository: told by what it holds, at the later
 * commit or before it went.
 */
async function moved(target: string, record: RunRecord, from: string, to: string): Promise<RepositoryFacts['moved']> {
  const leave = leaveOf(record);
  const { descends, paths } = await movedBetween(target, from, to);
  const [before, after] = [atCommit(target, from), atCommit(target, to)];
  const left = { before: new LeftOutFiles(leave, before), after: new LeftOutFiles(leave, after) };
  const others: string[] = [];
  const gated = `/${record.run.milestone}/${record.run.id}`;
  const runs = new Map<string, boolean>();
  for (const path of paths) {
    const gone = (await after.read(path)) === undefined;
    const at = path.split('/').findIndex((part) => runName.test(part));
    const run = path
      .split('/')
      .slice(0, at + 1)
      .join('/');
    if (!(await left[gone ? 'before' : 'after'].has(path, true))) others.push(path);
    else if (at > 0) {
      const ours = runs.get(run) ?? (run.endsWith(gated) || (await isOfHere(target, run, gone ? before : after, to)));
      runs.set(run, ours);
      if (!ours) others.push(path);
    }
  }
  return { descends, paths: others, runs: [...runs].flatMap(([run, ours]) => (ours ? [run] : [])) };
}

/** The text of the file of --write-to, as it lies there or at a commit; empty where something else than a plain file is there. */
async function writtenAt(target: string, path: string, commit: string | undefined): Promise<string | undefined> {
  if (commit !== undefined) {
    const data = await plainFileAt(target, commit, path);
    return data === undefined ? undefined : data === 'other' ? '' : data.toString('utf8');
  }
  const there = entryAt(join(target, path));
  return there && !there.isDirectory() ? (there.isFile() ? readFileSync(join(target, path), 'utf8') : '') : undefined;
}

/**
 * What repository and policy say of a run; without the network, and without writing anything.
 * @throws UserError 64, 66 where what the options name is not there
 */
export async function gather(
  subject: Subject,
  record: RunRecord,
): Promise<{ facts: RepositoryFacts; files: PolicyFiles }> {
  const { target, checklist } = subject;
  const base = await readBase(subject);
  const [files, { head, commit }] = [await policyFiles(subject, base), await subjectCommit(subject)];
  const ofRun = record.tree.commit !== undefined && hex.test(record.tree.commit) ? record.tree.commit : undefined;
  const known = ofRun === undefined ? undefined : await resolveCommit(target, ofRun);
  const here = commit === head;
  const leave = leaveOf(record);
  const tree = here ? await snapshot(target, leave) : undefined;
  const state = tree?.state;
  const baseCommit = base && (await resolveCommit(target, base.ref));
  const remote = await originOf(target);
  const top = (await git(target, ['rev-parse', '--show-prefix']))?.trim().replace(/\/$/, '');
  const digestAt = async (path: string): Promise<string | undefined> => {
    const full = resolve(target, path);
    if (here || commit === undefined || relative(target, full).startsWith('..')) {
      return lstatSync(full, { throwIfNoEntry: false })?.isFile() ? digestFile(full).sha256 : undefined;
    }
    const bytes = await fileAt(target, commit, relative(target, full));
    return bytes && sha256(bytes);
  };
  const inputs: Record<string, string | undefined> = {};
  for (const path of Object.keys(record.checklist.inputs)) inputs[path] = await digestAt(path);
  const ignored: Record<string, string | undefined> = {};
  for (const { path } of here ? (record.tree.ignored?.files ?? []) : []) ignored[path] = await digestAt(path);
  const { writeTo } = record.run;
  const written = writeTo === undefined ? undefined : await writtenAt(target, writeTo, here ? undefined : commit);
  return {
    files,
    facts: {
      repository: remote === undefined ? undefined : withoutCredentials(remote),
      prefix: state?.prefix ?? top ?? '',
      subject: commit,
      knowsCommit: known !== undefined,
      shallow: await isShallow(target),
      ...(known !== undefined &&
        commit !== undefined &&
        commit !== known && { moved: await moved(target, record, known, commit) }),
      ...(state && { worktree: state }),
      ...(tree?.unversioned !== undefined && { unversioned: tree.unversioned }),
      identities: known === undefined ? new Set() : await identities(target, known, baseCommit),
      checklist: here ? checklist.sha256 : await digestAt(resolve(checklist.path)),
      ...(base && { base: { ref: base.ref, checklist: base.loaded.sha256 } }),
      inputs,
      ignored,
      ...(written !== undefined && { written }),
    },
  };
}
