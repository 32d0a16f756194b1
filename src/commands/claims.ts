import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Claim } from '../claims/reading.ts';
import { DocumentReader } from '../claims/document.ts';
import { exit, UserError } from '../core/errors.ts';
import type { FactValue } from '../core/judgement.ts';
import { RunRecord } from '../core/record.ts';
import { Redactor } from '../evidence/redact.ts';
import { EvidenceStore, makeFolder } from '../evidence/store.ts';
import { numberPhrases } from '../formats/documents/number-ties.ts';
import { kinds, loadKind } from '../steps/index.ts';
import { stepContext } from '../engine/context/context.ts';
import { Checkout } from '../hosts/checkout.ts';
import { Shared } from '../engine/context/shared.ts';
import { TreeWatch } from '../engine/tree-watch.ts';
import { Uses } from '../engine/resume/doors-used.ts';
import { hostFacts } from '../hosts/host.ts';
import { Programs } from '../hosts/programs.ts';

interface Options {
  target?: string | undefined;
  record?: string | undefined;
}

/** A fact that a number may be tied to, with its value where a record has it. */
interface Candidate {
  name: string;
  words: Set<string>;
  value: FactValue | undefined;
  step: string | undefined;
}

/**
 * `verify claims`: what a document says and whether it holds, and a draft of a docs/claims step with its numbers tied to facts.
 * Prints YAML. 10 where a claim is proven false.
 * @throws UserError 66 where the document, the target or the record is not there, 65 where the record is none
 */
export async function claimsCommand(document: string, options: Options): Promise<number> {
  const { target, path } = locate(document, options.target);
  const { claims, contradictions, prose } = await look(target, path);
  const record = readRecord(options.record, target);
  const candidates = await candidatesOf(record);
  const out: string[] = [`# ${path} of ${target}`, ...claimLines(claims)];
  for (const one of contradictions) out.push(`# ${one.holds ? '✔' : '✘'} ${one.line}: "${one.text}"; ${one.seen}`);
  const ties = draftTies(numberPhrases(prose), candidates);
  out.push(
    '#',
    `# Numbers and the facts that they may be tied to${record ? `, with the values of the run ${record.run.id}` : ' (no record of a run was found: no values)'}`,
    `- id: ${basename(path)
      .replace(/\.\w+$/, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')}`,
    '  uses: docs/claims',
  );
  if (ties.steps.length > 0) out.push(`  needs: [${ties.steps.join(', ')}]`);
  out.push('  with:', `    documents: [${JSON.stringify(path)}]`);
  if (ties.tied.length > 0) out.push('    claims:', ...ties.tied);
  out.push(...ties.open);
  process.stdout.write(`${out.join('\n')}\n`);
  const bad = claims.some((claim) => claim.state === 'false') || contradictions.some((one) => !one.holds);
  return bad ? exit.failed : exit.passed;
}

function locate(document: string, target: string | undefined): { target: string; path: string } {
  const file = [resolve(document), ...(target === undefined ? [] : [resolve(target, document)])].find((one) =>
    existsSync(one),
  );
  if (file === undefined)
    throw new UserError(exit.missing, `the document ${document} is not there`, {
      hint: 'give a path from here, or from --target',
    });
  let root = target === undefined ? dirname(file) : resolve(target);
  if (target === undefined) while (!existsSync(join(root, '.git')) && dirname(root) !== root) root = dirname(root);
  if (dirname(root) === root) root = process.cwd();
  if (!existsSync(root)) throw new UserError(exit.missing, `the target ${root} is not there`);
  const path = relative(root, file);
  if (path.startsWith('..'))
    throw new UserError(exit.missing, `${document} does not lie in ${root}`, {
      hint: 'give its repository with --target',
    });
  return { target: root, path };
}

