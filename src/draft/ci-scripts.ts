import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { stepsOfAction } from './ci-rest.ts';
import { type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { resolveFrom } from '../formats/data/paths.ts';

/** A script of a CI configuration, and where and with what it runs. */
export interface Script {
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
  /** As it is written, before the values of the matrix were put in. */
  written?: string;
  /** Versions of a language for which CI runs it, where it is drafted for one of them. */
  versions?: string;
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

/** The line of a command's beginning; undefined where it stands nowhere as it is. */
export function lineOf(text: string, raw = ''): number | undefined {
  const [first = ''] = raw.trim().split('\n');
  const written = first.replace(/\$__ONLY_CI.*$/, '').replace(/\s*\\$/, '');
  if (written === '') return undefined;
  const exact = text.indexOf(written);
  // A folded text (`run: >`) stands on several lines.
  const folded = written
    .split(/\s+/)
    .map((word) => word.replace(/[^\w]/g, String.raw`\$&`))
    .join(String.raw`[\s\\]+`);
  const at = exact >= 0 ? exact : text.search(new RegExp(folded));
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}

/** Does none of a job's machines run Linux? */
const isOther = (machine: string): boolean => /windows|macos/i.test(machine) && !/ubuntu|linux|\$\{\{/i.test(machine);

/** Why a workflow does not run for an ordinary change. */
function seldom(on: unknown): string | undefined {
  const names = typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(textOf) : Object.keys(objectOf(on));
  if (names.length === 0 || names.some((name) => /^(?:pull_request|merge_group|workflow_call)/.test(name)))
    return undefined;
  const push = objectOf(objectOf(on)['push']);
  if (names.includes('push') && !('tags' in push && !('branches' in push))) return undefined;
  return `its workflow runs on ${names.map((name) => (name === 'push' ? 'pushed tags' : name)).join(', ')} only`;
}

/** The machines that a job runs on, each with its row of the matrix; those of this kind come first. */
function machinesOf(job: JsonObject): { row: Record<string, string[]>; machine: string }[] {
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
  const label = Array.isArray(job['runs-on']) ? job['runs-on'].map(textOf).join(' ') : textOf(job['runs-on']);
  // What an entry of `include` says belongs together; those of this kind of machine come first.
  const rows = Object.keys(strategy).every((key) => key === 'include')
    ? listOf(strategy['include']).map((one) =>
        Object.fromEntries(Object.entries(values(one)).map(([key, text]) => [key, [text]])),
      )
    : [];
  const machineOf = (row: Record<string, string[]>): string =>
    label.replace(/\$\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (all, key: string) => row[key]?.join(' ') ?? all);
  return (rows.length > 0 ? rows : [matrix])
    .map((row) => ({ row, machine: machineOf(row) }))
    .toSorted((a, b) => Number(isOther(a.machine)) - Number(isOther(b.machine)));
}

export function githubScripts(
  file: string,
  root: JsonObject,
  { tree, leftOut }: { tree: Tree; leftOut: string[] },
): Script[] {
  const found: Script[] = [];
  const only = new Set<string>();
  const folderIn = (one: JsonObject): string => textOf(objectOf(objectOf(one['defaults'])['run'])['working-directory']);
  const rare = seldom(root['on'] ?? root['true']);
  for (const [name, value] of Object.entries(objectOf(root['jobs']))) {
    const job = objectOf(value);
    const services = Object.entries(objectOf(job['services'])).map(
      ([key, one]) => `${key} (${textOf(objectOf(one)['image']) || textOf(one)})`,
    );
    if (textOf(job['uses']) !== '' && !textOf(job['uses']).startsWith('./'))
      leftOut.push(`job ${name} of ${file}: it is the workflow ${textOf(job['uses'])} of another repository`);
    const steps = listOf(job['steps']).flatMap((each) => stepsOfAction(objectOf(each), tree));
    for (const { row, machine } of machinesOf(job))
      for (const { step, by, file: own = file } of steps) {
        const shell = textOf(step['shell']) || textOf(objectOf(objectOf(job['defaults'])['run'])['shell']);
        const when = `${textOf(job['if'])} ${textOf(step['if'])}`.replace(/!\s*(?:cancelled|failure)\(\)/g, '');
        const special =
          rare ??
          (isOther(machine)
            ? `CI runs it on ${machine}`
            : /pwsh|powershell|cmd/.test(shell)
              ? `CI runs it in ${shell}`
              : /failure\(\)|cancelled\(\)|refs\/tags|event_name\s*==\s*'(?:schedule|release|workflow_dispatch)'|==\s*'(?:windows|macos)[\w.-]*'/i.test(
                    when,
                  ) && !/==\s*'(?:linux|ubuntu)/i.test(when)
                ? `CI runs it where ${when.trim()}`
                : undefined);
        const cwd = textOf(step['working-directory']) || folderIn(job) || folderIn(root);
        const script = (text: string): Script => ({
          file: own,
          text,
          cwd: resolveFrom('', cwd.replace(/^\$\{\{\s*github\.workspace\s*\}\}\/?/, './')) ?? cwd,
          env: { ...values(root['env']), ...values(job['env']), ...values(step['env']) },
          matrix: row,
          services,
          ...(special !== undefined && { special }),
        });
        if (typeof step['run'] === 'string') {
          if (/^(?:python|perl|node|ruby)/.test(shell))
            leftOut.push(
              `a script in ${shell} of ${own}:${lineOf(tree.text(own) ?? '', step['run']) ?? 1}: only scripts of a shell are read`,
            );
          else found.push(script(step['run']));
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

export function gitlabScripts(file: string, root: JsonObject, { leftOut }: { leftOut: string[] }): Script[] {
  const foreign = [root['include']].flat().flatMap((one): string[] => {
    const { remote, template, project, component } = objectOf(one);
    return [remote, template, project, component].map(textOf).filter((text) => text !== '');
  });
  if (foreign.length > 0) leftOut.push(`${foreign.join(', ')}, which ${file} includes: it is not in the repository`);
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

/** Jobs and steps of CircleCI's orbs (`ORB/NAME`), which are not in the repository. */
function ofOrbs(root: JsonObject): string[] {
  const named = (list: unknown): string[] =>
    listOf(list).flatMap((one) => (typeof one === 'string' ? [one] : Object.keys(objectOf(one))));
  return [
    ...Object.values(objectOf(root['workflows'])).flatMap((one) => named(objectOf(one)['jobs'])),
    ...[...Object.values(objectOf(root['jobs'])), ...Object.values(objectOf(root['commands']))].flatMap((one) =>
      named(objectOf(one)['steps']),
    ),
  ].filter((name) => name.includes('/') && !prepares.test(name));
}

export function circleScripts(file: string, root: JsonObject, { leftOut }: { leftOut: string[] }): Script[] {
  const orbs = new Set(ofOrbs(root));
  if (orbs.size > 0) leftOut.push(`${[...orbs].join(', ')} of ${file}: only CircleCI can run what comes from an orb`);
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
