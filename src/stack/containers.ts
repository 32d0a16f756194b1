import type { StepContext } from '../core/step.ts';
import {
  isGrafana,
  isPrometheus,
  imageName,
  mountOf,
  type ComposeConfig,
  type ComposeService,
} from '../formats/compose/model.ts';
import { configOfImage, listeningOf, protocolOf, type Listening } from '../formats/compose/image-ports.ts';
import { judgeAlerting } from './alerting-checks.ts';
import { short, type Around, type StackJudge } from './checks.ts';
import { judgeConfig, lookAtConfig, namedConfig, type SeenConfig } from './config-checks.ts';
import { Container } from './container.ts';
import { judgeGrafana, lookAtGrafana, type SeenGrafana } from './grafana-checks.ts';
import { judgeCalls, lookAtCalls, type SeenCall } from './lifecycle.ts';
import { judgeNginx, lookAtNginx, type SeenNginx } from './nginx-checks.ts';
import { lookAtPrometheus, type SeenPrometheus } from './prometheus-checks.ts';
import { judgePrometheus } from './prometheus-judge.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';

/** What the services' containers would find in their file systems. */
export interface SeenContainers {
  grafana: SeenGrafana[];
  prometheus: SeenPrometheus[];
  configs: SeenConfig[];
  nginx: SeenNginx[];
  listening: Record<string, Listening>;
  modules: Record<string, string[]>;
  /** Service → the ports that it or its Dockerfile names. */
  ports: Record<string, number[]>;
  protocols: Record<string, 'http' | 'https'>;
  calls: SeenCall[];
  /** Service → image; of a built one the image that it goes back to. */
  images: Record<string, string>;
}

export const noContainers: SeenContainers = {
  grafana: [],
  prometheus: [],
  configs: [],
  nginx: [],
  listening: {},
  modules: {},
  ports: {},
  protocols: {},
  calls: [],
  images: {},
};

/** `file`: the compose file, in which contents of configs stand. */
export async function lookAtContainers(
  services: readonly ComposeService[],
  config: ComposeConfig,
  file: string,
  ctx: StepContext,
): Promise<SeenContainers> {
  const seen = structuredClone(noContainers);
  for (const service of services) {
    const container = await Container.of(service, config, file, ctx);
    if (isGrafana(container.service)) seen.grafana.push(await lookAtGrafana(container, ctx));
    const named = await lookAtConfig(container, ctx);
    if (named) seen.configs.push(named);
    if (isPrometheus(container.service)) {
      seen.prometheus.push(await lookAtPrometheus(container, ctx));
      seen.calls.push(...(await lookAtCalls(container, ctx)));
    }
    const nginx = await lookAtNginx(container, ctx);
    if (nginx) seen.nginx.push(nginx);
    const ports = await lookAtPorts(container, ctx);
    if (ports) seen.listening[service.name] = ports;
    const protocol = await lookAtProtocol(container);
    if (protocol) seen.protocols[service.name] = protocol;
    const modules = await probeModules(container);
    if (modules) seen.modules[service.name] = modules;
    seen.ports[service.name] = container.service.listens;
    seen.images[service.name] = container.service.image;
  }
  return seen;
}

export function judgeContainers(
  j: StackJudge,
  seen: SeenContainers,
  around: Around,
  at: (service: string) => { file: string; line?: number },
): void {
  for (const one of seen.grafana) judgeGrafana(j, one, around, at(one.service));
  for (const one of seen.configs) judgeConfig(j, one, at(one.service));
  for (const one of seen.prometheus) judgePrometheus(j, one, around, at(one.service));
  for (const one of seen.nginx) judgeNginx(j, one, around, at(one.service));
  judgeCalls(j, seen.calls);
  judgeAlerting(j, seen.prometheus, around, seen.images);
}

// blackbox.yml of the project, which is the image's own.
const ofImage =
  'http_2xx http_post_2xx tcp_connect pop3s_banner grpc grpc_plain ssh_banner ssh_banner_extract irc_banner icmp icmp_ttl5'.split(
    ' ',
  );

/** The modules of a blackbox exporter's configuration; undefined where it is none, or where they cannot be seen. */
async function probeModules(container: Container): Promise<string[] | undefined> {
  const { service } = container;
  if (!/^blackbox[-_]exporter$/.test(imageName(service.image)) || service.scripted) return undefined;
  const named = namedConfig(service.command);
  const path = named ?? '/etc/blackbox_exporter/config.yml';
  const found = await container.find(path);
  if (!found) return named === undefined && !service.built && !container.mayHold(path) ? ofImage : undefined;
  const modules =
    found.kind === 'file' ? Object.keys(objectOf(objectOf(yamlOf(await container.read(found)))['modules'])) : [];
  return modules.length === 0 ? undefined : modules;
}

/** The ports that a service listens on, by its configuration as the container will find it; undefined where that is not certain. */
async function lookAtPorts(container: Container, ctx: StepContext): Promise<Listening | undefined> {
  const { service } = container;
  const named = service.command.filter((word) => /^--?config(?:[.-]file)?(?:=|$)/.test(word)).length;
  const path = named > 0 ? namedConfig(service.command) : configOfImage(service.image);
  // A path that is not plain, or more than one file.
  if (named > 1 || (named === 1 && path === undefined)) return listeningOf(service, null);
  const found = path === undefined ? undefined : await container.find(path);
  if (found?.kind === 'file')
    return listeningOf(service, { file: short(ctx, found.host), text: await container.read(found) });
  const hidden =
    path !== undefined &&
    ((named > 0 && path !== configOfImage(service.image)) ||
      mountOf(service, path)?.type === 'volume' ||
      container.mayHold(path));
  return listeningOf(service, hidden ? null : undefined);
}

/** The protocol in which a service is to be asked, by its flags and the web configuration that they name. */
async function lookAtProtocol(container: Container): Promise<'http' | 'https' | undefined> {
  const path = /--web\.config\.file[= ](\/\S+)/.exec(container.service.command.join(' '))?.[1];
  const found = path === undefined ? undefined : await container.find(path);
  return protocolOf(container.service, found?.kind === 'file' ? await container.read(found) : undefined);
}
