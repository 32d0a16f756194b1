import { z } from 'zod';
import { defineStep, error, Judge } from '../../core/step.ts';
import { KnownMetrics } from '../../formats/prometheus/known-metrics.ts';
import { judgeUnknown, unexportedNames, unjudgedNames } from '../../formats/prometheus/metric-reads.ts';
import {
  judgeSources,
  metricSourceParams,
  metricSourceProblems,
  type SeenSources,
} from '../../formats/prometheus/metric-sources.ts';
import { derivedOf } from '../../repository/derived.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { gatherSources, namedInSource } from '../../repository/metric-sources.ts';
import { parsePromQl } from '../../formats/promql/parse.ts';
import {
  judgeIntervals,
  judgeOne,
  judgeTogether,
  judgeTwins,
  report,
  ruleProblems,
  type InFile,
  type Judging,
  forVmalert,
} from '../../formats/prometheus/rule-lints/judge.ts';
import { isBefore, prometheusMajor } from '../../formats/prometheus/deployed.ts';
import { oldFormat, ruleFile, type RepositoryRules, type Rule } from '../../formats/prometheus/rule-files.ts';
import { HouseRule } from '../../formats/prometheus/rule-lints/house.ts';
import { GroupPromise, judgeGroup, promiseProblems } from '../../formats/prometheus/rule-promises.ts';
import { declaredSeries, unsourcedMetrics } from '../../repository/metric-names.ts';
import { followRunbook, ownRepository, runbooksOf, type Runbook } from '../../repository/runbooks.ts';

const params = z.strictObject({
  rules: z.array(z.string().min(1)).min(1).describe('rule files or globs, relative to the target'),
  ...metricSourceParams,
  groups: z.array(GroupPromise).default([]).describe('groups and rules that the files must hold'),
  readers: z
    .array(z.string().min(1))
    .default([])
    .describe('dashboards and other files that read recording rules; only they and the rules are searched'),
  house: z
    .array(HouseRule)
    .default([])
    .describe('what this repository asks of its rules: labels, annotations, names, aggregation'),
  runbooks: z
    .enum(['checked', 'required', 'ignored'])
    .default('checked')
    .describe('checked: those that are given must lead somewhere; required: every alert must have one'),
  repository: z
    .string()
    .min(3)
    .optional()
    .describe('OWNER/NAME, so that links to the repository’s own pages are followed; default the remote origin'),
});
type Params = z.infer<typeof params>;

interface SeenFile extends RepositoryRules {
  path: string;
}
interface Observed {
  files: SeenFile[];
  unmatched: string[];
  sources: SeenSources;
  /** `file#annotation value` → where it leads. */
  runbooks: Record<string, Runbook>;
  /** Recording rules that one of `readers` names. */
  readElsewhere: string[];
  /** The day on which it was read: silences may end. */
  today: string;
}

