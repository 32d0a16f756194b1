import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StepContext } from '../../src/core/step.ts';
import { Checkout } from '../../src/hosts/checkout.ts';
import { targetFiles } from '../../src/hosts/files.ts';
import dotnet from '../../src/toolchains/dotnet/toolchain.ts';
import go from '../../src/toolchains/go/toolchain.ts';
import jvm from '../../src/toolchains/jvm/toolchain.ts';
import npm from '../../src/toolchains/npm/toolchain.ts';
import python from '../../src/toolchains/python/toolchain.ts';
import type { Toolchain } from '../../src/toolchains/contract.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const chains = { dotnet, go, jvm, npm, python };

/** What the toolchain finds in variables: those that it asks for, and that leave something out. */
const named = (toolchain: Toolchain, variables: Record<string, string>): string[] =>
  Object.keys(variables).filter(
    (name) => toolchain.ambient.variables.test(name) && toolchain.ambient.silences(name, variables[name] ?? ''),
  );

describe('variables that may leave tests out are named', () => {
  it.each<[keyof typeof chains, string, string[]]>([
    [
      'go',
      'GOFLAGS',
      [
        '-run=TestA',
        '-short',
        '-tags=x',
        '-overlay=/tmp/o.json',
        '-mod=mod -skip=TestB',
        '-modfile=/tmp/go.mod',
        '-toolexec=/bin/x',
        '-exec=true',
        '-vettool=/bin/true',
        '-json',
        '-failfast',
        "-mod=mod '-run=A B'",
      ],
    ],
    [
      'python',
      'PYTEST_ADDOPTS',
      [
        '-k adds',
        'test_b.py',
        '-q test_b.py',
        '-c /dev/null',
        '-o python_functions=test_ok',
        '-o addopts=-kx',
        '--override-ini=python_files=test_b.py',
        '--config-file=/tmp/x.ini',
        '-p evil',
        '--rootdir=/tmp -vk x',
        '--reruns 3',
        '--deselect=a',
        '--lf',
      ],
    ],
    ['python', 'PYTEST_PLUGINS', ['evil']],
    ['python', 'PYTHONOPTIMIZE', ['1']],
    [
      'jvm',
      'MAVEN_ARGS',
      [
        '-Dtest=Ok',
        '-B -DskipTests',
        '-DskipTests=true',
        '-Dgroups=fast',
        '-DexcludedGroups=slow',
        '-Dsurefire.excludesFile=x',
        '-Dit.test=A',
        '-pl core',
        '--projects core',
        '-rf :b',
        '-P fast',
        '-Pfast',
        '-Dmaven.test.failure.ignore',
      ],
    ],
    ['jvm', 'MAVEN_OPTS', ['-Xmx2g -Dtest=Ok']],
    ['jvm', 'JDK_JAVA_OPTIONS', ['-DskipTests']],
    ['jvm', 'JAVA_TOOL_OPTIONS', ['-Dtest=Ok']],
    ['jvm', 'ORG_GRADLE_PROJECT_skipTests', ['true']],
    [
      'npm',
      'NODE_OPTIONS',
      [
        '--require /tmp/x.js',
        '-r ./x.js',
        '--import=./x.mjs',
        '--loader x',
        '--test-name-pattern=ok',
        '--test-only',
        '--require /tmp/.pnp.cjs/x.js',
      ],
    ],
    ['npm', 'MOCHA_OPTIONS', ['--grep ok', '-f ok']],
    ['npm', 'npm_config_script_shell', ['/bin/true']],
    ['dotnet', 'VSTestTestCaseFilter', ['FullyQualifiedName~Ok']],
    ['dotnet', 'VSTESTTESTCASEFILTER', ['Name=a']],
    ['dotnet', 'TestingPlatformCommandLineArguments', ['--filter Ok']],
    ['dotnet', 'RunSettingsFilePath', ['/tmp/x.runsettings']],
  ])('%s: %s', (name, variable, values) => {
    const passed = values.filter((value) => named(chains[name], { [variable]: value }).length === 0);
    expect(passed).toEqual([]);
  });

  it.each<[keyof typeof chains, string, string[]]>([
    [
      'go',
      'GOFLAGS',
      [
        '',
        '-mod=vendor',
        '-mod=mod',
        '-mod=readonly',
        '-buildvcs=false',
        '-count=1',
        '-p=4 -v',
        '-shuffle=on',
        '-modcacherw -trimpath',
        "-mod=mod '-ldflags=-s -w'",
        '-race -timeout=20m',
      ],
    ],
    [
      'python',
      'PYTEST_ADDOPTS',
      [
        '',
        '-q',
        '--color=yes',
        '-vv --tb=short -ra --durations=5 -p no:randomly',
        '-n auto --dist loadfile',
        '-p no:cacheprovider',
        '--cov=src --cov-report=xml',
        '--junitxml=report.xml -o junit_family=legacy',
        '-o cache_dir=/tmp/c --import-mode=importlib',
        '-W error::DeprecationWarning',
        '--timeout=300',
      ],
    ],
    ['python', 'PYTEST_PLUGINS', ['']],
    ['jvm', 'MAVEN_ARGS', ['-B -ntp', '-ntp -T 4 --batch-mode -o', '-s /root/.m2/settings.xml', '-e -U']],
    ['jvm', 'MAVEN_OPTS', ['-Xmx1g', '-Dmaven.repo.local=/c/.m2 -Djava.awt.headless=true', '-XX:+UseSerialGC']],
    ['jvm', 'JAVA_TOOL_OPTIONS', ['-Dfile.encoding=UTF-8', '-XX:MaxRAMPercentage=75 -javaagent:/a.jar']],
    ['jvm', 'GRADLE_OPTS', ['-Dorg.gradle.daemon=false', '-Dorg.gradle.jvmargs=-Xmx1g']],
    ['jvm', 'ORG_GRADLE_PROJECT_signingKey', ['x']],
    [
      'npm',
      'NODE_OPTIONS',
      [
        '--max-old-space-size=4096',
        '--openssl-legacy-provider --no-warnings',
        '--experimental-vm-modules',
        '--enable-source-maps',
        '--require /w/.pnp.cjs --experimental-loader file:///w/.pnp.loader.mjs',
      ],
    ],
    ['npm', 'npm_config_ignore_scripts', ['false', '']],
    ['dotnet', 'VSTEST_CONNECTION_TIMEOUT', ['300']],
  ])('%s: %s says nothing of tests', (name, variable, values) => {
    expect(values.filter((value) => named(chains[name], { [variable]: value }).length > 0)).toEqual([]);
  });

  // As GitHub Actions, GitLab, and the images of Python, Maven, Gradle, Go, Node and .NET set them.
  it.each(Object.entries(chains))('what CI and images set by themselves is no matter to %s', (_, toolchain) => {
    expect(
      named(toolchain, {
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITLAB_CI: 'true',
        NODE_ENV: 'test',
        GOTOOLCHAIN: 'local',
        GOPATH: '/go',
        GOFLAGS: '-buildvcs=false',
        GOTESTSUM_FORMAT: 'testname',
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONUNBUFFERED: '1',
        PYTHON_VERSION: '3.13.1',
        PIP_NO_CACHE_DIR: '1',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        pythonLocation: '/opt/hostedtoolcache/Python/3.13.1/x64',
        MAVEN_HOME: '/usr/share/maven',
        MAVEN_CONFIG: '/root/.m2',
        JAVA_HOME: '/opt/java/openjdk',
        JAVA_VERSION: 'jdk-21.0.5+11',
        GRADLE_HOME: '/opt/gradle',
        GRADLE_USER_HOME: '/home/gradle/.gradle',
        NODE_VERSION: '24.1.0',
        YARN_VERSION: '1.22.22',
        NODE_OPTIONS: '--max-old-space-size=4096',
        npm_config_loglevel: 'warn',
        DOTNET_NOLOGO: 'true',
        DOTNET_CLI_TELEMETRY_OPTOUT: '1',
        DOTNET_RUNNING_IN_CONTAINER: 'true',
        DOTNET_USE_POLLING_FILE_WATCHER: 'true',
        NUGET_XMLDOC_MODE: 'skip',
        NUGET_PACKAGES: '/n',
      }),
    ).toEqual([]);
  });
});

