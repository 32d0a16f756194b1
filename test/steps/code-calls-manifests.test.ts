import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir } from '../rig/run-step.ts';

const deployment = (change: (text: string) => string = (text) => text): string =>
  change(`apiVersion: apps/v1
kind: Deployment
metadata: { name: pump }
spec:
  selector: { matchLabels: { app: pump } }
  template:
    metadata: { labels: { app: pump }, annotations: { prometheus.io/port: "8080" } }
    spec:
      containers:
        - name: pump
          image: example.org/pump:1
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /health, port: http } }
          env:
            - name: LEVEL
              valueFrom: { configMapKeyRef: { name: pump-config, key: level } }
          volumeMounts: [{ name: config, mountPath: /etc/pump }]
      volumes:
        - name: config
          configMap: { name: pump-config }
`);
const service = `apiVersion: v1
kind: Service
metadata: { name: pump }
spec:
  selector: { app: pump }
  ports: [{ port: 80, targetPort: http }]
`;
const config = `apiVersion: v1
kind: ConfigMap
metadata: { name: pump-config }
data: { level: "3" }
`;
const job = (command: string): string => `apiVersion: batch/v1
kind: CronJob
metadata: { name: backup }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: backup
              image: alpine
              command: ["sh", "-c", ${JSON.stringify(command)}]
`;

async function seen(files: Record<string, string>): Promise<string[]> {
  const target = tempDir(files);
  execFileSync('git', ['init', '-q'], { cwd: target });
  const record = await runStep({ uses: 'code/calls', with: {}, target });
  return record.findings.map((one) => `${one.level} ${one.code} ${one.where?.file ?? ''}:${one.where?.line ?? ''}`);
}
const all = (part: Record<string, string>): Record<string, string> => ({
  'k8s/pump.yaml': deployment(),
  'k8s/service.yaml': service,
  'k8s/config.yaml': config,
  'k8s/backup.yaml': job('pg_dump > /b/x.sql && echo done'),
  'main.go': 'package main\n// listens on 8080\n',
  ...part,
});

