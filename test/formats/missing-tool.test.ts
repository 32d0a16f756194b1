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
    ['a program that is asked for and not needed', ['make', 'x'], 2, 'sh: 1: yarn: not found\nsrc/a.c:1: error: x'],
    ['a test of cargo', ['cargo', 'test'], 101, 'error: test failed'],
  ])('%s is the project’s own failure', (_, argv, code, output) =>
    expect(missingTool({ argv, code, stdout: '', stderr: output })).toBeUndefined(),
  );

  it.each([
    ['a script of a script', 1, 'sh: 1: yarn: not found\nnpm error code 1\n'],
    ['a target', 2, 'make: yarn: No such file or directory\nmake: *** [Makefile:2: x] Error 127\n'],
    ['a script of Node', 1, '/bin/sh: 1: yarn: not found\nnode:child_process:1\n  throw err;\n  status: 127,\n}\n'],
    ['a program of Node', 1, 'Error: spawn yarn ENOENT\n    at onErrorNT (node:internal:1:1)\n'],
  ])('%s that calls a known program which is not there', (_, code, stderr) =>
    expect(missingTool({ argv: ['npm', 'run', 'x'], code, stdout: '', stderr })).toBe('yarn'),
  );
});
