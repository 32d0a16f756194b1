import { describe, expect, it } from 'vitest';
import { alertmanagerFile } from '../../src/formats/alertmanager/config.ts';

const receivers = 'receivers: [{ name: ops, webhook_configs: [{ url: "http://x/" }] }]\n';
const valid = `route:\n  receiver: ops\n  group_wait: 30s\n  routes:\n    - { receiver: ops, matchers: ['severity="page"'], mute_time_intervals: [night] }\n${receivers}time_intervals: [{ name: night }]\n`;
const of = (receiver: string, top = ''): string =>
  `route: { receiver: ops }\n${top}receivers:\n  - name: ops\n    ${receiver}\n`;
const said = (text: string): [kind: string, message: string, literal: boolean][] =>
  alertmanagerFile(text).faults.map(({ kind, message, literal }) => [kind, message, literal]);

describe('what Alertmanager would refuse', () => {
  it.each([
    ['routes, an interval, matchers', valid],
    ['a receiver that does nothing', 'route: { receiver: none }\nreceivers: [{ name: none }]\n'],
    [
      'an email whose host stands in global',
      of('email_configs: [{ to: a@x.y }]', 'global: { smtp_smarthost: "m:25", smtp_from: b@x.y }\n'),
    ],
    ['slack by a file', of('slack_configs: [{ api_url_file: /run/s, channel: "#a" }]')],
    ['no wait', valid.replace('group_wait: 30s', 'group_wait: 0')],
    ['a dollar that is none of a shell', of('slack_configs: [{ api_url: "http://x/", text: "costs $5" }]')],
  ])('nothing: %s', (_, text) => expect(said(text)).toEqual([]));

  it.each([
    ['no YAML', 'route: [', 'it is not YAML'],
    ['nothing', '', 'it has no route'],
    ['a list', '- a\n', 'it has no route'],
    ['an unknown key', `${valid}routes: []\n`, 'routes is not a key of the configuration'],
    ['an unknown key of a route', valid.replace('group_wait', 'group_weight'), 'group_weight is not a key of a route'],
    ['no receiver', `route: { group_wait: 1s }\n${receivers}`, 'the root route has no receiver'],
    [
      'matchers at the root',
      `route: { receiver: ops, matchers: ['a="b"'] }\n${receivers}`,
      'the root route has matchers, and must match every alert',
    ],
    ['two of one name', valid.replace('[{ name: ops,', '[{ name: ops }, { name: ops,'), 'two receivers are called ops'],
    [
      'a receiver that is not there, deep below',
      `route: { receiver: ops, routes: [{ routes: [{ receiver: lost }] }] }\n${receivers}`,
      'undefined receiver "lost" used in route',
    ],
    ['a time without a unit', valid.replace('30s', '30'), 'group_wait: 30 has no unit'],
    ['an interval that is not there', valid.replace('[night]', '[day]'), 'undefined time interval "day" used in route'],
    [
      'an inhibition’s unknown key',
      `${valid}inhibit_rules: [{ source: [] }]\n`,
      'source is not a key of an inhibit rule',
    ],
    ['an email without a to', of('email_configs: [{ smarthost: "m:25", from: b@x.y }]'), 'an email has no to'],
    ['a webhook without a url', of('webhook_configs: [{ send_resolved: true }]'), 'a webhook has no url'],
    [
      'a key of another integration',
      of('slack_configs: [{ webhook_url: "http://x/", api_url: "http://x/" }]'),
      'webhook_url is not a key of slack_configs: it is api_url',
    ],
  ])('%s', (_, text, message) => expect(said(text)).toEqual([['refused', message, false]]));

  it('a placeholder is refused where an address is parsed, and taken as it is elsewhere', () =>
    expect(said(of('slack_configs: [{ api_url: "${HOOK}", channel: "${CHANNEL}" }]'))).toEqual([
      ['refused', 'api_url: ${HOOK} is taken as it stands: Alertmanager does not expand variables', true],
      ['literal', 'channel: ${CHANNEL} is taken as it stands: Alertmanager does not expand variables', true],
    ]));

  it('of a file that is none, no configuration is made', () => {
    expect(alertmanagerFile('route: [').config).toBeUndefined();
    expect(alertmanagerFile(valid).config).toMatchObject({
      tree: { receiver: 'ops', children: [{ receiver: 'ops' }] },
      receivers: [{ name: 'ops', integrations: 1 }],
    });
  });

  it('a fault stands on the line of its key, not where a comment has the same words', () =>
    expect(
      alertmanagerFile(
        `# receiver: lost\nroute:\n  receiver: ops\n  routes:\n    - match: { a: b }\n      receiver: lost\n${receivers}`,
      ).faults,
    ).toEqual([{ kind: 'refused', message: 'undefined receiver "lost" used in route', line: 6, literal: false }]));
});

it('everything has its own line, though a comment or another part says the same before', () => {
  const text = `# severity="page" goes to quiet, by the template mine
route:
  receiver: quiet
  group_by: [alertname, cluster]
  routes:
    - receiver: ops
      matchers: ['severity="page"']
    - receiver: quiet
      mute_time_intervals: [night]
inhibit_rules:
  - source_matchers: ['severity="page"']
    target_match: { severity: warning }
    equal: [cluster]
receivers:
  - name: quiet
  - name: ops
    slack_configs:
      - api_url: http://x/
        text: '{{ template "mine" . }}'
    webhook_configs: [{ url: "http://y/" }]
time_intervals: [{ name: night }]
`;
  const { config } = alertmanagerFile(text);
  expect(config?.tree.children.map(({ line, timesLine }) => [line, timesLine])).toEqual([
    [7, 6],
    [8, 9],
  ]);
  expect(config?.tree.groupBy.map(({ line }) => line)).toEqual([4, 4]);
  expect(config?.inhibits.map((one) => [one.source[0]?.line, one.target[0]?.line, one.equalLine])).toEqual([
    [11, 12, 13],
  ]);
  expect(config?.receivers.map(({ line }) => line)).toEqual([15, 16]);
  expect(config?.used).toEqual([{ name: 'mine', line: 19 }]);
  expect(config?.hooks.map(({ line }) => line)).toEqual([20]);
});
