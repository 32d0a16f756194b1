import { excuseOf, isGlob, namesFile, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { parseShell } from '../formats/programs/shell.ts';
import { ofNaming } from './paths.ts';
import { doubt, holds, remark, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { foldersAbove } from '../formats/data/paths.ts';

const finished =
  /[✅☑✔]|:white_check_mark:|\[x\]|\b(?:complete[d]?|done|finished|production[- ]ready|fully (?:implemented|functional|tested|working)|is implemented|delivered|shipped|100\s?%)(?![\w-])/iu;
const unfinished =
  /\b(?:stub\w*|placeholder|todo|not (?:yet )?(?:complete[d]?|done|implemented|finished)|partial\w*|incomplete|pending|in progress|skeleton|wip|scaffold\w*|except|future|later)\b|[❌🚧⏳⚠]/iu;
/** What a source says of itself: `wrong` where the compiler or the program itself says that it is not done; a comment may be of what comes later. */
const stubs: [files: RegExp, pattern: RegExp, say: (seen: string, hint: string) => Verdict][] = [
  [/\.rs$/, /^\s*(?:[^/"\n]*[\s({=>,])?todo!\s*\(.*$/m, wrong],
  [/\.rs$/, /^\s*(?:[^/"\n]*[\s({=>,])?unimplemented!\s*\(.*$/m, doubt],
  [/\.kts?$/, /^\s*(?:[^/"\n]*[\s(=])?TODO\(.*$/m, wrong],
  [/\.py$/, /^\s*raise NotImplementedError\b(?!.*(?:[Ss]ubclass|[Oo]verrid|abstract)).*$/m, doubt],
  [/\.[cm]?[jt]sx?$/, /^.*\bthrow new Error\(\s*["'`](?:TODO\b|[Nn]ot (?:yet )?[Ii]mplemented).*$/m, wrong],
  [/\.go$/, /^.*\bpanic\(\s*"(?:TODO\b|[Nn]ot (?:yet )?implemented|unimplemented).*$/m, wrong],
  [
    /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|sh|bash)$/,
    /^(?!.*\bhelp\s*=).{0,80}["'`][^"'`\n{%]{0,60}\bnot yet implemented\b[^"'`\n]{0,40}["'`].*$/im,
    // One branch of it may say so.
    doubt,
  ],
  [
    /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|sh|bash)$/,
    /^\s*(?:\/\/|#|\*)\s*(?:TODO|FIXME)\b:?\s*(?:implement|finish)\b.*$/im,
    remark,
  ],
];
const talk = new Set('echo printf exit set true : local export return sleep cd shift'.split(' '));

/** "complete" beside the path of a file that says of itself that it is not, or of a script that only prints. */
export async function stubClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const above = foldersAbove(document);
  const texts = await sources.texts();
  const done = new Set<string>();
  for (const span of parsed.spans) {
    const [path, second] = readPath(span.text)?.paths ?? [];
    const headings = headingsAbove(parsed, span.line);
    const line = parsed.prose[span.line - 1] ?? '';
    const said = `${line} ${headings}`.replaceAll(span.text, ' ');
    if (
      path === undefined ||
      second !== undefined ||
      isGlob(path) ||
      !namesFile(path) ||
      !finished.test(said) ||
      unfinished.test(line) ||
      /^\W*(?:see|refer to)\b/i.test(line) ||
      ofNaming.test(labelAbove(parsed, span.line))
    )
      continue;
    if (excuseOf(span.context.replaceAll(span.text, ' '), span.heading) === 'absent' || isYetToCome('', headings))
      continue;
    const at = (await repository.find(path, above)) ?? (await repository.findBySuffix(path));
    const text = at === undefined ? undefined : texts.get(at);
    if (at === undefined || text === undefined || done.has(at)) continue;
    done.add(at);
    const [, from, to] = /:(\d+)(?:-(\d+))?$/.exec(span.text) ?? [];
    const verdict = stubIn(
      at,
      from === undefined
        ? text
        : // Of a place in a file only what stands there.
          text
            .split('\n')
            .map((one, n) => (n + 1 >= Number(from) && n + 1 <= Number(to ?? from) ? one : ''))
            .join('\n'),
    );
    claims.push({
      kind: 'value',
      line: span.line,
      text: path,
      ...(verdict ?? holds('nothing in it says that it is unfinished')),
    });
  }
  return claims;
}

/** `raise NotImplementedError` of one branch, or of a method that others are to override: what stands before it says so. */
function isForOthers(before: string, statement: string, whole: string): boolean {
  if (!/^\s*raise\b/.test(statement)) return false;
  const depth = (line: string): number => /^\s*/.exec(line)?.[0].length ?? 0;
  const lines = `${before}${/^\s*/.exec(statement)?.[0] ?? ''}`.split('\n').slice(0, -1);
  const own = depth(statement.replace(/^\n+/, ''));
  const opener = lines.findLastIndex((line) => line.trim() !== '' && depth(line) < own);
  const head = lines[opener] ?? '';
  const above = lines.slice(Math.max(0, opener - 3), opener).join('\n');
  const holder = lines.slice(0, opener).findLast((line) => /^\s*class\b/.test(line) && depth(line) < depth(head)) ?? '';
  return (
    !/^\s*(?:async )?def\b|^\s*\)/.test(head) ||
    /abstract/i.test(above) ||
    /\b(?:ABC\w*|Protocol|\w*(?:Base|Abstract|Interface|Mixin)\w*)\b/.test(holder) ||
    // Others of the file are made from it.
    new RegExp(`^class \\w+\\([^)]*\\b${/^\s*class (\w+)/.exec(holder)?.[1] ?? '\\b\\B'}\\b`, 'm').test(whole)
  );
}

function stubIn(path: string, text: string): Verdict | undefined {
  if (/\.(?:sh|bash)$/.test(path)) {
    const words = parseShell(text).map(({ argv }) => argv[0]?.text ?? '');
    if (
      words.some((word) => word === 'echo' || word === 'printf') &&
      words.every((word) => talk.has(word) || /^\w+=/.test(word) || word === '')
    )
      return wrong(
        `${path} only prints, and does nothing`,
        'make it do what the document says, or say that it is a stub',
      );
  }
  // Tests at a Rust file's end are no part of what was promised.
  const own = text.replace(/^#\[cfg\(test\)\][\s\S]*$/m, '');
  for (const [files, pattern, say] of stubs) {
    const match = files.test(path) ? pattern.exec(own) : null;
    if (!match || isForOthers(own.slice(0, match.index), match[0], own)) continue;
    const line = own.slice(0, match.index + (/^\s*/.exec(match[0])?.[0].length ?? 0)).split('\n').length;
    return say(`${path}:${line} says ${match[0].trim().slice(0, 80)}`, 'finish it, or say what is left');
  }
  return undefined;
}
