interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Programs that judge by data which they fetch: what they say of the network is said of that data. */
const judgesByData =
  /^(?:\S*\/)?(?:govulncheck|osv-scanner|trivy|grype|snyk|pip-audit|safety|cargo-(?:audit|deny)|cargo (?:\+\S+ )?(?:audit|deny)|(?:npm|pnpm|yarn|bun)(?: -\S+)*(?: npm)? audit|(?:python[\d.]* -m )(?:pip_audit|safety)|bundle(?:r)?[- ]audit|composer audit|dotnet list .*--vulnerable|docker (?:scout|pull)|helm (?:repo|dep|dependency|pull|registry)|(?:terraform|tofu) (?:init|get)|(?:skopeo|crane|cosign|gh|glab) )/;

/** Programs that fetch what they build of, each with how it says so itself: the words of a test that it runs are not taken for its own. */
const fetches: readonly [program: RegExp, says: RegExp][] = [
  [/^(?:\S*\/)?go /, /^(?:go: |\S+\.go:\d+:\d+: \S+@v).*$/],
  [
    /^(?:\S*\/)?cargo /,
    /^\s*(?:error|warning|Caused by|\[\d+\]).*$|^\s+(?:\[\d+\] |failed to |download of |curl failed).*$/,
  ],
  [
    /^(?:npm|npx|pnpm|yarn|bun|bunx|corepack) /,
    /^(?:npm (?:error|ERR!|warn)|\s*(?:ERR_PNPM|WARN|RequestError)|error (?:An unexpected error|Error)|➤ YN|error: ).*$/,
  ],
  [
    /^(?:\S*\/)?(?:pip[\d.]*|python[\d.]* -m pip|uv|uvx|poetry|pdm|hatch|rye|pipenv|tox|nox) /,
    /^\s*(?:ERROR: |WARNING: Retrying|error: |Caused by: |(?:×|├─▶|╰─▶|│) ).*$|.*\/simple\/.*$/,
  ],
  [
    /^(?:\S*\/)?(?:mvnw?|gradlew?|sbt) /,
    /^(?:\[ERROR\]|> Could not|\s+> (?:Could not|Connect)|Exception in thread|\[error\]).*$/,
  ],
  [/^dotnet /, /^.*\bNU1[38]01\b.*$/],
  [/^(?:bundle|gem|composer) /, /^(?:Could not (?:fetch|reach)|ERROR: |\s*curl error|.*Bundler::HTTPError).*$/],
  [/^(?:docker|podman|buildah) /, /^.*(?:failed to (?:do request|resolve|fetch)|error pulling image|pull access).*$/],
  // tox and nox run pre-commit too.
  [/^(?:\S*\/)?(?:python[\d.]* -m )?(?:pre[-_]commit|prek|tox|nox)(?: |$)/, /^\s*(?:fatal|error|ssh): .*$/],
  [/^git (?:fetch|clone|pull|ls-remote|submodule)/, /^(?:fatal|error|ssh): .*$/],
];

const noNetwork =
  /dial tcp|no such host|i\/o timeout|TLS handshake timeout|proxyconnect|network is unreachable|getaddrinfo|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET|could(?: not|n't) resolve (?:host|proxy|hostname)|temporary failure in name resolution|name or service not known|nodename nor servname|failed to lookup address|dns error|unknown ?host|failed to establish a new connection|max retries exceeded|error sending request|spurious network error|connection (?:refused|reset|timed out)|failed to connect to|unable to load the service index|could(?: not|n't) connect to (?:pypi|server)|toomanyrequests|too many requests|rate limit exceeded|audit endpoint returned an error|ERR_PNPM_AUDIT_|failed to download (?:vulnerability|java) db|fetching vulnerabilities: Get|(?:couldn't|failed to) fetch (?:the )?advisory|cannot be reached: Get/i;

/** They came so far as to find something. */
const judged =
  /\b[1-9]\d* (?:[\w-]+ ){0,3}vulnerabilit|^Vulnerability #\d|^Total: [1-9]|^error\[(?:vulnerability|unsound|unmaintained|yanked)\]|^Crate: /im;

/**
 * What a failed command says of data that it could not fetch: then it judged nothing. Undefined where it did not fail for that, or
 * where none of the programs that it comes to fetches anything.
 * @param commands the simple commands that it comes to, without those that only start others
 */
export function unreached({ code, stdout, stderr }: Ended, commands: readonly string[]): string | undefined {
  if (code === 0 || code === null) return undefined;
  const output = `${stdout.slice(-100_000)}\n${stderr.slice(-100_000)}`;
  if (judged.test(output)) return undefined;
  const lines = output.split('\n').filter((line) => noNetwork.test(line));
  const said = commands.some((one) => judgesByData.test(one))
    ? lines.at(0)
    : lines.find((line) =>
        fetches.some(([program, says]) => says.test(line) && commands.some((one) => program.test(one))),
      );
  return said?.trim().slice(0, 300);
}
