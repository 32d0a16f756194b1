import { describe, expect, it } from 'vitest';
import { languageOf, programCalls } from '../../src/formats/test-runners/program-calls.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const dropped = /nobody looks at how|is caught and dropped/;

describe('programs that a Python or JavaScript file starts', () => {
  it.each<[string, string]>([
    ['its value thrown away', 'import subprocess\nsubprocess.run(["pytest", "-q"])\n'],
    ['os.system', 'import os\nos.system("pytest -q")\n'],
    ['this interpreter', 'import subprocess, sys\nsubprocess.call([sys.executable, "-m", "pytest"])  # all of them\n'],
    ['only its output is looked at', 'r = subprocess.run(["pytest"], capture_output=True)\nprint(r.stdout)\n'],
    ['in main', 'def main():\n    subprocess.run(["pytest"])\n\nif __name__ == "__main__":\n    main()\n'],
    ['caught', 'try:\n    subprocess.check_call(["pytest"])\nexcept Exception:\n    print("never mind")\n'],
    ['over lines', 'subprocess.run(\n    [\n        "pytest",\n        "a (b)",\n    ],\n    env={},\n)\n'],
  ])('Python: %s', (_, text) => {
    expect(programCalls(text, 'python')).toMatchObject([{ lost: expect.stringMatching(dropped), certain: true }]);
  });

  it.each<[string, string]>([
    ['its value thrown away', 'spawnSync("vitest", ["run"]);\n'],
    ['only its output is looked at', 'const r = cp.spawnSync("vitest", ["run"]);\nconsole.log(r.stdout);\n'],
    ['caught', 'try {\n  execSync("vitest run", { stdio: "ignore" });\n} catch {}\n'],
    [
      'caught and told',
      "try {\n  execFileSync('vitest', ['run']);\n} catch (e) {\n  console.log('oh', e.status);\n}\n",
    ],
  ])('JavaScript: %s', (_, text) => {
    expect(programCalls(text, 'javascript')).toMatchObject([{ lost: expect.stringMatching(dropped), certain: true }]);
  });

  it.each<[string, 'python' | 'javascript', string]>([
    ['check=True', 'python', 'subprocess.run(["pytest"], check=True)\n'],
    ['its code used', 'python', 'r = subprocess.run(["pytest"])\nsys.exit(r.returncode)\n'],
    ['its value used', 'python', 'sys.exit(subprocess.call(["pytest"]))\n'],
    ['its results read', 'python', 'subprocess.run(["pytest", "--junitxml=r.xml"])\n'],
    [
      'caught and told on',
      'python',
      'try:\n    subprocess.check_call(["pytest"])\nexcept Exception:\n    sys.exit(1)\n',
    ],
    ['not caught', 'javascript', 'execSync("vitest run");\n'],
    ['its status used', 'javascript', 'const r = spawnSync("vitest", ["run"]);\nprocess.exit(r.status);\n'],
    ['caught and thrown', 'javascript', 'try {\n  execSync("vitest");\n} catch (e) {\n  throw e;\n}\n'],
  ])('%s loses nothing', (_, language, text) => {
    expect(programCalls(text, language).map(({ lost }) => lost)).toEqual([undefined]);
  });

  it.each<[string, 'python' | 'javascript', string]>([
    ['a function that nobody calls', 'python', 'def later():\n    subprocess.run(["pytest"])\n'],
    ['a condition', 'python', 'if fast:\n    subprocess.run(["pytest"])\n'],
    ['a function', 'javascript', 'function later() {\n  spawnSync("vitest", []);\n}\n'],
  ])('%s is not certain to run', (_, language, text) => {
    expect(programCalls(text, language).map(({ certain }) => certain)).toEqual([false]);
  });

  it('words that are put together are no call that is known', () => {
    expect(programCalls('subprocess.run(command)\nsubprocess.run([tool, "-q"])\n', 'python')).toEqual([]);
    expect([languageOf('x', '#!/usr/bin/env python3\n'), languageOf('x.sh', '#!/bin/sh\n')]).toEqual([
      'python',
      undefined,
    ]);
  });
});

describe('a command that is such a file', () => {
  const run = (text: string) =>
    runStep({
      uses: 'command',
      target: tempDir({ 'run.py': text }),
      with: { run: ['python3', 'run.py'] },
    });

  it('proves nothing where it runs tests and drops how they ended', async () => {
    const quiet = 'stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL';
    const step = await run(
      `import subprocess, sys\nsubprocess.run([sys.executable, "-m", "pytest", "none"], ${quiet})\n`,
    );
    expect([codes(step), step.outcome]).toEqual([['result-lost'], 'error']);
    const told = await run('import os\nos.system("echo pytest; echo === 1 failed, 2 passed in 0.1s ===")\n');
    expect([codes(told), told.outcome]).toEqual([['output-says-failed'], 'failed']);
    expect((await run('print("well")\n')).outcome).toBe('passed');
  });
});
