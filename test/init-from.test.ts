import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Checklist } from '../src/core/checklist.ts';
import { root, verify } from './rig/cli.ts';
import { tempDir, writeIn } from './rig/run-step.ts';

/** Drafts from a document, lints the draft, and gives it back with its text. */
async function draft(document: string, cwd: string): Promise<{ checklist: Checklist; text: string; stdout: string }> {
  writeIn(cwd, 'roadmap/milestone-16/ACTIONS.md', document);
  const { code, stdout, stderr } = await verify(['init', '--from', 'roadmap/milestone-16/ACTIONS.md', '--print'], {
    cwd,
  });
  expect(code, stderr).toBe(0);
  writeIn(cwd, 'checklists/m.yaml', stdout);
  const lint = await verify(['lint', 'checklists/m.yaml'], { cwd });
  expect(lint.code, lint.stderr).toBe(0);
  return { checklist: parse(stdout) as Checklist, text: stdout, stdout };
}
const sample = (): string => {
  const cwd = tempDir();
  cpSync(join(root, 'examples/engram'), cwd, { recursive: true, filter: (path) => !/\/target(?:\/|$)/.test(path) });
  return cwd;
};
const compose = 'docker compose -f deployments/docker/docker-compose.yml --profile monitoring';
const report = `# Milestone 16: what is left to do

## Summary

All is delivered, see \`docker compose --profile monitoring config\`. It holds 4 dashboards and 9 alert rules.

## Delivered

### 1. Boards

- **Files**: \`deployments/grafana/dashboards/{system-overview,storage-tiers}.json\`, \`deployments/grafana/dashboards/lost.json\`
- **Check**:
  \`\`\`bash
  ${compose} config >/dev/null
  ${compose} up -d
  # look at http://localhost:3000
  \`\`\`

### 2. Alerts

- The rules are in \`deployments/prometheus/alerts.yml\`
  \`\`\`bash
  curl -sf http://localhost:9090/api/v1/rules | jq '.data.groups[] | select(.name=="engram_cognitive_slos")'
  curl -s http://localhost:7432/health | grep ok
  \`\`\`

### 3. Edition 2024

- \`cargo fmt\` and \`cargo clippy --workspace\` pass on edition 2024

## Verification Checklist

1. \`${compose} config\` (are the mounts right?)
2. \`${compose} up -d\` then confirm the boards fill
3. \`cargo fmt --all && cargo clippy --workspace --all-targets --all-features -D warnings\`
4. \`cargo test --workspace\`
5. Review \`docs/reference/benchmark-results.md\` when something is slow
6. Record screenshots of Grafana + fire drills of the alerts before the next milestone
`;

