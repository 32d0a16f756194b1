import { error, warning, type Judge, type StepContext } from '../core/step.ts';
import { desktopHint, desktopHost, reach, type ComposeService } from '../formats/compose/model.ts';
import type { Listening } from '../formats/compose/image-ports.ts';
import { boardProblems } from '../formats/grafana/dashboards/problems.ts';
import { referenceProblems } from '../formats/grafana/source-references.ts';
import { alertmanagerProblems, healthProblems } from './program-problems.ts';

/** Findings about what a stack's containers would find and reach. */
export const stackProblems = {
  'provisioning-misplaced': error(
    'Provisioning files lie where Grafana does not look',
    'put them into datasources/ and dashboards/ below the provisioning folder',
  ),
  'provisioning-missing': error(
    'Dashboards are mounted, but nothing makes Grafana load them',
    'add a provider file to provisioning/dashboards/',
  ),
  'provider-path': error(
    'A dashboard provider reads a folder that is not mounted',
    'make options.path the container path at which the dashboards are mounted',
  ),
  'provider-overlap': error(
    'Two providers load the same dashboards',
    'give each provider a name and a folder of its own: of dashboards that come twice Grafana updates neither',
  ),
  'provisioning-refused': error(
    'Grafana refuses a provisioning file, or does not read all of it',
    'correct it: one such file keeps Grafana from starting',
  ),
  'provider-empty': error('A dashboard provider’s folder contains no dashboard', 'is it the right folder?'),
  'not-importable': boardProblems['not-importable'],
  'not-a-dashboard': boardProblems['not-a-dashboard'],
  'uid-duplicate': boardProblems['uid-duplicate'],
  'datasource-host': error(
    'A data source’s host is not a service that Grafana reaches',
    'use the service’s name, on a network that both share',
  ),
  'datasource-port': warning(
    'A data source’s port is not one that the service listens on',
    'see on which port the service listens',
  ),
  'datasource-default': error(
    'Several data sources are the default',
    'Grafana does not start with more than one isDefault per organisation',
  ),
  'provisioning-unreadable': error('A provisioning file is not YAML', 'correct it: Grafana does not start'),
  'prometheus-config-unread': error(
    'Prometheus will not find its configuration',
    'mount the file at the path that --config.file names',
  ),
  'rule-files-unread': error(
    'Prometheus will not find a rules file',
    'rule_files is relative to the configuration’s folder in the container',
  ),
  'rules-refused': error('Prometheus refuses a rules file', 'correct it: Prometheus does not start with it'),
  'sd-files-unread': error(
    'Prometheus will not find the targets of a job',
    'mount the folder that file_sd_configs names: its paths are the container’s',
  ),
  'scrape-host': error(
    'A scrape target’s host is not a service that Prometheus reaches',
    'use the service’s name, on a network that both share',
  ),
  'scrape-no-http': error(
    'A job scrapes a server that has no metrics to give',
    'start an exporter for it (redis_exporter, postgres_exporter, …), and scrape that',
  ),
  'scrape-port': warning(
    'A scrape target’s port is not one that the service listens on',
    'see on which port the service listens',
  ),
  'config-unread': error(
    'A service will not find its configuration',
    'mount the file at the path that its command names: the service does not start without it',
  ),
  'datasource-duplicate': error(
    'Two data sources have the same uid or name',
    'give each its own: the second replaces the first, or Grafana does not start',
  ),
  ...referenceProblems,
  'alerting-missing': error(
    'Prometheus has alert rules and does not know the Alertmanager beside it',
    'add alerting.alertmanagers with the service’s name and port (9093)',
  ),
  'alertmanager-host': error(
    'The Alertmanager’s host is not a service that Prometheus reaches',
    'add the service, or remove the alerting section',
  ),
  'upstream-host': error(
    'A proxy passes requests to a host that it does not find',
    'use the service’s name, on a network that both share: nginx does not start with a host that does not resolve',
  ),
  'upstream-port': warning(
    'A proxy passes requests to a port that the service does not listen on',
    'see on which port the service listens in its container',
  ),
  'port-unheard': error(
    'A service publishes a port on which its program does not listen',
    'publish the port that the program listens on: HOST:CONTAINER',
  ),
  'flag-needed': warning('Prometheus is asked for what its flags do not allow', 'start it with the flag that is named'),
  'alert-lost': error('Alerts do not come to Alertmanager as the rules send them', 'correct alert_relabel_configs'),
  'protocol-wrong': error(
    'A server is asked by HTTPS that speaks HTTP, or the reverse',
    'make the scheme and the server’s --web.config.file agree: as it stands each request fails',
  ),
  'prefix-wrong': error(
    'A program is asked at a path at which it does not answer',
    'make the path and --web.route-prefix (or the path of --web.external-url) agree: it answers with 404',
  ),
  'rules-unloaded': warning(
    'Prometheus has a rules file that it does not load',
    'name it in rule_files: its alerts never fire, and what it records is not there',
  ),
  'remote-host': error(
    'Samples are sent to a host that is not a service that Prometheus reaches',
    'use the service’s name, on a network that both share',
  ),
  'remote-refused': error(
    'Samples are sent to a service that does not take them there',
    'correct the path of the URL, or start the receiver with the flag that lets it take samples',
  ),
  'file-unmounted': error(
    'A file that a configuration names is not in the container',
    'mount it at the path that is named',
  ),
  'targets-refused': error(
    'Prometheus refuses a file of targets',
    'correct it: a list of groups, each with targets and, if need be, labels',
  ),
  'api-removed': error(
    'Prometheus refuses its configuration: the deployed version lacks what it asks for',
    'write api_version: v2, or leave it out',
  ),
  'probe-unmoved': error(
    'A probe is asked of the target itself, and not of the exporter',
    'add a relabelling with target_label: __address__ and the exporter’s address as its replacement',
  ),
  'probe-module': error(
    'A probe asks for a module that its exporter does not have',
    'correct the name below params.module, or add the module to the exporter’s configuration: it answers 400 as it stands',
  ),
  'job-without-targets': error(
    'A scrape job has no target',
    'give it static_configs or a service discovery, or take it away',
  ),
  'scrape-interval-long': warning(
    'Series vanish between two scrapes',
    'scrape more often, best every two minutes or less, or set --query.lookback-delta',
  ),
  'config-literal': error(
    'There is a placeholder in Prometheus’s configuration',
    'Prometheus fills in external_labels only: write the value, or fill the file in before it starts',
  ),
  'provisioning-dollar': error(
    'Grafana fills in what was meant for itself',
    'write $${__value.raw}: in provisioning files ${…} is a variable of the environment, and here an empty one',
  ),
  ...alertmanagerProblems,
  ...healthProblems,
} as const;
export type StackJudge = Judge<typeof stackProblems>;

