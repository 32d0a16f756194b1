import { z } from 'zod';
import { derivedOf } from '../../repository/derived.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { promtool } from '../../toolchains/tools.ts';
import { defineStep, error, inconclusive, Judge, note, type ExecResult } from '../../core/step.ts';
import { parseFault } from '../../formats/promql/parse.ts';
import { oldFormat, ruleFile, type RepositoryRules } from '../../formats/prometheus/rule-files.ts';
import { forVmalert } from '../../formats/prometheus/rule-lints/judge.ts';
import { prometheusMajor } from '../../formats/prometheus/deployed.ts';
import { deployedIn } from '../../repository/deployed-programs.ts';
import {
  absentRules,
  checkRest,
  laterFields,
  plainFiles,
  refusals,
  saidBy,
  type Rest,
} from '../../stack/promtool-rest.ts';

const params = z
  .strictObject({
    config: z
      .string()
      .min(1)
      .optional()
      .describe('prometheus.yml, relative to the target; promtool follows its rule_files'),
    rules: z.array(z.string().min(1)).default([]).describe('rule files or globs, relative to the target'),
    groups: z.array(z.string().min(1)).default([]).describe('groups that the rule files must hold'),
  })
  .refine((p) => p.config !== undefined || p.rules.length > 0, { error: 'give config, rules or both' });
type Params = z.infer<typeof params>;

interface SeenFile {
  path: string;
  /** vmalert evaluates it, which takes more than Prometheus does. */
  vmalert: boolean;
  groups: { name: string; alerts: string[]; records: string[] }[];
  problems: { message: string; line: number; col: number; expression?: true }[];
}
interface Observed {
  /** The Prometheus that is deployed is of version 1, whose rules promtool does not read. */
  old: boolean;
  config?: ExecResult;
  /** Where that fails over what lies outside the repository or came after this promtool: the syntax of the rest. */
  rest?: Rest;
  /** Paths of rule_files, without a wildcard and relative, at which no file is. */
  absent: string[];
  check?: ExecResult;
  files: SeenFile[];
  unmatched: string[];
  configMissing: boolean;
}

