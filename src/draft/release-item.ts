import { isChangelog, readChangelog } from '../formats/release/changelog.ts';
import { isChart, isLock, isManifest, pythonModules, readLock, readManifest } from '../formats/release/manifests.ts';
import type { DraftItem, ProjectTree } from '../toolchains/drafted.ts';
import type { Ids } from './draft.ts';

/** A version that is not meant to be released as it stands: 1.4.0-SNAPSHOT, 1.4.0.dev0. */
const inWork = /snapshot|[-.+]dev|^0\.0\.0\b/i;

/**
 * The agreement of a release, where two files of the root or more name its version. Whether a tag is on the commit is left out: what is
 * drafted between two releases has none.
 */
export function releaseItem(tree: ProjectTree, ids: Ids): DraftItem[] {
  const text = (path: string): string => tree.text(path) ?? '';
  const root = tree.paths.filter((path) => !path.includes('/'));
  const manifests = root
    .filter((path) => isManifest(path) && !isChart(path))
    .map((path) => ({ path, ...readManifest(path, text(path)) }));
  // Of a program in another language package.json only lists what its pages need.
  const beside = /^(?:composer\.json|Gemfile|pyproject\.toml|setup\.(?:py|cfg)|Cargo\.toml|go\.mod|pom\.xml|mix\.exs)$/;
  const versioned = manifests.filter(({ versions }) => (versions ?? []).length > 0).map(({ path }) => path);
  if (versioned.every((path) => path === 'package.json') && root.some((path) => beside.test(path))) return [];
  const names = manifests.flatMap(({ name }) => name ?? []);
  // Packages of several names are released each by itself.
  if (new Set(names.map((name) => (name.split('/').at(-1) ?? '').toLowerCase().replace(/[._]/g, '-'))).size > 1)
    return [];
  const modules = pythonModules(
    manifests.flatMap(({ path, name }) => (/^(?:pyproject|setup)\./.test(path) ? (name ?? []) : [])),
  ).filter((path) => tree.paths.includes(path));
  const versions = [
    ...manifests.map(({ versions: own }) => own ?? []),
    ...modules.map((path) => readManifest(path, text(path))?.versions ?? []),
    ...root.filter(isLock).map((path) => readLock(path, text(path), names) ?? []),
  ].flatMap((own) => own.slice(0, 1).map((one) => one.version));
  const told = root.some(
    (path) => isChangelog(path) && readChangelog(text(path)).some((entry) => entry.version !== undefined),
  );
  if (versions.length === 0 || versions.length + (told ? 1 : 0) < 2 || versions.some((one) => inWork.test(one)))
    return [];
  return [
    {
      id: ids.take('release'),
      title: 'Everything that names the version names the same one',
      impact: 'major',
      steps: [
        {
          id: ids.take('release-agrees'),
          uses: 'release/consistent',
          with: { tag: 'ignored' },
          note: 'for a release: `tag: required`, and `mentions` for texts that name the version',
        },
      ],
    },
  ];
}