export const short = (ctx: StepContext, path: string): string =>
  path.startsWith(`${ctx.target}/`) ? path.slice(ctx.target.length + 1) : path;
export const yaml = (name: string): boolean => /\.ya?ml$/.test(name);
export const located = (ctx: StepContext, host: string | undefined): { host?: string } =>
  host === undefined ? {} : { host: short(ctx, host) };

/** What a service's addresses are held against. */
export interface Around {
  services: readonly ComposeService[];
  /** Services of the project that this configuration leaves out: their profile is off, or they stand in another compose file beside it. */
  elsewhere: Readonly<Record<string, { file: string; profiles: string[]; beside: boolean }>>;
  /** Service → the keys that other Compose files of the folder set for it: laid over, they may make what is amiss here right. */
  overlaid: Readonly<Record<string, readonly string[]>>;
  /** Service → the ports that its program listens on, where that is certain. */
  listening: Readonly<Record<string, Listening>>;
  /** Service → the modules that its blackbox exporter knows. */
  modules: Readonly<Record<string, readonly string[]>>;
  /** Service → the protocol that its program speaks, where that is certain. */
  protocols: Readonly<Record<string, 'http' | 'https'>>;
}

/** A port that any word of a command names is one that the program may listen on. */
const namesPort = (service: ComposeService, port: number): boolean =>
  service.command.some((word) => new RegExp(`(?:^|[^0-9])${port}(?:$|[^0-9])`).test(word)) ||
  Object.values(service.portEnv).includes(String(port));

