import { describe, expect, it } from 'vitest';
import { runStep, tempDir } from '../rig/run-step.ts';

const clap = `use clap::{Parser, Subcommand};
#[derive(Parser)]
struct Cli { #[command(subcommand)] command: Commands }
#[derive(Subcommand)]
enum Commands {
    /// Start
    Start { #[arg(short, long, default_value = "7432")] port: u16 },
}
fn main() { let _ = Cli::parse(); let _ = std::env::var("HERON_WING"); }
`;
const rust = {
  'Cargo.toml': '[package]\nname = "heron"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nclap = "4"\n',
  'src/main.rs': clap,
  'src/text.rs': 'pub fn first(source: &str) -> Option<&str> {\n    source\n        .lines()\n        .next()\n}\n',
};
const go = {
  'go.mod': 'module example.org/egret\n\ngo 1.23\n',
  'cmd/egret/main.go':
    'package main\n\nimport "flag"\n\nfunc main() {\n\tflag.String("listen-address", "", "x")\n\tflag.Parse()\n}\n',
};
const py = {
  'pyproject.toml': '[project]\nname = "stork"\n[project.scripts]\nstork = "stork.cli:main"\n',
  'stork/cli.py':
    'import argparse\np = argparse.ArgumentParser()\ns = p.add_subparsers()\na = s.add_parser("fly")\na.add_argument("--wing-span")\np.parse_args()\n',
};

const script = {
  'tools/feed.py':
    'import argparse\np = argparse.ArgumentParser()\np.add_argument("--wing-span")\nprint(p.parse_args())\n',
};

async function seen(files: Record<string, string>): Promise<string[]> {
  const record = await runStep({ uses: 'code/calls', with: {}, target: tempDir(files) });
  return record.findings.map((one) => `${one.level} ${one.code} ${one.where?.file}:${one.where?.line}`);
}
const image = (...lines: string[]): Record<string, string> => ({
  Dockerfile: ['FROM rust:1.90 AS b', 'FROM debian', 'COPY --from=b /target/release/heron /app', ...lines].join('\n'),
});
const unknown = (place: string): string[] => [`error argument-unknown ${place}`];