const problems = {
  'config-missing': error('The configuration is not there', 'correct the path'),
  'config-refused': error(
    'promtool refuses the configuration',
    'correct what it names; Prometheus will not start with it',
  ),
  'rules-refused': error('Prometheus refuses a rules file', 'correct it: one bad key and none of its rules is loaded'),
  'rules-missing': error('No rules file matches', 'correct the path'),
  'no-rules': error('The rule files contain no rules', 'is this the right file?'),
  'group-missing': error('A promised group is in none of the rule files', 'add it, or correct its name'),
  'bad-expression': error('An expression does not parse', 'correct the PromQL'),
  'unsupported-by-promtool': note(
    'This promtool cannot check all of the file',
    'what it does not know was left out: use the promtool of the Prometheus that is deployed to have it checked too',
  ),
  'paths-elsewhere': note(
    'The configuration names files that lie elsewhere',
    'absolute paths are the container’s: compose/config follows them through its mounts',
  ),
  'promtool-missing': inconclusive(
    'promtool is not there',
    'install it: it comes with Prometheus (Debian: apt-get install prometheus)',
  ),
  'not-ended': inconclusive('promtool did not finish in time', 'run it by hand'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'prometheus/config',
  summary: 'promtool accepts the configuration and the rule files.',
  description: `Runs \`promtool check config\` and \`promtool check rules\`, and reads the rule files itself, strictly as Prometheus does (a Kubernetes PrometheusRule by its spec, as the operator writes it), so that a refusal has its line. \`check config\` exits 0 where a glob of rule_files matches nothing: the files named under \`rules\` must be there and hold rules.`,
  example: `- id: prometheus-config
  uses: prometheus/config
  with:
    config: deployments/prometheus/prometheus.yml
    rules: [deployments/prometheus/alerts.yml]
    groups: [engram_cognitive_slos]`,
  params,
  facts: {
    'rulefiles.count': 'rule files read',
    'rulefiles.alerts': 'alerting rules in them',
    'rulefiles.records': 'recording rules in them',
    'rulefiles.groups': 'groups in them',
  },
  problems,
  timeout: '60s',
  requires: () => [promtool],
  plan: (p) => [
    ...(p.config === undefined ? [] : [`promtool check config ${p.config}`]),
    ...(p.rules.length === 0 ? [] : [`promtool check rules ${p.rules.join(' ')}`]),
  ],
  leaves: 'nothing',
  async gather(p, ctx) {
    const { paths, unmatched } = await matchedFiles(p.rules, ctx);
    const files: SeenFile[] = [];
    for (const path of paths) files.push(readRules(path, await derivedOf(ctx, path, ruleFile)));
    const configMissing = p.config !== undefined && (await ctx.files.kind(p.config)) !== 'file';
    const config =
      p.config === undefined || configMissing
        ? undefined
        : await ctx.exec(['promtool', 'check', 'config', p.config], { name: 'check-config' });
    const old = prometheusMajor((await ctx.tree()).get(deployedIn)) === 1;
    const unread = (file: SeenFile): boolean => file.vmalert || (old && isOld(file));
    const forPrometheus = files.filter((file) => !unread(file)).map((file) => file.path);
    const check =
      forPrometheus.length === 0
        ? undefined
        : await ctx.exec(['promtool', 'check', 'rules', ...(await plainFiles(forPrometheus, ctx))], {
            name: 'check-rules',
          });
    const rest = config && p.config !== undefined ? await checkRest(p.config, config, ctx) : undefined;
    return {
      files,
      old,
      unmatched,
      configMissing,
      absent: rest && p.config !== undefined ? await absentRules(p.config, ctx) : [],
      ...(config && { config }),
      ...(rest && { rest }),
      ...(check && { check }),
    };
  },
  judge(p, observed) {
    const j = new Judge(problems);
    if (observed.configMissing && p.config !== undefined)
      j.find('config-missing', `${p.config} is not there`, { where: { file: p.config } });
    for (const pattern of observed.unmatched)
      j.find('rules-missing', `${pattern} matches no file`, { where: { file: pattern } });
    const located = judgeFiles(j, observed);
    for (const path of observed.absent)
      j.find('rules-missing', `rule_files names ${path}, which is not there`, { where: { file: p.config ?? path } });
    if (p.config !== undefined) judgeConfig(j, p.config, observed, located);
    const { check } = observed;
    const later = check && !located ? laterFields(`${check.stdout}\n${check.stderr}`) : undefined;
    if (check && later)
      j.find('unsupported-by-promtool', `this promtool does not know ${later.join(', ')} of a rule group`).prove(
        'the rule files are as Prometheus reads them',
      );
    else if (check)
      judgeTool(
        j,
        check,
        observed.files
          .filter((f) => !f.vmalert)
          .map((f) => f.path)
          .join(', '),
        'rules-refused',
        located,
      );
    judgeGroups(j, p.groups, observed.files, located);
    return j.done();
  },
});

type Found = Judge<typeof problems>;

/** What the files themselves show. @returns whether that has the place of what promtool would refuse */
function judgeFiles(j: Found, { files, old }: Observed): boolean {
  let located = false;
  for (const file of files) {
    const isUnread = old && isOld(file);
    if (file.vmalert) j.find('unsupported-by-promtool', `${file.path}: ${forVmalert}`, { where: { file: file.path } });
    if (isUnread)
      j.find('unsupported-by-promtool', `${file.path}: ${oldFormat}; the deployed one is Prometheus 1: not judged`);
    located ||= isUnread;
    for (const { message, line, col, expression } of file.vmalert || isUnread ? [] : file.problems) {
      located = true;
      // As `prometheus/rules-static` words it, so that it is told once.
      j.find(expression ? 'bad-expression' : 'rules-refused', expression ? message : `${file.path}: ${message}`, {
        where: { file: file.path, line, col },
      });
    }
  }
  return located;
}

