import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { library } from '../formats/data/libraries.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { provesOf, whyNotRun, type Check } from './check-words.ts';
import { parseShell } from '../formats/programs/shell.ts';
import { isPreparation, LeftOut } from './ci-rest.ts';
import { circleScripts, githubScripts, gitlabScripts, lineOf, type Script } from './ci-scripts.ts';
import { pipelines, wordsOf } from './commands.ts';
import type { ProjectTree as Tree } from '../toolchains/drafted.ts';
import { packageManager } from '../toolchains/npm/package-manager.ts';
import { resolveFrom } from '../formats/data/paths.ts';

export interface CiSeen {
  files: string[];
  checks: Check[];
  leftOut: string[];
}

/** What the CI configurations of a repository run to check it. What they do beside that is named. */
export function ciChecks(tree: Tree): CiSeen {
  const found: CiSeen = { files: [], checks: [], leftOut: [] };
  const scripts: Script[] = [];
  const left = new LeftOut();
  const included = includedByGitlab(tree);
  for (const path of tree.paths) {
    const read = /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)
      ? githubScripts
      : /^\.gitlab-ci\.ya?ml$|^\.gitlab\/.*\.ya?ml$/.test(path) || included.has(path)
        ? gitlabScripts
        : /^\.circleci\/config\.ya?ml$/.test(path)
          ? circleScripts
          : undefined;
    if (!read) continue;
    found.files.push(path);
    const root = objectOf(yamlOf(tree.text(path) ?? ''));
    if (Object.keys(root).length === 0) found.leftOut.push(`${path}: it could not be read as YAML`);
    scripts.push(...read(path, root, { tree, leftOut: found.leftOut }));
  }
  const known = new Set<string>();
  // What a nightly run repeats is drafted of the run for each change.
  const often = scripts.toSorted((a, b) => Number(a.special !== undefined) - Number(b.special !== undefined));
  for (const script of often) for (const one of expand(script)) readScript(one, tree, known, found, left);
  for (const { file, special } of scripts)
    if (
      special !== undefined &&
      !file.startsWith('.github/actions/') &&
      found.checks.every((one) => !one.from.startsWith(`${file}:`))
    )
      left.file(file, special);
  found.leftOut.push(...left.lines());
  return found;
}

