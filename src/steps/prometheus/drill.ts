import { promtool, prometheus } from '../../toolchains/tools.ts';
import { defineStep, ms, showDuration, type StepContext } from '../../core/step.ts';
import { identity } from '../../clients/prometheus.ts';
import { derivedOf } from '../../repository/derived.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { ruleFile, ruleFilesOf, type RuleFile } from '../../formats/prometheus/rule-files.ts';
import { ruleSet, type AlertRule, type RuleSet } from '../../drill/alerts.ts';
import { rangeShift, shiftedAlert, shiftedSet } from '../../drill/majors.ts';
import { judgeDrill } from '../../drill/judge.ts';
import type { AlertSeen, Observed, UnitSeen } from '../../drill/observed.ts';
import { params, type Params } from '../../drill/params.ts';
import { problems } from '../../drill/problems.ts';
import type { Promtool } from '../../drill/modes/promtool.ts';
import type { Solution } from '../../drill/modes/unit.ts';
import { identity as seriesText } from '../../drill/series.ts';
import { conditional } from '../../drill/joins.ts';

export default defineStep<Params, Observed>({
  kind: 'prometheus/drill',
  summary: 'Every alert was seen firing, and seen not firing; its series are scraped, its notification arrives.',
  description: `Drills alerts in one of four modes.

- \`unit\`: series that make the alert fire, and others that do not, are derived from its expression by search, then proven with \`promtool test rules\` on the unmodified rule.
- \`sandbox\`: the same, then a throw-away Prometheus on a free loopback port with copies of the same rule files, in which only the groups' interval is changed, backfilled samples and \`ALERTS_FOR_STATE\`, and a receiver of its own: inactive → pending → firing → delivered → resolved.
- \`inject\`: samples under label values of their own into the running Prometheus (remote write, pushgateway or file_sd, whichever it allows). Only with \`confirmLive: true\`; an aggregate without \`by\` is refused, since it would mix them with real ones.
- \`fault\`: stops, kills, pauses or disconnects a service of the stack that this run brought up; the alerts must fire in the running Prometheus, and be gone once the service is back and its targets are up.

**Three verdicts.** *logic*: the rule fires, and does not where it should not. *live series*: the running Prometheus has loaded this very rule, and each metric and label that it reads has samples of this run. *delivery*: its notification arrived, rendered. \`require\` says which are needed; logic alone only where the checklist says so.

**Coverage.** Every alert of the files, and of what \`url\` has loaded, is drilled, waived or never drilled. A drill belongs to a digest of name, expression, \`for\` and labels and to this run, also where an earlier step of the run made it: an edited rule has lost it.

An alert that nothing made fire is \`unsolved\`, never passed; \`series:\` gives what the search did not find. What the search can and cannot solve: docs/drills.md. promtool is that of the stack's own Prometheus where the files can be copied into its container, else the host's, 2.42 or later; where it is of another major version than the running Prometheus, ranges are put as that one reads them, and a note says so.`,
  example: `- id: fire-drills
  uses: prometheus/drill
  needs: [targets]
  with:
    rules: [deployments/prometheus/alerts.yml]
    url: \${{ facts.stack.prometheus.url }}
    annotations: [summary, runbook]`,
  params,
  facts: {
    'drills.count': 'alerts that were drilled in this run',
    'drills.alerts': 'alerts in the rule files and loaded',
    'drills.waived': 'alerts that the checklist waives',
    'drills.coverage': 'percent of the alerts that were drilled, waived ones left out',
    'drills.estimate': 'seconds that the drill was expected to take',
    'drills.took': 'seconds that it took',
    'drill.<digest>': 'how the alert with this digest was drilled: the mode',
    'promtool.version': 'version of promtool',
    'promtool.of': 'whose it is: stack or host',
    'prometheus.version': 'version of the running Prometheus',
    'sandbox.version': 'version of the throw-away Prometheus',
  },
  problems,
  timeout: '10m',
  requires: (p) => (p.mode === 'sandbox' ? [promtool, prometheus] : p.mode === 'fault' ? [] : [promtool]),
  disturbs: (p) => p.mode === 'fault' || p.mode === 'inject',
  locks: (p) => (p.mode === 'fault' || p.mode === 'inject' ? ['stack'] : []),
  plan: planOf,
  weak: (p) =>
    p.require?.every((one) => one === 'logic') === true
      ? 'the logic of the rules alone: that their series exist was not asked'
      : undefined,
  leaves: 'nothing',
  async gather(p, ctx) {
    const began = ctx.now();
    const read = await readFiles(p, ctx);
    const url = p.url;
    const at = url === undefined ? undefined : { ...p, url };
    const running = at && (await identity(ctx, at));
    const live = at && (await import('../../drill/modes/live.ts'));
    const loaded = at && live ? await live.loadedRules(ctx, at) : [];
    const fromLoaded = live && p.rules.length === 0;
    const set: RuleSet = fromLoaded ? live.setOfLoaded(loaded) : ruleSet(read.files);
    const extra = live && !fromLoaded ? live.loadedOnly(loaded, set.alerts) : [];
    const all = [...set.alerts, ...extra];
    const { alerts, chosen } = await chooseAlerts(p, ctx, all, new Set(extra));
    const estimateMs = estimate(
      p,
      chosen.map(({ rule }) => rule),
    );
    ctx.progress(`${chosen.length} alerts in ${p.mode}, about ${showDuration(estimateMs)}`);
    const tool =
      p.mode === 'fault' ? undefined : await (await import('../../drill/modes/promtool.ts')).findPromtool(ctx);
    const observed: Observed = {
      ...(tool && { promtool: tool.version, promtoolOf: tool.of }),
      ...(running !== undefined && { running }),
      unmatched: read.unmatched,
      problems: read.problems,
      unknown: [...p.alerts, ...Object.keys(p.series), ...p.waive.map(({ alert }) => alert)].filter(
        (name) => !all.some(({ rule }) => rule.name === name),
      ),
      alerts,
      estimateMs,
      tookMs: 0,
    };
    const rules = chosen.map(({ rule }) => rule);
    live?.takeKeeping(rules, loaded);
    const shift = tool && rangeShift(tool.version, running);
    if (shift !== undefined && running !== undefined) observed.asMajor = Number.parseInt(running, 10);
    const solutions =
      tool === undefined || rules.length === 0
        ? []
        : shift === undefined
          ? await solveChosen(p, ctx, tool, set, rules)
          : await solveChosen(
              p,
              ctx,
              tool,
              shiftedSet(set, shift),
              rules.map((one) => shiftedAlert(one, shift)),
            );
    chosen.forEach(({ seen, rule }, n) => {
      const solution = solutions[n];
      if (solution) seen.unit = unitSeen(rule, solution);
    });
    if (at && live) {
      const found = await live.lookLive(ctx, at, set, rules, loaded);
      chosen.forEach(({ seen }, n) => {
        const one = found[n];
        if (one) seen.live = one;
      });
    }
    const { act } = await import('../../drill/modes/act.ts');
    await act(p, ctx, { observed, set, chosen, solutions, files: read.texts });
    return { ...observed, tookMs: ctx.now() - began };
  },
  judge: judgeDrill,
});

