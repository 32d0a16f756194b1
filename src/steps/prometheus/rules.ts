import { z } from 'zod';
import { defineStep, Duration, error, Judge, poll, showDuration, type StepContext } from '../../core/step.ts';
import { parsePromQl, type Selector } from '../../formats/promql/parse.ts';
import { GroupPromise, judgeGroup, promiseProblems, type FoundRule } from '../../formats/prometheus/rule-promises.ts';
import { isOfDrill, withoutDrills } from '../../clients/drill-samples.ts';
import {
  ask,
  identity,
  prometheusParams,
  QueryData,
  RulesData,
  type PrometheusParams,
  type RuleState,
} from '../../clients/prometheus.ts';

const params = z.strictObject({
  ...prometheusParams,
  groups: z.array(GroupPromise).min(1),
  series: z
    .enum(['required', 'warn', 'ignore'])
    .default('required')
    .describe(
      'what is required of the metrics that the rules read: a rule over a metric that nobody exports can never fire',
    ),
  firing: z.enum(['ignore', 'forbidden']).default('ignore').describe('forbidden: no alert of the groups may fire now'),
  within: Duration.default('75s').describe('how long to wait for the first evaluation and the first samples'),
});
type Params = z.infer<typeof params>;

interface SeenRule extends RuleState {
  group: string;
  file: string;
}
interface Observed {
  version: string;
  rules: SeenRule[];
  groups: { name: string; file: string; rules: number }[];
  /** selector → series that it has now; undefined where the query was refused. */
  selectors: Record<string, number>;
  /** expression → why it cannot be evaluated now: a rule's own health may still be that of its first, empty evaluation. */
  refused: Record<string, string>;
  waitedMs: number;
}

const problems = {
  ...promiseProblems,
  'rule-unhealthy': error('A rule fails when it is evaluated', 'correct its expression'),
  'not-evaluated': error('A rule was not evaluated', 'is the group’s interval longer than `within`?'),
  'series-missing': error(
    'A rule reads a metric that nobody exports',
    'export it, correct the name or the label, or take the rule away: it can never fire',
  ),
  'always-fires': error(
    'An alert has no condition',
    'compare its value with a threshold: as it stands it fires for every series',
  ),
  firing: error('An alert fires', 'look at what it says, then at the service'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'prometheus/rules',
  summary: 'The promised rules are loaded, healthy and evaluated, and read metrics that exist.',
  description: `Asks the running Prometheus for its rules and waits until each was evaluated (\`health\` is \`unknown\` before). Expressions are read by their syntax tree: the φ of \`histogram_quantile\`, the condition of an alert, and every series selector, which is then asked for. A selector that is allowed to be empty (inside \`absent()\`, an operand of \`or\`, right of \`unless\`) is left out; one that has the metric but not the label values is a warning, since such series may come later.`,
  example: `- id: rules
  uses: prometheus/rules
  with:
    url: \${{ facts.stack.prometheus.url }}
    groups:
      - name: engram_cognitive_slos
        rules: [{ name: SpreadingLatencySLOBreach, quantile: 0.95 }]`,
  params,
  facts: {
    'rules.count': 'rules of the promised groups',
    'alerts.count': 'alerting rules of the promised groups',
    'recordings.count': 'recording rules of the promised groups',
    'groups.count': 'groups loaded in all',
  },
  problems,
  timeout: '2m',
  plan: (p) => [
    `GET ${p.url}/api/v1/rules: ${p.groups.map((g) => g.name).join(', ')}`,
    ...(p.series === 'ignore' ? [] : ['asks for every series that the rules read']),
  ],
  async gather(p, ctx) {
    const version = await identity(ctx, p);
    return poll(ctx, {
      within: p.within,
      every: 1000,
      reserve: 3000,
      look: async (waitedMs) => ({ version, ...(await look(p, ctx)), waitedMs }),
      done: (observed) =>
        !judge(p, observed).findings.some((f) => f.code === 'not-evaluated' || f.code === 'series-missing'),
      waiting: (_, waited) => `waiting for the first evaluations and samples, ${showDuration(waited)}`,
    });
  },
  judge: (p, observed) => judge(p, observed),
});

async function look(
  p: Params,
  ctx: StepContext,
): Promise<Pick<Observed, 'rules' | 'groups' | 'selectors' | 'refused'>> {
  const answer = await ask(ctx, p, 'rules');
  const data = RulesData.parse(answer.data ?? { groups: [] });
  const wanted = new Set(p.groups.map((group) => group.name));
  const rules = data.groups
    .filter((g) => wanted.has(g.name))
    .flatMap((group) => group.rules.map((rule) => seen(rule, group)));
  const selectors: Record<string, number> = {};
  const refused: Record<string, string> = {};
  for (const { query } of rules) {
    const evaluated = await ask(ctx, p, 'query', { query });
    if (evaluated.state === 'refused') refused[query] = evaluated.error ?? '';
  }
  if (p.series !== 'ignore') {
    for (const rule of rules) {
      for (const selector of parsePromQl(rule.query).selectors) {
        for (const text of [selector.text, selector.name]) {
          if (text !== undefined && !(text in selectors)) selectors[text] = await count(ctx, p, text);
        }
      }
    }
  }
  return {
    rules,
    groups: data.groups.map((g) => ({ name: g.name, file: g.file, rules: g.rules.length })),
    selectors,
    refused,
  };
}

