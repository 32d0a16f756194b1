import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sayLeft } from '../../src/formats/programs/left-behind.ts';
import { start, verify } from '../rig/cli.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { until } from '../rig/until.ts';

/** Processes that work in the folder. */
const workingIn = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        readlinkSync(`/proc/${name}/cwd`) === folder &&
        !/^\d+ \(\S+\) Z/.test(readFileSync(`/proc/${name}/stat`, 'latin1'))
      );
    } catch {
      return false;
    }
  });
const shapes: [string, string][] = [
  ['in the background', 'sleep 71 >/dev/null 2>&1 &'],
  ['in a session of its own', 'setsid sleep 71 >/dev/null 2>&1 &'],
  ['deaf to a hang-up', 'nohup sleep 71 >/dev/null 2>&1 &'],
  ['forked twice', '(setsid sh -c "(sleep 71 &); sleep 0.1" &)'],
  [
    'without environment, session and folder, by two forks',
    '(cd /; env -i setsid sh -c "sleep 71 & exit" </dev/null >/dev/null 2>&1 &)',
  ],
  ['without its environment', '(env -i sleep 71 >/dev/null 2>&1 &)'],
  ['without environment and session', '(env -i setsid sleep 71 >/dev/null 2>&1 &); sleep 0.2'],
  ['holding the output', 'setsid sleep 71 &'],
];

describe.skipIf(!existsSync('/proc/self/environ'))(
  'a process that a command leaves (skipped where there is no /proc)',
  () => {
    it.each(shapes)('%s is found, and ended', async (_, shell) => {
      const target = tempDir();
      const step = await runStep({ uses: 'command', target, with: { shell } });
      expect(codes(step)).toEqual(['process-left']);
      expect(step.findings[0]?.message).toMatch(/sleep 71/);
      await until('nothing is left', () => workingIn(target).length === 0);
    });

    it('may go on where that is said, until the end of the run', async () => {
      const target = tempDir();
      const step = await runStep({
        uses: 'command',
        target,
        with: { shell: '(env -i setsid sleep 72 >/dev/null 2>&1 &); sleep 0.2', background: true },
      });
      expect(step).toMatchObject({ outcome: 'passed', findings: [] });
      await until('nothing is left', () => workingIn(target).length === 0);
    });

    it.each([
      ['what has ended', 'sleep 0.05 & wait'],
      ['what ends in a moment', 'sleep 0.15 &'],
      ['nothing', 'true'],
    ])('%s is no finding', async (_, shell) =>
      expect(await runStep({ uses: 'command', target: tempDir(), with: { shell } })).toMatchObject({
        outcome: 'passed',
        findings: [],
      }),
    );

    it('the daemon of a build tool is a note', () =>
      expect(
        sayLeft([
          { pid: 1, command: 'java -cp x org.gradle.launcher.daemon.bootstrap.GradleDaemon 8' },
          { pid: 2, command: './server' },
          { pid: 3, command: './server' },
        ]).map((one) => one.known),
      ).toEqual([true, false]));

    it('after a kill the next run ends even what cleared environment and session, and `clean` lists it before', async () => {
      const cwd = tempDir({
        'm1.yaml':
          'version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - id: i\n    title: I\n    steps:\n      - { id: a, uses: command, with: { run: [echo, a] } }\n      - { id: b, uses: command, needs: [a], with: { shell: "(env -i setsid sleep 73 >/dev/null 2>&1 &); sleep 74" } }\n',
      });
      const scratch = tempDir();
      const env = { TMPDIR: scratch };
      const { child, ended } = start(['m1.yaml', '--target', '.'], { cwd, env });
      const noted = (): boolean =>
        readdirSync(scratch, { recursive: true, encoding: 'utf8' }).some((path) => /\/left-\d+$/.test(path));
      await until('what was left is written down', noted);
      child.kill('SIGKILL');
      await ended;
      const [pid = ''] = workingIn(cwd).filter((one) =>
        readFileSync(`/proc/${one}/cmdline`, 'utf8').startsWith('sleep\u000073'),
      );
      expect((await verify(['clean'], { cwd, env })).stdout).toContain(`process ${pid}`);
      expect((await verify(['m1.yaml', '--target', '.', '--only', 'a'], { cwd, env })).code).toBe(11);
      await until('nothing is left', () => workingIn(cwd).length === 0);
    });
  },
);
