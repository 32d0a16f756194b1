import { jsonOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { justRecipes, makeTargets, taskNames } from '../formats/programs/task-runners.ts';
import { provesOf, whyNotRun, type Check } from './check-words.ts';
import { provesByName, type Proves } from '../toolchains/program-words.ts';
import { outermost } from '../toolchains/drafted.ts';
import { toolchains } from '../toolchains/index.ts';
import { type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { packageManager } from '../toolchains/npm/package-manager.ts';
import { baseOf, folderOf, inFolder, liesIn } from '../formats/data/paths.ts';

const check = (argv: string[], from: string, more: Partial<Check> = {}): Check[] => {
  const known = provesOf(argv);
  return known && whyNotRun(argv) === undefined
    ? [{ ...known, run: argv, cwd: folderOf(from), env: {}, from, ...more }]
    : [];
};

/** The scripts of a package.json that check; of a monorepo the tasks of all its packages. */
function packageScripts(tree: Tree, leftOut: string[]): Check[] {
  return outermost(tree, /^package\.json$/).flatMap((path) => {
    const folder = folderOf(path);
    const manifest = objectOf(jsonOf(tree.text(path)));
    const scripts = objectOf(manifest['scripts']);
    const { program } = packageManager(tree, folder);
    const found: Check[] = [];
    const names = Object.keys(scripts);
    for (const name of names) {
      const proves = provesByName(name);
      const text = textOf(scripts[name]);
      if (!proves || /^(?:pre|post)[a-z]/.test(name)) continue;
      if (/no test specified/.test(text)) {
        leftOut.push(`script ${name} of ${path}: it says that there is no test`);
        continue;
      }
      // What another script runs is run by it.
      if (names.some((other) => other !== name && provesByName(other) !== undefined && comesTo(scripts, other, name)))
        continue;
      if (/^(?:tests?[:-])?(?:coverage|cov)$/.test(name) && names.includes('test')) {
        leftOut.push(`script ${name} of ${path}: the script test runs the tests; npm/test measures with \`coverage\``);
        continue;
      }
      if (name !== 'test' && text !== '' && withoutReporter(text) === withoutReporter(textOf(scripts['test']))) {
        leftOut.push(`script ${name} of ${path}: the script test runs the same tests with another reporter`);
        continue;
      }
      if (/^(?:echo|true|:|exit)\b[^&|;]*$/.test(text)) {
        leftOut.push(`script ${name} of ${path}: \`${text}\` checks nothing`);
        continue;
      }
      if (/(?:^|:)affected(?:$|:)/.test(name)) {
        leftOut.push(`script ${name} of ${path}: it checks only what changed since another commit`);
        continue;
      }
      const why = /--watch(?!All=false|=false)\b|--fix\b|--write\b|--ui\b/.test(text)
        ? `\`${text}\` writes, or does not end`
        : whyNotRun([program, 'run', name]);
      if (why !== undefined) leftOut.push(`script ${name} of ${path}: ${why}`);
      else {
        const runs = /[&|;$`'"]/.test(text) ? undefined : provesOf(text.split(/\s+/))?.key;
        const own = { proves, env: { CI: 'true' }, ...(runs !== undefined && { runs }) };
        found.push(...check([program, 'run', name], path, own));
      }
    }
    return [...found, ...workspaceTasks(tree, path, manifest, program, found)];
  });
}

const withoutReporter = (text: string): string => text.replace(/\s(?:--reporter|-R)[ =]\S+/g, '');

const calls = (text: string, name: string): boolean =>
  new RegExp(
    `(?:\\brun(?:-[sp]|-all2?)?\\s+(?:\\S+\\s+)*|\\b(?:yarn|pnpm|bun)\\s+)${name.replace(/[^\w]/g, '\\$&')}(?![\\w:-])`,
  ).test(text);

/** Does the script run the other one, itself or by others that it runs? */
function comesTo(scripts: JsonObject, from: string, to: string): boolean {
  const reached = new Set([from]);
  for (const one of reached)
    for (const name of Object.keys(scripts)) if (calls(textOf(scripts[one]), name)) reached.add(name);
  return reached.has(to);
}

/** Tasks of turbo, or of the packages of a workspace, that no script of the root runs. */
function workspaceTasks(
  tree: Tree,
  path: string,
  manifest: JsonObject,
  program: string,
  found: readonly Check[],
): Check[] {
  const folder = folderOf(path);
  const turbo = objectOf(jsonOf((tree.text(inFolder(folder, 'turbo.json')) ?? '').replace(/^\s*\/\/.*$/gm, '')));
  const tasks = Object.keys(objectOf(turbo['tasks'] ?? turbo['pipeline'])).filter((name) => !name.includes('#'));
  const isWorkspace = 'workspaces' in manifest || tree.paths.includes(inFolder(folder, 'pnpm-workspace.yaml'));
  const packages = tree.paths.filter(
    (one) => baseOf(one) === 'package.json' && one !== path && (folder === '' || one.startsWith(`${folder}/`)),
  );
  const inPackages = new Set(
    isWorkspace ? packages.flatMap((one) => Object.keys(objectOf(objectOf(jsonOf(tree.text(one)))['scripts']))) : [],
  );
  const wanted = ['test', 'lint', 'typecheck', 'type-check', 'check-types', 'build'];
  return wanted.flatMap((name) => {
    const proves = provesByName(name);
    if (found.some((one) => one.proves === proves) || !proves) return [];
    const argv = tasks.includes(name)
      ? ['npx', 'turbo', 'run', name]
      : !inPackages.has(name)
        ? undefined
        : program === 'pnpm'
          ? ['pnpm', '-r', 'run', name]
          : program === 'npm'
            ? ['npm', 'run', name, '--workspaces', '--if-present']
            : program === 'yarn'
              ? ['yarn', 'workspaces', 'foreach', '--all', 'run', name]
              : undefined;
    return argv ? [{ proves, key: `script:${name}`, run: argv, cwd: folder, env: { CI: 'true' }, from: path }] : [];
  });
}

/** Targets of a Makefile, a justfile and a Taskfile. Those of the root only: others are called from there. */
function targetChecks(tree: Tree, leftOut: string[]): Check[] {
  const names = (path: string): { program: string; names: string[] } => {
    const text = tree.text(path) ?? '';
    const base = baseOf(path);
    if (/makefile$/i.test(base)) return { program: 'make', names: makeTargets(text).names };
    if (/justfile$/i.test(base)) return { program: 'just', names: justRecipes(text).names };
    return { program: 'task', names: taskNames(text)?.names ?? [] };
  };
  return tree.paths
    .filter((path) => /^(?:(?:GNU)?[Mm]akefile|\.?[Jj]ustfile|Taskfile\.ya?ml)$/.test(path))
    .flatMap((path) => {
      const { program, names: all } = names(path);
      const first = new Map<Proves, string>();
      const siblings: string[] = [];
      for (const name of [...new Set(all)].toSorted((a, b) => a.length - b.length)) {
        const proves = /^[a-zA-Z][\w:-]*$/.test(name) ? provesByName(name) : undefined;
        if (!proves || proves === 'build') continue;
        const taken = first.get(proves);
        if (taken === undefined) first.set(proves, name);
        // `test` most often calls `test-unit`.
        else if (!name.startsWith(taken)) siblings.push(`\`${program} ${name}\``);
      }
      if (siblings.length > 0)
        leftOut.push(
          `${siblings.join(', ')} of ${path}: another check of the kind is drafted; if it matters, add a \`command\` step`,
        );
      return [...first].flatMap(([proves, name]) => check([program, name], path, { proves }));
    });
}

const charts = (tree: Tree): Check[] =>
  outermost(tree, /^Chart\.yaml$/).flatMap((path) =>
    check(['helm', 'lint', '.'], path, {
      ...(/^dependencies\s*:/m.test(tree.text(path) ?? '') && {
        note: 'its dependencies first: helm dependency build',
      }),
    }),
  );

/** PHPUnit, which without a configuration must be told where the tests are: else it only prints its help. */
const phpUnit = (tree: Tree): Check[] =>
  outermost(tree, /^composer\.json$/).flatMap((path) => {
    const manifest = objectOf(jsonOf(tree.text(path)));
    const needs = ['require', 'require-dev'].some((key) => 'phpunit/phpunit' in objectOf(manifest[key]));
    const inside = tree.paths.flatMap((one) =>
      liesIn(one, folderOf(path)) ? [one.slice(folderOf(path) === '' ? 0 : folderOf(path).length + 1)] : [],
    );
    const configured = inside.some((one) => /^phpunit\.(?:dist\.xml|xml(?:\.dist)?)$/.test(one));
    const tests = inside.flatMap((one) => /^(tests?)\/.*Test\.php$/i.exec(one)?.[1] ?? [])[0];
    if (!needs || (!configured && tests === undefined)) return [];
    return check(['vendor/bin/phpunit', ...(configured ? [] : [tests ?? ''])], path, {
      note: 'the packages first: composer install',
    });
  });

/** The checks that a repository is set up for, whether its CI runs them or not. */
export function ownChecks(tree: Tree, leftOut: string[]): Check[] {
  return [
    ...packageScripts(tree, leftOut),
    ...toolchains
      .flatMap((one) => [...one.checks(tree), ...(one.builds?.(tree) ?? [])])
      .flatMap(({ run, cwd, from }) => check(run, from, { cwd })),
    ...phpUnit(tree),
    ...charts(tree),
    ...targetChecks(tree, leftOut),
  ];
}

const seen: readonly [what: RegExp, why: string][] = [
  [
    /(?:^|\/)Dockerfile(?:\.[\w.-]+)?$|(?:^|\/)[\w.-]+\.[Dd]ockerfile$/,
    'no step builds the image: that needs a container engine, and time; for it, `command` with docker build',
  ],
  [
    /(?:^|\/)alembic\.ini$/,
    'migrations of Alembic: a step needs a database to run them on; for it, `command` with alembic upgrade head',
  ],
  [
    /(?:^|\/)schema\.prisma$/,
    'migrations of Prisma: a step needs a database to run them on; for it, `command` with prisma migrate deploy',
  ],
  [
    /(?:^|\/)diesel\.toml$/,
    'migrations of Diesel: a step needs a database to run them on; for it, `command` with diesel migration run',
  ],
  [
    /(?:^|\/)(?:flyway\.(?:conf|toml)|db\/migration\/V[\w.]+\.sql)$/,
    'migrations of Flyway: a step needs a database to run them on; for it, `command` with flyway migrate',
  ],
  [
    /(?:^|\/)migrations\/(?:\d[\w.-]*\.sql|\d[\w.-]*\/(?:up|migration)\.sql|\d{4}_\w+\.py)$/,
    'migrations: a step needs a database to run them on',
  ],
  [/(?:^|\/)knexfile\.\w+$/, 'migrations of Knex: a step needs a database to run them on'],
  [
    /(?:^|\/)(?:CHANGELOG|CHANGES|HISTORY|NEWS)(?:\.\w+)?$/,
    'a history of changes: whether it names this release is not checked; `release/consistent` with `changelog:` does it',
  ],
];

/** What was seen and is not drafted, one line a kind. */
export function seenOnly(tree: Tree): string[] {
  return seen.flatMap(([what, why]) => {
    const paths = tree.paths.filter((path) => what.test(path));
    const [first] = paths;
    if (first === undefined) return [];
    return [`${first}${paths.length > 1 ? ` and ${paths.length - 1} like it` : ''}: ${why}`];
  });
}
