import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const git = (target: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: target })
    .toString()
    .trim();

/** A pond with sources, a service, and a history. */
function pond(): { target: string; first: string } {
  const target = tempDir({
    'src/lib.rs': `pub enum PumpError { Clogged, Dry }
pub struct Pump;
impl Pump { pub fn start(&self) {} }
pub const CODES: [&str; 4] = ["PND-001", "PND-002", "PND-003", "PND-004"];
#[cfg(test)]
mod tests {
    #[test] fn test_pump_starts() {}
    #[test] fn test_pump_stops() {}
    #[test] fn test_filter_holds() { todo!() }
}
`,
    'src/filter.rs': 'pub fn filter() {\n    todo!("write it")\n}\n',
    'src/heater.py': 'def heat():\n    return 1\n',
    'scripts/backup.sh': '#!/bin/sh\nset -e\necho "backing up"\necho done\n',
    'scripts/restore.sh': '#!/bin/sh\necho "restoring"\ntar xf "$1"\n',
    'proto/pond.proto':
      'syntax = "proto3";\npackage pond.v1;\nservice PondService {\n  rpc Feed(A) returns (B);\n  rpc Watch(A) returns (stream B) {}\n}\n',
  });
  git(target, 'init', '-q');
  for (const name of ['a', 'b', 'c']) {
    writeIn(target, `${name}.txt`, name);
    git(target, 'add', '-A');
    git(target, 'commit', '-qm', name);
    if (name === 'a') git(target, 'tag', 'v1.0.0');
  }
  return { target, first: git(target, 'rev-parse', '--short=8', 'v1.0.0') };
}

async function weighing(target: string, texts: readonly string[], start = 'docs/README-'): Promise<string[][]> {
  const documents = texts.map((text, n) => {
    writeIn(target, `${start}${n}.md`, text);
    return `${start}${n}.md`;
  });
  const record = await runStep({ uses: 'docs/claims', with: { documents }, target });
  return documents.map((file) =>
    record.findings
      .filter((one) => one.where?.file === file && one.level !== 'note' && one.code !== 'nothing-claimed')
      .map((one) => `${one.level} ${one.code} ${one.where?.line}`),
  );
}

describe('docs/claims: what the sources hold', () => {
  it('tells of names, stubs and commits that are not there', async () => {
    const { target } = pond();
    const table: [text: string, expected: string[]][] = [
      ['The tests `test_pump_bursts` prove it.', ['error name-unknown 1']],
      ['Proven by `src/lib.rs::test_pump_bursts`.', ['error name-unknown 1']],
      ['It answers `PumpError::Flooded`.', ['warning name-unknown 1']],
      ['| Error code | Meaning |\n|---|---|\n| `PND-009` | dry |', ['warning name-unknown 3']],
      ['`pond.v1.PondService/Drain` empties it.', ['error name-unknown 1']],
      ['```sh\ngrpcurl -plaintext localhost:50051 pond.v1.LakeService/Feed\n```', ['error name-unknown 2']],
      ['- ✅ `src/filter.rs` filters.', ['error value-wrong 1']],
      ['Backups are complete: `scripts/backup.sh`', ['error value-wrong 1']],
      ['Fixed in commit `0123abcd`.', ['error value-wrong 1']],
      ['7 commits since v1.0.0.', ['error value-wrong 1']],
      ['Tagged as `v1.1.0`.', []],
      ['- [x] Create `scripts/feed.sh`', ['error path-missing 1']],
    ];
    const seen = await weighing(
      target,
      table.map(([text]) => text),
    );
    expect(table.map(([text], n) => [text, seen[n]])).toEqual(table);
  });

  it('says nothing of what is there, or may be', async () => {
    const { target, first } = pond();
    const texts = [
      'The tests `test_pump_starts` and `src/lib.rs::test_pump_stops` prove it.',
      'It answers `PumpError::Dry`, and `Pump::start` starts it. `String::from_utf8_lossy` is of the library.',
      'Error codes: `PND-001`; `SC2086` is ShellCheck’s.',
      '`pond.v1.PondService/Feed`, `grpc.health.v1.Health/Check`, `PondService.Watch`.',
      '- ✅ `src/heater.py` and `src/lib.rs` are complete.',
      '`src/filter.rs` is a stub, which is to be completed.',
      'Restoring works: `scripts/restore.sh`.',
      `Fixed in commit \`${first}\`, tagged as \`v1.0.0\`; 2 commits since v1.0.0.`,
      'The test `test_pump_bursts` will be written.',
      '- [ ] Create `scripts/feed.sh`\n- [x] Create `scripts/backup.sh`\n- [x] Remove `scripts/old.sh`',
      'The upstream commit `0123abcd` is another project’s.',
    ];
    const seen = await weighing(target, texts);
    expect(texts.map((text, n) => [text, seen[n]])).toEqual(texts.map((text) => [text, []]));
  });

  it('suspects in a report what is proven in a README: it tells of its day', async () => {
    const { target } = pond();
    const text = 'The tests `test_pump_bursts` prove it.';
    const many = await weighing(target, [text, 'A.', 'B.', 'C.'], 'docs/REPORT-');
    expect(many[0]).toEqual(['warning name-unknown 1']);
    expect(await weighing(target, [text], 'docs/REPORT-')).toEqual([['error name-unknown 1']]);
  });

  it('asks nothing of a history that was cut', async () => {
    const target = tempDir({ 'a.txt': '' });
    git(target, 'init', '-q');
    git(target, 'add', '-A');
    git(target, 'commit', '-qm', 'all');
    expect(await weighing(target, ['Fixed in commit `0123abcd`. Tagged as `v1.1.0`.'])).toEqual([[]]);
  });
});