/** What promtool says of the configuration, or of what it knows of it. */
function judgeConfig(j: Found, path: string, { config, rest, old }: Observed, located: boolean): void {
  if (!config) return;
  const text = `${config.stdout}\n${config.stderr}`;
  if (rest?.result.code === 0) {
    const left = rest.left.join(', ');
    if (left !== '')
      j.find('unsupported-by-promtool', `${path}: this promtool does not know ${left}`, { detail: text });
    else j.find('paths-elsewhere', `${path}: ${(refusals(text)[0] ?? '').trim()}`, { detail: text });
    j.prove(`promtool accepts the syntax of ${path}${left === '' ? '' : ` without ${left}`}`);
  } else if (old && config.code !== 0 && config.code !== null)
    j.find('unsupported-by-promtool', `${path}: the deployed Prometheus is of version 1, and promtool is not`, {
      detail: text,
    });
  else judgeTool(j, config, path, 'config-refused', located);
}

/** How many rules there are, and the groups that are promised. */
function judgeGroups(j: Found, promised: readonly string[], files: readonly SeenFile[], located: boolean): void {
  const groups = files.flatMap((file) => file.groups);
  const alerts = groups.flatMap((group) => group.alerts);
  const records = groups.flatMap((group) => group.records);
  if (files.length > 0) {
    j.fact('rulefiles.count', files.length)
      .fact('rulefiles.alerts', alerts.length)
      .fact('rulefiles.records', records.length)
      .fact('rulefiles.groups', groups.length);
    if (alerts.length + records.length === 0 && !located)
      j.find('no-rules', `${files.map((f) => f.path).join(', ')} contain no rules`, {
        where: { file: files[0]?.path ?? '' },
      });
  }
  for (const name of promised) {
    const found = groups.find((group) => group.name === name);
    if (found)
      j.prove(`the group ${name} holds ${found.alerts.length} alerts and ${found.records.length} recording rules`);
    else if (!located)
      j.find(
        'group-missing',
        `no rules file has the group ${name}; there are ${groups.map((g) => g.name).join(', ') || 'none'}`,
        { subject: name },
      );
  }
}

const isOld = ({ problems: found }: SeenFile): boolean => found.some(({ message }) => message === oldFormat);

function readRules(path: string, { groups, problems, vmalert }: RepositoryRules): SeenFile {
  const bad = groups
    .flatMap((group) => group.rules)
    .flatMap((rule) => {
      const fault = parseFault(rule.expr);
      return fault === undefined || rule.expr.trim() === ''
        ? []
        : [
            {
              message: `${rule.name}: ${fault}`,
              expression: true as const,
              line: rule.exprAt.line,
              col: rule.exprAt.col,
            },
          ];
    });
  return {
    path,
    vmalert,
    groups: groups.map((group) => ({
      name: group.name,
      alerts: group.rules.filter((r) => r.kind === 'alert').map((r) => r.name),
      records: group.rules.filter((r) => r.kind === 'record').map((r) => r.name),
    })),
    problems: [...problems.map(({ message, at }) => ({ message, ...at })), ...bad],
  };
}

function judgeTool(
  j: Found,
  result: ExecResult,
  what: string,
  code: 'config-refused' | 'rules-refused',
  located: boolean,
): void {
  if (result.notStarted !== undefined) {
    j.find('promtool-missing', `promtool: ${result.notStarted}`);
    return;
  }
  if (result.timedOut) {
    j.find('not-ended', `promtool did not end within ${Math.round(result.durationMs / 1000)} s`);
    return;
  }
  const text = `${result.stdout}\n${result.stderr}`.trim();
  if (result.code === 0) {
    // It says so of every file that it has read; rules that are there twice do not keep Prometheus from loading them.
    if (/\bSUCCESS\b|^lint error /m.test(text)) j.prove(`promtool accepts ${what}`);
    else j.find('not-ended', `promtool ended with 0 and does not say that it has read ${what}`, { detail: text });
    return;
  }
  const failed = saidBy(text);
  if (code === 'rules-refused' || !located || !/rules|groups/i.test(text)) {
    if (!(code === 'rules-refused' && located))
      j.find(code, `promtool refuses ${failed.file ?? what}: ${failed.message}`, {
        detail: text,
        where: {
          file: failed.file ?? what.split(', ')[0] ?? what,
          ...(failed.line !== undefined && { line: failed.line }),
        },
      });
  }
}
