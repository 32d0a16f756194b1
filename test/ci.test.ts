import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { version } from '../src/version.ts';
import { root } from './rig/cli.ts';
import { tempDir, writeIn } from './rig/run-step.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
interface Action {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: {
    using: string;
    steps: {
      id?: string;
      uses?: string;
      run?: string;
      shell?: string;
      if?: string;
      env?: Record<string, string>;
      with?: Record<string, unknown>;
    }[];
  };
}
const action = parse(read('action.yml')) as Action;
const step = action.runs.steps.find((one) => one.id === 'verify');
const script = step?.run ?? '';

/**
 * A folder with an `npm` that installs a verify-milestone which keeps the arguments it gets, after the version that was asked for,
 * and runs this repository's command line where `runs`; and an `npx` that does the same at once.
 */
function shim(runs: boolean, code = 0): { folder: string; argv: () => string[][] } {
  const folder = tempDir();
  const log = join(folder, 'argv');
  const rest = runs
    ? `while [ "$1" = --yes ] || [ "$1" = --no-install ]; do shift; done; shift\nexec '${process.execPath}' '${join(root, 'bin/verify.js')}' "$@"`
    : `exit ${code}`;
  const keep = `#!/usr/bin/env bash\nprintf '%s\\0' "$@" '' >> '${log}'\n${rest}\n`;
  writeIn(folder, 'npx', keep);
  const installed = `import { spawnSync } from 'node:child_process';\nimport { readFileSync } from 'node:fs';\nconst asked = readFileSync(new URL('../asked', import.meta.url), 'utf8');\nprocess.exit(spawnSync('bash', [${JSON.stringify(join(folder, 'npx'))}, asked, ...process.argv.slice(2)], { stdio: 'inherit' }).status);\n`;
  writeIn(folder, 'installed.js', installed);
  writeIn(
    folder,
    'npm',
    `#!/usr/bin/env bash\nmkdir -p node_modules/verify-milestone/bin\necho '{"type":"module"}' > node_modules/verify-milestone/package.json\ncp '${join(folder, 'installed.js')}' node_modules/verify-milestone/bin/verify.js\nprintf '%s' "\${@: -1}" > node_modules/verify-milestone/asked\n`,
  );
  for (const name of ['npx', 'npm']) chmodSync(join(folder, name), 0o755);
  return {
    folder,
    argv: () => {
      const all: string[][] = [[]];
      for (const word of readFileSync(log, 'utf8').split('\0').slice(0, -1)) {
        if (word === '') all.push([]);
        else all.at(-1)?.push(word);
      }
      return all.filter((one) => one.length > 0);
    },
  };
}

/** Runs the action's script as GitHub does: bash --noprofile --norc -eo pipefail. */
function runAction(inputs: Record<string, string>, npx: string, cwd: string) {
  const folder = tempDir();
  const file = join(folder, 'script.sh');
  const output = join(folder, 'output');
  writeFileSync(file, script);
  writeFileSync(output, '');
  const env = {
    MILESTONE: 'm1',
    MODE: 'run',
    SHARD: '',
    SHARDS: '',
    BEFORE: '',
    POLICY_FROM: '',
    TARGET: '.',
    REPORTS: 'reports',
    ARGUMENTS: '',
    VERSION: '',
    ...inputs,
  };
  const result = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${npx}${delimiter}${process.env['PATH'] ?? ''}`, GITHUB_OUTPUT: output, ...env },
  });
  return { ...result, output: readFileSync(output, 'utf8') };
}

const checklist = (run: string): Record<string, string> => ({
  'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - id: i\n    title: I\n    steps:\n      - { id: a, uses: command, with: { run: ${run} } }\n      - { id: b, uses: command, with: { run: [echo, b] } }\n`,
});
const bash = (text: string) => spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });

