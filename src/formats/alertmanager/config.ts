import { decodeFaults, lacking } from './decode.ts';
import { matchersOf, type AlertmanagerMatcher, type Place } from './matchers.ts';
import { routeTree, type Route } from './routing.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { locatedYaml, type LocatedYaml } from '../data/yaml.ts';
import { askedInTexts, brokenTexts } from './templates.ts';
import { timeIntervals, type Within } from './time-intervals.ts';

/** Something that Alertmanager would refuse, or take as it is written though it is meant to be filled in. */
export interface AlertmanagerFault {
  /** `refused`: Alertmanager does not start with it; `literal`: a placeholder that it takes as it stands. */
  kind: 'refused' | 'literal';
  message: string;
  line: number;
  /** A placeholder is its cause. */
  literal: boolean;
}

/** What a configuration says, as it is observed. */
export interface AlertmanagerConfig {
  tree: Route;
  receivers: { name: string; integrations: number; line: number }[];
  inhibits: { source: AlertmanagerMatcher[]; target: AlertmanagerMatcher[]; equal: string[]; equalLine: number }[];
  templates: string[];
  /** Templates that the texts of receivers use. */
  used: { name: string; line: number }[];
  /** Texts of receivers of which no notification can be made. */
  broken: { line: number; why: string }[];
  /** Labels and annotations that texts of receivers ask for. */
  asked: { kind: 'label' | 'annotation'; name: string; line: number }[];
  /** Addresses that webhooks call. */
  hooks: { url: string; receiver: string; line: number }[];
}

