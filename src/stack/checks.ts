import type { Judge } from '../core/judgement.ts';
import type { StepContext } from '../core/step.ts';
import { reach, type ComposeService } from '../formats/compose/model.ts';
import type { Listening } from '../formats/compose/image-ports.ts';
import { referenceProblems } from '../formats/grafana/source-references.ts';
import { alertmanagerProblems, healthProblems } from './program-problems.ts';

/** Findings about what a stack's containers would find and reach. */
export const stackProblems = {
  'provisioning-misplaced': {
    level: 'error',
    title: 'Provisioning files lie where Grafana does not look',
    hint: 'put them into datasources/ and dashboards/ below the provisioning folder',
  },
  'provisioning-missing': {
    level: 'error',
    title: 'Dashboards are mounted, but nothing makes Grafana load them',
    hint: 'add a provider file to provisioning/dashboards/',
  },
  'provider-path': {
    level: 'error',
    title: 'A dashboard provider reads a folder that is not mounted',
    hint: 'make options.path the container path at which the dashboards are mounted',
  },
  'provider-empty': {
    level: 'error',
    title: 'A dashboard provider’s folder contains no dashboard',
    hint: 'is it the right folder?',
  },
  'dashboard-refused': { level: 'error', title: 'Grafana refuses a dashboard file', hint: 'correct the file' },
  'dashboard-duplicate': {
    level: 'error',
    title: 'Two dashboards have the same uid or title',
    hint: 'Grafana then refuses to update either: give each its own',
  },
  'datasource-host': {
    level: 'error',
    title: 'A data source’s host is no service that Grafana reaches',
    hint: 'use the service’s name, on a network that both share',
  },
  'datasource-port': {
    level: 'warning',
    title: 'A data source’s port is not one that the service listens on',
    hint: 'see on which port the service listens',
  },
  'datasource-default': {
    level: 'error',
    title: 'Several data sources are the default',
    hint: 'Grafana does not start with more than one isDefault per organisation',
  },
  'provisioning-unreadable': {
    level: 'error',
    title: 'A provisioning file is no YAML',
    hint: 'correct it: Grafana does not start',
  },
  'prometheus-config-unread': {
    level: 'error',
    title: 'Prometheus will not find its configuration',
    hint: 'mount the file at the path that --config.file names',
  },
  'rule-files-unread': {
    level: 'error',
    title: 'Prometheus will not find a rules file',
    hint: 'rule_files is relative to the configuration’s folder in the container',
  },
  'rules-refused': {
    level: 'error',
    title: 'Prometheus refuses a rules file',
    hint: 'correct it: Prometheus does not start with it',
  },
  'sd-files-unread': {
    level: 'error',
    title: 'Prometheus will not find the targets of a job',
    hint: 'mount the folder that file_sd_configs names: its paths are the container’s',
  },
  'scrape-host': {
    level: 'error',
    title: 'A scrape target’s host is no service that Prometheus reaches',
    hint: 'use the service’s name, on a network that both share',
  },
  'scrape-port': {
    level: 'warning',
    title: 'A scrape target’s port is not one that the service listens on',
    hint: 'see on which port the service listens',
  },
  'config-unread': {
    level: 'error',
    title: 'A service will not find its configuration',
    hint: 'mount the file at the path that its command names: the service does not start without it',
  },
  'datasource-duplicate': {
    level: 'error',
    title: 'Two data sources have the same uid or name',
    hint: 'give each its own: the second replaces the first, or Grafana does not start',
  },
  ...referenceProblems,
  'alerting-missing': {
    level: 'error',
    title: 'Prometheus has alert rules and does not know the Alertmanager beside it',
    hint: 'add alerting.alertmanagers with the service’s name and port (9093)',
  },
  'alertmanager-host': {
    level: 'error',
    title: 'The Alertmanager’s host is no service that Prometheus reaches',
    hint: 'add the service, or take the alerting section away',
  },
  'rules-unloaded': {
    level: 'warning',
    title: 'Prometheus has a rules file that it does not load',
    hint: 'name it in rule_files: its alerts never fire, and what it records is not there',
  },
  'remote-host': {
    level: 'error',
    title: 'Samples are sent to a host that is no service that Prometheus reaches',
    hint: 'use the service’s name, on a network that both share',
  },
  'remote-refused': {
    level: 'error',
    title: 'Samples are sent to a service that does not take them there',
    hint: 'correct the path of the URL, or start the receiver with the flag that lets it take samples',
  },
  'file-unmounted': {
    level: 'error',
    title: 'A file that Prometheus reads is not in its container',
    hint: 'mount it at the path that is named',
  },
  'targets-refused': {
    level: 'error',
    title: 'Prometheus refuses a file of targets',
    hint: 'correct it: a list of groups, each with targets and, if need be, labels',
  },
  'api-removed': {
    level: 'error',
    title: 'Prometheus refuses its configuration: the deployed version lacks what it asks for',
    hint: 'write api_version: v2, or leave it out',
  },
  'probe-unmoved': {
    level: 'error',
    title: 'A probe is asked of the target itself, and not of the exporter',
    hint: 'add a relabelling with target_label: __address__ and the exporter’s address as its replacement',
  },
  'job-without-targets': {
    level: 'error',
    title: 'A scrape job has no target',
    hint: 'give it static_configs or a service discovery, or take it away',
  },
  'scrape-interval-long': {
    level: 'warning',
    title: 'Series vanish between two scrapes',
    hint: 'scrape more often, best every two minutes or less, or set --query.lookback-delta',
  },
  'config-literal': {
    level: 'error',
    title: 'There is a placeholder in Prometheus’s configuration',
    hint: 'Prometheus fills in external_labels only: write the value, or fill the file in before it starts',
  },
  'provisioning-dollar': {
    level: 'error',
    title: 'Grafana fills in what was meant for itself',
    hint: 'write $${__value.raw}: in provisioning files ${…} is a variable of the environment, and here an empty one',
  },
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
  /** Service → the ports that its program listens on, where that is certain. */
  listening: Readonly<Record<string, Listening>>;
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
  /** The beginning of each message. */
  what: string;
  codes: {
    host: 'datasource-host' | 'scrape-host' | 'alertmanager-host' | 'remote-host' | 'hook-host';
    port: 'datasource-port' | 'scrape-port';
  };
  about: { subject: string; where: { file: string; line?: number }; level?: 'note' };
  /** Without it the asking service has no use, so that it may not be left out. */
  vital?: boolean;
}

/** Does the address that one service asks lead to another service that it reaches? */
export function judgeHost(
  j: StackJudge,
  { own, ownPort, around: { services, elsewhere, listening } }: Asking,
  { host, port, what, codes, about, vital = false }: Asked,
): void {
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
  else if (how === 'other-network') j.find(codes.host, `${what}: ${own.name} and ${host} share no network`, about);
  else if (how === 'host-network')
    j.find(codes.host, `${what}: ${host} is on the host's network, where its name does not resolve for ${own.name}`, {
      ...about,
      hint: 'ask host.docker.internal, with extra_hosts: ["host.docker.internal:host-gateway"]',
    });
  else if (how === 'service' && service) {
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
