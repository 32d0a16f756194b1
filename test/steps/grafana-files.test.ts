import { describe, expect, it } from 'vitest';
import { small } from '../rig/grafana/boards.ts';
import { grafanaDouble } from '../rig/grafana/double.ts';
import { provisioned } from '../rig/grafana/provision.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const text = (more: object = {}): string => JSON.stringify({ ...small('fine'), ...more });

/** Dashboard files as file provisioning takes them or leaves them, and what grafana/dashboards says of each. */
describe('dashboard files against what provisioning made of them', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['a good file', { 'a.json': text() }, []],
    ['a good file in a folder with a space', { 'my boards/a.json': text() }, []],
    ['a wrapped dashboard', { 'a.json': `{"dashboard":${text()}}` }, ['dashboard-missing']],
    ['no title', { 'a.json': text({ title: '' }) }, ['dashboard-missing']],
    ['a uid with a space', { 'a.json': text({ uid: 'not fine' }) }, ['dashboard-missing']],
    ['a uid of 41 letters', { 'a.json': text({ uid: 'x'.repeat(41) }) }, ['dashboard-missing']],
    ['an empty file', { 'a.json': '', 'b.json': text() }, ['dashboard-missing']],
    ['a list', { 'a.json': '[]', 'b.json': text() }, ['dashboard-missing']],
    [
      'a file that ends early',
      { 'a.json': text().slice(0, -3), 'b.json': text({ uid: 'b', title: 'B' }) },
      ['dashboard-missing'],
    ],
    [
      'one uid in two folders',
      { 'a/a.json': text(), 'b/b.json': text({ title: 'Another' }) },
      ['dashboard-differs', 'uid-duplicate'],
    ],
    [
      'one title in one folder',
      { 'a/a.json': text(), 'a/b.json': text({ uid: 'other' }) },
      ['dashboard-missing', 'title-duplicate'],
    ],
  ])('%s', async (_, files, expected) => {
    const { url } = await grafanaDouble({ version: '9.3.2', boards: provisioned(files), anonymous: true });
    const record = await runStep({
      uses: 'grafana/dashboards',
      target: tempDir(files),
      with: { url, files: ['**/*.json'] },
    });
    expect([...new Set(codes(record))].toSorted()).toEqual(expected);
  });

  it.each([
    ['acme-widget-panel', ['panel-plugin-missing']],
    ['timeseries', []],
  ])('the list of plugins tells whether there is %s, where the settings are closed', async (type, expected) => {
    const board = small('fine');
    const [first, ...others] = board.panels ?? [];
    const panels = [{ ...first, type, targets: first?.targets ?? [] }, ...others];
    const { url } = await grafanaDouble({
      version: '9.3.2',
      boards: [{ ...board, panels }],
      anonymous: true,
      faults: { settingsClosed: true },
    });
    const record = await runStep({
      uses: 'grafana/dashboards',
      with: { url, dashboards: ['fine'], provisioned: false },
    });
    expect(codes(record)).toEqual(expected);
  });
});
