import { execFileSync, spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../src/hosts/ports.ts';
import { codes, runStep, runSteps, tempDir } from '../rig/run-step.ts';
import { needing } from '../rig/have.ts';
import { serve } from '../rig/serve.ts';

const group = (...rules: string[]) =>
  `groups:\n  - name: g\n    interval: 15s\n    rules:\n${rules.map((rule) => `      - ${rule}\n`).join('')}`;
const good = `{ alert: Good, expr: 'queue_depth > 10', for: 1m, annotations: { summary: 'Queue {{ $labels.queue }} holds {{ $value }}', runbook: x.md } }`;
const drill = (rules: string, more: object = {}) =>
  runStep({
    uses: 'prometheus/drill',
    target: tempDir({ 'rules.yml': rules }),
    with: { rules: ['rules.yml'], require: ['logic'], ...more },
  });

const [title, skip] = needing('prometheus/drill in unit, with a real promtool', 'promtool');
describe.skipIf(skip)(title, () => {
  it('passes where an alert fires and does not', async () => {
    const record = await drill(group(good));
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.facts).toMatchObject({ 'drills.count': 1, 'drills.coverage': 100 });
    expect(record.proofs[0]).toBe(
      'Good goes inactive → pending → firing with 1 series, and stays inactive with 1 others',
    );
    expect(record.tables.find((t) => t.title === 'Timeline')?.rows[0]?.[1]).toMatch(
      /^unit: inactive 0 s ─▶ pending .* ─▶ firing /,
    );
    expect(record.weak).toContain('logic');
  });

  it.each([
    ['a condition that cannot hold', `{ alert: A, expr: 'x > 1 and x < 1' }`, {}, ['unsolved']],
    [
      'sides of a division that never meet',
      `{ alert: A, expr: 'sum(rate(e_total[5m])) / sum by (op) (rate(t_total[5m])) > 0.05' }`,
      {},
      ['unsolved'],
    ],
    ['an alert that is always true', `{ alert: A, expr: 'x * 0 >= 0' }`, {}, ['unconditional']],
    [
      'a label that is aggregated away',
      `{ alert: A, expr: 'sum by (b) (x) > 1', annotations: { summary: '{{ $labels.a }}' } }`,
      {},
      ['annotation-label'],
    ],
    [
      'a text that cannot be rendered',
      `{ alert: A, expr: 'x > 1', annotations: { summary: '{{ .Nope }}' } }`,
      {},
      ['annotation-broken'],
    ],
    [
      'a template function that is not there',
      `{ alert: A, expr: 'x > 1', annotations: { summary: '{{ $value | nope }}' } }`,
      {},
      ['rules-refused'],
    ],
    [
      'a function that this promtool does not know',
      `{ alert: A, expr: 'future_function(x) > 1' }`,
      {},
      ['promtool-too-old'],
    ],
    ['a runbook that is missing', `{ alert: A, expr: 'x > 1' }`, { annotations: ['runbook'] }, ['annotation-missing']],
    [
      'a for that is far too long, of what never fires',
      `{ alert: A, expr: 'x > 1 and x < 0', for: 10h }`,
      { firesWithin: '10m' },
      ['unsolved'],
    ],
    ['a for that is far too long', `{ alert: A, expr: 'x > 1', for: 10h }`, { firesWithin: '10m' }, ['fires-late']],
    ['a name that is no alert', good, { alerts: ['Goood'] }, ['alert-missing']],
    [
      'alerts that nobody drilled',
      `{ alert: A, expr: 'x > 1' }\n      - { alert: B, expr: 'y > 1' }`,
      { alerts: ['A'], coverage: 100 },
      ['coverage'],
    ],
    ['live series that were not asked for', good, { require: ['logic', 'live'] }, ['live-unknown']],
    ['a delivery that unit cannot show', good, { require: ['logic', 'delivery'] }, ['not-delivered']],
    ['a rules file without an alert', `{ record: 'a:b', expr: 'x' }`, {}, ['no-alerts']],
  ])('finds %s', async (_, rules, more, expected) => {
    const record = await drill(group(rules), more);
    expect(codes(record)).toEqual(expected);
    expect(record.outcome).not.toBe('passed');
  });

  it.each([
    ['an alert on presence alone', `{ alert: A, expr: 'job_info{state="broken"}' }`],
    ['a count of what is there', `{ alert: A, expr: 'count(queue_depth{zone="a"}) >= 1' }`],
  ])('only warns of %s', async (_, rules) => {
    const record = await drill(group(rules));
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => f.code)).toEqual(['fires-on-presence']);
  });

  it.each([
    ['a heartbeat', `{ alert: Watchdog, expr: 'vector(1)' }`],
    ['that another alert fires', `{ alert: A, expr: 'count(ALERTS{alertstate="firing"}) >= 1' }`],
    [
      'a guarded label',
      `{ alert: A, expr: 'sum(x) > 1', annotations: { summary: '{{ if $labels.a }}{{ $labels.a }}{{ end }} many' } }`,
    ],
    [
      'an alert on a recorded series',
      `{ record: 'job:e:ratio', expr: 'sum by (job) (rate(e_total[5m])) / sum by (job) (rate(t_total[5m]))' }\n      - { alert: A, expr: 'job:e:ratio{job="api"} > 0.1', for: 5m }`,
    ],
  ])('passes %s', async (_, rules) =>
    expect(await drill(group(rules))).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    [
      'labels of `without` are of one side alone',
      `{ alert: A, expr: 'load_now / count without (cpu) (cpu_seconds_total{mode="idle"}) > 2', for: 5m }`,
    ],
    [
      'a sum without a label, beside its limit',
      `{ alert: A, expr: 'sum without (db) (pool_active) / pool_max > 0.8', for: 5m }`,
    ],
    [
      'two `without`, one in the other',
      `{ alert: A, expr: 'max without (cpu) (sum without (mode) (busy)) > on (instance) limit', for: 5m }`,
    ],
    [
      'one of two series is zero, the sum is not',
      `{ alert: A, expr: 'members == 0 and on (job) sum by (job) (members) > 0', for: 5m }`,
    ],
    ['one target is down, not all', `{ alert: A, expr: 'up == 0 unless on (job) (sum by (job) (up) == 0)', for: 5m }`],
    [
      'groups that differ in a label which `without` takes away',
      `{ alert: A, expr: 'count without (sha) (count by (job, sha) (cfg_hash)) > 1', for: 5m }`,
    ],
    [
      'a share that is above the mean of its kind',
      `{ alert: A, expr: 'load > on (job) group_left () (avg by (job) (load) * 1.5)', for: 5m }`,
    ],
    ['more changes than a sample a minute shows', `{ alert: A, expr: 'changes(if_oper[5m]) > 5' }`],
    [
      'a value that was high and is low',
      `{ alert: A, expr: 'uptime / 100 < 600 and (uptime offset 10m) / 100 > 600' }`,
    ],
    [
      'a minority that differs from the rest',
      `{ alert: A, expr: 'count by (cluster) (q == 0) <= count by (cluster) (meta) - floor(count by (cluster) (meta) / 2 + 1)', for: 30s }`,
    ],
    [
      'a template that queries another metric',
      `{ alert: A, expr: 'health == 1', annotations: { summary: '{{ with query "count(disk_up == 0)" }}{{ . | first | value }}{{ end }} of {{ query "count(disk_up)" | first | value }}' } }`,
    ],
    [
      'a template that queries a rate above a bound',
      `{ alert: A, expr: 'health == 1', annotations: { summary: '{{ query "sum(rate(errs_total{job=\\"a\\"}[5m])) > 3" | first | value }}' } }`,
    ],
  ])('solves %s', async (_, rules) =>
    expect(await drill(group(rules))).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    [`{ alert: A, expr: 'histogram_fraction(0, 0.2, rate(lat_seconds[5m])) < 0.9' }`],
    [`{ alert: A, expr: 'count(up) > 1 and count(up) < 1' }`],
    [`{ alert: A, expr: 'members == 0 and members > 0' }`],
    [`{ alert: A, expr: 'max by (job) (members) < min by (job) (members)' }`],
  ])('does not call solved or unconditional what was not tried, or cannot be: %s', async (rules) =>
    expect(codes(await drill(group(rules)))).toEqual(['unsolved']),
  );

  it('what only a template query misses is not called broken', async () => {
    const record = await drill(
      group(
        `{ alert: A, expr: 'x > 1', annotations: { summary: '{{ query (printf "y{a=%q}" $labels.a) | first | value }}' } }`,
      ),
    );
    expect(record.findings).toMatchObject([{ code: 'annotation-broken', level: 'inconclusive' }]);
  });

  it('counts a waived alert out, with its reason', async () => {
    const record = await drill(group(good, `{ alert: B, expr: 'y > 1 and y < 1' }`), {
      waive: [{ alert: 'B', reason: 'next milestone' }],
    });
    expect(record).toMatchObject({ outcome: 'passed', facts: { 'drills.waived': 1, 'drills.coverage': 100 } });
    expect(record.tables[0]?.rows[1]?.[1]).toBe('waived: next milestone');
  });

  describe('for a running Prometheus of another major version', () => {
    const five = `{ alert: Five, expr: 'count_over_time(up[1m]) >= 5', for: 1m }`;
    const four = `{ alert: Four, expr: 'count_over_time(up[1m]) >= 4', for: 1m }`;
    const against = async (version: string) => {
      const rules = group(five, four);
      const answer = (data: unknown): { body: string } => ({ body: JSON.stringify({ status: 'success', data }) });
      return drill(rules, {
        url: await serve({
          '/api/v1/status/buildinfo': answer({ version }),
          '/api/v1/rules': answer({ groups: [] }),
          '/api/v1/label/': answer([]),
          '/api/v1/query': answer({ resultType: 'vector', result: [] }),
        }),
        within: '1s',
        // Samples at every 15 s: a range of a minute that is open on the left has four of them.
        series: Object.fromEntries(
          ['Five', 'Four'].map((name) => [
            name,
            {
              interval: '15s',
              firing: [{ series: 'up{a="1"}', values: '1x40' }],
              quiet: [{ series: 'up{a="1"}', values: '1 _x40' }],
            },
          ]),
        ),
      });
    };
    it('ranges are read as that one reads them, and both versions are named', async () => {
      const record = await against('3.5.0');
      expect(
        record.findings.filter(({ level }) => level === 'inconclusive').map((f) => `${f.subject} ${f.code}`),
      ).toEqual(['Five unsolved']);
      expect(record.findings.find(({ code }) => code === 'promtool-other-major')?.message).toMatch(
        /promtool is 2\.\S+, the running Prometheus 3\.5\.0: ranges were put as 3\.x reads them/,
      );
    });
    it('of the same one they stay as they are', async () => {
      const record = await against('2.53.0');
      expect(record.findings.map(({ code }) => code)).not.toContain('promtool-other-major');
      expect(codes(record)).not.toContain('unsolved');
    });
  });

  it('takes given series, and does not believe them', async () => {
    const rules = group(`{ alert: A, expr: 'x > 3 and x < 4', for: 1m }`);
    const given = (firing: string) => ({
      series: {
        A: {
          interval: '15s',
          firing: [{ series: 'x{a="1"}', values: firing }],
          quiet: [{ series: 'x{a="1"}', values: '1x40' }],
        },
      },
    });
    expect((await drill(rules, given('3.5+0x40'))).outcome).toBe('passed');
    expect(codes(await drill(rules, given('7+0x40')))).toEqual(['unsolved']);
  });

  it('a drill of an earlier step counts for the same rule only', async () => {
    const two = (alert: string) => ({
      uses: 'prometheus/drill',
      with: { rules: ['rules.yml'], require: ['logic'], alerts: [alert], coverage: 50 },
    });
    const target = tempDir({ 'rules.yml': group(good, `{ alert: B, expr: 'y > 1' }`) });
    const { record } = await runSteps(
      [
        { id: 'first', ...two('Good') },
        { id: 'second', needs: ['first'], ...two('B') },
      ],
      { target },
    );
    expect(record.steps.map((step) => step.facts['drills.coverage'])).toEqual([50, 100]);
  });

  it.each([
    ['a file that is not there', {}, ['no-alerts', 'rules-missing']],
    ['an empty file', { 'rules.yml': '' }, ['no-alerts']],
    ['a file that is no YAML', { 'rules.yml': 'groups: [' }, ['rules-refused']],
  ])('%s is no pass', async (_, files: Record<string, string>, expected) => {
    const record = await runStep({
      uses: 'prometheus/drill',
      target: tempDir(files),
      with: { rules: ['rules.yml'], require: ['logic'] },
    });
    expect(codes(record)).toEqual(expected);
  });
});

