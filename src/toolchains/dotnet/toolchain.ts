import type { Toolchain } from '../contract.ts';
import { outermost } from '../drafted.ts';
import { folderOf } from '../../formats/data/paths.ts';

/** Thin: what a project is set up for, and where its results lie. Its tests run as `tests/results` with a command. */
const dotnet: Toolchain = {
  name: 'dotnet',
  title: '.NET',
  manifests: /\.(?:slnx?|csproj|fsproj|vbproj)$/,
  tools: [
    {
      name: 'dotnet',
      version: ['dotnet', '--version'],
      remedy: 'install the .NET SDK from https://dotnet.microsoft.com',
    },
  ],
  steps: {},
  results: ['**/TestResults/**/*.trx'],
  unasked: ['nuget.config', 'NuGet.Config', 'global.json'],
  ambient: {
    variables: /^(?:VSTEST_\w+|MSBUILD\w*|RunSettingsFilePath)$/,
    silences: (name, value) => /^(?:VSTEST_TESTCASEFILTER|RunSettingsFilePath)$/i.test(name) && value !== '',
  },
  stepFor: () => undefined,
  covers: () => [],
  items: () => [],
  outputs: () => [],
  checks: (tree) =>
    outermost(tree, /\.slnx?$/)
      .slice(0, 1)
      .flatMap((path) =>
        tree.paths.some((one) => /(?:^|\/)[\w.-]*[Tt]ests?[\w.-]*\.(?:cs|fs|vb)proj$/.test(one))
          ? [{ run: ['dotnet', 'test'], cwd: folderOf(path), from: path }]
          : [],
      ),
};
export default dotnet;
