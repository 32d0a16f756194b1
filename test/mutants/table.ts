/** One defect of the sample target and the finding that must name it. */
export interface Mutant {
  name: string;
  /** Id of the step in checklists/milestone-16.yaml, and the finding's code. */
  step: string;
  code: string;
  /** File → replacements of literal text (each must be there), `null` removes the file, a string is its new content. */
  edits: Record<string, [from: string, to: string][] | string | null>;
}

const compose = 'deployments/docker/docker-compose.yml';
const alerts = 'deployments/prometheus/alerts.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const provider = 'deployments/grafana/provisioning/dashboards/engram.yml';
const source = 'deployments/grafana/provisioning/datasources/prometheus.yml';
const overview = 'deployments/grafana/dashboards/system-overview.json';
const exporter = 'engram-core/src/metrics/prometheus.rs';
const server = 'engram-cli/src/server.rs';

const one = (name: string, step: string, code: string, file: string, from: string, to: string): Mutant => ({
  name,
  step,
  code,
  edits: { [file]: [[from, to]] },
});

const fast: Mutant[] = [
  one(
    'a rules file with a top-level key that Prometheus refuses',
    'prometheus-config',
    'rules-refused',
    alerts,
    'groups:',
    'version: 1\ngroups:',
  ),
  one(
    'a key in a rule that Prometheus refuses',
    'prometheus-config',
    'rules-refused',
    alerts,
    '        for: 1m\n',
    '        for: 1m\n        severity: critical\n',
  ),
  one(
    'a rules file with an expression that does not parse',
    'prometheus-config',
    'bad-expression',
    alerts,
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_seconds > > 30',
  ),
  one(
    'the group renamed',
    'prometheus-config',
    'group-missing',
    alerts,
    'name: engram_cognitive_slos',
    'name: engram_slos',
  ),
  {
    name: 'a rules file that lost its rules',
    step: 'prometheus-config',
    code: 'group-missing',
    edits: { [alerts]: 'groups: []\n' },
  },
  one(
    'an unknown key in prometheus.yml',
    'prometheus-config',
    'config-refused',
    prometheus,
    'scrape_configs:',
    'scrape_timeout: 5s\nscrape_configs:',
  ),
  one(
    'a provider path that is not the mount',
    'compose-config',
    'provider-path',
    provider,
    '/var/lib/grafana/dashboards',
    '/etc/grafana/dashboards',
  ),
  {
    name: 'provisioning files one folder too high',
    step: 'compose-config',
    code: 'provisioning-misplaced',
    edits: {
      [provider]: null,
      [source]: null,
      'deployments/grafana/provisioning/dashboards.yml':
        'apiVersion: 1\nproviders:\n  - name: a\n    options: { path: /var/lib/grafana/dashboards }\n',
      'deployments/grafana/provisioning/datasources.yml': 'apiVersion: 1\ndatasources: []\n',
    },
  },
  {
    name: 'dashboards mounted without a provider',
    step: 'compose-config',
    code: 'provisioning-missing',
    edits: { [provider]: null },
  },
  one(
    'a bind source that does not exist',
    'compose-config',
    'bind-missing',
    compose,
    '../grafana/dashboards:',
    '../grafana/dashboard:',
  ),
  one(
    'a bind source that is a folder',
    'compose-config',
    'bind-kind',
    compose,
    '- ../prometheus:/etc/prometheus:ro',
    '- ../prometheus:/etc/prometheus:ro\n      - ../grafana:/etc/prometheus/web.yml:ro',
  ),
  one(
    'a promised mount left out',
    'compose-config',
    'mount-missing',
    compose,
    '      - ../grafana/dashboards:/var/lib/grafana/dashboards:ro\n',
    '',
  ),
  one(
    'a data source host that is no service',
    'compose-config',
    'datasource-host',
    source,
    'http://prometheus:9090',
    'http://prom:9090',
  ),
  one(
    'a data source on localhost',
    'compose-config',
    'datasource-host',
    source,
    'http://prometheus:9090',
    'http://localhost:9090',
  ),
  {
    name: 'two default data sources',
    step: 'compose-config',
    code: 'datasource-default',
    edits: {
      [source]: [
        [
          'datasources:',
          'datasources:\n  - { name: Other, type: prometheus, url: "http://prometheus:9090", isDefault: true }',
        ],
      ],
    },
  },
  one(
    'rule_files that match nothing',
    'compose-config',
    'rule-files-unread',
    prometheus,
    '- alerts.yml',
    '- rules/alerts.yml',
  ),
  one('a scrape host that is no service', 'compose-config', 'scrape-host', prometheus, 'engram:7432', 'engramd:7432'),
  one(
    'a scrape of localhost from a container',
    'compose-config',
    'scrape-host',
    prometheus,
    'engram:7432',
    'localhost:7432',
  ),
  one(
    'a configuration path that is not mounted',
    'compose-config',
    'prometheus-config-unread',
    compose,
    '/etc/prometheus/prometheus.yml',
    '/etc/prometheus/config.yml',
  ),
  one(
    'a dashboard in a wrapper',
    'compose-config',
    'dashboard-refused',
    overview,
    '{',
    '{"dashboard": {"title": "System overview"}, "was": {',
  ),
  one(
    'two dashboards of one uid',
    'compose-config',
    'dashboard-duplicate',
    overview,
    '"uid": "system-overview"',
    '"uid": "storage-tiers"',
  ),
  one(
    'two services on one port',
    'compose-config',
    'port-conflict',
    compose,
    '127.0.0.1:3000:3000',
    '127.0.0.1:9090:3000',
  ),
  one(
    'a healthcheck that cannot fail',
    'compose-config',
    'healthcheck-vacuous',
    compose,
    '[CMD, engram, status, --url, "http://127.0.0.1:7432"]',
    '[CMD-SHELL, "engram status || exit 0"]',
  ),
  one(
    'a compose key that does not exist',
    'compose-config',
    'does-not-resolve',
    compose,
    '    restart: unless-stopped',
    '    restarts: unless-stopped',
  ),
  one(
    'a service behind another profile',
    'compose-config',
    'service-missing',
    compose,
    'image: grafana/grafana:11.2.0\n    profiles: [monitoring]',
    'image: grafana/grafana:11.2.0\n    profiles: [observability]',
  ),
  {
    name: 'a missing deliverable',
    step: 'dashboard-files',
    code: 'missing',
    edits: { 'deployments/grafana/dashboards/README.md': null },
  },
  { name: 'an empty deliverable', step: 'benchmark-document', code: 'empty', edits: { 'vision.md': '' } },
  one(
    'a section of the benchmark document left out',
    'benchmark-document',
    'content',
    'docs/reference/benchmark-results.md',
    '## Regression thresholds',
    '## Later',
  ),
  {
    name: 'a task without its file',
    step: 'task-files',
    code: 'missing',
    edits: { 'roadmap/milestone-16/012_runbook_complete.md': null },
  },
  one(
    'a file that says complete over a body that says pending',
    'task-files',
    'content',
    'roadmap/milestone-16/004_histograms_complete.md',
    'Status: complete',
    'Status: pending',
  ),
  one(
    'unformatted code',
    'fmt',
    'unformatted',
    'engram-core/src/tier.rs',
    '    pub fn name(self)',
    '  pub  fn name(self)',
  ),
  one('another edition', 'edition', 'output', 'engram-cli/Cargo.toml', 'edition.workspace = true', 'edition = "2021"'),
];

