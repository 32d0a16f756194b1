import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { StepRecord } from '../../src/core/record.ts';
import { grafanaDouble, type DoubleOptions } from '../rig/grafana/double.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

const above = [{ evaluator: { type: 'gt', params: [0] } }];
const rule = (uid: string, more: object = {}): Record<string, unknown> => ({
  uid,
  title: `Rule ${uid}`,
  condition: 'B',
  for: '5m',
  data: [
    {
      refId: 'A',
      relativeTimeRange: { from: 600, to: 0 },
      datasourceUid: 'prometheus',
      model: { expr: 'rate(errors_total[$__rate_interval])', instant: true },
    },
    { refId: 'B', datasourceUid: '__expr__', model: { type: 'threshold', expression: 'A', conditions: above } },
  ],
  annotations: { summary: 'Errors on {{ $labels.job }}' },
  ...more,
});
const asking = (query: object): object => ({
  data: (rule('a')['data'] as object[]).map((one, n) => (n === 0 ? { ...one, ...query } : one)),
});
const comparing = (model: object): object => ({
  data: (rule('a')['data'] as object[]).map((one, n) =>
    n === 1 ? { ...one, model: { type: 'threshold', expression: 'A', conditions: above, ...model } } : one,
  ),
});
const group = (rules: object[], more: object = {}): object => ({
  orgId: 1,
  name: 'Errors',
  folder: 'Service',
  interval: '1m',
  rules,
  ...more,
});
const contact = (name: string, more: object = {}): object => ({
  orgId: 1,
  name,
  receivers: [{ uid: `uid-${name}`, type: 'webhook', settings: { url: 'http://127.0.0.1:1/' } }],
  ...more,
});
const file = (rules: object[], more: object = {}): object => ({
  apiVersion: 1,
  groups: [group(rules)],
  contactPoints: [contact('team')],
  policies: [{ orgId: 1, receiver: 'team', routes: [{ receiver: 'team', object_matchers: [['a', '=', 'b']] }] }],
  ...more,
});
const sources = stringify({
  apiVersion: 1,
  datasources: [{ name: 'Prometheus', uid: 'prometheus', type: 'prometheus' }],
});

const read = (files: Record<string, object | string>, more: object = {}): Promise<StepRecord> =>
  runStep({
    uses: 'grafana/alerting',
    target: tempDir({
      'sources.yml': sources,
      ...Object.fromEntries(
        Object.entries(files).map(([name, one]) => [
          `alerting/${name}`,
          typeof one === 'string' ? one : stringify(one),
        ]),
      ),
    }),
    with: { files: ['alerting/*'], datasources: ['sources.yml'], ...more },
  });
const codes = (record: StepRecord): string[] => record.findings.map((one) => `${one.level} ${one.code}`);

