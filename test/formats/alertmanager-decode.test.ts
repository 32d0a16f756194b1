import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { alertmanagerFile } from '../../src/formats/alertmanager/config.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';

// A configuration with a little of everything, and slips of the pen in it: what is refused without amtool is what amtool refuses.
const whole = `global:
  resolve_timeout: 5m
  smtp_from: a@b.example
  smtp_smarthost: smtp.b.example:587
  smtp_require_tls: true
  slack_api_url: https://hooks.slack.com/services/a/b/c
  http_config:
    follow_redirects: true
templates:
- /etc/alertmanager/*.tmpl
route:
  receiver: bell
  group_by: [alertname, cluster]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
  - receiver: mail
    matchers: [severity="warning", team=~"core|infra"]
    continue: true
    mute_time_intervals: [night]
    active_time_intervals: [work]
  - receiver: chat
    match: { team: web }
    match_re: { service: "a.*" }
  - receiver: page
    matchers:
    - severity = critical
inhibit_rules:
- source_matchers: [severity="critical"]
  target_matchers: [severity="warning"]
  equal: [alertname, instance]
time_intervals:
- name: night
  time_intervals:
  - times: [{ start_time: "20:00", end_time: "24:00" }]
    weekdays: ["monday:friday"]
    days_of_month: ["1:5", "-1"]
    months: ["january:march"]
    years: ["2025:2030"]
    location: Europe/Berlin
- name: work
  time_intervals:
  - times: [{ start_time: "08:00", end_time: "17:00" }]
receivers:
- name: bell
  webhook_configs:
  - url: http://hook.example.com/a
    send_resolved: true
    max_alerts: 5
- name: mail
  email_configs:
  - to: ops@b.example
    headers: { Subject: x }
    tls_config: { insecure_skip_verify: false }
- name: chat
  slack_configs:
  - channel: "#a"
    title: t
    fields: [{ title: a, value: b, short: true }]
    actions: [{ type: button, text: t, url: "http://x.example" }]
- name: page
  pagerduty_configs:
  - routing_key: abc
    severity: error
  opsgenie_configs:
  - api_key: k
    responders: [{ name: x, type: team }]
  pushover_configs: [{ user_key: u, token: t }]
  victorops_configs: [{ api_key: a, routing_key: b }]
  telegram_configs: [{ bot_token: "1:a", chat_id: -100, parse_mode: HTML }]
  sns_configs: [{ topic_arn: "arn:aws:sns:eu-west-1:1:x", sigv4: { region: eu-west-1 } }]
  wechat_configs: [{ api_secret: a, corp_id: b }]
`;

