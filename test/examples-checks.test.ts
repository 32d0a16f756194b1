import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './rig/cli.ts';
import { codes, runStep, tempDir } from './rig/run-step.ts';

const folder = join(root, 'examples', 'checks');
const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});

/** The example as it is, in a repository with these files; those below bin/ are programs on PATH. */
function run(name: string, given: object, files: Record<string, string>) {
  const target = tempDir({ ...files, [`checks/${name}.mjs`]: readFileSync(join(folder, `${name}.mjs`), 'utf8') });
  for (const file of Object.keys(files)) if (/^bin\/|\.sh$/.test(file)) chmodSync(join(target, file), 0o755);
  process.env['PATH'] = `${join(target, 'bin')}:${path}`;
  return { target, step: () => runStep({ uses: `./checks/${name}.mjs`, with: given, target }) };
}
const judged = async (one: ReturnType<typeof run>) => {
  const step = await one.step();
  return [step.outcome, codes(step)];
};

describe('checks that are ready to copy', () => {
  it('are six, each under 40 lines', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs'));
    expect(names).toHaveLength(6);
    for (const name of names)
      expect(readFileSync(join(folder, name), 'utf8').split('\n').length, name).toBeLessThanOrEqual(42);
  });

  it('each has a test beside it, which runs as it stands', { timeout: 120_000 }, () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'));
    expect(names).toHaveLength(6);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = ['--test', '--test-reporter=tap', ...names];
    const said = execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    expect(said).toMatch(/^# pass 6$/m);
  });

  const all = '/usr/lib/postgresql';
  const server = (existsSync(all) ? readdirSync(all) : [])
    .map((version) => join(all, version, 'bin'))
    .find((one) => existsSync(join(one, 'initdb')));
  const met = `migrations: met a PostgreSQL${server === undefined ? ' (skipped, because postgresql is not on this machine)' : ''}`;
  // Its server refuses to run as root.
  it.skipIf(server === undefined)(met, { timeout: 180_000 }, async () => {
    const data = tempDir();
    const isRoot = process.getuid?.() === 0;
    if (isRoot) execFileSync('chown', ['postgres', data]);
    const as = (program: string, ...args: string[]): void => {
      const all = [join(server ?? '', program), ...args];
      const [first = '', ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', ...all] : all;
      execFileSync(first, rest, { cwd: data, stdio: 'ignore' });
    };
    as('initdb', '-D', join(data, 'db'), '-U', 'postgres', '-A', 'trust');
    as(
      'pg_ctl',
      '-D',
      join(data, 'db'),
      '-w',
      '-o',
      `-k ${data} -c listen_addresses=''`,
      '-l',
      join(data, 'log'),
      'start',
    );
    const own = { PGHOST: data, PGUSER: 'postgres' };
    Object.assign(process.env, own);
    try {
      const sql = (text: string): string[] => ['psql', '-qc', text];
      const given = { up: sql('CREATE TABLE a (id int)'), down: sql('DROP TABLE a') };
      expect(await judged(run('migrations', given, {}))).toEqual(['passed', []]);
      expect(await judged(run('migrations', { ...given, down: sql('SELECT 1') }, {}))).toEqual([
        'failed',
        ['down-leaves', 'up-failed'],
      ]);
    } finally {
      for (const name of Object.keys(own)) delete process.env[name];
      as('pg_ctl', '-D', join(data, 'db'), '-m', 'immediate', 'stop');
    }
  });

  it.each([
    ['all allowed', { a: 'MIT', b: '(GPL-3.0 OR ISC)' }, 'passed', []],
    ['one denied', { a: 'MIT', b: 'GPL-3.0' }, 'failed', ['licence-denied']],
    ['one of two that both hold', { a: 'MIT AND GPL-3.0' }, 'failed', ['licence-denied']],
    ['none said', { a: undefined }, 'failed', ['licence-denied']],
    ['no package', {}, 'error', ['nothing-asserted']],
  ])('licences: %s', async (_, licences, outcome, found) => {
    const packages = Object.fromEntries(
      Object.entries(licences).map(([name, license]) => [`node_modules/${name}`, { license }]),
    );
    const files = { 'package-lock.json': JSON.stringify({ packages: { '': {}, ...packages } }, undefined, 1) };
    expect(await judged(run('licences', { allow: ['MIT', 'ISC'] }, files))).toEqual([outcome, found]);
  });

  it.each([
    ['within', { count: 2000, p95: 120, failed: 0 }, 'passed', []],
    ['too slow', { count: 2000, p95: 900, failed: 0 }, 'failed', ['too-slow']],
    ['too few', { count: 3, p95: 120, failed: 0 }, 'failed', ['too-few-requests']],
    ['failed', { count: 2000, p95: 120, failed: 0.5 }, 'failed', ['too-many-failed']],
    ['nothing', {}, 'failed', ['not-measured', 'not-measured', 'not-measured']],
  ])('load-test: %s', async (_, seen: { count?: number; p95?: number; failed?: number }, outcome, found) => {
    const metrics = {
      http_reqs: { count: seen.count },
      http_req_duration: { 'p(95)': seen.p95 },
      http_req_failed: { value: seen.failed },
    };
    const given = { summary: 'out/k6.json', requests: 1000, p95: 300, failed: 0.01 };
    expect(await judged(run('load-test', given, { 'out/k6.json': JSON.stringify({ metrics }) }))).toEqual([
      outcome,
      found,
    ]);
  });

  it('load-test: a summary of last week says nothing', async () => {
    const metrics = { http_reqs: { count: 9 }, http_req_duration: { 'p(95)': 1 }, http_req_failed: { value: 0 } };
    const one = run(
      'load-test',
      { summary: 's.json', requests: 1, p95: 9, failed: 0 },
      { 's.json': JSON.stringify({ metrics }) },
    );
    const then = Date.now() / 1000 - 7 * 86_400;
    utimesSync(join(one.target, 's.json'), then, then);
    expect(await judged(one)).toEqual(['error', ['stale']]);
  });

  it.each([
    ['closed', [{ title: 'v1', open_issues: 0, closed_issues: 4 }], 'passed', []],
    ['open', [{ title: 'v1', open_issues: 2, closed_issues: 4 }], 'failed', ['issues-open']],
    ['empty', [{ title: 'v1', open_issues: 0, closed_issues: 0 }], 'failed', ['milestone-empty']],
    ['another', [{ title: 'v10', open_issues: 0, closed_issues: 4 }], 'failed', ['milestone-missing']],
    ['nobody to ask', undefined, 'error', ['cannot-ask']],
  ])('milestone-closed: %s', async (_, answer, outcome, found) => {
    const gh =
      answer === undefined
        ? '#!/bin/sh\necho "not logged in" >&2; exit 4\n'
        : `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`;
    expect(await judged(run('milestone-closed', { repository: 'a/b', milestone: 'v1' }, { 'bin/gh': gh }))).toEqual([
      outcome,
      found,
    ]);
  });

  it('sbom: present, about this release, and signed', async () => {
    const keys = tempDir();
    for (const name of ['ci', 'other'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)]);
    const [type, data] = readFileSync(join(keys, 'ci.pub'), 'utf8').split(' ');
    const signers = `ci@example.org namespaces="sbom" ${type} ${data}\n`;
    const sbom = (version: string, components: object[]) =>
      JSON.stringify({ bomFormat: 'CycloneDX', metadata: { component: { name: 'app', version } }, components });
    const given = {
      sbom: 'dist/app.cdx.json',
      name: 'app',
      version: '1.4.0',
      signers: 'signers',
      signer: 'ci@example.org',
    };
    const signed = (text: string, key: string) => {
      const one = run('sbom', given, { 'dist/app.cdx.json': text, signers });
      execFileSync(
        'ssh-keygen',
        ['-q', '-Y', 'sign', '-f', join(keys, key), '-n', 'sbom', join(one.target, 'dist/app.cdx.json')],
        { stdio: 'ignore' },
      );
      return one;
    };
    expect(await judged(signed(sbom('1.4.0', [{ name: 'x' }]), 'ci'))).toEqual(['passed', []]);
    expect(await judged(signed(sbom('1.3.0', []), 'ci'))).toEqual(['failed', ['sbom-empty', 'sbom-other']]);
    expect(await judged(signed(sbom('1.4.0', [{ name: 'x' }]), 'other'))).toEqual(['failed', ['sbom-unsigned']]);
    expect(await judged(run('sbom', given, { signers }))).toEqual(['failed', ['sbom-missing']]);
  });

  // A stand-in for PostgreSQL's own programs: the database is a file of statements.
  const postgres = {
    'bin/createdb': '#!/bin/sh\n: > db.sql\n',
    'bin/dropdb': '#!/bin/sh\nrm -f db.sql\n',
    'bin/pg_dump': '#!/bin/sh\necho "-- dumped now"; cat db.sql\n',
    'up.sh': '#!/bin/sh\necho "CREATE TABLE a ();" >> db.sql\n',
    'down.sh': '#!/bin/sh\n: > db.sql\n',
  };
  it.each<[string, Record<string, string>, string, string[]]>([
    ['up, down, up', {}, 'passed', []],
    ['down leaves a table', { 'down.sh': '#!/bin/sh\nexit 0\n' }, 'failed', ['down-leaves', 'up-differs']],
    ['down fails', { 'down.sh': '#!/bin/sh\nexit 1\n' }, 'failed', ['down-failed']],
    ['up does nothing', { 'up.sh': '#!/bin/sh\nexit 0\n' }, 'failed', ['nothing-migrated']],
    ['no database', { 'bin/createdb': '#!/bin/sh\nexit 1\n' }, 'error', ['no-database']],
  ])('migrations: %s', async (_, files, outcome, found) => {
    expect(
      await judged(run('migrations', { up: ['./up.sh'], down: ['./down.sh'] }, { ...postgres, ...files })),
    ).toEqual([outcome, found]);
  });

  it.each([
    ['all is back', '5', '5', 'passed', []],
    ['rows are lost', '5', '4', 'failed', ['rows-lost']],
    ['nothing was there', '0', '0', 'failed', ['nothing-to-back-up']],
    ['nothing is said', '', '', 'failed', ['nothing-to-back-up']],
  ])('backup-restore: %s', async (_, before, after, outcome, found) => {
    const given = { count: ['echo', before], backup: ['true'], restore: ['true'], recount: ['echo', after] };
    expect(await judged(run('backup-restore', given, {}))).toEqual([outcome, found]);
    const broken = run('backup-restore', { ...given, backup: ['false'] }, {});
    expect(await judged(broken)).toEqual(['failed', ['backup-failed']]);
  });
});