/** Who asks: the service, the port that its own program listens on, and what is around it. */
export interface Asking {
  own: ComposeService;
  ownPort: number;
  around: Around;
}

/** An address that is asked, and how to speak of it. */
export interface Asked {
  host: string;
  port: number;
  /** `http` or `https`, where it is known how it is asked. */
  scheme?: string;
  /** The beginning of each message. */
  what: string;
  codes: {
    host: 'datasource-host' | 'scrape-host' | 'alertmanager-host' | 'remote-host' | 'hook-host' | 'upstream-host';
    port: 'datasource-port' | 'scrape-port' | 'upstream-port';
  };
  about: { subject: string; where: { file: string; line?: number }; level?: 'note' };
  /** Without it the asking service has no use, so that it may not be left out. */
  vital?: boolean;
}

/** Does the address that one service asks lead to another service that it reaches? */
export function judgeHost(
  j: StackJudge,
  { own, ownPort, around: { services, elsewhere, overlaid, listening, protocols } }: Asking,
  { host, port, scheme, what, codes, about: asked, vital = false }: Asked,
): void {
  const moved = overlaid[own.name]?.some((key) => /^(?:network|extra_hosts|volumes|configs)/.test(key)) === true;
  const about = { ...asked, ...(moved && { level: 'note' as const }) };
  const { how, service } = reach(own, host, services);
  const left = elsewhere[host];
  if (how === 'self') {
    if (port !== ownPort)
      j.find(
        codes.host,
        `${what}: in the container of ${own.name} that is ${own.name} itself, not ${own.name}'s host`,
        about,
      );
  } else if (how === 'unknown' && left)
    j.find(
      codes.host,
      left.profiles.length > 0
        ? `${what}: the service ${host} is in the profile ${left.profiles.join(', ')}, which is not on`
        : `${what}: the service ${host} is in ${left.file}, which is not among the files`,
      {
        ...about,
        ...(left.profiles.length === 0 ? { level: 'note' as const } : !vital && { level: 'warning' as const }),
      },
    );
  else if (how === 'unknown')
    j.find(
      codes.host,
      `${what}: there is no service ${host} (there are ${services.map((one) => one.name).join(', ')})`,
      about,
    );
  else if (how === 'desktop-only')
    j.find(
      codes.host,
      `${what}: ${own.name} has no extra_hosts for ${host}, which only Docker Desktop knows by itself`,
      {
        ...about,
        ...(about.level === undefined && { level: 'warning' as const }),
        hint: desktopHint,
      },
    );
  else if (how === 'other-network') j.find(codes.host, `${what}: ${own.name} and ${host} share no network`, about);
  else if (how === 'host-network')
    j.find(codes.host, `${what}: ${host} is on the host's network, where its name does not resolve for ${own.name}`, {
      ...about,
      hint: `ask ${desktopHost}; ${desktopHint}`,
    });
  else if (how === 'service' && service) {
    const protocol = protocols[service.name];
    if (scheme !== undefined && protocol !== undefined && scheme !== protocol)
      j.find('protocol-wrong', `${what} by ${scheme}, and ${service.name} speaks ${protocol}`, about);
    const known = listening[service.name];
    const ports =
      (['datasource-host', 'alertmanager-host'].includes(codes.host) ? known?.api : undefined) ?? known?.ports;
    if (known && ports && !ports.includes(port))
      j.find(codes.port, `${what}: ${service.name} (${service.image}) listens on ${ports.join(', ')} ${known.by}`, {
        ...about,
        ...(!service.listens.includes(port) && { level: 'error' as const }),
      });
    else if (!known && service.listens.length > 0 && !service.listens.includes(port) && !namesPort(service, port))
      j.find(codes.port, `${what}: ${service.name} names the ports ${[...new Set(service.listens)].join(', ')}`, {
        ...about,
        // What somebody else's program listens on beside them was not looked at.
        ...(!service.built && { level: 'note' as const }),
      });
    else j.prove(`${what}, a service on a shared network`);
  }
}
