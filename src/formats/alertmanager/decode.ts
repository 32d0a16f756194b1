import { isFileDuration } from '../promql/literals.ts';
import { suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { anchoredRegex } from '../promql/regex.ts';
import type { Place } from './matchers.ts';
import { timeFaults } from './time-intervals.ts';

/**
 * What Alertmanager refuses while it decodes its configuration: types, lengths of time, addresses, matchers, time intervals, keys
 * that are misspelt. Every rule was tried with amtool 0.25; what newer versions take is left out. Documentation, "Configuration".
 */
export function decodeFaults(config: JsonObject, refuse: (message: string, at: Place) => void): void {
  const decode = (value: unknown, kind: string, at: Place): void => {
    const key = String(at.at(-1));
    const said = (expected: string): void => refuse(`${key}: expected ${expected}, found ${shown(value)}`, at);
    // A placeholder is told of by itself.
    if (value === null || value === undefined || (typeof value === 'string' && /\$\{?\w|\{\{/.test(value))) return;
    if (kind.endsWith('*')) {
      if (!Array.isArray(value)) said('a list');
      for (const [n, one] of listOf(value).entries()) decode(one, kind.slice(0, -1), [...at, n]);
    } else if (kind in shapes) {
      if (typeof value === 'object' && !Array.isArray(value)) keysOf(objectOf(value), kind, at);
      else said('keys and values');
    } else if (kind === 'map' || kind === 'patterns') {
      if (typeof value !== 'object' || Array.isArray(value)) said('keys and values');
      else if (kind === 'patterns')
        for (const [label, one] of Object.entries(value)) decode(one, 'regex', [...at, label]);
    } else if (
      kind !== 'any' &&
      (typeof value === 'object' ||
        takes[kind]?.(typeof value === 'string' ? value : JSON.stringify(value), value) === false)
    )
      said(wanted[kind] ?? 'a text');
  };
  const keysOf = (holder: JsonObject, kind: string, at: Place): void => {
    const shape = shapes[kind] ?? new Map<string, string>();
    for (const [key, value] of Object.entries(holder)) {
      const known = shape.get(key);
      if (known !== undefined) decode(value, known, [...at, key]);
      // A newer version may have others; a known one with a slip of the pen it has not.
      else if (!strict.has(kind)) {
        const meant = suggest(key, [...shape.keys()]);
        if (meant !== undefined) refuse(`${key} is not a key of ${named[kind] ?? kind}: it is ${meant}`, [...at, key]);
      }
    }
  };
  keysOf(config, 'configuration', []);
  const root = objectOf(config['route']);
  for (const key of ['mute_time_intervals', 'active_time_intervals'])
    if (listOf(root[key]).length > 0) refuse(`the root route has ${key}`, ['route', key]);
  if (root['continue'] === true) refuse('the root route has continue: true', ['route', 'continue']);
  timeFaults(config, refuse);
}

const shown = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'keys and values' : JSON.stringify(value);

/** Both the old and the new syntax refuse it. Source: pkg/labels/parse.go, matcher/parse. */
function matcherFault(text: string): boolean {
  // A comma may part several.
  const all =
    text
      .trim()
      .replace(/^\{([\s\S]*)\}$/, '$1')
      .match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+|"/g) ?? [];
  return all.some((one) => {
    if (one.trim() === '') return false;
    const [, op = '', value] = /^\s*(?:"(?:[^"\\]|\\.)*"|[^\s=!~"{}]+)\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/.exec(one) ?? [];
    if (value === undefined) return true;
    const isQuoted = /^"(?:[^"\\]|\\.)*"$/.test(value);
    return (
      (!isQuoted && /(?<!\\)"/.test(value)) ||
      (op.includes('~') &&
        anchoredRegex(isQuoted ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value) === undefined)
    );
  });
}

