import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { provesOf, whyNotRun, type Check } from './check-words.ts';
import { parseShell } from '../formats/programs/shell.ts';
import { isPreparation, LeftOut, stepsOfAction } from './ci-rest.ts';
import { pipelines, wordsOf } from './commands.ts';
import { type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { packageManager } from '../toolchains/npm/package-manager.ts';
import { resolveFrom } from '../formats/data/paths.ts';

/** A script of a CI configuration, and where and with what it runs. */
interface Script {
  file: string;
  text: string;
  cwd: string;
  env: Record<string, string>;
  /** Values of `${{ matrix.X }}`. */
  matrix: Record<string, string[]>;
  /** Containers that CI starts beside it. */
  services: string[];
  /** What stands in the file where it is an action that runs it. */
  action?: string;
  /** Why it is not for every machine or every change. */
  special?: string;
}

export interface CiSeen {
  files: string[];
  checks: Check[];
  leftOut: string[];
}

/** Actions of GitHub that only wrap one command. */
const actions: readonly [name: RegExp, run: string][] = [
  [/^pre-commit\/action$/, 'pre-commit run --all-files'],
  [/^j178\/prek-action$/, 'prek run --all-files'],
  [/^golangci\/golangci-lint-action$/, 'golangci-lint run'],
  [/^(?:astral-sh\/ruff-action|chartboost\/ruff-action)$/, 'ruff check'],
  [/^psf\/black$/, 'black --check .'],
  [/^crate-ci\/typos$/, 'typos'],
  [/^golang\/govulncheck-action$/, 'govulncheck ./...'],
];
/** Actions that fetch, set up, keep and publish, and check nothing. */
const prepares =
  /checkout|setup|cache|artifact|install|toolchain|login|docker\/|release|publish|deploy|codecov|coveralls|comment|label|buildx|qemu|upload|download|free-disk|rust-|pages|app-token|configure|paths-filter|changed-files|tmate|harden-runner|\/slack/i;

const values = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(objectOf(value)).flatMap(([key, one]) =>
      ['string', 'number', 'boolean'].includes(typeof one) ? [[key, String(one)]] : [],
    ),
  );

/** What the CI configurations of a repository run to check it. What they do beside that is named. */
export function ciChecks(tree: Tree): CiSeen {
  const found: CiSeen = { files: [], checks: [], leftOut: [] };
  const scripts: Script[] = [];
  const left = new LeftOut();
  for (const path of tree.paths) {
    const read = /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)
      ? githubScripts
      : /^\.gitlab-ci\.ya?ml$|^\.gitlab\/.*\.ya?ml$/.test(path)
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
  for (const script of scripts) for (const one of expand(script)) readScript(one, tree, known, found, left);
  for (const { file, special } of scripts)
    if (special !== undefined && found.checks.every((one) => !one.from.startsWith(`${file}:`)))
      left.file(file, special);
  found.leftOut.push(...left.lines());
  return found;
}