/** A rule whose alerts are all a drill's does not fire by itself. */
function seen({ alerts, ...rule }: RuleState, group: { name: string; file: string }): SeenRule {
  const drilled = rule.state === 'firing' && alerts?.some(({ state }) => state === 'firing') === true;
  const own = alerts?.some(({ state, labels }) => state === 'firing' && !isOfDrill(labels)) === true;
  return { ...rule, ...(drilled && !own && { state: 'inactive' }), group: group.name, file: group.file };
}

/** Series that a selector has now, with samples of this run; -1 where it could not be asked. */
async function count(ctx: StepContext, p: PrometheusParams, selector: string): Promise<number> {
  const answer = await ask(ctx, p, 'query', { query: await withoutDrills(ctx, p, `count(${selector})`) });
  const data = QueryData.safeParse(answer.data);
  if (answer.state === 'refused' || !data.success || data.data.resultType !== 'vector') return -1;
  return Number(data.data.result[0]?.value?.[1] ?? 0);
}

function judge(p: Params, observed: Observed) {
  const j = new Judge(problems);
  const { rules, groups } = observed;
  j.fact('rules.count', rules.length)
    .fact('alerts.count', rules.filter((r) => r.type === 'alerting').length)
    .fact('recordings.count', rules.filter((r) => r.type === 'recording').length)
    .fact('groups.count', groups.length);
  for (const group of p.groups) {
    const mine = rules.filter((rule) => rule.group === group.name);
    const loaded = groups.some((g) => g.name === group.name);
    judgeGroup(
      j,
      group,
      loaded ? mine.map(asFound) : undefined,
      groups.map((g) => g.name),
    );
    for (const rule of mine) judgeRule(j, p, rule, observed);
  }
  return j.done();
}

const asFound = (rule: SeenRule): FoundRule => ({
  kind: rule.type === 'alerting' ? 'alert' : 'record',
  name: rule.name,
  expr: rule.query,
  labels: rule.labels ?? {},
});

function judgeRule(j: Judge<typeof problems>, p: Params, rule: SeenRule, observed: Observed): void {
  const about = { subject: rule.name, detail: rule.query };
  const broken = rule.health === 'err' ? (rule.lastError ?? 'its evaluation fails') : observed.refused[rule.query];
  if (broken !== undefined) j.find('rule-unhealthy', `${rule.name}: ${broken}`, about);
  else if (rule.health !== 'ok')
    j.find('not-evaluated', `${rule.name} was not evaluated within ${showDuration(observed.waitedMs)}`, about);
  const expr = parsePromQl(rule.query);
  if (rule.type === 'alerting') {
    if (!expr.filters && expr.errorAt === undefined && expr.selectors.length > 0)
      j.find('always-fires', `${rule.name} has no comparison: ${rule.query}`, about);
    if (p.firing === 'forbidden')
      j.check(rule.state !== 'firing', `${rule.name} does not fire`, 'firing', `${rule.name} fires`, about);
  }
  if (p.series === 'ignore') return;
  let read = 0;
  for (const selector of expr.selectors)
    if (!selector.mayBeAbsent && judgeSelector(j, p, rule, selector, observed)) read++;
  if (read > 0 && read === expr.selectors.length) j.prove(`every series that ${rule.name} reads is there`);
}

/** Is the selector's series there? */
function judgeSelector(
  j: Judge<typeof problems>,
  p: Params,
  rule: SeenRule,
  selector: Selector,
  observed: Observed,
): boolean {
  const now = observed.selectors[selector.text] ?? -1;
  if (now > 0) return true;
  // A recording rule's own output, ALERTS and the like come into being only when something is recorded.
  if (selector.name === 'ALERTS' || selector.name === 'ALERTS_FOR_STATE') return true;
  const whole = selector.name === undefined ? -1 : (observed.selectors[selector.name] ?? -1);
  const about = { subject: rule.name, detail: rule.query };
  if (whole > 0)
    j.find(
      'series-missing',
      `${rule.name} reads ${selector.text}: ${selector.name} is exported, but not with these labels now`,
      { ...about, level: 'warning' },
    );
  else if (now < 0)
    j.find('series-missing', `${rule.name} reads ${selector.text}, which could not be asked for`, {
      ...about,
      level: 'inconclusive',
    });
  else
    j.find('series-missing', `${rule.name} reads ${selector.text}, which nobody exports`, {
      ...about,
      ...(p.series === 'warn' && { level: 'warning' as const }),
    });
  return false;
}
