import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import type { Forecast } from '../stack/forecast.ts';
import { howToInstall } from '../formats/programs/how-to-install.ts';
import { parseShell } from '../formats/programs/shell.ts';
import { toolchains } from '../toolchains/index.ts';
import { foreseeable } from '../signoff/foresee.ts';
import { leftBehind } from '../hosts/carried.ts';
import { policyFacts } from './gate-facts.ts';

export interface Check {
  /** `missing`: a step could not run; `unsure`: the run can go on, and something later would fail. */
  state: 'ok' | 'unsure' | 'missing';
  text: string;
  remedy?: string;
  steps: string[];
}

const runnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** What to do about a program that is not there. */
function toInstall(name: string, rest: string): string {
  const how = howToInstall(name);
  return how === undefined ? `Install it, ${rest}` : `Install it (${how}), ${rest}`;
}

/** Folders into which a project's own package manager puts programs. */
const ownFolders = ['.venv/bin', 'venv/bin', 'node_modules/.bin', 'vendor/bin'];
/** Files by which a package manager is known that finds the program itself. */
const managed: Readonly<Record<string, string | undefined>> = {
  'uv.lock': 'uv',
  'poetry.lock': 'poetry',
  'pdm.lock': 'pdm',
  'Pipfile.lock': 'pipenv',
  '.pnp.cjs': undefined,
};

/** The linter or runner that a step of a toolchain starts, where it is a program of its own. */
function programOf(uses: string, { linter, runner }: { linter?: string; runner?: string }): string | undefined {
  const toolchain = toolchains.find((one) => uses in one.steps);
  const named = linter === undefined ? undefined : toolchain?.lints?.linters[linter]?.words[0];
  return named ?? (runner === 'tox' ? runner : undefined);
}

/** Does this Python find the module? Also where it is not there to be asked: that is said of the program. */
function hasModule(python: string, module: string, cwd: string, env: NodeJS.ProcessEnv): boolean {
  const asks = `import importlib.util as u, sys; sys.exit(0 if u.find_spec(${JSON.stringify(module)}) else 9)`;
  return spawnSync(python, ['-c', asks], { cwd, env, timeout: 10_000, stdio: 'ignore' }).status !== 9;
}

