import { describe, expect, it } from 'vitest';
import { missingTool } from '../../src/formats/programs/missing-tool.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

describe('a program that another program was to run', () => {
  it.each([
    ['cargo', 'a subcommand', ['cargo', 'no-such-subcommand-here']],
    ['python3', 'a module', ['python3', '-m', 'no_such_module_here']],
    ['bash', 'a command', ['bash', '-c', 'no-such-command-here']],
  ])('%s: %s that is not there leaves the step open', async (_, __, run) => {
    const record = await runStep({ uses: 'command', with: { run }, target: tempDir() });
    expect(record.outcome).toBe('error');
    expect(codes(record)).toEqual(['not-started']);
  });

  it.each([
    ['a path of the project', ['bash', 'x.sh'], 127, 'x.sh: line 1: ./tools/gone.sh: not found'],
    ['another code', ['make', 'x'], 2, 'gone: not found'],
    ['a module that the tests import', ['python3', '-m', 'pytest'], 1, "ModuleNotFoundError: No module named 'shop'"],
    ['a test of cargo', ['cargo', 'test'], 101, 'error: test failed'],
  ])('%s is the project’s own failure', (_, argv, code, output) =>
    expect(missingTool({ argv, code, stdout: '', stderr: output })).toBeUndefined(),
  );
});