const caught: [string, Record<string, string>, string[]][] = [
  [
    'a flag in CMD',
    { ...rust, ...image('ENTRYPOINT ["/app"]', 'CMD ["start", "--http-port", "1"]') },
    unknown('Dockerfile:5'),
  ],
  [
    'a flag in ENTRYPOINT',
    { ...rust, ...image('ENTRYPOINT ["/app", "start", "--http-port=1"]') },
    unknown('Dockerfile:4'),
  ],
  ['a healthcheck', { ...rust, ...image('HEALTHCHECK CMD ["/app", "status"] || exit 1') }, unknown('Dockerfile:4')],
  [
    'a shell’s healthcheck',
    { ...rust, ...image('HEALTHCHECK --interval=5s CMD /app status || exit 1') },
    unknown('Dockerfile:4'),
  ],
  [
    'behind an init',
    { ...rust, ...image('ENTRYPOINT ["tini", "--", "/app"]', 'CMD ["stop"]') },
    unknown('Dockerfile:5'),
  ],
  [
    'a Compose command after the image’s entrypoint',
    {
      ...rust,
      ...image('ENTRYPOINT ["/app"]'),
      'deploy/compose.yml': 'services:\n  app:\n    build: { context: .. }\n    command: start --bind 1\n',
    },
    unknown('deploy/compose.yml:4'),
  ],
  [
    'a Compose healthcheck',
    {
      ...rust,
      ...image('ENTRYPOINT ["/app"]'),
      'compose.yaml': 'services:\n  app:\n    build: .\n    healthcheck:\n      test: ["CMD", "/app", "ping"]\n',
    },
    unknown('compose.yaml:5'),
  ],
  [
    'a Kubernetes container',
    {
      ...go,
      'k8s/d.yaml':
        'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: e\n          image: ghcr.io/x/egret:1\n          args:\n            - --listen-addr=:80\n',
    },
    ['error argument-unknown k8s/d.yaml:9'],
  ],
  [
    'a Helm template',
    {
      ...py,
      'chart/templates/d.yaml':
        '{{- if .Values.on }}\nkind: Deployment\nspec:\n  containers:\n    - name: s\n      image: "{{ .Values.image }}"\n      command: ["stork", "fly"]\n      args: ["--wingspan={{ .Values.span }}"]\n{{- end }}\n',
    },
    unknown('chart/templates/d.yaml:8'),
  ],
  [
    'a unit',
    { ...rust, 'etc/heron.service': '[Service]\nExecStart=/usr/bin/heron serve --port 1\n' },
    unknown('etc/heron.service:2'),
  ],
  [
    'a script',
    { ...rust, 'run.sh': '#!/bin/sh\nset -e\n./target/release/heron start --prot 1\n' },
    unknown('run.sh:3'),
  ],
  [
    'a workflow',
    { ...py, '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps:\n      - run: |\n          stork land\n' },
    unknown('.github/workflows/ci.yml:5'),
  ],
  [
    'a script of Python in an image',
    {
      ...script,
      Dockerfile: 'FROM python:3.12\nCOPY tools/feed.py .\nCMD ["python", "-u", "feed.py", "--beak", "1"]\n',
    },
    unknown('Dockerfile:3'),
  ],
  [
    'a script of Python in a workflow, whose parser others add to',
    {
      'tools/feed.py': `${script['tools/feed.py']}more(p)\n`,
      '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps:\n      - run: python tools/feed.py --beak 1\n',
    },
    ['warning argument-unknown .github/workflows/ci.yml:4'],
  ],
  [
    'a variable that nothing reads',
    {
      ...rust,
      'compose.yaml': 'services:\n  app:\n    build: .\n    environment: { HERON_WINGS: "2", HERON_WING: "1" }\n',
    },
    ['warning environment-unread compose.yaml:4'],
  ],
  [
    'a variable that a manifest sets',
    {
      ...rust,
      'k8s/pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: { name: heron }\nspec:\n  containers:\n    - name: heron\n      image: heron\n      env:\n        - name: HERON_WINGS\n          value: "2"\n        - name: HERON_WING\n          value: "1"\n',
    },
    ['warning environment-unread k8s/pod.yaml:9'],
  ],
  [
    'a variable that many manifests set, once',
    Object.fromEntries([
      ...Object.entries(rust),
      ...['a', 'b'].map((name) => [
        `k8s/${name}.yaml`,
        'apiVersion: v1\nkind: Pod\nmetadata: { name: heron }\nspec:\n  containers:\n    - name: heron\n      image: example.org/heron-server:1.2@sha256:0\n      env:\n        - name: HERON_WINGS\n          value: "2"\n',
      ]),
    ]) as Record<string, string>,
    ['warning environment-unread k8s/a.yaml:9'],
  ],
  [
    'a variable that a unit sets',
    { ...rust, 'heron.service': '[Service]\nEnvironment=HERON_WINGS=2\nEnvironment="HERON_WING=1"\n' },
    ['warning environment-unread heron.service:2'],
  ],
];
const fine: [string, Record<string, string>][] = [
  [
    'a script of Python with flags that it has',
    {
      ...script,
      Dockerfile: 'FROM python:3.12\nCOPY tools/feed.py .\nCMD ["python", "feed.py", "--wing-span", "1"]\n',
    },
  ],
  [
    'one of two scripts with one name',
    {
      ...script,
      'b/feed.py': 'print(1)\n',
      Dockerfile: 'FROM python:3.12\nCMD ["python", "feed.py", "--beak", "1"]\n',
    },
  ],
  [
    'flags as they are',
    { ...rust, ...image('HEALTHCHECK NONE', 'ENTRYPOINT ["/app"]', 'CMD ["start", "--port", "1", "-p", "2"]') },
  ],
  ['another program of the image', { ...rust, ...image('HEALTHCHECK CMD curl --fail http://localhost/ || exit 1') }],
  [
    'another image’s command',
    {
      ...rust,
      'run.sh': 'heron start\n',
      'compose.yaml': 'services:\n  p:\n    image: prom/prometheus\n    command: ["--config.file=x"]\n',
    },
  ],
  [
    'a variable of a program that the repository only wraps',
    {
      ...py,
      'stork/env.py': 'import os\nos.environ["MLFLOW_TRACKING_URI"]\n',
      'compose.yaml': 'services:\n  app:\n    build: .\n    environment: { MLFLOW_BACKEND_STORE_URI: "x" }\n',
    },
  ],
  ['a Go flag with one dash', { ...go, 'run.sh': 'egret -listen-address=:80\n' }],
  ['what follows the dashes', { ...rust, 'run.sh': 'heron start -- --other\n' }],
  ['a variable as value', { ...rust, 'run.sh': 'heron start "$@" --port "$PORT"\n' }],
  ['a function of that name', { ...rust, 'run.sh': 'heron() { docker run heron "$@"; }\nheron --publish 1\n' }],
  ['a library’s own flags', { ...py, 'run.sh': 'stork --help\nstork fly --version\n' }],
  [
    'an overridden entrypoint',
    {
      ...rust,
      ...image('ENTRYPOINT ["/app"]'),
      'compose.yaml':
        'services:\n  app:\n    build: .\n    entrypoint: ["sh"]\n    command: ["-c", "echo --nothing"]\n',
    },
  ],
  [
    'a variable of another project’s image',
    {
      ...rust,
      'k8s/drainer.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: { name: d }\nspec:\n  containers:\n    - name: d\n      image: example.org/rails/marsh-drainer:2\n      env:\n        - name: HERON_WINGS\n          value: "2"\n',
    },
  ],
  [
    'a variable of the base image',
    { ...rust, 'compose.yaml': 'services:\n  app:\n    build: .\n    environment: [RUST_LOG=info, POSTGRES_DB=x]\n' },
  ],
];