it('what the project’s own .npmrc says, and npx hands on, is no setting from outside', async () => {
  const [name, cwd] = ['npm_config_ignore_scripts', 'web'];
  const says = (text: string) => {
    const target = tempDir({ 'web/.npmrc': text });
    const ctx = { target, files: targetFiles(new Checkout(target)) } as unknown as StepContext;
    return npm.ambient.ofTree?.(name, 'true', ctx, cwd);
  };
  expect([await says('fund=false\nignore-scripts = true\n'), await says('ignore-scripts=false\n')]).toEqual([
    true,
    false,
  ]);
});

describe('files outside of the target that may leave tests out are named', () => {
  const settings = (inner: string): string => `<settings>${inner}</settings>`;
  const pytest = '[tool.pytest.ini_options]\n';
  const props = '<Project><PropertyGroup><VSTestTestCaseFilter>Ok</VSTestTestCaseFilter></PropertyGroup></Project>';

  // The target is the folder `up/target`, the home folder `home`; what is named stands in the third column.
  it.each<[string, keyof typeof chains, string | undefined, Record<string, string>]>([
    ['pytest.ini above', 'python', 'up/pytest.ini', { 'up/pytest.ini': '' }],
    ['pyproject above', 'python', 'up/pyproject.toml', { 'up/pyproject.toml': pytest }],
    ['pyproject above that is of something else', 'python', undefined, { 'up/pyproject.toml': '[project]\n' }],
    ['its own', 'python', undefined, { 'up/pyproject.toml': pytest, 'up/target/pyproject.toml': pytest }],
    [
      'setup.cfg above, its own is of something else',
      'python',
      'up/setup.cfg',
      { 'up/setup.cfg': '[tool:pytest]\n', 'up/target/pyproject.toml': '[project]\n' },
    ],
    ['what Python runs first', 'python', 'lib/sitecustomize.py', { 'lib/sitecustomize.py': '' }],
    ['its own that Python runs first', 'python', undefined, { 'up/target/lib/sitecustomize.py': '' }],
    ['another module', 'python', undefined, { 'lib/helpers.py': '' }],
    ['.mvn above', 'jvm', 'up/.mvn/maven.config', { 'up/.mvn/maven.config': '-Dtest=Ok' }],
    ['.mvn above, harmless', 'jvm', undefined, { 'up/.mvn/maven.config': '-T4\n-ntp' }],
    [
      '.mvn above, behind its own',
      'jvm',
      undefined,
      { 'up/.mvn/maven.config': '-Dtest=Ok', 'up/target/.mvn/wrapper/maven-wrapper.properties': '' },
    ],
    ['settings.xml', 'jvm', 'home/.m2/settings.xml', { 'home/.m2/settings.xml': settings('<test>Ok</test>') }],
    [
      'settings.xml as CI writes it',
      'jvm',
      undefined,
      { 'home/.m2/settings.xml': settings('<interactiveMode>false</interactiveMode><servers><server/></servers>') },
    ],
    [
      'an init script',
      'jvm',
      'home/.gradle/init.d/x.gradle',
      { 'home/.gradle/init.d/x.gradle': 'allprojects { tasks.withType(Test) { enabled = false } }' },
    ],
    [
      'an init script of another matter',
      'jvm',
      undefined,
      { 'home/.gradle/init.d/x.gradle': 'settingsEvaluated { pluginManagement { repositories { mavenLocal() } } }' },
    ],
    ['properties', 'jvm', undefined, { 'home/.gradle/gradle.properties': 'org.gradle.jvmargs=-Xmx2g\n' }],
    ['mocharc above', 'npm', 'up/.mocharc.cjs', { 'up/.mocharc.cjs': '', 'up/target/package.json': '{"mocha":{}}' }],
    ['mocharc above, no mocha', 'npm', undefined, { 'up/.mocharc.cjs': '', 'up/target/package.json': '{}' }],
    [
      'mocharc above, behind its own',
      'npm',
      undefined,
      { 'up/.mocharc.cjs': '', 'up/target/.mocharc.yml': '', 'up/target/package.json': '{"mocha":{}}' },
    ],
    ['the shell of npm', 'npm', 'home/.npmrc', { 'home/.npmrc': 'script-shell=/bin/true\n' }],
    ['a token of npm', 'npm', undefined, { 'home/.npmrc': '//registry.example.org/:_authToken=${NODE_AUTH_TOKEN}\n' }],
    ['MSBuild properties above', 'dotnet', 'up/Directory.Build.props', { 'up/Directory.Build.props': props }],
    ['MSBuild properties above, harmless', 'dotnet', undefined, { 'up/Directory.Build.props': '<Project/>' }],
    [
      'MSBuild properties above, behind its own',
      'dotnet',
      undefined,
      { 'up/Directory.Build.props': props, 'up/target/Directory.Build.props': '<Project/>' },
    ],
  ])('%s (%s): %s', async (_, name, expected, files) => {
    const found = await filesOf(chains[name], files);
    expect(found.map((one) => one.split(':')[0])).toEqual(expected === undefined ? [] : [expected]);
  });

  it.each<[string, string | undefined, string | undefined, string]>([
    ['go.work above', '/elsewhere/go.work', '/elsewhere/go.work', ''],
    ['its own go.work', 'go.work', undefined, ''],
    ['go.work that is off', 'off', undefined, ''],
    ['flags that go keeps', undefined, 'go env', '-run=TestA'],
    ['harmless flags that go keeps', undefined, undefined, '-mod=mod'],
  ])('%s', async (_, work, expected, flags) => {
    const found = await filesOf(go, { 'up/target/go.work': '' }, (target) => [
      flags,
      work === 'go.work' ? join(target, work) : (work ?? ''),
    ]);
    expect(found.map((one) => one.split(':')[0])).toEqual(expected === undefined ? [] : [expected]);
  });

  /** @param goEnv what `go env GOFLAGS GOWORK` prints */
  async function filesOf(
    toolchain: Toolchain,
    files: Record<string, string>,
    goEnv: (target: string) => string[] = () => [],
  ): Promise<string[]> {
    const root = tempDir({ ...files, 'up/target/.keep': '', 'home/.keep': '' });
    const target = join(root, 'up/target');
    const variables: Record<string, string> = {
      HOME: join(root, 'home'),
      PYTHONPATH: `${join(root, 'lib')}:${join(target, 'lib')}:`,
    };
    const context = {
      target,
      files: targetFiles(new Checkout(target)),
      variables: (names: RegExp) => Object.fromEntries(Object.entries(variables).filter(([name]) => names.test(name))),
      exec: async () => ({ code: 0, stdout: goEnv(target).join('\n') }),
    } as unknown as StepContext;
    const found = (await toolchain.ambient.files?.(context, '')) ?? [];
    return found.map((one) => one.replace(`${root}/`, ''));
  }
});

