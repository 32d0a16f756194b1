import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import { plural } from '../core/words.ts';
import { toYaml, type Draft } from '../draft/draft.ts';
import type { Tree } from '../core/tree.ts';
import { jsonOf, objectOf } from '../formats/data/json-parts.ts';
import { draftOf, isLookedAt } from '../draft/draft-of.ts';
import { ownDocuments, stageName } from '../draft/own-documents.ts';
import { makeFolder, writeAtomically } from '../evidence/store.ts';
import { ignoreRules } from './ignore-rules.ts';
import { Checkout } from '../hosts/checkout.ts';
import { PartOfTree } from '../repository/part-of-tree.ts';
import { plain } from '../draft/passages.ts';
import { version } from '../version.ts';
import { asCalled } from './called-as.ts';

interface Options {
  target?: string | undefined;
  milestone?: string | undefined;
  from?: string | undefined;
  print?: boolean | undefined;
  force?: boolean | undefined;
  stack?: boolean | undefined;
  allDocuments?: boolean | undefined;
}

const attributes = 'reports/** -text';
const signers = '.verify/allowed_signers';

/**
 * `verify init`: drafts a checklist of what the repository has, and of a milestone's document where one is given.
 * @throws UserError 66 where target or document are not there, 73 where the checklist is there already
 */
export async function initCommand(options: Options): Promise<number> {
  const target = resolve(options.target ?? '.');
  const there = statSync(target, { throwIfNoEntry: false });
  if (there === undefined) throw new UserError(exit.missing, `the target ${target} is not there`);
  if (!there.isDirectory()) throw new UserError(exit.missing, `the target ${target} is not a folder`);
  const from = options.from === undefined ? undefined : documentIn(target, options.from);
  const checkout = await new Checkout(target).tree();
  const milestone = options.milestone ?? milestoneOf(from ?? '', checkout.paths.filter(isLookedAt));
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(milestone))
    throw new UserError(exit.usage, `--milestone ${milestone}: a milestone is named like milestone-16 or v2.0`);
  const path = join('checklists', `${milestone}.yaml`);
  if (options.print !== true && options.force !== true && existsSync(join(target, path)))
    throw new UserError(exit.cannotCreate, `${path} is there already`, {
      hint: 'name another --milestone, or look at a new draft with --print; --force writes over it',
    });
  const own = from === undefined ? undefined : ownDocuments(checkout, from, milestone);
  // Documents of a milestone may lie where nothing else is looked at: `docs/reports/`.
  const asked = new Set([...(from === undefined ? [] : [from]), ...(own?.paths ?? [])]);
  const tree = new PartOfTree(
    checkout,
    checkout.paths.filter((one) => asked.has(one) || (isLookedAt(one) && checkout.size(one) !== undefined)),
  );
  const draft = draftOf(tree, {
    milestone,
    title: titleOf(tree, milestone, from),
    ...(from !== undefined && { from }),
    ...(own && { own }),
    stack: options.stack === true,
    allDocuments: options.allDocuments === true,
  });
  const text = toYaml(draft, [
    `yaml-language-server: $schema=${schemaOf(target)}`,
    `Drafted by \`verify init\`${from === undefined ? '' : ` from ${from}`}: read each step before you rely on it.`,
    '`verify steps KIND` says what else a step can assert.',
  ]);
  // What was drafted must be a checklist: otherwise that is a defect of verify, and nothing is written.
  await parseChecklist(join(target, path), text);
  if (options.print === true) {
    process.stdout.write(text);
    return exit.passed;
  }
  const ids = draft.items.flatMap((item) => item.steps.map((step) => step.id));
  const wrote = await write(target, path, text);
  wrote.push(...(await ignoreRules(target, milestone, ids, usedBy(tree, draft))));
  const steps = JSON.stringify([draft.items, objectOf(jsonOf(tree.text('package.json')))['scripts']]);
  const reads = steps.match(readsAll) ?? [];
  if (reads.length > 0)
    wrote.push({
      path: '',
      how: `${[...new Set(reads)].join(', ')} may read all files, the reports of runs too: leave reports/ out in its configuration`,
    });
  wrote.push(...partOf(target));
  process.stdout.write(report(draft, wrote, target, milestone));
  return exit.passed;
}