const slips: [from: string, to: string][] = [
  ['resolve_timeout: 5m', 'resolve_time: 5m'],
  ['slack_api_url: h', 'slack_url: h'],
  ['smtp.b.example:587', 'smtp.b.example'],
  ['resolve_timeout: 5m', 'resolve_timeout: 5 minutes'],
  ['group_wait: 30s', 'group_wait: 30sec'],
  ['group_wait: 30s', 'group_wait: 30s1m'],
  ['repeat_interval: 4h', 'repeat_interval: 1.5h'],
  ['repeat_interval: 4h', 'repeat_interval: 4'],
  ['group_interval: 5m', 'group_interval: 0s'],
  ['repeat_interval: 4h', 'repeat_interval: 0s'],
  ['group_by: [alertname, cluster]', 'group_by: alertname'],
  ['repeat_interval: 4h', 'repeat_intervall: 4h'],
  ['receiver: bell\n', 'receiver: bell\n  matchers: [a="b"]\n'],
  ['receiver: bell\n', 'receiver: bell\n  match: { a: b }\n'],
  ['receiver: bell\n', 'receiver: bell\n  mute_time_intervals: [night]\n'],
  ['receiver: bell\n', 'receiver: bell\n  active_time_intervals: [night]\n'],
  ['receiver: bell\n', 'receiver: bell\n  continue: true\n'],
  ['  receiver: bell\n', ''],
  ['- receiver: chat', '- receiver: chats'],
  ['severity="warning"', 'severity="warning'],
  ['severity="warning"', 'severity=="warning"'],
  ['severity="warning"', 'severity'],
  ['team=~"core|infra"', 'team=~"(core"'],
  ['team=~"core|infra"', 'team=~"(?!core)"'],
  ['matchers: [severity="warning", team=~"core|infra"]', 'matchers: { severity: warning }'],
  ['matchers: [severity="warning", team=~"core|infra"]', 'matchers: severity="warning"'],
  ['- severity = critical', '- severity: critical'],
  ['match: { team: web }', 'match: [team]'],
  ['"a.*"', '"a(*"'],
  ['continue: true', 'continue: maybe'],
  ['[night]', '[nights]'],
  ['[work]', '[works]'],
  ['equal:', 'equals:'],
  ['[alertname, instance]', 'alertname'],
  ['target_matchers: [severity="warning"]', 'target_matchers: [severity]'],
  ['- name: work', '- nam: work'],
  ['- name: work', '- name: night'],
  ['"08:00"', '"18:00"'],
  ['"08:00"', '"17:00"'],
  ['"08:00"', '"8:00"'],
  ['"08:00"', '"25:00"'],
  ['monday:friday', 'mon:fri'],
  ['monday:friday', 'friday:monday'],
  ['"1:5"', '"0:5"'],
  ['"1:5"', '"1:32"'],
  ['"1:5"', '"5:1"'],
  ['january:march', 'jan:mar'],
  ['"2025:2030"', '"2030:2025"'],
  ['"2025:2030"', '"soon"'],
  ['Europe/Berlin', 'Europe/Berlim'],
  ['weekdays:', 'days:'],
  [', end_time: "17:00" }', ' }'],
  ['webhook_configs:', 'webhook_config:'],
  ['- name: chat', '- nme: chat'],
  ['- name: mail', '- name: bell'],
  ['- url: http://hook.example.com/a\n    ', '- '],
  ['http://hook.example.com/a', 'hook.example.com/a'],
  ['http://hook.example.com/a', 'ftp://hook.example.com/a'],
  ['http://hook.example.com/a', 'http:///a'],
  ['send_resolved: true', 'send_resolve: true'],
  ['send_resolved: true', 'send_resolved: "sometimes"'],
  ['max_alerts: 5', 'max_alerts: many'],
  ['max_alerts: 5', 'max_alerts: -5'],
  [
    'webhook_configs:\n  - url: http://hook.example.com/a\n    send',
    'webhook_configs:\n    url: http://hook.example.com/a\n    send',
  ],
  ['- to: ops@b.example\n    ', '- '],
  ['  smtp_from: a@b.example\n', ''],
  ['  smtp_smarthost: smtp.b.example:587\n', ''],
  ['{ Subject: x }', '{ Subject: x, subject: y }'],
  ['- to: ops', '- subject: a\n    to: ops'],
  ['  slack_api_url: https://hooks.slack.com/services/a/b/c\n', ''],
  ['channel: "#a"\n', 'channel: "#a"\n    api_url: https://x.example\n    api_url_file: /a\n'],
  ['{ title: a, value: b, short: true }', '{ title: a, short: true }'],
  ['{ type: button, text: t', '{ text: t'],
  ['title: t\n', 'titel: t\n'],
  ['- routing_key: abc\n    severity', '- severity'],
  ['type: team', 'type: group'],
  ['{ name: x, type: team }', '{ type: team }'],
  ['- api_key: k\n    responders', '- responders'],
  ['{ user_key: u, token: t }', '{ token: t }'],
  ['{ user_key: u, token: t }', '{ user_key: u }'],
  ['{ api_key: a, routing_key: b }', '{ api_key: a }'],
  [', chat_id: -100', ''],
  ['chat_id: -100', 'chat_id: "@ops"'],
  ['parse_mode: HTML', 'parse_mode: Html'],
  ['bot_token: "1:a", ', ''],
  ['topic_arn: "arn:aws:sns:eu-west-1:1:x", ', ''],
  [', corp_id: b', ''],
  ['api_secret: a, ', ''],
  ['follow_redirects: true', 'follow_redirect: true'],
  ['templates:\n- /etc/alertmanager/*.tmpl', 'templates: /etc/alertmanager/*.tmpl'],
  ['receivers:\n- name: bell\n  webhook', 'receivers:\n  name: bell\n  webhook'],
  ['  group_wait', '\tgroup_wait'],
  ['inhibit_rules:', 'inhibit_rule:'],
  [
    '  routes:\n  - receiver: mail\n    matchers: [severity="warning", team=~"core|infra"]',
    '  routes:\n    receiver: mail\n    matchers: [severity="warning", team=~"core|infra"]',
  ],
  ['receiver: bell\n', 'receiver: [bell]\n'],
];

const refusals = (text: string): string[] =>
  alertmanagerFile(text)
    .faults.filter(({ kind }) => kind === 'refused')
    .map(({ message }) => message);

describe('what Alertmanager refuses while it decodes', () => {
  it('takes the whole', () => expect(refusals(whole)).toEqual([]));

  it.each([
    ['group_wait: 30s', 'group_wait: 0s'],
    ['{ team: web }', '{ team: 1 }'],
    ['- receiver: chat', '- receiver: 5'],
    ['send_resolved: true', 'send_resolved: yes'],
    ['repeat_interval: 4h', 'repeat_interval: 1d12h'],
    ['- severity = critical', `- '{severity="critical",team!~"a,b"}'`],
    ['weekdays: ["monday:friday"]', 'weekdays: [sunday, "monday:friday"]'],
    ['"1:5", "-1"', '"-3:-1", "1"'],
    ['url: http://hook.example.com/a', 'url: "http://hook.example.com/{{ .GroupLabels.team }}"'],
    ['max_alerts: 5', 'payload: { a: b }'],
  ])('takes %s as %s', (from, to) => {
    const text = whole.replace(from, to).replace('name: chat', to.includes('receiver: 5') ? 'name: 5' : 'name: chat');
    expect(text).not.toBe(whole);
    expect(refusals(text)).toEqual([]);
  });

  it.each(slips)('refuses %j as %j', (from, to) => {
    expect(whole).toContain(from);
    expect(refusals(whole.replace(from, to))).not.toEqual([]);
  });
});

const [title, skip] = needing('slips in a configuration, with a real amtool', 'amtool');
describe.skipIf(skip)(title, () => {
  const isTaken = (text: string): boolean => {
    const folder = tempDir({ 'a.yml': text });
    try {
      execFileSync('amtool', ['check-config', 'a.yml'], { cwd: folder, stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };
  it('takes the whole', () => expect(isTaken(whole)).toBe(true));
  it('refuses every one of them', () =>
    expect(slips.filter(([from, to]) => isTaken(whole.replace(from, to)))).toEqual([]));
});