describe('settings from outside count for a command that calls a runner or a linter', () => {
  it.each([
    ['pytest', 'PYTEST_ADDOPTS', '-k adds', '-q --color=no'],
    ['go test ./...', 'GOFLAGS', '-run=TestA', '-mod=mod'],
    ['go vet ./...', 'GOFLAGS', '-vettool=/bin/true', '-mod=mod'],
    ['jest', 'NODE_OPTIONS', '--require=/tmp/x.js', '--max-old-space-size=512'],
    ['mvn -B verify', 'MAVEN_ARGS', '-DskipTests', '-B'],
    ['dotnet test', 'VSTEST_TESTCASEFILTER', 'Name=A', ''],
    ['ruff check', 'RUFF_OUTPUT_FILE', '/tmp/out', ''],
  ])('%s: %s=%s', async (run, name, loud, quiet) => {
    const [program = ''] = run.split(' ');
    const target = tempDir({ [`bin/${program}`]: '#!/bin/sh\necho fine\n' });
    chmodSync(join(target, 'bin', program), 0o755);
    const silenced = async (value: string, env = {}): Promise<boolean> => {
      vi.stubEnv(name, value);
      const step = await runStep({
        uses: 'command',
        with: { shell: run, env: { PATH: `${target}/bin:${process.env['PATH'] ?? ''}`, ...env } },
        target,
      });
      return codes(step).includes('silenced');
    };
    expect([await silenced(loud), await silenced(quiet), await silenced(loud, { [name]: '' })]).toEqual([
      true,
      false,
      false,
    ]);
  });
  afterEach(() => void vi.unstubAllEnvs());
});
