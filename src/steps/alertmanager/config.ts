import { z } from 'zod';
import { routingProblems } from '../../stack/routing-problems.ts';
import { askAmtool, routesByAmtool, type AmtoolSaid } from '../../stack/amtool.ts';
import { defineStep, error, inconclusive, Judge, note, type StepContext } from '../../core/step.ts';
import { type AlertmanagerConfig } from '../../formats/alertmanager/config.ts';
import { silent } from '../../formats/alertmanager/review.ts';
import { allRoutes, routesFor } from '../../formats/alertmanager/routing.ts';
import { derivedOf } from '../../repository/derived.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { ruleFile } from '../../formats/prometheus/rule-files.ts';
import {
  judgeRouting,
  lookAtRouting,
  noRouting,
  toldPlaceholder,
  type SeenRouting,
} from '../../stack/alertmanager-file.ts';
import { filledIn } from '../../stack/filled-in.ts';
import type { AlertLabels } from '../../formats/alertmanager/remark.ts';

const RouteTest = z
  .strictObject({
    alert: z.string().min(1).optional().describe('name of the alert; its labels are taken from `rules`'),
    labels: z.record(z.string(), z.string()).default({}).describe('labels of the alert, beside those of its rule'),
    receivers: z.array(z.string().min(1)).min(1).describe('the receivers that it must reach, these and no others'),
  })
  .refine((one) => one.alert !== undefined || Object.keys(one.labels).length > 0, {
    error: 'give alert, labels or both',
  });

const params = z.strictObject({
  config: z.string().min(1).describe('alertmanager.yml, relative to the target'),
  rules: z
    .array(z.string().min(1))
    .default([])
    .describe('rule files or globs: their alerts’ labels are held against routes and inhibitions'),
  routes: z.array(RouteTest).default([]).describe('which receivers an alert must reach'),
});
type Params = z.infer<typeof params>;
type RouteTest = Params['routes'][number];

interface Observed extends SeenRouting {
  missing: boolean;
  /** A script or a document says that it fills in the placeholders. */
  filled?: boolean;
  unmatched: string[];
  amtool?: AmtoolSaid;
  alerts: { labels: AlertLabels; file: string; line: number }[];
  /** Of each of `routes`: the labels that were tried, and the receivers that amtool names for them. */
  tests: { labels?: Record<string, string>; amtool?: string[] }[];
}

const problems = {
  'config-missing': error('The configuration is not there', 'correct the path'),
  'config-refused': error('Alertmanager refuses its configuration', 'correct it: Alertmanager does not start with it'),
  'placeholder-left': error(
    'There is a placeholder in Alertmanager’s configuration',
    'Alertmanager fills in no variables: use the …_file keys, or check the file that is made of it',
  ),
  'amtool-missing': note(
    'amtool is not there',
    'install it: it comes with Alertmanager (Debian: apt-get install prometheus-alertmanager)',
  ),
  'rules-missing': error('No rules file matches', 'correct the path'),
  'alert-missing': error('A named alert is in none of the rule files', 'correct its name'),
  'wrong-receiver': error(
    'An alert does not reach the promised receivers',
    'correct the routes, or the promise; the first route that matches takes it unless it says continue',
  ),
  'routes-disagree': inconclusive(
    'amtool routes the alert differently from its documentation',
    'see the evidence of amtool',
  ),
  'receiver-empty': error(
    'A receiver that alerts are routed to notifies nobody',
    'give the receiver an integration; call it "null" where it is meant to be silent',
  ),
  ...routingProblems,
} as const;

