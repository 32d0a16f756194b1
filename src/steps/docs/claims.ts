import { z } from 'zod';
import { Causes } from '../../claims/causes.ts';
import { DocumentReader, type DocumentClaims } from '../../claims/document.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { defineStep, error, inconclusive, Judge, note, warning, type FactValue } from '../../core/step.ts';
import { isSample } from '../../formats/documents/path-text.ts';
import { findNumbers, type NumberSeen } from '../../formats/documents/number-ties.ts';

const Tie = z.strictObject({
  claim: z
    .string()
    .refine((text) => text.split('{n}').length === 2, { error: 'write {n} where the number stands, once' })
    .describe('wording with `{n}` for the number and `{*}` for any other: "{n} of {*} tasks"'),
  fact: z.string().min(1).describe('name of the fact: `alerts.count`, or `<step id>/alerts.count`'),
  op: z
    .enum(['==', '>=', '<=', '>', '<'])
    .optional()
    .describe('measured OP written; default ==, and >= where a plus follows (60+)'),
});
const params = z.strictObject({
  documents: z.array(z.string().min(1)).min(1).describe('Markdown files or globs'),
  claims: z.array(Tie).default([]).describe('numbers that are tied to facts; `verify claims DOC` drafts them'),
  paths: z.boolean().default(true).describe('paths in back-ticks'),
  links: z.boolean().default(true).describe('relative links, images and anchors'),
  commands: z.boolean().default(true).describe('commands in fenced blocks and in back-ticks, and whether blocks parse'),
  names: z.boolean().default(true).describe('variables of the environment, metrics and alerts'),
  values: z.boolean().default(true).describe('versions, ports, counts, and what is said of the state'),
  ignore: z
    .array(z.string().min(1))
    .default([])
    .describe('texts (or beginnings of them, with * at the end) that are not judged'),
});
type Params = z.infer<typeof params>;

interface Observed {
  unmatched: string[];
  documents: (DocumentClaims & { numbers: NumberSeen[][] })[];
  facts: Record<string, FactValue>;
  /** For which there was no time. */
  unread?: string[];
}

const problems = {
  'document-missing': error('A document is not there', 'correct the path'),
  'path-missing': error('A path that the document names is not there', 'correct the path, or add the file'),
  'link-broken': error('A link leads nowhere', 'correct the link, or add the file'),
  'anchor-missing': error('A link’s anchor is not there', 'name a heading that is there'),
  'command-wrong': error('A command cannot work as it is written', 'correct the command'),
  'documents-unread': inconclusive(
    'The time limit ended before all documents were read',
    'give the step a longer `timeout`, or fewer documents',
  ),
  'not-judged': note('Commands could not be judged', 'see the program’s --help'),
  'block-broken': warning(
    'A block of JSON, YAML or TOML does not parse, or a merge is not settled',
    'correct it: a reader will copy it',
  ),
  'name-unknown': error('A name that nothing in the repository knows', 'correct the name, or add what has it'),
  'value-wrong': error(
    'A version, port, count or state differs from the repository',
    'correct the document, or what it describes',
  ),
  'number-wrong': error('A number disagrees with what was measured', 'correct the document, or what it describes'),
  'claim-not-found': error(
    'The wording of a tie is not in the document',
    'was the sentence changed or removed? correct the tie',
  ),
  'fact-not-measured': inconclusive(
    'The fact of a tie was not measured',
    'name its step under needs; where two steps disagree, write <step id>/<fact>',
  ),
  contradiction: error('The document contradicts itself', 'correct the sentence or the table'),
  'nothing-claimed': inconclusive(
    'Nothing in the documents could be checked',
    'tie a number, or take the document out',
  ),
} as const;

const codeOf = {
  path: 'path-missing',
  link: 'link-broken',
  anchor: 'anchor-missing',
  command: 'command-wrong',
  block: 'block-broken',
  name: 'name-unknown',
  value: 'value-wrong',
} as const;
const kindOn = {
  path: 'paths',
  link: 'links',
  anchor: 'links',
  command: 'commands',
  block: 'commands',
  name: 'names',
  value: 'values',
} as const;
const measuredWords = {
  holds: 'yes',
  false: 'no',
  doubtful: 'doubtful',
  remarked: 'not known',
  unjudged: 'not judged',
} as const;

