import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { faultOfSchedule } from '../../src/claims/manifests/schedule.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

/** `NAME` is another word in each case, so that they lie side by side and know nothing of each other. */
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: NAME, labels: { app: NAME } }
spec:
  replicas: 2
  selector: { matchLabels: { app: NAME } }
  template:
    metadata: { labels: { app: NAME } }
    spec:
      serviceAccountName: NAME-account
      containers:
        - name: main
          image: example.org/NAME:1
          args: ["--level", "3"]
          ports: [{ name: http, containerPort: 8080 }]
          env: [{ name: WORKERS, value: "4" }]
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
          livenessProbe: { httpGet: { path: /live, port: http }, periodSeconds: 5 }
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes: [{ name: data, persistentVolumeClaim: { claimName: NAME-data } }]
`;
const rest = `apiVersion: v1
kind: ServiceAccount
metadata: { name: NAME-account }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: NAME-data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: Service
metadata: { name: NAME, labels: { app: NAME, team: ponds } }
spec:
  selector: { app: NAME }
  ports:
    - { name: web, port: 80, targetPort: http }
    - { name: more, port: 81, targetPort: http }
`;
const job = `apiVersion: batch/v1
kind: CronJob
metadata: { name: NAME }
spec:
  schedule: "*/5 3 * * 1-5"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{ name: main, image: example.org/NAME:1, command: [backup] }]
`;
const monitor = `apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: NAME-metrics }
spec:
  selector: { matchLabels: { team: ponds, app: NAME } }
  endpoints: [{ port: web }]
`;
const podMonitor = `apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: { name: NAME-metrics }
spec:
  selector: { matchLabels: { app: NAME } }
  podMetricsEndpoints: [{ port: http }]
`;
const budget = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: NAME-budget }
spec: { minAvailable: 1, selector: { matchLabels: { app: NAME } } }
`;
const scaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: NAME }
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: NAME }
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]
`;
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: NAME }
spec:
  rules:
    - http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: NAME, port: { name: web } } } }]
`;
const scraper = `apiVersion: v1
kind: ServiceAccount
metadata: { name: NAME-scraper }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: NAME-scraper }
rules: [{ apiGroups: [""], resources: [pods], verbs: [get, list, watch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: NAME-scraper }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NAME-scraper }
subjects: [{ kind: ServiceAccount, name: NAME-scraper, namespace: ponds }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: NAME-config }
data:
  prometheus.yml: |
    scrape_configs:
      - job_name: pods
        kubernetes_sd_configs: [{ role: pod }]
        relabel_configs: []
---
apiVersion: v1
kind: Pod
metadata: { name: NAME-prometheus }
spec:
  serviceAccountName: NAME-scraper
  containers: [{ name: prometheus, image: prom/prometheus, volumeMounts: [{ name: config, mountPath: /etc/prometheus }] }]
  volumes: [{ name: config, configMap: { name: NAME-config } }]
`;
const secret = `apiVersion: v1
kind: Secret
metadata: { name: NAME }
data: { password: aHVudGVyMg== }
stringData: { port: "80" }
`;

