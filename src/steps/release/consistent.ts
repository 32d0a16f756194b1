import { z } from 'zod';
import { defineStep, error, Judge, ownPath, type StepContext } from '../../core/step.ts';
import { type Entry, isChangelog, readChangelog } from '../../formats/release/changelog.ts';
import { changelogProblems, judgeChangelog } from '../../formats/release/judge-changelog.ts';
import {
  type Declared,
  isChart,
  isLock,
  isManifest,
  pythonModules,
  readLock,
  readManifest,
} from '../../formats/release/manifests.ts';
import { isVersion, sameVersion } from '../../formats/release/version.ts';
import { findMention, type Mention } from '../../repository/mentions.ts';
import { judgeTag, tagOf, tagProblems, type TagSeen } from '../../repository/release-tag.ts';

const Wording = z.string().refine((text) => text.split('{version}').length === 2 && text.trim() !== '{version}', {
  error: 'write {version} where the version stands, once, with words beside it',
});

const params = z
  .strictObject({
    version: z
      .string()
      .refine((text) => text.includes('${{') || isVersion(text.replace(/^v/, '')), {
        error: 'not a version: write 1.4.0',
      })
      .optional()
      .describe('the version to be released; default what most of the places say'),
    manifests: z
      .array(ownPath)
      .optional()
      .describe('manifests or globs; default those in the root, and charts whose name is the project’s'),
    chartVersion: z
      .enum(['own', 'same'])
      .default('own')
      .describe('`own`: a chart’s `version` is counted by itself, and only `appVersion` must agree'),
    changelog: z
      .union([ownPath, z.literal(false)])
      .optional()
      .describe(
        'default CHANGELOG, CHANGES, HISTORY, NEWS or RELEASES in the root, where there is one; false leaves it out',
      ),
    dated: z
      .boolean()
      .optional()
      .describe(
        'the entry of the changelog must have a day, which is not to come; default where one of the older entries has one',
      ),
    tag: z
      .enum(['required', 'none-elsewhere', 'ignored'])
      .default('none-elsewhere')
      .describe(
        '`required`: a tag of this version is on this commit; `none-elsewhere`: where there is one, it is on this commit',
      ),
    tagFormat: z
      .string()
      .refine((text) => text.split('{version}').length === 2, { error: 'write {version} once' })
      .optional()
      .describe('default v{version} or {version}'),
    signed: z.boolean().default(false).describe('the tag must be on this commit and signed, and its signature good'),
    allowedSigners: ownPath
      .optional()
      .describe('ssh-keygen allowed signers, for tags that an SSH key has signed; default what git is configured with'),
    mentions: z
      .array(z.strictObject({ in: z.array(ownPath).min(1).describe('files or globs'), text: Wording }))
      .default([])
      .describe(
        'wordings with `{version}`: wherever one stands, the version is this one: `ghcr.io/acme/app:{version}`',
      ),
  })
  .refine((p) => !p.signed || p.tag !== 'ignored', { error: 'signed is about the tag: leave tag: ignored out' });
type Params = z.infer<typeof params>;

interface SeenFile {
  path: string;
  name?: string | undefined;
  /** Undefined: it does not parse. */
  versions?: Declared[];
  without?: string;
}
interface Observed {
  manifests: SeenFile[];
  locks: SeenFile[];
  /** Patterns of `manifests` that match nothing. */
  unmatched: string[];
  changelog?: { path: string; entries: Entry[] };
  changelogMissing?: string;
  tag?: TagSeen;
  mentions: Mention[];
  /** The day, UTC, on which the step ran. */
  today: string;
}

