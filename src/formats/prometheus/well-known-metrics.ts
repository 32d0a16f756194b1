/**
 * Gauges of widely used exporters, by their documentation: node_exporter, redis_exporter, postgres_exporter, cAdvisor,
 * blackbox_exporter, kafka_exporter, RabbitMQ, Alertmanager, and the client libraries' process and Go collectors.
 */
const gauges = new RegExp(
  `^(?:${[
    'node_(?:memory_\\w+_bytes|load(?:1|5|15)|filesystem_(?:avail|free|size)_bytes|filesystem_files(?:_free)?|filefd_(?:allocated|maximum)|boot_time_seconds|procs_(?:running|blocked))',
    'redis_(?:connected_clients|blocked_clients|connected_slaves|memory_(?:used|max)_bytes|uptime_in_seconds|db_keys)',
    'pg_(?:stat_database_numbackends|stat_activity_count|settings_max_connections|locks_count|database_size_bytes|up)',
    'container_(?:memory_(?:usage|working_set)_bytes|memory_(?:rss|cache)|spec_\\w+|start_time_seconds|last_seen)',
    'process_(?:resident_memory_bytes|virtual_memory_bytes|open_fds|max_fds|start_time_seconds)',
    'go_(?:goroutines|threads|memstats_(?:alloc|sys|heap_\\w+|stack_\\w+)_bytes)',
    'probe_(?:success|duration_seconds|http_status_code|ssl_earliest_cert_expiry)',
    'kafka_(?:brokers|consumergroup_lag|consumergroup_lag_sum|topic_partitions)',
    'rabbitmq_queue_messages(?:_ready|_unacked)?',
    'alertmanager_alerts',
    'up',
  ].join('|')})$`,
);

export const isWellKnownGauge = (name: string): boolean => gauges.test(name);

/**
 * Labels whose values a program fixes. Sources: kube-state-metrics' documentation of its metrics (phases and conditions of the Kubernetes
 * API), node_exporter's systemd collector, Prometheus's own ALERTS, Elasticsearch's colours, PostgreSQL's states of pg_stat_activity.
 */
const labelValues: readonly [metric: RegExp, label: string, values: string][] = [
  [/^ALERTS$/, 'alertstate', 'pending,firing'],
  [/^kube_pod_status_phase$/, 'phase', 'Pending,Running,Succeeded,Failed,Unknown'],
  [/^kube_namespace_status_phase$/, 'phase', 'Active,Terminating'],
  [/^kube_persistentvolume_status_phase$/, 'phase', 'Pending,Available,Bound,Released,Failed'],
  [/^kube_persistentvolumeclaim_status_phase$/, 'phase', 'Pending,Bound,Lost'],
  [/^kube_pod_status_(?:ready|scheduled)$/, 'condition', 'true,false,unknown'],
  [/^kube_(?:node|deployment|hpa|horizontalpodautoscaler)_status_condition$/, 'status', 'true,false,unknown'],
  [/^node_systemd_unit_state$/, 'state', 'active,activating,deactivating,failed,inactive'],
  [/^elasticsearch_cluster_health_status$/, 'color', 'green,yellow,red'],
];

/** All values that a label of a well-known metric can have; undefined where there may be others. */
export function valuesOf(name: string, label: string): string[] | undefined {
  const found = labelValues.find(([metric, one]) => one === label && metric.test(name));
  return found?.[2].split(',');
}

/** Labels by which one target's series of a well-known metric are told apart, where each target has several. */
export function severalPerTarget(name: string): string[] {
  if (name === 'node_cpu_seconds_total') return ['cpu', 'mode'];
  // The loopback is one of them.
  if (/^node_network_(?:receive|transmit)_\w+_total$|^node_network_(?:up|info|mtu_bytes|carrier)$/.test(name))
    return ['device'];
  if (/^node_filesystem_(?:avail|free|size)_bytes$/.test(name)) return ['device', 'mountpoint'];
  return name.endsWith('_bucket') ? ['le'] : [];
}

// node_exporter 0.16 gave its metrics base units and suffixes (its release notes of May 2018); the old names are gone since.
const renamed: readonly [RegExp, string][] = [
  [/^node_cpu$/, 'node_cpu_seconds_total'],
  [
    /^node_memory_(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree|SwapCached|Active|Inactive|Slab|Dirty)$/,
    'node_memory_$1_bytes',
  ],
  [/^node_filesystem_(size|free|avail)$/, 'node_filesystem_$1_bytes'],
  [/^node_network_(receive|transmit)_(bytes|packets|errs|drop)$/, 'node_network_$1_$2_total'],
  [/^node_disk_bytes_(read|written)$/, 'node_disk_$1_bytes_total'],
  [/^node_disk_(reads|writes)_completed$/, 'node_disk_$1_completed_total'],
  [/^node_disk_io_time_ms$/, 'node_disk_io_time_seconds_total'],
  [/^node_(boot_time|time)$/, 'node_$1_seconds'],
  [/^node_(context_switches|forks|intr)$/, 'node_$1_total'],
];