const base = `${deployment}---\n${rest}`;
type Case = [what: string, healthy: string, from: string | RegExp, to: string, expected?: string];
const refused = 'error manifest-refused';
const dangling = 'error manifest-dangling';
const cases: Case[] = [
  ['a number in the environment', base, 'value: "4"', 'value: 4'],
  ['a truth in the environment', base, 'value: "4"', 'value: true'],
  ['a number among the arguments', base, '"3"]', '3]'],
  ['a label that is a number', base, 'labels: { app: NAME } }\nspec', 'labels: { app: NAME, tier: 3 } }\nspec'],
  ['a label with a blank', base, 'team: ponds', 'team: our ponds'],
  ['a quantity in MB', base, 'memory: 128Mi', 'memory: 128MB'],
  ['a quantity with a blank', base, 'memory: 64Mi', 'memory: "64 Mi"'],
  ['requests above limits', base, 'memory: 64Mi', 'memory: 1Gi'],
  ['a probe without a question', base, 'httpGet: { path: /live, port: http }, ', ''],
  ['a probe with two', base, 'httpGet:', 'tcpSocket: { port: 8080 }, httpGet:'],
  ['a mount without a path', base, ', mountPath: /data', ''],
  ['no selector', base, '  selector: { matchLabels: { app: NAME } }\n  template', '  template'],
  [
    'a field of a container at the pod',
    base,
    '      serviceAccountName:',
    '      imagePullPolicy: Always\n      serviceAccountName:',
  ],
  [
    'a field of a pod at the container',
    base,
    '          args:',
    '          nodeSelector: { disk: ssd }\n          args:',
  ],
  ['a misspelt field of a container', base, 'livenessProbe', 'livnessProbe'],
  ['a misspelt field of the spec', base, 'replicas:', 'replica:'],
  ['a name with a capital', base, 'name: main', 'name: Main'],
  ['a name with an underscore', base, 'metadata: { name: NAME,', 'metadata: { name: NAME_web,'],
  ['a long name of a port', base, /\bhttp\b/g, 'http-metrics-port'],
  ['a port above all', base, 'containerPort: 8080', 'containerPort: 80800'],
  ['the name of a volume twice', base, 'volumes: [', 'volumes: [{ name: data, emptyDir: {} }, '],
  ['ports of a Service without a name', base, '{ name: more, port: 81', '{ port: 81'],
  ['a Service with one port twice', base, 'port: 81', 'port: 80'],
  ['a Deployment that starts once', base, '      containers:', '      restartPolicy: Never\n      containers:'],
  ['a version that is gone', base, 'apps/v1', 'extensions/v1beta1'],
  ['a Job that starts again', job, 'restartPolicy: OnFailure', 'restartPolicy: Always'],
  ['a Job that does not say so', job, '          restartPolicy: OnFailure\n', ''],
  ['a schedule of six fields', job, '"*/5 3', '"0 */5 3'],
  ['an hour of 24', job, ' 3 ', ' 24 '],
  ['a version of CronJob that is gone', job, 'batch/v1', 'batch/v1beta1'],
  ['a budget of a version that is gone', `${base}---\n${budget}`, 'policy/v1', 'policy/v1beta1'],
  ['a bound that is above', `${base}---\n${scaler}`, 'minReplicas: 2', 'minReplicas: 6'],
  ['a path without its type', `${base}---\n${ingress}`, 'pathType: Prefix, ', ''],
  [
    'a backend as it was',
    `${base}---\n${ingress}`,
    'service: { name: NAME, port: { name: web } }',
    'serviceName: NAME, servicePort: 80',
  ],
  ['a Secret that is not encoded', secret, 'aHVudGVyMg==', 'hunter2'],
  ['a Secret with a number', secret, '"80"', '80'],
  [
    'a ConfigMap with a number',
    secret.replace('Secret', 'ConfigMap').replace(/stringData.*\n/, ''),
    'aHVudGVyMg==',
    '7',
  ],
  ['a binding of a Role everywhere', scraper, 'kind: ClusterRole, name', 'kind: Role, name'],
  [
    'a monitor of a label that the pods have alone',
    `${base}---\n${monitor}`,
    'labels: { app: NAME, team: ponds } }\nspec:\n  selector: { app: NAME }',
    'labels: { kind: NAME } }\nspec:\n  selector: { app: NAME, team: ponds }',
    dangling,
  ],
  ['a monitor of a misspelt label', `${base}---\n${monitor}`, 'team: ponds, app', 'team: pond, app', dangling],
  ['a monitor of a port by its number', `${base}---\n${monitor}`, 'port: web }]', 'port: "80" }]', dangling],
  ['a monitor of the port of the container', `${base}---\n${monitor}`, 'port: web }]', 'port: http }]', dangling],
  [
    'a monitor in another namespace',
    `${base.replace('{ name: NAME, labels: { app: NAME, team', '{ name: NAME, namespace: ponds, labels: { app: NAME, team').replace('name: NAME, labels', 'name: NAME, namespace: ponds, labels')}---\n${monitor.replace('NAME-metrics', 'NAME-metrics, namespace: ponds')}`,
    'NAME-metrics, namespace: ponds',
    'NAME-metrics, namespace: monitoring',
    dangling,
  ],
  [
    'a PodMonitor of a port that is not named',
    `${base}---\n${podMonitor}`,
    'port: http }]\n',
    'port: metrics }]\n',
    dangling,
  ],
  [
    'a budget of no pod',
    `${base}---\n${budget}`,
    'selector: { matchLabels: { app: NAME } } }',
    'selector: { matchLabels: { app: NAMEs } } }',
    dangling,
  ],
  [
    'an autoscaler of a misspelt Deployment',
    `${base}---\n${scaler}`,
    'kind: Deployment, name: NAME }',
    'kind: Deployment, name: NAMEs }',
    dangling,
  ],
  ['an autoscaler of what requests nothing', `${base}---\n${scaler}`, 'cpu: 100m, ', '', 'warning manifest-dangling'],
  ['an Ingress to a port that is not named', `${base}---\n${ingress}`, 'name: web } }', 'name: http } }', dangling],
  ['a claim that is spelt otherwise', base, 'claimName: NAME-data', 'claimName: NAME-date', dangling],
  ['a discovery without its account', scraper, '  serviceAccountName: NAME-scraper\n', '', dangling],
  ['a discovery of what its role does not list', scraper, 'role: pod }', 'role: node }', dangling],
  ['a discovery that may get alone', scraper, '[get, list, watch]', '[get]', dangling],
  [
    'a discovery everywhere with the rights of one namespace',
    scraper,
    'kind: ClusterRoleBinding',
    'kind: RoleBinding',
    dangling,
  ],
  [
    'a binding of a misspelt account',
    scraper,
    'subjects: [{ kind: ServiceAccount, name: NAME-scraper',
    'subjects: [{ kind: ServiceAccount, name: NAME-scrapper',
    dangling,
  ],
];

