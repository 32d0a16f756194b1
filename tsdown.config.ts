import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsdown';

// Split ES modules: a command loads only what it needs. What every command loads is bundled: `plan` starts in a third of the time; so is what is large and of which little is needed. Bundled packages are devDependencies: a user installs them no second time. CommonJS that is imported lazily keeps its names only when left outside.
export default defineConfig({
  // Beside the command line: the program that starts programs.
  entry: { cli: 'src/cli.ts', 'starter-process': 'src/hosts/starter-process.ts' },
  format: 'esm',
  outDir: 'dist',
  platform: 'node',
  target: 'node22',
  clean: true,
  dts: false,
  // The served page's script, as it is.
  copy: ['src/serve/page.js'],
  fixedExtension: false,
  outputOptions: {
    codeSplitting: {
      groups: [
        { name: 'base', test: /\/src\/(?:core|evidence|checklist)\/|\/node_modules\/zod\//, minShareCount: 2 },
        { name: 'shared', test: /\/src\/(?:formats|repository|toolchains|clients)\//, minShareCount: 3 },
      ],
    },
  },
  plugins: [
    { name: 'builtins', renderChunk: (code) => withoutFacades(code) },
    {
      name: 'notices',
      generateBundle(_, bundle) {
        const modules = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []));
        this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_NOTICES.txt', source: notices(modules) });
      },
    },
  ],
});

/** The licences and notices of the packages that the build has taken in, as they ask for. @throws where a package has none */
function notices(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
  return [...folders]
    .toSorted()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const files = [folder, join(folder, 'licenses')]
        .flatMap((one) => (existsSync(one) ? readdirSync(one, { withFileTypes: true }) : []))
        .filter((one) => one.isFile() && /^(?:licen[cs]e|notice|copying)/i.test(one.name))
        .map((one) => join(one.parentPath, one.name));
      if (files.length === 0) throw new Error(`${name} has no licence that could go along`);
      return [`${name} ${version} (${license})`, ...files.map((file) => readFileSync(file, 'utf8').trim())].join(
        '\n\n',
      );
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

/**
 * An import of a module of Node's makes a facade that reads each of its exports, those that load lazily among them (the whole of
 * Web Crypto, the standard streams). What is taken from the module itself is read alone: a sixth of the time of `plan`.
 */
function withoutFacades(code: string): string {
  return code.replace(
    /^import (?:(?<whole>[\w$]+)|\{(?<names>[^}]*)\}) from "(?<name>node:[^"]+)";$/gm,
    (_, whole: string | undefined, names: string | undefined, name: string) =>
      `const ${whole ?? `{${names?.replaceAll(' as ', ': ')}}`} = process.getBuiltinModule("${name}");`,
  );
}
