import { availableParallelism } from 'node:os';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/**
 * Files that wait the longest, for containers, builds, servers and time limits. They begin first: whatever begins last is waited for
 * by all, and without an earlier run vitest goes by the size of a file.
 */
const slow = [
  'scenarios/compose.test.ts',
  'steps/stack-compose.test.ts',
  'scenarios/compose-full.test.ts',
  'scenarios/resume.test.ts',
  'steps/grafana.test.ts',
  'steps/command.test.ts',
  'shards/',
  'scenarios/shards.test.ts',
  'serve/',
  'steps/prometheus-drill.test.ts',
  'steps/prometheus-drill-delivery.test.ts',
  'house.test.ts',
  'scenarios/kill.test.ts',
  'scenarios/stand-ins.test.ts',
  'scenarios/many-commands.test.ts',
  'steps/cargo.test.ts',
  'formats/rule-files.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = slow.findIndex((name) => moduleId.includes(`/test/${name}`));
      return at < 0 ? slow.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/rig/built.ts'],
    setupFiles: ['test/rig/remove-temp-dirs.ts'],
    // Most tests wait for other programs, on machines that may be busy: a limit only ends what hangs.
    testTimeout: 480_000,
    hookTimeout: 480_000,
    // Messages name commands as they were called; what npm, npx and a path make of that has its own test.
    env: { VERIFY_COMMAND: 'verify' },
    pool: 'forks',
    // One more than there are cores, since most files wait for other programs.
    maxWorkers: Math.max(2, availableParallelism()) + 1,
    sequence: { sequencer: LongestFirst },
  },
});