const problems = {
  ...metricSourceProblems,
  ...ruleProblems,
  ...promiseProblems,
  'rules-unmatched': error('No rules file matches', 'correct the path'),
  'no-rules': error('The rule files contain no rules', 'is this the right file?'),
  'rules-refused': error('Prometheus refuses a rules file', 'correct it: one bad key and none of its rules is loaded'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'prometheus/rules-static',
  summary: 'Without a server: the rule files hold what is promised, read metrics that are exported, and can fire.',
  description: `Reads the rule files strictly as Prometheus does (a Kubernetes PrometheusRule by its spec), and every expression by its syntax tree. An error is what is proven to be wrong; the rest are warnings and notes.

**Metrics**: each selector is held against the text of the given \`exporters\` and the recording rules. A metric is *missing* (an error) only where that is proven: every job of \`config\` is covered by an exporter with that \`job\`, or an exporter has metrics with the same first word and no other job can have it. What may come from an exporter that was not given is a note; what only the source code names is a warning (\`lazy\`). \`up\`, \`scrape_*\` and \`ALERTS\` are Prometheus's own.

**Checks** beside pint's: \`always-fires\` (alerts/comparison), \`bad-expression\` (promql/syntax; types, arguments and regular expressions as Prometheus has them), \`dead-selector\` and \`grouping-lost\` (promql/impossible), \`rate-of-sum\` (promql/rate), \`value-in-label\` (alerts/template), \`feature-missing\` (promql/features), \`beyond-retention\` (promql/range_query), \`dead-threshold\` (promql/impossible; by the bounds that a value can have: counts, fractions of a whole, the greatest bucket of a histogram), \`range-short\` and \`rate-on-gauge\` (promql/rate), \`raw-counter\` (promql/counter), \`label-dropped\` (alerts/template), \`sides-never-match\` (promql/vector_matching), \`absent-without-for\` (alerts/absent), \`rule-duplicate\` (rule/duplicate), \`metric-missing\`, \`label-missing\`, \`label-value\` and \`job-unknown\` (promql/series), \`runbook-missing\` (rule/link). Its own: \`unit-mismatch\` and \`text-contradicts\` (a threshold in summary, description or validation that the expression does not have), \`le-dropped\`, \`quantile-on-histogram\`, \`divides-itself\` (a ratio without sum is 1), \`grouping-unknown\`, \`metric-suffix\`, \`for-exceeds-range\`, \`record-unread\` (notes); \`value-unit\` (a text prints its value as what it is not), \`for-contradicts\`, \`interval-long\` (recorded more seldom than a query looks back), \`metric-renamed\`, \`metric-unsourced\` (without an exporter: the sources register three metrics at least that begin with the same word, and name this one neither whole nor by parts that they put together; or they register it behind a prefix, or a client library exports it under another name). Labels are followed through recording rules.

**House rules** (\`house\`): labels and annotations that rules must have, their names, what their expressions must keep or aggregate away, how long they must wait.

**Silencing**: \`# verify disable CODE: reason\` or \`# pint disable NAME: reason\` above or in the rule turns the finding into a note; a silence without a reason is a warning. \`snooze DAY\`, \`file/disable\` and \`ignore/…\` are read as pint reads them. docs/pint.md holds pint’s checks beside these.

**Runbooks**: \`runbook\`, \`runbook_url\` and the like that are a path, or a link to the repository's own pages, must lead to a file, and to a heading by GitHub's rule. Other sites are not fetched.`,
  example: `- id: rules-static
  uses: prometheus/rules-static
  with:
    rules: [deployments/prometheus/*_rules.yml, deployments/prometheus/alerts.yml]
    config: deployments/prometheus/prometheus.yml
    exporters: [{ url: "\${{ facts.stack.engram.url }}/metrics/prometheus", job: engram }]`,
  params,
  facts: {
    'alerts.count': 'alerting rules in the files',
    'records.count': 'recording rules in the files',
    'groups.count': 'groups in the files',
    'runbooks.count': 'runbook annotations that lead to a file of the repository',
  },
  problems,
  timeout: '60s',
  plan: (p) => [
    `reads ${p.rules.join(', ')}`,
    ...p.exporters.map((one) => (one.url === undefined ? `reads ${one.file}` : `GET ${one.url}`)),
  ],
  async gather(p, ctx) {
    const { paths, unmatched } = await matchedFiles(p.rules, ctx);
    const files: SeenFile[] = [];
    for (const path of paths) files.push({ path, ...(await derivedOf(ctx, path, ruleFile)) });
    const rules = files.flatMap((file) => file.groups.flatMap((group) => group.rules));
    const sources = await gatherSources(p, paths, ctx);
    const expressions = rules.map((rule) => rule.expr);
    const named = p.lazy ? await namedInSource(unexportedNames(expressions, sources), ctx) : {};
    const unjudged = unjudgedNames(expressions, sources);
    const unsourced = unsourcedMetrics(unjudged, await ctx.tree());
    const declared = declaredSeries(unjudged, await ctx.tree());
    const repository = p.repository ?? ownRepository((await ctx.files.readIfThere('.git/config')) ?? '');
    const runbooks: Observed['runbooks'] = {};
    if (p.runbooks !== 'ignored')
      for (const file of files)
        for (const rule of file.groups.flatMap((group) => group.rules))
          for (const [, value] of runbooksOf(rule))
            runbooks[`${file.path} ${value}`] ??= await followRunbook(value, file.path, repository, ctx);
    const records = rules.filter((rule) => rule.kind === 'record').map((rule) => rule.name);
    const readElsewhere = new Set<string>();
    for (const path of (await matchedFiles(p.readers, ctx)).paths) {
      const text = await ctx.files.read(path);
      for (const name of records) if (text.includes(name)) readElsewhere.add(name);
    }
    return {
      files,
      unmatched,
      sources: { ...sources, named, unsourced, declared },
      runbooks,
      readElsewhere: [...readElsewhere],
      today: new Date().toISOString().slice(0, 10),
    };
  },
  judge(p, observed) {
    const j = new Judge(problems);
    judgeSources(j, p, observed.sources);
    for (const pattern of observed.unmatched)
      j.find('rules-unmatched', `${pattern} matches no file`, { where: { file: pattern } });
    for (const file of observed.files)
      for (const { message, at } of file.problems)
        j.find(message.startsWith('expression') ? 'bad-expression' : 'rules-refused', `${file.path}: ${message}`, {
          where: { file: file.path, ...at },
          ...(file.vmalert && { level: 'note' as const, hint: forVmalert }),
          ...(message === oldFormat && prometheusMajor(observed.sources.deployed) === 1 && { level: 'note' as const }),
        });
    const { deployed } = observed.sources;
    for (const file of observed.files)
      for (const { key, since, at } of file.newKeys ?? [])
        if (deployed && isBefore(deployed, 'prometheus', ...since))
          j.find(
            'rules-refused',
            `${file.path}: ${key} is known from Prometheus ${since.join('.')} on, and an older one is deployed, which refuses the file`,
            { where: { file: file.path, ...at } },
          );
    const groups = observed.files.flatMap((file) => file.groups.map((group) => ({ ...group, file: file.path })));
    const rules = groups.flatMap((group) => group.rules.map((rule): InFile => ({ rule, file: group.file })));
    const readable = observed.files.some(({ problems: bad }) => !bad.some(({ message }) => message === oldFormat));
    if (readable && rules.length === 0) j.find('no-rules', 'there is no rule in the files');
    for (const promise of p.groups) {
      const mine = groups.filter((group) => group.name === promise.name);
      const found = mine.flatMap((group) =>
        group.rules.map((rule) => ({ ...rule, where: { file: group.file, line: rule.exprAt.line } })),
      );
      judgeGroup(
        j,
        promise,
        mine.length > 0 ? found : undefined,
        groups.map((group) => group.name),
      );
    }
    judgeIntervals(j, groups);
    const known = new KnownMetrics(observed.sources);
    const unknown = new Set<string>();
    const judging: Judging = {
      j,
      house: p.house,
      known,
      unknown,
      today: observed.today,
      vmalert: observed.files.filter((file) => file.vmalert).map((file) => file.path),
    };
    for (const one of rules) judgeOne(judging, one);
    judgeUnknown(j, unknown);
    judgeTogether(judging, rules);
    judgeTwins(judging, rules);
    judgeRunbooks(judging, p, rules, observed);
    judgeUnread(judging, rules, observed);
    const of = (kind: Rule['kind']): number => rules.filter(({ rule }) => rule.kind === kind).length;
    j.fact('alerts.count', of('alert')).fact('records.count', of('record')).fact('groups.count', groups.length);
    return j.done();
  },
});