const wanted: Record<string, string> = {
  flag: 'true or false',
  whole: 'a whole number',
  count: 'a whole number from 0 on',
  time: 'a length of time such as 5m',
  span: 'a length of time above 0 such as 5m',
  url: 'an address with http:// or https://',
  host: 'host:port',
  matcher: 'a matcher such as severity="critical"',
  regex: 'a regular expression',
  mode: 'Markdown, MarkdownV2 or HTML',
  role: 'team, teams, user, escalation or schedule',
};
const takes: Record<string, (text: string, value: unknown) => boolean> = {
  flag: (text) => /^(?:true|false|y|yes|n|no|on|off)$/i.test(text),
  whole: (_, value) => Number.isInteger(value),
  count: (_, value) => Number.isInteger(value) && Number(value) >= 0,
  time: isFileDuration,
  span: (text) => isFileDuration(text) && /[1-9]/.test(text),
  url: (text) => /^https?:\/\/[^/?#]/.test(text),
  host: (text) => text === '' || /:\d*$|:[a-z]+$/.test(text),
  matcher: (text) => !matcherFault(text),
  regex: (text) => anchoredRegex(text) !== undefined,
  mode: (text) => /^(?:Markdown|MarkdownV2|HTML|)$/.test(text),
  role: (text) => /^(?:teams?|user|escalation|schedule)$/i.test(text),
};

const named: Record<string, string> = { configuration: 'the configuration', http: 'http_config', tls: 'tls_config' };
/** Whose unknown keys are told of elsewhere. */
const strict = new Set(['configuration', 'route', 'inhibition']);
const integrations: Record<string, string> = {
  webhook: 'url:url url_file max_alerts:count timeout:time payload:any',
  email: `to from smarthost:host hello auth_username auth_password auth_password_file auth_secret auth_secret_file auth_identity
    headers:map html text require_tls:flag implicit_tls:flag force_implicit_tls:flag tls_config:tls threading:any`,
  slack: `api_url:url api_url_file app_token app_token_file app_url:url channel username color title title_link pretext text
    message_text fields:field* short_fields:flag footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names:flag
    mrkdwn_in:text* actions:action* timeout:time update_message:flag`,
  pagerduty: `service_key service_key_file routing_key routing_key_file url:url client client_url description details:any
    images:any links:any source severity class component group timeout:time`,
  opsgenie: `api_key api_key_file api_url:url message description source details:map entity responders:responder* actions tags
    note priority update_alerts:flag`,
  pushover: `user_key user_key_file token token_file title message url url_title device sound priority retry:time expire:time
    ttl:time html:flag monospace:flag`,
  victorops: `api_key api_key_file api_url:url routing_key message_type state_message entity_display_name monitoring_tool
    custom_fields:map`,
  telegram: `api_url:url bot_token bot_token_file chat_id:whole chat_id_file message_thread_id:whole message
    disable_notifications:flag parse_mode:mode`,
  sns: 'api_url topic_arn phone_number target_arn subject message attributes:map sigv4:any',
  wechat: 'api_secret api_secret_file corp_id api_url:url message message_type agent_id to_user to_party to_tag',
  discord: 'webhook_url:url webhook_url_file title message content username avatar_url',
  webex: 'api_url:url room_id message',
  msteams: 'webhook_url:url webhook_url_file title summary text',
  msteamsv2: 'webhook_url:url webhook_url_file title text',
};
const ofGlobal = `resolve_timeout:time http_config:http smtp_from smtp_hello smtp_smarthost:host smtp_auth_username smtp_auth_password
  smtp_auth_password_file smtp_auth_secret smtp_auth_secret_file smtp_auth_identity smtp_require_tls:flag smtp_tls_config:tls
  smtp_force_implicit_tls:flag slack_api_url:url slack_api_url_file slack_app_token slack_app_token_file slack_app_url:url
  pagerduty_url:url opsgenie_api_key opsgenie_api_key_file opsgenie_api_url:url wechat_api_url:url wechat_api_secret
  wechat_api_secret_file wechat_api_corp_id victorops_api_url:url victorops_api_key victorops_api_key_file telegram_api_url:url
  telegram_bot_token telegram_bot_token_file webex_api_url:url rocketchat_api_url:url rocketchat_token rocketchat_token_file
  rocketchat_token_id rocketchat_token_id_file jira_api_url:url`;
const others = 'rocketchat jira incidentio mattermost';
const shapes: Record<string, ReadonlyMap<string, string>> = Object.fromEntries(
  Object.entries({
    configuration: `global:global templates:text* route:route receivers:receiver* inhibit_rules:inhibition* time_intervals:any*
      mute_time_intervals:any*`,
    global: ofGlobal,
    route: `receiver group_by:text* continue:flag match:map match_re:patterns matchers:matcher* group_wait:time
      group_interval:span repeat_interval:span mute_time_intervals:text* active_time_intervals:text* routes:route*`,
    inhibition: `source_match:map source_match_re:patterns source_matchers:matcher* target_match:map target_match_re:patterns
      target_matchers:matcher* equal:text*`,
    receiver: `name ${Object.keys(integrations)
      .map((one) => `${one}_configs:${one}*`)
      .join(' ')} ${others.replaceAll(/\w+/g, '$&_configs:any*')}`,
    http: `authorization:any basic_auth:any bearer_token bearer_token_file oauth2:any tls_config:tls proxy_url no_proxy
      proxy_from_environment:flag proxy_connect_header:any follow_redirects:flag enable_http2:flag http_headers:any`,
    tls: 'ca cert key ca_file cert_file key_file server_name insecure_skip_verify:flag min_version max_version',
    field: 'title value short:flag',
    action: 'type text url style name value confirm:any',
    responder: 'id name username type:role',
    ...Object.fromEntries(
      Object.entries(integrations).map(([kind, keys]) => [kind, `${keys} send_resolved:flag http_config:http`]),
    ),
  }).map(([kind, keys]) => [
    kind,
    new Map(
      keys
        .trim()
        .split(/\s+/)
        .map((one): [string, string] => {
          const [key = '', of = 'text'] = one.split(':');
          return [key, of];
        }),
    ),
  ]),
);

/** What an integration needs, from itself or from `global`: one of each line's keys. */
const needs: Record<string, readonly string[]> = {
  email: ['to', 'smarthost smtp_smarthost', 'from smtp_from'],
  slack: [
    'api_url api_url_file slack_api_url slack_api_url_file app_token app_token_file slack_app_token slack_app_token_file',
  ],
  webhook: ['url url_file'],
  pagerduty: ['routing_key service_key routing_key_file service_key_file'],
  opsgenie: ['api_key api_key_file opsgenie_api_key opsgenie_api_key_file'],
  pushover: ['user_key user_key_file', 'token token_file'],
  victorops: ['routing_key', 'api_key api_key_file victorops_api_key victorops_api_key_file'],
  telegram: ['bot_token bot_token_file telegram_bot_token telegram_bot_token_file', 'chat_id chat_id_file'],
  sns: ['topic_arn phone_number target_arn'],
  wechat: ['api_secret api_secret_file wechat_api_secret wechat_api_secret_file', 'corp_id wechat_api_corp_id'],
  discord: ['webhook_url webhook_url_file'],
  msteams: ['webhook_url webhook_url_file'],
  webex: ['room_id'],
  field: ['title', 'value'],
  action: ['type', 'text'],
  responder: ['id name username'],
};

/** @param kind `webhook`, `email` … or a part of one. @returns what it lacks, in words */
export function lacking(kind: string, own: JsonObject, global: JsonObject): string[] {
  const found = (needs[kind] ?? []).flatMap((line) => {
    const [key = '', ...more] = line.split(' ');
    if ([key, ...more].some((name) => name in own || (name.includes('_') && name in global))) return [];
    const above = more.find((name) => name in Object.fromEntries(shapes['global'] ?? []));
    return [
      `${{ email: 'an email', webhook: 'a webhook', field: 'a field of slack', action: 'an action of slack' }[kind] ?? kind} has no ${key}${above === undefined ? '' : `, and global no ${above}`}`,
    ];
  });
  for (const [key, part] of [
    ['fields', 'field'],
    ['actions', 'action'],
    ['responders', 'responder'],
  ] as const)
    for (const one of listOf(own[key])) found.push(...lacking(part, objectOf(one), {}));
  if (kind === 'slack' && textOf(own['api_url']) !== '' && textOf(own['api_url_file']) !== '')
    found.push('slack has both api_url and api_url_file');
  if (kind === 'email') {
    const headers = Object.keys(objectOf(own['headers'])).map((one) => one.toLowerCase());
    const twice = headers.find((one, n) => headers.indexOf(one) < n);
    if (twice !== undefined) found.push(`an email has the header ${twice} twice`);
  }
  return found;
}
