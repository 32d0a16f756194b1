import { describe, expect, it } from 'vitest';
import { runStep, tempDir } from '../rig/run-step.ts';

const clap = `use clap::{Parser, Subcommand};
#[derive(Parser)]
struct Cli { #[command(subcommand)] command: Commands }
#[derive(Subcommand)]
enum Commands { Start { #[arg(short, long)] port: u16 } }
fn main() { let _ = Cli::parse(); }
`;

async function seen(files: Record<string, string>, document: string): Promise<string[]> {
  const record = await runStep({ uses: 'docs/claims', with: { documents: [document] }, target: tempDir(files) });
  return record.findings
    .filter((one) => one.level !== 'note')
    .map((one) => `${one.level} ${one.code} ${one.where?.line}`);
}
const vitepress = {
  'docs/.vitepress/config.mts': 'export default {}\n',
  'docs/ops/metrics_streaming.md': '# m\n',
  'docs/ops/grafana/main-board.json': '{}',
  'docs/guide/index.md': '# g\n',
};
const mystSite = {
  'docs/conf.py': 'extensions = ["myst_parser"]\n',
  'docs/index.md': '# Guide\n\n(role-list)=\n## Roles of a user\n',
  'docs/api.rst': '.. _endpoints:\n\nEndpoints\n=========\n',
};

describe('docs/claims: links of documentation sites', () => {
  it.each([
    ['a page of another name', '[x](./metrics-streaming)'],
    ['no page at all', '[x](./runbook)'],
    ['a file that is no page', '[x](./main-board)'],
    ['from the root', '[x](/guide/set-up)'],
  ])('VitePress: finds %s', async (_, text) =>
    expect(await seen({ ...vitepress, 'docs/ops/index.md': text }, 'docs/ops/index.md')).toEqual([
      'warning link-broken 1',
    ]),
  );
  it('VitePress: routes of pages and folders lead somewhere', async () => {
    const text =
      '[a](./metrics_streaming) [b](/guide/) [c](../guide/) [d](./metrics_streaming.html) [e](/ops/metrics_streaming)\n';
    expect(await seen({ ...vitepress, 'docs/ops/index.md': text }, 'docs/ops/index.md')).toEqual([]);
  });
  it('Docusaurus: a slug, an id and a number that orders are names of a page', async () => {
    const files = {
      'website/docusaurus.config.js': 'module.exports = {}\n',
      'docs/01-intro.md': '# i\n',
      'docs/b.md': '---\nslug: /start\nid: begin\n---\n# b\n',
      'docs/a.md': '[1](./intro) [2](/docs/start) [3](begin)\n\n[4](./gone)\n',
    };
    expect(await seen(files, 'docs/a.md')).toEqual(['warning link-broken 3']);
  });
  it('rewritten routes are nobody’s file', async () => {
    const files = {
      ...vitepress,
      'docs/.vitepress/config.mts': 'export default { rewrites: {} }\n',
      'docs/a.md': '[x](./gone) [y](guide/index.md)',
    };
    expect(await seen(files, 'docs/a.md')).toEqual([]);
  });
  it('MyST: a label of another page, of reStructuredText, and an object of the reference', async () => {
    const text = '[a](#role-list) [b](#endpoints) [c](#pkg.Class) [d](#howto/x)\n\n[e](#roll-list)\n';
    expect(await seen({ ...mystSite, 'docs/b.md': text }, 'docs/b.md')).toEqual(['warning anchor-missing 3']);
  });
});

describe('docs/claims: the repository’s own programs', () => {
  const rust = {
    'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nclap = "4"\n',
    'src/main.rs': clap,
    'src/text.rs': 'pub fn f(source: &str) -> usize {\n    source\n        .lines()\n        .count()\n}\n',
  };
  const sh = (line: string): string => `\`\`\`bash\n${line}\n\`\`\`\n`;
  it.each([
    ['a flag by its path', './target/release/app start --http-port 1'],
    ['a flag by its name alone', 'app start --http-port 1'],
    ['a subcommand', './target/debug/app serve'],
  ])('finds %s', async (_, line) =>
    expect(await seen({ ...rust, 'a.md': sh(line) }, 'a.md')).toEqual(['error command-wrong 2']),
  );
  it.each(['app start --port 1', 'app start --help', 'app store list --of-another-app'])(
    'no false alarm: %s',
    async (line) => expect(await seen({ ...rust, 'a.md': `[x](Cargo.toml)\n\n${sh(line)}` }, 'a.md')).toEqual([]),
  );
  it('says that it does not judge a program which hands its arguments on', async () => {
    const files = {
      ...rust,
      'src/main.rs': `${clap}// #[arg(trailing_var_arg = true)]\n`,
      'a.md': sh('./target/release/app start --any 1'),
    };
    const record = await runStep({ uses: 'docs/claims', with: { documents: ['a.md'] }, target: tempDir(files) });
    expect(record.findings.map((one) => `${one.level} ${one.code}: ${one.message}`)).toContain(
      'note not-judged: the arguments of app are not judged, because src/main.rs hands on arguments that it does not know',
    );
  });
});
