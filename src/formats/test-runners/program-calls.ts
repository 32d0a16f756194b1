/** A program that a Python or JavaScript file starts, with literal words. */
export interface ProgramCall {
  words: string[];
  line: number;
  /** Why its exit code does not reach the end of the file. */
  lost?: string;
  /** It runs whenever the file does. */
  certain: boolean;
}

export type Language = 'python' | 'javascript';

/** The file that an argv has an interpreter run, where it may hold calls of programs. */
export function codeFileOf(argv: readonly string[]): string | undefined {
  const [program = '', ...rest] = argv;
  const name = program.split('/').at(-1) ?? '';
  if (/^(?:python(?:[\d.]+)?|pypy3?|node|nodejs|tsx|ts-node|deno|bun)$/.test(name))
    return rest.find((word) => /\.(?:py|[cm]?[jt]s)$/.test(word) && !word.startsWith('-'));
  return program.includes('/') ? program : undefined;
}

/** By the name, else by the first line. */
export function languageOf(path: string, text: string): Language | undefined {
  const first = text.slice(0, 100).split('\n')[0] ?? '';
  if (path.endsWith('.py') || /^#!.*\bpython/.test(first)) return 'python';
  return /\.[cm]?[jt]s$/.test(path) || /^#!.*\b(?:node|deno|bun|tsx)\b/.test(first) ? 'javascript' : undefined;
}

const text = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const calls = {
  python: /\b(?:subprocess\s*\.\s*)?(?:run|call|check_call|check_output)\s*\(|\bos\s*\.\s*system\s*\(/g,
  javascript: /\b(?:spawnSync|execSync|execFileSync)\s*\(/g,
};
/** A runner that writes its results into a file is not judged by its exit code alone. */
const writesResults = /junit|json|xml|report|output|trx|ctrf|log/i;

/** The programs that a file starts by literal words, and of which of them nobody asks how they ended. */
export function programCalls(source: string, language: Language): ProgramCall[] {
  return [...source.matchAll(calls[language])].flatMap((match) => {
    const from = match.index + match[0].length;
    const to = closing(source, from);
    const words = wordsOf(source.slice(from, to));
    if (words.length === 0) return [];
    const lines = source.slice(0, match.index).split('\n');
    const call = { source, name: match[0].replace(/\s*\($/, ''), given: source.slice(from, to), lines, to };
    const lost = writesResults.test(words.join(' '))
      ? undefined
      : (language === 'python' ? lostInPython : lostInScript)(call);
    const certain = language === 'python' ? certainInPython(source, lines) : depthOf(source, match.index) === 0;
    return [{ words, line: lines.length, certain, ...(lost !== undefined && { lost }) }];
  });
}

interface Call {
  source: string;
  name: string;
  given: string;
  lines: readonly string[];
  to: number;
}

/** Where the bracket that is open at `from` is closed. */
function closing(source: string, from: number): number {
  let depth = 1;
  for (const match of source.slice(from).matchAll(new RegExp(`${text}|[()]`, 'g'))) {
    if (match[0] === '(') depth++;
    else if (match[0] === ')' && --depth === 0) return from + match.index;
  }
  return source.length;
}

const literal = (word: string): string => word.slice(1, -1).replace(/\\(.)/g, '$1');

/** The words that are called: of a list, of a text, or of a program and the list behind it. Empty where the first is no literal. */
function wordsOf(given: string): string[] {
  const list = /^\s*\[([^\]]*)\]/.exec(given)?.[1];
  const alone = new RegExp(String.raw`^\s*(${text})\s*(?:,\s*\[([^\]]*)\])?`).exec(given);
  const parts = (inner: string): string[] =>
    [...inner.matchAll(new RegExp(`${text}|sys\\.executable`, 'g'))].map(([word]) =>
      word === 'sys.executable' ? 'python3' : literal(word),
    );
  if (list !== undefined) return /^\s*(?:["']|sys\.executable)/.test(list) ? parts(list) : [];
  if (!alone?.[1]) return [];
  const first = literal(alone[1]);
  return alone[2] === undefined ? first.split(/\s+/).filter((word) => word !== '') : [first, ...parts(alone[2])];
}

/** What becomes of the value of a call: thrown away, kept under a name that nobody asks how it ended, or used. */
function valueOf({ source, lines, to }: Call, declared: RegExp): 'dropped' | 'used' {
  const before = (lines.at(-1) ?? '').replace(/[\w.]+$/, '').trim();
  const after = /^\)\s*;?[ \t]*(?:#.*|\/\/.*)?(?:\n|$)/.test(source.slice(to));
  if (!after) return 'used';
  if (before === '') return 'dropped';
  const name = declared.exec(before)?.[1];
  if (name === undefined) return 'used';
  const uses = [...source.slice(to).matchAll(new RegExp(String.raw`\b${name}\b(\s*\.\s*std(?:out|err))?`, 'g'))];
  return uses.every((one) => one[1] !== undefined) ? 'dropped' : 'used';
}

function lostInPython(call: Call): string | undefined {
  const { name, given, lines, source } = call;
  const checks = /check_/.test(name) || /\bcheck\s*=\s*True\b/.test(given);
  if (!checks)
    return valueOf(call, /^(\w+)\s*=$/) === 'dropped' ? `nobody looks at how \`${name}(…)\` ended` : undefined;
  const indent = /^\s*/.exec(lines.at(-1) ?? '')?.[0].length ?? 0;
  const outer = lines.slice(0, -1).findLast((line) => line.trim() !== '' && indentOf(line) < indent) ?? '';
  if (outer.trim() !== 'try:') return undefined;
  const rest = source.split('\n').slice(lines.length);
  const at = rest.findIndex((line) => indentOf(line) === indentOf(outer) && /^\s*except\b.*:/.test(line));
  const handler = rest.slice(at + 1);
  const end = handler.findIndex((line) => line.trim() !== '' && indentOf(line) <= indentOf(outer));
  const body = `${rest[at] ?? ''}\n${handler.slice(0, end < 0 ? undefined : end).join('\n')}`;
  return at >= 0 &&
    !/\b(?:raise|exit|abort|return|fail\w*|err\w*\s*[+=]|False|[1-9])\b/.test(body.replace(/^.*:\n/, ''))
    ? `the failure of \`${name}(…)\` is caught and dropped`
    : undefined;
}

const indentOf = (line: string): number => /^\s*/.exec(line)?.[0].length ?? 0;

/** At the top, below `if __name__ == …`, or in a function that is called there, with nothing around it that may leave it out. */
function certainInPython(source: string, lines: readonly string[]): boolean {
  const indent = indentOf(lines.at(-1) ?? '');
  if (indent === 0) return true;
  const at = lines.slice(0, -1).findLastIndex((line) => line.trim() !== '' && indentOf(line) < indent);
  const outer = lines[at] ?? '';
  if (outer.trim() === 'try:') return certainInPython(source, lines.slice(0, at + 1));
  if (/^if\s+__name__\s*==/.test(outer)) return true;
  const name = /^def\s+(\w+)\s*\(/.exec(outer)?.[1];
  if (name === undefined || lines.slice(at + 1, -1).some((line) => /^\s*(?:return|raise|sys\.exit)\b/.test(line)))
    return false;
  return new RegExp(
    String.raw`^(?:if\s+__name__\s*==.*\n(?:[ \t]+.*\n)*?[ \t]+)?(?:sys\.exit\(|exit\()?${name}\(`,
    'm',
  ).test(source);
}

function lostInScript(call: Call): string | undefined {
  const { name, lines, source, to } = call;
  if (name.endsWith('spawnSync'))
    return valueOf(call, /^(?:const|let|var)\s+(\w+)\s*=$/) === 'dropped'
      ? `nobody looks at how \`${name}(…)\` ended`
      : undefined;
  const head = lines.join('\n');
  const opened = head.lastIndexOf('try');
  if (opened < 0 || !/^try\s*\{[^}]*$/.test(head.slice(opened))) return undefined;
  const handler = /\}\s*catch\s*(?:\([^)]*\))?\s*\{([^}]*)\}/.exec(source.slice(to))?.[1];
  return handler !== undefined &&
    !/\b(?:throw|exit|exitCode|abort|reject|return|fail\w*|err\w*\s*[+=]|false)\b/.test(handler)
    ? `the failure of \`${name}(…)\` is caught and dropped`
    : undefined;
}

/** How many blocks lie around a place, without a `try` of its own. */
function depthOf(source: string, at: number): number {
  const head = source
    .slice(0, at)
    .replace(new RegExp(`${text}|\\/\\/.*`, 'g'), '')
    .replace(/\btry\s*\{(?=[^{}]*$)/, '');
  return head.split('{').length - head.split('}').length;
}