/** A configuration of Alertmanager. */
export interface AlertmanagerFile {
  /** Undefined where it is not YAML or no mapping. */
  config?: AlertmanagerConfig;
  /** Only what is certain: each was tried with amtool 0.25. */
  faults: AlertmanagerFault[];
  intervals: ReadonlyMap<string, Within>;
  /** Name of a receiver → the kind of each of its integrations: `webhook`, `webhook`, `email`. */
  kinds: ReadonlyMap<string, readonly string[]>;
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

export function alertmanagerFile(text: string): AlertmanagerFile {
  const yaml = locatedYaml(text);
  const config = objectOf(yaml?.value);
  return {
    ...(yaml && yaml.value !== null && typeof yaml.value === 'object' && { config: readConfig(config, yaml) }),
    faults: yaml ? faultsOf(config, yaml) : [{ kind: 'refused', message: 'it is not YAML', line: 1, literal: false }],
    intervals: timeIntervals(config),
    kinds: new Map(
      listOf(config['receivers'])
        .map(objectOf)
        .map((one) => [
          textOf(one['name']),
          Object.entries(one).flatMap(([key, value]) =>
            key.endsWith('_configs') ? listOf(value).map(() => key.slice(0, -'_configs'.length)) : [],
          ),
        ]),
    ),
  };
}

/** The names behind an action of templates in any text of a value, each with the place of its first text. */
function named(action: string, value: unknown, at: Place): Map<string, Place> {
  const found = new Map<string, Place>();
  const visit = (one: unknown, place: Place): void => {
    if (typeof one === 'string') {
      for (const [, name = ''] of one.matchAll(new RegExp(String.raw`\{\{-?\s*(?:${action})\s+"([^"\\]+)"`, 'g')))
        if (!found.has(name)) found.set(name, place);
    } else
      for (const [key, part] of Object.entries(one ?? {}))
        visit(part, [...place, Array.isArray(one) ? Number(key) : key]);
  };
  visit(value, at);
  return found;
}

function readConfig(config: JsonObject, yaml: LocatedYaml): AlertmanagerConfig {
  const receivers = listOf(config['receivers']).map(objectOf);
  const defined = named('define|block', receivers, ['receivers']);
  return {
    tree: routeTree(config, yaml),
    receivers: receivers.map((one, n) => ({
      name: textOf(one['name']),
      integrations: Object.entries(one).flatMap(([key, value]) => (key.endsWith('_configs') ? listOf(value) : []))
        .length,
      line: yaml.lineOf(['receivers', n, 'name']),
    })),
    inhibits: listOf(config['inhibit_rules'])
      .map(objectOf)
      .map((rule, n) => ({
        source: matchersOf(rule, 'source_', ['inhibit_rules', n], yaml),
        target: matchersOf(rule, 'target_', ['inhibit_rules', n], yaml),
        equal: listOf(rule['equal']).map(textOf),
        equalLine: yaml.lineOf(['inhibit_rules', n, 'equal']),
      })),
    templates: listOf(config['templates']).map(textOf),
    broken: brokenTexts(receivers).map(({ at, why }) => ({ line: yaml.lineOf(at), why })),
    asked: askedInTexts(receivers).map(({ kind, name, at }) => ({ kind, name, line: yaml.lineOf(at) })),
    hooks: receivers.flatMap((one, n) =>
      listOf(one['webhook_configs']).map((hook, k) => ({
        url: textOf(objectOf(hook)['url']),
        receiver: textOf(one['name']),
        line: yaml.lineOf(['receivers', n, 'webhook_configs', k, 'url']),
      })),
    ),
    used: [...named('template', receivers, ['receivers'])]
      .filter(([name]) => !defined.has(name))
      .map(([name, at]) => ({ name, line: yaml.lineOf(at) })),
  };
}

function faultsOf(config: JsonObject, yaml: LocatedYaml): AlertmanagerFault[] {
  const faults: AlertmanagerFault[] = [];
  const refuse = (message: string, at: Place): void =>
    void faults.push({ kind: 'refused', message, line: yaml.lineOf(at), literal: false });
  const unknown = (holder: JsonObject, known: ReadonlySet<string>, where: string, at: Place): void => {
    for (const key of Object.keys(holder)) if (!known.has(key)) refuse(`${key} is not a key of ${where}`, [...at, key]);
  };
  if (!('route' in config)) refuse('it has no route', []);
  if (faults.length > 0) return faults;
  const receivers = listOf(config['receivers']).map(objectOf);
  const names = receivers.map((one) => textOf(one['name']));
  unknown(config, keys.top, 'the configuration', []);
  const root = objectOf(config['route']);
  if (textOf(root['receiver']) === '') refuse('the root route has no receiver', ['route']);
  if (['match', 'match_re', 'matchers'].some((key) => key in root))
    refuse('the root route has matchers, and must match every alert', ['route']);
  const twice = names.findIndex((name, n) => names.indexOf(name) < n);
  if (twice >= 0) refuse(`two receivers are called ${names[twice]}`, ['receivers', twice, 'name']);
  const intervals = [...listOf(config['time_intervals']), ...listOf(config['mute_time_intervals'])].map((one) =>
    textOf(objectOf(one)['name']),
  );
  const visit = (route: JsonObject, at: Place): void => {
    unknown(route, keys.route, 'a route', at);
    const receiver = textOf(route['receiver']);
    if (receiver !== '' && !receiver.includes('$') && !names.includes(receiver))
      refuse(`undefined receiver "${receiver}" used in route`, [...at, 'receiver']);
    for (const key of ['group_wait', 'group_interval', 'repeat_interval'])
      if (typeof route[key] === 'number' && route[key] !== 0) refuse(`${key}: ${route[key]} has no unit`, [...at, key]);
    for (const key of ['mute_time_intervals', 'active_time_intervals'])
      for (const [n, one] of listOf(route[key]).entries())
        if (!intervals.includes(textOf(one)))
          refuse(`undefined time interval "${textOf(one)}" used in route`, [...at, key, n]);
    for (const [n, one] of listOf(route['routes']).entries()) visit(objectOf(one), [...at, 'routes', n]);
  };
  visit(root, ['route']);
  for (const [n, rule] of listOf(config['inhibit_rules']).entries())
    unknown(objectOf(rule), keys.inhibit, 'an inhibit rule', ['inhibit_rules', n]);
  for (const [n, one] of receivers.entries())
    for (const [kind, list] of Object.entries(one))
      for (const [i, integration] of listOf(list).map(objectOf).entries()) {
        const at = ['receivers', n, kind, i];
        for (const message of lacking(kind.replace(/_configs$/, ''), integration, objectOf(config['global'])))
          refuse(message, at);
        for (const key of Object.keys(integration)) {
          const right = wrong[kind]?.[key];
          if (right !== undefined)
            refuse(`${key} is not a key of ${kind}${right === '' ? '' : `: it is ${right}`}`, [...at, key]);
        }
      }
  decodeFaults(config, (message, at) => {
    // What is said of a key already is not said twice.
    if (!faults.some((one) => one.line === yaml.lineOf(at))) refuse(message, at);
  });
  return [...faults, ...literals(config, yaml)];
}

/** Placeholders of a shell. Alertmanager fills none of them in; where a URL or an address stands, it refuses the file. */
function literals(config: JsonObject, yaml: LocatedYaml): AlertmanagerFault[] {
  const faults: AlertmanagerFault[] = [];
  const visit = (value: unknown, key: string, at: Place): void => {
    if (typeof value === 'string') {
      const variable = /\$\{(\w+)[^}]*\}|^\$([A-Z][A-Z0-9_]+)$/.exec(value)?.[0];
      if (variable === undefined || key === 'replacement') return;
      const parsed = /(?:^|_)url$|smarthost$/.test(key) && value.startsWith('$');
      faults.push({
        kind: parsed ? 'refused' : 'literal',
        message: `${key}: ${variable} is taken as it stands: Alertmanager does not expand variables`,
        line: yaml.lineOf(at),
        literal: true,
      });
    } else if (Array.isArray(value)) for (const [n, one] of value.entries()) visit(one, key, [...at, n]);
    else for (const [name, one] of Object.entries(objectOf(value))) visit(one, name, [...at, name]);
  };
  for (const part of ['global', 'receivers']) visit(config[part], '', [part]);
  return faults;
}
