import type { Tree } from '../core/tree.ts';
import { textOf } from '../formats/data/json-parts.ts';
import { composeFile } from '../formats/compose/written.ts';
import type { PrometheusConfig } from '../formats/prometheus/prometheus-config.ts';
import { exporters } from '../formats/prometheus/well-known-metrics.ts';

const namedCompose = /(?:^|\/)[^/]*compose[^/]*\.ya?ml$/;
/** What else can bring series: agents that push, and Prometheus's doors for them. */
const pushes =
  /remote-write-receiver|remote_write|prometheusremotewrite|otlp|pushgateway|grafana\/(?:alloy|agent)|telegraf|vmagent/i;

/** The services of the repository's Compose files: name → image, or `built`. */
function servicesOf(tree: Tree): { images: Map<string, string>; pushed: boolean } {
  const images = new Map<string, string>();
  let pushed = false;
  for (const path of tree.paths.filter((one) => namedCompose.test(one))) {
    const text = (tree.size(path) ?? 0) > 1 << 18 ? '' : (tree.text(path) ?? '');
    pushed ||= pushes.test(text);
    for (const [name, service] of Object.entries(tree.of(path, composeFile)?.services ?? {})) {
      const said = `${textOf(service['image'])} ${JSON.stringify(service['build'] ?? '')}`;
      for (const alias of [name, textOf(service['container_name']), textOf(service['hostname'])])
        images.set(alias, `${images.get(alias) ?? ''} ${said}`);
    }
  }
  return { images, pushed };
}

/**
 * The well-known exporters that nothing asks, by the configuration: every job has fixed targets, each is Prometheus itself or a
 * service of the repository's Compose files that is none of them, and nothing pushes. Empty where that cannot be told.
 */
export function unscrapedExporters({ scrape, targets, said: written }: PrometheusConfig, tree: Tree): string[] {
  if (!scrape || scrape.elsewhere.length > 0 || scrape.jobs.some((job) => job.open) || targets.length === 0) return [];
  const { images, pushed } = tree.get(servicesOf);
  if (pushed || images.size === 0 || pushes.test(written)) return [];
  const said = targets.map(({ job, address }) => {
    const [, host = '', port = ''] = /^(?:https?:\/\/)?([\w.-]+)(?::(\d+))?/.exec(address) ?? [];
    const own = /^(?:localhost|127\.0\.0\.1)$/.test(host) && port === '9090';
    const image = own ? 'prometheus' : images.get(host);
    return image === undefined ? undefined : `${job} ${address} ${image}`;
  });
  if (said.includes(undefined)) return [];
  return exporters.filter(({ known }) => !said.some((one) => known.test(one ?? ''))).map(({ name }) => name);
}
