import { repeatedKeys } from '../../core/repeated-keys.ts';
import { jsonOf, listOf, objectOf, textOf } from '../data/json-parts.ts';
import { yamlOf } from '../data/yaml.ts';
import { escapeRegex } from '../../core/patterns.ts';
import { tomlOf } from '../data/toml.ts';
import { baseOf } from '../data/paths.ts';

/** A version that a manifest or a lock file has for the project itself. */
export interface Declared {
  /** Where in it: `version`, `appVersion`, `package app`. */
  key: string;
  version: string;
  line: number;
}

/** What a manifest says of the project. */
export interface Manifest {
  name: string | undefined;
  versions: Declared[];
  /** Why it has no version of its own, where that is plain: it is private, or the version is worked out by the build. */
  without?: string;
}

interface Kind {
  /** The file's name, without its folder. */
  file: RegExp;
  /** @returns undefined where the text is none of this kind, or does not parse */
  read(text: string): Manifest | undefined;
}

const lineOf = (text: string, pattern: RegExp): number => {
  const at = text.search(pattern);
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
};
const one = (text: string, name: string | undefined, version: string, pattern: RegExp, key = 'version'): Manifest => ({
  name: name === '' ? undefined : name,
  versions: version === '' ? [] : [{ key, version, line: lineOf(text, pattern) }],
});
/** undefined: it does not parse, or says twice which version it has. */
const json = (text: string): Record<string, unknown> | undefined => {
  const parsed = jsonOf(text);
  return parsed === undefined || repeatedKeys(text).has('version') ? undefined : objectOf(parsed);
};
const tomlVersion = /^\s*version\s*=/m;
const isPlaceholder = (version: string): boolean => /^0\.0\.0(?:-.*)?$/.test(version);
/** The first group of the first match. */
const found = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';

/** Where a Python package says its own version. `_version.py` is most often written by the build. */
const pythonModule = /^(?:__init__|__version__|__about__)\.py$/;
const setupVersion = /^\s*version\s*=\s*["'](\d[^"']*)["']/m;
const dunder = /^__version__(?:\s*:\s*\w+)?\s*=\s*["'](\d[^"']*)["']/m;

function readJson(text: string, own = json(text)): Manifest | undefined {
  if (!own) return undefined;
  const version = textOf(own['version']);
  // What stands where a version has to stand, and is none: a private package, or one that its release fills in.
  if (isPlaceholder(version) || (own['private'] === true && version === ''))
    return { name: textOf(own['name']), versions: [], without: 'it has none of its own' };
  return one(text, textOf(own['name']), version, /"version"\s*:/);
}
/** Deno takes comments, and a comma before a bracket, in its JSON. */
const plainJson = (text: string): string =>
  text
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\/.*|\/\*[\s\S]*?\*\//g, (_, quoted: string | undefined) => quoted ?? '')
    .replace(/,(?=\s*[}\]])/g, '');