const app = `let up = true;
require('http').createServer((q, r) => r.end('depth{queue="a"} 1\\nfails_total{op="x"} 1\\n')).listen(Number(process.argv[2]), '127.0.0.1');`;
const live = (more: string[] = [], scrape = '', extra: Record<string, string> = {}) => ({
  target: tempDir({
    'app.cjs': app,
    'rules.yml': group(
      `{ alert: Down, expr: 'up{job="app"} == 0', for: 2s, annotations: { runbook: x } }`,
      `{ alert: Deep, expr: 'max by (queue) (depth) > 5', for: 2s, annotations: { runbook: x } }`,
      `{ alert: Total, expr: 'sum(depth) > 1000' }`,
      `{ alert: Gone, expr: 'absent(depth)', for: 5m }`,
      `{ alert: Heartbeat, expr: 'vector(1)' }`,
    ).replace('interval: 15s', 'interval: 1s'),
    'odd.yml': group(
      `{ alert: Joins, expr: 'depth / on (job, instance, queue) fails_total > 5' }`,
      `{ alert: Sides, expr: '(depth > 5) and on (job, queue) (fails_total > 3)' }`,
      `{ alert: Inside, expr: 'sum by (queue) (depth > 5) / sum by (op) (fails_total != 3) > 1' }`,
      `{ alert: Spared, expr: 'depth > 5 unless on (job, queue) (fails_total > 3)' }`,
      `{ alert: Meets, expr: '(depth > 5) and on (job) (fails_total > 3)' }`,
      `{ alert: Sick, expr: 'depth + on (job) {__name__=~"depth|fails_total"} > 5' }`,
      `{ alert: Value, expr: 'depth{queue="z"} > 5' }`,
      `{ alert: Label, expr: 'depth{colour="red"} > 5' }`,
      `{ alert: Nobody, expr: 'nobody_exports_this > 5' }`,
      `{ alert: Text, expr: 'depth > 5', annotations: { summary: 'In {{ $labels.colour }}' } }`,
      `{ alert: Either, expr: 'nobody_a > 1 or nobody_b > 1' }`,
      `{ alert: Changed, expr: 'depth > 5' }`,
      `{ alert: Static, expr: 'depth > 5', labels: { team: x }, annotations: { summary: 'For {{ $labels.team }}' } }`,
    )
      .replace('name: g', 'name: odd')
      .replace('interval: 15s', 'interval: 1s'),
    'other.yml': group(`{ alert: Changed, expr: 'depth > 50' }`, `{ alert: Unloaded, expr: 'depth > 5' }`),
    'prometheus.yml': `global: { scrape_interval: 1s, scrape_timeout: 500ms, evaluation_interval: 1s }
rule_files: [rules.yml, odd.yml]
scrape_configs:
  - { job_name: app, static_configs: [{ targets: ["APP"] }] }
${scrape}`,
    ...extra,
  }),
  stack: {
    processes: {
      app: {
        argv: [process.execPath, 'app.cjs', '${{ port.app }}'],
        ready: { url: 'http://127.0.0.1:${{ port.app }}/' },
      },
      prometheus: {
        after: ['app'],
        files: [
          { from: 'prometheus.yml', to: 'prometheus.yml', replace: { APP: '127.0.0.1:${{ port.app }}' } },
          { from: 'rules.yml', to: 'rules.yml' },
          { from: 'odd.yml', to: 'odd.yml' },
        ],
        argv: [
          'prometheus',
          '--config.file=${{ dir }}/prometheus.yml',
          '--storage.tsdb.path=${{ dir }}/data',
          '--web.listen-address=127.0.0.1:${{ port.prometheus }}',
          ...more,
        ],
        ready: { url: 'http://127.0.0.1:${{ port.prometheus }}/-/ready' },
        url: 'http://127.0.0.1:${{ port.prometheus }}',
      },
    },
  },
});
const url = '${{ facts.stack.prometheus.url }}';
const up = { id: 'stack', uses: 'stack/up', with: { stableFor: '100ms' } };

