import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/core/record.ts';
import { panel, overview, small } from '../rig/grafana/boards.ts';
import { grafanaDouble, type Double, type DoubleOptions, type Faults } from '../rig/grafana/double.ts';
import { needing } from '../rig/have.ts';
import { codes, runStep, runSteps, tempDir, type RigStep } from '../rig/run-step.ts';
import { nothings, serve } from '../rig/serve.ts';
import { until } from '../rig/until.ts';

process.env['DOUBLE_TOKEN'] = 'glsa_double_token';
process.env['DOUBLE_PASSWORD'] = 'double-password';
process.env['WRONG_PASSWORD'] = 'wrong';
const token = { secrets: ['DOUBLE_TOKEN'], auth: { token: 'DOUBLE_TOKEN' } };
const at = '2024-06-01T12:00:00Z';

const step = (uses: string, url: string, more: object = {}): RigStep => ({
  uses,
  secrets: token.secrets,
  with: {
    url,
    ...token.auth,
    ...(uses === 'grafana/health' ? { datasources: ['prometheus'] } : { dashboards: ['overview'], at }),
    ...(uses === 'grafana/screenshot' ? { themes: ['dark'], within: '5s' } : {}),
    ...more,
  },
});
const double = (faults: Faults = {}, more: Partial<DoubleOptions> = {}): Promise<Double> =>
  grafanaDouble({ version: '11.5.0', boards: [overview()], faults, ...more });
const found = (record: StepRecord): string[] =>
  record.findings
    .filter((f) => f.level !== 'note')
    .map((f) => `${f.level} ${f.code}`)
    .toSorted();

