import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const hooks = (...names: string[]) =>
  `receivers:\n${names.map((name) => `  - { name: ${name}, webhook_configs: [{ url: 'http://hook:9/' }] }\n`).join('')}`;
const rulesOf = (...alerts: string[]) =>
  `groups:\n  - name: g\n    rules:\n${alerts.map((one) => `      - ${one}\n`).join('')}`;
const rules = rulesOf(
  `{ alert: Down, expr: 'up == 0', labels: { severity: critical, team: core } }`,
  `{ alert: Slow, expr: 'x > 1', labels: { severity: warning } }`,
);
const check = (config: string, more: object = {}, files: Record<string, string> = {}) =>
  runStep({
    uses: 'alertmanager/config',
    target: tempDir({ 'am.yml': config, 'rules.yml': rules, ...files }),
    with: { config: 'am.yml', rules: ['rules.yml'], ...more },
  });
const routed = (...routes: string[]) =>
  `route:\n  receiver: barn\n  routes:\n${routes.map((one) => `    - ${one}\n`).join('')}${hooks('barn', 'bell', 'mail')}`;
const critical = `{ matchers: ['severity="critical"'], receiver: bell }`;

const [title, skip] = needing('alertmanager/config, with a real amtool', 'amtool');
describe.skipIf(skip)(title, () => {
  it('passes a healthy file, and every alert that reaches its receiver', async () => {
    const record = await check(routed(critical, `{ matchers: ['severity=warning'], receiver: mail }`), {
      routes: [
        { alert: 'Down', receivers: ['bell'] },
        { alert: 'Slow', receivers: ['mail'] },
        { alert: 'Slow', labels: { severity: 'none' }, receivers: ['barn'] },
        { labels: { severity: 'critical', pod: 'a b' }, receivers: ['bell'] },
      ],
    });
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.proofs).toContain('Down reaches bell');
    expect(record.facts).toMatchObject({ 'routes.count': 2, 'receivers.count': 3 });
  });

  it.each([
    [
      'an unknown key of an integration',
      `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: 'http://h/', max_alert: 3 }] }]\n`,
      /max_alert/,
    ],
    [
      'a URL without scheme',
      `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: 'hook:9/x' }] }]\n`,
      /scheme/,
    ],
    ['an unknown key of global', `global: { smtp_host: x }\nroute: { receiver: a }\n${hooks('a')}`, /smtp_host/],
    ['a label twice in group_by', routed(`{ group_by: [a, a], receiver: bell }`), /duplicated label/],
    [
      'a weekday that is none',
      `route: { receiver: a }\n${hooks('a')}time_intervals: [{ name: n, time_intervals: [{ weekdays: [moonday] }] }]\n`,
      /moonday/,
    ],
    ['a bad regular expression', routed(`{ matchers: ['severity=~"crit["'], receiver: bell }`), /missing closing/],
    ['a matcher without operator', routed(`{ matchers: [severity], receiver: bell }`), /bad matcher/],
    ['continue at the root', `route: { receiver: a, continue: true }\n${hooks('a')}`, /continue/],
    [
      'an integration without what it needs',
      `route: { receiver: a }\nreceivers: [{ name: a, telegram_configs: [{ bot_token: x }] }]\n`,
      /chat_id/,
    ],
    ['a key twice', `route:\n  receiver: a\n  receiver: b\n${hooks('a', 'b')}`, /already set/],
    [
      'an integration that nobody knows',
      `route: { receiver: a }\nreceivers: [{ name: a, sms_configs: [{ to: x }] }]\n`,
      /sms_configs/,
    ],
    ['a duration in words', routed(`{ group_wait: 5 minutes, receiver: bell }`), /5 minutes/],
    ['an interval of nothing', routed(`{ group_interval: 0s, receiver: bell }`), /group_interval/],
    [
      'matchers of an inhibition as a list',
      `${routed(critical)}inhibit_rules: [{ source_match: [{ severity: critical }], target_match: { severity: warning } }]\n`,
      /seq/,
    ],
    ['a receiver that is not there', `route: { receiver: nobody }\n${hooks('a')}`, /nobody/],
    ['no YAML', 'route: [', /./],
  ])('refuses %s, in the words of amtool', async (_, config, why) => {
    const record = await check(config);
    expect(codes(record)).toEqual(['config-refused']);
    expect(record.findings[0]?.message).toMatch(why);
    expect(record.findings[0]?.where).toMatchObject({ file: 'am.yml', line: expect.any(Number) });
  });

  it.each([
    ['a route behind one that takes all', routed('{ receiver: mail }', critical), 'route-unreachable'],
    [
      'a route behind a wider one',
      routed(`{ matchers: ['severity=~"critical|warning"'], receiver: mail }`, critical),
      'route-unreachable',
    ],
    [
      'a route behind one without its second matcher',
      routed(critical, `{ matchers: ['severity="critical",team="core"'], receiver: mail }`),
      'route-unreachable',
    ],
    [
      'a child that contradicts its parent',
      routed(
        `{ matchers: ['severity="critical"'], receiver: bell, routes: [{ match: { severity: warning }, receiver: mail }] }`,
      ),
      'route-unreachable',
    ],
    [
      'a route that contradicts itself',
      routed(`{ matchers: ['team="core"', 'team!~"co.*"'], receiver: bell }`),
      'route-unreachable',
    ],
    [
      'a receiver without integration',
      routed(critical).replace(/- \{ name: bell.*/, '- { name: bell }'),
      'receiver-empty',
    ],
    [
      'a route that is muted for ever',
      `${routed(critical.replace(' }', ', mute_time_intervals: [week, end] }'))}time_intervals:\n  - { name: week, time_intervals: [{ weekdays: ['monday:friday'] }] }\n  - { name: end, time_intervals: [{ weekdays: [saturday, sunday], location: Europe/Berlin }, { times: [{ start_time: '21:00', end_time: '24:00' }] }, { times: [{ start_time: '00:00', end_time: '04:00' }] }] }\n`,
      'route-muted',
    ],
    [
      'a route that is active in a year that is over',
      `${routed(critical.replace(' }', ', active_time_intervals: [old] }'))}time_intervals: [{ name: old, time_intervals: [{ years: ['2019:2020'] }] }]\n`,
      'route-muted',
    ],
    [
      'a matcher whose label is misspelt',
      routed(`{ matchers: ['serverity="critical"'], receiver: bell }`),
      'label-misspelt',
    ],
    [
      'a route behind one that every alert matches',
      routed(`{ match_re: { alertname: '.*' }, receiver: mail }`, critical),
      'route-unreachable',
    ],
    [
      'an inhibition whose equal nobody knows',
      `${routed(critical)}inhibit_rules: [{ source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [zone] }]\n`,
      'inhibits-all',
    ],
    [
      'a placeholder',
      `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: '\${HOOK}' }] }]\n`,
      'placeholder-left',
    ],
  ])('finds %s', async (_, config, code) => {
    const record = await check(config);
    expect(codes(record)).toEqual([code]);
    expect(record.findings.find((f) => f.code === code)?.level).toBe('error');
  });

  it.each([
    ['a wider route that says continue', routed('{ receiver: mail, continue: true }', critical)],
    ['a wider route behind', routed(critical, '{ receiver: mail }')],
    ['a route beside', routed(critical, `{ matchers: ['team="core"'], receiver: mail }`)],
    [
      'a child that narrows',
      routed(
        `{ matchers: ['severity=~"critical|page"'], receiver: bell, routes: [{ match: { severity: page }, receiver: mail }] }`,
      ),
    ],
    [
      'a receiver that is meant to be silent',
      routed(`{ matchers: ['alertname="Watchdog"'], receiver: 'null' }`).replace(
        'receivers:\n',
        "receivers:\n  - { name: 'null' }\n",
      ),
    ],
    [
      'nights that are muted',
      `${routed(critical.replace(' }', ', mute_time_intervals: [night] }'))}time_intervals: [{ name: night, time_intervals: [{ times: [{ start_time: '20:00', end_time: '24:00' }] }] }]\n`,
    ],
    [
      'office hours',
      `${routed(critical.replace(' }', ', active_time_intervals: [office] }'))}time_intervals: [{ name: office, time_intervals: [{ weekdays: ['monday:friday'], days_of_month: ['1:-1'], months: ['january:december'] }] }]\n`,
    ],
    [
      'an inhibition by a label that the series bear',
      `${routed(critical)}inhibit_rules: [{ source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [instance] }]\n`,
    ],
    [
      'an inhibition by a label that another file names',
      `${routed(critical)}inhibit_rules: [{ source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [zone] }]\n`,
      { 'prometheus.yml': 'global: { external_labels: { zone: a } }\n' },
    ],
    ['a label that only series bear', routed(`{ matchers: ['namespace="prod"'], receiver: bell }`)],
  ])('passes %s', async (_, config, files: Record<string, string> = {}) => {
    const record = await check(config, {}, files);
    expect(record.findings.filter(({ level }) => level !== 'note')).toEqual([]);
    expect(record.outcome).toBe('passed');
  });

  it.each([
    ['where every target is written down', 'prometheus.yml', 'static_configs: [{ targets: [a:80] }]', ['inhibits-all']],
    ['where a cluster is asked', 'prometheus.yml', 'kubernetes_sd_configs: [{ role: pod }]', []],
    ['where an external label is set', 'prometheus.yml', 'static_configs: [{ labels: { cluster: a } }]', []],
    ['where nobody knows what is scraped', 'other.yml', '', []],
  ])('an inhibition by the labels of a cluster, %s', async (_, file, targets, expected) => {
    const inhibits = `inhibit_rules: [{ source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [cluster, namespace] }]`;
    const jobs = targets === '' ? 'a: b\n' : `scrape_configs: [{ job_name: a, ${targets} }]\n`;
    const record = await check(`${routed(critical)}${inhibits}\n`, {}, { [file]: jobs });
    expect(codes(record)).toEqual(expected);
  });

  it.each([
    ['a script fills in', "envsubst '$hook $team' < am.yml > made/am.yml", ['note']],
    ['no script fills in', 'cp am.yml made/am.yml', ['error']],
  ])('placeholders that %s are one cause', async (_, script, levels) => {
    const slack = (channel: string) => `slack_configs: [{ channel: '#\${${channel}}' }]`;
    const record = await check(
      `global: { slack_api_url: '\${hook}' }\nroute: { receiver: a }\nreceivers:\n  - { name: a, ${slack('team')} }\n  - { name: b, ${slack('team')} }\n`,
      {},
      { 'build.sh': `#!/bin/sh\n${script}\n` },
    );
    const left = record.findings.filter((f) => f.code === 'placeholder-left');
    expect(left.map((f) => f.level)).toEqual(levels);
    expect(left[0]?.message).toContain('also in line');
    expect(record.outcome).not.toBe('passed');
  });

  it('an alert whose label is misspelt misses its route', async () => {
    const record = await check(
      routed(critical),
      {},
      { 'rules.yml': rules.replace('severity: critical', 'serverity: critical') },
    );
    expect(codes(record)).toEqual(['label-misspelt']);
    expect(record.findings.map((f) => f.message).join()).toContain(
      'the alert Down has serverity="critical", and no severity',
    );
  });

  it.each([
    [{ alert: 'Down', receivers: ['mail'] }, 'wrong-receiver', 'Down reaches bell, expected mail'],
    [{ alert: 'Down', receivers: ['bell', 'mail'] }, 'wrong-receiver', 'Down reaches bell, expected bell, mail'],
    [{ alert: 'Gone', receivers: ['bell'] }, 'alert-missing', 'there is no alert Gone in rules.yml'],
    [
      { labels: { severity: 'Critical' }, receivers: ['bell'] },
      'wrong-receiver',
      'severity="Critical" reaches barn, expected bell',
    ],
  ])('a promise that does not hold is found: %j', async (promise, code, message) => {
    const record = await check(routed(critical), { routes: [promise] });
    expect(codes(record)).toEqual([code]);
    expect(record.findings.map((f) => f.message)).toContain(message);
  });

  it.each([
    ['no file', { config: 'none.yml' }, ['config-missing']],
    ['rules that are not there', { rules: ['none/*.yml'] }, ['rules-missing']],
  ])('%s is no pass', async (_, more, expected) =>
    expect(codes(await check(routed(critical), more))).toEqual(expected),
  );

  it('routes, inhibitions and groups that wait for what no rule makes', async () => {
    const found = async (config: string) =>
      (await check(config)).findings
        .filter(({ level }) => level !== 'note')
        .map(({ code, level }) => `${level} ${code}`);
    const to = (matcher: string) => routed(`{ matchers: ['${matcher}'], receiver: bell }`);
    for (const matcher of ['severity="crit"', 'severity=~"critcal|page"', 'alertname="Dwn"', 'alertname=~"Slo"'])
      expect([matcher, await found(to(matcher))]).toEqual([matcher, ['warning route-unmatched']]);
    for (const matcher of ['severity="critical"', 'severity=~"crit.*"', 'alertname="Down"', 'zone="north"'])
      expect([matcher, await found(to(matcher))]).toEqual([matcher, []]);
    const inhibits = (source: string, target: string) =>
      `${routed(critical)}inhibit_rules:\n  - { source_matchers: ['${source}'], target_matchers: ['${target}'], equal: [team] }\n`;
    expect(await found(inhibits('alertname="ClusterDown"', 'severity="warning"'))).toEqual(['warning route-unmatched']);
    expect(await found(inhibits('severity="critical"', 'severity="warn"'))).toEqual(['warning route-unmatched']);
    expect(await found(inhibits('severity="critical"', 'severity="warning"'))).toEqual([]);
    const grouped = (label: string) =>
      routed(critical).replace('receiver: barn', `receiver: barn\n  group_by: [${label}]`);
    for (const label of ['alertnam', 'clutser', 'namesapce', 'severty'])
      expect([label, await found(grouped(label))]).toEqual([label, ['warning label-misspelt']]);
    // The team's value, asked of a label that nothing gives.
    expect(await found(to('squad="core"'))).toEqual(['warning label-misspelt']);
    expect(await found(to('squad="blue"'))).toEqual([]);
    const printing = (text: string) =>
      routed(critical).replace(
        /webhook_configs: \[\{[^}]*\}\]/,
        `slack_configs: [{ api_url: 'http://h/', text: '${text}' }]`,
      );
    for (const text of ['{{ .CommonAnnotations.summray }}', '{{ range .Alerts }}{{ .Labels.instanc }}{{ end }}'])
      expect([text, await found(printing(text))]).toEqual([text, ['warning label-misspelt']]);
    for (const text of ['{{ .CommonAnnotations.summary }}', '{{ .CommonLabels.shelf }}', '{{ .GroupLabels.team }}'])
      expect([text, await found(printing(text))]).toEqual([text, []]);
    expect(await found(grouped('alertname'))).toEqual([]);
    expect(await found(grouped('cluster'))).toEqual([]);
  });

  it('what came after this amtool is left out, and said', async () => {
    const record = await check(
      `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: 'http://h/' }], msteams_configs: [{ webhook_url: 'http://h/' }] }]\n`,
    );
    expect(record.outcome).not.toBe('failed');
    expect(codes(record)).toEqual([]);
  });
});