function planOf(p: Params): string[] {
  const whom = p.alerts.length === 0 ? 'every alert' : p.alerts.join(', ');
  const where = p.rules.length === 0 ? `of ${p.url}` : `of ${p.rules.join(' ')}`;
  const live =
    p.url === undefined ? [] : [`GET ${p.url}/api/v1/rules and the series that they read, at most ${p.within}`];
  const search = `promtool test rules: ${whom} ${where}, about 1 s and 0.3 s an alert`;
  switch (p.mode) {
    case 'unit':
      return [search, ...live];
    case 'sandbox':
      return [
        search,
        ...live,
        `a Prometheus of its own on a free loopback port, rule files copied, intervals ${p.interval}: about 12 s, and again for alerts that share metrics`,
      ];
    case 'inject':
      return [search, ...live, `injects samples into ${p.url}: about each alert's \`for\` and 30 s more`];
    case 'fault':
      return [
        ...live,
        `${p.fault?.how} of the service ${p.fault?.service}, until ${whom} fires, then back: about its \`for\` and 30 s more`,
      ];
  }
}

interface Read {
  files: { path: string; content: RuleFile }[];
  texts: { path: string; text: string }[];
  unmatched: string[];
  problems: Observed['problems'];
}

async function readFiles(p: Params, ctx: StepContext): Promise<Read> {
  const { paths, unmatched } = await matchedFiles(p.rules, ctx);
  const read: Read = { files: [], texts: [], unmatched, problems: [] };
  for (const path of paths) {
    const text = await ctx.files.read(path);
    const content = await derivedOf(ctx, path, ruleFile);
    const plain = ruleFilesOf(text) ?? [text];
    read.texts.push(...plain.map((one) => ({ path, text: one })));
    read.files.push({ path, content });
    read.problems.push(...content.problems.map(({ message, at }) => ({ file: path, line: at.line, message })));
  }
  return read;
}