async function found(side: 'healthy' | 'broken'): Promise<Map<string, string[]>> {
  const target = tempDir(
    Object.fromEntries(
      cases.map(([, healthy, from, to], n) => [
        `deploy/c${n}/all.yaml`,
        (side === 'healthy' ? healthy : healthy.replace(from, to)).replaceAll(
          'NAME',
          `pond${String.fromCharCode(97 + (n % 26))}${n}x`,
        ),
      ]),
    ),
  );
  execFileSync('git', ['init', '-q'], { cwd: target });
  const record = await runStep({ uses: 'code/calls', with: {}, target });
  const of = new Map<string, string[]>();
  for (const { level, code, where, message } of record.findings) {
    const folder = where?.file?.split('/')[1] ?? '';
    of.set(folder, [...(of.get(folder) ?? []), `${level} ${code} ${message}`]);
  }
  return of;
}

describe('code/calls: what a cluster refuses, or what is of no use in it', () => {
  it('says nothing of the healthy ones', async () => {
    expect(Object.fromEntries(await found('healthy'))).toEqual({});
  });
  it('tells of each, once', async () => {
    const of = await found('broken');
    const seen = cases.map(([what, , , , expected = refused], n) => {
      const all = of.get(`c${n}`) ?? [];
      return { what, all, holds: all.length > 0 && all.every((one) => one.startsWith(expected)) };
    });
    expect(seen.filter((one) => !one.holds)).toEqual([]);
    for (const [n, [what, healthy, from, to]] of cases.entries())
      expect(healthy.replace(from, to), `${n} ${what}`).not.toBe(healthy);
  });
});

it.each([
  ['@daily', undefined],
  ['0 0 1,15 * *', undefined],
  ['0 22 * * MON-FRI', undefined],
  ['CRON_TZ=UTC 5 4 * * sun', undefined],
  ['*/0 * * * *', 'no step'],
  ['60 * * * *', 'not from 0 to 59'],
  ['* * * * 7', 'not from 0 to 6'],
  ['* * 5-1 * *', 'ends before'],
  ['@evening', 'no such word'],
  ['hourly', 'has 1 fields'],
])('a schedule: %s', (text, expected) => {
  if (expected === undefined) expect(faultOfSchedule(text)).toBeUndefined();
  else expect(faultOfSchedule(text)).toContain(expected);
});
