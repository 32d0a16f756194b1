import type { Lints } from '../contract.ts';
import { inFolder, upward } from '../../formats/data/paths.ts';
import { managerIn } from './environment.ts';

/** Sources: `eslint --help` (9 and 10) and its page on configuration files, `tsc --help --all` (5 to 7). */
export const npmLints: Lints = {
  linters: {
    eslint: {
      words: ['eslint'],
      all: ['.'],
      output: ['--format=json', '--no-fix'],
      json: true,
      tells: true,
      outputOptions:
        /^(?:-f|--format|-o|--output-file|--color$|--no-color$|--cache$|--cache-location|--cache-strategy)/,
      not: / --(?:fix|fix-dry-run|init|print-config|inspect-config|version|env-info|quiet)\b/,
      settings: {
        words: ['--print-config'],
        mute: /"rules":\s*\{(?:\s*"[^"]+":\s*\[\s*(?:0|"off")[^\]]*\],?)*\s*\}/,
        ofFile: 'no rule that is on',
      },
      configs: ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts']
        .map((ending) => `eslint.config.${ending}`)
        .concat(
          ['', '.js', '.cjs', '.json', '.yml', '.yaml'].map((ending) => `.eslintrc${ending}`),
          'package.json',
        ),
      section: /"eslintConfig"\s*:/,
      ambient: { variables: /^ESLINT_(?:USE_FLAT_CONFIG|FLAGS)$/, silences: (_, value) => value !== '' },
    },
    tsc: {
      words: ['tsc', '--noEmit'],
      all: [],
      output: ['--pretty', 'false', '--incremental', 'false', '--diagnostics'],
      outputOptions: /^--(?:pretty|diagnostics|extendedDiagnostics)/,
      not: / (?:-b|--build|-w|--watch|--init|--showConfig|--listFilesOnly|--incremental|--composite|--tsBuildInfoFile)\b/,
      // A configuration that only refers to others, as of `tsc -b`, names no file.
      looked: /error TS18003:|^Files:\s+(\d+)$/m,
      tells: true,
      mutes: / --noCheck /i,
      settings: { words: ['--showConfig'], mute: /"noCheck":\s*true/i },
      configs: ['tsconfig.json'],
    },
  },
  example: `- id: eslint
  uses: npm/lint
  with: { linter: eslint, args: [src, --max-warnings=0] }`,
  async starter(program, p, ctx) {
    for (const folder of upward(p.cwd)) {
      const own = inFolder(folder, `node_modules/.bin/${program}`);
      if ((await ctx.files.kind(own)) === 'file') return [ctx.files.absolute(own)];
      if ((await ctx.files.kind(inFolder(folder, '.pnp.cjs'))) === 'file') return ['yarn', 'run', program];
    }
    const { install } = await managerIn(p.cwd, ctx);
    return { missing: `${program} is not installed`, remedy: `run \`${install}\``, packages: true };
  },
  async unprepared(output, p, ctx) {
    const gone =
      /Cannot find (?:package|module) '([^'./][^']*)'|ESLint couldn't find the (?:plugin|config) "([^"]+)"|Cannot find type definition file for '([^']+)'/
        .exec(output)
        ?.slice(1)
        .find(Boolean);
    if (gone === undefined) return undefined;
    const { install } = await managerIn(p.cwd, ctx);
    return { missing: `${gone} is not installed`, remedy: `run \`${install}\``, packages: true };
  },
};
