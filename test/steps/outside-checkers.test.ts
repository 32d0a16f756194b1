import { describe, expect, it } from 'vitest';
import { unitFaults } from '../../src/formats/programs/systemd-verify.ts';
import { have, needing } from '../rig/have.ts';
import { pathWith, type Answer } from '../rig/recorded.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

async function seen(
  uses: string,
  given: unknown,
  files: Record<string, string>,
): Promise<{ outcome: string; found: string[] }> {
  const { outcome, findings } = await runStep({ uses, with: given, target: tempDir(files) });
  return {
    outcome,
    found: findings.map((one) => `${one.level} ${one.code} ${one.where?.file ?? ''}:${one.where?.line ?? ''}`),
  };
}
async function having<T>(program: string, answer: Answer | undefined, act: () => Promise<T>): Promise<T> {
  const before = process.env['PATH'];
  process.env['PATH'] = pathWith(program, answer);
  try {
    return await act();
  } finally {
    process.env['PATH'] = before;
  }
}

const unit = `[Unit]
Description=Pump
After=network-online.target
Wants=network-online.target
[Service]
Type=simple
ExecStart=/usr/local/bin/pump --level 3
Restart=on-failure
RestartSec=5
[Install]
WantedBy=multi-user.target
`;
describe.skipIf(needing('systemd/units', 'systemd-analyze')[1])(needing('systemd/units', 'systemd-analyze')[0], () => {
  it.each<[what: string, from: string, to: string, expected: string[]]>([
    ['a unit that is well', '', '', []],
    ['a misspelt word', 'RestartSec', 'RestratSec', ['error unit-word deploy/pump.service:9']],
    [
      'a word of another section',
      'Wants=network-online.target',
      'Restart=always',
      ['error unit-word deploy/pump.service:4'],
    ],
    [
      'a word that no systemd here knows',
      'RestartSec=5',
      'PumpsWater=yes',
      ['warning unit-word deploy/pump.service:9'],
    ],
    ['a value that is none', 'RestartSec=5', 'RestartSec=5 parsecs', ['error unit-refused deploy/pump.service:9']],
    ['a type that is none', 'simple', 'simpel', ['error unit-refused deploy/pump.service:6']],
    [
      'a program at a path that is not whole',
      '/usr/local/bin/pump',
      'bin/pump',
      ['error unit-refused deploy/pump.service:7'],
    ],
    ['nothing to start', 'ExecStart=/usr/local/bin/pump --level 3\n', '', ['error unit-refused deploy/pump.service:']],
    ['a misspelt section', '[Install]', '[Instal]', ['error unit-word deploy/pump.service:10']],
    ['a command that is a comment', 'ExecStart', '#ExecStart', ['warning unit-refused deploy/pump.service:']],
    ['a template', '/usr/local/bin', '@PREFIX@/bin', ['note unit-template deploy/pump.service:']],
    ['a template of meson', '/usr/local/bin', '@bindir@', ['note unit-template deploy/pump.service:']],
    ['a place for a person', 'RestartSec=5', 'User=<your-user>', ['note unit-template deploy/pump.service:']],
  ])('%s', async (_, from, to, expected) => {
    const { found } = await seen(
      'systemd/units',
      { units: ['deploy/*.service'] },
      { 'deploy/pump.service': unit.replace(from, to) },
    );
    expect(found.filter((one) => !one.includes('nothing-asserted'))).toEqual(expected);
  });
  it('a timer without a time, and an instance', async () => {
    const { found } = await seen(
      'systemd/units',
      { units: ['a b/*'] },
      {
        'a b/pump.timer': '[Timer]\nOnCalendar=every day\n',
        'a b/pump@.service': unit.replace('--level 3', '--level %i'),
        'a b/pump.service': unit,
      },
    );
    expect(found).toEqual(['error unit-refused a b/pump.timer:2', 'error unit-refused a b/pump.timer:']);
  });
});
it('systemd/units: without systemd nothing is known, without units nothing passes', async () => {
  const files = { 'pump.service': unit };
  expect(
    await having('systemd-analyze', undefined, () => seen('systemd/units', { units: ['pump.service'] }, files)),
  ).toEqual({ outcome: 'error', found: ['inconclusive systemd-missing :'] });
  expect((await seen('systemd/units', { units: ['*.timer'] }, files)).found).toEqual(['error units-missing *.timer:']);
});
/** What it says of a unit with a fault, which it is shown first. */
const fault = "/tmp/x/control.service:2: Unknown key 'NoWordOfSystemd' in section [Unit], ignoring.\n";
it.each<[what: string, answer: Answer, found: string[]]>([
  ['says nothing, whatever it is shown', {}, ['inconclusive systemd-missing :']],
  [
    'cannot begin',
    { said: 'Failed to initialize manager: No such file or directory\n' },
    ['inconclusive systemd-missing :'],
  ],
  ['fails without a word', { said: '\n' }, ['inconclusive systemd-missing :']],
  [
    'misses the program',
    { said: `${fault}pump.service: Command /usr/local/bin/pump is not executable: No such file or directory\n` },
    [],
  ],
  ['misses another unit', { said: `${fault}Failed to load unit: Unit bitcoind.service not found.\n` }, []],
])('systemd/units: systemd-analyze %s', async (_, answer, found) => {
  const asked = await having('systemd-analyze', answer, () =>
    seen('systemd/units', { units: ['pump.service'] }, { 'pump.service': unit }),
  );
  expect(asked).toEqual({ outcome: found.length > 0 ? 'error' : 'passed', found });
});
it('reads what systemd says of the unit alone', () => {
  const said = `/x/other.service:3: Unknown key 'A' in section [Service], ignoring.
pump@i.service: Command /usr/bin/pump is not executable: No such file or directory
/x/pump@.service:2: Unknown key name 'Afetr' in section 'Unit', ignoring.
/x/pump@.service:4: Standard output type syslog is obsolete, automatically updating to journal.
`;
  expect(unitFaults(said, 'deploy/pump@.service').map(({ line, kind, near }) => [line, kind, near])).toEqual([
    [2, 'unknown', 'After'],
    [4, 'remark', undefined],
  ]);
});