const [realTitle, realSkip] = needing('prometheus/drill with a real Prometheus', 'promtool', 'prometheus');
describe.skipIf(realSkip)(realTitle, { concurrent: true }, () => {
  it('sandbox: fires, delivers and resolves, absence too', async () => {
    const record = await runStep({
      uses: 'prometheus/drill',
      target: live().target,
      with: {
        mode: 'sandbox',
        rules: ['rules.yml'],
        require: ['logic', 'delivery'],
        alerts: ['Down', 'Deep', 'Gone', 'Heartbeat'],
      },
    });
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    const rows = record.tables.find((t) => t.title === 'Timeline')?.rows ?? [];
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const row of rows.slice(0, 3)) expect(row[1]).toMatch(/\| .*firing.*delivered.*resolved/);
  });

  it('fault: kills and pauses a real process, sees the alert fire, and the recovery; live series are told apart', async () => {
    const fault = (id: string, how: string, needs: string[]) => ({
      id,
      uses: 'prometheus/drill',
      needs,
      with: { mode: 'fault', url, rules: ['rules.yml'], alerts: ['Down'], fault: { service: 'app', how } },
    });
    const { record } = await runSteps(
      [
        up,
        {
          id: 'unit',
          uses: 'prometheus/drill',
          needs: ['stack'],
          with: { url, rules: ['rules.yml', 'more.yml'], within: '10s' },
        },
        fault('kill', 'kill', ['stack']),
        fault('pause', 'pause', ['kill']),
        fault('nobody', 'stop', ['pause']),
        {
          id: 'loaded',
          uses: 'prometheus/drill',
          needs: ['pause'],
          with: { url, within: '120s', alerts: ['Down', 'Deep', 'Total', 'Gone', 'Heartbeat'] },
        },
      ].map((step) =>
        step.id === 'nobody' ? { ...step, with: { ...step.with, fault: { service: 'nobody', how: 'stop' } } } : step,
      ),
      (() => {
        const at = live();
        return { stack: at.stack, target: at.target };
      })(),
    );
    const of = (id: string) => record.steps.find((step) => step.id === id) ?? expect.fail(id);
    // What is loaded from another file counts too.
    expect(codes(of('unit'))).toEqual(['coverage', 'rules-missing']);
    expect(of('kill')).toMatchObject({ outcome: 'passed', findings: [] });
    expect(of('kill').proofs.join('\n')).toMatch(/inactive → app: kill → pending → firing → app: back → .*resolved/);
    expect(of('pause')).toMatchObject({ outcome: 'passed', findings: [] });
    expect(codes(of('nobody'))).toEqual(['no-such-service']);
    expect(of('loaded')).toMatchObject({ outcome: 'passed', findings: [] });
  });

  it('tells live series apart: missing, without the label, without a partner, loaded otherwise', async () => {
    const at = live();
    const { record } = await runSteps(
      [
        up,
        { id: 'ready', uses: 'prometheus/targets', needs: ['stack'], with: { url, jobs: [{ name: 'app' }] } },
        {
          id: 'odd',
          uses: 'prometheus/drill',
          needs: ['ready'],
          with: { url, rules: ['odd.yml', 'other.yml'], within: '2s', coverage: 0 },
        },
      ],
      at,
    );
    const of = (id: string) => record.steps.find((step) => step.id === id) ?? expect.fail(id);
    const found = (id: string) =>
      of(id)
        .findings.map((f) => `${f.subject} ${f.code} ${f.level}`)
        .toSorted();
    expect(found('odd')).toEqual([
      'Changed loaded-differs error',
      'Either series-missing error',
      'Inside never-joins error',
      'Inside unsolved inconclusive',
      'Joins never-joins error',
      'Label label-missing error',
      'Nobody series-missing error',
      'Sick rule-unhealthy error',
      'Sides never-joins error',
      'Spared never-joins warning',
      'Static annotation-label error',
      'Text annotation-label error',
      'Unloaded not-loaded error',
      'Value value-missing warning',
    ]);
    expect(of('odd').tables[0]?.rows.map((row) => row[1])).toContain('never drilled: loaded, but in no file');
  });

  it('inject: remote write fires the running alert under labels of its own; an aggregate without by is refused', async () => {
    const at = live(['--web.enable-remote-write-receiver']);
    const inject = (id: string, alerts: string[], more: object = {}) => ({
      id,
      uses: 'prometheus/drill',
      needs: ['stack'],
      with: { mode: 'inject', url, rules: ['rules.yml'], alerts, confirmLive: true, ...more },
    });
    const { record } = await runSteps(
      [
        up,
        inject('deep', ['Deep']),
        inject('mixed', ['Total', 'Gone']),
        inject('asked', ['Deep'], { confirmLive: false }),
      ],
      at,
    );
    const of = (id: string) => record.steps.find((step) => step.id === id) ?? expect.fail(id);
    expect(of('deep')).toMatchObject({ outcome: 'passed', findings: [] });
    expect(of('deep').proofs.join('\n')).toMatch(/Deep fired in the running Prometheus and was resolved/);
    expect(codes(of('mixed'))).toEqual(['drill-refused', 'drill-refused']);
    expect(codes(of('asked'))).toEqual(['drill-refused']);
  });

  it('inject: a pushgateway, whose groups are deleted again', async () => {
    const groups = new Map<string, string>();
    const seen: string[] = [];
    const gateway = await serve({
      '/metrics/': (response, body, path, method) => {
        seen.push(method);
        const [, job = '', tag = ''] = /job@base64\/([^/]+)\/verify_drill\/(.+)$/.exec(path) ?? [];
        const own = `job="${Buffer.from(job, 'base64url').toString()}",verify_drill="${tag}"`;
        if (method === 'DELETE') groups.delete(path);
        else groups.set(path, body.replaceAll(/\{(.*)\} /g, `{$1,${own}} `));
        response.writeHead(202).end();
      },
      '/metrics': (response) =>
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end([...groups.values()].join('')),
    });
    const at = live(
      [],
      `  - { job_name: push, honor_labels: true, static_configs: [{ targets: ["${new URL(gateway).host}"] }] }\n`,
    );
    const { record } = await runSteps(
      [
        up,
        {
          id: 'pushed',
          uses: 'prometheus/drill',
          needs: ['stack'],
          with: {
            mode: 'inject',
            url,
            rules: ['rules.yml'],
            alerts: ['Deep'],
            confirmLive: true,
            pushgateway: gateway,
          },
        },
      ],
      at,
    );
    expect(record.steps[1]).toMatchObject({ outcome: 'passed', findings: [] });
    expect(seen.at(-1)).toBe('DELETE');
    expect(groups.size).toBe(0);
  });

  it('inject: a shadow target by file_sd, where nothing else is allowed', async () => {
    const folder = tempDir();
    const at = live(
      [],
      `  - { job_name: shadow, file_sd_configs: [{ files: ["${folder}/*.json"], refresh_interval: 1s }] }\n`,
    );
    const inject = (id: string, more: object = {}) => ({
      id,
      uses: 'prometheus/drill',
      needs: ['stack'],
      with: { mode: 'inject', url, rules: ['rules.yml'], alerts: ['Deep'], confirmLive: true, ...more },
    });
    const { record } = await runSteps([up, inject('no-way'), inject('shadow', { fileSd: `${folder}/drill.json` })], at);
    const of = (id: string) => record.steps.find((step) => step.id === id) ?? expect.fail(id);
    expect(codes(of('no-way'))).toEqual(['drill-refused']);
    expect(of('shadow')).toMatchObject({ outcome: 'passed', findings: [] });
  });

  it('asks a Prometheus behind TLS and a password', async () => {
    const target = tempDir({
      'rules.yml': group(`{ alert: Heartbeat, expr: 'vector(1)' }`).replace('interval: 15s', 'interval: 1s'),
      'prometheus.yml': 'rule_files: [rules.yml]\n',
      // The hash of "test" in Prometheus's own documentation.
      'web.yml': `tls_server_config: { cert_file: cert.pem, key_file: key.pem }
basic_auth_users: { admin: "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay" }
`,
    });
    const request = '-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
    execFileSync('openssl', ['req', ...request.split(' '), '-keyout', 'key.pem', '-out', 'cert.pem'], {
      cwd: target,
      stdio: 'ignore',
    });
    const port = await freePort();
    const prometheus = spawn(
      'prometheus',
      [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=data',
        '--web.config.file=web.yml',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { cwd: target, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    prometheus.stderr.on('data', (part: Buffer) => (log += part.toString()));
    try {
      await expect.poll(() => log, { timeout: 240_000 }).toContain('ready to receive');
      process.env['VERIFY_TEST_PASSWORD'] = 'test';
      const with_ = { url: `https://127.0.0.1:${port}`, tls: { ca: 'cert.pem' }, within: '5s' };
      const asked = (more: object) =>
        runStep({ uses: 'prometheus/drill', target, secrets: ['VERIFY_TEST_PASSWORD'], with: { ...with_, ...more } });
      const basic = { user: 'admin', password: 'VERIFY_TEST_PASSWORD' };
      expect(await asked({ basic, within: '120s' })).toMatchObject({ outcome: 'passed', findings: [] });
      expect(codes(await asked({}))).toEqual(['unauthorized']);
      expect(codes(await asked({ basic, tls: undefined }))).toEqual(['unreachable']);
    } finally {
      prometheus.kill();
    }
  });
});