const built: Mutant[] = [
  one(
    'a lint',
    'clippy',
    'lint',
    'engram-core/src/tier.rs',
    '#[cfg(test)]',
    'pub fn nothing() -> usize {\n    return 0;\n}\n\n#[cfg(test)]',
  ),
  one(
    'a test that fails',
    'tests',
    'test-failed',
    'engram-core/src/tier.rs',
    'Tier::Cold.below(), None',
    'Tier::Warm.below(), None',
  ),
  {
    name: 'a crate without its tests',
    step: 'tests',
    code: 'too-few-tests',
    edits: { 'engram-core/tests/store.rs': '' },
  },
  {
    name: 'tests that do not compile',
    step: 'tests',
    code: 'does-not-compile',
    edits: { 'engram-core/tests/store.rs': 'fn x() -> u8 { "no" }\n' },
  },
];

const live: Mutant[] = [
  one(
    'an alert on a metric that nobody exports',
    'rules',
    'series-missing',
    alerts,
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_ms > 30',
  ),
  one(
    'a quantile that is not the one promised',
    'rules',
    'wrong-quantile',
    alerts,
    'histogram_quantile(0.95, sum by (le, tier)',
    'histogram_quantile(0.5, sum by (le, tier)',
  ),
  one('an alert renamed', 'rules', 'rule-missing', alerts, 'alert: HighErrorRate', 'alert: HighErrorsRate'),
  one('an alert without a condition', 'rules', 'always-fires', alerts, 'up{job="engram"} == 0', 'up{job="engram"}'),
  one(
    'a rule that fails when it is evaluated',
    'rules',
    'rule-unhealthy',
    alerts,
    'engram_tier_utilization_ratio > 0.9',
    'engram_tier_utilization_ratio * on (job) engram_tier_episodes > 0.9',
  ),
  one('a scrape port that nobody listens on', 'targets', 'target-down', prometheus, 'engram:7432', 'engram:7433'),
  one('a metrics path that is not there', 'targets', 'target-down', prometheus, '/metrics/prometheus', '/metrics'),
  one('a job renamed', 'targets', 'job-missing', prometheus, 'job_name: engram', 'job_name: engram-server'),
  one('buckets that are not cumulative', 'exporter', 'false-histogram', exporter, 'so_far += n;', 'so_far = n;'),
  one(
    'a metric of another type',
    'exporter',
    'wrong-type',
    exporter,
    '"counter",\n        "Memory operations."',
    '"gauge",\n        "Memory operations."',
  ),
  one(
    'a metric declared twice',
    'exporter',
    'bad-exposition',
    exporter,
    '    head(\n        &mut out,\n        "engram_tier_episodes",',
    '    head(&mut out, "engram_build_info", "gauge", "Again.");\n    head(\n        &mut out,\n        "engram_tier_episodes",',
  ),
  one(
    'a status command that always exits 0',
    'engram-status',
    'control-passed',
    'engram-cli/src/main.rs',
    'eprintln!("engram: {problem}");\n    ExitCode::FAILURE',
    'eprintln!("engram: {problem}");\n    ExitCode::SUCCESS',
  ),
  one(
    'a server that dies after a second',
    'stack',
    'unstable',
    server,
    '    let background = Arc::clone(&store);',
    '    thread::spawn(|| {\n        thread::sleep(Duration::from_secs(2));\n        std::process::exit(3)\n    });\n    let background = Arc::clone(&store);',
  ),
  one(
    'a server that ends at once',
    'stack',
    'service-exited',
    server,
    '    let store = Arc::new(Store::default());',
    '    if port > 1 {\n        return Err(io::Error::other("no"));\n    }\n    let store = Arc::new(Store::default());',
  ),
  one('a server that does not compile', 'stack', 'build-failed', server, 'pub fn run(', 'pub fn run(x: Nowhere, '),
];

export const mutants: Mutant[] = [...fast, ...built, ...live];