const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: pump }\nspec: { replicas: 2 }\n';
const schema =
  '{"type":"object","properties":{"spec":{"type":"object","additionalProperties":false,"properties":{"replicas":{"type":"integer"}}}}}';
const given = { files: ['k8s/*.yaml'], schemas: ['schemas/{{.ResourceKind}}.json'] };
const conforms: Record<string, { file?: string; answer?: Answer; recorded?: true; expected: string[] }> = {
  'what is as its schema says': {
    answer: {
      out: '{"resources":[{"filename":"k8s/a.yaml","kind":"Deployment","name":"pump","version":"apps/v1","status":"statusValid","msg":""}]}',
    },
    expected: [],
  },
  'what is not': {
    file: manifest.replace('2', '"2"'),
    answer: {
      out: '{"resources":[{"filename":"k8s/a.yaml","kind":"Deployment","name":"pump","version":"apps/v1","status":"statusInvalid","msg":"x","validationErrors":[{"path":"/spec/replicas","msg":"got string, want integer"}]}]}',
      said: ' ',
    },
    expected: ['error schema-violated k8s/a.yaml:'],
  },
  'a kind without a schema': {
    file: manifest.replace('Deployment', 'Pond'),
    answer: {
      out: '{"resources":[{"filename":"k8s/a.yaml","kind":"Pond","name":"pump","version":"apps/v1","status":"statusError","msg":"could not find schema for Pond"}]}',
      said: ' ',
    },
    expected: ['inconclusive schema-missing k8s/a.yaml:'],
  },
  'what cannot be read': {
    file: 'a: [',
    answer: {
      out: '{"resources":[{"filename":"k8s/a.yaml","kind":"","name":"","version":"","status":"statusError","msg":"error unmarshalling resource: yaml: line 1: did not find expected node content"}]}',
      said: ' ',
    },
    expected: ['error manifest-unread k8s/a.yaml:'],
  },
  'no resource': {
    file: '# nothing\n',
    answer: { out: '{"resources":[{"filename":"k8s/a.yaml","kind":"","name":"","version":"","status":"","msg":""}]}' },
    expected: ['error nothing-validated :'],
  },
  'what it passed over': {
    answer: {
      out: '{"resources":[{"filename":"k8s/a.yaml","kind":"Deployment","name":"pump","version":"apps/v1","status":"statusValid","msg":""},{"filename":"k8s/a.yaml","kind":"Pond","name":"pump","version":"v1","status":"statusSkipped","msg":""}]}',
    },
    recorded: true,
    expected: ['inconclusive not-validated k8s/a.yaml:'],
  },
  'an end with an error that it does not explain': {
    answer: {
      out: '{"resources":[{"filename":"k8s/a.yaml","kind":"Deployment","name":"pump","version":"apps/v1","status":"statusValid","msg":""}]}',
      said: 'panic\n',
    },
    recorded: true,
    expected: ['inconclusive not-ended :'],
  },
  'a file of which it says nothing': {
    answer: {
      out: '{"resources":[{"filename":"k8s/b.yaml","kind":"Deployment","name":"pump","version":"apps/v1","status":"statusValid","msg":""}]}',
    },
    recorded: true,
    expected: ['warning not-validated k8s/a.yaml:'],
  },
  'no kubeconform': { expected: ['inconclusive kubeconform-missing :'] },
};
describe.each([
  ['recorded answers', false],
  [needing('kubeconform itself', 'kubeconform')[0], true],
])('kubernetes/conform: %s', (_, itself) => {
  it.skipIf(itself && !have('kubeconform')).each(Object.entries(conforms))(
    '%s',
    async (_, { file = manifest, answer, recorded, expected }) => {
      const act = (): ReturnType<typeof seen> =>
        seen('kubernetes/conform', given, { 'k8s/a.yaml': file, 'schemas/deployment.json': schema });
      expect(
        (await (itself && answer && recorded !== true ? act() : having('kubeconform', answer, act))).found,
      ).toEqual(expected);
    },
  );
});