// Prometheus 2 stores samples otherwise than 1, and renamed its own metrics in its first releases (its changelog).
const ofPrometheus: readonly [RegExp, string][] = [
  [/^prometheus_local_storage_memory_series$/, 'prometheus_tsdb_head_series'],
  [/^prometheus_local_storage_memory_chunks$/, 'prometheus_tsdb_head_chunks'],
  [/^prometheus_local_storage_chunk_ops_total$/, 'prometheus_tsdb_head_chunks_created_total'],
  [/^prometheus_evaluator_duration_seconds(|_sum|_count)$/, 'prometheus_rule_group_duration_seconds$1'],
  [/^prometheus_evaluator_iterations_(total|missed_total)$/, 'prometheus_rule_group_iterations_$1'],
  [/^prometheus_local_storage_ingested_samples_total$/, 'prometheus_tsdb_head_samples_appended_total'],
  [/^tsdb_(wal_corruptions_total|wal_fsync_duration_seconds\w*)$/, 'prometheus_tsdb_$1'],
  [/^prometheus_tsdb_compaction_duration(_bucket|_sum|_count)$/, 'prometheus_tsdb_compaction_duration_seconds$1'],
];

// kube-state-metrics 2 puts the resource into a label (its changelog of 2.0, 2021).
const ofKubeStateMetrics: readonly [RegExp, string][] = [
  [/^(kube_pod_(?:init_)?container_resource_(?:requests|limits))_cpu_cores$/, '$1{resource="cpu"}'],
  [/^(kube_pod_(?:init_)?container_resource_(?:requests|limits))_memory_bytes$/, '$1{resource="memory"}'],
  [/^(kube_node_status_(?:capacity|allocatable))_cpu_cores$/, '$1{resource="cpu"}'],
  [/^(kube_node_status_(?:capacity|allocatable))_memory_bytes$/, '$1{resource="memory"}'],
  [/^(kube_node_status_(?:capacity|allocatable))_pods$/, '$1{resource="pods"}'],
  [/^kube_hpa_/, 'kube_horizontalpodautoscaler_'],
];

export interface Renamed {
  today: string;
  /** The image of the program, and the first version without the old name. */
  image: string;
  since: readonly [number, number];
  words: string;
}

/** The name that a program gives the metric now, where the one that is read is an old one. */
export function nameToday(name: string): Renamed | undefined {
  for (const [list, image, since, words] of [
    [renamed, 'node-exporter', [0, 16], 'node_exporter 0.16 (2018)'],
    [ofPrometheus, 'prometheus', [2, 3], 'Prometheus 2'],
    [ofKubeStateMetrics, 'kube-state-metrics', [2, 0], 'kube-state-metrics 2 (2021)'],
  ] as const) {
    const found = list.find(([pattern]) => pattern.test(name));
    if (found) return { today: name.replace(found[0], found[1]), image, since, words };
  }
  return undefined;
}

/** A widely used exporter: its metrics, and what a job, address or image of one says. Sources: the exporters' documentation. */
export const exporters: readonly { name: string; metrics: RegExp; known: RegExp }[] = [
  {
    name: 'node_exporter',
    metrics: /^node_(?:cpu|memory|filesystem|network|disk|load|boot_time|vmstat|uname|filefd|context_switches|procs)/,
    known: /node[-_]?exp|nodeexporter|:9100\b/i,
  },
  {
    name: 'cAdvisor',
    metrics: /^container_(?:cpu|memory|network|fs|start_time|last_seen|spec|tasks|processes)_/,
    known: /cadvisor|kubelet/i,
  },
  {
    name: 'postgres_exporter',
    metrics: /^pg_(?:stat_|settings_|locks_|up$)/,
    known: /postgres[-_]?exp|pg[-_]?exp|:9187\b/i,
  },
  { name: 'mysqld_exporter', metrics: /^mysql_(?:global_|up$|info_schema_)/, known: /mysqld?[-_]?exp|:9104\b/i },
  {
    name: 'redis_exporter',
    metrics: /^redis_(?:memory|connected|keyspace|commands|db_keys|up$)/,
    known: /redis[-_]?exp|:9121\b/i,
  },
  { name: 'blackbox_exporter', metrics: /^probe_(?:success|duration|http|ssl|dns|icmp)/, known: /blackbox|:9115\b/i },
];
