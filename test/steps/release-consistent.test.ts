import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes, runStep, tempDir, writeIn } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n## [1.4.0] - 2026-05-01\n\n- More.\n\n## [1.3.0] - 2026-04-01\n\n- Less.\n';
const base = { 'package.json': '{"name":"app","version":"1.4.0"}', 'CHANGELOG.md': changelog };
type Tree = Record<string, string>;

/** The step in a repository with these files, all committed; `then` may tag. */
function step(files: Tree, own: object = {}, then: (cwd: string) => void = () => {}) {
  const cwd = tempDir(files);
  git(cwd, 'init', '-q', '-b', 'main');
  git(cwd, 'add', '-A');
  git(cwd, 'commit', '-qm', 'one');
  then(cwd);
  return runStep({ uses: 'release/consistent', with: own, target: cwd });
}
const tag = (name: string) => (cwd: string) => void git(cwd, 'tag', '-am', name, name);

describe('release/consistent', () => {
  it('holds where all agree', async () => {
    const seen = await step(
      {
        ...base,
        'package-lock.json':
          '{"name":"app","version":"1.4.0","packages":{"":{"version":"1.4.0"},"node_modules/x":{"version":"9.0.0"}}}',
        'Cargo.toml': '[package]\nname = "app"\nversion = "1.4.0"\n[dependencies]\nserde = { version = "9.0.0" }\n',
        'Cargo.lock':
          '[[package]]\nname = "app"\nversion = "1.4.0"\n\n[[package]]\nname = "serde"\nversion = "9.0.0"\nsource = "registry"\n',
        'deploy/chart/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 0.7.2\nappVersion: "1.4.0"\n',
        'charts/redis/Chart.yaml': 'apiVersion: v2\nname: redis\nversion: 0.1.0\nappVersion: "7.2.0"\n',
        'README.md': 'docker pull ghcr.io/acme/app:1.4.0\nnpm i app@v1.4.0\n',
      },
      {
        tag: 'required',
        mentions: [
          { in: ['*.md'], text: 'ghcr.io/acme/app:{version}' },
          { in: ['README.md'], text: 'app@{version}' },
        ],
      },
      tag('v1.4.0'),
    );
    expect([seen.outcome, seen.findings]).toEqual(['passed', []]);
    expect(seen.facts).toEqual({
      'release.version': '1.4.0',
      'release.places': 9,
      'release.date': '2026-05-01',
      'release.tag': 'v1.4.0',
    });
  });

  it('a manifest that is named has a version', async () => {
    const files: Tree = { 'a/package.json': '{"name":"a"}', 'b/package.json': '{"name":"b","version":"1.4.0"}' };
    const own = { version: '1.4.0', manifests: ['a/package.json', 'b/package.json'] };
    const seen = await step(files, own);
    expect([seen.outcome, codes(seen)]).toEqual(['failed', ['version-missing']]);
    const priv = await step({ ...files, 'a/package.json': '{"name":"a","private":true}' }, own);
    expect([priv.outcome, codes(priv)]).toEqual(['passed', []]);
  });

  it('one place alone agrees with nothing, unless something is held against it', async () => {
    const alone: Tree = { 'package.json': '{"name":"app","version":"1.4.0"}' };
    const seen = await step(alone, {}, () => undefined);
    expect([seen.outcome, seen.findings.map((one) => one.code)]).toEqual(['failed', ['nothing-compared']]);
    expect((await step(alone, { version: '1.4.0' }, () => undefined)).outcome).toBe('passed');
    expect((await step(alone, { tag: 'required' }, tag('v1.4.0'))).outcome).toBe('passed');
    expect((await step({ ...alone, VERSION: '1.4.0\n' }, {}, () => undefined)).outcome).toBe('passed');
  });

  it.each<[string, Tree, string]>([
    ['a lock file', { 'package-lock.json': '{"version":"1.3.0"}' }, 'package-lock.json'],
    [
      'the inner version of a lock file',
      { 'package-lock.json': '{"version":"1.4.0","packages":{"":{"version":"1.3.9"}}}' },
      'package-lock.json',
    ],
    ['Cargo.toml', { 'Cargo.toml': '[package]\nname = "app"\nversion = "1.3.0"\n' }, 'Cargo.toml'],
    ['a workspace', { 'Cargo.toml': '[workspace.package]\nversion = "1.3.0"\n' }, 'Cargo.toml'],
    [
      'Cargo.lock',
      {
        'Cargo.toml': '[package]\nname = "my_app"\nversion = "1.4.0"\n',
        'Cargo.lock': '[[package]]\nname = "my_app"\nversion = "1.3.0"\n',
      },
      'Cargo.lock',
    ],
    ['pyproject.toml', { 'pyproject.toml': '[project]\nname = "app"\nversion = "1.4.0rc1"\n' }, 'pyproject.toml'],
    ['poetry', { 'pyproject.toml': '[tool.poetry]\nname = "app"\nversion = "1.3"\n' }, 'pyproject.toml'],
    [
      'uv.lock',
      {
        'pyproject.toml': '[project]\nname = "My.App"\nversion = "1.4.0"\n',
        'uv.lock': '[[package]]\nname = "my.app"\nversion = "1.3.0"\nsource = { editable = "." }\n',
      },
      'uv.lock',
    ],
    [
      '__version__ of the package that setup.py names',
      { 'setup.py': "setup(\n    name='my-app',\n)\n", 'src/my_app/__init__.py': "__version__: str = '1.3.0'\n" },
      'src/my_app/__init__.py',
    ],
    [
      'a package beside a placeholder and its lock file',
      {
        VERSION: '1.3.0\n',
        'package.json': '{"name":"app","version":"0.0.0"}',
        'package-lock.json': '{"version":"0.0.0","packages":{"":{"version":"0.0.0"}}}',
        'pyproject.toml': '[project]\nname = "app"\nversion = "1.4.0"\n',
      },
      'VERSION',
    ],
    [
      'pom.xml',
      {
        'pom.xml':
          '<project><parent><version>9.0.0</version></parent><artifactId>app</artifactId><version>1.3.0</version><dependencies><dependency><version>1.4.0</version></dependency></dependencies></project>',
      },
      'pom.xml',
    ],
    ['gradle.properties', { 'gradle.properties': 'group=x\nversion=1.4.0-SNAPSHOT\n' }, 'gradle.properties'],
    [
      'build.gradle.kts',
      { 'build.gradle.kts': 'plugins { id("x") version "9.0" }\nversion = "1.3.0"\n' },
      'build.gradle.kts',
    ],
    ['appVersion', { 'chart/Chart.yaml': 'name: app\nversion: 1.4.0\nappVersion: v1.3.0\n' }, 'chart/Chart.yaml'],
    ['VERSION', { VERSION: '1.3.0\n' }, 'VERSION'],
    [
      'setup.cfg',
      { 'setup.cfg': '[tool:x]\nversion = 1.4.0\n[metadata]\nname = app\nversion = 1.3.0\n[options]\n' },
      'setup.cfg',
    ],
    [
      'a csproj',
      { 'App.csproj': '<Project><PropertyGroup><Version>1.3.0</Version></PropertyGroup></Project>' },
      'App.csproj',
    ],
  ])('finds another version in %s', async (_, files, file) => {
    const seen = await step({ ...base, ...files });
    expect(codes(seen)).toEqual(['version-other']);
    expect(seen.findings[0]?.where?.file).toBe(file);
  });

  it.each<[string, Tree]>([
    [
      'a version that stands in the Python package alone',
      {
        'package.json': '{"private":true}',
        'pyproject.toml': '[project]\nname = "my-app"\ndynamic = ["version"]\n',
        'my_app/__init__.py': '__version__ = "1.4.0"\n',
        'other/__init__.py': '__version__ = "0.1.0"\n',
      },
    ],
    ['a private package without a version', { 'package.json': '{"private":true}', VERSION: 'v1.4.0\n' }],
    ['a version that the build works out', { 'pyproject.toml': '[project]\nname = "app"\ndynamic = ["version"]\n' }],
    [
      'a member of a workspace',
      { 'Cargo.toml': '[package]\nname = "app"\nversion.workspace = true\n[workspace.package]\nversion = "1.4.0"\n' },
    ],
    ['a file VERSION that is something else', { VERSION: 'see package.json\n' }],
    ['a chart of something else', { 'charts/db/Chart.yaml': 'name: db\nversion: 1.0.0\nappVersion: "16"\n' }],
    ['a package of its own in a folder', { 'packages/b/package.json': '{"name":"b","version":"7.0.0"}' }],
    ['a lock file without a version', { 'package-lock.json': '{"lockfileVersion":3,"packages":{"":{"name":"app"}}}' }],
    ['a chart without appVersion', { 'chart/Chart.yaml': 'name: app\nversion: 0.1.0\n' }],
  ])('has nothing against %s', async (_, files) => {
    const seen = await step({ ...base, ...files });
    expect([seen.outcome, seen.findings]).toEqual(['passed', []]);
  });

  it.each([
    ['## 1.4.0 (2026-05-01)', []],
    ['## [1.4.0](https://x/compare/v1.3.0...v1.4.0) (2026-05-01)', []],
    ['# v1.4.0 / May 1st, 2026', []],
    ['## **1.4.0** – 1 May 2026', []],
    ['1.4.0 / 2026-05-01\n==================', []],
    ['### app@1.4.0 - 2026-05-01', []],
    ['## Version 1.4.0 - 2026/05/01', []],
    ['## [1.4.0]', ['changelog-date']],
    ['## [1.4.0] - 2026-02-30', ['changelog-date']],
    ['## [1.4.0] - unreleased', ['changelog-date']],
    ['## [1.4.0] - 2999-01-01', ['changelog-date']],
    ['## [1.4.1] - 2026-05-02\n\n- x\n\n## [1.4.0] - 2026-05-01', ['changelog-entry']],
    ['## [1.4.0-rc.1] - 2026-05-01', ['changelog-entry']],
    ['```\n## [1.4.0] - 2026-05-01\n```', ['changelog-entry']],
    ['<!--\n## [1.4.0] - 2026-05-01\n-->', ['changelog-entry']],
    ['<!-- by hand -->\n## [1.4.0] - 2026-05-01', []],
    ['', ['changelog-entry']],
  ])('reads the changelog %j', async (entry, expected) => {
    const seen = await step({
      ...base,
      'CHANGELOG.md': `# Changelog\n\n## [Unreleased]\n\n${entry}\n\n- More.\n\n## [1.3.0] - 2026-04-01\n\n- Less.\n`,
    });
    expect(codes(seen)).toEqual(expected);
  });

  it.each([
    ['no entry has a day', '## 1.4.0\n\n- x\n\n## 1.3.0\n\n- y\n', {}, 'passed', ['changelog-date']],
    [
      'no entry has a day, and one is asked for',
      '## 1.4.0\n\n- x\n\n## 1.3.0\n',
      { dated: true },
      'failed',
      ['changelog-date'],
    ],
    ['the only entry has no date', '## 1.4.0\n\n- x\n', {}, 'failed', ['changelog-date']],
    ['the entries lie elsewhere', 'See changelogs/.\n', {}, 'failed', ['changelog-unread', 'nothing-compared']],
    [
      'the entries lie elsewhere, and it is named',
      'See x.\n',
      { changelog: 'CHANGELOG.md' },
      'failed',
      ['changelog-entry'],
    ],
  ])('%s', async (_, text, own, outcome, found) => {
    const seen = await step({ ...base, 'CHANGELOG.md': text }, own);
    expect([seen.outcome, seen.findings.map((one) => one.code)]).toEqual([outcome, found]);
  });

  it('holds the tag against the commit', async () => {
    const more = (cwd: string): void => {
      tag('v1.4.0')(cwd);
      git(cwd, 'commit', '-q', '--allow-empty', '-m', 'two');
    };
    expect(codes(await step(base, {}, more))).toEqual(['tag-elsewhere']);
    expect(codes(await step(base, { tag: 'required' }, more))).toEqual(['tag-elsewhere']);
    expect(codes(await step(base, { tag: 'ignored' }, more))).toEqual([]);
    expect(codes(await step(base, { tag: 'required' }))).toEqual(['tag-missing']);
    expect(codes(await step(base, { tag: 'required' }, tag('v1.4.0-rc.1')))).toEqual(['tag-missing']);
    expect(codes(await step(base, { tag: 'required', tagFormat: 'app-{version}' }, tag('app-1.4.0')))).toEqual([]);
    const none = await runStep({ uses: 'release/consistent', with: { tag: 'required' }, target: tempDir(base) });
    expect(codes(none)).toEqual(['no-repository']);
  });

  it('wants a signature where it is asked for', async () => {
    const keys = tempDir();
    for (const name of ['own', 'other'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)]);
    const signed =
      (key: string) =>
      (cwd: string): void => {
        git(cwd, '-c', 'gpg.format=ssh', '-c', `user.signingkey=${join(keys, key)}`, 'tag', '-sm', 'x', 'v1.4.0');
        const [type, data] = execFileSync('cat', [join(keys, 'own.pub')], { encoding: 'utf8' }).split(' ');
        writeFileSync(join(cwd, '.git/signers'), `dev@example.org ${type} ${data}\n`);
      };
    const own = { signed: true, allowedSigners: '.git/signers' };
    const good = await step(base, own, signed('own'));
    expect([good.outcome, good.proofs]).toEqual([
      'passed',
      expect.arrayContaining(['the signature of v1.4.0 is good']),
    ]);
    expect((await step(base, own, signed('other'))).outcome).not.toBe('passed');
    // Whoever may write the repository's configuration must not choose who checks.
    const bribed = (cwd: string): void => {
      signed('other')(cwd);
      for (const key of ['gpg.ssh.program', 'gpg.program']) git(cwd, 'config', key, '/bin/true');
    };
    expect((await step(base, own, bribed)).outcome).not.toBe('passed');
    const renamed = (cwd: string): void => {
      signed('own')(cwd);
      git(cwd, 'update-ref', 'refs/tags/1.4.0', git(cwd, 'rev-parse', 'refs/tags/v1.4.0').trim());
      git(cwd, 'tag', '-d', 'v1.4.0');
    };
    expect(codes(await step(base, own, renamed))).toEqual(['tag-unsigned']);
    expect(codes(await step(base, own))).toEqual(['tag-missing']);
    await expect(step(base, { signed: true, tag: 'ignored' })).rejects.toThrow('not a valid checklist');
    expect(codes(await step(base, own, tag('v1.4.0')))).toEqual(['tag-unsigned']);
    expect(codes(await step(base, own, (cwd) => void git(cwd, 'tag', 'v1.4.0')))).toEqual(['tag-unsigned']);
    expect(codes(await step(base, { signed: true }, signed('own')))).toEqual(['tag-unverified']);
  });

  it.each([
    ['another version', 'run app:1.3.0', ['mention-other']],
    ['a longer version', 'run app:1.4.0.1', ['mention-other']],
    ['a pre-release', 'run app:1.4.0-rc1', ['mention-other']],
    ['one right and one wrong', 'app:1.4.0 app:1.3.9', ['mention-other']],
    ['nothing', 'run app:latest', ['mention-missing']],
    ['another name that ends so', 'run my-app:1.3.0 app:1.4.0', []],
    ['the version at the end of a sentence', 'Pull app:1.4.0.', []],
  ])('sees %s in a text', async (_, text, expected) => {
    const seen = await step(
      { ...base, 'docs/a b.md': text },
      { mentions: [{ in: ['docs/*.md'], text: 'app:{version}' }] },
    );
    expect(codes(seen)).toEqual(expected);
  });

  it('a shallow clone says nothing of tags, and a variable of git leads nowhere', async () => {
    const whole = tempDir(base);
    git(whole, 'init', '-q', '-b', 'main');
    git(whole, 'add', '-A');
    git(whole, 'commit', '-qm', 'one');
    git(whole, 'commit', '-q', '--allow-empty', '-m', 'two');
    git(whole, 'tag', 'v1.4.0', 'HEAD~1');
    const clone = join(tempDir(), 'clone');
    git(whole, 'clone', '-q', '--depth', '1', `file://${whole}`, clone);
    const shallow = await runStep({ uses: 'release/consistent', target: clone });
    expect([shallow.outcome, shallow.findings.map((one) => one.code)]).toEqual(['passed', ['tags-unseen']]);
    expect(shallow.proofs.join()).not.toContain('no tag of');
    git(whole, 'tag', '-f', 'v1.4.0');
    const elsewhere = (): void => void (process.env['GIT_DIR'] = join(whole, '.git'));
    const required = await step(base, { tag: 'required' }, elsewhere).finally(() => delete process.env['GIT_DIR']);
    expect(codes(required)).toEqual(['tag-missing']);
  });

  it('says what is not there', async () => {
    expect(codes(await step({ 'README.md': 'x' }))).toEqual(['no-version']);
    expect(codes(await step(base, { manifests: ['none.json', 'package.json'], changelog: 'NEWS.md' }))).toEqual([
      'changelog-missing',
      'manifest-missing',
    ]);
    expect(codes(await step({ ...base, 'package.json': '{' }))).toContain('manifest-unreadable');
    expect(codes(await step(base, { mentions: [{ in: ['none/*.md'], text: 'app:{version}' }] }))).toEqual([
      'mention-missing',
    ]);
    const cwd = tempDir();
    writeIn(cwd, 'package.json', '{"version":"1.4.0"}');
    const bare = await runStep({ uses: 'release/consistent', with: { version: '1.5.0', tag: 'ignored' }, target: cwd });
    expect(codes(bare)).toEqual(['version-other']);
  });
});
