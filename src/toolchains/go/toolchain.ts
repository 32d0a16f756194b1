import { proof } from '../program-words.ts';
import { z } from 'zod';
import { textOf } from '../../formats/data/json-parts.ts';
import { testsOf, type CannotTest, type Lints, type Toolchain } from '../contract.ts';
import { lintFor } from '../lint-for.ts';
import { belongsTo, outermost, type DraftStep, type ProjectTree } from '../drafted.ts';
import { baseOf, folderOf, inFolder } from '../../formats/data/paths.ts';

const params = {
  packages: z.array(z.string().min(1)).min(1).default(['./...']).describe('package patterns'),
  race: z.boolean().default(false).describe('-race'),
  tags: z.array(z.string().min(1)).default([]).describe('build tags'),
  short: z.boolean().default(false).describe('-short: tests may leave out what takes long'),
  filter: z.string().optional().describe('-run: only tests whose name this regular expression matches'),
};
type Params = z.infer<z.ZodObject<typeof params>> & { cwd: string; env: Record<string, string>; args: string[] };

const argv = (p: Params, coverage?: string): string[] => [
  'go',
  'test',
  '-json',
  // What was cached did not run in this run.
  '-count=1',
  ...(p.race ? ['-race'] : []),
  ...(p.short ? ['-short'] : []),
  ...(p.tags.length > 0 ? [`-tags=${p.tags.join(',')}`] : []),
  ...(p.filter === undefined ? [] : [`-run=${p.filter}`]),
  ...(coverage === undefined ? [] : [`-coverprofile=${coverage}/go.out`, '-coverpkg=./...']),
  ...p.args,
  ...p.packages,
];

/** Flags of `go test` that the step has parameters for, or that change nothing that it judges. */
const valued =
  /^-{1,2}(?:timeout|p|parallel|cpu|coverprofile|covermode|coverpkg|outputdir|count|o|exec|mod|ldflags|gcflags|vet|skip|shuffle)$/;
const known = /^-{1,2}(?:v|race|short|json|cover|failfast|fullpath|x|msan|asan|benchmem|trimpath|a)$/;
const dropped = /^-{1,2}(?:v|json|x|cover|count|coverprofile|covermode|coverpkg|outputdir|o)$/;
const kept =
  /^-{1,2}(?:timeout|p|parallel|cpu|mod|ldflags|gcflags|vet|skip|shuffle|failfast|fullpath|trimpath|exec|msan|asan|a)$/;

/** `go test -race -tags=x ./...` as parameters. */
function fromWords(words: readonly string[]): Record<string, unknown> | undefined {
  let at = 1;
  let folder = '';
  if (words[at] === '-C') [folder, at] = [words[at + 1] ?? '', at + 2];
  if (words[0] !== 'go' || words[at] !== 'test') return undefined;
  const found: { packages: string[]; tags: string[]; args: string[]; [key: string]: unknown } = {
    packages: [],
    tags: [],
    args: [],
  };
  for (let n = at + 1; n < words.length; n++) {
    const word = words[n] ?? '';
    if (!word.startsWith('-')) {
      found.packages.push(word);
      continue;
    }
    if (word === '-args' || word === '--args') return undefined;
    const [name = '', inline] = word.includes('=')
      ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
      : [word];
    const takes = valued.test(name) || /^-{1,2}(?:tags|run|bench|benchtime|test\.\w+)$/.test(name);
    if (!takes && !known.test(name)) return undefined;
    const value = inline ?? (takes ? words[++n] : undefined);
    // Benchmarks and listings are another thing than tests.
    if (/^-{1,2}(?:bench|benchtime|list|c|test\.\w+)$/.test(name)) return undefined;
    if (/^-{1,2}race$/.test(name)) found['race'] = value !== 'false';
    else if (/^-{1,2}short$/.test(name)) found['short'] = value !== 'false';
    else if (/^-{1,2}tags$/.test(name)) found.tags.push(...(value ?? '').split(/[ ,]/).filter((tag) => tag !== ''));
    else if (/^-{1,2}run$/.test(name)) found['filter'] = value;
    else if (kept.test(name)) found.args.push(value === undefined ? name : `${name}=${value}`);
    else if (!dropped.test(name)) return undefined;
  }
  const { packages, tags, args, ...more } = found;
  return {
    ...(folder !== '' && { cwd: folder }),
    ...(packages.join() !== './...' && { packages: packages.length === 0 ? ['.'] : packages }),
    ...(tags.length > 0 && { tags }),
    ...(args.length > 0 && { args }),
    ...more,
  };
}