describe('code/calls', () => {
  it.each(caught)('finds %s', async (_, files, expected) => expect(await seen(files)).toEqual(expected));
  it('variables whose names an f-string puts together are not judged', async () => {
    const read = (name: string): Record<string, string> => ({
      ...py,
      'stork/env.py': `import os\nos.environ["STORK_URL"]\nos.environ.get(${name})\n`,
      'compose.yaml': 'services:\n  app:\n    build: .\n    environment: { STORK_NEST_URL: "x" }\n',
    });
    const codes = async (name: string): Promise<string[]> =>
      (await seen(read(name))).map((one) => one.split(' ')[1] ?? '');
    expect(await codes('f"{name}_URL"')).not.toContain('environment-unread');
    expect(await codes('name')).toContain('environment-unread');
  });
  it.each(fine)('no false alarm: %s', async (_, files) =>
    expect((await seen(files)).filter((one) => !one.includes('nothing-called'))).toEqual([]),
  );
  it('says why it does not judge', async () => {
    const passing = {
      ...py,
      'stork/cli.py': `${py['stork/cli.py']}p.parse_known_args()\n`,
      'run.sh': 'stork fly --high\n',
    };
    expect(await seen(passing)).toEqual(['note not-judged run.sh:1']);
  });
  it('nothing to call, and nothing that calls, is no pass', async () => {
    expect(await seen({ 'a.txt': 'x' })).toEqual(['error nothing-called undefined:undefined']);
    expect(await seen(rust)).toEqual(['inconclusive nothing-called undefined:undefined']);
  });
  it('a named program must be called', async () => {
    const record = await runStep({ uses: 'code/calls', with: { programs: ['heron', 'ibis'] }, target: tempDir(rust) });
    expect(record.findings.map((one) => one.message)).toEqual([
      'nothing calls heron',
      'the repository has no program ibis',
    ]);
  });
});