const kinds: readonly Kind[] = [
  { file: /^(?:package|composer)\.json$/, read: (text) => readJson(text) },
  { file: /^(?:deno|jsr)\.jsonc?$/, read: (text) => readJson(text, json(plainJson(text))) },
  {
    file: /^Cargo\.toml$/,
    read(text) {
      const own = tomlOf(text);
      if (!own) return undefined;
      const [pack, shared] = [objectOf(own['package']), objectOf(objectOf(own['workspace'])['package'])];
      const version = textOf(pack['version']) || textOf(shared['version']);
      const manifest = one(text, textOf(pack['name']), version, tomlVersion);
      return objectOf(pack['version'])['workspace'] === true && version === ''
        ? { ...manifest, without: 'it is that of the workspace' }
        : manifest;
    },
  },
  {
    file: /^pyproject\.toml$/,
    read(text) {
      const own = tomlOf(text);
      if (!own) return undefined;
      const [project, poetry] = [objectOf(own['project']), objectOf(objectOf(own['tool'])['poetry'])];
      const dynamic = listOf(project['dynamic']).includes('version');
      const name = textOf(project['name']) || textOf(poetry['name']);
      const manifest = one(text, name, textOf(project['version']) || textOf(poetry['version']), tomlVersion);
      return dynamic ? { ...manifest, without: 'the build works it out' } : manifest;
    },
  },
  {
    file: /^setup\.cfg$/,
    read(text) {
      // Other sections are of tools.
      const own = /^\[metadata\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? '';
      const version = found(own, /^version\s*=\s*(\d\S*)\s*$/m);
      return one(
        text,
        found(own, /^name\s*=\s*(\S+)/m),
        version,
        new RegExp(`^version\\s*=\\s*${escapeRegex(version)}`, 'm'),
      );
    },
  },
  {
    file: /^pom\.xml$/,
    read(text) {
      // Those of parent, dependencies, plugins and the like are not its own.
      const own = text
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(
          /<(parent|dependencies|dependencyManagement|build|profiles|properties|modules|reporting)\b[\s\S]*<\/\1>/g,
          '',
        );
      const version = found(own, /<version>\s*([^<\s]+)\s*<\/version>/);
      const manifest = one(
        text,
        found(own, /<artifactId>\s*([^<\s]+)\s*</),
        version.includes('${') ? '' : version,
        new RegExp(`<version>\\s*${escapeRegex(version)}`),
      );
      return version.includes('${')
        ? { ...manifest, without: 'the build works it out' }
        : version === ''
          ? { ...manifest, without: 'it is that of its parent' }
          : manifest;
    },
  },
  {
    file: /^gradle\.properties$/,
    read: (text) => one(text, undefined, found(text, /^version\s*=\s*(\S+)/m), /^version\s*=/m),
  },
  {
    file: /^build\.gradle(?:\.kts)?$/,
    read: (text) => one(text, undefined, found(text, /^version\s*=?\s*["'](\d[^"']*)["']/m), /^version\s*=?/m),
  },
  {
    file: /^Chart\.ya?ml$/,
    read(text) {
      const own = objectOf(yamlOf(text));
      const app = textOf(own['appVersion']);
      return {
        name: textOf(own['name']) || undefined,
        versions: [
          { key: 'version', version: textOf(own['version']), line: lineOf(text, /^version\s*:/m) },
          ...(app === '' ? [] : [{ key: 'appVersion', version: app, line: lineOf(text, /^appVersion\s*:/m) }]),
        ].filter((declared) => declared.version !== ''),
      };
    },
  },
  {
    file: /^(?:galaxy|pubspec)\.ya?ml$/,
    read: (text) =>
      one(text, textOf(objectOf(yamlOf(text))['name']), textOf(objectOf(yamlOf(text))['version']), /^version\s*:/m),
  },
  {
    file: /\.(?:cs|fs|vb)proj$|^Directory\.Build\.props$/,
    read: (text) =>
      one(
        text,
        found(text, /<(?:PackageId|AssemblyName)>([^<]+)</),
        found(text, /<(?:Version|VersionPrefix)>\s*(\d[^<\s]*)\s*</),
        /<(?:Version|VersionPrefix)>/,
      ),
  },
  {
    file: /^mix\.exs$/,
    read: (text) =>
      one(
        text,
        found(text, /app:\s*:(\w+)/),
        found(text, /(?:^|[\s,[])(?:@version|version:)\s*"(\d[^"]*)"/),
        /(?:@version|version:)\s*"/,
      ),
  },
  {
    file: /\.gemspec$/,
    read: (text) =>
      one(
        text,
        found(text, /\.name\s*=\s*["']([^"']+)/),
        found(text, /\.version\s*=\s*["'](\d[^"']*)/),
        /\.version\s*=/,
      ),
  },
  {
    file: /^setup\.py$/,
    read: (text) => one(text, found(text, /^\s*name\s*=\s*["']([^"']+)/m), found(text, setupVersion), setupVersion),
  },
  {
    file: pythonModule,
    read: (text) => one(text, undefined, found(text, dunder), dunder, '__version__'),
  },
  {
    file: /^(?:VERSION|version)(?:\.txt)?$/,
    read: (text) => (/^v?\d[\w.+-]*\s*$/.test(text) ? one(text, undefined, text.trim(), /\S/, 'the file') : undefined),
  },
];

/** A lock file, and what it has for the project itself: by the names that manifests beside it have. */
const locks: readonly { file: RegExp; read(text: string, names: ReadonlySet<string>): Declared[] | undefined }[] = [
  {
    file: /^(?:package-lock|npm-shrinkwrap)\.json$/,
    read(text) {
      const own = json(text);
      if (!own) return undefined;
      const root = objectOf(objectOf(own['packages'])['']);
      const outer = textOf(own['version']);
      return [
        ...(outer === '' || isPlaceholder(outer)
          ? []
          : [{ key: 'version', version: outer, line: lineOf(text, /"version"\s*:/) }]),
        ...(textOf(root['version']) === '' || isPlaceholder(textOf(root['version']))
          ? []
          : [
              {
                key: 'packages[""].version',
                version: textOf(root['version']),
                line: lineOf(text, /"packages"\s*:/) + 1,
              },
            ]),
      ];
    },
  },
  {
    file: /^(?:Cargo|uv)\.lock$/,
    read(text, names) {
      const own = tomlOf(text);
      return (
        own &&
        listOf(own['package'])
          .map(objectOf)
          .flatMap((pack) => {
            const [name, version, source] = [textOf(pack['name']), textOf(pack['version']), pack['source']];
            const local =
              source === undefined ||
              ['editable', 'virtual', 'directory'].some((key) => Object.hasOwn(objectOf(source), key));
            if (!local || version === '' || !names.has(name.replaceAll('_', '-').toLowerCase())) return [];
            return [
              {
                key: `package ${name}`,
                version,
                line: lineOf(text, new RegExp(`^name = "${escapeRegex(name)}"`, 'm')) + 1,
              },
            ];
          })
      );
    },
  },
];

/** Is a file of this name a manifest that may bear the project's version? */
export const isManifest = (path: string): boolean => kinds.some((kind) => kind.file.test(baseOf(path)));
/** Where the Python package of a project may lie, relative to its root. @param names of the manifests in the root */
export const pythonModules = (names: readonly string[]): string[] => {
  const folders = names.map((name) => name.replace(/[-.]+/g, '_')).flatMap((name) => [name, name.toLowerCase()]);
  return [...new Set(folders)].flatMap((folder) =>
    ['', 'src/', 'lib/'].flatMap((root) =>
      ['__init__', '__version__', '__about__'].map((file) => `${root}${folder}/${file}.py`),
    ),
  );
};
export const isChart = (path: string): boolean => /^Chart\.ya?ml$/.test(baseOf(path));
export const isLock = (path: string): boolean => locks.some((lock) => lock.file.test(baseOf(path)));

/** What a manifest says; undefined where it does not parse, or is none. */
export const readManifest = (path: string, text: string): Manifest | undefined =>
  kinds.find((kind) => kind.file.test(baseOf(path)))?.read(text.replace(/^\uFEFF/, ''));

/** What a lock file says of the project; undefined where it does not parse. @param names of the manifests beside it */
export const readLock = (path: string, text: string, names: readonly string[]): Declared[] | undefined =>
  locks
    .find((lock) => lock.file.test(baseOf(path)))
    ?.read(text, new Set(names.map((name) => name.replaceAll('_', '-').toLowerCase())));
