import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/core/record.ts';
import { overview } from '../rig/grafana/boards.ts';
import { grafanaDouble, type DoubleVersion } from '../rig/grafana/double.ts';
import { have, needing } from '../rig/have.ts';
import { codes, runSteps, type RigStep } from '../rig/run-step.ts';

/**
 * What the Grafana steps need of a Grafana, asked of the doubles, and of a real one where GRAFANA_URL names it:
 * `GRAFANA_URL=http://127.0.0.1:3000 GRAFANA_USER=admin GRAFANA_PASSWORD=… GRAFANA_DASHBOARDS=uid,uid npm run test:grafana`.
 * GRAFANA_TOKEN takes the place of user and password. The dashboards must have data in every panel.
 */
interface Subject {
  url: string;
  dashboards: string[];
  secrets: string[];
  auth: { token: string } | { user: string; password: string };
  /** Panels that ask something, where that is known. */
  panels?: number;
  at: string;
}

process.env['DOUBLE_PASSWORD'] = 'double-password';
process.env['WRONG_PASSWORD'] = 'wrong';
const {
  GRAFANA_URL: realUrl,
  GRAFANA_TOKEN: realToken,
  GRAFANA_USER: user = 'admin',
  GRAFANA_DASHBOARDS: named = '',
} = process.env;

const double = async (version: DoubleVersion): Promise<Subject> => ({
  url: (await grafanaDouble({ version, boards: [overview()], faults: { slowQueries: 100 } })).url,
  dashboards: ['overview'],
  secrets: ['DOUBLE_PASSWORD'],
  auth: { user: 'admin', password: 'DOUBLE_PASSWORD' },
  panels: 5,
  at: '2024-06-01T12:00:00Z',
});
const real = async (): Promise<Subject> => ({
  url: realUrl ?? '',
  dashboards: named.split(',').filter((one) => one !== ''),
  ...(realToken === undefined
    ? { secrets: ['GRAFANA_PASSWORD'], auth: { user, password: 'GRAFANA_PASSWORD' } }
    : { secrets: ['GRAFANA_TOKEN'], auth: { token: 'GRAFANA_TOKEN' } }),
  at: `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z`,
});

const subjects: [string, () => Promise<Subject>][] =
  realUrl === undefined
    ? (['9.3.2', '9.5.0', '10.4.0', '11.5.0', '12.1.0', '13.0.0'] as const).map((version) => [
        `the double of ${version}`,
        () => double(version),
      ])
    : [[`the Grafana at ${realUrl}`, real]];

describe.each(subjects)('the contract with %s', (_, make) => {
  let records: Map<string, StepRecord>;
  let subject: Subject;
  const picture = have('chromium');
  beforeAll(async () => {
    subject = await make();
    const step = (id: string, uses: string, more: object): RigStep => ({
      id,
      uses,
      secrets: subject.secrets,
      with: { url: subject.url, ...subject.auth, ...more },
    });
    const dashboards = { dashboards: subject.dashboards, provisioned: false, at: subject.at };
    const shot = { dashboards: subject.dashboards, at: subject.at, themes: ['dark'], within: '120s' };
    const { record } = await runSteps([
      step('health', 'grafana/health', { minVersion: '9.0' }),
      step('dashboards', 'grafana/dashboards', dashboards),
      step('unknown', 'grafana/dashboards', { dashboards: ['verify-no-such-dashboard'] }),
      {
        ...step('wrong', 'grafana/health', {}),
        secrets: ['WRONG_PASSWORD'],
        with: { url: subject.url, user: 'verify-nobody', password: 'WRONG_PASSWORD' },
      },
      ...(picture ? [step('once', 'grafana/screenshot', shot), step('twice', 'grafana/screenshot', shot)] : []),
    ]);
    records = new Map(record.steps.map((one) => [one.id, one]));
  });

  it('answers, and its account is known', () => expect(records.get('health')).toMatchObject({ outcome: 'passed' }));
  it('every panel’s queries give data', () => {
    const record = records.get('dashboards');
    expect(record?.findings.filter((f) => f.level !== 'note')).toEqual([]);
    expect(record?.outcome).toBe('passed');
    if (subject.panels !== undefined) expect(record?.facts['dashboards.populated']).toBe(subject.panels);
  });
  it('a dashboard that is not there is found missing', () => {
    const record = records.get('unknown');
    expect(record && codes(record)).toEqual(['dashboard-missing']);
  });
  it('a wrong password is no pass', () => {
    const record = records.get('wrong');
    expect(record && codes(record)).toEqual(['unauthorized']);
  });
  it.skipIf(!picture)(
    needing('the page is photographed, and the same data give the same picture', 'chromium')[0],
    () => {
      const [once, twice] = ['once', 'twice'].map((id) => records.get(id));
      expect(once?.findings.filter((f) => f.level !== 'note')).toEqual([]);
      expect(once?.outcome).toBe('passed');
      const pictures = (record: StepRecord | undefined): unknown[] =>
        Object.entries(record?.facts ?? {}).filter(([name]) => name.startsWith('picture.'));
      expect(pictures(once)).toHaveLength(subject.dashboards.length);
      expect(pictures(twice)).toEqual(pictures(once));
    },
  );
});