/** The script once for each value of the matrix that it names. */
function expand(script: Script): Script[] {
  const all = `${script.text}\n${script.cwd}`;
  const used = Object.entries(script.matrix).filter(
    ([key, list]) => list.length > 0 && new RegExp(`\\$\\{\\{\\s*matrix\\.${key}\\s*\\}\\}`).test(all),
  );
  let made = [script];
  for (const [key, list] of used) {
    const pattern = new RegExp(`\\$\\{\\{\\s*matrix\\.${key}\\s*\\}\\}`, 'g');
    made = made.flatMap((one) =>
      list.map((value) => ({
        ...one,
        text: one.text.replace(pattern, () => value),
        cwd: one.cwd.replace(pattern, () => value),
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
  const whole = text.replace(/\$\{\{[^}]*\}\}/g, '$__ONLY_CI');
  for (const pipeline of pipelines(parseShell(whole))) {
    const [head] = pipeline.commands;
    if (!head) continue;
    const { words, env: own, open } = wordsOf(head);
    const does = provesOf(words);
    if (!does && (script.special !== undefined || pipeline.commands.every((one) => isPreparation(wordsOf(one).words))))
      continue;
    const raw = pipeline.raw
      .replace(/\s*\\\n\s*/g, ' ')
      .replace(/\s+/g, ' ')
      .replaceAll('$__ONLY_CI', '${{…}}');
    const line = lineOf(tree.text(script.file) ?? '', script.action ?? pipeline.raw);
    const place = `${script.file}:${line}`;
    if (!does) {
      left.command(raw, script.file, line, 'what it checks is not known; if it matters, add a `command` step');
      continue;
    }
    const cwd = pipeline.cwd === undefined ? undefined : resolveFrom(script.cwd, pipeline.cwd);
    const id = JSON.stringify([words, cwd ?? '']);
    if (known.has(id)) continue;
    const twin = found.checks.findIndex(
      (one) => one.key.startsWith('script:') && one.key === does.key && one.cwd === cwd,
    );
    // CI may try several package managers: one is enough, and it is the project's own where that is among them.
    if (twin >= 0 && words[0] !== packageManager(tree, cwd ?? '').program) continue;
    if (twin >= 0) found.checks.splice(twin, 1);
    const why =
      script.special ??
      (cwd === undefined || /\$/.test(cwd)
        ? 'where it runs is not known'
        : !isThere(tree, cwd)
          ? `the folder ${cwd} is not in the repository`
          : (whyNotRun(words) ??
            withServices(script) ??
            (raw.includes('${{…}}') ? 'it holds a value that only CI knows' : undefined)));
    if (why !== undefined) {
      left.command(raw, script.file, line, why);
      known.add(id);
      continue;
    }
    known.add(id);
    const tee = pipeline.commands.slice(1).every((one) => /^(?:tee|cat)$/.test(one.argv[0]?.text ?? ''));
    const literal = !open && tee;
    const named = env.filter(
      ([name, value]) =>
        !value.includes('$') && !/TOKEN|SECRET|PASSWORD|_KEY$|^GITHUB_|^ACTIONS_/i.test(name) && !onlyShows.test(name),
    );
    found.checks.push({
      ...does,
      ...(literal ? { run: [...words] } : { shell: pipeline.raw }),
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

function lineOf(text: string, raw: string): number {
  const [first = ''] = raw.split('\n');
  const at = text.indexOf(first.replace(/\$__ONLY_CI.*$/, '').replace(/\s*\\$/, ''));
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}

/** Why a workflow does not run for an ordinary change. */
function seldom(on: unknown): string | undefined {
  const names = typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(textOf) : Object.keys(objectOf(on));
  if (names.length === 0 || names.some((name) => /^(?:pull_request|merge_group|workflow_call)/.test(name)))
    return undefined;
  const push = objectOf(objectOf(on)['push']);
  if (names.includes('push') && !('tags' in push && !('branches' in push))) return undefined;
  return `its workflow runs on ${names.map((name) => (name === 'push' ? 'pushed tags' : name)).join(', ')} only`;
}

function githubScripts(file: string, root: JsonObject, { tree, leftOut }: { tree: Tree; leftOut: string[] }): Script[] {
  const found: Script[] = [];
  const only = new Set<string>();
  const folderIn = (one: JsonObject): string => textOf(objectOf(objectOf(one['defaults'])['run'])['working-directory']);
  const rare = seldom(root['on'] ?? root['true']);
  for (const [name, value] of Object.entries(objectOf(root['jobs']))) {
    const job = objectOf(value);
    const strategy = objectOf(objectOf(job['strategy'])['matrix']);
    const matrix: Record<string, string[]> = {};
    const put = (key: string, one: unknown): void => {
      if (['string', 'number', 'boolean'].includes(typeof one) && !/\$\{\{/.test(String(one)))
        matrix[key] = [...new Set([...(matrix[key] ?? []), String(one)])];
    };
    for (const [key, list] of Object.entries(strategy))
      if (key !== 'include' && key !== 'exclude') for (const one of listOf(list)) put(key, one);
    for (const one of listOf(strategy['include']))
      for (const [key, each] of Object.entries(objectOf(one))) put(key, each);
    const machine = Array.isArray(job['runs-on']) ? job['runs-on'].map(textOf).join(' ') : textOf(job['runs-on']);
    const services = Object.entries(objectOf(job['services'])).map(
      ([key, one]) => `${key} (${textOf(objectOf(one)['image']) || textOf(one)})`,
    );
    if (textOf(job['uses']) !== '' && !textOf(job['uses']).startsWith('./'))
      leftOut.push(`job ${name} of ${file}: it is the workflow ${textOf(job['uses'])} of another repository`);
    const steps = listOf(job['steps']).flatMap((each) => stepsOfAction(objectOf(each), tree));
    for (const { step, by, file: own = file } of steps) {
      const shell = textOf(step['shell']) || textOf(objectOf(objectOf(job['defaults'])['run'])['shell']);
      const when = `${textOf(job['if'])} ${textOf(step['if'])}`;
      const special =
        rare ??
        (/^(?:windows|macos)/.test(machine)
          ? `CI runs it on ${machine}`
          : /pwsh|powershell|cmd/.test(shell)
            ? `CI runs it in ${shell}`
            : /failure\(\)|cancelled\(\)|refs\/tags|event_name\s*==\s*'(?:schedule|release|workflow_dispatch)'|==\s*'(?:Windows|macOS)'/.test(
                  when,
                )
              ? `CI runs it where ${when.trim()}`
              : undefined);
      const cwd = textOf(step['working-directory']) || folderIn(job) || folderIn(root);
      const script = (text: string): Script => ({
        file: own,
        text,
        cwd: resolveFrom('', cwd.replace(/^\$\{\{\s*github\.workspace\s*\}\}\/?/, './')) ?? cwd,
        env: { ...values(root['env']), ...values(job['env']), ...values(step['env']) },
        matrix,
        services,
        ...(special !== undefined && { special }),
      });
      if (typeof step['run'] === 'string') {
        found.push(script(step['run']));
        continue;
      }
      const action = textOf(step['uses']).replace(/@.*$/, '');
      const wrapped = actions.find(([pattern]) => pattern.test(action));
      if (wrapped) found.push({ ...script(wrapped[1]), action });
      else if (action !== '' && !prepares.test(action)) only.add(by === undefined ? action : `${by} (${action})`);
    }
  }
  if (only.size > 0) leftOut.push(`${[...only].join(', ')} of ${file}: only GitHub can run actions`);
  return found;
}

const noGitlabJob = new Set(
  'default include variables workflow stages image services cache before_script after_script'.split(' '),
);

function gitlabScripts(file: string, root: JsonObject): Script[] {
  const linesOf = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : listOf(value).flatMap((one): string[] =>
          Array.isArray(one) ? linesOf(one) : typeof one === 'string' ? [one] : [],
        );
  return Object.entries(root).flatMap(([name, value]) => {
    const job = objectOf(value);
    const lines = linesOf(job['script']);
    if (noGitlabJob.has(name) || lines.length === 0) return [];
    const image = listOf(job['services']).map((one) => textOf(one) || textOf(objectOf(one)['name']));
    const manual = job['when'] === 'manual' || listOf(job['only']).some((one) => one === 'tags' || one === 'schedules');
    return [
      {
        file,
        text: [
          ...linesOf(job['before_script'] ?? root['before_script']).filter((line) => /^\s*cd\s/.test(line)),
          ...lines,
        ].join('\n'),
        cwd: '',
        env: { ...values(root['variables']), ...values(job['variables']) },
        matrix: {},
        services: image,
        ...(manual && { special: `the job ${name} runs by hand, or for tags, only` }),
      },
    ];
  });
}

function circleScripts(file: string, root: JsonObject): Script[] {
  return [...Object.values(objectOf(root['jobs'])), ...Object.values(objectOf(root['commands']))].flatMap((value) => {
    const job = objectOf(value);
    return listOf(job['steps']).flatMap((each): Script[] => {
      const run = objectOf(each)['run'];
      const text = typeof run === 'string' ? run : textOf(objectOf(run)['command']);
      if (text === '' || /<</.test(text)) return [];
      const folder = textOf(objectOf(run)['working_directory']) || textOf(job['working_directory']);
      return [
        {
          file,
          text,
          cwd: /^[~/]/.test(folder) ? '' : (resolveFrom('', folder) ?? ''),
          env: { ...values(job['environment']), ...values(objectOf(run)['environment']) },
          matrix: {},
          services: [],
        },
      ];
    });
  });
}
