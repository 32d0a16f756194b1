import { posix } from 'node:path';
import { doubt, holds, isAdvice, spokenLines, type Claim, type Reading } from './reading.ts';

/** Programs and services that a stack is put together of, as they are called in sentences. */
const components =
  'Alertmanager|Loki|Promtail|Tempo|Jaeger|Zipkin|OpenTelemetry Collector|cAdvisor|Node Exporter|Pushgateway|PagerDuty|Opsgenie|Thanos|Mimir|Redis|Kafka|RabbitMQ|NATS|Vault|Consul|Nginx|Traefik|HAProxy|Keycloak|MinIO|Elasticsearch|Kibana|Fluentd|Fluent Bit|Sentry|Datadog';
const handed = new RegExp(
  String.raw`\b(?:(?:is|are|get) (?:\w+ly )?(?:routed|sent|delivered|forwarded|shipped|pushed|collected|stored|cached|queued|proxied|traced|aggregated)\b[^.;|]{0,40}?\b(?:by|via|through|to|with|in)|(?:routes?|sends?|delivers?|forwards?|ships?|pushes)\b[^.;|]{0,40}?\b(?:via|through|to))\s+(?:the |an? )?(${components})\b`,
  'gi',
);
const runs = new RegExp(
  String.raw`(?<![\w-])(${components})\s+(?:is|are) (?:now )?(?:deployed|configured|integrated|running|provisioned|enabled|set up|wired)\b`,
  'gi',
);
const report = /STATUS|SUMMARY|REPORT|COMPLET|ACCEPTANCE|READINESS|VERIFICATION|MILESTONE|RESULTS/i;
const isDeployment =
  /(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$|(?:^|\/)(?:Chart\.yaml|prometheus[\w.-]*\.ya?ml)$|\.tf$/;

/** "Alerts are routed by Alertmanager": of a report, where the repository's stack is here, and nothing but documents names that part of it. */
export async function componentClaims({ sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  if (!report.test(posix.basename(document)) || !sources.whole) return claims;
  const texts = await sources.texts();
  if (![...texts.keys()].some((path) => isDeployment.test(path))) return claims;
  const { joined } = await sources.words();
  for (const { line, text: raw } of spokenLines(parsed)) {
    const text = raw.replace(/[`*]/g, '');
    if (/\b(?:not|no|can|if|when|optional(?:ly)?)\b/i.test(text)) continue;
    for (const { 1: name = '', index } of [...text.matchAll(handed), ...text.matchAll(runs)]) {
      if (isAdvice(text, index) || claims.some((one) => one.text === name)) continue;
      const written = new RegExp(name.replace(/[ -]/g, '[ _-]?'), 'i');
      const isThere = written.test(joined) || [...texts].some(([path, one]) => written.test(path) || written.test(one));
      claims.push({
        kind: 'name',
        line,
        text: name,
        ...(isThere
          ? holds('the repository names it')
          : doubt('only documents of the repository name it', 'add its configuration, or correct the sentence')),
      });
    }
  }
  return claims;
}
