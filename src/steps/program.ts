import { z } from 'zod';
import { FactName, OwnJudgement } from '../core/own-judgement.ts';
import type { ExecResult, StepContext } from '../core/doors.ts';
import { defineStep, error, inconclusive, Judge, ownPath, warning, type FactValue } from '../core/step.ts';
import { sayTreeChanges, type TreeChanges } from '../core/tree-change.ts';
import { entries } from '../core/words.ts';
import { repeatedKeys } from '../core/repeated-keys.ts';
import { argvOfProgram } from '../formats/programs/imports.ts';
import { leftFindings } from '../formats/programs/left-behind.ts';
import { missingTool } from '../formats/programs/missing-tool.ts';
import { findCheck, packageAndCheck } from '../repository/own-check.ts';
import { treeDiff } from '../repository/tree-diff.ts';

const params = z.strictObject({
  check: z
    .string()
    .refine((text) => (text.startsWith('./') ? ownPath.safeParse(text).success : packageAndCheck(text) !== undefined), {
      error: 'write ./PATH for a program of the repository, or PACKAGE/CHECK for one of a package in node_modules',
    })
    .describe('the program: `./checks/licences.mjs`, or `acme-checks/soc2` of a package in node_modules'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'a sha256 has 64 hexadecimal digits; `verify plan` shows it' })
    .optional()
    .describe('sha256 that the program, with all its files, must have; a package needs it. `verify plan` shows it'),
  with: z.unknown().optional().describe('handed to the program on its standard input, as it stands'),
  files: z.array(ownPath).default([]).describe('files that it leans on besides those that it imports'),
  facts: z.array(FactName).default([]).describe('facts that it measures, for `${{ facts.NAME }}` of later steps'),
  tree: z
    .enum(['unchanged', 'may-change'])
    .default('unchanged')
    .describe('the tracked files of the target must be as before'),
});
type Params = z.infer<typeof params>;

interface Observed {
  /** Why there was nothing to run. */
  missing?: string;
  digest?: string;
  files?: string[];
  /** Where it loads a file by a name that is put together. */
  open?: { file: string; line: number; text: string }[];
  /** Files of it that are in no digest of the tree. */
  foreign?: string[];
  main?: ExecResult;
  /** Files that it names as evidence, and what became of them. */
  kept?: { name: string; why?: string }[];
  tree?: TreeChanges;
}

const problems = {
  'check-missing': inconclusive('The check is not there', 'correct its path, or install its package'),
  'digest-other': inconclusive(
    'The check is not the one that the checklist pins; it was not run',
    'read the change; `verify plan` shows the new digest',
  ),
  'import-open': warning(
    'The check loads a file whose name is put together: it is in no digest of the check',
    'write the name out, or list under `files` what it may load',
  ),
  'not-started': inconclusive('The check could not be started', 'is it executable, and its interpreter here?'),
  'timed-out': inconclusive('The check did not finish in time', 'raise the timeout, or find out what it waits for'),
  'check-broke': inconclusive(
    'The check ended with an error',
    'it must exit with 0 whatever it finds: what it finds belongs in its judgement. Read its stderr in the evidence',
  ),
  'no-judgement': inconclusive('The check printed nothing', 'it must print one JSON document; see docs/own-steps.md'),
  'judgement-invalid': inconclusive(
    'What the check printed is not a judgement',
    'hold it against docs/judgement.schema.json; everything else belongs on stderr',
  ),
  'output-cut': inconclusive('The judgement was too long to read in full', 'put the bulk into evidence files'),
  'evidence-missing': inconclusive(
    'A file that the check names as evidence cannot be kept',
    'write it below $VERIFY_EVIDENCE, as a plain file',
  ),
  'fact-not-found': inconclusive('A promised fact was not measured', 'correct `facts`, or the check'),
  'process-left': error('The check left a process running', 'wait for it or end it'),
  'tree-changed': error(
    'The check changed tracked files',
    'a check must not write into the tree; or say `tree: may-change`',
  ),
} as const;