/** The schema that an editor reads, from a checklist's folder: of the package, where it is installed, else where npm's packages can be read. */
const schemaOf = (target: string): string =>
  existsSync(join(target, 'node_modules/verify-milestone'))
    ? '../node_modules/verify-milestone/checklists/checklist.schema.json'
    : `https://unpkg.com/verify-milestone@${version}/checklists/checklist.schema.json`;

/** @returns the document's path from the root @throws UserError 66 */
function documentIn(target: string, from: string): string {
  const found = [resolve(target, from), resolve(from)].find((path) => existsSync(path));
  if (found === undefined)
    throw new UserError(exit.missing, `the document ${from} is not there`, { hint: 'give its path in the target' });
  if (!statSync(found).isFile())
    throw new UserError(exit.missing, `${from} is a folder, expected a document`, { hint: 'name a file in it' });
  const path = relative(target, found);
  if (path.startsWith('..'))
    throw new UserError(exit.missing, `${from} does not lie in ${target}`, {
      hint: 'give its repository with --target',
    });
  return path.split(sep).join('/');
}

/** The milestone by the document's path, else the highest that the repository has a folder of, else `release`. */
function milestoneOf(from: string, paths: readonly string[]): string {
  const own = /(?:^|\/)(milestone[-_]?\d+|v\d+(?:\.\d+)*)(?=\/|$)/i.exec(from)?.[1];
  if (own !== undefined) return own;
  // `MILESTONE_4_COMPLETE.md` is of the folder that is called so, where there is one.
  const named = /(?:^|\/)milestone[-_]?0*(\d+)(?=[-_.][^/]*$)/i.exec(from)?.[1];
  if (named !== undefined)
    return (
      paths.flatMap((path) => new RegExp(`(?:^|/)(milestone[-_]?0*${named})/`, 'i').exec(path)?.[1] ?? [])[0] ??
      `milestone-${named}`
    );
  const stage = stageName(from);
  if (stage !== undefined) return stage;
  const number = (text: string): number => Number(/\d+/.exec(text)?.[0] ?? 0);
  const all = new Set(paths.flatMap((path) => /(?:^|\/)(milestone[-_]?\d+)\//i.exec(path)?.[1] ?? []));
  return [...all].toSorted((a, b) => number(b) - number(a))[0] ?? 'release';
}

function titleOf(tree: Tree, milestone: string, from: string | undefined): string {
  const heading = from === undefined ? undefined : /^#\s+(.+?)\s*#*$/m.exec(tree.text(from) ?? '')?.[1];
  return (heading && plain(heading)) || `What ${milestone === 'release' ? 'the release' : milestone} promises`;
}

/** What says which Python tools a project uses: its steps, and its files at the root. */
const usedBy = (tree: Tree, { items }: Draft): string =>
  [
    JSON.stringify(items.flatMap((item) => item.steps.map((step) => step.with))),
    ...['pyproject.toml', 'setup.cfg', 'tox.ini', '.pre-commit-config.yaml', 'uv.lock', 'poetry.lock'].map(
      (path) => tree.text(path)?.slice(0, 100_000) ?? '',
    ),
  ].join('\n');

interface Written {
  path: string;
  how: string;
}

/** Linters that read every file that they know, of whatever language. */
const readsAll = /\b(?:biome|prettier|dprint|markdownlint(?:-cli2)?|cspell|codespell|typos|editorconfig-checker)\b/g;

/** The root of the repository that the folder lies in. */
const rootOf = (folder: string): string | undefined =>
  existsSync(join(folder, '.git')) ? folder : dirname(folder) === folder ? undefined : rootOf(dirname(folder));

/** What to know where the target is only a part of a repository. */
function partOf(target: string): Written[] {
  const root = rootOf(target);
  if (root === undefined || root === target) return [];
  const has = existsSync(join(root, 'checklists')) ? ', which has checklists/ of its own' : '';
  const whole = asCalled(`verify init --target ${relative(process.cwd(), root)}`);
  return [
    {
      path: '',
      how: `${relative(root, target)} is a folder of the repository ${root}${has}: this draft sees nothing outside of it; \`${whole}\` drafts for the whole`,
    },
  ];
}

/** Each file whole or not at all. @throws UserError 73, 74 */
async function write(target: string, path: string, text: string): Promise<Written[]> {
  const put = (name: string, content: string): void => {
    makeFolder(dirname(join(target, name)));
    writeAtomically(join(target, name), content);
  };
  const wrote: Written[] = [];
  const before = existsSync(join(target, '.gitattributes')) ? readFileSync(join(target, '.gitattributes'), 'utf8') : '';
  if (!before.split(/\r?\n/).some((line) => line.trim() === attributes)) {
    put('.gitattributes', `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${attributes}\n`);
    wrote.push({ path: '.gitattributes', how: 'git leaves the bytes of reports as they were signed' });
  }
  if (!existsSync(join(target, signers))) {
    put(signers, signersTemplate);
    wrote.push({ path: signers, how: 'who may sign off; fill it in' });
  }
  // Last: where `init` is broken off before, it can be called again.
  put(path, text);
  return [{ path, how: 'the checklist' }, ...wrote];
}

const signersTemplate = `# Who may sign a milestone off (ssh-keygen's allowed signers format, see ssh-keygen(1)). One key a line:
#
#   PRINCIPAL namespaces="sign-off@verify-milestone.dev" KEYTYPE KEY
#
# PRINCIPAL is the e-mail address of the signer, KEYTYPE and KEY are the two words of the public key:
#
#   mara@example.org namespaces="sign-off@verify-milestone.dev" ssh-ed25519 AAAAC3Nza…
#
# The namespace keeps signatures that were made for something else (commits, files) from counting as a sign-off.
# valid-before="20271231" ends a key's time. Commit this file: the gate reads it from the base branch.
`;

/** Characters of a command that has its comment beside it. */
const widest = 44;

function report(draft: Draft, wrote: readonly Written[], target: string, milestone: string): string {
  const steps = draft.items.flatMap((item) => item.steps);
  const here = relative(process.cwd(), target);
  const committed = [...new Set(wrote.flatMap(({ path }) => (path === '' ? [] : [path])))];
  const said = (rows: readonly [command: string, does: string][]): string[] => {
    const shown = rows.map(([command, does]) => [asCalled(command), does] as const);
    const wide = Math.max(...shown.map(([command]) => command.length).filter((length) => length <= widest));
    return shown.map(([command, does]) =>
      command.length <= widest ? `  ${command.padEnd(wide)}  # ${does}` : `  # ${does}:\n  ${command}`,
    );
  };
  const away = readdirSync(target).length > 0 && here !== '' ? `cd ${here}\n` : '';
  return [
    ...wrote.map((one) => (one.path === '' ? `note: ${one.how}` : `wrote ${one.path}: ${one.how}`)),
    '',
    `${plural(draft.items.length, 'item')}, ${plural(steps.length, 'step')}:`,
    ...draft.items.map((item) => `  ${item.id}: ${item.steps.map((step) => step.uses).join(', ')}`),
    ...draft.leftOut.map((text) => `left out: ${text}`),
    ...steps.flatMap((step) =>
      step.note?.startsWith('not tied: ') === true ? [`look at: ${step.note.slice(10)}`] : [],
    ),
    '',
    'next:',
    ...(away === '' ? [] : [away.trimEnd()]),
    ...said([
      [`verify plan ${milestone}`, 'see every command before anything runs'],
      [`verify doctor ${milestone}`, 'see what this machine lacks for it'],
      [`verify ${milestone}`, 'run it'],
    ]),
    'then, for a run that can be signed:',
    ...said([
      [
        `${rootOf(target) !== undefined ? '' : 'git init && '}git add ${committed.join(' ')} && git commit`,
        'what was written above, with your key in .verify/allowed_signers',
      ],
      [`verify ${milestone}`, 'run it on that commit'],
      [`verify sign-off ${milestone}`, 'approve or reject it with your SSH key'],
      [
        `git add reports/${milestone} reports/index.html && git commit`,
        'the report, its signature, and the page of all runs',
      ],
      [`verify gate ${milestone}`, 'exit code 0 where the release may go out; in CI too, with the whole history'],
    ]),
    '',
  ].join('\n');
}