/** What a shell has of its own, or starts something else by. */
const ofShell =
  /^(?:[[({:.!]+|alias|bg|break|builtin|case|cd|command|continue|declare|dirs|echo|eval|exec|exit|export|false|fg|function|getopts|hash|let|local|mapfile|popd|printf|pushd|pwd|read|readarray|readonly|return|set|shift|shopt|source|test|time|times|trap|true|type|typeset|ulimit|umask|unalias|unset|until|wait|while)$/;

/** The programs that a script names plainly; which of them it comes to is not known. */
const programsIn = (script: string): string[] => [
  ...new Set(
    parseShell(script).flatMap(({ argv }) => {
      const word = argv.find((one) => !/^\w+\+?=/.test(one.text));
      return word === undefined || word.open || !/^[\w.+-]+$/.test(word.text) || ofShell.test(word.text)
        ? []
        : [word.text];
    }),
  ),
];

/** Names of what is needed, each with the ids of the steps that need it. */
type Needed = Map<string, string[]>;
interface Needs {
  programs: Needed;
  /** Programs that a script names, and may not come to. */
  scripts: Needed;
  modules: Needed;
  secrets: Needed;
}
const add = (needed: Needed, name: string, step: string): unknown =>
  needed.set(name, [...(needed.get(name) ?? []), step]);

type Step = LoadedChecklist['steps'][number];

/** What a `command` step starts, and names in its script. */
function ofCommand({ spec, params }: Step, target: string, env: NodeJS.ProcessEnv, needs: Needs): void {
  const { run, shell, cwd = '.' } = params as { run?: string[]; shell?: string; cwd?: string };
  if (shell !== undefined && !/\bfunction\s|\bcommand -v\b|\w\(\)/.test(shell))
    for (const program of programsIn(shell)) add(needs.scripts, program, spec.id);
  const name = run?.[0];
  if (name === undefined || name.includes('${{') || cwd.includes('${{')) return;
  add(needs.programs, name.includes('/') ? resolve(target, cwd, name) : name, spec.id);
  const module = run?.[1] === '-m' && /^(?:\S*\/)?python[\d.]*$/.test(name) ? run[2] : undefined;
  if (module !== undefined && /^\w+$/.test(module) && !hasModule(name, module, resolve(target, cwd), env))
    add(needs.modules, `${name} -m ${module}`, spec.id);
}

/** The linter or runner of a toolchain's step, or the package manager that starts it. */
function ofToolchain({ spec, params }: Step, target: string, { programs }: Needs): void {
  const { cwd = '.', manager = 'auto' } = params as { cwd?: string; manager?: string };
  if (cwd.includes('${{')) return;
  const tool = programOf(spec.uses, params as { linter?: string; runner?: string });
  const roots = [...new Set([resolve(target, cwd), target])];
  const lock = roots.flatMap((root) => Object.keys(managed).filter((file) => existsSync(join(root, file))))[0];
  const has = (folders: readonly string[], name: string): boolean =>
    roots.some((root) => folders.some((folder) => runnable(join(root, folder, name))));
  if (tool !== undefined) {
    const needed = lock === undefined ? tool : managed[lock];
    if (needed !== undefined && !has(ownFolders, tool)) add(programs, needed, spec.id);
  } else if (spec.uses === 'python/test') {
    const found = lock === undefined || has(['.venv/bin', 'venv/bin'], 'python') ? undefined : managed[lock];
    const starts = manager === 'auto' ? found : manager;
    if (starts !== undefined && starts !== 'none') add(programs, starts, spec.id);
  }
}

/** Programs that `command` steps start or name in a script, linters, and the secrets that steps name. */
export function needsOfSteps(
  loaded: LoadedChecklist & { targetPath: string },
  env: NodeJS.ProcessEnv,
  /** Ids of steps whose stand-ins would run: they need none of it. */
  replaced: ReadonlySet<string>,
  /** Variables to which the run gives a value. */
  given: ReadonlySet<string>,
): Check[] {
  const needs: Needs = { programs: new Map(), scripts: new Map(), modules: new Map(), secrets: new Map() };
  for (const step of loaded.steps) {
    const { id, uses, secrets } = step.spec;
    if (replaced.has(id)) continue;
    if (uses === 'command') ofCommand(step, loaded.targetPath, env, needs);
    ofToolchain(step, loaded.targetPath, needs);
    for (const secret of secrets) if (!given.has(secret)) add(needs.secrets, secret, id);
  }
  return missingOf(needs, env);
}

/** Which of it this machine has. */
function missingOf({ programs, scripts, modules, secrets }: Needs, env: NodeJS.ProcessEnv): Check[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const there = (name: string): boolean =>
    name.includes('/') ? runnable(name) : folders.some((folder) => runnable(join(folder, name)));
  return [
    ...[...programs].map(([name, steps]): Check =>
      there(name)
        ? { state: 'ok', text: name, steps }
        : {
            state: 'missing',
            text: `${name}: not found`,
            remedy: name.includes('/')
              ? 'Build it, or correct the path in `run`'
              : toInstall(name, 'or add its folder to PATH'),
            steps,
          },
    ),
    ...[...scripts].flatMap(([name, steps]): Check[] =>
      there(name) || programs.has(name)
        ? []
        : [
            {
              state: 'unsure',
              text: `${name}: not found`,
              remedy: toInstall(name, 'if the script comes to it'),
              steps,
            },
          ],
    ),
    ...[...modules].map(([name, steps]): Check => ({
      state: 'missing',
      text: `${name}: this Python has no such module`,
      remedy: `Install it (${name.replace(/ -m (\w+)$/, ' -m pip install $1')}), or start the Python that has it`,
      steps,
    })),
    ...[...secrets]
      .filter(([name]) => (env[name] ?? '') === '')
      .map(([name, steps]): Check => ({
        state: 'missing',
        text: `the environment variable ${name} is not set`,
        remedy: `Export ${name} before the run; in CI, take it from the provider's secrets`,
        steps,
      })),
  ];
}

/** What would keep a run from being signed, as far as policy and history can say before it. */
export async function signOffOutlook(loaded: LoadedChecklist & { targetPath: string }): Promise<Check[]> {
  const { files, identities } = await policyFacts({ target: loaded.targetPath, checklist: loaded });
  const { milestone } = loaded.checklist;
  const run = `reports/${milestone}/2026-01-01T00-00-00Z-000000`;
  const [ignored] = (await leftBehind(loaded.targetPath, [`${run}/record.json`, `${run}/evidence/a/stdout`])) ?? [];
  const behind = {
    text: `git ignores what a run leaves (${ignored?.rule}): the gate of another clone would lack it`,
    todo: `commit a signed run with git add -f reports/${milestone}, or take that rule away`,
  };
  return [...foreseeable(files, identities, Date.now()), ...(ignored ? [behind] : [])].map(({ text, todo }) => ({
    state: 'unsure',
    text,
    remedy: todo,
    steps: [],
  }));
}

/** Tells whether this machine's stack would have a service. */
export async function finderHere(
  loaded: LoadedChecklist & { targetPath: string },
  forecast: Forecast | undefined,
): Promise<(service: string) => Promise<boolean>> {
  const [{ serviceFinder }, { bareExec }] = await Promise.all([
    import('../stack/has-service.ts'),
    import('../hosts/exec-outside-run.ts'),
  ]);
  const find = forecast && serviceFinder(loaded.stack, forecast, bareExec(loaded.targetPath));
  return async (service) => (await find?.(service)) === true;
}

/** Ids of the steps whose stand-ins would run here. */
export async function replacedHere(
  loaded: LoadedChecklist,
  here: (service: string) => Promise<boolean>,
): Promise<Set<string>> {
  const replaced = new Set<string>();
  for (const { spec } of loaded.steps) if (spec.standIn && !(await here(spec.standIn.unless))) replaced.add(spec.id);
  return replaced;
}

/** Which of two a step would run as here, where it has a stand-in, and how the real thing is had. */
export async function whatStandsIn(
  loaded: LoadedChecklist,
  here: (service: string) => Promise<boolean>,
): Promise<Check[]> {
  const byService = new Map<string, LoadedChecklist['steps']>();
  for (const step of loaded.steps) {
    const unless = step.spec.standIn?.unless;
    if (unless !== undefined) byService.set(unless, [...(byService.get(unless) ?? []), step]);
  }
  const checks: Check[] = [];
  for (const [service, own] of byService) {
    const steps = own.map((step) => step.spec.id);
    const names = own.map((step) => `${step.standIn?.spec.uses ?? ''} for ${step.spec.id}`).join(', ');
    checks.push(
      (await here(service))
        ? { state: 'ok', text: `${steps.join(', ')}: the stack has ${service}, so that they run in full`, steps }
        : {
            state: 'unsure',
            text: `no ${service} in the stack here, so that stand-ins run, with reduced fidelity: ${names}`,
            remedy: `For full fidelity run where the stack has ${service}: with a container engine and the images of the compose files, or with a process of that name under stack.processes`,
            steps,
          },
    );
  }
  return checks;
}
