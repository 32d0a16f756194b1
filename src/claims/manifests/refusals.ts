import { distance } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { containerFields, podFields, specFields } from './fields.ts';
import { goneSince } from './gone-versions.ts';
import { containersOf, podOf, portsOf, workloads, type Resource } from './resources.ts';
import { faultOfSchedule } from './schedule.ts';

/** Tells of what an API server refuses. `at` is a text of the line. */
export type Refuse = (at: string, seen: string, hint: string) => void;

const dns = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const quantity = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?$/;
/** What a script or a person is to put a value in for. */
const isToFill = (text: string): boolean =>
  /[${}<>%]|\[\[|__|\bREPLACE|\bCHANGE|\bYOUR|PLACEHOLDER/i.test(text) || /[A-Z]{2,}_[A-Z]{2,}/.test(text);
const none: ReadonlySet<string> = new Set();
const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : `a ${typeof value}`);

/**
 * What an API server refuses of one resource alone.
 * Source: the validation of Kubernetes 1.31 (pkg/apis, apimachinery/pkg/util/validation) and the deprecation guide.
 */
export function refusals(one: Resource, refuse: Refuse): void {
  const spec = objectOf(one.root['spec']);
  version(one, refuse);
  metadata(one, refuse);
  const known = specFields[one.kind];
  if (known && !textOf(one.root['apiVersion']).includes('.'))
    fields(spec, known, none, `the spec of a ${one.kind}`, refuse);
  if (one.kind === 'ConfigMap') texts(objectOf(one.root['data']), 'data', refuse);
  if (one.kind === 'Secret') secret(one.root, refuse);
  if (one.kind === 'Service') service(spec, refuse);
  if (one.kind === 'CronJob') {
    const schedule = textOf(spec['schedule']);
    const fault = schedule === '' || isToFill(schedule) ? undefined : faultOfSchedule(schedule);
    if (fault !== undefined) refuse('schedule', `the schedule ${JSON.stringify(schedule)}: ${fault}`, 'correct it');
  }
  if (one.kind === 'HorizontalPodAutoscaler') {
    const [least, most] = [spec['minReplicas'], spec['maxReplicas']];
    if (typeof least === 'number' && typeof most === 'number' && least > most)
      refuse('maxReplicas', `minReplicas ${least} is above maxReplicas ${most}`, 'correct one of them');
  }
  if (one.kind === 'Ingress' && textOf(one.root['apiVersion']) === 'networking.k8s.io/v1') ingress(spec, refuse);
  if (one.kind === 'ClusterRoleBinding' && objectOf(one.root['roleRef'])['kind'] === 'Role')
    refuse('roleRef', 'a ClusterRoleBinding names a Role', 'name a ClusterRole, or make it a RoleBinding');
  if (workloads.test(one.kind) && textOf(one.root['apiVersion']).split('/').length <= 2) workload(one, spec, refuse);
}

function version({ kind, root, file }: Resource, refuse: Refuse): void {
  const since = goneSince(textOf(root['apiVersion']), kind);
  // Side by side with newer ones, for clusters that are old.
  if (
    since === undefined ||
    /(?:^|[/_.-])(?:v?1[._-]\d+|v1(?:alpha|beta)\d|old|legacy|deprecated|archived?)(?=[/_.-])/i.test(file)
  )
    return;
  refuse(
    'apiVersion',
    `${textOf(root['apiVersion'])} ${kind} is served by no cluster since Kubernetes ${since.version}`,
    `write ${since.instead}`,
  );
}

function metadata({ kind, name, root }: Resource, refuse: Refuse): void {
  const meta = objectOf(root['metadata']);
  if (!/^(?:Cluster)?Role(?:Binding)?$/.test(kind) && !subdomain.test(name) && !isToFill(name))
    refuse(`name: ${name}`, `${name} is not a valid name`, 'write it of small letters, digits, - and .');
  labels(objectOf(meta['labels']), refuse);
  labels(objectOf(objectOf(objectOf(objectOf(root['spec'])['template'])['metadata'])['labels']), refuse);
}

function labels(all: JsonObject, refuse: Refuse): void {
  for (const [key, value] of Object.entries(all))
    if (value !== null && typeof value !== 'string')
      refuse(`${key}:`, `the label ${key} is ${kindOf(value)}, and labels are texts`, 'put it in quotes');
    else if (
      typeof value === 'string' &&
      !/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value) &&
      !isToFill(value)
    )
      refuse(
        `${key}:`,
        `the label ${key} is ${JSON.stringify(value)}`,
        'labels have at most 63 letters, digits, -, _ and .',
      );
}

function texts(all: JsonObject, where: string, refuse: Refuse): void {
  for (const [key, value] of Object.entries(all))
    if (value !== null && typeof value !== 'string')
      refuse(`${key}:`, `${key} of ${where} is ${kindOf(value)}, and must be a text`, 'put it in quotes');
}

