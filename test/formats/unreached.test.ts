import { describe, expect, it } from 'vitest';
import { unreached } from '../../src/formats/programs/unreached.ts';
import { startedBy } from '../../src/formats/test-runners/followed.ts';

const said = (stderr: string, ...commands: string[]) => unreached({ code: 1, stdout: '', stderr }, commands);

describe('a program that could not fetch what it judges by', () => {
  it.each([
    [
      'govulncheck ./...',
      'govulncheck: fetching vulnerabilities: Get "https://vuln.go.dev/index/modules.json.gz": dial tcp: lookup vuln.go.dev on 10.0.0.2:53: no such host',
    ],
    ['/root/go/bin/govulncheck ./...', 'Get "https://vuln.go.dev/index/db.json": dial tcp 1.2.3.4:443: i/o timeout'],
    [
      'npm audit --omit=dev',
      'npm warn audit request to https://registry.example/-/npm/v1/security/advisories/bulk failed, reason: getaddrinfo ENOTFOUND registry.example\nnpm error audit endpoint returned an error',
    ],
    [
      'pre-commit run --all-files',
      "An unexpected error has occurred: CalledProcessError: command: ('/usr/bin/git', 'fetch', 'origin', '--tags')\n    fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com",
    ],
    ['yarn npm audit', '➤ YN0001: RequestError: getaddrinfo EAI_AGAIN registry.yarnpkg.com'],
    ['pnpm --recursive audit', 'ERR_PNPM_AUDIT_BAD_RESPONSE  The audit endpoint responded with 503'],
    [
      'pip-audit -r requirements.txt',
      "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: /pypi/flask/2.0/json",
    ],
    ['python3 -m pip_audit', "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed"],
    ['cargo audit', "error: couldn't fetch advisory database: git operation failed: failed to prepare fetch"],
    [
      'cargo +stable deny check advisories',
      '[ERROR] failed to fetch advisory database https://github.com/rustsec/advisory-db',
    ],
    [
      'trivy fs --exit-code 1 .',
      'FATAL	Fatal error	init error: DB error: failed to download vulnerability DB: OCI artifact error',
    ],
    [
      'helm repo update',
      'Error: looks like "https://charts.example/x" is not a valid chart repository or cannot be reached: Get "https://charts.example/x/index.yaml": dial tcp: lookup charts.example: no such host',
    ],
    [
      'go build ./...',
      'go: example.org/lib@v1.2.3: Get "https://proxy.golang.org/example.org/lib/@v/v1.2.3.mod": dial tcp: lookup proxy.golang.org: no such host',
    ],
    [
      'cargo build',
      'error: failed to download from `https://index.crates.io/config.json`\n\nCaused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)',
    ],
    [
      'npm ci',
      'npm error code EAI_AGAIN\nnpm error request to https://packages.example/a failed, reason: getaddrinfo EAI_AGAIN packages.example',
    ],
    ['uv run pytest', 'error: Failed to fetch: `https://pypi.org/simple/pytest/`\n  Caused by: dns error'],
    [
      'mvn -B verify',
      '[ERROR] Could not transfer artifact a:b:pom:1 from/to central: repo.maven.apache.org: Unknown host repo.maven.apache.org',
    ],
    ['dotnet build', 'error NU1301: Unable to load the service index for source https://api.nuget.org/v3/index.json.'],
    ['git fetch --tags', "fatal: unable to access 'https://forge.example/': Could not resolve host: forge.example"],
    ['gh api repos/a/b', 'error connecting to api.github.com: dial tcp: lookup api.github.com: no such host'],
  ])('%s', (command, stderr) => expect(said(stderr, command)).toBeDefined());

  it.each([
    ['what it found', 'govulncheck ./...', 'Vulnerability #1: GO-2024-0001\n  More info: dial tcp'],
    [
      'the number that it found',
      'npm audit',
      '3 high severity vulnerabilities\nnpm warn audit request failed, reason: ECONNRESET',
    ],
    ['a total', 'trivy fs .', 'Total: 2 (HIGH: 2)\nWARN dial tcp: no such host'],
    [
      'what a test says of its own service',
      'go test ./...',
      '    db_test.go:12: dial tcp 127.0.0.1:5432: connect: connection refused\nFAIL',
    ],
    ['the same of node', 'npm test', 'Error: connect ECONNREFUSED 127.0.0.1:6379\n    at TCPConnectWrap.afterConnect'],
    ['a script of the product', './scripts/smoke.sh', 'curl: (6) Could not resolve host: api.example.com'],
    ['a checker of links', 'lychee README.md', 'https://gone.example: failed to lookup address information'],
    ['another failure', 'govulncheck ./...', 'govulncheck: no go.mod file'],
  ])('but not %s', (_, command, stderr) => expect(said(stderr, command)).toBeUndefined());

  it('and not one that passed', () =>
    expect(
      unreached({ code: 0, stdout: '', stderr: 'dial tcp: no such host' }, ['govulncheck ./...']),
    ).toBeUndefined());
});

describe('what only starts another program is seen through', () => {
  const commandsOf = (words: string): string[] => startedBy(words.split(' ')).map((one) => one.words.join(' '));
  const git = "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com";

  it.each([
    'uv run --locked --no-default-groups --group pre-commit pre-commit run --all-files',
    'uv run --group dev tox run',
    'tox',
  ])('%s that could not fetch judged nothing', (words) => {
    expect(said(`An unexpected error has occurred\n    ${git}`, ...commandsOf(words))).toBe(git);
  });

  it('tests that print the same words are judged by their exit code', () => {
    expect(said(git, ...commandsOf('uv run --group dev pytest'))).toBeUndefined();
  });

  it.each([
    ['uv run --with x==1 -- pytest -q', 'pytest -q'],
    ['uv run -p 3.12 --extra tests pytest', 'pytest'],
  ])('%s comes to %s', (words, inner) => expect(commandsOf(words)).toEqual([inner]));
});
