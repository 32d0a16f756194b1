import { z } from 'zod';
import { leftFindings } from '../../formats/programs/left-behind.ts';
import { isUnfetched } from '../../toolchains/cargo/output.ts';
import { cargoTool } from '../../toolchains/cargo/tools.ts';
import { AnyDuration } from '../../core/duration.ts';
import { defineStep, Judge, ms, type ExecResult, type StepContext } from '../../core/step.ts';
import {
  compare,
  type Compared,
  measuresOf,
  mergeClasses,
  type OperationClass,
} from '../../formats/bench/comparison.ts';
import { type Measure, objectivesOf, thresholdsOf } from '../../formats/bench/document.ts';
import { collect, findBaseline, writtenFromNow, writtenSince } from '../../repository/bench-files.ts';
import {
  type BenchSeen,
  isOfAnother,
  judgeBaseline,
  judgeClasses,
  judgeCompared,
  judgeDocument,
  judgeResults,
  problems,
} from '../../formats/bench/findings.ts';
import { type Benchmark, type Collected, writeResults } from '../../formats/bench/results.ts';
import type { MarkdownTable } from '../../formats/documents/tables.ts';
import { parseQuantity } from '../../formats/data/quantity.ts';

const Percent = z
  .string()
  .refine((text) => parseQuantity(text)?.kind === 'percent', { error: 'not a percentage: write it like 10%' })
  .describe('a percentage: 10%');
const Amount = z
  .string()
  .refine((text) => !['percent', 'count', undefined].includes(parseQuantity(text)?.kind), {
    error: 'not a quantity: write number and unit, as in 10 µs, 5ms, 1000 ops/s or 64 MiB',
  })
  .describe('a number with its unit');
const measures = ['value', 'p50', 'p95', 'p99', 'throughput', 'memory'] as const;
const by = <T extends z.ZodType>(one: T) =>
  z.strictObject(
    Object.fromEntries(measures.map((name) => [name, one.optional()])) as Record<Measure, z.ZodOptional<T>>,
  );

const params = z
  .strictObject({
    run: z.array(z.string()).min(1).optional().describe('literal argv that makes the results first'),
    env: z.record(z.string(), z.string()).default({}),
    results: z
      .string()
      .default('target/criterion')
      .describe(
        'criterion’s folder, or a JSON file: a list of { name, unit, value, spread?, p50?, p95?, p99?, better? }',
      ),
    maxAge: AnyDuration.optional().describe('results may be as old as this; without it they must be of this run'),
    min: z.int().min(1).default(1).describe('benchmarks at least'),
    baseline: z
      .strictObject({
        criterion: z.string().min(1).optional().describe('name of a criterion baseline (--save-baseline)'),
        host: z.string().optional().describe('fingerprint of the host that the criterion baseline was made on'),
        files: z
          .array(z.string().min(1))
          .optional()
          .describe('globs of JSON files like `results`, each with its `host`'),
        required: z.boolean().default(true).describe('without a baseline of this host the step is inconclusive'),
      })
      .refine((b) => (b.criterion === undefined) !== (b.files === undefined), { error: 'give criterion or files' })
      .optional(),
    regression: Percent.default('10%').describe('worse by more than this, where a class says nothing else'),
    confirm: z.boolean().default(false).describe('run again before a regression or a breach is reported'),
    classes: z
      .array(
        z.strictObject({
          class: z.string().min(1),
          match: z.array(z.string().min(1)).optional().describe('names with *; default: all words of the class'),
          regression: z.union([Percent, by(Percent)]).optional(),
          limits: by(Amount).optional().describe('absolute: at most; throughput at least'),
        }),
      )
      .default([]),
    document: z
      .strictObject({
        file: z.string().min(1),
        thresholds: z
          .union([z.string().min(1), z.literal(false)])
          .default('Regression thresholds')
          .describe('heading of the table of thresholds; false where there is none'),
        objectives: z
          .boolean()
          .default(true)
          .describe('objectives beside a figure, as in `objective (P95)`, are limits'),
      })
      .optional()
      .describe('Markdown: thresholds and objectives are read from it, and its own PASS marks recomputed'),
  })
  .refine((p) => p.baseline ?? p.document ?? p.classes.some((one) => one.limits), {
    error: 'nothing would be asserted: give a baseline, a document, or limits of a class',
  });