function secret(root: JsonObject, refuse: Refuse): void {
  texts(objectOf(root['stringData']), 'stringData', refuse);
  for (const [key, value] of Object.entries(objectOf(root['data']))) {
    const plain = typeof value === 'string' ? value.replace(/\s/g, '') : undefined;
    if (plain === undefined) texts({ [key]: value }, 'data', refuse);
    else if (!isToFill(plain) && (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)))
      refuse(`${key}:`, `${key} of data is not base64`, 'encode it, or move it to stringData');
  }
}

function service(spec: JsonObject, refuse: Refuse): void {
  const ports = listOf(spec['ports']).map(objectOf);
  if (ports.length > 1 && ports.some((port) => port['name'] === undefined))
    refuse('ports', `it has ${ports.length} ports, and one is without a name`, 'name each of them');
  twice(
    ports.map((port) => textOf(port['name'])),
    'ports',
    'the name of a port',
    refuse,
  );
  twice(
    ports.map((port) =>
      port['port'] === undefined ? '' : `${textOf(port['port'])} ${textOf(port['protocol']) || 'TCP'}`,
    ),
    'ports',
    'the port',
    refuse,
  );
  for (const port of ports) portNumber(port['port'], 'port', refuse);
}

const twice = (all: readonly string[], at: string, what: string, refuse: Refuse): void => {
  const again = all.find((one, n) => one !== '' && all.indexOf(one) !== n);
  if (again !== undefined) refuse(at, `${what} ${again} stands twice`, 'take one of them out');
};
const portNumber = (value: unknown, at: string, refuse: Refuse): void => {
  if (typeof value === 'number' && (value < 1 || value > 65_535 || !Number.isInteger(value)))
    refuse(`${at}: ${value}`, `${value} is not a valid port`, 'ports are from 1 to 65535');
};

function ingress(spec: JsonObject, refuse: Refuse): void {
  for (const rule of listOf(spec['rules']).map(objectOf))
    for (const path of listOf(objectOf(rule['http'])['paths']).map(objectOf)) {
      const backend = objectOf(path['backend']);
      if ('serviceName' in backend || 'servicePort' in backend)
        refuse(
          'serviceName',
          'networking.k8s.io/v1 has no serviceName and servicePort',
          'write service: { name, port: { number } }',
        );
      else if (path['pathType'] === undefined && Object.keys(path).length > 0)
        refuse('path', `the path ${textOf(path['path']) || '/'} has no pathType`, 'add pathType: Prefix');
    }
}

function workload(one: Resource, spec: JsonObject, refuse: Refuse): void {
  const { labels: own, spec: pod } = podOf(one);
  const containers = containersOf(pod);
  // A patch of a workload names what it changes alone.
  if (containers.length === 0 || containers.some((container) => textOf(container['image']) === '')) return;
  const policy = textOf(pod['restartPolicy']);
  if (/^(?:Job|CronJob)$/.test(one.kind) && !/^(?:Never|OnFailure)$/.test(policy))
    refuse(
      policy === '' ? 'containers' : 'restartPolicy',
      `the restartPolicy of a ${one.kind} is ${policy === '' ? 'not given' : policy}`,
      'write restartPolicy: Never or OnFailure',
    );
  if (/^(?:Deployment|StatefulSet|DaemonSet|ReplicaSet)$/.test(one.kind)) {
    if (policy !== '' && policy !== 'Always' && !isToFill(policy))
      refuse('restartPolicy', `the restartPolicy of a ${one.kind} is ${policy}`, 'take it out: it is always Always');
    if (textOf(one.root['apiVersion']) === 'apps/v1') {
      if (spec['selector'] === undefined)
        refuse('spec', 'it has no selector', 'add selector.matchLabels with labels of its template');
      else if (Object.keys(own).length === 0)
        refuse('template', 'its template has no labels for its selector', 'add metadata.labels to the template');
    }
  }
  fields(pod, podFields, containerFields, 'a pod', refuse);
  twice(
    containers.map((container) => textOf(container['name'])),
    'containers',
    'the name of a container',
    refuse,
  );
  twice(
    listOf(pod['volumes']).map((volume) => textOf(objectOf(volume)['name'])),
    'volumes',
    'the name of a volume',
    refuse,
  );
  texts(objectOf(pod['nodeSelector']), 'nodeSelector', refuse);
  for (const each of containers) container(each, refuse);
}

