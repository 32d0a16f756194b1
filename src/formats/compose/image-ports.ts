import { imageName, type ComposeService } from './model.ts';

/** The TCP ports that a service's program listens on, and what says so. */
export interface Listening {
  ports: number[];
  /** Of them those of the HTTP interface that a data source asks, where the others serve something else. */
  api?: number[];
  by: string;
}

interface Image {
  image: RegExp;
  ports: number[];
  api?: number[];
  /** Flags and variables of the environment that put another port in the default's place. */
  set?: RegExp;
  /** What else may move a port, so that nothing is certain where it is there. Default: whatever speaks of ports or addresses. */
  unsure?: RegExp;
  /** Where the image reads its configuration, if no flag names it. */
  file?: string;
  /** The configuration's key for the port: its value is the first group. */
  key?: RegExp;
  /** The configuration opens ports as it likes: any that it names counts. */
  open?: true;
}

const listenPort = /\bhttp_listen_port["']?\s*:\s*["']?([^\s"'#,}]+)/;
const web = /^web\.listen-address$/;
const serverPort = { set: /^server\.http-listen-port$/, unsure: /^server\.http-listen/, key: listenPort };
const exporter = (image: RegExp, port: number): Image => ({ image, ports: [port], set: web });

/**
 * Default ports of images. Sources: each project's reference of its configuration (Loki, Tempo, Mimir, Pyroscope: `server.http_listen_port`;
 * Tempo's default was 80 before 2.8), Jaeger's list of ports, VictoriaMetrics' `-httpListenAddr`, and Prometheus's list of default port
 * allocations for exporters.
 */
const images: Image[] = [
  { image: /^prometheus$/, ports: [9090], set: web, unsure: /^web\.listen/ },
  { image: /^alertmanager$/, ports: [9093, 9094], api: [9093], set: web, unsure: /^web\.listen/ },
  exporter(/^pushgateway$/, 9091),
  exporter(/^node-exporter$/, 9100),
  exporter(/^blackbox-exporter$/, 9115),
  exporter(/^statsd-exporter$/, 9102),
  exporter(/^mysqld-exporter$/, 9104),
  exporter(/^kafka-exporter$/, 9308),
  exporter(/^snmp-exporter$/, 9116),
  exporter(/^process-exporter$/, 9256),
  exporter(/^memcached-exporter$/, 9150),
  exporter(/^elasticsearch-exporter$/, 9114),
  { ...exporter(/^postgres-exporter$/, 9187), set: /^web\.listen-address$|^PG_EXPORTER_WEB_LISTEN_ADDRESS$/ },
  { ...exporter(/^redis_exporter$/, 9121), set: /^web\.listen-address$|^REDIS_EXPORTER_WEB_LISTEN_ADDRESS$/ },
  { ...exporter(/^nginx-prometheus-exporter$/, 9113), set: /^web\.listen-address$|^LISTEN_ADDRESS$/ },
  { image: /^cadvisor$/, ports: [8080], set: /^port$/ },
  {
    image: /^grafana(?:-oss|-enterprise)?$/,
    ports: [3000],
    set: /^GF_SERVER_HTTP_PORT$/,
    unsure: /^GF_SERVER_/,
    file: '/etc/grafana/grafana.ini',
    key: /^\s*http_port\s*=\s*(\S+)/m,
  },
  { image: /^loki$/, ports: [3100], file: '/etc/loki/local-config.yaml', ...serverPort },
  { image: /^tempo$/, ports: [3200, 80], ...serverPort },
  { image: /^mimir$/, ports: [8080], ...serverPort },
  { image: /^pyroscope$/, ports: [4040], file: '/etc/pyroscope/config.yaml', ...serverPort },
  { image: /^promtail$/, ports: [9080, 80], file: '/etc/promtail/config.yml', ...serverPort },
  { image: /^alloy$/, ports: [12345], set: /^server\.http\.listen-addr$/, unsure: /^server\.http\.listen/ },
  { image: /^thanos$/, ports: [10902, 10901], api: [10902], set: /^http-address$/, unsure: /address$/ },
  ...(
    [
      [/^victoria-metrics$/, 8428],
      [/^vmagent$/, 8429],
      [/^vmalert$/, 8880],
      [/^vmauth$/, 8427],
      [/^victoria-logs$/, 9428],
    ] as const
  ).map(([image, port]): Image => ({ image, ports: [port], set: /^httpListenAddr$/, unsure: /^httpListenAddr/ })),
  {
    image: /^(?:jaeger|all-in-one|jaeger-query)$/,
    ports: [16686, 16685, 16687, 14250, 14268, 14269, 5778, 9411, 4317, 4318, 8888, 8889, 13133],
    api: [16686],
    unsure: /^query\.|^QUERY_|^admin\.|^ADMIN_|^config$/,
  },
  { image: /^zipkin$/, ports: [9411], set: /^(?:QUERY|SERVER)_PORT$/ },
  { image: /^elasticsearch$/, ports: [9200, 9300], api: [9200], set: /^http\.port$/ },
  { image: /^influxdb$/, ports: [8086, 8088, 8181], unsure: /BIND|PORT|ADDR|bind|port|^config/ },
  {
    image: /^opentelemetry-collector(?:-contrib)?$/,
    // The collector's own metrics, and what receivers and extensions listen on where their endpoint is not written down.
    ports: [8888, 4317, 4318, 9411, 14250, 14268, 13133, 55679, 1777],
    open: true,
  },
];

/**
 * Servers that answer no HTTP, on any port or on their own: what scrapes them needs an exporter beside them. Source: each server's protocol;
 * ZooKeeper and Kafka may be given an agent that answers on another port.
 */
const silent: { image: RegExp; ports?: number[] }[] = [
  {
    image:
      /^(?:redis|valkey|keydb|postgres|postgresql|postgis|timescaledb(?:-ha)?|pgvector|mysql|mysql-server|mariadb|mongo|mongodb|memcached)$/,
  },
  { image: /^(?:cp-)?zookeeper$/, ports: [2181] },
  { image: /^(?:cp-)?kafka(?:-native)?$/, ports: [9092, 9093, 29092] },
];

/** Does the image's server answer no HTTP on this port? */
export const answersNoHttp = (image: string, port: number): boolean =>
  silent.some((one) => one.image.test(imageName(image)) && one.ports?.includes(port) !== false);

// Programs of the exporter toolkit, and cAdvisor: without --web.config.file (cAdvisor: ever) they know no TLS.
const plain =
  /^(?:prometheus|alertmanager|pushgateway|cadvisor|(?:node|blackbox|statsd|mysqld|postgres|snmp|process|memcached|elasticsearch)-exporter)$/;

/** The protocol that the service's program speaks, where that is certain. @param web what --web.config.file names */
export function protocolOf(
  { image, command, scripted }: Pick<ComposeService, 'image' | 'command' | 'scripted'>,
  web: string | undefined,
): 'http' | 'https' | undefined {
  if (scripted || !plain.test(imageName(image))) return undefined;
  if (!command.some((word) => /web[.-]config|tls|https/.test(word))) return 'http';
  return web === undefined || web.includes('$') ? undefined : /^tls_server_config:/m.test(web) ? 'https' : 'http';
}

const speaksOfPorts = /(?<!ex|re|sup|im)port|listen|addr|bind/i;

/**
 * What a service listens on, by its flags, its environment, its configuration where the repository has it, and its image's defaults.
 * `config`: the configuration's text; `null` where one may be there that cannot be seen.
 * @returns undefined where nothing is known, or something may change it
 */
export function listeningOf(
  service: Pick<ComposeService, 'image' | 'command' | 'scripted' | 'portEnv'>,
  config: { file: string; text: string } | null | undefined,
): Listening | undefined {
  const one = images.find(({ image }) => image.test(imageName(service.image)));
  if (!one || service.scripted) return undefined;
  const settings = [...flagsOf(service.command), ...Object.entries(service.portEnv)];
  const set = settings.filter(([name]) => one.set?.test(name) === true);
  if (settings.some(([name, value]) => !set.some(([other]) => other === name) && isUnsure(one, name, value)))
    return undefined;
  if (set.length > 0) {
    const ports = set.map(([, value]) => portOf(value));
    return ports.includes(undefined)
      ? undefined
      : { ports: ports.filter((port) => port !== undefined), by: set.map(([name]) => name).join(', ') };
  }
  const usual: Listening = { ports: one.ports, by: 'by default', ...(one.api && { api: one.api }) };
  if (config === null) return undefined;
  if (!config) return one.open ? undefined : usual;
  const text = config.text.replace(/^\s*[#;].*$/gm, '');
  if (one.open) {
    const named = [...text.matchAll(/(?:\bport["']?\s*:\s*["']?|:)(\d{2,5})\b/g)].map(([, port]) => Number(port));
    return text.includes('${') ? undefined : { ports: [...one.ports, ...named], by: `by ${config.file}` };
  }
  const value = one.key?.exec(text)?.[1];
  if (value === undefined) return usual;
  const port = portOf(value);
  return port === undefined ? undefined : { ports: [port], by: `by ${config.file}` };
}

/** The path at which the image reads its configuration where no flag names another. */
export const configOfImage = (image: string): string | undefined =>
  images.find((one) => one.image.test(imageName(image)))?.file;

function isUnsure(one: Image, name: string, value: string): boolean {
  if (value.includes('$') && one.unsure === undefined) return true;
  return (one.unsure ?? speaksOfPorts).test(name);
}

/** `--name=value`, `-name value` → name and value. */
function flagsOf(command: readonly string[]): [string, string][] {
  return command.flatMap((word, n): [string, string][] => {
    const [, name, value] = /^--?([\w.-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) return [];
    const next = command[n + 1] ?? '';
    return [[name, value ?? (next.startsWith('-') ? '' : next)]];
  });
}

const portOf = (value: string): number | undefined => {
  const digits = /(?:^|:)(\d{1,5})$/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
};
