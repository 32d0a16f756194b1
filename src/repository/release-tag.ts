import { error, inconclusive, note, type ExecResult, type Judge, type StepContext } from '../core/step.ts';

/** What can be found of a release's tag. */
export const tagProblems = {
  'tag-missing': error('No tag of this version is on this commit', 'git tag -s v1.4.0'),
  'tag-elsewhere': error(
    'The tag of this version is on another commit',
    'this version is released already: bump it; or check out the tag',
  ),
  'tag-unsigned': error(
    'The tag is not signed, or its signature is bad',
    'git tag -s; a lightweight tag has no signature',
  ),
  'tag-unverified': inconclusive(
    'The signature of the tag cannot be checked here',
    'give `allowedSigners`, or import the key',
  ),
  'tags-unseen': note('The clone may lack tags', 'fetch the whole history: fetch-depth: 0, git fetch --tags'),
  'no-repository': inconclusive(
    'git cannot say which tags there are',
    'fetch the whole history: fetch-depth: 0, git fetch --tags',
  ),
} as const;

/** What git says of the tags of one version. */
export interface TagSeen {
  /** Why git cannot say anything. */
  unknown?: string;
  head: string;
  shallow: boolean;
  /** A tag of the version that is on this commit. */
  here?: string;
  elsewhere: { name: string; commit: string }[];
  /** `named`: the name in the tag object, which is what is signed. */
  signature?: { annotated: boolean; named?: string; verified?: ExecResult };
}

/** Looks for tags of a version. @param format with `{version}`; default `v{version}` and `{version}` */
export async function tagOf(
  version: string,
  {
    tagFormat,
    signed,
    allowedSigners,
  }: { tagFormat?: string | undefined; signed: boolean; allowedSigners?: string | undefined },
  ctx: StepContext,
): Promise<TagSeen> {
  const git = (...args: string[]): Promise<ExecResult> =>
    ctx.exec(['git', ...args], { name: `git-${args[0]}`, ownGit: true, readsOnly: true });
  const nothing = { head: '', shallow: false, elsewhere: [] };
  const at = await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (at.notStarted !== undefined) return { ...nothing, unknown: `git could not be started: ${at.notStarted}` };
  if (at.code !== 0) return { ...nothing, unknown: 'this is not a git repository, or it has no commit' };
  const head = at.stdout.trim();
  const shallow = (await git('rev-parse', '--is-shallow-repository')).stdout.trim() === 'true';
  const plain = version.replace(/^v/, '');
  const names = (tagFormat === undefined ? ['v{version}', '{version}'] : [tagFormat]).map((one) =>
    one.replace('{version}', plain),
  );
  const found: { name: string; commit: string }[] = [];
  for (const name of names) {
    const commit = await git('rev-parse', '--verify', '--quiet', `refs/tags/${name}^{commit}`);
    if (commit.code === 0) found.push({ name, commit: commit.stdout.trim() });
  }
  const here = found.find(({ commit }) => commit === head)?.name;
  const seen: TagSeen = {
    head,
    shallow,
    elsewhere: found.filter(({ commit }) => commit !== head),
    ...(here !== undefined && { here }),
  };
  if (here === undefined || !signed) return seen;
  const annotated = (await git('cat-file', '-t', `refs/tags/${here}`)).stdout.trim() === 'tag';
  // A repository's own configuration must not choose who checks: only the user's may.
  const users = async (key: string, default_: string): Promise<string[]> => [
    '-c',
    `${key}=${(await git('config', '--global', '--get', key)).stdout.trim() || default_}`,
  ];
  const signers = [
    ...(await users('gpg.program', 'gpg')),
    ...(await users('gpg.openpgp.program', 'gpg')),
    ...(await users('gpg.x509.program', 'gpgsm')),
    ...(await users('gpg.ssh.program', 'ssh-keygen')),
    ...(allowedSigners === undefined
      ? await users('gpg.ssh.allowedSignersFile', '/dev/null')
      : ['-c', `gpg.ssh.allowedSignersFile=${ctx.files.absolute(allowedSigners)}`]),
  ];
  const verified = annotated
    ? await ctx.exec(['git', ...signers, 'verify-tag', '--raw', `refs/tags/${here}`], {
        name: 'git-verify-tag',
        ownGit: true,
        readsOnly: true,
      })
    : undefined;
  const named = /^tag (.+)$/m.exec((await git('cat-file', '-p', `refs/tags/${here}`)).stdout)?.[1];
  return {
    ...seen,
    signature: { annotated, ...(named !== undefined && { named }), ...(verified && { verified }) },
  };
}

/** Judges what git said of the tags. */
export function judgeTag(
  j: Judge<typeof tagProblems>,
  p: { tag: string; signed: boolean },
  version: string,
  { unknown, here, elsewhere, head, shallow, signature }: TagSeen,
): void {
  if (unknown !== undefined) return void j.find('no-repository', unknown);
  for (const { name, commit } of elsewhere)
    j.find('tag-elsewhere', `${name} is on ${commit.slice(0, 12)}, and this is ${head.slice(0, 12)}`, {
      subject: name,
    });
  if (here !== undefined) {
    j.fact('release.tag', here);
    j.prove(`${here} is on this commit, ${head.slice(0, 12)}`);
  } else if ((p.tag === 'required' || p.signed) && elsewhere.length === 0) {
    if (shallow) j.find('no-repository', 'this is a shallow clone, which may lack tags');
    else j.find('tag-missing', `no tag of ${version} is on ${head.slice(0, 12)}`);
  } else if (shallow && elsewhere.length === 0)
    j.find(
      'tags-unseen',
      'this is a shallow clone, which may lack tags: whether one is on another commit is not judged',
    );
  else if (elsewhere.length === 0) j.prove(`no tag of ${version} is on another commit`);
  if (p.signed && here !== undefined && signature) judgeSignature(j, here, signature);
}

/** What git says of a signature. Where its key is not known here, nothing is proven. Source: git-verify-tag(1) `--raw`, GnuPG doc/DETAILS. */
function judgeSignature(
  j: Judge<typeof tagProblems>,
  tag: string,
  { annotated, named, verified }: NonNullable<TagSeen['signature']>,
): void {
  if (!annotated || verified === undefined)
    return void j.find('tag-unsigned', `${tag} is a lightweight tag, which has no signature`, { subject: tag });
  if (named !== tag)
    return void j.find(
      'tag-unsigned',
      `the signature is for ${named === undefined ? 'a tag without a name' : `the tag ${named}`}, but the tag is called ${tag}`,
      {
        subject: tag,
      },
    );
  const said: string = saidBy(verified);
  const detail = said.slice(0, 1500);
  if (verified.code === 0) return void j.prove(`the signature of ${tag} is good`);
  if (/no signature found/i.test(said)) j.find('tag-unsigned', `${tag} has no signature`, { subject: tag });
  else if (/BADSIG|EXPSIG|REVKEYSIG|incorrect signature|signature verification failed/i.test(said))
    j.find('tag-unsigned', `the signature of ${tag} is bad`, { subject: tag, detail });
  else j.find('tag-unverified', `git cannot verify ${tag}`, { subject: tag, detail });
}

const saidBy = ({ stdout, stderr }: ExecResult): string => `${stdout}\n${stderr}`;