describe('docker/lint', () => {
  it.skipIf(!have('hadolint')).each<[what: string, file: string, expected: string[], config?: string]>([
    ['a Dockerfile that is well', 'FROM debian:12\nCMD ["pump"]\n', []],
    ['a warning', 'FROM debian\nCMD ["pump"]\n', ['warning lint Dockerfile:1']],
    ['what cannot be parsed', 'FROM debian:12\nRAN pump\n', ['error lint Dockerfile:2']],
    [
      'a configuration that lets all pass',
      'FROM debian:12\nCMD ["pump"]\n',
      ['inconclusive silenced :'],
      'no-fail: true',
    ],
  ])(
    have('hadolint') ? '%s' : '%s (skipped, because hadolint is not on this machine)',
    async (_, file, expected, config = 'ignored: []') => {
      expect(
        (await seen('docker/lint', { linter: 'hadolint' }, { Dockerfile: file, '.hadolint.yaml': `${config}\n` }))
          .found,
      ).toEqual(expected);
    },
  );
  it('reads its levels, and says where it is not there', async () => {
    const files = { Dockerfile: 'FROM debian\n', '.hadolint.yaml': '' };
    const out =
      'Dockerfile:1 DL3006 warning: Always tag the version of an image explicitly\nDockerfile:1 DL3015 info: Avoid\nDockerfile:3 DL4000 error: MAINTAINER is deprecated\n';
    expect(
      (await having('hadolint', { out, said: ' ' }, () => seen('docker/lint', { linter: 'hadolint' }, files))).found,
    ).toEqual(['warning lint Dockerfile:1', 'error lint Dockerfile:3']);
    const silent = { said: '', out: 'Dockerfile: cannot be read\n' };
    expect((await having('hadolint', silent, () => seen('docker/lint', { linter: 'hadolint' }, files))).found).toEqual([
      'inconclusive silenced :',
    ]);
    expect(
      (await having('hadolint', undefined, () => seen('docker/lint', { linter: 'hadolint' }, files))).found,
    ).toEqual(['inconclusive linter-missing :']);
  });
});