describe('docs/claims: documents of a milestone beside each other', () => {
  async function both(files: Record<string, string>): Promise<string[]> {
    const target = tempDir(files);
    git(target, 'init', '-q');
    const documents = Object.keys(files).filter((path) => /\/[A-Z]/.test(path));
    const record = await runStep({ uses: 'docs/claims', with: { documents }, target });
    return record.findings
      .filter((one) => one.code === 'contradiction')
      .map((one) => `${one.level} ${one.where?.file}:${one.where?.line}`);
  }
  it('tells of two states, two shares, and of tasks that are open', async () => {
    expect(
      await both({
        'roadmap/milestone-3/NEXT_STEPS.md': '# N\n\n**Status**: Complete\n',
        'roadmap/milestone-3/STATUS.md': '# S\n\n**Status**: In progress\n',
      }),
    ).toEqual(['error roadmap/milestone-3/STATUS.md:3']);
    expect(
      await both({
        'roadmap/milestone-3/NEXT_STEPS.md': '# N\n\n10/10 criteria met\n',
        'roadmap/milestone-3/STATUS.md': '# S\n\n8/10 criteria met\n',
      }),
    ).toEqual(['error roadmap/milestone-3/STATUS.md:3']);
    expect(
      await both({
        'roadmap/milestone-3/STATUS.md': '# S\n\n3/3 tasks complete\n',
        'roadmap/milestone-3/001_pump_complete.md': '# Pump\n',
        'roadmap/milestone-3/002_filter_pending.md': '# Filter\n',
        'roadmap/milestone-3/003_fish_complete.md': '# Fish\n',
      }),
    ).toEqual(['error roadmap/milestone-3/STATUS.md:3']);
  });
  it('says nothing where they agree, or where the one is older', async () => {
    expect(
      await both({
        'roadmap/milestone-3/NEXT_STEPS.md': '# N\n\n**Status**: Complete (3/3 tasks)\n',
        'roadmap/milestone-3/STATUS.md': '# S\n\n**Status**: ✅ Complete\n\n3/3 tasks\n',
        'roadmap/milestone-3/001_pump_complete.md': '# Pump\n',
        'roadmap/milestone-3/002_filter_complete.md': '# Filter\n',
        'roadmap/milestone-3/003_fish_complete.md': '# Fish\n',
      }),
    ).toEqual([]);
    expect(
      await both({
        'roadmap/milestone-3/NEXT_STEPS.md': '# N\n\nLast updated: 2026-02-01\n\n**Status**: Complete\n',
        'roadmap/milestone-3/STATUS.md': '# S\n\nLast updated: 2026-01-01\n\n**Status**: In progress\n',
      }),
    ).toEqual(['warning roadmap/milestone-3/STATUS.md:5']);
  });
});
