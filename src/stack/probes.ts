import { routePrefix } from '../formats/compose/model.ts';
import type { StackSpec } from '../core/checklist.ts';
import type { HttpResult } from '../core/step.ts';
import type { ProjectService } from '../formats/compose/project.ts';

export interface Probe {
  path: string;
  /** Container port; without one, the only one that the service publishes. */
  port?: number;
  status: number;
  contains?: string;
  /** Not from the checklist, but what is known of the image. */
  builtIn: boolean;
}

/**
 * Readiness as the programs themselves document it: prometheus.io/docs/prometheus/latest/management_api, Alertmanager's and
 * Pushgateway's README, Grafana's "Health API", Loki's "HTTP API".
 */
const known: { image: RegExp; port: number; path: string; contains?: string }[] = [
  { image: /^prometheus$/, port: 9090, path: '/-/ready' },
  { image: /^alertmanager$/, port: 9093, path: '/-/ready' },
  { image: /^pushgateway$/, port: 9091, path: '/-/ready' },
  { image: /^grafana(?:-oss|-enterprise)?$/, port: 3000, path: '/api/health', contains: '"database"' },
  { image: /^loki$/, port: 3100, path: '/ready' },
];

/** The HTTP readiness probe of a service: the checklist's, else what is known of its image. */
export function probeOf(
  name: string,
  service: ProjectService,
  spec: Pick<NonNullable<StackSpec['compose']>, 'ready'>,
): Probe | undefined {
  const own = spec.ready[name];
  if (own)
    return {
      path: own.path,
      status: own.status,
      builtIn: false,
      ...(own.port !== undefined && { port: own.port }),
      ...(own.contains !== undefined && { contains: own.contains }),
    };
  const image =
    (service.image ?? '')
      .replace(/@.*$/, '')
      .replace(/:[^/]*$/, '')
      .split('/')
      .at(-1) ?? '';
  const found = known.find((one) => one.image.test(image));
  if (!found) return undefined;
  const published = (service.ports ?? []).map((port) => port.target);
  return {
    path: `${routePrefix([service.command ?? []].flat())}${found.path}`,
    status: 200,
    builtIn: true,
    ...(published.includes(found.port) && { port: found.port }),
    ...(found.contains !== undefined && { contains: found.contains }),
  };
}

export interface Answered {
  /** `unclear`: it answers, but whether it is ready cannot be told from that. */
  how: 'ready' | 'not-ready' | 'unclear';
  text: string;
}

/** Does the answer say that the service is ready? */
export function answerOf(probe: Pick<Probe, 'status' | 'contains' | 'builtIn'>, result: HttpResult): Answered {
  if (!result.reached) {
    // Our guess of how to ask may be wrong, e.g. where it speaks TLS.
    const guess =
      probe.builtIn && (result.error === 'tls' || result.error === 'redirect' || result.error === 'protocol');
    return { how: guess ? 'unclear' : 'not-ready', text: `${result.error}: ${result.message}` };
  }
  const text = `HTTP ${result.status}`;
  if (result.status !== probe.status)
    return {
      how: probe.builtIn && result.status < 500 ? 'unclear' : 'not-ready',
      text: `${text}, expected ${probe.status}`,
    };
  if (probe.contains !== undefined && !result.body.includes(probe.contains))
    return { how: 'not-ready', text: `${text} without ${JSON.stringify(probe.contains)}` };
  return { how: 'ready', text };
}