/** The share of the time limit in which no further document is begun. */
const reserve = 0.2;
/** As many documents as somebody names who has read them. */
const few = 3;

const compare: Record<string, (measured: number, written: number) => boolean> = {
  '==': (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)),
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

export default defineStep<Params, Observed>({
  kind: 'docs/claims',
  summary: 'What the documents say is true: paths, links, commands, and numbers tied to measured facts.',
  description: `Reads Markdown with marked and looks up every claim:

- **paths** in back-ticks (\`a/{b,c}.json\`, globs, \`file:12\`), from the document's folder, from the root, or by their ending. An error only where the path looks like one of this repository (its first folder is there, and it ends like a file or in a slash) and is neither ignored by git nor a build's output, and in a README, a runbook or one of at most three documents that are named without a glob, or where its file lies elsewhere: others tell of when they were written, which is a warning; a sentence that itself accounts for it (removed, generated, not yet, an example) is believed.
- **links**, images and anchors, by GitHub's rules. With a site generator's configuration in the repository (mkdocs, docusaurus, mdBook …) slugs and routes are judged loosely.
- **commands** in fences of a shell's language or with prompts, and in back-ticks: scripts and files that they run or read, cargo packages, targets, features and flags, Compose files, profiles, services and flags, npm scripts, make targets. Programs are asked by \`--help\` and \`cargo metadata --no-deps --offline\`; nothing that a document says is run. \`cargo clippy -D warnings\` is an error: the flag belongs after \`--\`.
- **values**: the least Rust, Python, Node or Go against the manifest above the document; counts of alert and recording rules, dashboards, panels, Compose services and crates (an error beside the path of a file that has another number); ports of this machine that nothing names, or that the named service does not publish; PASS marks of tables, recomputed; "100% complete" with open boxes; values and defaults of settings against the file that the line names, or what the sources give the constant, option, variable or field of that name (products, lengths of time and what a function gives are worked out); lines, sizes and numbers of files; severity and wait of alerts.
- **names** of environment variables and metrics that no code or configuration knows though it writes their siblings out, and alerts that the named rule file does not have; options of a table of which one source knows most; flags of scripts and programs of the repository that their sources do not name, and commands that take them elsewhere only (clap, argparse, click, typer, cobra, urfave/cli, Go’s flag package, commander, yargs), also in containers, manifests and units that a block shows; keys of configuration beside others that the sources read; kinds and labels of metrics. Routes, variables, tests and members of types are an error where a path is one.
- **names and figures beside others** (suspected only): in a row or column of names that one source has together, the one that stands nowhere; constants and variables that differ from one of the sources in one word; ports and images of Compose services; editions, toolchains, least versions and dependencies of the manifests; values that clap’s enums do not take, profiles of cargo; jobs, runners and workflows of CI; rules of ConfigMaps, intervals of groups, time ranges and folders of dashboards; a figure of a table’s row that a sentence, or another report, gives otherwise; a part that is open in a document that is complete.
- **routes**: \`GET /api/x\` in prose, tables and requests, and calls of \`curl\` to this machine, against the routes that axum, actix, rocket, warp, express, fastify, koa, hono, Nest, Flask, FastAPI, Django, aiohttp, net/http, gorilla, chi, gin, echo, Spring, ktor and others are told of, and OpenAPI files. An error where all of them are written out and the path begins like theirs.
- **numbers** under \`claims\`: every place where the wording stands must agree with the fact. Thousands separators, number words, percent and a plus (at least) are read. A wording that is not in any of the documents is an error, a fact that was not measured inconclusive.
- **itself**: "11 of 12 tasks complete" against a table of tasks with a status column in the same document; percentages beside the numbers that they are of; the row \`Total\` of a table; "all targets met" above a row that says PARTIAL or an open box; "10/10 criteria" in the head and "8/10 criteria" in the summary; one label with two states or values; "5 panels:" above a list of four; changes, tallies of tests and shares that do not follow from their numbers; a figure that misses the target beside its mark; an estimate in a column of what was measured. Of a milestone's report also what lies beside it: another report of the same folder with another state or share, "12/12 tasks" beside task files that are open.
- **sources**: names of tests that no source has, \`Type::member\` of a type of the repository, error codes, methods of gRPC services against .proto files; "complete" beside the path of a file that says \`todo!()\` or "not yet implemented", or of a script that only prints; commits, tags and "N commits since" against git, unless the history was cut.
What is not known is not judged, nor what a glob finds among test data and templates. What looks false but may be meant otherwise is a warning.`,
  example: `- id: next-steps
  uses: docs/claims
  needs: [prometheus-config]
  with:
    documents: [roadmap/milestone-16/NEXT_STEPS.md]
    claims:
      - { claim: "{n} alert rules", fact: rulefiles.alerts }`,
  params,
  facts: {
    'claims.count': 'claims that were looked up',
    'claims.true': 'claims that hold',
    'claims.false': 'claims that do not hold',
    'claims.doubtful': 'claims that look false but may be meant otherwise',
    'claims.unjudged': 'texts that may be claims, of which nothing is known',
  },
  problems,
  timeout: '120s',
  plan: (p) => [
    `reads ${p.documents.join(', ')}; asks git about what they name, and cargo and docker compose where they name commands of these`,
    ...p.claims.map((tie) => `holds "${tie.claim}" against the fact ${tie.fact}`),
  ],
  leaves: 'nothing',
  readsFacts: (p) => p.claims.map(({ fact }) => fact),
  async gather(p, ctx) {
    const reader = await DocumentReader.open(ctx);
    const { paths, unmatched } = await matchedFiles(p.documents, ctx, isSample);
    const documents: Observed['documents'] = [];
    const all = new Set(paths);
    const limit = ctx.remaining();
    let unread: string[] = [];
    for (const [n, path] of paths.entries()) {
      // What was read before the time limit is judged, and of the rest it is said that it was not.
      if (n > 0 && ctx.remaining() < limit * reserve) {
        unread = paths.slice(n);
        break;
      }
      ctx.progress(path);
      const { prose, ...claims } = await reader.read(
        path,
        p,
        all,
        p.documents.includes(path),
        p.documents.includes(path) && p.documents.length <= few,
      );
      documents.push({ ...claims, numbers: p.claims.map((tie) => findNumbers(prose, tie.claim)) });
    }
    const facts: Record<string, FactValue> = {};
    for (const { fact } of p.claims) {
      const value = ctx.fact(fact);
      if (value !== undefined) facts[fact] = value;
    }
    return { unmatched, documents, facts, ...(unread.length > 0 && { unread }) };
  },
  judge(p, observed) {
    const j = new Judge(problems);
    for (const pattern of observed.unmatched)
      j.find('document-missing', `${pattern} matches no file`, { where: { file: pattern } });
    const { unread = [] } = observed;
    if (unread.length > 0)
      j.find(
        'documents-unread',
        `${unread.length} of ${unread.length + observed.documents.length} documents are not judged, because the time limit of the step was near: ${unread.slice(0, 5).join(', ')}${unread.length > 5 ? ' …' : ''}`,
      );
    const rows: string[][] = [];
    const count = { holds: 0, false: 0, doubtful: 0, remarked: 0, unjudged: 0 };
    const causes = new Causes();
    for (const document of observed.documents) {
      const file = document.path;
      const held = { path: 0, link: 0, anchor: 0, command: 0, block: 0, name: 0, value: 0 };
      for (const claim of document.claims) {
        if (!p[kindOn[claim.kind]] || isIgnored(claim.text, p.ignore)) continue;
        count[claim.state]++;
        if (claim.state === 'holds') held[claim.kind]++;
        if (claim.state === 'unjudged') continue;
        rows.push([claim.text, `${file}:${claim.line}`, claim.seen, measuredWords[claim.state]]);
        if (claim.state === 'holds') continue;
        causes.add(claim, file);
      }
      const words = Object.entries(held).filter(([, n]) => n > 0);
      if (words.length > 0)
        j.prove(`${file}: ${words.map(([kind, n]) => `${n} ${kind}${n === 1 ? '' : 's'}`).join(', ')} hold`);
      for (const one of document.contradictions) {
        count[one.holds ? 'holds' : one.level === 'warning' ? 'doubtful' : 'false']++;
        rows.push([one.text, `${file}:${one.line}`, one.seen, one.holds ? 'yes' : 'no']);
        j.check(
          one.holds,
          `${file}:${one.line}: "${one.text}", as its table says`,
          'contradiction',
          `"${one.text}", but ${one.seen}`,
          {
            where: { file, line: one.line },
            subject: one.text,
            level: one.level,
          },
        );
      }
    }
    findCauses(causes, j);
    if (count.holds === 0 && count.doubtful > 0)
      j.prove(`${count.doubtful} claims were looked up, and none is proven false`);
    judgeNumbers(p, observed, j, rows, count);
    if (rows.length === 0 && observed.documents.length > 0)
      j.find(
        'nothing-claimed',
        `${observed.documents.map((one) => one.path).join(', ')}: no claim that can be looked up`,
      );
    if (rows.length > 0) j.table('Claims', ['claim', 'line', 'measured', 'holds'], rows);
    return j
      .fact('claims.count', count.holds + count.false + count.doubtful)
      .fact('claims.true', count.holds)
      .fact('claims.false', count.false)
      .fact('claims.doubtful', count.doubtful)
      .fact('claims.unjudged', count.unjudged + count.remarked)
      .done();
  },
});