describe('grafana/health and grafana/dashboards against the double', () => {
  const cases: [string, string, Faults, string[]][] = [
    ['a failing database', 'grafana/health', { databaseFailing: true }, ['error database-failing']],
    ['a data source that is not healthy', 'grafana/health', { sourceUnhealthy: true }, ['error datasource-unhealthy']],
    ['a data source that is not there', 'grafana/health', { sourceMissing: true }, ['error datasource-missing']],
    ['a dashboard that is not there', 'grafana/dashboards', { dashboardMissing: true }, ['error dashboard-missing']],
    ['a dashboard made by hand', 'grafana/dashboards', { unprovisioned: true }, ['error dashboard-unprovisioned']],
    ['a panel without data', 'grafana/dashboards', { noData: 3 }, ['error panel-empty']],
    ['a panel in a collapsed row without data', 'grafana/dashboards', { noData: 7 }, ['error panel-empty']],
    ['a panel of NaN', 'grafana/dashboards', { allNaN: 2 }, ['error panel-all-nan']],
    ['a query that is refused', 'grafana/dashboards', { panelError: 3 }, ['error panel-error']],
    [
      'a variable without options that leaves a panel empty',
      'grafana/dashboards',
      { emptyVariable: true, noData: 1 },
      ['error panel-variable-empty'],
    ],
    [
      'panels of a data source that is not there',
      'grafana/dashboards',
      { sourceMissing: true },
      Array.from({ length: 5 }, () => 'error panel-datasource-missing'),
    ],
    [
      'queries that end in 500',
      'grafana/dashboards',
      { queries500: true },
      Array.from({ length: 5 }, () => 'error panel-error'),
    ],
    ['an API that ends in 500', 'grafana/dashboards', { api500: true }, ['inconclusive not-grafana']],
  ];
  it.each(cases)('finds %s', async (_, uses, faults, expected) => {
    const { url } = await double(faults);
    const record = await runStep(step(uses, url, uses === 'grafana/health' ? { within: '1s' } : {}));
    expect(found(record)).toEqual(expected);
    expect(record.outcome).not.toBe('passed');
  });

  it.each(['grafana/health', 'grafana/dashboards'])('%s over a double is of reduced fidelity', async (uses) => {
    const { url } = await double();
    const record = await runStep(step(uses, url));
    expect(record).toMatchObject({ outcome: 'passed', reduced: expect.stringContaining('test double') as string });
  });

  it('a panel may be empty with a reason, and an allowance for nothing is said', async () => {
    const { url } = await double({ noData: 3 });
    const allow = (name: string): object => ({ allowEmpty: [{ dashboard: 'overview', panel: name, reason: 'idle' }] });
    expect(await runStep(step('grafana/dashboards', url, allow('Depth')))).toMatchObject({
      outcome: 'passed',
      findings: [],
    });
    expect(found(await runStep(step('grafana/dashboards', url, allow('Deep'))))).toEqual([
      'error panel-empty',
      'warning allowance-unused',
    ]);
    const broken = await double({ panelError: 3 });
    expect(found(await runStep(step('grafana/dashboards', broken.url, allow('Depth'))))).toEqual(['error panel-error']);
  });

  it('library panels, expressions and the files’ own set', async () => {
    const board = {
      ...small('lib'),
      panels: [
        {
          id: 1,
          title: 'From the library',
          type: 'timeseries',
          gridPos: { x: 0, y: 0, w: 12, h: 8 },
          libraryPanel: { uid: 'shared' },
        },
        panel(2, 'Sum', 'queue_depth', 12, 0, {
          targets: [
            { refId: 'A', expr: 'queue_depth', hide: true, datasource: { uid: 'prometheus', type: 'prometheus' } },
            { refId: 'B', type: 'math', expression: '$A', datasource: { uid: '__expr__', type: '__expr__' } },
          ],
        }),
      ],
    };
    const library = { shared: panel(1, 'From the library', 'temperature_celsius', 0, 0) };
    const good = await double({}, { boards: [board], library });
    const target = tempDir({ 'd/lib.json': JSON.stringify(board), 'd/gone.json': JSON.stringify(small('gone')) });
    const one = await runStep({
      target,
      ...step('grafana/dashboards', good.url, { dashboards: [], files: ['d/lib.json'] }),
    });
    expect(one).toMatchObject({ outcome: 'passed', facts: { 'dashboards.populated': 2 } });
    const two = await runStep({
      target,
      ...step('grafana/dashboards', good.url, { dashboards: [], files: ['d/*.json', 'e/*.json'] }),
    });
    expect(found(two)).toEqual(['error dashboard-missing', 'error file-missing']);
    const dead = await double({ noData: 1 }, { boards: [board], library });
    expect(found(await runStep({ target, ...step('grafana/dashboards', dead.url, { dashboards: ['lib'] }) }))).toEqual([
      'error panel-empty',
    ]);
  });

  it('a wrong password is asked once, and no secret stands in a URL or in the evidence', async () => {
    const one = await double();
    const wrong = await runStep({
      ...step('grafana/health', one.url),
      secrets: ['WRONG_PASSWORD'],
      with: { url: one.url, user: 'admin', password: 'WRONG_PASSWORD' },
    });
    expect(codes(wrong)).toEqual(['unauthorized']);
    expect(one.authorizations.filter(({ header }) => header !== '')).toHaveLength(1);
    expect(one.requests.join('\n')).not.toContain('wrong');
  });

  it.each(Object.entries(nothings))('%s is no pass', async (_, reply) => {
    const url = await serve({ '/': reply });
    for (const uses of ['grafana/health', 'grafana/dashboards', 'grafana/screenshot']) {
      const record = await runStep(step(uses, url, uses === 'grafana/health' ? { within: '1s' } : {}));
      expect(record.outcome, uses).toBe('error');
      expect(codes(record)).toHaveLength(1);
    }
  });

  it.each(['http://169.254.169.254', 'http://[::ffff:169.254.169.254]', 'http://2852039166/', 'file:///etc/passwd'])(
    '%s is refused with 77',
    async (url) => {
      for (const uses of ['grafana/health', 'grafana/screenshot'])
        await expect(runStep(step(uses, url))).rejects.toMatchObject({ code: 77 });
    },
  );
});

/** Chrome processes of this test's own: the marks of the runs are in their environment. */
const chromes = (): string[] =>
  execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter(
      (line) => line.includes(`--user-data-dir`) && / (?:\/\S*)?(?:chromium|chrome)/.test(line) && ownChild(line),
    );
const ownChild = (line: string): boolean => Number(line.trim().split(/\s+/)[1]) === process.pid;