/** Looks at the document through the doors of a step, with evidence that is thrown away. */
async function look(target: string, path: string): ReturnType<DocumentReader['read']> {
  const folder = mkdtempSync(join(tmpdir(), 'verify-claims-'));
  makeFolder(join(folder, 'evidence'));
  const shared = new Shared(basename(folder), new Checkout(target));
  const redactor = new Redactor([]);
  const { signal } = new AbortController();
  try {
    const { context, close } = stepContext(
      {
        runId: basename(folder),
        target,
        host: hostFacts(),
        tree: new TreeWatch(target, { files: new Map(), folders: new Map() }),
        startedAt: Date.now(),
        driver: 'auto',
        keepStack: false,
        stackSpec: undefined,
        store: new EvidenceStore(folder, redactor),
        redactor,
        signal,
        facts: new Map(),
        lateSteps: new Set(),
        teardowns: [],
        treeDigest: '',
        built: [],
        ask: undefined,
        stack: undefined,
        shared,
        uses: () => new Uses(new Programs(target)),
      },
      { id: 'claims', uses: 'docs/claims', secrets: [] },
      { signal, endsAt: performance.now() + 120_000 },
      () => undefined,
    );
    const reader = await DocumentReader.open(context);
    const read = await reader.read(path, { paths: true, links: true, commands: true, names: true, values: true });
    await close();
    return read;
  } finally {
    await shared.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const marks = { holds: '✔', false: '✘', doubtful: '?', remarked: '·', unjudged: '·' } as const;

function claimLines(claims: readonly Claim[]): string[] {
  const count = (state: Claim['state']): number => claims.filter((claim) => claim.state === state).length;
  return [
    `# ${count('holds')} claims hold, ${count('false')} do not, ${count('doubtful')} are doubtful, ${count('unjudged')} are not judged`,
    ...claims.map(
      (claim) =>
        `# ${marks[claim.state]} ${claim.line}: ${claim.kind} ${claim.text.replace(/\s+/g, ' ')}: ${claim.seen.replace(/\s+/g, ' ')}${claim.hint === undefined ? '' : ` (${claim.hint})`}`,
    ),
  ];
}

/** The record that is named, or the newest of the runs below reports/ that was of this target. */
function readRecord(named: string | undefined, target: string): RunRecord | undefined {
  if (named !== undefined) {
    if (!existsSync(named)) throw new UserError(exit.missing, `the record ${named} is not there`);
    const record = parseRecord(named);
    if (!record) throw new UserError(exit.invalid, `${named} is not a record of this version`);
    return record;
  }
  if (!existsSync('reports')) return undefined;
  return readdirSync('reports')
    .map((name) => join('reports', name, 'latest', 'record.json'))
    .filter((path) => existsSync(path))
    .flatMap((path) => parseRecord(path) ?? [])
    .filter((record) => resolve(record.tree.path) === target)
    .toSorted((a, b) => (a.run.startedAt < b.run.startedAt ? 1 : -1))[0];
}

function parseRecord(path: string): RunRecord | undefined {
  try {
    return RunRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Words as a reader would match them: lower case, without endings of the plural and common verbs' forms. */
const stems = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter(
        (word) =>
          word.length > 2 && !/^(?:the|and|are|that|with|this|all|them|were|was|not|for|count|number)$/.test(word),
      )
      .map((word) => word.replace(/(?:ing|ed|es|s)$/, '')),
  );

async function candidatesOf(record: RunRecord | undefined): Promise<Candidate[]> {
  const known = new Map<string, string>();
  for (const kind of kinds)
    for (const [name, about] of Object.entries((await loadKind(kind)).facts))
      if (!name.includes('<')) known.set(name, about);
  const measured = (record?.steps ?? []).flatMap((step) =>
    Object.entries(step.facts).map(([name, value]) => ({
      name,
      words: stems(`${name} ${known.get(name) ?? ''}`),
      value,
      step: step.id,
    })),
  );
  if (record) return measured.filter((one) => typeof one.value === 'number' && !one.name.startsWith('claims.'));
  return [...known].map(([name, about]) => ({
    name,
    words: stems(`${name} ${about}`),
    value: undefined,
    step: undefined,
  }));
}

function draftTies(
  phrases: ReturnType<typeof numberPhrases>,
  candidates: readonly Candidate[],
): { tied: string[]; open: string[]; steps: string[] } {
  const tied: string[] = [];
  const open: string[] = [];
  const steps = new Set<string>();
  const drafted = new Set<string>();
  for (const phrase of phrases) {
    const words = stems(phrase.claim);
    const score = (one: Candidate): number =>
      [...words].filter((word) => one.words.has(word)).length + (one.value === phrase.value ? 0.5 : 0);
    const [best] = candidates.filter((one) => score(one) >= 1).toSorted((a, b) => score(b) - score(a));
    const about = `# line ${phrase.line}: ${phrase.text}`;
    if (!best) open.push(`    # no fact is known for line ${phrase.line}: ${phrase.text}`);
    else if (!drafted.has(phrase.claim)) {
      drafted.add(phrase.claim);
      if (best.step !== undefined) steps.add(best.step);
      tied.push(
        `      - { claim: ${JSON.stringify(phrase.claim)}, fact: ${best.name} } ${about}${best.value === undefined ? '' : `; measured ${best.value} by ${best.step}`}`,
      );
    }
  }
  return { tied, open, steps: [...steps] };
}