const levelOf = { false: 'error', doubtful: 'warning', remarked: 'note' } as const;

function findCauses(causes: Causes, j: Judge<typeof problems>): void {
  for (const { claim, state, file, line, others, more } of causes.bad()) {
    const unclear = claim.kind === 'command' && state === 'remarked';
    j.find(
      unclear ? 'not-judged' : codeOf[claim.kind],
      unclear ? claim.seen : `\`${claim.text}\`: ${claim.seen}${more}`,
      {
        where: { file, line },
        subject: claim.text,
        hint: claim.hint,
        level: levelOf[state],
        ...(others.length > 0 && { detail: `also at ${others.join(', ')}` }),
      },
    );
  }
}

const isIgnored = (text: string, ignore: readonly string[]): boolean =>
  ignore.some((one) => (one.endsWith('*') ? text.startsWith(one.slice(0, -1)) : text === one));

function judgeNumbers(
  p: Params,
  observed: Observed,
  j: Judge<typeof problems>,
  rows: string[][],
  count: { holds: number; false: number; doubtful: number },
): void {
  for (const [n, tie] of p.claims.entries()) {
    const seen = observed.documents.flatMap((one) =>
      (one.numbers[n] ?? []).map((number) => ({ ...number, file: one.path })),
    );
    if (seen.length === 0) {
      j.find('claim-not-found', `"${tie.claim}" is in none of ${p.documents.join(', ')}`, {
        subject: tie.claim,
        where: { file: observed.documents[0]?.path ?? p.documents[0] ?? '' },
      });
      continue;
    }
    const fact = observed.facts[tie.fact];
    const measured =
      typeof fact === 'number' ? fact : typeof fact === 'string' && fact.trim() !== '' ? Number(fact) : Number.NaN;
    for (const { file, line, text, value, atLeast } of seen) {
      const where = { file, line };
      const at = `${file}:${line}`;
      if (!Number.isFinite(measured)) {
        rows.push([text, at, `${tie.fact} was not measured`, 'not known']);
        const why = fact === undefined ? 'was not measured' : `is ${JSON.stringify(fact)}, no number`;
        j.find('fact-not-measured', `"${text}": the fact ${tie.fact} ${why}`, { where, subject: tie.claim });
        continue;
      }
      const op = tie.op ?? (atLeast ? '>=' : '==');
      const agrees = compare[op]?.(measured, value) === true;
      count[agrees ? 'holds' : 'false']++;
      rows.push([text, at, `${tie.fact} = ${measured}`, agrees ? 'yes' : 'no']);
      j.check(
        agrees,
        `${at}: "${text}", measured ${measured}`,
        'number-wrong',
        `"${text}", but ${tie.fact} is ${measured}${op === '==' ? '' : ` (promised: measured ${op} written)`}`,
        { where, subject: tie.claim },
      );
    }
  }
}