/** Says the output that a module could not be fetched, or that this Go is too old? A module that nobody asks for is another thing. */
const unfetched =
  /dial tcp|no such host|i\/o timeout|TLS handshake timeout|connection (?:refused|reset)|proxyconnect|module lookup disabled by GOPROXY|GOFLAGS=-mod=vendor.*|unrecognized import path.*(?:timeout|lookup)|(?:proxy\.golang\.org|sum\.golang\.org)\S*: (?:dial|Get|EOF|50\d|40[34])/;

/** A package of the module itself that its code imports and that is not in the repository. */
function generatedFor(tree: ProjectTree, manifest: string, files: readonly string[]): string | undefined {
  const name = /^module\s+"?([^\s"]+)/m.exec(tree.text(manifest) ?? '')?.[1];
  if (name === undefined) return undefined;
  const folders = new Set(files.map((file) => folderOf(file)));
  const own = new RegExp(`^(?:import\\s+)?\\s*(?:[\\w.]+\\s+)?"${name.replace(/[^\w]/g, '\\$&')}/([^"]+)"`, 'gm');
  for (const file of files)
    for (const [, inner = ''] of (tree.text(file) ?? '').matchAll(own))
      if (!folders.has(inFolder(folderOf(manifest), inner))) return `${name}/${inner}`;
  return undefined;
}

/** Flags in `GOFLAGS` that change nothing of what is built, tested or looked at. Every other may: `-run`, `-tags`, `-overlay`; with `-json` vet ends with 0 whatever it finds. */
const harmless =
  /^-{1,2}(?:mod=(?:mod|readonly|vendor)|modcacherw|trimpath|buildvcs(?:=\w+)?|(?:p|parallel|count)=\d+|(?:timeout|shuffle|pgo)=\S+|v|x|a|work|fullpath|race|msan|asan|cover\w*(?:=\S+)?|(?:ld|gc|asm)flags=.*|buildmode=\S+)$/;

