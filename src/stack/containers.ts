import type { StepContext } from '../core/step.ts';
import { isGrafana, isPrometheus, type ComposeConfig, type ComposeService } from '../formats/compose/model.ts';
import type { Listening } from '../formats/compose/image-ports.ts';
import { judgeAlerting } from './alerting-checks.ts';
import type { Around, StackJudge } from './checks.ts';
import { judgeConfig, lookAtConfig, type SeenConfig } from './config-checks.ts';
import { Container } from './container.ts';
import { judgeGrafana, lookAtGrafana, type SeenGrafana } from './grafana-checks.ts';
import { judgeCalls, lookAtCalls, type SeenCall } from './lifecycle.ts';
import { lookAtPorts, lookAtProtocol } from './listening.ts';
import { judgeNginx, lookAtNginx, type SeenNginx } from './nginx-checks.ts';
import { probeModules } from './probe-modules.ts';
import { lookAtPrometheus, type SeenPrometheus } from './prometheus-checks.ts';
import { judgePrometheus } from './prometheus-judge.ts';

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
