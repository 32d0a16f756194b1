import { z } from 'zod';
import { defineStep, Duration, Judge, poll, showDuration, type StepContext } from '../../core/step.ts';
import { alertingFileOf, type AlertingFile } from '../../formats/grafana/alerting.ts';
import { findSource } from '../../formats/grafana/find-source.ts';
import { grafanaParams, health, type Health } from '../../grafana/api.ts';
import { alertingOf, type Alerting, type SeenRule } from '../../grafana/alerting.ts';
import {
  alertingProblems,
  judgeContacts,
  judgeHeld,
  judgeNames,
  judgeQueries,
  judgeRule,
  rulesOf,
  type Read,
} from '../../grafana/judge-alerting.ts';
import { derivedOf } from '../../repository/derived.ts';
import { dataSources } from '../../grafana/library.ts';
import { provisionedSources, type Source } from '../../grafana/sources.ts';
import { markStandIn } from '../../grafana/stand-in.ts';

const params = z
  .strictObject({
    ...grafanaParams,
    url: grafanaParams.url.optional().describe('base URL of the Grafana; without it the files alone are judged'),
    files: z.array(z.string().min(1)).min(1).describe('provisioning files of Grafana’s alerting, or globs'),
    datasources: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'provisioning files of data sources, where no Grafana is asked: the rules’ data sources must be in them',
      ),
    paused: z.array(z.string().min(1)).default([]).describe('uids of rules that are meant to be paused'),
    contacts: z
      .array(z.string().min(1))
      .default([])
      .describe('contact points that are not made by files, but by hand or by an API'),
    within: Duration.default('30s').describe('how long to wait until every rule has been evaluated'),
  })
  .refine((p) => p.url === undefined || p.datasources.length === 0, {
    error: 'with `url` Grafana itself says which data sources it has: leave `datasources` out',
    path: ['datasources'],
  });
type Params = z.infer<typeof params>;

interface Observed {
  unmatched: string[];
  files: Read[];
  sources?: Source[];
  /** What Grafana has; undefined where none was asked. */
  live?: Alerting & { health: Health };
}

export default defineStep<Params, Observed>({
  kind: 'grafana/alerting',
  summary: 'Grafana’s own alert rules, contact points and policies are provisioned as the files promise, and work.',
  description: `Reads the provisioning files of Grafana’s alerting: what Grafana refuses of them (a rule without uid, an interval that is none, a condition that is not a query, an expression that reads none, a receiver without its settings), uids and titles that stand twice, receivers, templates and mute timings that no file makes, data sources that are not there, PromQL that does not parse, and series over time that are compared without being reduced.

With \`url\` it asks Grafana too: every rule is there (\`/api/v1/provisioning/alert-rules\`), not paused, and was evaluated without an error (\`/api/prometheus/grafana/api/v1/rules\`); every contact point is there; the policy tree begins with the receiver of the files. The account needs to read provisioning: the role Editor, or Admin up to 9.x. Files of one organisation only, \`orgId\`.`,
  example: `- id: grafana-alerting
  uses: grafana/alerting
  needs: [grafana-health]
  secrets: [GRAFANA_TOKEN]
  with:
    url: \${{ facts.stack.grafana.url }}
    token: GRAFANA_TOKEN
    files: ["deployments/grafana/provisioning/alerting/*.yml"]`,
  params,
  facts: {
    'alerting.rules': 'alert rules in the files',
    'alerting.contacts': 'contact points in the files',
  },
  problems: alertingProblems,
  timeout: '90s',
  plan: (p) => [
    `reads ${p.files.join(', ')}`,
    ...(p.url === undefined ? [] : [`GET ${p.url}/api/v1/provisioning/alert-rules, contact-points, policies`]),
  ],
  async gather(p, ctx) {
    const files: Read[] = [];
    const unmatched: string[] = [];
    for (const glob of p.files) {
      const found = await ctx.files.glob([glob]);
      if (found.length === 0) unmatched.push(glob);
      for (const file of found) if (!files.some((one) => one.file === file)) files.push(await read(ctx, file));
    }
    if (p.url === undefined) {
      if (p.datasources.length === 0) return { unmatched, files };
      return { unmatched, files, sources: (await provisionedSources(ctx, p.datasources)).sources };
    }
    const asked = { ...p, url: p.url };
    const answered = await health(ctx, asked);
    const sources = await dataSources(ctx, asked);
    const wanted = new Set(rulesOf(files, p.orgId).map((rule) => rule.uid));
    const waiting = ({ rules }: Alerting): SeenRule[] =>
      rules.filter((rule) => wanted.has(rule.uid) && !rule.paused && (rule.health ?? 'unknown') === 'unknown');
    const seen = await poll(ctx, {
      within: p.within,
      every: 1000,
      reserve: 5000,
      look: () => alertingOf(ctx, asked),
      done: (now) => waiting(now).length === 0,
      waiting: (now, waited) => `${waiting(now).length} rules wait for their first evaluation, ${showDuration(waited)}`,
    });
    return { unmatched, files, sources, live: { ...seen, health: answered } };
  },
  judge(p, { unmatched, files, sources, live }) {
    const j = new Judge(alertingProblems);
    for (const glob of unmatched) j.find('file-missing', `${glob} matches no file`, { subject: glob });
    for (const { file, alerting } of files) {
      if (!alerting) {
        j.find('file-unreadable', `${file} has nothing that Grafana’s alerting reads`, { where: { file } });
        continue;
      }
      if (/(?:^|\/)provisioning\/alerting\/.+\//.test(file))
        j.find('file-unread', `${file} lies in a folder below provisioning/alerting`, { where: { file } });
      for (const { what, line, guess, cause } of alerting.faults)
        j.find('alerting-refused', what, {
          where: { file, line },
          ...(guess && { level: 'warning' as const }),
          ...(cause !== undefined && { cause: `${file} ${cause}` }),
        });
      if (alerting.faults.every((one) => one.guess)) j.prove(`${file} holds what Grafana reads: ${countOf(alerting)}`);
    }
    const rules = rulesOf(files, p.orgId);
    judgeNames(j, files, p);
    judgeHeld(j, files, live && p.orgId);
    for (const rule of rules) {
      const about = { subject: rule.uid || rule.title, where: { file: rule.file, line: rule.line } };
      for (const { source: uid, expression } of rule.queries) {
        const found = findSource({ uid, type: '' }, sources);
        if (!expression && uid !== '' && !uid.includes('$') && found.state === 'missing')
          j.find('datasource-missing', `the rule ${rule.title} asks ${uid}: ${found.why}`, about);
      }
      judgeQueries(j, rule, (uid) => sources?.find((one) => one.uid === uid)?.type, about);
      if (rule.paused && !p.paused.includes(rule.uid))
        j.find('rule-paused', `${rule.title} has \`isPaused: true\``, about);
      if (live) judgeRule(j, rule, live.rules, about, p.paused.includes(rule.uid));
    }
    if (live) {
      markStandIn(j, live.health);
      judgeContacts(j, files, live, p.orgId);
    }
    j.fact('alerting.rules', rules.length);
    j.fact('alerting.contacts', files.flatMap((one) => one.alerting?.contacts ?? []).length);
    return j.done();
  },
});

const countOf = ({ rules, contacts, policies }: AlertingFile): string =>
  `${rules.length} rules, ${contacts.length} contact points, ${policies.length} policy trees`;

async function read(ctx: StepContext, file: string): Promise<Read> {
  const alerting = await derivedOf(ctx, file, alertingFileOf);
  return { file, ...(alerting && { alerting }) };
}