export default defineStep<Params, Observed>({
  kind: 'alertmanager/config',
  summary: 'Alertmanager accepts its configuration, and alerts reach the receivers that they should.',
  description: `\`amtool check-config\` says whether Alertmanager takes the file; where amtool is not there, the refusals that its documentation promises are looked for, and a note says so.

What amtool accepts all the same is an error where it follows from the file: a route behind one that takes all of its alerts, or whose matchers contradict those above it; a route that is muted at every hour of the year to come; a receiver without integration that routes lead to (unless its name says that it is silent). With \`rules\` the labels that rules give their alerts are held against the matchers: a label name that is almost one that routes ask for, an inhibition whose \`equal\` names labels that nothing in the repository knows.

\`routes\` are promises: this alert, with these labels, reaches these receivers. Labels of \`alert\` are those of its rule; what its series add stands under \`labels\`. Each is also asked of \`amtool config routes test\`.`,
  example: `- id: alertmanager
  uses: alertmanager/config
  with:
    config: deployments/alertmanager/alertmanager.yml
    rules: [deployments/prometheus/alerts.yml]
    routes:
      - { alert: EngramDown, receivers: [bell] }
      - { labels: { severity: warning }, receivers: [mail] }`,
  params,
  facts: {
    'routes.count': 'routes below the root',
    'receivers.count': 'receivers',
    'amtool.version': 'version of amtool',
  },
  problems,
  timeout: '60s',
  plan: (p) => [
    `amtool check-config ${p.config}`,
    ...p.routes.map(
      (one) => `routes ${one.alert ?? 'an alert'} ${JSON.stringify(one.labels)}: ${one.receivers.join(', ')}`,
    ),
  ],
  leaves: 'nothing',
  async gather(p, ctx) {
    if ((await ctx.files.kind(p.config)) !== 'file')
      return { ...noRouting, missing: true, unmatched: [], alerts: [], tests: [] };
    const text = await ctx.files.read(p.config);
    const { alerts, unmatched } = await readAlerts(p, ctx);
    const seen = await lookAtRouting(ctx, p.config, text);
    const amtool = await askAmtool(ctx, p.config, text);
    const filled = seen.faults.some((fault) => fault.literal) && (await filledIn(p.config, ctx));
    const all = { ...seen, missing: false, filled, unmatched, amtool, alerts };
    if (!seen.config) return { ...all, tests: [] };
    const tests: Observed['tests'] = [];
    for (const one of p.routes) tests.push(await tryRoute(one, p, ctx, alerts));
    return { ...all, tests };
  },
  judge: (p, observed) => {
    const j = new Judge(problems);
    judge(j, p, observed);
    return j.done();
  },
});

async function readAlerts(p: Params, ctx: StepContext): Promise<Pick<Observed, 'alerts' | 'unmatched'>> {
  const { paths, unmatched } = await matchedFiles(p.rules, ctx);
  const alerts: Observed['alerts'] = [];
  for (const file of paths)
    for (const rule of (await derivedOf(ctx, file, ruleFile)).groups.flatMap((group) => group.rules))
      if (rule.kind === 'alert')
        alerts.push({ labels: { ...rule.labels, alertname: rule.name }, file, line: rule.at.line });
  return { alerts, unmatched };
}

/** The labels with which a promise is tried: without what a template or the series would add. */
async function tryRoute(
  one: RouteTest,
  p: Params,
  ctx: StepContext,
  alerts: Observed['alerts'],
): Promise<Observed['tests'][number]> {
  const rule = alerts.find(({ labels }) => labels['alertname'] === one.alert);
  if (one.alert !== undefined && p.rules.length > 0 && !rule) return {};
  const own = Object.entries(rule?.labels ?? {}).filter(([, value]) => !value.includes('{{'));
  const labels = {
    ...Object.fromEntries(own),
    ...(one.alert !== undefined && { alertname: one.alert }),
    ...one.labels,
  };
  const amtool = await routesByAmtool(ctx, p.config, labels);
  return { labels, ...(amtool && { amtool }) };
}

type Found = Judge<typeof problems>;

