import { suggest } from '../../core/suggest.ts';
import { imageName, type ComposeService } from './model.ts';

// Flags of Prometheus 2 and 3, the hidden ones included (`prometheus --help-long`; cmd/prometheus/main.go).
const prometheusFlags: readonly string[] = [
  'help help-long help-man version config.file config.auto-reload-interval auto-gomaxprocs auto-gomemlimit auto-gomemlimit.ratio',
  'web.listen-address web.config.file web.read-timeout web.max-connections web.max-notifications-subscribers web.external-url',
  'web.route-prefix web.local-assets web.user-assets web.enable-lifecycle web.enable-admin-api web.enable-remote-write-receiver',
  'web.enable-otlp-receiver web.remote-write-receiver.accepted-protobuf-messages web.console.templates web.console.libraries',
  'web.page-title web.cors.origin storage.tsdb.path storage.tsdb.min-block-duration storage.tsdb.max-block-duration',
  'storage.tsdb.max-block-chunk-segment-size storage.tsdb.wal-segment-size storage.tsdb.retention storage.tsdb.retention.time',
  'storage.tsdb.retention.size storage.tsdb.retention.percentage storage.tsdb.no-lockfile storage.tsdb.use-lockfile',
  'storage.tsdb.allow-overlapping-blocks storage.tsdb.allow-overlapping-compaction storage.tsdb.wal-compression',
  'storage.tsdb.wal-compression-type storage.tsdb.head-chunks-write-queue-size storage.tsdb.samples-per-chunk',
  'storage.tsdb.delayed-compaction.max-percent storage.agent.path storage.agent.wal-segment-size storage.agent.wal-compression',
  'storage.agent.wal-compression-type storage.agent.wal-truncate-frequency storage.agent.retention.min-time',
  'storage.agent.retention.max-time storage.agent.no-lockfile storage.agent.use-lockfile storage.remote.flush-deadline',
  'storage.remote.read-sample-limit storage.remote.read-concurrent-limit storage.remote.read-max-bytes-in-frame',
  'rules.alert.for-outage-tolerance rules.alert.for-grace-period rules.alert.resend-delay rules.max-concurrent-evals',
  'scrape.adjust-timestamps scrape.timestamp-tolerance scrape.discovery-reload-interval scrape.name-escaping-scheme',
  'alertmanager.notification-queue-capacity alertmanager.notification-batch-size alertmanager.drain-notification-queue-on-shutdown',
  'alertmanager.timeout query.lookback-delta query.timeout query.max-concurrency query.max-samples enable-feature agent log.level',
  'log.format',
].flatMap((line) => line.split(' '));

// Prometheus 3.0's changelog: removed with it (pull requests 14640 and 14643).
const goneIn3 = ['storage.tsdb.retention', 'storage.tsdb.allow-overlapping-blocks', 'alertmanager.timeout'];

/** The first release of each whose flags need two dashes (kingpin); those before took one. */
const twoDashes: Record<string, readonly [major: number, minor: number]> = {
  prometheus: [2, 0],
  alertmanager: [0, 13],
  'node-exporter': [0, 15],
  'blackbox-exporter': [0, 10],
};

/** A version that an image's tag names; without one, or with `latest`, the newest is meant. */
function tagOf(image: string): readonly [number, number] | undefined {
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(image)?.[1] ?? 'latest';
  if (/^(?:latest|main|master)$/.test(tag)) return [Infinity, 0];
  const match = /^v?(\d+)(?:\.(\d+))?/.exec(tag);
  return match ? [Number(match[1]), Number(match[2] ?? Infinity)] : undefined;
}

/** Arguments with which the service's program does not start. `sure`: whatever its version. */
export function refusedFlags(service: ComposeService): { message: string; sure: boolean }[] {
  const name = imageName(service.image);
  const since = twoDashes[name];
  const version = tagOf(service.image);
  if (service.built || service.scripted || !since || !version) return [];
  const modern = version[0] > since[0] || (version[0] === since[0] && version[1] >= since[1]);
  return service.command.flatMap((word): { message: string; sure: boolean }[] => {
    if (word.includes('$')) return [];
    if (modern && /^-[a-z]{2,}[\w-]*\./.test(word))
      return [{ message: `${word}: flags of ${service.image} have two dashes`, sure: true }];
    const flag = /^--(?:no-)?([a-z][\w.-]*)(?:=|$)/.exec(word)?.[1];
    if (name === 'prometheus' && version[0] >= 3 && flag !== undefined && goneIn3.includes(flag))
      return [{ message: `${word}: Prometheus 3 has that flag no more`, sure: true }];
    const value = valueFault(name, flag ?? '', word.includes('=') ? word.replace(/^[^=]*=/, '') : undefined);
    if (value !== undefined) return [{ message: `${word}: ${value}`, sure: true }];
    if (name !== 'prometheus' || version[0] < 2 || flag === undefined || prometheusFlags.includes(flag)) return [];
    const meant = suggest(flag, prometheusFlags);
    return [
      {
        message: `${word}: Prometheus has no such flag${meant === undefined ? '' : `; is it --${meant}?`}`,
        sure: meant !== undefined,
      },
    ];
  });
}

// Prometheus takes days and weeks; Alertmanager's are durations of Go, which end with hours.
const promSpan = /^(?:0|(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/;
const goSpan = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;
const values: [program: string, flag: RegExp, value: RegExp, expected: string][] = [
  [
    'prometheus',
    /^(?:storage\.tsdb\.retention(?:\.time)?|query\.(?:timeout|lookback-delta))$/,
    promSpan,
    'a duration such as 30d',
  ],
  ['prometheus', /^storage\.tsdb\.retention\.size$/, /^\d+(?:\.\d+)?(?:[KMGTPE]i?)?B$|^0$/, 'a size such as 10GB'],
  [
    'alertmanager',
    /^(?:data\.retention|data\.maintenance-interval|alerts\.gc-interval)$/,
    goSpan,
    'a duration such as 120h',
  ],
];

/** A value that the program's flag does not take. */
function valueFault(program: string, flag: string, value: string | undefined): string | undefined {
  const one = values.find(([of, name]) => of === program && name.test(flag));
  return one && value !== undefined && !one[2].test(value.replace(/^(["'])(.*)\1$/, '$2'))
    ? `expected ${one[3]}, found ${value}`
    : undefined;
}

/** Does the image's tag say that it is a Prometheus 3, or the newest? */
export const isPrometheus3 = (service: ComposeService): boolean =>
  !service.built && imageName(service.image) === 'prometheus' && (tagOf(service.image)?.[0] ?? 0) >= 3;
