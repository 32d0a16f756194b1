import { library } from '../formats/data/libraries.ts';
import { parseAllDocuments } from 'yaml';
import type { Fence } from '../formats/documents/markdown.ts';
import { isPast } from '../formats/documents/path-text.ts';
import { doubt, holds, wrong, type Claim, type Reading } from './reading.ts';

/** What stands for something else, so that the block is not meant as it stands. */
const elided =
  /\.\.\.|…|→|[├└│✅❌]|<[A-Za-z][\w .-]*>|\{\{|\$\{|\{%|^\s*\/\/|(?<![:"'\w])\/\/|\/\*|<-{1,2}(?!-)|@[A-Z][A-Z_]+@|^\s*\.\s*$|^\s*\$ \w|^\[\*|\{\s*[a-z]+(?: [a-z]+)+\s*\}|^.*<<-?\s*['"]?[A-Z]{3,}/m;

/** A choice in place of a value: `scope: "user" | "agent"`. */
const choice = /^\s*[\w-]+:\s*(["'])[^"'\n]*\1\s*\|\s*["'\w]/m;
/** A file that something puts in: mkdocs' include and its snippets. */
const included = /^\s*(?:\{!.*!\}|-+8<-+.*)\s*$/m;
/** Types in place of values: `"id": number`. */
const typed = /"\s*:\s*\[?\s*(?!(?:true|false|null|none|nan|undefined)\b)[a-z_]\w*\s*\]?\s*,?\s*$/im;

/** Files of Visual Studio Code and of TypeScript are JSON with comments, in which a list may end in a comma. */
const isOfEditor =
  /\b(?:launch|tasks|settings|keybindings|extensions|devcontainer|[jt]sconfig[\w.]*)\.json\b|\.code-workspace\b|\bvs ?code\b/i;

/** What the reader puts in: `[GCP_SA]@[PROJECT_ID].example.com`. Lines of an environment are no YAML that is broken. */
const filledIn = /:\s*\[[A-Z][A-Z0-9_]+\]\S/;
const isEnvironment = (text: string): boolean =>
  text.split('\n').every((line) => /^\s*(?:#.*|(?:export\s+)?[A-Z][A-Z0-9_]*=.*)?$/.test(line));

const mistaken =
  /\b(?:invalid|incorrect(?:ly)?|wrong(?:ly)?|malformed|not valid|bad(?:ly)?|do not do|don['’]t do|broken|mistakes?|fails? to parse)\b/i;

/** Fenced blocks of JSON, YAML and TOML: do they parse? A fragment, or a block with something left out, is not judged. */
export function blockClaims({ document, parsed }: Reading): Claim[] {
  // A post shows what was, and what was mended.
  if (isPast(document)) return [];
  return parsed.fences.flatMap((fence) => {
    const text = fence.text.replace(/^\s*\n|\s+$/g, '');
    // What is shown as a mistake is meant to be one.
    const lead = parsed.prose.slice(Math.max(0, fence.line - 5), fence.line - 1).join(' ');
    const after = parsed.prose
      .slice(fence.line + fence.text.split('\n').length, fence.line + fence.text.split('\n').length + 3)
      .join(' ');
    if (
      text === '' ||
      elided.test(text) ||
      choice.test(text) ||
      filledIn.test(text) ||
      isEnvironment(text) ||
      included.test(text) ||
      (fence.lang === 'json' && typed.test(text)) ||
      mistaken.test(`${lead} ${text}`) ||
      /\b(?:fails?|error|does not|doesn['’]t) /.test(after)
    )
      return [];
    // The editor reads its files with a comma too many.
    const lenient = isOfEditor.test(`${lead} ${text}`) ? text.replace(/,(\s*[}\]])/g, '$1') : text;
    const problem = read(fence, lenient);
    if (problem === undefined) return [];
    const base = { kind: 'block' as const, line: fence.line, text: `the ${fence.lang} block` };
    if (problem === '') return [{ ...base, ...holds('it parses') }];
    const { words, line } = placeOf(problem, text);
    // The text of a fence begins in the line below it, where no empty lines were passed over.
    const skipped =
      fence.text.length - fence.text.replace(/^\s*\n/, '').length > 0
        ? (fence.text.split(text)[0]?.split('\n').length ?? 1)
        : 1;
    return [
      {
        ...base,
        line: fence.line + (line === undefined ? 0 : line + skipped - 1),
        ...doubt(`it does not parse: ${words}`),
      },
    ];
  });
}

/** Git's marks of a merge that was never settled, outside of the blocks that show one. */
export function conflictClaims({ parsed }: Reading): Claim[] {
  const at = (mark: RegExp, from: number): number => parsed.prose.findIndex((line, n) => n >= from && mark.test(line));
  const ours = at(/^<{7} \S/, 0);
  const middle = ours < 0 ? -1 : at(/^={7}$/, ours);
  if (middle < 0 || at(/^>{7} \S/, middle) < 0) return [];
  const text = parsed.prose[ours] ?? '';
  return [{ kind: 'block', line: ours + 1, text, ...wrong('both sides of a merge stand in the document', 'keep one') }];
}

/** '' where it parses, the parser's words where not, undefined where it cannot be told. */
function read(fence: Fence, text: string): string | undefined {
  switch (fence.lang) {
    case 'json':
      // Words without quotes (but for other languages' true, false and nothing), and a brace where a name must stand, describe a shape.
      if (
        /[:[,]\s*(?!(?:true|false|null|True|False|None|NaN|undefined)\b)[A-Za-z_]\w*\s*[,\]}\n]|^\s*\{\s*\{/.test(
          text.replace(/"(?:[^"\\]|\\.)*"/g, '""'),
        )
      )
        return undefined;
      return /^\s*[{[][\s\S]*[}\]]$/.test(text) ? problemOf(() => jsonLines(text)) : undefined;
    case 'yaml':
    case 'yml':
      return problemOf(() => {
        const [error] = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' }).flatMap((one) => one.errors);
        if (error && !areExcerpts(text)) throw error;
      });
    case 'toml': {
      const problem = problemOf(() => library('smol-toml').parse(text));
      // One table twice shows two ways to write it.
      return /redefine/.test(problem) ? undefined : problem;
    }
    case 'bash':
    case 'sh':
    case 'shell':
      return shellProblem(text);
    default:
      return undefined;
  }
}

/**
 * What opens and is never closed: everything else that a shell refuses may be meant for the reader, or for another shell. That a block
 * parses says nothing of its commands, and is no claim.
 */
function shellProblem(text: string): string | undefined {
  if (/^\s*(?:[$#>%] |PS |>>>)|<\s*[A-Za-z][\w -]*>/m.test(text)) return undefined;
  const [error] = library('unbash').parse(text).errors ?? [];
  return error && /^expected '(?:done|fi|esac)' to close/.test(error.message)
    ? `${error.message} at line ${text.slice(0, error.pos).split('\n').length}`
    : undefined;
}

/** Parts of files, each below a comment that says whose it is: each must parse alone. */
function areExcerpts(text: string): boolean {
  const parts = text.split(/\n\s*\n(?=\s*#)/);
  return (
    parts.length > 1 &&
    parts.every(
      (part) =>
        /^\s*#/.test(part) && parseAllDocuments(part, { logLevel: 'silent' }).every((one) => one.errors.length === 0),
    )
  );
}

/** One value, or one on each line. */
function jsonLines(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    // Several values one after the other are several answers, not one that is broken.
    if (/[}\]]\s*\n\s*[{[]/.test(text) && !/,\s*\n\s*[{[]/.test(text)) return;
    if (lines.length < 2) throw error;
    try {
      for (const line of lines) JSON.parse(line);
    } catch {
      throw error;
    }
  }
}

/** The parser's words without their place, and the line of the text that they name. */
function placeOf(problem: string, text: string): { words: string; line?: number } {
  const named = /\bline (\d+)/.exec(problem)?.[1];
  const position = /\bat position (\d+)/.exec(problem)?.[1];
  const line =
    named !== undefined
      ? Number(named)
      : position === undefined
        ? undefined
        : text.slice(0, Number(position)).split('\n').length;
  const words = problem
    .replace(/ at line \d+, column \d+:?| in JSON at position \d+(?: \(line \d+ column \d+\))?|:\s*$/g, '')
    .trim();
  return { words, ...(line !== undefined && { line }) };
}

function problemOf(parse: () => unknown): string {
  try {
    parse();
    return '';
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  }
}
