import { proof, provesByName } from '../program-words.ts';
import { textOf } from '../../formats/data/json-parts.ts';
import { testsOf, type SharedParams, type Toolchain } from '../contract.ts';
import { outermost, type ProjectTree } from '../drafted.ts';
import { settingsAbove } from '../outside-settings.ts';
import { folderOf } from '../../formats/data/paths.ts';

const manifests = /\.(?:slnx?|csproj|fsproj|vbproj)$/;
const argv = (args: readonly string[], folder = '(a folder outside)'): string[] => [
  'dotnet',
  'test',
  '--logger',
  'trx',
  '--results-directory',
  folder,
  ...args,
];

const leavesOut =
  /VSTEST_?(?:TestCaseFilter|CLIRunSettings|Setting|NoBuild)|RunSettingsFilePath|TestingPlatformCommandLineArguments|IsTestProject/i;

/** What is tested: the solution, else each project of tests. */
function tested(tree: ProjectTree): string[] {
  const tests = tree.paths.filter(
    (path) =>
      /\.(?:cs|fs|vb)proj$/.test(path) &&
      (/tests?[^/]*$/i.test(path) || tree.text(path)?.includes('Microsoft.NET.Test.Sdk') === true),
  );
  const solution = tests.length > 0 ? outermost(tree, /\.slnx?$/)[0] : undefined;
  return solution === undefined ? tests : [solution];
}

/** Known from its manual and from recorded results; it has not been met here. */
const dotnet: Toolchain = {
  name: 'dotnet',
  title: '.NET',
  manifests,
  tools: [
    {
      name: 'dotnet',
      version: ['dotnet', '--version'],
      remedy: 'install the .NET SDK from https://dotnet.microsoft.com',
    },
  ],
  steps: { 'dotnet/test': 'test' },
  results: ['**/TestResults/**/*.trx'],
  unasked: ['nuget.config', 'NuGet.Config', 'global.json'],
  programs: { dotnet: { proves: ([, first = '']) => proof(provesByName(first), `dotnet ${first}`) } },
  ambient: {
    of: /^(?:\S*\/)?dotnet test\b/,
    // MSBuild takes variables as properties, in upper or lower case.
    variables: /^(?:VSTEST\w*|RunSettingsFilePath|TestingPlatform\w*|IsTestProject)$/i,
    silences: (name, value) => leavesOut.test(name) && value !== '',
    async files(ctx, cwd) {
      const found: string[] = [];
      for (const name of ['Directory.Build.props', 'Directory.Build.targets', 'Directory.Build.rsp']) {
        const { above } = await settingsAbove(ctx, cwd, [name], () => true);
        if (above !== undefined && leavesOut.test((await ctx.files.readIfThere(above)) ?? ''))
          found.push(`${above}: MSBuild reads it, and it is not part of the tree`);
      }
      return found;
    },
  },
  tests: testsOf<SharedParams>({
    params: {},
    summary: 'The .NET tests pass, and at least the promised number of them was executed.',
    description: `Runs \`dotnet test --logger trx\` and reads the results of each project. Packages that cannot be fetched and an SDK that is too old are inconclusive. Coverage is not measured: give its files to \`tests/results\`.`,
    example: `- id: dotnet-tests
  uses: dotnet/test
  with: { minimum: 80, args: [--configuration, Release] }`,
    plan: (p) => argv(p.args).join(' '),
    async command(p, ctx, out) {
      const names = await ctx.files.list(p.cwd === '' ? '.' : p.cwd);
      if (!names.some((name) => manifests.test(name)))
        return { missing: 'there is no solution and no project', remedy: 'give its folder as cwd' };
      return {
        argv: argv(p.args, out.results),
        env: { DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', ...p.env },
      };
    },
    async unprepared({ stdout, stderr }) {
      const line =
        /^.*\b(?:error (?:NU1101|NU1102|NU1301|NETSDK1045|MSB4236)|A compatible \.NET SDK was not found).*$/m.exec(
          `${stderr}\n${stdout}`,
        )?.[0];
      return line === undefined
        ? undefined
        : { what: line.trim().slice(0, 300), remedy: 'check the network, and install the SDK that the project names' };
    },
  }),
  stepFor: ({ words, cwd }) => {
    const args = words.slice(2);
    // Where results go, and what is only shown, are the step's.
    if (
      words[0] !== 'dotnet' ||
      words[1] !== 'test' ||
      args.some((word) => /^(?:-l|--logger|-r|--results-directory|-t|--list-tests|--collect|--settings|-s)/.test(word))
    )
      return undefined;
    return {
      id: 'dotnet-test',
      uses: 'dotnet/test',
      ...((cwd !== '' || args.length > 0) && {
        with: { ...(cwd !== '' && { cwd }), ...(args.length > 0 && { args }) },
      }),
    };
  },
  covers: (step) => [{ key: 'dotnet test', cwd: textOf(step.with?.['cwd']) }],
  items: () => [],
  outputs: () => [],
  checks: (tree) => tested(tree).map((from) => ({ run: ['dotnet', 'test'], cwd: folderOf(from), from })),
  // The tests of a solution build all of it.
  builds: (tree) =>
    outermost(tree, /\.slnx?$/)
      .slice(0, 1)
      .filter((from) => !tested(tree).includes(from))
      .map((from) => ({ run: ['dotnet', 'build'], cwd: folderOf(from), from })),
};
export default dotnet;
