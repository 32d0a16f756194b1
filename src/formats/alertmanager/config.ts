import { matchersOf, type AlertmanagerMatcher } from './matchers.ts';
import { routeTree, type Route } from './routing.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { yamlOf } from '../data/yaml.ts';

/** Something in an Alertmanager configuration; `at`: a text of the line where it stands. */
export interface AlertmanagerFault {
  /** `refused`: Alertmanager does not start with it; `literal`: a placeholder that it takes as it stands. */
  kind: 'refused' | 'literal';
  message: string;
  at: string;
  /** A placeholder is its cause. */
  literal: boolean;
}

export interface AlertmanagerConfig {
  tree: Route;
  /** Each route below the root, with its own matchers and the receiver that it leads to. */
  routes: { matchers: AlertmanagerMatcher[]; receiver: string }[];
  rootReceiver: string;
  receivers: { name: string; integrations: number }[];
  inhibits: { source: AlertmanagerMatcher[]; target: AlertmanagerMatcher[]; equal: string[] }[];
  templates: string[];
  /** Templates that the texts of receivers use. */
  used: string[];
}

// Alertmanager decodes strictly: an unknown key is a refusal (config.Load, yaml.UnmarshalStrict). Documentation, "Configuration".
const keys: Record<'top' | 'route' | 'inhibit', ReadonlySet<string>> = {
  top: new Set('global templates route receivers inhibit_rules mute_time_intervals time_intervals tracing'.split(' ')),
  route: new Set(
    `receiver group_by continue match match_re matchers group_wait group_interval repeat_interval mute_time_intervals
    active_time_intervals routes`.split(/\s+/),
  ),
  inhibit: new Set(
    'name target_match target_match_re target_matchers source_match source_match_re source_matchers sources equal'.split(
      ' ',
    ),
  ),
};
// Keys that no version has had, though configurations are found with them; newer versions add others to these integrations.
const wrong: Record<string, Record<string, string>> = {
  email_configs: {
    body: 'html or text',
    subject: 'headers: { Subject: … }',
    email: 'to',
    smtp_smarthost: 'smarthost',
    smtp_from: 'from',
  },
  slack_configs: { webhook_url: 'api_url', url: 'api_url', message: 'text', slack_api_url: 'api_url' },
  webhook_configs: {
    webhook_url: 'url',
    api_url: 'url',
    headers: 'http_config: { http_headers: … }',
    title: '',
    text: '',
    message: '',
  },
  pagerduty_configs: { integration_key: 'routing_key', api_key: 'routing_key' },
};

