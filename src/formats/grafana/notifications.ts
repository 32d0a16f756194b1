import { months } from '../data/months.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { isFileDuration } from '../promql/literals.ts';
import { anchoredRegex } from '../promql/regex.ts';

/** What Grafana refuses of contact points, policies and mute timings; each text follows the name of its part. */

/** What a receiver needs; `a|b`: one of them. Source: github.com/grafana/alerting, NewConfig in receivers/…/v1/config.go. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'prometheus-alertmanager': ['url'],
  dingding: ['url'],
  discord: ['url'],
  email: ['addresses'],
  googlechat: ['url'],
  jira: ['api_url', 'project', 'issue_type', 'api_token|user', 'api_token|password'],
  kafka: ['kafkaRestProxy', 'kafkaTopic'],
  line: ['token'],
  mqtt: ['brokerUrl', 'topic'],
  oncall: ['url'],
  opsgenie: ['apiKey'],
  pagerduty: ['integrationKey'],
  pushover: ['apiToken', 'userKey'],
  sensugo: ['url', 'apikey'],
  slack: ['url|token', 'url|recipient'],
  sns: ['topic_arn|target_arn|phone_number'],
  teams: ['url'],
  telegram: ['bottoken', 'chatid'],
  threema: ['gateway_id', 'recipient_id', 'api_secret'],
  victorops: ['url'],
  webhook: ['url'],
  wecom: ['url|secret', 'url|agent_id', 'url|corp_id'],
};

/** The settings that a receiver of this type lacks. */
export const lackingSettings = (type: string, receiver: JsonObject): string[] => {
  const settings = { ...objectOf(receiver['settings']), ...objectOf(receiver['secureSettings']) };
  return (needed[type.toLowerCase()] ?? []).filter((key) =>
    key.split('|').every((one) => settings[one] === undefined || settings[one] === null || settings[one] === ''),
  );
};

/** What Grafana refuses of one route of a policy tree, those below it left out; `guess`: what it takes, and never does. */
export function routeFaults(route: JsonObject): { what: string; guess?: true }[] {
  const faults: { what: string; guess?: true }[] = [];
  for (const key of ['group_wait', 'group_interval', 'repeat_interval']) {
    const value = typeof route[key] === 'number' ? `${route[key]}` : textOf(route[key]);
    if (value !== '' && !value.includes('$') && (!isFileDuration(value) || value === '0'))
      faults.push({ what: `has \`${key}: ${value}\`, expected one like 5m` });
  }
  const groups = listOf(route['group_by']).map(textOf);
  if (groups.includes('...') && groups.length > 1) faults.push({ what: 'groups by `...` and by other labels too' });
  const equals = new Map<string, string>();
  for (const matcher of listOf(route['object_matchers'])) {
    const [label, op, value] = listOf(matcher).map((one) => String(one));
    if (!Array.isArray(matcher) || label === undefined || op === undefined || value === undefined) {
      faults.push({ what: `has the matcher ${JSON.stringify(matcher)}, expected [label, operator, value]` });
      continue;
    }
    if (!['=', '!=', '=~', '!~'].includes(op))
      faults.push({ what: `has the operator ${op}, expected one of =, !=, =~, !~` });
    else if (op.endsWith('~') && !value.includes('$') && anchoredRegex(value) === undefined)
      faults.push({ what: `has the matcher ${label}${op}${value}, which is not a regular expression` });
    if (op !== '=') continue;
    const other = equals.get(label);
    if (other !== undefined && other !== value)
      faults.push({ what: `wants ${label} to be ${other} and ${value}: no alert comes here`, guess: true });
    equals.set(label, value);
  }
  return faults;
}

const days = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const minutes = (text: string): number => {
  const [, h, m] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const at = h === undefined ? Number.NaN : Number(h) * 60 + Number(m);
  return at <= 1440 && Number(m) < 60 ? at : Number.NaN;
};

/** What Grafana refuses of a mute timing. Source: Alertmanager's timeinterval package, which reads them. */
export function muteFaults(mute: JsonObject): string[] {
  return listOf(mute['time_intervals'])
    .map(objectOf)
    .flatMap((interval) => [
      ...listOf(interval['times'])
        .map(objectOf)
        .flatMap((one) => {
          const [from, to] = [textOf(one['start_time']), textOf(one['end_time'])];
          const [start, end] = [minutes(from), minutes(to)];
          if (Number.isNaN(start) || Number.isNaN(end)) return [`has the time ${from} to ${to}, expected HH:MM`];
          return start < end
            ? []
            : [`has the time ${from} to ${to}: it ends before it begins; write two, to 24:00 and from 00:00`];
        }),
      ...named(interval['weekdays'], days, 0),
      ...named(interval['months'], months, 1, /^\d+$/),
      ...named(interval['years'], [], 0, /^\d+$/),
      ...listOf(interval['days_of_month']).flatMap((one) => dayFaults(String(one))),
    ]);
}

/** @param first the number of the first name; @param also a number in place of a name */
const named = (value: unknown, names: readonly string[], first: number, also?: RegExp): string[] =>
  listOf(value).flatMap((one) => {
    const parts = String(one)
      .split(':')
      .map((part) => part.trim().toLowerCase());
    const unknown = parts.filter((part) => !names.includes(part) && also?.test(part) !== true);
    if (unknown.length > 0)
      return unknown.map((part) => `has ${part}, expected one of ${names.length > 0 ? names.join(', ') : 'the years'}`);
    const [from = 0, to = from] = parts.map((part) =>
      names.includes(part) ? names.indexOf(part) + first : Number(part),
    );
    return from <= to ? [] : [`has ${String(one)}: it ends before it begins; write two`];
  });

/** Days of a month, from its end where they are negative. */
function dayFaults(text: string): string[] {
  const [from = Number.NaN, to = from] = text.split(':').map(Number);
  const isDay = (day: number): boolean => Number.isInteger(day) && day !== 0 && Math.abs(day) <= 31;
  if (!isDay(from) || !isDay(to)) return [`has the day of the month ${text}, expected 1 to 31, or -1 to -31`];
  const at = (day: number): number => (day < 0 ? 28 + day : day);
  return (from < 0 && to > 0) || at(from) > at(to)
    ? [`has the days of the month ${text}: they end before they begin`]
    : [];
}