const problems = {
  'no-version': error('Nothing says which version this is', 'name the manifest, or give `version`'),
  'manifest-missing': error('A manifest is not there', 'correct its path'),
  'manifest-unreadable': error('A manifest does not parse', 'correct it'),
  'version-missing': error('A manifest that is named has no version', 'give it one, or do not name it'),
  'version-other': error(
    'A file has another version than the release',
    'bump it too, or name the manifests that belong to this release',
  ),
  'nothing-compared': error(
    'Only one place names the version',
    'give `version`, `mentions`, `tag: required` or a changelog: a version agrees with itself',
  ),
  ...changelogProblems,
  ...tagProblems,
  'mention-other': error('A text names another version', 'bump it too'),
  'mention-missing': error('A wording is in none of its files', 'was it changed? correct the wording, or the files'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'release/consistent',
  summary:
    'A release agrees with itself: manifests, lock files, changelog, tag, charts, and texts that name the version.',
  description: `The version is the one of \`version\`, else the one that most of these places have. Every other place is held against it; 1.4.0-rc.1, 1.4.0rc1 and 1.4.0-RC1 are one version.

- **Manifests**: package.json, Cargo.toml (also of the workspace), pyproject.toml, setup.cfg, pom.xml, gradle, Chart.yaml (\`appVersion\`, and \`version\` where \`chartVersion: same\`), composer.json, deno.json, *.csproj, mix.exs, *.gemspec, pubspec.yaml, galaxy.yml, VERSION, \`__version__\` of the project’s Python package. By default those in the root; a package that is private and has no version, or whose version the build works out, is passed over. In a repository of several packages name those that belong to the release.
- **Lock files** beside them: package-lock.json, npm-shrinkwrap.json, Cargo.lock, uv.lock, for the project’s own packages. Others hold no version of the project.
- **Changelog**: its first entry that is released is this version, with a day that is not to come.
- **Tag**: by default none of this version on another commit. \`required\`: on this commit; \`signed\`: git verifies it. An SSH signature needs \`allowedSigners\`.
- **mentions**: wordings with \`{version}\`, wherever they stand in their files: image tags, commands to install, badges. A wording that is nowhere is an error.

Dates are judged by the clock of the run, UTC, with a day’s grace for time zones.`,
  example: `- id: agrees
  uses: release/consistent
  with:
    tag: required
    mentions: [{ in: [README.md, deploy/**/*.yaml], text: "ghcr.io/acme/app:{version}" }]`,
  params,
  facts: {
    'release.version': 'the version',
    'release.places': 'places that name it',
    'release.date': 'day of its entry in the changelog',
    'release.tag': 'the tag on this commit',
  },
  problems,
  timeout: '60s',
  leaves: 'nothing',
  plan: (p) => [
    `reads ${p.manifests?.join(', ') ?? 'the manifests in the root'}, their lock files${p.changelog === false ? '' : `, ${p.changelog ?? 'the changelog'}`}${p.mentions.map((one) => `, ${one.in.join(', ')}`).join('')}`,
    ...(p.tag === 'ignored' ? [] : [`git tag${p.signed ? '; git verify-tag' : ''}`]),
  ],
  async gather(p, ctx) {
    const { manifests, unmatched } = await manifestsOf(p, ctx);
    const names = manifests.flatMap(({ name }) => name ?? []);
    const folders = new Set(manifests.map(({ path }) => folderOf(path)));
    const locks: SeenFile[] = [];
    for (const folder of folders)
      for (const name of await ctx.files.list(folder === '' ? '.' : folder))
        // npm leaves an old version in the lock of a package.json that has none.
        if (
          isLock(name) &&
          (!/^(?:package-lock|npm-)/.test(name) ||
            manifests.some(({ path, versions = [] }) => path === `${folder}package.json` && versions.length > 0))
        )
          locks.push({
            path: folder + name,
            ...withVersions(readLock(name, await ctx.files.read(folder + name), names)),
          });
    const path = await changelogPath(p, ctx);
    const text = path === undefined ? undefined : await ctx.files.readIfThere(path);
    const changelog = path !== undefined && text !== undefined ? { path, entries: readChangelog(text) } : undefined;
    const version = p.version ?? versionOf({ manifests, locks, ...(changelog && { changelog }) });
    const tag = p.tag === 'ignored' || version === undefined ? undefined : await tagOf(version, p, ctx);
    const mentions: Mention[] = [];
    for (const mention of p.mentions) mentions.push(await findMention(mention, ctx.files));
    return {
      manifests,
      locks,
      unmatched,
      mentions,
      today: new Date(ctx.now()).toISOString().slice(0, 10),
      ...(tag && { tag }),
      ...(changelog && { changelog }),
      ...(path !== undefined && !changelog && { changelogMissing: path }),
    };
  },
  judge(p, observed) {
    const j = new Judge(problems);
    for (const pattern of observed.unmatched)
      j.find('manifest-missing', `${pattern} matches no manifest`, { where: { file: pattern } });
    for (const { path, versions } of [...observed.manifests, ...observed.locks])
      if (versions === undefined) j.find('manifest-unreadable', `${path} does not parse`, { where: { file: path } });
    const version = (p.version ?? versionOf(observed))?.replace(/^v/, '');
    if (version === undefined) return j.find('no-version', 'neither a manifest nor a changelog names a version').done();
    j.fact('release.version', version);
    let places = 0;
    const hold = (seen: string, what: string, where: { file: string; line: number }): void => {
      places++;
      j.check(
        sameVersion(seen, version),
        `${what} is ${seen}`,
        'version-other',
        `${what} is ${seen}, expected ${version}`,
        { where, subject: where.file },
      );
    };
    for (const { path, versions, without } of p.manifests ? observed.manifests : [])
      if (versions?.length === 0)
        j.find('version-missing', `${path} is named, and no version stands in it${without ? `: ${without}` : ''}`, {
          where: { file: path },
          ...(without !== undefined && { level: 'note' as const }),
        });
    for (const { path, versions } of [...observed.manifests, ...observed.locks]) {
      for (const { key, version: seen, line } of versions ?? [])
        if (!(isChart(path) && key === 'version' && p.chartVersion === 'own'))
          hold(seen, `${key} of ${path}`, { file: path, line });
    }
    if (observed.changelogMissing !== undefined)
      j.find('changelog-missing', `${observed.changelogMissing} is not there`, {
        where: { file: observed.changelogMissing },
      });
    if (observed.changelog) {
      if (observed.changelog.entries.length > 0) places++;
      judgeChangelog(j, p, version, observed.changelog, observed.today);
    }
    if (observed.tag) judgeTag(j, p, version, observed.tag);
    for (const { text, found, files, unmatched } of observed.mentions) {
      for (const pattern of unmatched) j.find('mention-missing', `${pattern} matches no file`, { subject: text });
      if (found.length === 0 && unmatched.length === 0)
        j.find('mention-missing', `"${text}" is in none of ${files} files`, { subject: text });
      for (const { file, line, version: seen } of found) {
        places++;
        j.check(
          sameVersion(seen, version),
          `${file}:${line} names ${seen}`,
          'mention-other',
          `${file} names ${seen}, expected ${version}`,
          { where: { file, line }, subject: text },
        );
      }
    }
    const asked = (p.version === undefined ? 0 : 1) + (p.tag === 'required' ? 1 : 0);
    // What was promised and is missing has been said.
    const promised = typeof p.changelog === 'string' || observed.mentions.length > 0;
    if (places > 0 && places + asked < 2 && !promised)
      j.find('nothing-compared', `expected two places that name ${version}, found one`);
    j.fact('release.places', places);
    return j.done();
  },
});

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const withVersions = (versions: Declared[] | undefined): Pick<SeenFile, 'versions'> => (versions ? { versions } : {});

