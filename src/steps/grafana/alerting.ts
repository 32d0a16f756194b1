import { z } from 'zod';
import { poll } from '../../core/poll.ts';
import { Duration, ms, showDuration } from '../../core/duration.ts';
import { Judge } from '../../core/judgement.ts';
import { defineStep, type StepContext } from '../../core/step.ts';
import { alertingFileOf, ownContacts, type AlertingFile, type AlertRule } from '../../formats/grafana/alerting.ts';
import { findSource } from '../../formats/grafana/find-source.ts';
import { grafanaParams, health, type Health } from '../../grafana/api.ts';
import { alertingOf, type Alerting, type SeenRule } from '../../grafana/alerting.ts';
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

interface Read {
  file: string;
  /** undefined: Grafana cannot read it. */
  alerting?: AlertingFile;
  /** The lines of the faults, in their order. */
  lines: number[];
}
interface Observed {
  unmatched: string[];
  files: Read[];
  sources?: Source[];
  /** What Grafana has; undefined where none was asked. */
  live?: Alerting & { health: Health };
}

const problems = {
  'file-missing': {
    level: 'error',
    title: 'A provisioning file is not there',
    hint: 'correct the path, or make the file',
  },
  'file-unreadable': {
    level: 'error',
    title: 'Grafana cannot read a provisioning file of its alerting',
    hint: 'expected YAML or JSON with `groups`, `contactPoints`, `policies`, `muteTimes` or `templates`',
  },
  'alerting-refused': {
    level: 'error',
    title: 'Grafana refuses what a file of its alerting says',
    hint: 'one such fault keeps Grafana from starting: correct it',
  },
  'uid-duplicate': {
    level: 'error',
    title: 'Two alert rules, or two receivers, have one uid',
    hint: 'Grafana keeps one of them at best: give each its own',
  },
  'title-duplicate': {
    level: 'warning',
    title: 'Two alert rules of one folder have the same title',
    hint: 'Grafana up to 11 refuses the second: give each its own title',
  },
  'receiver-missing': {
    level: 'error',
    title: 'A policy or rule notifies a contact point that no file makes',
    hint: 'make the contact point in a file, correct the name, or list it under `contacts` where it is made elsewhere',
  },
  'mute-missing': {
    level: 'error',
    title: 'A mute timing that is named is not there',
    hint: 'make it under `muteTimes`, or correct the name',
  },
  'datasource-missing': {
    level: 'error',
    title: 'A rule asks a data source that is not there',
    hint: 'rules name data sources by uid: give the data source this uid in its provisioning file',
  },
  'rule-paused': {
    level: 'error',
    title: 'An alert rule is paused',
    hint: 'it fires for nobody: resume it, or list its uid under `paused`',
  },
  'rule-missing': {
    level: 'error',
    title: 'An alert rule of the files is not in Grafana',
    hint: 'see Grafana’s log for its provisioning: files must lie directly in provisioning/alerting',
  },
  'rule-failing': {
    level: 'error',
    title: 'Grafana cannot evaluate an alert rule',
    hint: 'correct its queries; see the rule in Grafana',
  },
  'rule-no-data': {
    level: 'warning',
    title: 'The queries of an alert rule give no data',
    hint: 'is the metric exported and scraped under this name? Where no data is right, let the query end in `or vector(0)`',
  },
  'rule-unevaluated': {
    level: 'inconclusive',
    title: 'An alert rule was not evaluated in time',
    hint: 'raise `within` above the interval of its group',
  },
  'contact-missing': {
    level: 'error',
    title: 'A contact point of the files is not in Grafana',
    hint: 'see Grafana’s log for its provisioning',
  },
  'policy-differs': {
    level: 'error',
    title: 'Grafana notifies another contact point than the files say',
    hint: 'see Grafana’s log for its provisioning: an organisation has one policy tree, and the last file wins',
  },
} as const;

