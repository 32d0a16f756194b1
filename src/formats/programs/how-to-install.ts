const python =
  'black flake8 isort mypy pyright pytest ruff bandit codespell yamllint nox tox pre-commit pip-audit hatch pdm poetry uv pipenv build';
const go: Readonly<Record<string, string>> = {
  govulncheck: 'golang.org/x/vuln/cmd/govulncheck',
  'golangci-lint': 'github.com/golangci/golangci-lint/v2/cmd/golangci-lint',
  staticcheck: 'honnef.co/go/tools/cmd/staticcheck',
  gotestsum: 'gotest.tools/gotestsum',
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint',
  gosec: 'github.com/securego/gosec/v2/cmd/gosec',
  task: 'github.com/go-task/task/v3/cmd/task',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
};
const others: Readonly<Record<string, string>> = {
  typos: 'cargo install typos-cli',
  just: 'cargo install just',
  'cargo deny': 'cargo install cargo-deny',
  'cargo audit': 'cargo install cargo-audit',
  'cargo nextest': 'cargo install cargo-nextest',
  pnpm: 'corepack enable pnpm',
  yarn: 'corepack enable yarn',
  bun: 'npm install --global bun',
};

/** The command that installs a program, by its own manual; undefined where it is not known, or differs by system. */
export function howToInstall(name: string): string | undefined {
  if (Object.hasOwn(go, name)) return `go install ${go[name]}@latest`;
  if (Object.hasOwn(others, name)) return others[name];
  // Programs of their own are kept apart from the project's packages.
  if (/^(?:uv|hatch|pdm|poetry|pipenv|tox|nox|pre-commit)$/.test(name)) return `pipx install ${name}`;
  return python.split(' ').includes(name) ? `python3 -m pip install ${name}` : undefined;
}

/** The same as the hint of a finding. */
export const hintFor = (program = ''): { hint?: string } => {
  const how = howToInstall(program);
  return how === undefined ? {} : { hint: `install it: ${how}` };
};