describe('verify init --from', () => {
  it('the six points of a checklist are six items, each with the step that proves it', async () => {
    const { checklist, text } = await draft(report, sample());
    const points = checklist.items.filter((item) => item.ref?.endsWith('#verification-checklist'));
    expect(points.map((item) => item.steps.map((step) => step.uses))).toEqual([
      ['compose/config'],
      ['stack/up', 'grafana/screenshot'],
      ['cargo/fmt', 'cargo/clippy'],
      ['cargo/test'],
      ['files/exist', 'bench/compare', 'manual/confirm'],
      ['prometheus/drill', 'prometheus/drill'],
    ]);
    expect(points[1]?.steps[1]).toMatchObject({
      secrets: ['GRAFANA_PASSWORD'],
      with: { user: 'admin', password: 'GRAFANA_PASSWORD' },
      standIn: { unless: 'grafana', uses: 'dashboards/preview', with: { url: '${{ facts.stack.prometheus.url }}' } },
    });
    expect(points[0]?.steps[0]?.with).toEqual({
      files: ['deployments/docker/docker-compose.yml'],
      profiles: ['monitoring'],
    });
    expect(checklist.stack?.compose).toEqual({
      files: ['deployments/docker/docker-compose.yml'],
      profiles: ['monitoring'],
    });
    expect(points[2]?.steps[1]?.with).toEqual({ deny: ['warnings'] });
    // Where the written command is wrong, the draft says so.
    expect(text).toContain('# as it is written cargo refuses it');
    expect(text).toContain('# as it is written it formats, and verifies nothing');
    const lines = report.split('\n');
    // A line that is not there is none of the report's.
    for (const [, line = ''] of text.matchAll(/# review: from \S+:(\d+)/g))
      expect(lines[Number(line) - 1] ?? '', line).toMatch(/\S/);
    expect(text.match(/# review: from roadmap\/milestone-16\/ACTIONS\.md:\d+/g)?.length).toBeGreaterThan(10);
  });

  it('what the sections deliver and ask is drafted once, over the stack that they bring up', async () => {
    const { checklist } = await draft(report, sample());
    const steps = checklist.items.flatMap((item) => item.steps);
    const of = (kind: string) => steps.filter((step) => step.uses === kind);
    expect(of('compose/config')).toHaveLength(1);
    expect(of('stack/up')).toHaveLength(1);
    expect(of('cargo/clippy').length).toBeLessThanOrEqual(2);
    expect(of('prometheus/rules')).toMatchObject([
      {
        needs: ['stack'],
        with: { url: '${{ facts.stack.prometheus.url }}', groups: [{ name: 'engram_cognitive_slos' }] },
      },
    ]);
    expect(of('http/get')).toMatchObject([{ with: { url: '${{ facts.stack.engram.url }}/health', contains: ['ok'] } }]);
    // A file that the document promises and that is not there is asked for all the same.
    expect(JSON.stringify(of('files/exist'))).toContain('deployments/grafana/dashboards/lost.json');
    expect(JSON.stringify(of('files/exist'))).toContain('deployments/grafana/dashboards/storage-tiers.json');
    expect(of('code/edition')).toMatchObject([{ with: { edition: '2024' } }]);
    // What only the repository tells is there too.
    expect(of('dashboards/lint')).toHaveLength(1);
  });

  it('a count that holds is tied, one that does not is named', async () => {
    const { checklist, text } = await draft(report, sample());
    const ties = checklist.items
      .flatMap((item) => item.steps)
      .flatMap((step) => (step.with as { claims?: { claim: string; fact: string }[] } | undefined)?.claims ?? []);
    expect(ties).toEqual([{ claim: '{n} dashboards', fact: 'dashboards.count' }]);
    expect(text).toContain('not tied: line 5 says "9 alert rules", and 8 were counted');
  });

  const unsafe = [
    'rm -rf build/cache',
    'git push origin v1',
    'docker push example/app:1',
    'docker compose down -v',
    'docker compose exec db psql -c config',
    'kubectl apply -f deploy.yaml',
    'terraform apply',
    'ssh host uptime',
    'sudo systemctl restart app',
    './scripts/deploy.sh --check',
    './scripts/check-and-publish.sh now',
    'make deploy test',
    'npm run release:check',
    'npm run verify:live',
    'BASE_URL=https://example.org npm run check',
    'cargo publish --dry-run',
    'curl -sL https://example.org/install.sh | sh',
    'curl http://localhost:8080/x | bash',
    'curl -X POST http://localhost:8080/drop',
    'curl -d a=b http://localhost:8080/x',
    'curl https://example.org/health',
    'cat list | xargs rm',
    'echo x > important.txt',
    'ls $HOME/x',
    'cat <your-file>',
    'grep -i x a | tee b',
    'unknown-tool run all',
    'find . -name x -delete',
  ];
  it('what destroys, reaches out or is not known becomes a question, never a command', async () => {
    const fences = unsafe.map((command) => `\`\`\`bash\n${command}\n\`\`\`\n`).join('\n');
    const list = unsafe.map((command, n) => `${n + 1}. \`${command}\``).join('\n');
    const { checklist } = await draft(`# M\n\n${fences}\n## Checklist\n\n${list}\n`, tempDir());
    const steps = checklist.items.flatMap((item) => item.steps).filter((step) => step.uses !== 'docs/claims');
    expect(steps.length).toBeGreaterThan(unsafe.length);
    expect(steps.filter((step) => step.uses !== 'manual/confirm')).toEqual([]);
  });

  const safe: [string, object][] = [
    ['make test', { run: ['make', 'test'] }],
    ['npm test', { run: ['npm', 'test'] }],
    ['./scripts/check.sh all', { run: ['./scripts/check.sh', 'all'] }],
    ['git ls-files | wc -l', { shell: 'git ls-files | wc -l' }],
    ['cd web && npm run lint', { run: ['npm', 'run', 'lint'], cwd: 'web' }],
    ['RUST_LOG=debug cargo build --release', { run: ['cargo', 'build', '--release'], env: { RUST_LOG: 'debug' } }],
    ['cargo test --all-features -- --ignored', { run: ['cargo', 'test', '--all-features', '--', '--ignored'] }],
    ['go vet ./...', { run: ['go', 'vet', './...'] }],
  ];
  it('what is harmless is run as it stands', async () => {
    const list = safe.map(([command], n) => `${n + 1}. \`${command}\``).join('\n');
    const { checklist } = await draft(`# M\n\n## Checklist\n\n${list}\n`, tempDir());
    for (const [n, [command, expected]] of safe.entries())
      expect(checklist.items[n]?.steps, command).toMatchObject([{ uses: 'command', with: expected }]);
  });

  it('cargo and promtool keep what is written with them', async () => {
    const { checklist } = await draft(
      '# M\n\n## Checklist\n\n1. `cargo +1.85 test -p core --release slow_` \n2. `cargo clippy -p core -- -D clippy::all -A dead_code`\n3. `promtool check rules a/b.yml`\n4. `promtool check config a/prometheus.yml`\n',
      tempDir(),
    );
    expect(checklist.items.slice(0, 4).map((item) => item.steps[0]?.with)).toEqual([
      { toolchain: '1.85', packages: ['core'], release: true, filter: 'slow_', minimum: 1 },
      { packages: ['core'], allTargets: false, allFeatures: false, deny: ['clippy::all'], allow: ['dead_code'] },
      { rules: ['a/b.yml'] },
      { config: 'a/prometheus.yml' },
    ]);
  });

  it('boxes under a heading of checks are checks; a list without commands elsewhere is none', async () => {
    const { checklist } = await draft(
      '# M\n\n## History\n\n1. First we did this\n2. Then that\n\n## Acceptance criteria\n\n- [x] The page loads\n- [ ] `make test`\n',
      tempDir(),
    );
    expect(checklist.items.map((item) => item.title)).toEqual(['The page loads', 'make test']);
  });

  it('no box and no line of a release checklist vanishes; bounds and panels are no questions', async () => {
    const { checklist, text } = await draft(
      `# Release checklist

## Data

- [ ] \`alembic upgrade head\` works on an empty database
- [ ] Backups
  - [ ] The restore drill was done
- [x] Product owner has approved the notes

| done | what |
|---|---|
| [ ] | Licences were looked at |

## Quality

1. [ ] \`mypy app\` passes
* [ ] \`pytest\` passes, at least 40 tests
- [ ] http://localhost:8000/health answers 200
- Tag the release
- P95 < 100 ms
- Memory panel
`,
      tempDir(),
    );
    const steps = checklist.items.flatMap((item) => item.steps);
    const questions = steps.filter((step) => step.uses === 'manual/confirm').map((step) => step.with);
    expect(questions).toEqual([
      { role: 'release-manager', question: 'Is this so: `alembic upgrade head` works on an empty database?' },
      { role: 'release-manager', question: 'Is this so: Backups?' },
      { role: 'release-manager', question: 'Is this so: The restore drill was done?' },
      { role: 'product-owner', question: 'Is this so: Product owner has approved the notes?' },
      { role: 'legal', question: 'Is this so: Licences were looked at?' },
      { role: 'release-manager', question: 'Was this done: Tag the release?' },
    ]);
    const rest = steps.filter((step) => step.uses !== 'manual/confirm');
    expect(rest.map((step) => step.uses)).toEqual(['python/lint', 'python/test', 'http/get', 'docs/claims']);
    expect(rest.slice(0, 2).map((step) => step.with)).toEqual([{ linter: 'mypy', args: ['app'] }, { minimum: 40 }]);
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=https:\/\/unpkg\.com\/verify-milestone@[\d.]+\/checklists\/checklist\.schema\.json$/m,
    );
    expect(text).toMatch(/left out: \S+ lines 20-21 of its lists/);
  });

  it('a line that leads up to what is told, a command alone and a verb that no list has are things to be done', async () => {
    const { checklist, text } = await draft(
      `# Release checklist

- Once CI for \`main\` has finished, push the tag
- Optional: perform a dry run
- Hydrate the cache
- [ ] \`git push upstream v2\`
- Push rights to the mirror
- See [the notes][notes]

## Known issues

1. Uploads can time out. Nothing is lost.
`,
      tempDir(),
    );
    const questions = checklist.items
      .flatMap((item) => item.steps)
      .filter((step) => step.uses === 'manual/confirm')
      .map((step) => (step.with as { question: string }).question);
    expect(questions).toEqual([
      'Was this done: Once CI for `main` has finished, push the tag?',
      'Was this done: Optional: perform a dry run?',
      'Was this done: Hydrate the cache?',
      'Was this done: `git push upstream v2`?',
    ]);
    expect(text).toMatch(/left out: \S+ lines 7-8, 12 of its lists/);
  });

  it('told in prose, by a heading, by the sentence before a list, and with a condition', async () => {
    const { checklist, text } = await draft(
      `# Releasing

We ship on Tuesdays. Test coverage is at 80 %.

Whenever a fix is urgent, a hotfix is made.

Before tagging, build it locally:

\`\`\`bash
brew install jq
dist/app --version
\`\`\`

## Update these

Update the following files:

- The version in \`setup.cfg\`

- If the schema changed: Ensure that it has a migration
- Increment the build number:
  - in the app
  - in the chart
1. A tag will be pushed by the bot.

After that, you need to update the catalog.

\`\`\`bash
make publish-catalog
\`\`\`

### 3. Announce the release

On the list.

## Troubleshooting

### It does not build

- Check the log

## Future

1. Add Linux
- [ ] Sign the binaries
`,
      tempDir({ 'setup.cfg': '' }),
    );
    const questions = checklist.items
      .flatMap((item) => item.steps)
      .filter((step) => step.uses === 'manual/confirm')
      .map((step) => (step.with as { question: string }).question);
    expect(questions).toEqual([
      'Was this done: Before tagging, build it locally (`brew install jq`, `dist/app --version`)?',
      'Was this done: Update the following files: The version in `setup.cfg`?',
      'Was this done: If the schema changed: Ensure that it has a migration?',
      'Was this done: Increment the build number: in the app; in the chart?',
      'Has this happened: A tag will be pushed by the bot?',
      'Was this done: After that, you need to update the catalog (`make publish-catalog`)?',
      'Was this done: Announce the release?',
      'Was this done: Sign the binaries?',
    ]);
    expect(text).toMatch(/left out: \S+ lines 40, 44 of its lists/);
  });

  it('boxes of every kind, and rows whose box is in the last cell; a folder is no document', async () => {
    const { checklist } = await draft(
      `# Checklist

⬜ The rollback plan is written
- ☐ Legal has approved
* 🔲 http://localhost:3000/healthz returns HTTP 204

| # | Task | Owner | Done |
|---|---|---|---|
| 1 | The restore drill was done | ops | [ ] |
| 2 | DNS was switched | ops | ☑ |
`,
      tempDir(),
    );
    const steps = checklist.items.flatMap((item) => item.steps);
    expect(steps.map(({ with: given }) => (given as { question?: string }).question ?? given)).toEqual([
      'Is this so: The rollback plan is written?',
      'Is this so: Legal has approved?',
      { url: 'http://localhost:3000/healthz', status: 204 },
      'Is this so: The restore drill was done?',
      'Is this so: DNS was switched?',
    ]);
    const cwd = tempDir({ 'docs/a.md': '' });
    expect(await verify(['init', '--from', 'docs'], { cwd })).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('docs is a folder, expected a document') as string,
    });
  });

  it('a document without anything to be done is named; what only sets up is asked of nobody', async () => {
    const nothing = await draft('# Releasing\n\nSee [the other one](https://example.org/RELEASING.md).\n', tempDir());
    expect(nothing.text).toMatch(/left out: \S+: neither a check box nor anything to be done was found in it/);
    const set = await draft('# Notes\n\n## Set up\n\n```bash\nbrew install jq\ngit push origin v1\n```\n', tempDir());
    expect(set.text).toMatch(/left out: `brew install jq` of \S+:6: it only installs, unpacks or tidies up/);
    expect(set.text).toContain('Was `git push origin v1` run');
  });

  it('documents of now are read too; tasks and reports of other milestones are left aside, and to be had', async () => {
    const cwd = tempDir({
      'README.md': '# R\n\nSee [x](x.md).\n',
      'ops/runbooks/down.md': '# Down\n\nSee [x](../../x.md).\n',
      'MILESTONE_3_COMPLETE.md': '# Three\n\nSee [x](x.md).\n',
      'docs/MILESTONE_16_NOTES.md': '# Sixteen\n\nSee [x](../x.md).\n',
      'docs/archive/past.md': '# Past\n\nSee [x](../../x.md).\n',
      'x.md': '# X\n',
      'roadmap/milestone-3/001_a_complete.md': '# A\n\nStatus: complete\n',
      'roadmap/milestone-3/002_b_complete.md': '# B\n\nStatus: complete\n',
      'roadmap/milestone-16/001_a_complete.md': '# A\n\nStatus: complete\n',
      'roadmap/milestone-16/002_b_complete.md': '# B\n\nStatus: complete\n',
    });
    const { checklist, text } = await draft('# M\n\n- [ ] It works\n', cwd);
    const about = (one: Checklist): unknown[] =>
      one.items.flatMap((item) => item.steps).filter((step) => step.uses.startsWith('docs/'));
    expect(JSON.stringify(about(checklist))).toContain('milestone-16');
    const documentsOf = (one: Checklist): unknown =>
      one.items.flatMap((item) => item.steps).findLast((step) => step.uses === 'docs/claims')?.with;
    expect(documentsOf(checklist)).toEqual({
      documents: [
        'README.md',
        'docs/MILESTONE_16_NOTES.md',
        'ops/runbooks/down.md',
        'x.md',
        'roadmap/milestone-16/001_a_complete.md',
        'roadmap/milestone-16/002_b_complete.md',
      ],
    });
    expect(JSON.stringify(about(checklist))).not.toMatch(/milestone[-_]3/i);
    expect(text).toContain('left out: folders of tasks (1)');
    expect(text).toContain('left out: documents (1), which are not of milestone-16: --all-documents');
    const all = await verify(['init', '--from', 'roadmap/milestone-16/ACTIONS.md', '--print', '--all-documents'], {
      cwd,
    });
    expect(JSON.stringify(documentsOf(parse(all.stdout) as Checklist))).toContain('MILESTONE_3_COMPLETE.md');
    expect(all.stdout).toContain('milestone-3');
  });

  const stages = {
    'docs/milestones/016/task_01.md': '# One\n\nStatus: complete\n\nSee `src/gone.ts`.\n',
    'docs/milestones/016/task_02.md': '# Two\n\nStatus: complete\n',
    'docs/milestones/016/task_03.md': '# Three\n\nStatus: pending\n\nMakes `src/later.ts`.\n',
    'docs/milestones/016/PLAN.md': '# Plan\n\n`src/a.ts`\n',
    'docs/milestones/016/parts/PHASE_2_REPORT.md': '# Part\n\n`src/a.ts`\n',
    'docs/milestones/015/task_01.md': '# One\n\nStatus: complete\n',
    'docs/milestones/015/task_02.md': '# Two\n\nStatus: complete\n',
    'docs/milestones/015/REPORT.md': '# Fifteen\n',
    'docs/reports/MILESTONE_16_FINAL.md': '# Final\n\n`src/a.ts`\n',
    'docs/reports/MILESTONE_15_FINAL.md': '# Final\n\n`src/a.ts`\n',
    'src/a.ts': 'x\n',
  };
  it.each([
    ['docs/milestones/016/README.md', stages, ['015/', 'MILESTONE_15']],
    ['docs/reports/MILESTONE_16_DONE.md', stages, ['015/', 'MILESTONE_15']],
    [
      'PHASE_3_COMPLETE.md',
      Object.fromEntries(
        Object.entries(stages).map(([path, text]) => [
          path
            .replace('milestones/016', 'phase-3')
            .replace('milestones/015', 'phase-2')
            .replace('MILESTONE_16', 'PHASE_3')
            .replace('MILESTONE_15', 'PHASE_2')
            .replace('parts/PHASE_2', 'parts/WEEK_2'),
          text,
        ]),
      ),
      ['phase-2/', 'PHASE_2'],
    ],
  ])(
    'the tasks and reports of the milestone of %s are part of it, and those of others are not',
    async (from, files, not) => {
      const cwd = tempDir({ ...files, [from]: '# All of it\n\n- [ ] It works, see `src/a.ts`\n' });
      const { stdout } = await verify(['init', '--from', from, '--print'], { cwd });
      const steps = (parse(stdout) as Checklist).items.flatMap((item) => item.steps);
      const { documents } = (steps.findLast((step) => step.uses === 'docs/claims')?.with ?? { documents: [] }) as {
        documents: string[];
      };
      const names = documents.map((path) => path.split('/').at(-1));
      for (const part of ['task_01.md', 'task_02.md', 'FINAL.md', '2_REPORT.md'])
        expect(
          names.some((name) => name?.endsWith(part) === true),
          part,
        ).toBe(true);
      for (const part of ['task_03.md', 'PLAN.md', ...not]) expect(documents.join(' ')).not.toContain(part);
      expect(JSON.stringify(steps.find((step) => step.uses === 'docs/tasks')?.with)).toContain('task_03.md');
      expect(stdout).toMatch(new RegExp(`4 of them are of the milestone of ${from}`));
      expect(stdout).toContain('task_03.md): by their own words they are not done');
      expect(stdout).toMatch(/left out: folders of tasks \(1\), which are not of/);
      expect(stdout).toMatch(/left out: documents \([12]\), which are not of/);
    },
  );

  it('the folder of tasks that a report names is part of it, one that nothing names is not', async () => {
    const task = (n: number): string => `# Task ${n}\n\nStatus: complete\n\n\`src/a.ts\`\n`;
    const cwd = tempDir({
      'docs/STATUS.md': '# Where we are\n\nThe tasks are in `work/rings/`.\n\n- [ ] It works\n',
      'work/rings/TASK-1-dig.md': task(1),
      'work/rings/TASK-2-fill.md': task(2),
      'work/wings/TASK-1-fly.md': task(1),
      'work/wings/TASK-2-land.md': task(2),
      'src/a.ts': 'x\n',
    });
    const { stdout } = await verify(['init', '--from', 'docs/STATUS.md', '--print'], { cwd });
    expect(stdout).toContain('2 of them are of the milestone of docs/STATUS.md: work/rings');
    expect(stdout).not.toContain('work/wings/TASK');
  });

  it.each([
    ['PHASE_3_COMPLETE.md', {}, 'phase-3'],
    ['docs/milestones/016/README.md', {}, 'milestone-16'],
    ['docs/sprints/04-ring/DONE.md', {}, 'sprint-4'],
    ['MILESTONE_4_COMPLETE.md', {}, 'milestone-4'],
    ['docs/milestone-04-report.md', { 'roadmap/milestone_4/001_a_complete.md': '# A\n' }, 'milestone_4'],
    ['docs/milestones.md', {}, 'release'],
  ])('the name %s tells the milestone', async (from, files, milestone) => {
    const cwd = tempDir({ [from]: '# M\n\n- [ ] It works\n', ...files });
    const { stdout } = await verify(['init', '--from', from, '--print'], { cwd });
    expect((parse(stdout) as Checklist).milestone).toBe(milestone);
  });

  it('a document without anything to check still asks', async () => {
    const { checklist } = await draft('Nothing.\n', tempDir());
    expect(checklist.items.flatMap(({ steps }) => steps.map(({ uses }) => uses))).toContain('manual/confirm');
  });
});

it('the commands of a block below a check box are part of its question; badges are no words of it', async () => {
  const { checklist } = await draft(
    '# Checklist [![CI](https://e.invalid/c.svg)](https://e.invalid)\n\n' +
      '- [ ] Publish the package ![npm](https://e.invalid/n.svg)\n\n  ```sh\n  npm publish --access public\n  git push --tags\n  ```\n\n' +
      '- [ ] Tell the users [![chat](https://e.invalid/s.svg)](https://e.invalid)\n',
    tempDir({}),
  );
  expect(checklist.title).toBe('Checklist');
  const steps = checklist.items.flatMap((item) => item.steps);
  expect(steps.map((step) => (step.with as { question: string }).question)).toEqual([
    'Was this done: Publish the package (`npm publish --access public`, `git push --tags`)?',
    'Was this done: Tell the users?',
  ]);
  expect(JSON.stringify(checklist)).not.toContain('.svg');
});
