/** The interpreters of scripts by their ending; a file with another is started as it is. */
const interpreters: Readonly<Record<string, string>> = {
  mjs: 'node',
  cjs: 'node',
  js: 'node',
  mts: 'node',
  ts: 'node',
  py: 'python3',
  sh: 'bash',
};

const endingOf = (path: string): string => /\.(\w+)$/.exec(path)?.[1] ?? '';

/** The argv that starts a program of the repository; its path begins with `./`. */
export function argvOfProgram(path: string): string[] {
  const interpreter = interpreters[endingOf(path)];
  return interpreter === undefined ? [path] : [interpreter, path];
}

/**
 * The files beside it that a script names in its imports, each as the paths (relative to its folder) at which it may lie: the first
 * that is there is meant. By pattern, so that a name put together at run time is not seen.
 */
export function importsOf(path: string, text: string): string[][] {
  const found = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  switch (interpreters[endingOf(path)]) {
    case 'node':
      return found(/(?:\bfrom|\bimport|\brequire|\bnew URL)\s*\(?\s*["'](\.\.?\/[^"'\n]+)["']/g).map((name) => [
        name,
        ...['js', 'mjs', 'cjs', 'ts', 'mts', 'json'].map((ending) => `${name}.${ending}`),
        `${name}/index.js`,
        `${name}/index.ts`,
      ]);
    case 'python3':
      return found(/^[ \t]*(?:from|import)[ \t]+\.?([\w.]+)/gm).map((name) => {
        const file = name.replaceAll('.', '/');
        return [`${file}.py`, `${file}/__init__.py`];
      });
    case 'bash':
      return found(/^[ \t]*(?:source|\.)[ \t]+["']?(?:\$\w+["']?\/|.*[)}]["']?\/)?([\w./-]+)/gm).map((name) => [name]);
    default:
      return [];
  }
}

/** What a script loads by a name that is put together at run time: where, and the folder in which it lies where that is written out. */
export interface OpenImport {
  line: number;
  text: string;
  folder?: string;
}

const openly: Readonly<Record<string, RegExp>> = {
  node: /\b(?:import|require)\s*\(\s*(?!["'][^"'\n]*["']\s*[,)])(?:new URL\s*\(\s*)?(?:[`"'](\.\.?\/[^`"'$\n]*\/)?[^)\n]*|[^)\s][^)\n]*)\)?/g,
  python3:
    /\b(?:importlib\.import_module|import_module|__import__|runpy\.run_(?:path|module)|spec_from_file_location)\s*\([^)\n]*\)?/g,
  bash: /^[ \t]*(?:source|\.)[ \t]+["']?(?:[^\n]*\/)?[^\n/]*\$[^\n/]*$/gm,
};

/** The imports whose names `importsOf` cannot know. Comments are left out. */
export function openImports(path: string, text: string): OpenImport[] {
  const pattern = openly[interpreters[endingOf(path)] ?? ''];
  if (!pattern) return [];
  return [...text.matchAll(pattern)].flatMap((match) => {
    const before = text.slice(0, match.index);
    if (/(?:^|\n)\s*(?:\/\/|\*|#)[^\n]*$/.test(before)) return [];
    const [whole, folder] = match;
    return [
      {
        line: before.split('\n').length,
        text: whole.trim().slice(0, 80),
        ...(folder !== undefined && { folder }),
      },
    ];
  });
}
