// Written by Prometheus itself for each target and alert (documentation, "Automatically generated labels and time series").
export const ofPrometheus =
  /^(?:up|ALERTS|ALERTS_FOR_STATE|scrape_(?:duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added|timeout_seconds|sample_limit|body_size_bytes))$/;

// First words that many programs share: they say nothing of who exports the metric.
export const common = new Set(
  `go process python jvm nodejs node nodes container kube kubelet machine prometheus promhttp alertmanager grafana http https grpc
  rest rpc db sql system scrape tokio app application service server api request requests net network disk memory cpu logback tomcat jetty
  jdbc hikaricp otel target etcd redis mysql pg postgres postgresql nginx haproxy kafka rabbitmq cadvisor blackbox probe loki tempo mimir
  cortex thanos traefik envoy istio windows apiserver workqueue dotnet aspnetcore beam erlang ruby puma rails sidekiq celery django flask
  spring micrometer executor cache queue job task worker client total storage namespace cluster instance pushgateway pushprox rust data`.split(
    /\s+/,
  ),
);

// Libraries of web servers and the like create these on the first request.
export const onFirstUse = new Set(
  'http https grpc rpc axum actix tower fastapi flask django starlette express gin echo fiber promhttp request requests'.split(
    ' ',
  ),
);

/** Labels that service discovery, relabelling and platforms often add. */
export const addedByMany =
  /^(?:job|instance|le|quantile|__\w+|namespace|(?:kubernetes_|k8s_)?\w*(?:pod|namespace|node|container|cluster|host|hostname)\w*|service\w*|app\w*|env\w*|stage|region|zone|az|dc|datacenter|role|team|tenant|release|version|component|endpoint|group|prometheus\w*|replica|job_name|target|project\w*|label_\w+|monitor|device|name|id|image|tier|owner|site|location|server)$/;

/** The names of the series that a family will have. */
export function samplesOf(name: string, type: string): string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`];
  return type === 'counter' && !name.endsWith('_total') ? [name, `${name}_total`] : [name];
}
