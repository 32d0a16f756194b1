import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { composeFile, volumesOf } from '../formats/compose/written.ts';
import { type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { resolveFrom, baseOf, folderOf, inFolder } from '../formats/data/paths.ts';

/** Compose files that are given to Compose together. */
export interface ComposeSet {
  files: string[];
  profiles: string[];
  envFile?: string;
  /** The folder from which its relative paths count, where something gives Compose another than the first file's. */
  projectDirectory?: string;
  /** It needs a value that is not set here, or a network or volume from outside. */
  needs: boolean;
  /** Name → definition, as far as the files say without Compose's help. */
  services: Record<string, JsonObject>;
}

interface ComposeFile {
  path: string;
  services: Record<string, JsonObject>;
  /** Names of networks, volumes, configs and secrets that it declares. */
  declared: Set<string>;
  text: string;
  /** It does not parse: Compose shall say so. */
  broken: boolean;
  /** It names its project. */
  named: boolean;
}

const named = /(?:^|[.-])compose(?:[.-][\w.-]+)?\.ya?ml$/;
const topKeys = new Set('version name services networks volumes configs secrets include models'.split(' '));
const bases = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const isOverride = (path: string): boolean => /^(?:docker-)?compose\.override\.ya?ml$/.test(baseOf(path));
const isTemplate = (text: string): boolean => /\{\{|\{%|<%/.test(text);
/** `docker-compose-template.yaml` */
export const isTemplateName = (path: string): boolean =>
  /(?:^|[._-])(?:template|tmpl|tpl)(?=[._-]|$)/i.test(baseOf(path));
const isWhole = (service: JsonObject): boolean => 'image' in service || 'build' in service || 'extends' in service;

function readCompose(path: string, tree: Tree): ComposeFile | undefined {
  const text = tree.text(path) ?? '';
  // Rancher 1 kept what only it knows in a file of its own.
  if (!/^\s*["']?(?:services|include)["']?\s*:/m.test(text) || baseOf(path).startsWith('rancher-compose'))
    return undefined;
  const written = tree.of(path, composeFile);
  if (!written || written.broken) {
    if (!bases.includes(baseOf(path)) || isTemplate(text)) return undefined;
    return { path, services: {}, declared: new Set(), text, broken: true, named: false };
  }
  const { root, services } = written;
  // Something else fills it in first.
  if (
    isTemplateName(path) ||
    /^\s*\{\{.*\}\}\s*:/m.test(text) ||
    Object.values(services).some((one) => textOf(one['image']).includes('{{'))
  )
    return undefined;
  const keys = Object.keys(root);
  if (!keys.every((key) => topKeys.has(key) || key.startsWith('x-'))) return undefined;
  const whole = Object.values(services).some(isWhole);
  if (!whole && !(named.test(baseOf(path)) && (Object.keys(services).length > 0 || 'include' in root)))
    return undefined;
  const declared = new Set(
    ['networks', 'volumes', 'configs', 'secrets'].flatMap((key) => Object.keys(objectOf(root[key]))),
  );
  return { path, services, declared, text, broken: false, named: 'name' in root };
}

/** Names that a service refers to and that must be declared for Compose to take the file. */
function references(service: JsonObject): { services: string[]; declared: string[] } {
  const keysOf = (value: unknown): string[] =>
    Array.isArray(value) ? value.map(textOf) : Object.keys(objectOf(value));
  const volumes = volumesOf(service)
    .filter(({ source, target }) => /^[A-Za-z0-9][\w.-]*$/.test(source) && target !== '')
    .map(({ source }) => source);
  return {
    services: [
      ...keysOf(service['depends_on']),
      ...listOf(service['links']).map((one) => textOf(one).split(':')[0] ?? ''),
    ],
    declared: [...keysOf(service['networks']).filter((name) => name !== 'default'), ...volumes],
  };
}

const standsAlone = (file: ComposeFile): boolean =>
  Object.values(file.services).every((service) => {
    const { services, declared } = references(service);
    return (
      isWhole(service) &&
      services.every((name) => name in file.services) &&
      declared.every((name) => file.declared.has(name))
    );
  });

/** Sources of a file's bind mounts that are relative to a folder. */
const mountsOf = (file: ComposeFile): string[] =>
  Object.values(file.services)
    .flatMap(volumesOf)
    .map(({ source }) => source)
    .filter((source) => /^\.{1,2}\//.test(source));

/** All of a file's relative paths: mounts, build contexts and env files. */
const relativePaths = (file: ComposeFile): string[] => [
  ...mountsOf(file),
  ...Object.values(file.services).flatMap((service) => {
    const build = service['build'];
    const named = [build, objectOf(build)['context'], ...listOf(service['env_file'])];
    return named.map(textOf).filter((path) => path !== '' && !/^[/~]|\$|:\/\//.test(path));
  }),
];

/**
 * The folder above a file from which its paths are there, and from its own they are not, where a script, Makefile or document of the
 * repository calls Compose with --project-directory.
 */
function projectFolder(tree: Tree, file: ComposeFile): string | undefined {
  const missing = relativePaths(file).filter((path) => !isThere(tree, folderOf(file.path), path));
  if (missing.length === 0) return undefined;
  for (let folder = folderOf(file.path); folder !== '';) {
    folder = folderOf(folder);
    if (missing.some((path) => isThere(tree, folder, path)) && tree.paths.some((path) => setsProjectFolder(tree, path)))
      return folder || '.';
  }
  return undefined;
}
const setsProjectFolder = (tree: Tree, path: string): boolean =>
  /(?:^|\/)(?:[Mm]akefile|[Jj]ustfile|package\.json)$|\.(?:mk|sh|bash|ya?ml|md|py)$/.test(path) &&
  tree.text(path)?.includes('--project-directory') === true;

function isThere(tree: Tree, folder: string, source: string): boolean {
  const at = resolveFrom(folder, source);
  return at !== undefined && tree.paths.some((path) => path === at || path.startsWith(`${at}/`));
}

/**
 * The file in a folder above from whose folder the file's own relative mounts are there, though they are not beside it: Compose
 * counts paths from the folder of the first file that it is given.
 */
function baseAbove(tree: Tree, file: ComposeFile, files: readonly ComposeFile[]): ComposeFile | undefined {
  const mounts = mountsOf(file);
  const there = (folder: string): boolean => mounts.every((source) => isThere(tree, folder, source));
  if (mounts.length === 0 || there(folderOf(file.path))) return undefined;
  for (let folder = folderOf(file.path); folder !== '';) {
    folder = folderOf(folder);
    const base = bases.flatMap((name) => files.find((one) => one.path === inFolder(folder, name)) ?? [])[0];
    if (base && there(folder)) return base;
  }
  return undefined;
}

/**
 * Why a file is a part of a stack that something else puts together; undefined where it may be one by itself. Its services are
 * whole in another file only, or what it mounts is there only from a folder above.
 */
function partOf(tree: Tree, file: ComposeFile, files: readonly ComposeFile[]): string | undefined {
  const bare = Object.entries(file.services).find(([, service]) => !isWhole(service))?.[0];
  const other = files.find((one) => one !== file && bare !== undefined && isWhole(one.services[bare] ?? {}));
  if (other) return `its service ${bare} has neither image nor build, and ${other.path} gives it one`;
  const refers = Object.values(file.services).flatMap((service) => references(service).declared);
  const undeclared = refers.find((name) => !file.declared.has(name));
  const declaring = files.find((one) => one !== file && undeclared !== undefined && one.declared.has(undeclared));
  if (declaring) return `it needs ${undeclared}, which ${declaring.path} declares`;
  const missing = mountsOf(file).filter((source) => !isThere(tree, folderOf(file.path), source));
  if (missing.length > 0 && /(?:^|\/)[._]?templates?\//.test(file.path))
    return 'it lies in a folder of templates, and what it mounts is put beside what is made of it';
  for (let folder = folderOf(file.path); folder !== '' && missing.length > 0;) {
    folder = folderOf(folder);
    const above = missing.filter((source) => isThere(tree, folder, source));
    const deep = above.filter((source) => source.includes('/', 2));
    const none = missing.length === mountsOf(file).length;
    if (
      deep.length * 2 > missing.length ||
      (none && deep.length >= 3) ||
      (missing.length > 1 && above.length === missing.length)
    )
      return `what it mounts is there from ${folder || 'the top'} only: it is given to Compose behind another file`;
  }
  return undefined;
}

/** The first file that has every service which another lays something over. */
const baseOfAll = (file: ComposeFile, files: readonly ComposeFile[]): ComposeFile | undefined =>
  files.find(
    (one) => one !== file && standsAlone(one) && Object.keys(file.services).every((name) => name in one.services),
  );

/** The sets of compose files of a repository, by what they hold. */
export function composeSets(tree: Tree): { sets: ComposeSet[]; leftOut: string[] } {
  const files = tree.paths.filter((path) => /\.ya?ml$/.test(path)).flatMap((path) => readCompose(path, tree) ?? []);
  const leftOut: string[] = [];
  const sets: ComposeSet[] = [];
  // What another file's services extend is read with it.
  const extended = new Set(
    files.flatMap(({ path, services }) =>
      Object.values(services).flatMap((one) => {
        const from = textOf(objectOf(one['extends'])['file']);
        return from === '' ? [] : [resolveFrom(folderOf(path), from)];
      }),
    ),
  );
  for (const folder of new Set(files.map((file) => folderOf(file.path)))) {
    const here = files.filter((file) => folderOf(file.path) === folder);
    const base = bases.flatMap((name) => here.find((file) => baseOf(file.path) === name) ?? [])[0];
    const override = here.find((file) => isOverride(file.path));
    const from = base && projectFolder(tree, base);
    const part = base && from === undefined ? partOf(tree, base, files) : undefined;
    if (part !== undefined) leftOut.push(`${base?.path}: ${part}`);
    else if (base) sets.push(...setsOf(tree, override && !base.broken ? [base, override] : [base], from));
    for (const file of here) {
      if (file === base || isOverride(file.path) || bases.includes(baseOf(file.path))) continue;
      if (base !== undefined && extended.has(file.path)) continue;
      const extendsBase =
        base !== undefined &&
        Object.entries(file.services).every(([name, one]) => isWhole(one) || name in base.services);
      // Files of one folder are one project on one network, unless they name it or stand for one another.
      const besideBase =
        base &&
        !file.named &&
        /compose/i.test(baseOf(file.path)) &&
        !Object.keys(file.services).some((name) => name in base.services) &&
        !sharesTaken(base, file);
      const elsewhere = projectFolder(tree, file);
      if (elsewhere !== undefined && standsAlone(file)) {
        sets.push(...setsOf(tree, [file], elsewhere));
        continue;
      }
      const above = base === undefined ? baseAbove(tree, file, files) : undefined;
      const piece = above ? undefined : partOf(tree, file, files);
      if (above) sets.push(...setsOf(tree, [above, file]));
      else if (base === undefined && piece !== undefined) leftOut.push(`${file.path}: ${piece}`);
      else if (standsAlone(file)) sets.push(...setsOf(tree, base && besideBase === true ? [base, file] : [file]));
      else if (base && extendsBase) sets.push(...setsOf(tree, [baseOfAll(file, [base, ...here]) ?? base, file]));
      else leftOut.push(`${file.path}: it needs other compose files, and which is not known`);
    }
  }
  return { sets, leftOut };
}

function setsOf(tree: Tree, files: readonly ComposeFile[], projectDirectory?: string): ComposeSet[] {
  const services: Record<string, JsonObject> = {};
  for (const file of files)
    for (const [name, one] of Object.entries(file.services)) services[name] = { ...services[name], ...one };
  const profiles = [...new Set(Object.values(services).flatMap((one) => listOf(one['profiles']).map(textOf)))].filter(
    (name) => name !== '',
  );
  const envFile = exampleOf(tree, files);
  const needs = needsValues(files) || files.some((file) => /^\s+external:\s*(?!false)/m.test(file.text));
  const set = (chosen: string[]): ComposeSet => ({
    files: files.map((file) => file.path),
    profiles: chosen,
    services,
    needs,
    ...(envFile !== undefined && { envFile }),
    ...(projectDirectory !== undefined && { projectDirectory }),
  });
  return profiles.length > 1 && alternatives(services) ? profiles.map((one) => set([one])) : [set(profiles)];
}

/** What only one container can have: its ports of the host and its name. */
const takenBy = (service: JsonObject): string[] =>
  [
    ...listOf(service['ports']).map((one) =>
      typeof one === 'object'
        ? textOf(objectOf(one)['published'])
        : textOf(one).includes(':')
          ? textOf(one).replace(/:[^:]*$/, '')
          : '',
    ),
    textOf(service['container_name']),
  ].filter((text) => text !== '');

const ofAnEnvironment =
  /(?:^|[.-])(?:prod|production|dev|development|test|tests|testing|e2e|stage|staging|ci|local|debug|demo|full|minimal|lite|single|standalone)[.-]/i;

/**
 * Do two files want the same ports or container names, so that one stands for the other? A single clash of files that are meant
 * for one another is a defect, and Compose is asked about both.
 */
function sharesTaken(base: ComposeFile, file: ComposeFile): boolean {
  const taken = new Set(Object.values(base.services).flatMap(takenBy));
  const own = Object.values(file.services)
    .map(takenBy)
    .filter((keys) => keys.length > 0);
  const clashes = own.filter((keys) => keys.some((key) => taken.has(key))).length;
  return clashes > 0 && (ofAnEnvironment.test(baseOf(file.path)) || clashes * 2 > own.length);
}

/** Do services of different profiles want the same port or container name, so that they are never up together? */
function alternatives(services: Record<string, JsonObject>): boolean {
  const seen = new Map<string, string>();
  for (const service of Object.values(services)) {
    const profiles = listOf(service['profiles']).map(textOf).toSorted().join(' ');
    for (const key of takenBy(service)) {
      const other = seen.get(key);
      if (other !== undefined && other !== profiles) return true;
      seen.set(key, profiles);
    }
  }
  return false;
}

const needsValues = (files: readonly ComposeFile[]): boolean =>
  files.some((file) =>
    /\$\{\w+:?\?|\$\{\w+\}|\$[A-Za-z_]\w*|^\s*env_file\s*:\s*(?:-\s*)?["']?(?:\.\/)?\.env["']?\s*$/m.test(
      file.text.replace(/\$\$/g, ''),
    ),
  );

/** Names of an example of a `.env` file: `.env.example`, `env.sample`, `default.env`, `.env.local.example` and the like. */
const exampleName =
  /^\.?(?:env(?:[._-]\w+)*[._-](?:example|sample|template|dist|defaults?|tmpl|tpl)|(?:example|sample|template|dist|defaults?)[._-]\.?env)$/i;

/** The example of a `.env` file where the files need values and there is no `.env`: beside them, else at the top. */
function exampleOf(tree: Tree, files: readonly ComposeFile[]): string | undefined {
  const folder = folderOf(files[0]?.path ?? '');
  if (!needsValues(files) || tree.paths.includes(inFolder(folder, '.env'))) return undefined;
  const beside = tree.paths.filter((path) => folderOf(path) === folder && exampleName.test(baseOf(path)));
  // One whose values are for the reader to put in resolves nothing.
  const filled = beside.filter((path) => !/^\w+=["']?<[^>\n]+>/m.test(tree.text(path) ?? ''));
  return filled.toSorted((a, b) => a.length - b.length)[0];
}