describe('grafana/alerting, files alone', () => {
  it.each<[string, object, object?]>([
    ['rules, a contact point and policies', file([rule('a'), rule('b', { for: '0' })])],
    [
      'receivers that lack nothing, and timings of every kind',
      file([rule('a')], {
        contactPoints: [
          contact('team', {
            receivers: [
              {
                uid: 'j',
                type: 'jira',
                settings: { api_url: 'http://j/', project: 'P', issue_type: 'Bug', api_token: 't' },
              },
              { uid: 's', type: 'slack', settings: { token: 't', recipient: '#ops' } },
              { uid: 'w', type: 'webex', settings: { room_id: 'r' } },
              { uid: 'c', type: 'wecom', settings: { secret: 's', agent_id: 'a', corp_id: 'c' } },
              { uid: 'q', type: 'mqtt', settings: { brokerUrl: 'tcp://q:1883', topic: 't' } },
            ],
          }),
        ],
        muteTimes: [
          {
            name: 'm',
            time_intervals: [
              { weekdays: ['monday:friday', 'sunday'], months: ['2:march', 'may'], years: ['2026:2027', 2028] },
              { days_of_month: ['1:5', '-3:-1', '27:-1'], times: [{ start_time: '00:00', end_time: '24:00' }] },
            ],
          },
        ],
      }),
    ],
    [
      'classic conditions',
      file([
        rule(
          'a',
          comparing({
            type: 'classic_conditions',
            conditions: [
              { evaluator: { type: 'ge', params: [1] }, query: { params: ['A'] }, reducer: { type: 'last' } },
            ],
          }),
        ),
      ]),
    ],
    ['the contact point of every Grafana', file([rule('a')], { policies: [{ receiver: 'grafana-default-email' }] })],
    ['a name from the environment', file([rule('a')], { policies: [{ receiver: '$RECEIVER' }] })],
    [
      'a contact point that is made by hand',
      file([rule('a')], { policies: [{ receiver: 'ops' }] }),
      { contacts: ['ops'] },
    ],
    ['a rule that is meant to be paused', file([rule('a', { isPaused: true })]), { paused: ['a'] }],
    ['a recording rule has no condition', file([rule('a', { condition: '', record: { metric: 'm', from: 'A' } })])],
    ['a label of two dollars', file([rule('a', { labels: { severity: '{{ $$labels.severity }}' } })])],
    [
      'a mute timing',
      file([rule('a')], {
        policies: [{ receiver: 'team', routes: [{ mute_time_intervals: ['night'] }] }],
        muteTimes: [{ name: 'night', time_intervals: [] }],
      }),
    ],
    ['what is taken away', { apiVersion: 1, deleteRules: [{ orgId: 1, uid: 'old' }] }],
    ['as JSON', JSON.parse(JSON.stringify(file([rule('a')]))) as object],
  ])('passes %s', async (_, one, more) => {
    const record = await read({ 'a.yml': one }, more);
    expect([record.outcome, codes(record)]).toEqual(['passed', []]);
  });

  it.each<[string, object | string, string[], RegExp]>([
    ['no YAML', 'groups: [', ['error file-unreadable'], /has nothing/],
    ['nothing in its list', { apiVersion: 1, groups: [] }, ['error nothing-provisioned'], /found none/],
    ['a group without a rule', { groups: [group([])], contactPoints: [] }, ['error nothing-provisioned'], /found none/],
    ['Prometheus’s rules under another key', { group: [] }, ['error file-unreadable'], /has nothing/],
    ['a rule without uid', file([rule('')]), ['error alerting-refused'], /has no uid/],
    ['a uid that is too long', file([rule('x'.repeat(41))]), ['error alerting-refused'], /at most 40/],
    ['a rule without title', file([rule('a', { title: '' })]), ['error alerting-refused'], /has no title/],
    [
      'a condition that is no query',
      file([rule('a', { condition: 'C' })]),
      ['error alerting-refused'],
      /condition C, and its queries are A, B/,
    ],
    ['no condition', file([rule('a', { condition: undefined })]), ['error alerting-refused'], /no condition/],
    ['no data', file([rule('a', { data: [] })]), ['error alerting-refused'], /no data/],
    ['`for` without a unit', file([rule('a', { for: 300 })]), ['error alerting-refused'], /for: 300/],
    [
      'a state that is none',
      file([rule('a', { noDataState: 'Ignore' })]),
      ['error alerting-refused'],
      /noDataState: Ignore/,
    ],
    [
      'an interval without a unit',
      file([], { groups: [group([rule('a')], { interval: 60 })] }),
      ['error alerting-refused'],
      /interval 60/,
    ],
    ['no folder', file([], { groups: [group([rule('a')], { folder: '' })] }), ['error alerting-refused'], /no folder/],
    [
      'a label of the environment',
      file([rule('a', { labels: { severity: '{{ $labels.severity }}' } })]),
      ['warning alerting-refused'],
      /\$\$/,
    ],
    [
      'one uid twice',
      file([rule('a'), rule('a', { title: 'Another' })]),
      ['error uid-duplicate'],
      /uid a appears twice/,
    ],
    ['one title twice', file([rule('a'), rule('b', { title: 'Rule a' })]), ['warning title-duplicate'], /Rule a/],
    [
      'a policy for nobody',
      file([rule('a')], { policies: [{ receiver: 'ops' }] }),
      ['error receiver-missing'],
      /notifies ops/,
    ],
    [
      'a nested policy for nobody',
      file([rule('a')], { policies: [{ receiver: 'team', routes: [{ routes: [{ receiver: 'ops' }] }] }] }),
      ['error receiver-missing'],
      /notifies ops/,
    ],
    [
      'a rule for nobody',
      file([rule('a', { notification_settings: { receiver: 'ops' } })]),
      ['error receiver-missing'],
      /Rule a notifies ops/,
    ],
    [
      'a contact point of another organisation',
      file([rule('a')], { contactPoints: [contact('team', { orgId: 2 })], policies: [{ receiver: 'team' }] }),
      ['error receiver-missing'],
      /notifies team/,
    ],
    [
      'a contact point without receivers',
      file([rule('a')], { contactPoints: [contact('team', { receivers: [] })] }),
      ['error alerting-refused'],
      /notifies nobody/,
    ],
    [
      'a receiver without settings',
      file([rule('a')], { contactPoints: [contact('team', { receivers: [{ uid: 'u', type: 'slack' }] })] }),
      ['error alerting-refused'],
      /without settings/,
    ],
    [
      'a receiver of no known type',
      file([rule('a')], {
        contactPoints: [contact('team', { receivers: [{ uid: 'u', type: 'slak', settings: { url: 'x' } }] })],
      }),
      ['warning alerting-refused'],
      /slak/,
    ],
    [
      'a mute timing that is not there',
      file([rule('a')], { policies: [{ receiver: 'team', routes: [{ mute_time_intervals: ['night'] }] }] }),
      ['error mute-missing'],
      /night/,
    ],
    [
      'a data source by its name',
      file([
        rule('a', {
          data: [{ refId: 'B', relativeTimeRange: { from: 60, to: 0 }, datasourceUid: 'Graphite', model: {} }],
        }),
      ]),
      ['error datasource-missing'],
      /Graphite/,
    ],
    ...(
      [
        ['an interval between two ticks', { interval: '15s' }, /multiple of 10s/],
        ['an interval of nothing', { interval: '0s' }, /multiple of 10s/],
      ] as const
    ).map(([name, more, message]): [string, object, string[], RegExp] => [
      name,
      file([], { groups: [group([rule('a')], more)] }),
      ['error alerting-refused'],
      message,
    ]),
    ...(
      [
        [
          'a query without a data source',
          asking({ datasourceUid: undefined }),
          'error alerting-refused',
          /without datasourceUid/,
        ],
        [
          'a range that ends first',
          asking({ relativeTimeRange: { from: 0, to: 600 } }),
          'error alerting-refused',
          /range from 0 s/,
        ],
        ['a series that is not reduced', asking({ model: { expr: 'up' } }), 'error series-unreduced', /compares A/],
        [
          'PromQL that does not parse',
          asking({ model: { expr: 'sum(up', instant: true } }),
          'error bad-expression',
          /parse/,
        ],
        [
          'a label that the query drops',
          asking({ model: { expr: 'sum(up)', instant: true } }),
          'warning label-dropped',
          /job/,
        ],
        ['an expression of no query', comparing({ expression: 'Z' }), 'error alerting-refused', /reads Z/],
        [
          'a comparison that there is not',
          comparing({ conditions: [{ evaluator: { type: 'greater', params: [1] } }] }),
          'error alerting-refused',
          /greater/,
        ],
        [
          'a comparison with too few numbers',
          comparing({ conditions: [{ evaluator: { type: 'within_range', params: [1] } }] }),
          'error alerting-refused',
          /1 numbers/,
        ],
        ['a dashboard without a panel', { dashboardUid: 'a' }, 'warning alerting-refused', /without a panel/],
      ] as const
    ).map(([name, more, code, message]): [string, object, string[], RegExp] => [
      name,
      file([rule('a', more)]),
      [code],
      message,
    ]),
    ...(
      [
        [
          'an operator that there is not',
          { object_matchers: [['a', '==', 'b']] },
          'error alerting-refused',
          /operator ==/,
        ],
        ['a matcher in one piece', { object_matchers: ['a=b'] }, 'error alerting-refused', /matcher/],
        ['a wait without a unit', { group_wait: '30' }, 'error alerting-refused', /group_wait/],
        [
          'a route for no alert',
          {
            object_matchers: [
              ['a', '=', 'b'],
              ['a', '=', 'c'],
            ],
          },
          'warning alerting-refused',
          /no alert/,
        ],
      ] as const
    ).map(([name, more, code, message]): [string, object, string[], RegExp] => [
      name,
      file([rule('a')], { policies: [{ receiver: 'team', routes: [{ receiver: 'team', ...more }] }] }),
      [code],
      message,
    ]),
    [
      'a receiver without what it needs',
      file([rule('a')], {
        contactPoints: [contact('team', { receivers: [{ uid: 'u', type: 'email', settings: { address: 'a@b' } }] })],
      }),
      ['error alerting-refused'],
      /without addresses/,
    ],
    [
      'a template that no file defines',
      file([rule('a')], {
        contactPoints: [
          contact('team', {
            receivers: [
              {
                uid: 'u',
                type: 'webhook',
                settings: {
                  url: 'http://a/',
                  message: '{{ template "team.text" . }}{{ template "team.body" . }}{{ template "default.message" . }}',
                },
              },
            ],
          }),
        ],
        templates: [{ name: 'x', template: '{{ define "team.body" }}a{{ end }}' }],
      }),
      ['warning template-missing'],
      /team\.text/,
    ],
    ...(
      [
        ['a mute timing that ends first', { times: [{ start_time: '18:00', end_time: '08:00' }] }, /ends before/],
        ['a mute timing of no day', { weekdays: ['sat:sunday'] }, /has sat,/],
        ['a week that ends first', { weekdays: ['friday:monday'] }, /friday:monday: it ends/],
        ['a day that no month has', { days_of_month: ['1:32'] }, /1:32, expected 1 to 31/],
        ['days that end first', { days_of_month: ['-1:3'] }, /-1:3: they end/],
        ['a year in words', { years: ['twenty'] }, /twenty/],
      ] as const
    ).map(([name, interval, message]): [string, object, string[], RegExp] => [
      name,
      file([rule('a')], { muteTimes: [{ name: 'm', time_intervals: [interval] }] }),
      ['error alerting-refused'],
      message,
    ]),
    ...(
      [
        ['jira', { api_url: 'http://j/', project: 'P', issue_type: 'Bug', user: 'u' }, /without api_token or password/],
        ['slack', { token: 't' }, /without url or recipient/],
        ['threema', { gateway_id: '*1234567', recipient_id: '12345678' }, /without api_secret/],
        ['sns', { subject: 's' }, /without topic_arn or target_arn or phone_number/],
      ] as const
    ).map(([type, settings, message]): [string, object, string[], RegExp] => [
      `a receiver of the type ${type} without what it needs`,
      file([rule('a')], { contactPoints: [contact('team', { receivers: [{ uid: 'u', type, settings }] })] }),
      ['error alerting-refused'],
      message,
    ]),
    ...(
      [
        ['a threshold of no value', { conditions: [{ evaluator: { type: 'no_value' } }] }, /compares by no_value/],
        ['a threshold without a condition', { conditions: [] }, /has 0 conditions/],
        ['a reduction of no such name', { type: 'reduce', reducer: 'average' }, /reduces by average/],
        ['arithmetic that ends early', { type: 'math', expression: '$A >' }, /not arithmetic/],
      ] as const
    ).map(([name, model, message]): [string, object, string[], RegExp] => [
      name,
      file([rule('a', comparing(model))]),
      ['error alerting-refused'],
      message,
    ]),
    ['a rule that is paused', file([rule('a', { isPaused: true })]), ['error rule-paused'], /isPaused/],
  ])('finds %s', async (_, one, expected, message) => {
    const record = await read({ 'a.yml': one });
    expect(codes(record)).toEqual(expected);
    expect(record.findings[0]?.message).toMatch(message);
  });

  it('finds one uid in two files, one receiver in both, and a glob that matches nothing', async () => {
    const record = await read({
      'a.yml': file([rule('a')]),
      'b.yml': { groups: [group([rule('a')], { name: 'B', folder: 'B' })] },
    });
    expect(codes(record)).toEqual(['error uid-duplicate']);
    expect(codes(await read({}))).toEqual(['error file-missing']);
  });
});