export default defineStep<Params, Observed>({
  kind: 'program',
  summary: 'A check of the repository’s own, by a program that prints a judgement.',
  description: `\`uses: ./checks/licences.mjs\` is short for this type with \`check: ./checks/licences.mjs\`, everything below \`with\` going to the program; \`@sha256:…\` behind the path pins it. \`verify new-step NAME\` scaffolds one with its test; [docs/own-steps.md](../docs/own-steps.md) says more.

The program is started in the target, by its ending (node for .mjs .js .cjs .ts, python3 for .py, bash for .sh), else as it is. On its standard input it gets \`{"version":1,"with":…,"step":…,"target":…,"evidence":…}\`; \`evidence\` (also \`$VERIFY_EVIDENCE\`) is a folder for files that it wants kept. It prints one JSON document ([docs/judgement.schema.json](../docs/judgement.schema.json)): proofs, findings with place, facts, tables, names of evidence files. Whatever it finds, it exits with 0.

Nothing printed, text that is not a judgement, another exit code, a signal, a time-out: inconclusive, never a pass. A judgement without proof and without finding is \`nothing-asserted\`. Report and gate judge the printed text again and run nothing.

The digest covers the program, what it imports by relative paths that are written out, all files of a folder from which it imports by a name that is put together, and \`files\`; another import by such a name is a warning where there are no \`files\`; of a package, every file of it. \`lint\` and \`plan\` show it, and the record lists the files.`,
  example: `- id: licences
  uses: program
  with:
    check: ./checks/licences.mjs
    files: [checks/allowed.txt]
    with: { deny: [GPL-3.0-only] }`,
  params,
  facts: {},
  yields: (p) => Object.fromEntries(p.facts.map((name) => [name, 'a value that the check measures'])),
  problems,
  timeout: '5m',
  plan: (p) => [
    p.check.startsWith('./')
      ? argvOfProgram(p.check).join(' ')
      : `${p.check} of node_modules, whose package.json says the file`,
    ...(p.with === undefined ? [] : [`   with ${JSON.stringify(p.with)} on its standard input`]),
  ],
  title: (p) => p.check,
  async gather(p, ctx) {
    const found = await findCheck(p, ctx.files);
    if (typeof found === 'string') return { missing: found };
    const { digest, files, program, open } = found;
    const foreign = p.digest === undefined ? files.filter((path) => !ctx.ofTree(path)) : [];
    if (!isPinned(p, digest) || foreign.length > 0) return { digest, files, ...(foreign.length > 0 && { foreign }) };
    const evidence = ctx.evidence.scratch();
    const main = await ctx.exec(startedBy(program), {
      name: 'check',
      input: `${JSON.stringify({ version: 1, with: p.with ?? {}, step: ctx.step.id, target: ctx.target, evidence })}\n`,
      env: { VERIFY_EVIDENCE: evidence },
      maxText: 4_000_000,
      tellsLeft: 'end',
      onLine: ctx.progress,
    });
    const kept = await keep(main.stdout, evidence, ctx);
    const tree = p.tree === 'unchanged' ? await treeDiff(ctx) : undefined;
    return { digest, files, main, kept, ...(open && { open }), ...(tree && { tree }) };
  },
  judge(p, { missing, digest, open = [], foreign = [], main, kept = [], tree }) {
    const j = new Judge(problems);
    if (missing !== undefined) return j.find('check-missing', missing).done();
    if (!isPinned(p, digest ?? ''))
      return j
        .find(
          'digest-other',
          `${p.check} has the sha256 ${digest}, expected ${p.digest ?? 'one that the checklist pins'}`,
        )
        .done();
    if (foreign.length > 0)
      return j
        .find(
          'digest-other',
          `${foreign.slice(0, 5).join(', ')} of ${p.check} is not in the verified tree; expected ${p.check}@sha256:${digest}`,
          { hint: 'git ignores it: commit it, or pin the check' },
        )
        .done();
    if (!main) return j.find('check-missing', `${p.check} was not run`).done();
    if (main.notStarted !== undefined) return j.find('not-started', `${p.check}: ${main.notStarted}`).done();
    for (const { message, options } of tree ? sayTreeChanges(tree) : []) j.find('tree-changed', message, options);
    for (const { file, line, text } of open)
      j.find('import-open', `\`${text}\` loads a file that the digest of ${p.check} does not cover`, {
        where: { file, line },
      });
    for (const { message, options } of leftFindings('the check', main.left)) j.find('process-left', message, options);
    const detail = main.stderr.slice(-1500);
    if (main.timedOut)
      j.find('timed-out', `${p.check} was stopped after ${Math.round(main.durationMs)} ms`, { detail });
    else if (main.code !== 0) {
      const tool = missingTool(main);
      if (tool === undefined)
        j.find(
          'check-broke',
          `${p.check} ${main.code === null ? `was killed by ${main.signal ?? 'a signal'}` : `exited with ${main.code}`}`,
          { detail },
        );
      else j.find('not-started', `${p.check}: ${tool} is not on this machine`, { detail });
    }
    if (main.truncated) return j.find('output-cut', 'the judgement is longer than what is read').done();
    if (main.stdout.trim() === '') return j.find('no-judgement', `${p.check} printed nothing`, { detail }).done();
    const read = readJudgement(main.stdout);
    if (typeof read === 'string')
      return j.find('judgement-invalid', `${p.check}: ${read}`, { detail: main.stdout.slice(0, 1500) }).done();
    for (const proof of read.proofs) j.prove(proof);
    for (const { subject, where, hint, detail: text, ...finding } of read.findings)
      j.adopt({
        ...finding,
        ...(subject !== undefined && { subject }),
        ...(where && { where: withoutUndefined(where) }),
        ...(hint !== undefined && { hint }),
        ...(text !== undefined && { detail: text }),
      });
    for (const [name, fact] of entries(read.facts)) {
      const { value, unit }: { value: FactValue; unit?: string | undefined } =
        typeof fact === 'object' ? fact : { value: fact };
      j.fact(name, value, unit);
    }
    for (const name of p.facts)
      if (!Object.hasOwn(read.facts, name))
        j.find('fact-not-found', `${p.check} did not measure ${name}`, { subject: name });
    for (const { title, columns, rows } of read.tables) j.table(title, columns, rows);
    for (const { name, why } of kept)
      if (why !== undefined) j.find('evidence-missing', `${name}: ${why}`, { subject: name });
    if (read.reduced !== undefined) j.reduced(read.reduced);
    return j.done();
  },
});