/** Files of the repository that GitLab's configuration includes by their path. */
function includedByGitlab(tree: Tree): Set<string> {
  const found = new Set<string>();
  const follow = (path: string): void => {
    for (const one of [objectOf(yamlOf(tree.text(path) ?? ''))['include']].flat()) {
      const local = (typeof one === 'string' ? one : textOf(objectOf(one)['local'])).replace(/^\//, '');
      for (const other of tree.paths)
        if (local !== '' && library('picomatch').isMatch(other, local) && !found.has(other)) {
          found.add(other);
          follow(other);
        }
    }
  };
  for (const path of tree.paths) if (/^\.gitlab-ci\.ya?ml$/.test(path)) follow(path);
  return found;
}

/** The script once for each value of the matrix that it names. */
function expand(script: Script): Script[] {
  const ownEnv = Object.entries(script.env).filter(([name]) => readsIt(script.text, name));
  const all = [script.text, script.cwd, ...ownEnv.map(([, value]) => value)].join('\n');
  const used = Object.entries(script.matrix).filter(
    ([key, list]) => list.length > 0 && new RegExp(`\\$\\{\\{\\s*matrix\\.${key}\\s*\\}\\}`).test(all),
  );
  let made = [script];
  for (const [key, list] of used) {
    const pattern = new RegExp(`\\$\\{\\{\\s*matrix\\.${key}\\s*\\}\\}`, 'g');
    const values = valuesFor(list);
    // The environment of tox that belongs to the Python at hand.
    const own = (text: string): string =>
      values.length < list.length ? text.replace(new RegExp(`(\\btox\\b.* -e ?)${pattern.source}`, 'g'), '$1py') : text;
    made = made.flatMap((one) =>
      values.map((value) => ({
        ...one,
        written: script.text,
        text: own(one.text).replace(pattern, () => value),
        cwd: one.cwd.replace(pattern, () => value),
        env: Object.fromEntries(
          Object.entries(one.env).map(([name, text]) => [name, text.replace(pattern, () => value)]),
        ),
        ...(values.length < list.length && { versions: list.join(', ') }),
      })),
    );
    if (made.length > 12) return [script];
  }
  return made;
}

function readScript(script: Script, tree: Tree, known: Set<string>, found: CiSeen, left: LeftOut): void {
  const env = Object.entries(script.env);
  const text = script.text.replace(/\$\{\{\s*env\.(\w+)\s*\}\}/g, (all, name: string) => script.env[name] ?? all);
  // An expression is one word, whatever stands in it.
  const whole = text.replace(/\$\{\{[\s\S]*?\}\}/g, '$__ONLY_CI');
  for (const pipeline of pipelines(parseShell(whole))) {
    const [head] = pipeline.commands;
    if (!head) continue;
    const { words: given, env: own, open: opens } = wordsOf(head);
    const words = wholeOf(given);
    const open = words.length === given.length ? opens : words.some((word) => /[$`*?]/.test(word));
    const does = provesOf(words);
    if (!does && (script.special !== undefined || pipeline.commands.every((one) => isPreparation(wordsOf(one).words))))
      continue;
    const raw = pipeline.raw
      .replace(/\s*\\\n\s*/g, ' ')
      .replace(/\s+/g, ' ')
      .replaceAll('$__ONLY_CI', '${{…}}');
    const file = tree.text(script.file) ?? '';
    const line =
      lineOf(file, script.action ?? pipeline.raw) ?? lineOf(file, script.written?.split('\n')[pipeline.line - 1]) ?? 1;
    const place = `${script.file}:${line}`;
    if (!does) {
      const why = /^git diff .*--(?:exit-code|quiet)/.test(words.join(' '))
        ? 'it fails if the commands before it changed a file; so does a `command` step of theirs with `tree: unchanged`'
        : 'what it checks is not known; if it matters, add a `command` step';
      left.command(raw, script.file, line, why, script.written !== undefined);
      continue;
    }
    const cwd = pipeline.cwd === undefined ? undefined : resolveFrom(script.cwd, pipeline.cwd);
    const id = JSON.stringify([words, cwd ?? '']);
    if (known.has(id)) continue;
    // Wheel and source package may be built by a call each.
    if (does.key === 'python-build' && found.checks.some((one) => one.key === does.key && one.cwd === (cwd ?? '')))
      continue;
    const twin = found.checks.findIndex(
      (one) => one.key.startsWith('script:') && one.key === does.key && one.cwd === cwd,
    );
    // CI may try several package managers: one is enough, and it is the project's own where that is among them.
    if (twin >= 0 && words[0] !== packageManager(tree, cwd ?? '').program) continue;
    if (twin >= 0) found.checks.splice(twin, 1);
    const why =
      script.special ??
      (cwd === undefined || /\$/.test(cwd)
        ? 'the folder in which it runs is known to CI alone'
        : !isThere(tree, cwd)
          ? `the folder ${cwd} is not in the repository`
          : (whyNotRun(words) ??
            withServices(script) ??
            (raw.includes('${{…}}') || env.some(([name, value]) => value.includes('${{') && readsIt(raw, name))
              ? 'it holds a value that only CI knows'
              : undefined)));
    if (why !== undefined) {
      if (!known.has(`${script.file} ${id}`)) left.command(raw, script.file, line, why);
      known.add(`${script.file} ${id}`);
      continue;
    }
    known.add(id);
    if (script.versions !== undefined)
      left.command(raw, script.file, line, `drafted once, and not for each of ${script.versions}`);
    const tee = pipeline.commands.slice(1).every((one) => /^(?:tee|cat)$/.test(one.argv[0]?.text ?? ''));
    const literal = !open && tee;
    const named = env.filter(
      ([name, value]) =>
        !value.includes('$') && !/TOKEN|SECRET|PASSWORD|_KEY$|^GITHUB_|^ACTIONS_/i.test(name) && !onlyShows.test(name),
    );
    found.checks.push({
      ...does,
      ...(literal ? { run: words } : { shell: pipeline.raw }),
      cwd: cwd ?? '',
      env: { ...Object.fromEntries(named), ...(literal ? own : {}) },
      from: place,
    });
  }
}

/** Variables that change how a program tells what it did. */
const onlyShows = /^(?:FORCE_COLOR|NO_COLOR|PY_COLORS|CLICOLOR\w*|TERM|CARGO_TERM_\w+|PIP_\w+)$/;

const withServices = ({ services }: Script): string | undefined =>
  services.length === 0 ? undefined : `CI starts ${services.join(', ')} beside it, which \`stack:\` can do here`;

/** Folders of tests are not looked into, so that of them it is not known. */
const isThere = (tree: Tree, folder: string): boolean =>
  folder === '' ||
  /(?:^|\/)(?:\.|tests?|e2e|spec|fixtures?)/.test(folder) ||
  tree.paths.some((path) => path.startsWith(`${folder}/`));

/** Does a script read the variable? */
const readsIt = (script: string, name: string): boolean => new RegExp(`\\$\\{?${name}\\b`).test(script);

/** Values of a matrix that are versions of a language: of several, one is drafted. */
const isVersion = (value: string): boolean =>
  /^(?:py|cp|pypy-?|graalpy-?|node|go|v|ruby-?|jruby-?)?\d+(?:\.[\dx]+)*(?:-?(?:t|dev|rc\d*|nightly|lts))?$|^(?:latest|stable|current|beta|nightly|lts(?:\/\*|\/-1)?)$/i.test(
    value,
  );

/** The values for which a check is drafted: of versions the newest that is a plain number, of anything else all. */
function valuesFor(list: readonly string[]): readonly string[] {
  if (list.length < 2 || !list.every(isVersion)) return list;
  const stable = list.find((one) => /^(?:stable|lts(?:\/\*)?)$/.test(one));
  if (stable !== undefined) return [stable];
  const plain = list.filter((one) => /^[\d.]+$/.test(one));
  const newest = (plain.length > 0 ? plain : [...list]).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return newest.slice(-1);
}

/**
 * The words of a check without what is there for CI alone: the share of one of several machines (`--shard`), the commits
 * between which only what was affected is checked, and that tox has installed the package in a call before. A release checks all.
 */
function wholeOf(words: readonly string[]): string[] {
  const nx = words.indexOf('nx');
  const affected = nx >= 0 && words[nx + 1] === 'affected';
  const dropped = affected ? /^--(?:shard|base|head|parallel)$/ : nx >= 0 ? /^--(?:shard|base|head)$/ : /^--shard$/;
  const found: string[] = [];
  for (let n = 0; n < words.length; n++) {
    const word = words[n] ?? '';
    if (dropped.test(word)) n++;
    else if (word !== '--skip-pkg-install' && !dropped.test(word.replace(/=.*$/s, '')))
      found.push(affected && n === nx + 1 ? 'run-many' : word);
  }
  return found.at(-1) === '--' ? found.slice(0, -1) : found;
}