describe('grafana/alerting against a Grafana', () => {
  const seen = (uid: string, more: object = {}): NonNullable<DoubleOptions['alerting']>['rules'][number] => ({
    uid,
    title: `Rule ${uid}`,
    ruleGroup: 'Errors',
    isPaused: false,
    health: 'ok',
    ...more,
  });
  const against = async (alerting: DoubleOptions['alerting'], one: object = file([rule('a')])): Promise<StepRecord> => {
    const { url } = await grafanaDouble({
      version: '9.3.2',
      boards: [],
      anonymous: true,
      ...(alerting && { alerting }),
    });
    return read({ 'a.yml': one }, { url, datasources: [], within: '1s' });
  };
  const good = { rules: [seen('a')], contacts: ['team', 'grafana-default-email'], receiver: 'team' };
  it('passes where all is there and was evaluated', async () => {
    const record = await against(good);
    expect([record.outcome, codes(record), record.facts['alerting.rules']]).toEqual(['passed', [], 1]);
    expect(record.reduced).toContain('test double');
  });
  it.each<[string, DoubleOptions['alerting'], string, RegExp]>([
    ['a rule that is not there', { ...good, rules: [seen('b')] }, 'error rule-missing', /Rule a \(a\) is not there/],
    [
      'a rule that somebody has paused',
      { ...good, rules: [seen('a', { isPaused: true })] },
      'error rule-paused',
      /paused in Grafana/,
    ],
    [
      'a rule that fails',
      { ...good, rules: [seen('a', { health: 'error', lastError: 'parse error' })] },
      'error rule-failing',
      /parse error/,
    ],
    ['a rule without data', { ...good, rules: [seen('a', { health: 'nodata' })] }, 'warning rule-no-data', /no data/],
    [
      'a rule that waits',
      { ...good, rules: [seen('a', { health: 'unknown' })] },
      'inconclusive rule-unevaluated',
      /unknown/,
    ],
    [
      'a contact point that is not there',
      { ...good, contacts: ['grafana-default-email'] },
      'error contact-missing',
      /team is not there/,
    ],
    [
      'another policy tree',
      { ...good, receiver: 'grafana-default-email' },
      'error policy-differs',
      /the file says team/,
    ],
    ['alerting that is turned off', undefined, 'inconclusive alerting-unread', /HTTP 404/],
  ])('finds %s', async (_, alerting, expected, message) => {
    const record = await against(alerting);
    expect(codes(record)).toEqual([expected]);
    expect(record.findings[0]?.message).toMatch(message);
  });
});