function container(one: JsonObject, refuse: Refuse): void {
  const name = textOf(one['name']);
  fields(one, containerFields, podFields, `the container ${name}`, refuse);
  if (name === '') refuse('image', 'a container has no name', 'name it');
  else if ((!dns.test(name) || name.length > 63) && !isToFill(name))
    refuse(`name: ${name}`, `the name of a container is ${name}`, 'write it of small letters, digits and -');
  for (const variable of listOf(one['env']).map(objectOf)) {
    const value = variable['value'];
    const key = textOf(variable['name']);
    if (value !== undefined && value !== null && typeof value !== 'string')
      refuse(key, `the variable ${key} is ${kindOf(value)}, and variables are texts`, 'put it in quotes');
    if (value !== undefined && value !== '' && value !== null && variable['valueFrom'] !== undefined)
      refuse(key, `the variable ${key} has a value and a valueFrom`, 'take one of them out');
  }
  for (const key of ['command', 'args'])
    for (const word of listOf(one[key]))
      if (word !== null && typeof word !== 'string')
        refuse(
          key,
          `${key} of ${name} holds ${kindOf(word)} (${JSON.stringify(word).slice(0, 40)}), and takes texts`,
          'put it in quotes',
        );
  ports(one, name, refuse);
  const paths = listOf(one['volumeMounts']).map(objectOf);
  twice(
    paths.map((mount) => textOf(mount['mountPath'])),
    'volumeMounts',
    `in ${name} the mountPath`,
    refuse,
  );
  for (const mount of paths)
    if (mount['name'] !== undefined && mount['mountPath'] === undefined)
      refuse('volumeMounts', `a mount of ${name} has no mountPath`, 'add it');
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe']) probe(one[key], key, name, refuse);
  resources(objectOf(one['resources']), name, refuse);
}

function ports(one: JsonObject, name: string, refuse: Refuse): void {
  const all = portsOf(one);
  twice(
    all.map((port) => textOf(port['name'])),
    'ports',
    `in ${name} the name of a port`,
    refuse,
  );
  for (const port of all) {
    portNumber(port['containerPort'], 'containerPort', refuse);
    const own = textOf(port['name']);
    if (own !== '' && !isToFill(own) && (own.length > 15 || !/[a-z]/.test(own) || !dns.test(own) || own.includes('--')))
      refuse(`name: ${own}`, `the name of a port is ${own}`, 'it has at most 15 small letters, digits and -');
  }
}

function probe(value: unknown, key: string, name: string, refuse: Refuse): void {
  const one = objectOf(value);
  if (Object.keys(one).length === 0) return;
  const ways = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((way) => one[way] !== undefined);
  if (ways.length !== 1 && !JSON.stringify(one).includes('{{'))
    refuse(
      key,
      `the ${key} of ${name} asks ${ways.length === 0 ? 'nothing' : `by ${ways.join(' and ')}`}`,
      'give one of httpGet, tcpSocket, exec and grpc',
    );
  if (key !== 'readinessProbe' && typeof one['successThreshold'] === 'number' && one['successThreshold'] !== 1)
    refuse(
      key,
      `the successThreshold of the ${key} of ${name} is ${one['successThreshold']}`,
      'take it out: it must be 1',
    );
}

function resources(all: JsonObject, name: string, refuse: Refuse): void {
  for (const part of ['requests', 'limits'])
    for (const [key, value] of Object.entries(objectOf(all[part])))
      if (!quantity.test(textOf(value)) && !isToFill(textOf(value)) && value !== null)
        refuse(
          `${key}:`,
          `${part}.${key} of ${name} is ${JSON.stringify(value)}`,
          'write a number and one of m, k, M, G, Ki, Mi, Gi',
        );
  for (const [key, value] of Object.entries(objectOf(all['requests']))) {
    const [least, most] = [amount(value), amount(objectOf(all['limits'])[key])];
    if (least !== undefined && most !== undefined && least > most)
      refuse(
        `${key}:`,
        `${name} requests more ${key} (${textOf(value)}) than its limit ${textOf(objectOf(all['limits'])[key])}`,
        'correct one of them',
      );
  }
}
const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
function amount(value: unknown): number | undefined {
  const [, number, suffix = ''] = /^(\d+\.?\d*|\.\d+)([a-zA-Z]*)$/.exec(textOf(value)) ?? [];
  const factor = suffix === '' ? 1 : factors[suffix];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/** A field that belongs to the other of pod and container, or is spelt nearly as one of its own. */
function fields(
  one: JsonObject,
  own: ReadonlySet<string>,
  other: ReadonlySet<string>,
  what: string,
  refuse: Refuse,
): void {
  for (const key of Object.keys(one)) {
    if (own.has(key)) continue;
    const near = [...own].find(
      (name) => distance(name.toLowerCase(), key.toLowerCase(), 2) <= (key.length > 6 ? 2 : 1),
    );
    if (other.has(key))
      refuse(
        `${key}:`,
        `${what} has no field ${key}`,
        other === containerFields ? 'move it into the container' : 'move it out of the container',
      );
    else if (near !== undefined) refuse(`${key}:`, `${what} has no field ${key}`, `did you mean ${near}?`);
  }
}