function judge(j: Found, p: Params, seen: Observed): void {
  if (seen.missing) return void j.find('config-missing', `${p.config} is not there`, { where: { file: p.config } });
  for (const pattern of seen.unmatched)
    j.find('rules-missing', `${pattern} matches no file`, { where: { file: pattern } });
  const { amtool, config } = seen;
  if (!judgeFile(j, p, seen) || !config) return;
  if (amtool) j.fact('amtool.version', amtool.version);
  j.fact('routes.count', [...allRoutes(config.tree)].length - 1).fact('receivers.count', config.receivers.length);
  judgeRouting(j, seen, config, { file: p.config, alerts: seen.alerts.map(({ labels }) => labels) });
  p.routes.forEach((one, n) => judgeRoute(j, p, one, seen.tests[n] ?? {}, config));
}

/** @returns false where Alertmanager would not start with it */
function judgeFile(j: Found, p: Params, { faults, filled, amtool }: Observed): boolean {
  const at = (line: number) => ({ where: { file: p.config, line } });
  const literal = faults.filter((fault) => fault.literal);
  const told = toldPlaceholder(faults);
  if (told)
    j.find('placeholder-left', `${p.config}: ${told.message}${told.also}`, {
      ...at(told.line),
      ...(filled === true && { level: 'note' as const }),
    });
  if (!amtool || amtool.state === 'missing') {
    j.find('amtool-missing', `amtool: ${amtool?.message ?? 'not run'}; ${p.config} was not checked by it`);
    const own = faults.filter((fault) => fault.kind === 'refused' && !fault.literal);
    for (const { message, line } of own) j.find('config-refused', `${p.config}: ${message}`, at(line));
    return own.length + literal.length === 0;
  }
  if (amtool.left.length > 0)
    j.find('unsupported-by-amtool', `amtool ${amtool.version} does not know ${amtool.left.join(', ')}`, at(1));
  if (amtool.state === 'accepted') {
    const left = amtool.left.length === 0 ? '' : `, without ${amtool.left.join(', ')}`;
    j.prove(`amtool ${amtool.version} accepts ${p.config}${left}`);
    return true;
  }
  const own = faults.filter((fault) => fault.kind === 'refused' && !fault.literal);
  if (literal.every(({ kind }) => kind === 'literal'))
    j.find('config-refused', `amtool ${amtool.version} refuses ${p.config}: ${amtool.message}`, {
      ...at(amtool.line ?? own[0]?.line ?? 1),
      ...(own.length > 0 && { detail: own.map(({ message }) => message).join('\n') }),
    });
  return false;
}

/** In the order of their names: a record's JSON keeps no other. */
const shown = (labels: AlertLabels): string[] =>
  Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);

function judgeRoute(
  j: Found,
  p: Params,
  promise: RouteTest,
  { labels, amtool }: Observed['tests'][number],
  config: AlertmanagerConfig,
): void {
  const name = promise.alert ?? shown(promise.labels).join(', ');
  const about = { subject: name, where: { file: p.config } };
  if (!labels) return void j.find('alert-missing', `there is no alert ${name} in ${p.rules.join(', ')}`, about);
  const routes = routesFor(config.tree, labels);
  const got = [...new Set(routes.map((route) => route.receiver))].toSorted();
  const said = amtool && [...new Set(amtool)].toSorted();
  if (said && said.join() !== got.join())
    return void j.find(
      'routes-disagree',
      `${name}: amtool says ${said.join(', ')}, the routes read ${got.join(', ')}`,
      about,
    );
  const wanted = [...new Set(promise.receivers)].toSorted();
  const empty = wanted.filter((one) => config.receivers.every((r) => r.name !== one || r.integrations === 0));
  if (wanted.join() === got.join() && empty.some((one) => !silent.test(one)))
    j.find('receiver-empty', `${name} reaches ${empty.join(', ')}, which has no integration`, about);
  else
    j.check(
      wanted.join() === got.join(),
      `${name} reaches ${got.join(', ')}`,
      'wrong-receiver',
      `${name} reaches ${got.join(', ')}, expected ${wanted.join(', ')}`,
      { ...about, detail: shown(labels).join('\n') },
    );
}
