import { onlyRuns, onlyScripts } from './recipe-checks.ts';
import { jsonOf, listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { provesOf, type Check } from './check-words.ts';
import type { Proves } from '../toolchains/program-words.ts';
import { ciChecks } from './ci-checks.ts';
import { LeftOut } from './ci-rest.ts';
import { type Ids } from './draft.ts';
import { type DraftItem, type DraftStep, type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { coveredBy, provenBy, toolStep } from './tool-steps.ts';
import { ownChecks, seenOnly } from './own-checks.ts';
import { packageManager } from '../toolchains/npm/package-manager.ts';
import { baseOf, folderOf, inFolder } from '../formats/data/paths.ts';

const titles: Record<Proves, [id: string, title: string, impact: DraftItem['impact'] & string]> = {
  test: ['project-tests', 'The tests pass', 'critical'],
  e2e: ['project-e2e', 'The tests of the whole product pass', 'critical'],
  types: ['project-types', 'The types check', 'major'],
  lint: ['project-lints', 'The linters find nothing', 'major'],
  build: ['project-builds', 'The product builds', 'critical'],
};

/**
 * The tests, linters and builds of the project: first as CI runs them, then what the project is set up for and CI does not run.
 * @param found items that are drafted already: what they prove is not drafted twice
 */
export function checkItems(tree: Tree, found: readonly DraftItem[], ids: Ids, leftOut: string[]): DraftItem[] {
  const ci = ciChecks(tree);
  const own = ownChecks(tree, leftOut);
  const done = found.flatMap((item) => item.steps).flatMap((step) => doneBy(step));
  const isDone = (one: { key: string; cwd: string }): boolean =>
    done.some(({ key, cwd }) => key === one.key && (cwd === undefined || cwd === one.cwd));
  const others = new LeftOut();
  for (const one of ci.checks) if (isDone(one)) asInCi(one, tree, found, others);
  const known = ci.checks.filter((one) => !isDone(one));
  const named = [...known, ...done];
  const checks = known.filter(
    (one) =>
      !onlyRuns(
        one,
        tree,
        (key) =>
          key !== one.key &&
          named.some((other) => other.key === key && (other.cwd === undefined || other.cwd === one.cwd)),
      ),
  );
  for (const one of own) {
    const covered =
      isDone(one) ||
      [...checks, ...ci.checks].some(
        (other) =>
          (other.key === one.key ||
            other.key === one.runs ||
            isWholeSuite(other.key, one.key) ||
            startsIt(other, one, tree)) &&
          (other.cwd === one.cwd || other.cwd === ''),
      );
    // What a Makefile calls a test is most often what is drafted already, and `build:x` a part of the build.
    const again =
      (/^(?:make|just|task):/.test(one.key) &&
        [...checks, ...found.flatMap((item) => item.steps.flatMap(provesBy))].some(
          (other) => (typeof other === 'string' ? other : other.proves) === one.proves,
        )) ||
      (one.proves === 'build' && checks.some((other) => other.proves === 'build' && other.cwd === one.cwd));
    if (onlyScripts(one, tree, checks)) continue;
    if (again && !covered)
      leftOut.push(
        `\`${one.run?.join(' ') ?? ''}\` of ${one.from}: another check of the kind is drafted; if it matters, add a \`command\` step`,
      );
    else if (!covered && !again) checks.push(one);
  }
  leftOut.push(...new Set([...ci.leftOut, ...others.lines()]), ...seenOnly(tree));
  return itemsOf(tree, checks, ids);
}

/** tox and nox start a Python project's tools, and pre-commit those that its configuration names. */
const startsIt = (inCi: Check, own: Check, tree: Tree): boolean =>
  /^(?:tox|nox)\b/.test(inCi.key)
    ? inCi.proves === own.proves && own.from.endsWith('pyproject.toml')
    : /^(?:pre-commit|prek)$/.test(inCi.key) &&
      new RegExp(`\\bid:\\s*['"]?${own.key.replace(/[^\w]/g, '\\$&')}\\b`).test(
        tree.text(inFolder(inCi.cwd, '.pre-commit-config.yaml')) ?? '',
      );

/** CI runs the script `test:coverage` in place of `test`. */
const isWholeSuite = (inCi: string, own: string): boolean =>
  own === 'script:test' && /^script:(?:test[:-](?:ci|cov|coverage|all)|coverage|cov)$/.test(inCi);

function doneBy(step: DraftStep): { key: string; cwd?: string }[] {
  const run = listOf(step.with?.['run']).map(textOf);
  const known = step.uses === 'command' ? provesOf(run) : undefined;
  return known ? [{ key: known.key, cwd: textOf(step.with?.['cwd']) }] : coveredBy(step);
}

/** Options that change how a runner tells what it did, not what it checks. */
const onlyTells =
  /^(?:-v+|-q+|--|-D|-Dwarnings|warnings|--workspace|--all|--all-targets|--no-fail-fast|--locked|--verbose|--quiet|--color(?:=\S+)?|--colour(?:=\S+)?|--no-progress|--diff|--cov\S*|--junit\S*|--durations\S*|-n|auto|--tb=\S+|-ra|-s)$/;

/**
 * A check of CI whose project has its step already. Where CI looks for data races, so does the step; where it runs the same
 * program with other words, that is named.
 */
function asInCi(check: Check, tree: Tree, found: readonly DraftItem[], others: LeftOut): void {
  const typed = check.run && toolStep(check.run, check.cwd, tree);
  const steps = found.flatMap((item) => item.steps);
  const twin = steps.find(
    (step) => step.uses === typed?.uses && textOf(step.with?.['cwd']) === textOf(typed.with?.['cwd']),
  );
  if (twin && typed?.with?.['race'] === true) twin.with = { ...twin.with, race: true };
  const words = check.run ?? (check.shell ?? '').split(/\s+/);
  const has = JSON.stringify(
    (twin ? [twin] : steps.filter((step) => doneBy(step).some(({ key }) => key === check.key))).map(
      (step) => step.with ?? {},
    ),
  );
  const plain =
    twin && typed
      ? Object.values(typed.with ?? {})
          .flat()
          .map(String)
      : words.slice(1);
  const lost = plain.filter(
    (word) =>
      !onlyTells.test(word) &&
      word !== 'true' &&
      word !== 'false' &&
      word !== check.cwd &&
      !check.key.split(' ').includes(word) &&
      !has.includes(JSON.stringify(word).slice(1, -1)),
  );
  const [file = '', line = ''] = check.from.split(/:(?=\d+$)/);
  if (lost.length > 0 && line !== '')
    others.command(words.join(' '), file, Number(line), 'a step like it is drafted, without these words');
}

/** What a drafted step proves. */
export function provesBy(step: DraftStep): Proves[] {
  const proven = provenBy(step);
  if (proven) return [proven];
  if (step.uses !== 'command') return [];
  const run =
    step.with?.['run'] === undefined ? textOf(step.with?.['shell']).split(/\s+/) : listOf(step.with['run']).map(textOf);
  const known = provesOf(run);
  return known ? [known.proves] : [];
}

const shortened = (text: string): string =>
  text.length <= 100 ? text : `${text.slice(0, 99).replace(/\s+\S*$/, '')} …`;

function itemsOf(tree: Tree, checks: readonly Check[], ids: Ids): DraftItem[] {
  const packages = new Map<string, DraftStep>();
  const typedOf = (one: Check): DraftStep | undefined => {
    // A pattern that only the coverage is told of, `--omit=*/tests/*`, needs no shell where the step drops it.
    const words = one.run ?? (/[^\w\s./=:,@*+-]/.test(one.shell ?? '') ? undefined : one.shell?.split(/\s+/));
    const typed = words && toolStep(words, one.cwd, tree);
    if (!typed || (!one.run && JSON.stringify(typed.with ?? {}).includes('*'))) return undefined;
    // The step says CI=true by itself, where its runners go by it.
    const env = Object.entries(one.env).filter(([name]) => name !== 'CI');
    return {
      id: ids.take(typed.id + (one.cwd === '' ? '' : `-${one.cwd}`)),
      uses: typed.uses,
      ...(Object.keys(typed.with ?? {}).length + env.length > 0 && {
        with: { ...typed.with, ...(env.length > 0 && { env: Object.fromEntries(env) }) },
      }),
      from: one.from,
      ...(typed.note !== undefined && { note: typed.note }),
    };
  };
  const stepOf = (one: Check): DraftStep => {
    const typed = typedOf(one);
    if (typed) return typed;
    const folder = packageFolder(tree, one);
    const needs = folder === undefined ? undefined : (packages.get(folder)?.id ?? addPackages(folder));
    return {
      id: ids.take(one.key.replace(/^script:/, '').slice(0, 40) + (one.cwd === '' ? '' : `-${one.cwd}`)),
      title: shortened(
        `${(one.run ?? [one.shell ?? '']).join(' ').replace(/\s+/g, ' ')}${one.cwd === '' ? '' : ` in ${one.cwd}`}`,
      ),
      uses: 'command',
      ...(needs !== undefined && { needs: [needs] }),
      timeout: one.proves === 'e2e' ? '40m' : '20m',
      with: {
        ...(one.run ? { run: one.run } : { shell: one.shell }),
        ...(one.cwd !== '' && { cwd: one.cwd }),
        ...(Object.keys(one.env).length > 0 && { env: one.env }),
        tree: 'may-change',
      },
      from: one.from,
      ...(one.note !== undefined && { note: one.note }),
    };
  };
  const addPackages = (folder: string): string => {
    const { install } = packageManager(tree, folder);
    const step: DraftStep = {
      id: ids.take(folder === '' ? 'packages' : `packages-${folder}`),
      title: `The packages of ${inFolder(folder, 'package.json')} are installed`,
      uses: 'command',
      with: {
        shell: `[ -e node_modules ] || [ -e .pnp.cjs ] || { echo 'node_modules: not found; ${install} makes it' >&2; exit 127; }; echo installed`,
        expect: { stdout: { contains: ['installed'] } },
        ...(folder !== '' && { cwd: folder }),
      },
      note: `without them what follows is inconclusive; ${install} installs them`,
    };
    packages.set(folder, step);
    return step.id;
  };
  const items = (Object.keys(titles) as Proves[]).flatMap((proves): DraftItem[] => {
    const steps = withoutTwins(checks.filter((one) => one.proves === proves).map(stepOf));
    const [id, title, impact] = titles[proves];
    return steps.length === 0 ? [] : [{ id: ids.take(id), title, impact, steps }];
  });
  if (packages.size === 0) return items;
  return [
    {
      id: ids.take('prepared'),
      title: 'What the checks need is installed',
      impact: 'minor',
      steps: [...packages.values()],
    },
    ...items,
  ];
}

/** Commands that differ in what they print alone come to one step. */
function withoutTwins(steps: readonly DraftStep[]): DraftStep[] {
  const seen = new Set<string>();
  return steps.filter(({ uses, with: given }) => {
    const key = JSON.stringify([uses, given]);
    return !seen.has(key) && seen.add(key);
  });
}

/** The folder of the packages without which the command cannot run. */
function packageFolder(tree: Tree, one: Check): string | undefined {
  const words = one.run ?? (one.shell ?? '').split(/\s+/);
  if (!/^(?:npm|pnpm|yarn|bun|npx|bunx|turbo|nx)$|^(?:\.\/)?node_modules\//.test(words[0] ?? '')) return undefined;
  for (let folder = one.cwd; ; folder = folderOf(folder)) {
    const path = inFolder(folder, 'package.json');
    if (tree.paths.includes(path)) {
      const parsed = jsonOf(tree.text(path));
      if (parsed === undefined) return undefined;
      const manifest = objectOf(parsed);
      const needs = ['dependencies', 'devDependencies'].some((key) => Object.keys(objectOf(manifest[key])).length > 0);
      const above =
        needs || folder !== ''
          ? tree.paths.find(
              (other) =>
                /^(?:pnpm-lock\.yaml|yarn\.lock|package-lock\.json)$/.test(baseOf(other)) &&
                (folderOf(other) === '' || folder.startsWith(folderOf(other))),
            )
          : undefined;
      return needs ? folder : above === undefined ? undefined : folderOf(above);
    }
    if (folder === '') return undefined;
  }
}

/** The question that stays open where no step shows that the product works. */
export function openQuestion(milestone: string, ids: Ids): DraftItem {
  return {
    id: ids.take('promises'),
    title: 'What this milestone promises',
    impact: 'critical',
    steps: [
      {
        id: ids.take('promised'),
        uses: 'manual/confirm',
        with: {
          question: `Does the product do what ${milestone === 'release' ? 'the release' : milestone} promises? No test was found that shows it: replace this by steps that prove it.`,
        },
        note: 'nothing was found that tests the product: without this question the checklist would pass and prove nothing',
      },
    ],
  };
}