describe.skipIf(needing('', 'chromium')[1])(needing('grafana/screenshot against the double', 'chromium')[0], () => {
  const faulty: [string, Faults, string[]][] = [
    ['the login page by a redirect', { loginPage: true }, ['error login-page']],
    ['the login page in the dashboard’s place', { loginInPlace: true }, ['error login-page']],
    ['a forced change of the password', { changePassword: true }, ['error login-page']],
    ['a page that ends in 500', { page500: true }, ['error page-error']],
    ['a redirect to another page', { redirect: '/home' }, ['error wrong-page']],
    ['a redirect to another origin', { redirect: 'http://127.0.0.1:1/elsewhere' }, ['error page-error']],
    ['a redirect to a metadata service', { redirect: 'http://169.254.169.254/latest' }, ['error page-error']],
    ['a panel that never ends', { hangingPanel: 3 }, ['error not-ready']],
    ['a page that never rests', { neverIdle: true }, ['error not-ready']],
    ['a panel without data', { noData: 3 }, ['error panel-empty']],
    ['a panel error', { panelError: 2 }, ['error panel-error']],
    ['a panel that only the page does not fill', { noDataOnPage: 4 }, ['error panel-disagrees']],
    ['a panel that only the page calls an error', { errorOnPage: 4 }, ['error panel-disagrees']],
    ['a panel that is not on the page', { panelNotOnPage: 4 }, ['error not-ready']],
    ['an alert', { dialog: true }, ['inconclusive page-dialog']],
    ['an endless script', { endlessScript: true }, ['inconclusive page-hung']],
    ['an endless script after a while', { lateEndlessScript: true }, ['inconclusive page-hung']],
    ['a missing dashboard', { dashboardMissing: true }, ['error dashboard-missing']],
  ];
  let records: Map<string, StepRecord>;
  let doubles: Map<string, Double>;
  let folder: string;

  beforeAll(async () => {
    doubles = new Map();
    const steps: RigStep[] = [];
    const healthy = await double({ slowQueries: 150 });
    doubles.set('healthy', healthy);
    steps.push({ id: 'healthy', ...step('grafana/screenshot', healthy.url, { within: '120s' }) });
    for (const [n, [, faults, [first = '']]] of faulty.entries())
      steps.push({
        id: `fault-${n}`,
        ...step('grafana/screenshot', (await double(faults)).url, {
          within: /not-ready|hung/.test(first) ? '5s' : '20s',
        }),
      });
    const one = await double({ foreignRequest: 'http://169.254.169.254/x' }, { boards: [overview(), small('small')] });
    doubles.set('user', one);
    steps.push({
      id: 'user',
      uses: 'grafana/screenshot',
      secrets: ['DOUBLE_PASSWORD'],
      with: {
        url: one.url,
        user: 'admin',
        password: 'DOUBLE_PASSWORD',
        at,
        dashboards: [{ uid: 'small', panels: [2] }],
        themes: ['light', 'dark'],
        within: '120s',
      },
    });
    const ran = await runSteps(steps);
    folder = ran.folder;
    records = new Map(ran.record.steps.map((record) => [record.id, record]));
  });
  const of = (id: string): StepRecord => {
    const record = records.get(id);
    if (!record) throw new Error(id);
    return record;
  };

  it('a healthy dashboard is photographed whole, lazy panels and opened rows too', () => {
    const record = of('healthy');
    expect(record.findings).toEqual([]);
    expect(record.outcome).toBe('passed');
    expect(record.facts['dashboards.populated']).toBe(5);
    const picture = record.evidence.find((file) => file.path.endsWith('overview-dark.png'));
    expect(record.facts['picture.overview-dark.png']).toBe(picture?.sha256);
    const requests = doubles.get('healthy')?.requests ?? [];
    expect(
      requests.filter((path) => path.startsWith('/double/panel/overview/4')),
      'the panel far below',
    ).toHaveLength(1);
    expect(requests.join('\n')).not.toContain('glsa_');
  });

  it.each(faulty.map(([name, , expected], n) => [name, n, expected] as const))('finds %s', (_, n, expected) => {
    const record = of(`fault-${n}`);
    expect(found(record)).toEqual(expected);
    expect(record.outcome).not.toBe('passed');
    if (expected[0] === 'error not-ready' && faulty[n]?.[1].hangingPanel !== undefined)
      expect(record.findings[0]?.message).toContain('Depth (3)');
  });

  it('a session by the login API; single panels, both themes; foreign origins are kept out', () => {
    const record = of('user');
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.evidence.map((file) => file.path.split('/').at(-1)).filter((name) => name?.endsWith('.png'))).toEqual(
      ['small-dark.png', 'small-light.png', 'small-panel-2-dark.png', 'small-panel-2-light.png'],
    );
    const one = doubles.get('user');
    expect(one?.requests.filter((path) => path === '/login')).toHaveLength(1);
    const pages = one?.authorizations.filter(({ path }) => path.startsWith('/d/')) ?? [];
    expect(new Set(pages.map(({ header }) => header))).toEqual(new Set(['']));
    expect(readFileSync(join(folder, 'evidence/user/observed.json'), 'utf8')).not.toContain('double-password');
  });

  it('a page that stays empty is loaded once more, and a closed login form is told from a wrong password', async () => {
    const blank = await double({ blankLoads: 1 });
    const again = await runStep(step('grafana/screenshot', blank.url, { within: '120s' }));
    expect(again).toMatchObject({ outcome: 'passed', findings: [{ code: 'page-reloaded', level: 'note' }] });
    const account = { user: 'admin', password: 'DOUBLE_PASSWORD', token: undefined };
    const closed = await double({ formOff: true });
    const refused = await runStep({
      ...step('grafana/screenshot', closed.url, account),
      secrets: ['DOUBLE_PASSWORD'],
    });
    expect(codes(refused)).toEqual(['login-failed']);
    expect(refused.findings[0]?.message).toContain('login form is turned off');
  });

  it('leaves no browser behind', () => expect(chromes()).toEqual([]));

  it('a browser that is killed is no pass, and the next attempt gets another', async () => {
    const one = await double({ hangingPanel: 3 });
    const ended = runStep({ ...step('grafana/screenshot', one.url, { within: '120s' }), retry: { attempts: 2 } });
    await until('the panels', () => one.requests.some((path) => path.startsWith('/double/panel/')));
    one.faults.hangingPanel = 0;
    for (const line of chromes()) process.kill(Number(line.trim().split(/\s+/)[0]), 'SIGKILL');
    const record = await ended;
    expect(record.attempts.map((attempt) => attempt.outcome)).toEqual(['error', 'passed']);
    expect(record.attempts[0]?.reason).toContain('browser');
    expect(chromes()).toEqual([]);
  });

  it('pages follow each other in one tab: its scripts are loaded once, what a page puts down is gone, and the time is told', async () => {
    // Says whether it finds what the page before has put down, and puts it down.
    const script = `for (const store of [localStorage, sessionStorage]) {
      if (store.getItem('left') !== null) fetch('/left-behind');
      store.setItem('left', 'x');
    }
    if (document.cookie.includes('left')) fetch('/left-behind');
    document.cookie = 'left=x';`;
    const boards = ['one', 'two', 'three'].map(small);
    const one = await double({}, { boards, scripts: [script, 'void 0'] });
    const shot = { dashboards: boards.map(({ uid }) => uid), parallel: 1, within: '120s' };
    const record = await runStep(step('grafana/screenshot', one.url, shot));
    expect(record.outcome).toBe('passed');
    expect(one.requests.filter((path) => path.startsWith('/public/build/')).toSorted()).toEqual([
      '/public/build/0.js',
      '/public/build/1.js',
    ]);
    expect(one.requests).not.toContain('/left-behind');
    const table = record.tables.find(({ title }) => title === 'Time of the pages');
    expect(table?.rows.map(([name]) => name)).toEqual([
      'Small one (dark)',
      'Small two (dark)',
      'Small three (dark)',
      'all, 1 at a time',
    ]);
    expect(table?.rows.every(([, time]) => /^\d+\.\d s$/.test(time ?? ''))).toBe(true);
  });

  it('compares with a baseline: layout and states strictly, pixels by a budget', async () => {
    const target = tempDir();
    cpSync(join(folder, 'evidence/healthy'), join(target, 'baseline'), { recursive: true });
    const again = async (
      board: ReturnType<typeof overview>,
      pixels: number,
      faults: Faults = {},
    ): Promise<StepRecord> => {
      const { url } = await double(faults, { boards: [board] });
      return runStep({ target, ...step('grafana/screenshot', url, { baseline: 'baseline', pixels, within: '120s' }) });
    };
    const same = await again(overview(), 0);
    expect(same.findings).toEqual([]);
    expect(same.facts['picture.overview-dark.png']).toBe(of('healthy').facts['picture.overview-dark.png']);

    const moved = overview();
    const [first] = moved.panels ?? [];
    if (first?.gridPos) {
      first.gridPos.h = 6;
      first.title = 'Requests a second';
    }
    const other = await again(moved, 0.000_01);
    expect(codes(other)).toEqual(['layout-changed', 'pixels-changed']);
    expect(other.evidence.map((file) => file.path.split('/').at(-1))).toContain('overview-dark-side-by-side.png');
    const gone = await runStep({
      target,
      ...step('grafana/screenshot', (await double()).url, { baseline: 'nowhere' }),
    });
    expect(codes(gone)).toEqual(['baseline-missing']);
    writeFileSync(join(target, 'baseline', 'pictures.json'), '{}');
    const unreadable = await runStep({
      target,
      ...step('grafana/screenshot', (await double()).url, { baseline: 'baseline' }),
    });
    expect(codes(unreadable)).toEqual(['baseline-unreadable']);
  });
});
