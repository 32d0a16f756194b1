/** Dashboards for the double in the shape of Grafana 9.3.2, and what the two steps that look at them find on each. */
import { beforeAll, expect, it } from 'vitest';
import type { StepRecord } from '../../../src/core/record.ts';
import { frozenPrometheus } from '../prometheus.ts';
import { runSteps, tempDir, type RigStep } from '../run-step.ts';
import { grafanaDouble, type DoubleBoard, type DoublePanel } from './double.ts';
import { provisioned } from './provision.ts';

export const at = '2024-06-01T12:00:00Z';
export const source = { uid: 'prometheus', type: 'prometheus' };

let ids = 0;
export const panel = (title: string, expr: string, more: Partial<DoublePanel> = {}): DoublePanel => ({
  id: ++ids,
  type: 'timeseries',
  title,
  datasource: source,
  gridPos: { x: (ids % 2) * 12, y: Math.floor(ids / 2) * 8, w: 12, h: 8 },
  targets: [{ refId: 'A', expr, datasource: source }],
  ...more,
});
export const stat = (title: string, expr: string, more: Partial<DoublePanel> = {}): DoublePanel =>
  panel(title, expr, {
    type: 'stat',
    options: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } },
    ...more,
  });
export const board = (uid: string, panels: DoublePanel[], more: object = {}): DoubleBoard => {
  ids = 0;
  return {
    uid,
    title: `Board ${uid}`,
    schemaVersion: 37,
    time: { from: 'now-15m', to: 'now' },
    panels,
    ...more,
  };
};
export const variable = (name: string, query: string, more: object = {}): object => ({
  name,
  type: 'query',
  datasource: source,
  query: { query, refId: 'V' },
  current: {},
  refresh: 1,
  ...more,
});
export const all = { includeAll: true, multi: true, current: { text: ['All'], value: ['$__all'] } };
export const list = (...variables: object[]): object => ({ templating: { list: variables } });
export const only = (names: string[]): object => ({
  transformations: [{ id: 'filterFieldsByName', options: { include: { names } } }],
});
export const hide = { viz: true, legend: true, tooltip: true };
export const alone = (override: object, hideFrom?: object): object => ({
  fieldConfig: { defaults: hideFrom ? { custom: { hideFrom } } : {}, overrides: [override] },
});
export const test = { uid: 'testdata', type: 'testdata' };
export const scenario = (title: string, scenarioId: string, more: Partial<DoublePanel> = {}): DoublePanel =>
  panel(title, '', {
    datasource: test,
    targets: [{ refId: 'A', datasource: test, scenarioId, ...more.options }],
    ...more,
  });

/** A board, codes of grafana/dashboards and of grafana/screenshot, and what the latter says. '' is none. */
export type Expected = [board: DoubleBoard, dashboards: string, screenshot: string, message: RegExp];

/** Runs both steps on every board, with a real Prometheus. Records by `api-<uid>` and `page-<uid>`. */
export async function recordsOf(boards: readonly DoubleBoard[]): Promise<Map<string, StepRecord>> {
  const end = Date.parse(at);
  const prometheus = await frozenPrometheus(
    {
      'up{instance="a",job="web"}': () => 1,
      'up{instance="b",job="db"}': () => 1,
      'requests_total{job="web"}': (n) => n * 30,
      'queue_depth{job="web"}': (n) => n % 7,
    },
    end,
    200,
  );
  const files = Object.fromEntries(boards.map((one) => [`${one.uid}.json`, JSON.stringify(one)]));
  const { url } = await grafanaDouble({
    version: '9.3.2',
    boards: provisioned(files),
    prometheus,
    anonymous: true,
    more: ['dead', 'testdata'],
    clock: end,
  });
  const steps = boards.flatMap(({ uid }): RigStep[] => [
    { id: `api-${uid}`, uses: 'grafana/dashboards', with: { url, files: [`${uid}.json`], at } },
    {
      id: `page-${uid}`,
      uses: 'grafana/screenshot',
      with: { url, dashboards: [uid], at, themes: ['light'], within: '120s' },
    },
  ]);
  const { record } = await runSteps(steps, { target: tempDir(files) });
  return new Map(record.steps.map((one) => [one.id, one]));
}

export const codesOf = (record: StepRecord | undefined): string[] => [
  ...new Set(
    record?.findings.filter((one) => one.level === 'error' || one.level === 'inconclusive').map((one) => one.code),
  ),
];

/** Tests that both steps pass the healthy boards and find, of each broken one, what it is to show. @returns the records, to be asked within a test */
export function boardsHold(
  healthy: readonly DoubleBoard[],
  broken: readonly Expected[],
): () => Map<string, StepRecord> {
  let records: Map<string, StepRecord>;
  beforeAll(async () => {
    records = await recordsOf([...healthy, ...broken.map(([one]) => one)]);
  }, 1_200_000);
  it.each(healthy.map((one) => one.uid))('passes %s', (uid) => {
    for (const id of [`api-${uid}`, `page-${uid}`]) {
      const record = records.get(id);
      expect(
        record?.findings.filter((one) => one.level !== 'note'),
        id,
      ).toEqual([]);
      expect(record?.outcome, id).toBe('passed');
    }
  });
  it.each(broken.map(([one, ...expected]) => [one.uid, ...expected] as const))(
    'fails %s',
    (uid, dashboards, screenshot, message) => {
      const [api, page] = [records.get(`api-${uid}`), records.get(`page-${uid}`)];
      expect([codesOf(api), codesOf(page)]).toEqual([dashboards === '' ? [] : [dashboards], [screenshot]]);
      expect(page?.findings.map((one) => one.message).join('\n')).toMatch(message);
    },
  );
  return () => records;
}