interface Chosen {
  seen: AlertSeen;
  rule: AlertRule;
}

async function chooseAlerts(
  p: Params,
  ctx: StepContext,
  all: readonly AlertRule[],
  extra: ReadonlySet<AlertRule>,
): Promise<{ alerts: AlertSeen[]; chosen: Chosen[] }> {
  const { digestOf } = await import('../../drill/modes/live.ts');
  const facts = ctx.facts();
  const alerts: AlertSeen[] = [];
  const chosen: Chosen[] = [];
  for (const rule of all) {
    const hash = await digestOf(rule);
    const waived = p.waive.find(({ alert }) => alert === rule.rule.name)?.reason;
    const earlier = facts[`drill.${hash}`];
    const named = p.alerts.length === 0 ? !extra.has(rule) : p.alerts.includes(rule.rule.name);
    const seen: AlertSeen = {
      name: rule.rule.name,
      group: rule.group,
      file: rule.file,
      line: rule.rule.at.line,
      hash,
      expr: rule.rule.expr,
      hold: rule.hold,
      annotations: rule.rule.annotations,
      chosen: named && waived === undefined,
      loadedOnly: extra.has(rule),
      ...(waived !== undefined && { waived }),
      ...(typeof earlier === 'string' && { earlier }),
    };
    alerts.push(seen);
    if (seen.chosen) chosen.push({ seen, rule });
  }
  return { alerts, chosen };
}

/** Milliseconds that the drill is likely to take. */
function estimate(p: Params, rules: readonly AlertRule[]): number {
  const search = p.mode === 'fault' ? 0 : 1000 + 300 * rules.length;
  const longest = Math.max(0, ...rules.map(({ hold, interval, keep }) => hold + keep + 2 * interval));
  const more = { unit: 0, sandbox: 12_000, inject: longest * 1000 + 30_000, fault: longest * 1000 + 30_000 };
  return search + more[p.mode];
}

async function solveChosen(
  p: Params,
  ctx: StepContext,
  tool: Promtool,
  set: RuleSet,
  rules: readonly AlertRule[],
): Promise<Solution[]> {
  const { solveAll } = await import('../../drill/modes/unit.ts');
  const given = Object.fromEntries(
    Object.entries(p.series).map(([name, { interval, firing, quiet }]) => [
      name,
      { interval: ms(interval) / 1000, firing, quiet },
    ]),
  );
  return solveAll(ctx, tool, set, rules, given);
}

function unitSeen(alert: AlertRule, solution: Solution): UnitSeen {
  const { state, tried, substituted, given, firing, quiet, proven, errors } = solution;
  const short = (list: Solution['firing']): UnitSeen['firing'] =>
    list.map((one) => ({ series: seriesText(one.name, one.labels), values: one.text }));
  return {
    state,
    tried,
    substituted,
    given,
    conditional: conditional(alert.rule.expr),
    firing: short(firing),
    quiet: short(quiet),
    ...(proven?.pendingAt !== undefined && { pendingAt: proven.pendingAt }),
    ...(proven?.firingAt !== undefined && { firingAt: proven.firingAt }),
    instances: proven?.instances ?? [],
    errors,
  };
}
