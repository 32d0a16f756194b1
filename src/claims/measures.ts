import { posix } from 'node:path';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { isGlob, namesFile, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import type { Repository } from '../repository/repository.ts';
import { dated, doubt, holds, remark, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { pathsOfTree } from './drawn-paths.ts';
import { foldersAbove } from '../formats/data/paths.ts';

/** `path` (12 KB, 300 lines), `path`: 300 lines, `folder/` has 12 files. */
const number = String.raw`(~|≈|about |around |over |>\s?)?(\d[\d,]*(?:\.\d+)?)(\+)?\s?`;
const units = String.raw`(lines?(?: of code)?|loc\b|kb\b|kib\b|mb\b|bytes?\b|(?:[\w.-]+ )?(?:files?|scripts?|documents?|guides?|runbooks?|manifests?)\b)`;
const after = new RegExp(
  String.raw`^\**\s*(?:[:–—-]+\s*|\(|has |is |contains |holds |with |,\s*)+(?:[\w.]+[^.()]{0,24}?,\s*)?(?<!\d,)${number}${units}`,
  'i',
);
/** `path` - what it is for (500+ lines) */
const atEnd = new RegExp(String.raw`^\**\s*[:–—-]\s[^()\d\`|]{3,80}\(${number}${units}\)\s*$`, 'i');
const isRough = (before: string | undefined, plus: string | undefined): boolean =>
  before !== undefined || plus !== undefined;

/** Sizes, lines and files that a document gives right behind a path. */
export async function measureClaims({ repository, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const above = foldersAbove(document);
  const done = new Set<string>();
  for (const { line, text, behind } of [
    ...namedPaths(parsed),
    ...belowNames(parsed),
    ...inDrawings(parsed),
    ...inTables(parsed),
    ...countedIn(parsed),
  ]) {
    const match = after.exec(behind) ?? atEnd.exec(behind);
    const path = readPath(text)?.paths ?? [];
    // What is to be made of it, and what it takes for each thousand of something.
    const whole = parsed.prose[line - 1] ?? '';
    if (/^\W*(?:create|merge|split|extract|move|reduce)\b|\bper\s+\d/i.test(whole)) continue;
    if (!match || path.length !== 1 || isYetToCome('', headingsAbove(parsed, line))) continue;
    const [, before, digits = '', plus, unit = ''] = match;
    const value = Number(digits.replaceAll(',', ''));
    const claimed = `${text} ${digits} ${unit}`;
    if (done.has(`${line} ${claimed}`)) continue;
    done.add(`${line} ${claimed}`);
    // A drawing may begin with the repository's own folder.
    const inner = (path[0] ?? '').split('/').slice(1).join('/');
    const found =
      (await repository.find(path[0] ?? '', above)) ??
      (inner === '' ? undefined : await repository.find(inner, above)) ??
      // A bare name below a heading of its folder.
      (text.includes('/') ? undefined : await repository.findBySuffix(text));
    if (found === undefined || isGlob(path[0] ?? '')) continue;
    // Of several of one name it may be another.
    if (!text.includes('/') && repository.files.filter((file) => posix.basename(file) === text).length > 1) continue;
    const verdict = await measure(repository, found, {
      value,
      unit: unit.toLowerCase(),
      rough: isRough(before, plus),
      least: plus !== undefined,
    });
    if (verdict)
      claims.push({
        kind: 'value',
        line,
        text: claimed,
        ...verdict,
        cause: `size of ${found}`,
        more: ', and {n} more figures for it',
      });
  }
  return claims;
}

/** Paths in back-ticks, bold or bare, with what stands behind them on their line. */
export function namedPaths({
  prose,
}: Pick<MarkdownDocument, 'prose'>): { line: number; text: string; behind: string }[] {
  return prose.flatMap((line, n) =>
    [...line.matchAll(/(?<![\w/.@-])`{0,2}((?:[\w@.-]+\/)*[\w@.-]+(?:\.[a-z]\w{0,9}|\/))(?![\w-])`{0,2}/gi)].map(
      (match) => ({
        line: n + 1,
        text: match[1] ?? '',
        behind: line.slice(match.index + match[0].length),
      }),
    ),
  );
}

const linesAlone =
  /^\W*(?:(?:total\s+)?(?:lines(?: of code)?|loc|size)\W*:\W*)?([~≈]?\d[\d,]*\+?)\s*(?:lines|loc)\b(?:\s+of(?:\s+\w+){1,3})?\W*$|^\W*(?:total\s+)?(?:lines(?: of code)?|loc)\W*:\W*([~≈]?\d[\d,]*\+?)\W*$/i;

/** Lines that stand alone below the heading or label that names one file: `### Health (\`health.py\`)`, then `**650+ lines of code**`. */
function belowNames(parsed: MarkdownDocument): { line: number; text: string; behind: string }[] {
  const named = Map.groupBy(namedPaths(parsed), ({ line }) => line);
  return parsed.prose.flatMap((raw, n) => {
    const said = linesAlone.exec(raw)?.slice(1).find(Boolean);
    if (said === undefined) return [];
    const before = parsed.prose.slice(Math.max(0, n - 4), n);
    const at = before.findLastIndex((one) => /^\s*(?:#{1,6}\s|(?:[-*+]\s+)?\*\*)/.test(one) && /`[^`]+`/.test(one));
    const paths = named.get(Math.max(0, n - 4) + at + 1) ?? [];
    const [path] = paths;
    return at >= 0 && path && paths.length === 1 ? [{ line: n + 1, text: path.text, behind: `: ${said} lines` }] : [];
  });
}

/** Lines that a drawing of folders gives its files: `├── health.py  # probes (650 lines)`. */
const inDrawings = ({ fences }: MarkdownDocument): { line: number; text: string; behind: string }[] =>
  fences.flatMap((fence) =>
    pathsOfTree(fence.text).flatMap(({ path, line, note }) => {
      const said = /(?<![\d.,])([~≈]?\d[\d,]*\+?)\s*(?:lines|loc)\b/i.exec(note)?.[1];
      return said === undefined ? [] : [{ line: fence.line + line, text: path, behind: `: ${said} lines` }];
    }),
  );

/** The column of lines or of sizes in a table of files, as if it stood behind the path. */
function inTables({ tables }: MarkdownDocument): { line: number; text: string; behind: string }[] {
  return tables.flatMap(({ header, rows }) => {
    const lines = header.findIndex((head, n) => n > 0 && /^\W*(?:#\s*)?(?:lines?|loc|lines? of code)\W*$/i.test(head));
    const size = header.findIndex((head, n) => n > 0 && /^\W*(?:file )?size\W*$/i.test(head));
    return rows.flatMap(({ cells, line }) =>
      [
        [lines, ' lines'],
        [size, ''],
      ].flatMap(([at, unit]) => {
        const cell = typeof at === 'number' && at > 0 ? (cells[at] ?? '').replace(/[*`]/g, '').trim() : '';
        return /^[~≈]?\d[\d,.]*\+?\s*[a-z]*$/i.test(cell)
          ? [
              {
                line,
                text: (cells[0] ?? '').replace(/[*`]/g, '').trim(),
                behind: `: ${cell}${/[a-z]/i.test(cell) ? '' : unit}`,
              },
            ]
          : [];
      }),
    );
  });
}

/** "9 shell scripts in `scripts/`" */
function countedIn({ prose }: MarkdownDocument): { line: number; text: string; behind: string }[] {
  return prose.flatMap((line, n) =>
    [
      ...line.matchAll(
        /(?<![\w.,/<>≥≤~-])(\d{1,4}) ((?:[a-z]+ )?(?:files|scripts|documents|guides|runbooks|manifests)) (?:in|under|below) `{0,2}((?:[\w@.-]+\/)+)`{0,2}(?![\w*])/gi,
      ),
    ].map(([, count = '', noun = '', path = '']) => ({ line: n + 1, text: path, behind: `: ${count} ${noun}` })),
  );
}

/** What is counted by the endings of files. */
const kinds: [noun: RegExp, files: RegExp][] = [
  [/\bscripts?$/, /\.(?:sh|bash|py|[cm]?js|ts|rb|pl|ps1)$|(?:^|\/)[^./]+$/],
  [/\b(?:documents?|guides?|runbooks?)$/, /\.(?:mdx?|rst|adoc|txt)$/],
  [/\bmanifests?$/, /\.ya?ml$/],
];

async function measure(
  repository: Repository,
  path: string,
  { value, unit, rough, least }: { value: number; unit: string; rough: boolean; least: boolean },
): Promise<Verdict | undefined> {
  const { files } = repository.doors;
  const near = (is: number, exact: number): boolean =>
    (least && is >= value * 0.9) || Math.abs(is - value) <= (rough && !least ? Math.max(exact, value * 0.25) : exact);
  const wrongly = (is: string, far = false): Verdict =>
    (far && !rough ? wrong : doubt)(`${path} has ${is}`, 'correct the number, or the path');
  // A file has been worked on since: that it has a little more or less is worth knowing, and a few lines of many are those that were changed.
  const edited = (is: string, has: number): Verdict => {
    const verdict = (has < value * 0.85 || (has > value * 1.5 && has <= value * 3) ? doubt : remark)(
      `${path} has ${is}`,
      'correct the number, or the path',
    );
    // A report among many need not be of today.
    return least || has < value * 0.67 || has > value ? verdict : dated(verdict);
  };
  if (/^(?:lines|line|loc)/.test(unit)) {
    if (!namesFile(path) || (await files.kind(path)) !== 'file') return undefined;
    const lines = (await files.read(path)).replace(/\n$/, '').split('\n').length;
    return near(lines, Math.max(2, value * 0.05)) ? holds(`${lines} lines`) : edited(`${lines} lines`, lines);
  }
  if (/^(?:kb|kib|mb|byte)/.test(unit)) {
    if ((await files.kind(path)) !== 'file') return undefined;
    const bytes = await files.size(path);
    const factor = unit.startsWith('byte') ? [1] : unit.startsWith('mb') ? [1e6, 2 ** 20] : [1000, 1024];
    const fits = factor.some((one) => near(bytes / one, one === 1 ? 0 : Math.max(1, value * 0.1)));
    return fits ? holds(`${bytes} bytes`) : edited(`${bytes} bytes`, bytes / Math.min(...factor));
  }
  if (!(await repository.isFolder(path))) return undefined;
  const below = repository.files.filter((file) => path === '' || file.startsWith(`${path}/`));
  const beside = below.filter((file) => posix.dirname(file) === (path === '' ? '.' : path));
  const kind = /^([\w.-]+) files?/.exec(unit)?.[1]?.replace(/^\./, '');
  const ofKind = kinds.find(([noun]) => noun.test(unit))?.[1];
  if (ofKind) {
    const [all, here] = [below, beside].map((set) => set.filter((file) => ofKind.test(file)).length) as [
      number,
      number,
    ];
    if ([all, here, below.length, beside.length].includes(value) || rough) return holds(`${all} of them`);
    return all === 0
      ? undefined
      : wrongly(
          `${here === all ? all : `${here}, ${all} with those below it,`} that are ${unit}`,
          below.length < value,
        );
  }
  const counts = [below.length, beside.length];
  const byEnding = new Map<string, number>();
  for (const set of [below, beside])
    for (const file of set)
      byEnding.set(
        `${set.length} ${posix.extname(file)}`,
        (byEnding.get(`${set.length} ${posix.extname(file)}`) ?? 0) + 1,
      );
  // "12 rule files" may be those of one kind.
  if (kind !== undefined) counts.push(...byEnding.values());
  if (counts.some((count) => near(count, 0))) return holds(`${below.length} files`);
  return kind === undefined
    ? wrongly(`${beside.length} files${below.length === beside.length ? '' : `, ${below.length} with those below it`}`)
    : undefined;
}