type Params = z.infer<typeof params>;

interface Observed extends BenchSeen {
  run?: ExecResult;
  rerun?: ExecResult;
}

const fraction = (text: string): number => parseQuantity(text)?.value ?? Number.NaN;
const mapped = (record: Partial<Record<Measure, string | undefined>>): Partial<Record<Measure, number>> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, text]) => (text === undefined ? [] : [[name, fraction(text)]])),
  );

function classesOf(p: Params, tables: readonly MarkdownTable[]): OperationClass[] {
  const own = p.classes.map(({ class: name, match, regression = {}, limits = {} }): OperationClass => ({
    name,
    line: 0,
    ...(match && { match }),
    regression: typeof regression === 'string' ? { value: fraction(regression) } : mapped(regression),
    limits: mapped(limits),
  }));
  if (!p.document) return own;
  const { thresholds, objectives } = p.document;
  const read = [
    ...(thresholds === false ? [] : thresholdsOf(tables, thresholds)),
    ...(objectives ? objectivesOf(tables) : []),
  ];
  return mergeClasses(read, own);
}

const linesOf = (p: Params, o: Observed, results: readonly Benchmark[]): Compared[] =>
  compare(results, o.baseline?.benchmarks, classesOf(p, o.tables ?? []), fraction(p.regression));