/** The whole file; undefined where it is no YAML or no mapping. */
export function alertmanagerConfig(text: string): AlertmanagerConfig | undefined {
  const document = yamlOf(text);
  if (document === null || typeof document !== 'object') return undefined;
  const config = objectOf(document);
  const root = objectOf(config['route']);
  const routes: AlertmanagerConfig['routes'] = [];
  const visit = (route: JsonObject, inherited: string): void => {
    for (const one of listOf(route['routes']).map(objectOf)) {
      const receiver = textOf(one['receiver']) || inherited;
      routes.push({ matchers: matchersOf(one, ''), receiver });
      visit(one, receiver);
    }
  };
  visit(root, textOf(root['receiver']));
  return {
    tree: routeTree(config),
    routes,
    rootReceiver: textOf(root['receiver']),
    receivers: listOf(config['receivers']).map((one) => ({
      name: textOf(objectOf(one)['name']),
      integrations: Object.entries(objectOf(one)).flatMap(([key, value]) =>
        key.endsWith('_configs') ? listOf(value) : [],
      ).length,
    })),
    inhibits: listOf(config['inhibit_rules']).map((one) => {
      const rule = objectOf(one);
      return {
        source: matchersOf(rule, 'source_'),
        target: matchersOf(rule, 'target_'),
        equal: listOf(rule['equal']).map(textOf),
      };
    }),
    templates: listOf(config['templates']).map(textOf),
    used: [...JSON.stringify(config['receivers'] ?? []).matchAll(/\{\{-?\s*template\s+\\"([^"\\]+)\\"/g)].map(
      ([, name = '']) => name,
    ),
  };
}

/** Name of a receiver → kinds of its integrations: `webhook`, `email`. */
export const integrationsOf = (config: JsonObject): Map<string, string[]> =>
  new Map(
    listOf(config['receivers'])
      .map(objectOf)
      .map((one) => [
        textOf(one['name']),
        Object.entries(one).flatMap(([key, value]) =>
          key.endsWith('_configs') && listOf(value).length > 0 ? [key.slice(0, -'_configs'.length)] : [],
        ),
      ]),
  );

/**
 * What Alertmanager would refuse, or take as it is written though it is meant to be filled in. Only what is certain: each
 * was tried with amtool 0.25.
 */
export function alertmanagerFaults(text: string): AlertmanagerFault[] {
  const document = yamlOf(text);
  const refused = (message: string, at = ''): AlertmanagerFault => ({ kind: 'refused', message, at, literal: false });
  if (document === undefined) return [refused('it is no YAML')];
  const config = objectOf(document);
  if (!('route' in config)) return [refused('it has no route')];
  const names = listOf(config['receivers']).map((one) => textOf(objectOf(one)['name']));
  const unknown = (holder: JsonObject, known: ReadonlySet<string>, where: string): AlertmanagerFault[] =>
    Object.keys(holder)
      .filter((key) => !known.has(key))
      .map((key) => refused(`${key} is no key of ${where}`, `${key}:`));
  const faults = unknown(config, keys.top, 'the configuration');
  const root = objectOf(config['route']);
  if (textOf(root['receiver']) === '') faults.push(refused('the root route has no receiver', 'route:'));
  if (['match', 'match_re', 'matchers'].some((key) => key in root))
    faults.push(refused('the root route has matchers, and must match every alert', 'route:'));
  const twice = names.find((name, n) => names.indexOf(name) < n);
  if (twice !== undefined) faults.push(refused(`two receivers are called ${twice}`, twice));
  const intervals = [...listOf(config['time_intervals']), ...listOf(config['mute_time_intervals'])].map((one) =>
    textOf(objectOf(one)['name']),
  );
  const visit = (route: JsonObject): void => {
    faults.push(...unknown(route, keys.route, 'a route'));
    const receiver = textOf(route['receiver']);
    if (receiver !== '' && !receiver.includes('$') && !names.includes(receiver))
      faults.push(refused(`undefined receiver "${receiver}" used in route`, receiver));
    for (const key of ['group_wait', 'group_interval', 'repeat_interval'])
      if (typeof route[key] === 'number' && route[key] !== 0)
        faults.push(refused(`${key}: ${route[key]} has no unit`, `${key}: ${route[key]}`));
    for (const key of ['mute_time_intervals', 'active_time_intervals'])
      for (const name of listOf(route[key]).map(textOf))
        if (!intervals.includes(name)) faults.push(refused(`undefined time interval "${name}" used in route`, name));
    for (const one of listOf(route['routes'])) visit(objectOf(one));
  };
  visit(root);
  for (const rule of listOf(config['inhibit_rules']))
    faults.push(...unknown(objectOf(rule), keys.inhibit, 'an inhibit rule'));
  for (const one of listOf(config['receivers']))
    for (const [kind, list] of Object.entries(objectOf(one)))
      for (const integration of listOf(list).map(objectOf)) {
        faults.push(...lacking(kind, integration, objectOf(config['global'])).map((message) => refused(message, kind)));
        for (const key of Object.keys(integration)) {
          const right = wrong[kind]?.[key];
          if (right !== undefined)
            faults.push(refused(`${key} is no key of ${kind}${right === '' ? '' : `: it is ${right}`}`, `${key}:`));
        }
      }
  return [...faults, ...literals(config)];
}

/** What an integration needs, from itself or from `global`. */
function lacking(kind: string, own: JsonObject, global: JsonObject): string[] {
  const has = (...names: string[]): boolean => names.some((name) => name in own || name in global);
  switch (kind) {
    case 'email_configs':
      return [
        ...('to' in own ? [] : ['an email has no to']),
        ...(has('smarthost', 'smtp_smarthost') ? [] : ['an email has no smarthost, and global no smtp_smarthost']),
        ...(has('from', 'smtp_from') ? [] : ['an email has no from, and global no smtp_from']),
      ];
    case 'slack_configs':
      return has(
        'api_url',
        'api_url_file',
        'slack_api_url',
        'slack_api_url_file',
        'app_token',
        'app_token_file',
        'slack_app_token',
        'slack_app_token_file',
      )
        ? []
        : ['slack has no api_url, and global no slack_api_url'];
    case 'webhook_configs':
      return has('url', 'url_file') ? [] : ['a webhook has no url'];
    case 'pagerduty_configs':
      return has('routing_key', 'service_key', 'routing_key_file', 'service_key_file')
        ? []
        : ['pagerduty has no routing_key'];
    default:
      return [];
  }
}

/** Placeholders of a shell. Alertmanager fills none of them in; where a URL or an address stands, it refuses the file. */
function literals(config: JsonObject): AlertmanagerFault[] {
  const faults: AlertmanagerFault[] = [];
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      const variable = /\$\{(\w+)[^}]*\}|^\$([A-Z][A-Z0-9_]+)$/.exec(value)?.[0];
      if (variable === undefined || key === 'replacement') return;
      const parsed = /(?:^|_)url$|smarthost$/.test(key) && value.startsWith('$');
      faults.push({
        kind: parsed ? 'refused' : 'literal',
        message: `${key}: ${variable} is taken as it stands: Alertmanager does not expand variables`,
        at: variable,
        literal: true,
      });
    } else if (Array.isArray(value)) for (const one of value) visit(one, key);
    else for (const [name, one] of Object.entries(objectOf(value))) visit(one, name);
  };
  visit(config['global'], '');
  visit(config['receivers'], '');
  return faults;
}