/** Is it the program that the checklist pins? One of the tree need not be pinned: the tree's digest holds it. */
const isPinned = (p: Params, digest: string): boolean =>
  p.digest === undefined ? p.check.startsWith('./') : p.digest === digest;

/** Node is the one that verify itself runs on, so that a check in TypeScript runs too. */
const startedBy = (program: string): string[] =>
  argvOfProgram(program).map((word, n) => (n === 0 && word === 'node' ? process.execPath : word));

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

/** The judgement that a check printed, or why it is none: the first thing that is wrong with it. */
function readJudgement(text: string): OwnJudgement | string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return `its output is not a JSON document: ${(error as Error).message}`;
  }
  const [twice] = repeatedKeys(text);
  if (twice !== undefined) return `the key ${JSON.stringify(twice)} appears twice in one object`;
  const parsed = OwnJudgement.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return issue ? inWords(issue, document) : 'it is none';
}

/** What is wrong with a judgement, its place as one finds it in the document, and what was expected there. */
function inWords(issue: z.core.$ZodIssue, document: unknown): string {
  const place = issue.path.reduce<string>(
    (all, part) =>
      typeof part === 'number' ? `${all}[${part}]` : all === '' ? String(part) : `${all}.${String(part)}`,
    '',
  );
  const value = issue.path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    document,
  );
  const found = value === undefined ? 'nothing' : (JSON.stringify(value) ?? '').slice(0, 80);
  const at = place === '' ? 'the document' : place;
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${at} has ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}, which the format does not know`;
    case 'invalid_type':
      return `${at}: expected ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}, found ${found}`;
    case 'invalid_value':
      return `${at}: expected ${issue.values.map((one) => JSON.stringify(one)).join(' or ')}, found ${found}`;
    case 'too_small':
      return `${at}: expected at least ${issue.minimum}${issue.origin === 'string' ? ' character' : ''}, found ${found}`;
    case 'too_big':
      return `${at}: expected at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}, found ${found}`;
    case 'invalid_union':
      return `${at}: expected a text, a number, a boolean, or { "value": …, "unit": … }, found ${found}`;
    case 'invalid_key':
      return `${at}: ${issue.issues[0]?.message ?? 'the name cannot be one'}`;
    default:
      // The schema's own sentences are written for people.
      return `${at}: ${issue.message}, found ${found}`;
  }
}

/** Bytes of one file that is kept. */
const maxFile = 16 * 1024 * 1024;

/** Copies the files that the judgement names out of the scratch folder. */
async function keep(stdout: string, folder: string, ctx: StepContext): Promise<{ name: string; why?: string }[]> {
  const read = readJudgement(stdout);
  const names = typeof read === 'string' ? [] : read.evidence;
  const kept: { name: string; why?: string }[] = [];
  for (const name of names) {
    const path = `${folder}/${name}`;
    const { kind, bytes } = await ctx.files.stamp(path);
    const real = await ctx.files.realPath(path).catch(() => undefined);
    const inside = real?.real.startsWith(`${(await ctx.files.realPath(folder)).real}/`) === true;
    const why =
      kind === 'missing'
        ? 'it is not there'
        : kind !== 'file' || !inside
          ? 'it is not a plain file of the folder'
          : bytes > maxFile
            ? `it has ${bytes} bytes`
            : undefined;
    if (why === undefined) await ctx.evidence.write(name, await ctx.files.readBytes(path));
    kept.push({ name, ...(why !== undefined && { why }) });
  }
  return kept;
}