describe('code/calls: manifests of Kubernetes', () => {
  it('takes a place to fill in, and a template, for no name', async () => {
    const secret = (name: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name} }\nstringData: { a: b }\n`;
    const healthy = { 'k8s/a.yaml': secret('pump-CLUSTER_NAME'), 'k8s/pump-template.yaml': secret('Pump') };
    expect(await seen(healthy)).toEqual([]);
    expect(await seen({ 'k8s/a.yaml': secret('Pump') })).toEqual(['error manifest-refused k8s/a.yaml:3']);
  });
  it('says nothing where they agree', async () => {
    expect(await seen(all({}))).toEqual([]);
    expect(
      await seen(
        all({
          'k8s/kustomization.yaml': 'resources: [../base]\npatches: []\n',
          'k8s/service.yaml': service.replace('app: pump', 'app: dump'),
        }),
      ),
    ).toEqual([]);
  });

  const wrong: [string, Record<string, string>, string[]][] = [
    [
      'a selector that no pod bears',
      { 'k8s/service.yaml': service.replace('app: pump', 'app: pumps') },
      ['error manifest-dangling k8s/service.yaml:5'],
    ],
    [
      'a named port that no container has',
      { 'k8s/service.yaml': service.replace('targetPort: http', 'targetPort: web') },
      ['error manifest-dangling k8s/service.yaml:6'],
    ],
    [
      'a probe of a port that is not there',
      { 'k8s/pump.yaml': deployment((text) => text.replace('port: http }', 'port: admin }')) },
      ['error manifest-dangling k8s/pump.yaml:13'],
    ],
    [
      'a number that nothing names',
      { 'k8s/pump.yaml': deployment((text) => text.replace('port: http }', 'port: 8181 }')) },
      ['warning manifest-dangling k8s/pump.yaml:13'],
    ],
    [
      'a key that the ConfigMap lacks',
      { 'k8s/config.yaml': config.replace('level', 'depth') },
      ['error manifest-dangling k8s/pump.yaml:16'],
    ],
    [
      'a volume that the pod lacks',
      { 'k8s/pump.yaml': deployment((text) => text.replace('[{ name: config,', '[{ name: data,')) },
      ['error manifest-dangling k8s/pump.yaml:17'],
    ],
    [
      'a ConfigMap that is spelt otherwise',
      { 'k8s/config.yaml': config.replace('pump-config', 'pump-confg') },
      ['error manifest-dangling k8s/pump.yaml:16'],
    ],
    [
      'an annotation that is no text',
      { 'k8s/pump.yaml': deployment((text) => text.replace('"8080"', '8080')) },
      ['error manifest-dangling k8s/pump.yaml:7'],
    ],
    [
      'its own labels',
      {
        'k8s/pump.yaml': deployment((text) => text.replace('matchLabels: { app: pump }', 'matchLabels: { app: pond }')),
      },
      ['error manifest-dangling k8s/pump.yaml:5'],
    ],
    [
      'a job that only prints',
      { 'k8s/backup.yaml': job('echo "backing up"; sleep 1; echo done') },
      ['error manifest-dangling k8s/backup.yaml:14'],
    ],
  ];
  const ingress = (to: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: in }\nspec:\n  defaultBackend: { service: { name: ${to}, port: { number: 80 } } }\n`;
  const scaler = (of: string): string =>
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: h }\nspec: { scaleTargetRef: { kind: Deployment, name: ${of} } }\n`;
  const listed = `apiVersion: v1\nkind: ConfigMapList\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: pump-config }\n    data: { level: "3" }\n`;
  const apart: [string, Record<string, string>, string[]][] = [
    [
      'pods of an operator’s resource',
      {
        'k8s/service.yaml': service.replace('name: pump }', 'name: lake }').replace('app: pump', 'app: lake'),
        'k8s/lake.yaml': 'apiVersion: ponds.example.org/v1\nkind: Lake\nmetadata: { name: lake }\nspec: {}\n',
      },
      [],
    ],
    ['a list of resources', { 'k8s/config.yaml': listed }, []],
    [
      'a list that lacks the key',
      { 'k8s/config.yaml': listed.replace('level', 'depth') },
      ['error manifest-dangling k8s/pump.yaml:16'],
    ],
    [
      'a name that is like one that is wanted itself',
      {
        'k8s/config.yaml': config.replace('pump-config', 'pump-conf1g'),
        'k8s/other.yaml': deployment((text) =>
          text.replaceAll('pump', 'weir').replaceAll('weir-config', 'pump-conf1g'),
        ),
      },
      ['warning manifest-dangling k8s/pump.yaml:16'],
    ],
    [
      'a ConfigMap that kustomize makes',
      {
        'k8s/config.yaml': config.replace('pump-config', 'pump-confg'),
        'base/kustomization.yaml': 'configMapGenerator:\n  - name: pump-config\n',
      },
      [],
    ],
    [
      'a ConfigMap of another folder with the key',
      { 'k8s/config.yaml': config.replace('level', 'depth'), 'test-site/config.yaml': config },
      [],
    ],
    ['an Ingress', { 'k8s/in.yaml': ingress('pump') }, []],
    ['an Ingress to a misspelt Service', { 'k8s/in.yaml': ingress('pomp') }, ['error manifest-dangling k8s/in.yaml:5']],
    ['an Ingress of a folder without Services', { 'demo/in.yaml': ingress('pomp') }, []],
    ['an autoscaler', { 'k8s/h.yaml': scaler('pump') }, []],
    ['an autoscaler of a misspelt one', { 'k8s/h.yaml': scaler('pomp') }, ['error manifest-dangling k8s/h.yaml:4']],
    ['an autoscaler of what a chart makes', { 'demo/h.yaml': scaler('pomp') }, []],
  ];
  it.each(apart)('what is made elsewhere: %s', async (_, part, expected) =>
    expect(await seen(all(part))).toEqual(expected),
  );
  it.each(wrong)('%s', async (_, part, expected) => {
    expect(await seen(all(part))).toEqual(expected);
  });
});

describe('code/calls: tests that are piped on', () => {
  const workflow = (step: string): Record<string, string> => ({
    '.github/workflows/ci.yml': `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - ${step}\n`,
  });
  it('are lost without pipefail', async () => {
    expect(await seen({ 'check.sh': '#!/bin/sh\npython3 -m unittest -v 2>&1 | tee log.txt\n' })).toEqual([
      'error exit-code-lost check.sh:2',
    ]);
    expect(await seen(workflow('run: cargo test --workspace | tee out.txt'))).toEqual([
      'error exit-code-lost .github/workflows/ci.yml:6',
    ]);
    expect(await seen({ 'scripts/all.bash': 'set -e\ngo test ./... | sed s/a/b/ | tail -5\n' })).toEqual([
      'error exit-code-lost scripts/all.bash:2',
    ]);
  });
  it('and are kept with it, or where something looks for failures', async () => {
    expect(await seen({ 'check.sh': '#!/bin/bash\nset -euo pipefail\npytest | tee log.txt\n' })).toEqual([]);
    expect(await seen({ 'check.sh': '#!/bin/bash\npytest | tee log.txt\nexit ${PIPESTATUS[0]}\n' })).toEqual([]);
    expect(await seen({ 'check.sh': '#!/bin/sh\ncargo test | grep -q "test result: ok"\n' })).toEqual([]);
    expect(await seen(workflow('{ shell: bash, run: cargo test | tee out.txt }'))).toEqual([]);
    expect(await seen({ 'check.sh': '#!/bin/sh\ngo test ./... | tee o/t.txt\n! grep -q FAIL o/t.txt\n' })).toEqual([]);
    expect(
      await seen({
        '.github/workflows/w.yml':
          'jobs:\n  a:\n    runs-on: windows-latest\n    steps:\n      - run: cargo test | tee out.txt\n',
      }),
    ).toEqual([]);
  });
  it('and a measurement or a list runs none; a reporter ends as its tests did', async () => {
    for (const command of [
      "go test -run='^$' -bench=. ./... | tee new.txt",
      'cargo test --no-run 2>&1 | tail -1',
      'pytest --collect-only | sort',
      'go test -json ./... | tparse',
      'npm test | tap-spec',
    ])
      expect(await seen({ 'check.sh': `#!/bin/sh\n${command}\n` }), command).toEqual([]);
    expect(await seen({ 'check.sh': '#!/bin/sh\ngo test ./... | tee new.txt\n' })).toHaveLength(1);
  });
});