function judgeRunbooks(judging: Judging, p: Params, rules: readonly InFile[], observed: Observed): void {
  const { j } = judging;
  let led = 0;
  for (const one of rules) {
    if (p.runbooks === 'ignored' || one.rule.kind !== 'alert') continue;
    const given = runbooksOf(one.rule);
    if (given.length === 0 && p.runbooks === 'required')
      report(judging, one, 'no-runbook', 'there is no runbook annotation');
    for (const [key, value] of given) {
      const leads = observed.runbooks[`${one.file} ${value}`];
      if (leads?.kind !== 'file') continue;
      if (!leads.there) report(judging, one, 'runbook-missing', `${key}: ${value}: there is no ${leads.path}`);
      else if (!leads.anchored)
        report(judging, one, 'runbook-missing', `${key}: ${value}: ${leads.path} has no heading #${leads.anchor}`);
      else led++;
    }
  }
  if (led > 0) j.prove(`${led} runbook annotations lead to files and headings that are there`);
  j.fact('runbooks.count', led);
}

function judgeUnread(judging: Judging, rules: readonly InFile[], observed: Observed): void {
  const read = new Set(observed.readElsewhere);
  for (const { rule } of rules)
    for (const { name } of parsePromQl(rule.expr).selectors) if (name !== undefined) read.add(name);
  const unread = rules.filter((one) => one.rule.kind === 'record' && !read.has(one.rule.name));
  // Of many in one file the readers are elsewhere.
  for (const [file, [first, ...others]] of Map.groupBy(unread, (one) => one.file))
    if (first !== undefined)
      report(
        judging,
        first,
        'record-unread',
        `no other rule and none of the readers reads it${others.length === 0 ? '' : `, nor ${others.length} more of ${file}`}`,
      );
}