export default defineStep<Params, Observed>({
  kind: 'bench/compare',
  summary: 'Benchmarks are within their limits, and not worse than the baseline of this host.',
  description: `Reads criterion's folder (\`<benchmark>/new/estimates.json\`; the slope or mean with its confidence interval, P50 the median) or a small JSON of any tool: \`[{ name, unit, value, spread?, p50?, p95?, p99?, better? }]\`, also as \`{ host?, results: […] }\`. \`unit\` is ns, µs, us, ms, s, B, KiB, MiB, MB, ops/s, MB/s, % or empty; \`spread\` is half the interval of \`value\`; \`better\` is lower or higher, by default higher for what is per second. Results must be written by this run, or be younger than \`maxAge\`; others are left out, and where none is left the step is inconclusive.

**Limits** are absolute and hold on every host. A **baseline** holds on the host that it was made on only: the JSON whose \`host\` is the fingerprint of this one, or criterion's with \`baseline.host\`. Another host, a missing baseline or an empty result is inconclusive, never passed; with \`required: false\` a missing baseline is a note, and the limits decide alone. To accept a run as the baseline, commit \`evidence/<step>/results.json\` of it.

Worse by more than the threshold is a **regression** where the intervals do not overlap; where they do, it can be neither proven nor excluded. With \`confirm\` a second run must show it too.

A class of operation takes its thresholds from the checklist, and from the \`document\`: percentages in the table below the heading, and objectives beside a figure. The document's own PASS and FAIL marks are recomputed from the numbers of their rows.`,
  example: `- id: benchmarks
  uses: bench/compare
  with:
    run: [cargo, bench]
    baseline: { files: ["docs/reference/baselines/*.json"] }
    confirm: true
    classes:
      - { class: recall, match: ["recall/*"], regression: 15%, limits: { p95: 10 ms } }
    document: { file: docs/reference/benchmark-results.md }`,
  params,
  facts: {
    'bench.count': 'benchmarks measured',
    'bench.compared': 'figures held against a baseline',
    'bench.limits': 'figures held against a limit',
    'bench.worst': 'greatest worsening against the baseline, in percent',
    'bench.regressions': 'figures that are worse than allowed',
    'bench.rows': 'rows of the document whose mark was recomputed',
    'bench.<name>.<figure>': 'value, p50, p95, p99, throughput or memory, in seconds, per second or bytes',
  },
  problems,
  timeout: '30m',
  requires: (p) => (p.run?.[0] === 'cargo' ? [cargoTool] : []),
  locks: (p) => (p.run?.[0] === 'cargo' ? ['cargo-target'] : []),
  plan: (p) => [
    ...(p.run ? [p.run.join(' ')] : []),
    `reads ${p.results}`,
    ...(p.baseline ? [`holds it against ${p.baseline.criterion ?? p.baseline.files?.join(', ')}`] : []),
  ],
  async gather(p, ctx) {
    const measure = async (name: string): Promise<{ run?: ExecResult; results: Collected }> => {
      const before = await writtenFromNow(ctx.files, p.results);
      const run = p.run && (await ctx.exec(p.run, { env: p.env, name, tellsLeft: 'end', onLine: ctx.progress }));
      const since = p.maxAge === undefined ? ctx.runStartedAt : ctx.now() - ms(p.maxAge);
      const fresh = run && p.maxAge === undefined ? before : writtenSince(since);
      return { ...(run && { run }), results: await collect(ctx.files, p.results, 'new', fresh) };
    };
    const { run, results } = await measure('bench');
    const o: Observed = { host: ctx.host.fingerprint, results, ...(run && { run }) };
    if (p.baseline)
      o.baseline = await findBaseline(ctx.files, p.results, p.baseline, ctx.host.fingerprint, ctx.runStartedAt);
    if (p.document) await readDocument(p.document.file, o, ctx);
    if (results.benchmarks.length > 0)
      await ctx.evidence.write('results.json', writeResults(results.benchmarks, ctx.host.fingerprint));
    if (p.confirm && run?.code === 0 && linesOf(p, o, results.benchmarks).some((one) => one.verdict !== 'held')) {
      ctx.progress('worse than allowed: once more');
      const second = await measure('bench-again');
      return { ...o, again: second.results, ...(second.run && { rerun: second.run }) };
    }
    return o;
  },
  judge(p, o) {
    const j = new Judge(problems);
    if (p.document) judgeDocument(j, o, p.document);
    for (const run of [o.run, o.rerun]) {
      if (!run) continue;
      for (const { message, options } of leftFindings('the benchmark', run.left))
        j.find('process-left', message, options);
      const detail = `${run.stdout}\n${run.stderr}`.trim().slice(-1500);
      if (run.notStarted !== undefined) return j.find('not-started', `${run.argv[0]}: ${run.notStarted}`).done();
      if (run.code !== 0)
        return j
          .find('run-failed', `${run.argv.join(' ')} exited with ${run.code ?? run.signal ?? 'a time-out'}`, {
            detail,
            // What cannot be fetched says nothing of the benchmarks.
            ...((run.timedOut || isUnfetched(detail)) && { level: 'inconclusive' }),
          })
          .done();
    }
    judgeResults(j, o, p.results, p.min);
    if (o.results.benchmarks.length === 0 || isOfAnother(o)) return j.done();
    if (p.baseline) judgeBaseline(j, o, p.baseline.required);
    const file = p.document?.file;
    judgeClasses(j, classesOf(p, o.tables ?? []), o.results.benchmarks, file);
    judgeCompared(j, linesOf(p, o, o.results.benchmarks), o.again && linesOf(p, o, o.again.benchmarks), file);
    for (const one of o.results.benchmarks)
      for (const [measure, figure] of measuresOf(one))
        j.fact(`bench.${one.name.replace(/[^\w.-]+/g, '-')}.${measure}`, figure.at);
    return j.done();
  },
});

async function readDocument(file: string, o: Observed, ctx: StepContext): Promise<void> {
  const text = await ctx.files.readIfThere(file);
  if (text !== undefined) o.tables = (await import('../../formats/documents/tables.ts')).tablesOf(text);
}
