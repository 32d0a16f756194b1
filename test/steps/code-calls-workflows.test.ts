import { describe, expect, it } from 'vitest';
import { runStep, tempDir } from '../rig/run-step.ts';

const at = '.github/workflows/ci.yml';
const job = (steps: string, above = ''): string =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n${above}    steps:\n      - uses: actions/checkout@v4\n${steps}`;
const after = (rest: string): string => `  publish:\n    runs-on: ubuntu-latest\n${rest}`;

async function seen(workflow: string, more: Record<string, string> = {}): Promise<string[]> {
  const record = await runStep({
    uses: 'code/calls',
    target: tempDir({ [at]: workflow, 'src/a.py': 'print(1)\n', 'server/main.py': 'print(1)\n', ...more }),
    with: {},
  });
  return record.findings
    .filter(({ code }) => code === 'workflow-broken')
    .map(({ level, where, message }) => `${level} ${where?.line} ${message}`);
}
const action = {
  '.github/actions/setup/action.yml': 'runs:\n  using: composite\n  steps:\n    - run: make\n      shell: bash\n',
};
const upload = '      - uses: actions/upload-artifact@v4\n        with: { name: binary, path: a }\n';
const download = (name: string): string =>
  after(`    steps:\n      - uses: actions/download-artifact@v4\n        with: { name: ${name} }\n`);
const meta = '      - id: meta\n        run: echo "tag=1" >> "$GITHUB_OUTPUT"\n';
const tells = (from: string): string => `      - run: echo "\${{ ${from} }}"\n`;
const matrix = '    strategy: { matrix: { rust: [stable, beta] } }\n';

describe('code/calls: names in workflows of GitHub', () => {
  it.each<[string, string, string, string, Record<string, string>?]>([
    [
      'a job that is not there',
      job('      - run: make\n') + after('    needs: [tests]\n    steps:\n      - run: make\n'),
      'error 10 the job publish needs tests, and the workflow has no such job: GitHub refuses it',
      job('      - run: make\n') + after('    needs: [test]\n    steps:\n      - run: make\n'),
    ],
    [
      'a key that the matrix does not have',
      job(tells('matrix.toolchain'), matrix),
      'error 8 matrix.toolchain is empty: the matrix of the job test has rust',
      job(tells('matrix.rust'), matrix),
    ],
    [
      'a key of the matrix that only some combinations have',
      job(tells('matrix.extra'), '    strategy: { matrix: { include: [{ rust: stable }] } }\n'),
      'error 8 matrix.extra is empty: the matrix of the job test has rust',
      job(tells("matrix.extra || ''"), '    strategy: { matrix: { include: [{ rust: stable }] } }\n'),
    ],
    [
      'a step without that id',
      job(meta + tells('steps.metadata.outputs.tag')),
      'error 9 steps.metadata.outputs.tag is empty: no step of the job test has the id metadata',
      job(meta + tells('steps.meta.outputs.tag')),
    ],
    [
      'an output that the job does not declare',
      job(meta) + after(`    needs: test\n    steps:\n${tells('needs.test.outputs.tag')}`),
      'error 13 needs.test.outputs.tag is empty: the job test declares no outputs',
      job(meta, '    outputs: { tag: "${{ steps.meta.outputs.tag }}" }\n') +
        after(`    needs: test\n    steps:\n${tells('needs.test.outputs.tag')}`),
    ],
    [
      'a job that is not needed',
      job(meta) + after(`    steps:\n${tells('needs.test.result')}`),
      'error 12 needs.test is empty: the job publish does not need test',
      job(meta) + after(`    needs: test\n    steps:\n${tells('needs.test.result')}`),
    ],
    [
      'a branch by half of its name',
      job("      - if: github.ref == 'refs/head/main'\n        run: make\n"),
      "error 7 `github.ref == 'refs/head/main'` is never true: it begins with refs/heads/, refs/tags/, refs/pull/",
      job("      - if: github.ref == 'refs/heads/main'\n        run: make\n"),
    ],
    [
      'a beginning of tags',
      job("      - if: startsWith(github.ref, 'refs/tag/v')\n        run: make\n"),
      "error 7 `startsWith(github.ref, 'refs/tag/v')` is never true: it begins with refs/heads/, refs/tags/, refs/pull/",
      job("      - if: startsWith(github.ref, 'refs/tags/v')\n        run: make\n"),
    ],
    [
      'an artifact under another name',
      job(upload) + download('binaries'),
      'error 13 no step puts up the artifact binaries: this workflow has binary',
      job(upload) + download('binary'),
    ],
    [
      'an action of the repository',
      job('      - uses: ./.github/actions/set-up\n'),
      'error 7 ./.github/actions/set-up has no action.yml: the job test fails at this step',
      job('      - uses: ./.github/actions/setup\n'),
      action,
    ],
    [
      'a folder to work in',
      job('      - run: make\n        working-directory: crates/a\n'),
      'warning 8 the job test works in crates/a, which is not in the repository',
      job('      - run: make\n        working-directory: server\n'),
    ],
    [
      'paths of which none is there',
      job('      - run: make\n').replace('on: push', 'on:\n  push:\n    paths: ["crates/**"]'),
      'warning 3 no file of the repository is one of crates/**: push starts this workflow for nothing that is there',
      job('      - run: make\n').replace('on: push', 'on:\n  push:\n    paths: ["crates/**", "server/**"]'),
    ],
  ])('%s', async (_, bad, finding, good, more) => {
    expect(await seen(bad, more)).toEqual([finding]);
    expect(await seen(good, more)).toEqual([]);
  });

  it.each<[string, string]>([
    [
      'a matrix that an expression makes',
      job(tells('matrix.os'), '    strategy: { matrix: "${{ fromJSON(inputs.m) }}" }\n'),
    ],
    [
      'words of a shell and texts',
      job("      - run: cat steps.old.outputs matrix.txt\n      - run: echo ${{ 'needs.test' }}\n"),
    ],
    [
      'an action that is checked out',
      job('      - uses: actions/checkout@v4\n        with: { repository: a/b, path: other }\n      - uses: ./other\n'),
    ],
    [
      'a folder that a step makes',
      job('      - run: mkdir -p work\n      - run: make\n        working-directory: work\n'),
    ],
    ['an artifact of another program', job(`${upload}      - uses: acme/packs@v1\n`) + download('packages')],
    ['a workflow that another calls', job(upload).replace('on: push', 'on: { workflow_call: {} }') + download('other')],
    ['what does not parse', 'jobs: [\n'],
  ])('says nothing of %s', async (_, workflow) => {
    expect(await seen(workflow)).toEqual([]);
  });
});