export default defineStep<Params, Observed>({
  kind: 'grafana/alerting',
  summary: 'Grafana’s own alert rules, contact points and policies are provisioned as the files promise, and work.',
  description: `Reads the provisioning files of Grafana’s alerting: what Grafana refuses of them (a rule without uid, an interval that is none, a condition that is no query), uids and titles that stand twice, receivers and mute timings that no file makes, data sources that are not there.

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
  problems,
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
    const seen = await poll(
      ctx,
      {
        within: ms(p.within),
        every: 1000,
        reserve: 5000,
        waiting: (now, waited) =>
          `${waiting(now).length} rules wait for their first evaluation, ${showDuration(waited)}`,
      },
      () => alertingOf(ctx, asked),
      (now) => waiting(now).length === 0,
    );
    return { unmatched, files, sources, live: { ...seen, health: answered } };
  },
  judge(p, { unmatched, files, sources, live }) {
    const j = new Judge(problems);
    for (const glob of unmatched) j.find('file-missing', `${glob} matches no file`, { subject: glob });
    for (const { file, alerting, lines } of files) {
      if (!alerting) {
        j.find('file-unreadable', `${file} holds nothing that Grafana’s alerting reads`, { where: { file } });
        continue;
      }
      for (const [n, { what, guess }] of alerting.faults.entries())
        j.find('alerting-refused', what, {
          where: { file, line: lines[n] ?? 1 },
          ...(guess && { level: 'warning' as const }),
        });
      if (alerting.faults.every((one) => one.guess)) j.prove(`${file} holds what Grafana reads: ${countOf(alerting)}`);
    }
    const rules = rulesOf(files, p.orgId);
    judgeNames(j, files, p);
    for (const rule of rules) {
      const about = { subject: rule.uid || rule.title, where: { file: rule.file } };
      for (const uid of rule.sources) {
        const found = findSource({ uid, type: '' }, sources);
        if (!uid.includes('$') && found.state === 'missing')
          j.find('datasource-missing', `the rule ${rule.title} asks ${uid || 'no data source'}: ${found.why}`, about);
      }
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

type J = Judge<typeof problems>;
type Rule = AlertRule & { file: string };

const rulesOf = (files: readonly Read[], orgId: number): Rule[] =>
  files.flatMap(({ file, alerting }) =>
    (alerting?.rules ?? []).filter((rule) => rule.orgId === orgId).map((rule) => ({ ...rule, file })),
  );

const countOf = ({ rules, contacts, policies }: AlertingFile): string =>
  `${rules.length} rules, ${contacts.length} contact points, ${policies.length} policy trees`;

async function read(ctx: StepContext, file: string): Promise<Read> {
  const text = await ctx.files.read(file);
  const alerting = alertingFileOf(text);
  const lines = text.split('\n');
  const lineOf = (near: string): number =>
    Math.max(
      0,
      lines.findIndex((line) => line.includes(near)),
    ) + 1;
  return { file, ...(alerting && { alerting }), lines: (alerting?.faults ?? []).map((one) => lineOf(one.near)) };
}

/** What must be there once, and what must be there at all. */
function judgeNames(j: J, files: readonly Read[], p: Params): void {
  const all = <T>(pick: (one: AlertingFile) => readonly T[]): (T & { file: string })[] =>
    files.flatMap(({ file, alerting }) => (alerting ? pick(alerting) : []).map((one) => ({ ...one, file })));
  const rules = all((one) => one.rules);
  const contacts = all((one) => one.contacts);
  const uids = [
    ...rules.map(({ uid, orgId, file }) => ({ key: `rule ${orgId} ${uid}`, uid, file })),
    ...contacts.flatMap(({ uids: own, orgId, file }) =>
      own.map((uid) => ({ key: `receiver ${orgId} ${uid}`, uid, file })),
    ),
  ].filter((one) => one.uid !== '');
  twice(uids, (key, { uid, file }) =>
    j.find('uid-duplicate', `the uid ${uid} stands twice among the ${key.split(' ')[0]}s`, {
      subject: uid,
      where: { file },
    }),
  );
  const titles = rules.map(({ orgId, folder, title, file }) => ({
    key: `${orgId} ${folder} ${title}`,
    folder,
    title,
    file,
  }));
  twice(titles, (_, { folder, title, file }) =>
    j.find('title-duplicate', `the folder ${folder} has two rules with the title ${title}`, {
      subject: title,
      where: { file },
    }),
  );
  const made = new Set([
    ...contacts.map((one) => `${one.orgId} ${one.name}`),
    ...p.contacts.map((name) => `${p.orgId} ${name}`),
  ]);
  for (const { name, orgId, by, file } of all((one) => one.receivers))
    if (!name.includes('$') && !ownContacts.has(name) && !made.has(`${orgId} ${name}`))
      j.find('receiver-missing', `${by} notifies ${name}, and no file makes such a contact point`, {
        subject: name,
        where: { file },
      });
  const mutes = all((one) => one.mutes);
  for (const { name, orgId, by, file } of mutes)
    if (by !== undefined && !mutes.some((one) => one.by === undefined && one.name === name && one.orgId === orgId))
      j.find('mute-missing', `${by} names the mute timing ${name}, and no file makes it`, {
        subject: name,
        where: { file },
      });
}

function twice<T extends { key: string }>(all: readonly T[], found: (key: string, one: T) => void): void {
  const seen = new Set<string>();
  for (const one of all) {
    if (seen.has(one.key)) found(one.key, one);
    seen.add(one.key);
  }
}

function judgeRule(j: J, rule: Rule, seen: readonly SeenRule[], about: object, mayPause: boolean): void {
  const found = seen.find((one) => one.uid === rule.uid);
  if (!found) return void j.find('rule-missing', `${rule.title} (${rule.uid}) is not there`, about);
  if (found.paused) {
    if (!mayPause && !rule.paused) j.find('rule-paused', `${rule.title} is paused in Grafana`, about);
    return;
  }
  const said = found.error === undefined ? '' : `: ${found.error}`;
  if (found.health === 'error') j.find('rule-failing', `${rule.title} ends in an error${said}`, about);
  else if (found.health === 'nodata') j.find('rule-no-data', `${rule.title} has no data${said}`, about);
  else if (found.health === 'ok') j.prove(`${rule.title} is there, and was evaluated`);
  else j.find('rule-unevaluated', `${rule.title} is there, and its health is ${found.health ?? 'unknown'}`, about);
}

function judgeContacts(j: J, files: readonly Read[], live: Alerting, orgId: number): void {
  for (const { file, alerting } of files) {
    for (const { name } of (alerting?.contacts ?? []).filter((one) => one.orgId === orgId))
      j.check(
        name.includes('$') || live.contacts.includes(name),
        `the contact point ${name} is there`,
        'contact-missing',
        `the contact point ${name} is not there; Grafana has ${live.contacts.join(', ') || 'none'}`,
        { subject: name, where: { file } },
      );
    for (const { receiver } of (alerting?.policies ?? []).filter((one) => one.orgId === orgId))
      j.check(
        receiver.includes('$') || live.receiver === receiver,
        `notifications go to ${receiver} first`,
        'policy-differs',
        `notifications go to ${live.receiver}, the file says ${receiver}`,
        { subject: receiver, where: { file } },
      );
  }
}