/** The version that most manifests have, with the changelog; the first of these where as many have another. Lock files follow. */
function versionOf({
  manifests,
  locks,
  changelog,
}: Pick<Observed, 'manifests' | 'locks' | 'changelog'>): string | undefined {
  const newest = changelog?.entries.find((entry) => entry.version !== undefined)?.version;
  const all = manifests.flatMap(({ path, versions = [] }) =>
    versions.filter(({ key }) => !isChart(path) || key === 'appVersion').map((one) => one.version),
  );
  const own =
    all.length > 0 ? all : [...manifests, ...locks].flatMap(({ versions = [] }) => versions.map((one) => one.version));
  const votes = [...own, ...(newest === undefined ? [] : [newest])];
  const count = (version: string): number => votes.filter((one) => sameVersion(one, version)).length;
  return own.toSorted((a, b) => count(b) - count(a))[0] ?? newest;
}

async function manifestsOf(p: Params, ctx: StepContext): Promise<{ manifests: SeenFile[]; unmatched: string[] }> {
  const unmatched: string[] = [];
  const paths = new Set<string>();
  for (const pattern of p.manifests ?? []) {
    const found =
      (await ctx.files.kind(pattern)) === 'file' ? [pattern] : (await ctx.files.glob([pattern])).filter(isManifest);
    if (found.length === 0) unmatched.push(pattern);
    for (const path of found) paths.add(path);
  }
  if (!p.manifests) {
    for (const name of await ctx.files.list('.'))
      if (isManifest(name) && (await ctx.files.kind(name)) === 'file') paths.add(name);
    for (const path of await ctx.files.glob(['**/Chart.{yaml,yml}'])) paths.add(path);
  }
  const manifests: SeenFile[] = [];
  const read = async (path: string): Promise<void> => {
    const one = readManifest(path, await ctx.files.read(path));
    // A file VERSION that holds something else is none.
    if (one || /\.|lock/.test(path.split('/').at(-1) ?? ''))
      manifests.push({ path, ...(one && { ...one, name: one.name }) });
  };
  for (const path of paths) await read(path);
  if (p.manifests) return { manifests, unmatched };
  const ofPython = manifests.flatMap(({ path, name }) =>
    /^(?:pyproject\.toml|setup\.(?:py|cfg))$/.test(path) ? (name ?? []) : [],
  );
  for (const path of pythonModules(ofPython)) if ((await ctx.files.kind(path)) === 'file') await read(path);
  const names = new Set(manifests.filter((one) => !isChart(one.path)).map((one) => one.name?.split('/').at(-1)));
  return {
    unmatched,
    manifests: manifests.filter(({ path, name }) => !isChart(path) || !path.includes('/') || names.has(name)),
  };
}

async function changelogPath(p: Params, ctx: StepContext): Promise<string | undefined> {
  return p.changelog === false ? undefined : (p.changelog ?? (await ctx.files.list('.')).find(isChangelog));
}