const ambient: Toolchain['ambient'] = {
  of: /^(?:\S*\/)?(?:go test|gotestsum|ginkgo)\b/,
  variables: /^(?:GOFLAGS|GOTEST\w*)$/,
  silences: (name, value) =>
    name === 'GOFLAGS'
      ? (value.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []).some((word) => !harmless.test(word.replace(/['"]/g, '')))
      : /(?:^|\s)-{1,2}(?:test\.)?(?:run|skip|short|list|exec|tags|vet|c|n)(?:=|\s|$)/.test(value),
  async files(ctx, cwd) {
    const answer = await ctx.exec(['go', 'env', 'GOFLAGS', 'GOWORK'], {
      ...(cwd !== '' && { cwd }),
      name: 'go-env',
      readsOnly: true,
      unkept: true,
    });
    const [flags = '', work = ''] = answer.code === 0 ? answer.stdout.split('\n').map((line) => line.trim()) : [];
    return [
      ...(ambient.silences('GOFLAGS', flags) && ctx.variables(/^GOFLAGS$/)['GOFLAGS'] === undefined
        ? [`go env: GOFLAGS=${flags}`]
        : []),
      ...(work.startsWith('/') && (await ctx.files.realPath(work).catch(() => ({ outside: true }))).outside
        ? [`${work}: go takes modules from it, and it is not part of the tree`]
        : []),
    ];
  },
};
const missing = (output: string): CannotTest | undefined => {
  const old =
    /go\.mod requires go >= ([\d.]+) \(running go ([\d.]+)|toolchain not available|go: download go[\d.]+ .*/.exec(
      output,
    )?.[0];
  if (old !== undefined)
    return { missing: `this Go is too old: ${old.slice(0, 200)}`, remedy: 'install the Go that go.mod names' };
  const line = output.split('\n').find((one) => unfetched.test(one));
  return line === undefined
    ? undefined
    : {
        missing: `modules could not be fetched: ${line.trim().slice(0, 300)}`,
        remedy: 'check the network, or run `go mod download` before',
      };
};

/** Sources: `go help vet`, golangci-lint 2.x `run --help` and its page on configuration, staticcheck `-help`. */
const control = {
  files: { 'go.mod': 'module control\n', 'control.go': 'package control\n\nfunc\n' },
  env: { GOWORK: 'off' },
  says: /control\.go:\d/,
};

const lints: Lints = {
  linters: {
    vet: {
      words: ['go', 'vet'],
      all: ['./...'],
      outputOptions: /^-{1,2}(?:v|x|json)$/,
      not: / -(?:n|fix|vettool)\b/,
      mutes: / --?(?:n|h|help|V|flags) /,
      control,
      looked: /matched no packages|no packages to vet/,
      configs: [],
      ambient,
    },
    'golangci-lint': {
      words: ['golangci-lint', 'run'],
      all: [],
      outputOptions:
        /^(?:--out-format|--output\.|-v$|--verbose$|--print-issued-lines|--print-linter-name|--color|--show-stats)/,
      not: / --(?:fix|issues-exit-code)\b/,
      mutes: / (?:--issues-exit-code\S*|-h|--help|--version) /,
      control,
      looked: /no go files to analyze/,
      // A pattern that fits every path, or rules without a linter that fit every text.
      blank:
        /^\s*(?:paths|skip-dirs|skip-files|exclude):\s*(?:\[\s*|\n\s*-\s+)["']?(?:\^?\.[*+]\$?|\.)["']?\s*(?:,|\]|$)|-\s+path:\s+["']?\.[*+]["']?\n\s+text:\s+["']?\.[*+]["']?\s*$/m,
      configs: ['.golangci.yml', '.golangci.yaml', '.golangci.toml', '.golangci.json'],
      home: ['.golangci.yml', '.golangci.yaml', '.golangci.toml', '.golangci.json'],
      ambient,
    },
    staticcheck: {
      words: ['staticcheck'],
      all: ['./...'],
      outputOptions: /^-{1,2}f(?:=|$)/,
      not: / -(?:fail|version|explain|list-checks)\b/,
      mutes: / --?(?:fail\S*|h|help|version|explain\S*|list-checks|debug\.version) /,
      control,
      looked: /matched no packages/,
      blank: /^\s*checks\s*=\s*\[\s*(?:["'](?:inherit|all)["']\s*,\s*)*(?:["'](?:-all|-\*|none)["']\s*,?\s*)*\]/m,
      configs: ['staticcheck.conf'],
      ambient,
    },
  },
  example: `- id: vet
  uses: go/lint
  with: { linter: vet }`,
  starter: async (program) => [program],
  unprepared: async (output) => missing(output),
};

const isProgram = (tree: ProjectTree, path: string): boolean =>
  /^(?:main|(?:.*\/)?cmd\/.*)\.go$/.test(path) && /^package main\b/m.test(tree.text(path) ?? '');

const go: Toolchain = {
  name: 'go',
  title: 'Go',
  manifests: /^go\.mod$/,
  tools: [{ name: 'go', version: ['go', 'version'], remedy: 'install Go from https://go.dev/dl' }],
  steps: { 'go/test': 'test', 'go/lint': 'lint' },
  results: [],
  unasked: ['go.work'],
  lints,
  ambient,
  programs: {
    go: {
      proves([, first, ...rest]) {
        // With -c it only compiles them.
        if (first === 'test') return rest.includes('-c') ? undefined : proof('test', 'go test');
        if (first === 'vet') return proof('lint', 'go vet');
        return first === 'build' ? proof('build', 'go build') : undefined;
      },
      isHarmless: ([, first = '']) => /^(?:vet|test|build|list|version)$/.test(first),
      prepares: /^(?:install|get|mod|env|version|clean|work|tool)$/,
    },
  },
  tests: testsOf<Params>({
    params,
    summary: 'The Go tests pass, and at least the promised number of them was executed.',
    description: `Runs \`go test -json -count=1\` in the module's folder (\`cwd\`) and reads its events: cached results are not taken, a package that does not build or ends early is a finding, and of a failed test with failed subtests these are told. \`GOFLAGS\` that may leave tests out or exchange files (\`-run\`, \`-short\`, \`-tags\`, \`-overlay\`), and a \`go.work\` above the target, make the step inconclusive: say in the checklist what is meant. With \`coverage\` it adds \`-coverprofile\` and \`-coverpkg=./...\`. Modules that cannot be fetched are inconclusive.`,
    example: `- id: go-tests
  uses: go/test
  with: { race: true, minimum: 40 }`,
    plan: (p) => argv(p).join(' '),
    async command(p, ctx, { coverage }) {
      const manifest = inFolder(p.cwd, 'go.mod');
      if ((await ctx.files.kind(manifest)) !== 'file' && (await ctx.files.kind(inFolder(p.cwd, 'go.work'))) !== 'file')
        return { missing: `${manifest} is not there`, remedy: 'give the folder of the module as cwd' };
      return { argv: argv(p, coverage), env: p.env, printed: true };
    },
    async unprepared({ stdout, stderr }) {
      const output = `${stderr}\n${stdout.slice(-200_000)}`;
      // A test that asks the network says the same words; then packages were built, and some of them passed or failed by themselves.
      const why = /"Action":"run"/.test(stdout) ? undefined : missing(output);
      return why && { what: why.missing, remedy: why.remedy };
    },
  }),
  stepFor({ words, cwd }, tree) {
    const found = fromWords(words);
    if (!found) return tree.paths.includes(inFolder(cwd, 'go.mod')) ? lintFor('go', lints, words, cwd) : undefined;
    const { cwd: own = '', ...rest } = found;
    const folder = [cwd, String(own)].filter((part) => part !== '' && part !== '.').join('/');
    if (!tree.paths.includes(inFolder(folder, 'go.mod'))) return undefined;
    return { id: 'go-test', uses: 'go/test', with: { ...(folder !== '' && { cwd: folder }), ...rest } };
  },
  covers: (step) => {
    const linter = textOf(step.with?.['linter']);
    const key = step.uses === 'go/test' ? 'go test' : linter === 'vet' ? 'go vet' : linter;
    return [{ key, cwd: textOf(step.with?.['cwd']) }];
  },
  items(tree, { ids, leftOut }) {
    const modules = tree.paths.filter((path) => baseOf(path) === 'go.mod');
    const examples: string[] = [];
    const steps = modules.flatMap((path): DraftStep[] => {
      const folder = folderOf(path);
      const name = modules.length === 1 ? '' : `-${folder === '' ? 'root' : folder}`;
      const inside = tree.paths.filter((one) => one.endsWith('.go') && belongsTo(one, path, modules));
      if (inside.length === 0) return [];
      const lacking = generatedFor(tree, path, inside);
      if (lacking !== undefined) {
        leftOut.push(
          `the module of ${path}: ${lacking} is imported and not in the repository; it has to be generated first`,
        );
        return [];
      }
      const hasTests = inside.some((one) => one.endsWith('_test.go'));
      if (!hasTests && modules.length > 1 && /(?:^|\/)_?(?:examples?|samples?|demos?)\//.test(path)) {
        examples.push(folder);
        return [];
      }
      const cwd = folder === '' ? {} : { cwd: folder };
      return [
        { id: ids.take(`go-vet${name}`), uses: 'go/lint', with: { linter: 'vet', ...cwd } },
        ...(hasTests ? [{ id: ids.take(`go-test${name}`), uses: 'go/test', ...(folder !== '' && { with: cwd }) }] : []),
      ];
    });
    if (examples.length > 0)
      leftOut.push(
        `go vet of ${examples.join(', ')}: ${examples.length === 1 ? 'an example that is a module of its own' : 'examples that are modules of their own'}, without tests; \`go/lint\` with \`cwd:\` vets one`,
      );
    return steps.length === 0
      ? []
      : [{ id: ids.take('go'), title: 'The Go modules are vetted and their tests pass', impact: 'critical', steps }];
  },
  checks: () => [],
  // Vet and tests compile every package; only a build links its programs.
  builds: (tree) =>
    outermost(tree, /^go\.mod$/)
      .filter((path) => {
        const inside = tree.paths.filter((one) => one.endsWith('.go') && belongsTo(one, path, [path]));
        return inside.some((one) => isProgram(tree, one)) && generatedFor(tree, path, inside) === undefined;
      })
      .map((from) => ({ run: ['go', 'build', './...'], cwd: folderOf(from), from })),
  outputs: () => [],
};
export default go;