describe('action.yml', () => {
  it('is a composite action whose script gets its inputs by the environment', () => {
    expect(action.runs.using).toBe('composite');
    expect(Object.keys(action.inputs)).toContain('milestone');
    expect(action.inputs['milestone']?.required).toBe(true);
    expect(action.outputs['exit-code']?.value).toContain('steps.verify.outputs.exit-code');
    expect(step?.shell).toBe('bash');
    // An input in the script itself would be read as shell.
    expect(script).not.toContain('${{');
    for (const input of Object.values(action.inputs)) expect(input.description).not.toBe('');
    expect(bash(script)).toMatchObject({ status: 0, stderr: '' });
    // Every input is used, and every one that is used is declared.
    const used = new Set([...JSON.stringify(action.runs).matchAll(/inputs\.([\w-]+)/g)].map((match) => match[1]));
    expect([...used].toSorted()).toEqual(Object.keys(action.inputs).toSorted());
    const given = new Set([...script.matchAll(/\$\{?([A-Z_]+)\b/g)].map((match) => match[1]));
    for (const name of given) if (name !== 'GITHUB_OUTPUT') expect(step?.env).toHaveProperty(name ?? '');
    const upload = action.runs.steps.find((one) => one.uses?.startsWith('actions/upload-artifact') === true);
    expect(upload?.if).toContain('always()');
  });

  it.each([
    ['passes', '["true"]', 0],
    ['fails', '["false"]', 10],
  ])('run mode: where the checklist %s, the code is given and returned', (_, run, code) => {
    const { folder } = shim(true);
    const result = runAction({}, folder, tempDir(checklist(run)));
    expect(result.status, result.stdout + result.stderr).toBe(code);
    expect(result.output).toBe(`exit-code=${code}\n`);
  });

  it('installs the version of this action, never what the checkout brings', () => {
    expect(script).toContain(`own=${version}\n`);
    const cwd = tempDir({
      ...checklist('["false"]'),
      'node_modules/verify-milestone/bin/verify.js': 'process.exit(0)',
      'node_modules/.bin/verify': '#!/bin/sh\nexit 0\n',
      '.npmrc': 'registry=https://packages.example.org/\n',
    });
    const { folder, argv } = shim(true);
    const result = runAction({}, folder, cwd);
    expect(result.status, result.stdout + result.stderr).toBe(10);
    expect(result.stdout).toContain('the checkout brings a verify-milestone of its own, which is not used');
    expect(argv()[0]?.[0]).toBe(`verify-milestone@${version}`);
  });

  it.each(['file:./evil', '../evil', 'npm:other@1.0.0', 'https://example.org/x.tgz', '1.0.0 evil', 'next'])(
    'a version %s is none of a release: 64',
    (given) => {
      const { folder, argv } = shim(false);
      expect(runAction({ VERSION: given }, folder, tempDir()).status).toBe(64);
      expect(argv).toThrow();
    },
  );

  it.each([
    ['of the same major version is gated by the version of the action', version.replace(/\.\d+$/, '.0'), version],
    ['of another major version is gated by the version that made it', '7.2.1', '7.2.1'],
    ['with a version that is none is not', 'file:./evil', ''],
  ])('a run %s', (_, made, used) => {
    const run = '2026-01-02T03-04-05Z-0a1b2c';
    const cwd = tempDir({ [`reports/m1/${run}/record.json`]: JSON.stringify({ tool: { version: made } }) });
    symlinkSync(run, join(cwd, 'reports/m1/latest'));
    const { folder, argv } = shim(false, 22);
    const result = runAction({ MODE: 'gate' }, folder, cwd);
    expect(result.status).toBe(used === '' ? 64 : 22);
    if (used !== '') expect(argv()[0]?.[0]).toBe(`verify-milestone@${used}`);
  });

  it('an unknown mode is 64, and nothing is run', () => {
    const { folder, argv } = shim(false);
    const result = runAction({ MODE: 'sign' }, folder, tempDir());
    expect(result.status).toBe(64);
    expect(result.stdout).toContain('::error::');
    expect(argv).toThrow();
  });

  it('what is given stays literal: spaces, quotes, substitutions, globs', () => {
    const evil = '$(touch owned); `touch owned` & * "x" \'y\' | tee owned';
    const cwd = tempDir({ a: '' });
    const { folder, argv } = shim(false);
    const given = `--only\n${evil}\n\n  \n--var\nname=two words`;
    const result = runAction({ MILESTONE: evil, TARGET: 'a folder', ARGUMENTS: given, VERSION: '1.2.3' }, folder, cwd);
    expect(result.status).toBe(0);
    expect(argv()).toEqual([
      [
        'verify-milestone@1.2.3',
        'run',
        evil,
        '--target',
        'a folder',
        '--reports',
        'reports',
        '--ui',
        'github',
        '--no-ask',
        '--only',
        evil,
        '--var',
        'name=two words',
      ],
    ]);
    expect(spawnSync('ls', [cwd], { encoding: 'utf8' }).stdout).toBe('a\n');
  });

  it('a last argument without a line end is not lost, and further arguments reach the run', () => {
    const { folder } = shim(true);
    const result = runAction({ ARGUMENTS: '--only\nb' }, folder, tempDir(checklist('["false"]')));
    // Narrowed to b, which passes: incomplete, not failed.
    expect(result.status, result.stdout + result.stderr).toBe(11);
    expect(result.output).toBe('exit-code=11\n');
  });

  it('gate mode: the options that are given, and the code of the gate', () => {
    const { folder, argv } = shim(false, 22);
    const result = runAction({ MODE: 'gate', BEFORE: 'milestone 17', POLICY_FROM: 'origin/main' }, folder, tempDir());
    expect(result.status).toBe(22);
    expect(result.output).toBe('exit-code=22\n');
    runAction({ MODE: 'gate', ARGUMENTS: '--only\nb' }, folder, tempDir());
    const gate = [`verify-milestone@${version}`, 'gate', 'm1', '--target', '.', '--reports', 'reports'];
    expect(argv()).toEqual([[...gate, '--before', 'milestone 17', '--policy-from', 'origin/main'], gate]);
  });
});

describe('the examples for CI', () => {
  it.each(['github.yml', 'github-shards.yml'])(
    '%s runs on the milestone and gates the next one, with the whole history',
    (file) => {
      const workflow = parse(read(`examples/ci/${file}`)) as {
        on: Record<string, { branches: string[] }>;
        permissions: unknown;
        jobs: Record<
          string,
          { 'runs-on': string; steps: { uses?: string; run?: string; with?: Record<string, unknown> }[] }
        >;
      };
      expect(Object.keys(workflow.on).toSorted()).toEqual(['pull_request', 'push']);
      expect(workflow.permissions).toEqual({ contents: 'read' });
      for (const [name, job] of Object.entries(workflow.jobs)) {
        expect(job['runs-on']).toBeTruthy();
        // What is merged is what was downloaded.
        if (name !== 'merge')
          expect(job.steps.find((one) => one.uses?.startsWith('actions/checkout') === true)?.with).toEqual({
            'fetch-depth': 0,
          });
        for (const one of job.steps) if (one.run !== undefined) expect(bash(one.run).status).toBe(0);
        const own = job.steps.find((one) => one.uses?.includes('/verify@') === true);
        for (const name of Object.keys(own?.with ?? {})) expect(action.inputs).toHaveProperty(name);
      }
      expect(workflow.jobs['gate']?.steps.at(-1)?.with).toMatchObject({ mode: 'gate' });
    },
  );

  it.each(['gitlab.yml', 'gitlab-shards.yml'])('%s: stages, and scripts that are shell', (file) => {
    const { stages, ...pipeline } = parse(read(`examples/ci/${file}`)) as { stages: string[] } & Record<
      string,
      unknown
    >;
    const jobs = pipeline as Record<string, { stage: string; script: string[]; artifacts?: { when: string } }>;
    expect(Object.values(jobs).map((job) => job.stage)).toEqual(stages);
    for (const [name, job] of Object.entries(jobs)) {
      expect(job.script.length, name).toBeGreaterThan(0);
      for (const line of job.script) expect(bash(line), line).toMatchObject({ status: 0, stderr: '' });
    }
    // A failed run is what one wants to read.
    expect(Object.values(jobs)[0]?.artifacts?.when).toBe('always');
  });

  it.each(['verify-milestone', 'gate-milestone'])(
    'gitlab.yml: the script of %s calls a command that is there',
    (name) => {
      const pipeline = parse(read('examples/ci/gitlab.yml')) as Record<string, { script: string[] }>;
      const { folder, argv } = shim(false);
      const result = spawnSync('bash', ['-eo', 'pipefail', '-c', (pipeline[name]?.script ?? []).join('\n')], {
        cwd: tempDir(),
        encoding: 'utf8',
        env: {
          ...process.env,
          PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
          CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'a b',
        },
      });
      expect(result.status).toBe(0);
      expect(argv()[0]?.slice(0, 4)).toEqual([
        '--yes',
        `verify-milestone@${version}`,
        name === 'gate-milestone' ? 'gate' : 'run',
        'milestone-16',
      ]);
      if (name === 'gate-milestone') expect(argv()[0]?.at(-1)).toBe('origin/a b');
    },
  );
});

describe('the matrices of shards', () => {
  /** What each job has uploaded, downloaded into one folder; the action's script runs as GitHub runs it. */
  function onGithub(
    checkouts: readonly string[],
    of: number,
  ): { codes: (number | null)[]; downloaded: string; npx: string } {
    const { folder: npx } = shim(true);
    const downloaded = tempDir();
    const codes = checkouts.map((cwd, n) => {
      const result = runAction({ SHARD: `${n + 1}/${of}` }, npx, cwd);
      expect(result.output, result.stdout + result.stderr).toMatch(/^exit-code=1[012]\n$/);
      cpSync(join(cwd, 'reports'), join(downloaded, `verify-shard-${n + 1}`), { recursive: true, dereference: true });
      return result.status;
    });
    return { codes, downloaded, npx };
  }
  const two = (run: string): Record<string, string> => ({
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - id: i\n    title: I\n    steps:\n      - { id: a, uses: command, with: { run: ${run} } }\n  - id: j\n    title: J\n    steps:\n      - { id: b, uses: command, with: { run: [echo, b] } }\n`,
  });

  it('github: jobs of shards are green where nothing failed, and the merge says what the run is', () => {
    const good = onGithub([tempDir(two('["true"]')), tempDir(two('["true"]'))], 2);
    expect(good.codes).toEqual([0, 0]);
    const cwd = tempDir();
    const merged = runAction({ MODE: 'merge', SHARDS: `${good.downloaded}\n\n` }, good.npx, cwd);
    expect(merged.status, merged.stdout + merged.stderr).toBe(0);
    expect(merged.output).toBe('exit-code=0\n');
    const half = runAction({ MODE: 'merge', SHARDS: join(good.downloaded, 'verify-shard-2') }, good.npx, tempDir());
    expect({ code: half.status, output: half.output }).toEqual({ code: 11, output: 'exit-code=11\n' });
    const none = runAction({ MODE: 'merge', SHARDS: 'shards' }, good.npx, tempDir());
    expect(none.status).toBe(66);
    const bad = onGithub([tempDir(two('["false"]')), tempDir(two('["false"]'))], 2);
    expect(bad.codes.toSorted()).toEqual([0, 10]);
    expect(runAction({ MODE: 'merge', SHARDS: bad.downloaded }, bad.npx, tempDir()).status).toBe(10);
  });

  it('github: a run that is no shard stays 11 where it is not whole', () => {
    const { folder } = shim(true);
    expect(runAction({ ARGUMENTS: '--only\nb' }, folder, tempDir(two('["true"]'))).status).toBe(11);
  });

  it('github-shards.yml: every part of the matrix has a number, a name of its own, and is what the merge downloads', () => {
    const { jobs } = parse(read('examples/ci/github-shards.yml')) as {
      jobs: Record<
        string,
        {
          if: string;
          needs?: string;
          strategy?: { 'fail-fast': boolean; matrix: { shard: number[] } };
          steps: { uses: string; with: Record<string, string> }[];
        }
      >;
    };
    expect(jobs['shard']?.strategy).toEqual({ 'fail-fast': false, matrix: { shard: [1, 2, 3] } });
    expect(jobs['shard']?.steps.at(-1)?.with).toMatchObject({
      shard: '${{ matrix.shard }}/${{ strategy.job-total }}',
      artifact: 'verify-shard-${{ matrix.shard }}',
    });
    expect(jobs['merge']).toMatchObject({ needs: 'shard', if: expect.stringContaining('!cancelled()') as string });
    const [download, own] = jobs['merge']?.steps ?? [];
    expect(download?.with).toMatchObject({ pattern: 'verify-shard-*', path: own?.with['shards'] });
    expect(own?.with['mode']).toBe('merge');
  });

  it('gitlab-shards.yml: the scripts, run as they stand there, pass and merge', () => {
    const jobs = parse(read('examples/ci/gitlab-shards.yml')) as Record<
      string,
      { script: string[]; after_script?: string[]; parallel?: number; artifacts?: { reports?: { junit: string } } }
    >;
    const { folder } = shim(true);
    const run = (
      name: string,
      cwd: string,
      env: Record<string, string> = {},
      part: 'script' | 'after_script' = 'script',
    ) =>
      spawnSync(
        'bash',
        ['-eo', 'pipefail', '-c', (jobs[name]?.[part] ?? []).join('\n').replaceAll('milestone-16', 'm1')],
        {
          cwd,
          encoding: 'utf8',
          env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, ...env },
        },
      );
    const of = jobs['verify-shard']?.parallel ?? 0;
    expect(of).toBe(3);
    for (const [text, codes, verdict] of [
      ['["true"]', [0, 0, 0], 0],
      ['["false"]', [10, 0, 0], 10],
    ] as const) {
      const merging = tempDir();
      const ended = Array.from({ length: of }, (_, n) => {
        const cwd = tempDir(two(text));
        const result = run('verify-shard', cwd, { CI_NODE_INDEX: String(n + 1), CI_NODE_TOTAL: String(of) });
        cpSync(join(cwd, 'reports'), join(merging, 'reports'), { recursive: true, dereference: true });
        return result.status;
      });
      expect(ended).toEqual(codes);
      const merged = run('merge-shards', merging);
      expect(merged.status, merged.stdout + merged.stderr).toBe(verdict);
      expect(run('merge-shards', merging, {}, 'after_script').status).toBe(0);
      const junit = readFileSync(join(merging, jobs['merge-shards']?.artifacts?.reports?.junit ?? ''), 'utf8');
      expect(junit).toMatch(/<testsuites name="m1" tests="2" .* skipped="0"/);
    }
  });
});

describe('the pre-push hook', () => {
  const zeros = '0'.repeat(40);
  const sha = 'a'.repeat(40);
  function push(refs: string, options: { milestone?: string; code?: number } = {}) {
    const cwd = tempDir();
    spawnSync('git', ['init', '-q'], { cwd });
    if (options.milestone !== undefined) spawnSync('git', ['config', 'verify.milestone', options.milestone], { cwd });
    const { folder, argv } = shim(false, options.code ?? 0);
    const result = spawnSync('bash', [join(root, 'examples/ci/pre-push'), 'origin', 'ssh://example.org/x'], {
      cwd,
      input: refs,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    return { ...result, argv };
  }
  it('is bash', () => expect(bash(read('examples/ci/pre-push'))).toMatchObject({ status: 0, stderr: '' }));
  it('lets branches pass, and tags that are deleted', () => {
    for (const refs of [
      `refs/heads/main ${sha} refs/heads/main ${zeros}\n`,
      `refs/tags/v1 ${zeros} refs/tags/v1 ${sha}\n`,
      '',
    ]) {
      const result = push(refs, { milestone: 'milestone-16', code: 10 });
      expect(result.status).toBe(0);
      expect(result.argv).toThrow();
    }
  });
  it('gates a tag on its commit, and refuses it with the code of the gate', () => {
    const refs = `refs/heads/main ${sha} refs/heads/main ${zeros}\nrefs/tags/v1 ${sha} refs/tags/v1 ${zeros}\n`;
    const passed = push(refs, { milestone: 'milestone-16' });
    expect(passed.status).toBe(0);
    expect(passed.argv()).toEqual([['--no-install', 'verify', 'gate', 'milestone-16', '--commit', sha]]);
    expect(push(refs, { milestone: 'milestone-16', code: 22 }).status).toBe(22);
  });
  it('refuses a tag where no milestone is named', () => {
    const result = push(`refs/tags/v1 ${sha} refs/tags/v1 ${zeros}\n`);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('verify.milestone');
  });
});
